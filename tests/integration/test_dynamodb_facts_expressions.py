"""What emulators of DynamoDB usually get wrong in expressions, and in what updates return."""
import base64
import time

import pytest

from dynamodb_facts_support import (ARGUMENTS, B, INVALID, KEYS_IN_FILTER, L, M, NONE, OF, ONE, indexed_table, op, rows, table_of)
from dynamodb_support import N, S, call, call_raises, raises


plain = table_of("facts-expr-plain", "p:S")
ranged = table_of("facts-expr-ranged", "p:S c:S")
indexed = indexed_table("facts-expr-indexed")


@pytest.fixture(scope="module")
def db(server):
    return server.client("dynamodb")


@pytest.fixture
def key(unique):
    return {"p": S(unique())}


# ---- expressions: syntax and limits ----

def writes(table, key, expression, values=None, names=None):
    """PutItem under the condition; UpdateItem with the update."""
    more = {}
    if values:
        more["ExpressionAttributeValues"] = values
    if names:
        more["ExpressionAttributeNames"] = names
    kind = "UpdateExpression" if expression.lstrip().upper().startswith(("SET ", "REMOVE ", "ADD ",
        "DELETE ")) else "ConditionExpression"
    more[kind] = expression
    return table.put(key, **more) if kind == "ConditionExpression" else table.update(key, **more)


A_LONG_NAME = "a" * 255
SIZE = "Expression size has exceeded the maximum allowed size; expression size: {}"


def test_expressions_are_4096_bytes_at_most(plain, key):
    fill = lambda text, size: text + " " * (size - len(text))
    for size in [4096, 4097]:
        asks = [("UpdateExpression", lambda: plain.update(key, fill("SET a = :v", size), ONE)),
                ("ConditionExpression", lambda: plain.put(key, ConditionExpression=fill("attribute_not_exists(zz)", size))),
                ("ProjectionExpression", lambda: plain.get(key, ProjectionExpression=fill("a", size))),
                ("FilterExpression", lambda: plain.scan(FilterExpression=fill("a = :v", size), ExpressionAttributeValues=ONE)),
                ("KeyConditionExpression", lambda: plain.query(fill("p = :p", size), {":p": S("x")}))]
        for kind, ask in asks:
            if size == 4096:
                ask()
            else:
                with raises("ValidationException", f"Invalid {kind}: " + SIZE.format(4097)):
                    ask()
    with raises("ValidationException", SIZE.format(4100)):  # bytes, not characters
        plain.put(key, ConditionExpression="é" * 2050)
    with raises("ValidationException", "Invalid ConditionExpression: " + SIZE.format(200004)):  # before the syntax is looked at
        plain.put(key, ConditionExpression="((((" + "!" * 200000)


@rows("condition, count", *[
    ("comparisons and AND", " AND ".join(["a < :v"] * 151), 301), ("comparisons and OR", " OR ".join(["a = :v"] * 151), 301),
    ("NOT", "NOT " * 300 + "a = :v", 301), ("300 of them", "NOT " + " AND ".join(["a < :v"] * 150), None),
    ("parentheses do not count", " AND ".join(["(a < :v)"] * 150), None),
    ("BETWEEN and IN", " AND ".join(["a IN (:v)"] * 151), 301)])
def test_expressions_hold_300_operators(plain, key, condition, count):
    if count is None:
        with raises("ConditionalCheckFailedException"):
            plain.put(key, ConditionExpression=condition, ExpressionAttributeValues=ONE)
    else:
        with raises("ValidationException", f"The expression contains too many operators; operator count: {count}"):
            plain.put(key, ConditionExpression=condition, ExpressionAttributeValues=ONE)


@pytest.mark.parametrize("text", ["(" * 4096, "(" * 2040 + "a<:v" + ")" * 2040, "NOT " * 1023, "size(" * 800, "a." * 2047,
                                  "a[0]" * 1023,
                                  "(a<:v) AND " * 370, "a IN (" * 680, "(" * 1360 + "a" + ") = (" * 500])
def test_hard_expressions_fail_at_once(plain, key, text):
    started = time.monotonic()
    with raises("ValidationException"):
        plain.put(key, ConditionExpression=text, ExpressionAttributeValues=ONE)
    assert time.monotonic() - started < 1


@rows("expression, texts", *[
    ("doubled parentheses", "((a < :v))", ["Invalid ConditionExpression: The expression has redundant parentheses"]),
    ("doubled parentheses within", "a = :v AND ((a < :v))", ["The expression has redundant parentheses"]),
    ("doubled parentheses of an operand", "((a)) < :v", ["The expression has redundant parentheses"]),
    ("an underscore first", "SET _123 = :v", ['Invalid UpdateExpression: Syntax error; token: "_", near: "SET _123"']),
    ("a digit first", "SET 123a = :v", ["Invalid UpdateExpression: Syntax error"]),
    ("a dash", "SET hi-there = :v", ["Syntax error"]),
    ("a dollar", "SET hi$x = :v", ["Syntax error"]), ("an underscore first in a condition", "_abc = :v",
                                                      ["Invalid ConditionExpression: Syntax error"]),
    ("an underscore first in a path", "SET a._b = :v", ["Syntax error"]),
    ("a negative index", "SET a[-1] = :v", ["Syntax error"]), ("no index", "SET a[] = :v", ["Syntax error"]),
    ("a name as the index", "a[b] = :v", ["Syntax error"]),
    ("an enormous index", "SET a[99999999999999] = :v",
     ["List index is not within the allowable range; index: [99999999999999]"]),
    ("an enormous index of a condition", "a[99999999999999] = :v",
     ["List index is not within the allowable range; index: [99999999999999]"]),
    ("a reserved word", "SET Abort = :v", ["Attribute name is a reserved keyword; reserved keyword: Abort"]),
    ("a reserved word in lower case", "name = :v",
     ["Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: name"]),
    ("a reserved word within a path", "a.status = :v", ["Attribute name is a reserved keyword; reserved keyword: status"]),
    ("a function in another case", "Size(a) = :v", ["Invalid function name; function: Size"]),
    ("a function in capitals", "SET a = IF_NOT_EXISTS(a, :v)", ["Invalid function name; function: IF_NOT_EXISTS"]),
    ("a name that is not defined", "SET #x = :v",
     ["Invalid UpdateExpression: An expression attribute name used in the document path is not defined; attribute name: #x"]),
    ("a value that is not defined", "SET a = :x",
     ["Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :x"]),
    ("33 levels of a path", "SET a" + ".b" * 32 + " = :v", ["The document path has too many nesting levels; nesting levels: 33"]),
    ("33 levels of a path of a condition", "a" + "[0]" * 32 + " = :v",
     ["The document path has too many nesting levels; nesting levels: 33"]),
    ("equal paths", "SET a = :v, a = :v",
     ["Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]"]),
    ("a prefix", "SET a = :v, a.b = :v",
     ["overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]"]),
    ("a prefix in another section", "SET a.b[1] = :v REMOVE a.b", ["Two document paths overlap with each other"]),
    ("a node of two kinds", "SET a.b = :v, a[1] = :v", ["Two document paths conflict with each other; "]),
    ("a node of two kinds in two sections", "SET a.b = :v REMOVE a[1]", ["Two document paths conflict with each other; "])])
