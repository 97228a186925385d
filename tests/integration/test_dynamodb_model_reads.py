"""Random queries, scans, projections and nested updates, against a plain model in Python."""
import copy
import random

import pytest
from botocore.exceptions import ClientError

from dynamodb_support import N, S, gsi, make_table
from test_dynamodb_model import D, NAMES, compare, kind_of, order_key, plain, plain_item, random_condition, random_value


def random_item(rng, p, c):
    item = {"p": S(p), "c": N(c)}
    item.update({k: random_value(rng) for k in rng.sample(NAMES, rng.randrange(5))})
    item.pop("alpha", None)
    if rng.random() < 0.7:
        item["alpha"] = S(rng.choice("xyz"))
    if rng.random() < 0.7:
        item["grade"] = N(rng.choice([0, 1, 2, D("-1.5"), D("1e20")]))
    return item


@pytest.fixture(scope="module")
def loaded(server):
    """A table with indexes, full of random items, and the items."""
    rng = random.Random(11)
    db = server.client("dynamodb")
    table = make_table(
        db, "model-reads", "p:S c:N", definitions={"alpha": "S", "grade": "N"},
        GlobalSecondaryIndexes=[gsi("all", "alpha grade"), gsi("some", "alpha", "INCLUDE", ["beta"]), gsi("keys", "grade", "KEYS_ONLY")],
        LocalSecondaryIndexes=[gsi("local", "p grade", "KEYS_ONLY")])
    items = {}
    for _ in range(160):
        item = random_item(rng, rng.choice("abc"), rng.randrange(-20, 20))
        items[item["p"]["S"], item["c"]["N"]] = item
    entries = [{"PutRequest": {"Item": i}} for i in items.values()]
    for at in range(0, len(entries), 25):
        assert not db.batch_write_item(RequestItems={table.name: entries[at:at + 25]})["UnprocessedItems"]
    return table, list(items.values())


INDEXES = {None: ("p", "c", None), "all": ("alpha", "grade", None), "some": ("alpha", None, {"p", "c", "alpha", "beta"}),
           "keys": ("grade", None, {"p", "c", "grade"}), "local": ("p", "grade", {"p", "c", "grade"})}


def random_sort_condition(rng, name, values):
    """(text, function of the value) for one comparison of the sort key."""
    low, high = sorted([rng.randrange(-20, 20), rng.randrange(-20, 20)])
    values[":lo"] = N(low)
    if rng.random() < 0.3:
        values[":hi"] = N(high)
        return f"{name} BETWEEN :lo AND :hi", lambda v: low <= D(v["N"]) <= high
    op = rng.choice(["=", "<", "<=", ">", ">="])
    return f"{name} {op} :lo", lambda v: compare(op, v, N(low))


def all_pages(read, **arguments):
    items, scanned, pages = [], 0, 0
    while True:
        page = read(**arguments)
        assert page["Count"] == len(page["Items"]) and page["ScannedCount"] <= arguments.get("Limit", 10 ** 9)
        items += page["Items"]
        scanned += page["ScannedCount"]
        pages += 1
        if "LastEvaluatedKey" not in page:
            return items, scanned, pages
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


