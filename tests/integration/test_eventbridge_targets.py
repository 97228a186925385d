"""EventBridge's targets of every kind: delivery, retries and dead letters, with boto3."""
import base64
import json
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.exceptions import ClientError

from conftest import wait_until
from test_eventbridge import ALL, bodies, bus, drain, events, is_empty, put, rule, sqs  # noqa: F401
from test_lambda import zipped

ACCOUNT = "000000000000"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"


@pytest.fixture
def queue(sqs, unique):
    """(url, arn) of a new queue."""
    name = unique("queue")
    return sqs.create_queue(QueueName=name)["QueueUrl"], QUEUE + name


class Hook:
    """A web server that notes what it gets and answers what it is told, in order."""

    def __init__(self, *statuses, headers=None, context=None,
                 answer=b'{"access_token":"t0ken"}'):
        self.statuses = list(statuses)
        self.answer = answer
        self.requests = []
        self.release = threading.Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                hook.requests.append((self.path, dict(self.headers), body.decode()))
                status = hook.statuses.pop(0) if hook.statuses else 200
                if status is None:  # never answers
                    hook.release.wait()
                    return
                answer = hook.answer(body) if callable(hook.answer) else hook.answer
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path="/", scheme="http"):
        return f"{scheme}://localhost:{self.server.server_port}{path}"

    def close(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def hook():
    made = []

    def make(*statuses, **options):
        made.append(Hook(*statuses, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


API_KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "hush"}}


def destination(events, name, url, auth=("API_KEY", API_KEY), **more):
    connection = events.create_connection(Name=name, AuthorizationType=auth[0],
                                          AuthParameters=auth[1])
    return events.create_api_destination(
        Name=name, ConnectionArn=connection["ConnectionArn"], HttpMethod="POST",
        InvocationEndpoint=url, **more)["ApiDestinationArn"]


def frozen(fresh_server, *args, **options):
    server = fresh_server(*args, **options)
    server.admin("PUT", "/clock", {"freeze": True, "set": "2026-01-01T00:00:00Z"})
    return server


def attributes(message):
    return {k: v["StringValue"] for k, v in message["MessageAttributes"].items()}


# --- every kind gets the event

def test_a_topic_and_what_hangs_on_it(server, events, sqs, bus, queue, unique):
    sns = server.client("sns")
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue[1])
    rule(events, bus, "r", ALL, {"Arn": topic})
    put(events, bus, {"n": 1})
    [notification] = bodies(sqs, queue[0], 1)
    assert json.loads(notification["Message"])["detail"] == {"n": 1}


def test_a_state_machine(server, events, bus, unique):
    states = server.client("stepfunctions")
    arn = states.create_state_machine(
        name=unique("machine"), roleArn=ROLE,
        definition=json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}),
    )["stateMachineArn"]
    rule(events, bus, "r", ALL, {"Arn": arn, "InputPath": "$.detail"})
    put(events, bus, {"n": 1})
    [execution] = wait_until(lambda: [
        e for e in states.list_executions(stateMachineArn=arn)["executions"]
        if e["status"] == "SUCCEEDED"])
    described = states.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(described["input"]) == {"n": 1}


def test_a_function_and_a_pipe_that_waits_for_one(server, events, sqs, bus, queue, unique):
    functions, pipes = server.client("lambda"), server.client("pipes")
    name = unique("function")
    arn = functions.create_function(
        FunctionName=name, Runtime="python3.12", Role=ROLE, Handler="app.handler",
        Code={"ZipFile": zipped(app_py="""
def handler(event, context):
    for record in event if isinstance(event, list) else [event]:
        print("record", record["detail"]["n"] if "detail" in record else record["body"])
    return [{"seen": r["body"]} for r in event] if isinstance(event, list) else None
""")})["FunctionArn"]
    rule(events, bus, "r", ALL, {"Arn": arn})
    put(events, bus, {"n": "from-the-bus"})
    source, enriched = unique("source"), unique("enriched")
    url = sqs.create_queue(QueueName=source)["QueueUrl"]
    out = sqs.create_queue(QueueName=enriched)["QueueUrl"]
    pipes.create_pipe(Name=source, RoleArn=ROLE, Source=QUEUE + source, Enrichment=arn,
                      Target=QUEUE + enriched)
    sqs.send_message(QueueUrl=url, MessageBody="from-the-pipe")
    assert bodies(sqs, out, 1) == [{"seen": "from-the-pipe"}]
    server.await_idle()
    lines = server.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}",
                                                    filterPattern="record")["events"]
    assert {line["message"].split()[1] for line in lines} == {"from-the-bus", "from-the-pipe"}
    pipes.delete_pipe(Name=source)


