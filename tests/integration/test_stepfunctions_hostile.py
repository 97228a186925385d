"""Definitions, inputs and expressions that mean harm: they end in AWS's error, within limits, and
nobody else waits for them long."""
import json
import threading
import time

import pytest

ROLE = "arn:aws:iam::000000000000:role/states"
PATIENCE = 5.0  # seconds that others may wait; the limits are far below, the machine may be busy


class Onlooker(threading.Thread):
    """Somebody else's small requests, and the longest that one of them took."""

    def __init__(self, server):
        super().__init__()
        self.server, self.longest, self.done = server, 0.0, threading.Event()

    def run(self):
        while not self.done.wait(0.02):
            before = time.monotonic()
            self.server.request("GET", "/_skafu/health")
            self.longest = max(self.longest, time.monotonic() - before)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.join()
        assert self.longest < PATIENCE


def express(server, name, state, **more):
    definition = {"StartAt": "S", "States": {"S": state, **more}}
    return server.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=ROLE,
        type="EXPRESS")["stateMachineArn"]


def outcome(server, arn, data=None):
    answer = server.client("stepfunctions", read_timeout=30).start_sync_execution(
        stateMachineArn=arn, input=json.dumps({} if data is None else data))
    return answer["status"], answer.get("error"), answer.get("cause", "")


@pytest.mark.parametrize("expression", [
    "($f := function($n) { $f($n + 1) }; $f(0))",
    "($f := function($n) { 1 + $f($n + 1) }; $f(0))",
    "($f := function($a, $b) { $f($a & $b, $b & $a) }; $f('a', 'b'))",
    "$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)",
    "$replace('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxz y', /(x+x+)+y/, 'z')",
    "$count([1..10000000].[1..10000000])",
    "$sum([1..10000000].($ * 2))",
    "[1..100000000]",
    "$range(0, 100000000, 1)",
    "$pad('x', 900000000)",
    "$join([1..9000000].'abcdefghij')",
    "$reduce([1..60], function($a, $b) { $append($a, $a) }, [1, 2])",
    "$sort([1..3000000], function($a, $b) { $a < $b })",
    "$partition([1..10000000], 1)",
])
def test_an_expression_without_end(server, unique, expression):
    arn = express(server, unique(), {"Type": "Pass", "QueryLanguage": "JSONata",
                                     "Output": "{% " + expression + " %}", "End": True})
    with Onlooker(server):
        status, error, cause = outcome(server, arn)
    assert (status, error) == ("FAILED", "States.QueryEvaluationError"), cause[:300]
    assert "threw an error during evaluation" in cause


def test_an_expression_that_takes_long_lets_others_go_on(fresh_server):
    server = fresh_server()
    arn = express(server, "long", {"Type": "Pass", "QueryLanguage": "JSONata", "End": True,
                                   "Output": "{% ($f := function($n) { $f($n + 1) }; $f(0)) %}"})
    waits = []
    for _ in range(5):  # the best of some: the machine may be busy
        with Onlooker(server) as onlooker:
            assert "U1001" in outcome(server, arn)[2]
        waits.append(onlooker.longest)
    assert min(waits) < 0.5


def test_work_that_is_honest_is_done(server, unique):
    arn = express(server, unique(), {
        "Type": "Pass", "QueryLanguage": "JSONata", "End": True,
        "Output": "{% $sum($sort([1..3000], function($a, $b) { $a < $b })[[0..999]]) %}"})
    answer = server.client("stepfunctions").start_sync_execution(stateMachineArn=arn)
    assert answer.get("output") == str(sum(range(2001, 3001))), answer


@pytest.mark.parametrize("parameters", [
    {"v.$": "$..*..*..*..*..*"},
    {"v.$": "States.ArrayRange(1, 100000000, 1)"},
    {"v.$": "States.ArrayPartition(States.ArrayRange(1, 1000000, 1), 1)"},
    {"v.$": "$.list[?(@.name =~ /(a+)+$/)]"},
])
def test_paths_and_intrinsics_without_end(server, unique, parameters):
    nested = {"name": "a" * 40 + "!"}
    for _ in range(40):
        nested = {"a": nested, "b": [1, 2, 3], "name": "a" * 40 + "!"}
    with Onlooker(server):
        try:
            arn = express(server, unique(), {"Type": "Pass", "Parameters": parameters, "End": True})
        except server.client("stepfunctions").exceptions.InvalidDefinition:
            return  # refused beforehand
        status, error, _ = outcome(server, arn, {"list": [nested] * 20})
    assert status == "SUCCEEDED" or error in ("States.Runtime", "States.IntrinsicFailure",
                                              "States.DataLimitExceeded")


