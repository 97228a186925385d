"""HTTP APIs: what requestParameters and responseParameters do to a request and its answer."""
import io
import json
import zipfile

import pytest
from apigateway_support import Origin, refusal
from test_http_apis import Caller

FUNCTION = """
import json

def handler(event, context):
    return {"statusCode": 200, "headers": {"x-own": "1"}, "body": json.dumps(event)}
"""


@pytest.fixture(scope="module")
def origin():
    with Origin.serving() as url:
        yield url


@pytest.fixture
def gateway(server):
    return server.client("apigatewayv2")


@pytest.fixture
def api_id(gateway, unique):
    made = gateway.create_api(Name=unique("api"), ProtocolType="HTTP")["ApiId"]
    gateway.create_stage(ApiId=made, StageName="$default", AutoDeploy=True,
                         StageVariables={"color": "blue"})
    return made


@pytest.fixture
def proxy(server, gateway, api_id, origin):
    """A caller of a route `POST /pets/{id}` whose integration has these members."""
    def make(**integration):
        made = gateway.create_integration(ApiId=api_id, **{
            "IntegrationType": "HTTP_PROXY", "IntegrationMethod": "ANY", "IntegrationUri": origin + "own",
            "PayloadFormatVersion": "1.0", **integration})["IntegrationId"]
        gateway.create_route(ApiId=api_id, RouteKey="POST /pets/{id}", Target=f"integrations/{made}")
        make.integration = {"ApiId": api_id, "IntegrationId": made}
        return Caller(server, api_id)
    return make


@pytest.mark.parametrize("parameters, seen", [
    ({"append:header.x-a": "static"}, {"x-a": ["1", "2", "static"]}),
    ({"overwrite:header.X-A": "$request.querystring.q"}, {"x-a": ["7"]}),
    ({"remove:header.X-A": "''"}, {"x-a": None}),
    ({"append:header.x-b": "$request.header.X-A", "remove:header.x-a": "''"},
     {"x-b": ["1,2"], "x-a": None}),
    ({"append:header.x-b": "$request.body.pet.name"}, {"x-b": ["Rex"]}),
    ({"append:header.x-b": "$request.body.list[1]"}, {"x-b": ["2"]}),
    ({"append:header.x-b": "${request.path.id} ${stageVariables.color} ${context.stage}"},
     {"x-b": ["5 blue $default"]}),
    ({"append:header.x-b": "$request.querystring.q"}, {"x-b": ["7"]}),
    ({"append:header.x-b": "$request.path"}, {"x-b": ["/pets/5"]}),
    ({"append:header.x-b": "$request.header.none"}, {"x-b": None}),
    ({"append:querystring.r": "$request.path.id"}, "/own?q=7&r=5"),
    ({"append:querystring.q": "8"}, "/own?q=7&q=8"),
    ({"overwrite:querystring.q": "8"}, "/own?q=8"), ({"remove:querystring.q": "''"}, "/own"),
    ({"overwrite:path": "/new/${request.path.id}"}, "/new/5?q=7"),
    ({"overwrite:path": "$request.path"}, "/pets/5?q=7"),
])
def test_requests_are_mapped(proxy, parameters, seen):
    call = proxy(RequestParameters=parameters)
    body = json.dumps({"pet": {"name": "Rex"}, "list": [1, 2]})
    assert call("POST", "/pets/5?q=7#and", body, X_A="1", x_a="2")[0] == 200
    if isinstance(seen, str):
        assert Origin.seen["path"] == seen
    else:
        assert {name: Origin.seen["headers"].get_all(name) for name in seen} == seen


def test_a_path_looks_into_small_bodies_only(proxy):
    call = proxy(RequestParameters={"append:header.x-b": "$request.body.name"})
    for size, seen in ((100, "Rex"), (100 * 1024, None)):
        call("POST", "/pets/5", json.dumps({"name": "Rex", "more": "x" * size}))
        assert Origin.seen["headers"]["x-b"] == seen


ANSWER = {"status": 404, "headers": [["X-A", "1"], ["X-A", "2"]],
          "body": json.dumps({"error": {"code": 410, "text": "gone"}})}


