"""Killed at random moments with executions in flight, the server ends each of them rightly."""
import json
import random
import threading
import time

import pytest
from conftest import wait_until
from machines_support import answer_of, ended

ROLE = "arn:aws:iam::000000000000:role/states"
SIGNED = ("AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/states/aws4_request, "
          "SignedHeaders=host, Signature=0")
FLOW = {
    "StartAt": "Wait",
    "States": {
        "Wait": {"Type": "Wait", "SecondsPath": "$.n", "Next": "Each"},
        "Each": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "ResultPath": "$.each",
                 "Next": "Both", "ItemProcessor": {"StartAt": "Nap", "States": {
                     "Nap": {"Type": "Wait", "Seconds": 2, "Next": "Count"},
                     "Count": {"Type": "Pass", "End": True,
                               "Parameters": {"v.$": "States.MathAdd($, 1)"}}}}},
        "Both": {"Type": "Parallel", "ResultPath": "$.both", "Next": "Nested", "Branches": [
            {"StartAt": "Left", "States": {"Left": {
                "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueUrl",
                "Parameters": {"QueueName": "is-not-there"},
                "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 3, "MaxAttempts": 2}],
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}], "End": True},
                "Caught": {"Type": "Pass", "Result": "caught", "End": True}}},
            {"StartAt": "Right", "States": {"Right": {"Type": "Wait", "Seconds": 5, "Next": "R"},
                                            "R": {"Type": "Pass", "Result": "r", "End": True}}}]},
        "Nested": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
                   "Parameters": {"StateMachineArn": "INNER", "Input": {"n.$": "$.n"}},
                   "ResultSelector": {"n.$": "$.Output.n"}, "ResultPath": "$.nested",
                   "Next": "Ask"},
        "Ask": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "Parameters": {"QueueUrl": "QUEUE",
                               "MessageBody": {"token.$": "$$.Task.Token", "n.$": "$.n"}},
                "ResultPath": "$.answer", "Next": "Done"},
        "Done": {"Type": "Succeed"},
    }}
INNER = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 4, "End": True}}}


