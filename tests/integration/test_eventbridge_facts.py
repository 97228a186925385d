"""What emulators of EventBridge usually get wrong, one behaviour after the other, over the wire."""
import itertools
import json

import pytest
from botocore.exceptions import ClientError

from test_eventbridge import ALL, bodies, bus, drain, events, queue, rule, sqs  # noqa: F401
from test_eventbridge_archives import refusal

ENVELOPE = {"id": "1", "account": "000000000000", "source": "app", "time": "2026-01-01T00:00:00Z",
            "region": "us-east-1", "resources": [], "detail-type": "Thing"}


def event_text(rest):
    """An event with more members, given as the inside of a JSON object."""
    return json.dumps(ENVELOPE)[:-1] + (", " + rest if rest else "") + "}"


def matches(events, pattern, rest):
    return events.test_event_pattern(EventPattern=pattern, Event=event_text(rest))["Result"]


def pattern_refusal(events, pattern):
    code, message = refusal(events.put_rule, Name="r", EventPattern=pattern)
    assert code == "InvalidEventPatternException"
    return message


# --- matching

@pytest.mark.parametrize("leaf", ['"x"', "5", "true", "null"])
def test_a_leaf_is_an_array(events, leaf):
    assert pattern_refusal(events, '{"v":' + leaf + "}").startswith(
        'Event pattern is not valid. Reason: "v" must be an object or an array')


@pytest.mark.parametrize("pattern, event", itertools.product(
    ['{"detail":{"a.b":["x"]}}', '{"detail":{"a":{"b":["x"]}}}', '{"detail.a.b":["x"]}'],
    ['"detail":{"a":{"b":"x"}}', '"detail":{"a.b":"x"}', '"detail.a.b":"x"']))
def test_nested_and_dotted_keys_are_one(events, pattern, event):
    assert matches(events, pattern, event)
    assert not matches(events, pattern.replace("x", "y"), event)


def test_keys_are_joined_below_arrays_too(events):
    pattern = '{"detail":{"payload.nested.another-level.deep":{"inside-list":["x"]}}}'
    event = '"detail":{"payload":[{"nested":{"another-level":{"deep":[{"inside-list":"x"}]}}}]}'
    assert matches(events, pattern, event)


@pytest.mark.parametrize("key", ["Source", "DetailType", "detailType", "SOURCE"])
def test_keys_have_their_case(events, key):
    assert not matches(events, json.dumps({key: ["app", "Thing"]}), "")


@pytest.mark.parametrize("name", ["Prefix", "EXISTS", "anything_but", "Equals-Ignore-Case"])
def test_operators_have_their_case(events, name):
    assert f"Reason: Unrecognized match type {name}\n" in pattern_refusal(
        events, '{"v":[{"' + name + '":"x"}]}')


@pytest.mark.parametrize("wanted, got", [
    *itertools.product(["300", "300.0", "3.0e2", "3E+2", "30e1"], repeat=2),
    *itertools.product(["0", "-0", "0.0", "0e5"], repeat=2),
    ("1e400", "1e400"), ("9007199254740993", "9007199254740993")])
def test_equal_numbers_in_any_spelling(events, wanted, got):
    assert matches(events, '{"v":[' + wanted + "]}", '"v":' + got)
    assert not matches(events, '{"v":[' + wanted + "]}", f'"v":"{got}"')


@pytest.mark.parametrize("wanted, got", [
    ("1e400", "10e399"), ("9007199254740993", "9007199254740992"), ('"true"', "true"),
    ("true", '"true"'), ('"null"', "null"), ("null", '"null"'), ('"5"', "5"), ("5", '"5"'),
    ("null", "[]"), ('""', "[]"), ('{"anything-but":"x"}', "[]"), ('{"exists":true}', "[]"),
    ('{"exists":true}', "{}"), ('{"exists":true}', "[{}]"), ('{"exists":true}', "[[]]"),
    ('{"exists":false}', "[null]"), ('{"exists":true}', '{"w":1}'), ('{"anything-but":"a"}', '["a"]'),
    ('{"numeric":[">",0]}', '"5"'),
    *[(f'{{"{name}":"{text}"}}', value) for name, text in
      (("prefix", ""), ("suffix", ""), ("wildcard", "*")) for value in ("5", "true", "null")],
    ('{"wildcard":""}', '"x"'), ('{"wildcard":"a?c"}', '"abc"'), ('{"cidr":"10.0.0.0/24"}', '"x"'),
    ('{"cidr":"10.0.0.0/24"}', '"10.0.1.0"'), ('{"equals-ignore-case":"SS"}', '"ß"'),
    ('"é"', '"e\\u0301"')])