def test_a_pattern_of_stars_is_matched_in_no_time(server, unique):
    arn = express(server, unique(), {"Type": "Choice", "Default": "No", "Choices": [
        {"Variable": "$.t", "StringMatches": "*a" * 60 + "*b", "Next": "Yes"}]},
        Yes={"Type": "Succeed"}, No={"Type": "Fail", "Error": "No"})
    before = time.monotonic()
    assert outcome(server, arn, {"t": "a" * 100_000})[:2] == ("FAILED", "No")
    assert time.monotonic() - before < PATIENCE


def chain(count, next_of):
    return json.dumps({"StartAt": "s0", "States": {
        f"s{n}": {"Type": "Pass", "Next": next_of(n)} if n + 1 < count else
                 {"Type": "Pass", "End": True} for n in range(count)}}, separators=(",", ":"))


def nested_parallel(depth):
    text = '{"StartAt":"p","States":{"p":{"Type":"Pass","End":true}}}'
    for n in range(depth):
        text = ('{"StartAt":"p%d","States":{"p%d":{"Type":"Parallel","End":true,"Branches":[%s]}}}'
                % (n, n, text))
    return text


def nested_rule(depth):
    rule = '{"Variable":"$.a","IsNull":true}'
    return ('{"StartAt":"c","States":{"c":{"Type":"Choice","Choices":[{"Next":"d",' +
            '"And":[' + '{"And":[' * depth + rule + "]}" * depth +
            ']}]},"d":{"Type":"Succeed"}}}')


HOSTILE = {
    "a megabyte of states": chain(25_000, lambda n: f"s{n + 1}"),
    "a megabyte of states that lead nowhere": chain(24_000, lambda n: f"t{n + 1}"),
    "branches in branches": nested_parallel(2_000),
    "brackets": '{"StartAt":"a","States":' + "[" * 500_000,
    "rules in rules": nested_rule(20_000),
    "an input template without floor": '{"StartAt":"a","States":{"a":{"Type":"Pass","End":true,'
                                       '"Parameters":' + '{"a":' * 20_000 + "1" + "}" * 20_002 + "}",
    "calls in calls": '{"StartAt":"a","States":{"a":{"Type":"Pass","End":true,"Parameters":{"a.$":"'
                      + "States.Array(" * 20_000 + ")" * 20_000 + '"}}}}',
    "parentheses": '{"StartAt":"a","QueryLanguage":"JSONata","States":{"a":{"Type":"Pass","End":true,'
                   '"Output":"{% ' + "(" * 200_000 + "1" + ")" * 200_000 + ' %}"}}}',
    "a path of dots": '{"StartAt":"a","States":{"a":{"Type":"Pass","End":true,"InputPath":"$'
                      + ".a" * 200_000 + '"}}}',
    "brackets in a path": '{"StartAt":"a","States":{"a":{"Type":"Pass","End":true,"InputPath":"$'
                          + "[?(@.a" * 50_000 + '"}}}',
    "more than a megabyte": chain(40_000, lambda n: f"s{n + 1}"),
    "no text at all": "\u0000\u0001",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_definition(server, unique, what):
    sfn = server.client("stepfunctions", read_timeout=30)
    with Onlooker(server):
        try:
            sfn.create_state_machine(name=unique(), definition=HOSTILE[what], roleArn=ROLE)
        except sfn.exceptions.ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
            assert len(error.response["Error"]["Message"]) < 8_000_000


def test_a_machine_that_runs_in_circles_stalls_nobody(fresh_server):
    server = fresh_server()
    circle = {"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Choice", "Default": "A", "Choices": [
            {"Variable": "$.way_out", "IsPresent": True, "Next": "Out"}]},
        "Out": {"Type": "Succeed"}}}
    sfn = server.client("stepfunctions")
    for kind in ("STANDARD", "EXPRESS"):
        arn = sfn.create_state_machine(name=kind, definition=json.dumps(circle), roleArn=ROLE,
                                       type=kind)["stateMachineArn"]
        execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
        with Onlooker(server):
            time.sleep(0.5)
        if kind == "STANDARD":
            answer = sfn.describe_execution(executionArn=execution)
            assert (answer["status"], answer["error"]) == ("FAILED", "States.Runtime")


def test_json_that_is_nested_too_deeply_is_told_as_that(server, unique):
    sfn = server.client("stepfunctions")
    arn = express(server, unique(), {"Type": "Pass", "End": True})
    with pytest.raises(sfn.exceptions.InvalidExecutionInput) as refused:
        sfn.start_execution(stateMachineArn=arn, input="[" * 100_000 + "]" * 100_000)
    assert "Document nesting depth (1001) exceeds" in str(refused.value)
