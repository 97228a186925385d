#include "dynamodb/list_page.h"

#include <algorithm>
#include <charconv>

#include "core/aws_error.h"
#include "core/digest.h"

namespace skafu::dynamodb {
namespace {

/// Clients refuse tokens of ListImports that are shorter than 112 digits, or no multiple of 16.
constexpr std::size_t kLeastTokenBytes = 56;
constexpr std::size_t kTokenStep = 8;

std::string token_of(std::string key) {
    const std::size_t size = std::max(key.size(), kLeastTokenBytes);
    key.resize((size + kTokenStep - 1) / kTokenStep * kTokenStep, '\0');
    return digest::hex(key);
}

[[noreturn]] void reject_token() {
    throw AwsError::validation("The provided NextToken is not valid");
}

std::string key_of(std::string_view token) {
    if (token.size() % 2 != 0) reject_token();
    std::string key;
    for (std::size_t i = 0; i < token.size(); i += 2) {
        unsigned byte = 0;
        const auto read = std::from_chars(&token[i], &token[i] + 2, byte, 16);
        if (read.ec != std::errc() || read.ptr != &token[i] + 2) reject_token();
        key.push_back(static_cast<char>(byte));
    }
    while (!key.empty() && key.back() == '\0') key.pop_back();
    if (key.empty()) reject_token();
    return key;
}

}  // namespace

ListPage::ListPage(const Json& input, std::string_view size_member, std::size_t most)
    : most_(most) {
    const Json* size = find_member(input, size_member);
    // What is out of bounds was refused by the shape.
    if (size != nullptr && size->is_number_integer()) {
        most_ = std::clamp<std::size_t>(size->get<std::size_t>(), 1, most);
    }
    const Json* token = find_member(input, "NextToken");
    if (token != nullptr && token->is_string()) after_ = key_of(token->get<std::string>());
}

bool ListPage::add(const std::string& key, Json entry) {
    if (!after_.empty() && key <= after_) return true;
    if (entries_.size() == most_) {
        more_ = true;
        return false;
    }
    entries_.push_back(std::move(entry));
    last_ = key;
    return true;
}

Json ListPage::answer(const char* member) {
    Json out = {{member, std::move(entries_)}};
    if (more_) out["NextToken"] = token_of(last_);
    return out;
}

}  // namespace skafu::dynamodb
