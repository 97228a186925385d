#pragma once

#include "core/service.h"
#include "dynamodb/engine.h"

namespace skafu::dynamodb {

// Each adds the rows of one part of the API; `engine` outlives the service.
void add_item_operations(Service& service, Engine& engine);
void add_batch_operations(Service& service, Engine& engine);
void add_transaction_operations(Service& service, Engine& engine);
void add_table_operations(Service& service, Engine& engine);
void add_table_settings_operations(Service& service, Engine& engine);
void add_backup_operations(Service& service, Engine& engine);
void add_partiql_operations(Service& service, Engine& engine);
void add_transfer_operations(Service& service, Engine& engine);
void add_stream_operations(Service& service, Engine& engine);
void add_resource_types(Cloud& cloud, Engine& engine);

}  // namespace skafu::dynamodb
