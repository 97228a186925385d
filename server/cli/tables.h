#pragma once

#include <string>
#include <vector>

#include "cli/item_lines.h"

namespace skafu::server {

/// What `export table` and `import table` have in common.
struct TableOptions {
    std::string table;
    std::string endpoint = "http://localhost:4566";
    std::string data_dir;  ///< of a server that does not run; wins over the endpoint
    std::string region = "us-east-1";
};

struct ExportOptions : TableOptions {
    ItemFormat format = ItemFormat::kDynamoDbJson;
    std::string output = "-";  ///< gzip where it ends in ".gz"
};

struct ImportOptions : TableOptions {
    std::vector<std::string> files;
};

/// Each gives the exit status and throws std::runtime_error, with one sentence, where it cannot go
/// on. Neither holds more than some megabytes, however large the table is.
int export_table(const ExportOptions& options);
int import_table(const ImportOptions& options);

}  // namespace skafu::server
