"""RedriveExecution: what had ended well is kept, in Map Runs too."""
import json

import pytest
from conftest import wait_until
from machines_support import (answer_of, call, create, ended, history, metric, refusal, run)


@pytest.fixture
def bucket(server, unique):
    name = unique("redrive")
    server.client("s3").create_bucket(Bucket=name)
    return name


def over_keys(bucket, kind="STANDARD", **fields):
    """A Map whose child for a key fails as long as there is no object of that key."""
    return {"M": {"Type": "Map", "ItemsPath": "$.keys", "Label": "Keys", "End": True, **fields,
                  "ItemProcessor": {
                      "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind},
                      "StartAt": "Note", "States": {
                          "Note": {"Type": "Pass", "Parameters": {"key.$": "$"}, "Next": "Head"},
                          "Head": {"Type": "Task", "End": True, "ResultSelector": {},
                                   "ResultPath": "$.found",
                                   "Resource": "arn:aws:states:::aws-sdk:s3:headObject",
                                   "Parameters": {"Bucket": bucket, "Key.$": "$.key"}}}}}}


def put(server, bucket, *keys):
    for key in keys:
        server.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x")


def map_run(server, execution):
    sfn = server.client("stepfunctions")
    runs = sfn.list_map_runs(executionArn=execution)["mapRuns"]
    assert len(runs) == 1
    return answer_of(server, "DescribeMapRun", mapRunArn=runs[0]["mapRunArn"])


def children(server, run_arn, **filters):
    return answer_of(server, "ListExecutions", mapRunArn=run_arn, **filters)["executions"]


def redrive(server, execution):
    answer_of(server, "RedriveExecution", executionArn=execution)
    return ended(server, execution)


def test_only_failed_children_of_a_map_run_are_redriven(server, unique, bucket):
    put(server, bucket, "a", "c")
    arn = create(server, unique(), over_keys(bucket, ToleratedFailureCount=1, MaxConcurrency=1))
    execution = run(server, arn, {"keys": ["a", "b", "c", "d", "e"]})["executionArn"]
    before = map_run(server, execution)
    assert before["status"] == "FAILED" and before["redriveCount"] == 0
    assert "redriveDate" not in before
    counts = before["executionCounts"]
    assert (counts["succeeded"], counts["failed"], counts["pending"]) == (2, 2, 1)
    old = {child["executionArn"]: child for child in children(server, before["mapRunArn"])}
    failed = next(arn for arn, child in old.items() if child["status"] == "FAILED")
    assert answer_of(server, "DescribeExecution",
                     executionArn=failed)["redriveStatus"] == "REDRIVABLE_BY_MAP_RUN"
    assert refusal(server, "RedriveExecution",
                   {"executionArn": failed})[0] == "ExecutionNotRedrivable"

    put(server, bucket, "b", "d", "e")
    answer = redrive(server, execution)
    assert answer["status"] == "SUCCEEDED", answer
    assert [child["key"] for child in json.loads(answer["output"])] == ["a", "b", "c", "d", "e"]
    after = map_run(server, execution)
    assert (after["status"], after["redriveCount"]) == ("SUCCEEDED", 1)
    assert after["redriveDate"] >= before["stopDate"]
    for counts in (after["executionCounts"], after["itemCounts"]):
        assert (counts["succeeded"], counts["failed"], counts["total"]) == (5, 0, 5)
        assert counts["pending"] == counts["pendingRedrive"] == counts["running"] == 0
    # The same children: those that had succeeded as they were, the others a second time.
    new = {child["executionArn"]: child for child in children(server, after["mapRunArn"])}
    assert len(new) == 5 and set(old) < set(new)
    redriven = {arn for arn, child in new.items() if child["redriveCount"] == 1}
    assert redriven == {arn for arn, child in old.items() if child["status"] == "FAILED"}
    assert {child["executionArn"] for child in children(
        server, after["mapRunArn"], redriveFilter="REDRIVEN")} == redriven
    types = [event["type"] for event in answer_of(server, "GetExecutionHistory",
                                                  executionArn=failed)["events"]]
    assert types.count("PassStateEntered") == 1 and "ExecutionRedriven" in types


