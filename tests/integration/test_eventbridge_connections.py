"""EventBridge's connections: tokens, states and the events about them, with boto3."""
import json

import pytest
from botocore.exceptions import ClientError

from conftest import wait_until
from test_eventbridge import bodies, drain, put, rule
from test_eventbridge_targets import (API_KEY, QUEUE, ROLE, attributes, destination,  # noqa: F401
                                      frozen, hook)

APP = {"source": ["app"]}


def oauth(url):
    return ("OAUTH_CLIENT_CREDENTIALS", {"OAuthParameters": {
        "AuthorizationEndpoint": url, "HttpMethod": "POST",
        "ClientParameters": {"ClientID": "id", "ClientSecret": "hush"}}})


def numbered_tokens(**more):
    """Answers with token-1, token-2, …"""
    count = iter(range(1, 100))
    return lambda _: json.dumps({"access_token": f"token-{next(count)}", **more}).encode()


def authorizations(receiver):
    return [headers["Authorization"] for _, headers, _ in receiver.requests]


def state(events, name="d"):
    return events.describe_connection(Name=name)["ConnectionState"]


def put_and_wait(server, events, detail=None):
    put(events, "default", detail or {})
    server.await_idle()


@pytest.mark.parametrize("lifetime", [3600, "3600"])
def test_a_token_is_kept_until_it_expires(fresh_server, hook, lifetime):
    server = frozen(fresh_server)
    events = server.client("events")
    tokens, receiver = hook(answer=numbered_tokens(expires_in=lifetime)), hook()
    rule(events, "default", "r", APP,
         {"Arn": destination(events, "d", receiver.url(), oauth(tokens.url()))})
    for _ in range(3):
        put_and_wait(server, events)
    server.admin("PUT", "/clock", {"advance": "59m"})
    put_and_wait(server, events)
    assert authorizations(receiver) == ["Bearer token-1"] * 3 + ["Bearer token-2"]
    assert len(tokens.requests) == 2


def test_a_token_without_an_end_is_kept_and_asked_for_once(fresh_server, hook):
    server = frozen(fresh_server)
    events = server.client("events")
    tokens, receiver = hook(answer=numbered_tokens()), hook()
    rule(events, "default", "r", APP,
         {"Arn": destination(events, "d", receiver.url(), oauth(tokens.url()))})
    events.put_events(Entries=[{"Source": "app", "DetailType": "t", "Detail": "{}"}] * 10)
    server.await_idle()
    server.admin("PUT", "/clock", {"advance": "72h"})
    put_and_wait(server, events)
    assert authorizations(receiver) == ["Bearer token-1"] * 11
    assert len(tokens.requests) == 1


@pytest.mark.parametrize("status", [401, 407])
def test_a_refused_token_is_asked_for_anew_at_the_retry(fresh_server, hook, status):
    server = frozen(fresh_server)
    events = server.client("events")
    tokens, receiver = hook(answer=numbered_tokens(expires_in=3600)), hook(status)
    rule(events, "default", "r", APP,
         {"Arn": destination(events, "d", receiver.url(), oauth(tokens.url()))})
    put(events, "default", {})
    server.await_idle(advance=True)
    assert authorizations(receiver) == ["Bearer token-1", "Bearer token-2"]
    assert state(events) == "AUTHORIZED"


def test_a_connection_with_oauth_is_authorized_when_there_is_a_token(fresh_server, hook):
    server = frozen(fresh_server)
    events = server.client("events")
    tokens = hook()
    kind, parameters = oauth(tokens.url())
    made = events.create_connection(Name="c", AuthorizationType=kind, AuthParameters=parameters)
    assert made["ConnectionState"] == "AUTHORIZING"
    assert "LastAuthorizedTime" not in made
    server.await_idle()
    described = events.describe_connection(Name="c")
    assert described["ConnectionState"] == "AUTHORIZED"
    assert described["LastAuthorizedTime"].timestamp() == 1767225600
    assert described["AuthParameters"]["OAuthParameters"]["ClientParameters"] == {"ClientID": "id"}


def test_no_token_leaves_a_connection_deauthorized_with_a_reason(fresh_server, hook):
    server = frozen(fresh_server)
    events = server.client("events")
    tokens, receiver = hook(400), hook()
    arn = destination(events, "d", receiver.url(), oauth(tokens.url()))
    server.await_idle()
    described = events.describe_connection(Name="d")
    assert described["ConnectionState"] == "DEAUTHORIZED"
    assert "answered 400" in described["StateReason"]
    assert events.list_connections(ConnectionState="DEAUTHORIZED")["Connections"][0]["Name"] == "d"
    assert events.describe_api_destination(Name="d")["ApiDestinationState"] == "INACTIVE"
    # What gave none may have been started since: the next delivery asks again.
    rule(events, "default", "r", APP, {"Arn": arn})
    put_and_wait(server, events)
    assert authorizations(receiver) == ["Bearer t0ken"]
    described = events.describe_connection(Name="d")
    assert described["ConnectionState"] == "AUTHORIZED" and "StateReason" not in described
    assert events.describe_api_destination(Name="d")["ApiDestinationState"] == "ACTIVE"