def test_faults_of_syntax(plain, key, expression, texts):
    with raises("ValidationException", *texts):
        writes(plain, key, expression, ONE)
    assert plain.get(key) is None


@pytest.mark.parametrize("expression", ["a, a", "a, a.b", "a.b, a", "a[1].c, a[1]", "a.b, #a", "a.b, a[1]"])
def test_projections_that_overlap_or_conflict(plain, key, expression):
    more = {"ExpressionAttributeNames": {"#a": "a"}} if "#a" in expression else {}
    text = "Two document paths conflict with each other" if expression == "a.b, a[1]" else "Two document paths overlap with each other"
    with raises("ValidationException", "Invalid ProjectionExpression: " + text):
        plain.get(key, ProjectionExpression=expression, **more)
    with raises("ValidationException", "Invalid ProjectionExpression: " + text):
        plain.scan(ProjectionExpression=expression, **more)


@pytest.mark.parametrize("parameter", ["UpdateExpression", "ConditionExpression", "ProjectionExpression", "FilterExpression",
                                       "KeyConditionExpression"])
def test_an_empty_expression(plain, key, parameter):
    asks = {"UpdateExpression": plain.update, "ConditionExpression": plain.put, "ProjectionExpression": plain.get}
    with raises("ValidationException", f"Invalid {parameter}: The expression can not be empty;"):
        if parameter in asks:
            asks[parameter](key, **{parameter: ""})
        elif parameter == "FilterExpression":
            plain.scan(FilterExpression="")
        else:
            plain.query("")


@pytest.mark.parametrize("expression, values, names, result", [
    ("SET a_1 = :v", ONE, None, {"a_1": N(1)}), ("SET #_ = :_", {":_": N(1)}, {"#_": "x"}, {"x": N(1)}),
    ("SET #1a = :0", {":0": N(1)}, {"#1a": "x"}, {"x": N(1)}),
    ("SET #a = :v", ONE, {"#a": "a.b"}, {"a.b": N(1)}), ("SET #a = :v", ONE, {"#a": "a[0]"}, {"a[0]": N(1)}),
    ("SET #a = :v", ONE, {"#a": "name"}, {"name": N(1)}),
    ("set a = :v remove b add n :v", ONE, None, {"a": N(1), "n": N(1)}), ("SeT a=:v,b=:v", ONE, None, {"a": N(1), "b": N(1)}),
    ("SET m = :m", {":m": M()}, None, {"m": M()}), ("SET a = if_not_exists(zz" + ".b" * 31 + ", :v)", ONE, None, {"a": N(1)}),
    ("\tSET\n a = :v\r\n", ONE, None, {"a": N(1)}), ("SET " + A_LONG_NAME + " = :v", ONE, None, {A_LONG_NAME: N(1)})])
def test_good_syntax(plain, key, expression, values, names, result):
    plain.update(key, expression, values, names)
    assert plain.get(key) == {**key, **result}


@pytest.mark.parametrize("condition", ["a between :v and :v", "a In (:v)", "not a = :v or a = :v", "a = :v aNd a = :v",
                                       "(a = :v)", "(a) = (:v)",
                                       "a=:v and(b=:v)", "((a = :v) AND b = :v)"])
def test_keywords_in_any_case_and_single_parentheses(plain, key, condition):
    assert plain.matches({**key, "a": N(1), "b": N(1)}, condition, ONE)


@rows("more, text", *[
    ("an unused name", {"UpdateExpression": "REMOVE a", "ExpressionAttributeNames": {"#xyz": "x"}},
     "Value provided in ExpressionAttributeNames unused in expressions: keys: {#xyz}"),
    ("an unused value", {"UpdateExpression": "REMOVE a", "ExpressionAttributeValues": {":xyz": N(1)}},
     "Value provided in ExpressionAttributeValues unused in expressions: keys: {:xyz}"),
    ("names without an expression", {"ExpressionAttributeNames": {"#a": "x"}},
     "ExpressionAttributeNames can only be specified when using expressions"),
    ("values without an expression", {"ExpressionAttributeValues": {":a": N(1)}},
     "ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null"),
    ("no names", {"UpdateExpression": "REMOVE a", "ExpressionAttributeNames": {}}, "ExpressionAttributeNames must not be empty"),
    ("no values", {"UpdateExpression": "REMOVE a", "ExpressionAttributeValues": {}},
     "ExpressionAttributeValues must not be empty"),
    ("values beside legacy parameters", {"AttributeUpdates": {}, "ExpressionAttributeValues": {":a": N(1)}},
     "ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null"),
    ("a missing value behind OR", {"ConditionExpression": "attribute_not_exists(zz) OR a = :v"}, "attribute value: :v"),
    ("a missing value behind AND", {"ConditionExpression": "attribute_exists(zz) AND a = :v"}, "attribute value: :v"),
    ("a missing name behind OR", {"ConditionExpression": "attribute_not_exists(zz) OR #n = a"}, "attribute name: #n"),
    ("a missing value in if_not_exists", {"UpdateExpression": "SET a = if_not_exists(p, :v)"}, "attribute value: :v")])
