"""skafu-local sfn run, and the drawing of an execution that it is made from."""
import json
import os
import pty
import re
import subprocess

import pytest
from conftest import find_binary

ROLE = "arn:aws:iam::000000000000:role/states"
ORDER = {
    "StartAt": "Check",
    "States": {
        "Check": {"Type": "Choice", "Default": "Refuse", "Choices": [
            {"Variable": "$.total", "NumericGreaterThan": 0, "Next": "Both"}]},
        "Refuse": {"Type": "Fail", "Error": "NoTotal", "Cause": "nothing was ordered"},
        "Both": {"Type": "Parallel", "ResultPath": "$.both", "Next": "Each", "Branches": [
            {"StartAt": "Left", "States": {"Left": {"Type": "Pass", "Result": "l", "End": True}}},
            {"StartAt": "Right", "States": {"Right": {"Type": "Pass", "Result": "r", "End": True}}}]},
        "Each": {"Type": "Map", "ItemsPath": "$.items", "ResultPath": "$.done", "Next": "Send",
                 "ItemProcessor": {"StartAt": "Item", "States": {
                     "Item": {"Type": "Wait", "Seconds": 30, "End": True}}}},
        "Send": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True,
                 "Parameters": {"QueueUrl": "http://localhost/000000000000/q", "MessageBody": "m"},
                 "Retry": [{"ErrorEquals": ["Sqs.Busy"], "IntervalSeconds": 60, "MaxAttempts": 2}],
                 "ResultPath": "$.sent"},
    }}
MOCKS = {
    "StateMachines": {"Order": {"TestCases": {
        "Happy": {"Send": "Sent"}, "Busy": {"Send": "BusyTwice"}, "Short": {"Send": "BusyOnce"}}}},
    "MockedResponses": {
        "Sent": {"0": {"Return": {"MessageId": "1"}}},
        "BusyTwice": {"0-1": {"Throw": {"Error": "Sqs.Busy", "Cause": "come again"}},
                      "2": {"Return": {"MessageId": "3"}}},
        "BusyOnce": {"0": {"Throw": {"Error": "Sqs.Busy"}}}}}


@pytest.fixture
def files(tmp_path):
    (tmp_path / "order.asl.json").write_text(json.dumps(ORDER))
    (tmp_path / "mocks.json").write_text(json.dumps(MOCKS))
    (tmp_path / "input.json").write_text('{"total": 1, "items": [1, 2]}')
    return tmp_path


def run(files, *args, **kwargs):
    return subprocess.run([find_binary(), "sfn", "run", *map(str, args)], cwd=files, text=True,
                          capture_output=True, timeout=30, **kwargs)


def words(text):
    """The lines without times: "exited Left"."""
    return [" ".join(re.sub(r"after [\d.]+ m?s.*", "", line[13:]).split())
            for line in text.splitlines() if re.match(r" *\d+\.\d{3} s  ", line)]


def test_a_definition_file_runs_in_the_process(files):
    done = run(files, "order.asl.json", "--input", "input.json", "--mock", "mocks.json#Busy",
               "--advance")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = words(done.stdout)
    assert lines[:2] == ["entered Check (Choice)", "exited Check"]
    assert "entered Left (Pass)" in lines and "entered Item [1] (Wait)" in lines
    assert lines[-5:] == [
        "failed Send: Sqs.Busy: come again", "retry Send, attempt 2",
        "failed Send: Sqs.Busy: come again", "retry Send, attempt 3", "exited Send"]
    assert "SUCCEEDED after 210." in done.stdout
    output = json.loads(done.stdout[done.stdout.index("\n{"):])
    assert output["both"] == ["l", "r"] and output["sent"] == {"MessageId": "3"}


def test_the_exit_status_says_how_it_ended(files):
    done = run(files, "order.asl.json", "--input", '{"total": 0}')
    assert done.returncode == 1
    assert re.search(r"^FAILED after .*: NoTotal: nothing was ordered$", done.stdout, re.M)
    assert "\x1b" not in done.stdout
    quiet = run(files, "order.asl.json", "--quiet", "--advance", "--mock", "mocks.json#Happy",
                "--input", "-", input='{"total": 1, "items": []}')
    assert json.loads(quiet.stdout)["sent"] == {"MessageId": "1"} and quiet.returncode == 0
    # A mocked state never calls its service, so an attempt without a response is an error.
    short = run(files, "order.asl.json", "--advance", "--mock", "mocks.json#Short", "--input",
                '{"total": 1, "items": []}')
    assert short.returncode == 1 and "no response for this attempt" in short.stdout


