"""EventBridge by behaviour, with boto3 against the running server."""
import json
import threading

import pytest
from botocore.exceptions import ClientError

from conftest import wait_until

ALL = json.dumps({"source": [{"prefix": ""}]})


@pytest.fixture
def events(server):
    return server.client("events")


@pytest.fixture
def sqs(server):
    return server.client("sqs")


@pytest.fixture
def bus(events, unique):
    name = unique("bus")
    events.create_event_bus(Name=name)
    return name


@pytest.fixture
def queue(sqs, unique):
    """(url, arn) of a new queue."""
    def make(**attributes):
        name = unique("queue") + (".fifo" if "FifoQueue" in attributes else "")
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, arn["Attributes"]["QueueArn"]
    return make


def drain(sqs, url, count):
    """Takes `count` messages out of a queue."""
    messages = []
    while len(messages) < count:
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5,
                                  MessageAttributeNames=["All"], AttributeNames=["All"])
        assert got.get("Messages"), f"only {len(messages)} of {count} messages came"
        for message in got["Messages"]:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            messages.append(message)
    return messages


def bodies(sqs, url, count):
    return [json.loads(m["Body"]) for m in drain(sqs, url, count)]


def is_empty(sqs, url):
    return "Messages" not in sqs.receive_message(QueueUrl=url)


def put(events, bus, detail, source="app", kind="Thing", **more):
    return events.put_events(Entries=[{"EventBusName": bus, "Source": source, "DetailType": kind,
                                       "Detail": json.dumps(detail), **more}])


def rule(events, bus, name, pattern, *targets):
    text = pattern if isinstance(pattern, str) else json.dumps(pattern)
    events.put_rule(Name=name, EventBusName=bus, EventPattern=text)
    if targets:
        events.put_targets(Rule=name, EventBusName=bus,
                           Targets=[{"Id": str(i), **t} for i, t in enumerate(targets)])


def test_an_event_reaches_the_rules_that_match(events, sqs, bus, queue):
    paid, paid_arn = queue()
    everything, all_arn = queue()
    rule(events, bus, "paid", {"detail": {"state": ["paid"]}}, {"Arn": paid_arn})
    rule(events, bus, "all", ALL, {"Arn": all_arn})
    answer = put(events, bus, {"state": "paid"}, Resources=["r1"])
    put(events, bus, {"state": "new"})
    assert answer["FailedEntryCount"] == 0
    [event] = bodies(sqs, paid, 1)
    assert list(event) == ["version", "id", "detail-type", "source", "account", "time", "region",
                           "resources", "detail"]
    assert event["id"] == answer["Entries"][0]["EventId"]
    assert event["resources"] == ["r1"]
    assert len(bodies(sqs, everything, 2)) == 2
    assert is_empty(sqs, paid)


def test_each_entry_has_its_own_result(events, bus):
    answer = events.put_events(Entries=[
        {"EventBusName": bus, "Source": "a", "DetailType": "b", "Detail": "{}"},
        {"EventBusName": bus, "Source": "a", "DetailType": "b", "Detail": "[]"},
        {"EventBusName": bus, "DetailType": "b", "Detail": "{}"},
        {"EventBusName": "nobody-knows-it", "Source": "a", "DetailType": "b", "Detail": "{}"}])
    assert answer["FailedEntryCount"] == 2
    ok, malformed, lacking, dropped = answer["Entries"]
    assert "EventId" in ok and "EventId" in dropped
    assert malformed["ErrorCode"] == "MalformedDetail"
    assert lacking["ErrorMessage"] == \
        "Parameter Source is not valid. Reason: Source is a required argument."


def test_a_request_too_large_is_refused(events, bus):
    with pytest.raises(ClientError) as caught:
        put(events, bus, {"x": "y" * 270_000})
    assert "Total size of the entries in the request is over the limit." in str(caught.value)
    entry = {"EventBusName": bus, "Source": "a", "DetailType": "b", "Detail": "{}"}
    with pytest.raises(ClientError) as caught:
        events.put_events(Entries=[entry] * 11)
    assert "Member must have length less than or equal to 10" in str(caught.value)


