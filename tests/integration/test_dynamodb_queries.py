"""Query and Scan: conditions, order, paging, Select, filters, indexes, capacity."""
import pytest

from dynamodb_support import N, S, call, call_raises, gsi, make_table, raises


@pytest.fixture(scope="module")
def db(server):
    return server.client("dynamodb")


@pytest.fixture(scope="module")
def strings(db):
    table = make_table(db, "query-strings", "p:S c:S")
    for i in range(10):
        table.put({"p": S("a"), "c": S(f"{i:03}"), "n": N(i), "v": S("x" * i)})
    table.put({"p": S("b"), "c": S("000")})
    return table


@pytest.fixture(scope="module")
def numbers(db):
    table = make_table(db, "query-numbers", "p:S c:N")
    for i in ["-1e10", "-2.5", "-1", "0", "0.5", "3", "20", "100", "1e38"]:
        table.put({"p": S("a"), "c": N(i)})
    return table


@pytest.fixture(scope="module")
def binaries(db):
    table = make_table(db, "query-binary", "p:S c:B")
    for b in [b"\x00", b"\x00\x00", b"\x01", b"a", b"\xff", b"\xff\xff", b"\xff\xff\x01"]:
        table.put({"p": S("a"), "c": {"B": b}})
    return table


def sort_keys(page):
    return [next(iter(i["c"].values())) for i in page["Items"]]


@pytest.mark.parametrize("condition,values,expected", [
    ("p = :p", [], list(range(10))), ("p = :p AND c = :x", ["003"], [3]),
    ("p = :p AND c < :x", ["003"], [0, 1, 2]), ("p = :p AND c <= :x", ["003"], [0, 1, 2, 3]),
    ("p = :p AND c > :x", ["007"], [8, 9]), ("p = :p AND c >= :x", ["007"], [7, 8, 9]),
    ("p = :p AND c BETWEEN :x AND :y", ["002", "004"], [2, 3, 4]),
    ("p = :p AND begins_with(c, :x)", ["00"], list(range(10))),
    ("p = :p AND begins_with(c, :x)", ["008"], [8]), ("c = :x AND p = :p", ["001"], [1]),
    ("(p = :p) AND (c = :x)", ["001"], [1])])
def test_key_conditions(strings, condition, values, expected):
    given = {":p": S("a"), **{n: S(v) for n, v in zip([":x", ":y"], values)}}
    assert sort_keys(strings.query(condition, given)) == [f"{i:03}" for i in expected]
    back = strings.query(condition, given, ScanIndexForward=False)
    assert sort_keys(back) == [f"{i:03}" for i in reversed(expected)]


def test_order_of_numbers_and_binaries(numbers, binaries):
    assert sort_keys(numbers.query("p = :p", {":p": S("a")})) == [
        "-10000000000", "-2.5", "-1", "0", "0.5", "3", "20", "100", "1" + "0" * 38]
    between = numbers.query("p = :p AND c BETWEEN :l AND :h", {":p": S("a"), ":l": N(-1), ":h": N("3.0")})
    assert sort_keys(between) == ["-1", "0", "0.5", "3"]
    everything = binaries.query("p = :p", {":p": S("a")})
    assert sort_keys(everything) == [b"\x00", b"\x00\x00", b"\x01", b"a", b"\xff", b"\xff\xff", b"\xff\xff\x01"]
    tail = binaries.query("p = :p AND begins_with(c, :b)", {":p": S("a"), ":b": {"B": b"\xff\xff"}})
    assert sort_keys(tail) == [b"\xff\xff", b"\xff\xff\x01"]


