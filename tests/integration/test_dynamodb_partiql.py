"""PartiQL: the statements, what they return, and what they refuse."""
import pytest

from dynamodb_support import N, S, gsi, make_table, raises

WELL = "Statement wasn't well formed, can't be processed: "
KEYS = "Where clause does not contain a mandatory equality on all key attributes"
OVERLAP = "Overlapping conditions with range keys are not supported in where clause"


@pytest.fixture(scope="module")
def db(server):
    return server.client("dynamodb")


@pytest.fixture(scope="module")
def table(db):
    return make_table(db, "partiql", "p:S c:N")


@pytest.fixture(scope="module")
def indexed(db):
    table = make_table(
        db, "partiql-indexed", "p:S c:S", definitions={"x": "S", "y": "S"},
        GlobalSecondaryIndexes=[gsi("all", "x"), gsi("some", "x", "INCLUDE", ["a"])],
        LocalSecondaryIndexes=[gsi("local", "p y", "KEYS_ONLY")])
    for i in range(3):
        table.put({"p": S("i"), "c": S(str(i)), "x": S("g"), "y": S(f"y{i}"), "a": N(i), "b": N(i)})
    return table


def run(db, statement, *parameters, **more):
    if parameters:
        more["Parameters"] = list(parameters)
    return db.execute_statement(Statement=statement, **more)


def transact(db, *statements, **more):
    return db.execute_transaction(
        TransactStatements=[s if isinstance(s, dict) else {"Statement": s} for s in statements], **more)


def batch(db, *statements, **more):
    return db.batch_execute_statement(
        Statements=[s if isinstance(s, dict) else {"Statement": s} for s in statements], **more)["Responses"]


@pytest.fixture
def refuses(db):
    def check(statement, text, *parameters, code="ValidationException"):
        with raises(code) as caught:
            run(db, statement, *parameters)
        assert caught.value.response["Error"]["Message"] == text
    return check


def test_insert_select_update_delete(db, table):
    for i in range(5):
        out = run(db, f"INSERT INTO \"partiql\" VALUE {{'p': 'a', 'c': {i}, 'n': {i * 10}, 'tags': <<'x','y'>>, "
                      "'m': {'k': [1, true, null]}}")
        assert out["Items"] == []
    with raises("DuplicateItemException", "Duplicate primary key exists in table"):
        run(db, "INSERT INTO \"partiql\" VALUE {'p': 'a', 'c': 1}")
    assert run(db, "SELECT * FROM \"partiql\" WHERE p = 'a' AND c = 1")["Items"] == [
        {"p": S("a"), "c": N(1), "n": N(10), "tags": {"SS": ["x", "y"]},
         "m": {"M": {"k": {"L": [N(1), {"BOOL": True}, {"NULL": True}]}}}}]
    count = lambda where: len(run(db, "SELECT * FROM partiql WHERE " + where)["Items"])
    assert count("p = 'a' AND (n = 0 OR n = 40)") == 2
    assert count("p = 'a' AND (n IN [0, 10] OR n BETWEEN 40 AND 50)") == 3
    assert count("NOT n = 0 AND begins_with(p, 'a') AND size(p) = 1") == 4
    out = run(db, "UPDATE partiql SET n = n + 1, extra = 'x' REMOVE m WHERE p = 'a' AND c = 1 AND n = 10 RETURNING ALL NEW *")
    assert out["Items"] == [{"p": S("a"), "c": N(1), "n": N(11), "extra": S("x"), "tags": {"SS": ["x", "y"]}}]
    out = run(db, "UPDATE partiql SET n = n - 1 WHERE p = 'a' AND c = 1 RETURNING MODIFIED OLD *")
    assert out["Items"] == [{"n": N(11)}]
    run(db, "UPDATE partiql SET l = [3] WHERE p='a' AND c=1")
    run(db, "UPDATE partiql SET tags = set_add(tags, <<'z'>>) SET l = list_append([1], l) WHERE p='a' AND c=1")
    run(db, "UPDATE partiql SET tags = SET_DELETE(tags, ?), n=n-1 WHERE (p='a' AND c=1) AND n = 10", {"SS": ["x"]})
    item = table.get({"p": S("a"), "c": N(1)})
    assert sorted(item["tags"]["SS"]) == ["y", "z"] and item["l"] == {"L": [N(1), N(3)]} and item["n"] == N(9)
    run(db, "FROM partiql WHERE p = 'a' AND c = 1 SET n = 3 REMOVE l")
    assert table.get({"p": S("a"), "c": N(1)})["n"] == N(3)
    for wrong in ["p = 'nobody' AND c = 1", "p = 'a' AND c = 1 AND n = 77", "p = 'a' AND c = 1 AND attribute_exists(zz)"]:
        with raises("ConditionalCheckFailedException"):
            run(db, "UPDATE partiql SET n = 1 WHERE " + wrong)
    with raises("ConditionalCheckFailedException"):
        run(db, "DELETE FROM partiql WHERE p = 'a' AND c = 1 AND n = 77")
    assert run(db, "DELETE FROM partiql WHERE p = 'nobody' AND c = 1 AND n = 77")["Items"] == []
    assert run(db, "DELETE FROM partiql WHERE p = 'a' AND c = 1 RETURNING ALL OLD *")["Items"][0]["n"] == N(3)
    assert table.get({"p": S("a"), "c": N(1)}) is None


