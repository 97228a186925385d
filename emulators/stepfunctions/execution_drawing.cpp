#include "stepfunctions/execution_drawing.h"

#include "stepfunctions/execution_views.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::string_view kRunning = "RUNNING";
constexpr std::string_view kEntered = "StateEntered";
constexpr std::string_view kExited = "StateExited";

std::string name_of(const HistoryEvent& event) {
    return event.name.empty() ? string_member(event.extra, "name") : std::string(event.name);
}

/// Input or output; a history that was read back has it among the other members.
SharedText data_of(const HistoryEvent& event, std::string_view member) {
    if (event.data) return event.data;
    return std::make_shared<const std::string>(string_member(event.extra, member));
}

/// The state type that an event of a Map or Parallel state speaks of; empty for all others.
std::string_view container_of(std::string_view event) {
    if (event.starts_with("Map")) return "Map";
    return event.starts_with("ParallelState") ? "Parallel" : "";
}

bool begins_attempt(std::string_view event) {
    return event.ends_with("Scheduled") || event == "ParallelStateStarted" ||
           event == "MapStateStarted";
}

bool is_failure(std::string_view event) {
    return event.ends_with("Failed") || event.ends_with("TimedOut");
}

}  // namespace

Visits::Visits(const Execution& execution) {
    for (const HistoryEvent& event : execution.history) read(event);
}

std::optional<std::size_t> Visits::of_event(std::int64_t event) const {
    const auto found = of_event_.find(event);
    if (found == of_event_.end()) return std::nullopt;
    return found->second;
}

/// The nearest visit of that type (and name), from `visit` outwards, that still runs.
std::optional<std::size_t> Visits::around(std::optional<std::size_t> visit, std::string_view type,
                                          std::string_view name) const {
    for (; visit; visit = visits_[*visit].parent) {
        const Visit& each = visits_[*visit];
        const bool fits = each.type == type && (name.empty() || each.name == name);
        if (fits && each.status == kRunning) return visit;
    }
    return std::nullopt;
}

std::optional<std::size_t> Visits::owner(const HistoryEvent& event) const {
    const std::string_view type = event.type;
    const std::optional<std::size_t> before = of_event(event.previous);
    if (type.ends_with(kExited)) {
        const std::string_view state_type = type.substr(0, type.size() - kExited.size());
        return around(before, state_type, name_of(event));
    }
    const std::string_view container = container_of(type);
    return container.empty() ? before : around(before, container, name_of(event));
}

void Visits::enter(const HistoryEvent& event, std::string_view type) {
    Visit visit;
    visit.name = name_of(event);
    visit.type = type;
    visit.status = kRunning;
    visit.entered_event = event.id;
    visit.entered = event.time;
    visit.input = data_of(event, "input");
    if (const auto before = of_event(event.previous)) {
        const auto iteration = iterations_.find(event.previous);
        const Visit& last = visits_[*before];
        const bool is_container = last.type == "Map" || last.type == "Parallel";
        const bool is_inside = is_container && last.status == kRunning;
        visit.parent = is_inside ? before : last.parent;
        if (iteration != iterations_.end()) {
            visit.iteration = iteration->second;
        } else if (!is_inside) {
            visit.iteration = last.iteration;
        }
    }
    of_event_[event.id] = visits_.size();
    visits_.push_back(std::move(visit));
}

void Visits::exit(const HistoryEvent& event, Visit& visit) {
    visit.status = visit.status == kRunning && visit.error ? "CAUGHT_ERROR" : "SUCCEEDED";
    visit.exited = event.time;
    visit.output = data_of(event, "output");
}

/// A Map or Parallel has failed: what still ran inside it has ended too.
void Visits::end_inside(std::size_t outer, std::optional<std::size_t> failed) {
    std::vector<bool> is_failed(visits_.size());
    for (; failed; failed = visits_[*failed].parent) is_failed[*failed] = true;
    for (std::size_t i = outer + 1; i < visits_.size(); ++i) {
        std::optional<std::size_t> at = visits_[i].parent;
        while (at && *at != outer) at = visits_[*at].parent;
        if (at && visits_[i].status == kRunning)
            visits_[i].status = is_failed[i] ? "FAILED" : "ABORTED";
    }
}

void Visits::end(const HistoryEvent& event) {
    const std::string_view outcome = event.type == "ExecutionTimedOut"  ? "TIMED_OUT"
                                     : event.type == "ExecutionAborted" ? "ABORTED"
                                                                        : "FAILED";
    std::vector<bool> is_cause(visits_.size());
    const std::optional<std::size_t> last = of_event(event.previous);
    for (auto at = last; at; at = visits_[*at].parent) is_cause[*at] = true;
    for (std::size_t i = 0; i < visits_.size(); ++i) {
        if (visits_[i].status != kRunning) continue;
        visits_[i].status = outcome != "FAILED" || is_cause[i] ? outcome : "ABORTED";
    }
    if (!last || outcome != "FAILED") return;
    for (const char* member : {"error", "cause"}) {
        const Json* value = find_member(event.extra, member);
        if (value == nullptr || !value->is_string()) continue;
        (*member == 'e' ? visits_[*last].error : visits_[*last].cause) = value->get<std::string>();
    }
}

