#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

namespace skafu {

/// The entries of a list such as "a=1; b=2", without the spaces before them; none is empty.
inline std::vector<std::string_view> split_entries(std::string_view text, char separator) {
    std::vector<std::string_view> entries;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find(separator, from), text.size());
        const std::size_t start = std::min(text.find_first_not_of(' ', from), end);
        if (start < end) entries.push_back(text.substr(start, end - start));
        from = end + 1;
    }
    return entries;
}

}  // namespace skafu
