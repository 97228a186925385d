"""Step Functions' API: what it shows, what it refuses, what it counts."""
import json

import pytest
from conftest import wait_until
from machines_support import (ROLE, answer_of, call, create, ended, metric, refusal, run)

PASS = {"P": {"Type": "Pass", "End": True}}


def test_metadata_alone(server, unique):
    arn = create(server, unique(), {"P": {"Type": "Pass", "Assign": {"a.$": "$"}, "Next": "Q"},
                                    "Q": {"Type": "Pass", "InputPath": "$a", "End": True}})
    execution = run(server, arn, {"n": 1})["executionArn"]
    only = {"includedData": "METADATA_ONLY"}
    machine = answer_of(server, "DescribeStateMachine", stateMachineArn=arn, **only)
    assert machine["definition"] == "{}" and machine["roleArn"] == ROLE
    assert "variableReferences" not in machine
    assert "variableReferences" in answer_of(server, "DescribeStateMachine", stateMachineArn=arn,
                                             includedData="ALL_DATA")
    described = answer_of(server, "DescribeExecution", executionArn=execution, **only)
    assert described["status"] == "SUCCEEDED"
    assert not {"input", "output", "inputDetails", "outputDetails"} & set(described)
    of_execution = answer_of(server, "DescribeStateMachineForExecution", executionArn=execution,
                             **only)
    assert of_execution["definition"] == "{}" and of_execution["stateMachineArn"] == arn
    assert refusal(server, "DescribeExecution", {
        "executionArn": execution, "includedData": "SOME"})[0] == "ValidationException"


def test_a_synchronous_execution_without_its_data(server, unique):
    arn = create(server, unique(), {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}, "EXPRESS")
    answer = answer_of(server, "StartSyncExecution", stateMachineArn=arn, input='{"secret": 1}',
                       includedData="METADATA_ONLY")
    assert answer["status"] == "FAILED" and answer["billingDetails"]
    assert not {"input", "output", "error", "cause"} & set(answer)
    assert answer_of(server, "StartSyncExecution", stateMachineArn=arn)["error"] == "E"


SEND = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Next": "Z"}
END = {"Type": "Succeed"}
NEXT_IS_Z = {"Variable": "$.a", "IsPresent": True, "Next": "Z"}


def diagnosed(server, state, more=None, **top):
    """What is wrong with a machine of this state, its end and what stands before it."""
    definition = {"StartAt": "A", "States": {"A": state, "Z": END, **(more or {})}, **top}
    answer = answer_of(server, "ValidateStateMachineDefinition", severity="WARNING",
                       definition=json.dumps(definition))
    return [(d["message"], d["location"]) for d in answer["diagnostics"]]


