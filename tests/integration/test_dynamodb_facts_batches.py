"""What emulators of DynamoDB usually get wrong in batches and transactions."""
import pytest

from dynamodb_facts_support import (L, ONE, PUT, REMOVE, SCHEMA, action, nested, records_of, rows, table_of)
from dynamodb_support import N, S, Table, call, call_raises, gsi, make_table, raises


plain = table_of("facts-many-plain", "p:S")
ranged = table_of("facts-many-ranged", "p:S c:S")


@pytest.fixture(scope="module")
def db(server):
    return server.client("dynamodb")


@pytest.fixture(scope="module")
def streams(server):
    return server.client("dynamodbstreams")


@pytest.fixture
def key(unique):
    return {"p": S(unique())}


# ---- batches ----

DUPLICATES = "Provided list of item keys contains duplicates"
OTHER = {"p": S("x")}


@rows("requests, texts", *[
    ("26 requests", [PUT({"p": S(str(i))}) for i in range(26)], ["Member must have length less than or equal to 25"]),
    ("no requests", [], []), ("a request of nothing", [{}], []),
    ("a request of both", [{**PUT(OTHER), **REMOVE({"p": S("y")})}], []), ("an unknown request", [{"DanceRequest": {}}], []),
    ("a put twice", [PUT(OTHER), PUT({**OTHER, "a": N(1)})], [DUPLICATES]),
    ("a put and a deletion", [PUT(OTHER), REMOVE(OTHER)], [DUPLICATES]),
    ("a deletion twice", [REMOVE(OTHER), REMOVE(OTHER)], [DUPLICATES]), ("a bad key", [PUT({"p": N(1)})], [SCHEMA]),
    ("a key too many", [REMOVE({**OTHER, "c": S("a")})], [SCHEMA]),
    ("an empty set", [PUT({**OTHER, "v": {"SS": []}})], ["empty"]),
    ("a large item", [PUT({**OTHER, "v": S("x" * 409_600)})], ["exceeded the maximum allowed size"]),
    ("a bad number", [PUT({**OTHER, "v": N("dog")})], ["numeric"]),
    ("a deep item", [PUT({**OTHER, "v": nested(33)})], ["nested"]), ("no key", [{"DeleteRequest": {}}], []),
    ("no item", [{"PutRequest": {}}], [])])
def test_one_bad_request_refuses_a_batch(server, plain, key, requests, texts):
    good = [PUT(key)] if requests and len(requests) < 25 else []
    with call_raises("ValidationException", *texts):
        call(server, "BatchWriteItem", {"RequestItems": {plain.name: good + requests}})
    assert plain.get(key) is None


MISSING = "Value null at '{}' failed to satisfy constraint: Member must not be null"


@pytest.mark.parametrize("operation, requests, place", [
    ("BatchWriteItem", [PUT(OTHER), {"PutRequest": {}}], "requestItems.{}.member.2.member.putRequest.item"),
    ("BatchWriteItem", [{"DeleteRequest": {}}], "requestItems.{}.member.1.member.deleteRequest.key"),
    ("BatchGetItem", {}, "requestItems.{}.member.keys"),
    ("TransactWriteItems", [{"Delete": {"Key": OTHER}}], "transactItems.1.member.delete.tableName"),
    ("TransactWriteItems", [action("Delete", Table(None, "facts-many-plain"), OTHER), {"Put": {"TableName": "facts-many-plain"}}],
     "transactItems.2.member.put.item"),
    ("TransactWriteItems", [{"ConditionCheck": {"TableName": "facts-many-plain", "Key": OTHER}}],
     "transactItems.1.member.conditionCheck.conditionExpression"),
    ("TransactWriteItems", [{"Update": {"TableName": "facts-many-plain", "Key": OTHER}}],
     "transactItems.1.member.update.updateExpression"),
    ("TransactGetItems", [{"Get": {"TableName": "facts-many-plain"}}], "transactItems.1.member.get.key")])
def test_a_missing_member_is_named_by_its_place(server, plain, operation, requests, place):
    body = {"TransactItems": requests} if "Transact" in operation else {"RequestItems": {plain.name: requests}}
    with call_raises("ValidationException", MISSING.format(place.format(plain.name))):
        call(server, operation, body)


