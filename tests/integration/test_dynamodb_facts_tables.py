"""What emulators of DynamoDB usually get wrong around tables: tags, expiry, streams, capacity."""
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from dynamodb_facts_support import (B, HASH_ONLY, L, M, OF, ONE, PUT, REMOVE, action, records_of, rows, shard_of, streamed,
                                    table_of)
from dynamodb_support import N, S, call, call_raises, gsi, make_table, raises


plain = table_of("facts-tables-plain", "p:S")
ranged = table_of("facts-tables-ranged", "p:S c:S")


@pytest.fixture(scope="module")
def db(server):
    return server.client("dynamodb")


@pytest.fixture(scope="module")
def streams(server):
    return server.client("dynamodbstreams")


@pytest.fixture
def key(unique):
    return {"p": S(unique())}


# ---- tables ----

def test_creating_and_deleting_one_table_at_once(server, unique):
    name = unique("facts-race")

    def work(i):
        db = server.client("dynamodb")
        codes = set()
        for _ in range(5):
            try:
                if i % 2:
                    db.delete_table(TableName=name)
                else:
                    db.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **HASH_ONLY)
            except ClientError as error:
                codes.add(error.response["Error"]["Code"])
        return codes

    with ThreadPoolExecutor(8) as pool:
        codes = set().union(*pool.map(work, range(8)))
    assert codes <= {"ResourceInUseException", "ResourceNotFoundException"}


def test_a_table_from_its_creation_to_its_end(db, unique):
    name = unique("facts-life")
    table = make_table(db, name, "p:S c:S", definitions={"x": "S"}, GlobalSecondaryIndexes=[gsi("byx", "x")],
                       LocalSecondaryIndexes=[gsi("local", "p x")])
    with raises("ResourceInUseException") as caught:
        db.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **HASH_ONLY)
    assert caught.value.response["Error"]["Message"] == f"Table already exists: {name}"
    described = db.describe_table(TableName=name)["Table"]
    assert str(uuid.UUID(described["TableId"])) == described["TableId"] and described["TableArn"] == f"arn:aws:dynamodb:us-east-1:000000000000:table/{name}"
    assert described["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    assert described["BillingModeSummary"].keys() == {"BillingMode",
                                                      "LastUpdateToPayPerRequestDateTime"} and described["CreationDateTime"]
    table.put({"p": S("a"), "c": S("b"), "x": S("c")})
    described = db.describe_table(TableName=name)["Table"]
    assert (described["ItemCount"], described["TableSizeBytes"]) == (1, 6)
    deleted = db.delete_table(TableName=name)["TableDescription"]
    assert deleted["TableId"] == described["TableId"] and deleted["TableStatus"] == "DELETING" and deleted["ItemCount"] == 1
    assert {"TableName", "TableArn", "TableSizeBytes", "ProvisionedThroughput", "BillingModeSummary"} <= deleted.keys()
    assert not {"CreationDateTime", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes",
                "LocalSecondaryIndexes"} & deleted.keys()