void Visits::read(const HistoryEvent& event) {
    const std::string_view type = event.type;
    if (type.ends_with(kEntered)) {
        enter(event, type.substr(0, type.size() - kEntered.size()));
        return;
    }
    if (type.starts_with("Execution")) {
        if (type != "ExecutionStarted" && type != "ExecutionRedriven") end(event);
        return;
    }
    const std::optional<std::size_t> owner_of = owner(event);
    if (!owner_of) return;
    of_event_[event.id] = *owner_of;
    Visit& visit = visits_[*owner_of];
    if (type == "MapIterationStarted") {
        iterations_[event.id] = event.index >= 0 ? event.index : event.extra.value("index", 0);
    } else if (type.ends_with(kExited)) {
        exit(event, visit);
    } else if (begins_attempt(type)) {
        ++visit.attempts;
    } else if (type.ends_with("Succeeded") && !type.starts_with("MapIteration")) {
        visit.error.reset();
        visit.cause.reset();
    } else if (type.ends_with("StateAborted")) {
        visit.status = "ABORTED";
    } else if (is_failure(type)) {
        if (!container_of(type).empty()) end_inside(*owner_of, of_event(event.previous));
        if (type.starts_with("MapIteration")) return;
        visit.error = string_member(event.extra, "error");
        visit.cause.reset();
        if (const Json* cause = find_member(event.extra, "cause"); cause && cause->is_string()) {
            visit.cause = cause->get<std::string>();
        }
    }
}

namespace {

void add_outcome(Json& to, const Visit& visit) {
    to["status"] = visit.status;
    to["entered"] = iso8601_millis(visit.entered);
    to["enteredEvent"] = visit.entered_event;
    to["input"] = *visit.input;
    if (visit.exited) {
        to["exited"] = iso8601_millis(*visit.exited);
        to["durationMs"] = epoch_millis(*visit.exited) - epoch_millis(visit.entered);
        to["output"] = *visit.output;
    }
    if (visit.attempts > 0) to["attempts"] = visit.attempts;
    if (visit.error) to["error"] = *visit.error;
    if (visit.cause) to["cause"] = *visit.cause;
}

Json step_of(const Visit& visit) {
    Json step = {{"name", visit.name}, {"type", visit.type}};
    if (visit.parent) step["parent"] = *visit.parent;
    if (visit.iteration) step["iteration"] = *visit.iteration;
    add_outcome(step, visit);
    return step;
}

/// The visits of a state by its name, which is unique in a machine.
using Latest = std::unordered_map<std::string_view, std::pair<const Visit*, std::int64_t>>;

Json states_of(const StateList& list, const Latest& latest) {
    Json states = Json::array();
    for (const auto& state : list.states) {
        Json entry = {{"name", state->name}, {"type", to_string(state->type)}};
        Json next = Json::array();
        const auto add = [&](std::size_t index) { next.push_back(list.states[index]->name); };
        if (state->next) add(*state->next);
        if (state->choice) {
            for (const ChoiceRule& rule : state->choice->rules) add(rule.next);
            if (state->choice->default_next) add(*state->choice->default_next);
        }
        for (const Catcher& catcher : state->catchers) add(catcher.next);
        entry["next"] = std::move(next);
        const auto visited = latest.find(state->name);
        entry["visits"] = visited == latest.end() ? 0 : visited->second.second;
        if (visited == latest.end()) {
            entry["status"] = "NOT_STARTED";
        } else {
            add_outcome(entry, *visited->second.first);
        }
        if (!state->branches.empty()) {
            Json branches = Json::array();
            for (const StateList& branch : state->branches) {
                branches.push_back(states_of(branch, latest));
            }
            entry["branches"] = std::move(branches);
        }
        if (state->map) entry["processor"] = states_of(state->map->processor, latest);
        states.push_back(std::move(entry));
    }
    return states;
}

}  // namespace

Json draw_execution(const Execution& execution, TimePoint now, std::int64_t after) {
    const Visits visits(execution);
    Latest latest;
    Json steps = Json::array();
    for (const Visit& visit : visits.all()) {
        auto& [last, count] = latest[visit.name];
        last = &visit;
        ++count;
        steps.push_back(step_of(visit));
    }
    Json result = describe_execution(execution, now);
    for (const char* date : {"startDate", "stopDate"}) {
        if (result.contains(date)) {
            result[date] = iso8601_millis(from_epoch_seconds(result[date].get<double>()));
        }
    }
    result["graph"] = {{"startAt", execution.states->states[execution.states->start]->name},
                       {"states", states_of(*execution.states, latest)}};
    result["steps"] = std::move(steps);
    Json events = Json::array();
    for (const HistoryEvent& event : execution.history) {
        if (event.id <= after) continue;
        Json shown = event_to_json(event, ExecutionData::included);
        if (const auto visit = visits.of_event(event.id)) shown["step"] = *visit;
        events.push_back(std::move(shown));
    }
    result["events"] = std::move(events);
    return result;
}

}  // namespace skafu::stepfunctions
