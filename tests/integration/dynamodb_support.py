"""What the DynamoDB tests share: tables, and the expectation of an error."""
import contextlib
import json

import pytest
from botocore.exceptions import ClientError


@contextlib.contextmanager
def raises(code, *texts):
    """Expects an AWS error whose message holds all the texts."""
    with pytest.raises(ClientError) as caught:
        yield caught
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    for text in texts:
        assert text in error["Message"], error["Message"]


def make_table(db, name, keys="p:S", **extra):
    """Creates a table; `keys` as "p:S" or "p:S c:N"."""
    parts = [k.split(":") for k in keys.split()]
    definitions = {n: t for n, t in parts}
    definitions.update(extra.pop("definitions", {}))
    arguments = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": n, "AttributeType": t}
                                 for n, t in definitions.items()],
        "KeySchema": [{"AttributeName": n, "KeyType": k}
                      for (n, _), k in zip(parts, ["HASH", "RANGE"])],
    }
    arguments.update(extra)
    db.create_table(**arguments)
    db.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 0.01})
    return Table(db, name)


def gsi(name, keys, projection="ALL", non_key=None):
    types = ["HASH", "RANGE"]
    p = {"ProjectionType": projection}
    if non_key is not None:
        p["NonKeyAttributes"] = non_key
    return {"IndexName": name, "Projection": p,
            "KeySchema": [{"AttributeName": n, "KeyType": t} for n, t in zip(keys.split(), types)]}


class Table:
    """Calls with the table's name put in."""

    def __init__(self, db, name):
        self.db = db
        self.name = name

    def put(self, item, **more):
        return self.db.put_item(TableName=self.name, Item=item, **more)

    def get(self, key, **more):
        more.setdefault("ConsistentRead", True)
        return self.db.get_item(TableName=self.name, Key=key, **more).get("Item")

    def update(self, key, expression=None, values=None, names=None, **more):
        if expression is not None:
            more["UpdateExpression"] = expression
        if values is not None:
            more["ExpressionAttributeValues"] = values
        if names is not None:
            more["ExpressionAttributeNames"] = names
        return self.db.update_item(TableName=self.name, Key=key, **more)

    def delete(self, key, **more):
        return self.db.delete_item(TableName=self.name, Key=key, **more)

    def query(self, condition=None, values=None, **more):
        if condition is not None:
            more["KeyConditionExpression"] = condition
        if values is not None:
            more["ExpressionAttributeValues"] = values
        return self.db.query(TableName=self.name, **more)

    def scan(self, **more):
        return self.db.scan(TableName=self.name, **more)

    def query_all(self, condition, values, **more):
        items, pages = [], 0
        while True:
            page = self.query(condition, values, **more)
            items += page["Items"]
            pages += 1
            if "LastEvaluatedKey" not in page:
                return items, pages
            more["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def matches(self, item, condition, values=None, names=None):
        """Whether a stored item meets a condition."""
        self.put(item)
        more = {}
        if values is not None:
            more["ExpressionAttributeValues"] = values
        if names is not None:
            more["ExpressionAttributeNames"] = names
        try:
            self.db.put_item(TableName=self.name, Item=item, ConditionExpression=condition, **more)
            return True
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False


def raw(server, operation, body, headers=None):
    """A request as bytes: (status, headers, body)."""
    base = {"X-Amz-Target": "DynamoDB_20120810." + operation,
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/"
                             "dynamodb/aws4_request, SignedHeaders=host, Signature=0"}
    base.update(headers or {})
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return server.request("POST", "/", data, base)


S = lambda text: {"S": text}
N = lambda number: {"N": str(number)}


class CallError(Exception):
    """An error answered to `call`; the body as it came."""

    def __init__(self, body):
        super().__init__(body.get("message"))
        self.body = body
        self.code = body["__type"].split("#")[-1]
        self.message = body.get("message", "")


def call(server, operation, body, headers=None):
    """A call that the installed boto3 does not know, or not yet with these members."""
    status, _, data = raw(server, operation, body, headers)
    answer = json.loads(data) if data else {}
    if status != 200:
        raise CallError(answer)
    return answer


@contextlib.contextmanager
def call_raises(code, *texts):
    with pytest.raises(CallError) as caught:
        yield caught
    assert caught.value.code == code, caught.value.body
    for text in texts:
        assert text in caught.value.message, caught.value.body
