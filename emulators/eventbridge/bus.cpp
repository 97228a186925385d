#include "eventbridge/bus.h"

#include <algorithm>

#include "core/arn.h"

namespace skafu::eventbridge {

Bus::Bus(Scope scope, std::string name, Json document)
    : scope_(std::move(scope)), name_(std::move(name)), document_(std::move(document)) {
    arn_ = make_arn("events", scope_.region, scope_.account, "event-bus/" + name_);
}

std::string Bus::rule_arn(std::string_view rule) const {
    const std::string prefix = name_ == "default" ? "rule/" : "rule/" + name_ + "/";
    return make_arn("events", scope_.region, scope_.account, prefix + std::string(rule));
}

RulePtr Bus::find_rule(std::string_view name) const {
    const auto found = rules_.find(name);
    return found == rules_.end() ? nullptr : found->second;
}

std::uint32_t Bus::free_slot() {
    if (!free_slots_.empty()) {
        const std::uint32_t slot = free_slots_.back();
        free_slots_.pop_back();
        return slot;
    }
    slots_.emplace_back();
    return static_cast<std::uint32_t>(slots_.size() - 1);
}

RulePtr Bus::put_rule(Json document) {
    auto rule = std::make_shared<Rule>();
    rule->bus = name_;
    rule->name = string_member(document, "Name");
    rule->arn = rule_arn(rule->name);
    rule->document = std::move(document);
    if (const Json* targets = find_member(rule->document, "Targets")) {
        for (const Json& definition : *targets) {
            std::string arn = string_member(definition, "Arn");
            std::optional<Arn> address = Arn::parse(arn);
            rule->targets.push_back(std::make_shared<const Target>(
                Target{string_member(definition, "Id"), std::move(arn), definition,
                       TargetInput::compile(definition), std::move(address)}));
        }
    }
    const RulePtr before = find_rule(rule->name);
    const bool is_same =
        before && before->pattern() == rule->pattern() && before->enabled() == rule->enabled();
    const std::string pattern_text = rule->pattern();
    std::optional<Pattern> pattern;
    if (!is_same && !pattern_text.empty() && rule->enabled()) pattern = parse_pattern(pattern_text);
    rule->slot = before ? before->slot : free_slot();
    if (before) rule->counts = before->counts;
    if (pattern) {
        matcher_.put(rule->slot, std::move(*pattern));
    } else if (!is_same) {
        matcher_.erase(rule->slot);
    }
    slots_[rule->slot] = rule;
    rules_[rule->name] = rule;
    return rule;
}

void Bus::erase_rule(std::string_view name) {
    const auto found = rules_.find(name);
    if (found == rules_.end()) return;
    matcher_.erase(found->second->slot);
    slots_[found->second->slot] = nullptr;
    free_slots_.push_back(found->second->slot);
    rules_.erase(found);
}

}  // namespace skafu::eventbridge