def test_transformed_input(events, sqs, bus, queue):
    url, arn = queue()
    rule(events, bus, "r", ALL, {"Arn": arn, "InputTransformer": {
        "InputPathsMap": {"id": "$.detail.id", "tags": "$.detail.tags"},
        "InputTemplate": '{"order": <id>, "text": "order <id>", "tags": <tags>, '
                         '"rule": <aws.events.rule-name>}'}})
    put(events, bus, {"id": 7, "tags": ["a", "b"]})
    assert bodies(sqs, url, 1) == [
        {"order": 7, "text": "order 7", "tags": ["a", "b"], "rule": "r"}]


def test_input_and_input_path(events, sqs, bus, queue):
    url, arn = queue()
    rule(events, bus, "r", ALL, {"Arn": arn, "InputPath": "$.detail.inner"},
         {"Arn": arn, "Input": '{"fixed":1}'})
    put(events, bus, {"inner": {"n": 1}})
    assert sorted(map(json.dumps, bodies(sqs, url, 2))) == ['{"fixed": 1}', '{"n": 1}']


def test_a_fifo_queue_gets_its_group(events, sqs, bus, queue):
    url, arn = queue(FifoQueue="true", ContentBasedDeduplication="true")
    rule(events, bus, "r", ALL, {"Arn": arn, "SqsParameters": {"MessageGroupId": "g"}})
    for n in range(3):
        put(events, bus, {"n": n})
    messages = drain(sqs, url, 3)
    assert [json.loads(m["Body"])["detail"]["n"] for m in messages] == [0, 1, 2]
    assert messages[0]["Attributes"]["MessageGroupId"] == "g"


def test_a_missing_target_goes_to_the_dead_letter_queue(events, sqs, bus, queue):
    dead, dead_arn = queue()
    rule(events, bus, "r", ALL,
         {"Arn": dead_arn + "-gone", "DeadLetterConfig": {"Arn": dead_arn}})
    put(events, bus, {"n": 1})
    [message] = drain(sqs, dead, 1)
    attributes = {k: v["StringValue"] for k, v in message["MessageAttributes"].items()}
    assert attributes["ERROR_CODE"] == "NO_RESOURCE"
    assert attributes["TARGET_ARN"] == dead_arn + "-gone"
    assert json.loads(message["Body"])["detail"] == {"n": 1}


def test_buses_are_listed_described_and_deleted(events, unique):
    name = unique("bus")
    arn = events.create_event_bus(Name=name, Tags=[{"Key": "a", "Value": "b"}])["EventBusArn"]
    assert events.describe_event_bus(Name=name)["Arn"] == arn
    assert [b["Name"] for b in events.list_event_buses(NamePrefix=name)["EventBuses"]] == [name]
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    events.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == []
    events.delete_event_bus(Name=name)
    with pytest.raises(ClientError) as caught:
        events.describe_event_bus(Name=name)
    assert caught.value.response["Error"]["Message"] == f"Event bus {name} does not exist."


def test_lists_come_in_pages(events, bus):
    for n in range(5):
        rule(events, bus, f"r{n}", ALL)
    first = events.list_rules(EventBusName=bus, Limit=3)
    rest = events.list_rules(EventBusName=bus, Limit=3, NextToken=first["NextToken"])
    assert [r["Name"] for r in first["Rules"] + rest["Rules"]] == [f"r{n}" for n in range(5)]
    assert "NextToken" not in rest


