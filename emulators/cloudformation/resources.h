#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::cloudformation {

/// WaitConditionHandle and WaitCondition; stacks inside stacks are the engine's own.
void add_resource_types(Cloud& cloud);

}  // namespace skafu::cloudformation