class Life:
    """A server that is killed and comes back; whoever speaks to it meanwhile tries again."""

    def __init__(self, server):
        self.server, self.port = server, server.port
        self.sqs, self.sfn = server.client("sqs"), server.client("stepfunctions")
        self.lives = 1

    def die_and_return(self):
        self.server.kill()
        self.server.start(self.port)
        # A new life begins at the real time; what the last one sent is visible from then on when
        # its clock, which ran ahead, said so.
        self.lives += 1
        self.server.admin("PUT", "/clock", {"advance": f"{self.lives * 2}m"})

    def answer_tokens(self, queue):
        """Answers what waits in the queue."""
        for message in self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get(
                "Messages", []):
            body = json.loads(message["Body"])
            try:
                self.sfn.send_task_success(taskToken=body["token"],
                                           output=json.dumps(body["n"] * 10))
            except self.sfn.exceptions.ClientError:
                pass  # it was answered before, and the server died before the message was deleted
            self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def make_machines(server):
    sfn = server.client("stepfunctions")
    queue = server.client("sqs").create_queue(
        QueueName="questions", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
    inner = sfn.create_state_machine(name="inner", definition=json.dumps(INNER),
                                     roleArn=ROLE)["stateMachineArn"]
    text = json.dumps(FLOW).replace("QUEUE", queue).replace("INNER", inner)
    return queue, sfn.create_state_machine(name="flow", definition=text,
                                           roleArn=ROLE)["stateMachineArn"]


def test_killed_at_random_all_executions_reach_the_right_end(fresh_server, data_dir):
    chance = random.Random(11)
    life = Life(fresh_server("--data-dir", data_dir))
    queue, machine = make_machines(life.server)
    started = {}
    sfn = life.sfn
    for n in range(25):
        data = json.dumps({"n": n, "items": list(range(n % 5))})
        execution = sfn.start_execution(stateMachineArn=machine, input=data)
        started[execution["executionArn"]] = n

    stop = threading.Event()

    def drive():
        """The clock runs ahead and tokens are answered until all have ended."""
        while not stop.is_set():
            try:
                life.server.admin("POST", "/await",
                                  {"until": "idle", "timeout": "50ms", "advance": True})
                life.answer_tokens(queue)
            except Exception:  # the server is gone for a moment, as intended
                stop.wait(0.01)

    driver = threading.Thread(target=drive)
    driver.start()
    try:
        for _ in range(12):
            time.sleep(chance.uniform(0.01, 0.25))
            life.die_and_return()
        wait_until(lambda: statuses(life.sfn, machine).count("SUCCEEDED") == len(started),
                   timeout=60, what="the end of all executions")
    finally:
        stop.set()
        driver.join()
    for execution, n in started.items():
        output = json.loads(sfn.describe_execution(executionArn=execution)["output"])
        assert output == {"n": n, "items": list(range(n % 5)),
                          "each": [{"v": i + 1} for i in range(n % 5)],
                          "both": ["caught", "r"], "nested": {"n": n}, "answer": n * 10}
        events = sfn.get_execution_history(executionArn=execution, maxResults=1000)["events"]
        assert [e["id"] for e in events] == list(range(1, len(events) + 1))
        exits = [e["stateExitedEventDetails"]["name"] for e in events
                 if e["type"].endswith("StateExited")]
        assert exits.count("Wait") == exits.count("Nested") == exits.count("Done") == 1


def statuses(sfn, machine):
    pages = sfn.get_paginator("list_executions").paginate(stateMachineArn=machine)
    return [e["status"] for page in pages for e in page["executions"]]


def test_an_express_execution_runs_at_least_once(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    queue = server.client("sqs").create_queue(QueueName="done")["QueueUrl"]
    sfn = server.client("stepfunctions")
    arn = sfn.create_state_machine(name="express", type="EXPRESS", roleArn=ROLE, definition=json.dumps(
        {"StartAt": "W", "States": {
            "W": {"Type": "Wait", "Seconds": 2, "Next": "S"},
            "S": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True,
                  "Parameters": {"QueueUrl": queue, "MessageBody.$": "$.text"}}}}))["stateMachineArn"]
    sfn.start_execution(stateMachineArn=arn, input='{"text": "hello"}')
    port = server.port
    for _ in range(2):
        server.kill()
        server.start(port)
    server.await_idle(advance=True)
    messages = server.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert [m["Body"] for m in messages] == ["hello"]
    server.kill()
    server.start(port)
    server.await_idle(advance=True)
    assert "Messages" not in server.client("sqs").receive_message(QueueUrl=queue)


def test_a_failed_execution_can_be_redriven_after_a_restart(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    sfn = server.client("stepfunctions")
    arn = sfn.create_state_machine(name="redriven", roleArn=ROLE, definition=json.dumps(
        {"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Result": 1, "ResultPath": "$.a", "Next": "B"},
            "B": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueUrl",
                  "Parameters": {"QueueName": "late"}, "ResultPath": "$.b", "End": True}}})
    )["stateMachineArn"]
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    wait_until(lambda: sfn.describe_execution(executionArn=execution)["status"] == "FAILED")
    port = server.port
    server.kill()
    server.start(port)
    server.client("sqs").create_queue(QueueName="late")
    status, _, data = server.request("POST", "/", {"executionArn": execution}, {
        "X-Amz-Target": "AWSStepFunctions.RedriveExecution", "Authorization": SIGNED,
        "Content-Type": "application/x-amz-json-1.0"})
    assert status == 200, data
    answer = wait_until(lambda: (lambda d: d if d["status"] == "SUCCEEDED" else None)(
        sfn.describe_execution(executionArn=execution)))
    assert json.loads(answer["output"])["a"] == 1


def each_item(kind="STANDARD", **fields):
    """A Map Run whose child for a number waits, and answers ten times the number."""
    return {"M": {"Type": "Map", "ItemsPath": "$.items", "Label": "Each", "End": True, **fields,
                  "ItemProcessor": {
                      "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind},
                      "StartAt": "Nap", "States": {
                          "Nap": {"Type": "Wait", "Seconds": 3, "Next": "Made"},
                          "Made": {"Type": "Pass", "End": True,
                                   "Parameters": {"n.$": "$"}}}}}}


