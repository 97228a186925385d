#include "cloudwatch/statistics.h"

#include <doctest/doctest.h>

using namespace skafu;
using namespace skafu::cloudwatch;

TEST_CASE("statistics of values and of sets") {
    Statistics all;
    CHECK_FALSE(all.value_of("Sum").has_value());
    all.add(1, 1);
    all.add(3, 3);
    CHECK(all.value_of("Sum") == 10);
    CHECK(all.value_of("Average") == 2.5);
    CHECK(all.value_of("SampleCount") == 4);
    CHECK(all.value_of("p25") == 1);
    CHECK(all.value_of("p50") == 3);
    CHECK_FALSE(all.value_of("median").has_value());
    Statistics set;
    set.add_set(100, 2, 40, 60);
    all.merge(set);
    CHECK(all.value_of("Maximum") == 60);
    CHECK(all.value_of("Minimum") == 1);
    const Statistics copy = Statistics::from_json(parse_json(to_text(all.to_json())));
    CHECK(copy.value_of("Sum") == 110);
    CHECK(copy.value_of("p50") == 3);
}
