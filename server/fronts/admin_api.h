#pragma once

#include "core/cloud.h"

namespace skafu::server {

/// Registers the paths of the test backend: health, await, reset, journal, clock, coverage. Once
/// `stopping` says so, nobody waits any longer.
void register_admin_api(Cloud& cloud, std::function<bool()> stopping);

}  // namespace skafu::server
