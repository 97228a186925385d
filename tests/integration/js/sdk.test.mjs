// The AWS SDK for JavaScript v3 drives each service over its own wire protocol.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { CloudWatchClient, DescribeAlarmsCommand, GetDashboardCommand, GetMetricStatisticsCommand, PutMetricAlarmCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CognitoIdentityProviderClient, CreateUserPoolCommand, ListUserPoolsCommand } from "@aws-sdk/client-cognito-identity-provider";
import { CloudWatchLogsClient, CreateLogGroupCommand, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateStateMachineCommand, SFNClient, StartSyncExecutionCommand } from "@aws-sdk/client-sfn";
import { CreateQueueCommand, GetQueueAttributesCommand, GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { AwsSmithyRpcV2CborProtocol } from "@aws-sdk/core/protocols";
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";

import { startServer, waitUntil } from "./client.mjs";
import { zip } from "./zip.mjs";

let server;
let options;
before(async () => {
  server = await startServer();
  options = { ...server.options, disableHostPrefix: true };
});
after(() => server.stop());

test("DynamoDB: documents go in and come out", async () => {
  const client = new DynamoDBClient(options);
  await client.send(new CreateTableCommand({
    TableName: "documents", BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }, { AttributeName: "sk", AttributeType: "N" }],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }],
  }));
  await waitUntilTableExists({ client, minDelay: 1, maxDelay: 2, maxWaitTime: 20 }, { TableName: "documents" });
  const documents = DynamoDBDocumentClient.from(client);
  const Item = { pk: "a", sk: 1, list: [1, "two", null, true], map: { deep: { n: 1.5 } }, set: new Set(["x", "y"]) };
  await documents.send(new PutCommand({ TableName: "documents", Item }));
  const got = await documents.send(new GetCommand({ TableName: "documents", Key: { pk: "a", sk: 1 } }));
  assert.deepEqual(got.Item, Item);
  await documents.send(new UpdateCommand({
    TableName: "documents", Key: { pk: "a", sk: 1 }, UpdateExpression: "SET #m.deep.n = #m.deep.n + :one",
    ExpressionAttributeNames: { "#m": "map" }, ExpressionAttributeValues: { ":one": 1 },
  }));
  const found = await documents.send(new QueryCommand({
    TableName: "documents", KeyConditionExpression: "pk = :a", ExpressionAttributeValues: { ":a": "a" },
  }));
  assert.equal(found.Items[0].map.deep.n, 2.5);
  const refused = documents.send(new PutCommand({
    TableName: "documents", Item, ConditionExpression: "attribute_not_exists(pk)",
  }));
  await assert.rejects(refused, { name: "ConditionalCheckFailedException" });
});

test("EventBridge delivers to SQS", async () => {
  const sqs = new SQSClient(options);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "events" }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  const events = new EventBridgeClient(options);
  await events.send(new PutRuleCommand({ Name: "sold", EventPattern: JSON.stringify({ source: ["shop"] }) }));
  await events.send(new PutTargetsCommand({ Rule: "sold", Targets: [{ Id: "q", Arn: Attributes.QueueArn }] }));
  const put = await events.send(new PutEventsCommand({
    Entries: [{ Source: "shop", DetailType: "Sold", Detail: JSON.stringify({ n: 1 }) }],
  }));
  assert.equal(put.FailedEntryCount, 0);
  const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  assert.deepEqual(JSON.parse(received.Messages[0].Body).detail, { n: 1 });
});

test("SQS: attributes, and AWS's own error for a queue that is not there", async () => {
  const sqs = new SQSClient(options);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "attributes" }));
  await sqs.send(new SendMessageCommand({
    QueueUrl, MessageBody: "hello", MessageAttributes: { kind: { DataType: "String", StringValue: "greeting" } },
  }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ["All"] }));
  assert.equal(Messages[0].MessageAttributes.kind.StringValue, "greeting");
  await assert.rejects(sqs.send(new GetQueueUrlCommand({ QueueName: "nowhere" })), (error) =>
    /QueueDoesNotExist|NonExistentQueue/.test(error.name));
});

test("Step Functions: a synchronous Express execution", async () => {
  const states = new SFNClient(options);
  const { stateMachineArn } = await states.send(new CreateStateMachineCommand({
    name: "double", type: "EXPRESS", roleArn: "arn:aws:iam::000000000000:role/r",
    definition: JSON.stringify({
      StartAt: "Double",
      States: { Double: { Type: "Pass", Parameters: { "n.$": "States.MathAdd($.n, $.n)" }, End: true } },
    }),
  }));
  const done = await states.send(new StartSyncExecutionCommand({ stateMachineArn, input: '{"n": 21}' }));
  assert.equal(done.status, "SUCCEEDED");
  assert.deepEqual(JSON.parse(done.output), { n: 42 });
  assert.ok(done.startDate instanceof Date);
});

