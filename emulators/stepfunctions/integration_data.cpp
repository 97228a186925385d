#include <ctime>
#include <iomanip>
#include <sstream>

#include "stepfunctions/integration.h"
#include "stepfunctions/sdk_names.h"

namespace skafu::stepfunctions {
namespace {

bool equals_but_first_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && !a.empty() && a.substr(1) == b.substr(1) &&
           std::tolower(static_cast<unsigned char>(a[0])) ==
               std::tolower(static_cast<unsigned char>(b[0]));
}

const Shape::Member* member_of(const Shape& shape, std::string_view name) {
    for (const Shape::Member& member : shape->members) {
        if (equals_but_first_case(member.name, name) || sdk_name(member.name) == name) {
            return &member;
        }
    }
    return nullptr;
}

/// Whether a value of that shape may have to be spelled otherwise.
bool may_change(const Json& value, const Shape& shape) {
    return value.is_structured() && shape->type != Shape::Type::any;
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
    if (shape->type == Shape::Type::structure && value.is_object()) {
        return respelled_structure(std::move(value), shape);
    }
    if (shape->type == Shape::Type::list && value.is_array()) {
        for (Json& item : value) item = respelled(std::move(item), shape->element);
    }
    if (shape->type == Shape::Type::map && value.is_object()) {
        for (auto& [key, member] : value.items())
            member = respelled(std::move(member), shape->element);
    }
    if (shape->type == Shape::Type::string && value.is_structured()) return to_text(value);
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

/// The SDK that Step Functions calls S3 with adds a CRC32 to each body that has no checksum.
void add_checksum(Json& input) {
    if (!input.is_object() || !input.contains("Body")) return;
    for (const auto& [name, value] : input.items()) {
        if (name.starts_with("Checksum")) return;
    }
    input["ChecksumAlgorithm"] = "CRC32";
}

/// Members that name a point in time, in all services but Logs, where such are plain numbers.
bool is_time_name(std::string_view name) {
    return name.ends_with("Date") || name.ends_with("Time") || name.ends_with("Timestamp") ||
           name == "LastModified" || name == "CreatedAt" || name == "LastUpdated";
}

/// As the SDK prints it: the fraction only where there is one.
std::string printed_time(double seconds) {
    const TimePoint time = from_epoch_seconds(seconds);
    return epoch_millis(time) % 1000 == 0 ? iso8601_seconds(time) : iso8601_millis(time);
}

/// Times of the JSON protocols are numbers on the wire and ISO texts in a task's result.
void print_times(Json& value) {
    if (value.is_array()) {
        for (Json& item : value) print_times(item);
        return;
    }
    if (!value.is_object()) return;
    for (auto& [name, member] : value.items()) {
        if (member.is_structured()) {
            print_times(member);
        } else if (member.is_number() && is_time_name(name)) {
            member = printed_time(member.get<double>());
        }
    }
}

/// "Sat, 31 Jan 2026 12:00:00 GMT" as "2026-01-31T12:00:00Z"; other texts as they are.
std::string iso_of_http_date(const std::string& text) {
    std::tm parts{};
    std::istringstream stream(text);
    stream >> std::get_time(&parts, "%a, %d %b %Y %H:%M:%S GMT");
    if (stream.fail()) return text;
    return iso8601_seconds(from_epoch_seconds(static_cast<double>(timegm(&parts))));
}

/// What the SDK makes of GetObject's and HeadObject's headers.
void complete_s3_result(Json& result) {
    if (!result.is_object() || !result.contains("ContentLength")) return;
    if (!result.contains("Metadata")) result["Metadata"] = Json::object();
    const auto modified = result.find("LastModified");
    if (modified != result.end() && modified->is_string()) {
        *modified = iso_of_http_date(modified->get<std::string>());
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
    if (operation != nullptr && operation->input->type == Shape::Type::structure) {
        // Texts first: a shape would turn them into text too, but with less knowledge.
        arguments = respelled(std::move(arguments), operation->input);
    } else if (integration.service == "states") {
        lower_first(arguments);
    }
    make_texts(integration, arguments);
    if (integration.is_sdk && integration.service == "dynamodb") to_wire_attributes(arguments);
    if (integration.is_sdk && integration.service == "s3") add_checksum(arguments);
    return arguments;
}

Json to_task_result(const Integration& integration, Json output, const std::string& request_id,
                    TimePoint now) {
    if (is_camel_case(output)) capitalise_members(output);
    if (integration.is_sdk) {
        // An answer without a body (DynamoDB's TagResource) is one without members to the SDK.
        if (output.is_null()) return Json::object();
        to_sdk_names(output, integration.service);
        if (integration.service != "logs") print_times(output);
        if (integration.service == "s3") complete_s3_result(output);
        return output;
    }
    if (!output.is_object()) return output;
    // The older SDK of the optimised integrations gives milliseconds.
    const auto start = output.find("StartDate");
    if (integration.service == "states" && start != output.end() && start->is_number()) {
        *start = epoch_millis(from_epoch_seconds(start->get<double>()));
    }
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
