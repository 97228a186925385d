#include <doctest/doctest.h>

#include "core/aws_error.h"
#include "core/utf8.h"
#include "eventbridge/letter_case.h"
#include "eventbridge/pattern.h"
#include "eventbridge/reference_matcher.h"
#include "eventbridge/rule_matcher.h"
#include "recordings.h"

using namespace skafu;
using namespace skafu::eventbridge;

namespace {

constexpr const char* kReason = "Event pattern is not valid. Reason: ";

/// "true", "false", or why the pattern is refused (the first line).
std::string verdict(const std::string& pattern_text, const std::string& event_text) {
    try {
        const Pattern pattern = parse_pattern(pattern_text);
        EventTape event;
        REQUIRE(event.read(event_text));
        const std::vector<EventLeaf> leaves = event_leaves(event);
        const bool matched = matches(pattern, leaves);
        RuleMatcher compiled;
        compiled.put(0, pattern);
        CHECK(compiled.match(event).empty() != matched);
        return matched ? "true" : "false";
    } catch (const AwsError& error) {
        const std::string text = error.message().substr(std::string_view(kReason).size());
        return text.substr(0, text.find('\n'));
    }
}

struct Probe {
    const char* conditions;
    const char* value;
    const char* verdict;
};

/// Conditions on one field against its value.
void check_all(std::initializer_list<Probe> probes) {
    for (const Probe& probe : probes) {
        CAPTURE(probe.conditions);
        CAPTURE(probe.value);
        CHECK(verdict(std::string(R"({"v":[)") + probe.conditions + "]}",
                      std::string(R"({"v":)") + probe.value + "}") == probe.verdict);
    }
}

}  // namespace

