#include "cloudformation/sam/globals.h"

#include <set>

#include "cloudformation/sam/api_body.h"
#include "cloudformation/sam/implicit_api.h"

namespace skafu::cloudformation::sam {
namespace {

using Names = std::vector<std::string>;

const std::map<std::string, Names>& supported() {
    static const std::map<std::string, Names> table = {
        {"Function",
         {"Handler",
          "Runtime",
          "CodeUri",
          "DeadLetterQueue",
          "Description",
          "MemorySize",
          "Timeout",
          "VpcConfig",
          "Environment",
          "Tags",
          "PropagateTags",
          "Tracing",
          "KmsKeyArn",
          "AutoPublishAlias",
          "AutoPublishAliasAllProperties",
          "Layers",
          "DeploymentPreference",
          "RolePath",
          "PermissionsBoundary",
          "ReservedConcurrentExecutions",
          "ProvisionedConcurrencyConfig",
          "AssumeRolePolicyDocument",
          "EventInvokeConfig",
          "FileSystemConfigs",
          "CodeSigningConfigArn",
          "Architectures",
          "SnapStart",
          "EphemeralStorage",
          "FunctionUrlConfig",
          "RuntimeManagementConfig",
          "LoggingConfig",
          "RecursiveLoop",
          "SourceKMSKeyArn",
          "TenancyConfig",
          "DurableConfig",
          "CapacityProviderConfig",
          "FunctionScalingConfig",
          "PublishToLatestPublished",
          "VersionDeletionPolicy"}},
        {"Api",
         {"Auth",
          "Name",
          "DefinitionUri",
          "CacheClusterEnabled",
          "CacheClusterSize",
          "MergeDefinitions",
          "Variables",
          "EndpointConfiguration",
          "MethodSettings",
          "BinaryMediaTypes",
          "MinimumCompressionSize",
          "Cors",
          "GatewayResponses",
          "AccessLogSetting",
          "CanarySetting",
          "TracingEnabled",
          "OpenApiVersion",
          "Domain",
          "AlwaysDeploy",
          "PropagateTags",
          "SecurityPolicy",
          "EndpointAccessMode"}},
        {"HttpApi",
         {"Auth", "AccessLogSettings", "StageVariables", "Tags", "CorsConfiguration",
          "DefaultRouteSettings", "Domain", "RouteSettings", "FailOnWarnings", "PropagateTags"}},
        {"WebSocketApi",
         {"AccessLogSettings", "ApiKeySelectionExpression", "DefaultRouteSettings",
          "DisableExecuteApiEndpoint", "DisableSchemaValidation", "Domain", "IpAddressType",
          "PropagateTags", "RouteSettings", "RouteSelectionExpression", "StageVariables", "Tags"}},
        {"SimpleTable", {"SSESpecification"}},
        {"StateMachine", {"PropagateTags"}},
        {"LayerVersion", {"PublishLambdaVersion"}},
        {"CapacityProvider",
         {"VpcConfig", "OperatorRole", "Tags", "InstanceRequirements", "ScalingConfig", "KmsKeyArn",
          "PropagateTags"}},
    };
    return table;
}

[[noreturn]] void fail(const std::string& why) {
    throw SamProblem("", "'Globals' section is invalid. " + why);
}

std::string listed(const Names& names) {
    std::string text = "[";
    for (const std::string& name : names) {
        if (text.size() > 1) text += ", ";
        text += "'" + name + "'";
    }
    return text + "]";
}

void check(const Json& globals) {
    if (!globals.is_object()) fail("It must be a non-empty dictionary");
    Names sections;
    for (const auto& [name, properties] : supported()) sections.push_back(name);
    for (const auto& [section, properties] : globals.items()) {
        const auto known = supported().find(section);
        if (known == supported().end()) {
            fail(fmt::format("'{}' is not supported. Must be one of the following values - {}",
                             section, listed(sections)));
        }
        if (!properties.is_object()) fail("Value of ${section} must be a dictionary");
        for (const auto& [name, value] : properties.items()) {
            const Names& names = known->second;
            if (std::find(names.begin(), names.end(), name) != names.end()) continue;
            fail(
                fmt::format("'{}' is not a supported property of '{}'. Must be one of the "
                            "following values - {}",
                            name, section, listed(names)));
        }
    }
}

Json merged(const Json& global, const Json& local) {
    const bool plain = !is_function(global) && !is_function(local);
    if (plain && global.is_object() && local.is_object()) {
        Json result = global;
        for (const auto& [key, value] : local.items()) {
            const Json* base = find_member(global, key);
            result[key] = base == nullptr ? value : merged(*base, value);
        }
        return result;
    }
    if (global.is_array() && local.is_array()) {
        Json result = global;
        for (const Json& item : local) result.push_back(item);
        return result;
    }
    return local;
}

std::set<std::string> ignored_globals(const std::string& id, const Json& resource,
                                      const Json& globals) {
    const Json* setting = find_member(resource, "IgnoreGlobals");
    std::set<std::string> ignored;
    if (setting == nullptr) return ignored;
    if (setting->is_string() && *setting == "*") {
        for (const auto& [name, value] : globals.items()) ignored.insert(name);
        return ignored;
    }
    const bool texts =
        setting->is_array() && std::all_of(setting->begin(), setting->end(),
                                           [](const Json& item) { return item.is_string(); });
    if (!texts) {
        throw SamProblem::resource(
            id, fmt::format("Resource {} has invalid resource attribute 'IgnoreGlobals'.", id));
    }
    for (const Json& name : *setting) {
        if (!globals.contains(name.get<std::string>())) {
            throw SamProblem::resource(
                id,
                fmt::format("Resource {} has invalid resource attribute 'IgnoreGlobals' on item "
                            "'{}'.",
                            id, name.get<std::string>()));
        }
        ignored.insert(name.get<std::string>());
    }
    return ignored;
}

/// The translator's own Swagger 2 body becomes one of OpenAPI 3 where OpenApiVersion says so.
void fix_versions(Context& context) {
    for (auto& [id, resource] : context.resources().items()) {
        if (string_member(resource, "Type") != "AWS::Serverless::Api") continue;
        Json& properties = resource["Properties"];
        if (!properties.is_object() || !properties.contains(kManaged)) continue;
        const Json* version = given(properties, "OpenApiVersion");
        if (version == nullptr || !is_version_3(*version)) continue;
        properties["OpenApiVersion"] = printed(*version);
        if (given(properties, "DefinitionBody") == nullptr) continue;
        Json& body = properties["DefinitionBody"];
        body["openapi"] = properties["OpenApiVersion"];
        body.erase("swagger");
    }
}

}  // namespace

void merge_globals(Context& context) {
    const Json* section = find_member(context.document(), "Globals");
    if (section == nullptr) {
        fix_versions(context);
        return;
    }
    const Json globals = *section;
    check(globals);
    for (auto& [id, resource] : context.resources().items()) {
        constexpr std::string_view prefix = "AWS::Serverless::";
        const std::string type = string_member(resource, "Type");
        if (!type.starts_with(prefix)) continue;
        const Json* found = find_member(globals, type.substr(prefix.size()));
        if (found == nullptr) continue;
        const std::set<std::string> ignored = ignored_globals(id, resource, *found);
        resource.erase("IgnoreGlobals");
        Json wanted = Json::object();
        for (const auto& [name, value] : found->items()) {
            if (!ignored.contains(name)) wanted[name] = value;
        }
        const Json* local = find_member(resource, "Properties");
        if (local != nullptr && !local->is_object() && !local->is_null()) continue;
        resource["Properties"] =
            local == nullptr || local->is_null() ? wanted : merged(wanted, *local);
    }
    context.document().erase("Globals");
    fix_versions(context);
}

}  // namespace skafu::cloudformation::sam
