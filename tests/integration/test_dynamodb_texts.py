"""What DynamoDB says to mistakes, word for word: clients and their tests look for these texts."""
import pytest

from dynamodb_support import N, S, gsi, make_table, raises

KEY = {"p": S("a"), "c": N(1)}
ITEM = {**KEY, "x": S("x"), "n": N(5), "l": {"L": [N(1)]}, "ss": {"SS": ["a"]}}
INVALID = "One or more parameter values were invalid: "


@pytest.fixture(scope="module")
def table(server):
    table = make_table(server.client("dynamodb"), "words", "p:S c:N", definitions={"x": "S", "y": "S"},
                       GlobalSecondaryIndexes=[gsi("byx", "x", "KEYS_ONLY")],
                       LocalSecondaryIndexes=[gsi("byy", "p y")],
                       StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    table.put(ITEM)
    return table


def put(**attributes):
    return "put_item", {"Item": {**ITEM, **attributes}}


def update(expression, values=None, **more):
    if values:
        more["ExpressionAttributeValues"] = values
    return "update_item", {"Key": KEY, "UpdateExpression": expression, **more}


def query(condition="p = :p", values=None, **more):
    return "query", {"KeyConditionExpression": condition, "ExpressionAttributeValues": {":p": S("a"), **(values or {})}, **more}


def condition(text, values=None, **more):
    if values:
        more["ExpressionAttributeValues"] = values
    return "put_item", {"Item": ITEM, "ConditionExpression": text, **more}


@pytest.mark.parametrize("call, text", [
    # Values.
    (put(v=N("1" * 39)), "Attempting to store more than 38 significant digits in a Number"),
    (put(v=N("1e126")), "Number overflow. Attempting to store a number with magnitude larger than supported range"),
    (put(v=N("1e-131")), "Number underflow. Attempting to store a number with magnitude smaller than supported range"),
    (put(v=N("1e1000000000")), "Number overflow. Attempting to store a number with magnitude larger than supported range"),
    (put(v=N("dog")), "The parameter cannot be converted to a numeric value: dog"),
    (put(v=N("1 ")), "The parameter cannot be converted to a numeric value: 1 "),
    (put(v=N("")), "The parameter cannot be converted to a numeric value"),
    (put(v={"SS": []}), INVALID + "An string set  may not be empty"),
    (put(v={"NS": []}), INVALID + "An number set  may not be empty"),
    (put(v={"SS": ["a", "b", "a"]}), INVALID + "Input collection [a, b, a] contains duplicates."),
    (put(v={"NS": ["1", "1.0"]}), INVALID + "Input collection [1, 1] contains duplicates."),
    (put(v={"NULL": False}), INVALID + "Null attribute value types must have the value of true"),
    (put(v={}), "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    (put(v={"S": "a", "N": "1"}), "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"),
    (put(p=S("x" * 2049)), INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
    (put(p=S("")), "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: p"),
    (put(p=N(1)), INVALID + "Type mismatch for key p expected: S actual: N"),
    (("put_item", {"Item": {"p": S("a")}}), INVALID + "Missing the key c in the item"),
    (put(v=S("x" * 400 * 1024)), "Item size has exceeded the maximum allowed size"),
    (put(x=N(1)), INVALID + "Type mismatch for Index Key x Expected: S Actual: N IndexName: byx"),
    (put(x=S("")), "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The "
     "AttributeValue for a key attribute cannot contain an empty string value. IndexName: byx, IndexKey: x"),
    (("get_item", {"Key": {"p": S("a")}}), "The provided key element does not match the schema"),
    # Expressions.
    (condition("a = #x"), "Invalid ConditionExpression: An expression attribute name used in the document path is not defined; attribute name: #x"),
    (condition("a = :v"), "Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :v"),
    (condition("a = b", {":v": N(1)}), "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}"),
    (("put_item", {"Item": ITEM, "ExpressionAttributeNames": {"#a": "b"}}), "ExpressionAttributeNames can only be specified when using expressions"),
    (("put_item", {"Item": ITEM, "ExpressionAttributeValues": {":a": N(1)}}), "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"),
    (condition("a = b", ExpressionAttributeNames={}), "ExpressionAttributeNames must not be empty"),
    (condition("contains(x, x)"), "Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [x]"),
    (condition("a < :v", {":v": {"L": []}}), "Invalid ConditionExpression: Incorrect operand type for operator or function; operator: <, operand type: L"),
    (condition("attribute_type(a, :v)", {":v": S("Q")}), "Invalid ConditionExpression: Invalid attribute type name found; type: Q, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"),
    (condition("dog(a)"), "Invalid ConditionExpression: Invalid function name; function: dog"),
    (condition("if_not_exists(a, b)"), "Invalid ConditionExpression: The function is not allowed in a condition expression; function: if_not_exists"),
    (condition("size(a, b) = c"), "Invalid ConditionExpression: Incorrect number of operands for operator or function; operator or function: size, number of operands: 2"),
    (condition("((a < b))"), "Invalid ConditionExpression: The expression has redundant parentheses"),
    (condition(""), "Invalid ConditionExpression: The expression can not be empty;"),
    (condition("name = c"), "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: name"),
    (update("SET l = list_append(list_append(l, l), l)"), "Invalid UpdateExpression: The function is not allowed to be used this way in an expression; function: list_append"),
    (update("SET x = :v + :w", {":v": S("a"), ":w": N(1)}), "Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: +, operand type: S"),
    (update("SET n = x + n"), "An operand in the update expression has an incorrect data type"),
    (update("SET n = zz"), "The provided expression refers to an attribute that does not exist in the item"),
    (update("SET zz.a = :v", {":v": N(1)}), "The document path provided in the update expression is invalid for update"),
    (update("SET c = :v", {":v": N(2)}), INVALID + "Cannot update attribute c. This attribute is part of the key"),
    (update("SET x.a = :v", {":v": N(2)}), "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: x"),
    (update("SET a = :v SET b = :v", {":v": N(1)}), 'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;'),
    (update("SET a = :v, a.b = :v", {":v": N(1)}), "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]"),
    (update("SET a.b = :v, a[1] = :v", {":v": N(1)}), "Invalid UpdateExpression: Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [1]]"),
    (update("ADD n :v", {":v": S("a")}), "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING"),
    (update("SET _a = n"), 'Invalid UpdateExpression: Syntax error; token: "_", near: "SET _a"'),
    (("update_item", {"Key": KEY, "AttributeUpdates": {"a": {"Value": N(1)}}, "ConditionExpression": "attribute_exists(p)"}),
     "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributeUpdates} "
     "Expression parameters: {ConditionExpression}"),
    (("put_item", {"Item": ITEM, "Expected": {"a": {"ComparisonOperator": "EQ", "AttributeValueList": [N(1), N(2)]}}}),
     INVALID + "Invalid number of argument(s) for the EQ ComparisonOperator"),
    # Queries and scans.
    (query("c = :p"), "Query condition missed key schema element: p"),
    (query("p = :p AND n = :p"), "Query condition missed key schema element: c"),
    (query("p = :p AND c = :c AND n = :c", {":c": N(1)}), "Invalid KeyConditionExpression: Conditions can be of length 1 or 2 only"),
    (query("p = :p OR c = :c", {":c": N(1)}), "Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: OR"),
    (query("p = :p AND c = :c", {":c": S("1")}), INVALID + "Condition parameter type does not match schema type"),
    (query("p = :p AND c BETWEEN :b AND :c", {":b": N(2), ":c": N(1)}),
     "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "),
    (query(FilterExpression="c = :c", values={":c": N(1)}), "Filter Expression can only contain non-primary key attributes: Primary key attribute: c"),
    (("query", {"KeyConditions": {"p": {"ComparisonOperator": "EQ", "AttributeValueList": [S("a")]},
                                  "c": {"ComparisonOperator": "NE", "AttributeValueList": [N(1)]}}}),
     "Attempted conditional constraint is not an indexable operation"),
    (query(ExclusiveStartKey={"p": S("b"), "c": N(1)}), "The provided starting key is outside query boundaries based on provided conditions"),
    (query(ExclusiveStartKey={"p": S("a")}), "The provided starting key is invalid"),
    (query(Select="ALL_ATTRIBUTES", ProjectionExpression="n"), "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES"),
    (("scan", {"AttributesToGet": ["a", "a"]}), INVALID + "Duplicate value in attribute name: a"),
    (("scan", {"IndexName": "byx", "ConsistentRead": True}), "Consistent reads are not supported on global secondary indexes"),
    (("scan", {"IndexName": "nope"}), "The table does not have the specified index: nope"),
    (("scan", {"Segment": 0, "TotalSegments": 1000000, "ExclusiveStartKey": KEY}),
     "The provided Exclusive start key does not map to the provided Segment and TotalSegments values"),
    # Tables.
    (("update_table", {}), "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
     "SSESpecification or ReplicaUpdates is required"),
    (("update_table", {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}}), "Table already has an enabled stream"),
    (("update_table", {"AttributeDefinitions": [{"AttributeName": "x", "AttributeType": "S"}],
                       "GlobalSecondaryIndexUpdates": [{"Create": gsi("byx", "x")}]}), INVALID + "Attempting to create an index which already exists"),
    (("update_time_to_live", {"TimeToLiveSpecification": {"Enabled": False, "AttributeName": "e"}}), "TimeToLive is already disabled"),
])
def test_words(table, call, text):
    operation, arguments = call
    with raises("ValidationException") as caught:
        getattr(table.db, operation)(TableName=table.name, **arguments)
    assert caught.value.response["Error"]["Message"].startswith(text), caught.value


@pytest.mark.parametrize("tables, text", [
    ([{"Put": {"Item": ITEM}}, {"ConditionCheck": {"Key": KEY, "ConditionExpression": "attribute_exists(p)"}}],
     "Transaction request cannot include multiple operations on one item"),
    ([{"Put": {"Item": ITEM}, "Delete": {"Key": KEY}}], "TransactItems can only contain one of Check, Put, Update or Delete"),
    ([{"Put": {"Item": {**KEY, "c": N(i)}}} for i in range(101)], "1 validation error detected: Value "),
])
def test_words_of_transactions(table, tables, text):
    actions = [{name: {"TableName": table.name, **body} for name, body in action.items()} for action in tables]
    with raises("ValidationException") as caught:
        table.db.transact_write_items(TransactItems=actions)
    assert caught.value.response["Error"]["Message"].startswith(text), caught.value


def test_words_of_reasons(table):
    check = {"ConditionCheck": {"TableName": table.name, "Key": KEY, "ConditionExpression": "attribute_not_exists(p)"}}
    other = {"Put": {"TableName": table.name, "Item": {**KEY, "c": N(2)}}}
    with raises("TransactionCanceledException",
                "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]") as caught:
        table.db.transact_write_items(TransactItems=[other, check])
    assert caught.value.response["CancellationReasons"] == [
        {"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}]
