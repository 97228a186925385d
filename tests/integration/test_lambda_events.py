"""Functions that are fed: event source mappings, asynchronous invocation, destinations."""

import json

import pytest

from conftest import wait_until
from test_lambda import ROLE, client, function, zipped  # noqa: F401  (fixtures)


@pytest.fixture
def queue(client):  # noqa: F811
    """Creates a queue; gives (URL, ARN)."""
    sqs = client("sqs")

    def create(name, **attributes):
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return url, arn

    return create


def bodies(sqs, url):
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(m["Body"]) for m in messages]


RECORDER = """
import json
def handler(event, context):
    for record in event["Records"]:
        print("record", json.dumps(record, sort_keys=True))
"""


def recorded(client, name):  # noqa: F811
    events = client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern="record")["events"]
    return [json.loads(e["message"].split(" ", 1)[1]) for e in events]


def test_sqs_messages_reach_the_function(server, client, function, queue):  # noqa: F811
    invoke = function(RECORDER)
    url, arn = queue("orders")
    mapping = client("lambda").create_event_source_mapping(FunctionName=invoke.name, EventSourceArn=arn, BatchSize=5)
    assert mapping["State"] in ("Creating", "Enabled") and mapping["BatchSize"] == 5
    sqs = client("sqs")
    sqs.send_message(
        QueueUrl=url, MessageBody="hello", MessageAttributes={"kind": {"DataType": "String", "StringValue": "test"}}
    )
    server.await_idle()
    (record,) = recorded(client, invoke.name)
    assert record["body"] == "hello" and record["eventSource"] == "aws:sqs" and record["eventSourceARN"] == arn
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"]["kind"] == {
        "stringValue": "test", "dataType": "String", "stringListValues": [], "binaryListValues": [],
    }
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert counts["ApproximateNumberOfMessages"] == counts["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_sqs_filter_and_disabling(server, client, function, queue):  # noqa: F811
    invoke = function(RECORDER)
    url, arn = queue("orders")
    awslambda = client("lambda")
    pattern = json.dumps({"body": {"kind": ["order"]}})
    mapping = awslambda.create_event_source_mapping(
        FunctionName=invoke.name, EventSourceArn=arn, FilterCriteria={"Filters": [{"Pattern": pattern}]}
    )
    sqs = client("sqs")
    for kind in ("order", "noise"):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"kind": kind}))
    server.await_idle()
    assert [json.loads(r["body"])["kind"] for r in recorded(client, invoke.name)] == ["order"]
    awslambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"kind": "order"}))
    server.await_idle()
    assert len(recorded(client, invoke.name)) == 1
    awslambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    server.await_idle()
    assert len(recorded(client, invoke.name)) == 2
    assert awslambda.delete_event_source_mapping(UUID=mapping["UUID"])["State"] == "Deleting"


