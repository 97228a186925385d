#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "core/clock.h"

namespace skafu::eventbridge {

/// A cron expression of AWS: minutes, hours, day of month, month, day of week, year, with
/// `, - * / ? L W #` (EventBridge user guide, "Schedule expressions").
class CronExpression {
  public:
    /// The fields without "cron(" and ")"; nullopt where AWS refuses them. The year may be left out
    /// unless `needs_year`.
    static std::optional<CronExpression> parse(std::string_view fields, bool needs_year);

    using LocalMinute = std::chrono::local_time<std::chrono::minutes>;
    /// The first minute of the wall clock behind `after` that it names; nullopt if there is none.
    std::optional<LocalMinute> next_after(LocalMinute after) const;

  private:
    bool parse_day_of_month(std::string_view field);
    bool parse_day_of_week(std::string_view field);
    bool names_day(std::chrono::year_month_day day) const;

    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;
    std::bitset<13> months_;
    std::bitset<8> weekdays_;  // 1 = Sunday
    std::bitset<1030> years_;  // from 1970
    bool by_weekday_ = false;
    bool last_day_ = false;         // L
    bool last_weekday_ = false;     // LW
    int nearest_weekday_to_ = 0;    // 15W
    int last_weekday_of_kind_ = 0;  // 6L
    int nth_kind_ = 0;              // FRI#2
    int nth_ = 0;
};

/// Whose spelling counts: EventBridge's rules are strict about it. Scheduler takes keywords in
/// either case, "1 minutes" and "1minute", and cron expressions without a year.
enum class Dialect { rules, scheduler };

/// What a rule's or schedule's ScheduleExpression says: rate(…) or cron(…).
class ScheduleExpression {
  public:
    /// nullopt where AWS refuses it.
    static std::optional<ScheduleExpression> parse(std::string_view text,
                                                   Dialect dialect = Dialect::rules);

    /// When it is due next behind `after`; a rate counts from `start`. In UTC.
    std::optional<TimePoint> next_after(TimePoint after, TimePoint start) const;

    const CronExpression* cron() const { return std::get_if<CronExpression>(&form_); }

  private:
    explicit ScheduleExpression(std::variant<Duration, CronExpression> form) : form_(form) {}
    std::variant<Duration, CronExpression> form_;
};

}  // namespace skafu::eventbridge
