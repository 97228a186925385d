"""What emulators of DynamoDB usually get wrong in queries, scans and indexes."""
import pytest
from botocore.exceptions import ClientError

from dynamodb_facts_support import (ARGUMENTS, B, DEFINED, HASH_ONLY, INVALID, KEYS_IN_FILTER, L, M, ONE, P, SCHEMA, TWO, indexed_table, op,
                                    rows, table_of)
from dynamodb_support import N, S, Table, call, call_raises, gsi, make_table, raises


plain = table_of("facts-reads-plain", "p:S")
ranged = table_of("facts-reads-ranged", "p:S c:S")
numbers = table_of("facts-reads-numbers", "p:N c:N")
indexed = indexed_table("facts-reads-indexed")


@pytest.fixture(scope="module")
def db(server):
    return server.client("dynamodb")


@pytest.fixture
def key(unique):
    return {"p": S(unique())}


# ---- queries and scans ----

@pytest.fixture(scope="module")
def letters(ranged):
    """Ten items of one partition, 000 to 009."""
    for i in range(10):
        ranged.put({"p": S("ten"), "c": S(f"{i:03}"), "n": N(i), "v": S("x")})
    return ranged


OPERATOR = "Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: {}"


@rows("condition, values, text", *[
    ("no hash key", "c = :p", P, "Query condition missed key schema element: p"),
    ("another attribute alone", "n = :p", P, "Query condition missed key schema element: p"),
    ("another attribute beside the hash key", "p = :p AND n = :p", P, "Query condition missed key schema element: c"),
    ("three conditions", "p = :p AND c > :p AND c < :p", P,
     "Invalid KeyConditionExpression: Conditions can be of length 1 or 2 only"),
    ("three conditions on three attributes", "p = :p AND c = :p AND n = :p", P, "Conditions can be of length 1 or 2 only"),
    ("OR", "p = :p OR c = :p", P, OPERATOR.format("OR")), ("NOT", "p = :p AND NOT c = :p", P, OPERATOR.format("NOT")),
    ("IN", "p = :p AND c IN (:p)", P, OPERATOR.format("IN")),
    ("<>", "p = :p AND c <> :p", P, OPERATOR.format("<>")),
    *[(f, f"p = :p AND {f}(c, :p)", P, OPERATOR.format(f)) for f in ["contains"]],
    ("attribute_type", "p = :p AND attribute_type(c, :v)", {**P, ":v": S("S")}, OPERATOR.format("attribute_type")),
    ("attribute_exists", "p = :p AND attribute_exists(c)", P, OPERATOR.format("attribute_exists")),
    ("size", "p = :p AND size(c) = :p", P, ""),
    ("a nested path", "p = :p AND c.d = :p", P, ""), ("an element", "p[0] = :p", P, ""), ("a path as the value", "p = c", P, ""),
    ("only values", ":p = :p", P, ""),
    ("< of the hash key", "p < :p", P, "Query key condition not supported"),
    ("begins_with of the hash key", "begins_with(p, :p)", P, "Query key condition not supported"),
    ("the hash key twice", "p = :p AND p = :p", P, "KeyConditionExpressions must only contain one condition per key"),
    ("the sort key twice", "c = :p AND c = :p", P, "must only contain one condition per key"),
    ("a hash key of another type", "p = :v", ONE, INVALID + "Condition parameter type does not match schema type"),
    ("a sort key of another type", "p = :p AND c < :v", {**P, **ONE},
     INVALID + "Condition parameter type does not match schema type"),
    ("a sort key that is a list", "p = :p AND c = :v", {**P, ":v": L()}, ""),
    ("BETWEEN of another type", "p = :p AND c BETWEEN :v AND :w", {**P, ":v": N(1), ":w": N(2)},
     "Condition parameter type does not match schema type"),
    ("BETWEEN reversed", "p = :p AND c BETWEEN :w AND :v", {**P, ":v": S("a"), ":w": S("b")},
     "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "),
    ("BETWEEN of two types", "p = :p AND c BETWEEN :v AND :p", {**P, **ONE}, "")])
def test_faults_of_key_conditions(letters, condition, values, text):
    with raises("ValidationException", text):
        letters.query(condition, values)


def test_begins_with_on_a_number_key(numbers):
    with raises("ValidationException"):
        numbers.query("p = :p AND begins_with(c, :c)", {":p": N(1), ":c": N(1)})
    with raises("ValidationException"):
        numbers.query("p = :p AND begins_with(c, :c)", {":p": N(1), ":c": S("1")})


def test_key_conditions_in_any_order_and_parentheses(letters):
    ask = lambda condition, **more: [i["n"]["N"] for i in letters.query(condition, {":p": S("ten"), ":c": S("003")},
        **more)["Items"]]
    for condition in ["c = :c AND p = :p", "(p = :p) AND (c = :c)", "(p = :p AND c = :c)", ":p = p AND :c = c",
                      "#p = :p and #c = :c"]:
        names = {"ExpressionAttributeNames": {"#p": "p", "#c": "c"}} if "#" in condition else {}
        assert ask(condition, **names) == ["3"]
    assert ask("p = :p AND :c > c") == ["0", "1", "2"]


@rows("kind, ordered", *[
    ("numbers", "N", ["-9.9e125", "-100", "-99.5", "-1", "-1e-130", "0", "1e-130", "0.5", "1", "1.5", "2", "10", "99", "100",
                      "12345678901234567890123456789012345677", "12345678901234567890123456789012345678", "9.9e125"]),
    ("strings by their UTF-8 bytes", "S", ["\0", "A", "Z", "a", "a\0", "aa", "b", "é", "ऄ", "\ufb01", "\uffff", "😀"]),
    ("binaries as unsigned bytes", "B", [b"\0", b"\0\0", b"\x01", b"\x7f", b"\x80", b"\xfe\xff", b"\xff", b"\xff\0",
                                         b"\xff\xff"])])
