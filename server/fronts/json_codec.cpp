#include "fronts/codec.h"

namespace skafu::server {
namespace {

const char* content_type(Protocol protocol) {
    return protocol == Protocol::json_1_1 ? "application/x-amz-json-1.1"
                                          : "application/x-amz-json-1.0";
}

/// Turns the times of a query service's answer into what the JSON protocols have for them.
void times_to_seconds(Json& value, bool is_time) {
    if (value.is_object()) {
        for (auto& [name, member] : value.get_ref<Json::object_t&>()) {
            times_to_seconds(member, is_timestamp_member(name));
        }
    } else if (value.is_array()) {
        for (Json& item : value) times_to_seconds(item, is_time);
    } else if (is_time && value.is_string()) {
        try {
            value = epoch_seconds(parse_iso8601(value.get_ref<const std::string&>()));
        } catch (const std::invalid_argument&) {
            return;  // a text of the same name
        }
    }
}

}  // namespace

bool is_timestamp_member(std::string_view name) {
    static constexpr std::string_view kNames[] = {"AlarmConfigurationUpdatedTimestamp",
                                                  "LastModified",
                                                  "StateTransitionedTimestamp",
                                                  "StateUpdatedTimestamp",
                                                  "Timestamp",
                                                  "Timestamps"};
    return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

HttpResponse encode_json_result(const DecodedCall& call, Document result) {
    HttpResponse response;
    response.headers.add("Content-Type", content_type(call.protocol));
    if (!call.service->protocols.empty() && call.service->protocols.front() == Protocol::query) {
        Json value = result.take_value();
        times_to_seconds(value, false);
        result = Document(std::move(value));
    }
    // A null result is the empty answer that some operations give (DynamoDB's TagResource).
    if (result.has_text() || !result.value().is_null()) response.body = result.take_text();
    return response;
}

HttpResponse encode_json_error(const Service* service, Protocol protocol, const AwsError& error) {
    HttpResponse response;
    response.status = error.status();
    response.headers.add("Content-Type", content_type(protocol));
    Json body = Json::object();
    std::string_view name_space =
        service == nullptr ? "" : std::string_view(service->error_namespace);
    // These come from AWS's common layer and carry its namespaces, whatever the service.
    if (!name_space.empty()) {
        if (error.code() == "ValidationException" &&
            name_space.starts_with("com.amazonaws.dynamodb")) {
            name_space = "com.amazon.coral.validate";
        } else if (error.code() == "SerializationException" ||
                   error.code() == "UnknownOperationException" ||
                   error.code() == "MissingAuthenticationTokenException") {
            name_space = "com.amazon.coral.service";
        }
    }
    body["__type"] =
        name_space.empty() ? error.code() : fmt::format("{}#{}", name_space, error.code());
    if (!error.message().empty()) body["message"] = error.message();
    for (const auto& [name, value] : error.fields().items()) body[name] = value;
    if (service != nullptr) {
        const auto query_code = service->query_codes.find(error.code());
        if (query_code != service->query_codes.end()) {
            response.headers.add("x-amzn-query-error",
                                 fmt::format("{};{}", query_code->second,
                                             error.status() < 500 ? "Sender" : "Receiver"));
        }
    }
    response.body = to_text(body);
    return response;
}

}  // namespace skafu::server
