#include "stepfunctions/lambda_task.h"

namespace skafu::stepfunctions {
namespace {

/// A payload that is text already goes out as it is, if it is JSON.
std::string payload_text(const Json& payload) {
    if (payload.is_null()) return "{}";
    if (payload.is_string()) {
        const std::string& text = payload.get_ref<const std::string&>();
        try {
            parse_json(text);
            return text;
        } catch (const JsonError&) {
        }
    }
    return to_text(payload);
}

}  // namespace

Json lambda_input(const Integration& integration, Json arguments) {
    if (integration.kind == Integration::Kind::lambda_function) {
        return {{"FunctionName", integration.arn},
                {"InvocationType", "RequestResponse"},
                {"Payload", to_text(arguments)}};
    }
    if (!arguments.is_object()) return Json::object();
    const auto payload = arguments.find("Payload");
    if (payload != arguments.end()) *payload = payload_text(*payload);
    if (!arguments.contains("InvocationType")) arguments["InvocationType"] = "RequestResponse";
    return arguments;
}

Json lambda_payload(const Json& output) {
    const Json* payload = find_member(output, "Payload");
    if (payload == nullptr) return nullptr;
    if (!payload->is_string()) return *payload;
    const std::string& text = payload->get_ref<const std::string&>();
    if (text.empty()) return nullptr;
    try {
        return parse_json(text);
    } catch (const JsonError&) {
        return text;
    }
}

std::optional<Failure> lambda_failure(const Json& output) {
    if (string_member(output, "FunctionError").empty()) return std::nullopt;
    const Json document = lambda_payload(output);
    Failure failure;
    failure.error = string_member(document, "errorType", "Lambda.Unknown");
    failure.cause = to_text(document);
    return failure;
}

Json lambda_result(const Json& output) {
    Json result = Json::object();
    for (const char* member : {"ExecutedVersion", "LogResult"}) {
        if (const Json* value = find_member(output, member)) result[member] = *value;
    }
    result["Payload"] = lambda_payload(output);
    result["StatusCode"] = output.value("StatusCode", 200);
    return result;
}

}  // namespace skafu::stepfunctions
