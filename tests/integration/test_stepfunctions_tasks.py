"""Step Functions' service integrations: names, forms, patterns, whose account, and limits."""
import json

import pytest
from conftest import wait_until

ROLE = "arn:aws:iam::000000000000:role/states"
OTHER = "210987654321"


def machine(server, name, states, account="000000000000", **more):
    definition = {"StartAt": next(iter(states)), "States": states, **more}
    return server.client("stepfunctions", account).create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]


def run(server, arn, data=None, account="000000000000"):
    sfn = server.client("stepfunctions", account)
    execution = sfn.start_execution(stateMachineArn=arn,
                                    input=json.dumps(data or {}))["executionArn"]
    return wait_until(lambda: (lambda d: d if d["status"] != "RUNNING" else None)(
        sfn.describe_execution(executionArn=execution)), what="the end of " + execution)


def output(server, name, states, data=None, **more):
    answer = run(server, machine(server, name, states, **more), data)
    assert answer["status"] == "SUCCEEDED", answer
    return json.loads(answer["output"])


def task(resource, parameters, **more):
    return {"T": {"Type": "Task", "Resource": "arn:aws:states:::" + resource,
                  "Parameters": parameters, "End": True, **more}}


def test_the_sdk_spells_members_its_own_way(server, unique):
    queue = server.client("sqs").create_queue(QueueName=unique("q"))["QueueUrl"]
    sent = output(server, unique(), task("aws-sdk:sqs:sendMessage", {
        "QueueUrl": queue, "MessageBody": "hello"}))
    assert set(sent) >= {"MessageId", "Md5OfMessageBody"}
    received = output(server, unique(), task("aws-sdk:sqs:receiveMessage", {
        "QueueUrl": queue, "AttributeNames": ["All"]}))["Messages"][0]
    assert received["Md5OfBody"] == sent["Md5OfMessageBody"]
    assert received["Attributes"]["ApproximateReceiveCount"] == "1"
    # The older way of the optimised integration.
    assert "MD5OfMessageBody" in output(server, unique(), task("sqs:sendMessage", {
        "QueueUrl": queue, "MessageBody": "hello"}))

    secret = unique("secret")
    created = output(server, unique(), task("aws-sdk:secretsmanager:createSecret", {
        "Name": secret, "SecretString": "s"}))
    described = output(server, unique(), task("aws-sdk:secretsmanager:describeSecret", {
        "SecretId": secret}))
    assert created["Arn"] == described["Arn"]
    assert described["CreatedDate"].endswith("Z")


