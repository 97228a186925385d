#include "stepfunctions/compiler.h"

#include "stepfunctions/json_fault.h"
#include "stepfunctions/state_compiler.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::size_t kMaxDefinition = 1024 * 1024;

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

QueryLanguage language_of(const Json& definition, Diagnostics& diagnostics) {
    const Json* field = find_member(definition, "QueryLanguage");
    if (field == nullptr || *field == "JSONPath") return QueryLanguage::jsonpath;
    if (*field == "JSONata") return QueryLanguage::jsonata;
    diagnostics.error(
        "The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata]",
        "/QueryLanguage");
    return QueryLanguage::jsonpath;
}

}  // namespace

std::string_view to_string(StateType type) {
    switch (type) {
        case StateType::Pass:
            return "Pass";
        case StateType::Task:
            return "Task";
        case StateType::Choice:
            return "Choice";
        case StateType::Wait:
            return "Wait";
        case StateType::Succeed:
            return "Succeed";
        case StateType::Fail:
            return "Fail";
        case StateType::Parallel:
            return "Parallel";
        case StateType::Map:
            return "Map";
    }
    return {};
}

std::optional<std::size_t> StateList::index_of(std::string_view name) const {
    for (; indexed_ < states.size(); ++indexed_) by_name_.emplace(states[indexed_]->name, indexed_);
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return std::nullopt;
    return found->second;
}

std::shared_ptr<const Program> compile_definition(std::string_view text, MachineType type,
                                                  const Cloud& cloud, Tolerance tolerance,
                                                  Diagnostics& diagnostics) {
    auto program = std::make_shared<Program>();
    if (text.size() > kMaxDefinition) {
        diagnostics.error("The definition exceeds the maximum length of 1048576 characters", "");
        return program;
    }
    Json definition;
    try {
        if (!is_blank(text)) definition = parse_json(text);
    } catch (const JsonError& error) {
        Diagnostic fault;
        fault.code = "INVALID_JSON_DESCRIPTION";
        fault.message = describe_json_fault(text, error.offset()) + "\n at " +
                        source_location(text, error.offset());
        diagnostics.add(std::move(fault));
        return program;
    }
    if (!definition.is_object()) {
        diagnostics.error("Definition must be a valid JSON object", "");
        return program;
    }
    StateCompiler compiler(cloud, type, tolerance, diagnostics, *program);
    const QueryLanguage language = language_of(definition, diagnostics);
    compiler.set_machine_language(language);
    program->root = compiler.list(definition, "", language);
    const auto mentions = [text](std::string_view word) {
        return text.find(word) != std::string_view::npos;
    };
    program->reads_map_item = mentions("Map.Item") || mentions("$$\"") || mentions("context") ||
                              mentions("$$.Map") || mentions("$$[") || mentions("$states") ||
                              mentions("$$,") || mentions("$$)");
    if (const Json* timeout = find_member(definition, "TimeoutSeconds")) {
        if (timeout->is_number_integer() && timeout->get<std::int64_t>() > 0) {
            program->timeout_seconds = timeout->get<std::int64_t>();
        } else {
            diagnostics.error("Expected value of type Integer", "/TimeoutSeconds");
        }
    }
    return program;
}

std::shared_ptr<const Program> compile_single_state(const Json& state, const std::string& name,
                                                    QueryLanguage language, const Cloud& cloud,
                                                    Diagnostics& diagnostics) {
    auto program = std::make_shared<Program>();
    StateCompiler compiler(cloud, MachineType::standard, Tolerance::none, diagnostics, *program);
    compiler.set_machine_language(language);
    StateList& list = program->root;
    list.states.push_back(compiler.state(state, name, "/States/" + name, language));
    // Where it leads to is only a name here: empty states stand for the others.
    const auto index = [&list](const std::string& target) {
        if (const auto found = list.index_of(target)) return *found;
        auto stand_in = std::make_unique<State>();
        stand_in->name = target;
        list.states.push_back(std::move(stand_in));
        return list.states.size() - 1;
    };
    State& only = *list.states.front();
    if (!only.next_name.empty()) only.next = index(only.next_name);
    for (Catcher& catcher : only.catchers) catcher.next = index(catcher.next_name);
    if (only.choice) {
        for (ChoiceRule& rule : only.choice->rules) rule.next = index(rule.next_name);
        if (!only.choice->default_name.empty()) {
            only.choice->default_next = index(only.choice->default_name);
        }
    }
    return program;
}

