#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace skafu::server {

/// How an item stands on a line of a file.
enum class ItemFormat {
    kDynamoDbJson,  ///< {"Item":{"id":{"S":"a"}}}, as ExportTableToPointInTime writes it
    kPlainJson,     ///< {"id":"a"}: sets become arrays, binary values base64 text
};

class BadLine : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Calls `visit` with the text of each item of a Scan's answer; gives the text of LastEvaluatedKey,
/// "" on the last page.
std::string for_each_item(std::string_view scan_answer,
                          const std::function<void(std::string_view item)>& visit);

/// The line of an item, without its end; `item` is its DynamoDB JSON.
std::string line_of_item(std::string_view item, ItemFormat format);

/// The DynamoDB JSON of the item on a line, in whichever form it stands there. Plain values become
/// what they look like (strings S, numbers N with all their digits, true, null, lists, maps); a key
/// attribute takes its type from `key_types` (name -> "S", "N", "B"). Throws BadLine.
std::string item_of_line(std::string_view line, const std::map<std::string, char>& key_types);

/// The same of a row of separated values: all are strings but for key attributes, as ImportTable
/// has it.
std::string item_of_row(const std::vector<std::string>& names, const std::vector<std::string>& row,
                        const std::map<std::string, char>& key_types);

}  // namespace skafu::server
