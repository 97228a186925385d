#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace skafu::dynamodb {

/// DynamoDB's number: a decimal of up to 38 significant digits and a magnitude from 1E-130 to
/// 9.99..E+125, always in its normal form (no trailing zeros in the coefficient).
/// Source: Amazon DynamoDB Developer Guide, "Supported data types", Number.
class Number {
  public:
    __extension__ using Coefficient = unsigned __int128;

    Number() = default;
    explicit Number(long long value);

    /// Reads a request's text ("007", "+3", "1.5e2"). Throws AwsError (ValidationException) for
    /// what is no number, has more than 38 significant digits or is out of range.
    static Number parse(std::string_view text);

    /// The plain decimal text in which DynamoDB returns the number ("1000", "0.001", "-7").
    std::string text() const;
    void append_text(std::string& out) const;

    /// Exact sum and difference; throws AwsError when the result does not fit a Number.
    friend Number operator+(const Number& a, const Number& b);
    friend Number operator-(const Number& a, const Number& b);

    /// Less than 0, 0 or greater than 0, as a is less than, equal to or greater than b.
    friend int compare(const Number& a, const Number& b);
    friend bool operator==(const Number& a, const Number& b) = default;

    bool is_zero() const { return coefficient_ == 0; }
    bool is_negative() const { return negative_; }
    double to_double() const;

    /// Bytes that the number counts in an item: one, one per two digits before and after the point
    /// each, and one for a minus. (The Developer Guide's rule leaves the point out.)
    std::size_t item_size() const;

    /// Appends bytes whose unsigned order is the order of numbers; no encoding is a prefix of
    /// another one.
    void append_key(std::string& out) const;

  private:
    Number(bool negative, Coefficient coefficient, int exponent);
    int digits() const;

    Coefficient coefficient_ = 0;
    int exponent_ = 0;  // of the last digit: value = coefficient * 10^exponent
    bool negative_ = false;
};

}  // namespace skafu::dynamodb
