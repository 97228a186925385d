#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/service.h"
#include "dynamodb/engine.h"

namespace skafu::dynamodb {

/// Adds a row whose input is checked against `input_shape` before the handler sees it; a TableName
/// is checked before all else, as AWS does for the operations on tables.
void add_operation(Service& service, std::string name, JsonHandler handler);

/// Adds a row of the hot path: text in, text out. The handler checks as it reads; only where it
/// finds a fault is the input checked as a whole, so that faults of the shape come first.
using TextHandler = std::function<std::string(const Caller&, std::string_view input)>;
void add_text_operation(Service& service, std::string name, TextHandler handler);

// The item operations that PartiQL's statements come down to: request text in, answer text out.
std::string put_item(Engine& engine, const Caller& caller, std::string_view input);
std::string update_item(Engine& engine, const Caller& caller, std::string_view input);
std::string delete_item(Engine& engine, const Caller& caller, std::string_view input);
std::string transact_write_items(Engine& engine, const Caller& caller, std::string_view input);
std::string transact_get_items(Engine& engine, const Caller& caller, std::string_view input);

// Each adds the rows of one part of the API; `engine` outlives the service.
void add_item_operations(Service& service, Engine& engine);
void add_batch_operations(Service& service, Engine& engine);
void add_transaction_operations(Service& service, Engine& engine);
void add_table_operations(Service& service, Engine& engine);
void add_table_settings_operations(Service& service, Engine& engine);
void add_table_feature_operations(Service& service, Engine& engine);
void add_backup_operations(Service& service, Engine& engine);
void add_partiql_operations(Service& service, Engine& engine);
void add_transfer_operations(Service& service, Engine& engine);
void add_stream_operations(Service& service, Engine& engine);
namespace resources {
void add_types(Cloud& cloud, Engine& engine);
}

}  // namespace skafu::dynamodb
