"""AWS's behaviour case by case: one state (or few), an input, and what comes of it."""
import concurrent.futures
import io
import json
import re
import zipfile

import pytest
from conftest import wait_until
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


@pytest.mark.parametrize("language, error", [("JSONPath", RUNTIME), ("JSONata", QUERY)])
def test_a_branch_does_not_assign_what_an_outer_scope_has(server, unique, language, error):
    branch = {"StartAt": "I", "States": {"I": passed(Assign={"outer": 8}, End=True)}}
    found, cause = outcome(server, unique(), passed(Assign={"outer": 7}, Next="Par"), {}, {
        "Par": {"Type": "Parallel", "Branches": [branch], "End": True}}, language=language)
    assert found == error
    assert cause.endswith("The variable 'outer' belongs to an outer scope and cannot be assigned.")


def test_variables_have_a_size(server, unique):
    data = {"t": "x" * 140_000}
    assert outcome(server, unique(), passed(Assign={"a.$": "$.t"}, OutputPath=None), data) == {}
    error, cause = outcome(server, unique(), passed(Assign={"a.$": "$.t", "b.$": "$.t"},
                                                    OutputPath=None), data)
    assert (error, "'S' assigned variables" in cause) == ("States.DataLimitExceeded", True)


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


def task(resource, parameters=None, **more):
    return {"Type": "Task", "Resource": resource if resource.startswith("arn:") else
            "arn:aws:states:::" + resource,
            **({} if parameters is None else {"Parameters": parameters}), **more}


def lambda_function(server, name, body):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    " + body)
    return server.client("lambda").create_function(
        FunctionName=name, Runtime="python3.12", Handler="app.handler", Role=ROLE,
        Code={"ZipFile": packed.getvalue()})["FunctionArn"]