def test_a_log_group(server, events, bus, unique):
    logs = server.client("logs")
    group = "/aws/events/" + unique("group")
    logs.create_log_group(logGroupName=group)
    rule(events, bus, "r", ALL,
         {"Arn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group}"})
    put(events, bus, {"n": 1})
    [line] = wait_until(lambda: logs.filter_log_events(logGroupName=group)["events"])
    assert json.loads(line["message"])["detail"] == {"n": 1}


def test_a_stage_of_an_api(server, events, bus, hook, unique):
    receiver = hook()
    apis = server.client("apigateway")
    api = apis.create_rest_api(name=unique("api"))["id"]
    [root] = apis.get_resources(restApiId=api)["items"]
    resource = apis.create_resource(restApiId=api, parentId=root["id"], pathPart="orders")["id"]
    apis.put_method(restApiId=api, resourceId=resource, httpMethod="POST",
                    authorizationType="NONE")
    apis.put_integration(restApiId=api, resourceId=resource, httpMethod="POST", type="HTTP_PROXY",
                         integrationHttpMethod="POST", uri=receiver.url("/behind"))
    apis.create_deployment(restApiId=api, stageName="dev")
    rule(events, bus, "r", ALL, {
        "Arn": f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{api}/dev/POST/orders",
        "InputPath": "$.detail", "HttpParameters": {"HeaderParameters": {"x-from": "bus"}}})
    put(events, bus, {"n": 1})
    wait_until(lambda: receiver.requests)
    path, headers, body = receiver.requests[0]
    assert (path, headers["x-from"], json.loads(body)) == ("/behind", "bus", {"n": 1})


def test_buses_of_other_accounts_and_regions_one_hop_far(server, events, bus, unique):
    name = unique("far")
    queues = {}
    for account, region in (("111111111111", "us-east-1"), (ACCOUNT, "eu-west-1")):
        there = server.client("events", account=account, region=region)
        far = there.create_event_bus(Name=name)["EventBusArn"]
        url = server.client("sqs", account=account, region=region).create_queue(
            QueueName=name)["QueueUrl"]
        rule(there, name, "keep", ALL, {"Arn": f"arn:aws:sqs:{region}:{account}:{name}"})
        rule(events, bus, f"to-{region}", ALL, {"Arn": far, "RoleArn": ROLE})
        queues[account, region] = url
    third = events.create_event_bus(Name=unique("third"))["EventBusArn"]
    beyond = server.client("events", account="111111111111")
    rule(beyond, name, "on", ALL, {"Arn": third, "RoleArn": ROLE})
    stopped, stopped_arn = unique("stopped"), None
    server.client("sqs").create_queue(QueueName=stopped)
    stopped_arn = QUEUE + stopped
    rule(events, third.rpartition("/")[2], "keep", ALL, {"Arn": stopped_arn})
    put(events, bus, {"n": 1})
    for (account, region), url in queues.items():
        there = server.client("sqs", account=account, region=region)
        [event] = bodies(there, url, 1)
        assert event["account"] == ACCOUNT and event["region"] == "us-east-1"
    sqs = server.client("sqs")
    assert is_empty(sqs, sqs.get_queue_url(QueueName=stopped)["QueueUrl"])


