#include "core/text.h"
#include "stepfunctions/interpreter.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::int64_t kMaxWaitSeconds = 24'855LL * 86'400;

Json type_mismatch(const Json& value) {
    return value.is_number()    ? "number"
           : value.is_string()  ? "string"
           : value.is_boolean() ? "boolean"
           : value.is_null()    ? "null"
                                : value.type_name();
}

/// Whether a state that fails at its end may be tried again, caught or redriven.
bool needs_input_later(const Thread& thread) {
    const State& state = thread.state();
    return !thread.execution.is_express() || !state.catchers.empty() || !state.retriers.empty();
}

/// Whether the output of a state without work is its input as it is.
bool passes_input_on(const Thread& thread) {
    const State& state = thread.state();
    return thread.execution.inspection == nullptr && !state.result && !state.parameters &&
           !state.assign && !state.output && state.input_path.kind == DataPath::Kind::Whole &&
           state.output_path.kind == DataPath::Kind::Whole &&
           state.result_path.kind != DataPath::Kind::Path;
}

}  // namespace

/// Nothing is copied: the text of the input is that of the output too.
Interpreter::Step Interpreter::pass_on(Thread& thread) {
    const State& state = thread.state();
    StateScope scope(cloud_, thread.data.json(), thread, thread.variables);
    return exit_to(thread, std::move(thread.data), state.assign, scope, "Assign", state.next);
}

Json Interpreter::effective_input(const Thread& thread) const {
    const State& state = thread.state();
    switch (state.input_path.kind) {
        case DataPath::Kind::Whole:
            return thread.data.json();
        case DataPath::Kind::Nothing:
            return Json::object();
        case DataPath::Kind::Path:
            break;
    }
    const StateScope scope(cloud_, thread.data.json(), thread, thread.variables);
    return read_plain(*state.input_path.path, scope);
}

Interpreter::Step Interpreter::pass(Thread& thread) {
    const State& state = thread.state();
    if (passes_input_on(thread)) return pass_on(thread);
    Inspection* const seen = thread.execution.inspection.get();
    if (state.is_jsonata()) return finish(thread, Json());
    Json result;
    if (state.result) {
        result = *state.result;
        if (seen) seen->note("result", result);
    } else {
        result = effective_input(thread);
        if (seen) seen->note("afterInputPath", result);
        if (state.parameters) {
            StateScope scope(cloud_, result, thread, thread.variables);
            Json made = state.parameters->evaluate(scope, "Parameters");
            result = std::move(made);
        }
        if (seen) seen->note("afterParameters", result);
    }
    return finish(thread, std::move(result));
}

Interpreter::Step Interpreter::finish(Thread& thread, Json result) {
    const State& state = thread.state();
    if (state.is_jsonata()) {
        StateScope scope(cloud_, thread.data.json(), thread, thread.variables);
        const bool has_result = state.type == StateType::Task || state.type == StateType::Map ||
                                state.type == StateType::Parallel;
        if (has_result) scope.set_result(result);
        // Output is evaluated before Assign; both see the variables from before the state.
        Json output;
        if (state.output) {
            output = state.output->evaluate(scope, "Output");
        } else if (has_result && !state.assign) {
            output = std::move(result);
        } else {
            output = has_result ? result : thread.data.json();
        }
        return exit_to(thread, Value(std::move(output)), state.assign, scope, "Assign", state.next);
    }
    std::optional<Json> raw;
    if (state.assign) raw = result;  // what `$` means in Assign
    if (state.result_selector) {
        StateScope scope(cloud_, result, thread, thread.variables);
        Json selected = state.result_selector->evaluate(scope, "ResultSelector");
        result = std::move(selected);
    }
    const bool shows_result = state.type == StateType::Pass || state.type == StateType::Task ||
                              state.type == StateType::Parallel || state.type == StateType::Map;
    Inspection* const seen = shows_result ? thread.execution.inspection.get() : nullptr;
    if (seen) seen->note("afterResultSelector", result);
    Json output;
    switch (state.result_path.kind) {
        case DataPath::Kind::Whole:
            output = std::move(result);
            break;
        case DataPath::Kind::Nothing:
            output = thread.data.json();
            break;
        case DataPath::Kind::Path:
            output = needs_input_later(thread) ? thread.data.json() : thread.data.take();
            if (!set_at(output, *state.result_path.path, std::move(result))) {
                Failure failure = runtime_failure("Unable to apply Reference Path " +
                                                  state.result_path.path->text() + " to input " +
                                                  to_text(output));
                failure.error = "States.ResultPathMatchFailure";
                throw failure;
            }
    }
    if (seen) seen->note("afterResultPath", output);
    if (state.output_path.kind == DataPath::Kind::Nothing) output = Json::object();
    if (state.output_path.kind == DataPath::Kind::Path) {
        const StateScope scope(cloud_, output, thread, thread.variables);
        Json selected = read_plain(*state.output_path.path, scope);
        output = std::move(selected);
    }
    StateScope scope(cloud_, raw ? *raw : thread.data.json(), thread, thread.variables);
    return exit_to(thread, Value(std::move(output)), state.assign, scope, "Assign", state.next);
}

