#include "expressions/jsonata/number_functions.h"

#include <cmath>

#include "core/text.h"
#include "expressions/jsonata/builtins.h"
#include "expressions/jsonata/text.h"

namespace skafu::jsonata {
namespace {

/// -?digits(.digits)?([Ee][-+]?digits)?
bool is_decimal(std::string_view text) {
    std::size_t at = text.starts_with('-') ? 1 : 0;
    const auto digits = [&] {
        const std::size_t from = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return at > from;
    };
    if (!digits()) return false;
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (!digits()) return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
        if (!digits()) return false;
    }
    return at == text.size();
}

/// 0x…, 0o…, 0b…; NaN for any other text.
double prefixed_number(std::string_view text) {
    if (text.size() < 3 || text[0] != '0') return NAN;
    const char prefix = static_cast<char>(text[1] | 0x20);
    const int radix = prefix == 'x' ? 16 : prefix == 'o' ? 8 : prefix == 'b' ? 2 : 0;
    if (radix == 0) return NAN;
    double number = 0;
    for (const char c : text.substr(2)) {
        const char lower = static_cast<char>(c | 0x20);
        const int digit = is_digit(c)                    ? c - '0'
                          : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                         : 99;
        if (digit >= radix) return NAN;
        number = number * radix + digit;
    }
    return number;
}

Value number(Evaluator&, Arguments arguments) {
    const Value value = arguments[0];
    if (value.is_undefined() || value.is_number()) return value;
    if (value.is_boolean()) return Value(value.truth() ? 1.0 : 0.0);
    if (value.is_string()) {
        double number = NAN;
        if (is_decimal(value.text()))
            number = text::to_number(value.text());
        else
            number = prefixed_number(value.text());
        if (std::isfinite(number)) return Value(number);
    }
    throw JsonataError("D3030").value(to_json(value)).index(1);
}

Value floor(Evaluator&, Arguments arguments) {
    return arguments[0].is_number() ? Value(std::floor(arguments[0].number())) : Value();
}

Value ceil(Evaluator&, Arguments arguments) {
    return arguments[0].is_number() ? Value(std::ceil(arguments[0].number())) : Value();
}

Value abs(Evaluator&, Arguments arguments) {
    return arguments[0].is_number() ? Value(std::fabs(arguments[0].number())) : Value();
}

Value round(Evaluator&, Arguments arguments) {
    if (!arguments[0].is_number()) return Value();
    const double precision = arguments[1].is_number() ? arguments[1].number() : 0;
    return Value(round_half_even(arguments[0].number(), static_cast<int>(precision)));
}

Value sqrt(Evaluator&, Arguments arguments) {
    if (!arguments[0].is_number()) return Value();
    const double number = arguments[0].number();
    if (number < 0) throw JsonataError("D3060").value(to_json(arguments[0])).index(1);
    return Value(std::sqrt(number));
}

Value power(Evaluator&, Arguments arguments) {
    if (!arguments[0].is_number()) return Value();
    const double exponent = arguments[1].is_number() ? arguments[1].number() : NAN;
    const double result = std::pow(arguments[0].number(), exponent);
    if (!std::isfinite(result)) {
        throw JsonataError("D3061")
            .value(to_json(arguments[0]))
            .second_value(to_json(arguments[1]))
            .index(1);
    }
    return Value(result);
}

Value random(Evaluator& evaluator, Arguments) {
    const auto& source = evaluator.options().random;
    return Value(source ? source() : 0.0);
}

Value boolean(Evaluator&, Arguments arguments) {
    if (arguments[0].is_undefined()) return Value();
    return Value::boolean(Evaluator::truth(arguments[0]));
}

Value logical_not(Evaluator&, Arguments arguments) {
    if (arguments[0].is_undefined()) return Value();
    return Value::boolean(!Evaluator::truth(arguments[0]));
}

Value exists(Evaluator&, Arguments arguments) {
    return Value::boolean(!arguments[0].is_undefined());
}

Value format_base(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_number()) return Value();
    double number = round_half_even(arguments[0].number(), 0);
    const double radix = arguments[1].is_number() ? round_half_even(arguments[1].number(), 0) : 10;
    if (radix < 2 || radix > 36) throw JsonataError("D3100").value(Json(radix));
    if (!std::isfinite(number)) return evaluator.text(text::from_number(number));
    if (radix == 10) return evaluator.text(text::from_number(number));
    const bool negative = number < 0;
    number = std::fabs(number);
    std::string digits;
    do {
        const double digit = std::fmod(number, radix);
        digits += "0123456789abcdefghijklmnopqrstuvwxyz"[static_cast<int>(digit)];
        number = (number - digit) / radix;
    } while (number >= 1);
    if (negative) digits += '-';
    return evaluator.text(std::string(digits.rbegin(), digits.rend()));
}

}  // namespace

double round_half_even(double number, int precision) {
    // Through the decimal digits, so that 2.675 to 2 places is what a reader of them expects.
    const auto shifted = [](double value, int by) {
        std::string digits = text::from_number(value);
        const std::size_t e = digits.find('e');
        int exponent = by;
        if (e != std::string::npos) {
            exponent += std::stoi(digits.substr(e + 1));
            digits.resize(e);
        }
        return text::to_number(digits + "e" + std::to_string(exponent));
    };
    if (!std::isfinite(number)) return number;
    if (precision != 0) number = shifted(number, precision);
    double result = std::floor(number + 0.5);
    if (std::fabs(number) >= 4503599627370496.0)
        result = number;
    else if (number - std::floor(number) < 0.5)
        result = std::floor(number);
    if (std::fabs(result - number) == 0.5 && std::fabs(std::fmod(result, 2)) == 1) result -= 1;
    if (precision != 0) result = shifted(result, -precision);
    return result == 0 ? 0.0 : result;
}

std::vector<BuiltinRow> number_functions() {
    return {
        {"number", "<(nsb)-:n>", 1, number}, {"floor", "<n-:n>", 1, floor},
        {"ceil", "<n-:n>", 1, ceil},         {"round", "<n-n?:n>", 2, round},
        {"abs", "<n-:n>", 1, abs},           {"sqrt", "<n-:n>", 1, sqrt},
        {"power", "<n-n:n>", 2, power},      {"random", "<:n>", 0, random},
        {"boolean", "<x-:b>", 1, boolean},   {"not", "<x-:b>", 1, logical_not},
        {"exists", "<x:b>", 1, exists},      {"formatBase", "<n-n?:s>", 2, format_base},
    };
}

}  // namespace skafu::jsonata
