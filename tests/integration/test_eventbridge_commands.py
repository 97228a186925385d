"""The events commands of the program: record, replay, diff, explain, transform."""
import gzip
import http.server
import json
import random
import signal
import subprocess
import threading
import uuid

import pytest

from conftest import FIXTURES, find_binary, wait_until
from test_eventbridge import ALL, bodies, is_empty, put, rule

RECORDING = FIXTURES / "events" / "project-created.jsonl"


@pytest.fixture
def server(fresh_server):
    return fresh_server()


def command(server, *args, status=0):
    done = subprocess.run([find_binary(), "events", *map(str, args)], capture_output=True,
                          text=True, timeout=60, env={"AWS_ENDPOINT_URL": server.url})
    assert done.returncode == status, done.stdout + done.stderr
    return done


def queue(server, name="q"):
    url = server.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    return url, {"Arn": f"arn:aws:sqs:us-east-1:000000000000:{name}"}


EVENT = {"version": "0", "id": "1", "detail-type": "T", "source": "s",
         "time": "2026-01-01T00:00:00Z", "detail": {"n": 0}}


def numbered(n, **more):
    return json.dumps({**EVENT, "detail": {"n": n}, **more})


def catch_all(server, name="q", bus="default"):
    """A queue that gets every event of a bus."""
    url, target = queue(server, name)
    rule(server.client("events"), bus, name, ALL, target)
    return url


def numbers(server, url, count):
    got = [event["detail"]["n"] for event in bodies(server.client("sqs"), url, count)]
    assert is_empty(server.client("sqs"), url)
    return got


# --- what is read

def test_replay_puts_recorded_events_once(server):
    url = catch_all(server)
    recorded = [json.loads(line) for line in RECORDING.read_text().splitlines()]
    done = command(server, "replay", RECORDING)
    assert f"{len(recorded)} events sent" in done.stderr
    assert f"matched {len(recorded)}, delivered {len(recorded)}" in done.stdout
    got = bodies(server.client("sqs"), url, len(recorded))
    assert [e["detail"] for e in got] == [e["detail"] for e in recorded]
    assert [e["time"] for e in got] == [e["time"] for e in recorded]


def test_replay_reads_what_others_export(server, tmp_path):
    url = catch_all(server)
    sns = {"Type": "Notification", "TopicArn": "arn", "Message": numbered(5)}
    with gzip.open(tmp_path / "mixed.gz", "wt") as out:
        out.write(numbered(1) + numbered(2) + "\n")                         # Firehose
        out.write(json.dumps({"Records": [{"body": numbered(3)}]}) + "\n")  # SQS to Lambda
        out.write("2026-01-01T00:00:00.000Z " + numbered(4) + "\n")         # Logs, to S3
        out.write(json.dumps({"Messages": [{"Body": json.dumps(sns)}]}) + "\n")
        out.write(json.dumps({"bus": "default", "matchedRules": 1, "rules": ["r"],
                              "event": json.loads(numbered(6))}) + "\n")
        out.write(json.dumps({"Source": "s", "DetailType": "T", "Detail": '{"n": 7}'}) + "\n")
    command(server, "replay", tmp_path / "mixed.gz")
    assert numbers(server, url, 7) == [1, 2, 3, 4, 5, 6, 7]


def test_replay_reads_exports_of_cloudwatch_logs(server, tmp_path):
    url = catch_all(server)
    found = {"events": [{"logStreamName": "a", "timestamp": n, "message": numbered(n),
                         "ingestionTime": n, "eventId": str(n)} for n in (1, 2)],
             "searchedLogStreams": []}
    (tmp_path / "filter.json").write_text(json.dumps(found, indent=4))
    got = {"events": [{"timestamp": 3, "message": numbered(3)}], "nextForwardToken": "f/3"}
    (tmp_path / "get.json").write_text(json.dumps(got, indent=4))

    def chunk(kind, *messages):  # of a subscription through Firehose: nothing between them
        return json.dumps({"messageType": kind, "owner": "1", "logGroup": "g", "logStream": "s",
                           "logEvents": [{"id": "1", "timestamp": 1, "message": m}
                                         for m in messages]})
    control = chunk("CONTROL_MESSAGE", "CWL CONTROL MESSAGE: Checking health of destination")
    with gzip.open(tmp_path / "firehose.gz", "wt") as out:
        out.write(control + chunk("DATA_MESSAGE", numbered(4), numbered(5))
                  + chunk("DATA_MESSAGE", numbered(6)))
    command(server, "replay", *(tmp_path / name for name in
                                ("filter.json", "get.json", "firehose.gz")))
    assert numbers(server, url, 6) == [1, 2, 3, 4, 5, 6]


