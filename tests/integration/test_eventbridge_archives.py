"""What archives and replays answer and refuse, with boto3."""
import pytest
from botocore.exceptions import ClientError

from test_eventbridge import ALL, bodies, bus, events, put, queue, rule, sqs  # noqa: F401


@pytest.fixture
def bus_arn(events, bus):
    return events.describe_event_bus(Name=bus)["Arn"]


def refusal(call, **given):
    with pytest.raises(ClientError) as caught:
        call(**given)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_what_archives_show(events, bus_arn, unique):
    name = unique("archive")
    made = events.create_archive(ArchiveName=name, EventSourceArn=bus_arn, Description="d",
                                 EventPattern=ALL)
    assert set(made) - {"ResponseMetadata"} == {"ArchiveArn", "CreationTime", "State"}
    assert made["State"] == "ENABLED"
    [listed] = events.list_archives(NamePrefix=name)["Archives"]
    assert set(listed) == {"ArchiveName", "CreationTime", "EventCount", "EventSourceArn",
                           "RetentionDays", "SizeBytes", "State"}
    described = events.describe_archive(ArchiveName=name)
    assert set(described) - {"ResponseMetadata"} == {
        *listed, "ArchiveArn", "Description", "EventPattern"}


def test_what_archives_refuse(events, bus_arn, unique):
    name, unknown = unique("archive"), unique("unknown")
    events.create_archive(ArchiveName=name, EventSourceArn=bus_arn)
    assert refusal(events.create_archive, ArchiveName=name, EventSourceArn=bus_arn) == (
        "ResourceAlreadyExistsException", f"Archive {name} already exists.")
    for call in (events.describe_archive, events.delete_archive):
        assert refusal(call, ArchiveName=unknown) == (
            "ResourceNotFoundException", f"Archive {unknown} does not exist.")
    no_bus = bus_arn.replace(":event-bus/", ":event-bus/no-")
    words = f"Event bus {no_bus.rpartition('/')[2]} does not exist."
    assert refusal(events.create_archive, ArchiveName=unknown, EventSourceArn=no_bus)[1] == words
    assert refusal(events.list_archives, EventSourceArn=no_bus)[1] == words
    assert refusal(events.update_archive, ArchiveName=unknown) == (
        "ValidationException",
        "At least one of EventPattern, RetentionDays or Description must be provided.")


def test_what_replays_refuse(events, bus_arn, unique):
    name, replay = unique("archive"), unique("replay")
    archive = events.create_archive(ArchiveName=name, EventSourceArn=bus_arn)["ArchiveArn"]
    good = {"ReplayName": replay, "EventSourceArn": archive, "EventStartTime": 0,
            "EventEndTime": 1, "Destination": {"Arn": bus_arn}}
    default = bus_arn.rpartition("/")[0] + "/default"
    for wrong, words in (
            ({"EventSourceArn": archive + "-not"}, "Parameter EventSourceArn is not valid. Reason: "
             f"Archive {name}-not does not exist."),
            ({"EventEndTime": 0}, "Parameter EventEndTime is not valid. Reason: EventStartTime "
             "must be before EventEndTime."),
            ({"Destination": {"Arn": default}}, "Parameter Destination.Arn is not valid. Reason: "
             "Cross event bus replay is not permitted.")):
        assert refusal(events.start_replay, **{**good, **wrong}) == ("ValidationException", words)
    started = events.start_replay(**good)
    assert set(started) - {"ResponseMetadata"} == {"ReplayArn", "ReplayStartTime", "State"}
    assert started["State"] == "STARTING"
    assert refusal(events.start_replay, **good) == (
        "ResourceAlreadyExistsException", f"Replay {replay} already exists.")
    for call in (events.describe_replay, events.cancel_replay):
        assert refusal(call, ReplayName=replay + "-not") == (
            "ResourceNotFoundException", f"Replay {replay}-not does not exist.")


def test_a_replayed_event_says_so_before_its_resources(events, sqs, bus, bus_arn, queue, unique):
    archive = events.create_archive(ArchiveName=unique("a"), EventSourceArn=bus_arn)["ArchiveArn"]
    put(events, bus, {"n": 1})
    url, arn = queue()
    rule(events, bus, "r", ALL, {"Arn": arn})
    events.start_replay(ReplayName=unique("r"), EventSourceArn=archive, EventStartTime=0,
                        EventEndTime=4_000_000_000, Destination={"Arn": bus_arn})
    [event] = bodies(sqs, url, 1)
    assert list(event) == ["version", "id", "detail-type", "source", "account", "time", "region",
                           "replay-name", "resources", "detail"]


def test_rules_and_buses_are_named_and_refused_in_aws_words(events, bus, unique):
    arn = events.put_rule(Name="r", EventBusName=bus, EventPattern=ALL,
                          Tags=[{"Key": "k", "Value": "v"}])["RuleArn"]
    assert arn.endswith(f":rule/{bus}/r")
    name = unique("r")
    on_default = events.put_rule(Name=name, EventPattern=ALL)["RuleArn"]
    assert on_default.endswith(f":rule/{name}")
    events.delete_rule(Name=name)
    events.put_rule(Name="r", EventBusName=bus, EventPattern=ALL, Description="again")
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    assert "CreatedBy" in events.describe_rule(Name="r", EventBusName=bus)
    assert "CreatedBy" not in events.list_rules(EventBusName=bus)["Rules"][0]
    assert refusal(events.describe_rule, Name=name) == (
        "ResourceNotFoundException", f"Rule {name} does not exist on EventBus default.")
    assert refusal(events.create_event_bus, Name=bus)[1] == f"Event bus {bus} already exists."
    assert refusal(events.delete_event_bus, Name="default") == (
        "ValidationException", "Cannot delete event bus default.")
    assert refusal(events.remove_permission, EventBusName=bus, StatementId="s")[1] == \
        "Statement with the provided id does not exist."
    assert refusal(events.put_targets, Rule="r", EventBusName=bus, Targets=[
        {"Id": "!@#$@!#$", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}])[1] == (
            "1 validation error detected: Value '!@#$@!#$' at 'targets.1.member.id' failed to "
            r"satisfy constraint: Member must satisfy regular expression pattern: "
            r"[\.\-_A-Za-z0-9]+")
