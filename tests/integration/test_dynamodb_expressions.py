"""Condition, update, projection expressions and the legacy parameters."""
import pytest

from dynamodb_support import N, S, make_table, raises


@pytest.fixture(scope="module")
def table(server):
    return make_table(server.client("dynamodb"), "expr-basic", "p:S")


@pytest.fixture
def key(unique):
    return {"p": S(unique())}


def test_update_arithmetic_is_exact(table, key):
    table.put({**key, "n": N("99999999999999999999999999999999999998")})
    table.update(key, "SET n = n + :one", {":one": N(1)})
    assert table.get(key)["n"] == N("9" * 38)
    table.update(key, "ADD n :one", {":one": N(1)})
    assert table.get(key)["n"] == N("1" + "0" * 38)
    table.update(key, "SET n = :a", {":a": N("1e50")})
    with raises("ValidationException", "umber"):
        table.update(key, "SET n = n + :one", {":one": N(1)})
    table.update(key, "SET n = :a", {":a": N("9e125")})
    with raises("ValidationException", "overflow"):
        table.update(key, "ADD n :a", {":a": N("9e125")})


def test_swap_and_lists(table, key):
    table.put({**key, "a": N(1), "b": N(2), "l": {"L": [N(0), N(1), N(2)]}})
    table.update(key, "SET a = b, b = a REMOVE l[0], l[2], l[77]")
    assert table.get(key) == {**key, "a": N(2), "b": N(1), "l": {"L": [N(1)]}}
    table.update(key, "SET l[9] = :c, l[5] = :b", {":b": S("b"), ":c": S("c")})
    assert table.get(key)["l"] == {"L": [N(1), S("b"), S("c")]}


def test_paths_that_lead_nowhere(table, key):
    table.put({**key, "s": S("text"), "m": {"M": {}}, "l": {"L": []}})
    text = "The document path provided in the update expression is invalid for update"
    for expression in ["SET x.y = :v", "SET s.y = :v", "SET s[0] = :v", "SET m[0] = :v",
                       "SET l.a = :v"]:
        with raises("ValidationException", text):
            table.update(key, expression, {":v": N(1)})
    with raises("ValidationException", text):
        table.update(key, "REMOVE x.y")
    table.update(key, "REMOVE m.nothing, l[99]")
    table.update({"p": S("no-such-item-at-all")}, "REMOVE x.y")
    with raises("ValidationException",
                "The provided expression refers to an attribute that does not exist in the item"):
        table.update(key, "SET a = nothing")


def test_functions_of_set(table, key):
    table.update(key, "SET l = list_append(if_not_exists(l, :e), :v)",
                 {":e": {"L": []}, ":v": {"L": [N(1)]}})
    table.update(key, "SET l = list_append(:v, l), a = if_not_exists(a, if_not_exists(b, :d))",
                 {":v": {"L": [N(0)]}, ":d": S("d")})
    assert table.get(key) == {**key, "l": {"L": [N(0), N(1)]}, "a": S("d")}
    with raises("ValidationException", "not allowed to be used this way in an expression; "
                "function: list_append"):
        table.update(key, "SET l = list_append(list_append(l, :v), :v)", {":v": {"L": []}})
    with raises("ValidationException", "An operand in the update expression has an incorrect data type"):
        table.update(key, "SET a = a + :one", {":one": N(1)})
    with raises("ValidationException",
                "Incorrect operand type for operator or function", "+, operand type: S"):
        table.update(key, "SET a = :s + :s", {":s": S("x")})


def test_add_and_delete(table, key):
    table.update(key, "ADD n :one, s :set", {":one": N(1), ":set": {"SS": ["a", "b"]}})
    table.update(key, "ADD n :one, s :set", {":one": N("1.5"), ":set": {"SS": ["b", "c"]}})
    item = table.get(key)
    assert item["n"] == N("2.5") and sorted(item["s"]["SS"]) == ["a", "b", "c"]
    table.update(key, "DELETE s :set", {":set": {"SS": ["a", "b", "c", "d"]}})
    assert "s" not in table.get(key)
    with raises("ValidationException", "operator: ADD, operand type: STRING"):
        table.update(key, "ADD n :s", {":s": S("x")})
    with raises("ValidationException", "operator: DELETE, operand type: NUMBER"):
        table.update(key, "DELETE n :s", {":s": N(1)})
    table.update(key, "SET m = :m", {":m": {"M": {"n": N(1)}}})
    table.update(key, "ADD m.n :one, m.z :one", {":one": N(1)})
    assert table.get(key)["m"] == {"M": {"n": N(2), "z": N(1)}}


