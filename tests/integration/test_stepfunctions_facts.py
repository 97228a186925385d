"""AWS's behaviour case by case: one state (or few), an input, and what comes of it."""
import json

import pytest
from machines_support import (ROLE, answer_of, create, ended, history, refusal, run)

PREFIX = "An error occurred while executing the state 'S' (entered at the event id #2). "


def outcome(server, name, state, data, more=None, language=None):
    """(output) of a success, (error, cause without its opening) of a failure."""
    states = {"S": {"End": True, **state} if not {"Next", "Choices"} & set(state) and
              state["Type"] not in ("Fail", "Succeed") else state, **(more or {})}
    extra = {"QueryLanguage": language} if language else {}
    arn = create(server, name, states, "EXPRESS", **extra)
    answer = server.client("stepfunctions").start_sync_execution(
        stateMachineArn=arn, input=data if isinstance(data, str) else json.dumps(data))
    if answer["status"] == "SUCCEEDED":
        return json.loads(answer["output"])
    cause = answer.get("cause")
    return answer.get("error"), cause[len(PREFIX):] if cause and cause.startswith(PREFIX) else cause


def passed(**fields):
    return {"Type": "Pass", **fields}


RUNTIME = "States.Runtime"
NESTED = {"a": {"b": 1}, "list": [{"n": 1}, {"m": 2}, {"n": 3}], "obj": {"k": 1}, "x-y": 1}


@pytest.mark.parametrize("state, data, expected", [
    (passed(Parameters={"v.$": "$.no"}), {"a": 1}, (
        RUNTIME, "The JSONPath '$.no' specified for the field 'v.$' could not be found in the "
                 "input '{\"a\":1}'")),
    (passed(InputPath="$.X"), {}, (RUNTIME, "Invalid path '$.X' : No results for path: $['X']")),
    (passed(OutputPath="$.X"), {}, (RUNTIME, "Invalid path '$.X' : No results for path: $['X']")),
    (passed(InputPath="$.a.b.c"), {"a": {}}, (
        RUNTIME, "Invalid path '$.a.b.c' : Missing property in path $['a']['b']")),
    (passed(InputPath="$.list[*].n"), NESTED, [1, 3]),
    (passed(InputPath="$.list[*].none"), NESTED, []),
    (passed(InputPath="$.list[1:5].n"), NESTED, [3]),
    (passed(InputPath="$[*]"), {}, []),
    (passed(InputPath="$.list[2]"), NESTED, {"n": 3}),
    (passed(InputPath=None), {"a": 1}, {}),
    (passed(OutputPath=None), {"a": 1}, {}),
    (passed(ResultPath=None, Result=5), {"a": 1}, {"a": 1}),
    (passed(Result={"v.$": "$.no", "w": "States.UUID()"}), {}, {"v.$": "$.no", "w": "States.UUID()"}),
    (passed(Parameters={"w": "States.UUID()"}), {}, {"w": "States.UUID()"}),
])
def test_paths(server, unique, state, data, expected):
    assert outcome(server, unique(), state, data) == expected


def test_the_context_object_as_a_whole(server, unique):
    output = outcome(server, unique(), passed(InputPath="$$"), {"a": 1})
    assert output["Execution"]["Input"] == {"a": 1} and output["State"]["Name"] == "S"
    assert "RedriveCount" not in output["Execution"]
    standard = run(server, create(server, unique(), {"S": passed(InputPath="$$", End=True)}))
    assert json.loads(standard["output"])["Execution"]["RedriveCount"] == 0
    error, cause = outcome(server, unique(), passed(
        Parameters={"v.$": "$$.Execution.Input.no"}), {"a": 1})
    assert error == RUNTIME
    assert "The JSONPath '$$.Execution.Input.no' specified for the field 'v.$'" in cause
    assert '"Input":{"a":1}' in cause