@pytest.mark.parametrize("condition,values,text", [
    ("c = :x", {":x": S("1")}, "Query condition missed key schema element: p"),
    ("p = :p AND n = :x", {":p": S("a"), ":x": N(1)}, "Query condition missed key schema element: c"),
    ("p > :p", {":p": S("a")}, "not supported"),
    ("p = :p OR c = :x", {":p": S("a"), ":x": S("1")}, "Invalid operator used in KeyConditionExpression: OR"),
    ("p = :p AND NOT c = :x", {":p": S("a"), ":x": S("1")}, "Invalid operator used in KeyConditionExpression: NOT"),
    ("p = :p AND c <> :x", {":p": S("a"), ":x": S("1")}, "Invalid operator used in KeyConditionExpression: <>"),
    ("p = :p AND c IN (:x)", {":p": S("a"), ":x": S("1")}, "Invalid operator used in KeyConditionExpression: IN"),
    ("p = :p AND contains(c, :x)", {":p": S("a"), ":x": S("1")}, "Invalid operator used in KeyConditionExpression: contains"),
    ("p = :p AND c.d = :x", {":p": S("a"), ":x": S("1")}, "nested"),
    ("p = :p AND c > :x AND c < :y", {":p": S("a"), ":x": S("1"), ":y": S("2")}, "Conditions can be of length 1 or 2 only"),
    ("p = :p", {":p": N(1)}, "One or more parameter values were invalid: Condition parameter type does not match schema type"),
    ("p = :p AND c BETWEEN :y AND :x", {":p": S("a"), ":x": S("1"), ":y": S("2")}, "The BETWEEN operator requires upper bound to be greater than or equal to lower bound")])
def test_bad_key_conditions(strings, condition, values, text):
    with raises("ValidationException", text):
        strings.query(condition, values)


def test_begins_with_on_a_number_key(numbers):
    with raises("ValidationException"):
        numbers.query("p = :p AND begins_with(c, :x)", {":p": S("a"), ":x": N(1)})


