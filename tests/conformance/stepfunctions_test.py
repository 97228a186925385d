"""Every recording of Step Functions on real AWS, replayed against the running program."""
import base64
import datetime
import json
import pathlib
import re
import sys
import time
import urllib.request

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

from conftest import Server  # noqa: E402
from stepfunctions_support import (FUNCTIONS, LEFT_OUT, OTHER_ACCOUNT,  # noqa: E402
                                   OWN_FUNCTIONS, RECORDED_ACCOUNT, Comparison, compare_history, numbered,
                                   recordings, zipped)

CONFIG = Config(inject_host_prefix=False, retries={"max_attempts": 0}, read_timeout=90,
                parameter_validation=False)
ROLE = "arn:aws:iam::111111111111:role/sfn-role"


def cases(name):
    found = recordings(name)
    if not found:
        return [pytest.param(None, id="skipped, no recordings")]
    return [pytest.param(case, id=case["id"]) for case in found]


@pytest.fixture(scope="module")
def server():
    process = Server()
    process.start()
    yield process
    process.stop()


class House:
    """One account of the server, for one case."""
    next_account = 200000000000

    def __init__(self, server):
        House.next_account += 2
        self.account = str(House.next_account)
        self.other_account = str(House.next_account + 1)
        self.base = f"http://127.0.0.1:{server.port}"

    def client(self, service, account=None):
        return boto3.client(service, endpoint_url=self.base, region_name="us-east-1",
                            aws_access_key_id=account or self.account,
                            aws_secret_access_key="x", config=CONFIG)

    def adapt(self, value):
        """The recording's accounts and addresses, as they are here."""
        text = json.dumps(value).replace(RECORDED_ACCOUNT, self.account)
        text = text.replace(OTHER_ACCOUNT, self.other_account)
        for region in ("us-east-1", "<region>"):
            text = text.replace(f"https://sqs.{region}.amazonaws.com/", self.base + "/")
        return json.loads(text)

    def admin(self, method, path, body):
        request = urllib.request.Request(self.base + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"{}")


def set_up(house, case):
    for step in case.get("setup") or []:
        args = dict(step.get("args") or {})
        client = house.client(step["service"])
        if step["op"] == "create_function":
            args.pop("handler_file", None)
            source = OWN_FUNCTIONS.get(case["group"]) or FUNCTIONS[step["does"]]
            args.update(Handler="handler.handler", Role=ROLE, Runtime="python3.11", Timeout=70,
                        Code={"ZipFile": zipped(source)})
        if step["op"] == "put_object":
            args["Body"] = body_bytes(args.get("Body", ""))
        getattr(client, step["op"])(**args)


def body_bytes(body):
    if isinstance(body, dict) and "$bytes" in body:
        return base64.b64decode(body["$bytes"])
    return body if isinstance(body, str) else json.dumps(body)


def undo_set_up(house, case):
    """Takes away what the recorded test had taken away without noting it."""
    for service, op, args in LEFT_OUT.get(case["group"], []):
        getattr(house.client(service), op)(**house.adapt(args))


def definition_text(case):
    return case.get("definition_text") or json.dumps(case["definition"])


def input_text(case):
    if "input_text" in case:
        return case["input_text"]
    return json.dumps(case.get("input", {}))


def create_machine(house, name, definition, kind="STANDARD", account=None, **more):
    return house.client("stepfunctions", account).create_state_machine(
        name=name, definition=definition, roleArn=house.adapt(ROLE), type=kind, **more)["stateMachineArn"]