def test_permissions_make_the_policy(events, bus):
    events.put_permission(EventBusName=bus, Action="events:PutEvents", Principal="123456789012",
                          StatementId="s")
    policy = json.loads(events.describe_event_bus(Name=bus)["Policy"])
    assert policy["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    events.remove_permission(EventBusName=bus, StatementId="s")
    assert "Policy" not in events.describe_event_bus(Name=bus)


def test_rules_know_their_targets(events, bus, queue):
    _, arn = queue()
    rule(events, bus, "r", ALL, {"Arn": arn})
    assert events.list_rule_names_by_target(EventBusName=bus, TargetArn=arn)["RuleNames"] == ["r"]
    removed = events.remove_targets(Rule="r", EventBusName=bus, Ids=["0", "unknown"])
    assert removed["FailedEntryCount"] == 1
    events.delete_rule(Name="r", EventBusName=bus)


def test_a_disabled_rule_rests(events, sqs, bus, queue):
    url, arn = queue()
    rule(events, bus, "r", ALL, {"Arn": arn})
    events.disable_rule(Name="r", EventBusName=bus)
    put(events, bus, {"n": 1})
    events.enable_rule(Name="r", EventBusName=bus)
    put(events, bus, {"n": 2})
    assert [e["detail"]["n"] for e in bodies(sqs, url, 1)] == [2]
    assert is_empty(sqs, url)


def test_archive_and_replay(events, sqs, bus, queue, unique):
    bus_arn = events.describe_event_bus(Name=bus)["Arn"]
    archive = unique("archive")
    arn = events.create_archive(ArchiveName=archive, EventSourceArn=bus_arn)["ArchiveArn"]
    for n in range(3):
        put(events, bus, {"n": n})
    assert events.describe_archive(ArchiveName=archive)["EventCount"] == 3
    url, queue_arn = queue()
    rule(events, bus, "r", ALL, {"Arn": queue_arn})
    name = unique("replay")
    events.start_replay(ReplayName=name, EventSourceArn=arn, EventStartTime=0,
                        EventEndTime=4_000_000_000, Destination={"Arn": bus_arn})
    again = bodies(sqs, url, 3)
    assert [e["detail"]["n"] for e in again] == [0, 1, 2]
    assert {e["replay-name"] for e in again} == {name}
    wait_until(lambda: events.describe_replay(ReplayName=name)["State"] == "COMPLETED")
    assert events.describe_archive(ArchiveName=archive)["EventCount"] == 3


def test_a_replay_chooses_rules_and_times_and_is_cancelled(fresh_server):
    server = fresh_server()
    server.admin("PUT", "/clock", {"freeze": True, "set": "2026-01-01T00:00:00Z"})
    events, sqs = server.client("events"), server.client("sqs")
    bus = events.describe_event_bus(Name="default")["Arn"]
    archive = events.create_archive(ArchiveName="a", EventSourceArn=bus, RetentionDays=2,
                                    EventPattern='{"source":["app"]}')["ArchiveArn"]
    for n in range(3):
        put(events, "default", {"n": n})
        put(events, "default", {"n": n}, source="other")
        server.admin("PUT", "/clock", {"advance": "1m"})
    described = events.describe_archive(ArchiveName="a")
    assert described["EventCount"] == 3 and described["SizeBytes"] > 300
    urls = {}
    for name in ("wanted", "unwanted"):
        urls[name] = sqs.create_queue(QueueName=name)["QueueUrl"]
        rule(events, "default", name, ALL, {"Arn": f"arn:aws:sqs:us-east-1:000000000000:{name}"})
    start = 1767225600  # of 2026
    events.start_replay(
        ReplayName="r", EventSourceArn=archive, EventStartTime=start + 30,
        EventEndTime=start + 3600, Destination={"Arn": bus, "FilterArns": [
            "arn:aws:events:us-east-1:000000000000:rule/wanted"]})
    assert [e["detail"]["n"] for e in bodies(sqs, urls["wanted"], 2)] == [1, 2]
    assert is_empty(sqs, urls["unwanted"])
    [listed] = events.list_replays(State="COMPLETED")["Replays"]
    assert listed["EventLastReplayedTime"].timestamp() == start + 120
    with pytest.raises(ClientError) as caught:
        events.cancel_replay(ReplayName="r")
    assert caught.value.response["Error"]["Code"] == "IllegalStatusException"
    server.admin("PUT", "/clock", {"advance": "72h"})
    assert events.describe_archive(ArchiveName="a")["EventCount"] == 0


def test_connections_hide_their_secrets(events, unique):
    name = unique("connection")
    connection = events.create_connection(
        Name=name, AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "hush"}})
    described = events.describe_connection(Name=name)
    assert described["AuthParameters"] == {"ApiKeyAuthParameters": {"ApiKeyName": "x-key"}}
    made = events.create_api_destination(
        Name=name, ConnectionArn=connection["ConnectionArn"], HttpMethod="POST",
        InvocationEndpoint="http://localhost:9/hook")
    assert made["ApiDestinationState"] == "ACTIVE"
    assert events.list_api_destinations(NamePrefix=name)["ApiDestinations"][0]["Name"] == name
    events.delete_api_destination(Name=name)
    events.delete_connection(Name=name)