def test_sqs_partial_failures_go_to_the_dead_letter_queue(server, client, function, queue):  # noqa: F811
    invoke = function(
        """
        def handler(event, context):
            failed = [r["messageId"] for r in event["Records"] if r["body"] == "bad"]
            return {"batchItemFailures": [{"itemIdentifier": id} for id in failed]}
        """
    )
    dead_url, dead_arn = queue("dead")
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
    url, arn = queue("orders", VisibilityTimeout="10", RedrivePolicy=redrive)
    client("lambda").create_event_source_mapping(
        FunctionName=invoke.name, EventSourceArn=arn, FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    sqs = client("sqs")
    for body in ("good", "bad", "good"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    wish = {"until": {"queue": dead_url, "count": 1}, "advance": True, "timeout": 20}
    status, answer = server.admin("POST", "/await", wish)
    assert status == 200, answer
    messages = sqs.receive_message(QueueUrl=dead_url, MaxNumberOfMessages=10).get("Messages", [])
    assert [m["Body"] for m in messages] == ["bad"]


def test_dynamodb_stream_feeds_the_function_in_order(server, client, function):  # noqa: F811
    invoke = function(RECORDER)
    dynamodb = client("dynamodb")
    table = dynamodb.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    mapping = client("lambda").create_event_source_mapping(
        FunctionName=invoke.name, EventSourceArn=table["LatestStreamArn"], StartingPosition="TRIM_HORIZON"
    )
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    for number in range(3):
        dynamodb.put_item(TableName="orders", Item={"id": {"S": str(number)}})
    dynamodb.delete_item(TableName="orders", Key={"id": {"S": "0"}})
    server.await_idle()
    records = recorded(client, invoke.name)
    assert [(r["eventName"], r["dynamodb"]["Keys"]["id"]["S"]) for r in records] == [
        ("INSERT", "0"), ("INSERT", "1"), ("INSERT", "2"), ("REMOVE", "0"),
    ]
    assert records[0]["eventSourceARN"] == table["LatestStreamArn"]
    assert records[0]["dynamodb"]["NewImage"] == {"id": {"S": "0"}}


def test_dynamodb_stream_bisects_and_gives_up(server, client, function, queue):  # noqa: F811
    invoke = function(
        """
        def handler(event, context):
            ids = [r["dynamodb"]["Keys"]["id"]["S"] for r in event["Records"]]
            print("record", str(ids).replace("'", '"'))
            if "2" in ids: raise ValueError("two")
        """
    )
    dead_url, dead_arn = queue("given-up")
    dynamodb = client("dynamodb")
    stream = dynamodb.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )["TableDescription"]["LatestStreamArn"]
    for number in range(4):
        dynamodb.put_item(TableName="orders", Item={"id": {"S": str(number)}})
    client("lambda").create_event_source_mapping(
        FunctionName=invoke.name, EventSourceArn=stream, StartingPosition="TRIM_HORIZON",
        BisectBatchOnFunctionError=True, MaximumRetryAttempts=2,
        DestinationConfig={"OnFailure": {"Destination": dead_arn}},
    )
    server.await_idle(advance=True)
    assert recorded(client, invoke.name) == [["0", "1", "2", "3"], ["0", "1"], ["2", "3"], ["2"], ["3"]]
    (given_up,) = bodies(client("sqs"), dead_url)
    assert given_up["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert given_up["DDBStreamBatchInfo"]["batchSize"] == 1
    assert given_up["DDBStreamBatchInfo"]["streamArn"] == stream


def test_asynchronous_failures_are_retried_and_reach_both_destinations(server, client, function, queue):  # noqa: F811
    failed_url, failed_arn = queue("failed")
    letters_url, letters_arn = queue("letters")
    done_url, done_arn = queue("done")
    invoke = function(
        """
        def handler(event, context):
            print("record", "1")
            if event["fail"]: raise ValueError("no")
            return "fine"
        """,
        DeadLetterConfig={"TargetArn": letters_arn},
    )
    awslambda = client("lambda")
    awslambda.put_function_event_invoke_config(
        FunctionName=invoke.name,
        DestinationConfig={"OnSuccess": {"Destination": done_arn}, "OnFailure": {"Destination": failed_arn}},
    )
    for fail in (True, False):
        awslambda.invoke(FunctionName=invoke.name, InvocationType="Event", Payload=json.dumps({"fail": fail}))
    server.await_idle(advance=True)
    assert len(recorded(client, invoke.name)) == 4
    sqs = client("sqs")
    (failure,) = bodies(sqs, failed_url)
    assert failure["requestContext"]["condition"] == "RetriesExhausted"
    assert failure["requestContext"]["approximateInvokeCount"] == 3
    assert failure["requestPayload"] == {"fail": True}
    assert failure["responsePayload"]["errorType"] == "ValueError"
    (success,) = bodies(sqs, done_url)
    assert success["requestContext"]["condition"] == "Success" and success["responsePayload"] == "fine"
    (letter,) = sqs.receive_message(QueueUrl=letters_url, MessageAttributeNames=["All"])["Messages"]
    assert json.loads(letter["Body"]) == {"fail": True}
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "no"


def test_accepted_invocations_survive_a_kill(fresh_server, data_dir, tmp_path):
    first = fresh_server("--data-dir", data_dir)
    started, go = tmp_path / "started", tmp_path / "go"
    source = f"""
import os, time
def handler(event, context):
    open({str(started)!r}, "a").write("x")
    while not os.path.exists({str(go)!r}): time.sleep(0.01)
    print("record", "1")
"""
    first.client("lambda").create_function(
        FunctionName="slow", Runtime="python3.12", Role=ROLE, Handler="app.handler", Timeout=30,
        Code={"ZipFile": zipped(app_py=source)},
    )
    first.client("lambda").invoke(FunctionName="slow", InvocationType="Event", Payload=b"{}")
    wait_until(started.exists)
    first.kill()
    go.write_text("")
    second = fresh_server("--data-dir", data_dir)
    second.await_idle()
    assert len(started.read_text()) == 2
    assert recorded(second.client, "slow") == [1]
