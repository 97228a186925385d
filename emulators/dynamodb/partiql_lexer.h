#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skafu::dynamodb {

struct PartiqlToken {
    enum class Kind { kWord, kQuoted, kString, kNumber, kParameter, kSign, kEnd };
    Kind kind = Kind::kEnd;
    std::string text;  ///< unquoted; signs as they are
    std::size_t at = 0;
};

/// Splits a statement; throws AwsError (ValidationException) at what fits no token.
std::vector<PartiqlToken> tokenize_partiql(std::string_view statement);

}  // namespace skafu::dynamodb
