"""SQS as boto3 (query protocol), the aws CLI and plain JSON requests see it."""
import hashlib
import json
import subprocess
import threading

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def sqs(server):
    return server.client("sqs")


@pytest.fixture
def queue(sqs, unique):
    return sqs.create_queue(QueueName=unique("q"))["QueueUrl"]


def code_of(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def json_call(server, operation, body):
    return server.request("POST", "/", json.dumps(body).encode(), {
        "X-Amz-Target": f"AmazonSQS.{operation}", "Content-Type": "application/x-amz-json-1.0",
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, "
                         "SignedHeaders=host, Signature=0"})


def test_a_message_is_sent_received_and_deleted(sqs, queue):
    sent = sqs.send_message(QueueUrl=queue, MessageBody="hällo <&>", MessageAttributes={
        "kind": {"DataType": "String", "StringValue": "order"},
        "count": {"DataType": "Number", "StringValue": "7"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}})
    assert sent["MD5OfMessageBody"] == hashlib.md5("hällo <&>".encode()).hexdigest()
    got = sqs.receive_message(QueueUrl=queue, AttributeNames=["All"], MessageAttributeNames=["All"])
    message = got["Messages"][0]
    assert message["MessageId"] == sent["MessageId"]
    assert message["Body"] == "hällo <&>"
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert message["MessageAttributes"]["raw"]["BinaryValue"] == b"\x00\xff"
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "0"
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_batches(sqs, queue):
    sent = sqs.send_message_batch(QueueUrl=queue, Entries=[
        {"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2", "DelaySeconds": 901}])
    assert [entry["Id"] for entry in sent["Successful"]] == ["a"]
    assert sent["Failed"][0]["Code"] == "InvalidParameterValue"
    got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    handle = got[0]["ReceiptHandle"]
    changed = sqs.change_message_visibility_batch(QueueUrl=queue, Entries=[
        {"Id": "x", "ReceiptHandle": handle, "VisibilityTimeout": 60}])
    assert changed["Successful"] == [{"Id": "x"}]
    done = sqs.delete_message_batch(QueueUrl=queue, Entries=[
        {"Id": "x", "ReceiptHandle": handle}, {"Id": "y", "ReceiptHandle": "nonsense"}])
    assert done["Successful"] == [{"Id": "x"}]
    assert done["Failed"][0]["Code"] == "ReceiptHandleIsInvalid"


def test_long_polling_ends_with_the_message(sqs, server, queue):
    answers = []
    poll = threading.Thread(target=lambda: answers.append(
        server.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=20)))
    poll.start()
    sqs.send_message(QueueUrl=queue, MessageBody="now")
    poll.join(5)
    assert answers[0]["Messages"][0]["Body"] == "now"


def test_fifo_order_and_deduplication(sqs, unique):
    queue = sqs.create_queue(QueueName=unique("q") + ".fifo", Attributes={
        "FifoQueue": "true", "ContentBasedDeduplication": "true"})["QueueUrl"]
    first = sqs.send_message(QueueUrl=queue, MessageBody="1", MessageGroupId="g")
    again = sqs.send_message(QueueUrl=queue, MessageBody="1", MessageGroupId="g")
    assert first["MessageId"] == again["MessageId"]
    assert first["SequenceNumber"] == again["SequenceNumber"]
    sqs.send_message(QueueUrl=queue, MessageBody="2", MessageGroupId="g")
    one = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert [m["Body"] for m in one] == ["1"]
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=one[0]["ReceiptHandle"])
    assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "2"
    assert code_of(sqs.send_message, QueueUrl=queue, MessageBody="3") == "MissingParameter"


def test_dead_letters(sqs, unique, queue):
    name = unique("dead")
    dead = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(
        QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})})
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    assert sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0)["Messages"]
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    assert sqs.receive_message(QueueUrl=dead)["Messages"][0]["Body"] == "x"
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [queue]


