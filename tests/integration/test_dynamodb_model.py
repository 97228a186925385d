"""Random items, updates, conditions and queries, against a plain model in Python."""
import decimal
import random

import pytest
from botocore.exceptions import ClientError

from dynamodb_support import N, S, gsi, make_table

D = decimal.Decimal
NAMES = ["alpha", "beta", "gamma", "delta"]


def random_value(rng, depth=0):
    kind = rng.randrange(10 if depth < 3 else 6)
    if kind == 0:
        return {"S": "".join(rng.choice("abz\u00e9\"\\") for _ in range(rng.randrange(4)))}
    if kind == 1:
        return {"N": str(rng.choice([0, 1, -1, 25, -7, 1000000, D("0.5"), D("-12.75")]))}
    if kind == 2:
        return {"B": bytes(rng.randrange(256) for _ in range(rng.randrange(4)))}
    if kind == 3:
        return {"BOOL": rng.random() < 0.5}
    if kind == 4:
        return {"NULL": True}
    if kind == 5:
        return {"SS": sorted({rng.choice("abcd") for _ in range(1 + rng.randrange(3))})}
    if kind == 6:
        return {"NS": sorted({str(rng.randrange(5)) for _ in range(1 + rng.randrange(3))})}
    if kind in (7, 8):
        return {"L": [random_value(rng, depth + 1) for _ in range(rng.randrange(4))]}
    return {"M": {rng.choice(NAMES): random_value(rng, depth + 1) for _ in range(rng.randrange(3))}}


def kind_of(value):
    return next(iter(value))


def plain(value):
    """A value in a form that Python compares as DynamoDB does."""
    kind, data = next(iter(value.items()))
    if kind == "N":
        return ("N", D(data))
    if kind in ("SS", "BS"):
        return (kind, frozenset(data))
    if kind == "NS":
        return (kind, frozenset(D(d) for d in data))
    if kind == "L":
        return (kind, tuple(plain(d) for d in data))
    if kind == "M":
        return (kind, tuple(sorted((k, plain(v)) for k, v in data.items())))
    return (kind, data)


def plain_item(item):
    return {k: plain(v) for k, v in item.items()}


def ordered(value):
    return kind_of(value) in ("S", "N", "B")


def order_key(value):
    kind, data = next(iter(value.items()))
    return D(data) if kind == "N" else data.encode() if kind == "S" else data


def compare(op, left, right):
    if left is None or right is None:
        return op == "<>"
    if op == "=":
        return plain(left) == plain(right)
    if op == "<>":
        return plain(left) != plain(right)
    if kind_of(left) != kind_of(right) or not ordered(left):
        return False
    a, b = order_key(left), order_key(right)
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]


def random_condition(rng, values, depth=0):
    """(expression text, function of the item)"""
    def operand():
        if rng.random() < 0.6:
            name = rng.choice(NAMES)
            return name, lambda item: item.get(name), None
        placeholder = f":c{len(values)}"
        values[placeholder] = random_value(rng)
        value = values[placeholder]
        return placeholder, lambda item: value, value

    choice = rng.randrange(8 if depth < 3 else 4)
    if choice == 0:
        name = rng.choice(NAMES)
        return f"attribute_exists({name})", lambda item: name in item
    if choice == 1:
        name = rng.choice(NAMES)
        return f"attribute_not_exists({name})", lambda item: name not in item
    if choice < 4:
        (a, get_a, _), (b, get_b, _) = operand(), operand()
        op = rng.choice(["=", "<>", "<", "<=", ">", ">="])
        if a == b or any(v is not None and not ordered(v) for v in
                         [values.get(a), values.get(b)]) and op not in ("=", "<>"):
            name = rng.choice(NAMES)
            for placeholder in (a, b):
                values.pop(placeholder, None)
            return f"attribute_exists({name})", lambda item: name in item
        return f"{a} {op} {b}", lambda item: compare(op, get_a(item), get_b(item))
    left, holds_left = random_condition(rng, values, depth + 1)
    if choice == 4:
        return f"NOT ({left})" if not left.startswith("(") else f"NOT {left}", lambda item: not holds_left(item)
    right, holds_right = random_condition(rng, values, depth + 1)
    if choice == 5:
        return f"({left} OR {right})", lambda item: holds_left(item) or holds_right(item)
    return f"({left} AND {right})", lambda item: holds_left(item) and holds_right(item)


