#pragma once

#include <string>
#include <string_view>

#include "core/cloud.h"
#include "eventbridge/archives.h"
#include "eventbridge/buses.h"
#include "eventbridge/delivery.h"
#include "eventbridge/recorder.h"
#include "eventbridge/rule_metrics.h"

namespace skafu::eventbridge {

/// Takes events onto buses: checks the entries of PutEvents, builds the events, finds the rules
/// and hands them to their targets and to the archives.
class EventIntake {
  public:
    EventIntake(Cloud& cloud, Buses& buses, Archives& archives, Deliverer& deliverer,
                Recorder& recorder, RuleMetrics& metrics);

    /// PutEvents (API reference): one result per entry, in order. Throws AwsError where the
    /// request as a whole is refused.
    Document put_events(Context& context, const Document& input);

    /// What a replay asks for: it goes to chosen rules only, and to no archive.
    struct Replay {
        std::string name;
        std::vector<std::string> rule_arns;  // empty: all
    };
    /// Puts a whole event onto a bus. Gives the number of rules that match.
    std::size_t ingest(Bus& bus, std::string text, int hops, ActivityId cause,
                       const Replay* replay = nullptr);

    /// Hands an event to the targets of one rule, past all patterns: a schedule that is due.
    void deliver_to_rule(const Bus& bus, const RulePtr& rule, std::string text, ActivityId cause);

  private:
    void put_entry(Context& context, EventTape& tape, std::size_t entry, std::string& results,
                   int& failed);
    std::string event_text(EventTape& tape, std::size_t entry, const Caller& caller,
                           std::string_view id, TimePoint now, std::size_t& detail_at);
    std::size_t dispatch(Bus& bus, AcceptedEvent& event, EventTape& read, const Replay* replay);

    Cloud& cloud_;
    Buses& buses_;
    Archives& archives_;
    Deliverer& deliverer_;
    Recorder& recorder_;
    RuleMetrics& metrics_;
    EventTape request_;  // of the last PutEvents, kept for its memory
    EventTape event_;    // of the last event, likewise
};

}  // namespace skafu::eventbridge
