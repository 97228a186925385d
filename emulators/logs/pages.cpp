#include "logs/pages.h"

#include "core/aws_error.h"
#include "core/base64.h"

namespace skafu::logs {

namespace {

constexpr std::size_t kDefaultPage = 50;
constexpr std::string_view kMark = "after:";  // tells our tokens from what clients make up

std::string token_after(std::string_view key) {
    return base64url_encode(fmt::format("{}{}", kMark, key));
}

/// The key behind which the page of a token starts; "" for the first page.
std::string key_of_token(const std::string& token) {
    if (token.empty()) return {};
    const std::optional<std::string> text = base64_decode(token);
    if (!text || !text->starts_with(kMark)) throw invalid_token();
    return text->substr(kMark.size());
}

}  // namespace

AwsError invalid_token() {
    return {"InvalidParameterException", "The specified nextToken is invalid."};
}

Json page_of(const Collection& collection, const Scope& scope, const Json& input,
             std::string_view member, std::string_view prefix,
             const std::function<bool(Json& document)>& keep) {
    std::size_t limit = kDefaultPage;
    if (const Json* given = find_member(input, "limit")) limit = given->get<std::size_t>();
    const std::string after = key_of_token(string_member(input, "nextToken"));
    Json list = Json::array();
    Json page = Json::object();
    std::string last;
    collection.for_each(
        scope,
        [&](const std::string& key, const Json& document) {
            if (!key.starts_with(prefix)) return false;
            if (!after.empty() && key <= after) return true;
            Json copy = document;
            if (!keep(copy)) return true;
            if (list.size() == limit) {
                page["nextToken"] = token_after(last);
                return false;
            }
            list.push_back(std::move(copy));
            last = key;
            return true;
        },
        std::max(std::string_view(after), prefix));
    page[std::string(member)] = std::move(list);
    return page;
}

}  // namespace skafu::logs