def test_the_order_of_keys(db, unique, kind, ordered):
    table = make_table(db, unique("facts-order"), "p:S c:" + kind)
    for value in sorted(ordered, key=hash):
        table.put({"p": S("a"), "c": {kind: value}, "i": N(ordered.index(value))})
    found = lambda **more: [int(i["i"]["N"]) for i in table.query("p = :p", {":p": S("a")}, **more)["Items"]]
    assert found() == list(range(len(ordered))) and found(ScanIndexForward=False) == found()[::-1]
    for i in range(0, len(ordered), 3):
        below = table.query("p = :p AND c < :c", {":p": S("a"), ":c": {kind: ordered[i]}})
        assert below["Count"] == i
    if kind == "B":
        for start, count in [(b"\xff", 3), (b"\xff\xff", 1), (b"\0", 2), (b"", None)]:
            if count:
                assert table.query("p = :p AND begins_with(c, :c)", {":p": S("a"), ":c": B(start)})["Count"] == count


@rows("conditions, text", *[
    *[(f"{name} of the sort key", {"p": op("EQ", S("a")), "c": op(name, *values)},
       "Attempted conditional constraint is not an indexable operation")
      for name, values in [("NE", [S("a")]), ("IN", [S("a")]), ("CONTAINS", [S("a")]), ("NOT_CONTAINS", [S("a")]), ("NULL", []),
                           ("NOT_NULL", [])]],
    *[(f"{name} of the hash key", {"p": op(name, *values)}, "Query key condition not supported") for name,
      values in [("LT", [S("a")]), ("BEGINS_WITH", [S("a")]), ("BETWEEN", [S("a"), S("b")])]],
    ("an operator in lower case", {"p": op("eq", S("a"))}, "comparisonOperator"),
    ("no hash key", {"c": op("EQ", S("a"))}, "Query condition missed key schema element: p"),
    ("another attribute", {"p": op("EQ", S("a")), "n": op("EQ", S("a"))}, "Query condition missed key schema element: c"),
    ("another type", {"p": op("EQ", N(1))}, "Condition parameter type does not match schema type"),
    ("no conditions", {}, ""), ("three conditions", {n: op("EQ", S("a")) for n in "pcn"},
                                "Conditions can be of length 1 or 2 only"), ("no values", {"p": op("EQ")}, ARGUMENTS.format("EQ"))])
def test_faults_of_legacy_key_conditions(letters, conditions, text):
    with raises("ValidationException", text, "not supported" if "indexable" in text else ""):
        letters.query(KeyConditions=conditions)


def test_limit_counts_before_the_filter(letters):
    ask = lambda limit, **more: letters.query("p = :p", {":p": S("ten"), **more.pop("values", {})}, Limit=limit, **more)
    for limit in [0, -1]:
        with raises("ValidationException", "greater than or equal to 1"):
            ask(limit)
        with raises("ValidationException", "greater than or equal to 1"):
            letters.scan(Limit=limit)
    page = ask(3, FilterExpression="n = :n", values={":n": N(77)})
    assert (page["Count"], page["ScannedCount"], page["Items"]) == (0, 3, []) and page["LastEvaluatedKey"] == {"p": S("ten"),
        "c": S("002")}
    assert (ask(3, ScanIndexForward=False)["LastEvaluatedKey"]["c"],
            ask(3, Select="COUNT")["LastEvaluatedKey"]["c"]) == (S("007"), S("002"))
    assert "LastEvaluatedKey" in ask(10) and "LastEvaluatedKey" not in ask(11)
    last = ask(10)["LastEvaluatedKey"]
    assert letters.query("p = :p", {":p": S("ten")}, ExclusiveStartKey=last)["Items"] == []


def test_pages_of_a_megabyte_end_behind_the_row_that_passes_it(db, unique):
    table = make_table(db, unique("facts-pages"), "p:S c:N")
    for i in range(6):
        table.put({"p": S("a"), "c": N(i), "v": S("x" * 400_000), "w": N(i)})
    for more in [{}, {"ProjectionExpression": "c"}, {"Select": "COUNT"}, {"FilterExpression": "w = :w", "values": {":w": N(99)}}]:
        more = dict(more)
        values = {":p": S("a"), **more.pop("values", {})}
        page = table.query("p = :p", values, **more)
        assert page["ScannedCount"] == 3 and page["LastEvaluatedKey"] == {"p": S("a"), "c": N(2)}, more
        assert page["Count"] == (0 if "FilterExpression" in more else 3)
    page = table.scan(Limit=5)
    assert page["Count"] == 3 and page["LastEvaluatedKey"]["c"] == N(2)
    assert table.scan(ExclusiveStartKey=page["LastEvaluatedKey"])["Count"] == 3
    db.delete_table(TableName=table.name)


START_KEY = "The provided starting key is invalid"
OUTSIDE = "The provided starting key is outside query boundaries based on provided conditions"


@rows("start, text", *[
    ("a key that is not there", {"p": S("ten"), "c": S("0045")}, 5),
    ("a missing sort key", {"p": S("ten")}, START_KEY),
    ("an attribute too many", {"p": S("ten"), "c": S("1"), "x": S("a")}, START_KEY),
    ("no attribute", {}, START_KEY), ("another hash value", {"p": S("other"), "c": S("1")}, OUTSIDE),
    ("a sort key of another type", {"p": S("ten"), "c": N(1)}, SCHEMA),
    ("a hash key of another type", {"p": N(1), "c": S("1")}, SCHEMA)])
def test_start_keys_of_queries(letters, start, text):
    ask = lambda: letters.query("p = :p", {":p": S("ten")}, ExclusiveStartKey=start)
    if isinstance(text, int):
        assert ask()["Count"] == text
    else:
        with raises("ValidationException", text):
            ask()