@pytest.mark.parametrize("arn", [
    f"arn:aws:sqs:us-east-1:{ACCOUNT}:gone",
    f"arn:aws:sns:us-east-1:{ACCOUNT}:gone",
    f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:gone",
    f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:gone",
    f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/events/gone",
    f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/gone",
    f"arn:aws:events:us-east-1:{ACCOUNT}:api-destination/gone/1",
])
def test_a_target_that_is_not_there_ends_in_the_dead_letter_queue(events, sqs, bus, queue, arn):
    rule(events, bus, "r", ALL, {"Arn": arn, "DeadLetterConfig": {"Arn": queue[1]}})
    put(events, bus, {"n": 1})
    [message] = drain(sqs, queue[0], 1)
    got = attributes(message)
    assert got["TARGET_ARN"] == arn
    assert got["RULE_ARN"].endswith(f":rule/{bus}/r")
    assert got["ERROR_CODE"] == "NO_RESOURCE", got
    assert "EXHAUSTED_RETRY_CONDITION" not in got
    assert json.loads(message["Body"])["detail"] == {"n": 1}


def test_what_is_not_emulated_is_refused(events, bus):
    events.put_rule(Name="r", EventBusName=bus, EventPattern=ALL)
    for arn in (f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s",
                f"arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/s",
                f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/c",
                f"arn:aws:batch:us-east-1:{ACCOUNT}:job-queue/q"):
        with pytest.raises(ClientError) as caught:
            events.put_targets(Rule="r", EventBusName=bus, Targets=[{"Id": "1", "Arn": arn}])
        assert "are not emulated" in str(caught.value) and "--lenient" in str(caught.value)


def test_what_is_not_emulated_is_recorded_under_lenient(fresh_server):
    server = fresh_server("--lenient")
    events = server.client("events")
    stream = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s"
    rule(events, "default", "r", ALL, {"Arn": stream})
    put(events, "default", {"n": 1, "correlationId": "c-1"})
    server.await_idle()
    _, journal = server.admin("GET", "/journal?correlationId=c-1")
    text = json.dumps(journal)
    assert stream in text and "recorded" in text


# --- API destinations

def test_a_connection_gives_what_authorises(events, bus, hook, unique):
    receiver = hook()
    basic = {"BasicAuthParameters": {"Username": "ada", "Password": "hush"},
             "InvocationHttpParameters": {
                 "HeaderParameters": [{"Key": "x-more", "Value": "1"}],
                 "QueryStringParameters": [{"Key": "q", "Value": "a b"}],
                 "BodyParameters": [{"Key": "added", "Value": "yes"}]}}
    arn = destination(events, unique("basic"), receiver.url("/in/*"), ("BASIC", basic))
    rule(events, bus, "r", ALL, {"Arn": arn, "InputPath": "$.detail",
                                 "HttpParameters": {"PathParameterValues": ["7"]}})
    put(events, bus, {"n": 1})
    wait_until(lambda: receiver.requests)
    path, headers, body = receiver.requests[0]
    assert path == "/in/7?q=a%20b"
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"ada:hush").decode()
    assert headers["x-more"] == "1"
    assert headers["User-Agent"] == "Amazon/EventBridge/ApiDestinations"
    assert json.loads(body) == {"n": 1, "added": "yes"}