def test_names_and_values_that_are_unused_or_missing(plain, key, more, text):
    with raises("ValidationException", text):
        plain.update(key, **more)


@pytest.mark.parametrize("value, fault", [
    ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    (N("dog"), "The parameter cannot be converted to a numeric value: dog"),
    ({"SS": ["a", "a"]}, INVALID + "Input collection [a, a] contains duplicates.")])
def test_a_fault_of_a_value_names_its_placeholder(plain, key, value, fault):
    with raises("ValidationException") as caught:
        plain.update(key, "SET a = :v", {":v": value})
    assert caught.value.response["Error"]["Message"] == f"ExpressionAttributeValues contains invalid value: {fault} for key :v"


def test_reserved_words_are_refused_bare_and_taken_as_placeholders(plain, key):
    for word in ["ABORT", "abort", "Name", "STATUS", "zone", "VALUES", "yEAR", "TTL", "Timestamp", "COUNT", "size", "user",
                 "data", "connection", "counter"]:
        with raises("ValidationException", f"Attribute name is a reserved keyword; reserved keyword: {word}"):
            plain.get(key, ProjectionExpression=word)
        plain.get(key, ProjectionExpression="#w", ExpressionAttributeNames={"#w": word})


# ---- conditions and filters ----

ITEM = {"s": S("hello"), "n": N(5), "b": B(b"\xff\xfe"), "t": {"BOOL": True}, "z": {"NULL": True},
        "l": L(N(1), {"SS": ["x", "y"]}, S("a")),
        "m": M(k=N(1), d=M(e=S("x"))), "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2"]}, "bs": {"BS": [b"\xff", b"a"]},
        "one": N(1), "ten": N(10)}
ITEM.update({"other_" + name: ITEM[name] for name in ["l", "t", "z", "ss", "n"]})
SET_IN_LIST = {":v": {"SS": ["y", "x"]}}


@pytest.mark.parametrize("condition, values, expected", [
    # missing attributes
    ("q = z2", None, False), ("q <> z2", None, True), *[(f"q {o} z2", None, False) for o in ["<", "<=", ">", ">="]],
    *[(f"q {o} :v", ONE, o == "<>") for o in ["=", "<>", "<", "<=", ">", ">="]],
    *[(f"n {o} q", None, o == "<>") for o in ["=", "<>", "<", ">="]],
    ("q BETWEEN :v AND :v", ONE, False), ("n BETWEEN q AND other_n", None, False), ("q IN (:v)", ONE, False),
    ("begins_with(q, :v)", OF("a"), False),
    ("contains(q, :v)", ONE, False), ("size(q) = :v", ONE, False), ("size(q) <> :v", ONE, True),
    ("attribute_type(q, :v)", OF("S"), False),
    ("NOT q = :v", ONE, True), ("NOT q <> :v", ONE, False), ("attribute_exists(m.q)", None, False),
    ("attribute_not_exists(l[9])", None, True),
    # values of different types
    ("s = :v", ONE, False), ("s <> :v", ONE, True), ("s < :v", ONE, False), ("s >= :v", ONE, False), ("n < s", None, False),
    ("n > s", None, False),
    ("ss = l", None, False), ("z = :v", {":v": {"BOOL": True}}, False), ("s = :v", {":v": B(b"hello")}, False),
    ("ss = ns", None, False),
    # an unordered type that the item holds
    *[(f"{a} < {b}", None, False) for a, b in [("l", "other_l"), ("m", "n"), ("t", "other_t"), ("z", "other_z"),
                                               ("ss", "other_ss"), ("n", "l")]],
    ("l BETWEEN other_l AND m", None, False), ("begins_with(n, s)", None, False), ("begins_with(l, :v)", OF("a"), False),
    ("begins_with(s, n)", None, False),
    # BETWEEN with a bound of the item
    ("n BETWEEN ten AND one", None, False), ("n BETWEEN one AND ten", None, True), ("n BETWEEN :v AND ten", ONE, True),
    ("n BETWEEN ten AND :v", ONE, False),
    ("n BETWEEN one AND s", None, False), ("n BETWEEN s AND :v", ONE, False), (":v BETWEEN one AND ten", ONE, True),
    ("n BETWEEN :v AND :v", {":v": N("5.0")}, True),
    # IN
    ("n IN (s, ss, l, :v, other_n)", ONE, True), ("l IN (s, other_l)", None, True), ("m IN (:v)", {":v": ITEM["m"]}, True),
    ("ss IN (:v)", {":v": {"SS": ["b", "a"]}}, True),
    (":v IN (one, ten)", ONE, True), ("z IN (:v)", {":v": {"NULL": True}}, True), ("n IN (:v)", {":v": S("5")}, False),
    # contains
    ("contains(s, :v)", OF("ell"), True), ("contains(s, :v)", OF(""), True), ("contains(s, :v)", OF("elo"), False),
    ("contains(b, :v)", {":v": B(b"\xfe")}, True),
    ("contains(ss, :v)", OF("b"), True), ("contains(ss, :v)", OF("ab"), False), ("contains(ns, :v)", {":v": N("2.00")}, True),
    ("contains(bs, :v)", {":v": B(b"a")}, True),
    ("contains(l, :v)", ONE, True), ("contains(l, :v)", SET_IN_LIST, True), ("contains(l, :v)", OF("x"), False),
    ("contains(ss, :v)", ONE, False),
    ("contains(n, :v)", ONE, False), ("contains(m, :v)", OF("k"), False), ("contains(t, :v)", {":v": {"BOOL": True}}, False),
    ("contains(s, l[2])", None, False),
    ("contains(ss, l[2])", None, True), ("contains(:v, l[2])", OF("a b"), True), ("contains(s, :v)", ONE, False),
    ("contains(ss, :v)", {":v": {"SS": ["a"]}}, False),
    # begins_with and size
    ("begins_with(s, :v)", OF("hel"), True), ("begins_with(s, :v)", OF(""), True), ("begins_with(s, :v)", OF("hello!"), False),
    ("begins_with(b, :v)", {":v": B(b"\xff")}, True),
    ("begins_with(b, :v)", OF("h"), False), ("size(s) = :v", {":v": N(5)}, True), ("size(b) = :v", {":v": N(2)}, True),
    ("size(l) = :v", {":v": N(3)}, True),
    ("size(m) = :v", {":v": N(2)}, True), ("size(ss) = :v", {":v": N(2)}, True), ("size(bs) = :v", {":v": N(2)}, True),
    ("size(:v) = n", OF("héll"), True),
    *[(f"size({a}) >= :v", {":v": N(0)}, False) for a in ["n", "t", "z"]], ("size(s) IN (n)", None, True),
    ("size(l[1]) = size(ss)", None, True),
    # attribute_type
    *[(f"attribute_type({a}, :v)", OF(t), True) for a, t in [("s", "S"), ("ss", "SS"), ("n", "N"), ("ns", "NS"), ("b", "B"),
                                                             ("bs", "BS"), ("t", "BOOL"),
                                                            ("z", "NULL"), ("l", "L"), ("m", "M"), ("m.d.e", "S"),
                                                            ("l[1]", "SS")]],
    ("attribute_type(s, :v)", OF("N"), False)])
