#pragma once

#include "core/json.h"
#include "dynamodb/engine.h"

namespace skafu::dynamodb {

/// DescribeTable's "Table": everything about a table, with its counts.
Json describe_table(Engine& engine, Table& table, std::string_view status);

/// The "TableDescription" of DeleteTable, which is a shorter one.
Json describe_deleted_table(Engine& engine, Table& table);

/// Number and bytes of a table's items; counted once, then kept.
Table::Totals totals_of(Engine& engine, Table& table);

}  // namespace skafu::dynamodb
