#pragma once

#include <cstdint>

namespace skafu::jsonata {

inline constexpr std::int64_t kMillisPerDay = 86400000;

/// A moment in the proleptic Gregorian calendar, UTC.
struct CivilTime {
    std::int64_t year = 1970;
    int month = 1;  // 1 to 12
    int day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int millis = 0;
};

CivilTime civil_from_millis(std::int64_t millis);
/// Days since 1970-01-01; months and days beyond their range carry over.
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day);
/// 1 (Monday) to 7 (Sunday).
int weekday(std::int64_t days);

}  // namespace skafu::jsonata
