#include "stepfunctions/pages.h"

#include <charconv>

#include "core/aws_error.h"
#include "core/base64.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::string_view kMark = "skafu-page:";
constexpr std::size_t kDefaultPage = 100;

std::string page_mark(const char* member) {
    return fmt::format("{}{}:", kMark, member);
}

/// The number of entries that the token names; of another list's token, or none of ours, AWS says
/// that it is invalid.
std::optional<std::size_t> token_number(const Json& input, const std::string& mark) {
    const Json* token = find_member(input, "nextToken");
    if (token == nullptr || token->is_null()) return std::nullopt;
    const auto text = base64_decode(string_member(input, "nextToken"));
    std::size_t number = 0;
    const bool is_ours = text && text->starts_with(mark);
    if (is_ours) {
        const char* const end = text->data() + text->size();
        const auto [at, fault] = std::from_chars(text->data() + mark.size(), end, number);
        if (fault == std::errc() && at == end) return number;
    }
    throw AwsError("InvalidToken", "Invalid Token: 'Invalid token'");
}

}  // namespace

Json page_of(std::vector<Json> entries, const Json& input, const char* member, Growth growth) {
    const std::string mark = page_mark(member);
    const std::size_t size = entries.size();
    std::size_t start = 0;
    if (const auto number = token_number(input, mark)) {
        start = std::min(*number, size);
        if (growth == Growth::at_front) start = size - start;
    }
    std::size_t count = kDefaultPage;
    if (const Json* limit = find_member(input, "maxResults");
        limit != nullptr && limit->is_number_integer() && limit->get<std::int64_t>() > 0) {
        count = limit->get<std::size_t>();
    }
    Json page = Json::array();
    std::size_t at = start;
    for (; at < size && page.size() < count; ++at) page.push_back(std::move(entries[at]));
    Json result = {{member, std::move(page)}};
    if (at < size) {
        const std::size_t number = growth == Growth::at_front ? size - at : at;
        result["nextToken"] = base64_encode(mark + std::to_string(number));
    }
    return result;
}

}  // namespace skafu::stepfunctions
