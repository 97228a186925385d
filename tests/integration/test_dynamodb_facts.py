"""What emulators of DynamoDB usually get wrong, one behaviour after the other: the wire, values, keys and items."""
import gzip
import json
import zlib

import pytest
from botocore.session import get_session

from dynamodb_facts_support import (B, INVALID, L, M, SCHEMA, nested, rows, table_of)
from dynamodb_support import N, S, call, call_raises, raises, raw


plain = table_of("facts-plain", "p:S")
ranged = table_of("facts-ranged", "p:S c:S")
numbers = table_of("facts-numbers", "p:N c:N")
binaries = table_of("facts-binaries", "p:B c:B")


@pytest.fixture(scope="module")
def db(server):
    return server.client("dynamodb")


@pytest.fixture
def key(unique):
    return {"p": S(unique())}


def error_type(answer):
    return json.loads(answer)["__type"]


# ---- the wire ----

MODEL, STREAMS = [get_session().get_service_model(name) for name in ("dynamodb", "dynamodbstreams")]
OPERATIONS = [name for name in MODEL.operation_names if "GlobalTable" not in name and "AutoScaling" not in name]
WRONG_JSON = {"string": {}, "integer": "x", "long": "x", "boolean": "true", "structure": "x",
              "list": {}, "map": [], "timestamp": {}, "double": "x", "blob": {}}


def filled(shape):
    """A value of the right JSON type."""
    return {"string": "xxx", "integer": 1, "long": 1, "boolean": True, "structure": {}, "list": [],
            "map": {}, "timestamp": 1, "double": 1.0, "blob": ""}[shape.type_name]


@pytest.mark.parametrize("operation", OPERATIONS + STREAMS.operation_names)
def test_a_member_of_a_wrong_json_type_is_refused_by_every_operation(server, operation):
    model = STREAMS if operation in STREAMS.operation_names else MODEL
    target = {"X-Amz-Target": f"{model.metadata['targetPrefix']}.{operation}"}
    members = model.operation_model(operation).input_shape.members
    bodies = [b"null", b"[]", b"3", b'"x"', b"{", b'{"TableName":"xxx"', b"\xff", b"{}{}"]
    for name, shape in members.items():
        body = {other: filled(members[other]) for other in members}
        bodies.append(json.dumps({**body, name: WRONG_JSON[shape.type_name]}).encode())
        if shape.type_name in ("list", "map"):
            inner = shape.member if shape.type_name == "list" else shape.value
            wrong = WRONG_JSON[inner.type_name]
            bodies.append(json.dumps({**body, name: [wrong] if shape.type_name == "list" else {"x": wrong}}).encode())
    for body in bodies:
        status, headers, answer = raw(server, operation, body, target)
        assert (status, headers["Content-Type"]) == (400, "application/x-amz-json-1.0"), (body, answer)
        assert error_type(answer) in ("com.amazon.coral.service#SerializationException",
                                      "com.amazon.coral.validate#ValidationException"), (body, answer)


@rows("operation, body, kind", *[
    ("an unknown operation", "DanceTheTango", b"{}", "com.amazon.coral.service#UnknownOperationException"),
    ("an empty operation", "", b"{}", "com.amazon.coral.service#UnknownOperationException"),
    ("no JSON", "GetItem", b"dance", "com.amazon.coral.service#SerializationException"),
    ("JSON cut short", "GetItem", b'{"TableName":"facts-plain","Key":{"p":{"S":"x',
     "com.amazon.coral.service#SerializationException"),
    ("a bare number", "GetItem", b'{"TableName":"facts-plain","Key":{"p":{"N":123}}}',
     "com.amazon.coral.service#SerializationException"),
    ("a string for a boolean", "GetItem", b'{"TableName":"facts-plain","Key":{"p":{"S":"x"}},"ConsistentRead":"true"}',
     "com.amazon.coral.service#SerializationException"),
    ("a number as the target of a name", "GetItem", b'{"TableName":"facts-plain","Key":{"p":{"S":"x"}},'
     b'"ProjectionExpression":"#a","ExpressionAttributeNames":{"#a":3}}', "com.amazon.coral.service#SerializationException"),
    ("a broken constraint", "GetItem", b'{"TableName":"x!","Key":{}}', "com.amazon.coral.validate#ValidationException"),
    ("a failed condition", "PutItem",
     b'{"TableName":"facts-plain","Item":{"p":{"S":"x"}},"ConditionExpression":"attribute_exists(zz)"}',
     "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"),
    ("an unknown table", "DescribeTable", b'{"TableName":"nothing"}',
     "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException")])
def test_an_error_names_its_type_with_a_namespace(server, plain, operation, body, kind):
    status, headers, answer = raw(server, operation, body)
    assert (status, headers["Content-Type"], error_type(answer)) == (400, "application/x-amz-json-1.0", kind), answer


@pytest.mark.parametrize("value, text", [
    ({"N": 1}, "NUMBER_VALUE cannot be converted to String"), ({"S": True}, "TRUE_VALUE cannot be converted to String"),
    ({"BOOL": 0}, "NUMBER_VALUE cannot be converted to Boolean"),
    ({"S": {}}, "Start of structure or map found where not expected")])
