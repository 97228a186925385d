// Any text as a path, read from a document: it must end in a value, a miss or an error.
#include <cstdint>
#include <string_view>

#include "expressions/jsonpath/jsonpath.h"

using namespace skafu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Json document = parse_json(
        R"({"a":[{"b":1,"c":["x","y"]},{"b":2,"c":"z"}],"s":"text","n":1.5,"o":{"k":null}})");
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const auto path = jsonpath::JsonPath::compile(text, jsonpath::Dialect::States);
        Json copy = document;
        jsonpath::set_at(copy, path, Json(1));
        to_text(path.read(document));
    } catch (const jsonpath::JsonPathError&) {
        return 0;
    } catch (const jsonpath::JsonPathMiss&) {
        return 0;
    }
    return 0;
}
