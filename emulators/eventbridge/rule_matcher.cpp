#include "eventbridge/rule_matcher.h"

#include <map>

#include "eventbridge/reference_matcher.h"

namespace skafu::eventbridge {

struct RuleMatcher::State {
    std::map<std::uint32_t, Pattern> rules;
    std::vector<std::uint32_t> found;
};

RuleMatcher::RuleMatcher() : state_(std::make_unique<State>()) {}
RuleMatcher::~RuleMatcher() = default;
RuleMatcher::RuleMatcher(RuleMatcher&&) noexcept = default;
RuleMatcher& RuleMatcher::operator=(RuleMatcher&&) noexcept = default;

void RuleMatcher::put(std::uint32_t rule, Pattern pattern) {
    state_->rules[rule] = std::move(pattern);
}

void RuleMatcher::erase(std::uint32_t rule) {
    state_->rules.erase(rule);
}

const std::vector<std::uint32_t>& RuleMatcher::match(EventTape& event) {
    state_->found.clear();
    const std::vector<EventLeaf> leaves = event_leaves(event);
    for (const auto& [rule, pattern] : state_->rules) {
        if (matches(pattern, leaves)) state_->found.push_back(rule);
    }
    return state_->found;
}

}  // namespace skafu::eventbridge
