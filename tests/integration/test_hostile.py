"""No request, however malformed, ends or stalls the process."""
import gzip
import json
import random
import socket
import time

import pytest

from conftest import wait_until

SIGNED = ("Authorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/us-east-1/{}/aws4_request,"
          " SignedHeaders=host, Signature=0\r\n")
DEEP = 200_000


@pytest.fixture(scope="module")
def victim():
    """A server of this file's own, which must live through all of it."""
    from conftest import Server
    running = Server("--log-level", "off").start()
    yield running
    assert running.process.poll() is None, running.output()
    running.stop()


def exchange(server, data, timeout=10):
    """Sends bytes, ends the sending side, and gives what comes back until the end."""
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=timeout) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65536):
                answer += chunk
        except (ConnectionResetError, BrokenPipeError):
            pass  # the server has had enough
    return answer


def still_well(server):
    began = time.monotonic()
    status, _, _ = server.request("GET", "/_skafu/health")
    assert status == 200
    assert time.monotonic() - began < 2


def post(body, *headers, path="/", service="dynamodb", method="POST"):
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{SIGNED.format(service)}"
    head += "".join(f"{line}\r\n" for line in headers) + f"Content-Length: {len(body)}\r\n\r\n"
    return head.encode("latin-1") + body


def target(name, body):
    return post(body, f"X-Amz-Target: {name}", "Content-Type: application/x-amz-json-1.0")


def cbor(operation, body):
    return post(body, "smithy-protocol: rpc-v2-cbor", "Content-Type: application/cbor",
                path=f"/service/GraniteServiceVersion20100801/operation/{operation}",
                service="monitoring")


PREFIX = b"POST / HTTP/1.1\r\nHost: x\r\n"
WIRE = {
    "nothing": b"",
    "line ends": b"\r\n\r\n\r\n",
    "nul bytes": b"\0" * 5000,
    "tls hello": bytes.fromhex("16030100f8010000f40303") + b"\x11" * 240,
    "http/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    "http/0.9": b"GET /\r\n",
    "http/9.9": b"GET / HTTP/9.9\r\n\r\n",
    "no path": b"GET  HTTP/1.1\r\n\r\n",
    "a method without an end": b"A" * 100_000,
    "a path without an end": b"GET /" + b"a" * 100_000,
    "a header without an end": b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000,
    "many headers": b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
    "a header without a colon": b"GET / HTTP/1.1\r\nNonsense\r\n\r\n",
    "nul in a header": b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n",
    "two lengths": PREFIX + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "length and chunks": PREFIX + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative length": PREFIX + b"Content-Length: -1\r\n\r\n",
    "length of letters": PREFIX + b"Content-Length: five\r\n\r\n",
    "length past 64 bits": PREFIX + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "chunk of letters": PREFIX + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "chunk past 64 bits": PREFIX + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    "chunk too large": PREFIX + b"Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nabc",
    "endless chunk extension": PREFIX + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"a" * 100_000,
    "unknown transfer coding": PREFIX + b"Transfer-Encoding: gzip\r\n\r\n",
    "expects a miracle": PREFIX + b"Expect: a-miracle\r\nContent-Length: 2\r\n\r\n{}",
    "upgrade": b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "connect": b"CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "trace": b"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "absolute form": b"GET http://x/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    "dots": b"GET /../../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    "broken escapes": b"GET /%zz/%/%f HTTP/1.1\r\nHost: s3.localhost\r\n\r\n",
    "escaped nul": b"GET /bucket/%00%2e%2e%2f HTTP/1.1\r\nHost: s3.localhost\r\n\r\n",
    "many slashes": b"GET " + b"/" * 50_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "many parameters": b"GET /?" + b"a&" * 25_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "odd hosts": b"".join(b"GET /a HTTP/1.1\r\nHost: %s\r\n\r\n" % host for host in (
        b"", b".", b"....", b":", b"[::1", b".s3.", b"s3.", b".execute-api.", b"x.execute-api.",
        b".localhost", b"a" * 5000 + b".s3.localhost")),
    "odd targets": b"".join(target(name, b"{}") for name in (
        ".", "..", "DynamoDB_20120810.", ".ListTables", "DynamoDB_20120810", "x" * 50_000)),
    "odd credentials": b"".join(
        b"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Length: 0\r\n\r\n" % text
        for text in (b"", b"AWS4-", b"AWS4-HMAC-SHA256 Credential=", b"Bearer " + b"x" * 9000,
                     b"AWS4-HMAC-SHA256 Credential=" + b"/" * 50,
                     b"AWS4-HMAC-SHA256 Credential=a/b/../dynamodb/\xff")),
    "odd APIs": b"".join(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path for path in (
        b"/_aws/execute-api/", b"/_aws/execute-api//", b"/_aws/execute-api/a/b/%ff?%ff=%ff",
        b"/restapis//_user_request_/", b"/restapis/a/b/_user_request_", b"/_aws/lambda-url//")),
}