def test_an_api_destination_is_called_and_retried(fresh_server, unique):
    from http.server import BaseHTTPRequestHandler, HTTPServer
    seen = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, self.headers["x-key"], json.loads(body)))
            self.send_response(503 if len(seen) == 1 else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    hook = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    server = fresh_server()
    events = server.client("events")
    connection = events.create_connection(
        Name="c", AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "hush"}})
    destination = events.create_api_destination(
        Name="d", ConnectionArn=connection["ConnectionArn"], HttpMethod="POST",
        InvocationEndpoint=f"http://127.0.0.1:{hook.server_port}/hook/*")
    rule(events, "default", "r", ALL, {
        "Arn": destination["ApiDestinationArn"], "InputPath": "$.detail",
        "HttpParameters": {"PathParameterValues": ["7"], "QueryStringParameters": {"q": "1"}}})
    put(events, "default", {"n": 1})
    server.await_idle(advance=True)
    assert seen == [("/hook/7?q=1", "hush", {"n": 1})] * 2
    hook.shutdown()


def test_explain_says_why_a_rule_does_not_match(server, events, bus, unique):
    rule(events, bus, "typo", {"detail": {"state": ["Paid"]}})
    rule(events, bus, "text", {"detail": {"id": ["7"]}})
    rule(events, bus, "fits", {"detail": {"id": [7]}})
    other = unique("other")
    events.create_event_bus(Name=other)
    rule(events, other, "elsewhere", {"detail": {"state": ["paid"]}})
    status, answer = server.admin("POST", "/events/explain", {
        "bus": bus,
        "event": {"Source": "s", "DetailType": "t", "Detail": '{"state":"paid","id":7}'}})
    assert status == 200, answer
    verdicts = {v["rule"]: v for v in answer["rules"]}
    assert verdicts["fits"]["matches"] is True
    assert verdicts["typo"]["failing"] == {
        "path": "detail.state", "operator": "equals", "wanted": ["Paid"], "got": "paid",
        "hint": "only the case of letters differs"}
    assert "without quotes" in verdicts["text"]["failing"]["hint"]
    assert {"bus": other, "rule": "elsewhere"} in answer["wouldMatchElsewhere"]


@pytest.mark.parametrize("pattern, hint", [
    ({"detail": {"State": ["paid"]}}, "the event calls it detail.state"),
    ({"detail": {"state": {"now": ["paid"]}}}, "a plain value at detail.state"),
    ({"state": ["paid"]}, "it stands under detail: detail.state"),
    ({"detail": {"order": ["7"]}}, "in the event it is an object: ask for detail.order.id"),
    ({"detail": {"id": ["7"]}}, "there is detail.order.id"),
    ({"detail": {"total": [{"numeric": [">", 1]}]}}, "the event has it as text"),
    ({"detail": {"total": [15]}}, "the event has it as text"),
    ({"detail": {"state": ["p*"]}}, "a star is plain text here"),
    ({"detail": {"lines": {"sku": ["a"], "n": [2]}}}, "within the same element of an array"),
])
def test_a_near_miss_has_a_hint(server, events, bus, pattern, hint):
    rule(events, bus, "r", pattern)
    detail = {"state": "paid", "order": {"id": 7}, "total": "15",
              "lines": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}]}
    _, answer = server.admin("POST", "/events/explain", {"bus": bus, "event": {
        "source": "s", "detail-type": "t", "detail": detail}})
    [verdict] = answer["rules"]
    assert verdict["matches"] is False
    assert hint in verdict["failing"]["hint"]


def test_a_detail_that_is_text_and_a_bus_that_is_not_there_are_explained(server, events, bus):
    rule(events, bus, "r", {"detail": {"a": [1]}})
    _, answer = server.admin("POST", "/events/explain", {"bus": bus, "event": {
        "source": "s", "detail-type": "t", "detail": '{"a":1}'}})
    assert "JSON within JSON" in answer["rules"][0]["failing"]["hint"]
    _, answer = server.admin("POST", "/events/explain", {"bus": "nobody", "event": {"a": 1}})
    assert "drops the event" in answer["hint"]


def test_what_cannot_be_explained_or_a_fault_is_refused(server):
    for event in ("no JSON", "[]", 5, None):
        status, answer = server.admin("POST", "/events/explain", {"event": event})
        assert (status, answer["error"]) == (400, "ValidationException"), event
    for fault in ({"dupplicate": 1}, {"drop": 2}, {"drop": "often"}, 5):
        status, answer = server.admin("PUT", "/faults", fault)
        assert (status, answer["error"]) == (400, "ValidationException"), fault


