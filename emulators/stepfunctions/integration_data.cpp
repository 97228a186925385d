#include "stepfunctions/integration.h"

namespace skafu::stepfunctions {
namespace {

bool equals_but_first_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && !a.empty() && a.substr(1) == b.substr(1) &&
           std::tolower(static_cast<unsigned char>(a[0])) ==
               std::tolower(static_cast<unsigned char>(b[0]));
}

const Shape::Member* member_of(const Shape& shape, std::string_view name) {
    for (const Shape::Member& member : shape.members) {
        if (equals_but_first_case(member.name, name)) return &member;
    }
    return nullptr;
}

/// Whether a value of that shape may have to be spelled otherwise.
bool may_change(const Json& value, const Shape& shape) {
    return value.is_structured() && shape.type != Shape::Type::any;
}

Json respelled(Json value, const Shape& shape);

/// Members are renamed only where the definition's spelling is not the service's.
Json respelled_structure(Json value, const Shape& shape) {
    auto& members = value.get_ref<Json::object_t&>();
    bool all_known = true;
    for (auto& [key, member] : members) {
        const Shape::Member* known = member_of(shape, key);
        if (known == nullptr) continue;
        all_known = all_known && known->name == key;
        if (may_change(member, known->shape)) member = respelled(std::move(member), known->shape);
    }
    if (all_known) return value;
    Json result = Json::object();
    for (auto& [key, member] : members) {
        const Shape::Member* known = member_of(shape, key);
        result[known == nullptr ? key : known->name] = std::move(member);
    }
    return result;
}

/// Spells the members as the service does, by the shape of its input.
Json respelled(Json value, const Shape& shape) {
    if (shape.type == Shape::Type::structure && value.is_object()) {
        return respelled_structure(std::move(value), shape);
    }
    if (shape.type == Shape::Type::list && value.is_array() && shape.element) {
        for (Json& item : value) item = respelled(std::move(item), *shape.element);
    }
    if (shape.type == Shape::Type::map && value.is_object() && shape.element) {
        for (auto& [key, member] : value.items())
            member = respelled(std::move(member), *shape.element);
    }
    if (shape.type == Shape::Type::string && value.is_structured()) return to_text(value);
    return value;
}

void lower_first(Json& value) {
    if (!value.is_object()) return;
    Json result = Json::object();
    for (auto& [key, member] : value.items()) {
        std::string name = key;
        if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z') name[0] += 'a' - 'A';
        result[name] = std::move(member);
    }
    value = std::move(result);
}

void text_member(Json& object, std::string_view name) {
    const auto found = object.find(name);
    if (found != object.end() && !found->is_string() && !found->is_null()) *found = to_text(*found);
}

/// Some members are JSON text on the wire and may be values in a definition.
void make_texts(const Integration& integration, Json& input) {
    if (!input.is_object()) return;
    if (integration.service == "sqs") text_member(input, "MessageBody");
    if (integration.service == "sns") text_member(input, "Message");
    if (integration.service == "states") text_member(input, "input");
    if (integration.service == "states") text_member(input, "output");
    if (integration.service == "events" && input.contains("Entries") &&
        input["Entries"].is_array()) {
        for (Json& entry : input["Entries"]) {
            if (entry.is_object()) text_member(entry, "Detail");
        }
    }
}

void capitalise_members(Json& value) {
    if (value.is_array()) {
        for (Json& item : value) capitalise_members(item);
        return;
    }
    if (!value.is_object()) return;
    Json result = Json::object();
    for (auto& [key, member] : value.items()) {
        // Keys of these maps are data, not members.
        const bool is_data = key == "tags" || key == "variables" || key == "stageVariables" ||
                             key == "variableReferences" || key == "responseParameters" ||
                             key == "requestParameters";
        if (!is_data) capitalise_members(member);
        std::string name = key;
        if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] -= 'a' - 'A';
        result[name] = std::move(member);
    }
    value = std::move(result);
}

bool is_camel_case(const Json& object) {
    if (!object.is_object() || object.empty()) return false;
    for (const auto& [key, member] : object.items()) {
        if (key.empty() || key[0] < 'a' || key[0] > 'z') return false;
    }
    return true;
}

