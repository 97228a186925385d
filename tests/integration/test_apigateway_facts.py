"""AWS's behaviour of REST APIs case by case: what a template renders, what a function gets, what
a client is answered."""
import io
import json
import zipfile

import pytest
from apigateway_support import MOCK, Api, Origin, answered, refusal, templates

FUNCTION = """
import json

def handler(event, context):
    if "httpMethod" not in event:
        if event.get("raises"):
            raise Exception(event["raises"])
        return event.get("answer", event)
    if event["path"] == "/answers":
        answer = json.loads(event["body"])
        if answer == "raise":
            raise ValueError("on purpose")
        return answer
    return {"statusCode": 200, "body": json.dumps(event)}
"""


@pytest.fixture(scope="module")
def function(server):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", FUNCTION)
    arn = server.client("lambda").create_function(
        FunctionName="apigateway-facts", Runtime="python3.12", Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/r", Code={"ZipFile": packed.getvalue()})["FunctionArn"]
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"


@pytest.fixture
def api(server, unique):
    return Api(server, unique("api"))


@pytest.fixture(scope="module")
def origin():
    with Origin.serving() as url:
        yield url


HAND_OVER = "#set($context.requestOverride.path.body = $input.body){statusCode: 200}"


def mock(request=HAND_OVER):
    return {"type": "MOCK", "requestTemplates": templates(request)}


@pytest.mark.parametrize("template, body, expected", [
    ("$input.body", None, "{}"), ("$util.urlEncode($input.body)", None, "%7B%7D"),
    ("$input.body", "no json", "no json"), ("$input.body", '{"a": 1}', '{"a": 1}'),
    ("[$input.body.a]", {"a": 1}, "[]"), ("[$util.urlEncode($input.body.a)]", {"a": 1}, "[]"),
    ("$input.json('$.x')", {"x": "s"}, '"s"'), ("$input.json('$')", {"x": [1]}, '{"x":[1]}'),
    ("$input.json('$.no')", {"x": 1}, '""'), ("$input.json('$.x')", "no json", '""'),
    ("$input.path('$')", {"foo": "bar"}, "{foo=bar}"),
    ("$input.path('$.l')", {"l": [{"foo": "bar"}]}, '[{"foo":"bar"}]'),
    ("$input.path('$')", {"foo": [{"nested": "bar"}]}, '{foo=[{"nested":"bar"}]}'),
    ("$input.path('$').toString() $input.path('$.l').toString()", {"l": [{"a": 1}]},
     '{l=[{"a":1}]} [{"a":1}]'),
    ("$input.path('$.l')", {"l": []}, "[]"),
    ("[$input.path('$.no')$input.path('$.null')]", {"null": None}, "[]"),
    ("$input.path('$.l').size()$input.path('$.o').get('k')$input.path('$.o')['k']",
     {"l": [1, 2], "o": {"k": "v"}}, "2vv"),
    ("#set($o = $util.parseJson($input.body))$o.a.b $o['a']['b'] $o.get('a').get('b')",
     {"a": {"b": 1}}, "1 1 1"),
])
def test_variables_of_the_request(origin, api, template, body, expected):
    """An integration that answers with what it was sent shows the text of a request template."""
    api.method("/t", "POST", {"type": "HTTP", "integrationHttpMethod": "POST", "uri": origin,
                              "requestTemplates": templates(template)}, {})
    assert api.call("POST", "/t", body)[::2] == (200, expected)


def test_a_template_of_nothing_gives_a_function_an_empty_object(function, api):
    api.method("/t", "POST", {"type": "AWS", "integrationHttpMethod": "POST", "uri": function,
                              "requestTemplates": templates("$input.body.any")}, {})
    assert api.call("POST", "/t", {"a": 1})[::2] == (200, "{}")


@pytest.mark.parametrize("template, expected", [
    ("$input.params('x') $input.params('y') $input.params('z')", "path query header"),
    ("$input.params().path.x $input.params().querystring.x $input.params().header.x",
     "path query header"),
    ("$input.params().keySet()", "[path, querystring, header]"),
    ("$context.resourcePath $context.path $context.stage", "/v/{x} /test/v/path test"),
    ("#if($context.keySet().contains('requestId'))yes#end", "yes"),
    ("#if($context.identity.keySet().contains('sourceIp'))yes#end", "yes"),
    ("$context.requestOverride.keySet() $context.responseOverride.keySet()",
     "[path, header, querystring] [header]"),
    ("[$context.requestOverride.path$context.requestOverride.header"
     "$context.requestOverride.querystring$context.responseOverride.header]", "[]"),
    ("#set($context.responseOverride.status = 201)$context.responseOverride.keySet()",
     "[header, status]"),
    ("#set($context.requestOverride.any = 'a')$context.requestOverride.any", "a"),
    ("#set($n = 'k')#set($context.requestOverride.querystring[$n] = 'x')"
     "#set($context['requestOverride'].querystring['y'] = 'z')$context.requestOverride.querystring",
     "{k=x, y=z}"),
    ("#set($x = $context.requestOverride.header.put('k', 'v'))$context.requestOverride.header",
     "{k=v}"),
])
def test_variables_of_the_call(api, template, expected):
    api.method("/v/{x}", "GET", MOCK, answered(template))
    status, _, body = api.call("GET", "/v/path?x=query&y=query", headers={
        "x": "header", "y": "header", "z": "header"})
    assert (status in (200, 201), body) == (True, expected)


def test_an_api_is_the_prefix_of_its_domain(api):
    api.method("/t", "GET", MOCK, answered("$context.domainPrefix"))
    assert api.call("GET", "/t")[2] == api.id


@pytest.mark.parametrize("request_template, response_template, expected", [
    ("#set($context.requestOverride.path.body = $input.body){\"statusCode\": 200}",
     "$context.requestOverride.path.body", (200, '{"a": 1}', None)),
    ("#set($context.requestOverride.own = 1)#set($context.responseOverride.own = 2)"
     "{\"statusCode\": 200}",
     "$context.requestOverride.own$context.responseOverride.own", (200, "12", None)),
    ("#set($context.responseOverride.status = 201)#set($context.responseOverride.header.X-A = 'b')"
     "{\"statusCode\": 200}", "text", (201, "text", "b")),
    ("#set($context.responseOverride.status = 201)#set($context.responseOverride.header.X-A = 'b')"
     "{\"statusCode\": 200}", None, (201, "", "b")),
    ("{\"statusCode\": 200}", "#set($context.responseOverride.status = 204)", (204, "", None)),
])
def test_overrides(api, request_template, response_template, expected):
    api.method("/t", "POST", mock(request_template),
               answered(response_template) if response_template else {})
    status, headers, body = api.call("POST", "/t", {"a": 1})
    assert (status, body, headers["X-A"]) == expected


@pytest.mark.parametrize("request_template, expected", [
    ("{statusCode: 200}", (200, "of 200")), ('{"statusCode": 201,}', (201, "of 2xx")),
    ('{"statusCode": 404}', (500, "of the rest")), ('{"statusCode": "202"}', (201, "of 2xx")),
    ("{}", (500, '{"message": "Internal server error"}')),
    ("[200]", (500, '{"message": "Internal server error"}')),
])
@pytest.mark.parametrize("passthrough", ["NEVER", "WHEN_NO_TEMPLATES", "WHEN_NO_MATCH"])
def test_mocks(api, request_template, expected, passthrough):
    api.method("/t", "GET", {**mock(request_template), "passthroughBehavior": passthrough},
               answered("of 200", selectionPattern="200"),
               answered("of 2xx", selectionPattern=r"2\d{2}", statusCode="201"),
               answered("of the rest", statusCode="500"))
    assert api.call("GET", "/t")[::2] == expected


def service(action, template, **more):
    return {"type": "AWS", "integrationHttpMethod": "POST",
            "uri": f"arn:aws:apigateway:us-east-1:{action}", "requestTemplates": templates(template),
            "credentials": "arn:aws:iam::000000000000:role/r", **more}


def test_events_need_their_target(api):
    event = '{"Entries": [{"Source": "s", "DetailType": "t", "Detail": "{}"}]}'
    target = ("#set($context.requestOverride.header.X-Amz-Target = 'AWSEvents.PutEvents')"
              "#set($context.requestOverride.header.Content-Type = 'application/x-amz-json-1.1')")
    api.method("/overrides", "POST", service("events:action/PutEvents", target + event), {})
    api.method("/parameters", "POST", service(
        "events:action/PutEvents", event, requestParameters={
            "integration.request.header.X-Amz-Target": "'AWSEvents.PutEvents'",
            "integration.request.header.Content-Type": "'application/x-amz-json-1.1'"}), {})
    api.method("/neither", "POST", service("events:action/PutEvents", event), {})
    api.method("/half", "POST", service(
        "events:action/PutEvents", event, requestParameters={
            "integration.request.header.X-Amz-Target": "'AWSEvents.PutEvents'"}), {})
    for path in ("/overrides", "/parameters"):
        status, _, body = api.call("POST", path, {})
        assert (status, json.loads(body)["FailedEntryCount"]) == (200, 0)
    for path in ("/neither", "/half"):
        assert json.loads(api.call("POST", path, {})[2])["__type"] == "UnknownOperationException"


def test_machines_behind_an_api(server, api, unique):
    made = {kind: server.client("stepfunctions").create_state_machine(
        name=unique(), type=kind, roleArn="arn:aws:iam::000000000000:role/r", definition=json.dumps(
            {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}))["stateMachineArn"]
        for kind in ("STANDARD", "EXPRESS")}
    start = ('{{"input": "$util.escapeJavaScript($input.json(\'$\'))", '
             '"stateMachineArn": "{}"}}')
    api.method("/start", "POST",
               service("states:action/StartExecution", start.format(made["STANDARD"])), {})
    api.method("/sync", "POST",
               service("states:action/StartSyncExecution", start.format(made["EXPRESS"])),
               answered("$input.path('$.output')"))
    api.method("/delete", "POST", service(
        "states:action/DeleteStateMachine", json.dumps({"stateMachineArn": made["STANDARD"]})), {})
    status, _, body = api.call("POST", "/start", {"a": "a \"word\""})
    answer = json.loads(body)
    assert status == 200 and set(answer) == {"executionArn", "startDate"}
    assert isinstance(answer["startDate"], (int, float))
    status, _, body = api.call("POST", "/sync", {"a": "a \"word\"", "l": [1]})
    assert (status, json.loads(body)) == (200, {"a": "a \"word\"", "l": [1]})
    assert api.call("POST", "/delete", {})[::2] == (200, "{}")


FORM = {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"}
XML = {**FORM, "integration.request.header.Accept": "'application/xml'"}


@pytest.mark.parametrize("parameters, template, body, expected", [
    (FORM, "Action=SendMessage&MessageBody=$input.body", {"k": "a b"}, ('{"k": "a b"}', None)),
    (FORM, "Action=SendMessage&MessageBody=$input.body", None, ("{}", None)),
    *((FORM, "Action=SendMessage&MessageBody=m" + "".join(
        f"&{spelling}.1.{member}" for member in
        ("Name=n", "Value.DataType=String", "Value.StringValue=v")), None, ("m", "v"))
      for spelling in ("MessageAttribute", "MessageAttributes")),
])
def test_messages_by_form(server, api, unique, parameters, template, body, expected):
    sqs, name = server.client("sqs"), unique("queue")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    api.method("/t", "POST", service(f"sqs:path/000000000000/{name}", template,
                                     requestParameters=parameters),
               answered("$input.path('$.SendMessageResponse.SendMessageResult.MessageId')"))
    status, _, answer = api.call("POST", "/t", body)
    message = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"][0]
    assert (status, answer) == (200, message["MessageId"])
    attribute = message.get("MessageAttributes", {}).get("n", {}).get("StringValue")
    assert (message["Body"], attribute) == expected


def test_messages_by_other_protocols(server, api, unique):
    sqs, name = server.client("sqs"), unique("queue")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    api.method("/xml", "POST", service(f"sqs:path/000000000000/{name}",
                                       "Action=SendMessage&MessageBody=m", requestParameters=XML), {})
    api.method("/json", "POST", service(
        f"sqs:path/000000000000/{name}", json.dumps({"QueueUrl": url, "MessageBody": "j"}),
        requestParameters={
            "integration.request.header.X-Amz-Target": "'AmazonSQS.SendMessage'",
            "integration.request.header.Content-Type": "'application/x-amz-json-1.0'"}), {})
    status, _, body = api.call("POST", "/xml")
    assert status == 200 and "<SendMessageResponse" in body and "<MessageId>" in body
    status, _, body = api.call("POST", "/json")
    assert status == 200 and json.loads(body)["MessageId"]


def test_proxies_are_for_functions(api):
    place = api.method("/t", "POST", MOCK)
    assert refusal(api.gateway.put_integration, **place, **{
        **service("states:action/StartExecution", ""), "type": "AWS_PROXY"}) == (
        "BadRequestException", "Integrations of type 'AWS_PROXY' currently only supports Lambda "
                               "function and Firehose stream invocations.", 400)


@pytest.mark.parametrize("event, expected", [
    ({"answer": "fine"}, (200, '"fine"')), ({"answer": {"statusCode": 504}}, (200, '{"statusCode": 504}')),
    ({"raises": "four hundred"}, (405, "no")), ({"raises": "something"}, (502, "other")),
])
def test_selection_by_the_message_of_a_function(api, function, event, expected):
    api.method("/t", "POST", {"type": "AWS", "integrationHttpMethod": "POST", "uri": function}, {},
               answered("no", statusCode="405", selectionPattern=".*four hundred.*"),
               answered("other", statusCode="502", selectionPattern=".+"),
               answered("never", statusCode="504", selectionPattern="504"))
    assert api.call("POST", "/t", event)[::2] == expected


@pytest.mark.parametrize("kind", ["AWS", "AWS_PROXY"])
def test_functions_are_posted_to(api, function, kind):
    api.method("/t", "GET", {"type": kind, "integrationHttpMethod": "GET", "uri": function}, {})
    status, _, body = api.call("GET", "/t")
    assert (status, json.loads(body)) == (500, {"message": "Internal server error"})


@pytest.fixture(scope="module")
def proxy(server, function):
    api = Api(server, "proxy-facts")
    integration = {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": function}
    for path in ("/x", "/{proxy+}", "/answers"):
        api.method(path, "ANY", integration)
    return api


def event_of(proxy, path, stage="/test", headers=None, body=None, method="GET"):
    status, _, text = proxy.call(method, path, body, headers, stage)
    assert status == 200, text
    return json.loads(text)


def test_the_event_is_the_same_in_each_case(proxy):
    event = event_of(proxy, "/x")
    assert set(event) == {
        "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
        "multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext",
        "body", "isBase64Encoded"}
    assert [event[name] for name in ("queryStringParameters", "multiValueQueryStringParameters",
                                     "pathParameters", "stageVariables", "body")] == [None] * 5
    assert (event["resource"], event["path"], event["httpMethod"], event["isBase64Encoded"]) == (
        "/x", "/x", "GET", False)
    context = event["requestContext"]
    assert set(context) == {
        "accountId", "apiId", "deploymentId", "domainName", "domainPrefix", "extendedRequestId",
        "httpMethod", "identity", "path", "protocol", "requestId", "requestTime",
        "requestTimeEpoch", "resourceId", "resourcePath", "stage"}
    assert (context["path"], context["resourcePath"], context["stage"], context["domainPrefix"]) == (
        "/test/x", "/x", "test", proxy.id)
    assert len(context["identity"]) == 12
    assert {name for name, value in context["identity"].items() if value is not None} <= {
        "sourceIp", "userAgent"}


def test_headers_and_query_of_the_event(proxy):
    event = event_of(proxy, "/x?a=1&a=2&b=+%20%2B&c", headers={
        "x-MiXed": ["1", "2"], "AUTHORIZATION": "t"})
    assert event["headers"]["x-MiXed"] == "2" and event["headers"]["Authorization"] == "t"
    assert event["multiValueHeaders"]["x-MiXed"] == ["1", "2"]
    assert event["queryStringParameters"] == {"a": "2", "b": "  +", "c": ""}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": ["  +"], "c": [""]}


@pytest.mark.parametrize("target, path, whole, value", [
    ("/test/a/", "/a/", "/test/a/", "a"), ("/test/a", "/a", "/test/a", "a"),
    ("/test/test%2Balias@gmail.com", "/test%2Balias@gmail.com", "/test/test%2Balias@gmail.com",
     "test%2Balias@gmail.com"),
    ("/test/a?q=1#b", "/a", "/test/a", "a"), ("/test/a#b", "/a", "/test/a", "a"),
    ("/test//x", "/x", "/test//x", None), ("//test/x", "/x", "/test/x", None),
    ("/test/a//b", "/a//b", "/test/a//b", "a//b"),
])
def test_paths_of_the_event(proxy, target, path, whole, value):
    event = event_of(proxy, target, stage="")
    assert (event["path"], event["requestContext"]["path"]) == (path, whole)
    assert event["pathParameters"] == (None if value is None else {"proxy": value})
    assert event["queryStringParameters"] in (None, {"q": "1"})


BROKEN = (502, '{"message": "Internal server error"}', {})


@pytest.mark.parametrize("answer, expected", [
    ({"statusCode": 200, "wrongValue": 1}, BROKEN), ("text", BROKEN), ([1], BROKEN),
    ({"statusCode": "two"}, BROKEN), ({"multiValueHeaders": {"X-A": "b"}}, BROKEN),
    ("raise", BROKEN), (None, BROKEN),
    ({}, (200, "", {"Content-Type": ["application/json"]})),
    ({"headers": {"X-A": "b"}}, (200, "", {"X-A": ["b"]})),
    ({"statusCode": "201"}, (201, "", {})), ({"headers": None, "body": "b"}, (200, "b", {})),
    ({"headers": {"X-A": True}}, (200, "", {"X-A": ["true"]})),
    ({"multiValueHeaders": {"x-A": ["value-multi"]}, "headers": {"X-a": "value-solo"}},
     (200, "", {"x-A": ["value-multi", "value-solo"]})),
    ({"body": "aGk=", "isBase64Encoded": True}, (200, "aGk=", {})),
    ({"headers": {"content-type": "text/plain"}}, (200, "", {"content-type": ["text/plain"]})),
])
def test_answers_of_functions(proxy, answer, expected):
    status, headers, body = proxy.call("POST", "/answers", answer)
    assert (status, json.loads(body) if status == 502 else body) == (
        expected[0], json.loads(expected[1]) if status == 502 else expected[1])
    for name, values in expected[2].items():
        assert [v for value in headers.get_all(name) for v in value.split(", ")] == values
        assert name in headers.keys(), "the spelling stays"


def test_binary_answers_are_asked_for(server, function, unique):
    api = Api(server, unique("api"), binaryMediaTypes=["image/png"])
    api.method("/answers", "POST",
               {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": function})
    answer = {"body": "aGk=", "isBase64Encoded": True}
    for accept, expected in (("image/png", "hi"), ("text/plain", "aGk=")):
        assert api.call("POST", "/answers", answer, {"Accept": accept})[2] == expected


def test_what_is_not_there_asks_for_a_token(api):
    api.method("/t", "GET", MOCK, {})
    for method, path in (("GET", "/nothing"), ("POST", "/t")):
        status, headers, body = api.call(method, path)
        assert (status, body) == (403, '{"message":"Missing Authentication Token"}')
        assert headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"
        assert headers["x-amzn-RequestId"] and headers["x-amz-apigw-id"]
        assert headers["X-Amzn-Trace-Id"] is None


def test_what_a_request_must_have(api):
    validator = api.gateway.create_request_validator(
        restApiId=api.id, name="all", validateRequestBody=True, validateRequestParameters=True)["id"]
    schemas = {"one": {"type": "object", "required": ["a"]}, "list": {
        "$schema": "http://json-schema.org/draft-04/schema#", "type": "array",
        "items": {"$ref": f"https://apigateway.amazonaws.com/restapis/{api.id}/models/one"}}}
    for name, schema in schemas.items():
        api.gateway.create_model(restApiId=api.id, name=name, contentType="application/json",
                                 schema=json.dumps(schema))
    wanted = {f"method.request.{place}": True for place in (
        "querystring.qs1", "path.issuer", "header.x-header-param")}
    api.method("/{other}", "ANY", MOCK, {}, requestParameters=wanted, requestValidatorId=validator,
               requestModels=templates("one"))
    api.method("/list/of", "ANY", MOCK, {}, requestValidatorId=validator,
               requestModels=templates("list"))
    invalid = (400, '{"message": "Invalid request body"}')
    missing = '{"message": "Missing required request parameters: [%s]"}'
    checks = [
        ("POST", "/v", None, {}, (400, missing % "x-header-param, issuer, qs1")),
        ("POST", "/v?qs1=1", {"a": 1}, {"x-header-param": "1"}, (400, missing % "issuer")),
        ("GET", "/list/of", None, {}, invalid), ("POST", "/list/of", [{"b": 1}], {}, invalid),
        ("POST", "/list/of", "no json", {}, invalid), ("POST", "/list/of", [{"a": 1}], {}, (200, "")),
    ]
    for method, path, body, headers, expected in checks:
        assert api.call(method, path, body, headers)[::2] == expected, (method, path, body)


@pytest.mark.parametrize("kind, header, status", [
    *((kind, header, 500) for kind in ("HTTP", "AWS") for header in
      ("Content-Length", "Transfer-Encoding")),
    *(("AWS", header, 500) for header in (
        "Authorization", "Connection", "Expect", "Proxy-Authenticate", "TE")),
    ("HTTP", "Authorization", 200)])
def test_headers_that_may_not_be_mapped(api, origin, function, kind, header, status):
    api.method("/t", "POST", {
        "type": kind, "integrationHttpMethod": "POST", "uri": origin if kind == "HTTP" else function,
        "requestParameters": {f"integration.request.header.{header}": "'x'"}}, {})
    answer, headers, body = api.call("POST", "/t", {})
    assert answer == status
    if status == 500:
        assert json.loads(body) == {"message": "Internal server error"}
        assert headers["x-amzn-ErrorType"] == "InternalServerErrorException"


def test_headers_to_and_from_a_server(api, origin):
    for path, kind in (("/http", "HTTP"), ("/proxy", "HTTP_PROXY")):
        api.method(path, "POST", {"type": kind, "integrationHttpMethod": "POST", "uri": origin},
                   *([{}] if kind == "HTTP" else []))
    sent = {"User-Agent": "mine", "X-Mine": "yes"}
    _, headers, _ = api.call("POST", "/http", {"a": 1}, sent)
    assert headers["X-Amzn-Trace-Id"] and headers["x-amzn-RequestId"] and headers["x-amz-apigw-id"]
    assert headers["X-Origin"] is None
    seen = Origin.seen["headers"]
    assert (seen["Accept"], seen["User-Agent"]) == ("application/json", f"AmazonAPIGateway_{api.id}")
    assert seen["X-Amzn-Apigateway-Api-Id"] == api.id and seen["X-Amzn-Trace-Id"]
    assert "X-Mine" not in seen
    _, headers, body = api.call("POST", "/proxy", {"a": 1}, sent)
    assert (body, headers["X-Origin"]) == ('{"a": 1}', "yes")
    assert headers["x-amzn-Remapped-Connection"] == "keep-alive"
    assert headers["x-amzn-Remapped-Content-Length"] == "8"
    assert headers["x-amzn-Remapped-Date"] and headers["x-amzn-Remapped-Server"]
    seen = Origin.seen["headers"]
    assert (seen["User-Agent"], seen["X-Mine"]) == ("mine", "yes")


@pytest.mark.parametrize("integration, message", [
    ({"type": "AWS"}, "Enumeration value for HttpMethod must be non-empty"),
    ({"type": "HTTP", "uri": "none"}, "Enumeration value for HttpMethod must be non-empty"),
    ({"type": "HTTP", "integrationHttpMethod": "GET", "uri": "none"},
     "Invalid HTTP endpoint specified for URI"),
    ({"type": "AWS", "integrationHttpMethod": "POST", "uri": "none"},
     "Invalid ARN specified in the request"),
    ({"type": "AWS", "integrationHttpMethod": "POST",
      "uri": "arn:aws:apigateway:us-east-1:sqs:SendMessage"},
     "AWS ARN for integration must contain path or action"),
])
def test_integrations_that_are_refused(api, integration, message):
    place = api.method("/t", "POST", MOCK)
    assert refusal(api.gateway.put_integration, **place, **integration) == (
        "BadRequestException", message, 400)


def test_what_is_filled_in_for_an_integration(api):
    place = api.method("/t", "POST", MOCK)
    shown = api.gateway.get_integration(**place)
    assert {name: shown[name] for name in ("timeoutInMillis", "passthroughBehavior", "cacheNamespace",
                                           "cacheKeyParameters")} == {
        "timeoutInMillis": 29000, "passthroughBehavior": "WHEN_NO_MATCH",
        "cacheNamespace": place["resourceId"], "cacheKeyParameters": []}
    assert "httpMethod" not in shown
    api.gateway.delete_integration(**place)
    assert refusal(api.gateway.get_integration, **place) == (
        "NotFoundException", "Invalid Integration identifier specified", 404)


@pytest.mark.parametrize("basepath, paths", [
    (None, ["/", "/pets"]), ("ignore", ["/", "/pets"]),
    ("prepend", ["/", "/base", "/base/part", "/base/part/pets"]),
    ("split", ["/", "/part", "/part/pets"])])
@pytest.mark.parametrize("document", [
    {"swagger": "2.0", "basePath": "/base/part"},
    {"openapi": "3.0.1", "servers": [{"url": "https://host/base/part"}]},
    {"openapi": "3.0.1", "servers": [{"url": "https://host/{basePath}", "variables": {
        "basePath": {"default": "base/part"}}}]}])
def test_the_base_path_of_an_import(api, document, basepath, paths):
    body = {**document, "info": {"title": "t", "version": "1"}, "paths": {"/pets": {"get": {
        "responses": {}, "x-amazon-apigateway-integration": MOCK}}}}
    api.gateway.put_rest_api(restApiId=api.id, mode="overwrite", body=json.dumps(body),
                             parameters={"basepath": basepath} if basepath else {})
    items = api.gateway.get_resources(restApiId=api.id)["items"]
    assert sorted(item["path"] for item in items) == paths
