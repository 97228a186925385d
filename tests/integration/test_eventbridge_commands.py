"""The events commands of the program: record, replay, diff, explain, transform."""
import gzip
import json
import subprocess

import pytest

from conftest import FIXTURES, find_binary, wait_until
from test_eventbridge import ALL, bodies, put, rule

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


def test_replay_puts_recorded_events_once(server):
    url, target = queue(server)
    rule(server.client("events"), "default", "r", ALL, target)
    recorded = [json.loads(line) for line in RECORDING.read_text().splitlines()]
    done = command(server, "replay", RECORDING)
    assert f"{len(recorded)} events sent" in done.stderr
    assert f"matched {len(recorded)}" in done.stdout
    got = bodies(server.client("sqs"), url, len(recorded))
    assert [e["detail"] for e in got] == [e["detail"] for e in recorded]
    assert [e["time"] for e in got] == [e["time"] for e in recorded]


def test_replay_reads_what_others_export(server, tmp_path):
    url, target = queue(server)
    rule(server.client("events"), "default", "r", ALL, target)
    event = {"version": "0", "id": "1", "detail-type": "T", "source": "s",
             "time": "2026-01-01T00:00:00Z", "detail": {"n": 0}}

    def numbered(n):
        return json.dumps({**event, "detail": {"n": n}})

    store = {"Item": {"eventType": {"S": "T"}, "source": {"S": "s"}, "n": {"N": "5"}}}
    with gzip.open(tmp_path / "mixed.gz", "wt") as out:
        out.write(numbered(1) + numbered(2) + "\n")                      # Firehose
        out.write(json.dumps({"Records": [{"body": numbered(3)}]}) + "\n")  # SQS
        out.write("2026-01-01T00:00:00.000Z " + numbered(4) + "\n")      # CloudWatch Logs
        out.write(json.dumps(store) + "\n")                              # the event store
    command(server, "replay", tmp_path / "mixed.gz")
    got = bodies(server.client("sqs"), url, 5)
    assert [e["detail"]["n"] for e in got] == [1, 2, 3, 4, 5]


def test_replay_stops_at_a_bad_line_and_goes_on_where_it_was(server, tmp_path):
    url, target = queue(server)
    rule(server.client("events"), "default", "r", ALL, target)
    good = RECORDING.read_text().splitlines()[0]
    file = tmp_path / "events.jsonl"
    file.write_text(good + "\nnot json {\n" + good + "\n")
    done = command(server, "replay", file, status=1)
    assert "events.jsonl:2:" in done.stderr
    done = command(server, "replay", file, "--skip-bad", status=1)
    assert "1 events sent" in done.stderr
    assert len(bodies(server.client("sqs"), url, 2)) == 2


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


def test_diff_ignores_ids_and_times(server, tmp_path):
    def recording(name, correlation, total):
        event = {"id": name, "time": name, "detail-type": "T", "source": "s",
                 "detail": {"eventId": name, "correlationId": correlation, "total": total}}
        (tmp_path / name).write_text(json.dumps({"bus": "b", "matchedRules": 1, "event": event}))
        return tmp_path / name
    one, two = recording("one", "c1", 5), recording("two", "c2", 5)
    other = recording("other", "c3", 6)
    command(server, "diff", one, two)
    assert '"total":6' in command(server, "diff", one, other, status=1).stdout


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
