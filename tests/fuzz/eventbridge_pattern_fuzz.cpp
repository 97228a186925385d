// EventBridge's pattern compiler on any text: it takes it or refuses it with an AwsError; what it
// takes, the automaton and the plain matcher judge alike. The input is a pattern, a line feed and
// an event.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/aws_error.h"
#include "eventbridge/reference_matcher.h"
#include "eventbridge/rule_matcher.h"

using namespace skafu;
using namespace skafu::eventbridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::string_view pattern_text = input.substr(0, input.find('\n'));
    const std::string event_text(input.substr(std::min(pattern_text.size() + 1, input.size())));
    try {
        const Pattern pattern = parse_pattern(pattern_text);
        // A pattern that was taken has something to say, and says it twice alike.
        if (pattern.alternatives.empty()) std::abort();
        if (parse_pattern(pattern_text).alternatives.size() != pattern.alternatives.size()) {
            std::abort();
        }
        EventTape event;
        if (!event.read(event_text)) return 0;
        RuleMatcher matcher;
        matcher.put(0, pattern);
        const bool found = !matcher.match(event).empty();
        if (found != matches(pattern, event_leaves(event))) std::abort();
    } catch (const AwsError& error) {
        if (error.code() != "InvalidEventPatternException") std::abort();
    }
    return 0;
}
