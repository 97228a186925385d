"""EventBridge Scheduler and Pipes by behaviour, with boto3 against servers of their own clock."""
import json
from datetime import datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from conftest import wait_until
from test_eventbridge import bodies, drain

ROLE = "arn:aws:iam::000000000000:role/r"
OFF = {"Mode": "OFF"}
QUEUE = "arn:aws:sqs:us-east-1:000000000000:"


@pytest.fixture
def server(fresh_server):
    running = fresh_server()
    status, _ = running.admin("PUT", "/clock", {"freeze": True, "set": "2026-01-01T00:00:00Z"})
    assert status == 200
    return running


def advance(server, seconds):
    status, answer = server.admin("PUT", "/clock", {"advance": f"{seconds}s"})
    assert status == 200, answer


def make_queue(server, name):
    return server.client("sqs").create_queue(QueueName=name)["QueueUrl"]


def test_a_rate_and_a_single_moment(server):
    scheduler, sqs = server.client("scheduler"), server.client("sqs")
    ticks, once = make_queue(server, "ticks"), make_queue(server, "once")
    arn = scheduler.create_schedule(
        Name="tick", ScheduleExpression="rate(5 minutes)", FlexibleTimeWindow=OFF,
        Target={"Arn": QUEUE + "ticks", "RoleArn": ROLE, "Input": '{"n":1}'})["ScheduleArn"]
    assert arn == "arn:aws:scheduler:us-east-1:000000000000:schedule/default/tick"
    scheduler.create_schedule(
        Name="once", ScheduleExpression="at(2026-01-01T02:00:00)", FlexibleTimeWindow=OFF,
        ScheduleExpressionTimezone="Europe/Berlin",
        Target={"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "RoleArn": ROLE,
                "Input": json.dumps({"QueueUrl": once, "MessageBody": '"now"'})})
    advance(server, 16 * 60)
    assert bodies(sqs, ticks, 3) == [{"n": 1}] * 3
    advance(server, 60 * 60)
    assert bodies(sqs, once, 1) == ["now"]
    assert [s["Name"] for s in scheduler.list_schedules()["Schedules"]] == ["once", "tick"]
    scheduler.delete_schedule(Name="tick")
    with pytest.raises(ClientError) as caught:
        scheduler.get_schedule(Name="tick")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_what_a_schedule_refuses(server):
    scheduler = server.client("scheduler")
    for expression in ("rate(0 minutes)", "at(2026-13-01T00:00:00)", "sometimes"):
        with pytest.raises(ClientError) as caught:
            scheduler.create_schedule(Name="s", ScheduleExpression=expression,
                                      FlexibleTimeWindow=OFF,
                                      Target={"Arn": QUEUE + "q", "RoleArn": ROLE})
        assert "Invalid Schedule Expression" in str(caught.value)


SQS_API = "arn:aws:scheduler:::aws-sdk:sqs:"
OTHER_QUEUE = QUEUE.replace("us-east-1", "us-west-2") + "q"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"


@pytest.mark.parametrize("target, message", [
    ({"Arn": OTHER_QUEUE}, "The target ARN provided does not match the current region us-east-1."),
    ({"Arn": QUEUE + "q.fifo"}, "Parameters SqsParameters must be specified."),
    ({"SqsParameters": {"MessageGroupId": "g"}},
     "Parameters MessageGroupId not valid for the target."),
    ({"EventBridgeParameters": {"Source": "s", "DetailType": "t"}},
     "Parameters EventBridgeParameters not supported for the target."),
    ({"Arn": FUNCTION, "Input": "{not json"}, "JSON syntax error in input for the target."),
    ({"Arn": FUNCTION, "Input": '{"n":<aws.scheduler.attempt-number>'},
     "JSON syntax error in input for the target."),
    ({"Arn": "arn:aws:scheduler:::aws-sdk:nosuch:op", "Input": "{}"},
     "nosuch is not a supported service for a target."),
    *[({"Arn": SQS_API + api, "Input": "{}"}, f"{api} API is not supported.")
      for api in ("getQueueUrl", "listQueues", "noSuch")],
    ({"Arn": SQS_API + "sendMessage"},
     "You must provide an input to set this target for your schedule."),
    ({"DeadLetterConfig": {"Arn": QUEUE + "q.fifo"}},
     "SQS FIFO is not supported by Dead Letter Queues.")])