@pytest.mark.parametrize("seed", range(120))
def test_queries(loaded, seed):
    table, items = loaded
    rng = random.Random(seed)
    index = rng.choice(list(INDEXES))
    hash_name, sort_name, projected = INDEXES[index]
    values = {":h": rng.choice([i[hash_name] for i in items if hash_name in i])}
    condition, in_range = f"{hash_name} = :h", lambda v: True
    if sort_name and rng.random() < 0.7:
        text, in_range = random_sort_condition(rng, sort_name, values)
        condition = f"{condition} AND {text}" if rng.random() < 0.5 else f"({text}) AND ({condition})"
    inside = [i for i in items if hash_name in i and plain(i[hash_name]) == plain(values[":h"])
              and (sort_name is None or (sort_name in i and in_range(i[sort_name])))]
    arguments = {"KeyConditionExpression": condition}
    if index:
        arguments["IndexName"] = index
    holds = lambda item: True
    if index in (None, "all") and rng.random() < 0.6:
        filter_text, holds = random_condition(rng, values)
        if not any(name in filter_text for name in [hash_name, sort_name]):
            arguments["FilterExpression"] = filter_text
        else:
            holds = lambda item: True
            values = {k: v for k, v in values.items() if not k.startswith(":c")}
    if rng.random() < 0.5:
        arguments["Limit"] = rng.randrange(1, 8)
    backward = rng.random() < 0.4
    arguments["ScanIndexForward"] = not backward
    found, scanned, _ = all_pages(lambda **m: table.query(None, values, **m), **arguments)
    view = lambda item: item if projected is None else {k: v for k, v in item.items() if k in projected}
    assert scanned == len(inside)
    expected = [view(i) for i in inside if holds(i)]
    assert all_items(found) == all_items(expected)
    if sort_name:
        order = [order_key(i[sort_name]) for i in found if sort_name in i]
        assert order == sorted(order, reverse=backward)


def canonical(value):
    """A value as text that is the same for equal values."""
    kind, data = next(iter(value.items()))
    number = lambda text: format(D(text).normalize(), "f")
    if kind == "N":
        data = number(data)
    elif kind == "NS":
        data = sorted(map(number, data))
    elif kind in ("SS", "BS"):
        data = sorted(data)
    elif kind == "L":
        data = [canonical(v) for v in data]
    elif kind == "M":
        data = sorted((k, canonical(v)) for k, v in data.items())
    return f"{kind}:{data}"


def all_items(items):
    return sorted(canonical({"M": item}) for item in items)


@pytest.mark.parametrize("seed", range(25))
def test_scans_and_projections(loaded, seed):
    table, items = loaded
    rng = random.Random(1000 + seed)
    values = {}
    condition, holds = random_condition(rng, values)
    names = rng.sample(["p", "c", "grade", *NAMES], rng.randrange(1, 5))
    arguments = {"FilterExpression": condition, "ProjectionExpression": ", ".join(names)}
    if values:
        arguments["ExpressionAttributeValues"] = values
    segments = rng.choice([1, 1, 3])
    found = []
    for segment in range(segments):
        part = {"Segment": segment, "TotalSegments": segments} if segments > 1 else {}
        found += all_pages(table.scan, Limit=rng.randrange(5, 60), **part, **arguments)[0]
    expected = [{k: v for k, v in i.items() if k in names} for i in items if holds(i)]
    assert all_items(found) == all_items(expected)


# ---- updates of nested paths ----

def random_path(rng, item):
    """(text, steps) of a path that leads somewhere in the item, or just off its end."""
    name = rng.choice([k for k in item if k not in ("p", "c")] or ["beta"])
    text, steps, value = name, [name], item.get(name)
    while value is not None and kind_of(value) in ("L", "M") and rng.random() < 0.8:
        if kind_of(value) == "L":
            index = rng.randrange(len(value["L"]) + 1)
            text, steps = f"{text}[{index}]", steps + [index]
            value = value["L"][index] if index < len(value["L"]) else None
        else:
            member = rng.choice(NAMES)
            text, steps = f"{text}.{member}", steps + [member]
            value = value["M"].get(member)
    return text, steps


def container(item, steps):
    value = {"M": item}
    for step in steps[:-1]:
        inner = value["L" if isinstance(step, int) else "M"]
        value = inner[step]
    return value["L" if isinstance(steps[-1], int) else "M"]


def look_up(item, steps):
    inner = container(item, steps)
    if isinstance(steps[-1], int):
        return inner[steps[-1]] if steps[-1] < len(inner) else None
    return inner.get(steps[-1])


def assign(item, steps, value):
    inner = container(item, steps)
    if isinstance(steps[-1], int) and steps[-1] >= len(inner):
        inner.append(value)
    else:
        inner[steps[-1]] = value