def test_what_is_said_of_a_wrong_json_type(server, value, text):
    with call_raises("SerializationException", text):
        call(server, "GetItem", {"TableName": "facts-plain", "Key": {"p": value}})


def test_replies_are_json_of_version_1_0(server):
    status, headers, _ = raw(server, "ListTables", {})
    assert (status, headers["Content-Type"]) == (200, "application/x-amz-json-1.0")


@rows("operation, more", *[
    ("in an expression", "PutItem", {"Item": {"p": S("x")}, "ConditionExpression": 'a = "quoted\\" \n'}),
    ("in a number", "PutItem", {"Item": {"p": S("x"), "n": N('"\\\n')}}),
    ("in a name", "PutItem", {"Item": {"p": S("x")}, "ConditionExpression": "attribute_exists(p)",
                              "ExpressionAttributeNames": {'#"\\\n': "a"}}),
    ("in a table's name", "PutItem", {"TableName": 'x"\\\n', "Item": {}}),
    ("in an enumeration", "PutItem", {"Item": {"p": S("x")}, "ReturnValues": '"\\\n'}),
    ("in an attribute", "Scan", {"AttributesToGet": ['"\\\n', '"\\\n']}),
    ("in an index's name", "Scan", {"IndexName": '"\\\n'}),
    ("in an index that is not there", "Scan", {"IndexName": "a.b"}),
    ("in a statement", "ExecuteStatement", {"Statement": 'SELECT * FROM "x""\\ \n'})])
def test_text_quoted_back_is_escaped(server, plain, operation, more):
    body = more if operation == "ExecuteStatement" else {"TableName": plain.name, **more}
    with call_raises("ValidationException"):
        call(server, operation, body)


@pytest.mark.parametrize("operation, more, empty", [
    ("PutItem", {"Item": {"p": S("x")}}, b"{}"), ("UpdateItem", {"Key": {"p": S("x")}}, b"{}"),
    ("DeleteItem", {"Key": {"p": S("x")}}, b"{}"),
    ("GetItem", {"Key": {"p": S("nobody")}}, b"{}"), ("TagResource", {"Tags": [{"Key": "a", "Value": "b"}]}, b""),
    ("UntagResource", {"TagKeys": ["a"]}, b"")])
def test_replies_without_output(server, plain, operation, more, empty):
    target = {"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/facts-plain"} if "agResource" in operation else {
        "TableName": plain.name}
    status, headers, answer = raw(server, operation, {**target, **more})
    assert (status, answer) == (200, empty)


def deflated_raw(body):
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(body) + stream.flush()


@rows("encoding, encode", *[
    ("unknown encoding", "dance", bytes), ("plain bytes as gzip", "gzip", bytes), ("plain bytes as deflate", "deflate", bytes),
    ("gzip without its end", "gzip", lambda body: gzip.compress(body)[:-8]),
    ("gzip with a wrong checksum", "gzip", lambda body: gzip.compress(body)[:-8] + b"\0" * 8),
    ("gzip with garbage behind", "gzip", lambda body: gzip.compress(body) + b"garbage"),
    ("gzip and half a second member", "gzip", lambda body: gzip.compress(body) + gzip.compress(b" ")[:-3]),
    ("deflate without its checksum", "deflate", lambda body: zlib.compress(body)[:-4]),
    ("nothing as gzip", "gzip", lambda body: b"")])
def test_a_body_that_cannot_be_decoded_writes_nothing(server, plain, key, encoding, encode):
    body = json.dumps({"TableName": plain.name, "Item": key}).encode()
    status, headers, answer = raw(server, "PutItem", encode(body), {"Content-Encoding": encoding})
    assert (status, error_type(answer).split("#")[1]) == (500, "InternalServerError"), answer
    assert headers["Content-Type"] == "application/x-amz-json-1.0"
    assert plain.get(key) is None


def test_replies_over_four_kilobytes_are_compressed(server, plain, key):
    plain.put({**key, "v": S("x" * 4200)})
    plain.put({"p": S("small"), "v": S("x" * 3900)})
    ask = lambda key, accept: raw(server, "GetItem", {"TableName": plain.name, "Key": key}, {"Accept-Encoding": accept})
    for accept, encoding in [("gzip", "gzip"), ("deflate;q=1, gzip;q=0.5", "deflate"), ("gzip;q=0", None), ("*;q=0", None),
                             ("identity, gzip;q=0", None), ("GZIP", "gzip"), ("", None), ("*;q=0.1", "gzip")]:
        _, headers, answer = ask(key, accept)
        assert headers.get("Content-Encoding") == encoding, accept
        plainly = {"gzip": gzip.decompress, "deflate": zlib.decompress, None: bytes}[encoding](answer)
        assert json.loads(plainly)["Item"]["v"] == S("x" * 4200)
        assert "Content-Encoding" not in ask({"p": S("small")}, accept)[1]


@pytest.mark.parametrize("text", [b"AA", b"AA=", b"A", b"A===", b"AA==AA==", b"A*==", b"AA\\u00ff=", b"AA\xff=", b" AA==",
                                  b"AA==\\n", b"-_=="])
