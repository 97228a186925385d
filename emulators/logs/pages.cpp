#include "logs/pages.h"

namespace skafu::logs {

namespace {

constexpr std::size_t kDefaultPage = 50;

}  // namespace

Json page_of(const Collection& collection, const Scope& scope, const Json& input,
             std::string_view member, std::string_view prefix,
             const std::function<bool(Json& document)>& keep) {
    std::size_t limit = kDefaultPage;
    if (const Json* given = find_member(input, "limit")) limit = given->get<std::size_t>();
    const std::string after = string_member(input, "nextToken");
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
                page["nextToken"] = last;
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
