#include "core/arn.h"
#include "core/aws_error.h"
#include "kms/keys.h"
#include "kms/kms.h"

namespace skafu::kms {
namespace {

Json create_key(Keys& keys, Context& context, const Json& input) {
    return {{"KeyMetadata", keys.create(context.caller, input).at("metadata")}};
}

Json describe_key(Keys& keys, Context& context, const Json& input) {
    return {
        {"KeyMetadata", keys.require(context.caller, string_member(input, "KeyId"))["metadata"]}};
}

Json list_keys(Keys& keys, Context& context, const Json&) {
    Json out = Json::array();
    keys.keys().for_each(context.caller.scope(), [&](const std::string& id, const Json& key) {
        out.push_back({{"KeyId", id}, {"KeyArn", key["metadata"]["Arn"]}});
        return true;
    });
    return {{"Keys", std::move(out)}, {"Truncated", false}};
}

/// EnableKey, DisableKey, ScheduleKeyDeletion, CancelKeyDeletion, UpdateKeyDescription.
Json change_key(Keys& keys, Context& context, const Json& input) {
    Json key = keys.require(context.caller, string_member(input, "KeyId"));
    Json& metadata = key["metadata"];
    Json answer = Json::object();
    const std::string_view what = context.operation;
    if (what == "UpdateKeyDescription") {
        metadata["Description"] = string_member(input, "Description");
    } else if (what == "ScheduleKeyDeletion") {
        const auto days = input.value("PendingWindowInDays", std::int64_t{30});
        const double date =
            epoch_seconds(context.cloud.clock().now() + std::chrono::hours(24 * days));
        metadata["KeyState"] = "PendingDeletion";
        metadata["Enabled"] = false;
        metadata["DeletionDate"] = date;
        answer = {{"KeyId", metadata["Arn"]},
                  {"DeletionDate", date},
                  {"KeyState", "PendingDeletion"},
                  {"PendingWindowInDays", days}};
    } else {
        const bool enabled = what == "EnableKey";
        metadata["KeyState"] = enabled ? "Enabled" : "Disabled";
        metadata["Enabled"] = enabled;
        metadata.erase("DeletionDate");
        if (what == "CancelKeyDeletion") answer = {{"KeyId", metadata["Arn"]}};
    }
    keys.save(std::move(key));
    return answer;
}

Json alias_entry(const Scope& scope, const std::string& name, const Json& alias) {
    return {{"AliasName", name},
            {"AliasArn", make_arn("kms", scope.region, scope.account, name)},
            {"TargetKeyId", alias["id"]},
            {"CreationDate", alias["created"]},
            {"LastUpdatedDate", alias["created"]}};
}

/// AWS keeps `alias/aws/` for its own keys, and says no more than that ("CreateAlias").
void check_alias(std::string_view name) {
    if (name.starts_with("alias/aws/")) throw AwsError("NotAuthorizedException", "");
}

/// CreateAlias and UpdateAlias.
Json put_alias(Keys& keys, Context& context, const Json& input) {
    const std::string name = string_member(input, "AliasName");
    check_alias(name);
    const Scope scope = context.caller.scope();
    const std::string arn = make_arn("kms", scope.region, scope.account, name);
    const bool exists = keys.aliases().find(scope, name) != nullptr;
    if (context.operation == "CreateAlias" && exists) {
        throw AwsError("AlreadyExistsException",
                       fmt::format("An alias with the name {} already exists", arn));
    }
    if (context.operation == "UpdateAlias" && !exists) {
        throw AwsError("NotFoundException", fmt::format("Alias {} is not found.", arn));
    }
    const std::string target = string_member(input, "TargetKeyId");
    const std::string id = Keys::id_of(keys.require(context.caller, target));
    keys.aliases().put(scope, name,
                       {{"id", id}, {"created", epoch_seconds(context.cloud.clock().now())}});
    return Json::object();
}

Json delete_alias(Keys& keys, Context& context, const Json& input) {
    const std::string name = string_member(input, "AliasName");
    check_alias(name);
    const Scope scope = context.caller.scope();
    if (!keys.aliases().erase(scope, name)) {
        throw AwsError("NotFoundException",
                       fmt::format("Alias {} is not found.",
                                   make_arn("kms", scope.region, scope.account, name)));
    }
    return Json::object();
}

Json list_aliases(Keys& keys, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string wanted = string_member(input, "KeyId");
    const std::string id =
        wanted.empty() ? wanted : Keys::id_of(keys.require(context.caller, wanted));
    Json out = Json::array();
    keys.aliases().for_each(scope, [&](const std::string& name, const Json& alias) {
        if (id.empty() || alias["id"] == id) out.push_back(alias_entry(scope, name, alias));
        return true;
    });
    return {{"Aliases", std::move(out)}, {"Truncated", false}};
}

Json policy(Keys& keys, Context& context, const Json& input) {
    Json key = keys.require(context.caller, string_member(input, "KeyId"));
    if (context.operation == "ListKeyPolicies") {
        return {{"PolicyNames", Json::array({"default"})}, {"Truncated", false}};
    }
    if (context.operation == "GetKeyPolicy") {
        std::string text = string_member(key, "policy");
        if (text.empty()) {
            text =
                fmt::format(R"({{"Version":"2012-10-17","Id":"key-default-1","Statement":[{{"Sid":)"
                            R"("Enable IAM User Permissions","Effect":"Allow","Principal":{{"AWS":)"
                            R"("arn:aws:iam::{}:root"}},"Action":"kms:*","Resource":"*"}}]}})",
                            context.caller.account);
        }
        return {{"Policy", text}, {"PolicyName", "default"}};
    }
    key["policy"] = string_member(input, "Policy");
    keys.save(std::move(key));
    return Json::object();
}

Json rotation(Keys& keys, Context& context, const Json& input) {
    Json key = keys.require(context.caller, string_member(input, "KeyId"));
    if (context.operation == "GetKeyRotationStatus") {
        return {{"KeyRotationEnabled", key.at("rotates")},
                {"KeyId", key.at("metadata").at("KeyId")}};
    }
    key["rotates"] = context.operation == "EnableKeyRotation";
    keys.save(std::move(key));
    return Json::object();
}

Json tags(Keys& keys, Context& context, const Json& input) {
    Json key = keys.require(context.caller, string_member(input, "KeyId"));
    if (context.operation == "ListResourceTags") {
        return {{"Tags", key["tags"]}, {"Truncated", false}};
    }
    const auto touched = [&](const std::string& name) {
        for (const Json& given : input.value("TagKeys", Json::array())) {
            if (given == name) return true;
        }
        for (const Json& given : input.value("Tags", Json::array())) {
            if (string_member(given, "TagKey") == name) return true;
        }
        return false;
    };
    Json kept = Json::array();
    for (const Json& tag : key["tags"]) {
        if (!touched(string_member(tag, "TagKey"))) kept.push_back(tag);
    }
    for (const Json& tag : input.value("Tags", Json::array())) kept.push_back(tag);
    key["tags"] = std::move(kept);
    keys.save(std::move(key));
    return Json::object();
}

}  // namespace

void add_key_operations(Service& service, Keys& keys) {
    using namespace shape;
    using Plain = Json (*)(Keys&, Context&, const Json&);
    const auto add = [&](std::string name, std::vector<Shape::Member> members, Plain handler) {
        Operation operation;
        operation.name = std::move(name);
        operation.input = structure(std::move(members));
        service.add(std::move(operation), [&keys, handler](Context& context, const Json& input) {
            return handler(keys, context, input);
        });
    };
    const Shape::Member id = required("KeyId", string(1, 2048));
    const Shape::Member alias = required("AliasName", string(1, 256, "alias/[a-zA-Z0-9/_-]+"));
    const Shape::Member target = required("TargetKeyId", string(1, 2048));
    add("CreateKey", {optional("Description", string(0, 8192)), optional("Policy", string())},
        create_key);
    add("DescribeKey", {id}, describe_key);
    add("ListKeys", {}, list_keys);
    add("ScheduleKeyDeletion", {id, optional("PendingWindowInDays", integer(7, 30))}, change_key);
    for (const char* name :
         {"EnableKey", "DisableKey", "CancelKeyDeletion", "UpdateKeyDescription"}) {
        add(name, {id}, change_key);
    }
    add("CreateAlias", {alias, target}, put_alias);
    add("UpdateAlias", {alias, target}, put_alias);
    add("DeleteAlias", {alias}, delete_alias);
    add("ListAliases", {optional("KeyId", string(1, 2048))}, list_aliases);
    for (const char* name : {"GetKeyPolicy", "PutKeyPolicy", "ListKeyPolicies"}) {
        add(name, {id}, policy);
    }
    for (const char* name : {"EnableKeyRotation", "DisableKeyRotation", "GetKeyRotationStatus"}) {
        add(name, {id}, rotation);
    }
    for (const char* name : {"TagResource", "UntagResource", "ListResourceTags"}) {
        add(name, {id}, tags);
    }
}

void register_kms(Cloud& cloud) {
    Keys& keys = cloud.own(std::make_unique<Keys>(cloud));
    Service service;
    service.name = "kms";
    service.protocols = {Protocol::json_1_1};
    service.target_prefix = "TrentService";
    service.sdk_names = {"kms"};
    service.reset = [&keys](const Scope* scope) {
        keys.keys().clear(scope);
        keys.aliases().clear(scope);
    };
    service.describe = [&keys](Service& service) {
        add_key_operations(service, keys);
        add_crypto_operations(service, keys);
    };
    cloud.add_service(std::move(service));
    resources::add_types(cloud);
}

}  // namespace skafu::kms
