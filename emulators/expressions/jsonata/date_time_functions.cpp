#include <charconv>
#include <cmath>
#include <unordered_map>

#include "expressions/jsonata/builtins.h"
#include "expressions/jsonata/calendar.h"
#include "expressions/jsonata/date_picture.h"
#include "expressions/jsonata/integer_picture.h"

namespace skafu::jsonata {
namespace {

constexpr double kLargestMoment = 8.64e15;  // as JavaScript's Date

/// The compiled picture; the last ones used are kept.
const DatePicture& picture_of(std::string_view text) {
    constexpr std::size_t kKept = 64;
    static thread_local std::unordered_map<std::string, DatePicture> kept;
    if (const auto found = kept.find(std::string(text)); found != kept.end()) {
        return found->second;
    }
    DatePicture picture(text);
    if (kept.size() >= kKept) kept.clear();
    return kept.emplace(std::string(text), std::move(picture)).first->second;
}

/// The usual form, without a picture: 2017-05-15T15:12:59.152Z (years of four digits).
std::string iso8601(std::int64_t millis) {
    const CivilTime time = civil_from_millis(millis);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", time.year % 10000, time.month,
                       time.day, time.hour, time.minute, time.second, time.millis);
}

Value format_moment(Evaluator& evaluator, double millis, Value picture, Value zone) {
    if (!(std::fabs(millis) <= kLargestMoment)) {
        throw JsonataError("D3110").value(to_json(Value(millis)));
    }
    int offset = 0;
    if (zone.is_string()) {
        std::string_view text = zone.text();
        if (text.starts_with('+')) text.remove_prefix(1);
        std::from_chars(text.data(), text.data() + text.size(), offset);
        offset %= 10000;
    }
    const int hours = offset / 100;
    const int minutes = offset % 100;
    const auto moment = static_cast<std::int64_t>(std::floor(millis));
    if (picture.is_string()) {
        return evaluator.text(picture_of(picture.text()).format(moment, hours, minutes));
    }
    if (offset == 0 && millis >= 0) return evaluator.text(iso8601(moment));
    constexpr std::string_view kIso8601 = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]";
    return evaluator.text(picture_of(kIso8601).format(moment, hours, minutes));
}

Value from_millis(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_number()) return Value();
    return format_moment(evaluator, arguments[0].number(), arguments[1], arguments[2]);
}

Value now(Evaluator& evaluator, Arguments arguments) {
    const auto millis = static_cast<double>(evaluator.options().now_millis);
    return format_moment(evaluator, millis, arguments[0], arguments[1]);
}

Value millis(Evaluator& evaluator, Arguments) {
    return Value(static_cast<double>(evaluator.options().now_millis));
}

/// Reads an ISO 8601 timestamp: YYYY[-MM[-DD]][Thh:mm:ss][.f…][zone].
class Iso8601 {
  public:
    explicit Iso8601(std::string_view text) : rest_(text) {}

    /// Throws D3110 where the text has another form; NaN for a moment that does not exist.
    double millis() {
        const std::string_view text = rest_;
        const int year = digits(4);
        int month = 1;
        int day = 1;
        if (dash_digits(month)) dash_digits(day);
        int hour = 0;
        int minute = 0;
        int second = 0;
        if (take('T')) {
            hour = digits(2);
            minute = take(':') ? digits(2) : -1;
            second = take(':') ? digits(2) : -1;
        }
        const double fraction = take_fraction();
        const int offset = zone();
        const bool is_absent = year < 0 || hour < 0 || minute < 0 || second < 0;
        // The reference's pattern bounds the first digit of each part, and no more.
        const bool fits =
            month < 20 && day < 40 && hour < 30 && minute < 60 && second < 60 && zone_fits_;
        if (bad_ || is_absent || !fits || !rest_.empty()) {
            throw JsonataError("D3110").value(std::string(text));
        }
        const bool exists = month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
                            (hour < 24 || (hour == 24 && minute + second == 0));
        if (!exists) return NAN;
        const std::int64_t days = days_from_civil(year, month, day);
        return static_cast<double>(days) * static_cast<double>(kMillisPerDay) +
               ((hour * 60.0 + minute - offset) * 60 + second) * 1000 + fraction;
    }

  private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }

    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    int digits(std::size_t count) {
        int number = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (i >= rest_.size() || !is_digit(rest_[i])) {
                bad_ = true;
                return -1;
            }
            number = number * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(count);
        return number;
    }

    /// "-05", but not the start of a zone such as "-05:00" or "-0500".
    bool dash_digits(int& number) {
        const bool here = rest_.size() >= 3 && rest_[0] == '-' && is_digit(rest_[1]) &&
                          is_digit(rest_[2]) &&
                          (rest_.size() == 3 || !(rest_[3] == ':' || is_digit(rest_[3])));
        if (!here) return false;
        rest_.remove_prefix(1);
        number = digits(2);
        return true;
    }

    double take_fraction() {
        if (!take('.')) return 0;
        std::string shown;
        while (!rest_.empty() && is_digit(rest_[0])) {
            shown += rest_[0];
            rest_.remove_prefix(1);
        }
        if (shown.empty()) bad_ = true;
        shown.resize(3, '0');
        int number = 0;
        std::from_chars(shown.data(), shown.data() + 3, number);
        return number;
    }

    /// Minutes from UTC.
    int zone() {
        if (take('Z') || rest_.empty()) return 0;
        const int sign = rest_[0] == '-' ? -1 : 1;
        if (!take('+') && !take('-')) {
            bad_ = true;
            return 0;
        }
        const int hours = digits(2);
        take(':');
        const int minutes = digits(2);
        zone_fits_ = hours < 30 && minutes < 60;
        return sign * (hours * 60 + minutes);
    }

    std::string_view rest_;
    bool bad_ = false;
    bool zone_fits_ = true;
};

Value to_millis(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_string()) return Value();
    if (!arguments[1].is_string()) return Value(Iso8601(arguments[0].text()).millis());
    const auto millis =
        picture_of(arguments[1].text()).parse(arguments[0].text(), evaluator.options().now_millis);
    return millis ? Value(*millis) : Value();
}

Value format_integer(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_number()) return Value();
    if (!arguments[1].is_string()) return Value();
    return evaluator.text(
        IntegerPicture(arguments[1].text()).format(std::floor(arguments[0].number())));
}

Value parse_integer(Evaluator&, Arguments arguments) {
    if (!arguments[0].is_string() || !arguments[1].is_string()) return Value();
    return Value(IntegerPicture(arguments[1].text()).parse(arguments[0].text()));
}

}  // namespace

std::vector<BuiltinRow> date_time_functions() {
    return {
        {"now", "<s?s?:s>", 2, now},
        {"millis", "<:n>", 0, millis},
        {"fromMillis", "<n-s?s?:s>", 3, from_millis},
        {"toMillis", "<s-s?:n>", 2, to_millis},
        {"formatInteger", "<n-s:s>", 2, format_integer},
        {"parseInteger", "<s-s:n>", 2, parse_integer},
    };
}

}  // namespace skafu::jsonata
