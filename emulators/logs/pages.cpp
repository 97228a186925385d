#include "logs/pages.h"

#include "core/aws_error.h"
#include "core/page_token.h"

namespace skafu::logs {

namespace {

constexpr std::size_t kDefaultPage = 50;

/// The key behind which the page of a token starts; "" for the first page.
std::string key_of_token(const std::string& token) {
    if (token.empty()) return {};
    std::optional<std::string> key = key_of_page_token(token);
    if (!key) throw invalid_token();
    return std::move(*key);
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
                page["nextToken"] = page_token(last);
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
