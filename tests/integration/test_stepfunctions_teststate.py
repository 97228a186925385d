"""TestState beyond the recordings: what Map states show, variables, and mocks that do not fit."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import wait_until

SIGNED = ("AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/states/aws4_request, "
          "SignedHeaders=host, Signature=0")
ROLE = "arn:aws:iam::000000000000:role/states"


def call(server, definition, **args):
    """TestState, which Debian's boto3 does not know: (status, answer)."""
    body = {"definition": json.dumps(definition), "roleArn": ROLE, "inspectionLevel": "DEBUG", **args}
    status, _, data = server.request("POST", "/", body, {
        "X-Amz-Target": "AWSStepFunctions.TestState", "Authorization": SIGNED,
        "Content-Type": "application/x-amz-json-1.0"})
    return status, json.loads(data)


def test_a_map_shows_its_items_selected_and_batched(server):
    state = {"Type": "Map", "ItemsPath": "$.items", "End": True,
             "ItemSelector": {"n.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index"},
             "ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"x.$": "$.x"}},
             "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                               "StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}}
    status, answer = call(server, state, input='{"x": 9, "items": [5, 6, 7]}',
                          mock={"result": "[1, 2]"})
    assert status == 200, answer
    seen = {k: json.loads(v) if isinstance(v, str) else v for k, v in answer["inspectionData"].items()}
    assert seen["afterItemsPath"] == [5, 6, 7]
    assert seen["afterItemSelector"] == [{"n": 5, "at": 0}, {"n": 6, "at": 1}, {"n": 7, "at": 2}]
    assert [len(batch["Items"]) for batch in seen["afterItemBatcher"]] == [2, 1]
    assert seen["afterItemBatcher"][0]["BatchInput"] == {"x": 9}


def test_variables_are_shown_after_the_state(server):
    state = {"Type": "Pass", "Assign": {"b.$": "$.n"}, "End": True}
    status, answer = call(server, state, input='{"n": 2}', variables='{"a": 1}')
    assert status == 200 and json.loads(answer["inspectionData"]["variables"]) == {"a": 1, "b": 2}


GET_SECRET = {"Type": "Task", "End": True, "Parameters": {"SecretId": "s"},
              "Resource": "arn:aws:states:::aws-sdk:secretsmanager:getSecretValue"}


@pytest.mark.parametrize("mock, more, message", [
    ({"result": '{"VersionStages": "x"}'}, {}, "Field 'VersionStages' must be an array"),
    ({"result": '{"SecretString": 1}'}, {}, "Field 'SecretString' must be a string"),
    ({"result": '{"VersionId": "short"}'}, {}, "Field 'VersionId' is smaller than the minimum length"),
    ({"result": "{}"}, {"revealSecrets": True}, "does not support RevealSecrets"),
    ({"result": "{"}, {}, "Mocked result must be valid JSON"),
])
def test_a_mock_that_does_not_fit(server, mock, more, message):
    status, answer = call(server, GET_SECRET, mock=mock, **more)
    assert status == 400 and message in answer["message"], answer


def test_a_mock_is_taken_as_it_is_where_nothing_is_checked(server):
    status, answer = call(server, GET_SECRET,
                          mock={"result": '{"SecretString": 1}', "fieldValidationMode": "NONE"})
    assert status == 200 and json.loads(answer["output"]) == {"SecretString": 1}