def test_limits_of_batches(server, db, plain, ranged, key):
    with call_raises("ValidationException"):
        call(server, "BatchWriteItem", {"RequestItems": {}})
    with call_raises("ValidationException", "Member must have length less than or equal to 25"):  # over all tables together
        call(server, "BatchWriteItem", {"RequestItems": {plain.name: [PUT({"p": S(str(i))}) for i in range(13)],
                                                         ranged.name: [PUT({"p": S(str(i)), "c": S("c")}) for i in range(13)]}})
    for wanted, text in [({}, ""), ({plain.name: {"Keys": []}}, ""), ({plain.name: {}}, ""),
                         ({plain.name: {"Keys": [{"p": S(str(i))} for i in range(101)]}},
                          "100"), ({plain.name: {"Keys": [key, key]}}, DUPLICATES),
                         ({plain.name: {"Keys": [{"p": N(1)}]}}, SCHEMA),
                         ({plain.name: {"Keys": [key], "ProjectionExpression": "a, a"}}, "overlap"),
                         ({plain.name: {"Keys": [key], "ExpressionAttributeNames": {"#a": "a"}}}, "can only be specified")]:
        with call_raises("ValidationException", text):
            call(server, "BatchGetItem", {"RequestItems": wanted})
    with raises("ResourceNotFoundException"):
        db.batch_write_item(RequestItems={plain.name: [PUT(key)], "not-there": [PUT(key)]})
    with raises("ResourceNotFoundException"):
        db.batch_get_item(RequestItems={plain.name: {"Keys": [key]}, "not-there": {"Keys": [key]}})
    assert plain.get(key) is None
    call(server, "BatchWriteItem", {"RequestItems": {plain.name: [PUT({"p": S(f"batch-{i}")}) for i in range(25)]}})
    answer = db.batch_get_item(RequestItems={plain.name: {"Keys": [{"p": S(f"batch-{i}")} for i in range(100)]}})
    assert len(answer["Responses"][plain.name]) == 25


def test_replies_of_batches(db, plain, ranged, key):
    both = {**key, "c": S("c")}
    assert db.batch_write_item(RequestItems={plain.name: [PUT({**both, "a": N(1), "name": N(2)})],
                                             ranged.name: [PUT({**both, "a": N(1), "name": N(2)})]})["UnprocessedItems"] == {}
    answer = db.batch_get_item(RequestItems={
        plain.name: {"Keys": [key, {"p": S("nobody")}], "ProjectionExpression": "#n", "ExpressionAttributeNames": {"#n": "name"},
                     "ConsistentRead": True}, ranged.name: {"Keys": [both], "AttributesToGet": ["a"]}})
    assert answer["Responses"] == {plain.name: [{"name": N(2)}], ranged.name: [{"a": N(1)}]} and answer["UnprocessedKeys"] == {}
    answer = db.batch_get_item(RequestItems={plain.name: {"Keys": [{"p": S("nobody")}]}})
    assert (answer["Responses"], answer["UnprocessedKeys"]) == ({plain.name: []}, {})


# ---- transactions ----

CANCELLED = "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]"


def test_transactions_hold_100_actions_and_4_megabytes(db, plain, unique):
    write = lambda actions: db.transact_write_items(TransactItems=actions)
    name = unique()
    puts = [action("Put", plain, {"p": S(f"{name}-{i}")}) for i in range(101)]
    for actions in [puts, []]:
        with raises("ValidationException", "transactItems", "100" if actions else ""):
            write(actions)
        with raises("ValidationException", "transactItems", "100" if actions else ""):
            db.transact_get_items(TransactItems=[{"Get": {"TableName": plain.name, "Key": a["Put"]["Item"]}} for a in actions])
    write(puts[:100])
    assert db.transact_get_items(TransactItems=[{"Get": {"TableName": plain.name, "Key": a["Put"]["Item"]}}
                                                for a in puts[:100]])["Responses"][99] == {"Item": puts[99]["Put"]["Item"]}
    with raises("ValidationException", "size cannot exceed 4 MB"):
        write([action("Put", plain, {"p": S(f"{name}-{i}"), "v": S("x" * 400_000)}) for i in range(11)])
    big = [action("Put", plain, {"p": S(f"{name}-{i}"), "v": S("x" * 380_000)}) for i in range(11)]
    write(big)
    # What is stored does not count, only what is sent.
    write([action("Update", plain, {"p": S(f"{name}-{i}")}, UpdateExpression="SET w = :w",
                  ExpressionAttributeValues={":w": S("y")}) for i in range(11)])
    write([action("Delete", plain, {"p": S(f"{name}-{i}")}) for i in range(11)])


