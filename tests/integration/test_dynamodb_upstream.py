"""--upstream dynamodb=URL: every call, whoever makes it, is answered by a DynamoDB elsewhere. The
elsewhere is dynalite (npm) where a whole DynamoDB is needed, and a few lines of our own where the
bytes on the wire matter."""
import contextlib
import fcntl
import gzip
import http.server
import json
import pathlib
import shutil
import socket
import subprocess
import threading
import time

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from conftest import Server, find_binary, wait_until
from dynamodb_support import N, S, make_table, raises, raw
from test_apigateway import put_method
from test_lambda import zipped

JS = pathlib.Path(__file__).parent / "js"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG",
        "AWS_SESSION_TOKEN": "token/with+signs=="}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def dynalite():
    program = JS / "node_modules" / "dynalite" / "cli.js"
    with open(JS / "package.json") as lock:  # two test workers must not install at the same time
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            if shutil.which("npm") is None:
                pytest.skip("npm is missing, so dynalite cannot be installed")
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=JS, check=True)
    port = free_port()
    process = subprocess.Popen(
        ["node", program, "--port", str(port), "--host", "127.0.0.1", "--createTableMs", "0",
         "--deleteTableMs", "0", "--updateTableMs", "0"], stdout=subprocess.DEVNULL)
    wait_until(lambda: answers(port), 30, "dynalite's port")
    yield boto3.client("dynamodb", endpoint_url=f"http://127.0.0.1:{port}",
                       region_name="us-east-1", aws_access_key_id="x",
                       aws_secret_access_key="x")
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def behind(dynalite):
    """A server whose DynamoDB is dynalite."""
    running = Server("--upstream", f"dynamodb={dynalite.meta.endpoint_url}").start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def table(behind):
    return make_table(behind.client("dynamodb"), "orders", "p:S")


def stored(dynalite, key):
    return dynalite.get_item(TableName="orders", Key={"p": S(key)}).get("Item")


def test_items_land_there_and_come_back(behind, dynalite, table):
    item = {"p": S("a"), "n": N("12345678901234567890.5"), "b": {"B": b"\x00\xff"},
            "l": {"L": [S("ü"), {"M": {"x": {"NULL": True}}}]}, "s": {"SS": ["x", "y"]}}
    table.put(item)
    assert stored(dynalite, "a") == item
    assert table.get({"p": S("a")}) == item
    assert table.query("p = :p", {":p": S("a")})["Items"] == [item]
    assert "orders" in behind.client("dynamodb").list_tables()["TableNames"]


def test_large_bodies_both_ways(table):
    items = [{"p": S(f"large-{i}"), "x": S("é" * 150000)} for i in range(3)]
    for item in items:
        table.put(item)
    found = table.scan(FilterExpression="begins_with(p, :p)",
                       ExpressionAttributeValues={":p": S("large-")})
    assert sorted((i["p"]["S"], len(i["x"]["S"])) for i in found["Items"]) == \
        [(f"large-{i}", 150000) for i in range(3)]


def test_errors_are_passed_on(behind, dynalite, table):
    with raises("ConditionalCheckFailedException", "The conditional request failed"):
        table.put({"p": S("b")}, ConditionExpression="attribute_exists(p)")
    with raises("ResourceNotFoundException"):
        behind.client("dynamodb").get_item(TableName="nothing", Key={"p": S("a")})
    bad = {"TableName": "orders", "Item": {"x": S("no key")}}
    there = Server()
    there.port = int(dynalite.meta.endpoint_url.rsplit(":", 1)[1])
    date = {"X-Amz-Date": "20260101T000000Z"}
    ours, theirs = raw(behind, "PutItem", bad), raw(there, "PutItem", bad, date)
    assert (ours[0], json.loads(ours[2])) == (theirs[0], json.loads(theirs[2]))


