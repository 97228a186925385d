#include "lambda/url_event.h"

#include "core/base64.h"
#include "core/split.h"
#include "core/text.h"
#include "lambda/lambda_service.h"

namespace skafu::lambda {

namespace {

/// "31/Jan/2026:12:00:00 +0000"
std::string request_time(TimePoint now) {
    const std::string date = http_date(now);  // "Sat, 31 Jan 2026 12:00:00 GMT"
    return fmt::format("{}/{}/{}:{} +0000", date.substr(5, 2), date.substr(8, 3),
                       date.substr(12, 4), date.substr(17, 8));
}

bool is_text(const HttpRequest& request) {
    const std::string_view type = request.headers.get("Content-Type");
    return type.empty() || type.starts_with("text/") || type.find("json") != type.npos ||
           type.find("xml") != type.npos || type.find("javascript") != type.npos ||
           type.find("x-www-form-urlencoded") != type.npos;
}

void join(Json& object, const std::string& name, const std::string& value) {
    if (object.contains(name)) {
        object[name] = object[name].get<std::string>() + "," + value;
    } else {
        object[name] = value;
    }
}

/// Cookies come as a list of their own.
Json take_cookies(Json& headers) {
    Json cookies = Json::array();
    const std::string all = string_member(headers, "cookie");
    headers.erase("cookie");
    for (const std::string_view cookie : split_entries(all, ';')) cookies.push_back(cookie);
    return cookies;
}

/// A streamed answer: status and headers as JSON, eight zero bytes, the body.
constexpr std::string_view kPreludeEnd("\0\0\0\0\0\0\0\0", 8);

HttpResponse response_of(const Json& answer) {
    HttpResponse response;
    if (!answer.is_object() || !answer.contains("statusCode")) {
        response.headers.add("Content-Type", "application/json");
        response.body = answer.is_string() ? answer.get<std::string>() : to_text(answer);
        return response;
    }
    const Json& status = answer["statusCode"];
    response.status = status.is_number() ? status.get<int>() : 502;
    const Json headers = answer.value("headers", Json::object());
    for (const auto& [name, value] : headers.items()) {
        response.headers.add(name, value.is_string() ? value.get<std::string>() : to_text(value));
    }
    const Json cookies = answer.value("cookies", Json::array());
    for (const Json& cookie : cookies) {
        if (cookie.is_string()) response.headers.add("Set-Cookie", cookie.get<std::string>());
    }
    if (!response.headers.contains("Content-Type")) {
        response.headers.add("Content-Type", "application/json");
    }
    const Json* body = find_member(answer, "body");
    if (body == nullptr || body->is_null()) return response;
    response.body = body->is_string() ? body->get<std::string>() : to_text(*body);
    if (answer.value("isBase64Encoded", Json(false)) == true) {
        response.body = base64_decode(response.body).value_or("");
    }
    return response;
}

}  // namespace

Json url_event(const HttpRequest& request, const std::string& path, const std::string& url_id,
               const std::string& request_id, TimePoint now) {
    Json headers = Json::object();
    for (const auto& [name, value] : request.headers) join(headers, lower_case(name), value);
    Json cookies = take_cookies(headers);
    Json parameters = Json::object();
    for (const auto& [name, value] : parse_query(request.query())) join(parameters, name, value);
    Json event = {{"version", "2.0"},
                  {"routeKey", "$default"},
                  {"rawPath", path},
                  {"rawQueryString", request.query()}};
    if (!cookies.empty()) event["cookies"] = std::move(cookies);
    event["requestContext"] = {{"accountId", "anonymous"},
                               {"apiId", url_id},
                               {"domainName", request.headers.get("Host")},
                               {"domainPrefix", url_id},
                               {"http",
                                {{"method", request.method},
                                 {"path", path},
                                 {"protocol", "HTTP/1.1"},
                                 {"sourceIp", request.remote_address},
                                 {"userAgent", request.headers.get("User-Agent")}}},
                               {"requestId", request_id},
                               {"routeKey", "$default"},
                               {"stage", "$default"},
                               {"time", request_time(now)},
                               {"timeEpoch", epoch_millis(now)}};
    event["headers"] = std::move(headers);
    if (!parameters.empty()) event["queryStringParameters"] = std::move(parameters);
    const bool text = is_text(request);
    if (!request.body.empty()) event["body"] = text ? request.body : base64_encode(request.body);
    event["isBase64Encoded"] = !request.body.empty() && !text;
    return event;
}

HttpResponse url_response(const std::string& payload) {
    const std::size_t prelude = payload.find(kPreludeEnd);
    if (prelude == std::string::npos) return response_of(payload_value(payload));
    HttpResponse response = response_of(payload_value(payload.substr(0, prelude)));
    response.body = payload.substr(prelude + kPreludeEnd.size());
    return response;
}

}  // namespace skafu::lambda
