"""SNS as boto3 sees it."""
import json

import pytest
from botocore.exceptions import ClientError
from conftest import wait_until


@pytest.fixture
def sns(server):
    return server.client("sns")


@pytest.fixture
def sqs(server):
    return server.client("sqs")


@pytest.fixture
def topic(sns, unique):
    return sns.create_topic(Name=unique("t"))["TopicArn"]


@pytest.fixture
def queue(sqs, unique):
    return sqs.create_queue(QueueName=unique("q"))["QueueUrl"]


def arn_of(sqs, queue):
    return sqs.get_queue_attributes(
        QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def receive(sqs, queue):
    got = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5, MessageAttributeNames=["All"],
                              AttributeNames=["All"])
    return got["Messages"][0]


def error_of(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_messages_reach_queues_in_their_envelope(sns, sqs, topic, queue):
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(sqs, queue))
    sent = sns.publish(TopicArn=topic, Message="hi", Subject="s", MessageAttributes={
        "kind": {"DataType": "String", "StringValue": "a"}})
    body = json.loads(receive(sqs, queue)["Body"])
    assert body["Type"] == "Notification" and body["MessageId"] == sent["MessageId"]
    assert body["Message"] == "hi" and body["Subject"] == "s" and body["TopicArn"] == topic
    assert body["MessageAttributes"] == {"kind": {"Type": "String", "Value": "a"}}


def test_raw_delivery_and_filters(sns, sqs, topic, queue):
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(sqs, queue), Attributes={
        "RawMessageDelivery": "true",
        "FilterPolicy": json.dumps({"kind": ["order", {"prefix": "x-"}],
                                    "amount": [{"numeric": [">", 10]}]})})["SubscriptionArn"]
    amount = {"DataType": "Number", "StringValue": "11"}
    for kind, wanted in [("other", False), ("x-1", True)]:
        sns.publish(TopicArn=topic, Message=kind, MessageAttributes={
            "kind": {"DataType": "String", "StringValue": kind}, "amount": amount})
    message = receive(sqs, queue)
    assert message["Body"] == "x-1"
    assert message["MessageAttributes"]["kind"]["StringValue"] == "x-1"
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert attributes["RawMessageDelivery"] == "true"
    assert error_of(sns.set_subscription_attributes, SubscriptionArn=arn,
                    AttributeName="FilterPolicy", AttributeValue="no json") == "InvalidParameter"


def test_filters_on_the_body(sns, sqs, topic, queue):
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(sqs, queue), Attributes={
        "FilterPolicyScope": "MessageBody", "RawMessageDelivery": "true",
        "FilterPolicy": json.dumps({"detail": {"state": [{"anything-but": ["off"]}]}})})
    for state in ["off", "on"]:
        sns.publish(TopicArn=topic, Message=json.dumps({"detail": {"state": state}}))
    assert json.loads(receive(sqs, queue)["Body"])["detail"]["state"] == "on"


def test_fifo_topics(sns, sqs, unique):
    topic = sns.create_topic(Name=unique("t") + ".fifo", Attributes={
        "FifoTopic": "true", "ContentBasedDeduplication": "true"})["TopicArn"]
    queue = sqs.create_queue(QueueName=unique("q") + ".fifo",
                             Attributes={"FifoQueue": "true"})["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(sqs, queue),
                  Attributes={"RawMessageDelivery": "true"})
    first = sns.publish(TopicArn=topic, Message="1", MessageGroupId="g")
    assert sns.publish(TopicArn=topic, Message="1", MessageGroupId="g")["MessageId"] == \
        first["MessageId"]
    message = receive(sqs, queue)
    assert message["Body"] == "1" and message["Attributes"]["MessageGroupId"] == "g"


def test_batches_texts_and_errors(server, sns, topic):
    done = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[
        {"Id": "a", "Message": "1"}, {"Id": "b", "Message": "2"}])
    assert [entry["Id"] for entry in done["Successful"]] == ["a", "b"]
    sent = sns.publish(PhoneNumber="+41000000000", Message="call me")["MessageId"]
    _, recorded = server.admin("GET", "/sns/messages")
    assert [m["message"] for m in recorded["messages"] if m["messageId"] == sent] == ["call me"]
    assert error_of(sns.publish, TopicArn=topic + "x", Message="m") == "NotFound"


def test_administration(sns, sqs, topic, queue):
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(sqs, queue))[
        "SubscriptionArn"]
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [s["SubscriptionArn"] for s in listed] == [arn]
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "1"
    sns.unsubscribe(SubscriptionArn=arn)
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "a", "Value": "b"}])
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "a", "Value": "b"}]
    sns.delete_topic(TopicArn=topic)
    wait_until(lambda: topic not in [t["TopicArn"] for t in sns.list_topics()["Topics"]])


def test_what_sns_refuses(sns, topic):
    def message_of(call, **arguments):
        with pytest.raises(ClientError) as error:
            call(TopicArn=topic, **arguments)
        assert error.value.response["Error"]["Code"] == "InvalidParameter"
        return error.value.response["Error"]["Message"].removeprefix("Invalid parameter: ")

    queue = "arn:aws:sqs:us-east-1:000000000000:q"
    for protocol, endpoint, why in (
            ("sqs", "http://localhost/000000000000/q", "SQS endpoint ARN"),
            ("lambda", queue, "Lambda endpoint ARN"),
            ("https", "http://localhost/", "Endpoint must match the specified protocol"),
            ("email", "nobody", "Email address")):
        assert message_of(sns.subscribe, Protocol=protocol, Endpoint=endpoint) == why
    assert message_of(sns.subscribe, Protocol="sqs", Endpoint=queue,
                      Attributes={"Bogus": "x"}) == "AttributeName"
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
    for subject in ("two\nlines", "x" * 101):
        assert message_of(sns.publish, Message="m", Subject=subject) == "Subject"
