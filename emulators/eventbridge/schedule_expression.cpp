#include "eventbridge/schedule_expression.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <string>
#include <vector>

namespace skafu::eventbridge {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kDays = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2999;  // AWS documents 2199 and takes 2500

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<int> number(std::string_view text) {
    if (!is_digits(text) || text.size() > 6) return std::nullopt;
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

/// One of the six fields: its bounds, and names for its values.
struct FieldRule {
    int first;
    int last;
    const std::string_view* names = nullptr;
    std::size_t name_count = 0;

    std::optional<int> value(std::string_view text) const {
        for (std::size_t i = 0; i < name_count; ++i) {
            if (text == names[i]) return first + static_cast<int>(i);
        }
        const std::optional<int> plain = number(text);
        return plain && *plain >= first && *plain <= last ? plain : std::nullopt;
    }
};

constexpr FieldRule kMonthRule{1, 12, kMonths.data(), kMonths.size()};
constexpr FieldRule kDayRule{1, 7, kDays.data(), kDays.size()};

/// `*`, a value, `a-b`, either with `/step`.
template <class Bits>
bool add_range(std::string_view part, const FieldRule& rule, int base, Bits& bits) {
    int step = 0;
    const std::size_t slash = part.find('/');
    if (slash != std::string_view::npos) {
        const std::optional<int> given = number(part.substr(slash + 1));
        if (!given || *given == 0) return false;
        step = *given;
        part = part.substr(0, slash);
    }
    int first = rule.first;
    int last = rule.last;
    if (part != "*") {
        const std::size_t dash = part.find('-');
        const std::optional<int> from = rule.value(part.substr(0, dash));
        if (!from) return false;
        first = *from;
        if (dash != std::string_view::npos) {
            const std::optional<int> to = rule.value(part.substr(dash + 1));
            if (!to) return false;
            last = *to;
        } else if (step == 0) {
            last = first;
        }
    }
    step = step == 0 ? 1 : step;
    if (first > last) {  // FRI-MON wraps round
        for (int i = first; i <= rule.last; i += step) bits.set(static_cast<std::size_t>(i - base));
        first = rule.first;
    }
    for (int i = first; i <= last; i += step) bits.set(static_cast<std::size_t>(i - base));
    return true;
}

template <class Bits>
bool add_field(std::string_view field, const FieldRule& rule, Bits& bits, int base = 0) {
    for (const std::string_view part : split(field, ',')) {
        if (!add_range(part, rule, base, bits)) return false;
    }
    return true;
}

bool is_working_day(std::chrono::sys_days day) {
    const std::chrono::weekday weekday(day);
    return weekday != std::chrono::Saturday && weekday != std::chrono::Sunday;
}

/// The working day nearest to a day, within its month.
std::chrono::sys_days nearest_working_day(std::chrono::year_month_day day) {
    const std::chrono::sys_days date = day;
    if (is_working_day(date)) return date;
    const bool is_saturday = std::chrono::weekday(date) == std::chrono::Saturday;
    const std::chrono::sys_days wanted = date + std::chrono::days(is_saturday ? -1 : 1);
    if (std::chrono::year_month_day(wanted).month() == day.month()) return wanted;
    return date + std::chrono::days(is_saturday ? 2 : -2);
}

std::chrono::sys_days last_of_month(std::chrono::year_month_day day) {
    return std::chrono::sys_days(day.year() / day.month() / std::chrono::last);
}

std::optional<Duration> in_units(int value, std::string_view unit) {
    if (unit == "minute") return Duration(std::chrono::minutes(value));
    if (unit == "hour") return Duration(std::chrono::hours(value));
    if (unit == "day") return Duration(std::chrono::days(value));
    return std::nullopt;
}

std::optional<Duration> parse_rate(std::string_view inside) {
    const std::size_t blank = inside.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    const std::optional<int> value = number(inside.substr(0, blank));
    if (!value || *value == 0) return std::nullopt;
    std::string_view unit = inside.substr(blank + 1);
    if (*value > 1) {
        if (!unit.ends_with('s')) return std::nullopt;
        unit.remove_suffix(1);
    }
    return in_units(*value, unit);
}

/// As Scheduler reads it: blanks and the plural are optional.
std::optional<Duration> parse_loose_rate(std::string_view inside) {
    const std::size_t digits = std::min(inside.find_first_not_of("0123456789"), inside.size());
    const std::optional<int> value = number(inside.substr(0, digits));
    if (!value || *value == 0) return std::nullopt;
    std::string_view unit = inside.substr(digits);
    unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
    if (unit.ends_with('s')) unit.remove_suffix(1);
    return in_units(*value, unit);
}

bool starts_with_keyword(std::string_view text, std::string_view keyword, Dialect dialect) {
    if (text.size() < keyword.size()) return false;
    return std::equal(keyword.begin(), keyword.end(), text.begin(), [&](char wanted, char c) {
        const auto lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return wanted == (dialect == Dialect::scheduler ? lower : c);
    });
}

}  // namespace

std::optional<CronExpression> CronExpression::parse(std::string_view text, bool needs_year) {
    std::vector<std::string_view> fields;
    for (const std::string_view field : split(text, ' ')) {
        if (!field.empty()) fields.push_back(field);
    }
    if (fields.size() == 5 && !needs_year) fields.push_back("*");
    if (fields.size() != 6 || (fields[2] == "?") == (fields[4] == "?")) return std::nullopt;
    CronExpression cron;
    const bool is_valid = add_field(fields[0], {0, 59}, cron.minutes_) &&
                          add_field(fields[1], {0, 23}, cron.hours_) &&
                          add_field(fields[3], kMonthRule, cron.months_) &&
                          add_field(fields[5], {kFirstYear, kLastYear}, cron.years_, kFirstYear);
    if (!is_valid) return std::nullopt;
    cron.by_weekday_ = fields[2] == "?";
    const bool has_days =
        cron.by_weekday_ ? cron.parse_day_of_week(fields[4]) : cron.parse_day_of_month(fields[2]);
    if (!has_days) return std::nullopt;
    return cron;
}

bool CronExpression::parse_day_of_month(std::string_view field) {
    if (field == "L") return last_day_ = true;
    if (field == "LW" || field == "WL") return last_weekday_ = true;
    if (field.ends_with('W')) {
        const std::optional<int> day = number(field.substr(0, field.size() - 1));
        nearest_weekday_to_ = day.value_or(0);
        return nearest_weekday_to_ >= 1 && nearest_weekday_to_ <= 31;
    }
    return add_field(field, {1, 31}, days_);
}

bool CronExpression::parse_day_of_week(std::string_view field) {
    if (field == "L") {
        weekdays_.set(7);
        return true;
    }
    if (field.size() > 1 && field.ends_with('L')) {
        last_weekday_of_kind_ = kDayRule.value(field.substr(0, field.size() - 1)).value_or(0);
        return last_weekday_of_kind_ != 0;
    }
    const std::size_t hash = field.find('#');
    if (hash != std::string_view::npos) {
        nth_kind_ = kDayRule.value(field.substr(0, hash)).value_or(0);
        nth_ = number(field.substr(hash + 1)).value_or(0);
        return nth_kind_ != 0 && nth_ >= 1 && nth_ <= 5;
    }
    return add_field(field, kDayRule, weekdays_);
}

bool CronExpression::names_day(std::chrono::year_month_day day) const {
    const std::chrono::sys_days date = day;
    if (!by_weekday_) {
        if (last_day_) return date == last_of_month(day);
        if (last_weekday_) {
            std::chrono::sys_days last = last_of_month(day);
            while (!is_working_day(last)) last -= std::chrono::days(1);
            return date == last;
        }
        if (nearest_weekday_to_ != 0) {
            const std::chrono::year_month_day wanted =
                day.year() / day.month() /
                std::chrono::day(static_cast<unsigned>(nearest_weekday_to_));
            return wanted.ok() && date == nearest_working_day(wanted);
        }
        return days_.test(static_cast<unsigned>(day.day()));
    }
    const int kind = static_cast<int>(std::chrono::weekday(date).c_encoding()) + 1;
    const int day_of_month = static_cast<int>(static_cast<unsigned>(day.day()));
    if (last_weekday_of_kind_ != 0) {
        return kind == last_weekday_of_kind_ && date + std::chrono::days(7) > last_of_month(day);
    }
    if (nth_ != 0) return kind == nth_kind_ && (day_of_month - 1) / 7 + 1 == nth_;
    return weekdays_.test(static_cast<std::size_t>(kind));
}

std::optional<CronExpression::LocalMinute> CronExpression::next_after(LocalMinute after) const {
    using std::chrono::days;
    const LocalMinute from = after + 1min;
    const auto first_day = std::chrono::floor<days>(from);
    for (auto day = first_day;; day += days(1)) {
        const std::chrono::year_month_day date{std::chrono::sys_days(day.time_since_epoch())};
        const int year = static_cast<int>(date.year());
        if (year > kLastYear) return std::nullopt;
        if (year < kFirstYear || !years_.test(static_cast<std::size_t>(year - kFirstYear)) ||
            !months_.test(static_cast<unsigned>(date.month())) || !names_day(date)) {
            continue;
        }
        int minute = day == first_day ? static_cast<int>((from - LocalMinute(day)).count()) : 0;
        for (; minute < 24 * 60; ++minute) {
            if (hours_.test(static_cast<std::size_t>(minute / 60)) &&
                minutes_.test(static_cast<std::size_t>(minute % 60))) {
                return LocalMinute(day) + std::chrono::minutes(minute);
            }
        }
    }
}

std::optional<ScheduleExpression> ScheduleExpression::parse(std::string_view text,
                                                            Dialect dialect) {
    if (!text.ends_with(')')) return std::nullopt;
    text.remove_suffix(1);
    const bool is_strict = dialect == Dialect::rules;
    if (starts_with_keyword(text, "rate(", dialect)) {
        const std::string_view inside = text.substr(5);
        const std::optional<Duration> rate =
            is_strict ? parse_rate(inside) : parse_loose_rate(inside);
        if (rate) return ScheduleExpression(*rate);
    } else if (starts_with_keyword(text, "cron(", dialect)) {
        const std::optional<CronExpression> cron = CronExpression::parse(text.substr(5), is_strict);
        if (cron) return ScheduleExpression(*cron);
    }
    return std::nullopt;
}

std::optional<TimePoint> ScheduleExpression::next_after(TimePoint after, TimePoint start) const {
    if (const auto* rate = std::get_if<Duration>(&form_)) {
        if (after < start) return start + *rate;
        return start + ((after - start) / *rate + 1) * *rate;
    }
    const auto minute = std::chrono::floor<std::chrono::minutes>(after).time_since_epoch();
    const auto next = cron()->next_after(CronExpression::LocalMinute(minute));
    if (!next) return std::nullopt;
    return TimePoint(next->time_since_epoch());
}

}  // namespace skafu::eventbridge