def test_what_integrations_answer_with(server, unique):
    queue = server.client("sqs").create_queue(QueueName=unique("q"))["QueueUrl"]
    sent = outcome(server, unique(), task("sqs:sendMessage", {
        "QueueUrl": queue, "MessageBody": "m"}), {})
    assert set(sent) == {"MD5OfMessageBody", "MessageId", "SdkHttpMetadata", "SdkResponseMetadata"}
    assert set(sent["SdkHttpMetadata"]) == {"AllHttpHeaders", "HttpHeaders", "HttpStatusCode"}
    assert sent["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert set(sent["SdkResponseMetadata"]) == {"RequestId"}
    headers, one = (sent["SdkHttpMetadata"][name] for name in ("AllHttpHeaders", "HttpHeaders"))
    assert headers == {name: [value] for name, value in one.items()} and one
    assert set(outcome(server, unique(), task("aws-sdk:sqs:createQueue", {
        "QueueName": unique("q")}), {})) == {"QueueUrl"}
    inner = create(server, unique(), {"P": passed(End=True)})
    assert set(outcome(server, unique(), task("aws-sdk:sfn:startExecution", {
        "StateMachineArn": inner}), {})) == {"ExecutionArn", "StartDate"}
    assert set(outcome(server, unique(), task("states:startExecution", {
        "StateMachineArn": inner}), {})) == {
        "ExecutionArn", "StartDate", "SdkHttpMetadata", "SdkResponseMetadata"}


def test_functions_as_tasks(server, unique):
    function = lambda_function(server, unique("f"), "return {'seen': event}")
    answer = outcome(server, unique(), task("lambda:invoke", {
        "FunctionName": function, "Payload": {"a.$": "$.a"}}), {"a": 1})
    assert set(answer) == {"ExecutedVersion", "Payload", "SdkHttpMetadata", "SdkResponseMetadata",
                           "StatusCode"}
    assert (answer["Payload"], answer["ExecutedVersion"], answer["StatusCode"]) == (
        {"seen": {"a": 1}}, "$LATEST", 200)
    assert "LogResult" in outcome(server, unique(), task("lambda:invoke", {
        "FunctionName": function, "LogType": "Tail"}), {})
    assert outcome(server, unique(), task("lambda:invoke", {
        "FunctionName": function, "Payload": None}), {})["Payload"] == {"seen": {}}
    assert outcome(server, unique(), task(function), {"a": 1}) == {"seen": {"a": 1}}


@pytest.mark.parametrize("direct", [True, False])
def test_errors_of_functions(server, unique, direct):
    for body, name in (("raise Exception('why')", "Exception"),
                       ("raise type('CustomException', (Exception,), {})('why')", "CustomException")):
        function = lambda_function(server, unique("f"), body)
        error, cause = outcome(server, unique(), task(function) if direct else task(
            "lambda:invoke", {"FunctionName": function}), {})
        document = json.loads(cause)
        assert set(document) == {"errorMessage", "errorType", "requestId", "stackTrace"}
        assert (error, document["errorType"], document["errorMessage"]) == (name, name, "why")
    missing = "arn:aws:lambda:us-east-1:000000000000:function:none"
    error, cause = outcome(server, unique(), task(missing) if direct else task(
        "lambda:invoke", {"FunctionName": missing}), {})
    assert error == "Lambda.ResourceNotFoundException"
    assert re.fullmatch(
        re.escape(f"Function not found: {missing}:$LATEST") + r" \(Service: AWSLambda; Status "
        "Code: 404; Error Code: ResourceNotFoundException; Request ID: [-0-9a-f]+; Proxy: null\\)",
        cause), cause


V1 = r"\(Service: {}; Status Code: {}; Error Code: {}; Request ID: [-\w]+; Proxy: null\)"
V2 = r"\(Service: {}, Status Code: {}, Request ID: [-\w]+\)"
TABLE = {"TableName": "none", "Key": {"id": {"S": "1"}}}
BAD = {"TableName": "none", "Key": {"id": {"S": "1"}}, "ProjectionExpression": "("}
TOPIC = "arn:aws:sns:us-east-1:000000000000:none"
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:none"


@pytest.mark.parametrize("resource, parameters, error, tail", [
    ("dynamodb:getItem", TABLE, "DynamoDB.ResourceNotFoundException",
     V1.format("AmazonDynamoDBv2", 400, "ResourceNotFoundException")),
    ("dynamodb:getItem", BAD, "DynamoDB.AmazonDynamoDBException",
     V1.format("AmazonDynamoDBv2", 400, "ValidationException")),
    ("sqs:sendMessage", {"QueueUrl": "http://localhost/000000000000/none", "MessageBody": "m"},
     "SQS.QueueDoesNotExistException", V1.format("AmazonSQS", 400, "[.A-Za-z]+")),
    ("sqs:sendMessage", {"QueueUrl": "{queue}", "MessageBody": ""},
     "SQS.AmazonSQSException", V1.format("AmazonSQS", 400, "[.A-Za-z]+")),
    ("sns:publish", {"TopicArn": TOPIC, "Message": "m"}, "SNS.NotFoundException",
     V1.format("AmazonSNS", 404, "NotFound")),
    ("states:startExecution", {"StateMachineArn": MACHINE},
     "StepFunctions.StateMachineDoesNotExistException",
     V1.format("AWSStepFunctions", 400, "StateMachineDoesNotExist")),
    ("aws-sdk:dynamodb:getItem", TABLE, "DynamoDb.ResourceNotFoundException",
     V2.format("DynamoDb", 400)),
    ("aws-sdk:dynamodb:getItem", BAD, "DynamoDb.DynamoDbException", V2.format("DynamoDb", 400)),
    ("aws-sdk:s3:listObjectsV2", {"Bucket": "none-of-this-name"}, "S3.NoSuchBucketException",
     r"\(Service: S3, Status Code: 404, Request ID: [-\w]+, Extended Request ID: \S+\)"),
    ("aws-sdk:sfn:sendTaskSuccess", {"TaskToken": "x", "Output": "{}"}, "Sfn.InvalidTokenException",
     V2.format("Sfn", 400) + r" \(SDK Attempt Count: 1\)"),
    ("aws-sdk:secretsmanager:getSecretValue", {"SecretId": "none"},
     "SecretsManager.ResourceNotFoundException", V2.format("SecretsManager", 400)),
    ("aws-sdk:secretsmanager:createSecret", {"Name": ""},
     "SecretsManager.SecretsManagerException", V2.format("SecretsManager", 400)),
])
def test_errors_of_integrations(server, unique, resource, parameters, error, tail):
    queue = server.client("sqs").create_queue(QueueName="errors-of-integrations")["QueueUrl"]
    parameters = json.loads(json.dumps(parameters).replace("{queue}", queue))
    name, cause = outcome(server, unique(), task(resource, parameters), {})
    assert name == error and re.search(" " + tail + "$", cause), (name, cause)


def test_events_that_are_not_taken(server, unique):
    entry = {"Source": "s", "DetailType": "t", "Detail": "no object"}
    error, cause = outcome(server, unique(), task("events:putEvents", {"Entries": [
        entry, {**entry, "Detail": {}}]}), {})
    document = json.loads(cause)
    assert error == "EventBridge.FailedEntry" and set(document) == {"Entries", "FailedEntryCount"}
    assert document["FailedEntryCount"] == 1 and len(document["Entries"]) == 2


def test_an_api_that_refuses(server, unique):
    api_id = server.client("apigateway").create_rest_api(name=unique("api"))["id"]
    error, cause = outcome(server, unique(), task("apigateway:invoke", {
        "ApiEndpoint": f"{api_id}.execute-api.us-east-1.amazonaws.com", "Method": "GET",
        "Stage": "test", "Path": "/none"}), {})
    assert error == "ApiGateway.403"
    assert json.loads(cause) == {"message": "Missing Authentication Token"}


@pytest.mark.parametrize("pattern, data", [(".sync", '{"x":1}'), (".sync:2", {"x": 1})])
def test_nested_executions(server, unique, pattern, data):
    inner = create(server, unique(), {"P": passed(End=True)})
    output = json.loads(run(server, create(server, unique(), {"S": task(
        "states:startExecution" + pattern, {"StateMachineArn": inner, "Input": {"x": 1}},
        End=True)}))["output"])
    assert (output["Input"], output["Output"], output["Status"]) == (data, data, "SUCCEEDED")
    assert {"ExecutionArn", "StateMachineArn", "Name", "StartDate", "StopDate", "InputDetails",
            "OutputDetails"} <= set(output)


WAITING = ["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted"]


def waiting(server, name, language=None, **more):
    """An execution that waits for its token: (execution, token)."""
    sqs = server.client("sqs")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    asked = {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"} if language is None else {
        "QueueUrl": queue, "MessageBody": "{% $states.context.Task.Token %}"}
    state = task("sqs:sendMessage.waitForTaskToken", End=True, **more,
                 **{"Parameters" if language is None else "Arguments": asked})
    arn = create(server, name, {"S": state}, **({"QueryLanguage": language} if language else {}))
    execution = server.client("stepfunctions").start_execution(stateMachineArn=arn)["executionArn"]
    return execution, sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]["Body"]