def drop(item, steps):
    inner = container(item, steps)
    if isinstance(steps[-1], int):
        del inner[steps[-1]:steps[-1] + 1]
    else:
        inner.pop(steps[-1], None)


def one_change(rng, item, values):
    """(section, text, change of a copy) of one action that succeeds."""
    text, steps = random_path(rng, item)
    old = look_up(item, steps)
    kind = kind_of(old) if old is not None else None
    choice = rng.randrange(4)
    if choice == 0:
        return "REMOVE", text, lambda after: drop(after, steps)
    if choice == 1 and kind in ("SS", "NS", None):
        of = kind or "SS"
        values[":s"] = {of: sorted({rng.choice("abcd" if of == "SS" else "01234") for _ in range(2)})}
        added = {of: sorted({*(old or {of: []})[of], *values[":s"][of]})}
        return "ADD", f"{text} :s", lambda after: assign(after, steps, added)
    if choice == 2 and kind in ("SS", "NS"):
        values[":s"] = {kind: sorted({rng.choice("abcd" if kind == "SS" else "01234") for _ in range(2)})}
        rest = sorted(set(old[kind]) - set(values[":s"][kind]))
        return "DELETE", f"{text} :s", lambda after: assign(after, steps, {kind: rest}) if rest else drop(after, steps)
    if kind == "N":
        values[":n"] = N(rng.randrange(-9, 9))
        total = {"N": str(D(old["N"]) - D(values[":n"]["N"]))}
        return "SET", f"{text} = {text} - :n", lambda after: assign(after, steps, total)
    if kind == "L" and rng.random() < 0.5:
        values[":l"] = {"L": [random_value(rng, 2)]}
        longer = {"L": old["L"] + values[":l"]["L"]}
        return "SET", f"{text} = list_append({text}, :l)", lambda after: assign(after, steps, longer)
    values[":v"] = random_value(rng)
    if rng.random() < 0.4:
        value = old if old is not None else values[":v"]
        return "SET", f"{text} = if_not_exists({text}, :v)", lambda after: assign(after, steps, value)
    return "SET", f"{text} = :v", lambda after: assign(after, steps, values[":v"])


@pytest.mark.parametrize("seed", range(4))
def test_nested_updates(server, unique, seed):
    rng = random.Random(seed)
    table = make_table(server.client("dynamodb"), unique("nested"), "p:S c:N")
    key = {"p": S("n"), "c": N(seed)}
    model = {**key, **{name: random_value(rng) for name in NAMES}}
    table.put(model)
    for _ in range(120):
        values = {}
        section, text, change = one_change(rng, model, values)
        before, after = copy.deepcopy(model), copy.deepcopy(model)
        change(after)
        more = {"ExpressionAttributeValues": values} if values else {}
        returned = table.update(key, f"{section} {text}", ReturnValues="ALL_NEW", **more)["Attributes"]
        assert plain_item(returned) == plain_item(after), (section, text, values, before)
        model = after
        if len(model) < 4:
            model.update({name: random_value(rng) for name in NAMES})
            table.put(model)
    assert plain_item(table.get(key)) == plain_item(model)


def test_overlapping_changes_are_refused_and_change_nothing(server, unique):
    table = make_table(server.client("dynamodb"), unique("overlap"), "p:S")
    rng = random.Random(5)
    key = {"p": S("o")}
    item = {**key, "beta": {"M": {"gamma": {"L": [N(1), N(2)]}}}}
    table.put(item)
    paths = ["beta", "beta.gamma", "beta.gamma[0]", "beta.gamma[1]", "delta"]
    for _ in range(40):
        a, b = rng.sample(paths, 2)
        overlaps = a.startswith(b) or b.startswith(a)
        try:
            table.update(key, f"SET {a} = :v REMOVE {b}", {":v": N(1)})
            assert not overlaps
            table.put(item)
        except ClientError as error:
            assert overlaps and "overlap" in str(error), (a, b, error)
            assert table.get(key) == item
