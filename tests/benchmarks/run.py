#!/usr/bin/env python3
"""Measures skafu-local against a bare Beast server that answers a fixed body.

    tests/benchmarks/run.py [--rounds 3] [--seconds 2] [--only REGEX] [--disk]

Needs Debian's wrk and a release build (server/run makes one). The server runs on one core, the
load on the other; bodies are made beforehand; cases are interleaved over the rounds and shown as
medians, with the ratio to the bare server in the same run. It measures and never judges.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / os.environ.get("SKAFU_PRESET", "release")
TEMPLATE = ROOT / "fixtures" / "skafu" / "template.yaml"
PORT, BARE_PORT = 14566, 14599
AUTH = ("AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/{}/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=0")
TARGETS = {"dynamodb": ("DynamoDB_20120810", "1.0"), "events": ("AWSEvents", "1.1"),
           "sqs": ("AmazonSQS", "1.0"), "states": ("AWSStepFunctions", "1.0")}
MARK = "@SEQ@"
LUA = """
local plan = dofile(os.getenv("PLAN"))
local n = plan.first
function request()
  n = n + 1
  return wrk.format(plan.method, plan.path, plan.headers,
                    (plan.body:gsub("@SEQ@", string.format("%012d", n))))
end
function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d\\n", summary.requests, summary.duration,
           summary.errors.status + summary.errors.connect + summary.errors.timeout,
           latency:percentile(50)))
end
"""
PAYLOAD = "x" * 900


def call(service, action, body):
    prefix, version = TARGETS[service]
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}/", json.dumps(body).encode(),
        {"X-Amz-Target": f"{prefix}.{action}", "Authorization": AUTH.format(service),
         "Content-Type": f"application/x-amz-json-{version}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or "{}")


def aws_plan(service, action, body):
    prefix, version = TARGETS[service]
    return {"method": "POST", "path": "/", "body": json.dumps(body, separators=(",", ":")),
            "headers": {"X-Amz-Target": f"{prefix}.{action}", "Authorization": AUTH.format(service),
                        "Content-Type": f"application/x-amz-json-{version}"}}


def lua(value):
    if isinstance(value, dict):
        return "{" + ",".join(f"[{lua(k)}]={lua(v)}" for k, v in value.items()) + "}"
    if isinstance(value, str):
        return '"' + "".join(c if c.isalnum() else "\\%03d" % ord(c) for c in value) + '"'
    return str(value)


class Process:
    """A server on the first core, from its start to its first answer (when it is ready)."""

    def __init__(self, command, port, path="/", ready=False):
        started = time.perf_counter()
        read, write = os.pipe()
        if ready:
            command = [*command, "--ready-fd", str(write)]
        self.process = subprocess.Popen(
            ["taskset", "-c", "0", *command], pass_fds=[write], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(write)
        if ready and not os.read(read, 10):
            raise SystemExit(f"{command[0]} ended with {self.process.wait()}")
        os.close(read)
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).read()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit(f"{command[0]} ended with {self.process.returncode}")
        self.startup_ms = (time.perf_counter() - started) * 1000

    def rss_mib(self):
        time.sleep(0.5)  # until it is idle
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def warm_up(self, plan):
        """Starts the functions, and lets them use both cores: one is the server's alone."""
        request = urllib.request.Request(f"http://127.0.0.1:{PORT}{plan['path']}",
                                         plan["body"].replace(MARK, "0" * 12).encode(),
                                         plan["headers"])
        urllib.request.urlopen(request, timeout=30).read()
        await_idle = urllib.request.Request(f"http://127.0.0.1:{PORT}/_skafu/await", b"{}")
        urllib.request.urlopen(await_idle, timeout=30).read()
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True,
                                  text=True).stdout.split()
        for child in children:
            os.sched_setaffinity(int(child), {0, 1})

    def stop(self):
        self.process.terminate()
        self.process.wait()


def server(*args):
    command = [str(BUILD / "server" / "skafu-local"), "start", "--port", str(PORT), "--no-watch",
               "--log-level", "error", *args]
    return Process(command, PORT, "/_skafu/health", ready=True)


_first = [int(time.time()) % 100000 * 1000000]


def load(port, plan, connections, seconds):
    _first[0] += 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        script, plan_file = pathlib.Path(folder, "load.lua"), pathlib.Path(folder, "plan.lua")
        script.write_text(LUA)
        plan_file.write_text("return " + lua({**plan, "first": _first[0]}))
        done = subprocess.run(
            ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
             "-s", str(script), f"http://127.0.0.1:{port}"],
            capture_output=True, text=True, env={**os.environ, "PLAN": str(plan_file)})
    result = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+)", done.stdout)
    requests, duration, errors, p50 = map(int, result.groups())
    if errors:
        raise SystemExit(f"{errors} requests failed: a fast wrong answer is no figure")
    return requests / (duration / 1e6), p50 / 1000


