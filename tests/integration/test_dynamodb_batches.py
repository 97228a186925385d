"""Batches and transactions."""
import pytest

from dynamodb_support import N, S, call, call_raises, gsi, make_table, raises


@pytest.fixture(scope="module")
def db(server):
    return server.client("dynamodb")


@pytest.fixture(autouse=True, scope="module")
def remember_server(server):
    pytest.server = server


@pytest.fixture(scope="module")
def table(db):
    return make_table(db, "batch-basic", "p:S")


@pytest.fixture(scope="module")
def numbers(db):
    return make_table(db, "batch-numbers", "p:N")


def put(item):
    return {"PutRequest": {"Item": item}}


def test_batch_write_and_get(db, table, numbers):
    answer = db.batch_write_item(RequestItems={
        table.name: [put({"p": S(f"b{i}"), "n": N(i)}) for i in range(20)],
        numbers.name: [put({"p": N(i)}) for i in range(5)]})
    assert answer["UnprocessedItems"] == {}
    db.batch_write_item(RequestItems={table.name: [{"DeleteRequest": {"Key": {"p": S("b0")}}}]})
    got = db.batch_get_item(RequestItems={
        table.name: {"Keys": [{"p": S(f"b{i}")} for i in range(3)], "ProjectionExpression": "#n",
                     "ExpressionAttributeNames": {"#n": "n"}},
        numbers.name: {"Keys": [{"p": N(77)}], "ConsistentRead": True}})
    assert sorted(i["n"]["N"] for i in got["Responses"][table.name]) == ["1", "2"]
    assert got["Responses"][numbers.name] == [] and got["UnprocessedKeys"] == {}


def test_batch_limits_and_duplicates(db, table, numbers):
    write = lambda requests: db.batch_write_item(RequestItems=requests)
    with raises("ValidationException", "less than or equal to 25"):
        write({table.name: [put({"p": S(f"b{i}")}) for i in range(26)]})
    for wrong in [{}, {table.name: []}]:
        with raises("ValidationException"):
            write(wrong)
        with raises("ValidationException"):
            db.batch_get_item(RequestItems=wrong if not wrong else {table.name: {"Keys": []}})
    with raises("ValidationException", "Provided list of item keys contains duplicates"):
        write({numbers.name: [put({"p": N("1e3")}), {"DeleteRequest": {"Key": {"p": N("1000.0")}}}]})
    with raises("ValidationException", "Provided list of item keys contains duplicates"):
        db.batch_get_item(RequestItems={numbers.name: {"Keys": [{"p": N("1")}, {"p": N("1.0")}]}})
    with raises("ValidationException"):
        db.batch_get_item(RequestItems={numbers.name: {"Keys": [{"p": N(i)} for i in range(101)]}})
    with raises("ValidationException"):
        write({table.name: [{**put({"p": S("x")}), "DeleteRequest": {"Key": {"p": S("x")}}}]})
    with raises("ValidationException"):
        write({table.name: [{}]})
    with raises("ValidationException"):
        write({table.name: [put({"p": S("good-one")}), put({"p": N(1)})]})
    assert table.get({"p": S("good-one")}) is None
    with raises("ResourceNotFoundException"):
        write({table.name: [put({"p": S("good-one")})], "no-such-table": [put({"p": S("x")})]})
    assert table.get({"p": S("good-one")}) is None


def test_big_batch_get_leaves_keys_unprocessed(db):
    table = make_table(db, "batch-big", "p:S")
    for i in range(50):
        table.put({"p": S(f"i{i}"), "v": S("x" * 390_000)})
    wanted = {table.name: {"Keys": [{"p": S(f"i{i}")} for i in range(50)], "ConsistentRead": True}}
    seen, rounds = [], 0
    while wanted:
        answer = db.batch_get_item(RequestItems=wanted)
        seen += [i["p"]["S"] for i in answer["Responses"][table.name]]
        wanted = answer["UnprocessedKeys"]
        rounds += 1
        if wanted:
            assert wanted[table.name]["ConsistentRead"] is True
    assert sorted(seen) == sorted(f"i{i}" for i in range(50)) and rounds == 2


def test_one_key_in_two_tables_and_wrong_keys(db, table):
    other = make_table(db, "batch-other", "p:S")
    db.batch_write_item(RequestItems={t.name: [put({"p": S("both")})] for t in (table, other)})
    got = db.batch_get_item(RequestItems={t.name: {"Keys": [{"p": S("both")}]} for t in (table, other)})
    assert all(got["Responses"][t.name] == [{"p": S("both")}] for t in (table, other))
    for item in [{"p": N(5)}, {"p": {"L": []}}, {"q": S("x")}]:
        with raises("ValidationException", "The provided key element does not match the schema"):
            db.batch_write_item(RequestItems={table.name: [put(item)]})
    with raises("ValidationException", "cannot contain an empty string value. Key: p"):
        db.batch_write_item(RequestItems={table.name: [put({"p": S("")})]})