def test_what_does_not_match(events, wanted, got):
    assert not matches(events, '{"v":[' + wanted + "]}", '"v":' + got)


@pytest.mark.parametrize("wanted, got", [
    ('{"exists":false}', "[]"), ('{"exists":false}', "{}"), ('{"exists":false}', "[{}]"),
    ('{"exists":false}', "[[]]"), ("null", "[null]"), ('{"exists":true}', "[null]"),
    ('{"exists":false}', '{"w":1}'), ('{"anything-but":"a"}', '["a","c"]'), ('"x"', '[[["x"]]]'),
    *[('{"anything-but":5}', value) for value in ('"x"', "null", "true", "6")],
    *[('{"anything-but":{"prefix":"x"}}', value) for value in ("5", "null", "true", '"y"')],
    ('{"numeric":[">",0,"<",5]}', "4.9"), ('{"numeric":["=",300]}', "3.0e2"),
    ('{"prefix":""}', '""'), ('{"suffix":""}', '"x"'), ('{"wildcard":"*"}', '"\\n"'),
    ('{"wildcard":""}', '""'), ('{"anything-but":{"wildcard":""}}', '"x"'),
    ('{"equals-ignore-case":""}', '""'), ('{"wildcard":"a\\\\*"}', '"a*"'),
    ('{"wildcard":"a\\\\\\\\*"}', '"a\\\\b"'), ('{"wildcard":"a*c"}', '"a\\né😀c"'),
    ('{"equals-ignore-case":"É"}', '"é"'), ('{"equals-ignore-case":"Ⱥ"}', '"ⱥ"'),
    ('{"cidr":"10.0.0.77/24"}', '"10.0.0.255"'),
    ('{"cidr":"2001:db8::/32"}', '"2001:0DB8:0:0::1"'), ('"\\u0078"', '"x"'), ('"x"', '"\\u0078"')])
def test_what_matches(events, wanted, got):
    assert matches(events, '{"v":[' + wanted + "]}", '"v":' + got)


ORDER = '"o":{"id":1,"lines":[{"sku":"A","tags":[{"k":1,"v":2}]},{"sku":"B","tags":[{"k":3,"v":4}]}]}'


@pytest.mark.parametrize("pattern, expected", [
    ('{"o":{"lines":{"sku":["A"],"tags":{"k":[1],"v":[2]}}}}', True),
    ('{"o":{"lines":{"sku":["A"],"tags":{"k":[3]}}}}', False),
    ('{"o":{"lines":{"tags":{"k":[1],"v":[4]}}}}', False),
    ('{"o":{"id":[1],"lines":{"sku":["B"],"tags":{"v":[4]}}}}', True),
    ('{"o":{"lines":{"sku":["B"],"none":[{"exists":false}]}}}', True),
    ('{"o":{"lines":{"sku":["B"],"tags":{"k":[{"exists":false}]}}}}', False)])
def test_fields_of_one_array_are_of_one_element(events, pattern, expected):
    assert matches(events, pattern, ORDER) is expected