@pytest.mark.parametrize("state, data, expected", [
    ({"SecondsPath": "$.s"}, {}, "The SecondsPath parameter does not reference an input value: $.s"),
    ({"SecondsPath": "$.s"}, {"s": 1.5},
     "The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5"),
    ({"SecondsPath": "$.s"}, {"s": -1},
     "The SecondsPath parameter references a negative value: $.s == -1"),
    ({"SecondsPath": "$.s"}, {"s": 0}, None),
    ({"TimestampPath": "$.t"}, {"t": "2026-01-01T00:00:00.000000Z"}, None),
    ({"TimestampPath": "$.t"}, {"t": "2026-01-01T00:00:00+02:00"}, None),
    *(({"TimestampPath": "$.t"}, {"t": text},
       "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time "
       f"format string: $.t == {text}") for text in (
           "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "01-01-2026T00:00:00Z",
           "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z")),
])
def test_waits(server, unique, state, data, expected):
    answer = outcome(server, unique(), {"Type": "Wait", **state}, data)
    assert answer == (data if expected is None else (RUNTIME, expected))


def test_a_wait_that_fails_is_not_left(server, unique):
    execution = run(server, create(server, unique(), {
        "S": {"Type": "Wait", "SecondsPath": "$.s", "End": True}}))
    assert [event["type"] for event in history(server, execution["executionArn"])] == [
        "ExecutionStarted", "WaitStateEntered", "ExecutionFailed"]


def test_a_wait_beyond_what_can_be_held(fresh_server, unique):
    server = fresh_server()
    for days, error in ((24_855, None), (24_857, "Wait state delay is too long.")):
        arn = create(server, unique(), {"S": {"Type": "Wait", "SecondsPath": "$.s", "End": True}})
        sfn = server.client("stepfunctions")
        execution = sfn.start_execution(stateMachineArn=arn, input=json.dumps(
            {"s": days * 86_400}))["executionArn"]
        answer = sfn.describe_execution(executionArn=execution)
        assert answer["status"] == ("FAILED" if error else "RUNNING"), answer
        assert (answer.get("cause") or "").endswith(error or "")


TRUE, FALSE = "yes", "no"


@pytest.mark.parametrize("rule, value, expected", [
    ({"BooleanEquals": True}, 1, FALSE), ({"BooleanEquals": True}, "true", FALSE),
    ({"BooleanEquals": True}, None, FALSE), ({"BooleanEquals": True}, True, TRUE),
    ({"NumericEquals": 0}, 0.0, TRUE), ({"NumericEquals": 0}, False, FALSE),
    ({"NumericEquals": 1}, 1.0, TRUE), ({"NumericEquals": 1}, "1", FALSE),
    ({"IsString": False}, None, TRUE), ({"IsNull": True}, None, TRUE),
    ({"IsPresent": True}, None, TRUE), ({"IsPresent": False}, ..., TRUE),
    ({"IsPresent": True}, ..., FALSE), ({"IsNumeric": True}, 1.5, TRUE),
    ({"IsNumeric": True}, "1", FALSE), ({"IsString": True}, "", TRUE),
    ({"IsTimestamp": True}, "2026-01-01T00:00:00Z", TRUE), ({"IsTimestamp": True}, "2026", FALSE),
    ({"StringLessThan": "AB"}, "A", TRUE), ({"StringLessThan": "A"}, "A", FALSE),
    ({"StringLessThanEquals": "A"}, "A", TRUE), ({"StringEquals": "1"}, 1, FALSE),
    ({"TimestampEquals": "2026-01-01T00:00:00Z"}, "2026-01-01T00:00:00Z", TRUE),
    ({"TimestampEquals": "2026-01-01T00:00:00Z"}, "2026-01-01", FALSE),
    ({"StringMatches": "a*c"}, "abc", TRUE), ({"StringMatches": "a\\*c"}, "abc", FALSE),
])
def test_choices_compare_by_type(server, unique, rule, value, expected):
    assert outcome(server, unique(), {
        "Type": "Choice", "Default": "No", "Choices": [{"Variable": "$.v", **rule, "Next": "Yes"}]},
        {} if value is ... else {"v": value},
        {"Yes": {"Type": "Pass", "Result": TRUE, "End": True},
         "No": {"Type": "Pass", "Result": FALSE, "End": True}}) == expected


def test_a_choice_looks_at_the_context(server, unique):
    assert outcome(server, unique(), {
        "Type": "Choice", "Default": "No", "Choices": [
            {"Variable": "$$.Execution.Input.input-value", "NumericEquals": 1, "Next": "Yes"}]},
        {"input-value": 1},
        {"Yes": {"Type": "Pass", "Result": TRUE, "End": True}, "No": {"Type": "Fail"}}) == TRUE


