#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::stepfunctions {

/// Registers Step Functions: its operations (service "states"), resource types and admin routes.
void register_stepfunctions(Cloud& cloud);

}  // namespace skafu::stepfunctions
