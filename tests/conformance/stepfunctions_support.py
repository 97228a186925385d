"""Reads the recordings of Step Functions and compares answers with them."""
import io
import itertools
import json
import os
import pathlib
import re
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDED_ACCOUNT = "111111111111"
OTHER_ACCOUNT = "222222222222"

FUNCTIONS = {
    "returns its event unchanged": "def handler(event, context):\n    return event\n",
    "always raises Exception('Some exception was raised.')":
        'def handler(event, context):\n    raise Exception("Some exception was raised.")\n',
    "returns the JSON-encoded UTF-8 text of the event's string form (a str built from bytes)":
        "def handler(event, context):\n    return 'HelloWorld!'\n",
    "returns a string larger than the 256 KiB payload limit":
        "def handler(event, context):\n    return 'x' * (257 * 1024)\n",
    "sleeps 60 s, then returns":
        "import time\ndef handler(event, context):\n    time.sleep(60)\n    return event\n",
    "raises a custom exception class (name and message in expected cause)":
        "class CustomException(Exception):\n    def __init__(self):\n        super().__init__()\n\n"
        "def handler(event, context):\n    raise CustomException()\n",
}

# Functions of which the recordings say "returns its event unchanged", though they show otherwise.
OWN_FUNCTIONS = {
    "services/lambda_task/invoke_pipe":
        "def handler(event, context):\n    return {'Return': 'HelloWorld'}\n",
}

# What the recorded tests deleted before the execution without noting it as a step of theirs.
LEFT_OUT = {
    "activities/activities/activity_task_on_deleted": [("stepfunctions", "delete_activity", {
        "activityArn": "arn:aws:states:us-east-1:111111111111:activity:activity-u0001"})],
    "services/sns_task_service/publish_base_error_topic_arn": [("sns", "delete_topic", {
        "TopicArn": "arn:aws:sns:us-east-1:111111111111:test-topic-u0001"})],
    "sfn_api_logs/deleted_log_group": [("logs", "delete_log_group", {
        "logGroupName": "/aws/vendedlogs/states/sfn-test-group-u0001"})],
}

# Members that need not match.
IGNORED = {"SdkHttpMetadata", "SdkResponseMetadata", "billingDetails", "stackTrace", "requestId",
           "ResponseMetadata", "redriveCount", "redriveStatus", "redriveStatusReason",
           "RedriveCount", "RedriveStatus", "RedriveStatusReason", "timestamp", "Headers"}
WORDS = {"date", "datetime", "timestamp", "start-date", "stop-date"}


def recordings(name):
    base = pathlib.Path(os.environ.get("SKAFU_CONFORMANCE",
                                       ROOT.parent / "shared" / "conformance"))
    file = base / "stepfunctions" / (name + ".jsonl")
    if not file.exists():
        file = ROOT.parent.parent / "shared" / "conformance" / "stepfunctions" / (name + ".jsonl")
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text().splitlines() if line]


def zipped(source):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("handler.py", source)
    return data.getvalue()


def numbered(case):
    """Texts that were several in the recorded test, and have one name in its data, told apart."""
    names = [name for name, text in case.get("bindings") or []]
    texts = [text for name, text in case.get("bindings") or []]
    calls = json.dumps(case["calls"])
    for text in {text for text in texts if texts.count(text) > 1}:
        count = itertools.count()
        calls = re.sub(f'(?<=": "){re.escape(text)}(?=")',
                       lambda _: f"{text}-{next(count)}", calls)
    return {**case, "calls": json.loads(calls)} if names else case


def parsed(value):
    """A text that holds JSON, as its value."""
    if isinstance(value, str) and value[:1] in ("{", "[", '"'):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


