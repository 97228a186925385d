"""What PutEvents refuses, as a whole or entry by entry, and EventBridge's quotas."""
import json

import pytest
from botocore.exceptions import ClientError

from test_eventbridge import ALL, bodies, bus, events, is_empty, put, rule, sqs  # noqa: F401

GOOD = {"Source": "app", "DetailType": "Thing", "Detail": "{}"}
BUS_PATTERN = (r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?"
               r"[\.\-_A-Za-z0-9]+")


@pytest.fixture
def queue(sqs, events, bus, unique):
    """The URL of a queue that gets all events of the bus."""
    name = unique("queue")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    rule(events, bus, "all", ALL, {"Arn": f"arn:aws:sqs:us-east-1:000000000000:{name}"})
    return url


def raw(server, *entries, **more):
    """(status, error or answer) of entries as they are, whatever a client would say to them."""
    status, _, body = server.request(
        "POST", "/", {"Entries": entries, **more},
        {"X-Amz-Target": "AWSEvents.PutEvents", "Content-Type": "application/x-amz-json-1.1",
         "Authorization": "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/events/"
                          "aws4_request, SignedHeaders=host, Signature=0"})
    return status, json.loads(body)


@pytest.mark.parametrize("entry, constraints", [
    ({"EventBusName": "a b"},
     [f"Value 'a b' at 'entries.2.member.eventBusName' failed to satisfy constraint: Member must "
      f"satisfy regular expression pattern: {BUS_PATTERN}"]),
    ({"EventBusName": "aws.partner/x/y"}, ["'entries.2.member.eventBusName'"]),
    ({"EventBusName": "arn:aws:events:us-east-1:1:event-bus/b"},
     ["'entries.2.member.eventBusName'"]),
    ({"EventBusName": ""}, ["regular expression", "length greater than or equal to 1"]),
    ({"EventBusName": "b" * 1601}, ["length less than or equal to 1600"]),
    ({"TraceHeader": "t" * 501},
     ["at 'entries.2.member.traceHeader' failed to satisfy constraint: Member must have length "
      "less than or equal to 500"]),
    ({"TraceHeader": "", "EventBusName": "!"},
     ["'entries.2.member.traceHeader'", "'entries.2.member.eventBusName'"]),
])
def test_what_breaks_the_model_refuses_the_request(events, sqs, bus, queue, entry, constraints):
    with pytest.raises(ClientError) as caught:
        events.put_events(Entries=[{**GOOD, "EventBusName": bus}, {**GOOD, **entry}])
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    many = "s" if len(constraints) > 1 else ""
    assert error["Message"].startswith(f"{len(constraints)} validation error{many} detected: ")
    for constraint in constraints:
        assert constraint in error["Message"]
    assert is_empty(sqs, queue)


@pytest.mark.parametrize("entry", [
    {"Source": 5}, {"DetailType": ["t"]}, {"Detail": {"n": 1}}, {"Resources": "r"},
    {"Resources": [1]}, {"EventBusName": 5}, {"TraceHeader": {}}, {"Time": "yesterday"},
    {"Time": 1e300}, {"Time": -1e12}, {"Time": True}])
def test_values_of_other_types_refuse_the_request(server, sqs, bus, queue, entry):
    status, answer = raw(server, {**GOOD, "EventBusName": bus}, {**GOOD, **entry})
    assert (status, answer["__type"]) == (400, "SerializationException"), answer
    assert is_empty(sqs, queue)


def test_entries_fail_one_by_one(server, sqs, bus, queue):
    entries = [{**GOOD, "EventBusName": bus, **more} for more in (
        {"DetailType": "t" * 128}, {"DetailType": "t" * 129}, {"DetailType": "é" * 128},
        {"Resources": ["r", None]}, {"Detail": "{"}, {"Source": None}, {"TraceHeader": "t" * 500},
        {"Time": None, "Resources": None, "TraceHeader": None})]
    status, answer = raw(server, *entries)
    assert status == 200 and answer["FailedEntryCount"] == 4
    codes = [entry.get("ErrorCode") for entry in answer["Entries"]]
    assert codes == [None, "InvalidArgument", None, "InternalFailure", "MalformedDetail",
                     "InvalidArgument", None, None]
    assert answer["Entries"][1]["ErrorMessage"].startswith("Parameter DetailType is not valid.")
    assert len(bodies(sqs, queue, 4)) == 4


