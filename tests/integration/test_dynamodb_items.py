"""Items: values, numbers, keys, sizes, return values."""
import json

import pytest

from dynamodb_support import N, S, call, call_raises, make_table, raises, raw


@pytest.fixture(scope="module")
def db(server):
    return server.client("dynamodb")


@pytest.fixture(scope="module")
def table(db):
    return make_table(db, "items-basic", "p:S")


@pytest.fixture(scope="module")
def numbers(db):
    return make_table(db, "items-numbers", "p:N c:N")


def test_every_type_survives_a_round_trip(table):
    item = {"p": S("all"), "s": S("é\"\\\n\x01"), "n": N("-1.5"), "b": {"B": b"\x00\xff"},
            "ss": {"SS": ["x", "y"]}, "ns": {"NS": ["1", "2"]}, "bs": {"BS": [b"1", b""]},
            "t": {"BOOL": True}, "z": {"NULL": True}, "e": S(""), "eb": {"B": b""},
            "l": {"L": [S(""), {"M": {}}, {"L": []}]}, "m": {"M": {"k": {"M": {"x": N(1)}}}}}
    table.put(item)
    assert table.get({"p": S("all")}) == item


@pytest.mark.parametrize("text,normal", [
    ("007", "7"), ("+3", "3"), ("1.10", "1.1"), ("1e3", "1000"), ("1.5e2", "150"),
    ("1e-3", "0.001"), ("-0", "0"), ("0.0", "0"), ("0e5", "0"),
    ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678")])
def test_numbers_come_back_canonical(table, text, normal):
    table.put({"p": S("n"), "n": N(text), "s": {"NS": [text]}, "l": {"L": [N(text)]},
               "m": {"M": {"n": N(text)}}})
    assert table.get({"p": S("n")}) == {"p": S("n"), "n": N(normal), "s": {"NS": [normal]},
                                        "l": {"L": [N(normal)]}, "m": {"M": {"n": N(normal)}}}


@pytest.mark.parametrize("text,word", [
    ("NaN", "numeric"), ("Infinity", "numeric"), ("dog", "numeric"), ("", "numeric"),
    ("1 ", "numeric"), (" 1", "numeric"), ("1e", "numeric"), ("1.2.3", "numeric"),
    ("1" * 39, "significant"), ("1e126", "overflow"), ("-1e126", "overflow"),
    ("1e-131", "underflow"), ("1e1000000000", "overflow")])
def test_bad_numbers(table, numbers, text, word):
    with raises("ValidationException", word):
        table.put({"p": S("n"), "n": N(text)})
    with raises("ValidationException", word):
        numbers.put({"p": N(text), "c": N(1)})


def test_number_keys_are_one_by_value(numbers):
    for text in ["1000", "1e3", "1000.0", "+1000"]:
        numbers.put({"p": N(text), "c": N(text), "v": S(text)})
    assert numbers.get({"p": N("1000.00"), "c": N("1E3")}) == {
        "p": N("1000"), "c": N("1000"), "v": S("+1000")}
    assert numbers.query("p = :p", {":p": N("1000")})["Count"] == 1


@pytest.mark.parametrize("value,text", [
    ({"SS": []}, "empty"), ({"NS": []}, "empty"), ({"BS": []}, "empty"),
    ({"SS": ["a", "a"]}, "duplicates"), ({"NS": ["1", "1.0"]}, "duplicates"),
    ({"NULL": False}, "true"), ({}, "Supplied AttributeValue is empty"),
    ({"S": "a", "N": "1"}, "more than one datatypes")])
def test_bad_values(table, value, text):
    with raises("ValidationException", text):
        table.put({"p": S("x"), "v": value})
    with raises("ValidationException", text):
        table.put({"p": S("x"), "v": {"L": [{"M": {"k": value}}]}})


def nested(levels, leaf=None):
    value = leaf or S("x")
    for _ in range(levels):
        value = {"M": {"a": value}}
    return value


def test_nesting_limit(table):
    table.put({"p": S("deep"), "v": nested(31)})
    table.put({"p": S("deep"), "v": nested(32)})
    with raises("ValidationException", "Nesting Levels have exceeded supported limits", "nested"):
        table.put({"p": S("deep"), "v": nested(33)})


def test_very_deep_json_fails_cleanly(server, table):
    deep = b'{"M":{"a":' * 5000 + b'{"S":"x"}' + b"}}" * 5000
    status, _, body = raw(server, "PutItem", b'{"TableName":"items-basic","Item":{"p":{"S":"d"},"v":'
                          + deep + b"}}")
    assert status == 400 and b"#" in body
    status, _, _ = raw(server, "PutItem", b'{"TableName":' + b"[" * 100000)
    assert status == 400
    assert table.get({"p": S("nobody")}) is None


def test_missing_and_wrong_keys(table, numbers):
    for key in [{}, {"x": S("a")}, {"p": S("a"), "c": S("b")}, {"p": N(1)}]:
        with raises("ValidationException", "The provided key element does not match the schema"):
            table.get(key)
        with raises("ValidationException", "The provided key element does not match the schema"):
            table.update(key, "SET a = :v", {":v": S("x")})
        with raises("ValidationException", "The provided key element does not match the schema"):
            table.delete(key)
    with raises("ValidationException",
                "One or more parameter values were invalid: Missing the key c in the item"):
        numbers.put({"p": N(1)})
    with raises("ValidationException", "Type mismatch for key p expected: S actual: N"):
        table.put({"p": N(1)})


def test_empty_keys(table, db):
    with raises("ValidationException",
                "One or more parameter values are not valid. The AttributeValue for a key "
                "attribute cannot contain an empty string value. Key: p"):
        table.put({"p": S("")})
    with raises("ValidationException", "empty string value"):
        table.get({"p": S("")})
    binary = make_table(db, "items-binary", "p:B")
    with raises("ValidationException", "empty binary value"):
        binary.put({"p": {"B": b""}})
    with raises("ValidationException", "2048"):
        binary.put({"p": {"B": b"x" * 2049}})
    binary.put({"p": {"B": b"x" * 2048}})
    assert binary.get({"p": {"B": b"x" * 2048}})


def test_key_and_item_sizes(table, db):
    table.put({"p": S("x" * 2048)})
    with raises("ValidationException", "2048"):
        table.put({"p": S("x" * 2049)})
    with raises("ValidationException", "2048"):
        table.get({"p": S("x" * 2049)})
    ranged = make_table(db, "items-ranged", "p:S c:S")
    ranged.put({"p": S("a"), "c": S("x" * 1024)})
    with raises("ValidationException", "1024"):
        ranged.put({"p": S("a"), "c": S("x" * 1025)})
    with raises("ValidationException", "Item size has exceeded the maximum allowed size"):
        table.put({"p": S("big"), "v": S("x" * 409600)})
    table.put({"p": S("big"), "v": S("x" * (409600 - 5))})
    with raises("ValidationException", "exceeded the maximum allowed size"):
        table.update({"p": S("big")}, "SET w = :w", {":w": S("xx")})


def test_attribute_names(table):
    table.put({"p": S("name"), "x" * 65535: S("v")})
    with raises("ValidationException", "65535"):
        table.put({"p": S("name"), "x" * 65536: S("v")})
    with raises("ValidationException", "Empty attribute name"):
        table.put({"p": S("name"), "": S("v")})
    with raises("ValidationException", "Empty attribute name"):
        table.update({"p": S("name")}, "SET #a = :v", {":v": S("x")}, {"#a": ""})
    with raises("ValidationException", "65535"):
        table.update({"p": S("name")}, AttributeUpdates={"x" * 65536: {"Value": S("v")}})


def test_table_names_on_item_operations(db):
    with raises("ValidationException", "Value 'x!' at 'tableName' failed to satisfy constraint",
                "[a-zA-Z0-9_.-]+"):
        db.get_item(TableName="x!", Key={"p": S("a")})
    with raises("ResourceNotFoundException", "Requested resource not found"):
        db.get_item(TableName="no-such-table", Key={"p": S("a")})


def test_missing_item_and_empty_projection(table, db):
    assert "Item" not in db.get_item(TableName="items-basic", Key={"p": S("nobody")})
    table.put({"p": S("some"), "a": S("x")})
    assert db.get_item(TableName="items-basic", Key={"p": S("some")},
                       ProjectionExpression="zzz")["Item"] == {}


def test_update_without_updates_creates_a_key_only_item(table):
    table.update({"p": S("bare1")})
    assert table.get({"p": S("bare1")}) == {"p": S("bare1")}
    table.update({"p": S("bare2")}, AttributeUpdates={})
    assert table.get({"p": S("bare2")}) == {"p": S("bare2")}
    table.update({"p": S("bare3")}, "REMOVE a")
    assert table.get({"p": S("bare3")}) is None
    table.update({"p": S("bare4")}, AttributeUpdates={"a": {"Action": "DELETE"}})
    assert table.get({"p": S("bare4")}) is None


def test_return_values_of_put_and_delete(table):
    key = {"p": S("returns")}
    table.delete(key)
    assert "Attributes" not in table.put({**key, "a": N(1)}, ReturnValues="ALL_OLD")
    assert table.put({**key, "a": N(2)}, ReturnValues="ALL_OLD")["Attributes"] == {**key, "a": N(1)}
    for wrong in ["ALL_NEW", "UPDATED_OLD", "UPDATED_NEW", "all_old", "DOG"]:
        with raises("ValidationException"):
            table.put({**key}, ReturnValues=wrong)
        with raises("ValidationException"):
            table.delete(key, ReturnValues=wrong)
    assert table.delete(key, ReturnValues="ALL_OLD")["Attributes"] == {**key, "a": N(2)}
    assert "Attributes" not in table.delete(key, ReturnValues="ALL_OLD")


def test_return_values_of_update(table):
    key = {"p": S("updated")}
    table.put({**key, "a": N(1), "l": {"L": [N(0), N(1), N(2)]}, "m": {"M": {"x": N(1), "y": N(2)}}})
    change = ("SET a = :v, l[1] = :v, m.x = :v", {":v": N(9)})
    assert table.update(key, *change, ReturnValues="UPDATED_OLD")["Attributes"] == {
        "a": N(1), "l": {"L": [N(1)]}, "m": {"M": {"x": N(1)}}}
    assert table.update(key, *change, ReturnValues="UPDATED_NEW")["Attributes"] == {
        "a": N(9), "l": {"L": [N(9)]}, "m": {"M": {"x": N(9)}}}
    assert "Attributes" not in table.update(key, "REMOVE a", ReturnValues="UPDATED_NEW")
    assert "Attributes" not in table.update(key, "REMOVE a", ReturnValues="UPDATED_OLD")
    assert "Attributes" not in table.update({"p": S("none")}, "REMOVE a", ReturnValues="ALL_NEW")
    assert table.update({"p": S("fresh")}, "SET a = :v", {":v": N(1)},
                        ReturnValues="ALL_NEW")["Attributes"] == {"p": S("fresh"), "a": N(1)}
    with raises("ValidationException"):
        table.update(key, "SET a = :v", {":v": N(1)}, ReturnValues="all_new")


def test_old_item_on_condition_failure(server, table):
    key = {"p": S("failing")}
    table.put({**key, "a": N(1)})
    base = {"TableName": table.name, "ConditionExpression": "attribute_not_exists(p)"}
    for operation, more in [("PutItem", {"Item": key}), ("DeleteItem", {"Key": key}),
                            ("UpdateItem", {"Key": key})]:
        with call_raises("ConditionalCheckFailedException", "The conditional request failed") as e:
            call(server, operation, {**base, **more, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})
        assert e.value.body["Item"] == {**key, "a": N(1)}
        with call_raises("ConditionalCheckFailedException") as e:
            call(server, operation, {**base, **more})
        assert "Item" not in e.value.body
        with call_raises("ValidationException"):
            call(server, operation, {**more, "TableName": table.name,
                                     "ReturnValuesOnConditionCheckFailure": "all_old"})
    with call_raises("ConditionalCheckFailedException") as e:
        call(server, "DeleteItem", {"TableName": table.name, "Key": {"p": S("gone")},
                                    "ConditionExpression": "attribute_exists(p)",
                                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})
    assert "Item" not in e.value.body


@pytest.mark.parametrize("body", [
    b"", b"{", b"null", b"[]", b"3", b'"x"', b'{"TableName": 3}', b'{"TableName": "items-basic"',
    b'{"TableName":"items-basic","Key":[]}', b'{"TableName":"items-basic","Key":{"p":"x"}}',
    b'{"TableName":"items-basic","Key":{"p":{"S":3}}}',
    b'{"TableName":"items-basic","Key":{"p":{"S":"x"}},"ConsistentRead":"true"}',
    b'{"TableName":"items-basic","Key":{"p":{"S":"x"}},"ExpressionAttributeNames":{"#a":3}}',
    b'{"TableName":"items-basic","Key":{"p":{"S":"\xff"}}}'])
def test_malformed_bodies(server, table, body):
    status, headers, answer = raw(server, "GetItem", body)
    assert status == 400
    assert headers["Content-Type"] == "application/x-amz-json-1.0"
    error = json.loads(answer)
    assert error["__type"].split("#")[1] in ("SerializationException", "ValidationException"), error


def test_wire_errors_carry_a_namespace(server, table):
    _, _, answer = raw(server, "GetItem", {"TableName": "x!"})
    assert json.loads(answer)["__type"] == "com.amazon.coral.validate#ValidationException"
    _, _, answer = raw(server, "GetItem", {"TableName": "unknown", "Key": {"p": S("x")}})
    assert json.loads(answer)["__type"] == (
        "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException")
    status, _, answer = raw(server, "DanceTheTango", {})
    assert status == 400
    assert json.loads(answer)["__type"] == "com.amazon.coral.service#UnknownOperationException"
    _, _, answer = raw(server, "PutItem", {"TableName": "items-basic",
                                           "Item": {"p": S("x"), "n": {"N": 'quote " here'}}})
    assert 'quote " here' in json.loads(answer)["message"]
    status, _, answer = raw(server, "PutItem", {"TableName": "items-basic", "Item": {"p": S("x")}})
    assert (status, answer) == (200, b"{}")


@pytest.mark.parametrize("text", ["AA", "AA=", "A*==", "AA==AA==", "-_=="])
def test_base64_is_strict(server, table, text):
    status, _, answer = raw(server, "PutItem",
                            {"TableName": "items-basic", "Item": {"p": S("x"), "b": {"B": text}}})
    assert status == 400, answer
