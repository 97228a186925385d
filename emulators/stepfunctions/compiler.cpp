#include "stepfunctions/compiler.h"

#include "stepfunctions/json_fault.h"
#include "stepfunctions/state_compiler.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::size_t kMaxDefinition = 1024 * 1024;

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
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
    const QueryLanguage language = compiler.language_of(definition, "", QueryLanguage::jsonpath);
    compiler.set_machine_language(language);
    program->root = compiler.list(definition, "", language);
    compiler.check_machine(definition);
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
            diagnostics.error("Expected value of type [INTEGER]", "/TimeoutSeconds");
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

}  // namespace skafu::stepfunctions