def one_run(server, execution):
    """DescribeMapRun of the only run of an execution."""
    runs = answer_of(server, "ListMapRuns", executionArn=execution)["mapRuns"]
    assert len(runs) == 1
    return answer_of(server, "DescribeMapRun", mapRunArn=runs[0]["mapRunArn"])


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_a_map_run_goes_on_with_the_children_it_had(fresh_server, data_dir, kind):
    chance = random.Random(kind)
    life = Life(fresh_server("--data-dir", data_dir))
    items = list(range(14))
    machine = life.sfn.create_state_machine(
        name="each", roleArn=ROLE, definition=json.dumps(
            {"StartAt": "M", "States": each_item(kind, MaxConcurrency=4)}))["stateMachineArn"]
    execution = life.sfn.start_execution(stateMachineArn=machine,
                                         input=json.dumps({"items": items}))["executionArn"]
    seen = {}  # children that had ended, and when
    for lap in range(8):
        life.server.admin("PUT", "/clock", {"advance": f"{chance.randrange(3)}s"})
        run = one_run(life.server, execution)
        assert run["itemCounts"]["total"] == len(items)
        if kind == "STANDARD":
            for child in answer_of(life.server, "ListExecutions", mapRunArn=run["mapRunArn"],
                                   statusFilter="SUCCEEDED")["executions"]:
                assert seen.setdefault(child["executionArn"], child["stopDate"]) == child["stopDate"]
        life.die_and_return()
        assert one_run(life.server, execution)["mapRunArn"] == run["mapRunArn"]
    life.server.await_idle(advance=True)
    answer = ended(life.server, execution)
    assert answer["status"] == "SUCCEEDED", answer
    assert json.loads(answer["output"]) == [{"n": n} for n in items]
    run = one_run(life.server, execution)
    for counts in (run["itemCounts"], run["executionCounts"]):
        assert (counts["succeeded"], counts["total"]) == (len(items), len(items))
    types = [event["type"] for event in answer_of(life.server, "GetExecutionHistory",
                                                  executionArn=execution)["events"]]
    assert types == ["ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapRunStarted",
                     "MapRunSucceeded", "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"]
    if kind == "STANDARD":
        children = answer_of(life.server, "ListExecutions", mapRunArn=run["mapRunArn"])["executions"]
        assert len(children) == len(items) and set(seen) <= {c["executionArn"] for c in children}
    life.die_and_return()
    assert one_run(life.server, execution) == run


def test_what_failed_can_be_redriven_after_a_restart(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    s3, sfn = server.client("s3"), server.client("stepfunctions")
    s3.create_bucket(Bucket="keys")
    s3.put_object(Bucket="keys", Key="a", Body=b"x")
    head = {"StartAt": "Note", "States": {
        "Note": {"Type": "Pass", "Parameters": {"key.$": "$"}, "Next": "Head"},
        "Head": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:headObject",
                 "Parameters": {"Bucket": "keys", "Key.$": "$.key"}, "ResultSelector": {},
                 "ResultPath": "$.found", "End": True}}}
    machines = {}
    for mode in ("INLINE", "DISTRIBUTED"):
        config = {"Mode": mode}
        if mode == "DISTRIBUTED":
            config["ExecutionType"] = "STANDARD"
        machines[mode] = sfn.create_state_machine(
            name=mode, roleArn=ROLE, definition=json.dumps({"StartAt": "M", "States": {"M": {
                "Type": "Map", "ItemsPath": "$.keys", "End": True, "MaxConcurrency": 2,
                "ItemProcessor": {"ProcessorConfig": config, **head}}}}))["stateMachineArn"]
    runs = {mode: sfn.start_execution(stateMachineArn=arn, input='{"keys": ["a", "b", "c"]}')[
        "executionArn"] for mode, arn in machines.items()}
    for execution in runs.values():
        assert ended(server, execution)["status"] == "FAILED"
    before = one_run(server, runs["DISTRIBUTED"])
    port = server.port
    server.kill()
    server.start(port)
    assert one_run(server, runs["DISTRIBUTED"]) == before
    for key in ("b", "c"):
        s3.put_object(Bucket="keys", Key=key, Body=b"x")
    for mode, execution in runs.items():
        answer_of(server, "RedriveExecution", executionArn=execution)
        answer = ended(server, execution)
        assert answer["status"] == "SUCCEEDED", (mode, answer)
        assert json.loads(answer["output"]) == [{"key": key, "found": {}} for key in "abc"], mode
    # What had ended well was not done again.
    events = answer_of(server, "GetExecutionHistory", executionArn=runs["INLINE"])["events"]
    entered = [event["stateEnteredEventDetails"]["input"] for event in events
               if event["type"] == "PassStateEntered"]
    assert entered.count('"a"') == 1
    run = one_run(server, runs["DISTRIBUTED"])
    assert (run["redriveCount"], run["executionCounts"]["succeeded"]) == (1, 3)
    children = answer_of(server, "ListExecutions", mapRunArn=run["mapRunArn"])["executions"]
    assert len(children) == 3
