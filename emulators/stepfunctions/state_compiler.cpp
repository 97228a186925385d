#include "stepfunctions/state_compiler.h"

#include <array>

#include "stepfunctions/field_rules.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::array<std::pair<std::string_view, StateType>, 8> kTypes{{
    {"Task", StateType::Task},
    {"Wait", StateType::Wait},
    {"Pass", StateType::Pass},
    {"Succeed", StateType::Succeed},
    {"Fail", StateType::Fail},
    {"Choice", StateType::Choice},
    {"Parallel", StateType::Parallel},
    {"Map", StateType::Map},
}};

std::optional<StateType> state_type(const Json& definition) {
    const std::string name = string_member(definition, "Type");
    for (const auto& [text, type] : kTypes) {
        if (text == name) return type;
    }
    return std::nullopt;
}

}  // namespace

std::unique_ptr<State> StateCompiler::state(const Json& definition, const std::string& name,
                                            const std::string& location, QueryLanguage inherited) {
    auto result = std::make_unique<State>();
    result->name = name;
    result->language = inherited;
    const Place at{definition, location, *result};
    if (!definition.is_object()) {
        diagnostics_.error("Expected value of type [OBJECT]", location);
        return result;
    }
    const auto type = state_type(definition);
    if (!type) {
        const std::vector<std::string> names{"Task", "Wait",   "Pass",     "Succeed",
                                             "Fail", "Choice", "Parallel", "Map"};
        diagnostics_.error(fmt::format("The field 'Type' should have one of these values: [{}]",
                                       fmt::join(names, ", ")),
                           location + "/Type",
                           nearest_hint(string_member(definition, "Type"), names));
        return result;
    }
    result->type = *type;
    common(at);
    switch (*type) {
        case StateType::Pass:
            pass(at);
            break;
        case StateType::Task:
            task(at);
            break;
        case StateType::Choice:
            choice(at);
            break;
        case StateType::Wait:
            wait(at);
            break;
        case StateType::Succeed:
            break;
        case StateType::Fail:
            fail(at);
            break;
        case StateType::Parallel:
            parallel(at);
            break;
        case StateType::Map:
            map(at);
            break;
    }
    gather_variables(*result);
    return result;
}

/// JSONPath only where it says exactly that; any other text, wrong as it is, means JSONata.
QueryLanguage StateCompiler::language_of(const Json& json, const std::string& location,
                                         QueryLanguage inherited) {
    const Json* field = find_member(json, "QueryLanguage");
    if (field == nullptr) return inherited;
    if (*field == "JSONPath") return QueryLanguage::jsonpath;
    if (!field->is_string()) {
        diagnostics_.error("Expected value of type [STRING]", location + "/QueryLanguage");
    } else if (*field != "JSONata") {
        diagnostics_.error("Value should be one of the following: [JSONPath, JSONata]",
                           location + "/QueryLanguage",
                           nearest_hint(field->get<std::string>(), {"JSONPath", "JSONata"}));
    }
    return QueryLanguage::jsonata;
}

void StateCompiler::common(const Place& at) {
    const Json* language = find_member(at.json, "QueryLanguage");
    const bool is_downgrade = language != nullptr && *language == "JSONPath" &&
                              machine_language_ == QueryLanguage::jsonata;
    if (is_downgrade) {
        diagnostics_.error(
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
            at.location);
    }
    at.state.language = language_of(at.json, at.location, at.state.language);
    const auto report = [&](const FieldFault& fault) {
        if (fault.is_unknown) {
            diagnostics_.error(fault.message, at.location, fault.hint);
        } else {
            refuse(fault.message, at.location);
        }
    };
    check_state_fields(at.json, at.state.type, at.state.language, is_downgrade, report);
    data_fields(at);
    transition(at);
    error_handling(at);
}