def test_attribute_values_by_the_sdk(server, unique):
    table = unique("t")
    dynamodb = server.client("dynamodb")
    dynamodb.create_table(
        TableName=table, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "ID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "ID", "KeyType": "HASH"}])
    output(server, unique(), task("aws-sdk:dynamodb:putItem", {"TableName": table, "Item": {
        "ID": {"S": "1"}, "yes": {"Bool": True}, "none": {"Nul": True}, "set": {"Ss": ["a"]}}}))
    assert dynamodb.get_item(TableName=table, Key={"ID": {"S": "1"}})["Item"] == {
        "ID": {"S": "1"}, "yes": {"BOOL": True}, "none": {"NULL": True}, "set": {"SS": ["a"]}}
    key = {"TableName": table, "Key": {"ID": {"S": "1"}}}
    assert output(server, unique(), task("aws-sdk:dynamodb:getItem", key))["Item"]["yes"] == {
        "Bool": True}
    assert output(server, unique(), task("dynamodb:getItem", key))["Item"]["yes"] == {"BOOL": True}


def test_objects_of_s3(server, unique):
    bucket = unique("b")
    server.client("s3").create_bucket(Bucket=bucket)
    put = output(server, unique(), task("aws-sdk:s3:putObject", {
        "Bucket": bucket, "Key": "k", "Body": {"a": 1}}))
    assert put["ChecksumType"] == "FULL_OBJECT" and put["ChecksumCRC32"]
    got = output(server, unique(), task("aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "k"}))
    assert got["Body"] == '{"a":1}' and got["Metadata"] == {}
    assert got["LastModified"].endswith("Z") and got["ETag"] == put["ETag"]


def test_which_patterns_there_are(server, unique):
    sfn = server.client("stepfunctions")
    for resource in ("dynamodb:getItem.waitForTaskToken", "sqs:sendMessage.sync",
                     "events:putEvents.sync", "aws-sdk:sfn:startExecution.sync",
                     "ecs:runTask.sync", "http:invoke.waitForTaskToken"):
        with pytest.raises(sfn.exceptions.InvalidDefinition) as refused:
            machine(server, unique(), task(resource, {}))
        text = refused.value.response["Error"]["Message"]
        assert text.startswith(
            "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The resource provided "
            f"arn:aws:states:::{resource} is not recognized."), text
        assert "at /States/T/Resource" in text


def test_events_wait_for_their_token(server, unique):
    queue = server.client("sqs").create_queue(QueueName=unique("q"))["QueueUrl"]
    source = unique("source")
    events = server.client("events")
    events.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule=source, Targets=[{
        "Id": "q", "Arn": "arn:aws:sqs:us-east-1:000000000000:" + queue.split("/")[-1]}])
    arn = machine(server, unique(), task("events:putEvents.waitForTaskToken", {"Entries": [{
        "Source": source, "DetailType": "Ask", "Detail": {"token.$": "$$.Task.Token"}}]}))
    sfn = server.client("stepfunctions")
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    message = server.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]
    token = json.loads(message["Body"])["detail"]["token"]
    sfn.send_task_success(taskToken=token, output='"yes"')
    assert json.loads(sfn.describe_execution(executionArn=execution)["output"]) == "yes"


def test_a_nested_execution_may_be_answered_by_its_token(server, unique):
    queue = server.client("sqs").create_queue(QueueName=unique("q"))["QueueUrl"]
    inner = machine(server, unique("in"), {
        "S": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Next": "W",
              "Parameters": {"QueueUrl": queue, "MessageBody.$": "$.token"}},
        "W": {"Type": "Wait", "Seconds": 3600, "End": True}})
    outer = machine(server, unique("out"), task("states:startExecution.sync", {
        "StateMachineArn": inner, "Input": {"token.$": "$$.Task.Token"}}))
    sfn = server.client("stepfunctions")
    execution = sfn.start_execution(stateMachineArn=outer)["executionArn"]
    message = server.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]
    sfn.send_task_success(taskToken=message["Body"], output='"early"')
    assert sfn.describe_execution(executionArn=execution)["output"] == '"early"'
    nested = sfn.list_executions(stateMachineArn=inner)["executions"][0]
    assert nested["status"] == "RUNNING"
    sfn.stop_execution(executionArn=nested["executionArn"])


def test_credentials_are_of_their_own_account(server, unique):
    name = unique("q")
    server.client("sqs", OTHER).create_queue(QueueName=name)
    arn = machine(server, unique(), task("aws-sdk:sqs:listQueues", {"QueueNamePrefix": name}),)
    assert "QueueUrls" not in json.loads(run(server, arn)["output"])
    arn = machine(server, unique(), task(
        "aws-sdk:sqs:listQueues", {"QueueNamePrefix": name},
        Credentials={"RoleArn.$": "States.Format('arn:aws:iam::{}:role/r', $.account)"}))
    urls = json.loads(run(server, arn, {"account": OTHER})["output"])["QueueUrls"]
    assert len(urls) == 1 and f"/{OTHER}/{name}" in urls[0]