def test_legacy_key_conditions(strings):
    eq = lambda v: {"ComparisonOperator": "EQ", "AttributeValueList": [v]}
    assert strings.query(KeyConditions={"p": eq(S("a"))})["Count"] == 10
    assert strings.query(KeyConditions={"p": eq(S("a")), "c": {
        "ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [S("00")]}})["Count"] == 10
    with raises("ValidationException", "comparison"):
        strings.query(KeyConditions={"p": {"ComparisonOperator": "eq", "AttributeValueList": [S("a")]}})
    for op, values in [("NE", [S("a")]), ("IN", [S("a")]), ("CONTAINS", [S("a")]), ("NULL", []), ("NOT_NULL", [])]:
        with raises("ValidationException", "not supported"):
            strings.query(KeyConditions={"p": eq(S("a")), "c": {"ComparisonOperator": op, "AttributeValueList": values}})
    with raises("ValidationException"):
        strings.query(KeyConditions={"p": {"ComparisonOperator": "LT", "AttributeValueList": [S("a")]}})
    assert strings.query(KeyConditions={"p": eq(S("a"))}, QueryFilter={
        "n": {"ComparisonOperator": "GE", "AttributeValueList": [N(7)]}})["Count"] == 3
    assert strings.scan(ScanFilter={"n": {"ComparisonOperator": "NOT_NULL"}})["Count"] == 10


def test_limit_and_last_evaluated_key(strings):
    first = strings.query("p = :p", {":p": S("a")}, Limit=4)
    assert (first["Count"], first["ScannedCount"]) == (4, 4)
    assert first["LastEvaluatedKey"] == {"p": S("a"), "c": S("003")}
    items, pages = strings.query_all("p = :p", {":p": S("a")}, Limit=5)
    assert (len(items), pages) == (10, 3)
    filtered = strings.query("p = :p", {":p": S("a"), ":n": N(99)}, Limit=3, FilterExpression="n = :n")
    assert (filtered["Count"], filtered["ScannedCount"], filtered["Items"]) == (0, 3, [])
    assert "LastEvaluatedKey" in filtered
    assert "LastEvaluatedKey" not in strings.query("p = :p", {":p": S("a")}, Limit=11)
    with raises("ValidationException"):
        strings.query("p = :p", {":p": S("a")}, Limit=0)
    back, _ = strings.query_all("p = :p", {":p": S("a")}, Limit=3, ScanIndexForward=False)
    assert [i["c"] for i in back] == [S(f"{i:03}") for i in reversed(range(10))]


def test_pages_of_a_megabyte(db):
    table = make_table(db, "query-big", "p:S c:N")
    for i in range(30):
        table.put({"p": S("a"), "c": N(i), "v": S("x" * 100_000)})
    page = table.query("p = :p", {":p": S("a")})
    assert page["Count"] == 11 and page["LastEvaluatedKey"] == {"p": S("a"), "c": N(10)}
    assert table.query("p = :p", {":p": S("a")}, ProjectionExpression="c")["Count"] == 11
    assert len(table.query_all("p = :p", {":p": S("a")})[0]) == 30
    scanned, more = [], {}
    while True:
        page = table.scan(Select="COUNT", **more)
        assert "Items" not in page
        scanned.append(page["Count"])
        if "LastEvaluatedKey" not in page:
            break
        more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert scanned == [11, 11, 8]


def test_start_keys(strings, db):
    q = lambda key, **m: strings.query("p = :p", {":p": S("a")}, ExclusiveStartKey=key, **m)
    assert sort_keys(q({"p": S("a"), "c": S("0075")})) == ["008", "009"]
    with raises("ValidationException", "The provided starting key is invalid"):
        q({"p": S("a")})
    with raises("ValidationException", "The provided starting key is invalid"):
        q({"p": S("a"), "c": S("1"), "x": S("2")})
    with raises("ValidationException", "The provided starting key is outside query boundaries based on provided conditions"):
        q({"p": S("b"), "c": S("1")})
    with raises("ValidationException", "The provided key element does not match the schema"):
        q({"p": S("a"), "c": N(1)})
    hash_only = make_table(db, "query-hash", "p:S")
    with raises("ValidationException", "ExclusiveStartKey"):
        hash_only.query("p = :p", {":p": S("a")}, ExclusiveStartKey={"p": S("a")})


def test_select(strings):
    q = lambda **m: strings.query("p = :p", {":p": S("a")}, **m)
    assert "Items" not in q(Select="COUNT")
    assert q(Select="COUNT")["Count"] == 10
    with raises("ValidationException", "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES"):
        q(Select="ALL_ATTRIBUTES", ProjectionExpression="c")
    for wrong in ["count", "DOG", "SPECIFIC_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"]:
        with raises("ValidationException"):
            q(Select=wrong)
    assert q(Select="SPECIFIC_ATTRIBUTES", ProjectionExpression="c")["Items"][0] == {"c": S("000")}


def test_filters(strings):
    with raises("ValidationException", "Filter Expression can only contain non-primary key attributes: Primary key attribute: c"):
        strings.query("p = :p", {":p": S("a"), ":c": S("1")}, FilterExpression="c > :c")
    page = strings.query("p = :p", {":p": S("a"), ":n": N(7)}, FilterExpression="n >= :n", ProjectionExpression="c")
    assert page["Items"] == [{"c": S("007")}, {"c": S("008")}, {"c": S("009")}]
    assert strings.scan(FilterExpression="c > :c", ExpressionAttributeValues={":c": S("007")})["Count"] == 2


def test_parallel_scan(db):
    table = make_table(db, "query-segments", "p:S")
    for i in range(60):
        table.put({"p": S(f"item-{i}")})
    seen = []
    for segment in range(7):
        more = {}
        while True:
            page = table.scan(Segment=segment, TotalSegments=7, Limit=3, **more)
            seen += [i["p"]["S"] for i in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert sorted(seen) == sorted(f"item-{i}" for i in range(60))
    for wrong in [{"Segment": 0}, {"TotalSegments": 2}, {"Segment": 2, "TotalSegments": 2},
                  {"Segment": -1, "TotalSegments": 2}, {"Segment": 0, "TotalSegments": 1000001}]:
        with raises("ValidationException"):
            table.scan(**wrong)
    wrong = 0
    for segment in range(7):
        try:
            table.scan(Segment=segment, TotalSegments=7, ExclusiveStartKey={"p": S("item-0")})
        except db.exceptions.ClientError as error:
            assert "does not map to the provided Segment and TotalSegments" in str(error)
            wrong += 1
    assert wrong == 6


@pytest.fixture(scope="module")
def indexed(db):
    return make_table(
        db, "query-indexed", "p:S c:S", definitions={"x": "S", "y": "N"},
        GlobalSecondaryIndexes=[gsi("all", "x y"), gsi("keys", "x", "KEYS_ONLY"),
                                gsi("some", "y", "INCLUDE", ["a"])],
        LocalSecondaryIndexes=[{"IndexName": "local", "Projection": {"ProjectionType": "KEYS_ONLY"},
                                "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"},
                                              {"AttributeName": "y", "KeyType": "RANGE"}]}])


def test_index_contents(indexed):
    indexed.put({"p": S("1"), "c": S("1"), "x": S("gx"), "y": N(2), "a": S("A"), "b": S("B")})
    indexed.put({"p": S("1"), "c": S("2"), "x": S("gx"), "y": N(1), "a": S("A")})
    indexed.put({"p": S("1"), "c": S("3"), "x": S("gx")})
    q = lambda index, condition, values, **m: indexed.query(condition, values, IndexName=index, **m)["Items"]
    assert [i["c"]["S"] for i in q("all", "x = :x", {":x": S("gx")})] == ["2", "1"]
    assert len(q("keys", "x = :x", {":x": S("gx")})) == 3
    assert q("keys", "x = :x", {":x": S("gx")})[0].keys() == {"p", "c", "x"}
    assert q("some", "y = :y", {":y": N(2)}) == [{"p": S("1"), "c": S("1"), "y": N(2), "a": S("A")}]
    assert q("local", "p = :p AND y > :y", {":p": S("1"), ":y": N(1)}, ConsistentRead=True) == [
        {"p": S("1"), "c": S("1"), "y": N(2)}]
    assert q("local", "p = :p AND y > :y", {":p": S("1"), ":y": N(1)}, Select="ALL_ATTRIBUTES")[0]["b"] == S("B")
    assert q("local", "p = :p AND y > :y", {":p": S("1"), ":y": N(1)}, ProjectionExpression="b") == [{"b": S("B")}]
    indexed.update({"p": S("1"), "c": S("2")}, "SET x = :x", {":x": S("other")})
    assert [i["c"]["S"] for i in q("all", "x = :x", {":x": S("gx")})] == ["1"]
    indexed.update({"p": S("1"), "c": S("2")}, "REMOVE x")
    assert q("all", "x = :x", {":x": S("other")}) == []
    indexed.delete({"p": S("1"), "c": S("1")})
    assert len(q("keys", "x = :x", {":x": S("gx")})) == 1


def test_reads_that_an_index_refuses(indexed):
    q = lambda **m: indexed.query("x = :x", {":x": S("gx")}, **m)
    with raises("ValidationException", "Consistent reads are not supported on global secondary indexes"):
        q(IndexName="all", ConsistentRead=True)
    with raises("ValidationException", "The table does not have the specified index: nope"):
        q(IndexName="nope")
    with raises("ValidationException", "ALL_ATTRIBUTES"):
        q(IndexName="keys", Select="ALL_ATTRIBUTES")
    with raises("ValidationException", "project"):
        q(IndexName="keys", ProjectionExpression="b")


def test_index_keys_are_checked(indexed, db):
    base = {"p": S("k"), "c": S("k")}
    calls = [lambda item: indexed.put(item),
             lambda item: db.batch_write_item(RequestItems={indexed.name: [{"PutRequest": {"Item": item}}]}),
             lambda item: indexed.update(base, "SET x = :x", {":x": item["x"]})]
    for call_ in calls:
        with raises("ValidationException", "Type mismatch for Index Key x Expected: S Actual: N IndexName: all"):
            call_({**base, "x": N(1)})
        with raises("ValidationException", "NULL"):
            call_({**base, "x": {"NULL": True}})
        with raises("ValidationException", "empty"):
            call_({**base, "x": S("")})
        with raises("ValidationException", "2048", "limit"):
            call_({**base, "x": S("x" * 2049)})
    with raises("ValidationException", "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: x"):
        indexed.update(base, "SET x.y = :v", {":v": S("a")})


def test_paging_through_equal_index_keys(db):
    table = make_table(db, "query-equal", "p:S", definitions={"x": "S"}, GlobalSecondaryIndexes=[gsi("byx", "x")])
    for i in range(23):
        table.put({"p": S(f"i{i}"), "x": S("same")})
    items, _ = table.query_all("x = :x", {":x": S("same")}, IndexName="byx", Limit=4)
    assert sorted(i["p"]["S"] for i in items) == sorted(f"i{i}" for i in range(23))
    page = table.query("x = :x", {":x": S("same")}, IndexName="byx", Limit=4)
    assert page["LastEvaluatedKey"].keys() == {"p", "x"}
    assert len(table.scan(IndexName="byx")["Items"]) == 23


def test_index_added_to_a_live_table(db):
    table = make_table(db, "query-backfill", "p:S")
    table.put({"p": S("good"), "x": S("v")})
    table.put({"p": S("wrong"), "x": N(1)})
    table.put({"p": S("empty"), "x": S("")})
    table.put({"p": S("long"), "x": S("x" * 3000)})
    table.put({"p": S("none")})
    create = {"Create": gsi("late", "x")}
    db.update_table(TableName=table.name, AttributeDefinitions=[{"AttributeName": "x", "AttributeType": "S"}],
                    GlobalSecondaryIndexUpdates=[create])
    assert [i["p"]["S"] for i in table.scan(IndexName="late")["Items"]] == ["good"]
    with raises("ValidationException", "Type mismatch for Index Key"):
        table.put({"p": S("new"), "x": N(1)})
    with raises("ValidationException", "already exists"):
        db.update_table(TableName=table.name, AttributeDefinitions=[{"AttributeName": "x", "AttributeType": "S"}],
                        GlobalSecondaryIndexUpdates=[create])
    with raises("ValidationException", "redefined"):
        db.update_table(TableName=table.name, AttributeDefinitions=[{"AttributeName": "x", "AttributeType": "N"}],
                        GlobalSecondaryIndexUpdates=[{"Create": gsi("other", "x")}])
    with raises("ResourceNotFoundException"):
        db.update_table(TableName=table.name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "nope"}}])
    with raises("LimitExceededException"):
        db.update_table(TableName=table.name, AttributeDefinitions=[{"AttributeName": "y", "AttributeType": "N"}],
                        GlobalSecondaryIndexUpdates=[{"Create": gsi("one", "y")}, {"Create": gsi("two", "y")}])
    for wrong in [{}, {"Dance": {}}]:
        with call_raises("ValidationException", "GlobalSecondaryIndexUpdate"):
            call(pytest.server, "UpdateTable", {"TableName": table.name, "GlobalSecondaryIndexUpdates": [wrong]})
    with call_raises("ValidationException", "one"):
        call(pytest.server, "UpdateTable", {"TableName": table.name, "GlobalSecondaryIndexUpdates": [
            {**create, "Delete": {"IndexName": "late"}}]})
    db.update_table(TableName=table.name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "late"}}])
    with raises("ValidationException", "does not have the specified index"):
        table.scan(IndexName="late")