def test_a_token_is_asked_for(events, bus, hook, unique):
    tokens, receiver = hook(), hook()
    oauth = {"OAuthParameters": {
        "AuthorizationEndpoint": tokens.url("/token"), "HttpMethod": "POST",
        "ClientParameters": {"ClientID": "id", "ClientSecret": "hush"},
        "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "all"}]}}}
    arn = destination(events, unique("oauth"), receiver.url(),
                      ("OAUTH_CLIENT_CREDENTIALS", oauth))
    rule(events, bus, "r", ALL, {"Arn": arn})
    put(events, bus, {"n": 1})
    wait_until(lambda: receiver.requests)
    assert receiver.requests[0][1]["Authorization"] == "Bearer t0ken"
    assert tokens.requests[0][2] == \
        "grant_type=client_credentials&client_id=id&client_secret=hush&scope=all"


def test_secrets_of_connections_lie_in_secrets_manager(server, events, unique):
    secrets = server.client("secretsmanager")
    name = unique("c")
    events.create_connection(Name=name, AuthorizationType="API_KEY", AuthParameters=API_KEY)
    described = events.describe_connection(Name=name)
    assert described["ConnectionState"] == "AUTHORIZED"
    arn = described["SecretArn"]

    def value():
        return json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])

    assert value() == {"api_key_name": "x-key", "api_key_value": "hush"}
    events.update_connection(Name=name, AuthorizationType="BASIC", AuthParameters={
        "BasicAuthParameters": {"Username": "u", "Password": "p"}})
    assert value() == {"username": "u", "password": "p"}
    events.deauthorize_connection(Name=name)
    assert events.describe_connection(Name=name)["ConnectionState"] == "DEAUTHORIZED"
    with pytest.raises(ClientError):
        value()
    events.delete_connection(Name=name)


@pytest.mark.parametrize("status, code, calls", [
    (302, "INVALID_PARAMETER", 1), (400, "INVALID_PARAMETER", 1), (403, "NO_PERMISSIONS", 1),
    (401, "ERROR_FROM_TARGET", 1), (409, "ERROR_FROM_TARGET", 3), (429, "THROTTLING", 3),
    (503, "INTERNAL_ERROR", 3)])
def test_which_answers_are_tried_again(fresh_server, hook, status, code, calls):
    server = frozen(fresh_server)
    events, sqs = server.client("events"), server.client("sqs")
    receiver = hook(*[status] * 5, headers={"Location": "http://localhost:9/"})
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    rule(events, "default", "r", {"source": ["app"]}, {
        "Arn": destination(events, "d", receiver.url()),
        "RetryPolicy": {"MaximumRetryAttempts": 2},
        "DeadLetterConfig": {"Arn": QUEUE + "dead"}})
    put(events, "default", {"n": 1})
    server.await_idle(advance=True)
    [message] = drain(sqs, dead, 1)
    assert attributes(message)["ERROR_CODE"] == code
    assert len(receiver.requests) == calls


