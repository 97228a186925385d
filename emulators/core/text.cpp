#include "core/text.h"

namespace skafu {

std::string plain_text(const Json& value) {
    return value.is_string() ? value.get<std::string>() : to_text(value);
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

}  // namespace skafu
