#include "stepfunctions/field_rules.h"
#include "stepfunctions/state_compiler.h"

namespace skafu::stepfunctions {
namespace {

constexpr int kDeepestList = 20;
constexpr std::size_t kLongestName = 80;

Diagnostic fault_of(const char* code, std::string message, std::string location) {
    Diagnostic fault;
    fault.code = code;
    fault.message = std::move(message);
    fault.location = std::move(location);
    return fault;
}

bool ends_machine(const Json& state) {
    const std::string type = string_member(state, "Type");
    if (type == "Succeed" || type == "Fail") return true;
    const Json* end = find_member(state, "End");
    return end != nullptr && *end == Json(true);
}

}  // namespace

StateList StateCompiler::list(const Json& container, const std::string& location,
                              QueryLanguage language) {
    StateList result;
    const std::string here = location.empty() ? "/" : location;
    std::string missing;
    for (const char* field : {"States", "StartAt"}) {
        if (find_member(container, field) != nullptr) continue;
        missing += (missing.empty() ? "" : ", ") + std::string(field);
    }
    if (!missing.empty()) {
        diagnostics_.error("These fields are required: [" + missing + "]", here);
        return result;
    }
    const ListKind kind = location.empty()          ? ListKind::machine
                          : location.ends_with("]") ? ListKind::branch
                                                    : ListKind::processor;
    check_list_fields(container, kind, [&](const FieldFault& fault) {
        diagnostics_.error(fault.message, here, fault.hint);
    });
    const Json& states = container.at("States");
    if (!states.is_object()) {
        diagnostics_.error("Expected value of type [OBJECT]", location + "/States");
        return result;
    }
    if (states.empty()) diagnostics_.error("Value cannot be empty", location + "/States");
    if (++depth_ > kDeepestList) {
        diagnostics_.add(fault_of("TOO_DEEPLY_NESTED", "States are nested too deeply", here));
        return result;
    }
    for (const auto& [name, definition] : states.items()) {
        const std::string at = location + "/States/" + name;
        if (name.empty() || name.size() > kLongestName) {
            diagnostics_.add(
                fault_of("INVALID_STATE_NAME", "State name must have 1 to 80 characters", at));
        }
        if (!names_.insert(name).second) {
            refuse("Duplicate State name: " + name, at, "DUPLICATE_STATE_NAME");
        }
        result.states.push_back(state(definition, name, at, language));
    }
    --depth_;
    const auto start = target(result, string_member(container, "StartAt"), location + "/StartAt");
    if (start) result.start = *start;
    resolve(result, location);
    const bool has_end = std::any_of(states.begin(), states.end(), ends_machine);
    // Of a machine without an end AWS says that alone (see check_machine).
    if (has_end || kind != ListKind::machine) check_reachable(result, start, location);
    return result;
}

void StateCompiler::check_machine(const Json& definition) {
    const Json* states = find_member(definition, "States");
    if (states == nullptr || !states->is_object() || states->empty()) return;
    if (std::any_of(states->begin(), states->end(), ends_machine)) return;
    refuse("Workflow has no terminal state", "", "MISSING_END_STATE");
}

std::optional<std::size_t> StateCompiler::target(const StateList& list, const std::string& name,
                                                 const std::string& location) {
    if (const auto found = list.index_of(name)) return found;
    Diagnostic fault =
        fault_of("MISSING_TRANSITION_TARGET", "Missing 'Next' target: " + name, location);
    if (diagnostics_.wants_hints()) {
        std::vector<std::string> names;
        for (const auto& each : list.states) names.push_back(each->name);
        fault.hint = nearest_hint(name, names);
    }
    diagnostics_.add(std::move(fault));
    return std::nullopt;
}

void StateCompiler::resolve(StateList& list, const std::string& location) {
    for (const auto& state : list.states) {
        const std::string here = location + "/States/" + state->name;
        if (!state->next_name.empty()) state->next = target(list, state->next_name, here + "/Next");
        for (std::size_t i = 0; i < state->catchers.size(); ++i) {
            Catcher& catcher = state->catchers[i];
            if (catcher.next_name.empty()) continue;
            const std::string at = fmt::format("{}/Catch[{}]/Next", here, i);
            catcher.next = target(list, catcher.next_name, at).value_or(0);
        }
        if (!state->choice) continue;
        for (std::size_t i = 0; i < state->choice->rules.size(); ++i) {
            ChoiceRule& rule = state->choice->rules[i];
            if (rule.next_name.empty()) continue;
            const std::string at = fmt::format("{}/Choices[{}]/Next", here, i);
            rule.next = target(list, rule.next_name, at).value_or(0);
        }
        if (!state->choice->default_name.empty()) {
            state->choice->default_next =
                target(list, state->choice->default_name, here + "/Default");
        }
    }
}

void StateCompiler::check_reachable(const StateList& list, std::optional<std::size_t> start,
                                    const std::string& location) {
    std::vector<bool> reached(list.states.size(), false);
    std::vector<std::size_t> ahead;
    const auto reach = [&](const std::string& name) {
        const auto index = list.index_of(name);
        if (!index || reached[*index]) return;
        reached[*index] = true;
        ahead.push_back(*index);
    };
    if (start) reach(list.states[*start]->name);
    while (!ahead.empty()) {
        const State& state = *list.states[ahead.back()];
        ahead.pop_back();
        reach(state.next_name);
        for (const Catcher& catcher : state.catchers) reach(catcher.next_name);
        if (!state.choice) continue;
        for (const ChoiceRule& rule : state.choice->rules) reach(rule.next_name);
        reach(state.choice->default_name);
    }
    for (std::size_t i = 0; i < reached.size(); ++i) {
        if (reached[i]) continue;
        const std::string& name = list.states[i]->name;
        diagnostics_.add(fault_of("MISSING_TRANSITION_TARGET",
                                  "State \"" + name + "\" is not reachable.",
                                  location + "/States/" + name));
    }
}

}  // namespace skafu::stepfunctions