@pytest.mark.parametrize("pattern, event, expected", [
    ('{"$or":[{"a":[1]},{"b":[2]}]}', '"b":2', True),
    ('{"c":[3],"$or":[{"a":[1]},{"b":[2]}]}', '"b":2,"c":4', False),
    ('{"c":[3],"$or":[{"a":[1]},{"b":[2]}]}', '"b":2,"c":3', True),
    ('{"x":{"$or":[{"a":[1]},{"b":[2]}]},"y":{"$or":[{"a":[1]},{"b":[2]}]}}', '"x":{"a":1},"y":{"b":2}', True),
    ('{"x":{"$or":[{"a":[1]},{"b":[2]}]},"y":{"$or":[{"a":[1]},{"b":[2]}]}}', '"x":{"a":1},"y":{"b":1}', False),
    ('{"$or":[{"a":[1]},{"$or":[{"b":[2]},{"c":[3]}]}]}', '"c":3', True),
    # A repeated key: the last list, all members of objects, all values of an event.
    ('{"l":[{"prefix":"us-"}],"l":[{"anything-but":"us-east"}]}', '"l":"eu"', True),
    ('{"v":{"a":[1]},"v":{"b":[2]}}', '"v":{"a":1}', False),
    ('{"v":{"a":[1]},"v":{"b":[2]}}', '"v":{"a":1,"b":2}', True),
    ('{"v":["a"]}', '"v":"a","v":"b"', True), ('{"v":["b"]}', '"v":"a","v":"b"', True),
    ('{"\\u0076":["a"]}', '"v":"a"', True)])
def test_alternatives_and_repeated_keys(events, pattern, event, expected):
    assert matches(events, pattern, event) is expected


# --- refused patterns

def second_line(pattern, column):
    return f'\n at [Source: (String)"{pattern}"; line: 1, column: {column}]'


@pytest.mark.parametrize("pattern, reason, column", [
    ('{"int": 42}', '"int" must be an object or an array', 11),
    ('{"resources": []}', "Empty arrays are not allowed", 17),
    ('{"v":[{"EXISTS":true}]}', "Unrecognized match type EXISTS", 21),
    ('{"v":[["x"]]}', "Match value must be String, number, true, false, or null", 8)])
def test_a_refusal_says_where(events, pattern, reason, column):
    message = pattern_refusal(events, pattern)
    assert message == f"Event pattern is not valid. Reason: {reason}{second_line(pattern, column)}"


@pytest.mark.parametrize("leaf, lines", [
    ('[{"cidr":"10.0.0.0"}]', 1), ('[{"cidr":"xx.11.xx/8"}]', 1),
    ('[{"wildcard":"*:*:*:*:*:event-bus/*"}]', 1), ("[]", 2), ('[{"anything-but":null}]', 2),
    ('[{"anything-but":[null]}]', 3)])
def test_how_many_lines_a_refusal_has(events, leaf, lines):
    assert len(pattern_refusal(events, '{"v":' + leaf + "}").split("\n")) == lines


@pytest.mark.parametrize("leaf, reason", [
    ('[{"prefix":["a"]}]', "prefix match pattern must be a string"),
    ('[{"suffix":5}]', "suffix match pattern must be a string"),
    ('[{"equals-ignore-case":["a"]}]', "equals-ignore-case match pattern must be a string"),
    ('[{"wildcard":5}]', "wildcard match pattern must be a string"),
    ('[{"anything-but":{"prefix":null}}]', "prefix/suffix match pattern must be a string"),
    ('[{"anything-but":{"suffix":""}}]', "Null prefix/suffix not allowed"),
    ('[{"numeric":[">=",5,"<=",5]}]', "Bottom must be less than top"),
    ('[{"numeric":["=",1,"<",5]}]', "Too many elements in numeric expression"),
    ('[{"numeric":["<>",5]}]', "Unrecognized numeric range operator: <>"),
    ('[{"anything-but":{"cidr":"x"}}]', "Unsupported anything-but pattern: cidr"),
    ('[{"anything-but":[1,"a"]}]', "Inside anything but list, either all values are number or "
     "string, mixed type is not supported")])
def test_more_reasons(events, leaf, reason):
    assert pattern_refusal(events, '{"v":' + leaf + "}").split("\n")[0] == \
        f"Event pattern is not valid. Reason: {reason}"


def test_some_wildcards_are_not_too_many(events):
    assert matches(events, '{"v":[{"wildcard":"/Users/*/dir/dir/dir/dir/dir/doc.txt"}]}',
                   '"v":"/Users/me/dir/dir/dir/dir/dir/doc.txt"')


