#include "cloudformation/inert_resource.h"

#include "core/arn.h"
#include "core/text.h"

namespace skafu::cloudformation {
namespace {

/// How AWS begins the last part of the ARNs of some types that others refer to by their names.
constexpr std::pair<std::string_view, std::string_view> kArnPrefixes[] = {
    {"AWS::ECR::Repository", "repository/"}, {"AWS::ECS::Cluster", "cluster/"},
    {"AWS::Kinesis::Stream", "stream/"},     {"AWS::CodeBuild::Project", "project/"},
    {"AWS::MSK::Cluster", "cluster/"},       {"AWS::AppConfig::Application", "application/"}};

constexpr std::size_t kAppSyncIdLength = 26;

std::string inert_arn(const ResourceRequest& request, const std::string& physical_id) {
    std::string service = request.type.substr(request.type.find(':') + 2);
    service = lower_case(service.substr(0, service.find(':')));
    std::string resource = physical_id;
    for (const auto& [type, prefix] : kArnPrefixes) {
        if (type == request.type) resource = std::string(prefix) + physical_id;
    }
    return make_arn(service, request.caller.region, request.caller.account, resource);
}

std::string app_sync_id(Entropy& entropy) {
    return lower_case(entropy.upper_alphanumeric(kAppSyncIdLength));
}

/// The ARN, which is the physical id, holds the API's id; the addresses have an id of their own on
/// AWS, and the same one here, so that it needs not be kept.
ResourceState graphql_api(const ResourceRequest& request, Entropy& entropy) {
    const std::string& region = request.caller.region;
    const auto arn = [&](const std::string& resource) {
        return make_arn("appsync", region, request.caller.account, resource);
    };
    ResourceState state;
    state.physical_id =
        request.physical_id.empty() ? arn("apis/" + app_sync_id(entropy)) : request.physical_id;
    const std::string id = state.physical_id.substr(state.physical_id.rfind('/') + 1);
    const std::string dns = fmt::format("{}.appsync-api.{}.amazonaws.com", id, region);
    const std::string realtime =
        fmt::format("{}.appsync-realtime-api.{}.amazonaws.com", id, region);
    state.attributes = {{"ApiId", id},
                        {"Arn", state.physical_id},
                        {"GraphQLDns", dns},
                        {"GraphQLEndpointArn", arn("endpoints/graphql-api/" + id)},
                        {"GraphQLUrl", fmt::format("https://{}/graphql", dns)},
                        {"RealtimeDns", realtime},
                        {"RealtimeUrl", fmt::format("wss://{}/graphql", realtime)}};
    return state;
}

ResourceState graphql_key(const ResourceRequest& request, Entropy& entropy) {
    const std::string api = string_member(request.properties, "ApiId");
    ResourceState state;
    state.physical_id =
        request.physical_id.empty()
            ? make_arn("appsync", request.caller.region, request.caller.account,
                       fmt::format("apis/{}/apikeys/da2-{}", api, app_sync_id(entropy)))
            : request.physical_id;
    const std::string key = state.physical_id.substr(state.physical_id.rfind('/') + 1);
    state.attributes = {{"ApiKey", key}, {"ApiKeyId", key}, {"Arn", state.physical_id}};
    return state;
}

}  // namespace

ResourceState inert_state(const ResourceRequest& request, Entropy& entropy) {
    if (request.type == "AWS::AppSync::GraphQLApi") return graphql_api(request, entropy);
    if (request.type == "AWS::AppSync::ApiKey") return graphql_key(request, entropy);
    ResourceState state;
    state.physical_id = request.physical_id.empty() ? request.generated_name : request.physical_id;
    for (const auto& [name, value] : request.properties.items()) {
        if ((name.ends_with("Name") || name == "Name") && value.is_string()) {
            state.physical_id = value.get<std::string>();
            break;
        }
    }
    state.attributes = Json{{"Arn", inert_arn(request, state.physical_id)}};
    return state;
}

}  // namespace skafu::cloudformation