def test_collections_written(db):
    table = make_table(db, "batch-collections", "p:S c:S", definitions={"x": "S"}, LocalSecondaryIndexes=[gsi("local", "p x")])
    want = {"ReturnItemCollectionMetrics": "SIZE"}
    metrics = lambda p: {"ItemCollectionKey": {"p": S(p)}, "SizeEstimateRangeGB": [0.0, 1.0]}
    item = lambda p, c: {"p": S(p), "c": S(c)}
    assert table.put(item("a", "1"), **want)["ItemCollectionMetrics"] == metrics("a")
    assert table.update(item("b", "1"), **want)["ItemCollectionMetrics"] == metrics("b")
    assert table.delete(item("b", "1"), **want)["ItemCollectionMetrics"] == metrics("b")
    assert "ItemCollectionMetrics" not in table.put(item("a", "1"))
    answer = db.batch_write_item(RequestItems={table.name: [put(item("a", "1")), put(item("a", "2")), put(item("c", "1"))]}, **want)
    assert answer["ItemCollectionMetrics"] == {table.name: [metrics("a"), metrics("c")]}
    answer = db.transact_write_items(TransactItems=[tput(table, item("d", "1")), tput(table, item("d", "2"))], **want)
    assert answer["ItemCollectionMetrics"] == {table.name: [metrics("d")]}
    plain = make_table(db, "batch-no-collections", "p:S")
    assert "ItemCollectionMetrics" not in plain.put({"p": S("a")}, **want)


def tput(table, item, **more):
    return {"Put": {"TableName": table.name, "Item": item, **more}}


def test_transaction(db, table, numbers):
    table.put({"p": S("t-old"), "n": N(1)})
    table.put({"p": S("t-gone")})
    db.transact_write_items(TransactItems=[
        tput(table, {"p": S("t-new")}, ConditionExpression="attribute_not_exists(p)"),
        {"Update": {"TableName": table.name, "Key": {"p": S("t-old")}, "UpdateExpression": "ADD n :one",
                    "ExpressionAttributeValues": {":one": N(1)}}},
        {"Delete": {"TableName": table.name, "Key": {"p": S("t-gone")}}},
        {"ConditionCheck": {"TableName": numbers.name, "Key": {"p": N(555)},
                            "ConditionExpression": "attribute_not_exists(p)"}}])
    got = db.transact_get_items(TransactItems=[
        {"Get": {"TableName": table.name, "Key": {"p": S(k)}}} for k in ["t-new", "t-gone", "t-old"]])
    assert got["Responses"] == [{"Item": {"p": S("t-new")}}, {}, {"Item": {"p": S("t-old"), "n": N(2)}}]


