"""Recordings of API Gateway on real AWS, replayed against the running program."""
import http.server
import io
import json
import os
import pathlib
import sys
import threading
import zipfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

from conftest import Server  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]

FUNCTION = """
import json

def handler(event, context):
    if event["path"] == "/raises":
        raise TypeError("nothing")
    if event["path"] == "/answers":
        return json.loads(event["body"])
    return {"statusCode": 200, "body": json.dumps(event)}
"""


def recordings(name):
    places = [os.environ.get("SKAFU_CONFORMANCE"), ROOT.parent / "shared" / "conformance",
              ROOT.parent.parent / "shared" / "conformance"]
    for place in filter(None, places):
        file = pathlib.Path(place) / "apigateway" / (name + ".jsonl")
        if file.exists():
            return [json.loads(line) for line in file.read_text().splitlines()]
    return []


def cases(name, wanted=lambda case: True):
    found = [case for case in recordings(name) if wanted(case)]
    if not found:
        return [pytest.param(None, id="skipped, no recordings",
                             marks=pytest.mark.skip(reason="skipped, no recordings"))]
    return [pytest.param(case, id=case["id"]) for case in found]


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the body it was given, or with what `reply` holds."""
    protocol_version = "HTTP/1.1"
    reply = None

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = Echo.reply.encode() if Echo.reply is not None else body or b"{}"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server():
    running = Server().start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def echo():
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}/"
    listening.shutdown()


class Api:
    """An API that is made, called and thrown away."""

    def __init__(self, server):
        self.server = server
        self.gateway = server.client("apigateway")
        made = self.gateway.create_rest_api(name="recording")
        self.id = made["id"]
        self.root = self.gateway.get_resources(restApiId=self.id)["items"][0]["id"]

    def method(self, path, http_method, integration, responses=(), **method):
        parent = self.root
        for part in filter(None, path.split("/")):
            parent = self.gateway.create_resource(restApiId=self.id, parentId=parent,
                                                  pathPart=part)["id"]
        place = {"restApiId": self.id, "resourceId": parent, "httpMethod": http_method}
        self.gateway.put_method(**place, authorizationType="NONE", **method)
        self.gateway.put_integration(**place, **integration)
        for response in responses:
            self.gateway.put_integration_response(**place, **response)
        return parent

    def call(self, http_method, path, body=None, headers=None, stage="test"):
        headers = {"Content-Type": "application/json", **(headers or {})}
        data = body.encode() if isinstance(body, str) else body
        return self.server.request(http_method, f"/_aws/execute-api/{self.id}/{stage}{path}", data,
                                   headers)


def query_text(request):
    from urllib.parse import urlencode
    return "?" + urlencode(request["query"]) if request.get("query") else ""


@pytest.mark.parametrize("case", cases("vtl"))
def test_mapping_templates(server, echo, case):
    api = Api(server)
    request = case["request"]
    value = ""
    path = "/t"
    if "path_param" in request:
        path = "/{" + request["path_param"][0] + "}"
        value = request["path_param"][1]
    response = {"statusCode": "200",
                "responseTemplates": {"application/json": case["response_template"]}}
    templates = {"application/json": case.get("request_template") or '{"statusCode": 200}'}
    if case["kind"] == "mock":
        integration = {"type": "MOCK", "requestTemplates": templates}
    else:
        Echo.reply = case.get("integration_body")
        integration = {"type": "HTTP", "uri": echo, "integrationHttpMethod": "POST",
                       "requestTemplates": templates}
    api.method(path, "ANY", integration, [response])
    url = ("/" + value if value else path) + query_text(request)
    status, headers, body = api.call(request["method"], url, request.get("body"),
                                     request.get("headers"))
    expected = case["expected"]
    assert status == expected["status"], body
    if "body" in expected:
        wanted = expected["body"].replace("{stage}", "test").replace("{resource_path}", path)
        assert body.decode() == wanted
    if "json" in expected:
        assert json.loads(body) == expected["json"]
    for name, wanted in expected.get("headers", {}).items():
        assert headers[name] == wanted


@pytest.fixture(scope="module")
def function(server):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", FUNCTION)
    made = server.client("lambda").create_function(
        FunctionName="recorded", Runtime="python3.12", Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/r", Code={"ZipFile": packed.getvalue()})
    return ("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
            + made["FunctionArn"] + "/invocations")


def is_mask(value):
    return isinstance(value, str) and value.startswith("<") and value.endswith(">")


def differences(expected, actual, at="$"):
    if is_mask(expected):
        return []
    if isinstance(expected, dict) and isinstance(actual, dict):
        found = []
        for name in sorted(set(expected) | set(actual)):
            if at.endswith("eaders") and (name.startswith("X-") or name == "Host"):
                continue
            if name not in actual or name not in expected:
                found.append(f"{at}.{name} is only on one side")
            else:
                found += differences(expected[name], actual[name], f"{at}.{name}")
        return found
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [d for i, (e, a) in enumerate(zip(expected, actual))
                for d in differences(e, a, f"{at}[{i}]")]
    return [] if expected == actual else [f"{at}: {actual!r} instead of {expected!r}"]


@pytest.mark.parametrize(
    "case", cases("proxy", lambda c: c["kind"] == "event" and "raw_path" in c.get("request", {})
                  and c["request"]["raw_path"].count("/stage") == 1))
def test_events_of_functions(server, function, case):
    import http.client
    api = Api(server)
    api.method(case["resource"], "ANY",
               {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": function})
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    host = f"{api.id}.execute-api.localhost:{server.port}"
    connection.putrequest(case["request"]["method"], case["request"]["raw_path"], skip_host=True,
                          skip_accept_encoding=True)
    for name, value in {"Host": host, **case["request"]["headers"]}.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    event = json.loads(answer.read())
    assert answer.status == 200, event
    assert differences(case["event"], event) == []


@pytest.mark.parametrize(
    "case", cases("proxy", lambda c: c["kind"] == "response"))
def test_answers_of_functions(server, function, case):
    api = Api(server)
    method = case.get("integration_http_method", "POST")
    api.method("/{proxy+}", "ANY",
               {"type": "AWS_PROXY", "integrationHttpMethod": method, "uri": function})
    path = "/raises" if case.get("function_raises") else "/answers"
    status, headers, body = api.call("POST", path, json.dumps(case.get("function_answer")))
    expected = case["expected"]
    assert status == expected["status"], body
    if "body" in expected:
        assert body.decode() == expected["body"]
    if "json" in expected:
        assert json.loads(body) == expected["json"]
    for name, wanted in expected.get("headers", {}).items():
        assert ", ".join(headers.get_all(name)) == wanted


@pytest.mark.parametrize("case", cases("integrations", lambda c: c["area"] == "validation"))
def test_request_validation(server, case):
    api = Api(server)
    given = case["given"]
    validator = api.gateway.create_request_validator(
        restApiId=api.id, name="all", validateRequestBody=True, validateRequestParameters=True)
    models = given["models"]
    request_models = {}
    for name, schema in models.items():
        if "/" in name:
            request_models[name] = name = "only"
        api.gateway.create_model(restApiId=api.id, name=name, contentType="application/json",
                                 schema=json.dumps(schema).replace("{api_id}", api.id))
    if "request_model" in given:
        request_models = {"application/json": given["request_model"]}
    path = given.get("resource", "/t")
    api.method(path, "ANY",
               {"type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'}},
               [{"statusCode": "200"}], requestModels=request_models,
               requestValidatorId=validator["id"],
               requestParameters=given.get("request_parameters", {}))
    request = given["request"]
    status, _, body = api.call(request["method"], request.get("path", path) + query_text(request),
                               request.get("body"), request.get("headers"))
    assert status == case["expected"]["status"], body
    if "json" in case["expected"]:
        assert json.loads(body) == case["expected"]["json"]


def serve(server, case):
    """What a case of type aws-service needs: its names, by the placeholders of the templates."""
    given = json.dumps(case["given"])
    names = {}
    if "{queue}" in given:
        names["queue"] = "q-" + case["id"]
        server.client("sqs").create_queue(QueueName=names["queue"])
    if "{table}" in given:
        names["table"] = "t-" + case["id"]
        dynamo = server.client("dynamodb")
        dynamo.create_table(TableName=names["table"], BillingMode="PAY_PER_REQUEST",
                            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
        for item in case["given"].get("table_items", []):
            dynamo.put_item(TableName=names["table"], Item=item)
    if "{state_machine_arn}" in given:
        states = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
        names["state_machine_arn"] = server.client("stepfunctions").create_state_machine(
            name="m-" + case["id"], type="EXPRESS", definition=json.dumps(states),
            roleArn="arn:aws:iam::000000000000:role/r")["stateMachineArn"]
    return names


@pytest.mark.parametrize("case", cases("integrations", lambda c: c["area"] == "aws-service"))
def test_integrations_of_services(server, case):
    names = serve(server, case)
    text = json.dumps(case["given"]["integration"])
    for name, value in names.items():
        text = text.replace("{%s}" % name, value)
    integration = json.loads(text)
    integration["integrationHttpMethod"] = integration.pop("httpMethod")
    api = Api(server)
    api.method("/t", "ANY",
               {**integration, "credentials": "arn:aws:iam::000000000000:role/r"},
               [{"statusCode": "200", **case["given"].get("integration_response", {})}])
    request = case["given"]["request"]
    status, _, body = api.call(request["method"], "/t" + query_text(request), request["body"]
                               if request.get("body") else None)
    assert status == case["expected"]["status"], body
    assert differences(case["expected"]["json"], json.loads(body)) == []
    if "queue_message" in case:
        queues = server.client("sqs")
        url = queues.get_queue_url(QueueName=names["queue"])["QueueUrl"]
        message = queues.receive_message(QueueUrl=url)["Messages"][0]
        assert {k: message[k] for k in case["queue_message"]} == case["queue_message"]


ANSWERING = """
import json

