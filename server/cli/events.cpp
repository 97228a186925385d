#include "cli/events.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <thread>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/event_files.h"
#include "cli/events_client.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "core/clock.h"

namespace skafu::server {
namespace {

void add_common(CLI::App& command, EventsOptions& options) {
    command.add_option("--url", options.url, "The running server")
        ->envname("AWS_ENDPOINT_URL")
        ->capture_default_str();
    const char* region = std::getenv("AWS_DEFAULT_REGION");
    if (region != nullptr && *region != '\0') options.region = region;
    command.add_option("--region", options.region, "Region of the buses")
        ->envname("AWS_REGION")
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
    command->add_option("files", options->files,
                        "Recordings and exports, also gzip, and folders of them");
    command->add_option("--table", options->table, "An event store of the running server");
    command->add_option("--aggregate", options->aggregate, "Of an event store, only this one");
    command->add_option("--from", options->from, "Only events of this time (ISO 8601) or later");
    command->add_option("--to", options->to, "Only events before this time");
    command->add_option("--speed", options->speed, "1x, 10x (any factor), or max")
        ->capture_default_str();
    command->add_option("--filter", options->pattern, "Only events that match this pattern");
    command->add_option("--rule", options->rules, "Only this rule gets them (repeatable)");
    command->add_option("--replay-name", options->replay_name,
                        "Marks them as an archive's replay does; events of an event store are "
                        "marked \"event-store\" without it");
    command->add_option("--endpoint", options->endpoint,
                        "A real endpoint; requests are signed with the key of the environment");
    const std::map<std::string, InDoubt> choices = {{"send", InDoubt::send},
                                                    {"skip", InDoubt::skip}};
    command
        ->add_option("--in-doubt", options->in_doubt,
                     "With --endpoint, what was under way when it was killed: send or skip")
        ->transform(CLI::CheckedTransformer(choices));
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

constexpr auto kPollEvery = std::chrono::milliseconds(100);

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

namespace {

/// What a recording has taken, on the terminal as it goes and once at the end.
class RecordCounter {
  public:
    void show(std::uint64_t count, std::uint64_t missed) const {
        if (is_terminal_) std::fprintf(stderr, "\r\033[K%s", line(count, missed).c_str());
    }
    void end(std::uint64_t count, std::uint64_t missed) const {
        std::fprintf(stderr, "%s%s\n", is_terminal_ ? "\r\033[K" : "", line(count, missed).c_str());
    }

  private:
    std::string line(std::uint64_t count, std::uint64_t missed) const {
        const double seconds = std::chrono::duration<double>(watch_.elapsed()).count();
        std::string text = fmt::format("{} events, {:.0f}/s", count,
                                       static_cast<double>(count) / std::max(seconds, 0.001));
        if (missed > 0) text += fmt::format(" ({} missed)", missed);
        return text;
    }

    bool is_terminal_ = isatty(STDERR_FILENO) == 1;
    Stopwatch watch_;
};

}  // namespace

int record_events(const RecordOptions& options) {
    EventsClient client(options.url, options.region);
    const Json wanted = {{"bus", options.bus}, {"pattern", options.pattern}};
    const std::string id =
        string_member(client.admin("POST", "/events/recordings", to_text(wanted)), "id");
    const std::string path = "/events/recordings/" + id;
    std::ofstream out(options.output, std::ios::trunc);
    if (!out) throw std::runtime_error("cannot write " + options.output);
    catch_interrupts();
    std::fprintf(stderr, "Recording.\n");
    RecordCounter counter;
    std::uint64_t count = 0;
    std::uint64_t missed = 0;
    const auto is_enough = [&] { return options.count != 0 && count >= options.count; };
    eventbridge::EventTape tape;
    const auto number = [&tape](const char* member) {
        return std::stoull(std::string(tape.source(tape[tape.member(0, member)])));
    };
    // After an interruption it goes on to the end of what was accepted by then.
    std::optional<std::uint64_t> last;
    while (!is_enough() && (!last || count < *last)) {
        const bool ends = interrupted() && !last;
        const std::string answer = client.admin_text("GET", path + "?seconds=0");
        const std::size_t list = tape.read(answer) ? tape.member(0, "events") : 0;
        if (list == 0) throw std::runtime_error(options.url + " is no skafu-local");
        const bool is_empty = tape[list].next == list + 1;
        for (std::size_t at = list + 1; at < tape[list].next && !is_enough(); at = tape[at].next) {
            out << tape.source(tape[at]) << '\n';
            ++count;
        }
        out.flush();
        if (!out) throw std::runtime_error("cannot write " + options.output);
        if (ends) last = count + number("waiting");
        missed = number("missed");
        counter.show(count, missed);
        if (is_empty && !interrupted()) std::this_thread::sleep_for(kPollEvery);
    }
    client.admin("DELETE", path);
    counter.end(count, missed);
    return missed == 0 ? 0 : 1;
}

int explain_events(const EventsOptions& options) {
    EventsClient client(options.url, options.region);
    for (const std::string& file : options.files) {
        const auto visit = [&](RecordedEvent recorded, const EventPlace&) {
            const Json event = parse_json(recorded.event);
            const Json body = {{"event", event},
                               {"bus", options.bus.empty() ? recorded.bus : options.bus}};
            const Json answer = client.admin("POST", "/events/explain", to_text(body));
            std::printf("%s on %s\n", string_member(event, "detail-type").c_str(),
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
    EventsClient client(options.url, options.region);
    const std::string& file = options.files.front();
    const auto visit = [&](RecordedEvent recorded, const EventPlace&) {
        const Json body = {{"event", parse_json(recorded.event)},
                           {"bus", options.bus.empty() ? recorded.bus : options.bus},
                           {"rule", rule},
                           {"target", target}};
        const Json answer = client.admin("POST", "/events/transform", to_text(body));
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

}  // namespace skafu::server