def test_put_events_is_logged_in_a_line(fresh_server):
    server = fresh_server("--log-level", "info")
    events = server.client("events")
    for name, pattern in (("a", ALL), ("b", ALL), ("c", {"source": ["nobody"]})):
        rule(events, "default", name, pattern)
    answer = put(events, "default", {}, kind="ProjectCreated")
    short = answer["Entries"][0]["EventId"][:8]
    wait_until(lambda: f"PutEvents {short}… ProjectCreated → 2 of 3 rules" in server.output(),
               what="the line in the log")


def test_rules_that_never_matched_are_known(server, events, bus):
    rule(events, bus, "hit", ALL)
    rule(events, bus, "miss", {"source": ["nobody"]})
    put(events, bus, {})
    status, answer = server.admin("GET", "/rules")
    mine = {r["rule"]: r for r in answer["rules"] if r["bus"] == bus}
    assert status == 200
    assert mine["hit"]["matched"] == 1 and not mine["hit"]["neverMatched"]
    assert mine["miss"]["neverMatched"]


def test_the_end_tells_of_rules_that_never_matched(fresh_server):
    server = fresh_server()
    client = server.client("events")
    client.put_rule(Name="miss", EventPattern='{"source": ["nobody"]}')
    client.put_rule(Name="off", EventPattern='{"source": ["nobody"]}', State="DISABLED")
    client.put_rule(Name="timed", ScheduleExpression="rate(1 hour)")
    assert client.put_events(Entries=[{"Source": "a", "DetailType": "t", "Detail": "{}"}])[
        "FailedEntryCount"] == 0
    server.stop()
    assert "no event has matched" not in server.output()  # nothing was tried
    server.start()
    client = server.client("events")
    client.put_rule(Name="hit", EventPattern='{"source": ["a"]}')
    client.put_rule(Name="miss", EventPattern='{"source": ["nobody"]}')
    client.put_events(Entries=[{"Source": "a", "DetailType": "t", "Detail": "{}"}])
    server.stop()
    assert "rules that no event has matched since the start: miss on default\n" in server.output()


def test_faults_are_seeded(fresh_server):
    def run():
        server = fresh_server()
        server.admin("PUT", "/clock", {"freeze": True})  # else delays depend on the machine
        events, sqs = server.client("events"), server.client("sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        rule(events, "default", "r", ALL, {"Arn": "arn:aws:sqs:us-east-1:000000000000:q"})
        status, _ = server.admin("PUT", "/faults", {
            "queue": "q", "drop": 0.3, "duplicate": 0.3, "reorder": 0.3, "seed": 5})
        assert status == 200
        for n in range(30):
            put(events, "default", {"n": n})
        server.await_idle(advance=True)
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        count = int(attributes["ApproximateNumberOfMessages"])
        return [e["detail"]["n"] for e in bodies(sqs, url, count)]
    first = run()
    assert first == run()
    assert first != list(range(30))


def test_what_was_accepted_survives_a_kill(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    events, sqs = server.client("events"), server.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    # One target takes the event at once; the other is out of reach until the restart.
    connection = events.create_connection(
        Name="c", AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}})
    destination = events.create_api_destination(
        Name="d", ConnectionArn=connection["ConnectionArn"], HttpMethod="POST",
        InvocationEndpoint="http://127.0.0.1:9/")
    rule(events, "default", "r", ALL, {"Arn": "arn:aws:sqs:us-east-1:000000000000:q"},
         {"Arn": destination["ApiDestinationArn"]})
    accepted = set()
    stop = threading.Event()

    def keep_putting():
        client = server.client("events")
        n = 0
        while not stop.is_set():
            try:
                answer = put(client, "default", {"n": n})
                accepted.add(answer["Entries"][0]["EventId"])
            except Exception:
                return
            n += 1

    threads = [threading.Thread(target=keep_putting) for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(accepted) > 60, what="60 events")
    server.kill()
    stop.set()
    for thread in threads:
        thread.join()

    again = fresh_server("--data-dir", data_dir)
    sqs = again.client("sqs")
    url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
    got = set()
    while accepted - got:
        got |= {e["id"] for e in bodies(sqs, url, 1)}
    status, open_now = again.admin("POST", "/await", {"until": "idle", "timeout": 0})
    waiting = json.dumps(open_now)
    assert "api-destination" in waiting, "the deliveries that failed are still to come"