def test_a_pattern_has_a_size(fresh_server):
    pattern = json.dumps({"source": ["x" * 2040]})
    assert len(pattern) > 2048
    relaxed, strict = fresh_server(), fresh_server("--strict")
    relaxed.client("events").put_rule(Name="r", EventPattern=pattern)
    text = "Parameter EventPattern for rule r exceeds limit of 2048."
    assert text in relaxed.output()
    assert refusal(strict.client("events").put_rule, Name="r", EventPattern=pattern) == (
        "ValidationException", text)
    code, message = refusal(relaxed.client("events").put_rule, Name="r",
                            EventPattern=json.dumps({"source": ["x" * 4096]}))
    assert "Member must have length less than or equal to 4096" in message


def test_few_rules_may_have_wildcards(fresh_server):
    events = fresh_server("--strict").client("events")
    for n in range(30):
        events.put_rule(Name=f"r{n}", EventPattern='{"v":[{"wildcard":"a*"}]}')
    assert refusal(events.put_rule, Name="r30", EventPattern='{"v":[{"wildcard":"a*"}]}')[0] == \
        "LimitExceededException"
    events.put_rule(Name="r29", EventPattern='{"v":[{"wildcard":"b*"}]}')
    events.put_rule(Name="r30", EventPattern='{"v":["a"]}')


# --- PutEvents

@pytest.mark.parametrize("name", ["Source", "DetailType", "Detail"])
@pytest.mark.parametrize("empty", [{}, {"": ""}])
def test_an_entry_needs_its_members(events, bus, name, empty):
    good = {"EventBusName": bus, "Source": "a", "DetailType": "b", "Detail": "{}"}
    entry = {k: v for k, v in good.items() if k != name}
    if empty:
        entry[name] = ""
    answer = events.put_events(Entries=[good, entry])
    assert answer["FailedEntryCount"] == 1 and "EventId" in answer["Entries"][0]
    assert answer["Entries"][1] == {
        "ErrorCode": "InvalidArgument",
        "ErrorMessage": f"Parameter {name} is not valid. Reason: {name} is a required argument."}


@pytest.mark.parametrize("detail", ["text", "[]", '"text"', "{", "5", "null", "{}{}"])
def test_a_detail_is_an_object(events, bus, detail):
    answer = events.put_events(Entries=[{"EventBusName": bus, "Source": "a", "DetailType": "b",
                                         "Detail": detail}])
    assert answer["Entries"] == [{"ErrorCode": "MalformedDetail",
                                  "ErrorMessage": "Detail is malformed."}]


def test_eleven_entries_are_shown_in_the_refusal(events):
    entry = {"Source": "s", "DetailType": "t", "Detail": "{}", "EventBusName": "default"}
    shown = ("PutEventsRequestEntry(time=null, source=s, resources=null, detailType=t, detail={}, "
             "eventBusName=default, traceHeader=null, kmsKeyIdentifier=null, internalMetadata=null)")
    assert refusal(events.put_events, Entries=[entry] * 11) == (
        "ValidationException", "1 validation error detected: Value '[" + ", ".join([shown] * 11) +
        "]' at 'entries' failed to satisfy constraint: Member must have length less than or equal "
        "to 10")


def test_what_an_event_consists_of(events, sqs, bus, queue):
    url, arn = queue()
    rule(events, bus, "r", ALL, {"Arn": arn})
    answer = events.put_events(Entries=[{
        "EventBusName": bus, "Source": "s", "DetailType": "t", "Detail": '{"n": 1}',
        "Time": 1767323045.678}])
    [message] = drain(sqs, url, 1)
    assert json.loads(message["Body"]) == {
        "version": "0", "id": answer["Entries"][0]["EventId"], "detail-type": "t", "source": "s",
        "account": "000000000000", "time": "2026-01-02T03:04:05Z", "region": "us-east-1",
        "resources": [], "detail": {"n": 1}}


# --- input transformers and InputPath

DETAIL = {"acc": {"acc_id": "0a787ecb-4015", "sf_id": "baz"}, "one": ["HIGH"],
          "two": ["ACTIVE", "INACTIVE"], "on": True, "n": 5, "text": 'a"b'}