def test_replay_reads_what_a_query_of_logs_found(server, tmp_path):
    url = catch_all(server)
    rows = [[{"field": "@timestamp", "value": "2026-01-01 00:00:00.000"},
             {"field": "@message", "value": numbered(n)}, {"field": "@ptr", "value": "p"}]
            for n in (1, 2)]
    (tmp_path / "results.json").write_text(json.dumps(
        {"results": rows, "statistics": {"recordsMatched": 2.0}, "status": "Complete"}, indent=4))
    command(server, "replay", tmp_path / "results.json")
    assert numbers(server, url, 2) == [1, 2]


def test_replay_reads_folders_as_they_are_exported(server, tmp_path):
    url = catch_all(server)
    (tmp_path / "aws-logs-write-test").write_text("Permission Check Successful")
    (tmp_path / ".DS_Store").write_bytes(b"\0")
    for n, name in ((3, "2026/01/02/00/b-1.gz"), (1, "2026/01/01/23/a-1.gz"), (2, "2026/01/01/23/a-2.gz")):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(numbered(n).encode()))
    command(server, "replay", tmp_path)
    assert numbers(server, url, 3) == [1, 2, 3]


def test_names_that_nothing_has_are_refused(server, tmp_path):
    url = catch_all(server)
    file = tmp_path / "events.jsonl"
    file.write_text(numbered(1))
    assert "Rule absent is on no bus." in command(server, "replay", file, "--rule", "absent",
                                                  status=1).stderr
    assert "Event bus absent does not exist." in command(
        server, "record", "--bus", "absent", "-o", tmp_path / "out.jsonl", status=1).stderr
    assert is_empty(server.client("sqs"), url)


def test_bad_lines_are_told_by_number_and_skipped_only_when_asked(server, tmp_path):
    url = catch_all(server)
    file = tmp_path / "events.jsonl"
    lines = [numbered(1), '{"version": "0", "detail-type": ', numbered(2), "no json at all",
             '{"a": "line ends', numbered(3) + '{"id": "x", "detail": {"n":1' + numbered(4),
             '{"valid": "but no event"}', numbered(5, source=""), numbered(6)]
    file.write_text("\n".join(lines))
    done = command(server, "replay", file, status=1)
    assert f"{file}:2: " in done.stderr and "--skip-bad" in done.stderr
    assert "1 events sent" in done.stderr
    done = command(server, "replay", file, "--skip-bad", status=1)
    assert "5 bad lines" in done.stderr and "1 refused" in done.stderr
    for line in (2, 4, 5, 6, 7, 8):
        assert f"{file}:{line}: " in done.stderr
    assert f"{file}:8: The event has no source." in done.stderr
    assert numbers(server, url, 5) == [1, 2, 3, 4, 6]


def test_an_unknown_bus_stops_a_replay_where_it_stands(server, tmp_path):
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(json.dumps({"bus": bus, "event": json.loads(numbered(n))})
                              for n, bus in enumerate(["default", "absent", "default"])))
    url = catch_all(server)
    done = command(server, "replay", file, status=1)
    assert f"{file}:2: Event bus absent does not exist." in done.stderr
    server.client("events").create_event_bus(Name="absent")
    rule(server.client("events"), "absent", "r", ALL,
         {"Arn": "arn:aws:sqs:us-east-1:000000000000:q"})
    done = command(server, "replay", file)
    assert "2 events sent" in done.stderr and "1 sent earlier" in done.stderr
    assert numbers(server, url, 3) == [0, 1, 2]


# --- once