def test_no_entries_and_bad_endpoints_are_refused(server):
    _, answer = raw(server)
    assert "Member must have length greater than or equal to 1" in answer["message"]
    _, answer = raw(server, GOOD, EndpointId="nodot")
    assert "'endpointId' failed to satisfy constraint" in answer["message"]


def test_a_bus_is_named_by_its_arn_and_times_by_text_or_number(server, events, sqs, bus, queue):
    arn = events.describe_event_bus(Name=bus)["Arn"]
    for time in (1767225600, 1767225600.9, "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"):
        status, answer = raw(server, {**GOOD, "EventBusName": arn, "Time": time})
        assert status == 200 and answer["FailedEntryCount"] == 0, answer
    assert {e["time"] for e in bodies(sqs, queue, 4)} == {"2026-01-01T00:00:00Z"}


# --- quotas

def fill(events, count):
    for n in range(count):
        events.put_rule(Name=f"r{n}", EventPattern=ALL)


def limit_exceeded(call, **given):
    with pytest.raises(ClientError) as caught:
        call(**given)
    assert caught.value.response["Error"] == {
        "Code": "LimitExceededException",
        "Message": "The requested resource exceeds the maximum number allowed."}


def test_quotas_that_may_be_raised_bind_under_strict_only(fresh_server):
    server = fresh_server("--strict")
    events = server.client("events")
    fill(events, 300)
    limit_exceeded(events.put_rule, Name="r300", EventPattern=ALL)
    events.put_rule(Name="r299", EventPattern=ALL, Description="a change is no new rule")
    for n in range(100):
        events.create_event_bus(Name=f"b{n}")
    limit_exceeded(events.create_event_bus, Name="b100")
    with pytest.raises(ClientError) as caught:
        events.put_permission(Policy=json.dumps({"Statement": [{"Sid": "s" * 10240}]}))
    assert caught.value.response["Error"]["Code"] == "PolicyLengthExceededException"


def test_without_strict_a_quota_is_a_warning(fresh_server):
    server = fresh_server()
    events = server.client("events")
    fill(events, 302)
    assert server.output().count("AWS refuses more than 300 rules on a bus") == 1


def test_a_sixth_target_is_always_refused(events, bus):
    rule(events, bus, "r", ALL)
    targets = [{"Id": str(n), "Arn": "arn:aws:sqs:us-east-1:000000000000:q"} for n in range(6)]
    limit_exceeded(events.put_targets, Rule="r", EventBusName=bus, Targets=targets)
    events.put_targets(Rule="r", EventBusName=bus, Targets=targets[:5])
    limit_exceeded(events.put_targets, Rule="r", EventBusName=bus, Targets=targets[5:])


def test_a_state_machine_needs_a_role_under_strict(fresh_server):
    machine = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
    for args in (["--strict"], []):
        server = fresh_server(*args)
        events = server.client("events")
        events.put_rule(Name="r", EventPattern=ALL)
        text = f"RoleArn is required for target {machine}."
        if args:
            with pytest.raises(ClientError) as caught:
                events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": machine}])
            assert caught.value.response["Error"]["Message"] == text
        else:
            events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": machine}])
            assert text in server.output()


@pytest.mark.parametrize("operation, filters", [
    ("list_archives", {"NamePrefix": "a", "State": "ENABLED"}),
    ("list_replays", {"NamePrefix": "a", "State": "RUNNING"})])
def test_archives_and_replays_are_listed_by_one_filter(events, operation, filters):
    with pytest.raises(ClientError) as caught:
        getattr(events, operation)(**filters)
    assert caught.value.response["Error"]["Message"] == (
        f"At most one filter is allowed for {operation.title().replace('_', '')}. "
        "Use either : State, EventSourceArn, or NamePrefix.")


# --- policies

def test_a_policy_is_an_object_and_may_have_one_statement(events, bus):
    for policy in ("[]", "5", "{}", "{"):
        with pytest.raises(ClientError) as caught:
            events.put_permission(EventBusName=bus, Policy=policy)
        assert caught.value.response["Error"]["Code"] == "ValidationException"
    statement = {"Sid": "one", "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents"}
    events.put_permission(EventBusName=bus, Policy=json.dumps({"Statement": statement}))
    events.put_permission(EventBusName=bus, Action="events:PutEvents", Principal="*",
                          StatementId="two")
    policy = json.loads(events.describe_event_bus(Name=bus)["Policy"])
    assert [s["Sid"] for s in policy["Statement"]] == ["one", "two"]
    with pytest.raises(ClientError) as caught:
        events.put_permission(EventBusName=bus, Principal="*", StatementId="three")
    assert "Action must be specified" in str(caught.value)