@pytest.mark.parametrize("expression,texts", [
    ("SET a = :v SET b = :v", ['The "SET" section can only be used once in an update expression;']),
    ("", ["Invalid UpdateExpression: The expression can not be empty;"]),
    ("SET _123 = :v", ['Invalid UpdateExpression: Syntax error; token: "_", near: "SET _123"']),
    ("SET 123a = :v", ["Syntax error"]), ("SET hi-there = :v", ["Syntax error"]),
    ("SET hi$x = :v", ["Syntax error"]), ("SET a[-1] = :v", ["Syntax error"]),
    ("SET a[] = :v", ["Syntax error"]), ("ADD a b", ["Syntax error"]),
    ("SET Abort = :v", ["Attribute name is a reserved keyword; reserved keyword: Abort"]),
    ("SET p = :v", ["Cannot update attribute p. This attribute is part of the key"]),
    ("SET a = :v, a.b = :v", ["Two document paths overlap with each other", "path one: [a]",
                              "path two: [a, b]"]),
    ("SET a.b = :v, a[1] = :v", ["Two document paths conflict with each other"]),
    ("SET a[99999999999999] = :v",
     ["List index is not within the allowable range; index: [99999999999999]"]),
    ("SET a" + ".b" * 32 + " = :v",
     ["The document path has too many nesting levels; nesting levels: 33"]),
    ("SET a = size(b)", ["The function is not allowed in an update expression; function: size"]),
    ("SET a = :w", ["attribute value: :w"]), ("SET #a = :v", ["attribute name: #a"]),
    ("SET a = :v" + " " * 4087, ["expression size: 4097"])])
def test_faults_of_updates(table, key, expression, texts):
    with raises("ValidationException", *texts):
        table.update(key, expression, {":v": N(1)})
    assert table.get(key) is None


def test_keywords_in_any_case(table, key):
    table.update(key, "set a = :v rEMOVE b add n :v", {":v": N(1)})
    assert table.get(key) == {**key, "a": N(1), "n": N(1)}
    table.update(key, "SET " + "a" * 100 + " = :v" + " " * (4096 - 109), {":v": N(1)})


def test_placeholders(table, key):
    table.put({**key, "m": {"M": {}}})
    table.update(key, "SET #1.a_b = :1x", {":1x": N(1)}, {"#1": "m"})
    assert table.get(key)["m"] == {"M": {"a_b": N(1)}}
    table.update(key, "SET #a = :v", {":v": N(1)}, {"#a": "a.b"})
    assert table.get(key)["a.b"] == N(1)
    with raises("ValidationException", "Value provided in ExpressionAttributeNames unused in "
                "expressions: keys: {#xyz}"):
        table.update(key, "SET a = :v", {":v": N(1)}, {"#xyz": "x"})
    with raises("ValidationException", "Value provided in ExpressionAttributeValues unused in "
                "expressions: keys: {:w}"):
        table.update(key, "SET a = :v", {":v": N(1), ":w": N(1)})
    with raises("ValidationException", "ExpressionAttributeNames can only be specified when using "
                "expressions"):
        table.update(key, None, None, {"#xyz": "x"})
    with raises("ValidationException", "ExpressionAttributeValues must not be empty"):
        table.update(key, "REMOVE a", {})
    with raises("ValidationException", "ExpressionAttributeNames must not be empty"):
        table.update(key, "REMOVE a", names={})
    for wrong in ["a", "#", "#a-b"]:
        with raises("ValidationException", f'ExpressionAttributeNames contains invalid key: Syntax error; key: "{wrong}"'):
            table.update(key, "REMOVE a", names={wrong: "x"})
    with raises("ValidationException", "Attribute name is a reserved keyword; reserved keyword: Abort"):
        table.update(key, "REMOVE Abort")
    for condition in ["attribute_exists(a) OR #m = :v", "attribute_not_exists(p) AND a = :v"]:
        with raises("ValidationException", "not defined"):  # also where it would not be evaluated
            table.put(key, ConditionExpression=condition)


