"""Step Functions as its clients see it."""
import datetime
import json

import pytest
from conftest import wait_until

ROLE = "arn:aws:iam::000000000000:role/states"

SIGNED = ("AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/states/aws4_request, "
          "SignedHeaders=host, Signature=0")


def machine(server, name, states, kind="STANDARD", start=None, **more):
    definition = {"StartAt": start or next(iter(states)), "States": states, **more}
    return server.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=ROLE, type=kind)["stateMachineArn"]


def run(server, arn, data):
    """Starts an execution and waits for its end, at the clock's expense."""
    sfn = server.client("stepfunctions")
    execution = sfn.start_execution(stateMachineArn=arn, input=json.dumps(data))["executionArn"]
    return ended(server, execution)


def ended(server, execution):
    sfn = server.client("stepfunctions")
    return wait_until(lambda: (lambda d: d if d["status"] != "RUNNING" else None)(
        sfn.describe_execution(executionArn=execution)), what="the end of " + execution)


def test_express_answers_at_once(server, unique):
    arn = machine(server, unique(), {
        "Check": {"Type": "Choice", "Choices": [
            {"Variable": "$.n", "NumericGreaterThan": 3, "Next": "Big"}], "Default": "Small"},
        "Big": {"Type": "Pass", "Result": "big", "ResultPath": "$.size", "End": True},
        "Small": {"Type": "Fail", "Error": "TooSmall", "CausePath": "States.Format('{}', $.n)"},
    }, "EXPRESS")
    sfn = server.client("stepfunctions")
    answer = sfn.start_sync_execution(stateMachineArn=arn, input='{"n": 5}', name="first")
    assert answer["status"] == "SUCCEEDED"
    assert json.loads(answer["output"]) == {"n": 5, "size": "big"}
    assert answer["name"] == "first"
    assert answer["billingDetails"]["billedDurationInMilliseconds"] % 100 == 0
    answer = sfn.start_sync_execution(stateMachineArn=arn, input='{"n": 1}')
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "TooSmall", "1")


def test_a_task_calls_other_services(server, unique):
    queue = server.client("sqs").create_queue(QueueName=unique("q"))["QueueUrl"]
    arn = machine(server, unique(), {
        "Send": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
                 "Parameters": {"QueueUrl": queue, "MessageBody": {"order.$": "$.order"}},
                 "ResultSelector": {"id.$": "$.MessageId"}, "Next": "Depth"},
        "Depth": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueAttributes",
                  "Parameters": {"QueueUrl": queue,
                                 "AttributeNames": ["ApproximateNumberOfMessages"]},
                  "ResultPath": "$.depth", "End": True},
    })
    answer = run(server, arn, {"order": 7})
    assert answer["status"] == "SUCCEEDED", answer
    output = json.loads(answer["output"])
    assert output["depth"]["Attributes"]["ApproximateNumberOfMessages"] == "1"
    messages = server.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(messages[0]["Body"]) == {"order": 7}
    assert messages[0]["MessageId"] == output["id"]


def test_a_conditional_put_fails_by_name(server, unique):
    table = unique("events")
    server.client("dynamodb").create_table(
        TableName=table, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    arn = machine(server, unique(), {
        "Put": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem",
                "Parameters": {"TableName": table, "Item": {"id": {"S.$": "$.id"}},
                               "ConditionExpression": "attribute_not_exists(id)"},
                "Catch": [{"ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"],
                           "ResultPath": "$.error", "Next": "Duplicate"}], "End": True},
        "Duplicate": {"Type": "Pass", "Result": "duplicate", "End": True}})
    assert json.loads(run(server, arn, {"id": "1"})["output"])["SdkHttpMetadata"]
    assert json.loads(run(server, arn, {"id": "1"})["output"]) == "duplicate"


def test_task_tokens_over_a_queue(server, unique):
    queue = server.client("sqs").create_queue(QueueName=unique("q"))["QueueUrl"]
    arn = machine(server, unique(), {
        "Ask": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "Parameters": {"QueueUrl": queue, "MessageBody": {"token.$": "$$.Task.Token"}},
                "End": True}})
    sfn = server.client("stepfunctions")
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    message = server.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]
    token = json.loads(message["Body"])["token"]
    sfn.send_task_heartbeat(taskToken=token)
    sfn.send_task_success(taskToken=token, output='{"yes": true}')
    assert json.loads(ended(server, execution)["output"]) == {"yes": True}
    with pytest.raises(sfn.exceptions.ClientError):
        sfn.send_task_success(taskToken=token, output="1")


