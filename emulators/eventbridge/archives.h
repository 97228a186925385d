#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/cloud.h"
#include "eventbridge/buses.h"
#include "eventbridge/store.h"

namespace skafu::eventbridge {

/// The archives: which bus each listens to, what it takes, and for how long it keeps it.
class Archives {
  public:
    Archives(Cloud& cloud, Store& store);

    /// Adds an event of a bus to the archives whose pattern it matches.
    void take(const Bus& bus, EventTape& tape, std::string_view event, TimePoint time);

    const Json* find(const Scope& scope, std::string_view name) const;
    /// Throws ResourceNotFoundException "Archive X does not exist."
    const Json& require(const Scope& scope, std::string_view name) const;
    void put(const Scope& scope, const std::string& name, Json document);
    void remove(const Scope& scope, const std::string& name);
    void for_each(const Scope& scope,
                  const std::function<bool(const std::string&, const Json&)>& visit) const;
    Store& store() { return store_; }
    void reset(const Scope* scope);

  private:
    struct Archive {
        Scope scope;
        std::string name;
        bool takes_all = true;
        RuleMatcher matcher;
    };
    void compile(const Scope& scope, const std::string& name, const Json& document);
    void forget(const Scope& scope, const std::string& name);
    void load();
    void prune();

    Cloud& cloud_;
    Store& store_;
    Collection documents_;
    std::map<std::string, std::vector<std::unique_ptr<Archive>>, std::less<>> by_bus_;  // by ARN
    bool pruning_ = false;
};

}  // namespace skafu::eventbridge
