#pragma once

#include <string>
#include <string_view>

namespace skafu::iam {

/// Where the ARN of every policy that AWS keeps begins.
inline constexpr std::string_view kAwsPolicyPrefix = "arn:aws:iam::aws:policy/";

/// Whether AWS has a managed policy of that name with path
/// ("service-role/AWSLambdaBasicExecutionRole"), as far as is known here.
bool is_aws_managed_policy(std::string_view name);

/// The known name nearest to a wrong one, or "" where none is near: a slip of the pen, or the
/// right name under the wrong path.
std::string nearest_aws_managed_policy(std::string_view name);

}  // namespace skafu::iam
