#include <algorithm>
#include <cmath>

#include "expressions/jsonata/calendar.h"
#include "expressions/jsonata/date_picture.h"
#include "expressions/jsonata/jsonata.h"

namespace skafu::jsonata {
namespace {

/// The Monday of the first week of a year or month: the one that holds its first Thursday.
std::int64_t first_week(std::int64_t year, std::int64_t month) {
    const std::int64_t first = days_from_civil(year, month, 1);
    const int day = weekday(first);
    return day > 4 ? first + (8 - day) : first - (day - 1);
}

/// The number of the week of `today` in a period; `next` and `previous` are where the first
/// weeks of its neighbours start.
int week_number(std::int64_t start, std::int64_t today, std::int64_t next, std::int64_t previous) {
    if (today >= next) return 1;
    if (today < start) start = previous;
    return static_cast<int>((today - start) / 7) + 1;
}

int week_component(const CivilTime& time, std::int64_t today, char component) {
    const std::int64_t y = time.year;
    if (component == 'W') {
        return week_number(first_week(y, 1), today, first_week(y + 1, 1), first_week(y - 1, 1));
    }
    return week_number(first_week(y, time.month), today, first_week(y, time.month + 1),
                       first_week(y, time.month - 1));
}

bool is_set(const std::optional<double>& component) {
    return component && *component != 0 && !std::isnan(*component);
}

/// Whether components were given, all of them among `allowed`.
bool is_kind(const std::optional<double> (&components)[128], std::string_view all,
             std::string_view allowed) {
    bool any = false;
    for (const char c : all) {
        if (!is_set(components[static_cast<std::size_t>(c)])) continue;
        if (allowed.find(c) == std::string_view::npos) return false;
        any = true;
    }
    return any;
}

}  // namespace

double date_component(std::int64_t millis, char component) {
    const CivilTime time = civil_from_millis(millis);
    const std::int64_t today = days_from_civil(time.year, time.month, time.day);
    switch (component) {
        case 'Y':
            return static_cast<double>(time.year);
        case 'M':
            return time.month;
        case 'D':
            return time.day;
        case 'd':
            return static_cast<double>(today - days_from_civil(time.year, 1, 1) + 1);
        case 'F':
            return weekday(today);
        case 'W':
        case 'w':
            return week_component(time, today, component);
        case 'X':
            if (today < first_week(time.year, 1)) return static_cast<double>(time.year - 1);
            return static_cast<double>(time.year + (today >= first_week(time.year + 1, 1) ? 1 : 0));
        case 'x':
            if (today < first_week(time.year, time.month)) return (time.month + 10) % 12 + 1;
            return today >= first_week(time.year, time.month + 1) ? time.month % 12 + 1
                                                                  : time.month;
        case 'H':
            return time.hour;
        case 'h':
            return time.hour % 12 == 0 ? 12 : time.hour % 12;
        case 'P':
            return time.hour >= 12 ? 1 : 0;
        case 'm':
            return time.minute;
        case 's':
            return time.second;
        case 'f':
            return time.millis;
        default:
            return 0;
    }
}

double moment_of(std::optional<double> (&components)[128], std::int64_t now) {
    constexpr std::string_view kDate = "YXMxWwdD";
    constexpr std::string_view kTime = "PHhmsf";
    const auto part = [&](char c) -> std::optional<double>& {
        return components[static_cast<std::size_t>(c)];
    };
    const bool by_day = !is_kind(components, kDate, "YMD") && is_kind(components, kDate, "Yd");
    const bool by_week_of_month = is_kind(components, kDate, "XxwF");
    const bool by_week = !by_week_of_month && is_kind(components, kDate, "XW");
    const bool half_days =
        !is_kind(components, kTime, "Hmsf") && is_kind(components, kTime, "Phmsf");

    std::string order = by_day ? "YD" : by_week_of_month ? "XxwF" : by_week ? "XWF" : "YMD";
    order += half_days ? "Phmsf" : "Hmsf";
    bool started = false;
    bool ended = false;
    for (const char c : order) {
        if (part(c)) {
            if (ended) throw JsonataError("D3136");
            started = true;
        } else if (started) {
            part(c) = std::string_view("MDd").find(c) != std::string_view::npos ? 1 : 0;
            ended = true;
        } else {
            // Hours without a half of the day are those of the morning, whatever the time is.
            part(c) = c == 'P' ? 0 : date_component(now, c);
        }
    }
    if (by_week_of_month || by_week) throw JsonataError("D3136");

    double year = *part('Y');
    double month = part('M').value_or(1);
    double day = by_day ? part('d').value_or(1) : *part('D');
    double hour = half_days ? std::fmod(*part('h'), 12) + (*part('P') == 1 ? 12 : 0) : *part('H');
    if (!(month > 0)) month = 1;
    if (year >= 0 && year <= 99) year += 1900;
    if (!std::isfinite(year + month + day + hour + *part('m') + *part('s') + *part('f')))
        return NAN;
    constexpr double kMost = 1e8;  // JavaScript's dates end there too
    if (std::max({std::fabs(year), month, day}) > kMost) return NAN;
    if (by_day) {
        // A day past the end of the year is one of January, of the same year.
        const std::int64_t first = days_from_civil(static_cast<std::int64_t>(year), 1, 1);
        const CivilTime date =
            civil_from_millis((first + static_cast<std::int64_t>(day) - 1) * kMillisPerDay);
        month = date.month;
        day = date.day;
    }
    const auto days =
        days_from_civil(static_cast<std::int64_t>(year), static_cast<std::int64_t>(month),
                        static_cast<std::int64_t>(day));
    const double minutes = hour * 60 + *part('m');
    const double seconds = minutes * 60 + *part('s');
    double millis = static_cast<double>(days) * static_cast<double>(kMillisPerDay) +
                    seconds * 1000 + *part('f');
    if (is_set(part('Z')))
        millis -= *part('Z') * 60000;
    else if (is_set(part('z')))
        millis -= *part('z') * 60000;
    return millis;
}

}  // namespace skafu::jsonata