def test_a_killed_replay_goes_on_without_losing_or_doubling(server, tmp_path):
    url = catch_all(server)
    file = tmp_path / "events.jsonl"
    count = 300
    file.write_text("\n".join(numbered(n, time=f"2026-01-01T00:{n // 60:02}:{n % 60:02}Z")
                              for n in range(count)))
    sqs = server.client("sqs")

    def arrived():
        answer = sqs.get_queue_attributes(QueueUrl=url,
                                          AttributeNames=["ApproximateNumberOfMessages"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])
    for goal in (40, 110, 200):
        runner = subprocess.Popen([find_binary(), "events", "replay", "--url", server.url,
                                   "--speed", "200x", str(file)], stderr=subprocess.DEVNULL)
        wait_until(lambda: arrived() >= goal)
        runner.kill()
        assert runner.wait() == -9
    done = command(server, "replay", file)
    assert "sent earlier" in done.stderr
    assert numbers(server, url, count) == list(range(count))


def test_a_batch_that_is_sent_again_is_answered_and_not_put_again(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    url = catch_all(server)
    batch = {"position": 0, "next": 2, "fingerprint": "f", "events": [
        {"position": n, "event": json.loads(numbered(n))} for n in range(2)]}
    first = server.admin("POST", "/events/replays/mine", batch)
    assert first[0] == 200 and first[1]["accepted"] == 2
    port = server.port
    server.kill()
    server.start(port)
    assert server.admin("POST", "/events/replays/mine", batch) == first
    assert server.admin("GET", "/events/replays/mine")[1]["position"] == 2
    status, answer = server.admin("POST", "/events/replays/mine", {**batch, "position": 1})
    assert (status, answer["error"]) == (409, "ConflictException")
    assert numbers(server, url, 2) == [0, 1]


def test_an_interrupted_replay_says_so_and_goes_on(server, tmp_path):
    url = catch_all(server)
    file = tmp_path / "events.jsonl"
    file.write_text(numbered(0) + "\n" + numbered(1, time="2026-01-01T01:00:00Z") + "\n")
    runner = subprocess.Popen([find_binary(), "events", "replay", "--url", server.url, "--speed",
                               "1x", str(file)], stderr=subprocess.PIPE, text=True)
    assert bodies(server.client("sqs"), url, 1)[0]["detail"] == {"n": 0}
    runner.send_signal(signal.SIGINT)
    assert "goes on from here" in runner.communicate(timeout=30)[1]
    assert runner.returncode == 130
    other = tmp_path / "other"
    other.write_text(file.read_text())
    file.write_text(numbered(7) + "\n" + numbered(8) + "\n")
    assert "not the recording that was interrupted" in command(
        server, "replay", file, status=1).stderr
    file.write_text(other.read_text())
    command(server, "replay", "--map-time", "--restart", file)
    done = command(server, "replay", file)
    assert "1 events sent" in done.stderr and "1 sent earlier" in done.stderr
    got = bodies(server.client("sqs"), url, 3)
    assert [e["detail"]["n"] for e in got] == [0, 1, 1]
    assert got[0]["time"] != "2026-01-01T00:00:00Z" and got[2]["time"] == "2026-01-01T01:00:00Z"


def test_replay_of_chosen_events(server, tmp_path):
    url = catch_all(server)
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(numbered(n, time=f"2026-01-0{n + 1}T00:00:00Z") for n in range(6)))
    done = command(server, "replay", file, "--from", "2026-01-02T00:00:00Z", "--to",
                   "2026-01-06T00:00:00Z", "--filter", '{"detail":{"n":[{"numeric":[">",2]}]}}')
    assert "2 events sent" in done.stderr and "4 left out" in done.stderr
    assert numbers(server, url, 2) == [3, 4]


# --- a real bus

class Bus(http.server.BaseHTTPRequestHandler):
    """PutEvents of an account with narrow limits: what it takes is in `taken`."""
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        bus = self.server
        with bus.lock:
            bus.requests += 1
            bus.headers.append(dict(self.headers))
            entries = json.loads(body)["Entries"]
            if bus.refuses(bus.requests):
                return self.answer(*bus.refuses(bus.requests))
            results = []
            for entry in entries:
                if bus.randomness.random() < 0.3:
                    results.append({"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate"})
                else:
                    bus.taken.append(entry)
                    results.append({"EventId": str(len(bus.taken))})
        failed = sum("ErrorCode" in result for result in results)
        self.answer(200, {"FailedEntryCount": failed, "Entries": results})

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def real_bus():
    bus = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bus)
    bus.lock, bus.randomness = threading.Lock(), random.Random(4)
    bus.requests, bus.taken, bus.headers = 0, [], []
    bus.refuses = lambda request: None
    threading.Thread(target=bus.serve_forever, daemon=True).start()
    yield bus
    bus.shutdown()


