#include "core/collection.h"

namespace skafu {

Collection::Collection(Database& database, std::string_view service, std::string_view kind)
    : database_(database), service_(service), kind_(kind) {
    database_.migrate("collections",
                      {"CREATE TABLE documents(service TEXT, kind TEXT, account TEXT, region TEXT,"
                       " key TEXT, body TEXT NOT NULL,"
                       " PRIMARY KEY(service, kind, account, region, key)) WITHOUT ROWID"});
    store_ = database_.prepare("INSERT OR REPLACE INTO documents VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    remove_ = database_.prepare(
        "DELETE FROM documents WHERE service = ?1 AND kind = ?2 AND account = ?3 AND region = ?4"
        " AND key = ?5");
    if (!database_.untouched()) load();
    database_.on_rollback([this] { load(); });
}

void Collection::load() {
    scopes_.clear();
    Statement all = database_.prepare(
        "SELECT account, region, key, body FROM documents WHERE service = ?1 AND kind = ?2");
    all.bind(1, service_).bind(2, kind_);
    while (all.step()) {
        Scope scope{std::string(all.text(0)), std::string(all.text(1))};
        scopes_[std::move(scope)].emplace(std::string(all.text(2)), parse_json(all.text(3)));
    }
}

const Json* Collection::find(const Scope& scope, std::string_view key) const {
    const auto documents = scopes_.find(scope);
    if (documents == scopes_.end()) return nullptr;
    const auto found = documents->second.find(key);
    return found == documents->second.end() ? nullptr : &found->second;
}

void Collection::put(const Scope& scope, std::string_view key, Json document) {
    database_.write();
    const std::string body = to_text(document);
    store_.bind(1, service_).bind(2, kind_).bind(3, scope.account).bind(4, scope.region);
    store_.bind(5, key).bind(6, body).run();
    Documents& documents = scopes_[scope];
    const auto found = documents.find(key);
    if (found == documents.end()) {
        documents.emplace(std::string(key), std::move(document));
    } else {
        found->second = std::move(document);
    }
}

bool Collection::erase(const Scope& scope, std::string_view key) {
    const auto documents = scopes_.find(scope);
    if (documents == scopes_.end()) return false;
    const auto found = documents->second.find(key);
    if (found == documents->second.end()) return false;
    database_.write();
    remove_.bind(1, service_).bind(2, kind_).bind(3, scope.account).bind(4, scope.region);
    remove_.bind(5, key).run();
    documents->second.erase(found);
    return true;
}

std::size_t Collection::size(const Scope& scope) const {
    const auto documents = scopes_.find(scope);
    return documents == scopes_.end() ? 0 : documents->second.size();
}

void Collection::for_each(const Scope& scope,
                          const std::function<bool(const std::string&, const Json&)>& visit,
                          std::string_view from) const {
    const auto documents = scopes_.find(scope);
    if (documents == scopes_.end()) return;
    for (auto at = documents->second.lower_bound(from); at != documents->second.end(); ++at) {
        if (!visit(at->first, at->second)) return;
    }
}

void Collection::for_each_scope(const std::function<void(const Scope&)>& visit) const {
    for (const auto& [scope, documents] : scopes_) {
        if (!documents.empty()) visit(scope);
    }
}

void Collection::clear(const Scope* scope) {
    database_.write();
    Statement wipe = database_.prepare(
        "DELETE FROM documents WHERE service = ?1 AND kind = ?2"
        " AND (?3 IS NULL OR (account = ?3 AND region = ?4))");
    wipe.bind(1, service_).bind(2, kind_);
    if (scope != nullptr) {
        wipe.bind(3, scope->account).bind(4, scope->region);
        scopes_.erase(*scope);
    } else {
        scopes_.clear();
    }
    wipe.run();
}

}  // namespace skafu
