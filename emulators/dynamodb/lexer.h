#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace skafu::dynamodb {

/// One word or sign of an expression.
struct Token {
    enum class Kind {
        kIdentifier,  // [A-Za-z][A-Za-z0-9_]*
        kName,        // #name
        kValue,       // :value
        kInteger,     // 12
        kSign,        // = <> < <= > >= ( ) [ ] . , + -
        kInvalid,     // any other character
        kEnd,
    };
    Kind kind = Kind::kEnd;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t partner = 0;  // of a "(": the position of its ")" among the tokens, or 0
};

/// Splits an expression into tokens; the last one is kEnd. Never fails: what fits no token is
/// kInvalid and the parser's to report.
std::vector<Token> tokenize(std::string_view text);

}  // namespace skafu::dynamodb
