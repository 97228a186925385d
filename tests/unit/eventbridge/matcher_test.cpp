#include <random>

#include <doctest/doctest.h>

#include "eventbridge/reference_matcher.h"
#include "eventbridge/rule_matcher.h"
#include "recordings.h"

using namespace skafu;
using namespace skafu::eventbridge;

namespace {

/// Random patterns and events over a few names and values, so that they often meet.
class Generator {
  public:
    explicit Generator(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t n) { return random_() % n; }
    const char* name() { return pick({"a", "b", "c", "d.e", "x"}); }
    std::string text() {
        return pick({"", "a", "ab", "abc", "ba", "B", "10.0.0.7", "16.1.1.1", "*a", "010.0.0.7",
                     "::a00:7", "2001:db8::1", "ß", "SS", "1", "null"});
    }
    std::string scalar() {
        switch (below(6)) {
            case 0:
                return pick({"1", "1.0", "2e0", "-3", "9007199254740993", "0.5", "10", "10010101",
                             "1e400"});
            case 1:
                return pick({"true", "false", "null"});
            default:
                return "\"" + text() + "\"";
        }
    }

    std::string event(int depth = 3) {
        std::string out = "{";
        const std::size_t members = 1 + below(4);
        for (std::size_t i = 0; i < members; ++i) {
            if (i > 0) out += ',';
            out += "\"" + std::string(name()) + "\":" + value(depth);
        }
        return out + "}";
    }
    std::string value(int depth) {
        const std::size_t kind = below(depth > 0 ? 6 : 2);
        if (kind < 3) return scalar();
        if (kind == 3) return event(depth - 1);
        std::string out = "[";
        const std::size_t elements = below(4);
        for (std::size_t i = 0; i < elements; ++i) {
            if (i > 0) out += ',';
            out += value(depth - 1);
        }
        return out + "]";
    }

    std::string condition() {
        const std::string quoted = "\"" + text() + "\"";
        const std::string list = "[" + quoted + ",\"" + text() + "\"]";
        const std::string choice = below(2) == 0 ? quoted : list;
        switch (below(24)) {
            case 0:
                return "{\"prefix\":" + quoted + "}";
            case 1:
                return "{\"suffix\":" + quoted + "}";
            case 2:
                return "{\"equals-ignore-case\":" + quoted + "}";
            case 3:
                return R"({"wildcard":")" +
                       std::string(pick({"a*", "*b", "*", "a*c", "*a*", "x", "*\\\\*a*"})) + "\"}";
            case 4:
                return R"({"numeric":[">",)" + std::to_string(below(3)) + "]}";
            case 5:
                return R"({"numeric":[">=",-3,"<",2]})";
            case 6:
                return std::string(R"({"exists":)") + pick({"true", "false"}) + "}";
            case 7:
                return "{\"anything-but\":" + choice + "}";
            case 8:
                return R"({"anything-but":{"prefix":"a"}})";
            case 9:
                return R"({"cidr":"10.0.0.0/24"})";
            case 10:
                return R"({"prefix":{"equals-ignore-case":"b"}})";
            case 11:
                return R"({"anything-but":[1,-3]})";
            case 12:
                return R"({"anything-but":{"suffix":["b","c"]}})";
            case 13:
                return "{\"anything-but\":{\"equals-ignore-case\":" + choice + "}}";
            case 14:
                return R"({"anything-but":{"wildcard":["*b*","ab*"]}})";
            case 15:
                return "{\"suffix\":{\"equals-ignore-case\":" + quoted + "}}";
            case 16:
                return std::string(R"({"cidr":")") +
                       pick({"0.0.0.0/0", "::/0", "2001:db8::/32", "16.0.0.0/8"}) + "\"}";
            case 17:
                return "{\"exactly\":" + quoted + "}";
            case 18:
                return R"({"numeric":["=",1e1]})";
            default:
                return scalar();
        }
    }
    std::string pattern(int depth = 2) {
        std::string out = "{";
        const std::size_t members = 1 + below(3);
        for (std::size_t i = 0; i < members; ++i) {
            if (i > 0) out += ',';
            if (depth > 0 && below(6) == 0) {
                out += "\"$or\":[" + pattern(depth - 1) + "," + pattern(depth - 1) + "]";
            } else if (depth > 0 && below(3) == 0) {
                out += "\"" + std::string(name()) + "\":" + pattern(depth - 1);
            } else {
                out += "\"" + std::string(name()) + "\":[" + condition();
                if (below(3) == 0) out += "," + condition();
                out += "]";
            }
        }
        return out + "}";
    }