@pytest.mark.parametrize("language", [None, "JSONata"])
def test_a_token_that_is_answered(server, unique, language):
    execution, token = waiting(server, unique(), language)
    server.client("stepfunctions").send_task_success(taskToken=token, output='{"a": 1}')
    events = history(server, execution)
    assert [event["type"] for event in events[1:]] == [
        *WAITING, "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"]
    details = {event["type"]: event for event in events}
    assert "MessageId" in json.loads(details["TaskSubmitted"]["taskSubmittedEventDetails"]["output"])
    assert json.loads(details["TaskSucceeded"]["taskSucceededEventDetails"]["output"]) == {"a": 1}


@pytest.mark.parametrize("failure", [{"error": "E", "cause": "c"}, {}])
def test_a_token_that_is_refused(server, unique, failure):
    execution, token = waiting(server, unique())
    server.client("stepfunctions").send_task_failure(taskToken=token, **failure)
    failed = history(server, execution)[5]
    assert failed["type"] == "TaskFailed" and failed["taskFailedEventDetails"] == {
        "resource": "sendMessage.waitForTaskToken", "resourceType": "sqs", **failure}


def test_a_token_without_a_heartbeat(fresh_server, unique):
    server = fresh_server()
    execution, _ = waiting(server, unique(), HeartbeatSeconds=5)
    server.admin("PUT", "/clock", {"advance": 6})
    late = history(server, execution)[5]
    assert late["type"] == "TaskTimedOut" and late["taskTimedOutEventDetails"] == {
        "error": "States.Timeout", "resource": "sendMessage.waitForTaskToken", "resourceType": "sqs"}