@pytest.mark.parametrize("expression, expected", [
    ("States.Format('{} {} {} {} {}', null, true, 1.1, 's', $.map)",
     "null true 1.1 s {Arg1=1, Arg2=[]}"),
    ("States.MathAdd(1.49, 1.5)", 3), ("States.MathAdd(1.5, 1.51)", 4),
    ("States.MathAdd(-1.5, -1.51)", -3), ("States.MathAdd(-0.5, 2.5)", 3),
    ("States.StringSplit(',,,,', ',')", []), ("States.StringSplit(', , ,', ',')", [" ", " "]),
    ("States.StringSplit('a.b-c', '.-')", ["a", "b", "c"]),
    ("States.StringToJson('')", None), ("States.StringToJson('  ')", None),
    ("States.StringToJson('-0')", 0), ("States.JsonToString($.map)", '{"Arg1":1,"Arg2":[]}'),
    ("States.ArrayPartition($.none, 4)", []), ("States.ArrayPartition($.abc, 2)", [["a", "b"], ["c"]]),
    ("States.ArrayRange(0, 10, 3)", [0, 3, 6, 9]),
    ("States.ArrayContains($.deep, $.map)", True), ("States.ArrayContains($.deep, 'x')", False),
    ("States.JsonMerge($.left, $.right, false)", {"a": {"y": 2}, "b": 1}),
    ("States.Hash('a', 'SHA-1')", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
    ("States.Hash('a', 'MD5')", "0cc175b9c0f1b6a831c399e269772661"), ("States.Array()", []),
    ("States.Format('It\\'s \\{{}\\}', 1)", "It's {1}"),
    ("States.ArrayLength(States.ArrayUnique(States.Array(1, 1, 2)))", 2),
    ("States.ArrayGetItem($.abc, 2)", "c"), ("States.Base64Decode(States.Base64Encode('hi'))", "hi"),
])
def test_intrinsic_functions(server, unique, expression, expected):
    data = {"map": {"Arg1": 1, "Arg2": []}, "none": [], "abc": ["a", "b", "c"],
            "deep": [1, {"Arg1": 1, "Arg2": []}], "left": {"a": {"x": 1}, "b": 1},
            "right": {"a": {"y": 2}}}
    assert outcome(server, unique(), passed(Parameters={"v.$": expression}), data) == {"v": expected}


QUERY = "States.QueryEvaluationError"
OPENING = "The JSONata expression '{}' specified for the field '{}' "


@pytest.mark.parametrize("state, expected", [
    (passed(Output=" {% states.input %} "), " {% states.input %} "),
    (passed(Output={"a": "$.x", "b": "$$", "c.$": "States.UUID()", "d": 1, "e": None}),
     {"a": "$.x", "b": "$$", "c.$": "States.UUID()", "d": 1, "e": None}),
    (passed(Output=None), None), (passed(Output=0), 0), (passed(Output=True), True),
    (passed(Output="x"), "x"), (passed(Output=["{% 1 + 1 %}"]), [2]), (passed(Output={}), {}),
    (passed(Output="{%  $states.input.no  %}"), (
        QUERY, OPENING.format("$states.input.no", "Output") + "returned nothing (undefined).")),
    (passed(Output={"result": "{% $states.input.no %}"}), (
        QUERY, OPENING.format("$states.input.no", "Output/result")
        + "returned nothing (undefined).")),
    (passed(Assign={"result": "{% $states.input.no %}"}), (
        QUERY, OPENING.format("$states.input.no", "Assign/result")
        + "returned nothing (undefined).")),
    (passed(Output="{% (1)() %}"), (
        QUERY, OPENING.format("(1)()", "Output") + "threw an error during evaluation. "
        "T1006: Attempted to invoke a non-function")),
    (passed(Output="{% $sum %}"), (
        QUERY, OPENING.format("$sum", "Output") + "returned an unsupported result type.")),
    (passed(Output="{% $partition([1,2,3], 2) %}"), [[1, 2], [3]]),
    (passed(Output="{% $range(0, 10, 5) %}"), [0, 5, 10]),
    (passed(Output="{% $parse('{\"a\":1}') %}"), {"a": 1}),
    (passed(Output="{% $hash('a', 'MD5') %}"), "0cc175b9c0f1b6a831c399e269772661"),
    (passed(Output="{% $random(1) = $random(1) %}"), True),
    (passed(Output="{% $length($uuid()) %}"), 36),
    (passed(Output="{% $exists($randomSeeded) or $exists($eval) %}"), False),
    ({"Type": "Wait", "Timestamp": "{% 'soon' %}"}, (
        QUERY, "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time "
               "format string: soon")),
    ({"Type": "Fail", "Error": "{% 'E' & 1 %}", "Cause": "{% $states.context.State.Name %}"},
     ("E1", "S")),
])
def test_jsonata(server, unique, state, expected):
    assert outcome(server, unique(), state, {"a": 1}, language="JSONata") == expected


ITEMS = {"ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}}


@pytest.mark.parametrize("items, kind", [
    ("{% 1 %}", "number"), ("{% 'x' %}", "string"), ("{% true %}", "boolean"),
    ("{% null %}", "null")])
def test_items_that_are_no_list(server, unique, items, kind):
    error, cause = outcome(server, unique(), {"Type": "Map", "Items": items, **ITEMS}, {},
                           language="JSONata")
    assert error == QUERY
    assert f"returned an unexpected result type. Expected 'array', but was '{kind}' for value" in cause


def test_a_map_whose_input_is_no_list(server, unique):
    assert outcome(server, unique(), {"Type": "Map", **ITEMS}, {"a": 1}, language="JSONata") == (
        QUERY, 'Map state input must be an array but was: {"a":1}')


def test_variables(server, unique):
    arn = create(server, unique(), {
        "A": {"Type": "Pass", "Assign": {"n": 1, "s": "1", "o": {"k": None}}, "Next": "B"},
        "B": {"Type": "Pass", "Assign": {"n.$": "States.MathAdd($n, 1)", "m.$": "$n"},
              "OutputPath": "$n", "Next": "C"},
        "C": {"Type": "Pass", "Parameters": {"n.$": "$n", "m.$": "$m", "o.$": "$o"}, "End": True}})
    answer = run(server, arn)
    assert json.loads(answer["output"]) == {"n": 2, "m": 1, "o": {"k": None}}
    exited = [e["stateExitedEventDetails"] for e in answer_of(
        server, "GetExecutionHistory", executionArn=answer["executionArn"])["events"]
        if e["type"] == "PassStateExited"]
    assert exited[0]["assignedVariables"] == {"n": "1", "s": '"1"', "o": '{"k":null}'}
    assert exited[0]["assignedVariablesDetails"] == {"truncated": False}
    assert json.loads(exited[1]["output"]) == 1  # the value from before
    assert "assignedVariables" not in exited[2]
    assert answer_of(server, "DescribeStateMachine", stateMachineArn=arn)["variableReferences"] == {
        "B": ["n"], "C": ["m", "n", "o"]}
    assert "variableReferences" not in answer_of(
        server, "DescribeStateMachine",
        stateMachineArn=create(server, unique(), {"A": passed(Assign={"n": 1}, End=True)}))


def test_what_a_branch_assigns_stays_there(server, unique):
    branch = {"StartAt": "I", "States": {"I": passed(Assign={"inner.$": "$outer"}, Next="J"),
                                         "J": passed(Parameters={"v.$": "$inner"}, End=True)}}
    assert outcome(server, unique(), passed(Assign={"outer": 7}, Next="Par"), {}, {
        "Par": {"Type": "Parallel", "Branches": [branch], "Next": "After"},
        "After": passed(Parameters={"o.$": "$outer"}, OutputPath="$.o", End=True)}) == 7


def test_a_path_setting_takes_text_from_a_variable(server, unique):
    assert outcome(server, unique(), passed(Assign={"n": "1"}, Next="M"), [1, 2], {
        "M": {"Type": "Map", "MaxConcurrencyPath": "$n", "End": True, **ITEMS}}) == [1, 2]


@pytest.mark.parametrize("value", [1.5, "x", {}])
def test_settings_that_are_no_numbers(server, unique, value):
    error, cause = outcome(server, unique(), {
        "Type": "Map", "ItemsPath": "$.list", "MaxConcurrencyPath": "$.n", **ITEMS},
        {"list": [1], "n": value})
    assert (error, cause) == (RUNTIME, "The MaxConcurrencyPath field refers to value "
                              f'"{value}" which is not a valid integer: $.n')


def test_retries_and_catchers(fresh_server, unique):
    server = fresh_server()
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueUrl", "End": True,
            "Parameters": {"QueueName": "none"}}
    arn = create(server, unique(), {
        "T": {**task, "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
              "Catch": [{"ErrorEquals": ["State.ALL"], "Next": "Z"},
                        {"ErrorEquals": ["States.ALL"], "Next": "Z"}]},
        "Z": passed(End=True)})
    execution = server.client("stepfunctions").start_execution(stateMachineArn=arn)["executionArn"]
    server.await_idle(advance=True)
    answer = ended(server, execution)
    output = json.loads(answer["output"])
    assert output["Error"].startswith("Sqs.") and isinstance(output["Cause"], str)
    types = [event["type"] for event in history(server, execution)]
    assert types.count("TaskStateEntered") == 1 and types.count("TaskScheduled") == 3
    assert types[-5:-1] == ["TaskFailed", "TaskStateExited", "PassStateEntered", "PassStateExited"]


def test_runtime_errors_are_not_caught(server, unique):
    branch = {"StartAt": "P", "States": {"P": passed(InputPath="$.no", End=True)}}
    error, cause = outcome(server, unique(), {
        "Type": "Parallel", "Branches": [branch], "Next": "Z",
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}]}, {}, {"Z": {"Type": "Succeed"}})
    assert error == RUNTIME and "No results for path" in cause