  private:
    const char* pick(std::initializer_list<const char*> choices) {
        return choices.begin()[below(choices.size())];
    }
    std::minstd_rand random_;
};

}  // namespace

TEST_CASE("the compiled matcher agrees with the plain one, whatever rules come and go") {
    for (unsigned seed = 1; seed <= 12; ++seed) {
        Generator generator(seed);
        RuleMatcher matcher;
        std::map<std::uint32_t, std::string> rules;
        for (int round = 0; round < 12; ++round) {
            for (int change = 0; change < 12; ++change) {
                const auto rule = static_cast<std::uint32_t>(generator.below(90));
                if (generator.below(4) == 0) {
                    matcher.erase(rule);
                    rules.erase(rule);
                } else {
                    rules[rule] = generator.pattern();
                    matcher.put(rule, parse_pattern(rules[rule]));
                }
            }
            for (int shot = 0; shot < 8; ++shot) {
                const std::string text = generator.event();
                EventTape event;
                REQUIRE(event.read(text));
                const std::vector<EventLeaf> leaves = event_leaves(event);
                const std::vector<std::uint32_t> found = matcher.match(event);
                for (const auto& [rule, pattern] : rules) {
                    const bool wanted = matches(parse_pattern(pattern), leaves);
                    const bool got = std::find(found.begin(), found.end(), rule) != found.end();
                    if (wanted == got) continue;
                    CAPTURE(text);
                    CAPTURE(pattern);
                    CHECK(got == wanted);
                }
            }
        }
    }
}

TEST_CASE("a matcher that saw rules come and go gives what one made anew of the rest gives") {
    for (unsigned seed = 101; seed <= 104; ++seed) {
        Generator generator(seed);
        RuleMatcher matcher;
        std::map<std::uint32_t, std::string> rules;
        for (int round = 0; round < 6; ++round) {
            for (int change = 0; change < 120; ++change) {
                const auto rule = static_cast<std::uint32_t>(generator.below(300));
                if (generator.below(3) == 0) {
                    matcher.erase(rule);
                    rules.erase(rule);
                } else {
                    rules[rule] = generator.pattern();
                    matcher.put(rule, parse_pattern(rules[rule]));
                }
            }
            RuleMatcher fresh;
            for (const auto& [rule, pattern] : rules) fresh.put(rule, parse_pattern(pattern));
            for (int shot = 0; shot < 20; ++shot) {
                const std::string text = generator.event();
                CAPTURE(text);
                EventTape event;
                REQUIRE(event.read(text));
                const std::vector<std::uint32_t> found = matcher.match(event);
                CHECK(found == fresh.match(event));
            }
        }
    }
}

TEST_CASE("recorded patterns match in the compiled matcher as on AWS, alone and all at once") {
    RuleMatcher all;
    std::uint32_t number = 0;
    std::vector<std::pair<std::uint32_t, Json>> rows;
    for (const Json& row : eventbridge::testing::recordings("patterns.jsonl")) {
        const std::string pattern = string_member(row, "pattern");
        if (row.contains("invalid")) continue;
        all.put(number, parse_pattern(pattern));
        rows.emplace_back(number++, row);
    }
    for (const auto& [rule, row] : rows) {
        CAPTURE(string_member(row, "id"));
        const std::string text = string_member(row, "event");
        EventTape event;
        REQUIRE(event.read(text));
        RuleMatcher alone;
        alone.put(7, parse_pattern(string_member(row, "pattern")));
        const bool wanted = row["expected"].get<bool>();
        CHECK(alone.match(event).empty() != wanted);
        const auto& found = all.match(event);
        CHECK((std::find(found.begin(), found.end(), rule) != found.end()) == wanted);
    }
}
