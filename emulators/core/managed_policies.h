#pragma once

#include <string>
#include <string_view>

namespace skafu {

/// Where the ARN of every policy that AWS keeps begins.
inline constexpr std::string_view kAwsPolicyPrefix = "arn:aws:iam::aws:policy/";

/// Whether AWS has a managed policy of that name with path
/// ("service-role/AWSLambdaBasicExecutionRole"), as far as is known here.
bool is_aws_managed_policy(std::string_view name);

/// The managed policy with that name, as path and name; "" where none is known.
std::string aws_managed_policy_named(std::string_view name);

/// The known one nearest to a wrong one, or "" where none is near: a slip of the pen, or the
/// right name under the wrong path.
std::string nearest_aws_managed_policy(std::string_view name);

}  // namespace skafu