Interpreter::Step Interpreter::choose(Thread& thread) {
    const State& state = thread.state();
    const Json input = state.is_jsonata() || state.input_path.kind == DataPath::Kind::Whole
                           ? Json()
                           : effective_input(thread);
    const Json& seen = input.is_null() && state.input_path.kind == DataPath::Kind::Whole
                           ? thread.data.json()
                           : input;
    StateScope scope(cloud_, seen, thread, thread.variables);
    const std::optional<Template>* assign = &state.assign;
    const std::optional<Template>* output = &state.output;
    std::optional<std::size_t> next = state.choice->default_next;
    for (std::size_t i = 0; i < state.choice->rules.size(); ++i) {
        const ChoiceRule& rule = state.choice->rules[i];
        const std::string field =
            rule.condition ? fmt::format("Choices[{}]/Condition", i) : std::string();
        if (!applies(rule, scope, field)) continue;
        assign = &rule.assign;
        output = &rule.output;
        next = rule.next;
        break;
    }
    if (!next) {
        throw runtime_failure(
            "Failed to transition out of the state. The state does not point to a next state.");
    }
    if (state.is_jsonata()) {
        Json made = *output ? (*output)->evaluate(scope, "Output") : Json();
        Value result = *output ? Value(std::move(made)) : thread.data.copy();
        return exit_to(thread, std::move(result), *assign, scope, "Assign", next);
    }
    const bool is_plain = state.input_path.kind == DataPath::Kind::Whole &&
                          state.output_path.kind == DataPath::Kind::Whole && !*assign;
    if (is_plain) return exit_to(thread, std::move(thread.data), *assign, scope, "Assign", next);
    Value result = thread.data.copy();
    if (state.input_path.kind != DataPath::Kind::Whole) result = Value(seen);
    if (state.output_path.kind == DataPath::Kind::Nothing) result = Value(Json::object());
    if (state.output_path.kind == DataPath::Kind::Path) {
        result = Value(read_plain(*state.output_path.path, scope));
    }
    return exit_to(thread, std::move(result), *assign, scope, "Assign", next);
}

Interpreter::Step Interpreter::succeed(Thread& thread) {
    if (passes_input_on(thread)) return pass_on(thread);
    if (thread.state().is_jsonata()) return finish(thread, Json());
    Json input = effective_input(thread);
    if (thread.execution.inspection) thread.execution.inspection->note("afterInputPath", input);
    return finish(thread, std::move(input));
}

Json Interpreter::setting_value(const Setting& setting, StateScope& scope,
                                const std::string& field) {
    if (setting.constant) return *setting.constant;
    if (setting.expression) return setting.expression->evaluate(scope, field);
    return read_plain(*setting.path, scope);
}

std::optional<double> Interpreter::seconds_setting(const Setting& setting, StateScope& scope,
                                                   const std::string& field) {
    if (!setting.given()) return std::nullopt;
    const Json value = setting_value(setting, scope, field);
    if (value.is_number() && value.get<double>() > 0) return value.get<double>();
    if (setting.expression) {
        throw evaluation_failure(
            fmt::format("The JSONata expression '{}' specified for the field '{}' returned an "
                        "unexpected result type. Expected 'positive integer', but was '{}' for "
                        "value: {}",
                        setting.expression->text(), field, type_mismatch(value).get<std::string>(),
                        to_text(value)),
            field);
    }
    throw runtime_failure(
        fmt::format("The {}Path parameter does not reference a positive integer value: {} == {}",
                    field, setting.path ? setting.path->text() : "", plain_text(value)));
}

