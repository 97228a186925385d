"""PartiQL: the statements and what they return."""
import pytest

from dynamodb_support import N, S, make_table, raises


@pytest.fixture(scope="module")
def db(server):
    return server.client("dynamodb")


@pytest.fixture(scope="module")
def table(db):
    return make_table(db, "partiql", "p:S c:N")


def run(db, statement, *parameters, **more):
    if parameters:
        more["Parameters"] = list(parameters)
    return db.execute_statement(Statement=statement, **more)


def test_insert_select_update_delete(db, table):
    for i in range(5):
        run(db, f"INSERT INTO \"partiql\" VALUE {{'p': 'a', 'c': {i}, 'n': {i * 10}, 'tags': <<'x','y'>>, 'm': {{'k': [1, true, null]}}}}")
    with raises("DuplicateItemException", "Duplicate primary key exists in table"):
        run(db, "INSERT INTO \"partiql\" VALUE {'p': 'a', 'c': 1}")
    assert run(db, "SELECT * FROM \"partiql\" WHERE p = 'a' AND c = 1")["Items"] == [
        {"p": S("a"), "c": N(1), "n": N(10), "tags": {"SS": ["x", "y"]},
         "m": {"M": {"k": {"L": [N(1), {"BOOL": True}, {"NULL": True}]}}}}]
    assert [i["c"] for i in run(db, "SELECT c FROM partiql WHERE p = ? AND c >= ? ORDER BY c DESC", S("a"), N(2))["Items"]] == [N(4), N(3), N(2)]
    assert run(db, "SELECT c, m.k[0] FROM partiql WHERE n > 20 AND contains(tags, 'x') AND zz IS MISSING")["Items"][0].keys() == {"c", "m"}
    assert len(run(db, "SELECT * FROM partiql WHERE p = 'a' AND (n = 0 OR n = 40)")["Items"]) == 2
    assert len(run(db, "SELECT * FROM partiql WHERE n IN [0, 10] OR n BETWEEN 40 AND 50")["Items"]) == 3
    assert len(run(db, "SELECT * FROM partiql WHERE NOT n = 0 AND begins_with(p, 'a') AND size(p) = 1")["Items"]) == 4
    out = run(db, "UPDATE partiql SET n = n + 1, extra = 'x' REMOVE m WHERE p = 'a' AND c = 1 AND n = 10 RETURNING ALL NEW *")
    assert out["Items"] == [{"p": S("a"), "c": N(1), "n": N(11), "extra": S("x"), "tags": {"SS": ["x", "y"]}}]
    run(db, "UPDATE partiql SET tags = set_add(tags, <<'z'>>) SET l = list_append([1], [2]) WHERE p='a' AND c=1")
    assert sorted(table.get({"p": S("a"), "c": N(1)})["tags"]["SS"]) == ["x", "y", "z"]
    with raises("ConditionalCheckFailedException"):
        run(db, "UPDATE partiql SET n = 1 WHERE p = 'nobody' AND c = 1")
    assert run(db, "DELETE FROM partiql WHERE p = 'a' AND c = 1 RETURNING ALL OLD *")["Items"][0]["n"] == N(11)
    assert table.get({"p": S("a"), "c": N(1)}) is None


def test_pages(db, table):
    for i in range(10):
        table.put({"p": S("page"), "c": N(i)})
    seen, more = [], {}
    while True:
        page = run(db, "SELECT c FROM partiql WHERE p = 'page'", Limit=4, **more)
        seen += [int(i["c"]["N"]) for i in page["Items"]]
        if "NextToken" not in page:
            break
        more = {"NextToken": page["NextToken"]}
    assert seen == list(range(10))


@pytest.mark.parametrize("statement", [
    "", "DANCE", "SELECT", "SELECT * FROM", "SELECT * FROM partiql WHERE", "SELECT * FROM partiql WHERE p = ",
    "SELECT * FROM partiql WHERE p = 'a' extra", "INSERT INTO partiql VALUE 3", "UPDATE partiql WHERE p = 'a'",
    "UPDATE partiql SET n = 1 WHERE p = 'a'", "DELETE FROM partiql", "SELECT * FROM partiql WHERE p = ?", "SELECT $ FROM x",
    "SELECT * FROM partiql WHERE " + "(" * 3000, "SELECT * FROM partiql WHERE p = 'open"])
def test_bad_statements(db, table, statement):
    with raises("ValidationException"):
        run(db, statement)


def test_batch_and_transaction(db, table):
    out = db.batch_execute_statement(Statements=[
        {"Statement": "INSERT INTO partiql VALUE {'p': 'b', 'c': 1}"},
        {"Statement": "INSERT INTO partiql VALUE {'p': 'b', 'c': 1}"},
        {"Statement": "SELECT * FROM partiql WHERE p = 'b' AND c = 1"},
        {"Statement": "SELECT * FROM partiql WHERE p = 'b'"}])["Responses"]
    assert "Error" not in out[0] and out[1]["Error"]["Code"] == "DuplicateItem"
    assert out[2]["Item"] == {"p": S("b"), "c": N(1)} and out[3]["Error"]["Code"] == "ValidationError"
    with raises("TransactionCanceledException", "[None, ConditionalCheckFailed]"):
        db.execute_transaction(TransactStatements=[
            {"Statement": "UPDATE partiql SET v = 5 WHERE p = 'b' AND c = 1"},
            {"Statement": "UPDATE partiql SET v = 5 WHERE p = 'zz' AND c = 1"}])
    assert "v" not in table.get({"p": S("b"), "c": N(1)})
    db.execute_transaction(TransactStatements=[
        {"Statement": "UPDATE partiql SET v = ? WHERE p = 'b' AND c = 1", "Parameters": [N(5)]},
        {"Statement": "INSERT INTO partiql VALUE {'p': 'b', 'c': 2}"}])
    got = db.execute_transaction(TransactStatements=[
        {"Statement": "SELECT * FROM partiql WHERE p = 'b' AND c = 1"},
        {"Statement": "SELECT v FROM partiql WHERE p = 'b' AND c = 9"}])["Responses"]
    assert got[0]["Item"]["v"] == N(5) and "Item" not in got[1]


def test_exists_in_a_transaction(db, table):
    table.put({"p": S("ex"), "c": N(1), "v": N(1)})
    insert = {"Statement": "INSERT INTO partiql VALUE {'p': 'ex', 'c': 2}"}
    with raises("TransactionCanceledException", "[None, ConditionalCheckFailed]"):
        db.execute_transaction(TransactStatements=[
            insert, {"Statement": "EXISTS(SELECT * FROM partiql WHERE p = 'ex' AND c = 1 AND v = 7)"}])
    db.execute_transaction(TransactStatements=[
        insert, {"Statement": "EXISTS(SELECT * FROM partiql WHERE p = 'ex' AND c = 1 AND v = 1)"}])
    assert table.get({"p": S("ex"), "c": N(2)})
