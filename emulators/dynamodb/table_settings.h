#pragma once

#include <string>

#include "core/json.h"
#include "dynamodb/engine.h"

namespace skafu::dynamodb {

/// The checked TableName of a request (a name, or the table's ARN). Throws AwsError.
std::string table_name_of(const Json& input);

/// The table that a request names; throws ResourceNotFoundException as control operations do.
Table& named_table(Engine& engine, const Caller& caller, const Json& input);

/// The table that a request's ResourceArn names: the table's own ARN or its stream's.
Table& table_of_arn(Engine& engine, const Caller& caller, const Json& input);

/// Takes the settings of a request that are kept as they came over into a table's document:
/// billing, class, protection, encryption.
void copy_settings(Json& document, const Json& input, const Scope& scope);

/// Checks new tags together with those that are there. Throws AwsError.
void check_tags(const Json& tags, const Json& present);

}  // namespace skafu::dynamodb
