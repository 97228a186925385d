"""Tables: definitions, descriptions, settings, tags, TTL, streams."""
import re
import uuid

import pytest

from conftest import wait_until
from dynamodb_support import N, S, call, call_raises, gsi, make_table, raises, raw


@pytest.fixture(scope="module")
def db(server):
    return server.client("dynamodb")


@pytest.fixture(scope="module")
def streams(server):
    return server.client("dynamodbstreams")


P = {"AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
     "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}]}


def test_description(db, unique):
    name = unique("desc")
    created = db.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **P)["TableDescription"]
    assert created["TableStatus"] == "CREATING"
    table = db.describe_table(TableName=name)["Table"]
    assert table["TableStatus"] == "ACTIVE"
    assert uuid.UUID(table["TableId"]) and table["TableArn"].endswith(":table/" + name)
    assert (table["ItemCount"], table["TableSizeBytes"]) == (0, 0)
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"]
    assert table["ProvisionedThroughput"] == {
        "NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    db.put_item(TableName=name, Item={"p": S("abc")})
    table = db.describe_table(TableName=name)["Table"]
    assert (table["ItemCount"], table["TableSizeBytes"]) == (1, 4)
    with raises("ResourceInUseException", "Table already exists: " + name):
        db.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **P)
    deleted = db.delete_table(TableName=name)["TableDescription"]
    assert deleted["TableStatus"] == "DELETING" and deleted["TableId"] and deleted["ItemCount"] == 1
    assert not {"CreationDateTime", "KeySchema", "AttributeDefinitions"} & deleted.keys()
    with raises("ResourceNotFoundException"):
        db.delete_table(TableName=name)
    with raises("ResourceNotFoundException", name):
        db.describe_table(TableName=name)
    make_table(db, name)
    assert db.scan(TableName=name)["Count"] == 0