INLINE = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
DISTRIBUTED = {**INLINE, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


@pytest.mark.parametrize("state, message, place", [
    ({**SEND, "Retry": [{"ErrorEquals": ["E"], "MaxAttempt": 1}]},
     "Field 'MaxAttempt' is not supported\nDid you mean 'MaxAttempts'?", "Retry[0]"),
    ({**SEND, "Catch": [{"ErrorEquals": ["E"], "Next": "Z", "Output": 1}]},
     "Field 'Output' is not supported", "Catch[0]"),
    ({"Type": "Choice", "Choices": [{**NEXT_IS_Z, "Nxt": "Z"}]},
     "Field 'Nxt' is not supported\nDid you mean 'Next'?", "Choices[0]"),
    ({"Type": "Choice", "Choices": [{"Not": NEXT_IS_Z, "Next": "Z"}]},
     "Field 'Next' is not supported", "Choices[0]/Not"),
    ({"Type": "Choice", "Choices": [{**NEXT_IS_Z, "IsNull": False}]},
     "Only one comparison is allowed in a choice rule", "Choices[0]"),
    ({"Type": "Map", "ItemProcessor": {**INLINE, "ProcessorConfig": {"Mode": "INLNE"}}, "Next": "Z"},
     "Value should be one of the following: [INLINE, DISTRIBUTED]\nDid you mean 'INLINE'?",
     "ItemProcessor/ProcessorConfig/Mode"),
    ({"Type": "Map", "ItemProcessor": INLINE, "ItemBatcher": {"MaxItemsPerBatch": 2}, "Next": "Z"},
     "Field 'ItemBatcher' is only supported in DISTRIBUTED mode", ""),
    ({"Type": "Map", "ItemProcessor": DISTRIBUTED, "Next": "Z", "ItemReader": {
        "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputTyp": "CSV"}}},
     "Field 'InputTyp' is not supported\nDid you mean 'InputType'?", "ItemReader/ReaderConfig"),
    ({"Type": "Map", "ItemProcessor": DISTRIBUTED, "Next": "Z", "ResultWriter": {
        "WriterConfig": {"Transformation": "FLATEN"}}},
     "Value should be one of the following: [NONE, COMPACT, FLATTEN]\nDid you mean 'FLATTEN'?",
     "ResultWriter/WriterConfig/Transformation"),
    ({"Type": "Wait", "Seconds": -1, "Next": "Z"}, "Minimum value is 0", "Seconds"),
    ({"Type": "Wait", "Seconds": 1.5, "Next": "Z"}, "Expected value of type [INTEGER]", "Seconds"),
    ({"Type": "Wait", "Seconds": 100_000_000, "Next": "Z"}, "Maximum value is 99999999", "Seconds"),
    ({**SEND, "Retry": [{"ErrorEquals": ["E"], "BackoffRate": 0.5}]}, "Minimum value is 1",
     "Retry[0]/BackoffRate"),
    ({**SEND, "TimeoutSeconds": 5, "HeartbeatSeconds": 5},
     "HeartbeatSeconds must be smaller than TimeoutSeconds", ""),
    ({**SEND, "TimeoutSeconds": 5, "TimeoutSecondsPath": "$.t"},
     "Only one of these fields is allowed: [TimeoutSeconds, TimeoutSecondsPath]", ""),
    ({"Type": "Pass", "Assign": {"a b": 1}, "Next": "Z"}, "The variable name 'a b' is not valid",
     "Assign"),
    ({**SEND, "Catch": [{"ErrorEquals": ["States.Timeot"], "Next": "Z"}]},
     "The error name 'States.Timeot' is none of Step Functions.\nDid you mean 'States.Timeout'?",
     "Catch[0]/ErrorEquals[0]"),
])
def test_what_stands_inside_of_states_is_checked(server, state, message, place):
    location = "/States/A" + ("/" + place if place else "")
    assert diagnosed(server, state) == [(message, location)]


def test_an_error_name_of_ones_own_is_none_to_warn_of(server):
    assert diagnosed(server, {**SEND, "Catch": [
        {"ErrorEquals": ["Custom", "States.Http.StatusCode.404", "States.Timeout"], "Next": "Z"}]}
    ) == []


def test_the_findings_of_a_validation_are_counted_as_they_are_shown(server):
    definition = json.dumps({"StartAt": "A", "States": {
        "A": {**SEND, "Foo": 1, "Catch": [{"ErrorEquals": ["States.X"], "Next": "Z"}]}, "Z": END}})

    def shown(**more):
        answer = answer_of(server, "ValidateStateMachineDefinition", definition=definition, **more)
        return len(answer["diagnostics"]), answer["truncated"]

    assert shown(maxResults=1) == (1, False)  # a warning that is not shown is not cut off
    assert shown(maxResults=1, severity="WARNING") == (1, True)
    assert shown(maxResults=0, severity="WARNING") == (2, False)  # the default


@pytest.mark.parametrize("resource, hint", [
    ("arn:aws:states:::aws-sdk:sqs:SendMessage", "arn:aws:states:::aws-sdk:sqs:sendMessage"),
    ("arn:aws:states:::ecs:runTask", None)])
def test_the_nearest_integration_is_told_where_one_is_near(server, resource, hint):
    (message, _), = diagnosed(server, {**SEND, "Resource": resource})
    assert message.split("\n")[1:] == ([f"Did you mean '{hint}'?"] if hint else [])