def test_start_keys_elsewhere(indexed, plain):
    with raises("ValidationException", "ExclusiveStartKey"):
        plain.query("p = :p", {":p": S("a")}, ExclusiveStartKey={"p": S("a")})
    for start in [{"p": S("a")}, {"p": S("a"), "c": S("a"), "x": S("a"), "y": N(1)}]:
        with raises("ValidationException", "The provided starting key is invalid"):
            indexed.scan(ExclusiveStartKey=start)
    ask = lambda start, **more: indexed.query("x = :x AND y > :y", {":x": S("g"), ":y": N(0)}, IndexName="all",
                                              ExclusiveStartKey=start, **more)
    assert ask({"p": S("a"), "c": S("a"), "x": S("g"), "y": N(1)})["Items"] == []
    for start, text in [({"p": S("a"), "c": S("a")}, START_KEY), ({"x": S("g"), "y": N(1)}, START_KEY),
                        ({"p": S("a"), "c": S("a"), "x": S("g"), "y": N(1), "z": N(1)}, START_KEY),
                        ({"p": S("a"), "c": S("a"), "x": S("other"), "y": N(1)}, OUTSIDE),
                        ({"p": S("a"), "c": S("a"), "x": S("g"), "y": N(0)},
                         "The provided starting key does not match the range key predicate"),
                        ({"p": S("a"), "c": S("a"), "x": S("g"), "y": S("1")}, SCHEMA)]:
        with raises("ValidationException", text):
            ask(start)


@rows("more, text", *[
    *[(f"{wrong!r}", {"Select": wrong}, "select") for wrong in ["count", "All_Attributes", "DOG", ""]],
    ("SPECIFIC_ATTRIBUTES without a projection", {"Select": "SPECIFIC_ATTRIBUTES"}, "Must specify"),
    ("ALL_PROJECTED_ATTRIBUTES of a table", {"Select": "ALL_PROJECTED_ATTRIBUTES"}, "ALL_PROJECTED_ATTRIBUTES"),
    *[(f"{select} with a projection", {"Select": select, "ProjectionExpression": "n"},
       f"Cannot specify the ProjectionExpression when choosing to get {what}")
      for select, what in [("ALL_ATTRIBUTES", "ALL_ATTRIBUTES"), ("COUNT", "")]],
    *[(f"{select} with attributes", {"Select": select, "AttributesToGet": ["n"]},
       f"Cannot specify the AttributesToGet when choosing to get {what}")
      for select, what in [("ALL_ATTRIBUTES", "ALL_ATTRIBUTES"), ("COUNT", "")]],
    ("an attribute twice", {"AttributesToGet": ["a", "b", "a"]}, INVALID + "Duplicate value in attribute name: a"),
    ("no attributes", {"AttributesToGet": []}, ""),
    ("an unknown index", {"IndexName": "nope"}, "The table does not have the specified index: nope")])
def test_faults_of_selections(letters, more, text):
    with raises("ValidationException", text):
        if "AttributesToGet" in more:
            letters.query(KeyConditions={"p": op("EQ", S("ten"))}, **more)
        else:
            letters.query("p = :p", {":p": S("ten")}, **more)
    with raises("ValidationException", text):
        letters.scan(**more)


def test_selections(letters, indexed):
    ask = lambda **more: letters.query("p = :p", {":p": S("ten")}, **more)
    counted = ask(Select="COUNT")
    assert "Items" not in counted and (counted["Count"], counted["ScannedCount"]) == (10,
        10) and "Items" not in letters.scan(Select="COUNT")
    assert ask(Select="SPECIFIC_ATTRIBUTES",
               ProjectionExpression="n")["Items"][0] == {"n": N(0)} == ask(ProjectionExpression="n")["Items"][0]
    assert ask(Select="ALL_ATTRIBUTES")["Items"][0].keys() == {"p", "c", "n", "v"}
    assert letters.query(KeyConditions={"p": op("EQ", S("ten"))}, Select="SPECIFIC_ATTRIBUTES",
                         AttributesToGet=["n"])["Items"][0] == {"n": N(0)}
    assert indexed.scan(IndexName="all", Select="ALL_PROJECTED_ATTRIBUTES")["Count"] >= 0
    page = letters.query("p = :p", {":p": S("ten"), ":n": N(7)}, FilterExpression="n >= :n", ProjectionExpression="v")
    assert (page["Count"], page["ScannedCount"], page["Items"][0]) == (3, 10, {"v": S("x")})


@rows("more, text", *[
    ("Segment alone", {"Segment": 0}, "TotalSegments"), ("TotalSegments alone", {"TotalSegments": 2}, "Segment"),
    ("a segment too many", {"Segment": 2, "TotalSegments": 2}, "Segment"),
    ("a negative segment", {"Segment": -1, "TotalSegments": 2}, "segment"),
    ("no segments", {"Segment": 0, "TotalSegments": 0}, "totalSegments"),
    ("too many segments", {"Segment": 0, "TotalSegments": 1000001}, "totalSegments")])
def test_faults_of_segments(letters, more, text):
    with raises("ValidationException", text):
        letters.scan(**more)


def test_the_start_key_belongs_to_the_segment(plain):
    plain.put({"p": S("segmented")})
    outside = []
    for segment in range(5):
        try:
            plain.scan(Segment=segment, TotalSegments=5, ExclusiveStartKey={"p": S("segmented")})
        except ClientError as error:
            assert "The provided Exclusive start key does not map to the provided Segment and TotalSegments values" in str(error)
            outside.append(segment)
    assert len(outside) == 4
    assert plain.scan(Segment=0, TotalSegments=1, Select="COUNT")["Count"] == plain.scan(Select="COUNT")["Count"]
    assert plain.scan(Segment=999_999, TotalSegments=1_000_000)["Count"] >= 0


# ---- indexes ----

def index_text(kind, name, index):
    return ("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key "
            f"attribute cannot contain an empty {kind} value. IndexName: {index}, IndexKey: {name}")