class Helper:
    """What a background worker of a case does, one step at a time."""

    def __init__(self, house, case):
        helpers = case.get("helpers") or []
        self.house = house
        self.case = case
        self.helpers = helpers
        self.queue = next((step["returns"]["QueueUrl"] for step in case.get("setup") or []
                           if step["op"] == "create_queue"), None)
        self.sfn = house.client("stepfunctions")
        for helper in helpers:
            if helper["op"] == "sfn_activity_consumer":
                wanted = helper["args"]["kwargs"]
                arn = create_machine(house, "activity-consumer", json.dumps(wanted["template"]))
                self.sfn.start_execution(stateMachineArn=arn, input=json.dumps(
                    {"ActivityArn": wanted["activity_arn"]}))

    def step(self):
        """Does what there is to do; says whether somebody else than the clock is waited for."""
        if "external-worker" in self.case["features"]:
            return self.answer_as_recorded()
        for helper in self.helpers:
            if not helper["op"].startswith("sqs_"):
                continue
            queue = helper["args"]["args"][0]
            sqs = self.house.client("sqs")
            for message in sqs.receive_message(QueueUrl=queue).get("Messages", []):
                body = json.loads(message["Body"])
                if "failure" in helper["op"]:
                    self.sfn.send_task_failure(taskToken=body["TaskToken"], error="Failure error",
                                               cause="Failure cause")
                else:
                    if "heartbeat" in helper["op"]:
                        self.sfn.send_task_heartbeat(taskToken=body["TaskToken"])
                    self.sfn.send_task_success(taskToken=body["TaskToken"],
                                               output=json.dumps(body["Message"]))
        return any(h["op"].startswith("sqs_") for h in self.helpers)

    def answer_as_recorded(self):
        """The worker that a recording only shows by its answer: heartbeats, and that answer."""
        ends = [event for event in self.case["history"]
                if event["type"] in ("TaskSucceeded", "TaskFailed")]
        for message in self.house.client("sqs").receive_message(
                QueueUrl=self.queue).get("Messages", []):
            body = json.loads(message["Body"])
            if "TopicArn" in body:
                body = json.loads(body["Message"])
            for _ in range(3):
                self.sfn.send_task_heartbeat(taskToken=body["TaskToken"])
            if ends[0]["type"] == "TaskFailed":
                details = ends[0]["taskFailedEventDetails"]
                self.sfn.send_task_failure(taskToken=body["TaskToken"], **{
                    key: details[key] for key in ("error", "cause") if key in details})
            else:
                output = ends[0]["taskSucceededEventDetails"]["output"]
                self.sfn.send_task_success(taskToken=body["TaskToken"], output=json.dumps(
                    body if "TaskToken" in output else output))
        return True


def run_to_end(house, arn, helper, actions):
    sfn = house.client("stepfunctions")
    deadline = time.monotonic() + 20
    for action in actions:
        args = {k: (arn if "xecution" in k and "rn" in k else v)
                for k, v in (action.get("args") or {}).items()}
        getattr(sfn, action["op"])(**{"executionArn": arn, **args})
    while True:
        answer = sfn.describe_execution(executionArn=arn)
        if answer["status"] != "RUNNING" or time.monotonic() > deadline:
            return answer
        if not helper.step():
            move_clock(house, helper.case)
        time.sleep(0.02)


def sleeps(case):
    return any("sleeps" in step.get("does", "") for step in case.get("setup") or [])