def random_update(rng, item):
    """(expression, values, the item after it) of actions that succeed."""
    after = dict(item)
    values, sets, removes = {}, [], []
    for name in rng.sample(NAMES, rng.randrange(1, 4)):
        choice = rng.randrange(4)
        if choice == 0 and name in item:
            removes.append(name)
            after.pop(name)
        elif choice == 1 and kind_of(item.get(name, {"X": 0})) == "N":
            values[f":u{name}"] = {"N": str(rng.randrange(-50, 50))}
            sets.append(f"{name} = {name} + :u{name}")
            after[name] = {"N": str(D(item[name]["N"]) + D(values[f":u{name}"]["N"]))}
        elif choice == 2 and kind_of(item.get(name, {"X": 0})) == "L":
            values[f":u{name}"] = {"L": [random_value(rng, 2)]}
            sets.append(f"{name} = list_append(:u{name}, {name})")
            after[name] = {"L": values[f":u{name}"]["L"] + item[name]["L"]}
        else:
            values[f":u{name}"] = random_value(rng)
            sets.append(f"{name} = if_not_exists({name}, :u{name})" if rng.random() < 0.3 else f"{name} = :u{name}")
            if "if_not_exists" not in sets[-1] or name not in item:
                after[name] = values[f":u{name}"]
    text = ("SET " + ", ".join(sets) if sets else "") + (" REMOVE " + ", ".join(removes) if removes else "")
    return text, values, after


@pytest.mark.parametrize("seed", range(4))
def test_writes_against_the_model(server, unique, seed):
    rng = random.Random(seed)
    db = server.client("dynamodb")
    table = make_table(db, unique("model"), "p:S c:N", definitions={"alpha": "S"},
                       GlobalSecondaryIndexes=[gsi("bya", "alpha")])
    model = {}
    for _ in range(300):
        key = {"p": S(rng.choice("ab")), "c": N(rng.randrange(6))}
        name = (key["p"]["S"], key["c"]["N"])
        old = model.get(name)
        body = {k: random_value(rng) for k in rng.sample(NAMES, rng.randrange(4))}
        if "alpha" in body:
            body["alpha"] = S(rng.choice("xyz"))
        values = {}
        condition, holds = random_condition(rng, values)
        more = {"ConditionExpression": condition}
        expected = holds(old or {})
        action = rng.randrange(3)
        new = {**key, **body}
        update_values = {}
        if action == 2:
            text, update_values, new = random_update(rng, old or key)
            if "alpha" in new and kind_of(new["alpha"]) != "S" or new.get("alpha") == S(""):
                continue
            more["UpdateExpression"] = text
            if old is None and "SET" not in text:
                new = None
        merged = {**values, **update_values}
        if merged:
            more["ExpressionAttributeValues"] = merged
        try:
            if action == 0:
                db.put_item(TableName=table.name, Item=new, **more)
            elif action == 1:
                db.delete_item(TableName=table.name, Key=key, **more)
                new = None
            else:
                db.update_item(TableName=table.name, Key=key, **more)
            done = True
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ConditionalCheckFailedException", (more, error)
            done = False
        assert done == expected, (more, old)
        if done:
            model.pop(name, None)
            if new is not None:
                model[name] = new
    stored = {(i["p"]["S"], i["c"]["N"]): plain_item(i) for i in table.scan()["Items"]}
    assert stored == {k: plain_item(v) for k, v in model.items()}
    for hash_key in "ab":
        items = table.query("p = :p", {":p": S(hash_key)})["Items"]
        assert [i["c"]["N"] for i in items] == sorted((c for p, c in model if p == hash_key), key=D)
    for value in "xyz":
        found = table.query("alpha = :a", {":a": S(value)}, IndexName="bya")["Items"]
        assert sorted((i["p"]["S"], i["c"]["N"]) for i in found) == sorted(
            k for k, v in model.items() if v.get("alpha") == S(value))


def test_number_order_and_sums(server, unique):
    rng = random.Random(7)
    db = server.client("dynamodb")
    table = make_table(db, unique("numbers"), "p:S c:N")
    decimal.getcontext().prec = 60
    numbers = set()
    while len(numbers) < 120:
        digits = rng.randrange(1, 39)
        number = D(rng.randrange(10 ** digits)).scaleb(rng.randrange(-60, 40))
        numbers.add((number * rng.choice([1, -1])).normalize())
    for number in numbers:
        table.put({"p": S("n"), "c": {"N": str(number)}})
    items, _ = table.query_all("p = :p", {":p": S("n")}, Limit=50)
    assert [D(i["c"]["N"]) for i in items] == sorted(numbers)
    for _ in range(60):
        a, b = D(rng.randrange(10 ** 30)), D(rng.randrange(10 ** 20)).scaleb(-rng.randrange(6))
        exact = a + b
        table.update({"p": S("sum"), "c": N(1)}, "SET v = :a", {":a": {"N": str(a)}})
        table.update({"p": S("sum"), "c": N(1)}, "SET v = v + :b", {":b": {"N": str(b)}})
        assert D(table.get({"p": S("sum"), "c": N(1)})["v"]["N"]) == exact