def test_a_state_machine_writes_there(behind, dynalite, table, unique):
    states = behind.client("stepfunctions")
    machine = states.create_state_machine(
        name=unique("m"), type="EXPRESS", roleArn="arn:aws:iam::000000000000:role/r",
        definition=json.dumps({"StartAt": "Put", "States": {
            "Put": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem",
                    "ResultPath": "$.put", "Next": "Again", "Parameters": {
                        "TableName": "orders", "Item": {"p": {"S.$": "$.id"}}}},
            "Again": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "End": True,
                      "Catch": [{"ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"],
                                 "ResultPath": "$.caught", "Next": "Caught"}],
                      "Parameters": {"TableName": "orders", "Item": {"p": {"S.$": "$.id"}},
                                     "ConditionExpression": "attribute_not_exists(p)"}},
            "Caught": {"Type": "Pass", "End": True}}}))["stateMachineArn"]
    done = states.start_sync_execution(stateMachineArn=machine, input='{"id": "from-states"}')
    assert done["status"] == "SUCCEEDED", done
    assert "caught" in json.loads(done["output"])
    assert stored(dynalite, "from-states") == {"p": S("from-states")}


def test_an_api_writes_there(behind, dynalite, table, unique):
    gateway = behind.client("apigateway")
    api = gateway.create_rest_api(name=unique("api"))
    api["rootResourceId"] = gateway.get_resources(restApiId=api["id"])["items"][0]["id"]
    put_method(gateway, api, "orders", "POST", {
        "type": "AWS", "integrationHttpMethod": "POST",
        "uri": "arn:aws:apigateway:us-east-1:dynamodb:action/PutItem",
        "credentials": "arn:aws:iam::000000000000:role/r",
        "requestTemplates": {"application/json": json.dumps(
            {"TableName": "orders", "Item": {"p": {"S": "$input.path('$.id')"}}})}},
        [{"statusCode": "200"}])
    gateway.create_deployment(restApiId=api["id"], stageName="dev")
    status, _, body = behind.request("POST", f"/_aws/execute-api/{api['id']}/dev/orders",
                                     {"id": "from-api"}, {"Content-Type": "application/json"})
    assert status == 200, body
    assert stored(dynalite, "from-api") == {"p": S("from-api")}


# ---- the bytes on the wire ----