@pytest.mark.parametrize("change,texts", [
    ({"TableName": "x"}, ["3"]), ({"TableName": "x" * 256}, ["255"]), ({"TableName": "x!y"}, ["pattern"]),
    ({"AttributeDefinitions": []}, ["AttributeDefinitions"]),
    ({"AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}, {"AttributeName": "p", "AttributeType": "N"}]}, ["Duplicate", "p"]),
    ({"AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}, {"AttributeName": "q", "AttributeType": "N"}]}, ["Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions"]),
    ({"AttributeDefinitions": [{"AttributeType": "S"}]}, ["Value null at 'attributeDefinitions.1.member.attributeName' failed to satisfy constraint: Member must not be null"]),
    ({"AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "SS"}]}, ["[B, N, S]"]),
    ({"AttributeDefinitions": [{"AttributeName": "x" * 256, "AttributeType": "S"}]}, ["255"]),
    ({"KeySchema": [{"AttributeName": "p", "KeyType": "RANGE"}]}, ["HASH"]),
    ({"KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "p", "KeyType": "RANGE"}]}, ["same name"]),
    ({"BillingMode": "DOG"}, ["billingMode"]),
    ({"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}, ["PAY_PER_REQUEST"]),
    ({"BillingMode": "PROVISIONED"}, ["rovisionedThroughput"]),
    ({"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 1}}, ["provisionedThroughput.readCapacityUnits"]),
    ({"Tags": [{"Key": "a$", "Value": "b"}]}, []), ({"StreamSpecification": {"StreamEnabled": True}}, []),
    ({"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "DOG"}}, []),
    ({"GlobalSecondaryIndexes": [gsi("ix1", "x")]}, []),
    ({"GlobalSecondaryIndexes": [gsi("ix1", "p", "INCLUDE", ["a", "a"])]}, ["a"]),
    ({"GlobalSecondaryIndexes": [gsi("ix1", "p", "INCLUDE", [])]}, []),
    ({"GlobalSecondaryIndexes": [gsi("ix1", "p", "ALL", ["a"])]}, []),
    ({"GlobalSecondaryIndexes": [gsi("ix1", "p", "INCLUDE", ["x" * 256])]}, ["255"]),
    ({"GlobalSecondaryIndexes": [gsi("ix1", "p", "DOG")]}, ["ProjectionType"]),
    ({"GlobalSecondaryIndexes": [gsi("ix1", "p"), gsi("ix1", "p")]}, ["Duplicate index name: ix1"]),
    ({"GlobalSecondaryIndexes": [gsi("i", "p")]}, ["3"]), ({"GlobalSecondaryIndexes": [gsi("ix$", "p")]}, ["pattern"]),
    ({"LocalSecondaryIndexes": [gsi("loc", "p")]}, ["range key"])])
def test_bad_definitions(db, unique, change, texts):
    name = unique("bad")
    with raises("ValidationException", *texts):
        db.create_table(**{"TableName": name, "BillingMode": "PAY_PER_REQUEST", **P, **change})
    with raises("ResourceNotFoundException"):
        db.describe_table(TableName=name)


def test_list_tables(fresh_server):
    db = fresh_server().client("dynamodb")
    names = sorted(f"list-{i}" for i in range(7))
    for name in names:
        make_table(db, name)
    seen, more, pages = [], {}, 0
    while True:
        page = db.list_tables(Limit=3, **more)
        seen += page["TableNames"]
        pages += 1
        if "LastEvaluatedTableName" not in page:
            break
        more = {"ExclusiveStartTableName": page["LastEvaluatedTableName"]}
    assert seen == names and pages == 3
    for limit in [0, 101]:
        with raises("ValidationException"):
            db.list_tables(Limit=limit)


def test_update_table(db, unique):
    table = make_table(db, unique("upd"))
    text = "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates"
    with raises("ValidationException", text):
        db.update_table(TableName=table.name)
    with raises("ValidationException", text):
        db.update_table(TableName=table.name, GlobalSecondaryIndexUpdates=[])
    db.update_table(TableName=table.name, BillingMode="PROVISIONED",
                    ProvisionedThroughput={"ReadCapacityUnits": 3, "WriteCapacityUnits": 4})
    described = db.describe_table(TableName=table.name)["Table"]
    assert described["ProvisionedThroughput"]["WriteCapacityUnits"] == 4
    assert described["BillingModeSummary"]["BillingMode"] == "PROVISIONED"


def test_indexes_described(db, unique):
    table = make_table(db, unique("ix"), "p:S c:S", definitions={"x": "S"},
                       GlobalSecondaryIndexes=[gsi("glob", "x", "INCLUDE", ["a"])], LocalSecondaryIndexes=[gsi("local", "p x")])
    table.put({"p": S("1"), "c": S("2"), "x": S("3"), "a": S("4"), "b": S("not in it")})
    described = db.describe_table(TableName=table.name)["Table"]
    common = {"IndexName", "IndexArn", "KeySchema", "Projection", "IndexSizeBytes", "ItemCount"}
    (one,), (other,) = described["GlobalSecondaryIndexes"], described["LocalSecondaryIndexes"]
    assert one.keys() == common | {"IndexStatus", "ProvisionedThroughput"} and other.keys() == common
    assert one["IndexArn"] == described["TableArn"] + "/index/glob"
    assert (one["ItemCount"], other["ItemCount"]) == (1, 1)


def test_numbers_of_indexes_and_projected_names(db, unique):
    def create(**indexes):
        db.create_table(TableName=unique("many"), BillingMode="PAY_PER_REQUEST", **indexes, KeySchema=[
            {"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "c", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in "pc"])
    create(GlobalSecondaryIndexes=[gsi(f"g{i:02}", "c") for i in range(20)])
    with raises("ValidationException", "GlobalSecondaryIndex count exceeds the per-table limit of 20"):
        create(GlobalSecondaryIndexes=[gsi(f"g{i:02}", "c") for i in range(21)])
    with raises("ValidationException", "limit of 5"):
        create(LocalSecondaryIndexes=[gsi(f"l{i:02}", "p c") for i in range(6)])
    with raises("ValidationException", "100"):
        create(GlobalSecondaryIndexes=[gsi(f"g{i}x", "c", "INCLUDE", [f"a{n}" for n in range(51)]) for i in range(2)])


def test_definitions_that_an_update_does_not_need(db, unique):
    table = make_table(db, unique("spare"))
    db.update_table(TableName=table.name, GlobalSecondaryIndexUpdates=[{"Create": gsi("glob", "x")}], AttributeDefinitions=[
        {"AttributeName": n, "AttributeType": "S"} for n in ["p", "x", "spare"]])
    described = db.describe_table(TableName=table.name)["Table"]["AttributeDefinitions"]
    assert sorted(d["AttributeName"] for d in described) == ["p", "x"]


def test_deletion_protection_and_class(server, db, unique):
    name = unique("prot")
    call(server, "CreateTable", {"TableName": name, "BillingMode": "PAY_PER_REQUEST", **P,
                                 "DeletionProtectionEnabled": True, "TableClass": "STANDARD_INFREQUENT_ACCESS",
                                 "SSESpecification": {"Enabled": True}})
    table = call(server, "DescribeTable", {"TableName": name})["Table"]
    assert table["DeletionProtectionEnabled"] is True and table["SSEDescription"]["Status"] == "ENABLED"
    assert table["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    with raises("ValidationException", "protected"):
        db.delete_table(TableName=name)
    call(server, "UpdateTable", {"TableName": name, "DeletionProtectionEnabled": False})
    db.delete_table(TableName=name)


def test_tags(server, db, unique):
    table = make_table(db, unique("tags"))
    arn = db.describe_table(TableName=table.name)["Table"]["TableArn"]
    status, _, body = raw(server, "TagResource", {"ResourceArn": arn, "Tags": [{"Key": "a", "Value": "1"}]})
    assert (status, body) == (200, b"")
    db.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "ключ é", "Value": ""}])
    assert db.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "2"}, {"Key": "ключ é", "Value": ""}]
    db.untag_resource(ResourceArn=arn, TagKeys=["a", "missing"])
    assert [t["Key"] for t in db.list_tags_of_resource(ResourceArn=arn)["Tags"]] == ["ключ é"]
    db.tag_resource(ResourceArn=arn, Tags=[{"Key": "é" * 128, "Value": "é" * 256}])
    for wrong in [[], [{"Key": "", "Value": "x"}], [{"Key": "k" * 129, "Value": "x"}], [{"Key": "k", "Value": "x" * 257}],
                  [{"Key": "k"}], [{"Key": "k#", "Value": "x"}], [{"Key": f"k{i}", "Value": "x"} for i in range(49)]]:
        with raises("ValidationException"):
            db.tag_resource(ResourceArn=arn, Tags=wrong)
    with raises("ResourceNotFoundException"):
        db.tag_resource(ResourceArn=arn + "-unknown", Tags=[{"Key": "k", "Value": "x"}])
    for wrong in ["dog", arn + "/index/x"]:
        with raises("ValidationException"):
            db.tag_resource(ResourceArn=wrong, Tags=[{"Key": "k", "Value": "x"}])


def test_time_to_live_settings(db, unique):
    table = make_table(db, unique("ttl"))
    def update(enabled, name):
        return db.update_time_to_live(TableName=table.name, TimeToLiveSpecification={"Enabled": enabled, "AttributeName": name})
    describe = lambda: db.describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
    assert describe() == {"TimeToLiveStatus": "DISABLED"}
    assert update(True, "exp")["TimeToLiveSpecification"] == {"Enabled": True, "AttributeName": "exp"}
    assert describe() == {"TimeToLiveStatus": "ENABLED", "AttributeName": "exp"}
    with raises("ValidationException", "TimeToLive is already enabled"):
        update(True, "exp")
    with raises("ValidationException", "TimeToLive is active on a different AttributeName: current AttributeName is exp"):
        update(False, "other")
    update(False, "exp")
    with raises("ValidationException", "TimeToLive is already disabled"):
        update(False, "exp")
    for name in ["", "x" * 256]:
        with raises("ValidationException", "length"):
            update(True, name)


def test_expiry_by_the_clock(fresh_server):
    server = fresh_server()
    db, streams = server.client("dynamodb"), server.client("dynamodbstreams")
    table = make_table(db, "expiring", "p:S", definitions={"x": "S"}, GlobalSecondaryIndexes=[gsi("byx", "x")],
                       StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    db.update_time_to_live(TableName="expiring", TimeToLiveSpecification={"Enabled": True, "AttributeName": "exp"})
    import time
    now = int(time.time())
    table.put({"p": S("soon"), "x": S("g"), "exp": N(now + 100)})
    table.put({"p": S("later"), "x": S("g"), "exp": N(now + 100000)})
    table.put({"p": S("text"), "exp": S(str(now + 100))})
    table.put({"p": S("ancient"), "exp": N(1000)})
    assert len(table.scan()["Items"]) == 4
    status, answer = server.admin("PUT", "/clock", {"advance": 200})
    assert status == 200, answer
    wait_until(lambda: table.get({"p": S("soon")}) is None, what="the expiry")
    assert {i["p"]["S"] for i in table.scan()["Items"]} == {"later", "text", "ancient"}
    assert [i["p"]["S"] for i in table.scan(IndexName="byx")["Items"]] == ["later"]
    record = read_stream(db, streams, "expiring")[-1]
    assert record["eventName"] == "REMOVE"
    assert record["userIdentity"] == {
        "Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}


def read_stream(db, streams, name, **more):
    arn = db.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    return streams.get_records(ShardIterator=iterator, **more)["Records"]


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
def test_stream_records(db, streams, unique, view):
    table = make_table(db, unique("st"), StreamSpecification={"StreamEnabled": True, "StreamViewType": view})
    key = {"p": S("a")}
    table.put({**key, "n": N(1), "s": {"SS": ["a", "b"]}})
    table.put({**key, "n": N("1.0"), "s": {"SS": ["b", "a"]}})      # nothing changes
    table.update(key, "SET n = :v", {":v": N(1)})                    # nothing changes
    table.update(key, "REMOVE zz")
    table.put({**key, "n": N(2)})
    table.delete(key)
    table.delete(key)
    db.batch_write_item(RequestItems={table.name: [{"DeleteRequest": {"Key": key}}]})
    records = read_stream(db, streams, table.name)
    assert [r["eventName"] for r in records] == ["INSERT", "MODIFY", "REMOVE"]
    olds = [None, {**key, "n": N(1), "s": {"SS": ["b", "a"]}}, {**key, "n": N(2)}]
    news = [{**key, "n": N(1), "s": {"SS": ["a", "b"]}}, {**key, "n": N(2)}, None]
    for record, old, new in zip(records, olds, news):
        data = record["dynamodb"]
        assert record["eventSource"] == "aws:dynamodb" and record["awsRegion"] == "us-east-1" and record["eventID"]
        assert data["Keys"] == key and data["StreamViewType"] == view and data["SizeBytes"] > 0
        assert re.fullmatch(r"\d{21,40}", data["SequenceNumber"])
        assert data.get("NewImage") == (new if "NEW" in view else None)
        old_set = data.get("OldImage") and sorted(data["OldImage"].get("s", {}).get("SS", []))
        if "OLD" in view and old:
            assert data["OldImage"]["n"] == old["n"] and old_set == sorted(old.get("s", {}).get("SS", []))
        else:
            assert "OldImage" not in data
    numbers = [r["dynamodb"]["SequenceNumber"] for r in records]
    assert numbers == sorted(numbers) and len(set(numbers)) == 3


def test_stream_iterators_and_closing(db, streams, unique):
    table = make_table(db, unique("it"), StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    described = db.describe_table(TableName=table.name)["Table"]
    arn = described["LatestStreamArn"]
    assert arn.endswith("/stream/" + described["LatestStreamLabel"])
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]
    assert shard["SequenceNumberRange"]["StartingSequenceNumber"]
    def iterator(kind, **m):
        return streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType=kind, **m)["ShardIterator"]
    latest = iterator("LATEST")
    for i in range(5):
        table.put({"p": S(str(i))})
    first = streams.get_records(ShardIterator=iterator("TRIM_HORIZON"), Limit=2)
    assert [r["dynamodb"]["Keys"]["p"]["S"] for r in first["Records"]] == ["0", "1"]
    rest = streams.get_records(ShardIterator=first["NextShardIterator"])
    assert len(rest["Records"]) == 3 and len(streams.get_records(ShardIterator=latest)["Records"]) == 5
    number = first["Records"][1]["dynamodb"]["SequenceNumber"]
    at = streams.get_records(ShardIterator=iterator("AT_SEQUENCE_NUMBER", SequenceNumber=number))["Records"]
    after = streams.get_records(ShardIterator=iterator("AFTER_SEQUENCE_NUMBER", SequenceNumber=number))["Records"]
    assert (len(at), len(after)) == (4, 3)
    for kind, more in [("AT_SEQUENCE_NUMBER", {}), ("LATEST", {"SequenceNumber": number}), ("DOG", {})]:
        with raises("ValidationException"):
            iterator(kind, **more)
    for wrong in [0, 1001]:
        with raises("ValidationException"):
            streams.get_records(ShardIterator=latest, Limit=wrong)
    with raises("ValidationException"):
        streams.get_records(ShardIterator="garbage")
    with raises("ValidationException"):
        streams.describe_stream(StreamArn="garbage-garbage-garbage-garbage-garbage")
    with raises("ResourceNotFoundException"):
        streams.describe_stream(StreamArn=arn.replace(table.name, "unknown-table"))
    with raises("ResourceNotFoundException"):
        streams.get_shard_iterator(StreamArn=arn, ShardId="shardId-00000000000000000000-00000000", ShardIteratorType="LATEST")
    with raises("ValidationException", "already", "enabled"):
        db.update_table(TableName=table.name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    db.update_table(TableName=table.name, StreamSpecification={"StreamEnabled": False})
    with raises("ValidationException", "Table has no stream to disable"):
        db.update_table(TableName=table.name, StreamSpecification={"StreamEnabled": False})
    closed = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert closed["StreamStatus"] == "DISABLED" and closed["Shards"][0]["SequenceNumberRange"]["EndingSequenceNumber"]
    last = streams.get_records(ShardIterator=rest["NextShardIterator"])
    assert last["Records"] == [] and "NextShardIterator" not in last
    db.update_table(TableName=table.name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    again = db.describe_table(TableName=table.name)["Table"]["LatestStreamArn"]
    assert again != arn
    listed = [s["StreamArn"] for s in streams.list_streams(TableName=table.name)["Streams"]]
    assert sorted(listed) == sorted([arn, again])
    page = streams.list_streams(TableName=table.name, Limit=1)
    db.delete_table(TableName=table.name)
    page2 = streams.list_streams(TableName=table.name, Limit=1, ExclusiveStartStreamArn=page["LastEvaluatedStreamArn"])
    assert [s["StreamArn"] for s in page["Streams"] + page2["Streams"]] == sorted(listed)
    with raises("ValidationException"):
        streams.list_streams(ExclusiveStartStreamArn=arn + "9")


def test_failed_transaction_leaves_no_record(db, streams, unique):
    table = make_table(db, unique("tx"), StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    with raises("TransactionCanceledException"):
        db.transact_write_items(TransactItems=[
            {"Put": {"TableName": table.name, "Item": {"p": S("a")}}},
            {"ConditionCheck": {"TableName": table.name, "Key": {"p": S("b")}, "ConditionExpression": "attribute_exists(p)"}}])
    assert read_stream(db, streams, table.name) == []


def test_limits_and_endpoints(server, db):
    assert db.describe_limits()["TableMaxReadCapacityUnits"]
    endpoints = db.describe_endpoints()["Endpoints"]
    assert len(endpoints) == 1 and ":" in endpoints[0]["Address"] and "//" not in endpoints[0]["Address"]


def test_accounts_and_regions_are_apart(server, unique):
    name = unique("apart")
    make_table(server.client("dynamodb"), name)
    with raises("ResourceNotFoundException"):
        server.client("dynamodb", account="111111111111").describe_table(TableName=name)
    with raises("ResourceNotFoundException"):
        server.client("dynamodb", region="eu-west-1").describe_table(TableName=name)


def test_kill_and_restart(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    db = server.client("dynamodb")
    table = make_table(db, "kept", "p:S", definitions={"x": "S"}, GlobalSecondaryIndexes=[gsi("byx", "x")],
                       StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    for i in range(50):
        table.put({"p": S(f"i{i}"), "x": S("g")})
    server.kill()
    server = fresh_server("--data-dir", data_dir)
    db = server.client("dynamodb")
    assert db.scan(TableName="kept")["Count"] == 50
    assert db.scan(TableName="kept", IndexName="byx")["Count"] == 50
    assert len(read_stream(db, server.client("dynamodbstreams"), "kept")) == 50


def test_backups_and_recovery(db, unique):
    table = make_table(db, unique("back"), "p:S", definitions={"x": "S"}, GlobalSecondaryIndexes=[gsi("byx", "x")])
    for i in range(20):
        table.put({"p": S(f"i{i}"), "x": S("g")})
    with raises("TableNotFoundException"):
        db.describe_continuous_backups(TableName="no-such-table")
    describe = lambda: db.describe_continuous_backups(TableName=table.name)["ContinuousBackupsDescription"]
    assert describe()["ContinuousBackupsStatus"] == "DISABLED"
    assert describe()["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
    with raises("PointInTimeRecoveryUnavailableException"):
        db.restore_table_to_point_in_time(SourceTableName=table.name, TargetTableName=unique("r"), UseLatestRestorableTime=True)
    db.update_continuous_backups(TableName=table.name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    assert describe()["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    backup = db.create_backup(TableName=table.name, BackupName="first")["BackupDetails"]
    table.put({"p": S("later")})
    restored = unique("restored")
    db.restore_table_from_backup(TargetTableName=restored, BackupArn=backup["BackupArn"])
    assert db.scan(TableName=restored)["Count"] == 20
    assert db.scan(TableName=restored, IndexName="byx")["Count"] == 20
    latest = unique("latest")
    db.restore_table_to_point_in_time(SourceTableName=table.name, TargetTableName=latest, UseLatestRestorableTime=True)
    assert db.scan(TableName=latest)["Count"] == 21
    assert [b["BackupArn"] for b in db.list_backups(TableName=table.name)["BackupSummaries"]] == [backup["BackupArn"]]
    assert db.describe_backup(BackupArn=backup["BackupArn"])["BackupDescription"]["SourceTableDetails"]["ItemCount"] == 20
    db.delete_backup(BackupArn=backup["BackupArn"])
    with raises("BackupNotFoundException"):
        db.describe_backup(BackupArn=backup["BackupArn"])


def test_export_and_import(server, db, unique):
    s3 = server.client("s3")
    bucket = unique("transfer")
    try:
        s3.create_bucket(Bucket=bucket)
    except Exception as error:
        pytest.skip(f"no S3 here: {error}")
    table = make_table(db, unique("exp"), "p:S c:N")
    for i in range(30):
        table.put({"p": S(f"i{i}"), "c": N(i), "b": {"B": bytes([i, 255])}, "l": {"L": [S("é"), {"NULL": True}]}})
    arn = db.describe_table(TableName=table.name)["Table"]["TableArn"]
    with raises("PointInTimeRecoveryUnavailableException"):
        db.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket)
    db.update_continuous_backups(TableName=table.name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    export = db.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket, S3Prefix="out")["ExportDescription"]
    def exported():
        return db.describe_export(ExportArn=export["ExportArn"])["ExportDescription"]
    wait_until(lambda: exported()["ExportStatus"] != "IN_PROGRESS", what="the export")
    assert exported()["ExportStatus"] == "COMPLETED", exported()
    assert exported()["ItemCount"] == 30
    name = unique("imp")
    started = db.import_table(
        S3BucketSource={"S3Bucket": bucket, "S3KeyPrefix": "out"}, InputFormat="DYNAMODB_JSON", InputCompressionType="GZIP",
        TableCreationParameters={"TableName": name, "BillingMode": "PAY_PER_REQUEST",
                                 "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}, {"AttributeName": "c", "AttributeType": "N"}],
                                 "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "c", "KeyType": "RANGE"}]})
    imported = lambda: db.describe_import(ImportArn=started["ImportTableDescription"]["ImportArn"])["ImportTableDescription"]
    wait_until(lambda: imported()["ImportStatus"] != "IN_PROGRESS", what="the import")
    assert (imported()["ImportStatus"], imported()["ImportedItemCount"], imported()["ErrorCount"]) == ("COMPLETED", 30, 0)
    by_key = lambda items: sorted(items, key=lambda i: i["p"]["S"])
    assert by_key(db.scan(TableName=name)["Items"]) == by_key(table.scan()["Items"])
