"""CloudWatch Logs through boto3."""

import json
import time

import pytest
from botocore.exceptions import ClientError

from test_lambda import client, function  # noqa: F401  (fixtures)


@pytest.fixture
def logs(client):  # noqa: F811
    return client("logs")


@pytest.fixture
def stream(logs):
    logs.create_log_group(logGroupName="/app", tags={"team": "a"})
    logs.create_log_stream(logGroupName="/app", logStreamName="one")

    def put(*messages, stream="one", at=None):
        at = at or int(time.time() * 1000)
        events = [{"timestamp": at + i, "message": message} for i, message in enumerate(messages)]
        return logs.put_log_events(logGroupName="/app", logStreamName=stream, logEvents=events)

    return put


def messages(answer):
    return [event["message"] for event in answer["events"]]


def refused(call, *values, **arguments):
    with pytest.raises(ClientError) as error:
        call(*values, **arguments)
    return error.value.response["Error"]


def test_events_come_back_in_order_and_page_by_page(logs, stream):
    stream(*(f"m{i}" for i in range(5)))
    get = dict(logGroupName="/app", logStreamName="one")
    assert messages(logs.get_log_events(**get, startFromHead=True)) == ["m0", "m1", "m2", "m3", "m4"]
    assert messages(logs.get_log_events(**get, limit=2)) == ["m3", "m4"]
    page = logs.get_log_events(**get, startFromHead=True, limit=3)
    assert messages(page) == ["m0", "m1", "m2"]
    page = logs.get_log_events(**get, nextToken=page["nextForwardToken"])
    assert messages(page) == ["m3", "m4"]
    end = logs.get_log_events(**get, nextToken=page["nextForwardToken"])
    assert messages(end) == [] and end["nextForwardToken"] == page["nextForwardToken"]
    back = logs.get_log_events(**get, nextToken=page["nextBackwardToken"], limit=2)
    assert messages(back) == ["m1", "m2"]


def test_filter_over_streams(logs, stream):
    logs.create_log_stream(logGroupName="/app", logStreamName="two")
    now = int(time.time() * 1000)
    stream("error a", "fine", at=now)
    stream('{"level":"error","n":5}', at=now + 10, stream="two")
    found = logs.filter_log_events(logGroupName="/app", filterPattern="error")["events"]
    assert [(e["logStreamName"], e["message"]) for e in found] == [("one", "error a"), ("two", '{"level":"error","n":5}')]
    found = logs.filter_log_events(logGroupName="/app", filterPattern="{ $.n > 4 }")["events"]
    assert len(found) == 1 and len(found[0]["eventId"]) == 56
    assert messages(logs.filter_log_events(logGroupName="/app", logStreamNames=["one"])) == ["error a", "fine"]
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/app", PaginationConfig={"PageSize": 1})
    assert [m for page in pages for m in messages(page)] == ["error a", "fine", '{"level":"error","n":5}']


def test_groups_and_streams_are_described(logs, stream):
    stream("x")
    (group,) = logs.describe_log_groups(logGroupNamePrefix="/a")["logGroups"]
    assert group["arn"].endswith(":log-group:/app:*") and group["storedBytes"] == 27
    (one,) = logs.describe_log_streams(logGroupName="/app", orderBy="LastEventTime", descending=True)["logStreams"]
    assert one["logStreamName"] == "one" and one["lastEventTimestamp"] == one["firstEventTimestamp"]
    assert logs.list_tags_for_resource(resourceArn=group["arn"][:-2])["tags"] == {"team": "a"}
    logs.put_retention_policy(logGroupName="/app", retentionInDays=7)
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 7
    logs.delete_log_group(logGroupName="/app")
    assert logs.describe_log_groups()["logGroups"] == []


def test_what_is_refused(logs, stream):
    error = refused(logs.create_log_group, logGroupName="/app")
    assert error["Code"] == "ResourceAlreadyExistsException"
    assert error["Message"] == "The specified log group already exists"
    error = refused(logs.get_log_events, logGroupName="/none", logStreamName="x")
    assert (error["Code"], error["Message"]) == ("ResourceNotFoundException", "The specified log group does not exist.")
    error = refused(stream, "x", stream="none")
    assert error["Message"] == "The specified log stream does not exist."
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": "b"}, {"timestamp": now - 1, "message": "a"}]
    error = refused(logs.put_log_events, logGroupName="/app", logStreamName="one", logEvents=events)
    assert error["Code"] == "InvalidParameterException" and "chronological order" in error["Message"]
    error = refused(logs.filter_log_events, logGroupName="/app", filterPattern="{ $.a = ")
    assert error == {"Code": "InvalidParameterException", "Message": "Invalid filter pattern"}
    assert refused(logs.put_retention_policy, logGroupName="/app", retentionInDays=2)["Code"] == "InvalidParameterException"
    answer = stream("old", at=now - 15 * 24 * 3600 * 1000)
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}