@rows("actions, text", *[
    ("two kinds of one entry", [{"Put": {"TableName": "facts-many-plain", "Item": OTHER},
                                 "Delete": {"TableName": "facts-many-plain", "Key": OTHER}}],
                                 "TransactItems can only contain one of Check, Put, Update or Delete"),
    ("an entry of nothing", [{}], "TransactItems can only contain one of Check, Put, Update or Delete"),
    *[(f"{kind} and Put of one item", [
        {"Put": {"TableName": "facts-many-plain", "Item": OTHER}},
        {kind: {"TableName": "facts-many-plain", "Item" if kind == "Put" else "Key": OTHER, **more}}],
        "Transaction request cannot include multiple operations on one item")
        for kind, more in [("ConditionCheck", {"ConditionExpression": "attribute_exists(p)"}), ("Delete", {}),
                           ("Update", {"UpdateExpression": "REMOVE a"}), ("Put", {})]],
    ("syntax", [{"Put": {"TableName": "facts-many-plain", "Item": OTHER, "ConditionExpression": "a <"}}],
     "ConditionExpression: Syntax error"),
    ("syntax of an update", [{"Update": {"TableName": "facts-many-plain", "Key": OTHER, "UpdateExpression": "DANCE a"}}],
     "UpdateExpression: Syntax error"),
    ("a missing value", [{"Put": {"TableName": "facts-many-plain", "Item": OTHER, "ConditionExpression": "a = :v"}}],
     "not defined; attribute value: :v"), ("a missing name",
                                           [{"Put": {"TableName": "facts-many-plain", "Item": OTHER,
                                                     "ConditionExpression": "#a = p"}}], "not defined"),
    ("an unused value", [{"Put": {"TableName": "facts-many-plain", "Item": OTHER, "ConditionExpression": "a = p",
                                  "ExpressionAttributeValues": ONE}}], "unused in expressions: keys: {:v}"),
    ("values without an expression", [{"Put": {"TableName": "facts-many-plain", "Item": OTHER,
                                               "ExpressionAttributeValues": ONE}}],
                                               "can only be specified when using expressions"),
    ("a wrong ReturnValuesOnConditionCheckFailure", [{"Delete": {"TableName": "facts-many-plain", "Key": OTHER,
                                                                 "ReturnValuesOnConditionCheckFailure": "ALL_NEW"}}],
                                                                 "eturnValuesOnConditionCheckFailure"),
    ("a ConditionCheck without a condition", [{"ConditionCheck": {"TableName": "facts-many-plain", "Key": OTHER}}],
     "onditionExpression"), ("an Update without an update", [{"Update": {"TableName": "facts-many-plain", "Key": OTHER}}],
                             "pdateExpression"),
    ("no table", [{"Delete": {"Key": OTHER}}], ""), ("no key", [{"Delete": {"TableName": "facts-many-plain"}}], ""),
    ("an operand of a wrong type", [{"Put": {"TableName": "facts-many-plain", "Item": OTHER, "ConditionExpression": "a < :v",
                                             "ExpressionAttributeValues": {":v": L()}}}], "Incorrect operand type")])
def test_static_errors_refuse_a_transaction(server, plain, key, actions, text):
    with call_raises("ValidationException", text):
        call(server, "TransactWriteItems", {"TransactItems": [action("Put", plain, key), *actions]})
    assert plain.get(key) is None


@pytest.mark.parametrize("wrong", [{"TransactItems": {}}, {"TransactItems": ["x"]}, {"TransactItems": [{"Put": []}]},
                                   {"TransactItems": [{"Put": {"TableName": 3}}]},
                                   {"TransactItems": [{"Put": {"TableName": "facts-many-plain", "Item": []}}]},
                                   {"TransactItems": [{"Put": {"TableName": "facts-many-plain", "Item": {"p": {"S": 3}}}}]},
                                   {"TransactItems": [{"Put": {"TableName": "facts-many-plain", "Item": {"p": "x"}}}]},
                                   {"TransactItems": [], "ClientRequestToken": 3}])
def test_wrong_json_in_a_transaction(server, wrong):
    with call_raises("SerializationException"):
        call(server, "TransactWriteItems", wrong)


@rows("item, text", *[
    ("a wrong type of the key", {"p": N(1)}, "Type mismatch for key p expected: S actual: N"),
    ("no key", {"q": S("a")}, "Missing the key p in the item"),
    ("a large item", {"p": S("x"), "v": S("x" * 409_600)}, "exceeded the maximum allowed size"),
    ("a deep item", {"p": S("x"), "v": nested(33)}, "Nesting Levels have exceeded supported limits")])
