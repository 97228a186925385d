#include "stepfunctions/http_connection.h"

#include "core/aws_error.h"
#include "stepfunctions/failure.h"

namespace skafu::stepfunctions {
namespace {

Json by_name(const Json& parameters, const char* list) {
    Json pairs = Json::object();
    for (const Json& pair : parameters[list]) {
        pairs[string_member(pair, "Key")] = string_member(pair, "Value");
    }
    return pairs;
}

}  // namespace

Task<Json> connection_parameters(Cloud& cloud, std::string connection_arn, Caller caller,
                                 ActivityId cause) {
    Json input = {{"ConnectionArn", std::move(connection_arn)}};
    Json answer;
    try {
        answer = co_await cloud.call_json("events", "ResolveConnection", std::move(input),
                                          std::move(caller), cause);
    } catch (const AwsError& error) {
        if (error.code() == "ResourceNotFoundException") throw;
        Failure failure;
        failure.error = "Events.ConnectionResource.InvalidConnectionState";
        failure.cause = error.message();
        throw failure;
    }
    const Json& parameters = answer["InvocationHttpParameters"];
    Json result = {{"Headers", by_name(parameters, "HeaderParameters")},
                   {"Query", by_name(parameters, "QueryStringParameters")},
                   {"Body", by_name(parameters, "BodyParameters")}};
    co_return result;
}

}  // namespace skafu::stepfunctions