def test_multi_attribute_index_keys(server, db):
    name = "query-multi"
    call(server, "CreateTable", {
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": n, "AttributeType": t} for n, t in
                                 [("p", "S"), ("h1", "S"), ("h2", "N"), ("r1", "S"), ("r2", "N")]],
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [{"IndexName": "multi", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [
            {"AttributeName": "h1", "KeyType": "HASH"}, {"AttributeName": "h2", "KeyType": "HASH"},
            {"AttributeName": "r1", "KeyType": "RANGE"}, {"AttributeName": "r2", "KeyType": "RANGE"}]}]})
    for i in range(8):
        db.put_item(TableName=name, Item={"p": S(str(i)), "h1": S("h"), "h2": N(1), "r1": S("ab"[i % 2]), "r2": N(i)})
    db.put_item(TableName=name, Item={"p": S("partial"), "h1": S("h"), "h2": N(1), "r1": S("a")})
    q = lambda condition, values, **m: db.query(TableName=name, IndexName="multi", KeyConditionExpression=condition,
                                                ExpressionAttributeValues=values, **m)
    base = {":h": S("h"), ":g": N(1)}
    assert [i["p"]["S"] for i in q("h1 = :h AND h2 = :g", base)["Items"]] == list("02461357")
    assert [i["p"]["S"] for i in q("h1 = :h AND h2 = :g AND r1 = :r AND r2 > :x", {**base, ":r": S("a"), ":x": N(2)})["Items"]] == ["4", "6"]
    with raises("ValidationException", "Query condition missed key schema element: h2"):
        q("h1 = :h", {":h": S("h")})
    with raises("ValidationException", "RANGE key attributes r1 must have equality conditions specified in the query because "
                "a condition is present on key attribute r2"):
        q("h1 = :h AND h2 = :g AND r1 > :r AND r2 = :x", {**base, ":r": S("a"), ":x": N(2)})
    with raises("ValidationException", "Filter Expression can only contain non-primary key attributes"):
        q("h1 = :h AND h2 = :g", {**base, ":x": N(2)}, FilterExpression="r2 > :x")
    with raises("ValidationException", "RANGE", "equality"):
        q("h1 = :h AND h2 = :g AND r2 = :x", {**base, ":x": N(2)})
    with raises("ValidationException", "HASH", "equality"):
        q("h1 = :h AND h2 > :g", base)
    page = q("h1 = :h AND h2 = :g", base, Limit=3)
    assert page["LastEvaluatedKey"].keys() == {"p", "h1", "h2", "r1", "r2"}
    rest = q("h1 = :h AND h2 = :g", base, ExclusiveStartKey=page["LastEvaluatedKey"])
    assert [i["p"]["S"] for i in rest["Items"]] == list("61357")


