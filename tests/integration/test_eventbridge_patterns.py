"""What patterns match and how AWS refuses them, asked of TestEventPattern and of rules on a bus."""
import json

import pytest
from botocore.exceptions import ClientError

from test_eventbridge import bus, events  # noqa: F401

ENVELOPE = {"id": "1", "account": "000000000000", "source": "app", "time": "2026-01-01T00:00:00Z",
            "region": "us-east-1", "resources": [], "detail-type": "Thing"}
ITEMS = {"items": [{"sku": "A", "qty": 1}, {"sku": "C"}]}
CIDR = [{"cidr": "10.0.0.77/24"}]


def v(*conditions):
    return {"v": list(conditions)}


@pytest.mark.parametrize("pattern, detail, expected", [
    # Nested, dotted and mixed keys are one path.
    ({"a.b": ["x"]}, {"a": {"b": "x"}}, True),
    ({"a": {"b": ["x"]}}, {"a.b": "x"}, True),
    ({"a.b": {"c": ["x"]}}, {"a": {"b.c": "x"}}, True),
    ({"p.q": {"in-list": ["x"]}}, {"p": [{"q": {"in-list": "x"}}]}, True),
    ({"A": ["x"]}, {"a": "x"}, False),
    # Numbers are equal by value, and differ from text.
    (v(300), {"v": 3.0e2}, True), (v(300), '{"v":30e1}', True), (v(300), {"v": "300"}, False),
    (v(0), '{"v":-0}', True), (v(0), '{"v":0e5}', True),
    (v(9007199254740993), '{"v":9007199254740992}', False),
    (v({"numeric": ["=", 300]}), '{"v":3E+2}', True),
    (v({"numeric": ["=", 0]}), '{"v":-0.0}', True),
    (v({"numeric": [">", 0, "<", 5]}), {"v": 5}, False),
    (v({"numeric": [">", 0, "<=", 5]}), {"v": 5}, True),
    (v({"numeric": [">", 0]}), {"v": "5"}, False),
    (v("true"), {"v": True}, False), (v("null"), {"v": None}, False), (v(None), {"v": None}, True),
    # Empty containers are absent fields.
    (v(None), {"v": []}, False), (v(""), {"v": []}, False),
    (v({"anything-but": "a"}), {"v": []}, False), (v({"exists": False}), {"v": []}, True),
    (v({"exists": False}), {"v": {}}, True), (v({"exists": False}), {"v": [{}]}, True),
    (v({"exists": False}), {"v": [[]]}, True), (v({"exists": True}), {"v": [None]}, True),
    (v({"exists": False}), {"v": {"w": 1}}, True), ({"p": v({"exists": False})}, {}, True),
    ({"items": {"sku": ["C"], "qty": [{"exists": False}]}}, ITEMS, False),
    # Any element of an array may match, except that one must.
    (v({"anything-but": "a"}), {"v": ["a", "c"]}, True),
    (v({"anything-but": "a"}), {"v": ["a"]}, False), (v("x"), {"v": [[["x"]]]}, True),
    (v({"anything-but": 5}), {}, False), (v({"anything-but": 5}), {"v": "x"}, True),
    (v({"anything-but": {"prefix": "x"}}), {"v": None}, True),
    # Conditions on one array of objects hold in one element.
    ({"items": {"sku": ["C"], "qty": [1]}}, ITEMS, False),
    ({"items": {"sku": ["A"], "qty": [1]}}, ITEMS, True),
    ({"l": {"x": [1]}, "r": {"y": [2]}}, {"l": [{"x": 1}], "r": [{"y": 3}, {"y": 2}]}, True),
    # Affixes and wildcards of nothing.
    (v({"prefix": ""}), {"v": "x"}, True), (v({"suffix": ""}), {"v": 5}, False),
    (v({"wildcard": "*"}), {"v": ""}, True), (v({"wildcard": ""}), {"v": "x"}, False),
    (v({"anything-but": {"wildcard": ""}}), {"v": "x"}, True),
    (v({"equals-ignore-case": ""}), {"v": ""}, True),
    (v({"wildcard": r"a\*b"}), {"v": "a*b"}, True), (v({"wildcard": r"a\*b"}), {"v": "axb"}, False),
    (v({"wildcard": r"a\\b"}), {"v": r"a\b"}, True), (v({"wildcard": "a?c"}), {"v": "abc"}, False),
    (v({"wildcard": "a*c"}), {"v": "a\né\U0001f600c"}, True),
    # Case is ignored character by character.
    (v({"equals-ignore-case": "É"}), {"v": "é"}, True),
    (v({"equals-ignore-case": "Ⱥ"}), {"v": "ⱥ"}, True),
    (v({"equals-ignore-case": "SS"}), {"v": "ß"}, False),
    # Addresses.
    (v(*CIDR), {"v": "10.0.0.255"}, True), (v(*CIDR), {"v": "10.0.1.0"}, False),
    (v(*CIDR), {"v": "no address"}, False),
    (v({"cidr": "2001:db8::/32"}), {"v": "2001:0DB8:0::1"}, True),
    (v("10.0.0.7"), {"v": "10.0.0.7"}, True), (v("10.0.0.7"), {"v": "10.0.0.8"}, False),
    (v("::1"), {"v": "0:0:0:0:0:0:0:1"}, True),
    # $or stands anywhere, beside other fields.
    ({"$or": [{"a": [1]}, {"b": [2]}]}, {"b": 2}, True),
    ({"c": [3], "$or": [{"a": [1]}, {"b": [2]}]}, {"b": 2, "c": 4}, False),
    ({"$or": [{"a": [1]}, {"$or": [{"b": [2]}, {"c": [3]}]}]}, {"c": 3}, True),
    # Repeated keys: the last one of a pattern, all of an event.
    ('{"v":["a"],"v":["b"]}', {"v": "a"}, False), ('{"v":["a"],"v":["b"]}', {"v": "b"}, True),
    (v("a"), '{"v":"a","v":"b"}', True),
    # Escapes are decoded, nothing is normalised.
    ('{"v":["\\u00e9"]}', {"v": "é"}, True), (v("é"), {"v": "e\u0301"}, False),
])
def test_what_matches(server, events, bus, pattern, detail, expected):
    inner = pattern if isinstance(pattern, str) else json.dumps(pattern)
    text = detail if isinstance(detail, str) else json.dumps(detail)
    pattern = '{"detail":' + inner + "}"
    event = json.dumps(ENVELOPE)[:-1] + ', "detail":' + text + "}"
    assert events.test_event_pattern(EventPattern=pattern, Event=event)["Result"] is expected
    events.put_rule(Name="r", EventBusName=bus, EventPattern=pattern)
    events.put_events(Entries=[{"EventBusName": bus, "Source": "app", "DetailType": "Thing",
                                "Detail": text}])
    [report] = [r for r in server.admin("GET", "/rules")[1]["rules"] if r["bus"] == bus]
    assert report["matched"] == int(expected)


