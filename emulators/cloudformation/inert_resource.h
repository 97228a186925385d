#pragma once

#include "core/entropy.h"
#include "core/resource.h"

namespace skafu::cloudformation {

/// Id, Ref and attributes of a resource that exists by name only, in the shapes that AWS gives
/// them: others pass them on, and look into ARNs and addresses.
ResourceState inert_state(const ResourceRequest& request, Entropy& entropy);

}  // namespace skafu::cloudformation