def handler(event, context):
    if event.get("raises"):
        raise Exception(event["raises"])
    return event["answer"]
"""


@pytest.mark.parametrize("case", cases("integrations", lambda c: c["area"] == "selection"))
def test_selection_of_responses(server, case):
    given = case["given"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", ANSWERING)
    made = server.client("lambda").create_function(
        FunctionName="f-" + case["id"], Runtime="python3.12", Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/r", Code={"ZipFile": packed.getvalue()})
    uri = ("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
           + made["FunctionArn"] + "/invocations")
    api = Api(server)
    api.method("/t", "POST", {**given["integration"], "integrationHttpMethod": "POST", "uri": uri},
               given["integration_responses"])
    event = {"answer": given["function_answer"], "raises": given["function_raises"]}
    status, _, body = api.call("POST", "/t", json.dumps(event))
    assert status == case["expected"]["status"], body
    if "json" in case["expected"]:
        assert json.loads(body) == case["expected"]["json"]


@pytest.mark.parametrize("case",
                         cases("integrations", lambda c: c["area"] == "gateway-response"))
def test_gateway_responses(server, case):
    given = case["given"]
    api = Api(server)
    for method in given["methods"]:
        api.method(given["resource"], method,
                   {"type": "MOCK", "requestTemplates": {"application/json": "{}"}},
                   [{"statusCode": "200"}])
    request = given["request"]
    status, headers, body = api.call(request["method"], request["path"], request.get("body"))
    assert status == case["expected"]["status"], body
    assert json.loads(body) == case["expected"]["json"]
    for name, wanted in case["expected"].get("headers", {}).items():
        assert headers[name] == wanted


@pytest.mark.parametrize(
    "case", cases("integrations", lambda c: c["area"] == "header-mapping"
                  and c["given"]["mapped_header"] not in ("all", "none")))
def test_headers_that_may_not_be_mapped(server, function, echo, case):
    kind, header = case["given"]["integration_type"], case["given"]["mapped_header"]
    api = Api(server)
    source = f"method.request.header.{header}"
    api.method("/t", "ANY",
               {"type": kind, "integrationHttpMethod": "POST",
                "uri": function if kind.startswith("AWS") else echo,
                "requestParameters": {f"integration.request.header.{header}": source}},
               [{"statusCode": "200"}], requestParameters={source: False})
    # What the header holds does not matter: no client has to send one that it may not choose.
    status, headers, body = api.call("POST", "/t", "{}")
    recorded = case["expected"]["recorded"]
    assert status == case["expected"]["status"], body
    assert json.loads(body) == recorded["body"]
    assert headers["x-amzn-ErrorType"] == recorded["response-headers"]["x-amzn-ErrorType"]


class Origin(http.server.BaseHTTPRequestHandler):
    """Remembers the headers it was sent last."""
    protocol_version = "HTTP/1.1"
    seen = {}

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        Origin.seen = {name.lower(): value for name, value in self.headers.items()}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "keep-alive")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def origin():
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}/"
    listening.shutdown()


def is_masked(value):
    return "<" in value


# Made by each client and server for itself.
OWN_HEADERS = ("content-length", "date", "host", "connection")


@pytest.mark.parametrize(
    "case", cases("integrations", lambda c: c["area"] == "header-mapping"
                  and c["given"]["mapped_header"] in ("all", "none")))
def test_headers_that_are_mapped(server, function, origin, case):
    """A recording says what arrived on both sides: what was mapped follows from it."""
    kind, mapped = case["given"]["integration_type"], case["given"]["mapped_header"]
    recorded = case["expected"]["recorded"]
    sent = {name: value for name, value in (recorded["headers"] or {}).items()
            if name.lower() not in OWN_HEADERS and not is_masked(value)}
    answered = {name: value for name, value in recorded["response-headers"].items()
                if value.startswith("response_param_")}
    to_map = sent if mapped == "all" else {}
    api = Api(server)
    names = [value.removeprefix("response_param_") for value in answered.values()]
    names += [name for name in ("Via", "Date") if answered]  # masked in the recording
    responses = {f"method.response.header.{name}": f"'response_param_{name}'" for name in names}
    api.method("/t", "POST",
               {"type": kind, "integrationHttpMethod": "POST",
                "uri": function if kind.startswith("AWS") else origin,
                "requestParameters": {f"integration.request.header.{name}": f"'{value}'"
                                      for name, value in to_map.items()},
                "requestTemplates": {"application/json": '{"path": "/t"}'}},
               [] if kind == "HTTP_PROXY" else [{"statusCode": "200", "responseParameters": responses}])
    status, headers, body = api.call("POST", "/t", "{}")
    assert status == case["expected"]["status"], body
    if kind != "AWS":
        assert {name: Origin.seen.get(name.lower()) for name in sent} == sent
        assert Origin.seen["x-amzn-apigateway-api-id"] == api.id and Origin.seen["x-amzn-trace-id"]
        if mapped == "none":
            assert Origin.seen["user-agent"] == f"AmazonAPIGateway_{api.id}"
    assert {name: headers[name] for name in answered} == answered
    for name in recorded["response-headers"]:
        # What the origin of the recording says of itself is not the gateway's.
        if not name.startswith("Access-Control") and name.lower() not in OWN_HEADERS:
            assert headers[name], name


def shape_of(resources):
    return sorted((r["path"], sorted(r.get("resourceMethods", {}))) for r in resources["items"])


@pytest.mark.parametrize("case", cases("imports"))
def test_imports(server, case):
    api = Api(server)
    answer = api.gateway.put_rest_api(restApiId=api.id, mode="overwrite", body=case["document"],
                                      parameters=case["parameters"] or {})
    recorded = case["recorded"]
    imported = next((v for k, v in recorded.items() if k.startswith(("put-rest", "import"))), {})
    assert len(answer.get("warnings", [])) == len(imported.get("warnings", []))
    resources = next((v for k, v in recorded.items() if "resources" in k), None)
    if resources:
        assert shape_of(api.gateway.get_resources(restApiId=api.id)) == shape_of(resources)