MISSING = [("q = z", False), ("q <> z", True), ("q < z", False), ("q = :v", False),
           ("q <> :v", True), ("q < :v", False), ("a <> :v", True), ("a = :v", False),
           ("a < :v", False), ("NOT a = :v", True)]


@pytest.mark.parametrize("condition,expected", MISSING)
def test_missing_attributes_and_other_types(table, key, condition, expected):
    values = {":v": N(1)} if ":v" in condition else None
    assert table.matches({**key, "a": S("1")}, condition, values) is expected


def test_conditions_on_everything(table, key):
    item = {**key, "s": S("hello"), "b": {"B": b"\xff\xfe"}, "n": N(5), "l": {"L": [N(1), {"SS": ["a"]}]},
            "ss": {"SS": ["x"]}, "ns": {"NS": ["1", "2"]}, "m": {"M": {"k": N(1)}}, "t": {"BOOL": True},
            "z": {"NULL": True}}
    yes = [("begins_with(s, :v)", S("he")), ("begins_with(b, :v)", {"B": b"\xff"}),
           ("contains(s, :v)", S("ell")), ("contains(ss, :v)", S("x")),
           ("contains(l, :v)", {"SS": ["a"]}), ("contains(ns, :v)", N("1.0")),
           ("size(s) = :v", N(5)), ("size(l) = :v", N(2)), ("size(m) = :v", N(1)),
           ("size(ns) = :v", N(2)), ("attribute_type(z, :v)", S("NULL")),
           ("ns = :v", {"NS": ["2", "1"]}), ("m = :v", {"M": {"k": N("1.0")}}),
           ("t = :v", {"BOOL": True}), ("n IN (:v)", N(5)), ("l IN (s, :v)", item["l"]),
           ("n BETWEEN :v AND :v", N(5)), ("(n) = (:v)", N(5)), ("m.k = :v", N(1)),
           ("l[0] = :v", N(1))]
    no = [("size(n) = :v", N(1)), ("size(q) = :v", N(1)), ("begins_with(n, :v)", S("5")),
          ("contains(n, :v)", N(5)), ("s BETWEEN :v AND n", S("a")), ("l < s AND s = :v", S("hello")),
          ("l[7] = :v", N(1)), ("m.k.x = :v", N(1))]
    for condition, value in yes:
        assert table.matches(item, condition, {":v": value}), condition
    for condition, value in no:
        assert not table.matches(item, condition, {":v": value}), condition
    names = [f":v{i}" for i in range(99)]
    values = {n: N(i) for i, n in enumerate(names)}
    assert table.matches(item, "n IN (" + ", ".join(names) + ")", values)


@pytest.mark.parametrize("condition,value,texts", [
    ("a < :v", {"L": []}, ["Incorrect operand type for operator or function; operator: <, operand type: L"]),
    ("a >= :v", {"BOOL": True}, ["operator: >=, operand type: BOOL"]),
    ("a BETWEEN :v AND b", {"SS": ["x"]}, ["operator: BETWEEN, operand type: SS"]),
    ("begins_with(a, :v)", N(1), ["begins_with, operand type: N"]),
    ("begins_with(a, :v)", {"NULL": True}, ["begins_with, operand type: NULL"]),
    ("size(:v) = a", N(1), ["size, operand type: N"]),
    ("attribute_exists(:v)", N(1), ["attribute_exists"]),
    ("attribute_type(a, :v)", N(1), ["attribute_type, operand type: N"]),
    ("attribute_type(a, :v)", S("DOG"), ["Invalid attribute type name found; type: DOG, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"]),
    ("dog(a, :v)", N(1), ["Invalid function name; function: dog"]),
    ("if_not_exists(a, :v) = :v", N(1), ["The function is not allowed in a condition expression; function: if_not_exists"]),
    ("size(a, :v) = :v", N(1), ["Incorrect number of operands for operator or function; operator or function: size, number of operands: 2"]),
    ("contains(a, a) AND a = :v", N(1), ["operator: contains, first operand: [a]"]),
    ("a IN ()", N(1), ["Syntax error"]), ("a", N(1), ["Syntax error"]), (":v", N(1), ["Syntax error"]),
    ("((a<:v))", N(1), ["The expression has redundant parentheses"]),
    (" AND ".join(["a < :v"] * 151), N(1), ["The expression contains too many operators; operator count: 301"]),
    ("(" * 4000 + "!" * 200000, N(1), ["Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 204000"]),
    ("(" * 4090, N(1), ["Syntax error"]),
])
def test_faults_of_conditions(table, key, condition, value, texts):
    with raises("ValidationException", *texts):
        table.put(key, ConditionExpression=condition, ExpressionAttributeValues={":v": value})
    with raises("ValidationException", *texts):  # no matter that another part is false
        table.delete(key, ConditionExpression="attribute_exists(zz) AND " + condition
                     if len(condition) < 1000 and condition not in ("a", ":v") else condition,
                     ExpressionAttributeValues={":v": value}) if "301" not in texts[0] else table.put(
                         key, ConditionExpression=condition, ExpressionAttributeValues={":v": value})


