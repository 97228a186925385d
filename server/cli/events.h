#pragma once

#include <string>
#include <vector>

namespace skafu::server {

/// What the `events` commands have in common.
struct EventsOptions {
    std::string url = "http://localhost:4566";
    std::string bus;
    std::string pattern;
    std::vector<std::string> files;
};

struct RecordOptions : EventsOptions {
    std::string output;
    std::uint64_t count = 0;  ///< stop after so many; 0 = when interrupted
};

struct ReplayOptions : EventsOptions {
    std::string speed = "max";  ///< "1x", "10x", "max"
    std::string endpoint;       ///< a real bus, by signed requests
    std::string region = "us-east-1";
    bool map_time = false;  ///< the events are of now, not of their recorded time
    bool skip_bad = false;
    bool restart = false;
};

/// Each gives the exit status and throws std::runtime_error where it cannot go on.
int record_events(const RecordOptions& options);
int replay_events(const ReplayOptions& options);
int diff_recordings(const std::string& before, const std::string& after);
int explain_events(const EventsOptions& options);
int transform_event(const EventsOptions& options, const std::string& rule,
                    const std::string& target);

}  // namespace skafu::server
