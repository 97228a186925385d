#pragma once

#include <string_view>

#include "core/shape.h"

namespace skafu::dynamodb {

/// The input of an operation as the service model constrains it: what stands here is reported
/// before all other faults, and all of it at once. Operations without constraints have an empty
/// structure. Lists whose faults would repeat the whole request are left to the handlers.
const Shape& input_shape(std::string_view operation);

}  // namespace skafu::dynamodb
