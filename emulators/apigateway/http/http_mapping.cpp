#include "apigateway/http/http_mapping.h"

#include <algorithm>

#include "apigateway/errors.h"
#include "core/text.h"

namespace skafu::apigateway::http {
namespace {

/// "overwrite:header.x": what is done, and to what.
struct Destination {
    std::string_view action;  // append, overwrite, remove
    std::string_view place;   // header, querystring, path, statuscode
    std::string_view name;    // of the header or parameter

    static Destination of(std::string_view key) {
        const std::size_t colon = std::min(key.find(':'), key.size());
        const std::string_view behind = key.substr(std::min(colon + 1, key.size()));
        const std::size_t dot = std::min(behind.find('.'), behind.size());
        return {key.substr(0, colon), behind.substr(0, dot),
                behind.substr(std::min(dot + 1, behind.size()))};
    }

    bool is_named(std::string_view kind) const {
        const bool known = action == "append" || action == "overwrite" || action == "remove";
        return known && place == kind && !name.empty();
    }
    bool is_whole(std::string_view kind) const {
        return action == "overwrite" && place == kind && name.empty();
    }
};

AwsError invalid_mapping(const std::string& error) {
    return bad_request(fmt::format(
        "Invalid mapping expression specified: Validation Result: warnings : [], errors : [{}]",
        error));
}

bool is_reserved(std::string_view header) {
    static constexpr std::string_view kNames[] = {
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-location",
        "forwarded",
        "keep-alive",
        "origin",
        "te",
        "trailers",
        "transfer-encoding",
        "proxy-authenticate",
        "upgrade",
        "x-forwarded-for",
        "x-forwarded-host",
        "proxy-authorization",
        "via",
        "x-forwarded-proto",
    };
    static constexpr std::string_view kPrefixes[] = {"access-control-", "apigw-", "x-amz-",
                                                     "x-amzn-"};
    const std::string name = lower_case(header);
    return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames) ||
           std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                       [&](std::string_view prefix) { return name.starts_with(prefix); });
}

void check_header(const Destination& to) {
    if (to.place == "header" && is_reserved(to.name)) {
        throw invalid_mapping(fmt::format("Operations on header {} are restricted", to.name));
    }
}

void check_request_mappings(const Json& mappings) {
    for (const auto& [key, source] : mappings.items()) {
        const Destination to = Destination::of(key);
        if (!to.is_named("header") && !to.is_named("querystring") && !to.is_whole("path")) {
            throw invalid_mapping(
                fmt::format("Invalid Request Actioned Parameter destination specified: {}", key));
        }
        check_header(to);
    }
}

void check_response_mappings(const Json& by_status) {
    for (const auto& [status, mappings] : by_status.items()) {
        const bool is_status = status.size() == 3 && status[0] >= '2' && status[0] <= '5' &&
                               status.find_first_not_of("0123456789") == std::string::npos;
        if (!is_status) throw bad_request(fmt::format("Status Code {} is not valid", status));
        for (const auto& [key, source] : mappings.items()) {
            const Destination to = Destination::of(key);
            if (!to.is_named("header") && !to.is_whole("statuscode")) {
                throw invalid_mapping(fmt::format(
                    "Invalid Response Actioned Parameter destination specified: {}", key));
            }
            check_header(to);
        }
    }
}

const Json& object_at(const Json& document, const char* member) {
    static const Json none = Json::object();
    const Json* found = find_member(document, member);
    return found != nullptr && found->is_object() ? *found : none;
}

using Changes = std::vector<std::pair<Destination, Json>>;

/// What the mappings do, evaluated before the first of them changes anything. Names are those of
/// `mappings`, which has to outlive them.
Changes changes_of(const HttpExchange& exchange, const Json& mappings) {
    Changes changes;
    for (const auto& [key, source] : mappings.items()) {
        changes.emplace_back(
            Destination::of(key),
            source.is_string() ? selected(exchange, source.get<std::string>()) : source);
    }
    return changes;
}

void change(Pairs& pairs, const Destination& to, const Json& value) {
    const bool is_header = to.place == "header";
    if (to.action != "append") {
        std::erase_if(pairs, [&](const auto& pair) {
            return is_header ? iequals(pair.first, to.name) : pair.first == to.name;
        });
    }
    if (to.action != "remove" && !value.is_null()) {
        pairs.emplace_back(std::string(to.name), plain_text(value));
    }
}

/// Members of `given` put over those of `before`; the empty ones are gone.
Json merged(Json before, const Json& given) {
    for (const auto& [key, value] : given.items()) {
        if (value.empty() || is_empty_text(value))
            before.erase(key);
        else
            before[key] = value;
    }
    return before;
}

}  // namespace

void check_mappings(const Json& integration) {
    // With a subtype they are the parameters of a service's action.
    if (!integration.contains("integrationSubtype")) {
        check_request_mappings(object_at(integration, "requestParameters"));
    }
    check_response_mappings(object_at(integration, "responseParameters"));
}

Json with_kept_mappings(const Json& integration, Json input) {
    for (const char* member : {"requestParameters", "responseParameters"}) {
        const Json* given = find_member(input, member);
        if (given != nullptr && given->is_object()) {
            input[member] = merged(object_at(integration, member), *given);
        }
    }
    return input;
}

Json mappings_of_template(const Json& by_status) {
    Json all = Json::object();
    for (const auto& [status, given] : by_status.items()) {
        Json& mappings = all[status] = Json::object();
        for (const auto& [member, list] : given.items()) {
            if (member != "ResponseParameters") {
                throw bad_request(
                    fmt::format("Property validation failure: [Encountered unsupported properties "
                                "in {{/ResponseParameters/{}}}: [{}]]",
                                status, member));
            }
            for (const Json& one : list) {
                const Json* source = find_member(one, "Source");
                mappings[string_member(one, "Destination")] =
                    source == nullptr ? "" : plain_text(*source);
            }
        }
    }
    return all;
}

void map_http_request(const HttpExchange& exchange, Pairs& headers, Pairs& query,
                      std::string& path) {
    const Json& mappings = object_at(exchange.route->integration, "requestParameters");
    for (const auto& [to, value] : changes_of(exchange, mappings)) {
        if (to.place == "path") {
            path = value.is_null() ? "" : plain_text(value);
            if (!path.starts_with('/')) path.insert(0, "/");
        } else {
            change(to.place == "header" ? headers : query, to, value);
        }
    }
}

void map_http_response(HttpExchange& exchange, Answer& answer) {
    const Json& by_status = object_at(exchange.route->integration, "responseParameters");
    const Json& mappings = object_at(by_status, std::to_string(answer.status).c_str());
    exchange.answer = &answer;
    const Changes changes = changes_of(exchange, mappings);
    exchange.answer = nullptr;
    for (const auto& [to, value] : changes) {
        if (to.place == "header") {
            change(answer.headers, to, value);
            continue;
        }
        const int status = std::atoi(plain_text(value).c_str());
        if (status < 100 || status > 599) {
            HttpRefusal refusal;
            refusal.detail = "no status code to answer with: " + plain_text(value);
            throw refusal;
        }
        answer.status = status;
    }
}

}  // namespace skafu::apigateway::http
