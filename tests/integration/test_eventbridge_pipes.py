"""EventBridge Pipes on their way to enrichments and targets, with boto3."""
import json

import pytest
from botocore.exceptions import ClientError

from conftest import wait_until
from test_eventbridge import bodies, is_empty, rule
from test_eventbridge_targets import ACCOUNT, QUEUE, ROLE, destination, hook  # noqa: F401
from test_lambda import zipped


@pytest.fixture
def pipes(server):
    return server.client("pipes")


@pytest.fixture
def queue(server, unique):
    """(url, arn) of a new queue."""
    def make(name="queue", **attributes):
        name = unique(name) + (".fifo" if "FifoQueue" in attributes else "")
        url = server.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url, QUEUE + name
    return make


@pytest.fixture
def pipe(pipes, unique):
    made = []

    def make(source, target, **more):
        made.append(unique("pipe"))
        pipes.create_pipe(Name=made[-1], RoleArn=ROLE, Source=source, Target=target, **more)
        return made[-1]

    yield make
    for name in made:
        pipes.delete_pipe(Name=name)


def api(server, unique, receiver):
    """A stage whose POST /orders/{id} is answered by a receiver."""
    apis = server.client("apigateway")
    made = apis.create_rest_api(name=unique("api"))["id"]
    [root] = apis.get_resources(restApiId=made)["items"]
    parent = apis.create_resource(restApiId=made, parentId=root["id"], pathPart="orders")["id"]
    resource = apis.create_resource(restApiId=made, parentId=parent, pathPart="{id}")["id"]
    apis.put_method(restApiId=made, resourceId=resource, httpMethod="POST",
                    authorizationType="NONE", requestParameters={"method.request.path.id": True})
    apis.put_integration(restApiId=made, resourceId=resource, httpMethod="POST", type="HTTP_PROXY",
                         integrationHttpMethod="POST", uri=receiver.url("/behind/{id}"),
                         requestParameters={
                             "integration.request.path.id": "method.request.path.id"})
    apis.create_deployment(restApiId=made, stageName="dev")
    return f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{made}/dev/POST/orders/*"


def machine(server, unique, kind, state):
    return server.client("stepfunctions").create_state_machine(
        name=unique("machine"), roleArn=ROLE, type=kind,
        definition=json.dumps({"StartAt": "S", "States": {"S": state}}))["stateMachineArn"]


# --- enrichment

def test_an_api_destination_enriches(server, pipe, queue, hook, unique):
    sqs = server.client("sqs")
    receiver = hook(answer=lambda body: json.dumps({"rich": json.loads(body)}).encode())
    source, target = queue(), queue()
    arn = destination(server.client("events"), unique("d"), receiver.url("/in/*"))
    pipe(source[1], target[1], Enrichment=arn, EnrichmentParameters={
        "InputTemplate": '{"id": <$.body.id>}',
        "HttpParameters": {"PathParameterValues": ["$.body.id"],
                           "HeaderParameters": {"x-id": "$.body.id", "x-plain": "plain"},
                           "QueryStringParameters": {"kind": "$.body.kind"}}})
    sqs.send_message(QueueUrl=source[0], MessageBody='{"id":"a b","kind":"k"}')
    assert bodies(sqs, target[0], 1) == [{"rich": {"id": "a b"}}]
    [(path, headers, _)] = receiver.requests
    assert path == "/in/a%20b?kind=k"
    assert (headers["x-id"], headers["x-plain"], headers["x-key"]) == ("a b", "plain", "hush")


def test_a_stage_of_an_api_enriches(server, pipe, queue, hook, unique):
    sqs = server.client("sqs")
    receiver = hook(answer=b'[{"n":1},{"n":2}]')
    source, target = queue(), queue()
    pipe(source[1], target[1], Enrichment=api(server, unique, receiver), EnrichmentParameters={
        "HttpParameters": {"PathParameterValues": ["$.body.id"]}})
    sqs.send_message(QueueUrl=source[0], MessageBody='{"id":7}')
    assert bodies(sqs, target[0], 2) == [{"n": 1}, {"n": 2}]
    [(path, _, body)] = receiver.requests
    assert path == "/behind/7"
    assert json.loads(body)["body"] == '{"id":7}'  # the record itself, and no array


@pytest.mark.parametrize("answer", [b"", b'""', b"{}", b"[]"])
def test_an_empty_answer_lets_nothing_through(server, pipe, queue, hook, unique, answer):
    sqs = server.client("sqs")
    receiver = hook(answer=answer)
    source, target = queue(), queue()
    pipe(source[1], target[1],
         Enrichment=destination(server.client("events"), unique("d"), receiver.url()))
    sqs.send_message(QueueUrl=source[0], MessageBody="x")
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    wait_until(lambda: receiver.requests and set(sqs.get_queue_attributes(
        QueueUrl=source[0], AttributeNames=counts)["Attributes"].values()) == {"0"})
    assert is_empty(sqs, target[0])


def test_an_enrichment_that_fails_keeps_the_message(server, pipe, queue, hook, unique):
    sqs = server.client("sqs")
    receiver = hook(500, answer=b'{"n":1}')
    source, target = queue(VisibilityTimeout="1"), queue()
    pipe(source[1], target[1],
         Enrichment=destination(server.client("events"), unique("d"), receiver.url()))
    sqs.send_message(QueueUrl=source[0], MessageBody="x")
    assert bodies(sqs, target[0], 1) == [{"n": 1}]
    assert len(receiver.requests) == 2


def test_an_express_machine_enriches_a_batch(server, pipe, queue, unique):
    sqs = server.client("sqs")
    source, target = queue(), queue()
    arn = machine(server, unique, "EXPRESS", {
        "Type": "Pass", "End": True, "Parameters": {"ids.$": "$[*].messageId"}})
    sent = [sqs.send_message(QueueUrl=source[0], MessageBody="x")["MessageId"] for _ in range(3)]
    pipe(source[1], target[1], Enrichment=arn)
    [answer] = bodies(sqs, target[0], 1)
    assert sorted(answer["ids"]) == sorted(sent)


def test_what_pipes_refuse(pipes, queue, unique):
    source, target = queue()[1], queue()[1]
    http = f"arn:aws:events:us-east-1:{ACCOUNT}:api-destination/d/1"

    def refusal(**more):
        with pytest.raises(ClientError) as caught:
            pipes.create_pipe(**{"Name": unique("p"), "RoleArn": ROLE, "Source": source,
                                 "Target": target, **more})
        assert caught.value.response["Error"]["Code"] == "ValidationException"
        return str(caught.value)

    ten = {"SqsQueueParameters": {"BatchSize": 10}}
    eleven = {"SqsQueueParameters": {"BatchSize": 11, "MaximumBatchingWindowInSeconds": 1}}
    assert "Invalid pipe enrichment." in refusal(Enrichment=target)
    assert "configured batch size 10 is greater" in refusal(Enrichment=http, SourceParameters=ten)
    assert "configured batch size 10 is greater" in refusal(Target=http, SourceParameters=ten)
    assert "configured batch size 11 is greater" in refusal(SourceParameters=eleven)
    assert "less than or equal to 8192" in refusal(
        EnrichmentParameters={"InputTemplate": "x" * 8193})


DYNAMODB = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t/stream/2026-01-01T00:00:00.000"
QUEUE_FILTER = '{"body":{"i":1}}'


@pytest.mark.parametrize("given, message", [
    ({"Source": DYNAMODB}, "SourceParameters.DynamoDBStreamParameters Missing required parameter."),
    ({"SourceParameters": {"DynamoDBStreamParameters": {"StartingPosition": "LATEST"}}},
     "Invalid source parameter provided for source."),
    ({"SourceParameters": {"FilterCriteria": {"Filters": [{"Pattern": QUEUE_FILTER}]}}},
     'Invalid Event Pattern. Reason: "i" must be an object or an array'),
    ({"SourceParameters": {"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}},
     "Invalid Event Pattern. Reason: Empty objects are not allowed"),
    ({"Target": QUEUE.replace("us-east-1", "us-west-2") + "q"},
     "Creating cross-region pipe is not permitted."),
    ({"Target": f"arn:aws:sns:us-east-1:{ACCOUNT}:t.fifo"},
     "SNS FIFO topics are not supported as a pipe target."),
    ({"TargetParameters": {"LambdaFunctionParameters": {"InvocationType": "REQUEST_RESPONSE"}}},
     "Invalid target parameter provided for target."),
    *[({"TargetParameters": {"InputTemplate": '{"v": <' + name + ">}"}},
       f"Invalid json path reference or predefined variable for placeholder {name}.")
      for name in ("aws.pipes.bogus", "aws.events.rule-name", "$.a[")],
    ({"LogConfiguration": {"Level": "INFO"}},
     "Must provide at least 1 log destination in LogConfiguration.")])
def test_what_aws_refuses_of_a_pipe(server, unique, given, message):
    body = {"RoleArn": ROLE, "Source": QUEUE + "q", "Target": QUEUE + "t", **given}
    status, _, answer = server.request(
        "POST", "/v1/pipes/" + unique("p"), body, {
            "Content-Type": "application/json",
            "Authorization": "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/pipes/"
                             "aws4_request, SignedHeaders=host, Signature=0"})
    assert status == 400
    assert json.loads(answer)["message"].startswith(message), answer


def test_a_template_knows_the_variables_of_pipes(server, pipe, queue):
    sqs = server.client("sqs")
    source, target = queue(), queue()
    names = ("pipe-arn", "pipe-name", "source-arn", "enrichment-arn", "target-arn",
             "event.ingestion-time", "event", "event.json")
    name = pipe(source[1], target[1], TargetParameters={"InputTemplate": "{" + ",".join(
        f'"{each}": <aws.pipes.{each}>' for each in names) + "}"})
    sqs.send_message(QueueUrl=source[0], MessageBody='{"n": 1}')
    [got] = bodies(sqs, target[0], 1)
    assert got["pipe-arn"].endswith(f":pipe/{name}") and got["pipe-name"] == name
    assert (got["source-arn"], got["target-arn"], got["enrichment-arn"]) == (
        source[1], target[1], "")
    assert got["event.ingestion-time"].endswith("Z")
    assert (got["event"]["body"], got["event.json"]["body"]) == ('{"n": 1}', {"n": 1})


# --- batches

def test_a_batch_waits_for_its_window(fresh_server, unique):
    server = fresh_server()
    server.admin("PUT", "/clock", {"freeze": True})
    sqs, pipes = server.client("sqs"), server.client("pipes")
    source, target = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("s", "t"))
    arn = machine(server, unique, "EXPRESS", {
        "Type": "Pass", "End": True, "Parameters": {"bodies.$": "$[*].body"}})
    pipes.create_pipe(Name="p", RoleArn=ROLE, Source=QUEUE + "s", Target=QUEUE + "t",
                      Enrichment=arn, SourceParameters={"SqsQueueParameters": {
                          "BatchSize": 3, "MaximumBatchingWindowInSeconds": 60}})
    for body in ("a", "b"):
        sqs.send_message(QueueUrl=source, MessageBody=body)
    server.admin("PUT", "/clock", {"advance": "59s"})
    assert is_empty(sqs, target)
    server.admin("PUT", "/clock", {"advance": "2s"})
    assert bodies(sqs, target, 1) == [{"bodies": ["a", "b"]}]
    for body in ("c", "d", "e"):
        sqs.send_message(QueueUrl=source, MessageBody=body)
    assert bodies(sqs, target, 1) == [{"bodies": ["c", "d", "e"]}]  # a full one waits no longer


def test_a_function_names_the_messages_it_wants_again(server, pipe, queue, unique):
    sqs, functions = server.client("sqs"), server.client("lambda")
    source, done = queue(VisibilityTimeout="1"), queue()
    arn = functions.create_function(
        FunctionName=unique("function"), Runtime="python3.12", Role=ROLE, Handler="app.handler",
        Code={"ZipFile": zipped(app_py="""
seen = set()
def handler(event, context):
    failed = [r for r in event if r["body"] == "bad" and r["messageId"] not in seen]
    seen.update(r["messageId"] for r in event)
    print("got", *(r["body"] for r in event))
    return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in failed]}
""")})["FunctionArn"]
    for body in ("good", "bad"):
        sqs.send_message(QueueUrl=source[0], MessageBody=body)
    pipe(source[1], arn)
    logs = server.client("logs")
    group = "/aws/lambda/" + arn.rpartition(":")[2]

    def lines():
        try:
            found = logs.filter_log_events(logGroupName=group, filterPattern="got")["events"]
        except ClientError:
            return []
        return [set(line["message"].split()[1:]) for line in found]

    wait_until(lambda: len(lines()) == 2)
    assert lines() == [{"good", "bad"}, {"bad"}]


# --- targets

def test_a_destination_gets_records_one_by_one_with_their_parameters(
        server, pipe, queue, hook, unique):
    sqs, receiver = server.client("sqs"), hook()
    source = queue()
    arn = destination(server.client("events"), unique("d"), receiver.url("/*"))
    for n in (1, 2):
        sqs.send_message(QueueUrl=source[0], MessageBody=json.dumps({"n": n}))
    pipe(source[1], arn, TargetParameters={
        "InputTemplate": '{"n": <$.body.n>}',
        "HttpParameters": {"PathParameterValues": ["$.body.n"]}})
    wait_until(lambda: len(receiver.requests) == 2)
    assert [(path, json.loads(body)) for path, _, body in receiver.requests] == [
        ("/1", {"n": 1}), ("/2", {"n": 2})]


def test_a_bus_gets_what_the_record_says(server, pipe, queue, unique):
    sqs, events = server.client("sqs"), server.client("events")
    source, target, bus = queue(), queue(), unique("bus")
    arn = events.create_event_bus(Name=bus)["EventBusArn"]
    rule(events, bus, "r", {"source": ["shop"]}, {"Arn": target[1]})
    pipe(source[1], arn, TargetParameters={
        "InputTemplate": "<$.body.inner>",
        "EventBridgeEventBusParameters": {
            "Source": "shop", "DetailType": "$.body.kind", "Time": "$.body.at",
            "Resources": ["$.eventSourceARN"]}})
    sqs.send_message(QueueUrl=source[0], MessageBody=json.dumps(
        {"kind": "Paid", "at": "2026-01-02T03:04:05Z", "inner": {"n": 1}}))
    [event] = bodies(sqs, target[0], 1)
    assert (event["detail-type"], event["time"], event["detail"], event["resources"]) == (
        "Paid", "2026-01-02T03:04:05Z", {"n": 1}, [source[1]])


def test_a_fifo_queue_gets_its_group_from_the_record(server, pipe, queue):
    sqs = server.client("sqs")
    source, target = queue(), queue(FifoQueue="true")
    pipe(source[1], target[1], TargetParameters={"SqsQueueParameters": {
        "MessageGroupId": "$.body.group", "MessageDeduplicationId": "$.messageId"}})
    sqs.send_message(QueueUrl=source[0], MessageBody='{"group":"g1"}')
    [message] = wait_until(lambda: sqs.receive_message(
        QueueUrl=target[0], AttributeNames=["All"]).get("Messages"))
    assert message["Attributes"]["MessageGroupId"] == "g1"
    assert message["Attributes"]["MessageDeduplicationId"] == \
        json.loads(message["Body"])["messageId"]


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_a_state_machine_gets_the_batch(server, pipe, queue, unique, kind):
    sqs = server.client("sqs")
    source, target = queue(), queue()
    arn = machine(server, unique, kind, {
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True,
        "Parameters": {"QueueUrl": target[0], "MessageBody.$": "$"}})
    sqs.send_message(QueueUrl=source[0], MessageBody="x")
    pipe(source[1], arn)
    [batch] = bodies(sqs, target[0], 1)
    assert [record["body"] for record in batch] == ["x"]


def test_an_express_machine_that_fails_gets_the_batch_again(server, pipe, queue, hook, unique):
    sqs, receiver = server.client("sqs"), hook(500)
    source = queue(VisibilityTimeout="1")
    arn = machine(server, unique, "EXPRESS", {
        "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": True,
        "Parameters": {"ApiEndpoint": receiver.url(), "Method": "POST", "RequestBody": {}}})
    sqs.send_message(QueueUrl=source[0], MessageBody="x")
    pipe(source[1], arn)
    wait_until(lambda: len(receiver.requests) == 2)