def test_strict_wants_a_deauthorized_connection_updated(fresh_server, hook):
    server = frozen(fresh_server, "--strict")
    events = server.client("events")
    tokens, receiver = hook(400), hook()
    rule(events, "default", "r", APP,
         {"Arn": destination(events, "d", receiver.url(), oauth(tokens.url())),
          "RoleArn": "arn:aws:iam::000000000000:role/r"})
    server.await_idle()
    put(events, "default", {})
    server.admin("PUT", "/clock", {"advance": "1m"})
    assert receiver.requests == [] and state(events) == "DEAUTHORIZED"
    kind, parameters = oauth(tokens.url())
    events.update_connection(Name="d", AuthorizationType=kind, AuthParameters=parameters)
    server.await_idle(advance=True)
    assert state(events) == "AUTHORIZED" and len(receiver.requests) == 1


def test_a_refused_key_deauthorizes_until_the_connection_is_updated(fresh_server, hook):
    server = frozen(fresh_server)
    events, sqs = server.client("events"), server.client("sqs")
    news = sqs.create_queue(QueueName="news")["QueueUrl"]
    rule(events, "default", "news", {"source": ["aws.events"]}, {"Arn": QUEUE + "news"})
    receiver = hook(401)
    rule(events, "default", "r", APP, {"Arn": destination(events, "d", receiver.url())})
    put(events, "default", {})
    wait_until(lambda: state(events) == "DEAUTHORIZED")
    server.admin("PUT", "/clock", {"advance": "10s"})
    assert len(receiver.requests) == 1
    events.update_connection(Name="d", AuthorizationType="API_KEY", AuthParameters=API_KEY)
    assert state(events) == "AUTHORIZED"
    server.await_idle(advance=True)
    assert len(receiver.requests) == 2
    told = bodies(sqs, news, 3)
    assert [e["detail-type"] for e in told] == [
        "Connection Authorized", "Connection Deauthorized", "Connection Authorized"]
    assert told[1]["detail"]["ConnectionName"] == "d"
    assert told[1]["detail"]["StateReason"] == "The endpoint answered 401."
    assert told[0]["detail"]["Timestamp"] == "2026-01-01 00:00:00 +0000 UTC"
    assert told[0]["resources"] == [events.describe_connection(Name="d")["ConnectionArn"]]


def test_a_deauthorized_connection_sends_nothing(fresh_server, hook):
    server = frozen(fresh_server)
    events, sqs = server.client("events"), server.client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    receiver = hook()
    rule(events, "default", "r", APP, {
        "Arn": destination(events, "d", receiver.url()),
        "RetryPolicy": {"MaximumRetryAttempts": 1}, "DeadLetterConfig": {"Arn": QUEUE + "dead"}})
    assert events.deauthorize_connection(Name="d")["ConnectionState"] == "DEAUTHORIZING"
    put(events, "default", {})
    server.await_idle(advance=True)
    [message] = drain(sqs, dead, 1)
    assert attributes(message)["RETRY_ATTEMPTS"] == "1"
    assert receiver.requests == []


def test_what_a_connection_adds_wins_over_the_target(fresh_server, hook):
    server = frozen(fresh_server)
    events = server.client("events")
    receiver = hook()
    auth = ("API_KEY", {**API_KEY, "InvocationHttpParameters": {
        "HeaderParameters": [{"Key": "x-both", "Value": "connection"}],
        "QueryStringParameters": [{"Key": "q", "Value": "connection"}]}})
    rule(events, "default", "r", APP, {
        "Arn": destination(events, "d", receiver.url("/in?a=1"), auth), "HttpParameters": {
            "HeaderParameters": {"x-both": "target", "x-one": "target"},
            "QueryStringParameters": {"q": "target", "r": "target"}}})
    put_and_wait(server, events)
    [(path, headers, _)] = receiver.requests
    assert path == "/in?a=1&q=connection&r=target"
    assert (headers["x-both"], headers["x-one"]) == ("connection", "target")


def test_a_state_machine_calls_out_with_a_connection(fresh_server, hook):
    server = frozen(fresh_server)
    events, states = server.client("events"), server.client("stepfunctions")
    tokens, receiver = hook(), hook()
    kind, parameters = oauth(tokens.url())
    connection = events.create_connection(Name="c", AuthorizationType=kind,
                                          AuthParameters=parameters)["ConnectionArn"]
    machine = states.create_state_machine(name="m", roleArn=ROLE, definition=json.dumps({
        "StartAt": "Call", "States": {"Call": {
            "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": True,
            "Parameters": {"ApiEndpoint": receiver.url("/x"), "Method": "POST",
                           "Authentication": {"ConnectionArn": connection},
                           "RequestBody": {"n": 1}}}}}))["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    server.await_idle()
    assert states.describe_execution(executionArn=execution)["status"] == "SUCCEEDED"
    assert authorizations(receiver) == ["Bearer t0ken"]
    assert len(tokens.requests) == 1


def test_what_connections_refuse(fresh_server):
    events = fresh_server().client("events")
    with pytest.raises(ClientError) as caught:
        events.create_connection(Name="c", AuthorizationType="BASIC", AuthParameters=API_KEY)
    assert caught.value.response["Error"]["Message"] == \
        "Parameter BasicAuthParameters is not valid. Reason: Missing required field(s)."
    with pytest.raises(ClientError) as caught:
        events.describe_connection(Name="c")
    assert caught.value.response["Error"]["Message"] == \
        "Failed to describe the connection(s). Connection 'c' does not exist."
