#include "core/cloud.h"
#include "schemas/store.h"

namespace skafu::schemas::resources {
namespace {

Task<Json> call(Cloud& cloud, const ResourceRequest& request, std::string_view operation,
                Json input) {
    Json answer = co_await cloud.call_json("schemas", operation, std::move(input), request.caller,
                                           request.cause);
    co_return answer;
}

/// The properties of the operation's input, as far as the template has them.
Json wanted(const Json& properties, std::initializer_list<const char*> names) {
    Json input = Json::object();
    for (const char* name : names) {
        const Json* value = find_member(properties, name);
        if (value != nullptr && !value->is_null()) input[name] = *value;
    }
    const Json* tags = find_member(properties, "Tags");
    if (tags != nullptr && tags->is_array()) {
        Json map = Json::object();
        for (const Json& tag : *tags) map[string_member(tag, "Key")] = string_member(tag, "Value");
        input["tags"] = std::move(map);
    }
    return input;
}

// --- AWS::EventSchemas::Registry

ResourceState registry_state(const Json& made) {
    ResourceState state;
    state.physical_id = string_member(made, "RegistryArn");
    state.attributes = {{"RegistryArn", made["RegistryArn"]},
                        {"RegistryName", made["RegistryName"]}};
    return state;
}

/// What follows the kind in an ARN: "registry/NAME", "schema/REGISTRY/NAME", "discoverer/ID".
std::string id_in(const std::string& arn) {
    return arn.substr(arn.find('/') + 1);
}

Task<ResourceState> deploy_registry(Cloud& cloud, ResourceRequest request) {
    Json input = wanted(request.properties, {"RegistryName", "Description"});
    if (!input.contains("RegistryName")) {
        input["RegistryName"] = request.generated_name.substr(0, 64);
    }
    Json made = co_await call(cloud, request, "CreateRegistry", std::move(input));
    co_return registry_state(made);
}

Task<ResourceState> change_registry(Cloud& cloud, ResourceRequest request) {
    Json input = wanted(request.properties, {"Description"});
    input["RegistryName"] = id_in(request.physical_id);
    Json made = co_await call(cloud, request, "UpdateRegistry", std::move(input));
    co_return registry_state(made);
}

Task<void> remove_registry(Cloud& cloud, ResourceRequest request) {
    Json input = {{"RegistryName", id_in(request.physical_id)}};
    co_await call(cloud, request, "DeleteRegistry", std::move(input));
}

// --- AWS::EventSchemas::Schema

ResourceState schema_state(const Json& made) {
    ResourceState state;
    state.physical_id = string_member(made, "SchemaArn");
    for (const char* name :
         {"SchemaArn", "SchemaName", "SchemaVersion", "LastModified", "VersionCreatedDate"}) {
        state.attributes[name] = made[name];
    }
    return state;
}

void name_schema(Json& input, const std::string& arn) {
    const std::string id = id_in(arn);
    const std::size_t slash = id.find('/');
    input["RegistryName"] = id.substr(0, slash);
    input["SchemaName"] = id.substr(slash + 1);
}

Task<ResourceState> deploy_schema(Cloud& cloud, ResourceRequest request) {
    Json input = wanted(request.properties,
                        {"RegistryName", "SchemaName", "Content", "Type", "Description"});
    if (!input.contains("SchemaName")) input["SchemaName"] = request.generated_name;
    Json made = co_await call(cloud, request, "CreateSchema", std::move(input));
    co_return schema_state(made);
}

Task<ResourceState> change_schema(Cloud& cloud, ResourceRequest request) {
    Json input = wanted(request.properties, {"Content", "Type", "Description"});
    name_schema(input, request.physical_id);
    Json made = co_await call(cloud, request, "UpdateSchema", std::move(input));
    co_return schema_state(made);
}

Task<void> remove_schema(Cloud& cloud, ResourceRequest request) {
    Json input = Json::object();
    name_schema(input, request.physical_id);
    co_await call(cloud, request, "DeleteSchema", std::move(input));
}

// --- AWS::EventSchemas::Discoverer

ResourceState discoverer_state(const Json& made) {
    ResourceState state;
    state.physical_id = string_member(made, "DiscovererArn");
    for (const char* name : {"DiscovererArn", "DiscovererId", "State"}) {
        state.attributes[name] = made[name];
    }
    return state;
}

Task<ResourceState> deploy_discoverer(Cloud& cloud, ResourceRequest request) {
    Json input = wanted(request.properties, {"SourceArn", "Description", "CrossAccount"});
    Json made = co_await call(cloud, request, "CreateDiscoverer", std::move(input));
    co_return discoverer_state(made);
}

Task<ResourceState> change_discoverer(Cloud& cloud, ResourceRequest request) {
    Json input = wanted(request.properties, {"Description", "CrossAccount"});
    input["DiscovererId"] = id_in(request.physical_id);
    Json made = co_await call(cloud, request, "UpdateDiscoverer", std::move(input));
    co_return discoverer_state(made);
}

Task<void> remove_discoverer(Cloud& cloud, ResourceRequest request) {
    Json input = {{"DiscovererId", id_in(request.physical_id)}};
    co_await call(cloud, request, "DeleteDiscoverer", std::move(input));
}

}  // namespace

void add_types(Cloud& cloud) {
    ResourceTypes& types = cloud.resource_types();
    types.add({"AWS::EventSchemas::Registry",
               deploy_registry,
               change_registry,
               remove_registry,
               {"RegistryName"}});
    types.add({"AWS::EventSchemas::Schema",
               deploy_schema,
               change_schema,
               remove_schema,
               {"RegistryName", "SchemaName"}});
    types.add({"AWS::EventSchemas::Discoverer",
               deploy_discoverer,
               change_discoverer,
               remove_discoverer,
               {"SourceArn"}});
}

}  // namespace skafu::schemas::resources