def test_targets_that_a_schedule_refuses(server, target, message):
    with pytest.raises(ClientError) as caught:
        server.client("scheduler").create_schedule(
            Name="s", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF,
            Target={"Arn": QUEUE + "q", "RoleArn": ROLE, **target})
    assert caught.value.response["Error"] == {"Code": "ValidationException", "Message": message}


@pytest.mark.parametrize("given, message", [
    ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes must be provided when "
     "FlexibleTimeWindowMode is set to FLEXIBLE."),
    ({"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}}, "MaximumWindowInMinutes "
     "must not be provided when FlexibleTimeWindowMode is set to OFF."),
    ({"StartDate": 2_000_000_000, "EndDate": 1_999_999_999},
     "The StartDate you specify must come before the EndDate.")])
def test_windows_and_dates_that_a_schedule_refuses(server, given, message):
    with pytest.raises(ClientError) as caught:
        server.client("scheduler").create_schedule(**{
            "Name": "s", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": OFF,
            "Target": {"Arn": QUEUE + "q", "RoleArn": ROLE}, **given})
    assert caught.value.response["Error"]["Message"] == message


@pytest.mark.parametrize("expression, seconds", [
    ("rate(1 minutes)", 60), ("rate(2 minute)", 120), ("rate(1minute)", 60),
    ("RATE(1 hour)", 3600), ("cron(5 0 * * ?)", 300), ("CRON(5 0 * * ? *)", 300),
    ("at(2026-01-01T00:05)", 300), ("AT(2026-01-01T00:05:30)", 330),
    ("rate(1 second)", None), ("rate(1 week)", None), ("rate(-1 minutes)", None),
    ("rate(1.5 minutes)", None), ("rate( 1 minute )", None), ("rate(1 MINUTE)", None),
    ("cron(5 0 * *)", None), ("cron(5 0 * * ? * *)", None), ("cron(5 0 * * * *)", None),
    ("at(2026-01-01)", None), ("at(2026-01-01 00:05:00)", None), ("at(2026-01-01T00:05:00Z)", None),
    ("at(2026-01-01T00:05:00.000)", None), ("at(2026-1-1T0:5:0)", None)])
def test_how_a_schedule_is_spelt(server, expression, seconds):
    scheduler, sqs = server.client("scheduler"), server.client("sqs")
    given = dict(Name="s", ScheduleExpression=expression, FlexibleTimeWindow=OFF,
                 Target={"Arn": QUEUE + "q", "RoleArn": ROLE, "Input": "{}"})
    if seconds is None:
        with pytest.raises(ClientError) as caught:
            scheduler.create_schedule(**given)
        assert caught.value.response["Error"]["Message"] == \
            f"Invalid Schedule Expression {expression}."
        return
    url = make_queue(server, "q")
    scheduler.create_schedule(**given)
    advance(server, seconds - 1)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    advance(server, 2)
    assert bodies(sqs, url, 1) == [{}]


def test_a_schedule_that_is_sent_again_is_the_same(server):
    scheduler = server.client("scheduler")
    given = dict(Name="s", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF,
                 Target={"Arn": QUEUE + "q", "RoleArn": ROLE})
    arn = scheduler.create_schedule(**given, ClientToken="t1")["ScheduleArn"]
    assert scheduler.create_schedule(**given, ClientToken="t1")["ScheduleArn"] == arn
    with pytest.raises(ClientError) as caught:
        scheduler.create_schedule(**given, ClientToken="t2")
    assert caught.value.response["Error"]["Code"] == "ConflictException"
    assert "ClientToken" not in scheduler.get_schedule(Name="s")


def test_the_default_group_is_there_already(server):
    with pytest.raises(ClientError) as caught:
        server.client("scheduler").create_schedule_group(Name="default")
    assert caught.value.response["Error"]["Message"] == \
        "This operation cannot be performed on schedule group default."