class Recorder(http.server.BaseHTTPRequestHandler):
    """Answers what `script` says, in order: (status, body, headers…), or None to hang up; then 200 {}."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((dict(self.headers), body, self.client_address))
        answer = self.server.script.pop(0) if self.server.script else (200, b"{}")
        if answer is None:
            self.close_connection = True
            return
        self.send_response(answer[0])
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(answer[1])))
        for header in answer[2:]:
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(answer[1])

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def serving(handler):
    there = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    there.daemon_threads = True
    there.seen, there.script = [], []
    thread = threading.Thread(target=there.serve_forever)
    thread.start()
    there.url = f"http://127.0.0.1:{there.server_address[1]}"
    yield there
    there.shutdown()
    thread.join()
    there.server_close()


@pytest.fixture
def elsewhere():
    with serving(Recorder) as there:
        yield there


def test_signed_with_the_keys_of_the_environment(fresh_server, elsewhere):
    server = fresh_server("--upstream", f"dynamodb={elsewhere.url}", env=KEYS)
    server.client("dynamodb", region="eu-central-1").put_item(TableName="t", Item={"p": S("ä")})
    headers, body, _ = elsewhere.seen[0]
    assert json.loads(body) == {"TableName": "t", "Item": {"p": {"S": "ä"}}}
    assert headers["X-Amz-Target"] == "DynamoDB_20120810.PutItem"
    assert headers["X-Amz-Security-Token"] == KEYS["AWS_SESSION_TOKEN"]
    request = AWSRequest("POST", elsewhere.url + "/", data=body, headers={
        name: headers[name] for name in ("Content-Type", "X-Amz-Target", "X-Amz-Date")})
    signer = SigV4Auth(Credentials(*KEYS.values()), "dynamodb", "eu-central-1")
    request.context["timestamp"] = headers["X-Amz-Date"]
    request.headers["X-Amz-Security-Token"] = KEYS["AWS_SESSION_TOKEN"]
    expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)),
                                request)
    assert headers["Authorization"].endswith(f"Signature={expected}")
    assert "Credential=AKIDEXAMPLE/" in headers["Authorization"]


def test_hung_up_on_it_asks_again_and_keeps_its_connection(fresh_server, elsewhere):
    server = fresh_server("--upstream", f"dynamodb={elsewhere.url}")
    elsewhere.script += [None, None]
    db = server.client("dynamodb")
    db.put_item(TableName="t", Item={"p": S("a")})
    assert len(elsewhere.seen) == 3 and len({body for _, body, _ in elsewhere.seen}) == 1
    db.put_item(TableName="t", Item={"p": S("b")})
    assert elsewhere.seen[3][2] == elsewhere.seen[2][2], "one connection serves both requests"


def test_an_error_is_not_asked_again_and_not_changed(fresh_server, elsewhere):
    server = fresh_server("--upstream", f"dynamodb={elsewhere.url}")
    odd = {"__type": "com.example#OddException", "Message": "so be it", "More": [1, {"x": None}]}
    elsewhere.script += [(418, json.dumps(odd).encode()), (503, b"<html>")]
    status, _, body = raw(server, "GetItem", {"TableName": "t", "Key": {"p": S("a")}})
    assert status == 418 and len(elsewhere.seen) == 1
    assert json.loads(body) == {**odd, "message": "so be it"}
    with raises("InternalServerError", "503") as caught:
        server.client("dynamodb").get_item(TableName="t", Key={"p": S("a")})
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


def test_answers_that_are_empty_or_no_json(fresh_server, elsewhere):
    server = fresh_server("--upstream", f"dynamodb={elsewhere.url}")
    states = server.client("stepfunctions")
    machine = states.create_state_machine(
        name="tags", type="EXPRESS", roleArn="arn:aws:iam::000000000000:role/r", definition=json.dumps({
            "StartAt": "Tag", "States": {"Tag": {
                "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:tagResource", "End": True,
                "Parameters": {"ResourceArn": "x", "Tags": []}}}}))["stateMachineArn"]
    elsewhere.script += [(200, b""), (200, b""), (200, b"<html>"), (200, b"<html>")]
    status, _, body = raw(server, "TagResource", {"ResourceArn": "x", "Tags": []})
    assert (status, body) == (200, b"")
    assert states.start_sync_execution(stateMachineArn=machine)["output"] == "{}"
    failed = states.start_sync_execution(stateMachineArn=machine)
    assert failed["status"] == "FAILED" and "answered 200 without a JSON body" in failed["cause"]
    with raises("InternalServerError", "answered 200 without a JSON body"):
        server.client("dynamodb").get_item(TableName="t", Key={"p": S("a")})


def test_answers_that_come_compressed(fresh_server, elsewhere):
    server = fresh_server("--upstream", f"dynamodb={elsewhere.url}")
    answer = json.dumps({"Item": {"p": S("a")}}).encode()
    elsewhere.script += [(200, gzip.compress(answer), ("Content-Encoding", "gzip")),
                         (400, gzip.compress(b'{"__type":"x#OddException","message":"so"}'), ("Content-Encoding", "gzip"))]
    ask = lambda: raw(server, "GetItem", {"TableName": "t", "Key": {"p": S("a")}})
    status, headers, body = ask()
    assert (status, body) == (200, answer) and "Content-Encoding" not in headers
    assert ask()[2] == b'{"__type":"x#OddException","message":"so"}'


def test_operations_that_are_not_emulated_go_there_too(fresh_server, elsewhere):
    server = fresh_server("--upstream", f"dynamodb={elsewhere.url}")
    for operation in server.client("dynamodb").meta.service_model.operation_names:
        elsewhere.script.append((200, b'{"from": "there"}'))
        status, _, body = raw(server, operation, {"x": 1})
        assert (status, json.loads(body)) == (200, {"from": "there"}), operation
        headers, body, _ = elsewhere.seen[-1]
        assert headers["X-Amz-Target"] == f"DynamoDB_20120810.{operation}" and json.loads(body) == {"x": 1}


def test_streams_go_where_the_tables_are(fresh_server, elsewhere):
    server = fresh_server("--upstream", f"dynamodb={elsewhere.url}")
    elsewhere.script.append((200, b'{"Streams": [{"StreamArn": "there"}]}'))
    assert server.client("dynamodbstreams").list_streams()["Streams"] == [{"StreamArn": "there"}]
    assert elsewhere.seen[0][0]["X-Amz-Target"] == "DynamoDBStreams_20120810.ListStreams"
    with serving(Recorder) as other:
        server = fresh_server("--upstream", f"dynamodb={elsewhere.url}", "--upstream", f"dynamodbstreams={other.url}")
        server.client("dynamodbstreams").list_streams()
        assert len(other.seen) == 1


@pytest.mark.parametrize("tables, streams", [
    ("https://dynamodb.eu-west-1.amazonaws.com", "https://streams.dynamodb.eu-west-1.amazonaws.com/"),
    ("https://dynamodb.cn-north-1.amazonaws.com.cn/", "https://streams.dynamodb.cn-north-1.amazonaws.com.cn/"),
    ("https://dynamodb.eu-west-1.api.aws", "https://streams-dynamodb.eu-west-1.api.aws/"),
    ("http://dynamodb.local:8000", "http://dynamodb.local:8000/")])
def test_aws_has_streams_on_another_host(fresh_server, tables, streams):
    server = fresh_server("--upstream", f"dynamodb={tables}")
    assert f"service dynamodbstreams lives at {streams}\n" in server.output()


STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-01-01T00:00:00.000"


class StreamElsewhere(Recorder):
    """A stream of one shard with one record, whose iterators look like nobody's here."""
    def do_POST(self):
        operation = self.headers["X-Amz-Target"].removeprefix("DynamoDBStreams_20120810.")
        reads = [at for asked, at in self.server.asked if asked == "GetRecords"]
        self.server.asked.append((operation, time.monotonic()))
        record = {"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": {
            "Keys": {"p": S("a")}, "SequenceNumber": "100000000000000000001", "StreamViewType": "KEYS_ONLY"}}
        answer = {
            "DescribeStream": {"StreamDescription": {"StreamArn": STREAM, "StreamStatus": "ENABLED", "Shards": [
                {"ShardId": "shardId-00000001", "SequenceNumberRange": {"StartingSequenceNumber": "1"}}]}},
            "GetShardIterator": {"ShardIterator": STREAM + "|1|foreign"},
            "GetRecords": {"Records": [] if reads else [record], "NextShardIterator": STREAM + "|1|foreign"}}[operation]
        self.server.script[:] = [(200, json.dumps(answer).encode())]
        super().do_POST()


