// DynamoDB through the document client of the AWS SDK for JavaScript v3: what applications do.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { CreateTableCommand, DeleteTableCommand, DescribeTableCommand, DynamoDBClient, UpdateTableCommand,
  waitUntilTableExists, waitUntilTableNotExists } from "@aws-sdk/client-dynamodb";
import { DescribeStreamCommand, DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand } from "@aws-sdk/client-dynamodb-streams";
import { BatchGetCommand, BatchWriteCommand, DeleteCommand, DynamoDBDocumentClient, ExecuteStatementCommand,
  ExecuteTransactionCommand, GetCommand, NumberValue, PutCommand, QueryCommand, TransactGetCommand, TransactWriteCommand,
  UpdateCommand, paginateQuery, paginateScan } from "@aws-sdk/lib-dynamodb";

import { startServer } from "./client.mjs";

const TableName = "orders";
const wait = { minDelay: 1, maxDelay: 2, maxWaitTime: 20 };
let server;
let client;
let documents;

before(async () => {
  server = await startServer();
  client = new DynamoDBClient({ ...server.options, disableHostPrefix: true });
  documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true, convertEmptyValues: false } });
  await client.send(new CreateTableCommand({
    TableName, BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "customer", AttributeType: "S" }, { AttributeName: "number", AttributeType: "N" },
      { AttributeName: "state", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "customer", KeyType: "HASH" }, { AttributeName: "number", KeyType: "RANGE" }],
    GlobalSecondaryIndexes: [{ IndexName: "by-state", Projection: { ProjectionType: "ALL" },
      KeySchema: [{ AttributeName: "state", KeyType: "HASH" }, { AttributeName: "number", KeyType: "RANGE" }] }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
  }));
  await waitUntilTableExists({ client, ...wait }, { TableName });
});
after(() => server.stop());

const key = (customer, number) => ({ TableName, Key: { customer, number } });

test("documents of every kind survive", async () => {
  const Item = { customer: "kinds", number: 1, empty: "", nothing: null, yes: true, half: 0.5, bytes: new Uint8Array([0, 255]),
    list: [1, ["two", { three: 3 }]], strings: new Set(["a", "b"]), numbers: new Set([1, 2.5]), map: {}, lost: undefined };
  await documents.send(new PutCommand({ TableName, Item }));
  const { Item: got } = await documents.send(new GetCommand({ ...key("kinds", 1), ConsistentRead: true }));
  delete Item.lost;
  assert.deepEqual(got, Item);
  const exact = "12345678901234567890.123456789012345678";
  await documents.send(new PutCommand({ TableName, Item: { customer: "kinds", number: 2, big: NumberValue.from(exact) } }));
  const own = new DynamoDBClient(server.options);  // translation is a setting of the client below
  const precise = DynamoDBDocumentClient.from(own, { unmarshallOptions: { wrapNumbers: true } });
  assert.equal((await precise.send(new GetCommand(key("kinds", 2)))).Item.big.toString(), exact);
});

test("pages are followed to the end, forwards, backwards and through an index", async () => {
  const requests = Array.from({ length: 60 }, (_, number) => ({
    PutRequest: { Item: { customer: "pages", number, state: number % 3 === 0 ? "open" : "done" } } }));
  for (let at = 0; at < requests.length; at += 25) {
    const { UnprocessedItems } = await documents.send(new BatchWriteCommand({ RequestItems: { [TableName]: requests.slice(at, at + 25) } }));
    assert.deepEqual(UnprocessedItems, {});
  }
  const collect = async (pages) => { const found = []; for await (const page of pages) found.push(...page.Items.map((i) => i.number)); return found; };
  const all = [...Array(60).keys()];
  const query = { TableName, KeyConditionExpression: "customer = :c", ExpressionAttributeValues: { ":c": "pages" } };
  assert.deepEqual(await collect(paginateQuery({ client: documents, pageSize: 7 }, { ...query })), all);
  assert.deepEqual(await collect(paginateQuery({ client: documents, pageSize: 7 }, { ...query, ScanIndexForward: false })), all.toReversed());
  const open = { TableName, IndexName: "by-state", KeyConditionExpression: "#s = :s AND #n BETWEEN :a AND :b",
    ExpressionAttributeNames: { "#s": "state", "#n": "number" }, ExpressionAttributeValues: { ":s": "open", ":a": 10, ":b": 40 } };
  assert.deepEqual(await collect(paginateQuery({ client: documents, pageSize: 4 }, open)), [12, 15, 18, 21, 24, 27, 30, 33, 36, 39]);
  const scan = { TableName, FilterExpression: "customer = :c", ExpressionAttributeValues: { ":c": "pages" } };
  assert.deepEqual((await collect(paginateScan({ client: documents, pageSize: 9 }, scan))).sort((a, b) => a - b), all);
  const { Responses } = await documents.send(new BatchGetCommand({ RequestItems: {
    [TableName]: { Keys: [1, 2, 99].map((number) => ({ customer: "pages", number })), ProjectionExpression: "#n", ExpressionAttributeNames: { "#n": "number" } } } }));
  assert.deepEqual(Responses[TableName].map((i) => i.number).sort(), [1, 2]);
});