def test_columns_are_named_by_their_last_part(db, table):
    table.put({"p": S("cols"), "c": N(1), "m": {"M": {"k": {"L": [S("x"), S("y")]}}}, "l": {"L": [N(7)]}})
    select = "SELECT {} FROM partiql WHERE p = 'cols' AND c = 1"
    assert run(db, select.format("m.k[1], l[0], nothing, c"))["Items"] == [
        {"k[1]": S("y"), "l[0]": N(7), "c": N(1)}]
    assert run(db, select.format("m, m.k"))["Items"][0].keys() == {"m", "k"}


@pytest.mark.parametrize("where,expected", [
    ("(c = 1 OR c = 3)", [1, 3]), ("c IN [1, 3]", [1, 3]), ("(c < 1 OR c > 1 OR c = 1)", [0, 1, 2, 3]),
    ("c <> 1", [0, 2, 3]), ("NOT c = 1", [0, 2, 3]), ("c > 0 AND c <> 2", [1, 3]), ("c >= 1 AND c < 3", [1, 2]),
    ("c = 1 AND c > 0", [1]), ("c = 1 AND c = 2", []), ("c BETWEEN 1 AND 2", [1, 2]), ("c = 1.0e0", [1]),
    ("c = - - 1", [1]), ("c > -5", [0, 1, 2, 3]), ("c = .2e1", [2]), ("flag IS BOOL AND c IS NOT MISSING", [2]),
    ("flag IS MISSING", [0, 1, 3]), ("nul IS NULL", [3]), ("attribute_exists(flag) = true", [2]),
    ("attribute_exists(flag) = false", [0, 1, 3]), ("(attribute_exists(nul) OR flag = true) <> true AND c < 3", [0, 1]),
    ("attribute_type(nul, 'NULL')", [3]), ("contains(tags, 'x') AND size(tags) = 2", [0]),
    ("c = 1 /* one */ -- and no more", [1])])
def test_conditions(db, table, where, expected):
    for i in range(4):
        item = {"p": S("where"), "c": N(i)}
        item.update([{"tags": {"SS": ["x", "y"]}}, {}, {"flag": {"BOOL": True}}, {"nul": {"NULL": True}}][i])
        table.put(item)
    found = run(db, f"SELECT c FROM partiql WHERE p = 'where' AND {where}", ConsistentRead=True)["Items"]
    assert sorted(int(i["c"]["N"]) for i in found) == expected