PATHS = {"acc": "$.detail.acc", "id": "$.detail.acc.acc_id", "one": "$.detail.one",
         "two": "$.detail.two", "on": "$.detail.on", "n": "$.detail.n", "none": "$.detail.none",
         "text": "$.detail.text", "first": "$.detail.two[0]"}


def delivered(events, sqs, bus, queue, **way):
    """The bodies of what a target gets for one event, and of what another gets after it."""
    url, arn = queue()
    rule(events, bus, "the-rule", ALL, {"Arn": arn, **way}, {"Arn": arn, "Input": '"the end"'})
    events.put_events(Entries=[{"EventBusName": bus, "Source": "s", "DetailType": "t",
                                "Time": 1767323045, "Detail": json.dumps(DETAIL)}])
    got = []
    while '"the end"' not in got:
        got += [m["Body"] for m in drain(sqs, url, 1)]
    return [body for body in got if body != '"the end"']


@pytest.mark.parametrize("template, body", [
    ('"text"', '"text"'),
    ('"one <id>"\n"two <n>"', '"one 0a787ecb-4015"\n"two 5"'),
    ('{"x":<id>}', '{"x":"0a787ecb-4015"}'), ('{"x":<acc>}', '{"x":{"acc_id":"0a787ecb-4015","sf_id":"baz"}}'),
    ('{"x":<two>}', '{"x":["ACTIVE","INACTIVE"]}'), ('{"x":<on>,"y":<n>}', '{"x":true,"y":5}'),
    ('{"x":"<id>"}', '{"x":"0a787ecb-4015"}'), ('{"x":"a/<id>/b"}', '{"x":"a/0a787ecb-4015/b"}'),
    ('{"x":<text>,"y":"<text>"}', '{"x":"a\\"b","y":"a\\"b"}'), ('{"x":<first>}', '{"x":"ACTIVE"}'),
    ('{"x":<none>}', '{"x":""}'), ('{"x":"<none>"}', '{"x":""}'), ('"a <none> b"', '"a  b"'),
    ('"<acc>"', '"{acc_id:0a787ecb-4015,sf_id:baz}"'), ('"<two> <one>"', '"[ACTIVE,INACTIVE] [HIGH]"'),
    ('"is <on>"', '"is true"'), ('[<n>,<id>]', '[5,"0a787ecb-4015"]'),
    ('{"x":"<acc>"}', None), ('{"x":"<two>"}', None)])
def test_what_a_template_gives(events, sqs, bus, queue, template, body):
    assert delivered(events, sqs, bus, queue, InputTransformer={
        "InputPathsMap": PATHS, "InputTemplate": template}) == ([] if body is None else [body])


@pytest.mark.parametrize("path, body", [
    ("$.detail.acc.sf_id", '"baz"'), ("$.detail.two", '["ACTIVE","INACTIVE"]'), ("$.detail.on", "true"),
    ("$.detail.two[1]", '"INACTIVE"')])
def test_what_a_path_gives(events, sqs, bus, queue, path, body):
    [got] = delivered(events, sqs, bus, queue, InputPath=path)
    assert got == body


def test_variables_need_no_path(events, sqs, bus, queue):
    [body] = delivered(events, sqs, bus, queue, InputTransformer={"InputTemplate": (
        '{"event":<aws.events.event>,"json":<aws.events.event.json>,"name":<aws.events.rule-name>,'
        '"arn":"<aws.events.rule-arn>","at":<aws.events.event.ingestion-time>}')})
    got = json.loads(body)
    assert list(got["json"]) == ["version", "id", "detail-type", "source", "account", "time", "region",
                                 "resources", "detail"]
    assert list(got["event"]) == ["version", "id", "detailType", "source", "account", "time", "region",
                                  "resources"]
    assert got["json"]["detail"] == DETAIL and got["event"]["id"] == got["json"]["id"]
    assert (got["name"], got["arn"]) == (
        "the-rule", f"arn:aws:events:us-east-1:000000000000:rule/{bus}/the-rule")
    assert got["at"].endswith("Z") and got["at"] != got["json"]["time"]


