#pragma once

#include "core/json.h"

namespace skafu::cloudformation {

/// True where the section Transform names `transform`.
bool has_transform(const Json& document, std::string_view transform);

/// The transform AWS::LanguageExtensions: replaces every Fn::ForEach by what it stands for.
/// `parameters` are the values of the template's parameters. Throws AwsError ValidationError.
/// Source: "Fn::ForEach" in the CloudFormation template reference.
Json expand_language_extensions(const Json& document, const Json& parameters);

}  // namespace skafu::cloudformation