def test_endpoints_are_kept_and_ignored(events, bus, unique):
    name = unique("endpoint")
    bus_arn = events.describe_event_bus(Name=bus)["Arn"]
    second = bus_arn.replace("us-east-1", "us-west-2")
    given = dict(
        Name=name, EventBuses=[{"EventBusArn": bus_arn}, {"EventBusArn": second}],
        RoleArn="arn:aws:iam::000000000000:role/r",
        RoutingConfig={"FailoverConfig": {
            "Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/1"},
            "Secondary": {"Route": "us-west-2"}}})
    assert events.create_endpoint(**given)["State"] == "CREATING"
    with pytest.raises(ClientError) as caught:
        events.create_endpoint(**given)
    assert caught.value.response["Error"]["Message"] == f"Endpoint {name} already exists."
    described = events.describe_endpoint(Name=name)
    assert described["State"] == "ACTIVE" and described["ReplicationConfig"]["State"] == "ENABLED"
    assert events.update_endpoint(Name=name, Description="d")["State"] == "UPDATING"
    [listed] = events.list_endpoints(NamePrefix=name)["Endpoints"]
    assert listed["Description"] == "d"
    events.delete_endpoint(Name=name)
    with pytest.raises(ClientError) as caught:
        events.describe_endpoint(Name=name)
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_there_are_no_partners(events):
    source = "aws.partner/example.com/x"
    assert events.list_event_sources()["EventSources"] == []
    assert events.list_partner_event_sources(NamePrefix=source)["PartnerEventSources"] == []
    for call, code in ((events.describe_event_source, "ResourceNotFoundException"),
                       (events.activate_event_source, "ResourceNotFoundException")):
        with pytest.raises(ClientError) as caught:
            call(Name=source)
        assert caught.value.response["Error"]["Code"] == code
    with pytest.raises(ClientError) as caught:
        events.create_partner_event_source(Name=source, Account="111111111111")
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    with pytest.raises(ClientError) as caught:
        events.create_event_bus(Name=source, EventSourceName=source)
    assert caught.value.response["Error"]["Message"] == f"Event source {source} does not exist."


@pytest.mark.parametrize("operation, given, complaint", [
    ("create_connection", {
        "Name": "a b", "AuthorizationType": "NOTHING",
        "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "n"}}},
     "3 validation errors detected"),
    ("create_api_destination", {
        "Name": "d", "ConnectionArn": "arn:aws:events:us-east-1:000000000000:connection",
        "InvocationEndpoint": "https://x.example/a b", "HttpMethod": "TRACE"},
     "3 validation errors detected"),
    ("create_archive", {"ArchiveName": "a" * 49, "EventSourceArn": "bus"},
     "2 validation errors detected"),
    ("put_permission", {"Action": "put", "Principal": "me", "StatementId": "s"},
     "2 validation errors detected"),
    ("put_targets", {"Rule": "r", "Targets": [{
        "Id": "1", "Arn": "arn:aws:sqs:us-east-1:000000000000:q",
        "RetryPolicy": {"MaximumRetryAttempts": 186, "MaximumEventAgeInSeconds": 59}}]},
     "2 validation errors detected"),
    ("list_replays", {"State": "ASLEEP"},
     "Member must satisfy enum value set: [STARTING, RUNNING, CANCELLING, COMPLETED, CANCELLED, "
     "FAILED]"),
])
def test_what_breaks_a_constraint_is_refused_in_aws_words(events, operation, given, complaint):
    with pytest.raises(ClientError) as caught:
        getattr(events, operation)(**given)
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert complaint in error["Message"], error["Message"]


def test_buses_of_accounts_and_regions_never_meet(server, unique):
    name = unique("bus")
    server.client("events", account="111111111111").create_event_bus(Name=name)
    for other in (server.client("events", account="222222222222"),
                  server.client("events", account="111111111111", region="eu-west-1")):
        with pytest.raises(ClientError):
            other.describe_event_bus(Name=name)