def test_base64_is_strict_in_items_keys_and_values(server, binaries, text):
    value = b'{"B":"%s"}' % text
    table = b'"TableName":"facts-binaries",'
    for operation, body in [
            ("PutItem", b'"Item":{"p":%s,"c":{"B":"AA=="}}' % value), ("GetItem", b'"Key":{"p":%s,"c":{"B":"AA=="}}' % value),
            ("PutItem", b'"Item":{"p":{"B":"AA=="},"c":{"B":"AA=="},"l":{"L":[{"M":{"x":%s}}]}}' % value),
            ("PutItem", b'"Item":{"p":{"B":"AA=="},"c":{"B":"AA=="},"l":{"BS":["%s"]}}' % text),
            ("Scan", b'"FilterExpression":"a = :v","ExpressionAttributeValues":{":v":%s}' % value),
            ("Query", b'"KeyConditionExpression":"p = :v","ExpressionAttributeValues":{":v":%s}' % value),
            ("Scan", b'"ExclusiveStartKey":{"p":%s,"c":{"B":"AA=="}}' % value)]:
        status, _, answer = raw(server, operation, b"{" + table + body + b"}")
        assert (status, error_type(answer).split("#")[1] in ("ValidationException", "SerializationException")) == (400, True), (
            operation, answer)


# ---- values and numbers ----

DIGITS = "12345678901234567890123456789012345678"


@pytest.mark.parametrize("text, normal", [
    ("007", "7"), ("+3", "3"), ("1.10", "1.1"), ("1e3", "1000"), ("1E+3", "1000"), ("1.5e2", "150"), ("1e-3", "0.001"),
    ("-0", "0"), ("0.0", "0"), ("0e5", "0"), ("-0.00e-5", "0"), ("0e1000000000", "0"), (DIGITS, DIGITS),
    ("-" + DIGITS, "-" + DIGITS),
    ("000" + DIGITS + "000", DIGITS + "000"), ("0." + "0" * 40 + DIGITS, "0." + "0" * 40 + DIGITS),
    (DIGITS + "." + "0" * 50, DIGITS), ("1" + "0" * 100, "1" + "0" * 100), ("0." + DIGITS + "000", "0." + DIGITS),
    ("9" * 38 + "e88", "9" * 38 + "0" * 88), ("1e-130", "0." + "0" * 129 + "1"), ("-1e125", "-1" + "0" * 125)])
def test_numbers_come_back_canonical_everywhere(plain, numbers, key, text, normal):
    plain.put({**key, "n": N(text), "s": {"NS": [text, "5"]}, "l": L(N(text)), "m": M(x=M(y=N(text)))})
    item = plain.get(key)
    assert (item["n"], item["l"], item["m"]) == (N(normal), L(N(normal)), M(x=M(y=N(normal))))
    assert sorted(item["s"]["NS"]) == sorted([normal, "5"])
    numbers.put({"p": N(text), "c": N(text)})
    assert numbers.get({"p": N(normal), "c": N(normal)}) == {"p": N(normal), "c": N(normal)}


SIGNIFICANT = "Attempting to store more than 38 significant digits in a Number"
OVERFLOW = "Number overflow. Attempting to store a number with magnitude larger than supported range"
UNDERFLOW = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
NUMERIC = "The parameter cannot be converted to a numeric value"


@pytest.mark.parametrize("number, text", [
    *[(n, SIGNIFICANT) for n in ["1" * 39, "-" + "1" * 39, "1." + "1" * 38, "1" + "0" * 37 + "1", "1" * 39 + "e-50"]],
    *[(n, OVERFLOW) for n in ["1e126", "-1e126", "10e125", "1e1000000000", "1e99999999999999999999", "-1e2147483648"]],
    *[(n, UNDERFLOW) for n in ["1e-131", "-1e-131", "0.1e-130", "1e-1000000000", "1e-99999999999999999999"]],
    *[(n, NUMERIC) for n in ["NaN", "Infinity", "-Infinity", "dog", "", "1 ", " 1", "1e", "1e+", "e5", "1.2.3", "--1", "+", "-",
                             ".",
                             "0x10", "1_0", "1,5", "１", "1\n", "+-1"]]])
def test_bad_numbers_are_refused_everywhere(plain, numbers, key, number, text):
    for item in [{"n": N(number)}, {"n": {"NS": ["1", number]}}, {"n": L(M(x=N(number)))}]:
        with raises("ValidationException", text):
            plain.put({**key, **item})
    with raises("ValidationException", text):
        plain.update(key, "SET n = :n", {":n": N(number)})
    with raises("ValidationException", text):
        numbers.get({"p": N(number), "c": N(1)})
    with raises("ValidationException", text):
        numbers.put({"p": N(1), "c": N(number)})
    with raises("ValidationException", text):
        numbers.query("p = :p AND c = :c", {":p": N(1), ":c": N(number)})


