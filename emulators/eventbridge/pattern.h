#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eventbridge/cidr.h"
#include "eventbridge/scalar.h"

namespace skafu::eventbridge {

/// What a condition does with a leaf value.
enum class Operator : std::uint8_t {
    equals,
    prefix,
    suffix,
    equals_ignore_case,
    prefix_ignore_case,
    suffix_ignore_case,
    wildcard,
    numeric_range,
    cidr,
    exists,
    absent,  // {"exists": false}
    anything_but,
    anything_but_prefix,
    anything_but_suffix,
    anything_but_ignore_case,
    anything_but_wildcard,
};

/// The name of an operator as a pattern spells it, such as "anything-but".
std::string_view operator_name(Operator op);

/// An interval of numbers.
struct NumericRange {
    double low;
    double high;
    bool low_open;
    bool high_open;

    bool contains(double value) const {
        return (low_open ? value > low : value >= low) &&
               (high_open ? value < high : value <= high);
    }
    bool operator==(const NumericRange&) const = default;
};

/// One element of a pattern's leaf array.
struct Condition {
    Operator op = Operator::equals;
    std::vector<OwnedScalar> values;  // one, or the list of an anything-but
    NumericRange range{};
    AddressBlock addresses{};  // of cidr, and of text that is one address
    /// The field also asks for addresses (for cidr: for numbers). AWS's rule engine then reads a
    /// value that is one in another form, in which this condition does not know it.
    bool is_mixed = false;

    bool operator==(const Condition&) const = default;
};

/// A field and its conditions, of which one must hold.
struct Field {
    std::string path;  // steps joined by dots
    std::vector<Condition> any_of;
};

/// Fields that must all hold, in the order of their paths (which AWS follows: it decides what an
/// absent field is compared with inside an array of objects).
using Conjunction = std::vector<Field>;

/// A pattern: one conjunction for each combination of its $or branches.
struct Pattern {
    std::vector<Conjunction> alternatives;
};

/// Reads a pattern's text. Throws AwsError InvalidEventPatternException with AWS's reason
/// (observed texts; they include the column where AWS's parser stands).
Pattern parse_pattern(std::string_view text);

/// Whether a condition holds for one leaf value; `absent` never does.
bool holds(const Condition& condition, const Scalar& value);

}  // namespace skafu::eventbridge