def test_a_mapping_asks_a_stream_elsewhere_again_after_a_pause(fresh_server):
    with serving(StreamElsewhere) as there:
        there.asked = []
        server = fresh_server("--upstream", f"dynamodbstreams={there.url}")
        functions = server.client("lambda")
        functions.create_function(
            FunctionName="follower", Runtime="python3.12", Role="arn:aws:iam::000000000000:role/r",
            Handler="index.handler", Code={"ZipFile": zipped(
                index_py="def handler(event, context):\n    print('got', len(event['Records']))\n")})
        functions.create_event_source_mapping(FunctionName="follower", EventSourceArn=STREAM,
                                              StartingPosition="TRIM_HORIZON")
        reads = lambda: [at for operation, at in there.asked if operation == "GetRecords"]
        wait_until(lambda: len(reads()) >= 4, what="reading on")
        # The first of these found the record, the second nothing: from there on it is patient.
        assert reads()[3] - reads()[1] > 0.4
        wait_until(lambda: server.client("logs").filter_log_events(
            logGroupName="/aws/lambda/follower", filterPattern="got")["events"], what="the record")


def test_nobody_there(fresh_server):
    server = fresh_server("--upstream", f"dynamodb=http://127.0.0.1:{free_port()}")
    server.admin("PUT", "/clock", {"freeze": True})
    with raises("InternalServerError", "The upstream http://127.0.0.1:", "cannot be reached",
                "refused") as caught:
        server.client("dynamodb").get_item(TableName="t", Key={"p": S("a")})
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


@pytest.mark.parametrize("setting, words", [
    ("dynamodb", "takes service=URL"), ("nothing=http://localhost", "no service nothing"),
    ("dynamodb=localhost:8000", "not an http(s) URL")])
def test_settings_that_cannot_be(setting, words):
    done = subprocess.run([find_binary(), "start", "--port", "0", "--upstream", setting],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and words in done.stderr, done.stderr
