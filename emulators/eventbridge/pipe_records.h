#pragma once

#include <initializer_list>
#include <string>

#include "core/json.h"

namespace skafu::eventbridge {

/// A member some levels down; null if it is not there.
Json nested(const Json& value, std::initializer_list<const char*> names);

/// Whether one of a pipe's filters matches a record, or it has none.
bool passes_filters(const Json& pipe, const Json& record);

/// Throws AwsError ValidationException for an input template with a placeholder that is neither a
/// path nor one of the variables of Pipes.
void check_template(const std::string& text);

/// Each record through an input template of Pipes; a result that is no JSON stays text. All as
/// they are for an empty template. `ingested` is when the pipe received them.
Json transformed(const Json& records, const std::string& text, const Json& pipe,
                 const std::string& ingested);

/// A parameter of a pipe as one record has it: what the record holds at a path ("$.body.id",
/// nothing if it is not there), any other text as it is.
std::string parameter_for(const std::string& value, const Json& record);

/// HttpParameters, with what a record holds in place of paths.
Json http_parameters_for(const Json& parameters, const Json& record);

}  // namespace skafu::eventbridge