def test_conditions(plain, key, condition, values, expected):
    assert plain.matches({**key, **ITEM}, condition, values) is expected
    found = plain.scan(FilterExpression="p = :own AND (" + condition + ")",
                       ExpressionAttributeValues={**(values or {}), ":own": key["p"]})
    assert found["Count"] == int(expected)


OPERAND = "Incorrect operand type for operator or function; operator: {}, operand type: {}"
FUNCTION_OPERAND = "Incorrect operand type for operator or function; operator or function: {}, operand type: {}"
UNORDERED = {"L": L(), "M": M(), "SS": {"SS": ["a"]}, "NS": {"NS": ["1"]}, "BS": {"BS": [b"a"]}, "BOOL": {"BOOL": True},
             "NULL": {"NULL": True}}


@rows("condition, values, text", *[
    *[(f"{operator} of a value of type {kind}", f"a {operator} :v", {":v": value}, OPERAND.format(operator, kind))
      for operator in ["<", "<=", ">", ">="] for kind, value in UNORDERED.items()],
    *[(f"< with a value of type {kind} to the left", ":v < a", {":v": value}, OPERAND.format("<", kind)) for kind,
      value in UNORDERED.items()],
    *[(f"BETWEEN of a value of type {kind}", "a BETWEEN :v AND b", {":v": value}, OPERAND.format("BETWEEN", kind)) for kind,
      value in UNORDERED.items()],
    *[(f"begins_with of a value of type {kind}", "begins_with(a, :v)", {":v": value},
       FUNCTION_OPERAND.format("begins_with", kind))
      for kind, value in {**UNORDERED, "N": N(1)}.items()],
    ("BETWEEN reversed", "a BETWEEN :v AND :w", {":v": N(2), ":w": N(1)},
     "The BETWEEN operator requires upper bound to be greater than or equal to lower bound"),
    ("BETWEEN of two types", "a BETWEEN :v AND :w", {":v": N(1), ":w": S("a")},
     "The BETWEEN operator requires same data type for lower and upper bounds"),
    ("IN of nothing", "a IN ()", ONE, "Syntax error"), ("a bare path", "a", ONE, "Syntax error"),
    ("a bare value", ":v", ONE, "Syntax error"),
    ("a bare size", "size(a)", ONE, "The function is not allowed to be used this way in an expression; function: size"),
    ("a value under AND", "a = :v AND b", ONE, "Syntax error"),
    ("contains of one path twice", "contains(a, a)", ONE,
     "The first operand must be distinct from the remaining operands for this operator or function; "
     "operator: contains, first operand: [a]"),
    ("a comparison of one path with itself", "a.b = a.b", ONE,
     "The first operand must be distinct from the remaining operands for this operator or function; "
     "operator: =, first operand: [a, b]"),
    ("size of a number", "size(:v) = a", ONE, FUNCTION_OPERAND.format("size", "N")),
    ("size of a boolean", "size(:v) = a", {":v": {"BOOL": True}}, FUNCTION_OPERAND.format("size", "BOOL")),
    ("attribute_exists of a value", "attribute_exists(:v)", ONE,
     "Operator or function requires a document path; operator or function: attribute_exists"),
    ("attribute_not_exists of a value", "attribute_not_exists(:v)", ONE,
     "Operator or function requires a document path; operator or function: attribute_not_exists"),
    ("attribute_type of a number", "attribute_type(a, :v)", ONE, FUNCTION_OPERAND.format("attribute_type", "N")),
    ("attribute_type of a path", "attribute_type(a, b) AND a = :v", ONE, ""),
    *[(f"attribute_type of {t}", "attribute_type(a, :v)", OF(t),
       f"Invalid attribute type name found; type: {t}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}")
      for t in ["DOG", "s", "STRING", ""]],
    ("an unknown function", "dog(a, :v)", ONE, "Invalid function name; function: dog"),
    ("if_not_exists", "if_not_exists(a, :v) = :v", ONE,
     "The function is not allowed in a condition expression; function: if_not_exists"),
    ("list_append", "list_append(a, :v) = :v", {":v": L()},
     "The function is not allowed in a condition expression; function: list_append"),
    *[(f"{function} of {n} operands", f"{function}({', '.join('abcd'[:n])}){' = :v' if function == 'size' else ' AND a = :v'}",
       ONE,
       f"Incorrect number of operands for operator or function; operator or function: {function}, number of operands: {n}")
      for function, n in [("size", 2), ("attribute_exists", 2), ("attribute_not_exists", 3), ("contains", 1), ("contains", 3),
                          ("begins_with", 1), ("attribute_type", 1)]],
    ("arithmetic", "a = b + :v", ONE, "Syntax error"), ("two comparisons", "a = b = :v", ONE, "Syntax error"),
    ("==", "a == :v", ONE, "Syntax error"),
    ("!=", "a != :v", ONE, "Syntax error")])