NESTED = b"[" * DEEP
BODIES = {
    "deep arrays": target("DynamoDB_20120810.PutItem", NESTED),
    "deep objects": target("DynamoDB_20120810.PutItem", b'{"a":' * DEEP),
    "deep and closed": target("AWSEvents.PutEvents", b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    "deep attribute": target("DynamoDB_20120810.PutItem",
                             b'{"TableName":"t","Item":{"a":' + b'{"M":{"a":' * 50_000),
    "not UTF-8": target("DynamoDB_20120810.ListTables", b'{"Limit":"\xff\xfe\xc0\x80"}'),
    "half an escape": target("DynamoDB_20120810.ListTables", b'{"Limit":"\\ud800\\u12"}'),
    "large numbers": target("AWSEvents.ListRules", b'{"Limit":' + b"9" * 100_000 + b"}"),
    "huge exponent": target("AWSStepFunctions.ListStateMachines", b'{"maxResults":1e999999}'),
    "not an object": target("AmazonSQS.ListQueues", b"[1,2]"),
    "null": target("AmazonSQS.ListQueues", b"null"),
    "two values": target("AmazonSQS.ListQueues", b"{}{}"),
    "comment": target("AmazonSQS.ListQueues", b"{/**/}"),
    "deep machine": target("AWSStepFunctions.CreateStateMachine", json.dumps({
        "name": "m", "roleArn": "arn:aws:iam::000000000000:role/r",
        "definition": '{"StartAt":' * 5000}).encode()),
    "deep expression": target("DynamoDB_20120810.Scan", json.dumps({
        "TableName": "t", "FilterExpression": "(" * 4000}).encode()),
    "deep pattern": target("AWSEvents.PutRule", json.dumps({
        "Name": "r", "EventPattern": '{"a":' * 5000 + "1" + "}" * 5000}).encode()),
    "deep query names": post(b"Action=ListUsers&" + b"a." * 100_000 + b"=1", service="iam"),
    "many query members": post(
        b"Action=PutMetricData&Version=2010-08-01&" + b"&".join(
            b"MetricData.member.%d.MetricName=a" % n for n in range(20_000)),
        "Content-Type: application/x-www-form-urlencoded", service="monitoring"),
    "deep XML": post(b"<a>" * DEEP, path="/bucket?tagging", service="s3", method="PUT"),
    "XML entities": post(
        b'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><a>&d;</a>', path="/bucket?tagging",
        service="s3", method="PUT"),
    "odd form upload": post(b"--x\r\n" * 10_000, "Content-Type: multipart/form-data; boundary=x",
                            path="/bucket", service="s3"),
    "gzip that is none": post(b"\x1f\x8b\x08" + b"\0" * 100, "Content-Encoding: gzip",
                              "X-Amz-Target: AmazonSQS.ListQueues",
                              "Content-Type: application/x-amz-json-1.0", service="sqs"),
    "gzip bomb": post(gzip.compress(b" " * 300_000_000, 1), "Content-Encoding: gzip",
                      "X-Amz-Target: AmazonSQS.ListQueues",
                      "Content-Type: application/x-amz-json-1.0", service="sqs"),
    "deep CBOR": cbor("ListMetrics", b"\x81" * DEEP),
    "cut CBOR": cbor("ListMetrics", b"\xbf\x61"),
    "large CBOR length": cbor("ListMetrics", b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff"),
    "CBOR of nothing": cbor("", b"\xa0") + cbor("ListMetrics", b"\x01"),
    "odd await": post(b'{"until":{"queue":7,"count":"x"},"timeout":"50ms"}', path="/_skafu/await"),
    "odd clock": post(b'{"freeze":"yes"}', path="/_skafu/clock", method="PUT"),
    "odd reset": post(b'{"account":{}}{', path="/_skafu/reset"),
}


@pytest.mark.parametrize("name", WIRE)
def test_the_wire(victim, name):
    answer = exchange(victim, WIRE[name])
    assert b"HTTP/1.1 5" not in answer or b"HTTP/1.1 501" in answer
    still_well(victim)


@pytest.mark.parametrize("name", BODIES)
def test_bodies(victim, name):
    answer = exchange(victim, BODIES[name], timeout=30)
    assert answer.startswith(b"HTTP/1.1 "), answer[:100]
    assert b"InternalFailure" not in answer, answer
    still_well(victim)


def test_requests_cut_short_at_each_byte(victim):
    whole = target("DynamoDB_20120810.ListTables", b"{}")
    for end in range(0, len(whole), 3):
        exchange(victim, whole[:end])
    still_well(victim)


def test_mutated_requests(victim):
    chance = random.Random(11)
    seeds = [data for data in [*WIRE.values(), *BODIES.values()] if 0 < len(data) < 5000]
    for _ in range(300):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(data))
            if chance.random() < 0.5:
                data[at] = chance.randrange(256)
            else:
                data[at:at + chance.randint(0, 20)] = chance.randbytes(chance.randint(0, 20))
        exchange(victim, bytes(data))
    still_well(victim)


def test_many_slow_clients_stall_nobody(victim):
    slow = []
    for _ in range(300):
        connection = socket.create_connection(("127.0.0.1", victim.port), timeout=5)
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        slow.append(connection)
    for _ in range(20):
        still_well(victim)
    for connection in slow:
        connection.close()


def test_answers_that_nobody_reads_stall_nobody(victim):
    connection = socket.create_connection(("127.0.0.1", victim.port), timeout=5)
    connection.setblocking(False)
    one = b"GET /_skafu/coverage HTTP/1.1\r\nHost: x\r\n\r\n"
    for _ in range(2000):
        try:
            connection.send(one)
        except BlockingIOError:
            break
    still_well(victim)
    connection.close()


def test_a_body_that_is_too_large_is_answered_before_it_has_come(victim):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"
    with socket.create_connection(("127.0.0.1", victim.port), timeout=10) as connection:
        connection.sendall(head + b"x" * 1_000_000)
        assert connection.recv(100).startswith(b"HTTP/1.1 413")
        connection.sendall(b"x" * 1_000_000)  # still read: a reset would have lost the answer


FUNCTIONS = {
    "exits": ("import os\ndef handle(e, c):\n    os._exit(3)\n", "Runtime.ExitError"),
    "crashes": ("import ctypes\ndef handle(e, c):\n    ctypes.string_at(0)\n", "Runtime.ExitError"),
    "hangs": ("def handle(e, c):\n    while True: pass\n", "Sandbox.Timedout"),
    "prints garbage": ("import os\ndef handle(e, c):\n    os.write(1, bytes(range(256)) * 9000)\n"
                       "    os.write(1, b'\\xa5\\x5a\\x00\\x03\\xff\\xff\\xff\\xff')\n    return 1\n",
                       None),
    "answers garbage": (
        "import os, socket\n"
        "def handle(e, c):\n"
        "    host, port = os.environ['AWS_LAMBDA_RUNTIME_API'].split(':')\n"
        "    s = socket.create_connection((host, int(port)))\n"
        "    s.sendall(b'\\0\\1garbage\\r\\n\\r\\n' * 100)\n"
        "    s.sendall(b'POST /2018-06-01/runtime/invocation/x/response HTTP/1.1\\r\\n\\r\\n')\n"
        "    return 1\n", None),
    "raises": ("def handle(e, c):\n    raise ValueError('no')\n", "ValueError"),
    "answers what is no JSON": ("def handle(e, c):\n    return object()\n", "Runtime.MarshalError"),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_bad_function_is_a_function_error(victim, unique, name):
    from test_lambda import zipped
    code, error = FUNCTIONS[name]
    client = victim.client("lambda", read_timeout=30)
    function = unique("bad")
    client.create_function(
        FunctionName=function, Runtime="python3.12", Handler="app.handle", Timeout=1,
        Role="arn:aws:iam::000000000000:role/r", Code={"ZipFile": zipped(app_py=code)})
    for _ in range(2):  # the process that has failed is replaced
        answer = client.invoke(FunctionName=function)
        document = json.loads(answer["Payload"].read())
        if error is None:
            assert "FunctionError" not in answer, document
        else:
            assert answer["FunctionError"] == "Unhandled"
            assert document["errorType"] == error
    client.update_function_code(FunctionName=function, ZipFile=zipped(
        app_py="def handle(e, c):\n    return 'well'\n"))
    assert json.loads(client.invoke(FunctionName=function)["Payload"].read()) == "well"
    still_well(victim)
