// EventBridge's automaton against the plain matcher: the input's bytes choose patterns and events
// from a small vocabulary, so that they meet often. Rules come, change and go between events.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "core/aws_error.h"
#include "eventbridge/reference_matcher.h"
#include "eventbridge/rule_matcher.h"

using namespace skafu;
using namespace skafu::eventbridge;

namespace {

class Choices {
  public:
    Choices(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
    bool empty() const { return left_ == 0; }
    /// In [0, below); 0 once the input is spent.
    std::size_t below(std::size_t below) {
        if (left_ == 0) return 0;
        --left_;
        return *data_++ % below;
    }
    template <std::size_t N>
    const char* one_of(const char* const (&words)[N]) {
        return words[below(N)];
    }

  private:
    const std::uint8_t* data_;
    std::size_t left_;
};

const char* const kNames[] = {"a", "b", "c", "a.b", "x"};
const char* const kScalars[] = {
    "\"\"", "\"ab\"", "\"aB\"",       "\"abc\"",      "\"b\"",   "\"5\"",
    "5",    "5.0",    "-1",           "1e400",        "true",    "false",
    "null", "300",    "\"10.0.0.7\"", "\"\\u00e9a\"", "\"A*b\"", "9007199254740993"};
const char* const kConditions[] = {
    R"({"prefix":"a"})",
    R"({"prefix":{"equals-ignore-case":"AB"}})",
    R"({"suffix":"b"})",
    R"({"suffix":{"equals-ignore-case":"C"}})",
    R"({"equals-ignore-case":"AB"})",
    R"({"wildcard":"a*c"})",
    R"({"wildcard":"*b*"})",
    R"({"wildcard":"*"})",
    R"({"numeric":[">=",5]})",
    R"({"numeric":[">",-1,"<",300]})",
    R"({"numeric":["=",5]})",
    R"({"cidr":"10.0.0.0/24"})",
    R"({"exists":true})",
    R"({"exists":false})",
    R"({"anything-but":"ab"})",
    R"({"anything-but":["ab","b"]})",
    R"({"anything-but":[5,300]})",
    R"({"anything-but":{"prefix":"a"}})",
    R"({"anything-but":{"suffix":["b","c"]}})",
    R"({"anything-but":{"wildcard":"*b*"}})",
    R"({"anything-but":{"equals-ignore-case":["AB","c"]}})",
};

std::string pattern(Choices& choices, int depth);

std::string pattern_member(Choices& choices, int depth) {
    std::string text = std::string("\"") + choices.one_of(kNames) + "\":";
    if (depth > 0 && choices.below(3) == 0) return text + pattern(choices, depth - 1);
    text += '[';
    for (std::size_t i = 0, count = 1 + choices.below(3); i < count; ++i) {
        if (i > 0) text += ',';
        text += choices.below(2) == 0 ? choices.one_of(kScalars) : choices.one_of(kConditions);
    }
    return text + "]";
}

std::string pattern(Choices& choices, int depth) {
    std::string text = "{" + pattern_member(choices, depth);
    for (std::size_t i = choices.below(3); i > 0; --i) text += "," + pattern_member(choices, depth);
    if (depth > 0 && choices.below(4) == 0) {
        text +=
            R"(,"$or":[)" + pattern(choices, depth - 1) + "," + pattern(choices, depth - 1) + "]";
    }
    return text + "}";
}

std::string value(Choices& choices, int depth) {
    const std::size_t kind = depth > 0 ? choices.below(4) : 0;
    if (kind < 2) return choices.one_of(kScalars);
    std::string text = kind == 2 ? "{" : "[";
    for (std::size_t i = 0, count = choices.below(4); i < count; ++i) {
        if (i > 0) text += ',';
        if (kind == 2) text += std::string("\"") + choices.one_of(kNames) + "\":";
        text += value(choices, depth - 1);
    }
    return text + (kind == 2 ? "}" : "]");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Choices choices(data, size);
    RuleMatcher matcher;
    std::map<std::uint32_t, Pattern> rules;
    EventTape event;
    while (!choices.empty()) {
        const auto number = static_cast<std::uint32_t>(choices.below(8));
        if (choices.below(4) == 0) {
            matcher.erase(number);
            rules.erase(number);
        }
        try {
            Pattern rule = parse_pattern(pattern(choices, 2));
            rules[number] = rule;
            matcher.put(number, std::move(rule));
        } catch (const AwsError&) {
            // Some combinations are refused.
        }
        std::string text = "{";
        for (std::size_t i = 0, count = choices.below(4); i < count; ++i) {
            if (i > 0) text += ',';
            text += std::string("\"") + choices.one_of(kNames) + "\":" + value(choices, 3);
        }
        text += '}';
        if (!event.read(text)) std::abort();
        std::vector<std::uint32_t> expected;
        for (const auto& [at, rule] : rules) {
            if (matches(rule, event_leaves(event))) expected.push_back(at);
        }
        if (matcher.match(event) != expected) std::abort();
    }
    return 0;
}
