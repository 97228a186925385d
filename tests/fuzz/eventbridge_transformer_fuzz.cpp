// EventBridge's input transformers and paths on any template and event: what is delivered for a
// template that is an object or a list must be JSON. The input is a path, a template and an event,
// a line each.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/aws_error.h"
#include "eventbridge/input_transformer.h"

using namespace skafu;
using namespace skafu::eventbridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const auto next_line = [&rest] {
        const std::string line(rest.substr(0, rest.find('\n')));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        return line;
    };
    const std::string path = next_line();
    const std::string template_text = next_line();
    const std::string event_text(rest);
    EventTape event;
    if (!event.read(event_text) || !event.is_object()) return 0;
    const Json targets[] = {{{"Id", "t"}, {"InputPath", path}},
                            {{"Id", "t"},
                             {"InputTransformer",
                              {{"InputPathsMap", {{"a", path}, {"all", "$.detail[*].b"}}},
                               {"InputTemplate", template_text}}}}};
    for (const Json& target : targets) {
        try {
            const TargetInput input = TargetInput::compile(target);
            const auto delivered = input.render(event, event_text, {"arn", "rule", "now"});
            if (!delivered) continue;
            const std::size_t first = delivered->find_first_not_of(" \t\r\n");
            const bool is_json = first != std::string::npos && (*delivered)[first] == '{';
            if (is_json) parse_json(*delivered);
        } catch (const AwsError&) {
            // an unknown placeholder, or no path
        }
    }
    return 0;
}