void StateCompiler::refuse(const std::string& message, const std::string& location,
                           const std::string& code, std::string hint) {
    Diagnostic fault;
    fault.code = code;
    fault.message = message;
    fault.location = location;
    fault.hint = std::move(hint);
    fault.is_warning = fault.is_tolerated = tolerance_ == Tolerance::template_;
    diagnostics_.add(std::move(fault));
}

void StateCompiler::check_known(const Json& json, const std::vector<std::string>& known,
                                const std::string& location) {
    if (!json.is_object()) return;
    for (const auto& [field, value] : json.items()) {
        if (std::find(known.begin(), known.end(), field) != known.end()) continue;
        refuse("Field '" + field + "' is not supported", location, "SCHEMA_VALIDATION_FAILED",
               nearest_hint(field, known));
    }
}

void StateCompiler::check_one_of(const Json& json, const std::string& field,
                                 const std::vector<std::string>& values,
                                 const std::string& location) {
    const Json* value = find_member(json, field.c_str());
    if (value == nullptr) return;
    const std::string text = value->is_string() ? value->get<std::string>() : to_text(*value);
    if (std::find(values.begin(), values.end(), text) != values.end()) return;
    refuse(fmt::format("Value should be one of the following: [{}]", fmt::join(values, ", ")),
           location + "/" + field, "SCHEMA_VALIDATION_FAILED", nearest_hint(text, values));
}

void StateCompiler::check_not_both(const Json& json, const std::string& field,
                                   const std::string& location) {
    const std::string by_path = field + "Path";
    if (find_member(json, field) == nullptr || find_member(json, by_path) == nullptr) return;
    refuse(fmt::format("Only one of these fields is allowed: [{}, {}]", field, by_path), location);
}

void StateCompiler::check_assign(const Json& assign, const std::string& location,
                                 QueryLanguage language) {
    constexpr std::size_t kLongest = 80;
    if (!assign.is_object()) {
        diagnostics_.error("Expected value of type [OBJECT]", location);
        return;
    }
    for (const auto& [key, value] : assign.items()) {
        const std::string name = variable_name(key, language);
        if (name == "states") {
            diagnostics_.error("The variable name 'states' is reserved", location);
        } else if (!is_identifier(name) || name.size() > kLongest) {
            refuse("The variable name '" + name + "' is not valid", location);
        }
    }
}

void StateCompiler::data_fields(const Place& at) {
    State& state = at.state;
    state.input_path = data_path(at, "InputPath");
    state.output_path = data_path(at, "OutputPath");
    state.result_path = data_path(at, "ResultPath");
    state.parameters = payload(at, state.is_jsonata() ? "Arguments" : "Parameters");
    state.result_selector = payload(at, "ResultSelector");
    state.assign = payload(at, "Assign");
    state.output = payload(at, "Output");
    if (const Json* assign = find_member(at.json, "Assign")) {
        check_assign(*assign, at.location + "/Assign", state.language);
    }
}

void StateCompiler::transition(const Place& at) {
    const bool is_end_state =
        at.state.type == StateType::Succeed || at.state.type == StateType::Fail;
    if (is_end_state || at.state.type == StateType::Choice) return;
    const Json* next = find_member(at.json, "Next");
    const Json* end = find_member(at.json, "End");
    if (next != nullptr && next->is_string()) at.state.next_name = next->get<std::string>();
    const bool ends = end != nullptr && *end == Json(true);
    if (ends && next != nullptr) {
        diagnostics_.error("Exactly one of these fields is required: [Next, End]", at.location);
        at.state.next_name.clear();
    } else if (!ends && next == nullptr && !at.location.empty()) {
        diagnostics_.error("These fields are required: [Next]", at.location);
    }
}