def test_insights(logs, stream):
    stream('{"level":"ERROR","ms":30}', '{"level":"INFO","ms":10}', '{"level":"ERROR","ms":50}')
    now = int(time.time())
    query = logs.start_query(
        logGroupName="/app", startTime=now - 60, endTime=now + 60,
        queryString="stats count(*) as n, avg(ms) as mean by level | sort n desc",
    )
    answer = logs.get_query_results(queryId=query["queryId"])
    assert answer["status"] == "Complete" and answer["statistics"]["recordsScanned"] == 3
    rows = [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]]
    assert rows == [{"level": "ERROR", "n": "2", "mean": "40"}, {"level": "INFO", "n": "1", "mean": "10"}]
    assert refused(logs.start_query, logGroupName="/app", startTime=0, endTime=1, queryString="nonsense")["Code"] == "MalformedQueryException"


def test_subscription_feeds_a_function(server, client, function, logs, stream):  # noqa: F811
    invoke = function(
        """
        import base64, gzip
        def handler(event, context):
            print("got", gzip.decompress(base64.b64decode(event["awslogs"]["data"])).decode())
        """
    )
    arn = client("lambda").get_function(FunctionName=invoke.name)["Configuration"]["FunctionArn"]
    logs.put_subscription_filter(logGroupName="/app", filterName="f", filterPattern="error", destinationArn=arn)
    stream("an error", "nothing")
    server.await_idle()
    (event,) = logs.filter_log_events(logGroupName=f"/aws/lambda/{invoke.name}", filterPattern="got")["events"]
    data = json.loads(event["message"][4:])
    assert data["messageType"] == "DATA_MESSAGE" and data["logGroup"] == "/app"
    assert [e["message"] for e in data["logEvents"]] == ["an error"]


def test_logs_survive_a_restart(fresh_server, data_dir):
    first = fresh_server("--data-dir", data_dir)
    logs = first.client("logs")
    logs.create_log_group(logGroupName="/app")
    logs.create_log_stream(logGroupName="/app", logStreamName="one")
    logs.put_log_events(
        logGroupName="/app", logStreamName="one", logEvents=[{"timestamp": int(time.time() * 1000), "message": "kept"}]
    )
    first.kill()
    logs = fresh_server("--data-dir", data_dir).client("logs")
    assert messages(logs.filter_log_events(logGroupName="/app")) == ["kept"]


def test_streams_that_are_not_there(logs, stream):
    stream("here")
    with pytest.raises(ClientError) as error:
        logs.filter_log_events(logGroupName="/app", logStreamNames=["one", "none"])
    assert error.value.response["Error"] == {
        "Code": "ResourceNotFoundException", "Message": "The specified log stream does not exist."}


@pytest.mark.parametrize("token", ["junk", "f/1/s", "f/x/s", "YWZ0ZXI"])
def test_tokens_that_nobody_gave(logs, stream, token):
    stream("here")
    for call, arguments in [
            (logs.describe_log_groups, {}),
            (logs.describe_log_streams, {"logGroupName": "/app"}),
            (logs.get_log_events, {"logGroupName": "/app", "logStreamName": "one"}),
            (logs.filter_log_events, {"logGroupName": "/app"}),
            (logs.describe_subscription_filters, {"logGroupName": "/app"}),
            (logs.describe_metric_filters, {"logGroupName": "/app"}),
            (logs.describe_resource_policies, {}),
            (logs.describe_queries, {})]:
        with pytest.raises(ClientError) as error:
            call(**arguments, nextToken=token)
        assert error.value.response["Error"] == {
            "Code": "InvalidParameterException", "Message": "The specified nextToken is invalid."}


def test_groups_page_by_page(logs):
    names = [f"/many/{n}" for n in range(5)]
    for name in names:
        logs.create_log_group(logGroupName=name)
    pages = logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix="/many/", PaginationConfig={"PageSize": 2})
    assert [g["logGroupName"] for page in pages for g in page["logGroups"]] == names
