#include "cli/events.h"

#include <cstdio>
#include <fstream>
#include <map>

#include <CLI/CLI.hpp>

#include "cli/event_files.h"
#include "cli/events_client.h"
#include "cli/interrupt.h"
#include "cli/program.h"

namespace skafu::server {
namespace {

void add_common(CLI::App& command, EventsOptions& options) {
    command.add_option("--url", options.url, "The running server")
        ->envname("AWS_ENDPOINT_URL")
        ->capture_default_str();
    command.add_option("--bus", options.bus, "Event bus (default: as recorded, or all)");
}

void add_record(CLI::App& events, Command& chosen) {
    auto options = std::make_shared<RecordOptions>();
    CLI::App* command = events.add_subcommand("record", "Write the events of buses to a file.");
    add_common(*command, *options);
    command->add_option("--pattern", options->pattern, "Only events that match this pattern");
    command->add_option("--count", options->count, "Stop after so many events");
    command->add_option("-o,--output", options->output, "File to write")->required();
    command->callback(
        [&chosen, options] { chosen = [options] { return record_events(*options); }; });
}

void add_replay(CLI::App& events, Command& chosen) {
    auto options = std::make_shared<ReplayOptions>();
    CLI::App* command = events.add_subcommand(
        "replay", "Put recorded events onto a bus again; goes on where it was interrupted.");
    add_common(*command, *options);
    command->add_option("files", options->files, "Recordings and exports, also gzip")->required();
    command->add_option("--speed", options->speed, "1x, 10x (any factor), or max")
        ->capture_default_str();
    command->add_option("--filter", options->pattern, "Only events that match this pattern");
    command->add_option("--endpoint", options->endpoint,
                        "A real endpoint; requests are signed with the key of the environment");
    command->add_option("--region", options->region, "Region to sign for")
        ->envname("AWS_REGION")
        ->capture_default_str();
    command->add_flag("--map-time", options->map_time, "Let the events be of now");
    command->add_flag("--skip-bad", options->skip_bad, "Go on behind lines that hold no event");
    command->add_flag("--restart", options->restart, "Start from the beginning");
    command->callback(
        [&chosen, options] { chosen = [options] { return replay_events(*options); }; });
}

void add_explain(CLI::App& events, Command& chosen) {
    auto options = std::make_shared<EventsOptions>();
    CLI::App* command =
        events.add_subcommand("explain", "Say which rules an event matches, and why others not.");
    add_common(*command, *options);
    command->add_option("files", options->files, "Files of events")->required();
    command->callback(
        [&chosen, options] { chosen = [options] { return explain_events(*options); }; });
}

void add_transform(CLI::App& events, Command& chosen) {
    auto options = std::make_shared<EventsOptions>();
    auto rule = std::make_shared<std::string>();
    auto target = std::make_shared<std::string>();
    CLI::App* command =
        events.add_subcommand("transform", "Show what a rule's target gets for an event.");
    add_common(*command, *options);
    command->add_option("rule", *rule, "Name of the rule")->required();
    command->add_option("target", *target, "Id of the target")->required();
    command->add_option("event", options->files, "File of events")->required();
    command->callback([&chosen, options, rule, target] {
        chosen = [options, rule, target] { return transform_event(*options, *rule, *target); };
    });
}

void add_diff(CLI::App& events, Command& chosen) {
    auto files = std::make_shared<std::pair<std::string, std::string>>();
    CLI::App* command = events.add_subcommand(
        "diff", "Compare two recordings by what happened, ignoring ids and times.");
    command->add_option("before", files->first)->required();
    command->add_option("after", files->second)->required();
    command->callback([&chosen, files] {
        chosen = [files] { return diff_recordings(files->first, files->second); };
    });
}

[[noreturn]] void refuse_line(const std::string& file, const EventPlace& place,
                              const std::string& why) {
    throw std::runtime_error(file + ":" + std::to_string(place.line) + ": " + why);
}

}  // namespace

void add_events_command(CLI::App& app, Command& chosen) {
    CLI::App* events =
        app.add_subcommand("events", "Record, replay, compare and explain events of a server.");
    events->require_subcommand(1);
    add_record(*events, chosen);
    add_replay(*events, chosen);
    add_diff(*events, chosen);
    add_explain(*events, chosen);
    add_transform(*events, chosen);
}

int record_events(const RecordOptions& options) {
    EventsClient client(options.url);
    const Json wanted = {{"bus", options.bus}, {"pattern", options.pattern}};
    const std::string id = string_member(client.admin("POST", "/events/recordings", wanted), "id");
    std::ofstream out(options.output, std::ios::trunc);
    if (!out) throw std::runtime_error("cannot write " + options.output);
    catch_interrupts();
    std::fprintf(stderr, "Recording.\n");
    std::uint64_t count = 0;
    while (!interrupted() && (options.count == 0 || count < options.count)) {
        const Json answer = client.admin("GET", "/events/recordings/" + id);
        for (const Json& recorded : answer["events"]) {
            if (options.count != 0 && count == options.count) break;
            out << to_text(recorded) << '\n';
            ++count;
        }
        out.flush();
        std::fprintf(stderr, "\r%llu events", static_cast<unsigned long long>(count));
        const auto missed = answer["missed"].get<std::uint64_t>();
        if (missed > 0)
            std::fprintf(stderr, " (%llu missed)", static_cast<unsigned long long>(missed));
    }
    std::fprintf(stderr, "\n");
    return 0;
}

int explain_events(const EventsOptions& options) {
    EventsClient client(options.url);
    for (const std::string& file : options.files) {
        const auto visit = [&](Json recorded, const EventPlace&) {
            Json body = {
                {"event", recorded["event"]},
                {"bus", options.bus.empty() ? string_member(recorded, "bus") : options.bus}};
            const Json answer = client.admin("POST", "/events/explain", body);
            std::printf("%s on %s\n", string_member(recorded["event"], "detail-type").c_str(),
                        string_member(answer, "bus").c_str());
            for (const Json& rule : answer["rules"]) {
                const bool matches = rule["matches"] == true;
                std::printf("  %-3s %s\n", matches ? "yes" : "no",
                            string_member(rule, "rule").c_str());
                if (const Json* failing = find_member(rule, "failing")) {
                    for (const auto& [name, value] : failing->items()) {
                        std::printf("        %-9s %s\n", name.c_str(),
                                    value.is_string() ? value.get<std::string>().c_str()
                                                      : to_text(value).c_str());
                    }
                }
            }
            if (const Json* elsewhere = find_member(answer, "wouldMatchElsewhere")) {
                std::printf("  on another bus it would match: %s\n", to_text(*elsewhere).c_str());
            }
            return true;
        };
        read_events(file, visit, [&](const EventPlace& place, const std::string& why) {
            refuse_line(file, place, why);
        });
    }
    return 0;
}

int transform_event(const EventsOptions& options, const std::string& rule,
                    const std::string& target) {
    EventsClient client(options.url);
    const std::string& file = options.files.front();
    const auto visit = [&](Json recorded, const EventPlace&) {
        const Json body = {
            {"event", recorded["event"]},
            {"bus", options.bus.empty() ? string_member(recorded, "bus") : options.bus},
            {"rule", rule},
            {"target", target}};
        const Json answer = client.admin("POST", "/events/transform", body);
        for (const Json& result : answer["targets"]) {
            std::printf("%s\n", result["delivered"] == true
                                    ? string_member(result, "input").c_str()
                                    : string_member(result, "hint").c_str());
        }
        return true;
    };
    read_events(file, visit, [&](const EventPlace& place, const std::string& why) {
        refuse_line(file, place, why);
    });
    return 0;
}

// --- diff

namespace {

/// What a recording says happened: for each correlation id, in the order of their first event,
/// the events without what differs from run to run.
std::vector<std::vector<std::string>> stories(const std::string& file) {
    std::vector<std::vector<std::string>> all;
    std::map<std::string, std::size_t> known;
    const auto visit = [&](Json recorded, const EventPlace&) {
        Json event = recorded["event"];
        Json detail = event.value("detail", Json::object());
        std::string correlation = string_member(detail, "correlationId");
        if (correlation.empty()) correlation = string_member(event, "id");
        if (detail.is_object()) {
            for (const char* name : {"eventId", "correlationId", "causationId", "timestamp"}) {
                detail.erase(name);
            }
        }
        const auto [place, is_new] = known.emplace(correlation, all.size());
        if (is_new) all.emplace_back();
        const Json told = {{"bus", string_member(recorded, "bus")},
                           {"source", string_member(event, "source")},
                           {"detail-type", string_member(event, "detail-type")},
                           {"matchedRules", recorded.value("matchedRules", Json())},
                           {"detail", std::move(detail)}};
        all[place->second].push_back(to_text(told));
        return true;
    };
    read_events(file, visit, [&](const EventPlace& place, const std::string& why) {
        refuse_line(file, place, why);
    });
    return all;
}

}  // namespace

int diff_recordings(const std::string& before, const std::string& after) {
    const auto old_stories = stories(before);
    const auto new_stories = stories(after);
    std::size_t differences = 0;
    for (std::size_t i = 0; i < std::max(old_stories.size(), new_stories.size()); ++i) {
        const std::vector<std::string> none;
        const auto& was = i < old_stories.size() ? old_stories[i] : none;
        const auto& is = i < new_stories.size() ? new_stories[i] : none;
        if (was == is) continue;
        ++differences;
        std::printf("flow %zu:\n", i + 1);
        for (std::size_t e = 0; e < std::max(was.size(), is.size()); ++e) {
            if (e < was.size() && e < is.size() && was[e] == is[e]) {
                std::printf("    %s\n", was[e].c_str());
                continue;
            }
            if (e < was.size()) std::printf("  - %s\n", was[e].c_str());
            if (e < is.size()) std::printf("  + %s\n", is[e].c_str());
        }
    }
    std::printf("%zu of %zu flows differ\n", differences,
                std::max(old_stories.size(), new_stories.size()));
    return differences == 0 ? 0 : 1;
}

}  // namespace skafu::server
