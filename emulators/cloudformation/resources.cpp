#include "cloudformation/resources.h"

#include "core/cloud.h"

namespace skafu::cloudformation::resources {
namespace {

Task<ResourceState> create_handle(Cloud& cloud, ResourceRequest request) {
    ResourceState state;
    state.physical_id = fmt::format("{}/_skafu/cloudformation/wait/{}", cloud.settings().endpoint(),
                                    request.generated_name);
    co_return state;
}

/// Nothing signals here: a condition holds from the start.
Task<ResourceState> create_condition(Cloud&, ResourceRequest request) {
    ResourceState state;
    state.physical_id = request.generated_name;
    state.attributes = Json{{"Data", "{}"}};
    co_return state;
}

Task<void> remove_nothing(Cloud&, ResourceRequest) {
    co_return;
}

}  // namespace

void add_types(Cloud& cloud) {
    cloud.resource_types().add(
        {"AWS::CloudFormation::WaitConditionHandle", create_handle, {}, remove_nothing, {}});
    cloud.resource_types().add(
        {"AWS::CloudFormation::WaitCondition", create_condition, {}, remove_nothing, {}});
}

}  // namespace skafu::cloudformation::resources
