#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/database.h"
#include "core/json.h"

namespace skafu {

/// Whose resources: those of two scopes never meet.
struct Scope {
    std::string account;
    std::string region;
    auto operator<=>(const Scope&) const = default;
};

/// A durable, ordered map of JSON documents per account and region: the control-plane state of
/// the services (queues, rules, functions …). Reads come from memory, writes go through to the
/// database in the turn's transaction.
class Collection {
  public:
    /// Loads what the database holds under (service, kind), such as ("sqs", "queue").
    Collection(Database& database, std::string_view service, std::string_view kind);
    Collection(const Collection&) = delete;
    Collection& operator=(const Collection&) = delete;

    /// nullptr if absent; valid until the document is changed.
    const Json* find(const Scope& scope, std::string_view key) const;
    void put(const Scope& scope, std::string_view key, Json document);
    /// False if it was not there.
    bool erase(const Scope& scope, std::string_view key);
    std::size_t size(const Scope& scope) const;
    /// In the order of keys; `visit` returns false to stop. It must not change the collection.
    void for_each(const Scope& scope,
                  const std::function<bool(const std::string& key, const Json&)>& visit,
                  std::string_view from = {}) const;
    void for_each_scope(const std::function<void(const Scope&)>& visit) const;
    /// Empties one scope, or all when `scope` is nullptr.
    void clear(const Scope* scope);

  private:
    using Documents = std::map<std::string, Json, std::less<>>;
    void load();

    Database& database_;
    std::string service_;
    std::string kind_;
    std::map<Scope, Documents> scopes_;
    Statement store_;
    Statement remove_;
};

}  // namespace skafu