def test_data_errors_cancel_a_transaction(db, plain, key, item, text):
    bad, fails = action("Put", plain, item), action("Put", plain, key, ConditionExpression="attribute_exists(p)")
    for actions, codes in [([bad], "ValidationError"), ([fails, bad], "None, ValidationError"),
                           ([bad, fails, action("Delete", plain, {"p": N(2)})], "ValidationError, None, None")]:
        with raises("TransactionCanceledException", CANCELLED.format(codes)) as caught:
            db.transact_write_items(TransactItems=actions)
        reasons = caught.value.response["CancellationReasons"]
        assert text in reasons[actions.index(bad)]["Message"] and [r["Code"] for r in reasons] == codes.split(", ")
        assert all(r == {"Code": "None"} for r in reasons if r["Code"] == "None")


def test_wrong_keys_cancel_a_transaction(db, plain):
    for kind, more in [("Delete", {}), ("Update", {"UpdateExpression": "REMOVE a"}),
                       ("ConditionCheck", {"ConditionExpression": "attribute_exists(p)"})]:
        for key in [{"p": N(1)}, {}, {"p": S("a"), "c": S("b")}]:
            with raises("TransactionCanceledException", CANCELLED.format("ValidationError")) as caught:
                db.transact_write_items(TransactItems=[action(kind, plain, key, **more)])
            assert caught.value.response["CancellationReasons"][0]["Message"] == SCHEMA
    with raises("TransactionCanceledException", CANCELLED.format("None, ValidationError")):
        db.transact_get_items(TransactItems=[{"Get": {"TableName": plain.name, "Key": OTHER}},
                                             {"Get": {"TableName": plain.name, "Key": {"p": N(1)}}}])


def test_failed_conditions_are_all_listed_in_order(db, streams, unique):
    table = make_table(db, unique("facts-atomic"), "p:S", definitions={"x": "S"}, GlobalSecondaryIndexes=[gsi("byx", "x")],
                       StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    table.put({"p": S("there"), "x": S("g")})
    before = table.scan()["Items"]
    fails = {"ConditionExpression": "attribute_exists(zz)"}
    with raises("TransactionCanceledException",
                CANCELLED.format("None, ConditionalCheckFailed, None, ConditionalCheckFailed, ConditionalCheckFailed, None")) as caught:
        db.transact_write_items(TransactItems=[
            action("Put", table, {"p": S("1"), "x": S("g")}), action("Put", table, {"p": S("2")}, **fails),
            action("Delete", table, {"p": S("there")}),
            action("ConditionCheck", table, {"p": S("4")}, **fails),
            action("Update", table, {"p": S("5")}, UpdateExpression="REMOVE a", **fails),
            action("Update", table, {"p": S("6")}, UpdateExpression="SET x = :x", ExpressionAttributeValues={":x": S("g")})])
    failed = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
    assert caught.value.response["CancellationReasons"] == [{"Code": "None"}, failed, {"Code": "None"}, failed, failed,
                                                            {"Code": "None"}]
    assert table.scan()["Items"] == before and table.scan(IndexName="byx")["Count"] == 1
    assert [r["eventName"] for r in records_of(db, streams, table)] == ["INSERT"]


def test_tokens_of_transactions(db, plain, key, unique):
    add = lambda by=1, **more: db.transact_write_items(TransactItems=[action("Update", plain, key, UpdateExpression="ADD n :n",
        ExpressionAttributeValues={":n": N(by)})], **more)
    token = unique() + "x" * (36 - len(unique()))
    for _ in range(3):
        add(ClientRequestToken=token)
    assert len(token) == 36 and plain.get(key)["n"] == N(1)
    for different in [lambda: add(2, ClientRequestToken=token),
                      lambda: db.transact_write_items(TransactItems=[action("Delete", plain, key)], ClientRequestToken=token)]:
        with raises("IdempotentParameterMismatchException"):
            different()
    for wrong in ["", "x" * 37]:
        with raises("ValidationException", "clientRequestToken"):
            add(ClientRequestToken=wrong)
    add(ClientRequestToken=token[:-1] + "y")
    add()
    assert plain.get(key)["n"] == N(3)


def test_reads_of_a_transaction_are_in_order(db, plain, ranged, key):
    plain.put({**key, "a": N(1), "b": N(2)})
    ranged.put({**key, "c": S("c")})
    assert db.transact_get_items(TransactItems=[
        {"Get": {"TableName": ranged.name, "Key": {**key, "c": S("c")}}},
        {"Get": {"TableName": plain.name, "Key": {"p": S("nobody")}}},
        {"Get": {"TableName": plain.name, "Key": key, "ProjectionExpression": "#b",
                 "ExpressionAttributeNames": {"#b": "b"}}}])["Responses"] == [
            {"Item": {**key, "c": S("c")}}, {}, {"Item": {"b": N(2)}}]
