#include "apigateway/api_parts.h"

#include <fmt/format.h>

namespace skafu::apigateway {
namespace {

std::string key_of(const std::string& api_id, std::string_view id) {
    return fmt::format("{}/{}", api_id, id);
}

}  // namespace

Json list_of(std::vector<Json> documents) {
    Json list = Json::array();
    for (Json& document : documents) list.push_back(std::move(document));
    return list;
}

const Json* ApiParts::part(const Collection& collection, const Scope& scope,
                           const std::string& api_id, std::string_view id) const {
    return collection.find(scope, key_of(api_id, id));
}

void ApiParts::put_part(Collection& collection, const Scope& scope, const std::string& api_id,
                        std::string_view id, Json document) {
    collection.put(scope, key_of(api_id, id), std::move(document));
    touch(api_id);
}

bool ApiParts::erase_part(Collection& collection, const Scope& scope, const std::string& api_id,
                          std::string_view id) {
    touch(api_id);
    return collection.erase(scope, key_of(api_id, id));
}

std::vector<Json> ApiParts::parts(const Collection& collection, const Scope& scope,
                                  const std::string& api_id) const {
    std::vector<Json> found;
    const std::string prefix = key_of(api_id, "");
    collection.for_each(
        scope,
        [&](const std::string& key, const Json& document) {
            if (!key.starts_with(prefix)) return false;
            found.push_back(document);
            return true;
        },
        prefix);
    return found;
}

void ApiParts::erase_all_parts(Collection& collection, const Scope& scope,
                               const std::string& api_id) {
    std::vector<std::string> keys;
    const std::string prefix = key_of(api_id, "");
    collection.for_each(
        scope,
        [&](const std::string& key, const Json&) {
            if (!key.starts_with(prefix)) return false;
            keys.push_back(key);
            return true;
        },
        prefix);
    for (const std::string& key : keys) collection.erase(scope, key);
    touch(api_id);
}

std::uint64_t ApiParts::revision(const std::string& api_id) const {
    const auto found = revisions_.find(api_id);
    return found == revisions_.end() ? 0 : found->second;
}

void ApiParts::touch_all() {
    for (auto& [api_id, revision] : revisions_) ++revision;
}

}  // namespace skafu::apigateway