def test_consumed_capacity(db):
    table = make_table(db, "query-capacity", "p:S c:S", definitions={"x": "S"},
                       GlobalSecondaryIndexes=[gsi("byx", "x")])
    units = lambda answer: answer["ConsumedCapacity"]["CapacityUnits"]
    total = {"ReturnConsumedCapacity": "TOTAL"}
    both = {"ReturnConsumedCapacity": "INDEXES"}
    assert table.put({"p": S("a"), "c": S("1")}, **total)["ConsumedCapacity"] == {
        "TableName": table.name, "CapacityUnits": 1.0}
    assert units(table.put({"p": S("a"), "c": S("1"), "v": S("x" * 2000)}, **total)) == 2
    assert units(table.put({"p": S("a"), "c": S("1")}, **total)) == 2
    full = table.put({"p": S("a"), "c": S("2"), "x": S("g")}, **both)["ConsumedCapacity"]
    assert full["Table"]["CapacityUnits"] == 1 and full["GlobalSecondaryIndexes"]["byx"]["CapacityUnits"] == 1
    assert full["CapacityUnits"] == 2
    assert "GlobalSecondaryIndexes" not in table.put({"p": S("a"), "c": S("3")}, **both)["ConsumedCapacity"]
    get = lambda **m: db.get_item(TableName=table.name, Key={"p": S("a"), "c": S("1")}, **m, **total)
    assert units(get()) == 0.5 and units(get(ConsistentRead=True)) == 1
    assert units(db.get_item(TableName=table.name, Key={"p": S("z"), "c": S("1")}, **total)) == 0.5
    for i in range(10):
        table.put({"p": S("q"), "c": S(str(i)), "v": S("x" * 990), "x": S("g2")})
    assert units(table.query("p = :p", {":p": S("q")}, **total)) == 1.5
    on_index = table.query("x = :x", {":x": S("g2")}, IndexName="byx", **both)["ConsumedCapacity"]
    assert on_index["GlobalSecondaryIndexes"]["byx"]["CapacityUnits"] == 1.5
    assert units(table.scan(**total)) >= 1.5
    for wrong in ["total", "ALL", ""]:
        with raises("ValidationException"):
            table.put({"p": S("a"), "c": S("1")}, ReturnConsumedCapacity=wrong)
    batch = db.batch_get_item(RequestItems={table.name: {"Keys": [
        {"p": S("q"), "c": S("1")}, {"p": S("none"), "c": S("1")}]}}, **total)
    assert batch["ConsumedCapacity"] == [{"TableName": table.name, "CapacityUnits": 1.0}]
    tx = db.transact_write_items(TransactItems=[{"Put": {"TableName": table.name, "Item": {"p": S("t"), "c": S("1")}}}], **total)
    assert tx["ConsumedCapacity"][0]["CapacityUnits"] == 2