@pytest.mark.parametrize("leaf, reason", [
    ('"x"', '"v" must be an object or an array'), ("42", '"v" must be an object or an array'),
    ("[]", "Empty arrays are not allowed"), ("{}", "Empty objects are not allowed"),
    ("[{}]", "Match expression name not found"),
    ('[["x"]]', "Match value must be String, number, true, false, or null"),
    ('[{"EXISTS":true}]', "Unrecognized match type EXISTS"),
    ('[{"exists":"true"}]', "exists match pattern must be either true or false."),
    ('[{"numeric":[">",0,">",0]}]', "Bad numeric range operator: >"),
    ('[{"numeric":[">",0,"<"]}]', "Value of < must be numeric"),
    ('[{"numeric":10}]', "Value of numeric must be an array."),
    ('[{"numeric":[]}]', "Invalid member in numeric match: ]"),
    ('[{"numeric":[">",5,"<",5]}]', "Bottom must be less than top"),
    ('[{"prefix":123}]', "prefix match pattern must be a string"),
    ('[{"suffix":["a"]}]', "suffix match pattern must be a string"),
    ('[{"equals-ignore-case":{}}]', "equals-ignore-case match pattern must be a string"),
    ('[{"wildcard":[]}]', "wildcard match pattern must be a string"),
    ('[{"cidr":[]}]', "prefix match pattern must be a string"),
    ('[{"cidr":"10.0.0.0"}]', "Malformed CIDR, one '/' required"),
    ('[{"cidr":"10.0.0.0/x"}]', "Malformed CIDR, mask bits must be an integer"),
    ('[{"cidr":"10.0.0.0/32"}]', "IPv4 mask bits must be < 32"),
    ('[{"cidr":"::1/128"}]', "IPv6 mask bits must be < 128"),
    ('[{"cidr":"xx.11.xx/8"}]', "Nonstandard IP address: xx.11.xx"),
    ('[{"wildcard":"a**b"}]', "Consecutive wildcard characters at pos 2"),
    (r'[{"wildcard":"a\\b"}]', "Invalid escape character at pos 2"),
    ('[{"wildcard":"*:*:*:*:*:event-bus/*"}]',
     "Rule is too complex - try using fewer wildcard characters or fewer repeating character "
     "sequences after a wildcard character"),
    ('[{"anything-but":null}]',
     "Value of anything-but must be an array or single string/number value."),
    ('[{"anything-but":[null]}]',
     "Inside anything but list, start|null|boolean is not supported."),
    ('[{"anything-but":["a",1]}]',
     "Inside anything but list, either all values are number or string, mixed type is not "
     "supported"),
    ('[{"anything-but":{"prefix":1}}]', "prefix/suffix match pattern must be a string"),
    ('[{"anything-but":{"prefix":""}}]', "Null prefix/suffix not allowed"),
    ('[{"anything-but":{"equals-ignore-case":[1]}}]',
     "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."),
    ('[{"prefix":"a","suffix":"b"}]', "Only one key allowed in match expression"),
    ('{"$or":[{"a":[1]}]}', "There must have at least 2 Objects in $or relationship."),
    ('{"$or":[1,2]}', "Only JSON object is allowed in array of $or relationship."),
    ('{"$or":{}}', "It must be an Array followed with $or."),
    ('{"$or":[{"numeric":[1]},{"a":[1]}]}',
     "numeric is Ruler reserved fieldName which cannot be used inside $or."),
])
def test_what_is_refused(events, leaf, reason):
    with pytest.raises(ClientError) as caught:
        events.put_rule(Name="r", EventPattern='{"v":' + leaf + "}")
    error = caught.value.response["Error"]
    assert error["Code"] == "InvalidEventPatternException"
    assert error["Message"].split("\n")[0] == f"Event pattern is not valid. Reason: {reason}"


