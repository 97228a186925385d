"""Streams and expiry: what records say, how long they stay, who deletes by the clock."""
import pytest

from conftest import wait_until
from dynamodb_support import N, S, call, call_raises, gsi, make_table, raises
from test_lambda import ROLE, zipped

STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
DAY = 24 * 3600


@pytest.fixture
def timed(fresh_server):
    """A server whose clock stands still, and a function that moves it."""
    server = fresh_server()
    server.admin("PUT", "/clock", {"set": "2030-01-01T00:00:00Z"})
    server.admin("PUT", "/clock", {"freeze": True})
    start = 1893456000
    return server, start, lambda seconds: server.admin("PUT", "/clock", {"advance": seconds})


class Stream:
    def __init__(self, server, name):
        self.client = server.client("dynamodbstreams")
        self.arn = server.client("dynamodb").describe_table(TableName=name)["Table"]["LatestStreamArn"]
        self.shard = self.describe()["Shards"][0]["ShardId"]

    def describe(self):
        return self.client.describe_stream(StreamArn=self.arn)["StreamDescription"]

    def iterator(self, kind="TRIM_HORIZON", **more):
        return self.client.get_shard_iterator(StreamArn=self.arn, ShardId=self.shard, ShardIteratorType=kind, **more)["ShardIterator"]

    def records(self, iterator=None, **more):
        return self.client.get_records(ShardIterator=iterator or self.iterator(), **more)["Records"]


