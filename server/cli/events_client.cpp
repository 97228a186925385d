#include "cli/events_client.h"

#include <cstdlib>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>

#include "core/digest.h"
#include "http/pause.h"
#include "http/transport.h"

namespace skafu::server {
namespace {

constexpr Duration kTimeout = std::chrono::seconds(60);
constexpr int kMostAttempts = 8;

std::string environment(const char* name, const char* otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr ? otherwise : value;
}

std::string host_of(const std::string& url) {
    const std::size_t start = url.find("://") + 3;
    return url.substr(start, url.find('/', start) - start);
}

Task<void> fetch_into(HttpTransport& transport, std::string url, HttpRequest request,
                      HttpResponse& response) {
    response = co_await transport.fetch(std::move(url), std::move(request), kTimeout);
}

}  // namespace

EventsClient::EventsClient(std::string url, std::string signing_region)
    : transport_(make_transport(io_)), url_(std::move(url)), region_(std::move(signing_region)) {
    while (url_.ends_with('/')) url_.pop_back();
}

HttpResponse EventsClient::fetch(const std::string& url, HttpRequest request) {
    HttpResponse response;
    std::exception_ptr problem;
    boost::asio::co_spawn(io_, fetch_into(*transport_, url, std::move(request), response),
                          [&](std::exception_ptr error) { problem = error; });
    io_.restart();
    io_.run();
    if (problem) {
        try {
            std::rethrow_exception(problem);
        } catch (const std::exception& error) {
            throw std::runtime_error("no answer from " + url_ + ": " + error.what());
        }
    }
    return response;
}

Json EventsClient::admin(const std::string& method, const std::string& path, const Json& body) {
    HttpRequest request;
    request.method = method;
    if (!body.is_null()) {
        request.headers.set("Content-Type", "application/json");
        request.body = to_text(body);
    }
    const HttpResponse response = fetch(url_ + "/_skafu" + path, std::move(request));
    Json answer;
    try {
        answer = parse_json(response.body);
    } catch (const JsonError&) {
        throw std::runtime_error(url_ + " is no skafu-local");
    }
    if (response.status >= 300) throw std::runtime_error(string_member(answer, "message"));
    return answer;
}

/// PutEvents as the JSON protocol sends it, signed as AWS documents (Signature Version 4).
HttpRequest EventsClient::signed_request(const std::string& body) const {
    HttpRequest request;
    request.method = "POST";
    request.body = body;
    request.headers.set("Content-Type", "application/x-amz-json-1.1");
    request.headers.set("X-Amz-Target", "AWSEvents.PutEvents");
    const std::string key = environment("AWS_ACCESS_KEY_ID", "000000000000");
    const std::string region = region_.empty() ? "us-east-1" : region_;
    std::string stamp = iso8601_seconds(clock_.now());
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
    const std::string day = stamp.substr(0, 8);
    const std::string scope = day + "/" + region + "/events/aws4_request";
    const std::string token = environment("AWS_SESSION_TOKEN", "");
    request.headers.set("X-Amz-Date", stamp);
    std::string canonical =
        "POST\n/\n\ncontent-type:application/x-amz-json-1.1\nhost:" + host_of(url_) +
        "\nx-amz-date:" + stamp + "\n";
    std::string names = "content-type;host;x-amz-date";
    if (!token.empty()) {
        request.headers.set("X-Amz-Security-Token", token);
        canonical += "x-amz-security-token:" + token + "\n";
        names += ";x-amz-security-token";
    }
    canonical += "x-amz-target:AWSEvents.PutEvents\n";
    names += ";x-amz-target";
    canonical += "\n" + names + "\n" + digest::hex(digest::sha256(body));
    const std::string to_sign = std::string("AWS4-HMAC-SHA256\n") + stamp + "\n" + scope + "\n" +
                                digest::hex(digest::sha256(canonical));
    std::string signing = "AWS4" + environment("AWS_SECRET_ACCESS_KEY", "test");
    for (const std::string& part :
         {day, region, std::string("events"), std::string("aws4_request")}) {
        signing = digest::hmac_sha256(signing, part);
    }
    request.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=" + key + "/" + scope +
                                             ", SignedHeaders=" + names + ", Signature=" +
                                             digest::hex(digest::hmac_sha256(signing, to_sign)));
    return request;
}

Task<void> EventsClient::put_one(std::string body, Json& answer, std::string& problem) {
    for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
        if (attempt > 0) {
            const std::chrono::milliseconds wait(50 << attempt);
            co_await pause(wait);
        }
        HttpResponse response;
        try {
            HttpRequest request = signed_request(body);
            response = co_await transport_->fetch(url_ + "/", std::move(request), kTimeout);
        } catch (const std::exception& error) {
            problem = error.what();
            continue;
        }
        if (response.status == 200) {
            answer = parse_json(response.body);
            problem.clear();
            co_return;
        }
        problem = response.body;
        const bool is_throttled = response.status == 429 || response.status >= 500 ||
                                  response.body.find("Throttling") != std::string::npos;
        if (!is_throttled) co_return;
    }
}

std::vector<Json> EventsClient::put_events(const std::vector<std::string>& bodies) {
    std::vector<Json> answers(bodies.size());
    std::vector<std::string> problems(bodies.size());
    for (std::size_t i = 0; i < bodies.size(); ++i) {
        boost::asio::co_spawn(io_, put_one(bodies[i], answers[i], problems[i]),
                              [](std::exception_ptr) {});
    }
    io_.restart();
    io_.run();
    for (const std::string& problem : problems) {
        if (!problem.empty()) throw std::runtime_error("PutEvents: " + problem);
    }
    return answers;
}

}  // namespace skafu::server