test("an event store: appended once, refused twice, told why", async () => {
  const append = (number, body) => new TransactWriteCommand({ TransactItems: [
    { Put: { TableName, Item: { customer: "aggregate", number, body }, ConditionExpression: "attribute_not_exists(customer)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD" } },
    { Update: { ...key("aggregate", 0), UpdateExpression: "SET version = :v", ConditionExpression: "attribute_not_exists(version) OR version = :b",
      ExpressionAttributeValues: { ":v": number, ":b": number - 1 } } }] });
  await documents.send(append(1, "made"));
  await documents.send(append(2, "changed"));
  await assert.rejects(documents.send(append(2, "late")), (error) => {
    assert.equal(error.name, "TransactionCanceledException");
    assert.deepEqual(error.CancellationReasons.map((reason) => reason.Code), ["ConditionalCheckFailed", "ConditionalCheckFailed"]);
    assert.equal(error.CancellationReasons[0].Item.body.S ?? error.CancellationReasons[0].Item.body, "changed");
    return true;
  });
  const { Responses } = await documents.send(new TransactGetCommand({ TransactItems: [{ Get: key("aggregate", 0) }, { Get: key("aggregate", 9) }] }));
  assert.equal(Responses[0].Item.version, 2);
  assert.equal(Responses[1].Item, undefined);
  await assert.rejects(documents.send(new UpdateCommand({ ...key("aggregate", 0), UpdateExpression: "SET version = :v",
    ConditionExpression: "version = :b", ExpressionAttributeValues: { ":v": 3, ":b": 7 }, ReturnValuesOnConditionCheckFailure: "ALL_OLD" })),
  (error) => error.name === "ConditionalCheckFailedException" && error.Item.version.N === "2");
});

test("updates return what was asked for", async () => {
  await documents.send(new PutCommand({ TableName, Item: { customer: "returns", number: 1, n: 1, list: ["a"], keep: true } }));
  const update = (ReturnValues) => documents.send(new UpdateCommand({ ...key("returns", 1), ReturnValues,
    UpdateExpression: "SET n = n + :one, #l = list_append(#l, :l) REMOVE gone", ExpressionAttributeNames: { "#l": "list" },
    ExpressionAttributeValues: { ":one": 1, ":l": ["b"] } }));
  assert.deepEqual((await update("UPDATED_NEW")).Attributes, { n: 2, list: ["a", "b"] });
  assert.deepEqual((await update("ALL_OLD")).Attributes, { customer: "returns", number: 1, n: 2, list: ["a", "b"], keep: true });
  const { Attributes } = await documents.send(new DeleteCommand({ ...key("returns", 1), ReturnValues: "ALL_OLD" }));
  assert.equal(Attributes.n, 3);
});

test("PartiQL with documents", async () => {
  const run = (Statement, Parameters) => documents.send(new ExecuteStatementCommand({ Statement, Parameters }));
  await run('INSERT INTO "orders" VALUE {\'customer\': ?, \'number\': ?, \'lines\': ?}', ["sql", 1, [{ sku: "x", count: 2 }]]);
  assert.deepEqual((await run('SELECT lines[0].sku FROM "orders" WHERE customer = ? AND "number" = ?', ["sql", 1])).Items, [{ sku: "x" }]);
  const { Responses } = await documents.send(new ExecuteTransactionCommand({ TransactStatements: [
    { Statement: 'SELECT * FROM "orders" WHERE customer = ? AND "number" = ?', Parameters: ["sql", 1] }] }));
  assert.equal(Responses[0].Item.lines[0].count, 2);
  await assert.rejects(run('INSERT INTO "orders" VALUE {\'customer\': ?, \'number\': ?}', ["sql", 1]), { name: "DuplicateItemException" });
});

test("the stream tells of all that happened to one item", async () => {
  await documents.send(new PutCommand({ TableName, Item: { customer: "stream", number: 1, n: 1 } }));
  await documents.send(new PutCommand({ TableName, Item: { customer: "stream", number: 1, n: 2 } }));
  await documents.send(new DeleteCommand(key("stream", 1)));
  const streams = new DynamoDBStreamsClient(server.options);
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn: Table.LatestStreamArn }));
  const { ShardIterator } = await streams.send(new GetShardIteratorCommand({ StreamArn: Table.LatestStreamArn,
    ShardId: StreamDescription.Shards[0].ShardId, ShardIteratorType: "TRIM_HORIZON" }));
  const { Records } = await streams.send(new GetRecordsCommand({ ShardIterator }));
  const own = Records.filter((record) => record.dynamodb.Keys.customer.S === "stream");
  assert.deepEqual(own.map((record) => record.eventName), ["INSERT", "MODIFY", "REMOVE"]);
  assert.equal(own[1].dynamodb.OldImage.n.N + own[1].dynamodb.NewImage.n.N, "12");
});

test("a table is changed and dropped", async () => {
  const name = "passing";
  await client.send(new CreateTableCommand({ TableName: name, BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "p", AttributeType: "S" }], KeySchema: [{ AttributeName: "p", KeyType: "HASH" }] }));
  await waitUntilTableExists({ client, ...wait }, { TableName: name });
  await client.send(new UpdateTableCommand({ TableName: name, DeletionProtectionEnabled: true }));
  await assert.rejects(client.send(new DeleteTableCommand({ TableName: name })), { name: "ValidationException" });
  await client.send(new UpdateTableCommand({ TableName: name, DeletionProtectionEnabled: false }));
  await client.send(new DeleteTableCommand({ TableName: name }));
  await waitUntilTableNotExists({ client, ...wait }, { TableName: name });
  await assert.rejects(documents.send(new QueryCommand({ TableName: name, KeyConditionExpression: "p = :p", ExpressionAttributeValues: { ":p": "a" } })),
    { name: "ResourceNotFoundException" });
});
