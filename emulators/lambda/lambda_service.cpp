#include "lambda/lambda_service.h"

#include "core/aws_error.h"

namespace skafu::lambda {

FunctionName function_name(const Context& context, const Json& input) {
    return FunctionName::parse(context.caller.scope(), string_member(input, "FunctionName"),
                               string_member(input, "Qualifier"));
}

Shape named() {
    return shape::structure({shape::required("FunctionName", shape::string(1, 170)),
                             shape::optional("Qualifier", shape::string(1, 128))});
}

Json payload_value(const std::string& payload) {
    try {
        return parse_json(payload);
    } catch (const JsonError&) {
        return payload;
    }
}

Operation rest(std::string name, std::string method, std::string uri, int status, Shape input,
               std::vector<std::pair<std::string, std::string>> query) {
    Operation operation;
    operation.name = std::move(name);
    operation.input = input;
    operation.http.method = std::move(method);
    operation.http.uri = std::move(uri);
    operation.http.status = status;
    operation.http.query = std::move(query);
    return operation;
}

Json page_of(const Json& input, std::string_view member, std::vector<Json> items,
             std::size_t most) {
    std::size_t limit = most;
    if (const Json* given = find_member(input, "MaxItems")) {
        limit = std::clamp<std::size_t>(given->get<std::size_t>(), 1, most);
    }
    const std::string marker = string_member(input, "Marker");
    std::size_t from = 0;
    if (!marker.empty() && marker.find_first_not_of("0123456789") == std::string::npos) {
        from = std::min<std::size_t>(std::stoull(marker.substr(0, 9)), items.size());
    }
    const std::size_t to = std::min(items.size(), from + limit);
    Json list = Json::array();
    for (std::size_t i = from; i < to; ++i) list.push_back(std::move(items[i]));
    Json page = Json::object();
    if (to < items.size()) page["NextMarker"] = std::to_string(to);
    page[std::string(member)] = std::move(list);
    return page;
}

std::int64_t to_integer(const Json& value) {
    if (value.is_string()) {
        try {
            return std::stoll(value.get<std::string>());
        } catch (const std::exception&) {
            invalid_value(fmt::format("'{}' is not a number.", value.get<std::string>()));
        }
    }
    return value.get<std::int64_t>();
}

void invalid_value(std::string message) {
    throw AwsError("InvalidParameterValueException", std::move(message), 400, {{"Type", "User"}});
}

void conflict(std::string message) {
    throw AwsError("ResourceConflictException", std::move(message), 409, {{"Type", "User"}});
}

void missing_resource(std::string message) {
    throw AwsError("ResourceNotFoundException", std::move(message), 404, {{"Type", "User"}});
}

}  // namespace skafu::lambda
