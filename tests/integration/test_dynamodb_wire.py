"""DynamoDB on the wire: encodings, quotas, JSON types, endpoints."""
import gzip
import json
import socket
import urllib.request
import zlib

import pytest

from dynamodb_support import N, S, make_table, raises, raw


@pytest.fixture(scope="module")
def table(server):
    table = make_table(server.client("dynamodb"), "wire", "p:S")
    table.put({"p": S("big"), "v": S("x" * 6000)})
    table.put({"p": S("small"), "v": S("x")})
    return table


def get(key, table="wire"):
    return json.dumps({"TableName": table, "Key": {"p": S(key)}}).encode()


def error_of(answer):
    return json.loads(answer)["__type"].split("#")[1]


@pytest.mark.parametrize("encoding,encode", [
    ("gzip", gzip.compress), ("deflate", zlib.compress),
    ("gzip", lambda body: gzip.compress(body[:10]) + gzip.compress(body[10:]))])
def test_encoded_requests(server, table, encoding, encode):
    status, _, answer = raw(server, "GetItem", encode(get("small")), {"Content-Encoding": encoding})
    assert status == 200 and json.loads(answer)["Item"]["v"] == S("x")


@pytest.mark.parametrize("encoding,body", [("gzip", b"not gzip"), ("deflate", b"\xff\xff"), ("dance", b"{}"),
                                           ("gzip", gzip.compress(b"{}" * 100, mtime=0)[:20])])
def test_encodings_that_fail_write_nothing(server, table, encoding, body):
    status, _, answer = raw(server, "PutItem", body, {"Content-Encoding": encoding})
    assert status == 500 and error_of(answer) == "InternalServerError"


@pytest.mark.parametrize("accept,encoding", [
    ("gzip", "gzip"), ("deflate", "deflate"), ("gzip;q=0, deflate", "deflate"), ("*", "gzip"), ("identity", None),
    ("gzip;q=0.5, identity;q=0.1", "gzip"), ("br", None)])
def test_long_replies_are_compressed(server, table, accept, encoding):
    status, headers, answer = raw(server, "GetItem", get("big"), {"Accept-Encoding": accept})
    assert status == 200 and headers.get("Content-Encoding") == encoding
    plain = {"gzip": gzip.decompress, "deflate": zlib.decompress, None: bytes}[encoding](answer)
    assert json.loads(plain)["Item"]["v"] == S("x" * 6000)
    status, headers, answer = raw(server, "GetItem", get("small"), {"Accept-Encoding": accept})
    assert "Content-Encoding" not in headers and json.loads(answer)["Item"]["v"] == S("x")


def talk(server, head, body=b""):
    with socket.create_connection(("127.0.0.1", server.port)) as s:
        s.sendall(head + body)
        s.settimeout(10)
        return s.recv(4096)


SIGNED = (b"X-Amz-Target: DynamoDB_20120810.ListTables\r\nContent-Type: application/x-amz-json-1.0\r\n"
          b"Authorization: AWS4-HMAC-SHA256 Credential=0/20260101/us-east-1/dynamodb/aws4_request, "
          b"SignedHeaders=host, Signature=0\r\n")


def test_quotas(server, table):
    assert raw(server, "GetItem", b" " * 17_000_000)[0] == 413
    packed = gzip.compress(b" " * 17_000_000)
    assert raw(server, "GetItem", packed, {"Content-Encoding": "gzip"})[0] == 413
    long_header = b"POST / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 17000 + b"\r\n" + SIGNED + b"\r\n"
    assert talk(server, long_header).startswith(b"HTTP/1.1 400")
    long_line = b"POST /" + b"x" * 17000 + b" HTTP/1.1\r\nHost: x\r\n" + SIGNED + b"\r\n"
    assert talk(server, long_line).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("item", [
    b'{"p":{"S":"x"},"n":{"N":123}}', b'{"p":{"S":"x"},"n":{"BOOL":"true"}}', b'{"p":{"S":"x"},"n":{"SS":"x"}}',
    b'{"p":{"S":"x"},"n":{"L":{}}}', b'{"p":{"S":"x"},"n":{"M":[]}}', b'{"p":{"S":"x"},"n":[]}'])
