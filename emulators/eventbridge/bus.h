#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/arn.h"
#include "core/collection.h"
#include "core/json.h"
#include "eventbridge/input_transformer.h"
#include "eventbridge/rule_matcher.h"

namespace skafu::eventbridge {

/// A target of a rule, as PutTargets gave it, compiled.
struct Target {
    std::string id;
    std::string arn;
    Json definition;
    TargetInput input;
    std::optional<Arn> address;  // `arn`, parsed
};

/// What became of a rule's events since the start.
struct RuleCounts {
    std::uint64_t matched = 0;
    std::uint64_t delivered = 0;
    std::uint64_t failed = 0;  // for good
    std::uint64_t retried = 0;
    std::uint64_t dead_lettered = 0;
    std::uint64_t dead_letters_refused = 0;  // by the queue

    std::uint64_t attempts() const { return delivered + failed + retried; }
    /// What AWS counts as invocations: those that came to an end.
    std::uint64_t invocations() const { return delivered + failed; }
};

struct Rule {
    std::string bus;
    std::string name;
    std::string arn;
    Json document;  // as stored: Name, EventPattern, State, Description, …, Targets, Tags
    std::uint32_t slot = 0;
    std::vector<std::shared_ptr<const Target>> targets;
    RuleCounts counts;

    bool enabled() const { return string_member(document, "State") != "DISABLED"; }
    std::string pattern() const { return string_member(document, "EventPattern"); }
    std::string schedule() const { return string_member(document, "ScheduleExpression"); }
};

using RulePtr = std::shared_ptr<Rule>;

/// An event bus with its rules, compiled into one matcher.
class Bus {
  public:
    Bus(Scope scope, std::string name, Json document);

    const Scope& scope() const { return scope_; }
    const std::string& name() const { return name_; }
    const std::string& arn() const { return arn_; }
    Json& document() { return document_; }
    const Json& document() const { return document_; }

    RulePtr find_rule(std::string_view name) const;
    const std::map<std::string, RulePtr, std::less<>>& rules() const { return rules_; }
    /// Adds or replaces a rule from its stored document. Throws AwsError where its pattern or
    /// one of its targets is not valid.
    RulePtr put_rule(Json document);
    void erase_rule(std::string_view name);

    /// The slots of the enabled rules that match; valid until the next call.
    const std::vector<std::uint32_t>& match(EventTape& event) { return matcher_.match(event); }
    const RulePtr& rule_at(std::uint32_t slot) const { return slots_[slot]; }
    std::string rule_arn(std::string_view rule) const;

  private:
    std::uint32_t free_slot();

    Scope scope_;
    std::string name_;
    std::string arn_;
    Json document_;
    std::map<std::string, RulePtr, std::less<>> rules_;
    std::vector<RulePtr> slots_;
    std::vector<std::uint32_t> free_slots_;
    RuleMatcher matcher_;
};

}  // namespace skafu::eventbridge