@pytest.mark.parametrize("mappings, expected", [
    ({"append:header.x-a": "static"}, (404, {"x-a": ["1", "2", "static"]})),
    ({"overwrite:header.x-a": "$stageVariables.color"}, (404, {"x-a": ["blue"]})),
    ({"remove:header.X-A": "''"}, (404, {"x-a": None})),
    ({"append:header.x-b": "$response.header.x-a", "remove:header.x-a": "''"},
     (404, {"x-b": ["1,2"], "x-a": None})),
    ({"append:header.x-b": "$response.body.error.text"}, (404, {"x-b": ["gone"]})),
    ({"append:header.x-b": "${response.body.error.code}: ${context.routeKey}"},
     (404, {"x-b": ["410: POST /pets/{id}"]})),
    ({"overwrite:statuscode": "403"}, (403, {"x-a": ["1", "2"]})),
    ({"overwrite:statuscode": "$response.body.error.code"}, (410, {})),
    ({"overwrite:statuscode": "$response.body.none"}, (500, {})),
])
def test_answers_are_mapped(proxy, mappings, expected):
    call = proxy(ResponseParameters={"404": mappings, "200": {"overwrite:statuscode": "201"}})
    status, headers, _ = call("POST", "/pets/5", X_Answer=json.dumps(ANSWER))
    assert (status, {name: headers.get_all(name) for name in expected[1]}) == expected
    assert call("POST", "/pets/5")[0] == 201
    assert call("POST", "/pets/5", X_Answer='{"status": 500}')[0] == 500


