// SQS and S3 as the AWS SDK for JavaScript v3 sees them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateQueueCommand, DeleteMessageCommand, GetQueueUrlCommand, ReceiveMessageCommand,
  SendMessageBatchCommand, SendMessageCommand, SQSClient,
} from "@aws-sdk/client-sqs";
import { startServer } from "./client.mjs";

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

test("messages go through a queue", async () => {
  const sqs = new SQSClient(server.options);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "q", tags: { a: "b" } }));
  const sent = await sqs.send(new SendMessageCommand({
    QueueUrl, MessageBody: "hello",
    MessageAttributes: { n: { DataType: "Number", StringValue: "1" } },
  }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({
    QueueUrl, WaitTimeSeconds: 1, MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All"],
  }));
  assert.equal(Messages[0].MessageId, sent.MessageId);
  assert.equal(Messages[0].MessageAttributes.n.StringValue, "1");
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0].ReceiptHandle }));
  const batch = await sqs.send(new SendMessageBatchCommand({
    QueueUrl, Entries: [{ Id: "a", MessageBody: "1" }, { Id: "b", MessageBody: "2" }],
  }));
  assert.equal(batch.Successful.length, 2);
  await assert.rejects(sqs.send(new GetQueueUrlCommand({ QueueName: "none" })),
    { name: "QueueDoesNotExist" });
});

test("objects go through a bucket, with the checksums of the newer SDKs", async () => {
  const s3 = new S3Client({ ...server.options, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "bucket" }));
  await s3.send(new PutObjectCommand({ Bucket: "bucket", Key: "a b/ü", Body: "text" }));
  const got = await s3.send(new GetObjectCommand({ Bucket: "bucket", Key: "a b/ü" }));
  assert.equal(await got.Body.transformToString(), "text");
  assert.ok(got.ChecksumCRC32);
  const listed = await s3.send(new ListObjectsV2Command({ Bucket: "bucket" }));
  assert.deepEqual(listed.Contents.map((object) => object.Key), ["a b/ü"]);
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket: "bucket", Key: "none" })),
    { name: "NoSuchKey" });
});
