#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "eventbridge/event_tape.h"
#include "eventbridge/pattern.h"

namespace skafu::eventbridge {

/// The rules of a bus, compiled: gives the rules that an event matches, at a cost that depends
/// on the event and hardly on the number of rules.
class RuleMatcher {
  public:
    RuleMatcher();
    ~RuleMatcher();
    RuleMatcher(RuleMatcher&&) noexcept;
    RuleMatcher& operator=(RuleMatcher&&) noexcept;

    /// Adds a rule under a number of the caller's choice, or replaces it.
    void put(std::uint32_t rule, Pattern pattern);
    void erase(std::uint32_t rule);

    /// The rules that match, in ascending order; valid until the next call.
    const std::vector<std::uint32_t>& match(EventTape& event);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace skafu::eventbridge