def test_the_number_of_operands_of_in(table, key):
    with raises("ValidationException", "IN"):
        table.put(key, ConditionExpression="n IN (" + ", ".join(f":v{i}" for i in range(100)) + ")",
                  ExpressionAttributeValues={f":v{i}": N(i) for i in range(100)})


@pytest.mark.parametrize("name,text", [("x" * 65536, "65535"), ("", "Empty attribute name")])
def test_attribute_names_in_every_parameter(table, key, name, text):
    condition = {"ComparisonOperator": "EQ", "AttributeValueList": [N(1)]}
    calls = [lambda: table.put(key, ConditionExpression="attribute_exists(#n)", ExpressionAttributeNames={"#n": name}),
             lambda: table.get(key, ProjectionExpression="#n", ExpressionAttributeNames={"#n": name}),
             lambda: table.scan(FilterExpression="#n = #n2", ExpressionAttributeNames={"#n": name, "#n2": "a"}),
             lambda: table.query("#n = :v", {":v": N(1)}, ExpressionAttributeNames={"#n": name}),
             lambda: table.put(key, Expected={name: {"Value": N(1)}}), lambda: table.scan(ScanFilter={name: condition}),
             lambda: table.query(KeyConditions={name: condition}), lambda: table.get(key, AttributesToGet=[name]),
             lambda: table.update(key, AttributeUpdates={name: {"Value": N(1)}})]
    for call in calls:
        with raises("ValidationException", text):
            call()


def test_between_of_two_values(table, key):
    for low, high in [(N(2), N(1)), (S("a"), N(1))]:
        with raises("ValidationException", "BETWEEN"):
            table.put(key, ConditionExpression="a BETWEEN :l AND :h",
                      ExpressionAttributeValues={":l": low, ":h": high})
    assert not table.matches({**key, "a": N(1), "b": N(0)}, "a BETWEEN :l AND b", {":l": N(1)})


def test_projections(table, key):
    table.put({**key, "a": {"M": {"b": {"L": [N(0), N(1), N(2)]}, "c": N(1)}}, "d": N(5)})
    get = lambda e, **m: table.get(key, ProjectionExpression=e, **m)
    assert get("a.b[2], a.b[0], zzz") == {"a": {"M": {"b": {"L": [N(0), N(2)]}}}}
    assert get("#d, a.c", ExpressionAttributeNames={"#d": "d"}) == {"d": N(5), "a": {"M": {"c": N(1)}}}
    for expression in ["a, a.b", "a.b, a", "a, a", "a.b[1], a.b[1]"]:
        with raises("ValidationException", "overlap"):
            get(expression)
    with raises("ValidationException", "conflict"):
        get("a.b, a[1]")
    assert table.get(key, AttributesToGet=["d", "zz"]) == {"d": N(5)}
    with raises("ValidationException", "Duplicate value in attribute name: a"):
        table.get(key, AttributesToGet=["a", "a"])
    with raises("ValidationException"):
        table.get(key, AttributesToGet=[])
    with raises("ValidationException", "Can not use both expression and non-expression parameters "
                "in the same request: Non-expression parameters: {AttributesToGet} Expression "
                "parameters: {ProjectionExpression}"):
        get("a", AttributesToGet=["a"])


