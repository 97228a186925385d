#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "dynamodb/table.h"
#include "dynamodb/value.h"

namespace skafu::dynamodb {

/// Takes a file of an import apart into items. The text must outlive it.
class ImportReader {
  public:
    virtual ~ImportReader() = default;

    /// One item of the file, or why it is none.
    struct Entry {
        std::size_t bytes = 0;
        std::optional<Item> item;
        std::string fault;
    };
    virtual bool next(Entry& entry) = 0;
};

/// A reader as ImportTable's InputFormat and InputFormatOptions want it. In CSV all attributes are
/// strings but for the keys of the table and its indexes, whose types the table tells.
/// Source: Developer Guide, "Amazon S3 import formats for DynamoDB".
std::unique_ptr<ImportReader> make_import_reader(const Json& description, const Table& table,
                                                 std::string_view text);

}  // namespace skafu::dynamodb
