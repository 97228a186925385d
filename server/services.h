#pragma once

#include "core/cloud.h"

namespace skafu::server {

/// Registers every emulator with the house.
void register_services(Cloud& cloud);

}  // namespace skafu::server
