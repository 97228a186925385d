#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skafu {

/// How many letters have to be put in, left out or changed to make one text of the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `name` was meant to be; empty where none is near.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace skafu