std::optional<std::string> Interpreter::text_setting(const TextSetting& setting, StateScope& scope,
                                                     const std::string& field) {
    if (setting.constant) return setting.constant;
    if (setting.expression) {
        const Json value = setting.expression->evaluate(scope, field);
        if (value.is_string()) return value.get<std::string>();
        throw evaluation_failure(
            fmt::format("The JSONata expression '{}' specified for the field '{}' returned an "
                        "unexpected result type. Expected 'string', but was '{}' for value: {}",
                        setting.expression->text(), field, type_mismatch(value).get<std::string>(),
                        to_text(value)),
            field);
    }
    if (!setting.path) return std::nullopt;
    const Json value = setting.path->evaluate(scope, field + "Path");
    return plain_text(value);
}

Interpreter::Step Interpreter::wait(Thread& thread) {
    if (thread.phase == Thread::Phase::waiting) {
        if (passes_input_on(thread)) return pass_on(thread);
        if (thread.state().is_jsonata()) return finish(thread, Json());
        return finish(thread, effective_input(thread));
    }
    const WaitPart& part = *thread.state().wait;
    const bool jsonata = thread.state().is_jsonata();
    const Json input = effective_input(thread);
    StateScope scope(cloud_, input, thread, thread.variables);
    const TimePoint now = cloud_.clock().now();
    TimePoint due = now;
    if (part.seconds.given()) {
        Json value;
        const std::string path = part.seconds.path ? part.seconds.path->text() : "";
        if (part.seconds.path) {
            if (!part.seconds.path->try_read(scope.root_of(*part.seconds.path), value)) {
                throw runtime_failure(
                    "The SecondsPath parameter does not reference an input value: " + path);
            }
        } else {
            value = setting_value(part.seconds, scope, "Seconds");
        }
        const bool is_whole =
            value.is_number_integer() ||
            (value.is_number() && value.get<double>() == std::floor(value.get<double>()));
        if (!is_whole) {
            if (part.seconds.path) {
                throw runtime_failure(
                    "The SecondsPath parameter cannot be parsed as a long value: " + path +
                    " == " + plain_text(value));
            }
            throw evaluation_failure(
                "The Seconds field cannot be parsed as a long value: " + plain_text(value),
                "Seconds");
        }
        const auto seconds =
            static_cast<std::int64_t>(std::clamp(value.get<double>(), -1e15, 1e15));
        if (seconds < 0) {
            if (part.seconds.path) {
                throw runtime_failure("The SecondsPath parameter references a negative value: " +
                                      path + " == " + plain_text(value));
            }
            throw evaluation_failure("The Seconds field has a negative value: " + plain_text(value),
                                     "Seconds");
        }
        if (seconds > kMaxWaitSeconds) throw runtime_failure("Wait state delay is too long.");
        due = now + std::chrono::seconds(seconds);
    } else {
        const Json value = setting_value(part.timestamp, scope, "Timestamp");
        const auto time =
            value.is_string() ? parse_timestamp(value.get_ref<const std::string&>()) : std::nullopt;
        if (!time && jsonata) {
            throw evaluation_failure(
                "The Timestamp field cannot be parsed as an ISO-8601 extended "
                "offset date-time format string: " +
                    plain_text(value),
                "Timestamp");
        }
        if (!time) {
            throw runtime_failure(
                "The TimestampPath parameter does not reference a valid ISO-8601 "
                "extended offset date-time format string: " +
                (part.timestamp.path ? part.timestamp.path->text() : "") +
                " == " + plain_text(value));
        }
        due = *time;
        if (due - now > std::chrono::seconds(kMaxWaitSeconds)) {
            Failure failure = runtime_failure("Wait state delay is too long.");
            throw failure;
        }
    }
    thread.phase = Thread::Phase::waiting;
    if (due <= now || thread.execution.inspection) return Step::next;
    thread.data.fold();
    thread.timer_due = due;
    auto resume = [this, weak = thread.execution.weak_from_this(), id = thread.id] {
        Thread* waiting = find_thread(weak.lock(), id);
        if (waiting == nullptr) return;
        waiting->timer = 0;
        wake(*waiting);
    };
    thread.timer = cloud_.clock().at(due, std::move(resume));
    thread.execution.is_changed = true;
    return Step::rest;
}

Interpreter::Step Interpreter::fail(Thread& thread) {
    const FailPart& part = *thread.state().fail;
    if (thread.execution.inspection && !thread.state().is_jsonata()) {
        thread.execution.inspection->note("afterInputPath", thread.data.json());
    }
    StateScope scope(cloud_, thread.data.json(), thread, thread.variables);
    Failure failure;
    failure.error = text_setting(part.error, scope, "Error");
    failure.cause = text_setting(part.cause, scope, "Cause");
    end_with_failure(thread, failure);
    return Step::rest;
}

}  // namespace skafu::stepfunctions
