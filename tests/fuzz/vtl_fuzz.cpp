// Whatever text stands in a mapping template, parsing and rendering it ends, within its limits.

#include <cstddef>
#include <cstdint>

#include "expressions/vtl/gateway_objects.h"
#include "expressions/vtl/vtl.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace skafu::vtl;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Limits limits{.loop = 100, .steps = 20'000, .depth = 50, .output = 100'000};
    try {
        const Template compiled(text);
        auto body = std::make_shared<Body>(std::string(R"({"a": [1, {"b": "c"}], "d": null})"));
        auto parameters = std::make_shared<Map>();
        const Value input = std::shared_ptr<Object>(
            std::make_shared<Input>(std::move(body), [parameters] { return parameters; }));
        const Value util = std::shared_ptr<Object>(std::make_shared<Util>());
        compiled.render({{"input", input}, {"util", util}, {"context", Map::blank_when_empty()}},
                        limits);
    } catch (const TemplateError&) {
        return 0;
    }
    return 0;
}