def test_the_value_of_a_number_is_its_identity(db, numbers):
    table = {"TableName": numbers.name}
    ways = ["1000", "1e3", "1000.0", "+1000", "0001000"]
    for text in ways:
        numbers.put({"p": N(text), "c": N(text), "v": S(text)})
        assert numbers.get({"p": N(text), "c": N(text)}) == {"p": N(1000), "c": N(1000), "v": S(text)}
    assert numbers.query("p = :p AND c = :p", {":p": N("10e2")})["Count"] == 1
    for text in ways[1:]:
        keys = [{"p": N(1000), "c": N(1)}, {"p": N(text), "c": N("1.0")}]
        with raises("ValidationException", "Provided list of item keys contains duplicates"):
            db.batch_get_item(RequestItems={numbers.name: {"Keys": keys}})
        with raises("ValidationException", "Provided list of item keys contains duplicates"):
            db.batch_write_item(RequestItems={numbers.name: [{"PutRequest": {"Item": k}} for k in keys]})
        with raises("ValidationException", "cannot include multiple operations on one item"):
            db.transact_write_items(TransactItems=[{"Delete": {**table, "Key": k}} for k in keys])
        with raises("ValidationException", "cannot include multiple operations on one item"):
            db.transact_get_items(TransactItems=[{"Get": {**table, "Key": k}} for k in keys])
    numbers.delete({"p": N("1.000e3"), "c": N(1000)})
    assert numbers.get({"p": N(1000), "c": N(1000)}) is None


@pytest.mark.parametrize("start, expression, operand, result", [
    ("0.1", "SET n = n + :v", "0.2", "0.3"), ("0.3", "SET n = n - :v", "0.1", "0.2"), ("9" * 38, "ADD n :v", "1", "1" + "0" * 38),
    ("9007199254740993", "ADD n :v", "1", "9007199254740994"), ("1", "SET n = :v - n", "1", "0"),
    ("5", "SET n = n - :v", "-1e-37", None),
    ("1", "SET n = n + :v", "1e-37", "1." + "0" * 36 + "1"), ("1", "ADD n :v", "-1e-38", "0." + "9" * 38),
    ("-5", "ADD n :v", "5", "0"),
    ("1e-130", "ADD n :v", "1e-130", "0." + "0" * 129 + "2"), ("1e125", "ADD n :v", "8e125", "9" + "0" * 125),
    ("1e50", "SET n = n + :v", "1", "number"), ("1e50", "ADD n :v", "1", "number"), ("1", "SET n = n + :v", "1e-38", "number"),
    ("9e125", "SET n = n + :v", "9e125", "overflow"), ("-9e125", "ADD n :v", "-9e125", "overflow"),
    ("9e125", "SET n = n - :v", "-1e125", "overflow"),
    ("1e125", "ADD n :v", "1e-130", "number")])
def test_sums_are_exact_or_refused(plain, key, start, expression, operand, result):
    plain.put({**key, "n": N(start)})
    if result in ("number", "overflow"):
        with raises("ValidationException") as caught:
            plain.update(key, expression, {":v": N(operand)})
        assert result in caught.value.response["Error"]["Message"].lower()
        result = plain.get(key)["n"]["N"]
    else:
        plain.update(key, expression, {":v": N(operand)})
        assert plain.get(key)["n"] == N(result or "5." + "0" * 36 + "1")


def test_empty_and_binary_values_survive(plain, key):
    item = {**key, "s": S(""), "b": B(b""), "l": L(S(""), B(b""), L(), M()), "m": M(s=S(""), b=B(b"")), "ss": {"SS": ["", "a"]},
            "bs": {"BS": [b"", b"\x00\xff", b"\xff"]}, "all": B(bytes(range(256)))}
    plain.put(item)
    got = plain.get(key)
    for name in ("ss", "bs"):
        assert {k: sorted(v) for k, v in got.pop(name).items()} == {k: sorted(v) for k, v in item.pop(name).items()}
    assert got == item