def move_clock(house, case):
    """To the next timer; past a function that sleeps, which nobody waits for, by seconds."""
    if not sleeps(case):
        house.admin("PUT", "/_skafu/clock", {"runToNext": True})
        return
    with urllib.request.urlopen(house.base + "/_skafu/clock", timeout=60) as answer:
        now = datetime.datetime.fromisoformat(json.load(answer)["now"].replace("Z", "+00:00"))
    later = (now + datetime.timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    house.admin("PUT", "/_skafu/clock", {"set": later})


def plain(value):
    return json.loads(json.dumps(value, default=lambda o: o.timestamp()
                                 if isinstance(o, datetime.datetime) else str(o)))


def outcome(answer):
    return {key: answer[key] for key in ("status", "output", "error", "cause") if key in answer}


def check(case, comparison):
    if comparison.differences:
        pytest.fail("\n".join([json.dumps(case.get("definition"))[:1500]] +
                              comparison.differences[:12]), pytrace=False)


@pytest.mark.parametrize("case", cases("executions"))
def test_execution(server, case):
    if case is None:
        pytest.skip("no recordings")
    if not sleeps(case):
        replay(server, case)
        return
    # The clock does not run ahead of a function, so the others shall not meet this one.
    process = Server()
    process.start()
    try:
        replay(process, case)
    finally:
        process.stop()


def replay(server, case):
    house = House(server)
    case = house.adapt(case)
    set_up(house, case)
    for machine in case.get("other_machines") or []:
        create_machine(house, machine["name"], json.dumps(machine["definition"]),
                       account=machine["arn"].split(":")[4])
    sfn = house.client("stepfunctions")
    logging = logging_configuration(house, case)
    more = {"loggingConfiguration": logging} if logging else {}
    arn = create_machine(house, case["name"], definition_text(case), case["type"], **more)
    undo_set_up(house, case)
    helper = Helper(house, case)
    comparison = Comparison(case)
    if case["type"] == "EXPRESS":
        answer = plain(sfn.start_sync_execution(stateMachineArn=arn, input=input_text(case)))
        comparison.compare(case["expected"], outcome(answer))
        started = sfn.start_execution(stateMachineArn=arn, input=input_text(case))
        compare_logs(house, case, started["executionArn"], comparison)
        check(case, comparison)
        return
    extra = {"name": case["execution_name"]} if "execution_name" in case else {}
    started = sfn.start_execution(stateMachineArn=arn, input=input_text(case), **extra)
    answer = plain(run_to_end(house, started["executionArn"], helper, case.get("actions") or []))
    comparison.compare(case["expected"], outcome(answer))
    if case.get("history"):
        _, answer = raw_call(house, "GetExecutionHistory", {
            "executionArn": started["executionArn"], "maxResults": 1000})
        events = answer["events"]
        ordered = not {"Map", "Parallel"} & set(case["state_types"])
        compare_history(comparison, case["history"], events, ordered)
    if case.get("log_events"):
        compare_logs(house, case, started["executionArn"], comparison)
    check(case, comparison)


def logging_configuration(house, case):
    """The machine's logging; some recordings have it in their names alone."""
    if "logging_configuration" in case:
        return case["logging_configuration"]
    named = re.search(r"_(ALL|ERROR|FATAL)_(True|False)\]", case["id"])
    groups = [step["args"]["logGroupName"] for step in case.get("setup") or []
              if step["op"] == "create_log_group"]
    if not named or not groups:
        return None
    arn = f"arn:aws:logs:us-east-1:{house.account}:log-group:{groups[0]}:*"
    return {"level": named[1], "includeExecutionData": named[2] == "True",
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]}


def compare_logs(house, case, arn, comparison):
    """What an execution wrote to CloudWatch Logs: all lines, or the last where only that is kept."""
    wanted = case.get("log_events") or [case["log_end_event"]]
    group = next(step["args"]["logGroupName"] for step in case["setup"]
                 if step["op"] == "create_log_group")
    logs = house.client("logs")
    deadline = time.monotonic() + 10
    lines = []
    while time.monotonic() < deadline:
        lines = [json.loads(event["message"])
                 for event in logs.filter_log_events(logGroupName=group)["events"]]
        lines = [line for line in lines if line["execution_arn"] == arn]
        if lines and lines[-1]["type"] == wanted[-1]["type"]:
            break
        time.sleep(0.02)
    comparison.compare(wanted, lines if "log_events" in case else lines[-1:], "log")


@pytest.mark.parametrize("case", cases("sync"))
def test_sync(server, case):
    if case is None:
        pytest.skip("no recordings")
    house = House(server)
    case = house.adapt(case)
    set_up(house, case)
    arn = create_machine(house, case["name"], definition_text(case), "EXPRESS")
    answer = plain(house.client("stepfunctions").start_sync_execution(
        stateMachineArn=arn, input=input_text(case)))
    comparison = Comparison(case)
    comparison.compare(case["expected"]["response"], answer)
    check(case, comparison)


@pytest.mark.parametrize("case", cases("teststate"))
def test_test_state(server, case):
    if case is None:
        pytest.skip("no recordings")
    house = House(server)
    case = house.adapt(case)
    set_up(house, case)
    args = {"definition": definition_text(case), **case["args"]}
    if "input" in case or "input_text" in case:
        args["input"] = input_text(case)
    for name in ("context", "variables"):
        if isinstance(args.get(name), (dict, list)):
            args[name] = json.dumps(args[name])
    comparison = Comparison(case)
    status, answer = raw_call(house, "TestState", args)
    expected = case["expected"]
    if "error_response" in expected:
        wanted = expected["error_response"]
        comparison.compare(wanted.get("code") or wanted.get("Error", {}).get("Code"),
                           answer.get("__type", "").split("#")[-1], "code")
        comparison.compare(wanted.get("message") or wanted.get("Error", {}).get("Message"),
                           answer.get("message"), "message")
    else:
        comparison.compare(200, status, "http status")
        comparison.compare(expected.get("response", expected), answer)
    check(case, comparison)