def test_scalars_of_a_wrong_json_type(server, table, item):
    status, _, answer = raw(server, "PutItem", b'{"TableName":"wire","Item":' + item + b"}")
    assert (status, error_of(answer)) == (400, "SerializationException")


@pytest.mark.parametrize("text", ["AA", "AA=", "A*==", "AA==AA==", "\\u00ff==="])
def test_base64_is_strict_everywhere(server, table, text):
    value = b'{"B":"' + text.encode() + b'"}'
    for operation, rest in [("GetItem", b'"Key":{"p":%s}'), ("PutItem", b'"Item":{"p":{"S":"x"},"b":{"BS":[%s]}}'),
                            ("DeleteItem", b'"Key":{"p":{"S":"x"}},"ConditionExpression":"b=:b",'
                                           b'"ExpressionAttributeValues":{":b":%s}')]:
        inner = value if b"BS" not in rest else b'"' + text.encode() + b'"'
        status, _, answer = raw(server, operation, b'{"TableName":"wire",' + rest.replace(b"%s", inner) + b"}")
        assert status == 400 and error_of(answer) in ("ValidationException", "SerializationException")


def test_all_broken_constraints_are_told_at_once(server, table):
    _, _, answer = raw(server, "PutItem", {"TableName": "a;", "ReturnConsumedCapacity": "x", "ReturnValues": "y"})
    error = json.loads(answer)
    assert error["message"] == (
        "5 validation errors detected: Value 'x' at 'returnConsumedCapacity' failed to satisfy constraint: "
        "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]; "
        "Value 'a;' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; "
        "Value 'a;' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3; "
        "Value null at 'item' failed to satisfy constraint: Member must not be null; "
        "Value 'y' at 'returnValues' failed to satisfy constraint: "
        "Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]")
    _, _, answer = raw(server, "CreateTable", {"TableName": "ab"})
    assert json.loads(answer)["message"] == "TableName must be at least 3 characters long and at most 255 characters long"
    _, _, answer = raw(server, "DescribeTable", {})
    assert json.loads(answer)["message"] == "The parameter 'TableName' is required but was not present in the request"
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/wire"
    assert json.loads(raw(server, "GetItem", {"TableName": arn, "Key": {"p": S("small")}})[2])["Item"]["v"] == S("x")
    _, _, answer = raw(server, "GetItem", {"TableName": arn, "Key": {"p": N(1)}})
    assert json.loads(answer)["message"] == "The provided key element does not match the schema"