def test_a_worker_polls_an_activity(server, unique):
    sfn = server.client("stepfunctions")
    activity = sfn.create_activity(name=unique("work"))["activityArn"]
    arn = machine(server, unique(), {"Work": {"Type": "Task", "Resource": activity, "End": True}})
    execution = sfn.start_execution(stateMachineArn=arn, input='{"a": 1}')["executionArn"]
    task = sfn.get_activity_task(activityArn=activity, workerName="w")
    assert json.loads(task["input"]) == {"a": 1}
    sfn.send_task_failure(taskToken=task["taskToken"], error="Broken", cause="on purpose")
    answer = ended(server, execution)
    assert (answer["status"], answer["error"]) == ("FAILED", "Broken")


def test_nested_executions(server, unique):
    inner = machine(server, unique("inner"), {"P": {"Type": "Pass", "Result": [1], "End": True}})
    outer = machine(server, unique("outer"), {
        "Run": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
                "Parameters": {"StateMachineArn": inner, "Input": {"x": 1}}, "End": True}})
    output = json.loads(run(server, outer, {})["output"])
    assert output["Output"] == [1] and output["Input"] == {"x": 1}


def test_lists_pages_and_history(server, unique):
    sfn = server.client("stepfunctions")
    arn = machine(server, unique(), {"P": {"Type": "Pass", "End": True}})
    names = [run(server, arn, {"n": n})["name"] for n in range(5)]
    pages = sfn.get_paginator("list_executions").paginate(
        stateMachineArn=arn, PaginationConfig={"PageSize": 2})
    assert [e["name"] for page in pages for e in page["executions"]] == names[::-1]
    execution = sfn.list_executions(stateMachineArn=arn)["executions"][0]["executionArn"]
    events = sfn.get_execution_history(executionArn=execution, reverseOrder=True)["events"]
    assert [e["id"] for e in events] == [4, 3, 2, 1]


def test_versions_and_aliases(server, unique):
    sfn = server.client("stepfunctions")
    name = unique()
    arn = machine(server, name, {"P": {"Type": "Pass", "Result": 1, "End": True}})
    status, _, data = server.request("POST", "/", {"stateMachineArn": arn}, {
        "X-Amz-Target": "AWSStepFunctions.PublishStateMachineVersion",
        "Content-Type": "application/x-amz-json-1.0", "Authorization": SIGNED})
    assert status == 200
    version = json.loads(data)["stateMachineVersionArn"]
    assert version == arn + ":1"
    sfn.update_state_machine(stateMachineArn=arn, definition=json.dumps(
        {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 2, "End": True}}}))
    assert json.loads(run(server, version, {})["output"]) == 1
    assert json.loads(run(server, arn, {})["output"]) == 2


def test_a_bad_definition_is_refused_with_its_place(server, unique):
    sfn = server.client("stepfunctions")
    with pytest.raises(sfn.exceptions.InvalidDefinition) as refused:
        machine(server, unique(), {"T": {"Type": "Task", "End": True,
                                         "Resource": "arn:aws:states:::sqs:sendMesage"}})
    text = refused.value.response["Error"]["Message"]
    assert "at /States/T/Resource" in text and "sqs:sendMessage" in text


def test_the_admin_route_draws_an_execution(server, unique):
    arn = machine(server, unique(), {"A": {"Type": "Pass", "Result": 1, "Next": "B"},
                                     "B": {"Type": "Succeed"}})
    execution = run(server, arn, {})["executionArn"]
    status, drawing = server.admin("GET", "/executions/" + execution)
    assert status == 200
    assert [(s["name"], s["status"]) for s in drawing["steps"]] == [
        ("A", "SUCCEEDED"), ("B", "SUCCEEDED")]


def test_executions_are_counted_in_cloudwatch(server, unique):
    sfn = server.client("stepfunctions")
    arn = machine(server, unique(), {
        "Check": {"Type": "Choice", "Default": "No", "Choices": [
            {"Variable": "$.n", "NumericGreaterThan": 1, "Next": "Yes"}]},
        "Yes": {"Type": "Succeed"}, "No": {"Type": "Fail"}}, "EXPRESS")
    for n in (1, 2, 3):
        sfn.start_sync_execution(stateMachineArn=arn, input=json.dumps({"n": n}))
    now = datetime.datetime.now(datetime.timezone.utc)
    cloudwatch = server.client("cloudwatch")

    def total(metric, statistic="Sum"):
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/States", MetricName=metric, Statistics=[statistic], Period=86400,
            Dimensions=[{"Name": "StateMachineArn", "Value": arn}],
            StartTime=now - datetime.timedelta(days=1),
            EndTime=now + datetime.timedelta(days=400))["Datapoints"]
        return sum(p[statistic] for p in points)

    wait_until(lambda: total("ExecutionsStarted") == 3, what="the metrics")
    assert (total("ExecutionsSucceeded"), total("ExecutionsFailed")) == (2, 1)
    assert total("ExecutionTime", "SampleCount") == 3
    assert total("ExpressExecutionBilledDuration") >= 300
