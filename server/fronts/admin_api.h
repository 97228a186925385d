#pragma once

#include "core/cloud.h"

namespace skafu::server {

/// Registers the paths of the test backend: health, await, reset, journal, clock, coverage.
void register_admin_api(Cloud& cloud);

}  // namespace skafu::server