def test_a_result_that_is_too_large_is_caught(server, unique):
    assert outcome(server, unique(), {
        "Type": "Parallel", "Next": "Z",
        "Branches": [{"StartAt": name, "States": {name: passed(
            Result="x" * 140_000, End=True)}} for name in ("A", "B")],
        "Catch": [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Z"}]}, {},
        {"Z": passed(Result="caught", End=True)}) == "caught"


def test_a_fail_state_without_a_word(server, unique):
    answer = run(server, create(server, unique(), {"F": {"Type": "Fail"}}))
    assert "error" not in answer and "cause" not in answer
    last = answer_of(server, "GetExecutionHistory", executionArn=answer["executionArn"],
                     reverseOrder=True)["events"][0]
    assert last["executionFailedEventDetails"] == {}
    answer = run(server, create(server, unique(), {"F": {"Type": "Fail", "Cause": "c"}}))
    assert "error" not in answer and answer["cause"] == "c"
    assert outcome(server, unique(), {"Type": "Fail", "ErrorPath": "$.X"}, {"a": 1}) == (
        RUNTIME, "The JSONPath '$.X' specified for the field 'ErrorPath' could not be found in the "
                 "input '{\"a\":1}'")


def test_events_name_their_predecessors(server, unique):
    arn = create(server, unique(), {"A": passed(Next="B"), "B": passed(End=True)})
    events = history(server, run(server, arn)["executionArn"])
    assert [event["previousEventId"] for event in events] == [0, 0, 2, 3, 4, 5]
    hidden = answer_of(server, "GetExecutionHistory", includeExecutionData=False,
                       executionArn=run(server, arn)["executionArn"])["events"]
    assert not any({"input", "output", "inputDetails", "outputDetails"} & set(details)
                   for event in hidden for details in event.values() if isinstance(details, dict))


def test_a_stopped_execution_without_reasons(server, unique):
    sfn = server.client("stepfunctions")
    arn = create(server, unique(), {"W": {"Type": "Wait", "Seconds": 9999, "End": True}})
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    sfn.stop_execution(executionArn=execution)
    assert answer_of(server, "GetExecutionHistory", executionArn=execution, reverseOrder=True)[
        "events"][0]["executionAbortedEventDetails"] == {}


def test_a_machine_that_takes_too_long(fresh_server, unique):
    server = fresh_server()
    arn = create(server, unique(), {"W": {"Type": "Wait", "Seconds": 9999, "End": True}},
                 TimeoutSeconds=5)
    execution = server.client("stepfunctions").start_execution(stateMachineArn=arn)["executionArn"]
    server.admin("PUT", "/clock", {"advance": 6})
    answer = ended(server, execution)
    assert answer["status"] == "TIMED_OUT" and not {"error", "cause"} & set(answer)


def test_express_executions_have_no_history(server, unique):
    sfn = server.client("stepfunctions")
    arn = create(server, unique(), {"P": passed(End=True)}, "EXPRESS")
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    assert execution.split(":")[5] == "express"
    for operation in ("DescribeExecution", "StopExecution", "GetExecutionHistory"):
        assert refusal(server, operation, {"executionArn": execution}) == (
            "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
    unsupported = ("StateMachineTypeNotSupported",
                   "This operation is not supported by this type of state machine")
    assert refusal(server, "ListExecutions", {"stateMachineArn": arn}) == unsupported
    standard = create(server, unique(), {"P": passed(End=True)})
    assert refusal(server, "StartSyncExecution", {"stateMachineArn": standard}) == unsupported


@pytest.mark.parametrize("resource, text", [
    ("arn:aws:states:::states:startExecution.sync", "'.sync' service integration at"),
    ("arn:aws:states:::sqs:sendMessage.waitForTaskToken",
     "'.waitForTaskToken' service integration  at"),
    ("arn:aws:states:us-east-1:000000000000:activity:x", "Activity ARN at")])
def test_what_express_machines_may_not_have(server, unique, resource, text):
    code, message = refusal(server, "CreateStateMachine", {
        "name": unique(), "roleArn": ROLE, "type": "EXPRESS", "definition": json.dumps({
            "StartAt": "S", "States": {"S": {"Type": "Task", "Resource": resource, "End": True}}})})
    assert code == "InvalidDefinition"
    assert f"Express state machine does not support {text} /States/S/Resource" in message


@pytest.mark.parametrize("definition, diagnostics", [
    ({"States": {}}, ["These fields are required: [StartAt]"]),
    ({"StartAt": "S", "States": {"S": {"Type": "Task", "End": True, "Credentials": {},
                                       "Resource": "arn:aws:states:::sqs:sendMessage"}}},
     ["The field 'RoleArn' is required but was missing"]),
    ({"StartAt": "S", "States": {"S": {"Type": "Parallel", "Branches": [], "End": True}}},
     ["Value cannot be empty"]),
    ({"StartAt": "S", "States": {"S": {"Type": "Past", "End": True}}},
     ["The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, "
      "Choice, Parallel, Map]"]),
    ({"StartAt": "S", "States": {"S": {"Type": "Wait", "Timestamp": "tomorrow", "End": True}}},
     ["String does not match RFC3339 timestamp"]),
    ({"StartAt": "S", "QueryLanguage": "JSONata", "States": {
        "S": {"Type": "Pass", "QueryLanguage": "JSONPath", "End": True}}},
     ["'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"]),
    ({"StartAt": "S", "States": {"S": {"Type": "Pass", "End": True, "Parameters": {
        "v.$": "States.Format('{}', $.a"}}}},
     ["The value for the field 'v.$' must be a valid JSONPath or a valid intrinsic function call"]),
])
def test_definitions_that_are_refused(server, definition, diagnostics):
    answer = answer_of(server, "ValidateStateMachineDefinition", definition=json.dumps(definition))
    assert answer["result"] == "FAIL" and answer["truncated"] is False
    # A second line may tell the nearest name that there is.
    messages = [d["message"].split("\n")[0] for d in answer["diagnostics"]]
    assert messages[:len(diagnostics)] == diagnostics


def test_a_label_stands_in_the_arns(server, unique):
    name = unique()
    processor = {**ITEMS["ItemProcessor"], "ProcessorConfig": {"Mode": "DISTRIBUTED",
                                                               "ExecutionType": "STANDARD"}}
    arn = create(server, name, {"M": {"Type": "Map", "Label": "L", "End": True,
                                      "ItemProcessor": processor}})
    execution = run(server, arn, [1])["executionArn"]
    listed = answer_of(server, "ListMapRuns", executionArn=execution)["mapRuns"][0]
    assert f":mapRun:{name}/L:" in listed["mapRunArn"]
    assert listed["stateMachineArn"].endswith(name + "/L")
    child = answer_of(server, "ListExecutions", mapRunArn=listed["mapRunArn"])["executions"][0]
    assert f":execution:{name}/L:" in child["executionArn"]
    for label in ("x" * 41, "a b", "a*", "a/b"):
        definition = {"StartAt": "M", "States": {"M": {"Type": "Map", "Label": label, "End": True,
                                                       "ItemProcessor": processor}}}
        answer = answer_of(server, "ValidateStateMachineDefinition",
                           definition=json.dumps(definition))
        assert answer["result"] == "FAIL", label