void StateCompiler::error_handling(const Place& at) {
    if (const Json* retry = find_member(at.json, "Retry"); retry != nullptr && retry->is_array()) {
        for (std::size_t i = 0; i < retry->size(); ++i) {
            at.state.retriers.push_back(
                retrier((*retry)[i], fmt::format("{}/Retry[{}]", at.location, i)));
        }
        check_wildcards(*retry, at.location + "/Retry");
    }
    if (const Json* catchers = find_member(at.json, "Catch");
        catchers != nullptr && catchers->is_array()) {
        for (std::size_t i = 0; i < catchers->size(); ++i) {
            at.state.catchers.push_back(catcher(
                (*catchers)[i], fmt::format("{}/Catch[{}]", at.location, i), at.state.language));
        }
        check_wildcards(*catchers, at.location + "/Catch");
    }
}

void StateCompiler::check_wildcards(const Json& handlers, const std::string& location) {
    for (std::size_t i = 0; i < handlers.size(); ++i) {
        const Json* names = find_member(handlers[i], "ErrorEquals");
        if (names == nullptr || !names->is_array()) continue;
        const bool may_stand = names->size() == 1 && i + 1 == handlers.size();
        for (std::size_t name = 0; name < names->size() && !may_stand; ++name) {
            if ((*names)[name] != "States.ALL") continue;
            refuse("States.ALL must appear alone and at end of list",
                   fmt::format("{}[{}]/ErrorEquals[{}]", location, i, name));
        }
    }
}

std::vector<std::string> StateCompiler::error_names(const Json& json, const std::string& location) {
    std::vector<std::string> names;
    const Json* list = find_member(json, "ErrorEquals");
    if (list == nullptr || !list->is_array()) {
        diagnostics_.error("The field 'ErrorEquals' is required but was missing", location);
        return names;
    }
    if (list->empty()) diagnostics_.error("Value cannot be empty", location + "/ErrorEquals");
    for (std::size_t i = 0; i < list->size(); ++i) {
        const Json& name = (*list)[i];
        if (!name.is_string()) continue;
        names.push_back(name.get<std::string>());
        check_error_name(names.back(), fmt::format("{}/ErrorEquals[{}]", location, i));
    }
    return names;
}

/// Any name may stand in a list of errors; but one that looks like Step Functions' own and is none
/// will never match.
void StateCompiler::check_error_name(const std::string& name, const std::string& location) {
    static const std::vector<std::string> kNames{"States.ALL",
                                                 "States.BranchFailed",
                                                 "States.DataLimitExceeded",
                                                 "States.ExceedToleratedFailureThreshold",
                                                 "States.HeartbeatTimeout",
                                                 "States.Http.Socket",
                                                 "States.IntrinsicFailure",
                                                 "States.ItemReaderFailed",
                                                 "States.NoChoiceMatched",
                                                 "States.ParameterPathFailure",
                                                 "States.Permissions",
                                                 "States.QueryEvaluationError",
                                                 "States.ResultPathMatchFailure",
                                                 "States.ResultWriterFailed",
                                                 "States.Runtime",
                                                 "States.TaskFailed",
                                                 "States.Timeout"};
    if (name.starts_with("States.Http.StatusCode.")) return;
    if (std::find(kNames.begin(), kNames.end(), name) != kNames.end()) return;
    const std::string hint = nearest_hint(name, kNames);
    if (hint.empty() && !name.starts_with("States.")) return;
    diagnostics_.warning("UNKNOWN_ERROR_NAME",
                         "The error name '" + name + "' is none of Step Functions.", location,
                         hint);
}

Retrier StateCompiler::retrier(const Json& json, const std::string& location) {
    Retrier result;
    check_known(json,
                {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds",
                 "JitterStrategy", "Comment"},
                location);
    result.errors = error_names(json, location);
    if (const auto value = number(json, "IntervalSeconds", location)) {
        result.interval_seconds = *value;
    }
    if (const auto value = number(json, "MaxAttempts", location)) {
        result.max_attempts = static_cast<std::int64_t>(*value);
    }
    if (const auto value = number(json, "BackoffRate", location)) result.backoff_rate = *value;
    result.max_delay_seconds = number(json, "MaxDelaySeconds", location);
    if (const Json* jitter = find_member(json, "JitterStrategy")) {
        if (*jitter != "FULL" && *jitter != "NONE") {
            diagnostics_.error(
                "The field 'JitterStrategy' should have one of these values: [FULL, NONE]",
                location + "/JitterStrategy");
        }
        result.full_jitter = *jitter == "FULL";
    }
    return result;
}

