#include "cli/events_client.h"

#include <stdexcept>

#include <boost/asio/co_spawn.hpp>

#include "core/sigv4.h"
#include "http/transport.h"

namespace skafu::server {
namespace {

constexpr Duration kTimeout = std::chrono::seconds(60);

Task<void> fetch_into(HttpTransport& transport, std::string url, HttpRequest request,
                      HttpResponse& response) {
    response = co_await transport.fetch(std::move(url), std::move(request), kTimeout);
}

}  // namespace

EventsClient::EventsClient(std::string url, std::string region)
    : transport_(make_transport(io_)), url_(std::move(url)), region_(std::move(region)) {
    while (url_.ends_with('/')) url_.pop_back();
}

std::string EventsClient::fetch(const std::string& url, HttpRequest request,
                                const std::string& service) {
    sign_v4(request, url, credentials_from_environment(), region_, service, clock_.now());
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
    if (response.status >= 300) {
        throw Refusal(response.status, string_member(parse(response.body), "message"));
    }
    return std::move(response.body);
}

Json EventsClient::parse(const std::string& answer) const {
    try {
        return parse_json(answer);
    } catch (const JsonError&) {
        throw std::runtime_error(url_ + " is no skafu-local");
    }
}

std::string EventsClient::admin_text(const std::string& method, const std::string& path,
                                     const std::string& body) {
    HttpRequest request;
    request.method = method;
    if (!body.empty()) {
        request.headers.set("Content-Type", "application/json");
        request.body = body;
    }
    return fetch(url_ + "/_skafu" + path, std::move(request), "events");
}

Json EventsClient::admin(const std::string& method, const std::string& path,
                         const std::string& body) {
    return parse(admin_text(method, path, body));
}

Json EventsClient::call(const std::string& service, const std::string& target, const Json& input) {
    HttpRequest request;
    request.method = "POST";
    request.headers.set("Content-Type", "application/x-amz-json-1.0");
    request.headers.set("X-Amz-Target", target);
    request.body = to_text(input);
    return parse(fetch(url_ + "/", std::move(request), service));
}

}  // namespace skafu::server