@pytest.mark.parametrize("args, words_of_it", [
    (["order.asl.json", "--input", "{"], "--input is neither JSON"),
    (["order.asl.json", "--mock", "mocks.json"], "FILE#TestCase"),
    (["order.asl.json", "--mock", "mocks.json#Nobody"], "Invalid Test Case"),
    (["order.asl.json", "--mock", "input.json#Happy"], "StateMachines"),
    (["input.json"], "StartAt"),
    (["NoSuchMachine", "--endpoint", "http://127.0.0.1:1"],
     "no answer from http://127.0.0.1:1: Connection refused [system:111]\n"),
    (["no/such.asl.json"], "there is no file no/such.asl.json"),
])
def test_what_cannot_run_is_told_in_one_line(files, args, words_of_it):
    done = run(files, *args)
    assert done.returncode == 1 and words_of_it in done.stderr, done.stderr


def test_an_input_that_is_no_json_is_named():
    done = subprocess.run([find_binary(), "eval", "jsonata", "1", "--input", os.devnull], capture_output=True,
                          text=True, timeout=20)
    assert done.returncode == 1 and done.stderr.strip() == f"skafu-local: {os.devnull} is not JSON"


def test_a_machine_of_a_server_runs_by_arn_and_by_name(files, server, unique):
    name = unique()
    definition = {"StartAt": "Wait", "States": {
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Greet"},
        "Greet": {"Type": "Pass", "Result": "hello", "End": True}}}
    arn = server.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
    for machine in (arn, name):
        done = run(files, machine, "--endpoint", server.url)
        assert done.returncode == 0, done.stderr
        assert words(done.stdout) == ["entered Wait (Wait)", "exited Wait", "entered Greet (Pass)",
                                      "exited Greet"]
        assert done.stdout.endswith('"hello"\n')
    missing = run(files, arn + "x", "--endpoint", server.url)
    assert missing.returncode == 1 and "StateMachineDoesNotExist" in missing.stderr


def test_on_a_terminal_it_is_coloured(files):
    parent, child = pty.openpty()
    process = subprocess.Popen([find_binary(), "sfn", "run", "order.asl.json"], cwd=files,
                               stdout=child, stderr=child)
    os.close(child)
    text = b""
    try:
        while part := os.read(parent, 4096):
            text += part
    except OSError:
        pass  # the end of a terminal
    assert process.wait(20) == 1
    assert b"\x1b[1;31mFAILED" in text and "✘".encode() not in text


def test_the_drawing_tells_each_state(server, unique):
    sfn = server.client("stepfunctions")
    definition = json.loads(json.dumps(ORDER))
    definition["States"]["Each"]["ItemProcessor"]["States"]["Item"]["Seconds"] = 0
    definition["States"]["Send"]["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": "Refuse"}]
    arn = sfn.create_state_machine(name=unique(), definition=json.dumps(definition),
                                   roleArn=ROLE)["stateMachineArn"]
    execution = sfn.start_execution(
        stateMachineArn=arn, input='{"total": 1, "items": [7]}')["executionArn"]
    server.admin("POST", "/await", {"until": {"execution": execution, "status": "FAILED"}})
    _, drawing = server.admin("GET", f"/executions/{execution}")
    states = {s["name"]: s for s in drawing["graph"]["states"]}
    assert states["Send"]["status"] == "CAUGHT_ERROR"
    assert states["Send"]["error"] == "SQS.QueueDoesNotExistException"
    assert states["Refuse"]["status"] == "FAILED" and states["Refuse"]["error"] == "NoTotal"
    assert states["Check"]["next"] == ["Both", "Refuse"]
    assert json.loads(states["Both"]["output"])["both"] == ["l", "r"]
    assert states["Both"]["branches"][1][0]["status"] == "SUCCEEDED"
    item = states["Each"]["processor"][0]
    assert (item["visits"], item["input"], item["durationMs"]) == (1, "7", 0)
    steps = drawing["steps"]
    assert [s["name"] for s in steps if "parent" not in s] == [
        "Check", "Both", "Each", "Send", "Refuse"]
    assert next(s for s in steps if s["name"] == "Item")["iteration"] == 0
    _, rest = server.admin("GET", f"/executions/{execution}?after={drawing['events'][-3]['id']}")
    assert rest["events"] == drawing["events"][-2:]
