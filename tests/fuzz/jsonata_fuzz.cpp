// Any text as an expression, evaluated within tight limits: it must end in a value or an error.
#include <cstdint>
#include <string_view>

#include "expressions/jsonata/jsonata.h"

using namespace skafu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Json input = parse_json(
        R"({"a":[{"b":1,"c":["x","y"]},{"b":2,"c":"z"}],"s":"text é","n":1.5,"o":{"k":null}})");
    jsonata::Options options;
    options.limits = {50, 200, 4 * 1024 * 1024};
    options.now_millis = 1700000000000;
    options.random = [] { return 0.5; };
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const auto expression = jsonata::Expression::compile(text);
        const auto result = expression.evaluate(&input, jsonata::Bindings(), options);
        if (result) to_text(*result);
    } catch (const jsonata::JsonataError& error) {
        static_cast<void>(error.what());
    } catch (const jsonata::FunctionResult&) {
        return 0;
    }
    return 0;
}
