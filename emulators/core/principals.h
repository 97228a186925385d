#pragma once

#include <string_view>

namespace skafu {

/// Who calls for templates. They may name what they make later, or what nothing here looks at.
constexpr std::string_view kTemplates = "cloudformation.amazonaws.com";

}  // namespace skafu