def test_the_history_tells_of_the_redriven_run(server, unique, bucket):
    put(server, bucket, "a")
    arn = create(server, unique(), over_keys(bucket))
    execution = run(server, arn, {"keys": ["a", "b"]})["executionArn"]
    put(server, bucket, "b")
    redrive(server, execution)
    events = answer_of(server, "GetExecutionHistory", executionArn=execution)["events"]
    types = [event["type"] for event in events]
    assert types == [
        "ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapRunStarted", "MapRunFailed",
        "MapStateFailed", "ExecutionFailed", "ExecutionRedriven", "MapRunRedriven",
        "MapRunSucceeded", "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"]
    assert events[8]["previousEventId"] == 8
    assert events[8]["mapRunRedrivenEventDetails"] == {
        "mapRunArn": events[3]["mapRunStartedEventDetails"]["mapRunArn"], "redriveCount": 1}


def test_express_children_are_started_anew(server, unique, bucket):
    put(server, bucket, "a")
    arn = create(server, unique(), over_keys(bucket, "EXPRESS"))
    execution = run(server, arn, {"keys": ["a", "b"]})["executionArn"]
    put(server, bucket, "b")
    answer = redrive(server, execution)
    assert [child["key"] for child in json.loads(answer["output"])] == ["a", "b"]
    counts = map_run(server, execution)["executionCounts"]
    assert (counts["succeeded"], counts["total"]) == (2, 2)


def test_a_run_may_fail_again_and_again(server, unique, bucket):
    arn = create(server, unique(), over_keys(bucket, MaxConcurrency=1))
    execution = run(server, arn, {"keys": ["a", "b"]})["executionArn"]
    assert redrive(server, execution)["status"] == "FAILED"
    counts = map_run(server, execution)["executionCounts"]
    assert (counts["failed"], counts["pending"], counts["pendingRedrive"]) == (1, 1, 0)
    put(server, bucket, "a", "b")
    assert redrive(server, execution)["status"] == "SUCCEEDED"
    assert map_run(server, execution)["redriveCount"] == 2
    wait_until(lambda: metric(server, "RedrivenExecutionsSucceeded", "StateMachineArn", arn) == 1,
               what="the metrics")
    assert metric(server, "ExecutionsRedriven", "StateMachineArn", arn) == 2
    assert metric(server, "RedrivenExecutionsFailed", "StateMachineArn", arn) == 1


def test_children_wait_for_their_redrive(server, unique):
    sfn = server.client("stepfunctions")
    activity = sfn.create_activity(name=unique("work"))["activityArn"]
    arn = create(server, unique(), {"M": {
        "Type": "Map", "ItemsPath": "$.items", "End": True, "MaxConcurrency": 2,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                          "StartAt": "W", "States": {
                              "W": {"Type": "Task", "Resource": activity, "End": True}}}}})
    execution = sfn.start_execution(stateMachineArn=arn,
                                    input='{"items": [1, 2]}')["executionArn"]
    tokens = [sfn.get_activity_task(activityArn=activity)["taskToken"] for _ in range(2)]
    sfn.stop_execution(executionArn=execution)
    stopped = map_run(server, execution)
    assert stopped["status"] == "ABORTED" and stopped["executionCounts"]["aborted"] == 2
    with pytest.raises(sfn.exceptions.ClientError):
        sfn.send_task_success(taskToken=tokens[0], output="1")
    status, _ = call(server, "UpdateMapRun",
                     {"mapRunArn": stopped["mapRunArn"], "maxConcurrency": 1})
    assert status == 400  # it has ended

    answer_of(server, "RedriveExecution", executionArn=execution)
    assert map_run(server, execution)["executionCounts"]["running"] == 2
    first, second = (sfn.get_activity_task(activityArn=activity) for _ in range(2))
    sfn.send_task_success(taskToken=first["taskToken"], output=first["input"])
    sfn.send_task_success(taskToken=second["taskToken"], output=second["input"])
    assert json.loads(ended(server, execution)["output"]) == [1, 2]


