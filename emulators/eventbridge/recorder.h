#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/cloud.h"
#include "eventbridge/rule_matcher.h"

namespace skafu::eventbridge {

/// Those who listen to the events of buses as they are accepted. A listener asks for what came
/// since it asked last; one that does not ask for a minute is forgotten.
class Recorder {
  public:
    explicit Recorder(Cloud& cloud);

    /// Tells the listeners of an event, and of the names of the rules that it matched.
    void take(const Scope& scope, std::string_view bus, EventTape& tape,
              const std::shared_ptr<const std::string>& event,
              const std::vector<std::string>& rules);
    bool anybody() const { return !listeners_.empty(); }

    /// A new listener to one bus (all, when empty), for events that match the pattern (all, when
    /// empty). Throws AwsError for an invalid pattern.
    std::string listen(const Scope& scope, std::string bus, const std::string& pattern);
    /// What came for a listener, waiting up to `patience` for the first, as the text of
    /// {"missed": n, "events": [{"bus", "recordedAt", "matchedRules", "rules", "event"}],
    /// "waiting": n}, the last for how many there are beyond these. Throws AwsError
    /// ResourceNotFoundException for a listener that is not there.
    Task<std::string> collect(std::string id, Duration patience);
    /// Forgets a listener; nothing happens where there is none.
    void leave(const std::string& id) { listeners_.erase(id); }

  private:
    struct Heard {
        std::string bus;
        std::shared_ptr<const std::string> event;
        std::string rules;  // a JSON array
        std::size_t matched_rules;
        TimePoint time;
    };
    struct Listener {
        explicit Listener(Cloud& cloud) : news(cloud.io()) {}
        Scope scope;
        std::string bus;
        std::optional<RuleMatcher> filter;
        std::deque<Heard> heard;
        std::size_t missed = 0;
        Stopwatch unasked;
        Event news;
    };

    Cloud& cloud_;
    std::map<std::string, std::shared_ptr<Listener>> listeners_;
};

}  // namespace skafu::eventbridge