def test_provisioned_throughput_is_the_default(db, unique):
    name = unique("facts-units")
    db.create_table(TableName=name, ProvisionedThroughput={"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}, **HASH_ONLY)
    described = db.describe_table(TableName=name)["Table"]
    assert described["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 3, "WriteCapacityUnits": 4}
    assert described.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED") == "PROVISIONED"


def test_lists_of_tables(server):
    db = server.client("dynamodb", account="111122223333")
    names = sorted(f"Table.{i}" for i in [*range(12), "a", "B", "_"])
    for name in reversed(names):
        db.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **HASH_ONLY)
    assert db.list_tables()["TableNames"] == names and "LastEvaluatedTableName" not in db.list_tables(Limit=100)
    for limit in [1, 2, 7, 15]:
        seen, more = [], {}
        while True:
            page = db.list_tables(Limit=limit, **more)
            seen += page["TableNames"]
            assert len(page["TableNames"]) <= limit
            if "LastEvaluatedTableName" not in page:
                break
            more = {"ExclusiveStartTableName": page["LastEvaluatedTableName"]}
        assert seen == names
    assert db.list_tables(ExclusiveStartTableName="Table.10x")["TableNames"] == [n for n in names if n > "Table.10x"]
    for wrong in [0, -1, 101]:
        with raises("ValidationException", "limit"):
            db.list_tables(Limit=wrong)


def test_continuous_backups_of_a_new_table(server, db, unique):
    table = make_table(db, unique("facts-backups"))
    described = db.describe_continuous_backups(TableName=table.name)["ContinuousBackupsDescription"]
    assert described == {"ContinuousBackupsStatus": "DISABLED",
                         "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}}
    with raises("TableNotFoundException"):
        db.describe_continuous_backups(TableName="not-there")
    with call_raises("ValidationException"):
        call(server, "DescribeContinuousBackups", {})


# ---- tags ----

@pytest.fixture
def arn(db, unique):
    return db.describe_table(TableName=make_table(db, unique("facts-tags")).name)["Table"]["TableArn"]


def tags_of(db, arn):
    return {t["Key"]: t["Value"] for t in db.list_tags_of_resource(ResourceArn=arn)["Tags"]}


@rows("tags, good", *[
    ("none", [], False), ("an empty value", [{"Key": "k", "Value": ""}], True), ("no value", [{"Key": "k"}], False),
    ("no key", [{"Value": "v"}], False), ("an empty key", [{"Key": "", "Value": "v"}], False),
    ("a key of 128 characters", [{"Key": "é" * 128, "Value": "v"}], True),
    ("a key of 129 characters", [{"Key": "k" * 129, "Value": "v"}], False),
    ("a value of 256 characters", [{"Key": "k", "Value": "ж" * 256}], True),
    ("a value of 257 characters", [{"Key": "k", "Value": "v" * 257}], False),
    ("all signs", [{"Key": "a +-=._:/@9", "Value": "b +-=._:/@9"}], True),
    ("letters of any script", [{"Key": "ключ שלום 漢字", "Value": "ñ 中 ١"}], True),
    *[(f"a key with {sign}", [{"Key": "k" + sign, "Value": "v"}], False) for sign in "#$%&*!?,;<>()[]{}\"'\\^`~|\0😀"],
    *[(f"a value with {sign}", [{"Key": "k", "Value": "v" + sign}], False) for sign in "#$*!?"],
    ("50 tags", [{"Key": f"k{i}", "Value": "v"} for i in range(50)], True),
    ("51 tags", [{"Key": f"k{i}", "Value": "v"} for i in range(51)], False)])
def test_tags(db, arn, unique, tags, good):
    name = unique("facts-tagged")
    if good:
        db.tag_resource(ResourceArn=arn, Tags=tags)
        assert tags_of(db, arn) == {t["Key"]: t["Value"] for t in tags}
        db.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", Tags=tags, **HASH_ONLY)
        assert tags_of(db, arn.rsplit("/", 1)[0] + "/" + name) == {t["Key"]: t["Value"] for t in tags}
    else:
        with raises("ValidationException"):
            db.tag_resource(ResourceArn=arn, Tags=tags)
        assert tags_of(db, arn) == {}
        if tags:
            with raises("ValidationException"):
                db.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", Tags=tags, **HASH_ONLY)
            with raises("ResourceNotFoundException"):
                db.describe_table(TableName=name)


def test_fifty_tags_over_several_calls(db, arn):
    for start in [0, 25]:
        db.tag_resource(ResourceArn=arn, Tags=[{"Key": f"k{i}", "Value": "1"} for i in range(start, start + 25)])
    db.tag_resource(ResourceArn=arn, Tags=[{"Key": "k7", "Value": "2"}])
    with raises("ValidationException"):
        db.tag_resource(ResourceArn=arn, Tags=[{"Key": "k7", "Value": "3"}, {"Key": "one more", "Value": ""}])
    assert len(tags_of(db, arn)) == 50 and tags_of(db, arn)["k7"] == "2"
    db.untag_resource(ResourceArn=arn, TagKeys=["k7", "not there"])
    db.untag_resource(ResourceArn=arn, TagKeys=["k7"])
    assert len(tags_of(db, arn)) == 49


@pytest.mark.parametrize("operation, more", [("tag_resource", {"Tags": [{"Key": "k", "Value": "v"}]}),
                                             ("untag_resource", {"TagKeys": ["k"]}), ("list_tags_of_resource", {})])
def test_arns_of_tags(db, arn, operation, more):
    ask = lambda name: getattr(db, operation)(ResourceArn=name, **more)
    for wrong in ["dog", "table/facts", "x" * 30, "ARN" + arn[3:]]:
        with pytest.raises(ClientError) as caught:
            ask(wrong)
        assert caught.value.response["Error"]["Code"] in ("ValidationException", "AccessDeniedException"), wrong
    with raises("ResourceNotFoundException"):
        ask(arn + "-unknown")
    with raises("ValidationException", "Invalid ResourceArn"):
        ask(arn + "/index/byx")


def test_tags_given_at_once_are_all_kept(server, db, arn):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: server.client("dynamodb").tag_resource(ResourceArn=arn, Tags=[{"Key": f"k{i}", "Value": "v"}]),
                      range(24)))
    assert len(tags_of(db, arn)) == 24


# ---- time to live ----

def test_time_to_live(server, db, unique):
    name = make_table(db, unique("facts-ttl")).name
    update = lambda enabled, attribute: db.update_time_to_live(TableName=name,
                                                               TimeToLiveSpecification={"Enabled": enabled,
                                                                   "AttributeName": attribute})
    describe = lambda: db.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert describe() == {"TimeToLiveStatus": "DISABLED"}
    with raises("ValidationException", "TimeToLive is already disabled"):
        update(False, "x")
    for long in ["", "y" * 256]:
        with raises("ValidationException", "length"):
            update(True, long)
    for wrong in [{"Enabled": True}, {"AttributeName": "x"}, {}, None]:
        with call_raises("ValidationException"):
            call(server, "UpdateTimeToLive", {"TableName": name, "TimeToLiveSpecification": wrong})
    assert update(True, "x" * 255)["TimeToLiveSpecification"] == {"Enabled": True, "AttributeName": "x" * 255}
    assert describe() == {"TimeToLiveStatus": "ENABLED", "AttributeName": "x" * 255}
    for attribute in ["x" * 255, "other"]:
        with raises("ValidationException", "TimeToLive is already enabled"):
            update(True, attribute)
    with raises("ValidationException",
                "TimeToLive is active on a different AttributeName: current AttributeName is " + "x" * 255):
        update(False, "other")
    assert update(False, "x" * 255)["TimeToLiveSpecification"] == {"Enabled": False,
                                                                   "AttributeName": "x" * 255} and describe() == {"TimeToLiveStatus": "DISABLED"}
    for operation in [lambda: db.describe_time_to_live(TableName="not-there"),
                      lambda: db.update_time_to_live(TableName="not-there",
                                                     TimeToLiveSpecification={"Enabled": True, "AttributeName": "x"})]:
        with raises("ResourceNotFoundException"):
            operation()


# ---- streams ----

FULL = {"p": S("a"), "n": N(1), "ss": {"SS": ["a", "b"]}, "m": M(x=L({"NS": ["1", "2"]})), "b": B(b"\xff")}
SAME = {"p": S("a"), "n": N("1.0"), "ss": {"SS": ["b", "a"]}, "m": M(x=L({"NS": ["2.0", "1e0"]})), "b": B(b"\xff")}
A = {"p": S("a")}


@rows("write", *[
    ("an identical PutItem", lambda db, t: t.put(FULL)), ("a PutItem of equal values", lambda db, t: t.put(SAME)),
    ("an UpdateItem to the same", lambda db, t: t.update(A, "SET n = :v, ss = :s", {":v": N("1e0"), ":s": {"SS": ["b", "a"]}})),
    ("an UpdateItem of nothing", lambda db, t: t.update(A)),
    ("AttributeUpdates to the same", lambda db, t: t.update(A, AttributeUpdates={"n": {"Value": N(1)}})),
    ("REMOVE of a missing attribute", lambda db, t: t.update(A, "REMOVE zz, m.zz")),
    ("ADD of elements there already", lambda db, t: t.update(A, "ADD ss :v", {":v": {"SS": ["a"]}})),
    ("ADD of zero", lambda db, t: t.update(A, "ADD n :v", {":v": N(0)})),
    ("DELETE of no elements", lambda db, t: t.update(A, "DELETE ss :v", {":v": {"SS": ["zz"]}})),
    ("a deletion of a missing item", lambda db, t: t.delete({"p": S("nobody")})),
    ("a REMOVE of a missing item", lambda db, t: t.update({"p": S("nobody")}, "REMOVE zz")),
    ("a batch of them", lambda db, t: db.batch_write_item(RequestItems={t.name: [PUT(SAME), REMOVE({"p": S("nobody")})]})),
    ("a transaction of them", lambda db, t: db.transact_write_items(TransactItems=[action("Put", t, SAME),
        action("Delete", t, {"p": S("nobody")}), action("ConditionCheck", t, {"p": S("b")},
                                                        ConditionExpression="attribute_not_exists(p)")])),
    ("a statement to the same", lambda db, t: db.execute_statement(Statement=f'UPDATE "{t.name}" SET n = 1 WHERE p = \'a\'')),
    ("a failed write", lambda db, t: pytest.raises(ClientError, t.put, A, ConditionExpression="attribute_not_exists(p)"))])
def test_a_write_that_changes_nothing_leaves_no_record(db, streams, unique, write):
    table = streamed(db, unique("facts-same"))
    table.put(FULL)
    write(db, table)
    assert [r["eventName"] for r in records_of(db, streams, table)] == ["INSERT"]


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
def test_records_of_streams(db, streams, unique, view):
    table = streamed(db, unique("facts-records"), view)
    table.put(A)
    table.put({**A, "v": S("1")})
    table.update(A, "SET w = :v", ONE)
    table.delete(A)
    table.update({"p": S("b")})
    db.batch_write_item(RequestItems={table.name: [REMOVE({"p": S("b")}), PUT({"p": S("c")})]})
    db.transact_write_items(TransactItems=[action("Put", table, {"p": S("c"), "v": S("1")})])
    states = [("INSERT", None, A), ("MODIFY", A, {**A, "v": S("1")}),
              ("MODIFY", {**A, "v": S("1")}, {**A, "v": S("1"), "w": N(1)}), ("REMOVE", {**A, "v": S("1"), "w": N(1)}, None),
              ("INSERT", None, {"p": S("b")}), ("REMOVE", {"p": S("b")}, None), ("INSERT", None, {"p": S("c")}),
              ("MODIFY", {"p": S("c")}, {"p": S("c"), "v": S("1")})]
    records = records_of(db, streams, table)
    assert len(records) == len(states)
    for record, (name, old, new) in zip(records, states):
        data = record["dynamodb"]
        assert (record["eventName"], record["eventSource"], record["awsRegion"]) == (name, "aws:dynamodb",
            "us-east-1") and record["eventID"] and record["eventVersion"]
        assert data.get("OldImage") == (old if "OLD" in view else None) and data.get("NewImage") == (new if "NEW" in view
            else None)
        assert data["Keys"] == {"p": (old
                                      or new)["p"]} and data["StreamViewType"] == view and data["SizeBytes"] > 0 and data["ApproximateCreationDateTime"]
    order = [int(r["dynamodb"]["SequenceNumber"]) for r in records]
    assert order == sorted(set(order)) and len({r["eventID"] for r in records}) == len(records)


def test_streams_on_and_off(db, streams, unique):
    table = make_table(db, unique("facts-onoff"))
    update = lambda **more: db.update_table(TableName=table.name, StreamSpecification=more)
    describe = lambda: db.describe_table(TableName=table.name)["Table"]
    assert "LatestStreamArn" not in describe()
    with raises("ValidationException", "Table has no stream to disable"):
        update(StreamEnabled=False)
    for wrong in ["DOG", "keys_only", ""]:
        with raises("ValidationException", "streamViewType"):
            update(StreamEnabled=True, StreamViewType=wrong)
    with raises("ValidationException"):
        update(StreamEnabled=True)
    update(StreamEnabled=True, StreamViewType="KEYS_ONLY")
    first = describe()
    assert first["LatestStreamArn"] == f"{first['TableArn']}/stream/{first['LatestStreamLabel']}" and first["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    for view in ["KEYS_ONLY", "NEW_IMAGE"]:
        with raises("ValidationException", "Table already has an enabled stream"):
            update(StreamEnabled=True, StreamViewType=view)
    table.put(A)
    update(StreamEnabled=False)
    table.put({"p": S("unseen")})
    arn = first["LatestStreamArn"]
    closed = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert closed["StreamStatus"] == "DISABLED" and all(s["SequenceNumberRange"].keys() == {"StartingSequenceNumber",
        "EndingSequenceNumber"} for s in closed["Shards"])
    page = streams.get_records(ShardIterator=streams.get_shard_iterator(StreamArn=arn, ShardId=shard_of(streams, arn),
        ShardIteratorType="TRIM_HORIZON")["ShardIterator"])
    while page.get("NextShardIterator") and not page["Records"]:
        page = streams.get_records(ShardIterator=page["NextShardIterator"])
    assert [r["dynamodb"]["Keys"] for r in page["Records"]] == [A]
    while page.get("NextShardIterator"):
        page = streams.get_records(ShardIterator=page["NextShardIterator"])
    update(StreamEnabled=True, StreamViewType="NEW_IMAGE")
    again = describe()["LatestStreamArn"]
    assert again != arn and {s["StreamArn"] for s in streams.list_streams(TableName=table.name)["Streams"]} == {arn, again}
    assert records_of(db, streams, table) == []


def test_lists_of_streams(server):
    db, streams = server.client("dynamodb", account="444455556666"), server.client("dynamodbstreams", account="444455556666")
    arns = set()
    for i in range(5):
        streamed(db, f"facts-{i}")
        arns.add(db.describe_table(TableName=f"facts-{i}")["Table"]["LatestStreamArn"])
    everything = streams.list_streams()
    assert {s["StreamArn"] for s in everything["Streams"]} == arns and "LastEvaluatedStreamArn" not in everything
    page = streams.list_streams(Limit=2)
    seen = [s["StreamArn"] for s in page["Streams"]]
    assert len(seen) == 2 and page["LastEvaluatedStreamArn"] == seen[-1]
    for arn in seen:
        db.delete_table(TableName=arn.split("/")[1])
    rest = streams.list_streams(ExclusiveStartStreamArn=page["LastEvaluatedStreamArn"])
    assert sorted(seen + [s["StreamArn"] for s in rest["Streams"]]) == sorted(arns) and "LastEvaluatedStreamArn" not in rest
    assert [s["TableName"]
            for s in streams.list_streams(TableName="facts-4")["Streams"]] == ["facts-4"] and streams.list_streams(TableName="not-there")["Streams"] == []
    for wrong in [0, 101, -1]:
        with raises("ValidationException", "limit"):
            streams.list_streams(Limit=wrong)
    for wrong in ["dog", seen[0].replace("facts", "other"),
                  "arn:aws:dynamodb:us-east-1:444455556666:table/facts-0/stream/2000-01-01T00:00:00.000"]:
        with raises("ValidationException"):
            streams.list_streams(ExclusiveStartStreamArn=wrong)


@pytest.fixture(scope="module")
def stream(db):
    table = streamed(db, "facts-stream", "KEYS_ONLY")
    for i in range(4):
        table.put({"p": S(str(i))})
    return db.describe_table(TableName=table.name)["Table"]["LatestStreamArn"]


def test_shards_of_a_stream(server, streams, stream):
    described = streams.describe_stream(StreamArn=stream)["StreamDescription"]
    assert described["StreamStatus"] == "ENABLED" and described["StreamViewType"] == "KEYS_ONLY" and described["TableName"] == "facts-stream" and described["KeySchema"] == HASH_ONLY["KeySchema"]
    for shard in described["Shards"]:
        assert shard["SequenceNumberRange"]["StartingSequenceNumber"] and "EndingSequenceNumber" not in shard["SequenceNumberRange"]
    shard = described["Shards"][0]["ShardId"]
    for operation, more in [("describe_stream", {}), ("get_shard_iterator", {"ShardId": shard, "ShardIteratorType": "LATEST"})]:
        for arn, code in [("dog", "ValidationException"), ("x" * 40, "ValidationException"),
                          (stream.split("/stream")[0], "ValidationException"), ("", "ValidationException"),
                          (stream.replace("facts-stream", "not-there"), "ResourceNotFoundException"),
                          (stream[:-3] + "000", "ResourceNotFoundException")]:
            if arn != stream:
                with raises(code):
                    getattr(streams, operation)(StreamArn=arn, **more)
    with raises("ResourceNotFoundException"):
        streams.get_shard_iterator(StreamArn=stream, ShardId="shardId-00000000000000000000-00000000", ShardIteratorType="LATEST")
    with raises("ValidationException", "shardId"):
        streams.get_shard_iterator(StreamArn=stream, ShardId="dog", ShardIteratorType="LATEST")
    for wrong in [0, 101]:
        with raises("ValidationException", "limit"):
            streams.describe_stream(StreamArn=stream, Limit=wrong)
    target = {"X-Amz-Target": "DynamoDBStreams_20120810.DescribeStream"}
    ask = lambda wanted: call(server, "DescribeStream", {"StreamArn": stream, "ShardFilter": wanted},
                              target)["StreamDescription"]["Shards"]
    assert ask({"Type": "CHILD_SHARDS", "ShardId": shard}) == []
    for wrong, text in [({"Type": "CHILD_SHARDS"}, "hardId"), ({"Type": "CHILD_SHARDS", "ShardId": "dog"}, "shardFilter.shardId"),
                        ({"Type": "child_shards", "ShardId": shard}, "shardFilter.type"), ({"ShardId": shard},
                            "shardFilter"), ({}, "shardFilter")]:
        with call_raises("ValidationException", text):
            ask(wrong)


def test_iterators_of_a_stream(streams, stream):
    shard = shard_of(streams, stream)
    iterator = lambda kind, **more: streams.get_shard_iterator(StreamArn=stream, ShardId=shard, ShardIteratorType=kind,
                                                               **more)["ShardIterator"]
    read = lambda *kind, **more: streams.get_records(ShardIterator=iterator(*kind, **more))["Records"]
    numbers = [r["dynamodb"]["SequenceNumber"] for r in read("TRIM_HORIZON")]
    assert len(numbers) == 4 and read("LATEST") == []
    for i, number in enumerate(numbers):
        assert (len(read("AT_SEQUENCE_NUMBER", SequenceNumber=number)),
                len(read("AFTER_SEQUENCE_NUMBER", SequenceNumber=number))) == (4 - i, 3 - i)
    for kind, more in [("AT_SEQUENCE_NUMBER", {}), ("AFTER_SEQUENCE_NUMBER", {}), ("LATEST", {"SequenceNumber": numbers[0]}),
                       ("TRIM_HORIZON", {"SequenceNumber": numbers[0]}), ("DOG", {}), ("latest", {}), ("AT_SEQUENCE_NUMBER",
                           {"SequenceNumber": "dog"})]:
        with raises("ValidationException"):
            iterator(kind, **more)
    first = streams.get_records(ShardIterator=iterator("TRIM_HORIZON"), Limit=3)
    assert len(first["Records"]) == 3 and len(streams.get_records(ShardIterator=first["NextShardIterator"],
                                                                  Limit=1000)["Records"]) == 1
    for wrong in [0, 1001, -1]:
        with raises("ValidationException", "limit"):
            streams.get_records(ShardIterator=iterator("LATEST"), Limit=wrong)
    for garbage in ["dog", "", stream, stream + "|1|", stream + "|1|dog", iterator("LATEST").replace("|", "/")]:
        with raises("ValidationException"):
            streams.get_records(ShardIterator=garbage)


# ---- capacity ----

@pytest.mark.parametrize("wrong", ["total", "Indexes", "ALL", "DOG", ""])
def test_kinds_of_capacity_are_case_sensitive(db, plain, key, wrong):
    more = {"ReturnConsumedCapacity": wrong}
    for ask in [lambda: plain.put(key, **more), lambda: plain.get(key, **more), lambda: plain.update(key, **more),
                lambda: plain.delete(key, **more), lambda: plain.scan(**more), lambda: plain.query("p = :p", OF("a"), **more),
                lambda: db.batch_get_item(RequestItems={plain.name: {"Keys": [key]}}, **more),
                lambda: db.batch_write_item(RequestItems={plain.name: [PUT(key)]}, **more),
                lambda: db.transact_write_items(TransactItems=[action("Put", plain, key)], **more),
                lambda: db.transact_get_items(TransactItems=[{"Get": {"TableName": plain.name, "Key": key}}], **more),
                lambda: db.execute_statement(Statement='SELECT * FROM "facts-tables-plain"', **more)]:
        with raises("ValidationException", "returnConsumedCapacity"):
            ask()


TOTAL, INDEXES = {"ReturnConsumedCapacity": "TOTAL"}, {"ReturnConsumedCapacity": "INDEXES"}


def test_capacity_of_reads_and_writes(db, unique):
    table = make_table(db, unique("facts-units"), "p:S c:S")
    units = lambda answer: answer["ConsumedCapacity"]["CapacityUnits"]
    item = lambda c, size: {"p": S("a"), "c": S(c), "v": S("x" * (size - 5))}  # p, a, c, its value and v are 5 bytes
    key = lambda c: {"p": S("a"), "c": S(c)}
    answer = table.put(item("1", 1024), **TOTAL)
    assert answer["ConsumedCapacity"] == {"TableName": table.name, "CapacityUnits": 1.0}
    assert "ConsumedCapacity" not in table.put(item("1", 1024),
                                               ReturnConsumedCapacity="NONE") and "ConsumedCapacity" not in table.put(item("1",
                                                   1024))
    assert units(table.put(item("2", 1025), **TOTAL)) == 2 and units(table.put(item("2", 10),
        **TOTAL)) == 2 and units(table.put(item("2", 10), **TOTAL)) == 1  # the larger of old and new
    assert units(table.put({**key("3"), "n" * 1024: S("")}, **TOTAL)) == 2  # names count
    assert units(table.update(key("1"), "SET w = :w", {":w": S("x")}, **TOTAL)) == 2 and units(table.delete(key("1"),
        **TOTAL)) == 2 and units(table.delete(key("1"), **TOTAL)) == 1
    table.put(item("4", 4096))
    table.put(item("5", 4097))
    get = lambda c, strong: units(db.get_item(TableName=table.name, Key=key(c), ConsistentRead=strong, **TOTAL))
    assert [get(c, True) for c in ["4", "5", "none"]] == [1, 2, 1] and [get(c, False) for c in ["4", "5", "none"]] == [0.5, 1,
        0.5]
    for c in "678":
        table.put(item(c, 1000))
    several = [key(c) for c in "678"]
    batch = lambda **more: db.batch_get_item(RequestItems={table.name: {"Keys": several + [key("none")], **more}},
                                             **TOTAL)["ConsumedCapacity"]
    assert batch() == [{"TableName": table.name,
                        "CapacityUnits": 2.0}] and batch(ConsistentRead=True)[0]["CapacityUnits"] == 4  # each item is rounded
    query = lambda **more: table.query("p = :p AND c BETWEEN :a AND :b", {":p": S("a"), ":a": S("6"), ":b": S("8")}, **more,
                                       **TOTAL)
    assert units(query()) == 0.5 and units(query(ConsistentRead=True)) == 1  # only the sum is rounded
    assert units(query(FilterExpression="attribute_exists(zz)")) == 0.5 == units(query(ProjectionExpression="c")) and units(query(Select="COUNT")) == 0.5
    sizes = 10 + 1028 + 4096 + 4097 + 3000
    assert units(table.scan(ConsistentRead=True, **TOTAL)) == -(-sizes // 4096) == 2 * units(table.scan(**TOTAL))
    assert units(table.query("p = :p", {":p": S("none")}, **TOTAL)) == 0.5
    written = db.batch_write_item(RequestItems={table.name: [PUT(item("6", 1500)), REMOVE(key("none"))]}, **TOTAL)
    assert written["ConsumedCapacity"] == [{"TableName": table.name, "CapacityUnits": 3.0}]
    written = db.transact_write_items(TransactItems=[action("Put", table, item("7", 1500)), action("Delete", table, key("none"))],
                                      **TOTAL)
    assert written["ConsumedCapacity"][0]["CapacityUnits"] == 6
    read = db.transact_get_items(TransactItems=[{"Get": {"TableName": table.name, "Key": key(c)}} for c in "45"], **TOTAL)
    assert read["ConsumedCapacity"][0]["CapacityUnits"] == 6


def test_capacity_of_several_tables(db, plain, ranged, key):
    both = {plain.name: [PUT(key)], ranged.name: [PUT({**key, "c": S("c")})]}
    written = db.batch_write_item(RequestItems=both, **TOTAL)["ConsumedCapacity"]
    assert sorted(written, key=lambda c: c["TableName"]) == [{"TableName": t.name, "CapacityUnits": 1.0} for t in (plain, ranged)]
    read = db.batch_get_item(RequestItems={plain.name: {"Keys": [key]},
                                           ranged.name: {"Keys": [{**key, "c": S("c")}],
                                                         "ConsistentRead": True}}, **TOTAL)["ConsumedCapacity"]
    assert sorted(c["CapacityUnits"] for c in read) == [0.5, 1]


def test_capacity_of_indexes(db, unique):
    table = make_table(db, unique("facts-parts"), "p:S c:S", definitions={"g": "S", "h": "S", "l": "S"},
                       GlobalSecondaryIndexes=[gsi("glob", "g"),
                                               gsi("keys", "h", "KEYS_ONLY")], LocalSecondaryIndexes=[gsi("local", "p l")])
    key = {"p": S("a"), "c": S("1")}

    def parts(answer):
        capacity = answer["ConsumedCapacity"]
        found = {name: part["CapacityUnits"] for kind in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] for name,
                 part in capacity.get(kind, {}).items()}
        total = capacity.get("Table", {}).get("CapacityUnits", 0)
        assert capacity["CapacityUnits"] == total + sum(found.values()) and all(capacity.get(kind, {1})
            for kind in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"])
        return {"table": total, **found}

    assert parts(table.put(key, **INDEXES)) == {"table": 1}
    assert parts(table.put({**key, "g": S("g"), "v": S("x")}, **INDEXES)) == {"table": 1, "glob": 1}
    assert parts(table.put({**key, "g": S("g"), "h": S("h"), "l": S("l"), "v": S("x")}, **INDEXES)) == {"table": 1, "glob": 1,
        "keys": 1, "local": 1}
    assert parts(table.update(key, "SET v = :v", OF("y"), **INDEXES)) == {"table": 1, "glob": 1, "local": 1}
    assert parts(table.update(key, "SET g = :v", OF("other"), **INDEXES)) == {"table": 1, "glob": 2, "local": 1}
    assert parts(table.query("p = :p", {":p": S("a")}, **INDEXES)) == {"table": 0.5}
    for index, condition in [("glob", "g = :g"), ("keys", "h = :g"), ("local", "p = :g")]:
        answer = table.query(condition, {":g": S({"glob": "other", "keys": "h", "local": "a"}[index])}, IndexName=index,
                             **INDEXES)
        assert parts(answer) == {"table": 0, index: 0.5} and answer["Count"] == 1
        assert parts(table.scan(IndexName=index, **INDEXES)) == {"table": 0, index: 0.5}
    assert table.query("g = :g", {":g": S("other")}, IndexName="glob", **TOTAL)["ConsumedCapacity"] == {"TableName": table.name,
        "CapacityUnits": 0.5}
    assert parts(table.delete(key, **INDEXES)) == {"table": 1, "glob": 1, "keys": 1, "local": 1}
