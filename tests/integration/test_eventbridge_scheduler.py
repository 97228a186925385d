"""EventBridge Scheduler and Pipes by behaviour, with boto3 against servers of their own clock."""
import json

import pytest
from botocore.exceptions import ClientError

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


def test_a_failing_schedule_ends_in_its_dead_letter_queue(server):
    scheduler, sqs = server.client("scheduler"), server.client("sqs")
    dead = make_queue(server, "dead")
    scheduler.create_schedule(
        Name="s", ScheduleExpression="rate(1 minute)", FlexibleTimeWindow=OFF,
        Target={"Arn": QUEUE + "gone", "RoleArn": ROLE, "Input": "{}",
                "DeadLetterConfig": {"Arn": QUEUE + "dead"}})
    advance(server, 61)
    [message] = drain(sqs, dead, 1)
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"


def test_groups_hold_schedules(server):
    scheduler = server.client("scheduler")
    scheduler.create_schedule_group(Name="g")
    scheduler.create_schedule(Name="s", GroupName="g", ScheduleExpression="rate(1 day)",
                              FlexibleTimeWindow=OFF, Target={"Arn": QUEUE + "q", "RoleArn": ROLE})
    assert scheduler.get_schedule(Name="s", GroupName="g")["GroupName"] == "g"
    scheduler.delete_schedule_group(Name="g")
    assert scheduler.list_schedules()["Schedules"] == []


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
