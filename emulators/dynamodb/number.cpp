#include "dynamodb/number.h"

#include <array>
#include <cstdlib>

#include "core/aws_error.h"
#include "core/text.h"

namespace skafu::dynamodb {
namespace {

constexpr int kMaxDigits = 38;
constexpr int kMaxMagnitude = 125;  // exponent of the first digit
constexpr int kMinMagnitude = -130;

using Coefficient = Number::Coefficient;

constexpr std::array<Coefficient, 39> powers_of_ten() {
    std::array<Coefficient, 39> powers{};
    Coefficient power = 1;
    for (Coefficient& entry : powers) {
        entry = power;
        power *= 10;
    }
    return powers;
}
constexpr std::array<Coefficient, 39> kPowers = powers_of_ten();

int count_digits(Coefficient value) {
    int digits = 0;
    while (digits < 39 && value >= kPowers[static_cast<std::size_t>(digits)]) ++digits;
    return digits;
}

AwsError not_numeric(std::string_view text) {
    std::string message = "The parameter cannot be converted to a numeric value";
    if (!text.empty()) message.append(": ").append(text.substr(0, 200));
    return AwsError::validation(std::move(message));
}

AwsError overflow() {
    return AwsError::validation(
        "Number overflow. Attempting to store a number with magnitude "
        "larger than supported range");
}

AwsError underflow() {
    return AwsError::validation(
        "Number underflow. Attempting to store a number with magnitude "
        "smaller than supported range");
}

/// The digits of a decimal text as they are read: leading zeros dropped, trailing zeros held
/// back until a digit follows, so that they never count as significant.
class DigitReader {
  public:
    void add(char c) {
        if (c == '0') {
            if (significant_ > 0) ++held_zeros_;
            return;
        }
        const int needed = significant_ + held_zeros_ + 1;
        if (needed > kMaxDigits) {
            significant_ = kMaxDigits + 1;
            held_zeros_ = 0;
            return;
        }
        coefficient_ *= kPowers[static_cast<std::size_t>(held_zeros_) + 1];
        coefficient_ += static_cast<Coefficient>(c - '0');
        significant_ = needed;
        held_zeros_ = 0;
    }
    bool too_long() const { return significant_ > kMaxDigits; }
    int trailing_zeros() const { return held_zeros_; }
    Coefficient coefficient() const { return coefficient_; }

  private:
    Coefficient coefficient_ = 0;
    int significant_ = 0;
    int held_zeros_ = 0;
};

/// The exponent after 'e', clamped: anything beyond a few thousand is out of range anyway.
long read_exponent(std::string_view text, std::string_view digits) {
    bool negative = false;
    if (!digits.empty() && (digits[0] == '+' || digits[0] == '-')) {
        negative = digits[0] == '-';
        digits.remove_prefix(1);
    }
    if (digits.empty()) throw not_numeric(text);
    long exponent = 0;
    for (const char c : digits) {
        if (!is_digit(c)) throw not_numeric(text);
        if (exponent < 1'000'000'000) exponent = exponent * 10 + (c - '0');
    }
    return negative ? -exponent : exponent;
}

}  // namespace

Number::Number(long long value) : Number(value < 0, 0, 0) {
    coefficient_ =
        value < 0 ? static_cast<Coefficient>(-(value + 1)) + 1 : static_cast<Coefficient>(value);
    *this = Number(negative_, coefficient_, 0);
}

Number::Number(bool negative, Coefficient coefficient, int exponent)
    : coefficient_(coefficient), exponent_(exponent), negative_(negative) {
    if (coefficient_ == 0) {
        exponent_ = 0;
        negative_ = false;
        return;
    }
    while (coefficient_ % 10 == 0) {
        coefficient_ /= 10;
        ++exponent_;
    }
}

Number Number::parse(std::string_view text) {
    std::size_t at = 0;
    bool negative = false;
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
        negative = text[0] == '-';
        at = 1;
    }
    DigitReader digits;
    long fraction = 0;
    bool any = false;
    for (; at < text.size() && is_digit(text[at]); ++at, any = true) digits.add(text[at]);
    if (at < text.size() && text[at] == '.') {
        ++at;
        for (; at < text.size() && is_digit(text[at]); ++at, any = true, ++fraction) {
            digits.add(text[at]);
        }
    }
    if (!any) throw not_numeric(text);
    long exponent = 0;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        exponent = read_exponent(text, text.substr(at + 1));
    } else if (at != text.size()) {
        throw not_numeric(text);
    }
    if (digits.too_long()) {
        throw AwsError::validation(
            "Attempting to store more than 38 significant digits in a Number");
    }
    if (digits.coefficient() == 0) return Number();
    exponent += digits.trailing_zeros() - fraction;
    const long magnitude = exponent + count_digits(digits.coefficient()) - 1;
    if (magnitude > kMaxMagnitude) throw overflow();
    if (magnitude < kMinMagnitude) throw underflow();
    return Number(negative, digits.coefficient(), static_cast<int>(exponent));
}

int Number::digits() const {
    return count_digits(coefficient_);
}