def test_express_machines_have_no_map_runs(server, unique):
    code, message = refusal(server, "CreateStateMachine", {
        "name": unique(), "roleArn": ROLE, "type": "EXPRESS", "definition": json.dumps({
            "StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": DISTRIBUTED,
                                             "End": True}}})})
    assert code == "InvalidDefinition" and "DISTRIBUTED" in message


ALONE = "States.ALL must appear alone and at end of list"


@pytest.mark.parametrize("field, names, places", [
    ("Retry", [["States.ALL"], ["A"]], ["Retry[0]/ErrorEquals[0]"]),
    ("Retry", [["A", "States.ALL"]], ["Retry[0]/ErrorEquals[1]"]),
    ("Catch", [["States.ALL", "A"], ["States.ALL"]], ["Catch[0]/ErrorEquals[0]"]),
    ("Catch", [["States.ALL"], ["States.ALL"]], ["Catch[0]/ErrorEquals[0]"]),
    ("Catch", [["States.TaskFailed", "A"], ["States.Timeout"], ["States.ALL"]], []),
    ("Retry", [["States.DataLimitExceeded"], ["State.ALL", "B"]], []),
])
def test_the_wildcard_stands_alone_and_last(server, unique, field, names, places):
    handlers = [{"ErrorEquals": each, **({"Next": "Z"} if field == "Catch" else {})}
                for each in names]
    definition = json.dumps({"StartAt": "T", "States": {
        "T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Next": "Z",
              field: handlers},
        "Z": {"Type": "Succeed"}}})
    answer = answer_of(server, "ValidateStateMachineDefinition", definition=definition)
    assert [(d["code"], d["message"], d["location"]) for d in answer["diagnostics"]] == [
        ("SCHEMA_VALIDATION_FAILED", ALONE, "/States/T/" + place) for place in places]
    create_it = {"name": unique(), "definition": definition, "roleArn": ROLE}
    if places:
        assert refusal(server, "CreateStateMachine", create_it) == (
            "InvalidDefinition", "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: "
            f"{ALONE} at /States/T/{places[0]}'")
    else:
        answer_of(server, "CreateStateMachine", **create_it)


def test_tasks_are_counted_by_what_they_call(fresh_server, unique):
    server = fresh_server()
    sfn = server.client("stepfunctions")
    send = "arn:aws:states:::sqs:sendMessage"
    queue = server.client("sqs").create_queue(QueueName=unique("q"))["QueueUrl"]
    arn = create(server, unique(), {"T": {
        "Type": "Task", "Resource": send, "End": True,
        "Parameters": {"QueueUrl.$": "$.url", "MessageBody": "x"}}}, "EXPRESS")
    for url in (queue, queue, queue + "-not-there"):
        sfn.start_sync_execution(stateMachineArn=arn, input=json.dumps({"url": url}))
    wait_until(lambda: metric(server, "ServiceIntegrationsScheduled",
                              "ServiceIntegrationResourceArn", send) == 3, what="the metrics")
    counted = {name: metric(server, "ServiceIntegrations" + name, "ServiceIntegrationResourceArn",
                            send) for name in ("Started", "Succeeded", "Failed", "TimedOut")}
    assert counted == {"Started": 3, "Succeeded": 2, "Failed": 1, "TimedOut": 0}
    for name in ("RunTime", "ScheduleTime", "Time"):
        assert metric(server, "ServiceIntegration" + name, "ServiceIntegrationResourceArn", send,
                      "SampleCount") == 3


