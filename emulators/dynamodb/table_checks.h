#pragma once

#include <string>
#include <vector>

#include "core/json.h"

namespace skafu::dynamodb {

// The rules of table definitions. All throw AwsError (ValidationException) with AWS's texts.

/// AttributeDefinitions: names, types, no duplicates.
void check_attribute_definitions(const Json& definitions);
/// The key schema of a table or local index (one HASH, at most one RANGE), or of a global index
/// (up to four of each, HASH before RANGE).
void check_key_schema(const Json& schema, const Json& definitions, std::string_view path,
                      bool may_have_several);
/// One index: its name, key schema and projection.
void check_index(const Json& index, const Json& definitions, bool is_global);
/// The indexes of a table taken together: how many there are, and what they project.
void check_index_totals(const Json& table);
/// All of CreateTable that concerns keys and indexes.
void check_new_table(const Json& input);
/// Billing mode and throughput agree.
void check_billing(const Json& input);
/// The names that key schemas use, each once.
std::vector<std::string> key_attribute_names(const Json& input);
/// Keeps of a table's AttributeDefinitions those that a key schema uses.
void drop_unused_definitions(Json& document);
/// StreamSpecification of CreateTable and UpdateTable.
void check_stream_specification(const Json& specification);

}  // namespace skafu::dynamodb
