#include "core/trace.h"

#include <doctest/doctest.h>

namespace skafu {

TEST_CASE("a trace id carries an activity") {
    Entropy entropy(1);
    const TimePoint now{std::chrono::seconds(1'700'000'000)};
    const std::string id = make_trace_id(now, entropy, 4711);
    CHECK(id.starts_with("Root=1-6553f100-"));
    CHECK(id.ends_with(";Sampled=0"));
    CHECK(activity_of_trace_id(id) == 4711);
}

TEST_CASE("other trace ids carry none") {
    CHECK(activity_of_trace_id("") == 0);
    CHECK(activity_of_trace_id(
              "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8") == 0);
    CHECK(activity_of_trace_id("Root=1-5759e988-736b616675") == 0);
    CHECK(activity_of_trace_id("Root=1-5759e988-736b616675;Parent=xyz") == 0);
}

}  // namespace skafu
