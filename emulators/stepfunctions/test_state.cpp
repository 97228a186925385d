#include "core/aws_error.h"
#include "stepfunctions/json_fault.h"
#include "stepfunctions/mock_schema.h"
#include "stepfunctions/service.h"

namespace skafu::stepfunctions {
namespace {

using shape::optional;
using shape::required;

struct Subject {
    std::shared_ptr<const Program> program;
    const StateList* list = nullptr;
    std::size_t at = 0;

    const State& state() const { return *list->states[at]; }
};

Json parse_argument(const Json& input, const char* name, const char* message) {
    const std::string text = string_member(input, name);
    if (text.empty()) return nullptr;
    try {
        return parse_json(text);
    } catch (const JsonError&) {
        throw AwsError::validation(message);
    }
}

Json parse_input(const Json& input) {
    const std::string text = string_member(input, "input");
    if (text.empty()) return nullptr;
    try {
        return parse_json(text);
    } catch (const JsonError& error) {
        throw AwsError("InvalidExecutionInput", "Invalid State Machine Execution Input: '" +
                                                    describe_json_fault(text, error.offset()) +
                                                    "'");
    }
}

void refuse_broken(const Diagnostics& diagnostics) {
    if (!diagnostics.has_errors()) return;
    throw AwsError("InvalidDefinition",
                   "Invalid State Machine Definition: '" + diagnostics.text() + "'");
}

/// The state with that name, in the machine or inside one of its branches or processors.
bool locate(const StateList& list, std::string_view name, Subject& subject) {
    if (const auto index = list.index_of(name)) {
        subject.list = &list;
        subject.at = *index;
        return true;
    }
    for (const auto& state : list.states) {
        for (const StateList& branch : state->branches) {
            if (locate(branch, name, subject)) return true;
        }
        if (state->map && locate(state->map->processor, name, subject)) return true;
    }
    return false;
}

Subject find_subject(Cloud& cloud, const Json& input) {
    const std::string text = string_member(input, "definition");
    const std::string name = string_member(input, "stateName");
    Json definition;
    try {
        definition = parse_json(text);
    } catch (const JsonError&) {
    }
    Diagnostics diagnostics;
    Subject subject;
    if (find_member(definition, "States") == nullptr) {
        if (!name.empty()) throw AwsError::validation("State not found in definition");
        const QueryLanguage language = string_member(definition, "QueryLanguage") == "JSONata"
                                           ? QueryLanguage::jsonata
                                           : QueryLanguage::jsonpath;
        subject.program =
            compile_single_state(definition, "StateName", language, cloud, diagnostics);
        refuse_broken(diagnostics);
        subject.list = &subject.program->root;
        return subject;
    }
    subject.program =
        compile_definition(text, MachineType::standard, cloud, Tolerance::none, diagnostics);
    refuse_broken(diagnostics);
    const StateList& root = subject.program->root;
    const std::string wanted = name.empty() ? root.states[root.start]->name : name;
    if (!locate(root, wanted, subject)) {
        throw AwsError::validation("State not found in definition");
    }
    return subject;
}

std::optional<MockResponse> parse_mock(const Json& input) {
    const Json* mock = find_member(input, "mock");
    if (mock == nullptr || !mock->is_object()) return std::nullopt;
    const Json* result = find_member(*mock, "result");
    const Json* error = find_member(*mock, "errorOutput");
    if (result != nullptr && error != nullptr) {
        throw AwsError::validation(
            "A test mock should have only one of the following fields: [result, errorOutput].");
    }
    MockResponse response;
    if (error != nullptr) {
        Failure failure;
        if (const Json* name = find_member(*error, "error"))
            failure.error = name->get<std::string>();
        if (const Json* cause = find_member(*error, "cause"))
            failure.cause = cause->get<std::string>();
        response.failure = std::move(failure);
        return response;
    }
    if (result == nullptr) return std::nullopt;
    response.result = parse_argument(*mock, "result", "Mocked result must be valid JSON");
    return response;
}

FieldValidation validation_mode(const Json& input) {
    const Json* mock = find_member(input, "mock");
    const std::string mode = mock == nullptr ? "" : string_member(*mock, "fieldValidationMode");
    if (mode == "NONE") return FieldValidation::none;
    return mode == "PRESENT" ? FieldValidation::present : FieldValidation::strict;
}

void check_mock(const State& state, const MockResponse& mock, FieldValidation mode) {
    const bool takes_mock = state.type == StateType::Task || state.type == StateType::Map ||
                            state.type == StateType::Parallel;
    if (!takes_mock) {
        throw AwsError::validation("State type '" + std::string(to_string(state.type)) +
                                   "' is not supported when a mock is specified");
    }
    if (!mock.result) return;
    const bool has_writer = state.map && state.map->writer;
    if (has_writer && !mock.result->is_object()) {
        throw AwsError::validation("Mocked result must be a JSON object.");
    }
    const bool wants_array = state.type != StateType::Task && !has_writer;
    if (wants_array && !mock.result->is_array()) {
        throw AwsError::validation("Mocked result must be an array.");
    }
    if (state.type == StateType::Task) {
        check_mock_result(state.task->integration, *mock.result, mode);
    }
}

/// The members of the context object's parts, with the type of each.
const std::map<std::string, std::map<std::string, Json::value_t>>& context_members() {
    using Type = Json::value_t;
    static const std::map<std::string, std::map<std::string, Type>> kMembers{
        {"Execution",
         {{"Id", Type::string},
          {"Input", Type::null},
          {"Name", Type::string},
          {"RoleArn", Type::string},
          {"StartTime", Type::string},
          {"RedriveCount", Type::number_integer},
          {"RedriveTime", Type::string}}},
        {"State",
         {{"EnteredTime", Type::string},
          {"Name", Type::string},
          {"RetryCount", Type::number_integer}}},
        {"StateMachine", {{"Id", Type::string}, {"Name", Type::string}}},
        {"Task", {{"Token", Type::string}}}};
    return kMembers;
}

void check_context_part(const std::string& part, const Json& given, const std::string& opening) {
    const auto& members = context_members().at(part);
    if (!given.is_object()) {
        throw AwsError::validation(opening + "Field '" + part + "' must be an object");
    }
    for (const auto& [name, value] : given.items()) {
        const auto known = members.find(name);
        const std::string field = "Field '" + name + "' ";
        if (known == members.end()) throw AwsError::validation(opening + field + "is not allowed");
        const bool fits = known->second == Json::value_t::null ||
                          (known->second == Json::value_t::string ? value.is_string()
                                                                  : value.is_number_integer());
        if (fits) continue;
        throw AwsError::validation(
            opening + field +
            (known->second == Json::value_t::string ? "must be a string" : "must be a number"));
    }
}

Json parse_context(const Json& input, const State& state) {
    const Json context = parse_argument(input, "context", "Context object must be valid JSON");
    if (!context.is_object()) return nullptr;
    const std::string opening = "Invalid Context object provided: ";
    for (const auto& [key, value] : context.items()) {
        if (key == "Map") {
            throw AwsError::validation(
                opening + "'Map' field is not supported when mocking a Context object");
        }
        if (!context_members().contains(key)) {
            throw AwsError::validation(opening + "Field '" + key + "' is not allowed");
        }
        check_context_part(key, value, opening);
    }
    const bool has_token =
        state.task && (state.task->integration.pattern != Integration::Pattern::request_response ||
                       state.task->integration.kind == Integration::Kind::activity);
    if (context.contains("Task") && !has_token) {
        throw AwsError::validation(
            "Context object contains 'Task' when state is not a Task state with a '.sync' or "
            "'.waitForTaskToken' service integration pattern");
    }
    return context;
}

/// Whether a Map or Parallel state has a state of that name in it, however deep.
bool has_inside(const State& state, const std::string& name) {
    const auto holds = [&name](const StateList& list) {
        return std::any_of(list.states.begin(), list.states.end(), [&name](const auto& inner) {
            return inner->name == name || has_inside(*inner, name);
        });
    };
    return (state.map && holds(state.map->processor)) ||
           std::any_of(state.branches.begin(), state.branches.end(), holds);
}

void check_request(const State& state, const Json& input, const std::optional<MockResponse>& mock) {
    const Json* configuration = find_member(input, "stateConfiguration");
    const bool counts_failures =
        configuration != nullptr && find_member(*configuration, "mapIterationFailureCount");
    const std::string at_fault =
        configuration == nullptr ? "" : string_member(*configuration, "errorCausedByState");
    if (!at_fault.empty() && !has_inside(state, at_fault)) {
        throw AwsError::validation("State '" + at_fault +
                                   "' of ErrorCausedByState not found in definition");
    }
    if (mock) {
        if (input.value("revealSecrets", false)) {
            throw AwsError::validation(
                "TestState does not support RevealSecrets when a mock is specified.");
        }
        check_mock(state, *mock, validation_mode(input));
        return;
    }
    if (!string_member(input, "context").empty()) {
        throw AwsError::validation(
            "TestState does not support Context when a mock is not specified.");
    }
    if (counts_failures) {
        throw AwsError::validation(
            "TestState does not support MapIterationFailureCount when a mock is not specified.");
    }
    if (state.type == StateType::Map || state.type == StateType::Parallel) {
        throw AwsError(
            "InvalidDefinition",
            "TestState API does not support Map or Parallel states. Supported state types "
            "include: [Task, Wait, Pass, Succeed, Fail, Choice]");
    }
    if (state.type == StateType::Task && string_member(input, "roleArn").empty()) {
        throw AwsError::validation("RoleArn must be specified when testing a Task state");
    }
}

std::shared_ptr<Execution> make_execution(Cloud& cloud, const Context& context,
                                          const Subject& subject, const Json& input) {
    auto machine = std::make_shared<Machine>();
    machine->name = cloud.entropy().uuid();
    machine->type = MachineType::express;
    machine->role_arn = string_member(input, "roleArn");
    machine->owner = context.caller;
    machine->owner.principal = machine->role_arn;
    machine->program = subject.program;
    const Caller& owner = machine->owner;
    machine->arn = machine_arn(owner.scope(), machine->name);
    auto execution = std::make_shared<Execution>();
    execution->name = cloud.entropy().uuid();
    execution->arn = fmt::format("arn:aws:states:{}:{}:express:{}:{}", owner.region, owner.account,
                                 machine->name, execution->name);
    execution->machine = machine;
    execution->caller = owner;
    execution->is_synchronous = true;
    execution->input = std::make_shared<const std::string>(string_member(input, "input", "{}"));
    execution->start = cloud.clock().now();
    execution->states = subject.list;
    return execution;
}

std::shared_ptr<Inspection> make_inspection(const Json& input, const State& state,
                                            std::optional<MockResponse> mock) {
    auto inspection = std::make_shared<Inspection>();
    inspection->mock = std::move(mock);
    inspection->context = parse_context(input, state);
    inspection->shows_secrets = input.value("revealSecrets", false);
    const Json* configuration = find_member(input, "stateConfiguration");
    if (configuration == nullptr) return inspection;
    inspection->retrier_retry_count = configuration->value("retrierRetryCount", std::int64_t{0});
    if (const Json* count = find_member(*configuration, "mapIterationFailureCount")) {
        inspection->map_failures = count->get<std::int64_t>();
    }
    const Json items =
        parse_argument(*configuration, "mapItemReaderData", "MapItemReaderData must be valid JSON");
    if (!items.is_null()) inspection->reader_items = items;
    return inspection;
}

/// The variables after the state, where there are any, as JSON text.
void note_variables(Inspection& seen, const Execution& execution) {
    Json variables = Json::object();
    for (const auto& [name, value] : execution.outer_variables.own) variables[name] = value;
    if (execution.root) {
        for (const auto& [name, value] : execution.root->variables.own) variables[name] = value;
    }
    if (!variables.empty()) seen.note("variables", variables);
}

Json answer_of(const Inspection& seen, const std::string& level) {
    Json answer = {{"status", seen.status}};
    if (seen.output) answer["output"] = *seen.output;
    if (!seen.next_state.empty()) answer["nextState"] = seen.next_state;
    if (seen.failure && seen.failure->error) answer["error"] = *seen.failure->error;
    if (seen.failure && seen.failure->cause) answer["cause"] = *seen.failure->cause;
    if (level == "INFO") return answer;
    answer["inspectionData"] = seen.data;
    if (level == "DEBUG") {
        for (const char* member : {"request", "response"}) answer["inspectionData"].erase(member);
    }
    return answer;
}

Task<Json> test_state(StepFunctions& state, Context& context, Json input) {
    const Subject subject = find_subject(context.cloud, input);
    std::optional<MockResponse> mock = parse_mock(input);
    check_request(subject.state(), input, mock);
    const auto execution = make_execution(context.cloud, context, subject, input);
    execution->inspection = make_inspection(input, subject.state(), std::move(mock));
    Json data = parse_input(input);
    if (data.is_null() && find_member(input, "input") == nullptr) data = Json::object();
    const Json variables = parse_argument(input, "variables", "Variables must be valid JSON");
    if (variables.is_object()) {
        for (const auto& [name, value] : variables.items()) {
            execution->outer_variables.own[name] = value;
        }
    }
    execution->inspection->note("input", data);
    execution->activity = context.cloud.journal().begin(ActivityKind::execution, execution->arn,
                                                        context.activity.id());
    state.executions.interpreter().start_at(execution, std::move(data), subject.at);
    if (execution->is_running()) {
        const auto ended = std::make_shared<Event>(context.cloud.io());
        execution->on_end.push_back([ended](Execution&) { ended->notify_all(); });
        while (execution->is_running()) co_await ended->wait();
    }
    note_variables(*execution->inspection, *execution);
    Json answer =
        answer_of(*execution->inspection, string_member(input, "inspectionLevel", "INFO"));
    co_return answer;
}

Shape mock_shape() {
    const Shape error = shape::structure(
        {optional("error", shape::string(0, 256)), optional("cause", shape::string(0, 32768))});
    return shape::structure(
        {optional("result", shape::string(0, 262144)), optional("errorOutput", error),
         optional("fieldValidationMode", shape::enumeration({"STRICT", "PRESENT", "NONE"}))});
}

Shape configuration_shape() {
    return shape::structure({optional("retrierRetryCount", shape::integer(0)),
                             optional("errorCausedByState", shape::string(1, 80)),
                             optional("mapIterationFailureCount", shape::integer(0)),
                             optional("mapItemReaderData", shape::string(0, 1048576))});
}

}  // namespace

void add_test_state(Service& service, StepFunctions& state) {
    Operation operation;
    operation.name = "TestState";
    operation.input = shape::structure(
        {required("definition", shape::string(1, 1048576)),
         optional("roleArn", shape::string(1, 256)), optional("input", shape::string(0, 262144)),
         optional("inspectionLevel", shape::enumeration({"INFO", "DEBUG", "TRACE"})),
         optional("revealSecrets", shape::boolean()), optional("variables", shape::string()),
         optional("stateName", shape::string(1, 80)), optional("mock", mock_shape()),
         optional("context", shape::string()),
         optional("stateConfiguration", configuration_shape())});
    service.add_async(std::move(operation), [&state](Context& context, Json input) {
        return test_state(state, context, std::move(input));
    });
}

}  // namespace skafu::stepfunctions