def test_partitions_read_together(db, table, refuses):
    for p in "qr":
        for i in range(3):
            table.put({"p": S(p), "c": N(i), "v": N(i)})
    select = "SELECT p, c FROM partiql WHERE "
    keys = lambda where, **m: [i["p"]["S"] + i["c"]["N"] for i in run(db, select + where, **m)["Items"]]
    assert keys("p IN ['r', 'q'] AND c = 1") == ["r1", "q1"]
    assert keys("p = 'q' AND c = 0 OR p = 'r' AND c > 0") == ["q0", "r1", "r2"]
    assert sorted(keys("p = 'q' OR v = 2 AND p > 'q'")) == ["q0", "q1", "q2", "r2"]
    assert keys("p IN ['q', 'r'] ORDER BY p DESC, c ASC") == ["r0", "r1", "r2", "q0", "q1", "q2"]
    assert keys("p = 'q' ORDER BY c DESC") == ["q2", "q1", "q0"]
    assert keys("p = 'q' ORDER BY p") == ["q2", "q1", "q0"]
    assert sorted(keys("p = 'q' AND NOT c = 1 OR p = 'q' AND c = 1")) == ["q0", "q1", "q2"]
    assert keys("p > 'zz'") == []
    for where in ["p IN ['q', 'q']", "p = 'q' OR p = 'q'", "p = 'q' AND (c > 0 OR c < 5)",
                  "p = 'q' AND (c = 1 OR v = 2)", "p = 'q' AND v = 1 OR p = 'q' AND c = 2"]:
        refuses(select + where, OVERLAP)
    refuses(select + "p = 1 OR p = 'q'",
            "Key attribute's data type should match its data type in table's schema: Key p")
    refuses(select + "p = 'q' AND c IN [1, 'x']",
            "Key attribute's data type should match its data type in table's schema: Key c")
    many = ",".join(f"'v{i}'" for i in range(51))
    refuses(select + f"p IN [{many}]", "Too many decomposed read operations for a given query.")
    more = ",".join(f"'v{i}'" for i in range(101))
    refuses(select + f"p = 'q' AND v IN [{more}]",
            "The IN operator is provided with too many operands; number of operands: 101")
    assert keys(f"p = 'q' AND c = 1 AND NOT v IN [{','.join(str(i) for i in range(5, 105))}]") == ["q1"]
    refuses("SELECT c FROM partiql ORDER BY c", "Must have WHERE clause in the statement when using ORDER BY clause.")
    refuses(select + "p > 'a' ORDER BY c", "Must have at least one non-optional hash key condition in WHERE clause "
            "when using ORDER BY clause.")
    refuses(select + "p = 'q' ORDER BY v", "Attribute v in ORDER BY clause must be part of the primary key")
    refuses(select + "p IN ['q', 'r'] ORDER BY c", "Must have hash key in ORDER BY clause when more than one hash "
            "key condition specified in WHERE clause.")


def test_pages(db, table, refuses):
    for p in ["page", "page2"]:
        for i in range(10):
            table.put({"p": S(p), "c": N(i)})
    for where in ["p = 'page'", "p IN ['page', 'page2']"]:
        seen, more, statement = [], {}, "SELECT p, c FROM partiql WHERE " + where
        while True:
            page = run(db, statement, Limit=4, **more)
            assert len(page["Items"]) <= 4
            seen += [(i["p"]["S"], int(i["c"]["N"])) for i in page["Items"]]
            if "NextToken" not in page:
                break
            more = {"NextToken": page["NextToken"]}
        assert seen == [(p, i) for p in ["page", "page2"][:1 + ("IN" in where)] for i in range(10)]
    token = run(db, "SELECT c FROM partiql WHERE p = ?", S("page"), Limit=4)["NextToken"]
    assert len(run(db, "SELECT c FROM partiql WHERE p = ?", S("page"), Limit=2, NextToken=token)["Items"]) == 2
    for statement, value in [("SELECT c FROM partiql WHERE p = ?", S("page2")), ("SELECT p FROM partiql WHERE p = ?", S("page"))]:
        with raises("ValidationException", "NextToken does not match request"):
            run(db, statement, value, NextToken=token)
    with raises("ValidationException"):
        run(db, "SELECT c FROM partiql WHERE p = 'page'", NextToken="garbage")