def test_what_the_history_tells_of_activities(fresh_server, unique):
    server = fresh_server()
    sfn = server.client("stepfunctions")
    activity = sfn.create_activity(name=unique("work"))["activityArn"]
    plain = create(server, unique(), {"S": task(activity, End=True)})
    timed = create(server, unique(), {"S": task(activity, End=True, TimeoutSeconds=60,
                                                HeartbeatSeconds=9)})

    def start(arn, **worker):
        execution = sfn.start_execution(stateMachineArn=arn, input='{"a":1}')["executionArn"]
        return execution, sfn.get_activity_task(activityArn=activity, **worker)["taskToken"]

    execution, token = start(plain, workerName="w")
    sfn.send_task_success(taskToken=token, output="2")
    scheduled, started, succeeded = history(server, execution)[2:5]
    assert scheduled["activityScheduledEventDetails"] == {
        "resource": activity, "input": '{"a":1}', "inputDetails": {"truncated": False}}
    assert started["activityStartedEventDetails"] == {"workerName": "w"}
    assert succeeded["activitySucceededEventDetails"] == {
        "output": "2", "outputDetails": {"truncated": False}}
    execution, token = start(timed)
    scheduled, started = history(server, execution)[2:4]
    assert (scheduled["activityScheduledEventDetails"]["timeoutInSeconds"],
            scheduled["activityScheduledEventDetails"]["heartbeatInSeconds"]) == (60, 9)
    assert not started.get("activityStartedEventDetails")
    sfn.send_task_failure(taskToken=token, error="E", cause="c")
    assert history(server, execution)[4]["activityFailedEventDetails"] == {"error": "E", "cause": "c"}
    execution, _ = start(timed)
    server.admin("PUT", "/clock", {"advance": 10})
    late = history(server, execution)[4]
    assert (late["type"], late["activityTimedOutEventDetails"]["error"]) == (
        "ActivityTimedOut", "States.Timeout")
    sfn.delete_activity(activityArn=activity)
    answer = run(server, plain)
    assert (answer["status"], answer["error"]) == ("FAILED", RUNTIME)
    assert answer["cause"].endswith(f"The activity {activity} does not exist.")


def test_an_object_is_published_as_text(server, unique):
    sqs, sns, name = server.client("sqs"), server.client("sns"), unique("t")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Attributes={"RawMessageDelivery": "true"},
                  Endpoint=f"arn:aws:sqs:us-east-1:000000000000:{name}")
    outcome(server, unique(), task("sns:publish", {"TopicArn": topic, "Message": {"a": [1]}}), {})
    outcome(server, unique(), task("sqs:sendMessage", {"QueueUrl": queue, "MessageBody": {"b": 1}}), {})
    bodies = [m["Body"] for _ in range(2) for m in sqs.receive_message(
        QueueUrl=queue, WaitTimeSeconds=5)["Messages"]]
    assert sorted(bodies) == ['{"a":[1]}', '{"b":1}']


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


def test_what_a_synchronous_execution_answers(server, unique):
    common = {"billingDetails", "executionArn", "input", "inputDetails", "name", "startDate",
              "stateMachineArn", "status", "stopDate", "outputDetails"}
    for state, kind, more in ((passed(End=True), "SUCCEEDED", {"output"}),
                              ({"Type": "Fail", "Error": "E", "Cause": "c"}, "FAILED",
                               {"error", "cause"})):
        name = unique()
        arn = create(server, name, {"S": state}, "EXPRESS")
        answer = answer_of(server, "StartSyncExecution", stateMachineArn=arn, input='{"a":1}',
                           name="n")
        assert (set(answer), answer["status"]) == (common | more, kind)
        assert answer["inputDetails"] == answer["outputDetails"] == {"included": True}
        assert answer["billingDetails"]["billedDurationInMilliseconds"] % 100 == 0
        assert answer["billingDetails"]["billedMemoryUsedInMB"] > 0
        assert (answer["input"], answer["name"], answer["stateMachineArn"]) == ('{"a":1}', "n", arn)
        assert re.fullmatch(f"arn:aws:states:us-east-1:000000000000:express:{name}:n:[-0-9a-f]{{36}}",
                            answer["executionArn"])


HANGING = {"Type": "Wait", "Seconds": 3600, "End": True}