def test_activities_are_counted(fresh_server, unique):
    server = fresh_server()
    sfn = server.client("stepfunctions")
    activity = sfn.create_activity(name=unique("work"))["activityArn"]
    arn = create(server, unique(), {"W": {
        "Type": "Task", "Resource": activity, "HeartbeatSeconds": 60, "TimeoutSeconds": 600,
        "End": True}})
    executions = [sfn.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(4)]
    tasks = [sfn.get_activity_task(activityArn=activity)["taskToken"] for _ in range(3)]
    server.admin("PUT", "/clock", {"advance": 30})
    sfn.send_task_success(taskToken=tasks[0], output="1")
    sfn.send_task_failure(taskToken=tasks[1], error="No")
    server.admin("PUT", "/clock", {"advance": 60})  # the third worker is silent
    assert ended(server, executions[2])["error"] == "States.Timeout"
    server.admin("PUT", "/clock", {"advance": 600})  # the fourth task finds no worker
    assert ended(server, executions[3])["error"] == "States.Timeout"

    def total(name, statistic="Sum"):
        return metric(server, name, "ActivityArn", activity, statistic)

    wait_until(lambda: total("ActivitiesTimedOut") == 2, what="the metrics")
    assert [total("Activities" + name) for name in (
        "Scheduled", "Started", "Succeeded", "Failed", "HeartbeatTimedOut")] == [4, 3, 1, 1, 1]
    assert total("ActivityRunTime", "SampleCount") == 4
    assert total("ActivityTime", "Maximum") >= 600_000
    assert total("ActivityScheduleTime", "SampleCount") == 3


def test_pages_go_on_where_they_stopped(server, unique):
    arn = create(server, unique(), PASS)
    names = [run(server, arn)["name"] for _ in range(5)]
    first = answer_of(server, "ListExecutions", stateMachineArn=arn, maxResults=2)
    run(server, arn)  # a newer one does not push the second page
    second = answer_of(server, "ListExecutions", stateMachineArn=arn, maxResults=2,
                       nextToken=first["nextToken"])
    assert [e["name"] for e in first["executions"] + second["executions"]] == names[:0:-1]


@pytest.mark.parametrize("token", ["x", "c2thZnUtcGFnZTphYmM=", "c2thZnUtcGFnZTpleGVjdXRpb25zOi0x",
                                   "c2thZnUtcGFnZTpleGVjdXRpb25zOjk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
def test_a_page_token_that_is_none(server, unique, token):
    arn = create(server, unique(), PASS)
    assert refusal(server, "ListExecutions", {"stateMachineArn": arn, "nextToken": token}) == (
        "InvalidToken", "Invalid Token: 'Invalid token'")


def test_the_token_of_another_list(server, unique):
    for _ in range(2):
        create(server, unique(), PASS)
    token = answer_of(server, "ListStateMachines", maxResults=1)["nextToken"]
    assert refusal(server, "ListActivities", {"nextToken": token})[0] == "InvalidToken"


def create_body(name, **more):
    return {"name": name, "roleArn": ROLE, **more,
            "definition": json.dumps({"StartAt": "P", "States": PASS})}


@pytest.mark.parametrize("more, code, words", [
    ({"name": "a b"}, "InvalidName", "Invalid Name: 'a b'"),
    ({"name": "a\u0085"}, "InvalidName", "Invalid Name"),
    ({"name": "x" * 81}, "ValidationException", "length less than or equal to 80"),
    ({"name": 5}, "SerializationException", ""),
    ({"roleArn": "nobody"}, "InvalidArn", "Invalid Role Arn: 'nobody'"),
    ({"roleArn": "arn:aws:iam::000000000000:user/u"}, "InvalidArn", "Invalid Role Arn"),
    ({"type": "express"}, "ValidationException", "enum value set: [STANDARD, EXPRESS]"),
    ({"tags": {"a": "b"}}, "SerializationException", ""),
    ({"tags": ["a"]}, "SerializationException", ""),
    ({"tags": [{"key": str(n), "value": ""} for n in range(51)]}, "TooManyTags", "limit of 50"),
    ({"tracingConfiguration": "on"}, "SerializationException", ""),
    ({"loggingConfiguration": {"level": "all"}}, "ValidationException", "loggingConfiguration.level"),
    ({"loggingConfiguration": {"level": "ALL", "destinations": ["x"]}}, "SerializationException", ""),
    ({"loggingConfiguration": {"level": "ALL"}}, "InvalidLoggingConfiguration",
     "Must specify exactly one Log Destination"),
    ({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}},
     "InvalidEncryptionConfiguration", "kmsKeyId"),
    ({"encryptionConfiguration": {"type": "MINE"}}, "ValidationException", "enum value set"),
    ({"versionDescription": "d"}, "ValidationException",
     "Version description can only be set when publish is true"),
])
def test_machines_that_are_not_made(server, unique, more, code, words):
    found, message = refusal(server, "CreateStateMachine", {**create_body(unique()), **more})
    assert found == code and words in message


def test_an_execution_tells_how_its_machine_is_encrypted(server, unique):
    key = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/mine",
           "kmsDataKeyReusePeriodSeconds": 300}
    arn = answer_of(server, "CreateStateMachine", **create_body(
        unique(), encryptionConfiguration=key))["stateMachineArn"]
    execution = run(server, arn)["executionArn"]
    assert answer_of(server, "DescribeStateMachineForExecution",
                     executionArn=execution)["encryptionConfiguration"] == key