def test_static_faults_of_conditions(plain, key, condition, values, text):
    used = {name: value for name, value in values.items() if name in condition}
    used = {"ExpressionAttributeValues": used} if used else {}
    with raises("ValidationException", "Invalid ConditionExpression: " + text):  # though there is no item
        plain.put(key, ConditionExpression=condition, **used)
    with raises("ValidationException", "Invalid FilterExpression: " + text):  # though nothing is there to be filtered
        plain.query("p = :key", {**used.get("ExpressionAttributeValues", {}), ":key": S("nobody")}, FilterExpression=condition)
    if "Syntax" not in text:
        for other in ["attribute_exists(zz) AND ", "attribute_not_exists(zz) OR "]:
            with raises("ValidationException", "Invalid ConditionExpression: " + text):  # though the other side decides
                plain.delete(key, ConditionExpression=other + condition, **used)


def test_in_takes_99_operands(plain, key):
    for count in [99, 100]:
        values = {f":v{i}": [N(i), S(str(i)), L(N(i)), {"SS": [str(i)]}][i % 4] for i in range(count)}
        ask = lambda: plain.matches({**key, "a": L(N(98))}, f"a IN ({', '.join(values)})", values)
        if count == 99:
            assert ask() is True
        else:
            with raises("ValidationException", "IN", "number of operands: 101"):
                ask()


def test_a_failed_condition(plain, key):
    for ask in [lambda: plain.put(key, ConditionExpression="attribute_exists(p)"),
                lambda: plain.delete(key, ConditionExpression="attribute_exists(p)"),
                lambda: plain.update(key, "SET a = :v", ONE, ConditionExpression="attribute_exists(p)"),
                lambda: plain.put(key, Expected={"a": {"Value": N(1)}})]:
        with raises("ConditionalCheckFailedException") as caught:
            ask()
        assert caught.value.response["Error"]["Message"] == "The conditional request failed"
    assert plain.get(key) is None


def test_filters_of_queries_may_not_use_the_keys(indexed):
    for condition, values, index, keys, free in [("p = :v", OF("a"), {}, "pc", "xyz"),
                                                 ("x = :v", OF("a"), {"IndexName": "all"}, "xy", "pcz"),
                                                 ("p = :v", OF("a"), {"IndexName": "local"}, "py", "cxz")]:
        for name in keys:
            with raises("ValidationException", KEYS_IN_FILTER.format(name)):
                indexed.query(condition, values, FilterExpression=f"attribute_exists({name})", **index)
            with raises("ValidationException", KEYS_IN_FILTER.format(name)):
                indexed.query(condition, values, FilterExpression=f"z = :v OR #n < :v", ExpressionAttributeNames={"#n": name},
                              **index)
        for name in free:
            indexed.query(condition, values, FilterExpression=f"attribute_exists({name})", **index)
        for name in "pcxyz":
            indexed.scan(FilterExpression=f"attribute_exists({name})", **index)




@rows("condition, text", *[
    *[(f"{name} of {len(values)}", op(name, *values), ARGUMENTS.format(name)) for name, values in [
        ("EQ", []), ("EQ", [N(1), N(1)]), ("NE", [N(1), N(2)]), ("LT", []), ("GE", [N(1), N(2)]), ("BETWEEN", [N(1)]),
        ("BETWEEN", [N(1), N(2), N(3)]), ("IN", []),
        ("NULL", [N(1)]), ("NOT_NULL", [N(1)]), ("CONTAINS", []), ("NOT_CONTAINS", [N(1), N(2)]),
        ("BEGINS_WITH", [S("a"), S("b")])]],
    *[(f"{name} of {next(iter(value))}", op(name, *[value] * (2 if name == "BETWEEN" else 1)),
       f"ComparisonOperator {name} is not valid for {kind} AttributeValue type")
      for name, value, kind in [("LT", L(), "L"), ("LE", M(), "M"), ("GT", {"BOOL": True}, "BOOL"),
                                ("GE", {"NULL": True}, "NULL"), ("LT", {"SS": ["a"]}, "SS"),
                                ("BEGINS_WITH", N(1), "N"), ("BEGINS_WITH", L(), "L"), ("CONTAINS", L(), "L"),
                                ("CONTAINS", {"NS": ["1"]}, "NS"),
                                ("NOT_CONTAINS", M(), "M"), ("BETWEEN", L(), "L"), ("IN", {"SS": ["a"]}, "SS"),
                                ("IN", M(), "M")]],
    ("IN of two types", op("IN", N(1), S("a")), ""), ("BETWEEN of two types", op("BETWEEN", N(1), S("a")), ""),
    ("BETWEEN reversed", op("BETWEEN", N(2), N(1)), ""),
    ("an operator in lower case", op("eq", N(1)), "comparisonOperator"),
    ("an unknown operator", op("DANCE", N(1)), "comparisonOperator")])
def test_faults_of_legacy_conditions(plain, key, condition, text):
    for ask in [lambda: plain.put(key, Expected={"a": condition}), lambda: plain.scan(ScanFilter={"a": condition}),
                lambda: plain.query(KeyConditions={"p": op("EQ", S("a"))}, QueryFilter={"a": condition})]:
        with raises("ValidationException", text):
            ask()


@pytest.mark.parametrize("name, condition, expected", [
    ("n", op("EQ", N("5.0")), True), ("n", op("NE", N(5)), False), ("q", op("NE", N(5)), True), ("q", op("NULL"), True),
    ("n", op("NOT_NULL"), True), ("n", op("IN", N(4), N(5)), True),
    ("n", op("BETWEEN", N(5), N(6)), True), ("s", op("LT", N(6)), False), ("s", op("CONTAINS", S("ell")), True),
    ("s", op("NOT_CONTAINS", S("ell")), False),
    ("l", op("CONTAINS", N(1)), True), ("ss", op("CONTAINS", S("a")), True), ("s", op("BEGINS_WITH", S("he")), True),
    ("l", op("EQ", ITEM["l"]), True),
    ("q", op("LT", N(1)), False), ("z", op("NULL"), False), ("q", op("NOT_CONTAINS", S("a")), False)])
def test_legacy_conditions(plain, key, name, condition, expected):
    plain.put({**key, **ITEM})
    assert plain.scan(ScanFilter={name: condition, "p": op("EQ", key["p"])})["Count"] == int(expected)
    assert plain.query(KeyConditions={"p": op("EQ", key["p"])}, QueryFilter={name: condition})["Count"] == int(expected)
    if expected:
        plain.put({**key, **ITEM}, Expected={name: condition})
    else:
        with raises("ConditionalCheckFailedException"):
            plain.put(key, Expected={name: condition})