void Number::append_text(std::string& out) const {
    if (coefficient_ == 0) {
        out.push_back('0');
        return;
    }
    if (negative_) out.push_back('-');
    char buffer[40];
    char* const end = buffer + sizeof buffer;
    char* begin = end;
    if (coefficient_ >> 64 == 0) {
        for (auto rest = static_cast<unsigned long long>(coefficient_); rest != 0; rest /= 10) {
            *--begin = static_cast<char>('0' + rest % 10);
        }
    } else {
        for (Coefficient rest = coefficient_; rest != 0; rest /= 10) {
            *--begin = static_cast<char>('0' + static_cast<int>(rest % 10));
        }
    }
    const int count = static_cast<int>(end - begin);
    if (exponent_ >= 0) {
        out.append(begin, end);
        out.append(static_cast<std::size_t>(exponent_), '0');
    } else if (-exponent_ < count) {
        out.append(begin, end + exponent_);
        out.push_back('.');
        out.append(end + exponent_, end);
    } else {
        out.append("0.");
        out.append(static_cast<std::size_t>(-exponent_ - count), '0');
        out.append(begin, end);
    }
}

std::string Number::text() const {
    std::string out;
    append_text(out);
    return out;
}

double Number::to_double() const {
    return std::strtod(text().c_str(), nullptr);
}

int compare(const Number& a, const Number& b) {
    if (a == b) return 0;
    if (a.negative_ != b.negative_) return a.negative_ ? -1 : 1;
    const int sign = a.negative_ ? -1 : 1;
    if (a.coefficient_ == 0) return -1;  // both are not negative and b is not zero
    if (b.coefficient_ == 0) return 1;
    const int magnitude_a = a.exponent_ + a.digits();
    const int magnitude_b = b.exponent_ + b.digits();
    if (magnitude_a != magnitude_b) return magnitude_a < magnitude_b ? -sign : sign;
    // Same magnitude: the scaled coefficient of the higher exponent has at most 38 digits.
    Coefficient left = a.coefficient_;
    Coefficient right = b.coefficient_;
    if (a.exponent_ > b.exponent_) {
        left *= kPowers[static_cast<std::size_t>(a.exponent_ - b.exponent_)];
    } else {
        right *= kPowers[static_cast<std::size_t>(b.exponent_ - a.exponent_)];
    }
    return left < right ? -sign : sign;
}

Number operator+(const Number& a, const Number& b) {
    if (a.coefficient_ == 0) return b;
    if (b.coefficient_ == 0) return a;
    const Number& high = a.exponent_ >= b.exponent_ ? a : b;
    const Number& low = a.exponent_ >= b.exponent_ ? b : a;
    const int shift = high.exponent_ - low.exponent_;
    const int digits = high.digits() + shift;
    // The lowest digit of the result is not zero when shift > 0, so all its digits count. A
    // scaled coefficient of 39 digits can only come down to 38 when it is less than 2 * 10^38.
    if (digits > kMaxDigits + 1) throw overflow();
    if (digits == kMaxDigits + 1 &&
        high.coefficient_ >= 2 * kPowers[static_cast<std::size_t>(high.digits() - 1)]) {
        throw overflow();
    }
    const Coefficient scaled = high.coefficient_ * kPowers[static_cast<std::size_t>(shift)];
    Coefficient sum = 0;
    bool negative = high.negative_;
    if (high.negative_ == low.negative_) {
        sum = scaled + low.coefficient_;
    } else if (scaled >= low.coefficient_) {
        sum = scaled - low.coefficient_;
    } else {
        sum = low.coefficient_ - scaled;
        negative = low.negative_;
    }
    Number result(negative, sum, low.exponent_);
    if (result.coefficient_ == 0) return result;
    if (result.digits() > kMaxDigits) throw overflow();
    const int magnitude = result.exponent_ + result.digits() - 1;
    if (magnitude > kMaxMagnitude) throw overflow();
    if (magnitude < kMinMagnitude) throw underflow();
    return result;
}

Number operator-(const Number& a, const Number& b) {
    return a + Number(!b.negative_, b.coefficient_, b.exponent_);
}

std::size_t Number::item_size() const {
    if (coefficient_ == 0) return 1;
    const int count = digits();
    const int before_point = count + exponent_;
    const bool straddles = exponent_ < 0 && before_point > 0;
    const int pairs = straddles ? (before_point + 1) / 2 + (1 - exponent_) / 2 : (count + 1) / 2;
    return static_cast<std::size_t>(1 + pairs + (negative_ ? 1 : 0));
}

void Number::append_key(std::string& out) const {
    if (coefficient_ == 0) {
        out.push_back('\x80');
        return;
    }
    // sign, magnitude (-130..125 fills one byte), digit pairs as 1..100, 0; negative numbers
    // have all bytes inverted.
    const unsigned char flip = negative_ ? 0xFF : 0x00;
    const auto put = [&](unsigned byte) {
        out.push_back(static_cast<char>(static_cast<unsigned char>(byte) ^ flip));
    };
    const int count = digits();
    put(0xC0);
    put(static_cast<unsigned>(exponent_ + count - 1 - kMinMagnitude));
    Coefficient rest = coefficient_;
    for (int left = count; left > 0; left -= 2) {
        unsigned pair;
        if (left == 1) {
            pair = static_cast<unsigned>(rest) * 10;
            rest = 0;
        } else {
            const Coefficient unit = kPowers[static_cast<std::size_t>(left - 2)];
            pair = static_cast<unsigned>(rest / unit);
            rest %= unit;
        }
        put(pair + 1);
    }
    put(0);
}

}  // namespace skafu::dynamodb
