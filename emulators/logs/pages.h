#pragma once

#include <functional>
#include <string_view>

#include "core/aws_error.h"
#include "core/collection.h"

namespace skafu::logs {

/// What every paged operation answers to a token that it did not give.
AwsError invalid_token();

/// One page of a collection in the order of its keys, as the Describe operations give it: starts
/// after input's nextToken, keeps what `keep` wants (it may shape the document), at most `limit`
/// (input's, 50 at most). Gives {`member`: [...], nextToken?}.
Json page_of(const Collection& collection, const Scope& scope, const Json& input,
             std::string_view member, std::string_view prefix,
             const std::function<bool(Json& document)>& keep);

}  // namespace skafu::logs
