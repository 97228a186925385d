// EventBridge: the pattern compiler, the matcher against its oracle, and input transformers. The
// input is a pattern, a line feed, an event, and (after another line feed) a template.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/aws_error.h"
#include "eventbridge/input_transformer.h"
#include "eventbridge/reference_matcher.h"
#include "eventbridge/rule_matcher.h"

using namespace skafu;
using namespace skafu::eventbridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::string_view pattern_text = input.substr(0, input.find('\n'));
    std::string_view rest = input.substr(std::min(pattern_text.size() + 1, input.size()));
    const std::string event_text(rest.substr(0, rest.find('\n')));
    rest = rest.substr(std::min(event_text.size() + 1, rest.size()));
    EventTape event;
    const bool is_event = event.read(event_text);
    try {
        const Pattern pattern = parse_pattern(pattern_text);
        if (is_event) {
            RuleMatcher matcher;
            matcher.put(0, pattern);
            const bool found = !matcher.match(event).empty();
            if (found != matches(pattern, event_leaves(event))) std::abort();
        }
    } catch (const AwsError&) {
        // refused, as it should be
    }
    if (!is_event || rest.empty()) return 0;
    try {
        const Json target = {{"Id", "t"},
                             {"InputTransformer",
                              {{"InputPathsMap", {{"a", "$.a"}, {"all", "$.detail[*].b"}}},
                               {"InputTemplate", std::string(rest)}}}};
        TargetInput::compile(target).render(event, event_text, {"arn", "rule", "now"});
    } catch (const AwsError&) {
        // an unknown placeholder
    }
    return 0;
}
