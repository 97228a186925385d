#pragma once

#include <string_view>

namespace skafu {

/// Whether a text is the id of an account: 12 digits. An access key of that form stands for the
/// account.
constexpr bool is_account_id(std::string_view text) {
    return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace skafu