def test_a_failure_without_a_name(server, unique):
    sfn = server.client("stepfunctions")
    activity = sfn.create_activity(name=unique("work"))["activityArn"]
    arn = machine(server, unique(), {
        "P": {"Type": "Parallel", "End": True,
              "Branches": [{"StartAt": "T", "States": {
                  "T": {"Type": "Task", "Resource": activity, "End": True}}}],
              "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}]},
        "C": {"Type": "Pass", "End": True}})
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    token = sfn.get_activity_task(activityArn=activity)["taskToken"]
    sfn.send_task_failure(taskToken=token)
    answer = sfn.describe_execution(executionArn=execution)
    assert json.loads(answer["output"]) == {"Error": None, "Cause": None}
    types = [event["type"] for event in
             sfn.get_execution_history(executionArn=execution)["events"]]
    assert types[6:10] == ["ActivityFailed", "TaskStateAborted", "ParallelStateFailed",
                          "ParallelStateExited"]


def test_a_machine_that_runs_in_circles_ends_with_its_history(server, unique):
    arn = machine(server, unique(), {
        "A": {"Type": "Choice", "Default": "B",
              "Choices": [{"Variable": "$.stop", "IsPresent": True, "Next": "B"},
                          {"Variable": "$.go", "IsPresent": False, "Next": "A"}]},
        "B": {"Type": "Succeed"}})
    answer = run(server, arn)
    assert (answer["status"], answer["error"], answer["cause"]) == (
        "FAILED", "States.Runtime",
        "The execution reached the maximum number of history events (25000).")
    last = server.client("stepfunctions").get_execution_history(
        executionArn=answer["executionArn"], reverseOrder=True, maxResults=2)["events"]
    assert [(event["id"], event["type"]) for event in last] == [
        (25000, "ExecutionFailed"), (24999, "ChoiceStateExited")]


def test_a_choice_without_a_way_out(server, unique):
    arn = machine(server, unique(), {
        "P": {"Type": "Parallel", "Next": "Z", "Catch": [{"ErrorEquals": ["States.ALL"],
                                                           "Next": "Z"}],
              "Branches": [{"StartAt": "C", "States": {
                  "C": {"Type": "Choice",
                        "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "E"}]},
                  "E": {"Type": "Succeed"}}}]},
        "Z": {"Type": "Succeed"}})
    answer = run(server, arn, {"n": 2})
    assert (answer["error"], answer["cause"]) == (
        "States.Runtime", "An error occurred while executing the state 'C' (entered at the event "
        "id #4). Failed to transition out of the state. The state does not point to a next state.")
    events = server.client("stepfunctions").get_execution_history(
        executionArn=answer["executionArn"])["events"]
    assert [event["type"] for event in events][-2:] == ["ChoiceStateEntered", "ExecutionFailed"]


def test_a_failed_execution_is_redriven(server, unique):
    table = unique("t")
    arn = machine(server, unique(), {
        "P": {"Type": "Pass", "Result": "1", "ResultPath": "$.id", "Next": "T"},
        "T": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "End": True,
              "Parameters": {"TableName": table, "Item": {"id": {"S.$": "$.id"}}}}})
    execution = run(server, arn)["executionArn"]
    server.client("dynamodb").create_table(
        TableName=table, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])

    def call(operation):
        status, _, body = server.request("POST", "/", {"executionArn": execution}, {
            "X-Amz-Target": "AWSStepFunctions." + operation,
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/states/"
                             "aws4_request, SignedHeaders=host, Signature=0"})
        return status, json.loads(body)

    assert call("RedriveExecution")[0] == 200
    described = call("DescribeExecution")[1]
    assert (described["status"], described["redriveCount"]) == ("SUCCEEDED", 1)
    # What had succeeded is not done again, and the state not entered again.
    types = [event["type"] for event in call("GetExecutionHistory")[1]["events"]]
    assert types.count("PassStateEntered") == 1 and types.count("TaskStateEntered") == 1
    assert types[7:10] == ["ExecutionFailed", "ExecutionRedriven", "TaskScheduled"]
    status, answer = call("RedriveExecution")
    assert (status, answer["__type"].split("#")[-1]) == (400, "ExecutionNotRedrivable")