def replay_to(bus, *args):
    return subprocess.run(
        [find_binary(), "events", "replay", "--endpoint", f"http://127.0.0.1:{bus.server_port}",
         *map(str, args)], capture_output=True, text=True, timeout=60,
        env={"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
             "AWS_SESSION_TOKEN": "session", "AWS_REGION": "eu-west-1"})


def test_replay_to_a_real_bus_keeps_within_its_limits(real_bus, tmp_path):
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(numbered(n) for n in range(120)))
    throttled = (400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
    real_bus.refuses = lambda request: throttled if request % 4 == 1 else None
    done = replay_to(real_bus, file, "--bus", "orders", "--replay-name", "again")
    assert done.returncode == 0, done.stderr
    assert "120 events sent" in done.stderr
    assert sorted(json.loads(e["Detail"])["n"] for e in real_bus.taken) == list(range(120))
    entry = real_bus.taken[0]
    assert entry["EventBusName"] == "orders" and entry["Resources"] == ["replay/again"]
    assert entry["Time"] == 1767225600
    headers = real_bus.headers[0]
    assert headers["X-Amz-Target"] == "AWSEvents.PutEvents"
    assert headers["X-Amz-Security-Token"] == "session"
    day = headers["X-Amz-Date"][:8]
    assert headers["Authorization"].startswith(
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{day}/eu-west-1/events/aws4_request, Signed")
    assert not list(tmp_path.glob("*.replay"))


def test_replay_to_a_real_bus_goes_on_where_it_was_refused(real_bus, tmp_path):
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(numbered(n) for n in range(120)))
    expired = (403, {"__type": "ExpiredTokenException", "message": "The token has expired"})
    real_bus.refuses = lambda request: expired if request > 5 else None
    done = replay_to(real_bus, file)
    assert done.returncode == 1 and "ExpiredTokenException: The token has expired" in done.stderr
    assert 0 < len(real_bus.taken) < 120
    real_bus.refuses = lambda request: None
    done = replay_to(real_bus, file)
    assert done.returncode == 0, done.stderr
    assert sorted(json.loads(e["Detail"])["n"] for e in real_bus.taken) == list(range(120))


def test_what_was_under_way_when_killed_is_in_doubt(real_bus, tmp_path):
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(numbered(n) for n in range(40)))
    real_bus.randomness = random.Random()
    real_bus.randomness.random = lambda: 1  # takes all
    held = threading.Event()

    def hold(request):
        if request > 2:
            real_bus.lock.release()
            held.wait(30)
            real_bus.lock.acquire()
        return None
    real_bus.refuses = hold
    runner = subprocess.Popen(
        [find_binary(), "events", "replay", str(file), "--endpoint",
         f"http://127.0.0.1:{real_bus.server_port}"], stderr=subprocess.DEVNULL)
    wait_until(lambda: len(real_bus.taken) == 20 and real_bus.requests == 4)
    log = tmp_path / "events.jsonl.replay"
    wait_until(lambda: log.read_text().count("-") == 2)
    runner.kill()
    runner.wait()
    held.set()
    wait_until(lambda: len(real_bus.taken) == 40)
    kept = log.read_text()
    done = replay_to(real_bus, file, "--in-doubt", "skip")
    assert "20 in doubt and left out" in done.stderr and len(real_bus.taken) == 40
    log.write_text(kept)
    done = replay_to(real_bus, file)
    assert "20 that may be there twice" in done.stderr and len(real_bus.taken) == 60


# --- event stores

def store_item(aggregate, sequence, time, n):
    event = {"eventId": f"{aggregate}-{sequence}", "source": "store", "eventType": "T",
             "timestamp": time, "data": {}, "n": n}
    return {"aggregateId": {"S": aggregate}, "eventSequence": {"N": str(sequence)},
            "eventType": {"S": "T"}, "timestamp": {"S": time}, "event": {"S": json.dumps(event)}}


