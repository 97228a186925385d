#pragma once

#include <string>
#include <string_view>

namespace skafu::eventbridge {

/// What a leaf of an event or a pattern is. A number that a double cannot hold exactly in
/// decimal is opaque: the rule engine compares it as its source text.
enum class ScalarKind : std::uint8_t {
    string,
    number,
    opaque_number,
    boolean_true,
    boolean_false,
    null
};

/// A leaf value. `text` is the decoded string, or the source text of an opaque number.
struct Scalar {
    ScalarKind kind = ScalarKind::null;
    double number = 0;
    std::string_view text;

    bool operator==(const Scalar& other) const {
        if (kind != other.kind) return false;
        if (kind == ScalarKind::number) return number == other.number;
        return text == other.text;
    }
};

/// A leaf value that owns its text.
struct OwnedScalar {
    ScalarKind kind = ScalarKind::null;
    double number = 0;
    std::string text;

    Scalar view() const { return {kind, number, text}; }
    bool operator==(const OwnedScalar&) const = default;
};

/// The value of a JSON number: comparable by value in any spelling where a double holds it
/// exactly, opaque otherwise. `source` must be a valid JSON number and outlive the result.
Scalar number_scalar(std::string_view source);

/// Decodes the escapes of a JSON string's inside (between the quotes) into `out`, appending.
/// Unpaired surrogates become U+FFFD. Returns false for an invalid escape.
bool append_unescaped(std::string_view inside, std::string& out);

}  // namespace skafu::eventbridge
