#include "cli/sfn_host.h"

#include <boost/asio/co_spawn.hpp>

#include "cli/run_task.h"
#include "core/aws_error.h"
#include "core/cloud.h"
#include "core/sigv4.h"
#include "http/transport.h"
#include "services.h"

namespace skafu::server {
namespace {

constexpr Duration kAnswerTimeout = std::chrono::seconds(60);
constexpr std::chrono::milliseconds kPause(25);

Task<void> fetch_answer(HttpTransport& transport, std::string url, HttpRequest request,
                        HttpResponse& response) {
    response = co_await transport.fetch(std::move(url), std::move(request), kAnswerTimeout);
}

/// The answer of a server, or its error as an exception.
Json answer_of(const HttpResponse& response, const std::string& url) {
    Json answer;
    try {
        answer = response.body.empty() ? Json::object() : parse_json(response.body);
    } catch (const JsonError&) {
        throw std::runtime_error(url + " is no skafu-local");
    }
    if (response.status < 300) return answer;
    std::string code = string_member(answer, "__type", string_member(answer, "error"));
    code.erase(0, code.find('#') + 1);
    throw std::runtime_error(code + ": " + string_member(answer, "message"));
}

class RemoteSfn : public SfnHost {
  public:
    RemoteSfn(std::string url, std::string account, std::string region)
        : transport_(make_transport(io_)),
          url_(std::move(url)),
          account_(std::move(account)),
          region_(std::move(region)) {
        while (url_.ends_with('/')) url_.pop_back();
    }

    Json call(const std::string& operation, const Json& input) override {
        HttpRequest request;
        request.method = "POST";
        request.target = "/";
        request.body = to_text(input);
        request.headers.set("Content-Type", "application/x-amz-json-1.0");
        request.headers.set("X-Amz-Target", "AWSStepFunctions." + operation);
        AwsCredentials credentials = credentials_from_environment();
        credentials.access_key = account_;  // the account that the machine is of
        sign_v4(request, url_ + "/", credentials, region_, "states", clock_.now());
        return fetch(url_ + "/", std::move(request));
    }

    Json admin(const std::string& method, const std::string& path, const std::string& query,
               const Json& body) override {
        HttpRequest request;
        request.method = method;
        if (!body.is_null()) {
            request.headers.set("Content-Type", "application/json");
            request.body = to_text(body);
        }
        return fetch(url_ + "/_skafu" + path + query, std::move(request));
    }

    bool pause() override {
        clock_.after(kPause, [] {});
        io_.restart();
        io_.run();
        return true;
    }

  private:
    Json fetch(std::string target, HttpRequest request) {
        HttpResponse response;
        std::exception_ptr problem;
        boost::asio::co_spawn(
            io_, fetch_answer(*transport_, std::move(target), std::move(request), response),
            [&](std::exception_ptr error) { problem = error; });
        io_.restart();
        io_.run();
        if (!problem) return answer_of(response, url_);
        try {
            std::rethrow_exception(problem);
        } catch (const std::exception& error) {
            throw std::runtime_error("no answer from " + url_ + ": " + error.what());
        }
    }

    boost::asio::io_context io_;
    Clock clock_{io_};
    std::unique_ptr<HttpTransport> transport_;
    std::string url_;
    std::string account_;
    std::string region_;
};

/// The loop and the house on it.
struct LocalHouse {
    LocalHouse() : cloud(io, Settings{}, make_transport(io)) { register_services(cloud); }

    boost::asio::io_context io{1};
    Cloud cloud;
};

class LocalSfn : public SfnHost {
  public:
    explicit LocalSfn(SfnTime time) : time_(time), house_(std::make_unique<LocalHouse>()) {}
    ~LocalSfn() override {
        house_->cloud.shutdown();
        // Coroutines that still wait hold references into the house: they go with the process.
        static_cast<void>(house_.release());
    }

    Json call(const std::string& operation, const Json& input) override {
        const Settings& settings = house_->cloud.settings();
        Caller caller;
        caller.account = settings.account;
        caller.region = settings.region;
        Json answer;
        run([](Cloud& cloud, std::string name, Json sent, Caller by, Json& to) -> Task<void> {
            to = co_await cloud.call_json("states", name, std::move(sent), std::move(by), 0);
        }(house_->cloud, operation, input, std::move(caller), answer));
        return answer;
    }

    Json admin(const std::string& method, const std::string& path, const std::string& query,
               const Json& body) override {
        AdminRequest request;
        const std::string target = "/_skafu" + path;
        const AdminRoutes::Handler* handler =
            house_->cloud.admin().find(method, target, request.path);
        if (handler == nullptr) throw std::runtime_error("there is no " + method + " " + target);
        request.http.method = method;
        request.http.body = body.is_null() ? "" : to_text(body);
        if (!query.empty()) {
            for (auto& [name, value] : parse_query(query.substr(1))) request.query[name] = value;
        }
        HttpResponse response;
        run([](const AdminRoutes::Handler& route, AdminRequest sent,
               HttpResponse& to) -> Task<void> {
            to = co_await route(std::move(sent));
        }(*handler, std::move(request), response));
        return answer_of(response, "this program");
    }

    bool pause() override {
        if (time_ == SfnTime::real) {
            house_->io.restart();
            house_->io.run_for(kPause);
            return true;
        }
        bool moved = false;
        run([](Cloud& cloud, bool& has_moved) -> Task<void> {
            co_await cloud.clock().quiet();
            has_moved = co_await cloud.clock().run_to_next();
        }(house_->cloud, moved));
        return moved;
    }

  private:
    /// Runs the loop until this is done.
    void run(Task<void> task) {
        try {
            run_to_end(house_->io, std::move(task));
        } catch (const AwsError& error) {
            throw std::runtime_error(error.code() + ": " + error.message());
        }
    }

    SfnTime time_;
    std::unique_ptr<LocalHouse> house_;
};

}  // namespace

std::unique_ptr<SfnHost> connect_sfn(std::string url, std::string account, std::string region) {
    return std::make_unique<RemoteSfn>(std::move(url), std::move(account), std::move(region));
}

std::unique_ptr<SfnHost> host_sfn(SfnTime time) {
    return std::make_unique<LocalSfn>(time);
}

}  // namespace skafu::server