def test_those_beyond_the_limit_are_pending(server, unique):
    sfn = server.client("stepfunctions")
    activity = sfn.create_activity(name=unique("work"))["activityArn"]
    arn = create(server, unique(), {"M": {
        "Type": "Map", "ItemsPath": "$.items", "End": True, "ToleratedFailureCount": 1,
        "MaxConcurrency": 1,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                          "StartAt": "W", "States": {
                              "W": {"Type": "Task", "Resource": activity, "End": True}}}}})
    execution = sfn.start_execution(stateMachineArn=arn,
                                    input='{"items": [1, 2]}')["executionArn"]
    for _ in range(2):
        token = sfn.get_activity_task(activityArn=activity)["taskToken"]
        sfn.send_task_failure(taskToken=token, error="No")
    assert ended(server, execution)["error"] == "States.ExceedToleratedFailureThreshold"
    answer_of(server, "RedriveExecution", executionArn=execution)
    run_arn = map_run(server, execution)["mapRunArn"]
    assert map_run(server, execution)["executionCounts"]["pendingRedrive"] == 1
    assert len(children(server, run_arn, statusFilter="PENDING_REDRIVE")) == 1
    for _ in range(2):
        token = sfn.get_activity_task(activityArn=activity)["taskToken"]
        sfn.send_task_success(taskToken=token, output='"x"')
    assert json.loads(ended(server, execution)["output"]) == ["x", "x"]


def test_a_run_that_read_nothing_is_a_new_one(server, unique, bucket):
    state = over_keys(bucket)
    del state["M"]["ItemsPath"]
    state["M"]["ItemReader"] = {"Resource": "arn:aws:states:::s3:getObject",
                                "ReaderConfig": {"InputType": "JSON"},
                                "Parameters": {"Bucket": bucket, "Key": "list.json"}}
    arn = create(server, unique(), state)
    execution = run(server, arn)["executionArn"]
    server.client("s3").put_object(Bucket=bucket, Key="list.json", Body=b'["list.json"]')
    assert redrive(server, execution)["status"] == "SUCCEEDED"
    assert len(server.client("stepfunctions").list_map_runs(
        executionArn=execution)["mapRuns"]) == 2
    assert "MapRunRedriven" not in [event["type"] for event in history(server, execution)]


def test_what_cannot_be_redriven(fresh_server, unique):
    server = fresh_server()
    succeeded = run(server, create(server, unique(), {"S": {"Type": "Succeed"}}))
    described = answer_of(server, "DescribeExecution", executionArn=succeeded["executionArn"])
    assert (described["redriveStatus"], described["redriveStatusReason"]) == (
        "NOT_REDRIVABLE", "Execution is SUCCEEDED and cannot be redriven")
    failed = run(server, create(server, unique(), {"F": {"Type": "Fail"}}))["executionArn"]
    described = answer_of(server, "DescribeExecution", executionArn=failed)
    assert described["redriveStatus"] == "REDRIVABLE" and "redriveStatusReason" not in described
    server.admin("PUT", "/clock", {"advance": 15 * 86400})
    described = answer_of(server, "DescribeExecution", executionArn=failed)
    assert described["redriveStatusReason"] == "Execution redrivable period exceeded"
    code, message = refusal(server, "RedriveExecution", {"executionArn": failed})
    assert code == "ExecutionNotRedrivable" and "period exceeded" in message


def test_a_redrive_may_be_repeated_with_its_token(server, unique):
    failed = run(server, create(server, unique(), {"F": {"Type": "Fail"}}))["executionArn"]
    dates = [answer_of(server, "RedriveExecution", executionArn=failed,
                       clientToken=token)["redriveDate"] for token in ("one", "one", "two")]
    assert dates[0] == dates[1] < dates[2]
    assert answer_of(server, "DescribeExecution", executionArn=failed)["redriveCount"] == 2
