#include "stepfunctions/value.h"

#include <algorithm>

namespace skafu::stepfunctions {
namespace {

/// How deep the brackets of a JSON text go.
std::size_t depth_of(std::string_view text) {
    std::size_t depth = 0;
    std::size_t deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            in_string = c != '"';
            continue;
        }
        in_string = c == '"';
        if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
        if (c == ']' || c == '}') --depth;
    }
    return deepest;
}

}  // namespace

void Value::fold() {
    // What states have nested deeper than texts may be could not be read back.
    if (depth_of(*text()) >= kMaxJsonDepth) return;
    json_ = nullptr;
    is_folded_ = true;
}

void Value::unfold() const {
    is_folded_ = false;
    if (text_) json_ = parse_json(*text_);  // there is none once the value was moved away
}

}  // namespace skafu::stepfunctions
