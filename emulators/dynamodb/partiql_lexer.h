#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skafu::dynamodb {

struct PartiqlToken {
    enum class Kind { kWord, kQuoted, kString, kNumber, kParameter, kSign, kEnd };
    Kind kind = Kind::kEnd;
    std::string text;  ///< unquoted; signs as they are
    std::size_t line = 1;
    std::size_t column = 1;  ///< in characters, like the length
    std::size_t length = 0;  ///< with the quotes

    /// "1:27:11", as AWS points at a token: line, column, length.
    std::string position() const;
};

/// Splits a statement; comments ("-- ..." and "/* ... */") count as white space. Throws AwsError
/// (ValidationException) at what fits no token.
std::vector<PartiqlToken> tokenize_partiql(std::string_view statement);

/// "Statement wasn't well formed, can't be processed: <why>" as ValidationException.
[[noreturn]] void reject_statement(std::string_view why);

}  // namespace skafu::dynamodb