def test_a_failing_schedule_ends_in_its_dead_letter_queue(server):
    scheduler, sqs = server.client("scheduler"), server.client("sqs")
    dead = make_queue(server, "dead")
    scheduler.create_schedule(
        Name="s", ScheduleExpression="rate(1 minute)", FlexibleTimeWindow=OFF,
        Target={"Arn": QUEUE + "gone", "RoleArn": ROLE, "Input": "{}",
                "DeadLetterConfig": {"Arn": QUEUE + "dead"}})
    advance(server, 61)
    [message] = drain(sqs, dead, 1)
    got = {k: v["StringValue"] for k, v in message["MessageAttributes"].items()}
    assert "NonExistentQueue" in got["ERROR_CODE"] or "QueueDoesNotExist" in got["ERROR_CODE"]
    assert got["SCHEDULE_ARN"].endswith(":schedule/default/s")
    assert got["TARGET_ARN"] == QUEUE + "gone"
    assert got["SCHEDULED_TIME"] == "2026-01-01T00:01:00Z"
    assert (got["RETRY_ATTEMPTS"], got["IS_PAYLOAD_TRUNCATED"]) == ("0", "false")
    assert got["EXECUTION_ID"]


def test_groups_hold_schedules(server):
    scheduler = server.client("scheduler")
    scheduler.create_schedule_group(Name="g")
    scheduler.create_schedule(Name="s", GroupName="g", ScheduleExpression="rate(1 day)",
                              FlexibleTimeWindow=OFF, Target={"Arn": QUEUE + "q", "RoleArn": ROLE})
    assert scheduler.get_schedule(Name="s", GroupName="g")["GroupName"] == "g"
    scheduler.delete_schedule_group(Name="g")
    assert scheduler.list_schedules()["Schedules"] == []


def test_summer_time_moves_a_cron_schedule(server):
    scheduler, sqs = server.client("scheduler"), server.client("sqs")
    server.admin("PUT", "/clock", {"set": "2026-03-28T00:00:00Z"})
    url = make_queue(server, "q")
    scheduler.create_schedule(
        Name="s", ScheduleExpression="cron(0 8 * * ? *)", FlexibleTimeWindow=OFF,
        ScheduleExpressionTimezone="Europe/Berlin",
        Target={"Arn": QUEUE + "q", "RoleArn": ROLE,
                "Input": '{"at":"<aws.scheduler.scheduled-time>",'
                         '"n":<aws.scheduler.attempt-number>,'
                         '"arn":"<aws.scheduler.schedule-arn>"}'})
    advance(server, 3 * 86400)
    assert [(b["at"], b["n"]) for b in bodies(sqs, url, 3)] == [
        ("2026-03-28T07:00:00Z", 1), ("2026-03-29T06:00:00Z", 1), ("2026-03-30T06:00:00Z", 1)]


@pytest.mark.parametrize("start, days, due", [
    ("2026-03-27T12:00:00Z", 3, ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"]),
    ("2026-10-24T12:00:00Z", 2, ["2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"])])
def test_a_time_that_does_not_exist_is_skipped_and_one_that_comes_twice_counts_once(
        server, start, days, due):
    server.admin("PUT", "/clock", {"set": start})
    url = make_queue(server, "q")
    server.client("scheduler").create_schedule(
        Name="s", ScheduleExpression="cron(30 2 * * ? *)", FlexibleTimeWindow=OFF,
        ScheduleExpressionTimezone="Europe/Berlin",
        Target={"Arn": QUEUE + "q", "RoleArn": ROLE, "Input": '"<aws.scheduler.scheduled-time>"'})
    advance(server, days * 86400)
    assert bodies(server.client("sqs"), url, 2) == due
    assert "Messages" not in server.client("sqs").receive_message(QueueUrl=url)


def test_a_flexible_window_ends_when_it_says(server):
    scheduler, sqs = server.client("scheduler"), server.client("sqs")
    url = make_queue(server, "q")
    # Debian's botocore does not know ActionAfterCompletion yet.
    scope = "000000000000/20260101/us-east-1/scheduler/aws4_request"
    status, _, answer = server.request("POST", "/schedules/s", {
        "ScheduleExpression": "at(2026-01-01T01:00:00)", "ActionAfterCompletion": "DELETE",
        "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
        "Target": {"Arn": QUEUE + "q", "RoleArn": ROLE, "Input": "{}"}},
        {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"})
    assert status == 200, answer
    advance(server, 3599)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    advance(server, 15 * 60 + 1)
    assert bodies(sqs, url, 1) == [{}]
    assert scheduler.list_schedules()["Schedules"] == []


def test_a_schedule_puts_an_event_on_a_bus(server):
    scheduler, events, sqs = (server.client(s) for s in ("scheduler", "events", "sqs"))
    url = make_queue(server, "q")
    bus = events.create_event_bus(Name="b")["EventBusArn"]
    events.put_rule(Name="r", EventBusName="b", EventPattern='{"source":["clock"]}')
    events.put_targets(Rule="r", EventBusName="b", Targets=[{"Id": "1", "Arn": QUEUE + "q"}])
    target = {"Arn": bus, "RoleArn": ROLE, "Input": '{"n":1}'}
    with pytest.raises(ClientError) as caught:
        scheduler.create_schedule(Name="s", ScheduleExpression="rate(1 hour)",
                                  FlexibleTimeWindow=OFF, Target=target)
    assert "Parameters EventBridgeParameters must be specified." in str(caught.value)
    target["EventBridgeParameters"] = {"Source": "clock", "DetailType": "Tick"}
    scheduler.create_schedule(Name="s", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF,
                              Target=target)
    advance(server, 3601)
    [event] = bodies(sqs, url, 1)
    assert (event["detail-type"], event["detail"]) == ("Tick", {"n": 1})


def test_groups_carry_tags(server):
    scheduler = server.client("scheduler")
    arn = scheduler.create_schedule_group(
        Name="g", Tags=[{"Key": "a", "Value": "b"}])["ScheduleGroupArn"]
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "c", "Value": "d"}])
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [
        {"Key": "c", "Value": "d"}]
    assert "Tags" not in scheduler.get_schedule_group(Name="g")
    with pytest.raises(ClientError) as caught:
        scheduler.list_schedules(GroupName="nobody")
    assert caught.value.response["Error"]["Message"] == "Schedule group nobody does not exist."


