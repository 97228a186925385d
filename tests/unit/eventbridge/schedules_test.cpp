#include <doctest/doctest.h>

#include "eventbridge/schedule_expression.h"
#include "recordings.h"

using namespace skafu;
using namespace skafu::eventbridge;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint at(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
    return TimePoint(std::chrono::sys_days(std::chrono::year(year) / month / day)) +
           std::chrono::hours(hour) + std::chrono::minutes(minute);
}

std::string next(const char* expression, TimePoint after) {
    const auto schedule = ScheduleExpression::parse(expression);
    REQUIRE(schedule.has_value());
    const auto due = schedule->next_after(after, after);
    return due ? iso8601_seconds(*due) : "never";
}

}  // namespace

TEST_CASE("recorded schedules are taken or refused as AWS does") {
    for (const Json& row : eventbridge::testing::recordings("schedules.jsonl")) {
        CAPTURE(to_text(row));
        CHECK(ScheduleExpression::parse(string_member(row, "expression")).has_value() ==
              row["valid"].get<bool>());
    }
}

TEST_CASE("a schedule is refused where AWS is strict about its spelling") {
    for (const char* text : {"rate(0 minutes)", "rate(10 seconds)", "rate(10 MINUTES)",
                             "rate( 10 minutes )", " rate(10 minutes)", "cron(71 * * * ? *)",
                             "cron(0 12 ? * ? *)", "rate(1  minute)", "cron(0 12 * * ?)", ""}) {
        CAPTURE(text);
        CHECK_FALSE(ScheduleExpression::parse(text).has_value());
    }
}

TEST_CASE("schedules are due when they say") {
    CHECK(next("rate(5 minutes)", at(2026, 1, 1)) == "2026-01-01T00:05:00Z");
    CHECK(next("rate(1 day)", at(2026, 1, 1, 7, 30)) == "2026-01-02T07:30:00Z");
    CHECK(next("cron(0 12 * * ? *)", at(2026, 1, 1, 12)) == "2026-01-02T12:00:00Z");
    CHECK(next("cron(0/15 * * * ? *)", at(2026, 1, 1, 0, 50)) == "2026-01-01T01:00:00Z");
    CHECK(next("cron(0 18 ? * MON-FRI *)", at(2026, 1, 2, 19)) == "2026-01-05T18:00:00Z");
    CHECK(next("cron(0 8 L * ? *)", at(2026, 2, 3)) == "2026-02-28T08:00:00Z");
    CHECK(next("cron(0 8 1W * ? *)", at(2026, 7, 31, 9)) == "2026-08-03T08:00:00Z");
    CHECK(next("cron(0 8 LW * ? *)", at(2026, 5, 1)) == "2026-05-29T08:00:00Z");
    CHECK(next("cron(15 10 ? * 6L *)", at(2026, 1, 1)) == "2026-01-30T10:15:00Z");
    CHECK(next("cron(0 2 ? * SAT#3 *)", at(2026, 1, 1)) == "2026-01-17T02:00:00Z");
    CHECK(next("cron(15 10 ? * 6L 2002-2005)", at(2026, 1, 1)) == "never");
    CHECK(next("cron(0 0 29 2 ? *)", at(2026, 1, 1)) == "2028-02-29T00:00:00Z");
}