STORE = [store_item("b", 2, "2026-01-01T00:00:04Z", 4), store_item("a", 10, "2026-01-03T00:00:00Z", 6),
         store_item("b", 1, "2026-01-01T00:00:03+00:00", 3),
         store_item("a", 2, "2026-01-01T00:00:01Z", 2),  # by a clock that was late
         store_item("a", 1, "2026-01-01T00:00:02.000Z", 1), store_item("b", 3, "2026-01-02T00:00:00Z", 5)]


def test_an_event_store_is_replayed_in_its_sequence(server, tmp_path):
    url = catch_all(server)
    (tmp_path / "export.json").write_text("\n".join(json.dumps({"Item": i}) for i in STORE))
    plain = {"aggregateId": "c", "sequence": 1, "eventType": "T", "source": "s", "n": 7,
             "timestamp": "2020-01-01T00:00:00Z"}
    (tmp_path / "plain.jsonl").write_text(json.dumps(plain))
    command(server, "replay", tmp_path / "export.json", tmp_path / "plain.jsonl")
    got = bodies(server.client("sqs"), url, 7)
    assert [e["detail"]["n"] for e in got] == [1, 2, 3, 4, 5, 6, 7]
    assert got[0]["replay-name"] == "event-store" and got[0]["detail-type"] == "T"
    assert got[0]["time"] == "2026-01-01T00:00:02Z"


def test_projections_are_rebuilt_from_the_table(server):
    dynamodb, events = server.client("dynamodb"), server.client("events")
    dynamodb.create_table(
        TableName="store", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "aggregateId", "KeyType": "HASH"},
                   {"AttributeName": "eventSequence", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "aggregateId", "AttributeType": "S"},
                              {"AttributeName": "eventSequence", "AttributeType": "N"}])
    other = {"aggregateId": {"S": "a"}, "eventSequence": {"N": "0"}, "snapshot": {"S": "{}"}}
    for item in [*STORE, other]:
        dynamodb.put_item(TableName="store", Item=item)
    events.create_event_bus(Name="domain")
    bus = events.describe_event_bus(Name="domain")["Arn"]
    events.create_archive(ArchiveName="kept", EventSourceArn=bus)
    projection, everything = catch_all(server, "projection", "domain"), catch_all(server, "all", "domain")
    done = command(server, "replay", "--table", "store", "--bus", "domain", "--rule", "projection",
                   "--replay-name", "rebuild")
    assert "6 events sent" in done.stderr and "1 items without an event" in done.stderr
    got = bodies(server.client("sqs"), projection, 6)
    assert [e["detail"]["n"] for e in got] == [1, 2, 3, 4, 5, 6]
    assert {e["replay-name"] for e in got} == {"rebuild"}
    assert is_empty(server.client("sqs"), everything)
    assert events.describe_archive(ArchiveName="kept")["EventCount"] == 0
    command(server, "replay", "--table", "store", "--bus", "domain", "--aggregate", "b",
            "--from", "2026-01-01T00:00:04Z", "--to", "2026-01-02T00:00:00Z")
    assert numbers(server, everything, 1) == [4]


def test_recorded_events_rebuild_the_sample_application(fresh_server):
    server = fresh_server(FIXTURES / "skafu" / "template.yaml")
    command(server, "replay", RECORDING, "--bus", "skafu-domain-development")
    command(server, "replay", FIXTURES / "events" / "errors.jsonl", "--bus",
            "skafu-errors-development")
    # A function that a busy machine lets run into its timeout is tried again: the clock hurries.
    server.await_idle(timeout=60, advance=True)
    dynamodb = server.client("dynamodb")
    recorded = [json.loads(line)["detail"] for line in RECORDING.read_text().splitlines()]
    projects = {item["projectId"]["S"]: item["createdAt"]["S"] for item in
                dynamodb.scan(TableName="skafu-projects-development")["Items"]}
    assert projects == {e["data"]["projectId"]: e["timestamp"] for e in recorded}
    errors = dynamodb.scan(TableName="skafu-errors-development")["Items"]
    assert len(errors) == 3


# --- record and compare