def test_a_day_of_retries_takes_no_time(fresh_server, hook):
    server = frozen(fresh_server)
    events, sqs = server.client("events"), server.client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    rule(events, "default", "r", ALL, {
        "Arn": destination(events, "d", "http://127.0.0.1:9/"),
        "DeadLetterConfig": {"Arn": QUEUE + "dead"}})
    put(events, "default", {"n": 1})
    started = time.monotonic()
    server.await_idle(advance=True)
    assert time.monotonic() - started < 5
    [message] = drain(sqs, dead, 1)
    got = attributes(message)
    assert got["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"
    assert got["ERROR_CODE"] == "CONNECTION_FAILURE"
    assert int(got["RETRY_ATTEMPTS"]) > 90
    _, clock = server.admin("GET", "/clock")
    assert clock["now"] >= "2026-01-01T23:3"
    _, report = server.admin("GET", "/rules")
    [counts] = report["rules"]
    assert (counts["failed"], counts["deadLettered"]) == (1, 1)
    assert counts["retried"] == int(got["RETRY_ATTEMPTS"])


def test_a_destination_asks_for_patience(fresh_server, hook):
    server = frozen(fresh_server)
    events = server.client("events")
    receiver = hook(429, headers={"Retry-After": "600"})
    rule(events, "default", "r", ALL, {"Arn": destination(events, "d", receiver.url())})
    put(events, "default", {"n": 1})
    wait_until(lambda: receiver.requests)
    server.admin("PUT", "/clock", {"advance": "599s"})
    assert len(receiver.requests) == 1
    server.admin("PUT", "/clock", {"advance": "2s"})
    assert len(receiver.requests) == 2


def test_a_destination_is_called_no_faster_than_it_allows(fresh_server, hook):
    server = frozen(fresh_server)
    events = server.client("events")
    receiver = hook()
    rule(events, "default", "r", ALL, {
        "Arn": destination(events, "d", receiver.url(), InvocationRateLimitPerSecond=2)})
    for n in range(7):
        put(events, "default", {"n": n})
    seen = []
    for _ in range(4):
        wait_until(lambda: len(receiver.requests) >= min(7, 2 * (len(seen) + 1)))
        seen.append(len(receiver.requests))
        server.admin("PUT", "/clock", {"advance": "1s"})
    assert seen == [2, 4, 6, 7]


def test_a_certificate_must_be_trusted(fresh_server, hook, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
         certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    receiver = hook(context=context)
    for env, calls in (({}, 0), ({"SSL_CERT_FILE": str(certificate)}, 1)):
        server = frozen(fresh_server, env=env)
        events = server.client("events")
        rule(events, "default", "r", ALL, {
            "Arn": destination(events, "d", receiver.url("/", "https")),
            "RetryPolicy": {"MaximumRetryAttempts": 0}})
        put(events, "default", {"n": 1})
        server.await_idle(advance=True)
        assert len(receiver.requests) == calls


# --- trouble

def test_a_target_that_never_answers_holds_up_no_other(events, sqs, bus, queue, hook, unique):
    silent = hook(*[None] * 50)
    arn = destination(events, unique("silent"), silent.url())
    rule(events, bus, "r", ALL, {"Arn": arn}, {"Arn": queue[1]})
    for n in range(20):
        put(events, bus, {"n": n})
    assert [e["detail"]["n"] for e in bodies(sqs, queue[0], 20)] == list(range(20))
    events.remove_targets(Rule="r", EventBusName=bus, Ids=["0", "1"])


def test_every_accepted_event_reaches_every_target_after_a_kill(fresh_server, data_dir, hook):
    receiver = hook()
    server = fresh_server("--data-dir", data_dir)
    events, sqs = server.client("events"), server.client("sqs")
    sqs.create_queue(QueueName="q")
    events.create_event_bus(Name="far")
    rule(events, "far", "keep", ALL, {"Arn": QUEUE + "q"})
    rule(events, "default", "r", ALL, {"Arn": destination(events, "d", receiver.url())},
         {"Arn": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/far", "RoleArn": ROLE})
    accepted = set()

    def keep_putting(client):
        while True:
            try:
                answer = put(client, "default", {})
            except Exception:
                return
            accepted.add(answer["Entries"][0]["EventId"])

    threads = [threading.Thread(target=keep_putting, args=(server.client("events"),))
               for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(accepted) > 100 and len(receiver.requests) > 20, what="some deliveries")
    server.kill()
    for thread in threads:
        thread.join()

    again = fresh_server("--data-dir", data_dir)
    wait_until(lambda: accepted <= {json.loads(body)["id"] for _, _, body in receiver.requests},
               timeout=30, what="every event at the destination")
    sqs = again.client("sqs")
    url, got = sqs.get_queue_url(QueueName="q")["QueueUrl"], set()
    while accepted - got:
        got |= {e["id"] for e in bodies(sqs, url, 1)}


def test_a_target_removed_while_an_event_waits_is_counted(fresh_server):
    server = frozen(fresh_server)
    events = server.client("events")
    rule(events, "default", "r", ALL,
         {"Arn": destination(events, "d", "http://127.0.0.1:9/")})
    put(events, "default", {"n": 1, "correlationId": "c-1"})
    wait_until(lambda: server.admin("GET", "/rules")[1]["rules"][0]["retried"] == 1)
    events.remove_targets(Rule="r", Ids=["0"])
    server.await_idle(advance=True)
    [counts] = server.admin("GET", "/rules")[1]["rules"]
    assert counts["failed"] == 1 and counts["delivered"] == 0
    _, journal = server.admin("GET", "/journal?correlationId=c-1")
    assert "was removed meanwhile" in json.dumps(journal)


def test_metrics_tell_what_became_of_events(fresh_server):
    server = frozen(fresh_server)
    events, sqs = server.client("events"), server.client("sqs")
    for name in ("q", "dead"):
        sqs.create_queue(QueueName=name)
    rule(events, "default", "r", ALL, {"Arn": QUEUE + "q"},
         {"Arn": QUEUE + "gone", "DeadLetterConfig": {"Arn": QUEUE + "dead"}})
    for n in range(3):
        put(events, "default", {"n": n})
    server.admin("PUT", "/clock", {"advance": "2m"})

    def total(metric):
        points = server.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Events", MetricName=metric, Period=3600, Statistics=["Sum"],
            Dimensions=[{"Name": "RuleName", "Value": "r"}],
            StartTime="2026-01-01T00:00:00Z", EndTime="2026-01-01T01:00:00Z")["Datapoints"]
        return sum(p["Sum"] for p in points)

    assert {m: total(m) for m in (
        "MatchedEvents", "TriggeredRules", "Invocations", "FailedInvocations",
        "InvocationsSentToDlq", "DeadLetterInvocations")} == {
            "MatchedEvents": 3, "TriggeredRules": 3, "Invocations": 6, "FailedInvocations": 3,
            "InvocationsSentToDlq": 3, "DeadLetterInvocations": 3}


def test_metrics_count_attempts_and_dead_letters_that_are_lost(fresh_server, hook):
    server = frozen(fresh_server)
    events = server.client("events")
    rule(events, "default", "r", ALL,
         {"Arn": destination(events, "d", hook(500, 500, 200).url())},
         {"Arn": QUEUE + "gone", "DeadLetterConfig": {"Arn": QUEUE + "gone-too"}})
    put(events, "default", {})
    server.await_idle(advance=True)
    server.admin("PUT", "/clock", {"advance": "2m"})

    def total(metric):
        points = server.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Events", MetricName=metric, Period=3600, Statistics=["Sum"],
            Dimensions=[{"Name": "RuleName", "Value": "r"}],
            StartTime="2026-01-01T00:00:00Z", EndTime="2026-01-01T01:00:00Z")["Datapoints"]
        return sum(p["Sum"] for p in points)

    assert {m: total(m) for m in (
        "Invocations", "InvocationAttempts", "SuccessfulInvocationAttempts",
        "RetryInvocationAttempts", "InvocationsFailedToBeSentToDlq", "InvocationsSentToDlq")} == {
            "Invocations": 2, "InvocationAttempts": 4, "SuccessfulInvocationAttempts": 1,
            "RetryInvocationAttempts": 2, "InvocationsFailedToBeSentToDlq": 1,
            "InvocationsSentToDlq": 0}


# --- events of services

def test_services_put_events(server, sqs, queue, unique):
    events = server.client("events")
    rule(events, "default", unique("r"), {"source": [{"prefix": "aws."}]}, {"Arn": queue[1]})
    s3, states = server.client("s3"), server.client("stepfunctions")
    bucket = unique("bucket")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    s3.put_object(Bucket=bucket, Key="k", Body=b"123")
    machine = states.create_state_machine(
        name=unique("machine"), roleArn=ROLE,
        definition=json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}),
    )["stateMachineArn"]
    states.start_execution(stateMachineArn=machine, input="{}")
    stack = server.client("cloudformation").create_stack(
        StackName=unique("stack"), TemplateBody=json.dumps(
            {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}))["StackId"]
    found = {}

    def all_came():
        for event in bodies(sqs, queue[0], 1):
            detail = event["detail"]
            if detail.get("bucket", {}).get("name") == bucket:
                found["s3"] = (event["detail-type"], detail["object"]["key"])
            elif detail.get("stateMachineArn") == machine:
                found[detail["status"]] = event["detail-type"]
            elif detail.get("stack-id") == stack:
                found[detail["status-details"]["status"]] = event["resources"]
        return len(found) == 5

    wait_until(all_came)
    change = "Step Functions Execution Status Change"
    assert found == {"s3": ("Object Created", "k"), "RUNNING": change, "SUCCEEDED": change,
                     "CREATE_IN_PROGRESS": [stack], "CREATE_COMPLETE": [stack]}