def every_write(db, table, item):
    """Each way to store an item."""
    key = {name: item[name] for name in ["p", "c"]}
    rest = {name: value for name, value in item.items() if name not in key}
    put = {"TableName": table.name, "Item": item}
    return {
        "PutItem": lambda: table.put(item),
        "BatchWriteItem": lambda: db.batch_write_item(RequestItems={table.name: [{"PutRequest": {"Item": item}}]}),
        "UpdateItem": lambda: table.update(key, "SET " + ", ".join(f"{n} = :{n}" for n in rest),
                                           {f":{n}": v for n, v in rest.items()}),
        "AttributeUpdates": lambda: table.update(key, AttributeUpdates={n: {"Value": v} for n, v in rest.items()}),
        "TransactWriteItems": lambda: db.transact_write_items(TransactItems=[{"Put": put}]),
        "an Update of TransactWriteItems": lambda: db.transact_write_items(TransactItems=[{"Update": {
            "TableName": table.name, "Key": key, "UpdateExpression": "SET " + ", ".join(f"{n} = :{n}" for n in rest),
            "ExpressionAttributeValues": {f":{n}": v for n, v in rest.items()}}}])}


@rows("attributes, text", *[
    ("a number for a string", {"x": N(1)}, INVALID + "Type mismatch for Index Key x Expected: S Actual: N IndexName: all"),
    ("a string for a number", {"x": S("g"), "y": S("1")},
     INVALID + "Type mismatch for Index Key y Expected: N Actual: S IndexName: "),
    ("a string for a binary", {"b": S("a")}, INVALID + "Type mismatch for Index Key b Expected: B Actual: S IndexName: bin"),
    ("NULL", {"x": {"NULL": True}}, INVALID + "Type mismatch for Index Key x Expected: S Actual: NULL IndexName: all"),
    ("a list", {"x": L()}, "Expected: S Actual: L"),
    ("an empty string", {"x": S("")}, index_text("string", "x", "all")),
    ("an empty binary", {"b": B(b"")}, index_text("binary", "b", "bin")),
    ("a long hash string", {"x": S("x" * 2049)}, "2048"), ("a long hash binary", {"b": B(b"x" * 2049)}, "2048")])
def test_index_keys_are_checked_by_every_write(db, indexed, unique, attributes, text):
    item = {"p": S(unique()), "c": S("c"), **attributes}
    for write, ask in every_write(db, indexed, item).items():
        with pytest.raises(ClientError) as caught:
            ask()
        answer = caught.value.response
        assert answer["Error"]["Code"] in ("ValidationException", "TransactionCanceledException"), write
        message = answer.get("CancellationReasons", [answer["Error"]])[0].get("Message", answer["Error"]["Message"])
        assert text in message and (not text.isdigit() or "limit" in message), (write, message)
        assert indexed.get({"p": item["p"], "c": item["c"]}) is None


def test_the_longest_range_key_of_an_index(db, unique):
    table = make_table(db, unique("facts-long"), "p:S c:S", definitions={"x": "S", "y": "S"},
                       GlobalSecondaryIndexes=[gsi("glob", "x y")], LocalSecondaryIndexes=[gsi("local", "p y")])
    for write, ask in every_write(db, table, {"p": S("a"), "c": S("c"), "y": S("y" * 1025)}).items():
        with pytest.raises(ClientError) as caught:
            ask()
        reasons = caught.value.response.get("CancellationReasons", [caught.value.response["Error"]])
        assert "1024" in reasons[0]["Message"] and "limit" in reasons[0]["Message"], write
    table.put({"p": S("a"), "c": S("c"), "x": S("x" * 2048), "y": S("y" * 1024)})
    for name in ["glob", "local"]:
        assert table.scan(IndexName=name)["Count"] == 1


@pytest.mark.parametrize("path", ["x.y", "x[0]", "b.c.d", "y[1].z"])
def test_index_keys_have_no_parts(indexed, path):
    for expression in [f"SET {path} = :v", f"ADD {path} :v"]:
        with raises("ValidationException",
                    "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: " + path[0]):
            indexed.update({"p": S("parts"), "c": S("c")}, expression, ONE)


def test_items_without_an_index_key_are_not_in_the_index(indexed):
    base = {"p": S("sparse"), "z": S("z")}
    for c, more in [("1", {"x": S("sparse"), "y": N(9001)}), ("2", {"x": S("sparse")}), ("3", {"y": N(9001)}), ("4", {})]:
        indexed.put({**base, "c": S(c), **more})
    found = lambda index, condition, values, **more: sorted(i["c"]["S"]
                                                            for i in indexed.query(condition, values, IndexName=index,
                                                                **more)["Items"])
    assert found("all", "x = :x", {":x": S("sparse")}) == ["1"] and found("keys", "x = :x", {":x": S("sparse")}) == ["1", "2"]
    assert found("some", "y = :y", {":y": N(9001)}) == ["1", "3"] == found("local", "p = :p", {":p": S("sparse")})
    indexed.update({"p": S("sparse"), "c": S("1")}, "REMOVE x")
    indexed.update({"p": S("sparse"), "c": S("2")}, "SET y = :y", {":y": N("9.001e3")})
    assert (found("all", "x = :x", {":x": S("sparse")}), found("some", "y = :y", {":y": N(9001)})) == (["2"], ["1", "2", "3"])
    for c in "1234":
        indexed.delete({"p": S("sparse"), "c": S(c)})
    assert found("keys", "x = :x", {":x": S("sparse")}) == [] == found("local", "p = :p", {":p": S("sparse")})