@pytest.mark.parametrize("expected, holds", [
    ({"Exists": False}, False), ({"Exists": True, "Value": N(1)}, True), ({"Value": N("1.0")}, True), ({"Value": N(2)}, False),
    ({"Exists": True, "Value": S("1")}, False),
    ({"Exists": True}, None), ({"Exists": False, "Value": N(1)}, None), ({}, None), ({"Exists": True, **op("EQ", N(1))}, None),
    ({"Exists": False, **op("NULL")}, None),
    ({"Value": N(1), "ComparisonOperator": "EQ"}, True), ({"Value": N(1), **op("EQ", N(1))}, None)])
def test_expected(plain, key, expected, holds):
    if expected == {"Value": N(1), "ComparisonOperator": "EQ"}:
        holds = None
    plain.put({**key, "a": N(1)})
    if holds:
        plain.put({**key, "a": N(1)}, Expected={"a": expected})
    else:
        with raises("ValidationException" if holds is None else "ConditionalCheckFailedException"):
            plain.put({**key, "a": N(1)}, Expected={"a": expected})
    plain.put({**key, "b": N(1)}, Expected={"zz": {"Exists": False}})


def test_the_conditional_operator(plain, key):
    for more in [{}, {"Expected": {}}]:
        for ask in [plain.put, plain.delete, plain.update]:
            with raises("ValidationException", "ConditionalOperator"):
                ask(key, ConditionalOperator="AND", **more)
    for filters in [{}, {"ScanFilter": {}}]:
        with raises("ValidationException", "ConditionalOperator"):
            plain.scan(ConditionalOperator="OR", **filters)
    plain.put({**key, "a": N(1)}, Expected={})
    plain.put({**key, "a": N(1)}, Expected={"a": {"Value": N(7)}, "b": {"Exists": False}}, ConditionalOperator="OR")
    with raises("ConditionalCheckFailedException"):
        plain.put(key, Expected={"a": {"Value": N(7)}, "b": {"Exists": False}}, ConditionalOperator="AND")
    for wrong in ["and", "XOR", ""]:
        with raises("ValidationException", "conditionalOperator"):
            plain.put(key, Expected={"a": {"Value": N(7)}}, ConditionalOperator=wrong)


# ---- update expressions ----

NOWHERE = "The document path provided in the update expression is invalid for update"
WRONG_TYPE = "An operand in the update expression has an incorrect data type"
NOT_THERE = "The provided expression refers to an attribute that does not exist in the item"
START = {"a": N(1), "b": N(2), "l": L(N(0), N(1), N(2)), "m": M(x=N(1), l=L(S("a"))), "s": S("text"), "ss": {"SS": ["a", "b"]},
         "ns": {"NS": ["1"]}}


@rows("expression, values, changes", *[
    ("a swap", "SET a = b, b = a", NONE, {"a": N(2), "b": N(1)}),
    ("SET reads what REMOVE removes", "SET c = a REMOVE a", NONE, {"a": None, "c": N(1)}),
    ("ADD reads what SET does not", "SET a = b ADD b :v", ONE, {"a": N(2), "b": N(3)}),
    ("indexes of the old list", "REMOVE l[0], l[1]", NONE, {"l": L(N(2))}),
    ("indexes of the old list in reverse", "REMOVE l[2], l[0]", NONE, {"l": L(N(1))}),
    ("REMOVE beside SET of one list", "REMOVE l[0] SET l[1] = :v", OF("x"), {"l": L(S("x"), N(2))}),
    ("SET past the end appends", "SET l[9] = :v", OF("x"), {"l": L(N(0), N(1), N(2), S("x"))}),
    ("appended in the order of indexes", "SET l[50] = :w, l[7] = :v", {":v": S("first"), ":w": S("second")},
     {"l": L(N(0), N(1), N(2), S("first"), S("second"))}),
    ("SET of a nested list past its end", "SET m.l[4] = :v", ONE, {"m": M(x=N(1), l=L(S("a"), N(1)))}),
    ("REMOVE of what is not there", "REMOVE m.nothing, l[99], zz, m.l[7]", NONE, {}),
    ("SET of a new member", "SET m.y = :v", ONE, {"m": M(x=N(1), l=L(S("a")), y=N(1))}),
    ("list_append of if_not_exists", "SET q = list_append(if_not_exists(q, :e), :v)", {":e": L(), ":v": L(N(1))}, {"q": L(N(1))}),
    ("list_append of two lists of the item", "SET l = list_append(l, m.l)", NONE, {"l": L(N(0), N(1), N(2), S("a"))}),
    ("list_append in front", "SET l = list_append(:v, l)", {":v": L(S("a"))}, {"l": L(S("a"), N(0), N(1), N(2))}),
    ("if_not_exists within if_not_exists", "SET q = if_not_exists(q, if_not_exists(r, :v))", ONE, {"q": N(1)}),
    ("if_not_exists of what is there", "SET q = if_not_exists(a, :v)", {":v": N(9)}, {"q": N(1)}),
    ("if_not_exists in a sum", "SET q = if_not_exists(q, :v) + a", ONE, {"q": N(2)}),
    ("a difference", "SET a = :v - b", ONE, {"a": N(-1)}),
    ("ADD to a nested number", "ADD m.x :v", ONE, {"m": M(x=N(2), l=L(S("a")))}),
    ("ADD of a new number", "ADD q :v", ONE, {"q": N(1)}), ("ADD of a nested new set", "ADD m.ss :v", {":v": {"SS": ["z"]}},
                                                            {"m": M(x=N(1), l=L(S("a")), ss={"SS": ["z"]})}),
    ("ADD to an element of a list", "ADD l[1] :v", ONE, {"l": L(N(0), N(2), N(2))}),
    ("ADD of elements there already", "ADD ns :v", {":v": {"NS": ["1.0"]}}, {}),
    ("DELETE of the last elements", "DELETE ss :v", {":v": {"SS": ["b", "a", "zz"]}}, {"ss": None}),
    ("DELETE of one element", "DELETE ss :v", {":v": {"SS": ["b"]}}, {"ss": {"SS": ["a"]}}),
    ("DELETE from nothing", "DELETE q :v", {":v": {"SS": ["b"]}}, {}),
    ("one of each", "SET a = :v REMOVE b ADD n :v DELETE ns :n", {**ONE, ":n": {"NS": ["1"]}},
     {"b": None, "n": N(1), "ns": None}),
    ("the same section once each in any order", "DELETE ns :n ADD n :v REMOVE b SET q = :v", {**ONE, ":n": {"NS": ["1"]}},
     {"b": None, "n": N(1), "ns": None, "q": N(1)})])
