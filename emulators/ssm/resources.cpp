#include "core/aws_error.h"
#include "ssm/parameters.h"

namespace skafu::ssm::resources {
namespace {

Task<ResourceState> put_parameter(Cloud& cloud, ResourceRequest request) {
    const Json& properties = request.properties;
    const bool updating = !request.physical_id.empty();
    const std::string name =
        updating ? request.physical_id : string_member(properties, "Name", request.generated_name);
    const Json* value = find_member(properties, "Value");
    Json input = {{"Name", name}, {"Overwrite", updating}};
    input["Value"] = value == nullptr     ? std::string()
                     : value->is_string() ? value->get<std::string>()
                                          : to_text(*value);
    for (const std::string_view member :
         {"Type", "Description", "AllowedPattern", "Tier", "DataType"}) {
        if (const Json* given = find_member(properties, member)) input[member] = *given;
    }
    if (const Json* tags = find_member(properties, "Tags"); tags && tags->is_object()) {
        input["Tags"] = Json::array();
        for (const auto& [key, tag] : tags->items()) {
            input["Tags"].push_back({{"Key", key}, {"Value", tag}});
        }
    }
    ResourceState state;
    state.physical_id = name;
    state.attributes = {{"Type", string_member(properties, "Type")}, {"Value", input["Value"]}};
    cloud.call_now(
        {"ssm", "PutParameter", Document(std::move(input)), request.caller, request.cause, {}});
    co_return state;
}

Task<void> remove_parameter(Cloud& cloud, ResourceRequest request) {
    Json input = {{"Name", request.physical_id}};
    try {
        cloud.call_now({"ssm",
                        "DeleteParameter",
                        Document(std::move(input)),
                        request.caller,
                        request.cause,
                        {}});
    } catch (const AwsError& error) {
        if (error.code() != "ParameterNotFound") throw;
    }
    co_return;
}

}  // namespace

void add_types(Cloud& cloud) {
    cloud.resource_types().add(
        {"AWS::SSM::Parameter", put_parameter, put_parameter, remove_parameter, {"Name"}});
}

}  // namespace skafu::ssm::resources
