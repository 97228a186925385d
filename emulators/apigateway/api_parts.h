#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/collection.h"

namespace skafu::apigateway {

/// The documents that belong to APIs: they lie in collections, with the key "apiId/id".
class ApiParts {
  public:
    /// nullptr if absent.
    const Json* part(const Collection& collection, const Scope& scope, const std::string& api_id,
                     std::string_view id) const;
    void put_part(Collection& collection, const Scope& scope, const std::string& api_id,
                  std::string_view id, Json document);
    bool erase_part(Collection& collection, const Scope& scope, const std::string& api_id,
                    std::string_view id);
    /// All documents of an API in one collection, in the order of their ids.
    std::vector<Json> parts(const Collection& collection, const Scope& scope,
                            const std::string& api_id) const;
    void erase_all_parts(Collection& collection, const Scope& scope, const std::string& api_id);

    /// Counts the changes of an API, so that what was compiled can tell that it is old.
    std::uint64_t revision(const std::string& api_id) const;
    void touch(const std::string& api_id) { ++revisions_[api_id]; }

  protected:
    void touch_all();

  private:
    std::unordered_map<std::string, std::uint64_t> revisions_;
};

/// Documents as a JSON array.
Json list_of(std::vector<Json> documents);

}  // namespace skafu::apigateway