def refusal(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_dead_letter_queues_must_be_there_and_of_the_same_type(sqs, unique, queue):
    def redrive(target):
        return json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": 3})

    def refused(policy, why):
        return ("InvalidParameterValue",
                f"Value {policy} for parameter RedrivePolicy is invalid. Reason: {why}")

    fifo = unique("dead") + ".fifo"
    sqs.create_queue(QueueName=fifo, Attributes={"FifoQueue": "true"})
    arn = "arn:aws:sqs:us-east-1:000000000000:"
    name = unique("source")
    for policy, why in (
            (redrive("dummy"), "Invalid value for deadLetterTargetArn."),
            (redrive(arn + "none"), "Dead letter target does not exist."),
            (redrive(arn + fifo), "Dead-letter queue must be same type of queue as the source..")):
        attributes = {"RedrivePolicy": policy}
        assert refusal(sqs.create_queue, QueueName=name, Attributes=attributes) == \
            refused(policy, why)
        assert refusal(sqs.set_queue_attributes, QueueUrl=queue, Attributes=attributes) == \
            refused(policy, why)
    assert code_of(sqs.get_queue_url, QueueName=name) == "AWS.SimpleQueueService.NonExistentQueue"


def test_what_sqs_refuses_of_a_message(sqs, unique, queue):
    fifo = sqs.create_queue(QueueName=unique("q") + ".fifo",
                            Attributes={"FifoQueue": "true"})["QueueUrl"]
    why = "can only include alphanumeric and punctuation characters. 1 to 128 in length."
    for ids in ({"MessageGroupId": "g h", "MessageDeduplicationId": "d"},
                {"MessageGroupId": "g" * 129, "MessageDeduplicationId": "d"},
                {"MessageGroupId": "g", "MessageDeduplicationId": "é"}):
        code, message = refusal(sqs.send_message, QueueUrl=fifo, MessageBody="x", **ids)
        assert code == "InvalidParameterValue" and message.endswith(why)
    for name, text in (("AWS.x", "reserved for internal use"), ("a..b", "'a..b' is invalid")):
        code, message = refusal(sqs.send_message, QueueUrl=queue, MessageBody="x",
                                MessageAttributes={name: {"DataType": "String",
                                                          "StringValue": "v"}})
        assert code == "InvalidParameterValue" and text in message
    assert refusal(sqs.receive_message, QueueUrl=queue, AttributeNames=["Bogus"]) == (
        "InvalidAttributeName", "Unknown Attribute Bogus.")
    assert refusal(sqs.set_queue_attributes, QueueUrl=queue, Attributes={"Policy": "{"}) == (
        "InvalidAttributeValue", "Invalid value for the parameter Policy.")
    permission = {"QueueUrl": queue, "Label": "l", "AWSAccountIds": ["111111111111"],
                  "Actions": ["SendMessage"]}
    sqs.add_permission(**permission)
    assert refusal(sqs.add_permission, **permission) == (
        "InvalidParameterValue",
        "Value l for parameter Label is invalid. Reason: Already exists.")


def test_errors_have_their_names_in_both_protocols(sqs, server, queue):
    missing = queue + "-missing"
    assert code_of(sqs.send_message, QueueUrl=missing, MessageBody="x") == \
        "AWS.SimpleQueueService.NonExistentQueue"
    assert code_of(sqs.send_message_batch, QueueUrl=queue, Entries=[]) == \
        "AWS.SimpleQueueService.EmptyBatchRequest"
    assert code_of(sqs.receive_message, QueueUrl=queue, MaxNumberOfMessages=11) == \
        "InvalidParameterValue"
    status, headers, body = json_call(server, "SendMessage",
                                      {"QueueUrl": missing, "MessageBody": "x"})
    assert status == 400
    assert headers["x-amzn-query-error"] == "AWS.SimpleQueueService.NonExistentQueue;Sender"
    assert json.loads(body)["__type"] == "com.amazonaws.sqs#QueueDoesNotExist"


def test_the_json_protocol(server, queue):
    status, _, body = json_call(server, "SendMessage", {"QueueUrl": queue, "MessageBody": "j"})
    assert status == 200
    sent = json.loads(body)
    status, _, body = json_call(server, "ReceiveMessage", {
        "QueueUrl": queue, "MessageSystemAttributeNames": ["All"]})
    message = json.loads(body)["Messages"][0]
    assert message["MessageId"] == sent["MessageId"]
    assert message["Attributes"]["SenderId"]


def test_queue_administration(sqs, unique):
    name = unique("q")
    url = sqs.create_queue(QueueName=name, Attributes={"DelaySeconds": "1"},
                           tags={"team": "a"})["QueueUrl"]
    assert sqs.create_queue(QueueName=name, Attributes={"DelaySeconds": "1"})["QueueUrl"] == url
    assert code_of(sqs.create_queue, QueueName=name, Attributes={"DelaySeconds": "2"}) == \
        "QueueAlreadyExists"
    assert sqs.get_queue_url(QueueName=name)["QueueUrl"] == url
    assert sqs.list_queues(QueueNamePrefix=name)["QueueUrls"] == [url]
    sqs.tag_queue(QueueUrl=url, Tags={"stage": "b"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["team"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"stage": "b"}
    sqs.send_message(QueueUrl=url, MessageBody="x")
    sqs.purge_queue(QueueUrl=url)
    counted = sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesDelayed"])["Attributes"]
    assert counted == {"ApproximateNumberOfMessagesDelayed": "0"}
    sqs.delete_queue(QueueUrl=url)
    assert code_of(sqs.get_queue_url, QueueName=name) == "AWS.SimpleQueueService.NonExistentQueue"


def test_accounts_do_not_meet(server, unique):
    name = unique("q")
    server.client("sqs", account="111111111111").create_queue(QueueName=name)
    other = server.client("sqs", account="222222222222")
    assert code_of(other.get_queue_url, QueueName=name) == "AWS.SimpleQueueService.NonExistentQueue"


def test_acknowledged_messages_survive_a_kill(fresh_server, data_dir, unique):
    running = fresh_server("--data-dir", data_dir)
    queue = running.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    for i in range(20):
        running.client("sqs").send_message(QueueUrl=queue, MessageBody=str(i))
    running.kill()
    again = fresh_server("--data-dir", data_dir)
    sqs = again.client("sqs")
    queue = sqs.get_queue_url(QueueName="q")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "20"


def test_the_aws_cli(server, unique):
    name = unique("cli")

    def aws(*args):
        done = subprocess.run(
            ["/usr/bin/aws", "--endpoint-url", server.url, "--region", "us-east-1",
             "--output", "json", "sqs", *args], capture_output=True, text=True, check=True,
            env={"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                 "PATH": "/usr/bin:/bin"})
        return json.loads(done.stdout) if done.stdout else None

    url = aws("create-queue", "--queue-name", name)["QueueUrl"]
    aws("send-message", "--queue-url", url, "--message-body", "from the shell")
    got = aws("receive-message", "--queue-url", url)
    assert got["Messages"][0]["Body"] == "from the shell"
