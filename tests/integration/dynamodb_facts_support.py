"""What the tests of DynamoDB's behaviours share: short names for values, and tables."""
import pytest

from dynamodb_support import N, S, gsi, make_table

INVALID = "One or more parameter values were invalid: "
SCHEMA = "The provided key element does not match the schema"
ARGUMENTS = INVALID + "Invalid number of argument(s) for the {} ComparisonOperator"
KEYS_IN_FILTER = "Filter Expression can only contain non-primary key attributes: Primary key attribute: {}"
B = lambda data: {"B": data}
M = lambda **members: {"M": members}
L = lambda *elements: {"L": list(elements)}
ONE = {":v": N(1)}
OF = lambda text: {":v": S(text)}
NONE = {}
P = {":p": S("a")}
TWO = {"AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in "pc"],
       "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "c", "KeyType": "RANGE"}]}
HASH_ONLY = {"AttributeDefinitions": TWO["AttributeDefinitions"][:1], "KeySchema": TWO["KeySchema"][:1]}
DEFINED = lambda names: [{"AttributeName": n, "AttributeType": "S"} for n in names.split()]
PUT = lambda item: {"PutRequest": {"Item": item}}
REMOVE = lambda key: {"DeleteRequest": {"Key": key}}


def rows(names, *cases):
    """Cases whose first member states the behaviour and names the test."""
    return pytest.mark.parametrize(names, [pytest.param(*case[1:], id=case[0]) for case in cases])


def table_of(name, keys="p:S", **more):
    """A fixture: a table that the tests of a file share."""
    @pytest.fixture(scope="module")
    def table(db):
        return make_table(db, name, keys, **more)
    return table


def indexed_table(name):
    """A fixture: a table with indexes of every projection."""
    return table_of(name, "p:S c:S", definitions={"x": "S", "y": "N", "b": "B"},
                    GlobalSecondaryIndexes=[gsi("all", "x y"), gsi("keys", "x", "KEYS_ONLY"), gsi("some", "y", "INCLUDE", ["a"]),
                                            gsi("bin", "b")],
                    LocalSecondaryIndexes=[gsi("local", "p y", "KEYS_ONLY")])


def op(name, *values):
    return {"ComparisonOperator": name, "AttributeValueList": list(values)}


def nested(levels, kind="M"):
    value = S("x")
    for _ in range(levels):
        value = {"M": {"a": value}} if kind == "M" else {"L": [value]}
    return value


def action(kind, table, key, **more):
    return {kind: {"TableName": table.name, "Item" if kind == "Put" else "Key": key, **more}}


def shard_of(streams, arn):
    return streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]


def records_of(db, streams, table):
    arn = db.describe_table(TableName=table.name)["Table"]["LatestStreamArn"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard_of(streams, arn),
                                          ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    return streams.get_records(ShardIterator=iterator)["Records"]


def streamed(db, name, view="NEW_AND_OLD_IMAGES", **more):
    return make_table(db, name, StreamSpecification={"StreamEnabled": True, "StreamViewType": view}, **more)