def test_indexes(db, indexed, refuses):
    items = run(db, 'SELECT * FROM "partiql-indexed"."some" WHERE x = \'g\' AND a = 1')["Items"]
    assert items == [{"p": S("i"), "c": S("1"), "x": S("g"), "a": N(1)}]
    assert run(db, 'SELECT b FROM "partiql-indexed"."local" WHERE p = \'i\' AND y = \'y2\'')["Items"] == [{"b": N(2)}]
    assert run(db, 'SELECT c FROM "partiql-indexed"."some" WHERE b = 1')["Items"] == []
    gsi_read = 'SELECT {} FROM "partiql-indexed"."some" WHERE x = \'g\''
    prefix = "One or more parameter values were invalid: "
    refuses(gsi_read.format("b"), prefix + "Global secondary index some does not project [b]")
    refuses(gsi_read.format("p") + " AND b = 1", prefix + "Secondary index some does not project one or more filter attributes: [b]")
    refuses(gsi_read.format("p") + " AND z2='1' AND (q2='2' OR a=3)",
            prefix + "Secondary index some does not project one or more filter attributes: [q2, z2]")
    refuses('SELECT * FROM "partiql-indexed"."nope" WHERE x = \'g\'', "The table does not have the specified index")
    refuses('SELECT * FROM "partiql-indexed"."some"."more"', "A path may contain at most 2 components in the FROM clause")
    refuses('SELECT * FROM "" WHERE p = \'g\'', "Path component cannot be an empty string")
    with raises("ValidationException", "Strongly consistent read is not supported on Global Secondary Indexes"):
        run(db, gsi_read.format("*"), ConsistentRead=True)
    capacity = run(db, gsi_read.format("*"), ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert capacity["GlobalSecondaryIndexes"]["some"]["CapacityUnits"] == 0.5 and capacity["Table"]["CapacityUnits"] == 0


@pytest.mark.parametrize("statement,text", [
    ("DANCE", WELL + "Expected data manipulation"), ("SELECTT * FROM partiql", WELL + "Expected data manipulation"),
    ("UPDATE pay-ment SET a = 1 WHERE p = 'a'", WELL + "Expected data manipulation"),
    ("SELECT * FROM", WELL + "Unexpected term"), ("DELETE FROM", WELL + "Expected identifier for simple path"),
    ("DELETE FROM WHERE p = 'a'", WELL + "Expected identifier for simple path"),
    ("SELECT * FROM partiql WHERE", WELL + "Unexpected term"), ("SELECT * FROM partiql WHERE;", WELL + "Unexpected term"),
    ("SELECT * FROM partiql WHERE NOT", WELL + "Unexpected term"), ("SELECT * FROM partiql WHERE (", WELL + "Unexpected term"),
    ("SELECT * FROM partiql WHERE p = 'a' AND", WELL + "Missing right-hand side expression of infix operator"),
    ("SELECT * FROM partiql WHERE p = 'a' OR", WELL + "Missing right-hand side expression of infix operator"),
    ("SELECT * FROM partiql WHERE ORDER BY p", WELL + "Unexpected keyword"),
    ("SELECT * FROM partiql WHERE p = LIKE", WELL + "Unexpected operator"),
    ("SELECT * FROM partiql WHERE p = 'a' AND x IS FOO", WELL + "Expected type name"),
    ("SELECT * FROM partiql WHERE p = 'a' extra", WELL + "Unexpected token after expression"),
    ("SELECT * FROM partiql WHERE p = 'a')", WELL + "Unexpected token after expression"),
    ("DELETE FROM partiql WHERE p = 'a' AND c = 1 ORDER BY p", WELL + "Unexpected token after expression"),
    ("INSERT INTO partiql VALUE {'p': 'zz', 'c': 9} foo", WELL + "Unexpected token after expression"),
    ("SELECT * FROM partiql WHERE p = 'open", WELL), ("SELECT * FROM partiql WHERE c = 1 # note", WELL),
    ("SELECT * FROM partiql WHERE c = 1 /* note", WELL), ("SELECT * FROM partiql WHERE c = 1e2147483648", WELL),
    ("SELECT * FROM partiql t WHERE p = 'a'", "Aliasing is not supported"),
    ("UPDATE partiql AS t SET a = 1 WHERE p = 'a'", "Aliasing is not supported"),
    ("DELETE FROM partiql t WHERE p = 'a'", "Aliasing is not supported"),
    ("UPDATE partiql SET n = 1 WHERE p = 'a'", KEYS), ("UPDATE partiql SET n = 1", KEYS), ("DELETE FROM partiql", KEYS),
    ("UPDATE partiql SET n = 1 WHERE p IN ['a'] AND c = 1", KEYS),
    ("UPDATE partiql SET n = 1 WHERE p='a' AND c=1 AND p='b'",
     "Multiple conditions on same key p. Only single item Update/Insert/Delete are supported"),
    ("DELETE FROM partiql WHERE p = 'x' AND c = 1 RETURNING MODIFIED OLD *",
     "Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE statements."),
    ("EXISTS(SELECT * FROM partiql WHERE p = 'a' AND c = 1 AND n = 1)",
     "EXISTS can only be used in ExecuteTransaction write requests."),
    ("SELECT l[-1] FROM partiql WHERE p = 'a'", "List index is not within the allowable range; index: [-1] at 1:10:1"),
    ("SELECT l.\"\" FROM partiql WHERE p = 'a'", "Path component cannot be an empty string"),
    ("SELECT * FROM partiql WHERE \"\" = 'a'", "Path component cannot be an empty string"),
    ("UPDATE partiql SET l[''] = 1 WHERE p='a' AND c=1", "Path component cannot be an empty string"),
    ("SELECT size(l) FROM partiql WHERE p = 'a'", "Unexpected path component at 1:8:4"),
    ("SELECT * FROM partiql WHERE EXISTS(l)", "Unrecognized function: exists at 1:29:6"),
    ("SELECT * FROM partiql WHERE attribute_exists(a, b)",
     "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2"),
    ("SELECT * FROM partiql WHERE attribute_exists('a')",
     "Operator or function requires a document path; operator or function: attribute_exists"),
    ("SELECT * FROM partiql WHERE attribute_type(a, 1)",
     "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N"),
    ("SELECT * FROM nowhere WHERE a < true",
     "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"),
    ("UPDATE partiql SET t = set_add(s, <<'x'>>) WHERE p='a' AND c=1",
     "The first argument to SET_ADD must equal the assignment value at 1:24:7"),
    ("UPDATE partiql SET s = set_add(s, 'x') WHERE p='a' AND c=1",
     "The second argument to SET_ADD must be a value with type SET at 1:32:1"),
    ("UPDATE partiql\nSET s = set_delete(s) WHERE p='a' AND c=1", "SET_DELETE must have exactly two arguments at 2:9:10"),
    ("UPDATE partiql SET n = 'a' + 1 WHERE p='a' AND c=1",
     "Incorrect operand type for operator or function; operator or function: +, operand type: S"),
    ("INSERT INTO partiql VALUE {'p': 'x', 'c': 1, 's': <<>>}", "Empty bags are not supported"),
    ("INSERT INTO partiql VALUE {'p': 'x', 'c': 1, 's': <<1, 'a'>>}",
     "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"),
    ("INSERT INTO partiql VALUE {'p': 'x', 'c': 1, 's': <<'a', 'a'>>}",
     "One or more parameter values were invalid: Input collection [a, a] contains duplicates."),
    ("INSERT INTO partiql VALUE {'p': 'x', 'c': 1, 'm': {'k': ?}}", "Unsupported data type: Parameter under key root.k at 1:57:1"),
    ("INSERT INTO partiql VALUE {'p': 'x', 'c': 1, 'l': [1, 1e126]}",
     "Number overflow. Attempting to store a number with magnitude larger than supported range under root[1]"),
    ("INSERT INTO partiql VALUE {'p': 'x', 'c': 1, 'd': " + "[" * 32 + "1" + "]" * 32 + "}",
     "Nesting Levels have exceeded supported limits under root" + "[0]" * 32),
    ("INSERT INTO partiql VALUE {'p': 'x'}", "One or more parameter values were invalid: Missing the key c in the item")])
def test_bad_statements(refuses, table, statement, text):
    refuses(statement, text)


def test_parameters(db, table, refuses):
    count = "Number of parameters in request and statement don't match."
    refuses("SELECT * FROM partiql WHERE p = ?", count)
    refuses("SELECT * FROM partiql WHERE p = 'a'", count, S("x"))
    refuses("UPDATE partiql SET WHERE", "One or more parameter values were invalid: Input collection [a, a] contains duplicates.",
            {"SS": ["a", "a"]})
    run(db, "INSERT INTO partiql VALUE ?", {"M": {"p": S("whole"), "c": N(1)}})
    run(db, "INSERT INTO partiql VALUE {'p': ?, 'c': ?}", S("whole"), N(2))
    found = run(db, "SELECT c FROM partiql WHERE p = ? AND c IN [?, 2]", S("whole"), N(1))["Items"]
    assert [i["c"] for i in found] == [N(1), N(2)]
    for text in ["", "x" * 8193]:
        with raises("ValidationException", "at 'statement' failed to satisfy constraint"):
            run(db, text)
    with raises("ValidationException"):
        run(db, "SELECT * FROM partiql WHERE " + "(" * 3000)


def test_batches(db, table):
    update = "UPDATE partiql SET v = 5 WHERE p = 'b' AND c = 1"
    out = batch(db, "INSERT INTO partiql VALUE {'p': 'b', 'c': 1}", "INSERT INTO partiql VALUE {'p': 'b', 'c': 1}",
                update + " RETURNING MODIFIED NEW *", update + " AND v = 7",
                "UPDATE nowhere SET v = 5 WHERE p = 'b'", "SLECT")
    assert out[0] == {"TableName": "partiql"} and out[2] == {"TableName": "partiql", "Item": {"v": N(5)}}
    assert out[1]["Error"]["Code"] == "DuplicateItem" and out[1]["TableName"] == "partiql"
    assert out[3]["Error"]["Code"] == "ConditionalCheckFailed"
    assert out[4]["Error"]["Code"] == "ResourceNotFound" and "TableName" not in out[4]
    assert out[5]["Error"] == {"Code": "ValidationError", "Message": WELL + "Expected data manipulation"}
    refused = ("Select statements within BatchExecuteStatement must specify the primary key in the where clause.")
    select = "SELECT v FROM partiql WHERE p = 'b' AND c = 1"
    out = batch(db, select, "SELECT * FROM partiql WHERE p = 'b'", select + " AND v = 5", select + " AND p = 'a'",
                "SELECT v FROM partiql WHERE p IN ['b'] AND c = 1", select.replace("c = 1", "c = 77"))
    assert [o.get("Item") for o in out] == [{"v": N(5)}, None, None, None, {"v": N(5)}, None]
    assert [o.get("Error", {}).get("Message") for o in out] == [None, refused, refused, refused, None, None]
    capacity = db.batch_execute_statement(ReturnConsumedCapacity="TOTAL", Statements=[
        {"Statement": select, "ConsistentRead": True}, {"Statement": select}])["ConsumedCapacity"]
    assert capacity == [{"TableName": "partiql", "CapacityUnits": 1.5}]
    with raises("ValidationException", "BatchExecuteStatement API does not support both read and write operations in the same request."):
        batch(db, select, "INSERT INTO partiql VALUE {'p': 'mixed', 'c': 1}")
    assert run(db, "SELECT * FROM partiql WHERE p = 'mixed'")["Items"] == []


def test_transactions(db, table):
    key = "p = 't' AND c = {}"
    out = transact(db, "INSERT INTO partiql VALUE {'p': 't', 'c': 1, 'v': 1}", "INSERT INTO partiql VALUE {'p': 't', 'c': 2}",
                   ReturnConsumedCapacity="TOTAL")
    assert out["Responses"] == [] and out["ConsumedCapacity"][0]["CapacityUnits"] == 4
    got = transact(db, "SELECT v FROM partiql WHERE p = 't' AND c = 1", "SELECT * FROM partiql WHERE p = 't' AND c = 9")
    assert got["Responses"] == [{"Item": {"v": N(1)}}, {}]
    with raises("TransactionCanceledException", "[None, DuplicateItem]") as caught:
        transact(db, "UPDATE partiql SET v = 5 WHERE p = 't' AND c = 1", "INSERT INTO partiql VALUE {'p': 't', 'c': 2}")
    assert caught.value.response["CancellationReasons"][1]["Message"] == "Duplicate primary key exists in table"
    exists = "EXISTS(SELECT * FROM partiql WHERE p = 't' AND c = 1 AND v = {})"
    update = "UPDATE partiql SET w = 1 WHERE p = 't' AND c = 2"
    transact(db, exists.format(1), update)
    assert table.get({"p": S("t"), "c": N(2)})["w"] == N(1)
    with raises("TransactionCanceledException", "[ConditionalCheckFailed, None]"):
        transact(db, exists.format(7), update)
    first = "Validation failed in TransactStatements[0]: "
    for statements, text in [
            ([update + " RETURNING ALL NEW *"], first + "RETURNING clause is not supported in ExecuteTransaction."),
            (["SELECT * FROM partiql WHERE p = 't'"],
             first + "Select statements within ExecuteTransaction must specify the primary key in the where clause."),
            (['SELECT * FROM "partiql"."x" WHERE p = \'t\''], first + "Reads on indices are not supported within transactions."),
            (["EXISTS(SELECT * FROM partiql WHERE p = 't' AND c = 1)", update],
             first + "EXISTS() must contain a single item read with additional condition"),
            ([update, "SELECT * FROM partiql WHERE"], "Validation failed in TransactStatements[1]: " + WELL + "Unexpected term"),
            (["SELECT * FROM partiql WHERE p = 't' AND c = 1", update],
             "ExecuteTransaction API does not support both read and write operations in the same request."),
            ([update, update], "Transaction request cannot include multiple operations on one item")]:
        with raises("ValidationException") as caught:
            transact(db, *statements)
        assert caught.value.response["Error"]["Message"] == text
    with raises("TransactionCanceledException", "[ResourceNotFound, None]"):
        transact(db, "UPDATE nowhere SET a = 1 WHERE p = 'x'", update)
    with raises("TransactionCanceledException", "[ValidationError, ValidationError, None]") as caught:
        transact(db, "UPDATE partiql SET w = 1 WHERE p = 't'", "UPDATE partiql SET w = 1 WHERE p = 't' AND c = 'x'", update)
    assert caught.value.response["CancellationReasons"][0]["Message"] == "The provided key element does not match the schema"


def test_repeated_transaction(db, table, unique):
    table.put({"p": S("idem"), "c": N(1), "n": N(0)})
    more = {"ClientRequestToken": unique(), "ReturnConsumedCapacity": "INDEXES"}
    first, again = [transact(db, "UPDATE partiql SET n = n + 1 WHERE p = 'idem' AND c = 1", **more)["ConsumedCapacity"][0]
                    for _ in range(2)]
    assert table.get({"p": S("idem"), "c": N(1)})["n"] == N(1)
    assert first["WriteCapacityUnits"] == 2 and "ReadCapacityUnits" not in first
    assert again["ReadCapacityUnits"] == 2 and "WriteCapacityUnits" not in again