Catcher StateCompiler::catcher(const Json& json, const std::string& location,
                               QueryLanguage language) {
    Catcher result;
    const char* data_field = language == QueryLanguage::jsonata ? "Output" : "ResultPath";
    check_known(json, {"ErrorEquals", "Next", "Assign", "Comment", data_field}, location);
    result.errors = error_names(json, location);
    const Json* next = find_member(json, "Next");
    if (next == nullptr || !next->is_string()) {
        diagnostics_.error("The field 'Next' is required but was missing", location);
    } else {
        result.next_name = next->get<std::string>();
    }
    State unused;
    const Place at{json, location, unused};
    result.result_path = data_path(at, "ResultPath");
    if (const Json* assign = find_member(json, "Assign")) {
        check_assign(*assign, location + "/Assign", language);
        result.assign = Template::compile(*assign, language, location + "/Assign", diagnostics_);
    }
    if (const Json* output = find_member(json, "Output")) {
        result.output = Template::compile(*output, language, location + "/Output", diagnostics_);
    }
    return result;
}

void StateCompiler::gather_variables(const State& state) {
    std::set<std::string> names;
    const auto visit = [&names](const std::string& name) { names.insert(name); };
    const auto visit_path = [&names](const PathPointer& path) {
        if (path && path->root() == jsonpath::Root::Variable) names.insert(path->variable());
    };
    const auto visit_setting = [&](const Setting& setting) {
        visit_path(setting.path);
        if (setting.expression) {
            for (const std::string& name : variables_in(setting.expression->text())) visit(name);
        }
    };
    const auto visit_template = [&](const std::optional<Template>& part) {
        if (part) part->for_each_variable(visit);
    };
    const auto visit_text = [&](const TextSetting& setting) {
        if (setting.path) setting.path->for_each_variable(visit);
        if (setting.expression) {
            for (const std::string& name : variables_in(setting.expression->text())) visit(name);
        }
    };
    for (const DataPath* path : {&state.input_path, &state.output_path}) visit_path(path->path);
    for (const auto* part :
         {&state.parameters, &state.result_selector, &state.assign, &state.output}) {
        visit_template(*part);
    }
    for (const Catcher& catcher : state.catchers) {
        visit_template(catcher.assign);
        visit_template(catcher.output);
    }
    if (state.task) {
        visit_setting(state.task->timeout);
        visit_setting(state.task->heartbeat);
        visit_template(state.task->role_arn);
    }
    if (state.wait) {
        visit_setting(state.wait->seconds);
        visit_setting(state.wait->timestamp);
    }
    if (state.fail) {
        visit_text(state.fail->error);
        visit_text(state.fail->cause);
    }
    if (state.choice) {
        for (const ChoiceRule& rule : state.choice->rules) for_each_variable(rule, visit);
    }
    if (state.map) {
        visit_path(state.map->items_path);
        visit_template(state.map->items);
        visit_template(state.map->item_selector);
        visit_setting(state.map->max_concurrency);
        visit_setting(state.map->tolerated_count);
        visit_setting(state.map->tolerated_percentage);
        if (state.map->reader) {
            visit_template(state.map->reader->parameters);
            visit_setting(state.map->reader->max_items);
        }
        if (state.map->batcher) {
            visit_setting(state.map->batcher->max_items);
            visit_setting(state.map->batcher->max_bytes);
            visit_template(state.map->batcher->batch_input);
        }
        if (state.map->writer) visit_template(state.map->writer->parameters);
    }
    if (!names.empty()) program_.variable_references[state.name].merge(names);
}

}  // namespace skafu::stepfunctions