def test_names_may_have_letters_of_all_languages(server, unique):
    name = unique("ünï-名前")
    arn = answer_of(server, "CreateStateMachine", **create_body(name))["stateMachineArn"]
    assert run(server, arn)["status"] == "SUCCEEDED"


def test_a_labelled_arn_is_none_of_a_machine(server, unique):
    arn = create(server, unique(), PASS) + "/Label"
    for operation, more in (("StartExecution", {}), ("DescribeStateMachine", {}),
                            ("DeleteStateMachine", {}), ("UpdateStateMachine", {"roleArn": ROLE})):
        status, answer = call(server, operation, {"stateMachineArn": arn, **more})
        assert status == 400 and answer["__type"].endswith("ValidationException")
        assert answer["reason"] == "API_DOES_NOT_SUPPORT_LABELED_ARNS"


def test_routing_that_does_not_fit(server, unique):
    arn = create(server, unique(), PASS)
    version = answer_of(server, "PublishStateMachineVersion",
                        stateMachineArn=arn)["stateMachineVersionArn"]

    def refused(*routes):
        return refusal(server, "CreateStateMachineAlias", {
            "name": "live", "routingConfiguration": [
                {"stateMachineVersionArn": a, "weight": w} for a, w in routes]})

    assert refused((version, "100"))[0] == "SerializationException"
    assert "less than or equal to 100" in refused((version, 101))[1]
    assert refused()[0] == refused(*[(version, 1)] * 3)[0] == "ValidationException"
    assert refused((version, 70), (version, 29)) == (
        "ValidationException",
        "Sum of routing configuration weights must equal 100. Received: [70, 29]")
    assert refused((arn, 100))[0] == "ResourceNotFound"
    alias = answer_of(server, "CreateStateMachineAlias", name="live", routingConfiguration=[
        {"stateMachineVersionArn": version, "weight": 100}])["stateMachineAliasArn"]
    status, answer = call(server, "UpdateStateMachineAlias", {"stateMachineAliasArn": alias})
    assert (status, answer["reason"]) == (400, "MISSING_REQUIRED_PARAMETER")
    code, message = refusal(server, "DeleteStateMachineVersion",
                            {"stateMachineVersionArn": version})
    assert code == "ConflictException" and message.endswith("[live]")
    # A machine is not deleted by the ARN of a part of it.
    for part in (version, alias):
        assert refusal(server, "DeleteStateMachine",
                       {"stateMachineArn": part})[0] == "ValidationException"
    assert run(server, alias)["status"] == "SUCCEEDED"
    listed = answer_of(server, "ListExecutions", stateMachineArn=alias)["executions"]
    assert listed[0]["stateMachineAliasArn"] == alias
    assert listed[0]["stateMachineVersionArn"] == version


def test_which_executions_are_meant(server, unique):
    arn = create(server, unique(), PASS)
    for body in ({}, {"stateMachineArn": arn, "mapRunArn": arn.replace("stateMachine", "mapRun")}):
        assert refusal(server, "ListExecutions", body)[0] == "ValidationException"
    assert refusal(server, "DescribeMapRun", {"mapRunArn": arn}) == (
        "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: stateMachine'")