def test_records_stay_a_day(timed):
    server, _, pass_time = timed
    table = make_table(server.client("dynamodb"), "kept", "p:S", StreamSpecification=STREAM)
    stream = Stream(server, "kept")
    table.put({"p": S("first")})
    pass_time(DAY // 2)
    latest = stream.iterator("LATEST")
    table.put({"p": S("second")})
    keys = lambda records: [r["dynamodb"]["Keys"]["p"]["S"] for r in records]
    assert keys(stream.records()) == ["first", "second"] and keys(stream.records(latest)) == ["second"]
    pass_time(DAY // 2 + 60)
    assert keys(stream.records()) == ["second"]
    pass_time(DAY)
    assert stream.records() == []
    table.put({"p": S("third")})
    assert keys(stream.records()) == ["third"]


def test_iterators_live_a_quarter_of_an_hour(timed):
    server, _, pass_time = timed
    table = make_table(server.client("dynamodb"), "brief", "p:S", StreamSpecification=STREAM)
    stream = Stream(server, "brief")
    for n in range(3):
        table.put({"p": S(str(n))})
    old = {kind: stream.iterator(kind) for kind in ["TRIM_HORIZON", "LATEST"]}
    pass_time(15 * 60)
    page = stream.client.get_records(ShardIterator=old["TRIM_HORIZON"], Limit=2)
    pass_time(1)
    for iterator in old.values():
        with raises("ExpiredIteratorException", "The provided iterator exceeds the maximum age allowed.") as caught:
            stream.records(iterator)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    # The one that a reading gave is as old as that reading.
    pass_time(15 * 60 - 1)
    assert len(stream.records(page["NextShardIterator"])) == 1
    pass_time(1)
    with raises("ExpiredIteratorException"):
        stream.records(page["NextShardIterator"])


def test_records_that_are_trimmed(timed):
    server, _, pass_time = timed
    table = make_table(server.client("dynamodb"), "trimmed", "p:S", StreamSpecification=STREAM)
    stream = Stream(server, "trimmed")
    trimmed = lambda: raises("TrimmedDataAccessException", "The data you are trying to access has been trimmed.")
    for n in range(3):
        table.put({"p": S(str(n))})
    numbers = [r["dynamodb"]["SequenceNumber"] for r in stream.records()]
    pass_time(DAY - 60)
    ours = {kind: stream.iterator(kind, SequenceNumber=numbers[1]) for kind in ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"]}
    ours["TRIM_HORIZON"] = stream.iterator()
    assert all(stream.records(iterator) for iterator in ours.values())
    table.put({"p": S("kept")})
    pass_time(120)
    for round in range(2):
        for iterator in ours.values():
            with trimmed():
                stream.records(iterator)
        for kind in ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"]:
            with trimmed():
                stream.iterator(kind, SequenceNumber=numbers[1])
        assert [r["dynamodb"]["Keys"]["p"]["S"] for r in stream.records()][:1] == ["kept"]
        table.put({"p": S("the old records go with this write")})
        pass_time(60)


def test_an_iterator_outlives_a_restart(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    table = make_table(server.client("dynamodb"), "again", "p:S", StreamSpecification=STREAM)
    table.put({"p": S("a")})
    iterator = Stream(server, "again").iterator()
    server.kill()
    server = fresh_server("--data-dir", data_dir)
    assert len(Stream(server, "again").records(iterator)) == 1


def test_a_closed_stream_stays_a_day(timed):
    server, _, pass_time = timed
    db = server.client("dynamodb")
    table = make_table(db, "closing", "p:S", StreamSpecification=STREAM)
    stream = Stream(server, "closing")
    table.put({"p": S("a")})
    db.update_table(TableName="closing", StreamSpecification={"StreamEnabled": False})
    assert db.describe_table(TableName="closing")["Table"]["LatestStreamArn"] == stream.arn
    pass_time(DAY - 60)
    assert stream.describe()["StreamStatus"] == "DISABLED" and len(stream.records()) == 1
    assert [s["StreamArn"] for s in stream.client.list_streams()["Streams"]] == [stream.arn]
    pass_time(120)
    assert stream.client.list_streams()["Streams"] == []
    with raises("ResourceNotFoundException"):
        stream.describe()


def test_sizes_and_sequence(server, unique):
    db = server.client("dynamodb")
    sizes = {}
    for view in ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]:
        name = unique("size")
        table = make_table(db, name, "p:S", StreamSpecification={"StreamEnabled": True, "StreamViewType": view})
        table.put({"p": S("abc"), "v": S("x" * 10)})          # 4 and 11 bytes
        table.put({"p": S("abc"), "v": S("x" * 20)})
        table.delete({"p": S("abc")})
        records = Stream(server, name).records()
        sizes[view] = [r["dynamodb"]["SizeBytes"] for r in records]
        assert all(r["eventVersion"] == "1.1" and len(r["eventID"]) == 32 for r in records)
    assert sizes == {"KEYS_ONLY": [4, 4, 4], "NEW_IMAGE": [19, 29, 4], "OLD_IMAGE": [4, 19, 29], "NEW_AND_OLD_IMAGES": [19, 44, 29]}


def test_iterators_of_all_kinds(server, unique):
    name = unique("kinds")
    table = make_table(server.client("dynamodb"), name, "p:S", StreamSpecification=STREAM)
    stream = Stream(server, name)
    for i in range(4):
        table.put({"p": S(str(i))})
    numbers = [r["dynamodb"]["SequenceNumber"] for r in stream.records()]
    start = stream.describe()["Shards"][0]["SequenceNumberRange"]["StartingSequenceNumber"]
    assert int(start) <= int(numbers[0])
    count = lambda *kind, **more: len(stream.records(stream.iterator(*kind, **more)))
    assert count("TRIM_HORIZON") == 4 and count("LATEST") == 0
    assert [count("AT_SEQUENCE_NUMBER", SequenceNumber=n) for n in numbers] == [4, 3, 2, 1]
    assert [count("AFTER_SEQUENCE_NUMBER", SequenceNumber=n) for n in numbers] == [3, 2, 1, 0]
    for kind, more in [("AFTER_SEQUENCE_NUMBER", {}), ("TRIM_HORIZON", {"SequenceNumber": numbers[0]}), ("dance", {})]:
        with raises("ValidationException"):
            stream.iterator(kind, **more)
    pages, iterator = [], stream.iterator()
    for _ in range(3):
        page = stream.client.get_records(ShardIterator=iterator, Limit=2)
        pages.append(len(page["Records"]))
        iterator = page["NextShardIterator"]
    assert pages == [2, 2, 0]


def test_children_of_shards(server, unique):
    name = unique("shards")
    make_table(server.client("dynamodb"), name, "p:S", StreamSpecification=STREAM)
    stream = Stream(server, name)
    target = {"X-Amz-Target": "DynamoDBStreams_20120810.DescribeStream"}
    ask = lambda wanted: call(server, "DescribeStream", {"StreamArn": stream.arn, "ShardFilter": wanted}, headers=target)
    assert ask({"Type": "CHILD_SHARDS", "ShardId": stream.shard})["StreamDescription"]["Shards"] == []
    for wrong in [{"Type": "DANCE", "ShardId": stream.shard}, {"Type": "CHILD_SHARDS", "ShardId": "x"}, {"Type": "CHILD_SHARDS"},
                  {"ShardId": stream.shard}]:
        with call_raises("ValidationException", "shardFilter"):
            ask(wrong)


def test_expiry_of_all_kinds(timed):
    server, now, pass_time = timed
    db = server.client("dynamodb")
    table = make_table(db, "expiring", "p:S exp:N", definitions={"x": "S"}, StreamSpecification=STREAM,
                       GlobalSecondaryIndexes=[gsi("byx", "x")], LocalSecondaryIndexes=[gsi("local", "p x")])
    table.put({"p": S("before"), "exp": N(now + 50), "x": S("g")})
    db.update_time_to_live(TableName="expiring", TimeToLiveSpecification={"Enabled": True, "AttributeName": "exp"})
    table.put({"p": S("fraction"), "exp": N(f"{now + 10}.5"), "x": S("g")})
    table.put({"p": S("never"), "exp": N("1e30"), "x": S("g")})
    table.put({"p": S("ancient"), "exp": N(now - 6 * 365 * DAY), "x": S("g")})
    table.put({"p": S("late"), "exp": N(now + 100 * DAY), "x": S("g")})
    names = lambda **m: sorted(i["p"]["S"] for i in table.scan(**m)["Items"])
    everything = ["ancient", "before", "fraction", "late", "never"]
    pass_time(9)
    assert names() == everything
    pass_time(3)
    wait_until(lambda: "fraction" not in names(), what="the first expiry")
    pass_time(60)
    wait_until(lambda: names() == ["ancient", "late", "never"], what="the second expiry")
    assert names(IndexName="byx") == names(IndexName="local") == ["ancient", "late", "never"]
    removed = [r for r in Stream(server, "expiring").records() if r["eventName"] == "REMOVE"]
    assert [r["dynamodb"]["OldImage"]["p"]["S"] for r in removed] == ["fraction", "before"]
    assert all(r["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"} for r in removed)
    db.update_time_to_live(TableName="expiring", TimeToLiveSpecification={"Enabled": False, "AttributeName": "exp"})
    pass_time(200 * DAY)
    assert names() == ["ancient", "late", "never"]


@pytest.mark.parametrize("specification", [{"Enabled": True}, {"AttributeName": "x"}, {}, None])
def test_both_members_of_the_specification_are_needed(server, unique, specification):
    name = make_table(server.client("dynamodb"), unique("ttl")).name
    with call_raises("ValidationException", "Member must not be null"):
        call(server, "UpdateTimeToLive", {"TableName": name, "TimeToLiveSpecification": specification})


RECORDER = """
def handler(event, context):
    for record in event["Records"]:
        print("record", record["dynamodb"]["Keys"]["p"]["S"])
"""


def test_a_mapping_goes_on_after_a_long_rest(timed):
    server, _, pass_time = timed
    functions = server.client("lambda")
    functions.create_function(FunctionName="resting", Runtime="python3.12", Role=ROLE, Handler="index.handler",
                              Code={"ZipFile": zipped(index_py=RECORDER)})
    table = make_table(server.client("dynamodb"), "rested", "p:S", StreamSpecification=STREAM)
    stream = Stream(server, "rested")
    functions.create_event_source_mapping(FunctionName="resting", EventSourceArn=stream.arn, StartingPosition="TRIM_HORIZON")
    for rest in [0, 3600, 2 * DAY]:
        pass_time(rest)
        table.put({"p": S(f"after-{rest}")})
        server.await_idle()
    events = server.client("logs").filter_log_events(logGroupName="/aws/lambda/resting", filterPattern="record")["events"]
    assert [e["message"].split()[1] for e in events] == ["after-0", "after-3600", f"after-{2 * DAY}"]


def test_a_mapping_goes_on_where_it_was_killed(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    functions = server.client("lambda")
    functions.create_function(FunctionName="follower", Runtime="python3.12", Role=ROLE, Handler="index.handler",
                              Code={"ZipFile": zipped(index_py=RECORDER)})
    table = make_table(server.client("dynamodb"), "followed", "p:S", StreamSpecification=STREAM)
    stream = Stream(server, "followed")
    functions.create_event_source_mapping(FunctionName="follower", EventSourceArn=stream.arn, StartingPosition="TRIM_HORIZON")
    for i in range(3):
        table.put({"p": S(f"before-{i}")})
    server.await_idle()
    server.kill()
    server = fresh_server("--data-dir", data_dir)
    server.client("dynamodb").put_item(TableName="followed", Item={"p": S("after")})
    server.await_idle()
    events = server.client("logs").filter_log_events(logGroupName="/aws/lambda/follower", filterPattern="record")["events"]
    assert [e["message"].split()[1] for e in events] == ["before-0", "before-1", "before-2", "after"]
