#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace skafu::server {

/// What the `events` commands have in common.
struct EventsOptions {
    std::string url = "http://localhost:4566";
    std::string region = "us-east-1";
    std::string bus;
    std::string pattern;
    std::vector<std::string> files;
};

struct RecordOptions : EventsOptions {
    std::string output;
    std::uint64_t count = 0;  ///< stop after so many; 0 = when interrupted
};

/// What becomes of events of which an interrupted replay does not know whether a real bus has
/// them: sent again, or left out.
enum class InDoubt : std::uint8_t { send, skip };

struct ReplayOptions : EventsOptions {
    std::string table;               ///< an event store of the running server, besides files
    std::string aggregate;           ///< of an event store: only this one
    std::string from;                ///< only events of this time or later
    std::string to;                  ///< only events before this time
    std::string speed = "max";       ///< "1x", "10x", "max"
    std::string endpoint;            ///< a real bus, by signed requests
    std::string replay_name;         ///< marks the events, as an archive's replay does
    std::vector<std::string> rules;  ///< only these get the events
    bool map_time = false;           ///< the events are of now, not of their recorded time
    bool skip_bad = false;
    bool restart = false;
    InDoubt in_doubt = InDoubt::send;
};

/// Each gives the exit status and throws std::runtime_error where it cannot go on.
int record_events(const RecordOptions& options);
int replay_events(const ReplayOptions& options);
int diff_recordings(const std::string& before, const std::string& after);
int explain_events(const EventsOptions& options);
int transform_event(const EventsOptions& options, const std::string& rule,
                    const std::string& target);

/// The exit status of a command that was interrupted.
inline constexpr int kInterruptedStatus = 130;

}  // namespace skafu::server