def test_what_indexes_consume(db):
    table = make_table(db, "query-arms", "p:S c:S", definitions={"g": "S", "l": "S"},
                       GlobalSecondaryIndexes=[gsi("glob", "g", "INCLUDE", ["kept"])], LocalSecondaryIndexes=[gsi("local", "p l")])
    def arms(answer):
        capacity = answer["ConsumedCapacity"]
        of = lambda kind, name: capacity.get(kind, {}).get(name, {}).get("CapacityUnits", 0)
        parts = (capacity["Table"]["CapacityUnits"], of("GlobalSecondaryIndexes", "glob"), of("LocalSecondaryIndexes", "local"))
        assert capacity["CapacityUnits"] == sum(parts)
        return parts
    want = {"ReturnConsumedCapacity": "INDEXES"}
    key = {"p": S("a"), "c": S("1")}
    item = {**key, "g": S("g"), "l": S("l"), "kept": S("k"), "spare": S("o")}
    assert arms(table.put({**key, "spare": S("o")}, **want)) == (1, 0, 0)
    assert arms(table.put(item, **want)) == (1, 1, 1)
    assert arms(table.put(item, **want)) == (1, 0, 0)
    update = lambda expression, value="v": arms(table.update(
        key, expression, {":v": S(value)} if ":v" in expression else None, **want))
    assert update("SET spare = :v") == (1, 0, 1)
    assert update("SET kept = :v") == (1, 1, 1)
    assert update("SET g = :v") == (1, 2, 1)
    assert update("SET l = :v") == (1, 0, 2)
    assert update("REMOVE g") == (1, 1, 1)
    assert arms(table.delete(key, **want)) == (1, 0, 1)
    assert arms(table.delete(key, **want)) == (1, 0, 0)
    table.put(item)
    read = table.query("g = :g", {":g": S("g")}, IndexName="glob", **want)["ConsumedCapacity"]
    assert read["GlobalSecondaryIndexes"] == {"glob": {"CapacityUnits": 0.5}} and "LocalSecondaryIndexes" not in read
    assert read["CapacityUnits"] == 0.5


@pytest.fixture(autouse=True, scope="module")
def remember_server(server):
    pytest.server = server
