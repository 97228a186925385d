#include "cognito/triggers.h"

#include "cognito/operations.h"
#include "core/arn.h"
#include "core/log.h"

namespace skafu::cognito {
namespace {

/// The event common to all triggers ("User pool Lambda trigger event").
Json event_of(const Json& pool, const Trigger& trigger, const std::string& version,
              const std::string& region) {
    const std::string client =
        trigger.client_id.empty() ? "CLIENT_ID_NOT_APPLICABLE" : trigger.client_id;
    return {{"version", version},
            {"region", region},
            {"userPoolId", pool.at("Id")},
            {"userName", trigger.username},
            {"callerContext", {{"awsSdkVersion", "aws-sdk-unknown-unknown"}, {"clientId", client}}},
            {"triggerSource", trigger.source},
            {"request", trigger.request},
            {"response", trigger.response}};
}

/// Cognito wants the event back, with its response filled in.
Json response_of(const std::string& payload) {
    Json event;
    try {
        event = parse_json(payload);
    } catch (const JsonError&) {
        throw unrecognizable_output();
    }
    const Json* response = find_member(event, "response");
    if (!response || !response->is_object()) throw unrecognizable_output();
    return *response;
}

std::string error_message_of(const std::string& payload) {
    try {
        return string_member(parse_json(payload), "errorMessage");
    } catch (const JsonError&) {
        return {};
    }
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

}  // namespace

AwsError unrecognizable_output() {
    return error("InvalidLambdaResponseException", "Unrecognizable lambda output");
}

TriggerTarget trigger_target(const Json& pool, std::string_view name) {
    TriggerTarget target;
    const Json* config = find_member(pool, "LambdaConfig");
    if (!config) return target;
    target.function = string_member(*config, name);
    // What has versions stands in a member of its own, which wins.
    const Json* versioned = find_member(*config, std::string(name) + "Config");
    if (!versioned) return target;
    const std::string function = string_member(*versioned, "LambdaArn");
    if (function.empty()) return target;
    target.function = function;
    const std::string version = string_member(*versioned, "LambdaVersion", "V1_0");
    if (version.size() > 1) target.version = version.substr(1, 1);
    return target;
}

Task<Json> run_trigger(Store& store, Context& context, Json pool, Trigger trigger) {
    const TriggerTarget target = trigger_target(pool, trigger.name);
    if (target.function.empty()) co_return Json();
    const std::optional<Arn> arn = Arn::parse(string_member(pool, "Arn"));
    const Caller caller{arn->account, arn->region, "cognito-idp.amazonaws.com"};
    const Json event = event_of(pool, trigger, target.version, arn->region);
    Json input = {{"FunctionName", target.function},
                  {"InvocationType", "RequestResponse"},
                  {"Payload", to_text(event)}};
    const ActivityId cause = context.activity.id();
    Json answer;
    try {
        answer =
            co_await store.cloud.call_json("lambda", "Invoke", std::move(input), caller, cause);
    } catch (const AwsError& refusal) {
        throw error(
            "UnexpectedLambdaException",
            fmt::format("{} invocation failed due to error {}.", trigger.name, refusal.code()));
    }
    const std::string payload = string_member(answer, "Payload");
    if (find_member(answer, "FunctionError")) {
        throw error(
            "UserLambdaValidationException",
            fmt::format("{} failed with error {}.", trigger.name, error_message_of(payload)));
    }
    co_return response_of(payload);
}

Json trigger_attributes(const Json& user) {
    Json attributes = user.at("Attributes");
    attributes["cognito:user_status"] = user.at("UserStatus");
    return attributes;
}

void add_client_metadata(Json& request, const Json& input, std::string_view member) {
    const Json* metadata = find_member(input, "ClientMetadata");
    if (metadata && metadata->is_object()) request[std::string(member)] = *metadata;
}

bool is_set(const Json& response, std::string_view flag) {
    const Json* value = find_member(response, flag);
    return value && *value == true;
}

Trigger pre_sign_up_trigger(std::string_view source, const Json& user, Json attributes,
                            const Json& input) {
    Trigger trigger;
    trigger.name = "PreSignUp";
    trigger.source = source;
    trigger.username = string_member(user, "Username");
    attributes.erase("sub");
    trigger.request = {{"userAttributes", std::move(attributes)}, {"validationData", nullptr}};
    if (const Json* data = find_member(input, "ValidationData")) {
        trigger.request["validationData"] = attributes_from_list(data);
    }
    add_client_metadata(trigger.request, input);
    trigger.response = {
        {"autoConfirmUser", false}, {"autoVerifyEmail", false}, {"autoVerifyPhone", false}};
    return trigger;
}

Task<void> post_confirmation(Store& store, Context& context, Json pool, std::string_view source,
                             std::string client_id, Json user, Json input) {
    Trigger trigger;
    trigger.name = "PostConfirmation";
    trigger.source = source;
    trigger.client_id = std::move(client_id);
    trigger.username = string_member(user, "Username");
    trigger.request = {{"userAttributes", trigger_attributes(user)}};
    trigger.response = Json::object();
    add_client_metadata(trigger.request, input);
    co_await run_trigger(store, context, std::move(pool), std::move(trigger));
}

Task<void> custom_message(Store& store, Context& context, Json pool, Message message, Json user,
                          Json input) {
    const std::string username = string_member(user, "Username");
    const bool invites = message.source == "CustomMessage_AdminCreateUser";
    Trigger trigger;
    trigger.name = "CustomMessage";
    trigger.source = message.source;
    trigger.client_id = message.client_id;
    trigger.username = username;
    trigger.request = {{"userAttributes", trigger_attributes(user)},
                       {"codeParameter", "{####}"},
                       {"linkParameter", "{##Click Here##}"},
                       {"usernameParameter", invites ? Json("{username}") : Json()}};
    trigger.response = {
        {"smsMessage", nullptr}, {"emailMessage", nullptr}, {"emailSubject", nullptr}};
    add_client_metadata(trigger.request, input);
    const std::string pool_id = string_member(pool, "Id");
    const Json response = co_await run_trigger(store, context, std::move(pool), std::move(trigger));
    for (const char* member : {"emailMessage", "smsMessage"}) {
        std::string text = string_member(response, member);
        if (text.empty()) continue;
        replace_all(text, "{####}", message.code);
        replace_all(text, "{username}", username);
        log::info("Cognito: the {} for {} in {} is {}", member, username, pool_id, text);
    }
}

}  // namespace skafu::cognito
