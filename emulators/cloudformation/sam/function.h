#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// AWS::Serverless::Function -> function, role, version, alias, URL, events. Throws SamProblem.
void translate_function(Context& context, Source source);

/// A local or S3 location (text or map) as {Bucket, Key[, Version]} under the given names.
/// Throws SamProblem with `property` in its text.
Json s3_location(const std::string& id, const Json& location, std::string_view property,
                 std::string_view bucket, std::string_view key, std::string_view version);

}  // namespace skafu::cloudformation::sam