def test_a_synchronous_execution_that_takes_too_long(fresh_server, unique):
    server = fresh_server()
    arn = create(server, unique(), {"S": HANGING}, "EXPRESS", TimeoutSeconds=5)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        asked = pool.submit(answer_of, server, "StartSyncExecution", stateMachineArn=arn)
        wait_until(lambda: server.admin("PUT", "/clock", {"advance": 6}) and asked.done())
    answer = asked.result()  # with the status 200
    assert answer["status"] == "TIMED_OUT" and answer["outputDetails"] == {"included": True}


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
    assert message.startswith("Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Express "
                              f"state machine does not support {text} /States/S/Resource")


def test_the_context_of_an_asynchronous_execution(server, unique):
    sqs = server.client("sqs")
    queue = sqs.create_queue(QueueName=unique("q"))["QueueUrl"]
    arn = create(server, unique(), {"S": task("sqs:sendMessage", {
        "QueueUrl": queue, "MessageBody.$": "$$.Execution"}, End=True)}, "EXPRESS")
    server.client("stepfunctions").start_execution(stateMachineArn=arn)
    message = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]
    assert json.loads(message["Body"])["RedriveCount"] == 0


def logging(server, name, level, state, kind="EXPRESS", **more):
    """A machine that writes to the log group of its name."""
    server.client("logs").create_log_group(logGroupName=name)
    group = f"arn:aws:logs:us-east-1:000000000000:log-group:{name}:*"
    return answer_of(
        server, "CreateStateMachine", name=name, type=kind, roleArn=ROLE,
        definition=json.dumps({"StartAt": "S", "States": {"S": state}, **more}),
        loggingConfiguration={"level": level, "includeExecutionData": True, "destinations": [
            {"cloudWatchLogsLogGroup": {"logGroupArn": group}}]})["stateMachineArn"]


def log_lines(server, name):
    return [json.loads(event["message"]) for event in server.client("logs").filter_log_events(
        logGroupName=name)["events"]]


def test_log_lines(server, unique):
    name = unique("log")
    answer = answer_of(server, "StartSyncExecution", stateMachineArn=logging(
        server, name, "ALL", passed(End=True)))
    lines = log_lines(server, name)
    assert [line["type"] for line in lines] == [
        "ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    for number, line in enumerate(lines, 1):
        assert set(line) == {"id", "type", "details", "previous_event_id", "event_timestamp",
                             "execution_arn", "redrive_count"}
        assert (line["id"], line["previous_event_id"], line["redrive_count"]) == (
            str(number), str(number - 1 if number > 2 else 0), "0")
        assert line["event_timestamp"].isdigit() and line["execution_arn"] == answer["executionArn"]


FAILING = {"Type": "Fail", "Error": "E"}
@pytest.mark.parametrize("level, state, types", [
    ("ALL", FAILING, ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]),
    ("ERROR", FAILING, ["FailStateEntered", "ExecutionFailed"]),
    ("FATAL", FAILING, ["ExecutionFailed"]), ("OFF", FAILING, []),
    ("ERROR", passed(End=True), []), ("FATAL", passed(End=True), []),
    ("ERROR", {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueUrl",
               "Parameters": {"QueueName": "none"}, "End": True}, ["TaskFailed", "ExecutionFailed"]),
])
def test_log_levels(server, unique, level, state, types):
    name = unique("log")
    answer_of(server, "StartSyncExecution", stateMachineArn=logging(server, name, level, state))
    assert [line["type"] for line in log_lines(server, name)] == types


def test_ends_that_are_fatal(fresh_server, unique):
    server = fresh_server()
    sfn, late, stopped = server.client("stepfunctions"), unique("late"), unique("stopped")
    sfn.start_execution(stateMachineArn=logging(server, late, "FATAL", HANGING, TimeoutSeconds=5))
    server.admin("PUT", "/clock", {"advance": 6})
    sfn.stop_execution(executionArn=sfn.start_execution(stateMachineArn=logging(
        server, stopped, "FATAL", HANGING, "STANDARD"))["executionArn"])
    assert [[line["type"] for line in log_lines(server, name)] for name in (late, stopped)] == [
        ["ExecutionTimedOut"], ["ExecutionAborted"]]


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