def express_machine(name, definition):
    return call("states", "CreateStateMachine", {
        "name": name, "type": "EXPRESS", "roleArn": "arn:aws:iam::000000000000:role/bench",
        "definition": json.dumps(definition)})["stateMachineArn"]


def item(key, n):
    return {"aggregateId": {"S": key}, "eventSequence": {"N": str(n)}, "payload": {"S": PAYLOAD}}


def prepare():
    """Tables, queue, rule and machines that the cases use; gives their plans."""
    call("dynamodb", "CreateTable", {
        "TableName": "bench", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "aggregateId", "AttributeType": "S"},
                                 {"AttributeName": "eventSequence", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "aggregateId", "KeyType": "HASH"},
                      {"AttributeName": "eventSequence", "KeyType": "RANGE"}]})
    for n in range(20):
        call("dynamodb", "PutItem", {"TableName": "bench", "Item": item("read", n)})
    queue = call("sqs", "CreateQueue", {"QueueName": "bench"})["QueueUrl"]
    arn = call("sqs", "GetQueueAttributes", {"QueueUrl": queue, "AttributeNames": ["QueueArn"]})
    call("events", "PutRule", {"Name": "bench", "EventPattern": '{"source":["bench"]}'})
    call("events", "PutTargets", {"Rule": "bench", "Targets": [
        {"Id": "q", "Arn": arn["Attributes"]["QueueArn"]}]})
    event = {"Source": "bench", "DetailType": "Placed", "Detail": json.dumps({"id": MARK})}
    one_pass = express_machine("pass", {"StartAt": "P",
                                        "States": {"P": {"Type": "Pass", "End": True}}})
    flow = express_machine("flow", {"StartAt": "Check", "States": {
        "Check": {"Type": "Choice", "Default": "No", "Choices": [
            {"Variable": "$.amount", "NumericGreaterThan": 0, "Next": "Store"}]},
        "No": {"Type": "Fail", "Error": "Invalid"},
        "Store": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem",
                  "ResultPath": None, "Next": "Publish", "Parameters": {
                      "TableName": "bench",
                      "ConditionExpression": "attribute_not_exists(aggregateId)",
                      "Item": {"aggregateId": {"S.$": "$.id"}, "eventSequence": {"N": "1"}}}},
        "Publish": {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents",
                    "ResultPath": None, "End": True, "Parameters": {"Entries": [
                        {"Source": "bench", "DetailType": "Placed",
                         "Detail": {"id.$": "$.id"}}]}}}})

    def start(machine, body):
        return aws_plan("states", "StartSyncExecution",
                        {"stateMachineArn": machine, "input": json.dumps(body)})

    return {
        "PutItem 1 KiB": aws_plan("dynamodb", "PutItem",
                                  {"TableName": "bench", "Item": item(MARK, 1)}),
        "GetItem 1 KiB": aws_plan("dynamodb", "GetItem", {
            "TableName": "bench",
            "Key": {"aggregateId": {"S": "read"}, "eventSequence": {"N": "7"}}}),
        "Query 20 items": aws_plan("dynamodb", "Query", {
            "TableName": "bench", "KeyConditionExpression": "aggregateId = :a",
            "ExpressionAttributeValues": {":a": {"S": "read"}}}),
        "PutEvents to SQS": aws_plan("events", "PutEvents", {"Entries": [event]}),
        "StartSyncExecution, one Pass": start(one_pass, {"id": MARK}),
        "StartSyncExecution, command flow": start(flow, {"id": MARK, "amount": 1}),
        "API Gateway to command flow to SQS": api_of(flow),
    }


def client(name):
    import boto3
    return boto3.client(name, endpoint_url=f"http://127.0.0.1:{PORT}", region_name="us-east-1",
                        aws_access_key_id="000000000000", aws_secret_access_key="x")