@pytest.mark.parametrize("text, reason", [
    ("[]", "Filter is not an object"),
    ("this", "Unrecognized token 'this': was expecting (JSON String, Number, Array, Object or "
             "token 'null', 'true' or 'false')"),
    ("{'a':1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field "
                "name"),
])
def test_what_is_no_pattern_at_all(events, text, reason):
    with pytest.raises(ClientError) as caught:
        events.put_rule(Name="r", EventPattern=text)
    assert reason in caught.value.response["Error"]["Message"]


def test_a_test_event_has_the_members_of_an_event(events):
    for missing in ("id", "account", "source", "time", "region", "detail-type"):
        event = {name: value for name, value in ENVELOPE.items() if name != missing}
        with pytest.raises(ClientError) as caught:
            events.test_event_pattern(EventPattern='{"source":["app"]}', Event=json.dumps(event))
        assert caught.value.response["Error"]["Message"] == "Parameter Event is not valid."
    assert events.test_event_pattern(EventPattern='{"source":["app"]}',
                                     Event=json.dumps(ENVELOPE))["Result"] is True


@pytest.mark.parametrize("expression", [
    "rate(1 minutes)", "rate(1 hours)", "rate(10 minute)", "rate(0 minutes)", "rate(10 seconds)",
    "rate(10 MINUTES)", "rate( 10 minutes )", " rate(10 minutes)", "cron(0 1 * * * *)",
    "cron(71 1 * * ? *)"])
def test_schedules_that_are_refused(events, bus, expression):
    with pytest.raises(ClientError) as caught:
        events.put_rule(Name="r", ScheduleExpression=expression)
    assert caught.value.response["Error"] == {
        "Code": "ValidationException", "Message": "Parameter ScheduleExpression is not valid."}
    with pytest.raises(ClientError) as caught:
        events.put_rule(Name="r", EventBusName=bus, ScheduleExpression="rate(1 hour)")
    assert caught.value.response["Error"]["Message"] == \
        "ScheduleExpression is supported only on the default event bus."


@pytest.mark.parametrize("expression", [
    "cron(0 8 ? * 6L *)", "cron(0 8 ? * SAT#3 *)", "cron(0 8 ? * MON-FRI *)",
    "cron(0/15 8 * * ? *)", "cron(5,35 8 * * ? *)", "cron(0 8 * * ? 2001)"])
def test_schedules_that_are_taken(events, unique, expression):
    name = unique("r")
    events.put_rule(Name=name, ScheduleExpression=expression)
    assert events.describe_rule(Name=name)["ScheduleExpression"] == expression
    events.delete_rule(Name=name)