def test_updates(plain, key, expression, values, changes):
    plain.put({**key, **START})
    after = plain.update(key, expression, values or None, ReturnValues="ALL_NEW")["Attributes"]
    assert after == plain.get(key) == {n: v for n, v in {**key, **START, **changes}.items() if v is not None}


UPDATE_OPERAND = "Incorrect operand type for operator or function; operator or function: {}, operand type: {}"
ADD_OPERAND = "Incorrect operand type for operator or function; operator: {}, operand type: {}"


@rows("expression, values, text", *[
    *[(f"{name} twice", f"{name} {first} {name} {second}", values,
       f'Invalid UpdateExpression: The "{name}" section can only be used once in an update expression;')
      for name, first, second, values in [("SET", "q = :v", "r = :v", ONE), ("REMOVE", "a", "b", NONE),
                                          ("ADD", "q :v", "r :v", ONE), ("DELETE", "ss :v", "m.ss :v", {":v": {"SS": ["a"]}})]],
    *[(f"SET {path}", f"SET {path} = :v", ONE, NOWHERE) for path in ["x.y", "x[0]", "s.y", "s[0]", "m[0]", "l.a", "m.x.y",
                                                                     "l[0].y", "m.q.y", "l[9].y", "l[9][0]"]],
    *[(f"REMOVE {path}", f"REMOVE {path}", NONE, NOWHERE) for path in ["x.y", "x[0]", "s.y", "m[0]", "l.a", "m.q.y"]],
    ("ADD into nothing", "ADD x.y :v", ONE, NOWHERE), ("DELETE from within nothing", "DELETE x.y :v", {":v": {"SS": ["a"]}},
                                                       NOWHERE),
    ("list_append within list_append", "SET l = list_append(list_append(l, l), l)", NONE,
     "Invalid UpdateExpression: The function is not allowed to be used this way in an expression; function: list_append"),
    ("a condition's function", "SET q = size(a)", NONE,
     "Invalid UpdateExpression: The function is not allowed in an update expression; function: size"),
    *[(f"{sign} of a constant {kind}", f"SET q = a {sign} :v", {":v": value}, UPDATE_OPERAND.format(sign, kind)) for sign in "+-"
      for kind, value in {**UNORDERED, "S": S("1")}.items()],
    ("a constant on the left", "SET q = :v + a", OF("1"), UPDATE_OPERAND.format("+", "S")),
    ("+ of a string of the item", "SET q = a + s", NONE, WRONG_TYPE),
    ("- of a set of the item", "SET q = ss - a", NONE, WRONG_TYPE),
    ("list_append of a constant", "SET l = list_append(l, :v)", ONE, UPDATE_OPERAND.format("list_append", "N")),
    ("list_append of a number of the item", "SET l = list_append(l, a)", NONE, WRONG_TYPE),
    *[(f"SET of a missing {what}", f"SET q = {what}", NONE if ":v" not in what else ONE, NOT_THERE)
      for what in ["zz", "m.zz", "l[9]", "zz + :v", "a + zz", "list_append(zz, l)", "if_not_exists(zz, zz2)"]],
    *[(f"ADD of a constant {kind}", "ADD q :v", {":v": value}, ADD_OPERAND.format("ADD", name)) for kind, name, value in [
        ("S", "STRING", S("a")), ("L", "LIST", L()), ("M", "MAP", M()), ("BOOL", "BOOLEAN", {"BOOL": True}),
        ("NULL", "NULL", {"NULL": True}), ("B", "BINARY", B(b"a"))]],
    *[(f"DELETE of a constant {kind}", "DELETE ss :v", {":v": value}, ADD_OPERAND.format("DELETE", name)) for kind, name,
      value in [("S", "STRING", S("a")), ("N", "NUMBER", N(1)), ("L", "LIST", L())]],
    ("ADD of a path", "ADD a b", NONE, "Invalid UpdateExpression: Syntax error"),
    ("DELETE of a path", "DELETE ss ss", NONE, "Invalid UpdateExpression: Syntax error"),
    ("ADD of a sum", "ADD a :v + :v", ONE, "Invalid UpdateExpression: Syntax error"),
    ("ADD of a number to a set", "ADD ss :v", ONE, WRONG_TYPE),
    ("ADD of a set to a number", "ADD a :v", {":v": {"SS": ["a"]}}, WRONG_TYPE),
    ("ADD of another kind of set", "ADD ss :v", {":v": {"NS": ["1"]}}, WRONG_TYPE),
    ("DELETE of another kind of set", "DELETE ss :v", {":v": {"NS": ["1"]}}, WRONG_TYPE),
    ("DELETE from a number", "DELETE a :v", {":v": {"NS": ["1"]}}, WRONG_TYPE)])
def test_faults_of_updates(plain, key, expression, values, text):
    plain.put({**key, **START})
    with raises("ValidationException", text):
        plain.update(key, expression, values or None)
    assert plain.get(key) == {**key, **START}
    if text.startswith(("Invalid", "Incorrect")):
        with raises("ValidationException", text):  # though the condition fails, and there is no item
            plain.update({"p": S("nobody")}, expression, values or None, ConditionExpression="attribute_exists(p)")


def test_removing_within_a_missing_item_succeeds(plain, key):
    for expression in ["REMOVE x.y", "REMOVE x[0].y, z"]:
        plain.update(key, expression)
        assert plain.get(key) is None
    plain.put(key)
    with raises("ValidationException", NOWHERE):
        plain.update(key, "REMOVE x.y")


