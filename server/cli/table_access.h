#pragma once

#include <map>
#include <memory>
#include <string>

#include "cli/table_client.h"
#include "cli/tables.h"

namespace skafu::server {

std::unique_ptr<TableClient> open_tables(const TableOptions& options);

/// One call; throws std::runtime_error with AWS's words where it is refused.
std::string call_or_throw(TableClient& client, const std::string& operation,
                          const std::string& body);

struct TableFacts {
    std::uint64_t items = 0;                ///< about so many
    std::map<std::string, char> key_types;  ///< of the table and of its indexes: 'S', 'N', 'B'
};

/// Throws std::runtime_error where there is no such table.
TableFacts describe_table(TableClient& client, const TableOptions& options);

}  // namespace skafu::server