@pytest.mark.parametrize("way, message", [
    ({"Input": "{}", "InputPath": "$.detail"},
     "Only one of Input, InputPath, or InputTransformer must be provided for target t."),
    ({"InputPath": "$", "InputTransformer": {"InputTemplate": '"x"'}},
     "Only one of Input, InputPath, or InputTransformer must be provided for target t."),
    ({"InputTransformer": {"InputTemplate": '"<a>"'}},
     "InputTemplate for target t contains invalid placeholder a."),
    ({"InputTransformer": {"InputTemplate": '"<aws.events.nothing>"'}},
     "InputTemplate for target t contains invalid placeholder aws.events.nothing."),
    *[({"InputTransformer": {"InputTemplate": template}}, "InputTemplate for target t contains "
       "placeholder aws.events.event.json valid only for JSON template.")
      for template in ('"<aws.events.event.json>"', "[<aws.events.event.json>]")],
    *[({"InputPath": path}, "InputPath for target t is invalid.")
      for path in ("detail.a", "$.detail['a']", '$["detail"]')],
    ({"InputTransformer": {"InputPathsMap": {"a": "detail"}, "InputTemplate": '"<a>"'}},
     "InputPath for target t is invalid."),
    ({"Input": "{not json"}, "JSON syntax error in input for target t."),
    ({"InputTransformer": {"InputPathsMap": {"aws.events.x": "$.id"}, "InputTemplate": '"x"'}},
     "1 validation error detected: Value '{aws.events.x=$.id}' at "
     "'targets.1.member.inputTransformer.inputPathsMap' failed to satisfy constraint: Map keys must "
     "satisfy constraint: [Member must have length less than or equal to 256, Member must have "
     "length greater than or equal to 1, Member must satisfy regular expression pattern: "
     r"[A-Za-z0-9\_\-]+]")])
def test_inputs_that_are_refused(events, bus, way, message):
    rule(events, bus, "r", ALL)
    assert refusal(events.put_targets, Rule="r", EventBusName=bus, Targets=[
        {"Id": "t", "Arn": "arn:aws:sqs:us-east-1:000000000000:q", **way}]) == (
            "ValidationException", message)


# --- targets

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


