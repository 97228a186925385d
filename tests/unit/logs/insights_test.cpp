#include "logs/insights.h"

#include <doctest/doctest.h>

#include "core/aws_error.h"

namespace skafu::logs {

namespace {

std::vector<InsightsEvent> events() {
    const auto event = [](std::int64_t second, const char* message) {
        InsightsEvent made;
        made.timestamp = 1'700'000'000'000 + second * 1000;
        made.message = message;
        made.stream = "s";
        made.pointer = std::to_string(second);
        return made;
    };
    return {event(0, R"({"level":"INFO","user":{"id":"ann"},"ms":10})"),
            event(1, R"({"level":"ERROR","user":{"id":"bob"},"ms":30})"),
            event(70, R"({"level":"ERROR","user":{"id":"ann"},"ms":20})"),
            event(80,
                  "REPORT RequestId: r-1\tDuration: 12.50 ms\tBilled Duration: 13 ms\tMemory "
                  "Size: 128 MB\tMax Memory Used: 40 MB\t\n")};
}

/// The values of the rows, cells joined by '|', rows by ';', without @ptr.
std::string answer(std::string_view query) {
    std::string text;
    for (const Json& row : InsightsQuery(query).run(events(), 100).rows) {
        std::string line;
        for (const Json& cell : row) {
            if (cell["field"] == "@ptr") continue;
            line += (line.empty() ? "" : "|") + cell["value"].get<std::string>();
        }
        text += (text.empty() ? "" : ";") + line;
    }
    return text;
}

}  // namespace

TEST_CASE("fields, filter, sort and limit") {
    CHECK(answer("fields level, ms | filter level = 'ERROR' | sort ms asc") == "ERROR|20;ERROR|30");
    CHECK(answer("fields user.id | filter ms > 5 and not level like /ERR/") == "ann");
    CHECK(answer("fields ms | filter ispresent(ms) | sort @timestamp desc | limit 1") == "20");
    CHECK(answer("fields ms*2 as double | filter user.id in ['bob']") == "60");
    CHECK(answer("fields @timestamp | filter level = \"INFO\"") == "2023-11-14 22:13:20.000");
    CHECK(answer("fields concat(level, '-', strlen(user.id)) as x | filter ms = 10") == "INFO-3");
}

TEST_CASE("stats") {
    CHECK(answer("stats count(*)") == "4");
    CHECK(answer("stats count(*) as n, avg(ms) by level | filter ispresent(level) | sort level") ==
          "ERROR|2|25;INFO|1|10");
    CHECK(answer("filter ispresent(ms) | stats sum(ms) by bin(1m)") ==
          "2023-11-14 22:13:00.000|40;2023-11-14 22:14:00.000|20");
    CHECK(answer("stats max(ms), min(ms), pct(ms, 50), count_distinct(user.id)") == "30|10|20|2");
    CHECK(answer("filter level = 'none' | stats count(*)") == "0");
}

TEST_CASE("parse, dedup and discovered fields") {
    CHECK(answer("filter @type = 'REPORT' | fields @duration, @maxMemoryUsed") == "12.5|40000000");
    CHECK(answer("parse @message 'RequestId: *\t' as id | filter ispresent(id) | display id") ==
          "r-1");
    CHECK(answer("parse @message /Duration: (?<d>[0-9.]+)/ | filter ispresent(d) | display d") ==
          "12.50");
    CHECK(answer("fields level | filter ispresent(level) | dedup level | sort level") ==
          "ERROR;INFO");
}

TEST_CASE("queries that are none") {
    for (const char* text : {"nonsense", "fields", "filter (a = 1", "filter a like /(/", "limit x",
                             "fields a | | x", "stats frobnicate(a)"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(answer(text), AwsError);
    }
}

}  // namespace skafu::logs
