"""Killed at any moment, or out of room on the disk: what was acknowledged is there, nothing is half
there, and indexes and streams agree with the table."""
import http.client
import json
import pathlib
import random
import resource
import subprocess
import threading

import pytest

from conftest import find_binary, wait_until
from dynamodb_support import N, S, gsi, make_table, raises

KILLS = 50
AUTH = ("AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/dynamodb/aws4_request, "
        "SignedHeaders=host, Signature=0")
TABLE = {
    "TableName": "killed", "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": a, "AttributeType": "S"} for a in "pcxy"],
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"},
                  {"AttributeName": "c", "KeyType": "RANGE"}],
    "GlobalSecondaryIndexes": [gsi("byx", "x")],
    "LocalSecondaryIndexes": [gsi("byy", "p y", "KEYS_ONLY")],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
}


class Wire:
    """Calls over one connection, without an SDK: a round must take a fraction of a second."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def __call__(self, operation, target="DynamoDB_20120810", **body):
        self.connection.request("POST", "/", json.dumps(body), {
            "X-Amz-Target": f"{target}.{operation}", "Authorization": AUTH,
            "Content-Type": "application/x-amz-json-1.0"})
        answer = self.connection.getresponse()
        data = json.loads(answer.read())
        assert answer.status == 200, data
        return data

    def all_items(self, **more):
        items, more = [], {"TableName": "killed", "ConsistentRead": "IndexName" not in more, **more}
        while True:
            page = self("Scan", **more)
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                return items
            more["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def all_records(self):
        def streams(operation, **body):
            return self(operation, target="DynamoDBStreams_20120810", **body)
        arn = self("DescribeTable", TableName="killed")["Table"]["LatestStreamArn"]
        shard = streams("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = streams("GetShardIterator", StreamArn=arn, ShardId=shard,
                           ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        while True:
            page = streams("GetRecords", ShardIterator=iterator)
            if not page["Records"]:
                return
            yield from (record["dynamodb"] for record in page["Records"])
            iterator = page["NextShardIterator"]


class Writer(threading.Thread):
    """Writes until the server is gone. `certain` is what was acknowledged, by item; `perhaps` what
    was asked for when the answer failed to come."""

    def __init__(self, server, name, seed):
        super().__init__()
        self.call, self.name_, self.random = Wire(server), name, random.Random(seed)
        self.certain, self.perhaps = {}, {}
        self.acknowledged = self.transactions = 0

    def run(self):
        try:
            for i in range(10 ** 9):
                self.step(i)
                self.acknowledged += 1
        except (OSError, http.client.HTTPException):
            pass  # the server was killed, as intended

    def step(self, i):
        kind = self.random.randrange(8)
        if kind < 4 or not self.certain:
            self.attempt({(self.name_, str(i)): self.item(i)}, self.put)
        elif kind == 4:
            key = self.random.choice(list(self.certain))
            self.attempt({key: None}, lambda changes: self.call(
                "DeleteItem", TableName="killed", Key={"p": S(key[0]), "c": S(key[1])}))
        elif kind == 5:
            self.attempt({(self.name_, f"{i}-{n}"): self.item(i) for n in range(5)}, self.batch)
        else:
            left, right = (self.name_, f"{i}-left"), (self.name_, f"{i}-right")
            self.attempt({left: self.item(i), right: self.item(i)}, self.transact)

    def attempt(self, changes, write):
        self.perhaps = changes
        write(changes)
        self.certain.update(changes)
        for key in [k for k, item in self.certain.items() if item is None]:
            del self.certain[key]
        self.perhaps = {}

    def item(self, i):
        item = {"x": S(f"x{i % 3}"), "pad": S("é" * self.random.randrange(400))}
        if self.random.random() < 0.7:
            item["y"] = S(str(self.random.random()))
        return item

    @staticmethod
    def whole(key, item):
        return {"p": S(key[0]), "c": S(key[1]), **item}

    def put(self, changes):
        for key, item in changes.items():
            self.call("PutItem", TableName="killed", Item=self.whole(key, item))

    def batch(self, changes):
        self.call("BatchWriteItem", RequestItems={"killed": [
            {"PutRequest": {"Item": self.whole(k, i)}} for k, i in changes.items()]})

    def transact(self, changes):
        count = {"Update": {"TableName": "killed", "Key": {"p": S("pairs"), "c": S(self.name_)},
                            "UpdateExpression": "ADD n :one",
                            "ExpressionAttributeValues": {":one": N(1)}}}
        self.call("TransactWriteItems", TransactItems=[count] + [
            {"Put": {"TableName": "killed", "Item": self.whole(k, i)}} for k, i in changes.items()])
        self.transactions += 1


def keyed(items):
    return {(i["p"]["S"], i["c"]["S"]): i for i in items}


def check_agreement(call):
    """Whatever happened, table, indexes and stream tell the same story; gives the items."""
    items = keyed(call.all_items())
    assert keyed(call.all_items(IndexName="byx")) == {k: i for k, i in items.items() if "x" in i}
    assert set(keyed(call.all_items(IndexName="byy"))) == {k for k, i in items.items() if "y" in i}
    replayed = {}
    for record in call.all_records():
        key = (record["Keys"]["p"]["S"], record["Keys"]["c"]["S"])
        assert record.get("OldImage") == replayed.get(key)
        replayed[key] = record.get("NewImage")
    assert {k: i for k, i in replayed.items() if i is not None} == items
    return items


def check_writer(writer, items):
    """All that was acknowledged is there; what was not is there whole or not at all."""
    mine = {k: i for k, i in items.items() if k[0] == writer.name_}
    sure = {k: i for k, i in writer.certain.items() if k not in writer.perhaps}
    assert {k: i for k, i in mine.items() if k not in writer.perhaps} == \
        {k: writer.whole(k, i) for k, i in sure.items()}
    happened = {mine.get(k) == (i and writer.whole(k, i)) for k, i in writer.perhaps.items()}
    counter = items.get(("pairs", writer.name_), {"n": N(0)})
    more = int(counter["n"]["N"]) - writer.transactions
    # A transaction puts them; a deletion may concern one of them too.
    if any(item and c.endswith("-left") for (_, c), item in writer.perhaps.items()):
        assert happened == {more == 1}, writer.perhaps
    else:
        assert more == 0


def test_killed_fifty_times(fresh_server, data_dir):
    chance = random.Random(7)
    server = fresh_server("--data-dir", data_dir)
    Wire(server)("CreateTable", **TABLE)
    transactions = acknowledged = 0
    for kill in range(KILLS):
        writers = [Writer(server, f"w{kill}-{n}", kill * 3 + n) for n in range(3)]
        for writer in writers:
            writer.start()
        enough = chance.randrange(3, 40)
        wait_until(lambda: sum(w.acknowledged for w in writers) >= enough, what="some writes")
        server.kill()
        for writer in writers:
            writer.join()
        server = fresh_server("--data-dir", data_dir)
        items = check_agreement(Wire(server))
        for writer in writers:
            check_writer(writer, items)
        transactions += sum(w.transactions for w in writers)
        acknowledged += sum(w.acknowledged for w in writers)
    assert acknowledged > 10 * KILLS and transactions > KILLS


# ---- no room ----

@pytest.fixture
def cramped(fresh_server, data_dir):
    """A server whose files cannot grow beyond what `limit` sets: what a full disk is to it."""
    server = fresh_server("--data-dir", data_dir)

    def limit(size):
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE,
                         (size, resource.RLIM_INFINITY))
    server.limit = limit
    return server


def test_no_room(cramped, fresh_server, data_dir):
    call = Wire(cramped)
    call("CreateTable", **TABLE)
    db = cramped.client("dynamodb")
    put = lambda n: db.put_item(TableName="killed", Item={
        "p": S("a"), "c": S(str(n)), "x": S("x"), "y": S("y"), "pad": S("p" * 3000)})
    for n in range(20):
        put(n)
    log = pathlib.Path(data_dir, "skafu.db-wal")
    cramped.limit(log.stat().st_size + 20000)
    written = 20
    with raises("InternalServerError") as caught:
        for written in range(20, 1000):
            put(written)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    # No write fits any more, of whatever kind; reads go on and see what there was.
    cramped.limit(4096)
    large = {"p": S("b"), "c": S("1"), "x": S("x"), "pad": S("p" * 100000)}
    with raises("InternalServerError"):
        db.put_item(TableName="killed", Item=large)
    with raises("InternalServerError"):
        db.batch_write_item(RequestItems={"killed": [
            {"PutRequest": {"Item": {**large, "c": S(str(n))}}} for n in range(20)]})
    with raises("InternalServerError"):
        db.transact_write_items(TransactItems=[
            {"Put": {"TableName": "killed", "Item": {**large, "c": S(str(n))}}} for n in range(3)])
    with raises("InternalServerError"):
        make_table(db, "another")
    assert sorted(int(k[1]) for k in check_agreement(call)) == list(range(written))
    assert db.describe_table(TableName="killed")["Table"]["ItemCount"] == written
    # Room again: nothing needs a restart.
    cramped.limit(resource.RLIM_INFINITY)
    for n in range(written, written + 5):
        put(n)
    make_table(db, "another")
    cramped.kill()
    call = Wire(fresh_server("--data-dir", data_dir))
    assert sorted(int(k[1]) for k in check_agreement(call)) == list(range(written + 5))


def test_no_room_under_load(cramped, fresh_server, data_dir):
    call = Wire(cramped)
    call("CreateTable", **TABLE)
    log = pathlib.Path(data_dir, "skafu.db-wal")
    certain, refused = set(), []

    def write(worker):
        wire = Wire(cramped)
        for n in range(1000):
            key = f"{worker}-{n}"
            try:
                wire("PutItem", TableName="killed", Item={
                    "p": S("a"), "c": S(key), "x": S("x"), "pad": S("p" * 2000)})
                certain.add(key)
            except AssertionError as error:
                assert "InternalServerError" in str(error)
                refused.append(key)

    workers = [threading.Thread(target=write, args=(w,)) for w in range(4)]
    for worker in workers:
        worker.start()
    wait_until(lambda: len(certain) > 100, what="some writes")
    cramped.limit(log.stat().st_size + 1)
    wait_until(lambda: len(refused) > 20, what="some refusals")
    cramped.limit(resource.RLIM_INFINITY)
    for worker in workers:
        worker.join()
    assert {k[1] for k in check_agreement(call)} == certain
    cramped.kill()
    assert {k[1] for k in check_agreement(Wire(fresh_server("--data-dir", data_dir)))} == certain
    assert len(certain) + len(refused) == 4000


def test_reads_go_on_beside_writes_that_fail(cramped, data_dir):
    """Reads share their turns with writes for which there is no room: none of them fails for that."""
    call = Wire(cramped)
    call("CreateTable", **TABLE)
    for n in range(5):
        call("PutItem", TableName="killed", Item={"p": S("a"), "c": S(str(n)), "x": S("x"), "y": S("y")})
    cramped.limit(4096)
    stop, refused, read = threading.Event(), [], []

    def write(worker):
        wire = Wire(cramped)
        n = 0
        while not stop.is_set():
            n += 1
            with pytest.raises(AssertionError, match="InternalServerError"):
                wire("PutItem", TableName="killed", Item={
                    "p": S("a"), "c": S(f"{worker}-{n}"), "x": S("x"), "pad": S("p" * 5000)})
            refused.append(n)

    def look():
        wire = Wire(cramped)
        while not stop.is_set():
            found = wire("Query", TableName="killed", KeyConditionExpression="p = :p",
                         ExpressionAttributeValues={":p": S("a")})
            read.append(found["Count"])

    workers = [threading.Thread(target=write, args=(w,)) for w in range(4)]
    workers += [threading.Thread(target=look) for _ in range(4)]
    for worker in workers:
        worker.start()
    try:
        wait_until(lambda: len(refused) > 200 and len(read) > 200, what="reads and refusals")
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    assert set(read) == {5}
    cramped.limit(resource.RLIM_INFINITY)


def test_a_token_outlives_a_restart(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    server.admin("PUT", "/clock", {"set": "2030-01-01T00:00:00Z"})
    server.admin("PUT", "/clock", {"freeze": True})
    table = make_table(server.client("dynamodb"), "paid", "p:S")
    add = {"Update": {"TableName": "paid", "Key": {"p": S("a")}, "UpdateExpression": "ADD n :one",
                      "ExpressionAttributeValues": {":one": {"N": "1"}}}}
    insert = {"Statement": "INSERT INTO \"paid\" VALUE {'p': 'b'}"}
    pay = lambda db, action, token: db.transact_write_items(TransactItems=[action], ClientRequestToken=token)
    pay(server.client("dynamodb"), add, "once")
    server.client("dynamodb").execute_transaction(TransactStatements=[insert], ClientRequestToken="inserted")
    server.kill()
    server = fresh_server("--data-dir", data_dir)
    server.admin("PUT", "/clock", {"set": "2030-01-01T00:09:00Z"})
    server.admin("PUT", "/clock", {"freeze": True})
    db = server.client("dynamodb")
    pay(db, add, "once")
    db.execute_transaction(TransactStatements=[insert], ClientRequestToken="inserted")
    assert db.get_item(TableName="paid", Key={"p": S("a")})["Item"]["n"] == {"N": "1"}
    with raises("IdempotentParameterMismatchException"):
        pay(db, {"Delete": {"TableName": "paid", "Key": {"p": S("a")}}}, "once")
    # After ten minutes the same request is a new one.
    server.admin("PUT", "/clock", {"advance": 90})
    pay(db, add, "once")
    assert db.get_item(TableName="paid", Key={"p": S("a")})["Item"]["n"] == {"N": "2"}


def test_a_token_of_a_transaction_that_failed_is_free(cramped):
    db = cramped.client("dynamodb")
    make_table(db, "tried", "p:S")
    actions = [{"Put": {"TableName": "tried", "Item": {"p": S("a"), "pad": S("p" * 50000)}}}]
    cramped.limit(4096)
    with raises("InternalServerError"):
        db.transact_write_items(TransactItems=actions, ClientRequestToken="tried")
    cramped.limit(resource.RLIM_INFINITY)
    db.transact_write_items(TransactItems=actions, ClientRequestToken="tried")
    assert db.get_item(TableName="tried", Key={"p": S("a")})["Item"]["pad"] == S("p" * 50000)


# ---- damaged and foreign files ----

def refusal(data_dir):
    done = subprocess.run([find_binary(), "start", "--port", "0", "--data-dir", data_dir],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_damaged_file_is_refused_after_an_unclean_end(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    call = Wire(server)
    call("CreateTable", **TABLE)
    for n in range(100):
        call("PutItem", TableName="killed", Item={"p": S("a"), "c": S(str(n)), "x": S("x" * 900)})
    server.stop()
    file = pathlib.Path(data_dir, "skafu.db")
    sound = file.read_bytes()
    server = fresh_server("--data-dir", data_dir)
    Wire(server)("PutItem", TableName="killed", Item={"p": S("a"), "c": S("z")})
    server.kill()
    file.write_bytes(sound[:len(sound) // 2] + b"\x5a" * 20000 + sound[len(sound) // 2 + 20000:])
    assert f"the data file {file} is damaged" in refusal(data_dir)
    file.write_bytes(b"no database at all" * 1000)
    assert f"the data file {file} is damaged" in refusal(data_dir)


def test_a_newer_schema_is_refused(fresh_server, data_dir):
    import sqlite3
    fresh_server("--data-dir", data_dir).stop()
    with sqlite3.connect(pathlib.Path(data_dir, "skafu.db")) as database:
        (known,), = database.execute("SELECT version FROM schema_versions WHERE component = 'dynamodb'")
        database.execute("UPDATE schema_versions SET version = version + 1 WHERE component = 'dynamodb'")
    database.close()
    assert f"was written by a newer version (dynamodb schema {known + 1}, this program knows {known})" in \
        refusal(data_dir)
