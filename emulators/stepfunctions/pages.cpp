#include "stepfunctions/pages.h"

#include "core/aws_error.h"
#include "core/base64.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::string_view kMark = "skafu-page:";
constexpr std::size_t kDefaultPage = 100;

std::size_t page_start(const Json& input) {
    const std::string token = string_member(input, "nextToken");
    if (token.empty()) return 0;
    const auto text = base64_decode(token);
    if (!text || !text->starts_with(kMark)) {
        throw AwsError("InvalidToken", "Invalid Token: 'Invalid token'");
    }
    return std::stoul(text->substr(kMark.size()));
}

}  // namespace

Json page_of(std::vector<Json> entries, const Json& input, const char* member) {
    const std::size_t start = std::min(page_start(input), entries.size());
    std::size_t count = kDefaultPage;
    if (const Json* limit = find_member(input, "maxResults");
        limit != nullptr && limit->is_number_integer() && limit->get<std::int64_t>() > 0) {
        count = limit->get<std::size_t>();
    }
    Json page = Json::array();
    std::size_t at = start;
    for (; at < entries.size() && page.size() < count; ++at) page.push_back(std::move(entries[at]));
    Json result = {{member, std::move(page)}};
    if (at < entries.size()) {
        result["nextToken"] = base64_encode(std::string(kMark) + std::to_string(at));
    }
    return result;
}

}  // namespace skafu::stepfunctions
