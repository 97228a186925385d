#include "expressions/jsonata/calendar.h"

namespace skafu::jsonata {
namespace {

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

// Both directions count in eras of 400 years that start on 1 March, so that the leap day is the
// last day of a year.
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
    year += floor_divide(month - 1, 12);
    month = month - 1 - floor_divide(month - 1, 12) * 12 + 1;
    if (month <= 2) --year;
    const std::int64_t era = floor_divide(year, 400);
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468 + day - 1;
}

CivilTime civil_from_millis(std::int64_t millis) {
    const std::int64_t days = floor_divide(millis, kMillisPerDay);
    std::int64_t rest = millis - days * kMillisPerDay;
    CivilTime time;
    time.millis = static_cast<int>(rest % 1000);
    rest /= 1000;
    time.second = static_cast<int>(rest % 60);
    time.minute = static_cast<int>(rest / 60 % 60);
    time.hour = static_cast<int>(rest / 3600);

    const std::int64_t shifted = days + 719468;
    const std::int64_t era = floor_divide(shifted, 146097);
    const std::int64_t day_of_era = shifted - era * 146097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
    time.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    time.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    time.year = year_of_era + era * 400 + (time.month <= 2 ? 1 : 0);
    return time;
}

int weekday(std::int64_t days) {
    const std::int64_t day = (days + 3) % 7;  // 1970-01-01 was a Thursday
    return static_cast<int>(day < 0 ? day + 8 : day + 1);
}

}  // namespace skafu::jsonata