StateList StateCompiler::list(const Json& container, const std::string& location,
                              QueryLanguage language) {
    constexpr int kMaxDepth = 20;
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
    const Json& states = container.at("States");
    if (!states.is_object()) {
        diagnostics_.error("Expected value of type Object", location + "/States");
        return result;
    }
    if (states.empty()) diagnostics_.error("Value cannot be empty", location + "/States");
    if (++depth_ > kMaxDepth) {
        diagnostics_.error("States are nested too deeply", here);
        return result;
    }
    for (const auto& [name, definition] : states.items()) {
        if (name.size() > 80) {
            diagnostics_.error("State name must have length less than or equal to 80",
                               location + "/States/" + name);
        }
        result.states.push_back(state(definition, name, location + "/States/" + name, language));
    }
    --depth_;
    const std::string start = string_member(container, "StartAt");
    if (const auto index = result.index_of(start)) {
        result.start = *index;
        resolve(result, location);
    } else {
        std::vector<std::string> names;
        for (const auto& each : result.states) names.push_back(each->name);
        Diagnostic fault;
        fault.code = "MISSING_TRANSITION_TARGET";
        fault.message = "Missing 'Next' target: " + start;
        fault.location = location + "/StartAt";
        fault.hint = nearest_hint(start, names);
        diagnostics_.add(std::move(fault));
    }
    return result;
}

void StateCompiler::resolve_one(const StateList& list, const std::string& name,
                                const std::string& location, std::size_t& index,
                                std::vector<bool>& reached) {
    if (const auto found = list.index_of(name)) {
        index = *found;
        reached[index] = true;
        return;
    }
    Diagnostic fault;
    fault.code = "MISSING_TRANSITION_TARGET";
    fault.message = "Missing 'Next' target: " + name;
    fault.location = location;
    if (diagnostics_.wants_hints()) {
        std::vector<std::string> names;
        for (const auto& each : list.states) names.push_back(each->name);
        fault.hint = nearest_hint(name, names);
    }
    diagnostics_.add(std::move(fault));
}

void StateCompiler::resolve(StateList& list, const std::string& location) {
    std::vector<bool> reached(list.states.size(), false);
    reached[list.start] = true;
    for (const auto& state : list.states) {
        const std::string here = location + "/States/" + state->name;
        if (!state->next_name.empty()) {
            std::size_t index = 0;
            resolve_one(list, state->next_name, here + "/Next", index, reached);
            state->next = index;
        }
        for (std::size_t i = 0; i < state->catchers.size(); ++i) {
            Catcher& catcher = state->catchers[i];
            if (catcher.next_name.empty()) continue;
            resolve_one(list, catcher.next_name, fmt::format("{}/Catch[{}]/Next", here, i),
                        catcher.next, reached);
        }
        if (!state->choice) continue;
        for (std::size_t i = 0; i < state->choice->rules.size(); ++i) {
            ChoiceRule& rule = state->choice->rules[i];
            if (rule.next_name.empty()) continue;
            resolve_one(list, rule.next_name, fmt::format("{}/Choices[{}]/Next", here, i),
                        rule.next, reached);
        }
        if (!state->choice->default_name.empty()) {
            std::size_t index = 0;
            resolve_one(list, state->choice->default_name, here + "/Default", index, reached);
            state->choice->default_next = index;
        }
    }
    for (std::size_t i = 0; i < reached.size(); ++i) {
        if (reached[i]) continue;
        Diagnostic fault;
        fault.code = "MISSING_TRANSITION_TARGET";
        fault.message = "State \"" + list.states[i]->name + "\" is not reachable.";
        fault.location = location + "/States/" + list.states[i]->name;
        diagnostics_.add(std::move(fault));
    }
}

}  // namespace skafu::stepfunctions