@pytest.fixture
def endpoint():
    """An HTTP server that answers with what it was sent."""
    class Echo(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            sent = {"path": self.path, "body": body,
                    "headers": {k.lower(): v for k, v in self.headers.items()}}
            is_token = "grant_type=client_credentials" in body
            text = json.dumps({"access_token": "t-" + self.headers["X-Realm"]} if is_token
                              else sent).encode()
            self.send_response(404 if "missing" in self.path else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listener.server_port}"
    listener.shutdown()
    listener.server_close()


def http_task(server, name, url):
    connection = server.client("events").create_connection(
        Name=name, AuthorizationType="API_KEY", AuthParameters={
            "ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "hidden"},
            "InvocationHttpParameters": {
                "QueryStringParameters": [{"Key": "q", "Value": "secret"}],
                "BodyParameters": [{"Key": "token", "Value": "in-body"}]}})["ConnectionArn"]
    return {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": True,
            "Parameters": {"ApiEndpoint": url, "Method": "POST", "QueryParameters": {"a": "1"},
                           "Authentication": {"ConnectionArn": connection},
                           "RequestBody": {"n.$": "$.n"}}}


def test_an_http_task_is_traced(server, unique, endpoint):
    state = http_task(server, unique(), endpoint + "/in")
    status, answer = call(server, state, input='{"n": 1}', inspectionLevel="TRACE")
    assert status == 200 and answer["status"] == "SUCCEEDED", answer
    sent = json.loads(answer["output"])["ResponseBody"]
    assert sent["path"] == "/in?a=1&q=secret" and sent["headers"]["x-key"] == "hidden"
    assert json.loads(sent["body"]) == {"n": 1, "token": "in-body"}
    request, response = (answer["inspectionData"][name] for name in ("request", "response"))
    assert (request["protocol"], request["method"]) == ("http", "POST")
    assert request["url"] == endpoint + "/in?a=1"
    assert json.loads(request["body"]) == {"n": 1}
    assert request["headers"].startswith("[") and "hidden" not in request["headers"]
    assert "user-agent: Amazon|StepFunctions|HttpInvoke|us-east-1" in request["headers"]
    assert "range: bytes=0-262144" in request["headers"]
    assert (response["statusCode"], response["statusMessage"]) == ("200", "OK")
    assert json.loads(response["body"]) == sent
    assert "content-type: application/json" in response["headers"]
    status, answer = call(server, state, input='{"n": 1}')  # DEBUG
    assert not {"request", "response"} & set(answer["inspectionData"])


def test_a_trace_shows_secrets_where_they_are_asked_for(server, unique, endpoint):
    state = http_task(server, unique(), endpoint + "/missing")
    status, answer = call(server, state, input='{"n": 1}', inspectionLevel="TRACE",
                          revealSecrets=True)
    assert (status, answer["status"], answer["error"]) == (
        200, "FAILED", "States.Http.StatusCode.404")
    request, response = (answer["inspectionData"][name] for name in ("request", "response"))
    assert request["url"].endswith("/missing?a=1&q=secret")
    assert "x-key: hidden" in request["headers"] and "in-body" in request["body"]
    assert (response["statusCode"], response["statusMessage"]) == ("404", "Not Found")


@pytest.mark.parametrize("kind, parameters, authorization", [
    ("BASIC", {"BasicAuthParameters": {"Username": "u", "Password": "p"}}, "Basic dTpw"),
    ("OAUTH_CLIENT_CREDENTIALS", {"OAuthParameters": {
        "ClientParameters": {"ClientID": "id", "ClientSecret": "s"}, "HttpMethod": "POST",
        "AuthorizationEndpoint": "{endpoint}/token", "OAuthHttpParameters": {
            "HeaderParameters": [{"Key": "X-Realm", "Value": "realm"}]}}}, "Bearer t-realm")])
def test_connections_authorise(server, unique, endpoint, kind, parameters, authorization):
    parameters = json.loads(json.dumps(parameters).replace("{endpoint}", endpoint))
    events, name = server.client("events"), unique()
    connection = events.create_connection(
        Name=name, AuthorizationType=kind, AuthParameters=parameters)["ConnectionArn"]
    wait_until(lambda: events.describe_connection(Name=name)["ConnectionState"] == "AUTHORIZED",
               what="the connection")
    state = {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": True,
             "Parameters": {"ApiEndpoint": endpoint, "Method": "POST",
                            "Authentication": {"ConnectionArn": connection}}}
    status, answer = call(server, state, input="{}")
    assert status == 200 and answer["status"] == "SUCCEEDED", answer
    sent = json.loads(answer["output"])["ResponseBody"]
    assert sent["headers"]["authorization"] == authorization


def test_a_connection_that_is_not_there(server):
    state = {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": True,
             "Parameters": {"ApiEndpoint": "http://127.0.0.1:1", "Method": "GET", "Authentication": {
                 "ConnectionArn": "arn:aws:events:us-east-1:000000000000:connection/none/1"}}}
    status, answer = call(server, state, input="{}")
    assert (status, answer["status"]) == (200, "FAILED")
    assert "connection" in answer["cause"].lower()


@pytest.mark.parametrize("name, is_there", [("B", True), ("P", True), ("Q", False)])
def test_the_state_that_caused_an_error_is_one_of_those_inside(server, name, is_there):
    inner = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    state = {"Type": "Parallel", "End": True, "Branches": [{"StartAt": "B", "States": {
        "B": {"Type": "Map", "ItemProcessor": inner, "End": True}}}]}
    status, answer = call(server, state, input="{}", mock={"errorOutput": {"error": "E"}},
                          stateConfiguration={"errorCausedByState": name})
    if is_there:
        assert (status, answer["error"]) == (200, "E")
    else:
        assert status == 400 and "'Q'" in answer["message"]