def api_of(machine):
    """A REST API whose POST /commands starts a machine and answers with what it gives."""
    apis = client("apigateway")
    api = apis.create_rest_api(name="bench")["id"]
    root = apis.get_resources(restApiId=api)["items"][0]["id"]
    where = {"restApiId": api, "httpMethod": "POST", "resourceId": apis.create_resource(
        restApiId=api, parentId=root, pathPart="commands")["id"]}
    apis.put_method(authorizationType="NONE", **where)
    apis.put_method_response(statusCode="200", **where)
    apis.put_integration(
        type="AWS", integrationHttpMethod="POST", passthroughBehavior="NEVER",
        uri="arn:aws:apigateway:us-east-1:states:action/StartSyncExecution",
        credentials="arn:aws:iam::000000000000:role/bench",
        requestTemplates={"application/json":
                          "#set($body = $input.json('$'))\n"
                          f'{{"stateMachineArn": "{machine}", '
                          '"input": "$util.escapeJavaScript($body)"}'}, **where)
    apis.put_integration_response(
        statusCode="200", selectionPattern="",
        responseTemplates={"application/json":
                           "#set($out = $util.parseJson($input.path('$.output')))\n"
                           '{"status": "$input.path(\'$.status\')", "id": "$out.id"}'}, **where)
    apis.create_deployment(restApiId=api, stageName="dev")
    return {"method": "POST", "path": f"/_aws/execute-api/{api}/dev/commands",
            "body": json.dumps({"id": MARK, "amount": 1}),
            "headers": {"Content-Type": "application/json"}}


def sample_command():
    """The sample application's command, from the outside."""
    stack = client("cloudformation").describe_stacks(StackName="skafu")["Stacks"][0]
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
    cognito, pool = client("cognito-idp"), outputs["UserPoolId"]
    cognito.admin_create_user(UserPoolId=pool, Username="b@example.com", MessageAction="SUPPRESS",
                              UserAttributes=[{"Name": "email", "Value": "b@example.com"}])
    cognito.admin_set_user_password(UserPoolId=pool, Username="b@example.com",
                                    Password="Corr3ct-horse", Permanent=True)
    token = cognito.initiate_auth(
        ClientId=outputs["UserPoolClientId"], AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "b@example.com", "PASSWORD": "Corr3ct-horse"})
    api = outputs["ApiEndpoint"].split("//")[1].split(".")[0]
    return {"method": "POST", "path": f"/_aws/execute-api/{api}/development/api/v1/projects",
            "body": json.dumps({"projectId": f"p{MARK}", "name": "Bridge"}),
            "headers": {"Content-Type": "application/json",
                        "Authorization": token["AuthenticationResult"]["IdToken"]}}


def measure(name, plan, bare_plan, args, figures):
    if not re.search(args.only, name):
        return
    yardstick, _ = load(BARE_PORT, bare_plan, args.connections, args.seconds)
    rate, p50 = load(PORT, plan, args.connections, args.seconds)
    figures.setdefault(name, []).append((rate, p50, rate / yardstick))


def build():
    for command in (["cmake", "--preset", BUILD.name],
                    ["cmake", "--build", "--preset", BUILD.name, "--target", "skafu-local",
                     "bare_server"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def main():
    options = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=2)
    options.add_argument("--connections", type=int, default=8)
    options.add_argument("--only", default="")
    options.add_argument("--disk", action="store_true", help="keep the data in a file")
    args = options.parse_args()
    build()
    figures, starts = {}, {"without a template": [], "with the sample application": []}
    for _ in range(args.rounds):
        folder = tempfile.mkdtemp(prefix="skafu-bench-")
        bare = Process([str(BUILD / "tests" / "benchmarks" / "bare_server"), str(BARE_PORT)],
                       BARE_PORT)
        running = server(*(["--data-dir", folder] if args.disk else []))
        starts["without a template"].append((running.startup_ms, running.rss_mib()))
        plans = prepare()
        bare_plan = plans["PutItem 1 KiB"]
        for name, plan in plans.items():
            measure(name, plan, bare_plan, args, figures)
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)
        running = server(str(TEMPLATE))
        starts["with the sample application"].append((running.startup_ms, running.rss_mib()))
        plan = sample_command()
        running.warm_up(plan)
        measure("sample application, two functions each", plan, bare_plan, args, figures)
        running.stop()
        bare.stop()
    print(f"| {args.connections} connections | requests/s | p50 ms | ratio to bare |\n"
          "|---|---:|---:|---:|")
    for name, rounds in figures.items():
        rate, p50, ratio = (statistics.median(column) for column in zip(*rounds))
        print(f"| {name} | {rate:,.0f} | {p50:.2f} | {ratio:.3f} |")
    print("\n| start | to first answer, ms | RSS, MiB |\n|---|---:|---:|")
    for name, rounds in starts.items():
        ms, rss = (statistics.median(column) for column in zip(*rounds))
        print(f"| {name} | {ms:.1f} | {rss:.1f} |")


if __name__ == "__main__":
    main()
