#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::schemas {

/// Registers the service `schemas` (EventBridge's schema registry): registries, schemas and their
/// versions, and discoverers that learn schemas from the events of a bus.
void register_schemas(Cloud& cloud);

}  // namespace skafu::schemas