@pytest.mark.parametrize("target, message", [
    ({"DeadLetterConfig": {"Arn": "arn:aws:sns:us-east-1:000000000000:t"}},
     "sns is not supported as a dead letter resource."),
    ({"DeadLetterConfig": {"Arn": "arn:aws:lambda:us-east-1:000000000000:function:f"}},
     "lambda is not supported as a dead letter resource."),
    ({"DeadLetterConfig": {"Arn": QUEUE + ".fifo"}},
     "SQS FIFO is not supported by Dead Letter Queues."),
    ({"DeadLetterConfig": {"Arn": QUEUE.replace("us-east-1", "us-west-2")}},
     "The dead letter queue must be in us-east-1."),
    *[({name: {}}, f"Parameter(s) {name} not supported for target: t.") for name in (
        "EcsParameters", "HttpParameters", "BatchParameters", "RunCommandParameters")],
    ({"KinesisParameters": {"PartitionKeyPath": "$.id"}},
     "Parameter(s) KinesisParameters not supported for target: t."),
    ({"Arn": QUEUE + ".fifo"}, "Parameter(s) SqsParameters must be specified for target: t."),
    ({"Arn": "arn:aws:sns:us-east-1:000000000000:t.fifo"}, "SNS FIFO topics are not supported"),
    ({"Id": "!@#$@!#$"}, r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+"),
    ({"Id": "t" * 65}, "Member must have length less than or equal to 64"),
    ({"Id": "!" * 65}, "2 validation errors detected: ")])
def test_targets_that_are_refused(server, events, bus, target, message):
    rule(events, bus, "r", ALL)
    text = json.dumps({"Rule": "r", "EventBusName": bus, "Targets": [
        {"Id": "t", "Arn": QUEUE, **target}]}).encode()
    status, _, body = server.request("POST", "/", text, {
        "X-Amz-Target": "AWSEvents.PutTargets", "Content-Type": "application/x-amz-json-1.1",
        "Authorization": "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/events/"
                         "aws4_request, SignedHeaders=host, Signature=0"})
    answer = json.loads(body)
    assert (status, answer["__type"]) == (400, "ValidationException"), answer
    assert message in answer["message"]


def test_an_id_comes_once(events, bus):
    rule(events, bus, "r", ALL)
    assert refusal(events.put_targets, Rule="r", EventBusName=bus,
                   Targets=[{"Id": "t", "Arn": QUEUE}, {"Id": "t", "Arn": QUEUE + "2"}])[1] == (
        "Parameter targets is not valid. Reason: More than one target with Id 't' is provided.")


def test_a_group_goes_to_any_queue(events, sqs, bus, queue):
    url, arn = queue()
    rule(events, bus, "r", ALL, {"Arn": arn, "SqsParameters": {"MessageGroupId": "g"}})
    events.put_events(Entries=[{"EventBusName": bus, "Source": "s", "DetailType": "t",
                                "Detail": "{}"}])
    [message] = drain(sqs, url, 1)
    assert message["Attributes"]["MessageGroupId"] == "g"


def test_a_bus_as_a_target_needs_a_role_under_strict(fresh_server):
    events = fresh_server("--strict").client("events")
    arn = events.create_event_bus(Name="b")["EventBusArn"]
    events.put_rule(Name="r", EventPattern=ALL)
    assert refusal(events.put_targets, Rule="r", Targets=[{"Id": "t", "Arn": arn}])[1] == \
        f"RoleArn is required for target {arn}."


# --- rules, buses, schedules

def test_a_rule_with_targets_stays(events, bus):
    rule(events, bus, "r", ALL, {"Arn": QUEUE})
    assert refusal(events.delete_rule, Name="r", EventBusName=bus) == (
        "ValidationException", "Rule can't be deleted since it has targets.")


def test_unknown_buses_are_refused_in_the_same_words(events, unique):
    name = unique("bus")
    expected = ("ResourceNotFoundException", f"Event bus {name} does not exist.")
    for call, given in ((events.describe_event_bus, {"Name": name}),
                        (events.delete_event_bus, {"Name": name}),
                        (events.put_rule, {"Name": "r", "EventBusName": name, "EventPattern": ALL}),
                        (events.list_rules, {"EventBusName": name})):
        assert refusal(call, **given) == expected


def test_partner_buses_are_named_like_their_source(events):
    assert refusal(events.create_event_bus, Name="aws.partner/example.com/1/a",
                   EventSourceName="aws.partner/example.com/1/b")[1] == \
        "Event bus name must match event source name."
    assert refusal(events.create_event_bus, Name="team/bus")[1] == \
        "Event bus name must not contain '/'."


@pytest.mark.parametrize("expression, valid", [
    ("cron(0 20 * * ? 2500)", True), ("cron(0 20 ? * L *)", True), ("cron(0 20 LW * ? *)", True),
    ("cron(0 20 15W * ? *)", True), ("cron(0 20 1#2 * ? *)", False), ("cron(0 20 ? * 8 *)", False),
    ("cron(0 24 * * ? *)", False), ("cron(0 20 32 * ? *)", False), ("cron(0 20 * 13 ? *)", False),
    ("cron(0 20 ? * ? *)", False), ("cron(0 20 * * ?)", False), ("RATE(5 minutes)", False)])
def test_schedules(events, unique, expression, valid):
    name = unique("r")
    if valid:
        events.put_rule(Name=name, ScheduleExpression=expression, State="DISABLED")
        events.delete_rule(Name=name)
    else:
        assert refusal(events.put_rule, Name=name, ScheduleExpression=expression) == (
            "ValidationException", "Parameter ScheduleExpression is not valid.")


def test_what_a_scheduled_event_is(fresh_server):
    server = fresh_server()
    server.admin("PUT", "/clock", {"freeze": True, "set": "2026-01-01T00:00:00Z"})
    events, sqs = server.client("events"), server.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = events.put_rule(Name="tick", ScheduleExpression="rate(1 minute)")["RuleArn"]
    events.put_targets(Rule="tick", Targets=[{"Id": "t", "Arn": QUEUE}])
    server.admin("PUT", "/clock", {"advance": "61s"})
    [event] = bodies(sqs, url, 1)
    assert event.pop("id")
    assert event == {"version": "0", "detail-type": "Scheduled Event", "source": "aws.events",
                     "account": "000000000000", "time": "2026-01-01T00:01:00Z",
                     "region": "us-east-1", "resources": [arn], "detail": {}}


def test_tags_have_limits(events, bus):
    arn = events.describe_event_bus(Name=bus)["Arn"]
    for tags in ([{"Key": "aws:x", "Value": "v"}], [{"Key": "AWS:x", "Value": "v"}],
                 [{"Key": f"k{n}", "Value": "v"} for n in range(51)]):
        assert refusal(events.tag_resource, ResourceARN=arn, Tags=tags)[0] == "ValidationException"
        assert refusal(events.put_rule, Name="r", EventBusName=bus, EventPattern=ALL,
                       Tags=tags)[0] == "ValidationException"
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == []


# --- endpoints

def test_an_endpoint_stands_before_two_buses(events, unique):
    def refused(first, second, **more):
        return refusal(events.create_endpoint, **{
            "Name": unique("e"), "RoleArn": "arn:aws:iam::000000000000:role/r",
            "EventBuses": [{"EventBusArn": f"arn:aws:events:{bus}"} for bus in (first, second)],
            "RoutingConfig": {"FailoverConfig": {
                "Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/1"},
                "Secondary": {"Route": "us-west-2"}}}, **more})[1]

    east, west = (f"us-{side}:000000000000:event-bus/b" for side in ("east-1", "west-2"))
    regions = "An event bus must be provided in both the primary and secondary regions."
    assert refused(east, east) == regions
    assert refused(east, "us-west-1:000000000000:event-bus/b") == regions
    assert refused(east, west + "2") == \
        "Event bus names must match in the primary and secondary regions."
    assert refused(east, west, RoleArn=None, ReplicationConfig={"State": "ENABLED"}) == \
        "When replication is enabled, role cannot be empty."