@rows("value, text", *[
    ("an empty string set", {"SS": []}, INVALID + "An string set  may not be empty"),
    ("an empty number set", {"NS": []}, INVALID + "An number set  may not be empty"),
    ("an empty binary set", {"BS": []}, INVALID + "Binary sets should not be empty"),
    ("equal strings", {"SS": ["a", "b", "a"]}, "contains duplicates"),
    ("equal numbers", {"NS": ["1", "01.0"]}, "contains duplicates"),
    ("equal binaries", {"BS": [b"a", b"a"]}, "contains duplicates"),
    ("NULL of false", {"NULL": False}, "must have the value of true"),
    ("no type", {}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    ("two types", {"S": "a", "N": "1"},
     "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"),
    ("two types of one content", {"SS": ["a"], "NS": ["1"]}, "has more than one datatypes set")])
def test_a_bad_value_is_refused_wherever_it_stands(plain, key, value, text):
    for bad in [value, L(value), M(x=L(M(y=value)))]:
        with raises("ValidationException", text):
            plain.put({**key, "v": bad})
        with raises("ValidationException", text):
            plain.update(key, "SET v = :v", {":v": bad})
        with raises("ValidationException", text):
            plain.scan(FilterExpression="v = :v", ExpressionAttributeValues={":v": bad})
        with raises("ValidationException", text):
            plain.put(key, Expected={"v": {"Value": bad}})


def test_a_type_that_is_unknown_is_refused(server, plain):
    for value in [{"X": "a"}, {"s": "a"}, {"S": None}, None, {"S": "a", "X": 1}]:
        status, _, answer = raw(server, "PutItem", {"TableName": plain.name, "Item": {"p": S("x"), "v": value}})
        assert value == {"S": "a", "X": 1} or status == 400, (value, answer)


@rows("one, other, equal", *[
    ("string sets in another order", {"SS": ["a", "b"]}, {"SS": ["b", "a"]}, True),
    ("number sets by value", {"NS": ["1", "2.50"]}, {"NS": ["25e-1", "01"]}, True),
    ("binary sets", {"BS": [b"\xff", b"a"]}, {"BS": [b"a", b"\xff"]}, True),
    ("a subset", {"SS": ["a", "b"]}, {"SS": ["a"]}, False),
    ("sets of other types", {"SS": ["1"]}, {"NS": ["1"]}, False),
    ("sets within a document", M(x=L({"NS": ["1", "2"]})), M(x=L({"NS": ["2.0", "1"]})), True),
    ("lists in another order", L(N(1), N(2)), L(N(2), N(1)), False),
    ("maps by value", M(a=N(1), b=N(2)), M(b=N("2.0"), a=N("1e0")), True)])
def test_equality_of_values(plain, key, one, other, equal):
    assert plain.matches({**key, "v": one}, "v = :v", {":v": other}) is equal
    assert plain.matches({**key, "v": one}, "v <> :v", {":v": other}) is not equal
    assert plain.matches({**key, "v": one}, "v IN (:v)", {":v": other}) is equal


@pytest.mark.parametrize("kind", "ML")
def test_documents_nest_32_levels(plain, key, kind):
    plain.put({**key, "v": nested(32, kind)})
    text = ("ValidationException", "Nesting Levels have exceeded supported limits", "nested")
    with raises(*text):
        plain.put({**key, "v": nested(33, kind)})
    with raises(*text):
        plain.update(key, "SET v = :v", {":v": nested(33, kind)})
    with raises(*text):
        plain.update(key, AttributeUpdates={"v": {"Value": nested(33, kind)}})
    path = "v" + (".a" if kind == "M" else "[0]") * 20
    with raises(*text):  # each part is within the limit, the two together are not
        plain.update(key, f"SET {path} = :v", {":v": nested(13, kind)})
    assert plain.get(key)["v"] == nested(32, kind)


@pytest.mark.parametrize("levels", [200, 5000, 100000])
def test_json_of_thousands_of_levels_fails_cleanly(server, plain, levels):
    for opening, closing in [(b'{"M":{"a":', b"}}"), (b'{"L":[', b"]}"), (b"[", b"]"), (b'{"a":', b"}"), (b"[", b"")]:
        status, _, answer = raw(server, "PutItem",
                                b'{"TableName":"facts-plain","Item":{"p":{"S":"d"},"v":' + opening * levels + b"1"
                                + closing * levels + b"}}")
        assert status == 400 and "#" in error_type(answer)


# ---- keys and items ----

def keyed_calls(db, table, key):
    """Every way to name one item by its key, by the operation's name."""
    name = {"TableName": table.name}
    return {
        "GetItem": lambda: db.get_item(**name, Key=key), "DeleteItem": lambda: db.delete_item(**name, Key=key),
        "UpdateItem": lambda: db.update_item(**name, Key=key),
        "UpdateItem with an expression": lambda: table.update(key, "SET v = :v", {":v": N(1)}),
        "BatchGetItem": lambda: db.batch_get_item(RequestItems={table.name: {"Keys": [key]}}),
        "BatchWriteItem": lambda: db.batch_write_item(RequestItems={table.name: [{"DeleteRequest": {"Key": key}}]})}


@rows("key", *[
    ("no attribute", {}), ("another attribute", {"x": S("a"), "c": S("a")}), ("the hash key alone", {"p": S("a")}),
    ("the sort key alone", {"c": S("a")}), ("an attribute too many", {"p": S("a"), "c": S("b"), "d": S("c")}),
    ("a number for a string", {"p": N(1), "c": S("a")}), ("a list for a string", {"p": S("a"), "c": L()}),
    ("a set for a string", {"p": {"SS": ["a"]}, "c": S("a")}), ("NULL for a string", {"p": S("a"), "c": {"NULL": True}})])
def test_a_key_that_does_not_match_the_schema(db, ranged, key):
    for operation, ask in keyed_calls(db, ranged, key).items():
        with raises("ValidationException", SCHEMA):
            ask()
    with raises("ValidationException", SCHEMA):
        ranged.get(key, ConsistentRead=False)


@rows("item, text", *[
    ("no hash key", {"c": S("a")}, INVALID + "Missing the key p in the item"),
    ("no sort key", {"p": S("a")}, INVALID + "Missing the key c in the item"),
    ("a number for a string", {"p": N(1), "c": S("a")}, INVALID + "Type mismatch for key p expected: S actual: N"),
    ("a boolean for a string", {"p": S("a"), "c": {"BOOL": True}}, INVALID + "Type mismatch for key c expected: S actual: BOOL"),
    ("a set for a string", {"p": S("a"), "c": {"SS": ["a"]}}, INVALID + "Type mismatch for key c expected: S actual: SS")])
def test_an_item_that_does_not_match_the_schema(ranged, item, text):
    with raises("ValidationException", text):
        ranged.put(item)
    with raises("ValidationException", text):
        ranged.put(item, ConditionExpression="attribute_exists(p)")


EMPTY = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty {} value. Key: {}"
HASH_SIZE = INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes"
RANGE_SIZE = INVALID + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"


@rows("kind, key, text", *[
    ("an empty hash string", "S", {"p": S(""), "c": S("a")}, EMPTY.format("string", "p")),
    ("an empty sort string", "S", {"p": S("a"), "c": S("")}, EMPTY.format("string", "c")),
    ("an empty hash binary", "B", {"p": B(b""), "c": B(b"a")}, EMPTY.format("binary", "p")),
    ("an empty sort binary", "B", {"p": B(b"a"), "c": B(b"")}, EMPTY.format("binary", "c")),
    ("a long hash string", "S", {"p": S("x" * 2049), "c": S("a")}, HASH_SIZE),
    ("a long hash string by its bytes", "S", {"p": S("é" * 1025), "c": S("a")}, HASH_SIZE),
    ("a long sort string", "S", {"p": S("a"), "c": S("x" * 1025)}, RANGE_SIZE),
    ("a long hash binary", "B", {"p": B(b"x" * 2049), "c": B(b"a")}, HASH_SIZE),
    ("a long sort binary", "B", {"p": B(b"a"), "c": B(b"x" * 1025)}, RANGE_SIZE)])
def test_sizes_of_keys_are_checked_on_writes_and_reads(db, ranged, binaries, kind, key, text):
    table = ranged if kind == "S" else binaries
    with raises("ValidationException", text):
        table.put(key)
    with raises("ValidationException", text):
        db.batch_write_item(RequestItems={table.name: [{"PutRequest": {"Item": key}}]})
    for ask in keyed_calls(db, table, key).values():
        with raises("ValidationException", text):
            ask()
    values = {":p": key["p"], ":c": key["c"]}
    with raises("ValidationException", text if "empty" not in text else "empty"):
        table.query("p = :p AND c = :c", values)


def test_the_longest_keys_are_fine(ranged, binaries):
    for table, key in [(ranged, {"p": S("x" * 2048), "c": S("x" * 1024)}),
                       (binaries, {"p": B(b"\xff" * 2048), "c": B(b"\xff" * 1024)})]:
        table.put(key)
        assert table.get(key) == key
        assert table.query("p = :p AND c = :c", {":p": key["p"], ":c": key["c"]})["Items"] == [key]


def test_items_hold_400_kilobytes_with_their_names(db, plain):
    text, update = "Item size has exceeded the maximum allowed size", "Item size to update has exceeded the maximum allowed size"
    limit = 400 * 1024
    plain.put({"p": S("full"), "name": S("x" * (limit - 9))})
    with raises("ValidationException", text):
        plain.put({"p": S("full"), "name": S("x" * (limit - 8))})
    with raises("ValidationException", text):
        plain.put({"p": S("full"), "é" * 1000: S("x" * (limit - 2004))})
    with raises("ValidationException", update):
        plain.update({"p": S("full")}, "SET v = :v", {":v": S("")})
    with raises("ValidationException", update):
        plain.update({"p": S("full")}, AttributeUpdates={"v": {"Value": {"BOOL": True}}})
    with raises("ValidationException", text):
        db.batch_write_item(RequestItems={plain.name: [{"PutRequest": {"Item": {"p": S("full"), "name": S("x" * limit)}}}]})
    assert plain.get({"p": S("full")}).keys() == {"p", "name"}
    plain.delete({"p": S("full")})


def test_attribute_names_are_65535_bytes_at_most(plain, key):
    plain.put({**key, "x" * 65535: S("v")})
    names = {"#n": "x" * 65535}
    assert len(plain.get(key, ProjectionExpression="#n", ExpressionAttributeNames=names)) == 1
    plain.update(key, "SET #n = :v", {":v": N(1)}, names)
    for name, text in [("x" * 65536, "65535"), ("é" * 32768, "65535"), ("", "Empty attribute name")]:
        with raises("ValidationException", text):
            plain.put({**key, name: S("v")})
        for expression in ["SET #n = :v", "ADD #n :v", "SET a.#n = :v", "SET a = if_not_exists(#n, :v)"]:
            with raises("ValidationException", text):
                plain.update(key, expression, {":v": N(1)}, {"#n": name})
        with raises("ValidationException", text):
            plain.delete(key, ConditionExpression="attribute_exists(a.#n)", ExpressionAttributeNames={"#n": name})
        with raises("ValidationException", text):
            plain.scan(ProjectionExpression="a.#n", ExpressionAttributeNames={"#n": name})


NAMED = [name for name in OPERATIONS if "TableName" in MODEL.operation_model(name).input_shape.members and
         name in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan")]


@pytest.mark.parametrize("operation", NAMED)
@pytest.mark.parametrize("name", ["x!", "ab", "a b c", "x" * 256, "ünïcode", ""])
def test_a_bad_table_name_is_a_validation_error(server, operation, name):
    body = {"TableName": name, "Key": {"p": S("a")}, "Item": {"p": S("a")}, "KeyConditionExpression": "p = :p",
            "ExpressionAttributeValues": {":p": S("a")}}
    members = MODEL.operation_model(operation).input_shape.members
    body = {k: v for k, v in body.items() if k in members and (k != "ExpressionAttributeValues" or operation == "Query")}
    with call_raises("ValidationException") as caught:
        call(server, operation, body)
    if name == "x!":
        assert ("Value 'x!' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: "
                "[a-zA-Z0-9_.-]+") in caught.value.message
    with call_raises("ResourceNotFoundException"):
        call(server, operation, {**body, "TableName": "not-there"})


@pytest.mark.parametrize("body", [
    {"RequestItems": {"x!": {"Keys": [{"p": S("a")}]}}}, {"RequestItems": {"x!": [{"PutRequest": {"Item": {"p": S("a")}}}]}},
    {"TransactItems": [{"Get": {"TableName": "x!", "Key": {"p": S("a")}}}]},
    {"TransactItems": [{"Put": {"TableName": "x!", "Item": {"p": S("a")}}}]}])
def test_a_bad_table_name_in_many_is_a_validation_error(server, body):
    text = json.dumps(body)
    operation = ("TransactGetItems" if "Get" in text else "TransactWriteItems") if "Transact" in text else (
        "BatchGetItem" if "Keys" in text else "BatchWriteItem")
    with call_raises("ValidationException", "[a-zA-Z0-9_.-]+"):
        call(server, operation, body)
    with call_raises("ResourceNotFoundException"):
        call(server, operation, json.loads(text.replace("x!", "not-there")))


def test_a_missing_item_and_a_projection_of_nothing(db, plain, key):
    get = lambda **more: db.get_item(TableName=plain.name, Key=key, **more)
    assert "Item" not in get() and "Item" not in get(ProjectionExpression="a")
    plain.put({**key, "a": M(b=N(1)), "l": L(N(1))})
    for projection in ["zzz", "a.c", "l[5]", "a[0]", "l.x", "zzz.y"]:
        assert get(ProjectionExpression=projection)["Item"] == {}
    assert get(AttributesToGet=["zzz"])["Item"] == {}
    assert db.transact_get_items(TransactItems=[{"Get": {"TableName": plain.name, "Key": key, "ProjectionExpression": "zzz"}}])[
        "Responses"] == [{"Item": {}}]
    assert plain.scan(ProjectionExpression="zzz")["Items"][0] == {}


@rows("more, created", *[
    ("no update", {}, True), ("empty AttributeUpdates", {"AttributeUpdates": {}}, True),
    ("REMOVE", {"UpdateExpression": "REMOVE a, b.c, d[1]"}, False),
    ("a legacy DELETE", {"AttributeUpdates": {"a": {"Action": "DELETE"}}}, False),
    ("a legacy DELETE of elements", {"AttributeUpdates": {"a": {"Action": "DELETE", "Value": {"SS": ["x"]}}}}, False),
    ("DELETE of elements", {"UpdateExpression": "DELETE a :v", "ExpressionAttributeValues": {":v": {"SS": ["x"]}}}, False),
    ("REMOVE under a condition", {"UpdateExpression": "REMOVE a", "ConditionExpression": "attribute_not_exists(p)"}, False),
    ("SET beside REMOVE", {"UpdateExpression": "REMOVE a SET b = :v", "ExpressionAttributeValues": {":v": N(1)}}, True)])
def test_updates_of_a_missing_item(plain, key, more, created):
    answer = plain.update(key, ReturnValues="ALL_NEW", **more)
    item = {**key, **({"b": N(1)} if "SET" in str(more) else {})}
    assert (answer.get("Attributes"), plain.get(key)) == ((item, item) if created else (None, None))


@rows("more", *[
    ("SET", {"UpdateExpression": "SET p = :v"}), ("REMOVE", {"UpdateExpression": "REMOVE p"}),
    ("ADD", {"UpdateExpression": "ADD p :n"}),
    ("DELETE", {"UpdateExpression": "DELETE p :s"}), ("SET by a placeholder", {"UpdateExpression": "SET #p = :v"}),
    ("SET among others", {"UpdateExpression": "SET a = :v, p = :v"}),
    ("legacy PUT", {"AttributeUpdates": {"p": {"Value": S("same")}}}),
    ("legacy DELETE", {"AttributeUpdates": {"p": {"Action": "DELETE"}}})])
def test_key_attributes_cannot_be_updated(plain, more):
    values = {":v": S("same"), ":n": N(1), ":s": {"SS": ["x"]}}
    if "UpdateExpression" in more:
        more = {**more, "ExpressionAttributeValues": {k: v for k, v in values.items() if k in more["UpdateExpression"]}}
        if "#p" in more["UpdateExpression"]:
            more["ExpressionAttributeNames"] = {"#p": "p"}
        if not more["ExpressionAttributeValues"]:
            del more["ExpressionAttributeValues"]
    with raises("ValidationException", INVALID + "Cannot update attribute p. This attribute is part of the key"):
        plain.update({"p": S("same")}, **more)


@rows("start, update, result", *[
    ("an unknown action", N(1), {"Action": "DANCE", "Value": N(1)}, "ction"),
    ("an action in lower case", N(1), {"Action": "put", "Value": N(1)}, "ction"),
    ("PUT without a value", N(1), {"Action": "PUT"}, ""), ("ADD without a value", N(1), {"Action": "ADD"}, ""),
    *[(f"DELETE of {name}", N(1), {"Action": "DELETE", "Value": value}, "type") for name, value in [
        ("a number", N(1)), ("a string", S("a")), ("a list", L()), ("a map", M()), ("NULL", {"NULL": True})]],
    ("DELETE from another kind of set", {"SS": ["a"]}, {"Action": "DELETE", "Value": {"NS": ["1"]}}, "mismatch"),
    ("DELETE from a string", S("a"), {"Action": "DELETE", "Value": {"SS": ["a"]}}, "mismatch"),
    ("ADD to another kind of set", {"SS": ["a"]}, {"Action": "ADD", "Value": {"NS": ["1"]}}, "mismatch"),
    ("DELETE of an empty set", {"SS": ["a"]}, {"Action": "DELETE", "Value": {"SS": []}}, "empty"),
    ("ADD of an empty set", {"SS": ["a"]}, {"Action": "ADD", "Value": {"SS": []}}, "empty"),
    ("ADD of a string", S("a"), {"Action": "ADD", "Value": S("b")}, "type"),
    ("ADD of a map", M(), {"Action": "ADD", "Value": M()}, "type"),
    ("DELETE of the last elements", {"SS": ["a", "b"]}, {"Action": "DELETE", "Value": {"SS": ["b", "a", "c"]}}, None),
    ("DELETE of an element", {"NS": ["1", "2"]}, {"Action": "DELETE", "Value": {"NS": ["2.0"]}}, {"NS": ["1"]}),
    ("DELETE of the attribute", {"NS": ["1", "2"]}, {"Action": "DELETE"}, None),
    ("ADD of a number", N(1), {"Action": "ADD", "Value": N("0.5")}, N("1.5")),
    ("ADD appends to a list", L(N(1)), {"Action": "ADD", "Value": L(N(2), N(1))}, L(N(1), N(2), N(1))),
    ("PUT is the default", N(1), {"Value": S("b")}, S("b"))])
def test_legacy_updates(plain, key, start, update, result):
    plain.put({**key, "a": start})
    if isinstance(result, str):
        with raises("ValidationException", result):
            plain.update(key, AttributeUpdates={"a": update})
        assert plain.get(key)["a"] == start
    else:
        plain.update(key, AttributeUpdates={"a": update})
        assert plain.get(key).get("a") == result


def test_only_the_legacy_add_appends_lists(plain, key):
    plain.put({**key, "a": L(N(1))})
    with raises("ValidationException", "Incorrect operand type for operator or function; operator: ADD, operand type: LIST"):
        plain.update(key, "ADD a :v", {":v": L(N(2))})
    plain.update(key, AttributeUpdates={"b": {"Action": "ADD", "Value": L(N(2))}, "n": {"Action": "ADD", "Value": N(2)}})
    assert plain.get(key) == {**key, "a": L(N(1)), "b": L(N(2)), "n": N(2)}


@rows("operation, more, legacy, modern", *[
    ("GetItem", "get", {"AttributesToGet": ["a"], "ProjectionExpression": "a"}, "AttributesToGet", "ProjectionExpression"),
    ("PutItem", "put", {"Expected": {"a": {"Exists": False}}, "ConditionExpression": "attribute_exists(p)"}, "Expected",
     "ConditionExpression"),
    ("DeleteItem", "delete", {"Expected": {"a": {"Exists": False}}, "ConditionExpression": "attribute_exists(p)"}, "Expected",
     "ConditionExpression"),
    ("DeleteItem with an operator", "delete", {"ConditionalOperator": "OR", "ConditionExpression": "attribute_exists(p)"},
     "ConditionalOperator", "ConditionExpression"),
    ("UpdateItem", "update", {"AttributeUpdates": {"a": {"Value": N(1)}}, "UpdateExpression": "REMOVE b"}, "AttributeUpdates",
     "UpdateExpression"),
    ("UpdateItem with a condition", "update", {"Expected": {"a": {"Exists": False}}, "UpdateExpression": "REMOVE b"}, "Expected",
     "UpdateExpression"),
    ("Scan", "scan", {"ScanFilter": {"a": {"ComparisonOperator": "NULL"}}, "FilterExpression": "attribute_exists(a)"},
     "ScanFilter", "FilterExpression"),
    ("Query", "query", {"KeyConditions": {"p": {"ComparisonOperator": "EQ", "AttributeValueList": [S("a")]}},
                        "KeyConditionExpression": "p = :p",
     "ExpressionAttributeValues": {":p": S("a")}}, "KeyConditions", "KeyConditionExpression"),
    ("Query with a filter", "query", {"QueryFilter": {"a": {"ComparisonOperator": "NULL"}}, "KeyConditionExpression": "p = :p",
     "ExpressionAttributeValues": {":p": S("a")}}, "QueryFilter", "KeyConditionExpression")])
def test_legacy_parameters_and_expressions_do_not_mix(plain, key, operation, more, legacy, modern):
    if operation in ("scan", "query"):
        ask = lambda: getattr(plain, operation)(**more)
    else:
        ask = lambda: getattr(plain, operation)(key, **more)
    text = "Can not use both expression and non-expression parameters in the same request: "
    with raises("ValidationException", text + f"Non-expression parameters: {{{legacy}}} Expression parameters: {{{modern}}}"):
        ask()