def test_legacy_updates(table, key):
    table.update(key, AttributeUpdates={"a": {"Value": N(1)}, "s": {"Value": {"SS": ["x", "y"]}, "Action": "ADD"},
                                        "l": {"Value": {"L": [N(1)]}, "Action": "ADD"}})
    table.update(key, AttributeUpdates={"a": {"Value": N(2), "Action": "ADD"},
                                        "l": {"Value": {"L": [N(2)]}, "Action": "ADD"},
                                        "s": {"Value": {"SS": ["x", "y"]}, "Action": "DELETE"}})
    assert table.get(key) == {**key, "a": N(3), "l": {"L": [N(1), N(2)]}}
    with raises("ValidationException"):
        table.update(key, AttributeUpdates={"a": {"Value": N(2), "Action": "DANCE"}})
    with raises("ValidationException", "type"):
        table.update(key, AttributeUpdates={"a": {"Value": N(2), "Action": "DELETE"}})
    table.update(key, AttributeUpdates={"s": {"Value": {"SS": ["x"]}}})
    with raises("ValidationException", "mismatch"):
        table.update(key, AttributeUpdates={"s": {"Value": {"NS": ["1"]}, "Action": "DELETE"}})
    with raises("ValidationException", "empty"):
        table.update(key, AttributeUpdates={"s": {"Value": {"SS": []}, "Action": "DELETE"}})
    with raises("ValidationException", "Cannot update attribute p"):
        table.update(key, AttributeUpdates={"p": {"Value": key["p"]}})


def test_legacy_expected(table, key):
    table.put({**key, "a": N(1), "b": S("hello")})
    good = [{"a": {"Value": N(1)}}, {"a": {"Exists": True, "Value": N(1)}}, {"zz": {"Exists": False}},
            {"a": {"ComparisonOperator": "LT", "AttributeValueList": [N(2)]}},
            {"b": {"ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [S("he")]}},
            {"a": {"ComparisonOperator": "IN", "AttributeValueList": [N(2), N(1)]}}, {}]
    for expected in good:
        table.put({**key, "a": N(1), "b": S("hello")}, Expected=expected)
    with raises("ConditionalCheckFailedException"):
        table.put(key, Expected={"a": {"Value": N(2)}})
    for entry, text in [
            ({"Exists": True}, "Value must be provided when Exists is true for Attribute: a"),
            ({}, "Value must be provided when Exists is null for Attribute: a"),
            ({"Exists": False, "Value": N(1)}, "Value cannot be used when Exists is false for Attribute: a"),
            ({"Exists": True, "ComparisonOperator": "EQ", "AttributeValueList": [N(1)]},
             "Exists and ComparisonOperator cannot be used together for Attribute: a"),
            ({"Value": N(1), "ComparisonOperator": "EQ"},
             "Value and ComparisonOperator cannot be used together for Attribute: a"),
            ({"Value": N(1), "AttributeValueList": [N(1)]},
             "Value and AttributeValueList cannot be used together for Attribute: a"),
            ({"AttributeValueList": [N(1)]},
             "AttributeValueList can only be used with a ComparisonOperator for Attribute: a"),
            ({"ComparisonOperator": "EQ"},
             "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: a")]:
        with raises("ValidationException", "One or more parameter values were invalid: " + text):
            table.put(key, Expected={"a": entry})
    bad = [{"a": {"ComparisonOperator": "EQ", "AttributeValueList": []}},
           {"a": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [N(1)]}},
           {"a": {"ComparisonOperator": "NULL", "AttributeValueList": [N(1)]}},
           {"a": {"ComparisonOperator": "LT", "AttributeValueList": [{"L": []}]}},
           {"a": {"ComparisonOperator": "IN", "AttributeValueList": [N(1), S("x")]}},
           {"a": {"ComparisonOperator": "eq", "AttributeValueList": [N(1)]}}]
    for expected in bad:
        with raises("ValidationException"):
            table.put(key, Expected=expected)
    table.put({**key, "a": N(1)}, ConditionalOperator="OR",
              Expected={"a": {"Value": N(2)}, "zz": {"Exists": False}})
    for more in [{}, {"Expected": {}}]:
        with raises("ValidationException", "ConditionalOperator"):
            table.put(key, ConditionalOperator="AND", **more)
    with raises("ValidationException", "Can not use both"):
        table.put(key, Expected={"a": {"Exists": False}}, ConditionExpression="attribute_exists(a)")
