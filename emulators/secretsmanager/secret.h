#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/aws_error.h"
#include "core/json.h"

// The document of a secret, and what the operations do with it: {ARN, Name, Description, KmsKeyId,
// Tags, created, changed, accessed (its day), deleted (when it will be gone; absent while it
// lives), policy, rotation, versions: {id: {stages: [], text | binary, created}}}, times in
// seconds.

namespace skafu::secretsmanager {

constexpr std::string_view kCurrent = "AWSCURRENT";
constexpr std::string_view kPrevious = "AWSPREVIOUS";

/// Throws ValidationException where a name, or what stands for one, has other characters than AWS
/// allows; ARNs are looked up as they are.
void check_name(std::string_view name);

/// Whether an input has a SecretString or a SecretBinary.
bool has_value(const Json& input);
/// A version with what an input gives it: {text | binary, created, stages: []}.
Json new_version(const Json& input, double now);
bool holds_same(const Json& version, const Json& other);
/// The id of the version that an input names by VersionId, VersionStage, both or neither. Throws
/// ResourceNotFoundException or InvalidRequestException.
std::string find_version(const Json& secret, const Json& input);
/// Takes the version in under its id and moves the stages to it. The same once more is no change;
/// something else under a known id is a ResourceExistsException.
void add_version(Json& secret, const std::string& id, Json version,
                 const std::vector<std::string>& stages);
bool has_stage(const Json& version, std::string_view stage);
/// Takes a stage off the version that has it.
void strip_stage(Json& secret, std::string_view stage);
AwsError no_such_value(std::string_view what, std::string_view name);

/// As DescribeSecret shows it.
Json described(const Json& secret);
/// The page of ListSecrets that an input asks for, of described secrets. Throws
/// InvalidNextTokenException.
Json page(std::vector<Json> secrets, const Json& input);

}  // namespace skafu::secretsmanager
