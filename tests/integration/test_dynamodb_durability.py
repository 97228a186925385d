"""SIGKILL under write load: what was acknowledged is there, and everything agrees."""
import os
import threading

from dynamodb_support import N, S, gsi, make_table

ROUNDS = int(os.environ.get("SKAFU_KILL_ROUNDS", "4"))


def read_stream(db, streams, name):
    arn = db.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard,
                                          ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    records = []
    while True:
        page = streams.get_records(ShardIterator=iterator)
        if not page["Records"]:
            return records
        records += page["Records"]
        iterator = page["NextShardIterator"]


def test_killed_under_load(fresh_server, data_dir):
    acknowledged = set()
    pairs = set()
    for round_ in range(ROUNDS):
        server = fresh_server("--data-dir", data_dir)
        db = server.client("dynamodb")
        if round_ == 0:
            make_table(db, "killed", "p:S", definitions={"x": "S"},
                       GlobalSecondaryIndexes=[gsi("byx", "x")],
                       StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
        check(server, acknowledged, pairs)
        enough = threading.Event()

        def write(worker):
            client = server.client("dynamodb")
            for i in range(100000):
                key = f"{round_}-{worker}-{i}"
                try:
                    if i % 4 == 0:
                        client.transact_write_items(TransactItems=[
                            {"Put": {"TableName": "killed", "Item": {"p": S(key + end), "x": S("pair")}}}
                            for end in ("-left", "-right")])
                        pairs.add(key)
                    else:
                        client.put_item(TableName="killed", Item={"p": S(key), "x": S("one"), "n": N(i)})
                        acknowledged.add(key)
                except Exception:
                    return
                if i == 25 + 7 * round_:
                    enough.set()

        workers = [threading.Thread(target=write, args=(w,)) for w in range(3)]
        for worker in workers:
            worker.start()
        assert enough.wait(30)
        server.kill()
        for worker in workers:
            worker.join()
    check(fresh_server("--data-dir", data_dir), acknowledged, pairs)
    assert len(acknowledged) > 20 * ROUNDS


def check(server, acknowledged, pairs):
    db = server.client("dynamodb")
    present, index = set(), set()
    for found, more in ((present, {}), (index, {"IndexName": "byx"})):
        start = {}
        while True:
            page = db.scan(TableName="killed", **more, **start)
            found |= {i["p"]["S"] for i in page["Items"]}
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert acknowledged <= present
    assert {p + e for p in pairs for e in ("-left", "-right")} <= present
    for name in present:
        if name.endswith("-left"):
            assert name[:-5] + "-right" in present
    assert index == present
    records = read_stream(db, server.client("dynamodbstreams"), "killed")
    assert sorted(r["dynamodb"]["Keys"]["p"]["S"] for r in records) == sorted(present)
