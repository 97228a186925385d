#include "cli/table_client.h"

#include <filesystem>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>

#include "cli/run_task.h"
#include "core/account.h"
#include "core/cloud.h"
#include "core/log.h"
#include "core/sigv4.h"
#include "core/wall_clock.h"
#include "dynamodb/dynamodb.h"
#include "http/pause.h"
#include "http/transport.h"

namespace skafu::server {
namespace {

constexpr Duration kCallTimeout = std::chrono::seconds(60);
constexpr int kMostTries = 8;

/// The account that a key stands for: skafu-local takes 12 digits as one.
std::string account_of_environment() {
    const std::string key = credentials_from_environment().access_key;
    return is_account_id(key) ? key : "000000000000";
}

AwsError error_in(const HttpResponse& response) {
    Json body = Json::object();
    try {
        body = parse_json(response.body);
    } catch (const JsonError&) {
        const std::string text = fmt::format("HTTP status {} without a reason", response.status);
        return AwsError("UnknownError", text, response.status);
    }
    std::string code = string_member(body, "__type");
    code.erase(0, code.rfind('#') + 1);
    const std::string message = string_member(body, "message", string_member(body, "Message"));
    return AwsError(code, message.empty() ? code : message, response.status);
}

bool is_worth_another_try(const AwsError& error) {
    return error.status() >= 500 || error.status() == 429 ||
           error.code() == "ProvisionedThroughputExceededException" ||
           error.code() == "ThrottlingException" || error.code() == "RequestLimitExceeded";
}

class EndpointClient final : public TableClient {
  public:
    EndpointClient(std::string url, std::string region)
        : transport_(make_transport(io_, Connections::kKept)),
          url_(std::move(url)),
          region_(std::move(region)) {
        while (url_.ends_with('/')) url_.pop_back();
    }

    std::vector<Answer> call(const std::string& operation,
                             const std::vector<std::string>& bodies) override {
        std::vector<Answer> answers(bodies.size());
        std::vector<std::string> problems(bodies.size());
        for (std::size_t i = 0; i < bodies.size(); ++i) {
            boost::asio::co_spawn(io_, one_call(operation, bodies[i], answers[i], problems[i]),
                                  [](std::exception_ptr) {});
        }
        io_.restart();
        io_.run();
        for (const std::string& problem : problems) {
            if (!problem.empty())
                throw std::runtime_error("no answer from " + url_ + ": " + problem);
        }
        was_answered_ = true;
        return answers;
    }

    void wait_before_retry(int round) override {
        run_to_end(io_, pause(std::chrono::milliseconds(25 << std::min(round, 6))));
    }

    const std::string& place() const override { return url_; }

  private:
    HttpRequest signed_request(const std::string& operation, const std::string& body) const {
        HttpRequest request;
        request.method = "POST";
        request.body = body;
        request.headers.set("Content-Type", "application/x-amz-json-1.0");
        request.headers.set("X-Amz-Target", "DynamoDB_20120810." + operation);
        const TimePoint now{std::chrono::milliseconds(wall_clock_millis())};
        sign_v4(request, url_ + "/", credentials_from_environment(), region_, "dynamodb", now);
        return request;
    }

    Task<void> one_call(std::string operation, std::string body, Answer& answer,
                        std::string& problem) {
        for (int attempt = 0; attempt < kMostTries; ++attempt) {
            if (attempt > 0) {
                const std::chrono::milliseconds wait(25 << attempt);
                co_await pause(wait);
            }
            try {
                HttpRequest request = signed_request(operation, body);
                HttpResponse response =
                    co_await transport_->fetch(url_ + "/", std::move(request), kCallTimeout);
                problem.clear();
                answer = Answer();
                if (response.status == 200) {
                    answer.body = std::move(response.body);
                    co_return;
                }
                answer.error = error_in(response);
                if (!is_worth_another_try(*answer.error)) co_return;
            } catch (const std::exception& error) {
                problem = error.what();
                // Nobody has answered yet: most likely nobody is there.
                if (!was_answered_) co_return;
            }
        }
    }

    boost::asio::io_context io_;
    std::unique_ptr<HttpTransport> transport_;
    std::string url_;
    std::string region_;
    bool was_answered_ = false;
};

Settings settings_of(const std::string& folder) {
    if (!std::filesystem::exists(std::filesystem::path(folder) / "skafu.db")) {
        throw std::runtime_error("there is no data of skafu-local in " + folder);
    }
    Settings settings;
    settings.data_dir = folder;
    return settings;
}

class FolderClient final : public TableClient {
  public:
    FolderClient(const std::string& folder, std::string region)
        : cloud_(io_, settings_of(folder), make_transport(io_)), place_(folder) {
        caller_.account = account_of_environment();
        caller_.region = std::move(region);
        dynamodb::register_dynamodb(cloud_);
    }
    ~FolderClient() override { cloud_.shutdown(); }

    std::vector<Answer> call(const std::string& operation,
                             const std::vector<std::string>& bodies) override {
        std::vector<Answer> answers(bodies.size());
        run_to_end(io_, all_calls(operation, bodies, answers));
        return answers;
    }

    /// Nothing throttles it.
    void wait_before_retry(int) override {}

    const std::string& place() const override { return place_; }

  private:
    Task<void> all_calls(const std::string& operation, const std::vector<std::string>& bodies,
                         std::vector<Answer>& answers) {
        for (std::size_t i = 0; i < bodies.size(); ++i) {
            try {
                Call call{"dynamodb", operation, Document::from_text(bodies[i]), caller_, 0, {}};
                answers[i].body = cloud_.call_now(std::move(call)).take_text();
            } catch (const AwsError& error) {
                answers[i].error = error;
            }
        }
        co_await cloud_.database().durable();
    }

    boost::asio::io_context io_;
    Cloud cloud_;
    std::string place_;
    Caller caller_;
};

}  // namespace

std::unique_ptr<TableClient> connect_to_endpoint(std::string url, std::string region) {
    if (!url.starts_with("http://") && !url.starts_with("https://")) {
        throw std::runtime_error("--endpoint takes a URL, got " + url);
    }
    return std::make_unique<EndpointClient>(std::move(url), std::move(region));
}

std::unique_ptr<TableClient> open_data_folder(const std::string& folder, std::string region) {
    log::configure("error", "text");
    return std::make_unique<FolderClient>(folder, std::move(region));
}

}  // namespace skafu::server