@pytest.mark.parametrize("more", [
    {"mock": "x"}, {"mock": {"errorOutput": {"error": 5}}}, {"stateConfiguration": "x"},
    {"stateConfiguration": {"retrierRetryCount": "x"}}, {"mock": {"result": {"a": 1}}},
    {"mock": {"fieldValidationMode": "SOME"}}])
def test_state_tests_that_do_not_fit(server, more):
    state = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}
    code, _ = refusal(server, "TestState", {"definition": json.dumps(state), "roleArn": ROLE, **more})
    assert code in ("SerializationException", "ValidationException")


def test_what_runs_of_a_deleted_machine_ends_at_its_next_transition(fresh_server, unique):
    server = fresh_server()
    sfn = server.client("stepfunctions")
    arn = create(server, unique(), {"W": {"Type": "Wait", "Seconds": 100, "Next": "P"},
                                    "P": {"Type": "Pass", "End": True}})
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    sfn.delete_state_machine(stateMachineArn=arn)
    assert sfn.describe_execution(executionArn=execution)["status"] == "RUNNING"
    # Until then the machine can be looked at, but not used.
    assert sfn.describe_state_machine(stateMachineArn=arn)["status"] == "DELETING"
    assert len(sfn.list_executions(stateMachineArn=arn)["executions"]) == 1
    for operation, body in (("StartExecution", {"stateMachineArn": arn}),
                            ("UpdateStateMachine", {"stateMachineArn": arn, "roleArn": ROLE}),
                            ("CreateStateMachine", create_body(arn.rsplit(":", 1)[1]))):
        assert refusal(server, operation, body)[0] == "StateMachineDeleting"
    server.admin("PUT", "/clock", {"advance": 101})
    assert ended(server, execution)["status"] == "ABORTED"
    with pytest.raises(sfn.exceptions.StateMachineDoesNotExist):
        sfn.start_execution(stateMachineArn=arn)
    with pytest.raises(sfn.exceptions.StateMachineDoesNotExist):
        sfn.describe_state_machine(stateMachineArn=arn)


def test_a_nested_execution_is_stopped_with_its_parent(server, unique):
    sfn = server.client("stepfunctions")
    inner = create(server, unique(), {"W": {"Type": "Wait", "Seconds": 9999, "End": True}})
    outer = create(server, unique(), {"S": {
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync", "End": True,
        "Parameters": {"StateMachineArn": inner}}})
    execution = sfn.start_execution(stateMachineArn=outer)["executionArn"]
    child = wait_until(lambda: sfn.list_executions(stateMachineArn=inner)["executions"],
                       what="the nested execution")[0]["executionArn"]
    sfn.stop_execution(executionArn=execution)
    assert sfn.describe_execution(executionArn=child)["status"] == "ABORTED"


def test_status_changes_tell_of_redrives(server, unique):
    queue = server.client("sqs").create_queue(QueueName=unique("q"))["QueueUrl"]
    arn = create(server, unique(), {"F": {"Type": "Fail"}})
    events, rule = server.client("events"), unique("rule")
    events.put_rule(Name=rule, EventPattern=json.dumps(
        {"source": ["aws.states"], "detail": {"stateMachineArn": [arn]}}))
    events.put_targets(Rule=rule, Targets=[{
        "Id": "q", "Arn": "arn:aws:sqs:us-east-1:000000000000:" + queue.rsplit("/", 1)[1]}])
    execution = run(server, arn)["executionArn"]
    answer_of(server, "RedriveExecution", executionArn=execution)
    seen = []

    def all_four():
        for message in server.client("sqs").receive_message(
                QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            detail = json.loads(message["Body"])["detail"]
            seen.append((detail["redriveCount"], detail["status"], detail["redriveStatus"],
                         detail["redriveDate"] is not None))
        return len(seen) == 4

    wait_until(all_four, what="four events")
    assert sorted(seen) == [
        (0, "FAILED", "REDRIVABLE", False), (0, "RUNNING", "NOT_REDRIVABLE", False),
        (1, "FAILED", "REDRIVABLE", True), (1, "RUNNING", "NOT_REDRIVABLE", True)]