class Comparison:
    def __init__(self, case):
        self.wildcards = [w for w in case.get("wildcards") or [] if len(w) > 2]
        self.wildcards += [placeholder for placeholder, _ in case.get("bindings") or []]
        self.wildcards.append("log_group_name")
        self.differences = []

    def pattern(self, text):
        marks = "|".join([r"<[A-Za-z][^<>]*>"] +
                         [re.escape(w) for w in sorted(self.wildcards, key=len, reverse=True)])
        parts = re.split(f"({marks})", text)
        return "".join(".*" if i % 2 else re.escape(part) for i, part in enumerate(parts))

    def text_matches(self, expected, actual):
        # Where a function's code lies is its own business.
        cut = '"stackTrace"'
        if cut in expected and cut in actual:
            expected, actual = expected.split(cut)[0], actual.split(cut)[0]
            expected = expected.replace('<request-id>"', '"<request-id>"')
        if expected == actual or expected in WORDS or expected in self.wildcards:
            return True
        return re.fullmatch(self.pattern(expected), actual, re.S) is not None

    def same(self, expected, actual, extra_allowed=False):
        before = len(self.differences)
        self.compare(expected, actual, "", extra_allowed)
        equal = len(self.differences) == before
        del self.differences[before:]
        return equal

    def compare(self, expected, actual, path="", extra_allowed=False):
        if isinstance(expected, str) and isinstance(actual, str):
            if self.text_matches(expected, actual):
                return
            if parsed(actual) == expected:
                return
            first, second = parsed(expected), parsed(actual)
            if isinstance(first, (dict, list)) and isinstance(second, (dict, list)):
                self.compare(first, second, path, extra_allowed)
            else:
                self.note(path, expected, actual)
            return
        if isinstance(expected, str) and (expected in WORDS or expected in self.wildcards or
                                          re.fullmatch(r"<[^<>]*>", expected)):
            return
        if isinstance(actual, str) and not isinstance(expected, str):
            actual = parsed(actual) if isinstance(expected, (dict, list)) else self.scalar(actual)
        elif isinstance(expected, str) and not isinstance(actual, str):
            expected = parsed(expected) if isinstance(actual, (dict, list)) else self.scalar(expected)
        if isinstance(expected, dict) and isinstance(actual, dict):
            for key in expected.keys() | actual.keys():
                if key in IGNORED or (extra_allowed and key not in expected):
                    continue
                if key not in actual:
                    self.note(f"{path}/{key}", expected[key], "(absent)")
                elif key not in expected:
                    self.note(f"{path}/{key}", "(absent)", actual[key])
                else:
                    self.compare(expected[key], actual[key], f"{path}/{key}", extra_allowed)
        elif isinstance(expected, list) and isinstance(actual, list):
            if len(expected) != len(actual):
                self.note(path + "#length", expected, actual)
            for i, (one, other) in enumerate(zip(expected, actual)):
                self.compare(one, other, f"{path}[{i}]", extra_allowed)
        elif isinstance(expected, bool) != isinstance(actual, bool) or expected != actual:
            self.note(path, expected, actual)

    @staticmethod
    def scalar(text):
        try:
            return json.loads(text)
        except ValueError:
            return text

    def note(self, path, expected, actual):
        self.differences.append(
            f"{path or '/'}: expected {json.dumps(expected, default=str)[:600]}\n"
            f"    got      {json.dumps(actual, default=str)[:600]}")


def event_parts(event):
    return {key: value for key, value in event.items()
            if key not in ("id", "previousEventId", "timestamp")}


def compare_history(comparison, expected, actual, ordered):
    # The recorder left some events of Parallel states out; the last id tells how many.
    parallel = ("ParallelStateSucceeded", "ParallelStateFailed", "ParallelStateExited",
                "ParallelStateStarted")
    missing = expected[-1]["id"] - len(expected) if isinstance(expected[-1]["id"], int) else 0
    if ordered:
        comparison.compare([e["type"] for e in expected], [e["type"] for e in actual], "types")
        for i, (one, other) in enumerate(zip(expected, actual)):
            if one["type"] == other["type"]:
                comparison.compare(event_parts(one), event_parts(other), f"event {i + 1}")
                if isinstance(one.get("previousEventId"), int) and isinstance(one["id"], int):
                    comparison.compare(one["previousEventId"], other["previousEventId"],
                                       f"event {i + 1} previous")
        return
    left = list(actual)
    for event in expected:
        match = next((e for e in left if e["type"] == event["type"] and
                      comparison.same(event_parts(event), event_parts(e))), None)
        if match is None:
            comparison.note(f"event {event.get('id')}", event_parts(event),
                            [event_parts(e) for e in left if e["type"] == event["type"]])
        else:
            left.remove(match)
    unnamed = [event for event in left if event["type"] in parallel]
    if len(unnamed) > missing:
        unnamed = []
    for event in left:
        if event not in unnamed:
            comparison.note("unexpected event", None, event_parts(event))