def test_what_was_due_while_the_house_was_down_comes_after_all(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    server.admin("PUT", "/clock", {"freeze": True, "set": "2026-01-01T00:00:00Z"})
    make_queue(server, "q")
    server.client("scheduler").create_schedule(
        Name="s", ScheduleExpression="at(2026-01-01T01:00:00)", FlexibleTimeWindow=OFF,
        Target={"Arn": QUEUE + "q", "RoleArn": ROLE, "Input": '{"n":1}'})
    server.kill()
    again = fresh_server("--data-dir", data_dir)  # the clock of the wall is far behind that hour
    url = again.client("sqs").get_queue_url(QueueName="q")["QueueUrl"]
    assert bodies(again.client("sqs"), url, 1) == [{"n": 1}]
    again.stop()
    third = fresh_server("--data-dir", data_dir)
    third.await_idle()
    assert "Messages" not in third.client("sqs").receive_message(QueueUrl=url)


def test_retries_survive_a_kill(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    server.admin("PUT", "/clock", {"freeze": True})
    now = datetime.fromisoformat(server.admin("GET", "/clock")[1]["now"].rstrip("Z"))
    tomorrow = (now + timedelta(days=1)).replace(microsecond=0)
    events, scheduler = server.client("events"), server.client("scheduler")
    make_queue(server, "dead")
    connection = events.create_connection(
        Name="c", AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}})
    unreachable = events.create_api_destination(
        Name="d", ConnectionArn=connection["ConnectionArn"], HttpMethod="POST",
        InvocationEndpoint="http://127.0.0.1:9/")["ApiDestinationArn"]
    target = {"Arn": unreachable, "RoleArn": ROLE, "RetryPolicy": {"MaximumRetryAttempts": 6},
              "DeadLetterConfig": {"Arn": QUEUE + "dead"},
              "Input": '{"at":"<aws.scheduler.scheduled-time>",'
                       '"id":"<aws.scheduler.execution-id>"}'}
    for name, expression in (("often", "rate(1 day)"), ("once", f"at({tomorrow.isoformat()})")):
        scheduler.create_schedule(Name=name, ScheduleExpression=expression,
                                  FlexibleTimeWindow=OFF, Target=target)
    advance(server, 86400 + 2)  # two attempts have failed, of seven
    scheduler.delete_schedule(Name="often")
    server.kill()
    again = fresh_server("--data-dir", data_dir)
    again.await_idle(advance=True)
    url = again.client("sqs").get_queue_url(QueueName="dead")["QueueUrl"]
    letters = drain(again.client("sqs"), url, 2)
    assert "Messages" not in again.client("sqs").receive_message(QueueUrl=url)
    arns = set()
    for letter in letters:
        got = {k: v["StringValue"] for k, v in letter["MessageAttributes"].items()}
        body = json.loads(letter["Body"])
        assert (body["at"], body["id"]) == (got["SCHEDULED_TIME"], got["EXECUTION_ID"])
        assert body["at"].startswith(tomorrow.date().isoformat())
        assert got["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"
        assert got["RETRY_ATTEMPTS"] == "6"
        arns.add(got["SCHEDULE_ARN"].rpartition("/")[2])
    assert arns == {"often", "once"}


def stream_of(server, name):
    table = server.client("dynamodb").create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    return table["TableDescription"]["LatestStreamArn"]


def write(server, table, *ids):
    for each in ids:
        server.client("dynamodb").put_item(TableName=table, Item={"id": {"S": each}})


def stream_pipe(server, name, source, **parameters):
    server.client("pipes").create_pipe(
        Name=name, RoleArn=ROLE, Source=source, Target=QUEUE + "target",
        SourceParameters={
            "DynamoDBStreamParameters": {"StartingPosition": "TRIM_HORIZON", **parameters},
            "FilterCriteria": {"Filters": [{"Pattern": '{"eventName":["INSERT"]}'}]}},
        TargetParameters={"InputTemplate": '{"id": <$.dynamodb.Keys.id.S>}'})


def test_a_pipe_goes_on_in_a_stream_after_a_kill(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    target = make_queue(server, "target")
    stream_pipe(server, "p", stream_of(server, "things"))
    write(server, "things", "a", "b")
    assert bodies(server.client("sqs"), target, 2) == [{"id": "a"}, {"id": "b"}]
    server.await_idle()
    server.kill()
    again = fresh_server("--data-dir", data_dir)
    write(again, "things", "c")
    assert bodies(again.client("sqs"), target, 1) == [{"id": "c"}]


def test_a_pipe_gives_up_a_batch_as_it_is_told(server):
    dead = make_queue(server, "dead")
    stream_pipe(server, "p", stream_of(server, "things"), MaximumRetryAttempts=2,
                DeadLetterConfig={"Arn": QUEUE + "dead"})
    write(server, "things", "a")

    def given_up():
        advance(server, 1)
        return server.client("sqs").receive_message(QueueUrl=dead).get("Messages")

    [message] = wait_until(given_up)
    letter = json.loads(message["Body"])
    assert letter["context"]["condition"] == "RetryAttemptsExhausted"
    assert letter["DDBStreamBatchInfo"]["batchSize"] == 1
    target = make_queue(server, "target")
    write(server, "things", "b")
    assert bodies(server.client("sqs"), target, 1) == [{"id": "b"}]


def test_a_pipe_halves_a_batch_until_one_record_is_left(server):
    sqs, target, dead = server.client("sqs"), make_queue(server, "target"), make_queue(server, "dead")
    table = stream_of(server, "things")
    write(server, "things", "a", "b", "c", "bad", "d")
    machine = server.client("stepfunctions").create_state_machine(
        name="m", roleArn=ROLE, type="EXPRESS", definition=json.dumps({
            "StartAt": "M", "States": {"M": {
                "Type": "Map", "End": True, "ItemProcessor": {"StartAt": "C", "States": {
                    "C": {"Type": "Choice", "Default": "P", "Choices": [{
                        "Variable": "$.dynamodb.Keys.id.S", "StringEquals": "bad", "Next": "F"}]},
                    "F": {"Type": "Fail"}, "P": {"Type": "Pass", "End": True}}}}}}))[
                        "stateMachineArn"]
    server.client("pipes").create_pipe(
        Name="p", RoleArn=ROLE, Source=table, Target=QUEUE + "target", Enrichment=machine,
        SourceParameters={"DynamoDBStreamParameters": {
            "StartingPosition": "TRIM_HORIZON", "BatchSize": 5, "MaximumRetryAttempts": 0,
            "OnPartialBatchItemFailure": "AUTOMATIC_BISECT",
            "DeadLetterConfig": {"Arn": QUEUE + "dead"}}},
        TargetParameters={"InputTemplate": '{"id": <$.dynamodb.Keys.id.S>}'})
    assert [b["id"] for b in bodies(sqs, target, 4)] == ["a", "b", "c", "d"]
    [letter] = bodies(sqs, dead, 1)
    assert letter["DDBStreamBatchInfo"]["batchSize"] == 1
    assert letter["context"]["condition"] == "RetryAttemptsExhausted"


def test_a_pipe_waits_for_more_of_a_stream(server):
    sqs, target = server.client("sqs"), make_queue(server, "target")
    table = stream_of(server, "things")
    server.client("pipes").create_pipe(
        Name="p", RoleArn=ROLE, Source=table, Target=QUEUE + "target",
        SourceParameters={"DynamoDBStreamParameters": {
            "StartingPosition": "TRIM_HORIZON", "BatchSize": 3,
            "MaximumBatchingWindowInSeconds": 60}},
        TargetParameters={"InputTemplate": '{"id": <$.dynamodb.Keys.id.S>}'})
    write(server, "things", "a", "b")
    advance(server, 59)
    assert "Messages" not in sqs.receive_message(QueueUrl=target)
    advance(server, 2)
    assert bodies(sqs, target, 2) == [{"id": "a"}, {"id": "b"}]
    write(server, "things", "c", "d", "e")
    advance(server, 60)
    assert [b["id"] for b in bodies(sqs, target, 3)] == ["c", "d", "e"]


def test_a_pipe_gives_up_records_that_grew_old(server):
    dead = make_queue(server, "dead")
    stream_pipe(server, "p", stream_of(server, "things"), MaximumRecordAgeInSeconds=60,
                DeadLetterConfig={"Arn": QUEUE + "dead"})
    write(server, "things", "a")

    def given_up():
        advance(server, 30)
        return server.client("sqs").receive_message(QueueUrl=dead).get("Messages")

    [message] = wait_until(given_up)
    assert json.loads(message["Body"])["context"]["condition"] == "RecordAgeExceeded"


def test_a_batch_that_a_stopped_pipe_was_retrying_is_not_lost(server):
    pipes = server.client("pipes")
    stream_pipe(server, "p", stream_of(server, "things"), MaximumRetryAttempts=1000)
    write(server, "things", "a")
    advance(server, 5)
    pipes.stop_pipe(Name="p")
    advance(server, 5)
    target = make_queue(server, "target")
    pipes.start_pipe(Name="p")
    assert bodies(server.client("sqs"), target, 1) == [{"id": "a"}]


def test_pipes_are_listed_and_tagged(server):
    pipes = server.client("pipes")
    make_queue(server, "source")
    for name, state in (("p1", "RUNNING"), ("p2", "STOPPED")):
        arn = pipes.create_pipe(Name=name, RoleArn=ROLE, Source=QUEUE + "source",
                                Target=QUEUE + "target", DesiredState=state)["Arn"]
    assert [p["Name"] for p in pipes.list_pipes(CurrentState="STOPPED")["Pipes"]] == ["p2"]
    assert [p["Name"] for p in pipes.list_pipes(SourcePrefix=QUEUE, Limit=1)["Pipes"]] == ["p1"]
    assert pipes.list_pipes(TargetPrefix="arn:aws:lambda")["Pipes"] == []
    pipes.tag_resource(resourceArn=arn, tags={"a": "b", "c": "d"})
    pipes.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert pipes.list_tags_for_resource(resourceArn=arn)["tags"] == {"c": "d"}
    pipes.start_pipe(Name="p2")
    assert pipes.describe_pipe(Name="p2")["CurrentState"] == "RUNNING"
    with pytest.raises(ClientError) as caught:
        pipes.describe_pipe(Name="p3")
    assert caught.value.response["Error"]["Code"] == "NotFoundException"


def test_a_pipe_filters_and_transforms(server):
    pipes, sqs = server.client("pipes"), server.client("sqs")
    source, target = make_queue(server, "source"), make_queue(server, "target")
    pipes.create_pipe(
        Name="p", RoleArn=ROLE, Source=QUEUE + "source", Target=QUEUE + "target",
        SourceParameters={"FilterCriteria": {"Filters": [
            {"Pattern": '{"body":{"kind":["wanted"]}}'}]}},
        TargetParameters={"InputTemplate": '{"id": <$.body.id>, "pipe": <aws.pipes.pipe-name>}'})
    for body in ({"kind": "other", "id": 1}, {"kind": "wanted", "id": 2}):
        sqs.send_message(QueueUrl=source, MessageBody=json.dumps(body))
    assert bodies(sqs, target, 1) == [{"id": 2, "pipe": "p"}]
    assert pipes.describe_pipe(Name="p")["CurrentState"] == "RUNNING"
    pipes.delete_pipe(Name="p")
