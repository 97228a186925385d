#include "cloudformation/cloudformation.h"

#include "cloudformation/operations.h"
#include "cloudformation/resources.h"
#include "core/cloud.h"

namespace skafu::cloudformation {

namespace {

// A house has one store; deployments of local templates reach it beside the door.
std::map<const Cloud*, StackStore*>& stores() {
    static std::map<const Cloud*, StackStore*> table;
    return table;
}

}  // namespace

StackStore& stack_store(Cloud& cloud) {
    return *stores().at(&cloud);
}

void register_cloudformation(Cloud& cloud) {
    StackStore& store = cloud.own(std::make_unique<StackStore>(cloud));
    stores()[&cloud] = &store;
    cloud.on_shutdown([&cloud] { stores().erase(&cloud); });
    resources::add_types(cloud);
    cloud.add_service(make_service(store));
}

}  // namespace skafu::cloudformation
