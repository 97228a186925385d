#include "core/account.h"
#include "core/arn.h"
#include "core/aws_error.h"
#include "core/cloud.h"
#include "sts/sts.h"

namespace skafu::sts {
namespace {

constexpr std::string_view kUsualAccount = "000000000000";
constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kSecretAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Json credentials(Context& context, std::string_view account, std::int64_t seconds) {
    Entropy& entropy = context.cloud.entropy();
    const TimePoint expiry = context.cloud.clock().now() + std::chrono::seconds(seconds);
    return {{"AccessKeyId", account == kUsualAccount ? "ASIA" + entropy.pick(16, kIdAlphabet)
                                                     : std::string(account)},
            {"SecretAccessKey", entropy.pick(40, kSecretAlphabet)},
            {"SessionToken", "FwoGZXIvYXdzE" + entropy.pick(300, kSecretAlphabet)},
            {"Expiration", iso8601_seconds(expiry)}};
}

std::int64_t seconds_of(const Json& input, std::int64_t fallback) {
    const Json* given = find_member(input, "DurationSeconds");
    return given != nullptr && given->is_number_integer() ? given->get<std::int64_t>() : fallback;
}

Json get_caller_identity(Context& context, const Json&) {
    const Caller& caller = context.caller;
    if (caller.principal.starts_with("arn:")) {
        return {{"UserId", "AROA" + caller.account + "EMULATED"},
                {"Account", caller.account},
                {"Arn", caller.principal}};
    }
    return {{"UserId", caller.account},
            {"Account", caller.account},
            {"Arn", make_arn("iam", "", caller.account, "root")}};
}

/// AssumeRole, AssumeRoleWithWebIdentity and AssumeRoleWithSAML.
Json assume_role(Context& context, const Json& input) {
    const std::string role_arn = string_member(input, "RoleArn");
    const auto arn = Arn::parse(role_arn);
    if (!arn || arn->service != "iam" || !arn->resource.starts_with("role/")) {
        throw AwsError("ValidationError", role_arn + " is invalid");
    }
    const std::string session = string_member(input, "RoleSessionName", "session");
    const std::string role = arn->resource.substr(arn->resource.rfind('/') + 1);
    const std::string id = "AROA" + context.cloud.entropy().pick(17, kIdAlphabet);
    return {{"AssumedRoleUser",
             {{"AssumedRoleId", id + ":" + session},
              {"Arn", make_arn("sts", "", arn->account,
                               fmt::format("assumed-role/{}/{}", role, session))}}},
            {"Credentials", credentials(context, arn->account, seconds_of(input, 3600))},
            {"PackedPolicySize", 6}};
}

Json get_session_token(Context& context, const Json& input) {
    return {
        {"Credentials", credentials(context, context.caller.account, seconds_of(input, 43200))}};
}

Json get_federation_token(Context& context, const Json& input) {
    const std::string& account = context.caller.account;
    const std::string name = string_member(input, "Name");
    return {{"Credentials", credentials(context, account, seconds_of(input, 43200))},
            {"FederatedUser",
             {{"FederatedUserId", account + ":" + name},
              {"Arn", make_arn("sts", "", account, "federated-user/" + name)}}},
            {"PackedPolicySize", 6}};
}

Json get_access_key_info(Context& context, const Json& input) {
    const std::string key = string_member(input, "AccessKeyId");
    return {{"Account", is_account_id(key) ? key : context.caller.account}};
}

void add_operations(Service& service) {
    using namespace shape;
    const auto add = [&](std::string name, std::vector<Shape::Member> members,
                         Json (*handler)(Context&, const Json&)) {
        Operation operation;
        operation.name = std::move(name);
        operation.input = structure(std::move(members));
        service.add(std::move(operation), handler);
    };
    const Shape::Member role = required("RoleArn", string(20, 2048));
    const Shape::Member session = required("RoleSessionName", string(2, 64, "[\\w+=,.@-]*"));
    const Shape::Member duration = optional("DurationSeconds", integer(900, 129600));
    add("GetCallerIdentity", {}, get_caller_identity);
    add("AssumeRole",
        {role, session, duration, optional("Policy", string()), optional("ExternalId", string())},
        assume_role);
    add("AssumeRoleWithWebIdentity",
        {role, session, duration, required("WebIdentityToken", string(4))}, assume_role);
    add("AssumeRoleWithSAML",
        {role, duration, required("PrincipalArn", string()), required("SAMLAssertion", string(4))},
        assume_role);
    add("GetSessionToken", {duration}, get_session_token);
    add("GetFederationToken", {required("Name", string(2, 32)), duration}, get_federation_token);
    add("GetAccessKeyInfo", {required("AccessKeyId", string(12, 128))}, get_access_key_info);
}

}  // namespace

void register_sts(Cloud& cloud) {
    Service service;
    service.name = "sts";
    service.protocols = {Protocol::query};
    service.api_version = "2011-06-15";
    service.xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/";
    service.sdk_names = {"sts"};
    service.validation_code = "ValidationError";
    service.describe = add_operations;
    cloud.add_service(std::move(service));
}

}  // namespace skafu::sts
