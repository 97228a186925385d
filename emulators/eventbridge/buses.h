#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/cloud.h"
#include "eventbridge/bus.h"

namespace skafu::eventbridge {

/// All buses of all accounts and regions, kept in step with their durable documents.
class Buses {
  public:
    explicit Buses(Cloud& cloud);

    /// By name or ARN (which may name another account or region); "" is the default bus, which
    /// exists in every scope. nullptr if there is none.
    Bus* find(const Scope& scope, std::string_view name_or_arn);
    /// Throws ResourceNotFoundException "Event bus X does not exist."
    Bus& require(const Scope& scope, std::string_view name_or_arn);

    Bus& create(const Scope& scope, const std::string& name, Json document);
    void store(const Bus& bus);
    void remove(const Scope& scope, std::string_view name);
    void for_each(const Scope& scope, const std::function<void(Bus&)>& visit);
    void for_each(const std::function<void(Bus&)>& visit);

    /// Throws ResourceNotFoundException "Rule X does not exist on EventBus Y."
    RulePtr require_rule(Bus& bus, std::string_view name);
    RulePtr store_rule(Bus& bus, Json document);
    void remove_rule(Bus& bus, std::string_view name);

    void reset(const Scope* scope);

  private:
    void load();
    Bus& add(const Scope& scope, const std::string& name, Json document);

    Cloud& cloud_;
    Collection bus_documents_;
    Collection rule_documents_;
    std::map<Scope, std::map<std::string, std::unique_ptr<Bus>, std::less<>>> buses_;
};

}  // namespace skafu::eventbridge
