#include "eventbridge/buses.h"

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"

namespace skafu::eventbridge {
namespace {

constexpr std::string_view kDefault = "default";

std::string rule_key(const Bus& bus, std::string_view rule) {
    return bus.name() + "|" + std::string(rule);
}

}  // namespace

Buses::Buses(Cloud& cloud)
    : cloud_(cloud),
      bus_documents_(cloud.database(), "events", "bus"),
      rule_documents_(cloud.database(), "events", "rule") {
    load();
}

void Buses::load() {
    buses_.clear();
    bus_documents_.for_each_scope([this](const Scope& scope) {
        bus_documents_.for_each(scope, [&](const std::string& name, const Json& document) {
            add(scope, name, document);
            return true;
        });
    });
    rule_documents_.for_each_scope([this](const Scope& scope) {
        rule_documents_.for_each(scope, [&](const std::string& key, const Json& document) {
            Bus* bus = find(scope, key.substr(0, key.find('|')));
            try {
                if (bus != nullptr) bus->put_rule(document);
            } catch (const AwsError& error) {
                log::error("rule {} cannot be loaded: {}", key, error.message());
            }
            return true;
        });
    });
}

Bus& Buses::add(const Scope& scope, const std::string& name, Json document) {
    auto& slot = buses_[scope][name];
    slot = std::make_unique<Bus>(scope, name, std::move(document));
    return *slot;
}

Bus* Buses::find(const Scope& scope, std::string_view name) {
    if (name.empty()) name = kDefault;
    if (name.starts_with("arn:")) {
        const std::optional<Arn> arn = Arn::parse(name);
        if (!arn || arn->resource_type() != "event-bus") return nullptr;
        return find({arn->account, arn->region}, arn->resource_id());
    }
    const auto in_scope = buses_.find(scope);
    if (in_scope != buses_.end()) {
        const auto found = in_scope->second.find(name);
        if (found != in_scope->second.end()) return found->second.get();
    }
    if (name != kDefault) return nullptr;
    return &add(scope, std::string(kDefault), {{"Name", kDefault}});
}

Bus& Buses::require(const Scope& scope, std::string_view name_or_arn) {
    Bus* bus = find(scope, name_or_arn);
    if (bus != nullptr) return *bus;
    const std::size_t slash = name_or_arn.rfind(":event-bus/");
    if (slash != std::string_view::npos) name_or_arn.remove_prefix(slash + 11);
    throw AwsError::not_found(fmt::format("Event bus {} does not exist.", name_or_arn));
}

Bus& Buses::create(const Scope& scope, const std::string& name, Json document) {
    Bus& bus = add(scope, name, std::move(document));
    store(bus);
    return bus;
}

void Buses::store(const Bus& bus) {
    bus_documents_.put(bus.scope(), bus.name(), bus.document());
}

void Buses::remove(const Scope& scope, std::string_view name) {
    bus_documents_.erase(scope, name);
    const auto in_scope = buses_.find(scope);
    if (in_scope == buses_.end()) return;
    const auto found = in_scope->second.find(name);
    if (found != in_scope->second.end()) in_scope->second.erase(found);
}

void Buses::for_each(const Scope& scope, const std::function<void(Bus&)>& visit) {
    find(scope, kDefault);
    for (auto& [name, bus] : buses_[scope]) visit(*bus);
}

void Buses::for_each(const std::function<void(Bus&)>& visit) {
    for (auto& [scope, buses] : buses_) {
        for (auto& [name, bus] : buses) visit(*bus);
    }
}

RulePtr Buses::require_rule(Bus& bus, std::string_view name) {
    RulePtr rule = bus.find_rule(name);
    if (rule) return rule;
    throw AwsError::not_found(
        fmt::format("Rule {} does not exist on EventBus {}.", name, bus.name()));
}

RulePtr Buses::store_rule(Bus& bus, Json document) {
    RulePtr rule = bus.put_rule(document);
    rule_documents_.put(bus.scope(), rule_key(bus, rule->name), std::move(document));
    return rule;
}

void Buses::remove_rule(Bus& bus, std::string_view name) {
    rule_documents_.erase(bus.scope(), rule_key(bus, name));
    bus.erase_rule(name);
}

void Buses::reset(const Scope* scope) {
    bus_documents_.clear(scope);
    rule_documents_.clear(scope);
    if (scope == nullptr) {
        buses_.clear();
    } else {
        buses_.erase(*scope);
    }
}

}  // namespace skafu::eventbridge