def test_an_arn_says_whose_table_it_is(server, unique):
    name = unique("shared")
    mine, theirs = [server.client("dynamodb", account=account, region=region)
                    for account, region in [("000000000000", "us-east-1"), ("111111111111", "eu-west-1")]]
    here, there = make_table(mine, name), make_table(theirs, name)
    here.put({"p": S("x"), "whose": S("mine")})
    there.put({"p": S("x"), "whose": S("theirs")})
    arn = f"arn:aws:dynamodb:eu-west-1:111111111111:table/{name}"
    key = {"p": S("x")}
    whose = lambda item: item["whose"]["S"]
    assert whose(mine.get_item(TableName=arn, Key=key)["Item"]) == "theirs"
    assert whose(mine.query(TableName=arn, KeyConditionExpression="p = :p", ExpressionAttributeValues={":p": S("x")})["Items"][0]) == "theirs"
    assert whose(mine.scan(TableName=arn)["Items"][0]) == "theirs"
    assert whose(mine.batch_get_item(RequestItems={arn: {"Keys": [key]}})["Responses"][arn][0]) == "theirs"
    assert whose(mine.execute_statement(Statement=f'SELECT * FROM "{arn}" WHERE p = \'x\'')["Items"][0]) == "theirs"
    mine.transact_write_items(TransactItems=[{"Put": {"TableName": arn, "Item": {"p": S("y"), "whose": S("theirs")}}}])
    mine.update_item(TableName=arn, Key=key, UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": N(1)})
    assert there.get({"p": S("y")}) and there.get(key)["n"] == N(1)
    assert here.get({"p": S("y")}) is None and "n" not in here.get(key)
    assert mine.describe_table(TableName=arn)["Table"]["TableArn"] == arn
    nobody = f"arn:aws:dynamodb:us-east-1:222222222222:table/{name}"
    for ask in [lambda: mine.get_item(TableName=nobody, Key=key), lambda: mine.describe_table(TableName=nobody),
                lambda: mine.delete_table(TableName=nobody), lambda: mine.update_time_to_live(
                    TableName=nobody, TimeToLiveSpecification={"Enabled": True, "AttributeName": "t"})]:
        with raises("ResourceNotFoundException"):
            ask()
    with raises("TableNotFoundException"):
        mine.create_backup(TableName=nobody, BackupName="backup")
    with raises("AccessDeniedException", "dynamodb:CreateTable"):
        make_table(mine, nobody)


@pytest.mark.parametrize("operation, more", [
    ("GetItem", {"ExpressionAttributeValues": {":x": 7}, "UpdateExpression": 7, "FilterExpression": "a = :x"}),
    ("GetItem", {"QueryFilter": {"x": 1}, "ProjectionExpression": "p"}),
    ("PutItem", {"UpdateExpression": "SET x", "ProjectionExpression": "p", "Limit": "x", "Item": {"p": S("small"), "v": S("x")}}),
    ("DeleteItem", {"AttributeUpdates": 1, "IndexName": 7, "Key": {"p": S("none")}}),
    ("Scan", {"KeyConditionExpression": "p", "ScanIndexForward": "x", "Limit": 1}),
    ("BatchGetItem", {"RequestItems": {"wire": {"Keys": [{"p": S("small")}], "ExpressionAttributeValues": {}, "Select": 1}}}),
    ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": "wire", "Key": {"p": S("small")}, "ConditionExpression": "x"}}]}),
    ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "wire", "Item": {"p": S("t")}, "Expected": 1, "ReturnValues": "x"}}]})])
def test_members_that_an_operation_does_not_have_are_passed_over(server, table, operation, more):
    body = {"TableName": "wire", "Key": {"p": S("small")}, **more}
    status, _, answer = raw(server, operation, body)
    assert status == 200, answer


@pytest.mark.parametrize("operation", ["GetItem", "ListTables", "DescribeTable"])
def test_an_empty_request_is_no_json(server, operation):
    status, _, answer = raw(server, operation, b"")
    assert (status, json.loads(answer)) == (400, {"__type": "com.amazon.coral.service#SerializationException"})


@pytest.mark.parametrize("name, text", [("", "Empty attribute name"), ("x" * 65536, "65535")])
def test_names_inside_of_maps_are_attribute_names_too(server, table, name, text):
    deep = {"L": [{"M": {"x": {"M": {name: S("v")}}}}]}
    for ask in [lambda: table.put({"p": S("deep"), "m": deep}),
                lambda: table.update({"p": S("deep")}, "SET m = :m", {":m": deep})]:
        with raises("ValidationException", text):
            ask()
    assert table.get({"p": S("deep")}) is None
    table.put({"p": S("long"), "m": {"M": {"x" * 65535: S("v")}}})


def test_the_endpoint_that_is_described_answers(server):
    endpoints = server.client("dynamodb").describe_endpoints()["Endpoints"]
    assert len(endpoints) == 1 and endpoints[0].keys() == {"Address", "CachePeriodInMinutes"}
    assert "//" not in endpoints[0]["Address"]
    with urllib.request.urlopen(f"http://{endpoints[0]['Address']}/", timeout=10) as answer:
        assert answer.status == 200
