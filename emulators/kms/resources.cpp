#include "core/aws_error.h"
#include "core/cloud.h"
#include "kms/keys.h"

namespace skafu::kms::resources {
namespace {

Json call(Cloud& cloud, const ResourceRequest& request, std::string_view operation, Json input) {
    return cloud
        .call_now({"kms", operation, Document(std::move(input)), request.caller, request.cause, {}})
        .take_value();
}

bool is_true(const Json& properties, std::string_view name) {
    const Json* value = find_member(properties, name);
    return value != nullptr && (*value == true || *value == "true");
}

ResourceState key_state(const Json& metadata) {
    ResourceState state;
    state.physical_id = string_member(metadata, "KeyId");
    state.attributes = {{"Arn", metadata.at("Arn")}, {"KeyId", metadata.at("KeyId")}};
    return state;
}

void configure(Cloud& cloud, const ResourceRequest& request, const std::string& id) {
    const Json named = {{"KeyId", id}};
    if (const Json* policy = find_member(request.properties, "KeyPolicy")) {
        Json input = named;
        input["Policy"] = policy->is_string() ? *policy : Json(to_text(*policy));
        call(cloud, request, "PutKeyPolicy", std::move(input));
    }
    const bool rotates = is_true(request.properties, "EnableKeyRotation");
    call(cloud, request, rotates ? "EnableKeyRotation" : "DisableKeyRotation", named);
    const Json* enabled = find_member(request.properties, "Enabled");
    if (enabled != nullptr && !is_true(request.properties, "Enabled")) {
        call(cloud, request, "DisableKey", named);
    }
}

Task<ResourceState> create_key(Cloud& cloud, ResourceRequest request) {
    Json input = Json::object();
    for (const std::string_view member : {"Description", "KeySpec", "KeyUsage"}) {
        if (const Json* value = find_member(request.properties, member)) input[member] = *value;
    }
    input["Tags"] = Json::array();
    if (const Json* tags = find_member(request.properties, "Tags"); tags && tags->is_array()) {
        for (const Json& tag : *tags) {
            input["Tags"].push_back(
                {{"TagKey", string_member(tag, "Key")}, {"TagValue", string_member(tag, "Value")}});
        }
    }
    const Json metadata = call(cloud, request, "CreateKey", std::move(input)).at("KeyMetadata");
    configure(cloud, request, string_member(metadata, "KeyId"));
    co_return key_state(metadata);
}

Task<ResourceState> update_key(Cloud& cloud, ResourceRequest request) {
    const std::string id = request.physical_id;
    call(cloud, request, "UpdateKeyDescription",
         {{"KeyId", id}, {"Description", string_member(request.properties, "Description")}});
    configure(cloud, request, id);
    const Json metadata = call(cloud, request, "DescribeKey", {{"KeyId", id}}).at("KeyMetadata");
    co_return key_state(metadata);
}

Task<void> remove_key(Cloud& cloud, ResourceRequest request) {
    try {
        call(cloud, request, "ScheduleKeyDeletion", {{"KeyId", request.physical_id}});
    } catch (const AwsError& error) {
        if (error.code() != "NotFoundException") throw;
    }
    co_return;
}

Task<ResourceState> put_alias(Cloud& cloud, ResourceRequest request) {
    const std::string name = string_member(request.properties, "AliasName");
    call(cloud, request, request.physical_id.empty() ? "CreateAlias" : "UpdateAlias",
         {{"AliasName", name}, {"TargetKeyId", string_member(request.properties, "TargetKeyId")}});
    ResourceState state;
    state.physical_id = name;
    co_return state;
}

Task<void> remove_alias(Cloud& cloud, ResourceRequest request) {
    try {
        call(cloud, request, "DeleteAlias", {{"AliasName", request.physical_id}});
    } catch (const AwsError& error) {
        if (error.code() != "NotFoundException") throw;
    }
    co_return;
}

}  // namespace

void add_types(Cloud& cloud) {
    cloud.resource_types().add(
        {"AWS::KMS::Key", create_key, update_key, remove_key, {"KeySpec", "KeyUsage"}});
    cloud.resource_types().add(
        {"AWS::KMS::Alias", put_alias, put_alias, remove_alias, {"AliasName"}});
}

}  // namespace skafu::kms::resources
