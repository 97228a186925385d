#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::lambda {

/// Lambda: functions in processes of their own behind the Runtime API, versions, aliases, layers,
/// permissions, asynchronous invocation and event source mappings.
void register_lambda(Cloud& cloud);

}  // namespace skafu::lambda