void add_exchange(const Integration& integration, Json& result, const std::string& request_id,
                  TimePoint now) {
    const std::string length = std::to_string(to_text(result).size());
    const std::string type = integration.service == "sns"      ? "text/xml"
                             : integration.service == "lambda" ? "application/json"
                             : integration.service == "events" ? "application/x-amz-json-1.1"
                                                               : "application/x-amz-json-1.0";
    constexpr std::size_t kHeaders = 5;
    Json::object_t headers;
    Json::object_t all;
    headers.reserve(kHeaders);
    all.reserve(kHeaders);
    const auto add = [&](const char* name, std::string value) {
        all.emplace(name, Json(Json::array_t{Json(value)}));
        headers.emplace(name, Json(std::move(value)));
    };
    add("x-amzn-RequestId", request_id);
    add("connection", "keep-alive");
    add("Content-Length", length);
    add("Date", http_date(now));
    add("Content-Type", type);
    Json::object_t metadata;
    metadata.reserve(3);
    metadata.emplace("AllHttpHeaders", Json(std::move(all)));
    metadata.emplace("HttpHeaders", Json(std::move(headers)));
    metadata.emplace("HttpStatusCode", Json(200));
    auto& members = result.get_ref<Json::object_t&>();
    members.reserve(members.size() + 2);
    members["SdkHttpMetadata"] = Json(std::move(metadata));
    members["SdkResponseMetadata"] = Json{{"RequestId", request_id}};
}

bool is_unmodelled(const Integration& integration, const std::string& code) {
    if (code == "ValidationException") {
        return integration.service != "states" && integration.service != "logs";
    }
    return code == "SerializationException" || code == "AccessDeniedException" ||
           code == "UnrecognizedClientException" || code == "InternalFailure" ||
           code == "MissingParameter" || code == "InvalidParameterValue" ||
           code == "UnknownOperationException" || code == "AccessDenied";
}

std::string exception_name(const Integration& integration, const std::string& code) {
    if (code == "AWS.SimpleQueueService.NonExistentQueue" || code == "QueueDoesNotExist") {
        return "QueueDoesNotExistException";
    }
    if (is_unmodelled(integration, code)) {
        if (integration.is_sdk) return integration.error_prefix + "Exception";
        return integration.error_service == "AmazonDynamoDBv2"
                   ? "AmazonDynamoDBException"
                   : integration.error_service + "Exception";
    }
    const std::string bare = code.substr(code.rfind('.') + 1);
    return bare.ends_with("Exception") ? bare : bare + "Exception";
}

std::string error_cause(const Integration& integration, const AwsError& error,
                        const std::string& request_id) {
    std::string message = error.message();
    // Step Functions asks for the newest version by name.
    const bool unqualified = integration.service == "lambda" &&
                             message.starts_with("Function not found: arn:") &&
                             std::count(message.begin(), message.end(), ':') == 7;
    if (unqualified) message += ":$LATEST";
    if (integration.is_sdk) {
        std::string extra;
        if (integration.error_prefix == "S3") {
            extra = ", Extended Request ID: " + request_id;
        }
        std::string text =
            fmt::format("{} (Service: {}, Status Code: {}, Request ID: {}{})", error.message(),
                        integration.error_service, error.status(), request_id, extra);
        if (integration.error_prefix == "Sfn") text += " (SDK Attempt Count: 1)";
        return text;
    }
    return fmt::format(
        "{} (Service: {}; Status Code: {}; Error Code: {}; Request ID: {}; Proxy: "
        "null)",
        message, integration.error_service, error.status(), error.code(), request_id);
}

}  // namespace

Json to_service_input(const Integration& integration, const Cloud& cloud, Json arguments) {
    const Operation* operation = cloud.find_operation(integration.service, integration.operation);
    if (operation != nullptr && operation->input.type == Shape::Type::structure) {
        // Texts first: a shape would turn them into text too, but with less knowledge.
        arguments = respelled(std::move(arguments), operation->input);
    } else if (integration.service == "states") {
        lower_first(arguments);
    }
    make_texts(integration, arguments);
    return arguments;
}

Json to_task_result(const Integration& integration, Json output, const std::string& request_id,
                    TimePoint now) {
    if (is_camel_case(output)) capitalise_members(output);
    // Timestamps of the JSON protocols are numbers on the wire and ISO texts in a task's result.
    if (integration.service == "states" && output.is_object()) {
        for (const char* name : {"StartDate", "StopDate", "CreationDate", "UpdateDate"}) {
            const auto found = output.find(name);
            if (found == output.end() || !found->is_number()) continue;
            if (integration.is_sdk || integration.operation != "StartExecution") {
                *found = iso8601_millis(from_epoch_seconds(found->get<double>()));
            } else {
                *found = epoch_millis(from_epoch_seconds(found->get<double>()));
            }
        }
    }
    if (!integration.is_sdk && output.is_object())
        add_exchange(integration, output, request_id, now);
    return output;
}

Failure to_failure(const Integration& integration, const AwsError& error,
                   const std::string& request_id) {
    Failure failure;
    failure.error = integration.error_prefix + "." + exception_name(integration, error.code());
    failure.cause = error_cause(integration, error, request_id);
    return failure;
}

}  // namespace skafu::stepfunctions