def test_what_indexes_project(indexed):
    item = {"p": S("projected"), "c": S("1"), "x": S("projected"), "y": N(77), "a": M(k=N(1), j=N(2)), "z": S("z")}
    indexed.put(item)
    ask = lambda index, condition, values, **more: indexed.query(condition, values, IndexName=index, **more)["Items"]
    by_x, by_y, by_p = ("x = :x", {":x": S("projected")}), ("y = :y", {":y": N(77)}), ("p = :p", {":p": S("projected")})
    assert ask("all", *by_x) == [item] == ask("all", *by_x, Select="ALL_ATTRIBUTES")
    assert ask("keys", *by_x)[0].keys() == {"p", "c", "x"} and ask("some", *by_y)[0].keys() == {"p", "c", "y",
        "a"} and ask("local", *by_p)[0].keys() == {"p", "c", "y"}
    assert ask("some", *by_y, Select="ALL_PROJECTED_ATTRIBUTES")[0].keys() == {"p", "c", "y", "a"} and ask("some", *by_y,
        ProjectionExpression="a.k") == [{"a": M(k=N(1))}]
    # A local index fetches from the table what it lacks, a global one refuses.
    assert ask("local", *by_p, ProjectionExpression="z, a.j") == [{"z": S("z"), "a": M(j=N(2))}] and ask("local", *by_p,
        Select="ALL_ATTRIBUTES") == [item]
    assert indexed.query(KeyConditions={"p": op("EQ", S("projected"))}, IndexName="local",
                         AttributesToGet=["z"])["Items"] == [{"z": S("z")}]
    for more in [{"ProjectionExpression": "z"}, {"ProjectionExpression": "p, z.q"}, {"AttributesToGet": ["z"]},
                 {"Select": "ALL_ATTRIBUTES"}]:
        with raises("ValidationException", "project"):
            indexed.query(KeyConditions={"x": op("EQ", S("projected"))}, IndexName="keys",
                          **more) if "AttributesToGet" in more else ask("keys", *by_x, **more)
        with raises("ValidationException", "project"):
            indexed.scan(IndexName="keys", **more)
    for read in [lambda: ask("all", *by_x, ConsistentRead=True), lambda: indexed.scan(IndexName="all", ConsistentRead=True)]:
        with raises("ValidationException", "Consistent reads are not supported on global secondary indexes"):
            read()