TEST_CASE("recorded patterns are refused or match as AWS does") {
    for (const Json& row : eventbridge::testing::recordings("patterns.jsonl")) {
        const std::string pattern_text = string_member(row, "pattern");
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

TEST_CASE("numbers are equal by value where a double holds them, else by spelling") {
    check_all({{"300", "3.0e2", "true"},
               {"300", "\"300\"", "false"},
               {"0", "-0.0", "true"},
               {"0.1", "0.10", "true"},
               {"9007199254740993", "9007199254740993", "true"},
               {"9007199254740993", "9007199254740993.0", "false"},
               {"1e400", "1e400", "true"},
               {"1e400", "10e399", "false"},
               {R"({"numeric":["=",5e9]})", "5000000000", "true"},
               {R"({"numeric":[">",-1e300,"<=",1e300]})", "1e300", "true"},
               {R"({"numeric":["<",1]})", "1e-400", "false"},
               {R"({"anything-but":1e400})", "1", "Cannot compare number : 1e400"},
               {R"({"anything-but":[1,1e400]})", "1", "Cannot compare number : 1e400"},
               {R"({"anything-but":[300,0]})", "3e2", "false"},
               {R"({"anything-but":300})", "9007199254740993", "true"}});
}

TEST_CASE("text that is an address equals it in any spelling, as the rule engine has it") {
    check_all({{R"("10.0.0.1")", R"("10.0.0.1")", "true"},
               {R"("10.0.0.1")", R"("010.000.000.001")", "true"},
               {R"("10.0.0.1")", R"("10.0.0.10")", "false"},
               {R"("2001:db8::1")", R"("2001:0DB8:0:0:0:0:0:1")", "true"},
               {R"("::ffff:102:304")", R"("1.2.3.4")", "true"},
               {R"({"exactly":"10.0.0.1"})", R"("10.0.0.1")", "true"},
               {R"({"exactly":"10.0.0.1"})", R"("010.0.0.1")", "false"},
               {R"("300.0.0.1")", R"("300.0.0.1")", "true"}});
}

TEST_CASE("a block takes what its first digits take") {
    check_all({{R"({"cidr":"0.0.0.0/0"})", "10", "true"},
               {R"({"cidr":"0.0.0.0/0"})", R"("2001:db8::1")", "true"},
               {R"({"cidr":"::/0"})", R"("0.0.0.0")", "false"},
               {R"({"cidr":"::/0"})", R"("1.2.3.4")", "true"},
               {R"({"cidr":"16.0.0.0/8"})", "109", "true"},
               {R"({"cidr":"16.0.0.0/8"})", "\"109\"", "false"},
               {R"({"cidr":"10.0.0.0/8"})", R"("10.255.255.255")", "true"},
               {R"({"cidr":"10.0.0.0/8"})", R"("11.0.0.0")", "false"},
               {R"({"cidr":"10.0.0.77/24"})", R"("10.0.0.3")", "true"},
               {R"({"cidr":"10.0.0.0/+8/"})", R"("10.9.9.9")", "true"},
               {R"({"cidr":"10.0.0.0/-1"})", "1", "Malformed CIDR, mask bits must not be negative"},
               {R"({"cidr":"/8"})", "1", "Nonstandard IP address: "},
               {R"({"cidr":"/"})", "1", "Malformed CIDR, one '/' required"},
               {R"({"cidr":"300.1.1.1/8"})", "1", "Invalid IP address: 300.1.1.1"},
               {R"({"cidr":"1:2/8"})", "1", "Invalid IP address: 1:2"},
               {R"({"cidr":"10.0.0.0/32"})", "1", "IPv4 mask bits must be < 32"}});
}

TEST_CASE("beside addresses a field's text operators do not see an address") {
    check_all({{R"({"cidr":"10.0.0.0/8"},{"prefix":"192."})", R"("192.168.0.1")", "false"},
               {R"({"cidr":"10.0.0.0/8"},{"prefix":"192."})", R"("192.x")", "true"},
               {R"({"cidr":"10.0.0.0/8"},{"anything-but":"11.0.0.1"})", R"("11.0.0.1")", "true"},
               {R"({"cidr":"10.0.0.0/8"},{"exactly":"11.0.0.1"})", R"("11.0.0.1")", "false"},
               {R"({"cidr":"10.0.0.0/8"},{"wildcard":"*"})", R"("11.0.0.1")", "false"},
               {R"({"cidr":"10.0.0.0/8"},{"exists":true})", R"("11.0.0.1")", "true"},
               {R"({"cidr":"10.0.0.0/8"},5)", R"("10.0.0.1")", "false"},
               {R"({"cidr":"10.0.0.0/8"},5)", "5.0", "true"},
               {R"("10.0.0.1",5)", R"("10.0.0.1")", "false"}});
}

TEST_CASE("case is ignored character by character, as far as the rule engine goes") {
    check_all({{R"({"equals-ignore-case":"straße"})", R"("STRASSE")", "true"},
               {R"({"equals-ignore-case":"STRASSE"})", R"("straße")", "false"},
               {R"({"equals-ignore-case":"k"})", "\"\u212a\"", "false"},
               {R"({"equals-ignore-case":"\u212a"})", R"("k")", "true"},
               {R"({"equals-ignore-case":"\u212a"})", R"("K")", "false"},
               {R"({"equals-ignore-case":"\u0130"})", "\"i\u0307\"", "true"},
               {R"({"equals-ignore-case":"\u01c5"})", R"("\u01c4")", "true"},
               {R"({"equals-ignore-case":"\u01c5"})", R"("\u01c5")", "false"},
               {R"({"equals-ignore-case":"\ud83d\ude00"})", R"("\ud83d\ude00")", "false"},
               {R"({"prefix":{"equals-ignore-case":"ﬁ"}})", R"("FInd")", "true"},
               {R"({"suffix":{"equals-ignore-case":"ΐx"}})", "\"a\u0399\u0308\u0301X\"", "true"},
               {R"({"anything-but":{"equals-ignore-case":["ß"]}})", R"("SS")", "false"}});
}

TEST_CASE("both forms of every letter fold to one") {
    for (char32_t letter = 1; letter < 0x10000; ++letter) {
        if (letter >= 0xD800 && letter < 0xE000) continue;
        std::string text;
        append_utf8(text, letter);
        const std::string folded = fold_case(text);
        if (fold_case(folded) == folded && equals_ignoring_case(folded, folded)) continue;
        CAPTURE(static_cast<unsigned>(letter));
        CHECK(fold_case(folded) == folded);
    }
}

TEST_CASE("what the rule engine keeps for itself may not be a field within $or") {
    const std::string event = "{}";
    for (const char* name : {"exactly", "=", "regex", "ip-address-in-range", "date-before"}) {
        const std::string pattern =
            std::string(R"({"$or":[{"a":{")") + name + R"(":[1]}},{"b":[2]}]})";
        CHECK(verdict(pattern, event) ==
              std::string(name) + " is Ruler reserved fieldName which cannot be used inside $or.");
        CHECK(verdict(std::string(R"({")") + name + R"(":["x"]})", event) == "false");
    }
}

TEST_CASE("broken escapes are refused where they stand") {
    const auto refusal = [](const std::string& pattern) -> std::string {
        try {
            parse_pattern(pattern);
        } catch (const AwsError& error) {
            return error.message().substr(std::string_view(kReason).size());
        }
        return "accepted";
    };
    const auto at = [](const std::string& reason, const std::string& pattern, int column) {
        return reason + "\n at [Source: (String)\"" + pattern +
               "\"; line: 1, column: " + std::to_string(column) + "]";
    };
    const std::string unknown = R"({"v":["a\x"]})";
    CHECK(refusal(unknown) == at("Unrecognized character escape 'x' (code 120)", unknown, 11));
    const std::string half = R"({"v":["\u12g4"]})";
    CHECK(refusal(half) == at("Unexpected character ('g' (code 103)): expected a hex-digit for "
                              "character escape sequence",
                              half, 13));
    const std::string open = R"({"v":["\)";
    CHECK(refusal(open) == at("Unexpected end-of-input in character escape sequence", open, 9));
    const std::string tab = "{\"v\":\t5}";
    CHECK(refusal(tab) ==
          "\"v\" must be an object or an array\n at [Source: (String)\"{\"v\":"
          "\\u00095}\"; line: 1, column: 8]");
    const std::string wide = "{\"v\":[é]}";
    CHECK(refusal(wide).starts_with("Unrecognized token 'é'"));
    const std::string euro = "{\"v\":[\"a\" €]}";
    CHECK(
        refusal(euro).starts_with("Unexpected character ('€' (code 8364 / 0x20ac)): was expecting "
                                  "comma to separate Array entries"));
}