def raw_call(house, operation, body):
    """A call without an SDK: newer operations than it knows, and wrong input."""
    credential = f"AWS4-HMAC-SHA256 Credential={house.account}/20260101/us-east-1/states/aws4_request"
    request = urllib.request.Request(house.base + "/", json.dumps(body).encode(), {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "AWSStepFunctions." + operation,
        "Authorization": credential + ", SignedHeaders=host, Signature=0"})
    try:
        with urllib.request.urlopen(request, timeout=90) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


def operation_name(snake):
    return "".join(word.capitalize() for word in snake.split("_"))


def compare_error(comparison, expected, status, answer, where):
    comparison.compare(expected["code"], answer.get("__type", "").split("#")[-1], where + " code")
    comparison.compare(expected["message"], answer.get("message"), where + " message")
    if "http_status" in expected:
        comparison.compare(expected["http_status"], status, where + " status")


@pytest.mark.parametrize("case", cases("validation"))
def test_validation(server, case):
    if case is None:
        pytest.skip("no recordings")
    house = House(server)
    case = house.adapt(case)
    args = dict(case.get("args") or {})
    if "definition" in case or "definition_text" in case:
        args["definition"] = definition_text(case)
    if case["api"] in ("ValidateStateMachineDefinition", "CreateStateMachine") and case.get("type"):
        args.setdefault("type", case["type"])
    if "duplicate" in case["id"] or case["api"] == "UpdateStateMachine" or "multiple_dest" in case["id"]:
        pytest.skip("needs the conversation, which api.jsonl holds")
    comparison = Comparison(case)
    status, answer = raw_call(house, case["api"], args)
    if "error" in case["expected"]:
        compare_error(comparison, case["expected"]["error"], status, answer, case["api"])
    else:
        comparison.compare(case["expected"], answer)
    check(case, comparison)


def resolved(value, answers):
    if isinstance(value, str) and "${" in value:
        def lookup(match):
            index, _, path = match.group(1).partition(".")
            found = answers[int(index)]
            for part in path.replace("]", "").replace("[", ".").split("."):
                found = found[int(part)] if isinstance(found, list) else found[part]
            return str(found)
        return re.sub(r"\$\{(\d+\.[^}]*)\}", lookup, value)
    if isinstance(value, dict):
        return {k: resolved(v, answers) for k, v in value.items()}
    if isinstance(value, list):
        return [resolved(v, answers) for v in value]
    return value


@pytest.mark.parametrize("case", cases("api"))
def test_conversation(server, case):
    if case is None:
        pytest.skip("no recordings")
    house = House(server)
    case = house.adapt(numbered(case))
    set_up(house, case)
    undo_set_up(house, case)
    comparison = Comparison(case)
    answers = []
    for index, call in enumerate(case["calls"]):
        args = resolved(call["args"], answers)
        if call["op"] == "describe_map_run":
            # The recorded ARN is that of the run then; the answer before names the one of now.
            args["mapRunArn"] = answers[-1]["mapRuns"][0]["mapRunArn"]
        status, answer = raw_call(house, operation_name(call["op"]), args)
        if call["op"] == "start_execution" and status == 200 and ":express:" not in answer["executionArn"]:
            settle(house, answer["executionArn"], case["calls"][index + 1:])
        answers.append(answer)
        where = f"{index} {call['op']}"
        if "expect_error" in call:
            compare_error(comparison, call["expect_error"], status, answer, where)
        elif status != 200:
            comparison.note(where, call.get("expect"), answer)
        elif "expect" in call:
            comparison.compare(call["expect"], answer, where, extra_allowed=True)
    check(case, comparison)


def settle(house, arn, later):
    """Lets an execution end before it is looked at, unless it is to be stopped."""
    if any(call["op"] == "stop_execution" for call in later):
        return
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        _, answer = raw_call(house, "DescribeExecution", {"executionArn": arn})
        if answer.get("status") != "RUNNING":
            return
        time.sleep(0.02)
