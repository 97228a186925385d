#include <map>
#include <random>

#include <doctest/doctest.h>

#include "eventbridge/reference_matcher.h"
#include "eventbridge/rule_matcher.h"

using namespace skafu;
using namespace skafu::eventbridge;

namespace {

/// Rules and events as busy buses have them: few sources and types, so that each value stands in
/// many rules, and each rule in the company of others that differ in another field.
class BusyBus {
  public:
    explicit BusyBus(unsigned seed) : random_(seed) {}

    std::string rule() {
        std::string text = R"({"source":[")" + word("s", 3) + "\"]";
        if (below(3) > 0) text += R"(,"detail-type":[")" + word("T", 4) + "\"]";
        const std::string member = R"(,"detail":{")" + word("f", 3) + "\":[";
        switch (below(8)) {
            case 0:
                return text + member + "\"" + word("v", 4) + "\"],\"g\":[\"" + word("v", 2) +
                       "\"]}}";
            case 1:
                return text + member + R"({"prefix":")" + word("v", 4).substr(0, 1 + below(2)) +
                       "\"}]}}";
            case 2:
                return text + member + R"({"suffix":")" + word("", 4) + "\"}]}}";
            case 3:
                return text + member + R"({"numeric":[">=",)" + std::to_string(below(40)) +
                       R"(,"<",)" + std::to_string(40 + below(40)) + "]}]}}";
            case 4:
                return text + member + R"({"numeric":["<",)" + std::to_string(below(80)) + "]}]}}";
            case 5:
                return text + member + R"({"anything-but":[")" + word("v", 4) + "\"]}]}}";
            case 6:
                return text + member + R"({"exists":false}]}})";
            default:
                return text + "}";
        }
    }

    std::string event() {
        std::string text = R"({"source":")" + word("s", 3) + R"(","detail-type":")" + word("T", 4) +
                           R"(","detail":{"g":)" + value();
        for (const char* name : {"f0", "f1", "f2"}) {
            if (below(3) == 0) continue;
            text += std::string(",\"") + name + "\":";
            text += below(4) == 0 ? "[" + value() + ",{\"x\":1}," + value() + "]" : value();
        }
        return text + "}}";
    }

    std::size_t below(std::size_t n) { return random_() % n; }

  private:
    std::string word(const char* stem, std::size_t n) { return stem + std::to_string(below(n)); }
    std::string value() {
        return below(2) == 0 ? "\"" + word("v", 4) + "\"" : std::to_string(below(90));
    }

    std::mt19937 random_;
};

}  // namespace

TEST_CASE("many rules that share their values are told apart") {
    BusyBus bus(7);
    RuleMatcher matcher;
    std::map<std::uint32_t, Pattern> rules;
    EventTape tape;
    for (int round = 0; round < 60; ++round) {
        for (int change = 0; change < 12; ++change) {
            const auto number = static_cast<std::uint32_t>(bus.below(400));
            if (bus.below(5) == 0) {
                matcher.erase(number);
                rules.erase(number);
                continue;
            }
            Pattern pattern = parse_pattern(bus.rule());
            rules[number] = pattern;
            matcher.put(number, std::move(pattern));
        }
        for (int i = 0; i < 8; ++i) {
            const std::string event = bus.event();
            REQUIRE(tape.read(event));
            std::vector<std::uint32_t> expected;
            for (const auto& [number, pattern] : rules) {
                if (matches(pattern, event_leaves(tape))) expected.push_back(number);
            }
            CAPTURE(event);
            CHECK(matcher.match(tape) == expected);
        }
    }
}

TEST_CASE("white space goes only where JSON has it between tokens") {
    const auto compact = [](std::string_view json) {
        std::string out;
        append_compact(json, out);
        return out;
    };
    CHECK(compact("{ \"a b\" : [ 1 ,\n\t-2.5e3 , true ] , \"c\\\" \" : { } }") ==
          "{\"a b\":[1,-2.5e3,true],\"c\\\" \":{}}");
    CHECK(compact(" 1 2 ") == "1 2");
    CHECK(compact("{\"a\":tr ue}") == "{\"a\":tr ue}");
    CHECK(compact("\"open \\") == "\"open \\");
}