# ---- return values ----

@pytest.mark.parametrize("wrong", ["none", "all_old", "All_Old", "DOG", ""])
def test_return_values_are_case_sensitive(plain, key, wrong):
    for ask in [plain.put, plain.delete, plain.update]:
        with raises("ValidationException", "returnValues"):
            ask(key, ReturnValues=wrong)


def test_return_values_of_put_and_delete(plain, key):
    for kind in ["ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"]:
        with raises("ValidationException"):
            plain.put(key, ReturnValues=kind)
        with raises("ValidationException"):
            plain.delete(key, ReturnValues=kind)
    assert "Attributes" not in plain.put({**key, "a": N(1)}, ReturnValues="ALL_OLD")
    assert "Attributes" not in plain.put({**key, "a": N(1)}, ReturnValues="NONE")
    assert plain.put({**key, "a": N(2)}, ReturnValues="ALL_OLD")["Attributes"] == {**key, "a": N(1)}
    assert plain.delete(key, ReturnValues="ALL_OLD")["Attributes"] == {**key, "a": N(2)}
    assert "Attributes" not in plain.delete(key, ReturnValues="ALL_OLD")


NESTED = {"a": N(1), "l": L(N(0), M(x=N(1), y=N(2)), N(2)), "m": M(x=N(1), y=M(z=N(2), w=N(3)))}
NINE = {":v": N(9)}


@rows("expression, values, old, new", *[
    ("SET of an attribute", "SET a = :v", NINE, {"a": N(1)}, {"a": N(9)}),
    ("SET of a new attribute", "SET q = :v", NINE, None, {"q": N(9)}),
    ("SET to the same", "SET a = :v", ONE, {"a": N(1)}, {"a": N(1)}),
    ("SET within a map", "SET m.y.z = :v", NINE, {"m": M(y=M(z=N(2)))}, {"m": M(y=M(z=N(9)))}),
    ("SET of a new member", "SET m.q = :v", NINE, None, {"m": M(q=N(9))}),
    ("SET of elements", "SET l[2] = :v, l[0] = :v", NINE, {"l": L(N(0), N(2))}, {"l": L(N(9), N(9))}),
    ("SET within an element", "SET l[1].x = :v", NINE, {"l": L(M(x=N(1)))}, {"l": L(M(x=N(9)))}),
    ("SET past the end", "SET l[9] = :v", NINE, None, None),
    ("REMOVE of an element that the next one follows", "REMOVE l[0]", NONE, {"l": L(N(0))}, {"l": L(M(x=N(1), y=N(2)))}),
    ("REMOVE", "REMOVE a", NONE, {"a": N(1)}, None), ("REMOVE of nothing", "REMOVE q", NONE, None, None),
    ("REMOVE within a map", "REMOVE m.y.z", NONE, {"m": M(y=M(z=N(2)))}, None),
    ("ADD", "ADD a :v", NINE, {"a": N(1)}, {"a": N(10)}), ("SET and REMOVE", "SET m.x = :v REMOVE a", NINE,
                                                           {"a": N(1), "m": M(x=N(1))}, {"m": M(x=N(9))})])
def test_updated_attributes(plain, key, expression, values, old, new):
    for kind, expected in [("UPDATED_OLD", old), ("UPDATED_NEW", new), ("NONE", None)]:
        plain.put({**key, **NESTED})
        answer = plain.update(key, expression, values or None, ReturnValues=kind)
        assert answer.get("Attributes") == expected and ("Attributes" in answer) is (expected is not None), kind


def test_all_attributes_of_updates(plain, key):
    assert "Attributes" not in plain.update(key, "REMOVE a", ReturnValues="ALL_NEW")
    assert "Attributes" not in plain.update(key, "REMOVE a", ReturnValues="ALL_OLD") and plain.get(key) is None
    assert "Attributes" not in plain.update(key, "SET a = :v", ONE, ReturnValues="ALL_OLD")
    assert plain.update(key, "SET a = :v", NINE, ReturnValues="ALL_OLD")["Attributes"] == {**key, "a": N(1)}
    assert plain.update(key, "REMOVE a", ReturnValues="ALL_NEW")["Attributes"] == key
    assert plain.update(key, AttributeUpdates={"a": {"Value": N(1)}}, ReturnValues="UPDATED_NEW")["Attributes"] == {"a": N(1)}
    assert "Attributes" not in plain.update(key, AttributeUpdates={"a": {"Action": "DELETE"}}, ReturnValues="UPDATED_NEW")


@pytest.mark.parametrize("operation", ["PutItem", "DeleteItem", "UpdateItem", "Put", "Delete", "Update", "ConditionCheck"])
def test_the_old_item_of_a_failed_condition(server, plain, key, operation):
    def ask(key, condition, wanted):
        body = {"TableName": plain.name, "Item" if "Put" in operation else "Key": key, "ConditionExpression": condition}
        if operation == "Update":
            body["UpdateExpression"] = "REMOVE a"
        if wanted is not None:
            body["ReturnValuesOnConditionCheckFailure"] = wanted
        if operation.endswith("Item"):
            return call(server, operation, body)
        return call(server, "TransactWriteItems", {"TransactItems": [{operation: body}]})

    item = {**key, "a": N("1.50"), "b": {"B": base64.b64encode(b"\xff").decode()}}
    call(server, "PutItem", {"TableName": plain.name, "Item": item})
    failed = "ConditionalCheckFailedException" if operation.endswith("Item") else "TransactionCanceledException"
    for wanted, missing in [("ALL_OLD", False), ("NONE", False), (None, False), ("ALL_OLD", True)]:
        with call_raises(failed) as caught:
            ask({"p": S("gone")} if missing else key, "attribute_exists(p) AND a = p", wanted)
        holder = caught.value.body if operation.endswith("Item") else caught.value.body["CancellationReasons"][0]
        assert holder.get("Item") == ({**item, "a": N("1.5")} if wanted == "ALL_OLD" and not missing else None)
    for wrong in ["all_old", "ALL_NEW", "UPDATED_OLD", ""]:
        with call_raises("ValidationException", "eturnValuesOnConditionCheckFailure"):
            ask(key, "attribute_exists(p)", wrong)