def test_record_writes_what_comes(server, tmp_path):
    events = server.client("events")
    file = tmp_path / "out.jsonl"
    recorder = subprocess.Popen(
        [find_binary(), "events", "record", "--url", server.url, "--count", "2",
         "--pattern", '{"source":["wanted"]}', "-o", str(file)],
        stderr=subprocess.PIPE, text=True)
    assert recorder.stderr.readline() == "Recording.\n"
    for n in range(2):
        put(events, "default", {"n": n}, source="wanted")
        put(events, "default", {"n": n}, source="other")
    assert recorder.wait(30) == 0
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["event"]["detail"]["n"] for line in lines] == [0, 1]
    assert lines[0]["bus"] == "default"
    assert command(server, "diff", file, file).stdout.endswith("0 of 2 flows differ\n")


def test_record_until_it_is_interrupted(server, tmp_path):
    events = server.client("events", account="111111111111", region="eu-west-1")
    file = tmp_path / "out.jsonl"
    recorder = subprocess.Popen(
        [find_binary(), "events", "record", "-o", str(file)], stderr=subprocess.PIPE, text=True,
        env={"AWS_ENDPOINT_URL": server.url, "AWS_ACCESS_KEY_ID": "111111111111",
             "AWS_REGION": "eu-west-1"})
    assert recorder.stderr.readline() == "Recording.\n"
    rule(events, "default", "r", ALL)
    for n in range(25):
        put(events, "default", {"n": n})
    put(server.client("events"), "default", {"n": "of another account"})
    recorder.send_signal(signal.SIGTERM)
    assert "25 events" in recorder.communicate(timeout=30)[1]
    assert recorder.returncode == 0
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["event"]["detail"]["n"] for line in lines] == list(range(25))
    assert lines[0]["rules"] == ["r"] and lines[0]["matchedRules"] == 1


def recording(path, flows):
    """Flows of (correlation id, [(type, rules, detail)])."""
    with open(path, "w") as out:
        for correlation, told in flows:
            for kind, rules, detail in told:
                event = {"id": str(uuid.uuid4()), "time": "2026-01-01T00:00:00Z", "source": "s",
                         "detail-type": kind,
                         "detail": {"eventId": str(uuid.uuid4()), "correlationId": correlation,
                                    **detail}}
                out.write(json.dumps({"bus": "b", "rules": rules, "event": event}) + "\n")
    return path


def test_diff_compares_what_events_caused(server, tmp_path):
    def flow(total, end=("C", ["r"], {})):
        order, at = str(uuid.uuid4()), f"2026-01-01T00:00:{total:02}Z"
        return str(uuid.uuid4()), [("A", ["r"], {"total": total, "order": order}),
                                   ("B", [], {"of": f"order {order}", "at": at}), end]
    one = recording(tmp_path / "one", [flow(1), flow(2)])
    kind, (first, second, third) = flow(1)
    other = recording(tmp_path / "other", [flow(2), (kind, [first, third, second])])
    assert command(server, "diff", one, other).stdout.endswith("0 of 2 flows differ\n")
    worse = recording(tmp_path / "worse", [flow(1), flow(2, end=("C", [], {}))])
    shown = command(server, "diff", one, worse, status=1).stdout
    assert "1 of 2 flows differ" in shown
    assert [line[:4] for line in shown.splitlines() if line.startswith("  ")] == [
        "    ", "    ", "  - ", "  + "]
    mixed = recording(tmp_path / "mixed", [flow(1), (kind, [
        ("A", ["r"], {"total": 2, "order": str(uuid.uuid4())}),
        ("B", [], {"of": f"order {uuid.uuid4()}", "at": "2026-01-01T00:00:00Z"}),
        ("C", ["r"], {})])])
    command(server, "diff", one, mixed, status=1)  # another order than the flow's own


def test_explain_and_transform(server):
    events = server.client("events")
    _, target = queue(server)
    rule(events, "default", "misses", {"source": ["Project-Management.projects"]})
    rule(events, "default", "fits", ALL, {**target, "InputPath": "$.detail.eventType"})
    shown = command(server, "explain", RECORDING).stdout
    assert "yes fits" in shown and "no  misses" in shown
    assert "only the case of letters differs" in shown
    shown = command(server, "transform", "fits", "0", RECORDING).stdout
    assert shown.splitlines()[0] == '"ProjectCreated"'