def test_cancelled_transaction(db, table):
    table.put({"p": S("c-1"), "a": N(1)})
    fails = "attribute_not_exists(p)"
    with raises("TransactionCanceledException", "Transaction cancelled, please refer cancellation reasons for "
                "specific reasons [None, ConditionalCheckFailed, None, ConditionalCheckFailed]") as caught:
        db.transact_write_items(TransactItems=[
            tput(table, {"p": S("c-new")}),
            tput(table, {"p": S("c-1")}, ConditionExpression=fails, ReturnValuesOnConditionCheckFailure="ALL_OLD"),
            tput(table, {"p": S("c-new2")}),
            {"Delete": {"TableName": table.name, "Key": {"p": S("c-zz")}, "ConditionExpression": "attribute_exists(p)",
                        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}])
    reasons = caught.value.response["CancellationReasons"]
    assert [r["Code"] for r in reasons] == ["None", "ConditionalCheckFailed", "None", "ConditionalCheckFailed"]
    assert "Message" not in reasons[0] and reasons[1]["Message"] == "The conditional request failed"
    assert reasons[1]["Item"] == {"p": S("c-1"), "a": N(1)} and "Item" not in reasons[3]
    assert table.get({"p": S("c-new")}) is None


def test_data_errors_in_transactions(db, table, numbers):
    value = S("x")
    for _ in range(33):
        value = {"L": [value]}
    for bad in [{"p": N(1)}, {"p": S("big"), "v": S("x" * 409600)}, {"p": S("deep"), "v": value}]:
        with raises("TransactionCanceledException", "[None, ValidationError, None]") as caught:
            db.transact_write_items(TransactItems=[
                tput(numbers, {"p": N(9)}, ConditionExpression="attribute_exists(p)"),
                tput(table, bad), tput(numbers, {"p": S("x")})])
        assert caught.value.response["CancellationReasons"][1]["Code"] == "ValidationError"
        with raises("TransactionCanceledException", "[ValidationError]"):
            db.transact_write_items(TransactItems=[tput(table, bad)])


def test_empty_keys_are_told_by_themselves(db, table):
    for action in [tput(table, {"p": S("")}), {"Delete": {"TableName": table.name, "Key": {"p": S("")}}}]:
        with raises("ValidationException", "cannot contain an empty string value. Key: p"):
            db.transact_write_items(TransactItems=[tput(table, {"p": S("fine")}), action])
    with raises("TransactionCanceledException", "[ValidationError]") as caught:
        db.transact_write_items(TransactItems=[tput(table, {"p": N(5)})])
    assert caught.value.response["CancellationReasons"][0]["Message"] == (
        "One or more parameter values were invalid: Type mismatch for key p expected: S actual: N")
    with raises("TransactionCanceledException", "[None, ValidationError]"):
        db.transact_get_items(TransactItems=[{"Get": {"TableName": table.name, "Key": key}} for key in [{"p": S("a")}, {}]])


def test_static_errors_in_transactions(db, table):
    for wrong in [tput(table, {"p": S("x")}, ConditionExpression="a <"),
                  tput(table, {"p": S("x")}, ConditionExpression="a = :v"),
                  tput(table, {"p": S("x")}, ExpressionAttributeValues={":v": N(1)}),
                  tput(table, {"p": S("x")}, ReturnValuesOnConditionCheckFailure="dog"),
                  {"ConditionCheck": {"TableName": table.name, "Key": {"p": S("x")}}},
                  {**tput(table, {"p": S("x")}), "Delete": {"TableName": table.name, "Key": {"p": S("y")}}}, {}]:
        with raises("ValidationException"):
            db.transact_write_items(TransactItems=[tput(table, {"p": S("s-1")}), wrong])
    assert table.get({"p": S("s-1")}) is None
    with raises("ValidationException", "transactItems", "100"):
        db.transact_write_items(TransactItems=[tput(table, {"p": S(f"m{i}")}) for i in range(101)])
    with raises("ValidationException", "Transaction request cannot include multiple operations on one item"):
        db.transact_write_items(TransactItems=[
            tput(table, {"p": S("x")}),
            {"ConditionCheck": {"TableName": table.name, "Key": {"p": S("x")}, "ConditionExpression": "attribute_exists(p)"}}])
    with raises("ValidationException", "size cannot exceed 4 MB"):
        db.transact_write_items(TransactItems=[
            tput(table, {"p": S(f"m{i}"), "v": S("x" * 400_000)}) for i in range(11)])


def test_client_request_token(db, table, unique):
    token = unique()
    once = [{"Update": {"TableName": table.name, "Key": {"p": S("tok")}, "UpdateExpression": "ADD n :one",
                        "ExpressionAttributeValues": {":one": N(1)}}}]
    for _ in range(3):
        db.transact_write_items(TransactItems=once, ClientRequestToken=token)
    assert table.get({"p": S("tok")})["n"] == N(1)
    plain = {"Update": {"Key": {"p": S("tok")}, "TableName": table.name, "ExpressionAttributeValues": {":one": N(1)},
                        "UpdateExpression": "ADD n :one"}}
    again = call(pytest.server, "TransactWriteItems", {
        "ReturnConsumedCapacity": "TOTAL", "ClientRequestToken": token, "TransactItems": [plain]})
    assert again["ConsumedCapacity"] == [{"TableName": table.name, "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}]
    assert table.get({"p": S("tok")})["n"] == N(1)
    with raises("IdempotentParameterMismatchException"):
        db.transact_write_items(TransactItems=[tput(table, {"p": S("other")})], ClientRequestToken=token)
    for wrong in ["x" * 37, ""]:
        with raises("ValidationException"):
            db.transact_write_items(TransactItems=once, ClientRequestToken=wrong)


def test_token_expires_by_the_clock(fresh_server):
    server = fresh_server()
    db = server.client("dynamodb")
    table = make_table(db, "tokens", "p:S")
    once = [{"Update": {"TableName": "tokens", "Key": {"p": S("tok")}, "UpdateExpression": "ADD n :one",
                        "ExpressionAttributeValues": {":one": N(1)}}}]
    db.transact_write_items(TransactItems=once, ClientRequestToken="t")
    status, _ = server.admin("PUT", "/clock", {"advance": 601})
    assert status == 200
    db.transact_write_items(TransactItems=once, ClientRequestToken="t")
    assert table.get({"p": S("tok")})["n"] == N(2)
