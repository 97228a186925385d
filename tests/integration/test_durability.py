"""With --data-dir, a server that is killed in the middle of writing comes back with everything it
has acknowledged."""
import json
import threading

from conftest import FIXTURES, wait_until

TABLE = {
    "TableName": "kept", "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}


class Writer(threading.Thread):
    """Writes items and messages until the server is gone; remembers what was acknowledged."""

    def __init__(self, server, queue_url, name):
        super().__init__()
        self.dynamodb, self.sqs = server.client("dynamodb"), server.client("sqs")
        self.queue_url, self.prefix = queue_url, name
        self.items, self.messages = [], []

    def run(self):
        try:
            while True:
                key = f"{self.prefix}-{len(self.items)}"
                self.dynamodb.put_item(TableName="kept", Item={"id": {"S": key}})
                self.items.append(key)
                self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=key)
                self.messages.append(key)
        except Exception:
            pass  # the server was killed, as intended


def all_items(server):
    pages = server.client("dynamodb").get_paginator("scan").paginate(TableName="kept")
    return {item["id"]["S"] for page in pages for item in page["Items"]}


def drain(server, queue_url):
    sqs, bodies = server.client("sqs"), set()
    while True:
        messages = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10,
                                       VisibilityTimeout=600).get("Messages", [])
        if not messages:
            return bodies
        bodies.update(m["Body"] for m in messages)


def test_everything_acknowledged_survives_a_kill(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    server.client("dynamodb").create_table(**TABLE)
    queue_url = server.client("sqs").create_queue(QueueName="kept")["QueueUrl"]
    for round_number in range(5):
        writers = [Writer(server, queue_url, f"r{round_number}w{n}") for n in range(3)]
        for writer in writers:
            writer.start()
        wait_until(lambda: all(len(w.items) > 20 for w in writers), what="some writes")
        server.kill()
        for writer in writers:
            writer.join()
        server = fresh_server("--data-dir", data_dir, port=server.port)
        assert {i for w in writers for i in w.items} <= all_items(server)
        assert {m for w in writers for m in w.messages} <= drain(server, queue_url)


def test_the_application_comes_back_on_its_data(fresh_server, data_dir):
    template = FIXTURES / "skafu" / "template.yaml"
    server = fresh_server(template, "--data-dir", data_dir)
    server.client("dynamodb").put_item(TableName="skafu-projects-development",
                                       Item={"projectId": {"S": "p1"}})
    pool = server.client("cognito-idp").list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    server.kill()
    server = fresh_server(template, "--data-dir", data_dir)
    item = server.client("dynamodb").get_item(TableName="skafu-projects-development",
                                              Key={"projectId": {"S": "p1"}})
    assert "Item" in item
    assert server.client("cognito-idp").list_user_pools(MaxResults=1)["UserPools"][0]["Id"] == pool


def test_a_newer_data_file_is_refused_in_one_sentence(fresh_server, data_dir):
    import pathlib
    import sqlite3
    import subprocess
    from conftest import find_binary
    server = fresh_server("--data-dir", data_dir)
    server.client("sqs").create_queue(QueueName="q")
    server.stop()
    database = sqlite3.connect(pathlib.Path(data_dir, "skafu.db"))
    database.execute("UPDATE schema_versions SET version = 99 WHERE component = 'collections'")
    database.commit()
    database.close()
    done = subprocess.run([find_binary(), "start", "--port", "0", "--data-dir", data_dir],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert "newer version" in done.stderr and "--data-dir" in done.stderr


def test_a_folder_in_use_is_refused_in_one_sentence(fresh_server, data_dir):
    import subprocess
    from conftest import find_binary
    fresh_server("--data-dir", data_dir)
    done = subprocess.run([find_binary(), "start", "--port", "0", "--data-dir", data_dir],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert "in use" in done.stderr and data_dir in done.stderr


def test_events_of_acknowledged_objects_survive_a_kill(fresh_server, data_dir):
    """An object's notification and its event belong to the write, not to what comes after it."""
    server = fresh_server("--data-dir", data_dir)
    sqs, s3, events = server.client("sqs"), server.client("s3"), server.client("events")
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("told", "by-bus")}
    arn = "arn:aws:sqs:us-east-1:000000000000:"
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_notification_configuration(Bucket="kept", NotificationConfiguration={
        "EventBridgeConfiguration": {},
        "QueueConfigurations": [{"QueueArn": arn + "told", "Events": ["s3:ObjectCreated:*"]}]})
    events.put_rule(Name="objects", EventPattern='{"source": ["aws.s3"]}')
    events.put_targets(Rule="objects", Targets=[{"Id": "q", "Arn": arn + "by-bus"}])
    keys = {f"object-{n}" for n in range(12)}
    for key in sorted(keys):
        server.client("s3").put_object(Bucket="kept", Key=key, Body=b"x")
        server.kill()
        server = fresh_server("--data-dir", data_dir)
    server.await_idle()
    notes = [json.loads(body) for body in drain(server, urls["told"])]
    told = {note["Records"][0]["s3"]["object"]["key"] for note in notes if "Records" in note}
    by_bus = {json.loads(body)["detail"]["object"]["key"] for body in drain(server, urls["by-bus"])}
    assert (told, by_bus) == (keys, keys)