# --- archives and replays

def test_an_archive_is_of_a_bus_of_its_region(events, bus, unique):
    arn = events.describe_event_bus(Name=bus)["Arn"].replace("us-east-1", "us-west-2")
    assert refusal(events.create_archive, ArchiveName=unique("a"), EventSourceArn=arn) == (
        "ResourceNotFoundException", f"Event bus {bus} does not exist.")
    default = "arn:aws:events:us-west-2:000000000000:event-bus/default"
    assert refusal(events.create_archive, ArchiveName=unique("a"), EventSourceArn=default) == (
        "ResourceNotFoundException", "Event bus default does not exist.")


def test_a_replay_goes_to_rules_of_its_bus(events, bus, unique):
    arn = events.describe_event_bus(Name=bus)["Arn"]
    archive = events.create_archive(ArchiveName=unique("a"), EventSourceArn=arn)["ArchiveArn"]
    other = events.put_rule(Name=unique("r"), EventPattern=ALL, State="DISABLED")["RuleArn"]
    for wrong in (other, arn, QUEUE, "x"):
        code, message = refusal(
            events.start_replay, ReplayName=unique("r"), EventSourceArn=archive, EventStartTime=0,
            EventEndTime=1, Destination={"Arn": arn, "FilterArns": [wrong]})
        assert code == "ValidationException"
        assert message.startswith("Parameter Destination.FilterArns is not valid. Reason: ")


def test_ten_replays_run_at_once(fresh_server):
    events = fresh_server("--strict").client("events")
    arn = events.describe_event_bus()["Arn"]
    archive = events.create_archive(ArchiveName="a", EventSourceArn=arn)["ArchiveArn"]
    for _ in range(300):
        events.put_events(Entries=[{"Source": "s", "DetailType": "t", "Detail": "{}"}] * 10)
    good = {"EventSourceArn": archive, "EventStartTime": 0, "EventEndTime": 4_000_000_000,
            "Destination": {"Arn": arn}}
    codes = []
    for n in range(40):
        try:
            events.start_replay(ReplayName=f"r{n}", **good)
            codes.append(None)
        except ClientError as error:
            codes.append(error.response["Error"]["Code"])
    assert codes[:10] == [None] * 10
    assert "LimitExceededException" in codes