def test_a_function_sees_what_is_mapped(server, proxy, unique):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", FUNCTION)
    function = server.client("lambda").create_function(
        FunctionName=unique("f"), Runtime="python3.12", Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/r", Code={"ZipFile": packed.getvalue()})["FunctionArn"]
    call = proxy(IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0",
                 RequestParameters={"append:header.x-id": "$request.path.id",
                                    "append:querystring.r": "a b", "overwrite:path": "/new"},
                 ResponseParameters={"200": {"append:header.x-seen": "$response.header.x-own"}})
    status, headers, data = call("POST", "/pets/5?q=7", "{}")
    event = json.loads(data)
    assert (status, headers["x-seen"]) == (200, "1")
    assert (event["headers"]["x-id"], event["rawPath"]) == ("5", "/new")
    assert event["rawQueryString"] == "q=7&r=a%20b"
    assert event["queryStringParameters"] == {"q": "7", "r": "a b"}


INVALID = "Invalid mapping expression specified: Validation Result: warnings : [], errors : [{}]"


@pytest.mark.parametrize("integration, message", [
    *(({"RequestParameters": {key: "x"}},
       INVALID.format(f"Invalid Request Actioned Parameter destination specified: {key}"))
      for key in ("header.x", "set:header.x", "append:header.", "append:path", "overwrite:path.x",
                  "overwrite:statuscode", "append:body.x", "overwrite")),
    *(({"ResponseParameters": {"200": {key: "x"}}},
       INVALID.format(f"Invalid Response Actioned Parameter destination specified: {key}"))
      for key in ("append:overwrite.static", "append:statuscode", "overwrite:querystring.x",
                  "overwrite:path")),
    *(({"RequestParameters": {f"overwrite:header.{name}": "x"}},
       INVALID.format(f"Operations on header {name} are restricted"))
      for name in ("authorization", "content-length", "x-amz-date", "via", "access-control-any")),
    ({"ResponseParameters": {"200": {"remove:header.x-amzn-requestid": "''"}}},
     INVALID.format("Operations on header x-amzn-requestid are restricted")),
    *(({"ResponseParameters": {status: {"overwrite:statuscode": "200"}}},
       f"Status Code {status} is not valid") for status in ("199", "600", "2xx")),
])
def test_mappings_that_are_refused(proxy, integration, message):
    assert refusal(proxy, **integration) == ("BadRequestException", message, 400)


def test_mappings_are_updated_one_by_one(gateway, proxy):
    proxy(RequestParameters={"append:header.a": "1", "append:header.b": "2"},
          ResponseParameters={"200": {"append:header.a": "1"}, "404": {"append:header.a": "1"}})
    changed = gateway.update_integration(
        **proxy.integration, RequestParameters={"append:header.a": "", "append:header.c": "3"},
        ResponseParameters={"200": {}})
    assert changed["RequestParameters"] == {"append:header.b": "2", "append:header.c": "3"}
    assert changed["ResponseParameters"] == {"404": {"append:header.a": "1"}}
    assert refusal(gateway.update_integration, **proxy.integration,
                   RequestParameters={"any": "x"})[0] == "BadRequestException"


def test_mappings_of_an_imported_document(server, gateway, origin):
    integration = {"type": "http_proxy", "httpMethod": "POST", "uri": origin, "payloadFormatVersion": "1.0",
                   "requestParameters": {"overwrite:path": "/imported"},
                   "responseParameters": {"200": {"overwrite:statuscode": "202"}}}
    document = {"openapi": "3.0.1", "info": {"title": "mapped", "version": "1"}, "paths": {
        "/t": {"post": {"x-amazon-apigateway-integration": integration}}}}
    api_id = gateway.import_api(Body=json.dumps(document))["ApiId"]
    gateway.create_stage(ApiId=api_id, StageName="$default", AutoDeploy=True)
    assert (Caller(server, api_id)("POST", "/t")[0], Origin.seen["path"]) == (202, "/imported")
    integration["responseParameters"] = {"200": {"overwrite:body": "x"}}
    assert refusal(gateway.import_api, Body=json.dumps(document))[0] == "BadRequestException"


def test_mappings_of_a_template(server, origin, unique):
    def template(response):
        return json.dumps({"Resources": {
            "Api": {"Type": "AWS::ApiGatewayV2::Api",
                    "Properties": {"Name": unique("api"), "ProtocolType": "HTTP"}},
            "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {
                "ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True}},
            "Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {
                "ApiId": {"Ref": "Api"}, "IntegrationType": "HTTP_PROXY", "IntegrationMethod": "POST",
                "IntegrationUri": origin, "PayloadFormatVersion": "1.0",
                "RequestParameters": {"overwrite:path": "/stack"},
                "ResponseParameters": {"200": response}}},
            "Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {
                "ApiId": {"Ref": "Api"}, "RouteKey": "POST /t",
                "Target": {"Fn::Sub": "integrations/${Integration}"}}}},
            "Outputs": {"Api": {"Value": {"Ref": "Api"}}}})

    def deployed(call, response):
        call(StackName=name, TemplateBody=template(response))
        stack = server.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        return stack["StackStatus"], stack

    cloudformation, name = server.client("cloudformation"), unique("stack")
    status, stack = deployed(cloudformation.create_stack, {"ResponseParameters": [
        {"Destination": "overwrite:statuscode", "Source": 202},
        {"Destination": "append:header.x-a", "Source": "$stageVariables.none"},
        {"Destination": "append:header.x-b", "Source": "static"}]})
    assert status == "CREATE_COMPLETE"
    call = Caller(server, stack["Outputs"][0]["OutputValue"])
    answer, headers, _ = call("POST", "/t")
    assert (answer, headers["x-b"], Origin.seen["path"]) == (202, "static", "/stack")
    status, _ = deployed(cloudformation.update_stack, {"ResponseParameters": [
        {"Destination": "append:header.x-c", "Source": "new"}]})
    answer, headers, _ = call("POST", "/t")
    assert (answer, headers["x-b"], headers["x-c"]) == (200, None, "new")
    name = unique("stack")
    status, _ = deployed(cloudformation.create_stack, {"overwrite:statuscode": "202"})
    assert status.startswith("ROLLBACK")
    reasons = [event.get("ResourceStatusReason", "") for event in
               cloudformation.describe_stack_events(StackName=name)["StackEvents"]]
    assert any("Encountered unsupported properties in {/ResponseParameters/200}: "
               "[overwrite:statuscode]" in reason for reason in reasons)
