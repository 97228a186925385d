"""The wire itself: what HTTP promises, whatever the service."""
import gzip
import json
import socket

import pytest

SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/us-east-1/dynamodb/"
                           "aws4_request, SignedHeaders=host, Signature=0"}


def talk(server, data, until_closed=True):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(data)
        if until_closed:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


def test_health_answers_localstack_users(server):
    status, headers, body = server.request("GET", "/_localstack/health")
    assert status == 200
    assert headers["Content-Type"] == "application/json"
    assert "services" in json.loads(body)


def test_pipelined_requests_are_answered_in_order(server):
    one = b"GET /_skafu/health HTTP/1.1\r\nHost: x\r\n\r\n"
    two = b"GET /_skafu/nothing HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = talk(server, one + two + one)
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.index(b"HTTP/1.1 200") < answer.index(b"HTTP/1.1 404")


def test_head_has_the_length_and_no_body(server):
    answer = talk(server, b"HEAD /_skafu/health HTTP/1.1\r\nHost: x\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Content-Length: " in head and b"Content-Length: 0" not in head
    assert body == b""


def test_chunked_bodies_and_expect_continue(server):
    body = json.dumps({"until": "idle"}).encode()
    request = (b"POST /_skafu/await HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
               b"Expect: 100-continue\r\n\r\n")
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(chunks)
        assert b'"holds":true' in connection.recv(65536)


def test_nonsense_ends_the_connection_only(server):
    assert talk(server, b"NONSENSE\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert talk(server, b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n").startswith(b"HTTP/1.1 400")
    too_large = b"GET / HTTP/1.1\r\nX: " + b"a" * 70000 + b"\r\n\r\n"
    assert talk(server, too_large).startswith(b"HTTP/1.1 431")
    huge = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n"
    assert talk(server, huge).startswith(b"HTTP/1.1 413")
    assert server.request("GET", "/_skafu/health")[0] == 200


def test_a_missing_token_and_unknown_names_are_aws_errors(server):
    target = {"X-Amz-Target": "Nowhere.ListThings", "Content-Type": "application/x-amz-json-1.0"}
    tables = {**target, "X-Amz-Target": "DynamoDB_20120810.ListTables"}
    status, _, body = server.request("POST", "/", b"{}", tables)
    assert status == 400
    assert json.loads(body)["__type"].endswith("MissingAuthenticationTokenException")
    status, _, body = server.request("POST", "/", b"{}", {**target, **SIGNED})
    assert status == 400
    assert json.loads(body)["__type"].endswith("UnknownOperationException")
    assert "Nowhere.ListThings" in json.loads(body)["message"]


def test_a_wrong_content_type_is_refused(server):
    headers = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "text/plain"}
    status, _, body = server.request("POST", "/", b"{}", {**headers, **SIGNED})
    assert status == 404
    assert json.loads(body)["__type"].endswith("UnknownOperationException")


@pytest.mark.parametrize("service, target, body", [
    ("events", "AWSEvents.PutEvents",
     b'{"Entries":[{"Source":"a","DetailType":"b","Detail":"{\\"a\\":\\"\xff\\"}"}]}'),
    ("events", "AWSEvents.PutRule", b'{"Name":"a\xff","EventPattern":"{}"}'),
    ("sqs", "AmazonSQS.CreateQueue", b'{"QueueName":"\xff"}'),
    ("dynamodb", "DynamoDB_20120810.PutItem", b'{"TableName":"t","Item":{"p":{"S":"\xff"}}}'),
    ("dynamodb", "DynamoDB_20120810.DescribeTable", b'{"TableName":"\xc0\x80"}'),
    ("states", "AWSStepFunctions.StartExecution", b'{"stateMachineArn":"t","input":"\xed\xa0\x80"}'),
    ("logs", "Logs_20140328.CreateLogGroup", b'{"logGroupName":"\xe2\x82"}'),
    ("secretsmanager", "secretsmanager.CreateSecret", b'{"Name":"t","SecretString":"\xff"}')])
def test_texts_that_are_not_utf8_are_refused(server, service, target, body):
    status, _, answer = server.request("POST", "/", body, {
        "X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1",
        "Authorization": SIGNED["Authorization"].replace("dynamodb", service)})
    assert status == 400, answer
    assert json.loads(answer)["__type"].endswith("SerializationException")


def test_bytes_of_a_form_that_are_not_utf8_are_replaced(server, unique):
    sqs = server.client("sqs")
    url = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
    form = f"Action=SendMessage&Version=2012-11-05&QueueUrl={url}&MessageBody=a%FFb%E2%82"
    status, _, answer = server.request("POST", "/", form.encode(), {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": SIGNED["Authorization"].replace("dynamodb", "sqs")})
    assert status == 200, answer
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "a\ufffdb\ufffd"


def test_browsers_may_call(server):
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST",
               "Access-Control-Request-Headers": "x-amz-target,authorization"}
    status, answer, _ = server.request("OPTIONS", "/", headers=headers)
    assert status == 200
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Allow-Headers"] == "x-amz-target,authorization"


def test_gzip_requests_are_decoded(server):
    headers = {"X-Amz-Target": "Nowhere.X", "Content-Type": "application/x-amz-json-1.0",
               "Content-Encoding": "gzip", **SIGNED}
    status, _, body = server.request("POST", "/", gzip.compress(b"{}"), headers)
    assert (status, json.loads(body)["__type"]) == (400, "UnknownOperationException")
    status, _, body = server.request("POST", "/", b"not gzip", headers)
    assert status == 500


def test_answers_are_dated_by_the_clock_of_the_house(fresh_server):
    server = fresh_server()
    server.admin("PUT", "/clock", {"freeze": True, "set": "2030-01-01T12:00:00Z"})
    for method, path in (("GET", "/_skafu/health"), ("GET", "/no-bucket/key"), ("OPTIONS", "/")):
        dates = server.request(method, path)[1].get_all("Date")
        assert dates == ["Tue, 01 Jan 2030 12:00:00 GMT"]
    server.admin("PUT", "/clock", {"advance": "1s"})
    assert server.request("GET", "/_skafu/health")[1]["Date"] == "Tue, 01 Jan 2030 12:00:01 GMT"
    assert b"\r\nDate: " in talk(server, b"NONSENSE\r\n\r\n")


def test_the_clock_is_frozen_moved_and_freed(fresh_server):
    server = fresh_server()
    server.admin("PUT", "/clock", {"freeze": True})
    before = server.admin("GET", "/clock")[1]["now"]
    after = server.admin("PUT", "/clock", {"advance": "24h"})[1]["now"]
    assert before[:10] != after[:10] and before[10:] == after[10:]
    assert server.admin("PUT", "/clock", {"advance": "soon"})[0] == 400
    assert server.admin("PUT", "/clock", {"set": "2030-01-01T00:00:00Z"})[1]["now"] == \
        "2030-01-01T00:00:00.000Z"
    assert server.admin("PUT", "/clock", {"unfreeze": True})[1]["frozen"] is False


def test_await_says_what_is_missing(server):
    status, answer = server.admin("POST", "/await",
                                  {"until": {"correlationId": "none"}, "timeout": "50ms"})
    assert status == 408
    assert "none" in answer["message"]
    assert server.admin("POST", "/await", {"until": "soon"})[0] == 400


def test_sigterm_ends_with_status_0(fresh_server):
    server = fresh_server()
    assert server.stop() == 0


def test_a_taken_port_is_named(server):
    import subprocess
    from conftest import find_binary
    done = subprocess.run([find_binary(), "start", "--port", str(server.port)],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert str(server.port) in done.stderr and "--port" in done.stderr