test("S3: objects with the SDK's own checksums", async () => {
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "sdk-bucket" }));
  await s3.send(new PutObjectCommand({ Bucket: "sdk-bucket", Key: "ä/b c.txt", Body: "hello", Metadata: { owner: "ada" } }));
  const got = await s3.send(new GetObjectCommand({ Bucket: "sdk-bucket", Key: "ä/b c.txt" }));
  assert.equal(await got.Body.transformToString(), "hello");
  assert.equal(got.Metadata.owner, "ada");
  const listed = await s3.send(new ListObjectsV2Command({ Bucket: "sdk-bucket" }));
  assert.deepEqual(listed.Contents.map((o) => o.Key), ["ä/b c.txt"]);
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket: "sdk-bucket", Key: "none" })), { name: "NoSuchKey" });
});

test("Lambda: a Node.js function", async () => {
  const lambda = new LambdaClient(options);
  const code = "exports.handler = async (event, context) => ({ got: event.n, name: context.functionName });";
  await lambda.send(new CreateFunctionCommand({
    FunctionName: "node", Runtime: "nodejs20.x", Handler: "index.handler", Role: "arn:aws:iam::000000000000:role/r",
    Code: { ZipFile: zip("index.js", code) },
  }));
  const answer = await waitUntil(() => lambda.send(new InvokeCommand({ FunctionName: "node", Payload: '{"n": 1}' })));
  assert.deepEqual(JSON.parse(Buffer.from(answer.Payload).toString()), { got: 1, name: "node" });
});

test("Cognito, Secrets Manager, Logs and STS answer", async () => {
  const cognito = new CognitoIdentityProviderClient(options);
  const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: "users" }));
  const { UserPools } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 10 }));
  assert.ok(UserPools.some((pool) => pool.Id === UserPool.Id));
  const secrets = new SecretsManagerClient(options);
  await secrets.send(new CreateSecretCommand({ Name: "sdk", SecretString: "s3cret" }));
  assert.equal((await secrets.send(new GetSecretValueCommand({ SecretId: "sdk" }))).SecretString, "s3cret");
  await assert.rejects(secrets.send(new GetSecretValueCommand({ SecretId: "none" })), { name: "ResourceNotFoundException" });
  const logs = new CloudWatchLogsClient(options);
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/sdk" }));
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/sdk" }));
  assert.equal(logGroups[0].logGroupName, "/sdk");
  const identity = await new STSClient(options).send(new GetCallerIdentityCommand({}));
  assert.equal(identity.Account, "000000000000");
});

// Versions of the SDK speak different protocols to CloudWatch; each must give the same.
const cloudWatchProtocols = [
  ["JSON", {}, "application/x-amz-json-1.0"],
  ["CBOR", { protocol: AwsSmithyRpcV2CborProtocol }, "application/cbor"],
];
for (const [name, protocol, contentType] of cloudWatchProtocols) test(`CloudWatch over ${name}: metrics, times, alarms and errors`, async () => {
  const client = new CloudWatchClient({ ...options, ...protocol });
  const sent = new Set();
  client.middlewareStack.add((next) => (args) => {
    sent.add(args.request.headers["content-type"]);
    return next(args);
  }, { step: "finalizeRequest" });
  const Timestamp = new Date("2026-01-31T12:00:00Z");
  await client.send(new PutMetricDataCommand({
    Namespace: name, MetricData: [
      { MetricName: "orders", Timestamp, Value: 1.5, Dimensions: [{ Name: "kind", Value: "new" }] },
      { MetricName: "orders", Timestamp, Value: 2, Dimensions: [{ Name: "kind", Value: "new" }] },
    ],
  }));
  const { Datapoints } = await client.send(new GetMetricStatisticsCommand({
    Namespace: name, MetricName: "orders", Dimensions: [{ Name: "kind", Value: "new" }], Period: 60,
    Statistics: ["Sum", "Maximum"], StartTime: new Date(Timestamp - 60000), EndTime: new Date(+Timestamp + 60000),
  }));
  assert.equal(Datapoints.length, 1);
  assert.deepEqual([Datapoints[0].Sum, Datapoints[0].Maximum], [3.5, 2]);
  assert.equal(Datapoints[0].Timestamp.toISOString(), Timestamp.toISOString());
  await client.send(new PutMetricAlarmCommand({
    AlarmName: "too-many", Namespace: name, MetricName: "orders", Statistic: "Sum", Period: 60,
    EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: "GreaterThanThreshold",
  }));
  const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: ["too-many"] }));
  assert.ok(MetricAlarms[0].StateUpdatedTimestamp instanceof Date);
  await assert.rejects(client.send(new GetDashboardCommand({ DashboardName: "none" })), { name: "ResourceNotFound" });
  assert.deepEqual([...sent], [contentType]);
});
