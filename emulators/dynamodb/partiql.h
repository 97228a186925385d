#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "dynamodb/table.h"

namespace skafu::dynamodb {

/// A PartiQL statement as the item operation that does the same.
struct PartiqlCall {
    enum class Kind { kSelect, kInsert, kUpdate, kDelete, kExists };
    Kind kind = Kind::kSelect;
    std::string operation;       ///< "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem"
    Json input;                  ///< the operation's input
    bool is_key_lookup = false;  ///< a SELECT or EXISTS that names one item
    Json key;                    ///< of a key look-up
};

/// Finds the table of a statement; throws AwsError where there is none.
using TableFinder = std::function<const Table&(std::string_view name)>;

/// Translates one statement. `parameters` are the attribute values of its question marks. Throws
/// AwsError (ValidationException) for what is no statement.
/// Source: Developer Guide, "PartiQL - a SQL-compatible query language for DynamoDB".
PartiqlCall translate_partiql(std::string_view statement, const Json& parameters,
                              const TableFinder& find_table);

/// The name of the table that a statement is about.
std::string partiql_table_name(std::string_view statement);

}  // namespace skafu::dynamodb
