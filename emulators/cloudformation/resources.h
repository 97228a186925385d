#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::cloudformation {

namespace resources {
/// WaitConditionHandle and WaitCondition; stacks inside stacks are the engine's own.
void add_types(Cloud& cloud);
}  // namespace resources

}  // namespace skafu::cloudformation