def test_paging_through_items_of_one_index_key(db, unique):
    table = make_table(db, unique("facts-equal"), "p:S c:N", definitions={"x": "S", "y": "N"},
                       GlobalSecondaryIndexes=[gsi("glob", "x y")], LocalSecondaryIndexes=[gsi("local", "p y")])
    for i in range(12):
        table.put({"p": S("ab"[i % 2]), "c": N(i), "x": S("same"), "y": N(1)})
    for index, condition, values, count, names in [("glob", "x = :x AND y = :y", {":x": S("same"), ":y": N(1)}, 12, "pcxy"),
                                                   ("local", "p = :p AND y = :y", {":p": S("a"), ":y": N(1)}, 6, "pcy")]:
        for forward in [True, False]:
            more = {"IndexName": index, "Limit": 5, "ScanIndexForward": forward}
            items, _ = table.query_all(condition, values, **more)
            assert len({i["c"]["N"] for i in items}) == len(items) == count
            assert table.query(condition, values, **more)["LastEvaluatedKey"].keys() == set(names)
    seen, more = [], {}
    while True:
        page = table.scan(IndexName="glob", Limit=5, **more)
        seen += [i["c"]["N"] for i in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert len(set(seen)) == len(seen) == 12


def test_an_index_made_later_leaves_out_what_does_not_fit(db, unique):
    table = make_table(db, unique("facts-backfill"))
    for name, attributes in [("good", {"x": S("v"), "b": B(b"v")}), ("type", {"x": N(1), "b": S("v")}),
                             ("null", {"x": {"NULL": True}, "b": L()}), ("empty", {"x": S(""), "b": B(b"")}),
                             ("long", {"x": S("x" * 2049), "b": B(b"x" * 2049)}), ("missing", {})]:
        table.put({"p": S(name), **attributes})
    for attribute, kind, bad in [("x", "S", [N(1), S(""), S("x" * 2049)]), ("b", "B", [S("a"), B(b""), B(b"x" * 2049)])]:
        db.update_table(TableName=table.name, AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": kind}],
                        GlobalSecondaryIndexUpdates=[{"Create": gsi("by" + attribute, attribute)}])
        assert [i["p"]["S"] for i in table.scan(IndexName="by" + attribute)["Items"]] == ["good"]
        for value in bad:
            with raises("ValidationException"):
                table.put({"p": S("new"), attribute: value})
    assert table.scan()["Count"] == 6


LONG = "x" * 256


@rows("change, texts", *[
    *[(f"INCLUDE of {what}", {"GlobalSecondaryIndexes": [gsi("ix1", "c", "INCLUDE", names)]}, texts) for what, names, texts in [
        ("nothing", [], []), ("no list", None, ["NonKeyAttributes"]), ("a name twice", ["a", "b", "a"], ["a"]),
        ("a long name", [LONG], ["255"]), ("an empty name", [""], []), ("101 names", [f"a{i}" for i in range(101)], ["100"])]],
    ("101 names of two indexes", {"GlobalSecondaryIndexes": [gsi("ix1", "c", "INCLUDE", [f"a{i}" for i in range(51)]),
                                                             gsi("ix2", "c", "INCLUDE", [f"b{i}" for i in range(50)])]}, ["100"]),
    ("names with ALL", {"GlobalSecondaryIndexes": [gsi("ix1", "c", "ALL", ["a"])]}, ["NonKeyAttributes"]),
    ("names with KEYS_ONLY", {"LocalSecondaryIndexes": [gsi("ix1", "p c", "KEYS_ONLY", ["a"])]}, ["NonKeyAttributes"]),
    ("an unknown projection", {"GlobalSecondaryIndexes": [gsi("ix1", "c", "DOG")]}, []),
    ("a projection in lower case", {"GlobalSecondaryIndexes": [gsi("ix1", "c", "all")]}, []),
    ("a key that is not defined", {"GlobalSecondaryIndexes": [gsi("ix1", "zz")]}, ["zz"]),
    ("a local key that is not defined", {"LocalSecondaryIndexes": [gsi("ix1", "p zz")]}, ["zz"]),
    ("a definition too many", {"AttributeDefinitions": DEFINED("p c spare")},
     ["Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions"]),
    ("a definition too many beside an index", {"AttributeDefinitions": DEFINED("p c spare"),
                                               "GlobalSecondaryIndexes": [gsi("ix1", "c")]},
                                               ["Some AttributeDefinitions are not used"]),
    ("two indexes of one name", {"GlobalSecondaryIndexes": [gsi("index1", "c"), gsi("index1", "p")]},
     ["Duplicate index name: index1"]),
    ("a local and a global index of one name", {"GlobalSecondaryIndexes": [gsi("index1", "c")],
                                                "LocalSecondaryIndexes": [gsi("index1", "p c")]},
                                                ["Duplicate index name: index1"]),
    ("a local index with another hash key", {"LocalSecondaryIndexes": [gsi("ix1", "c p")]}, ["hash key"]),
    ("a local index without a range key", {"LocalSecondaryIndexes": [gsi("ix1", "p")]}, []),
    ("a local index of a table without a range key", {**HASH_ONLY, "AttributeDefinitions": DEFINED("p x"),
                                                      "LocalSecondaryIndexes": [gsi("ix1", "p x")]}, ["range key"]),
    ("six local indexes", {"LocalSecondaryIndexes": [gsi(f"ix{i}", "p c") for i in range(6)]}, ["5"]),
    ("21 global indexes", {"GlobalSecondaryIndexes": [gsi(f"ix{i}", "c") for i in range(21)]}, ["20"]),
    ("no indexes", {"GlobalSecondaryIndexes": []}, []), ("no local indexes", {"LocalSecondaryIndexes": []}, []),
    *[(f"an index named {name[:5]!r}", {"GlobalSecondaryIndexes": [gsi(name, "c")]}, [text]) for name,
      text in [("ix", "3"), ("x" * 256, "255"), ("ix$", "[a-zA-Z0-9_.-]+"), ("i x", "[a-zA-Z0-9_.-]+")]],
    # names of keys: their length goes before any mismatch
    ("a long hash key", {"KeySchema": [{"AttributeName": LONG, "KeyType": "HASH"}], "AttributeDefinitions": DEFINED(LONG)},
     ["255"]),
    ("a long hash key that is not defined", {"KeySchema": [{"AttributeName": LONG, "KeyType": "HASH"}]}, ["255"]),
    ("a long definition that is not used", {"AttributeDefinitions": DEFINED("p c " + LONG)}, ["255"]),
    ("a long range key", {"KeySchema": [*HASH_ONLY["KeySchema"], {"AttributeName": LONG, "KeyType": "RANGE"}]}, ["255"]),
    ("an empty name of a key", {"KeySchema": [{"AttributeName": "", "KeyType": "HASH"}]}, []),
    ("a long key of an index", {"GlobalSecondaryIndexes": [gsi("ix1", LONG)]}, ["255"]),
    ("a long key of a local index", {"LocalSecondaryIndexes": [gsi("ix1", "p " + LONG)]}, ["255"]),
    ("a long key of an index that is defined", {"AttributeDefinitions": DEFINED("p c " + LONG),
                                                "GlobalSecondaryIndexes": [gsi("ix1", LONG)]}, ["255"]),
    # tables
    *[(f"a table named {name[:5]!r}", {"TableName": name}, texts) for name,
      texts in [("ab", ["3"]), ("x" * 256, ["255"]), ("a!b", ["[a-zA-Z0-9_.-]+"]), ("", ["3"])]],
    ("a definition twice", {"AttributeDefinitions": DEFINED("p c") + [{"AttributeName": "c", "AttributeType": "N"}]},
     ["Duplicate", "c"]), ("the same definition twice", {"AttributeDefinitions": DEFINED("p c c")}, ["Duplicate", "c"]),
    ("a definition without a name", {"AttributeDefinitions": [{"AttributeType": "S"}]},
     ["Value null at 'attributeDefinitions.1.member.attributeName' failed to satisfy constraint: Member must not be null"]),
    ("a definition without a type", {"AttributeDefinitions": [{"AttributeName": "p"}]},
     ["Value null at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must not be null"]),
    ("an unknown type", {"AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "SS"}]}, ["attributeType"]),
    ("a range key alone", {"KeySchema": [{"AttributeName": "p", "KeyType": "RANGE"}]}, ["HASH"]),
    ("two hash keys", {"KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "c", "KeyType": "HASH"}]}, []),
    ("no keys", {"KeySchema": []}, []),
    ("throughput beside on demand", {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
     ["PAY_PER_REQUEST"]),
    *[(f"{mode or 'the default'} with {units}", {"BillingMode": mode,
                                                 "ProvisionedThroughput": units and {"ReadCapacityUnits": units[0],
                                                     "WriteCapacityUnits": units[1]}},
                                                     texts) for mode in ["PROVISIONED", None] for units, texts in [
        (None, ["rovisionedThroughput"]), ((0, 1), ["provisionedThroughput.readCapacityUnits"]),
        ((1, 0), ["provisionedThroughput.writeCapacityUnits"]), ((-1, 1), ["provisionedThroughput.readCapacityUnits"])]],
    ("an unknown billing mode", {"BillingMode": "pay_per_request"}, ["billingMode"]),
    ("bad tags", {"Tags": [{"Key": "k#", "Value": "v"}]}, []), ("a tag without a value", {"Tags": [{"Key": "k"}]}, []),
    ("51 tags", {"Tags": [{"Key": f"k{i}", "Value": ""} for i in range(51)]}, []),
    ("a bad stream", {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "DOG"}}, [])])
def test_tables_that_are_refused(server, db, unique, change, texts):
    body = {"TableName": unique("facts-bad"), "BillingMode": "PAY_PER_REQUEST", **TWO, **change}
    with call_raises("ValidationException", *texts):
        call(server, "CreateTable", {name: value for name, value in body.items() if value is not None})
    with raises("ResourceNotFoundException"):
        db.describe_table(TableName=body["TableName"] if 3 <= len(body["TableName"]) <= 255 and "!" not in body["TableName"]
                          else unique())


def test_tables_and_names_of_the_greatest_length(db, unique):
    long = "x" * 255
    name = (unique() + "." + "_-Z9" * 64)[:255]
    made = make_table(db, name, f"{long}:S c:S", definitions={"y" * 255: "S"},
                      GlobalSecondaryIndexes=[gsi(long, "y" * 255, "INCLUDE", ["z" * 255])])
    assert [g["IndexName"] for g in db.describe_table(TableName=made.name)["Table"]["GlobalSecondaryIndexes"]] == [long]
    db.delete_table(TableName=made.name)


def test_twenty_global_and_five_local_indexes(db, unique):
    name = unique("facts-many")
    make_table(db, name, "p:S c:S", GlobalSecondaryIndexes=[gsi(f"g{i:02}", "c") for i in range(20)],
               LocalSecondaryIndexes=[gsi(f"l{i:02}", "p c") for i in range(5)])
    described = db.describe_table(TableName=name)["Table"]
    common = {"IndexName", "IndexArn", "KeySchema", "Projection", "IndexSizeBytes", "ItemCount"}
    for one in described["GlobalSecondaryIndexes"]:
        assert one.keys() == common | {"IndexStatus",
                                       "ProvisionedThroughput"} and one["IndexArn"] == f"{described['TableArn']}/index/{one['IndexName']}"
    assert all(one.keys() == common for one in described["LocalSecondaryIndexes"])
    with raises("ValidationException", "GlobalSecondaryIndex count exceeds the per-table limit of 20"):
        db.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{"Create": gsi("g20", "c")}])
    db.delete_table(TableName=name)


NOTHING = ("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
CREATE, DELETE = {"Create": gsi("new", "c")}, {"Delete": {"IndexName": "old"}}


@rows("change, code, texts", *[
    ("nothing", {}, "ValidationException", [NOTHING]), ("an empty list", {"GlobalSecondaryIndexUpdates": []},
                                                        "ValidationException", [NOTHING]),
    ("two creations", {"GlobalSecondaryIndexUpdates": [CREATE, {"Create": gsi("new2", "c")}]}, "LimitExceededException", []),
    ("a creation and a deletion", {"GlobalSecondaryIndexUpdates": [CREATE, DELETE]}, "LimitExceededException", []),
    ("an empty entry", {"GlobalSecondaryIndexUpdates": [{}]}, "ValidationException", ["GlobalSecondaryIndexUpdate"]),
    ("an unknown entry", {"GlobalSecondaryIndexUpdates": [{"Dance": {}}]}, "ValidationException", ["GlobalSecondaryIndexUpdate"]),
    ("two actions of one entry", {"GlobalSecondaryIndexUpdates": [{**CREATE, **DELETE}]}, "ValidationException", ["one"]),
    ("deleting an unknown index", {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "nope"}}]},
     "ResourceNotFoundException", []),
    ("an index that is there", {"GlobalSecondaryIndexUpdates": [{"Create": gsi("old", "c")}]}, "ValidationException",
     ["Attempting to create an index which already exists"]),
    ("the name of a local index", {"GlobalSecondaryIndexUpdates": [{"Create": gsi("local", "c")}]}, "ValidationException",
     ["already exists"]),
    ("another type of an index's key", {"AttributeDefinitions": [{"AttributeName": "x", "AttributeType": "N"}],
                                        "GlobalSecondaryIndexUpdates": [{"Create": gsi("new", "x")}]}, "ValidationException",
                                        ["redefined"]),
    ("another type of the table's key", {"AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "N"}],
                                         "GlobalSecondaryIndexUpdates": [{"Create": gsi("new", "p")}]}, "ValidationException",
                                         ["redefined"]),
    ("a key that is not defined", {"GlobalSecondaryIndexUpdates": [{"Create": gsi("new", "zz")}]}, "ValidationException", ["zz"]),
    ("a short name", {"GlobalSecondaryIndexUpdates": [{"Create": gsi("ne", "c")}]}, "ValidationException", ["3"]),
    ("a bad name", {"GlobalSecondaryIndexUpdates": [{"Create": gsi("new$", "c")}]}, "ValidationException", ["[a-zA-Z0-9_.-]+"]),
    ("INCLUDE of nothing", {"GlobalSecondaryIndexUpdates": [{"Create": gsi("new", "c", "INCLUDE", [])}]}, "ValidationException",
     []),
    ("101 names of all indexes", {"GlobalSecondaryIndexUpdates": [{"Create": gsi("new", "c", "INCLUDE",
        [f"a{i}" for i in range(61)])}]}, "ValidationException", ["100"]),
    ("INCLUDE of a name twice", {"GlobalSecondaryIndexUpdates": [{"Create": gsi("new", "c", "INCLUDE", ["a", "a"])}]},
     "ValidationException", []), ("a name for ALL", {"GlobalSecondaryIndexUpdates": [{"Create": gsi("new", "c", "ALL", ["a"])}]},
                                  "ValidationException", [])])
def test_updates_of_tables_that_are_refused(server, db, unique, change, code, texts):
    table = make_table(db, unique("facts-update"), "p:S c:S", definitions={"x": "S"},
                       GlobalSecondaryIndexes=[gsi("old", "x", "INCLUDE",
                                                   [f"b{i}" for i in range(40)])], LocalSecondaryIndexes=[gsi("local", "p x")])
    with call_raises(code, *texts):
        call(server, "UpdateTable", {"TableName": table.name, **change})
    described = db.describe_table(TableName=table.name)["Table"]
    assert [g["IndexName"]
            for g in described["GlobalSecondaryIndexes"]] == ["old"] and len(described["AttributeDefinitions"]) == 3


def test_an_update_ignores_definitions_it_does_not_use(db, unique):
    table = make_table(db, unique("facts-spare"))
    db.update_table(TableName=table.name, AttributeDefinitions=DEFINED("p x spare"),
                    GlobalSecondaryIndexUpdates=[{"Create": gsi("byx", "x")}])
    assert [d["AttributeName"] for d in db.describe_table(TableName=table.name)["Table"]["AttributeDefinitions"]] in (["p", "x"],
        ["x", "p"])


def several(hashes, ranges):
    return [*[{"AttributeName": n, "KeyType": "HASH"} for n in hashes.split()],
            *[{"AttributeName": n, "KeyType": "RANGE"} for n in ranges.split()]]


def with_index(name, keys, kind="GlobalSecondaryIndexes"):
    names = {"p", "c"} | {k["AttributeName"] for k in keys}
    return {"TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": TWO["KeySchema"],
            "AttributeDefinitions": DEFINED(" ".join(sorted(names))),
            kind: [{"IndexName": "multi", "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}]}


@rows("keys, kind, text", *[
    ("five of HASH", several("a b d e f", ""), "GlobalSecondaryIndexes", "4"),
    ("five of RANGE", several("a", "b d e f g"), "GlobalSecondaryIndexes", "4"),
    ("RANGE before HASH", several("", "a")[:1] + several("b", ""), "GlobalSecondaryIndexes", "HASH"),
    ("HASH between RANGE", several("a", "b") + several("d", ""), "GlobalSecondaryIndexes", "precede"),
    ("an attribute twice", several("a b", "a"), "GlobalSecondaryIndexes", "same name"),
    ("no HASH", several("", "a b"), "GlobalSecondaryIndexes", "HASH"),
    ("a local index", several("p", "a b"), "LocalSecondaryIndexes", "")])
def test_keys_of_several_attributes_that_are_refused(server, unique, keys, kind, text):
    with call_raises("ValidationException", text):
        call(server, "CreateTable", with_index(unique("facts-multi"), keys, kind))


def test_a_table_has_one_key_of_each_kind(server, unique):
    for keys in [several("p c", ""), several("p", "c d"), several("p c", "d")]:
        with call_raises("ValidationException"):
            call(server, "CreateTable", {"TableName": unique(), "BillingMode": "PAY_PER_REQUEST", "KeySchema": keys,
                                         "AttributeDefinitions": [{"AttributeName": k["AttributeName"], "AttributeType": "S"}
                                                                  for k in keys]})


@pytest.fixture(scope="module")
def multi(server, db):
    call(server, "CreateTable", with_index("facts-multi", several("a b", "d e f")))
    table = Table(db, "facts-multi")
    for i in range(8):
        table.put({"p": S(str(i)), "c": S("c"), "a": S("a"), "b": S("b"), "d": S("xy"[i // 4]), "e": S("xy"[i // 2 % 2]),
                   "f": S("xy"[i % 2]), "z": S("z")})
    for name in "abdef":
        item = {"p": S("lacks-" + name), "c": S("c"), "a": S("a"), "b": S("b"), "d": S("x"), "e": S("x"), "f": S("x")}
        del item[name]
        table.put(item)
    return table


X, ALL_HASH = {":x": S("x")}, "a = :a AND b = :b"


@rows("condition, found", *[
    ("every HASH attribute", ALL_HASH, "01234567"), ("the first RANGE attribute", ALL_HASH + " AND d = :x", "0123"),
    ("two RANGE attributes", ALL_HASH + " AND d = :x AND e = :x", "01"),
    ("all of them", ALL_HASH + " AND d = :x AND e = :x AND f = :x", "0"),
    ("an inequality last", ALL_HASH + " AND d = :x AND e > :x", "23"),
    ("begins_with last", ALL_HASH + " AND d = :x AND e = :x AND begins_with(f, :x)", "0"),
    ("BETWEEN last", ALL_HASH + " AND d BETWEEN :x AND :x", "0123"),
    ("an inequality first and alone", ALL_HASH + " AND d > :x", "4567"),
    ("a missing HASH attribute", "a = :a", "ValidationException HASH"),
    ("the other missing", "b = :b", "ValidationException HASH"), ("only RANGE", "d = :x", "ValidationException HASH"),
    ("an inequality of HASH", "a = :a AND b > :b", "ValidationException HASH equality"),
    ("a gap", ALL_HASH + " AND e = :x", "ValidationException RANGE equality"),
    ("a gap in the middle", ALL_HASH + " AND d = :x AND f = :x", "ValidationException RANGE equality"),
    ("an inequality before another", ALL_HASH + " AND d > :x AND e = :x", "ValidationException RANGE equality"),
    ("another attribute", ALL_HASH + " AND z = :x", "ValidationException")])
def test_queries_of_keys_of_several_attributes(multi, condition, found):
    values = {name: value for name, value in {":a": S("a"), ":b": S("b"), **X}.items() if name in condition}
    ask = lambda **more: multi.query(condition, values, IndexName="multi", **more)
    if found.startswith("Validation"):
        with raises(*[t for t in found.split() if t not in ("HASH", "equality")
                      or condition not in ("a = :a", "b = :b", "d = :x")]):
            ask()
    else:
        assert "".join(i["p"]["S"] for i in ask()["Items"]) == found == "".join(reversed([i["p"]["S"]
            for i in ask(ScanIndexForward=False)["Items"]]))


def test_filters_and_start_keys_of_several_attributes(multi):
    base = {":a": S("a"), ":b": S("b")}
    for name in "abdef":
        with raises("ValidationException", KEYS_IN_FILTER.format(name)):
            multi.query(ALL_HASH, base, IndexName="multi", FilterExpression=f"attribute_exists({name})")
    start = multi.query(ALL_HASH, base, IndexName="multi", Limit=3)["LastEvaluatedKey"]
    assert start.keys() == set("pcabdef")
    assert len(multi.query_all(ALL_HASH, base, IndexName="multi", Limit=3)[0]) == 8 == multi.scan(IndexName="multi")["Count"]
    for name in start:
        with raises("ValidationException", "The provided starting key is invalid"):
            multi.query(ALL_HASH, base, IndexName="multi", ExclusiveStartKey={n: v for n, v in start.items() if n != name})
