"""HTTP APIs (API Gateway, version 2): from a template and from SDK calls, with plain HTTP clients."""
import http.client
import json
import textwrap

import pytest
from botocore.exceptions import ClientError

CODE = """
import json

def echo(event, context):
    return event

def tell(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}

def answer(event, context):
    return json.loads(event["body"])

def fail(event, context):
    raise ValueError("on purpose")

def simple(event, context):
    return {"isAuthorized": event["identitySource"] == ["let me in"], "context": {"who": "me", "n": 1}}

def policy(event, context):
    return {"principalId": "p", "context": {"who": "policy"}, "policyDocument": {"Statement": [
        {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": event["methodArn"]}]}}
"""

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.12, CodeUri: code/}
Resources:
  Pool: {Type: AWS::Cognito::UserPool, Properties: {}}
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref Pool, ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH, ALLOW_REFRESH_TOKEN_AUTH]}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration:
        AllowOrigins: [https://page]
        AllowMethods: [GET, POST]
        AllowHeaders: [x-mine]
        MaxAge: 600
      Auth:
        Authorizers:
          Users:
            IdentitySource: $request.header.Authorization
            JwtConfiguration:
              issuer: !Sub https://cognito-idp.${AWS::Region}.amazonaws.com/${Pool}
              audience: [!Ref Client]
          Simple:
            FunctionArn: !GetAtt SimpleAuthorizer.Arn
            AuthorizerPayloadFormatVersion: "2.0"
            EnableSimpleResponses: true
            Identity: {Headers: [X-Key]}
          Policy:
            FunctionArn: !GetAtt PolicyAuthorizer.Arn
            AuthorizerPayloadFormatVersion: "1.0"
            Identity: {Headers: [X-Key]}
  SimpleAuthorizer: {Type: AWS::Serverless::Function, Properties: {Handler: app.simple}}
  PolicyAuthorizer: {Type: AWS::Serverless::Function, Properties: {Handler: app.policy}}
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.echo
      Events:
        Pet: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: "/pets/{id}"}}
        Dog: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /pets/dog}}
        Files: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: ANY, Path: "/files/{path+}"}}
        Own:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: GET, Path: /own, Auth: {Authorizer: Users}}
        Scoped:
          Type: HttpApi
          Properties:
            {ApiId: !Ref Api, Method: GET, Path: /scoped, Auth: {Authorizer: Users, AuthorizationScopes: [admin, aws.cognito.signin.user.admin]}}
        Other:
          Type: HttpApi
          Properties:
            {ApiId: !Ref Api, Method: GET, Path: /other, Auth: {Authorizer: Users, AuthorizationScopes: [admin]}}
        Keyed:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: GET, Path: /keyed, Auth: {Authorizer: Simple}}
        Ruled:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: GET, Path: /ruled, Auth: {Authorizer: Policy}}
  Tell:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.tell
      Events:
        Old: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: "/old/{id}", PayloadFormatVersion: "1.0"}}
  Answer:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.answer
      Events:
        Post: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: /answer}}
        Old: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: /old-answer, PayloadFormatVersion: "1.0"}}
  Fail:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.fail
      Events:
        Get: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /fail}}
Outputs:
  Api: {Value: !Ref Api}
  Endpoint: {Value: !GetAtt Api.ApiEndpoint}
  Client: {Value: !Ref Client}
  Pool: {Value: !Ref Pool}
"""


class Caller:
    """Calls one API by its host name."""

    def __init__(self, server, api_id):
        self.server, self.host = server, f"{api_id}.execute-api.localhost:{server.port}"

    def __call__(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        sent = {"Host": self.host, **{k.replace("_", "-"): v for k, v in headers.items()}}
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, answer.headers, data

    def json(self, method, path, body=None, **headers):
        status, _, data = self(method, path, body, **headers)
        return status, json.loads(data)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    from conftest import Server
    folder = tmp_path_factory.mktemp("http-api")
    (folder / "code").mkdir()
    (folder / "code" / "app.py").write_text(CODE)
    (folder / "template.yaml").write_text(TEMPLATE)
    server = Server(folder / "template.yaml").start()
    stack = server.client("cloudformation").describe_stacks()["Stacks"][0]
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
    yield server, outputs
    server.stop()


@pytest.fixture
def call(deployed):
    server, outputs = deployed
    return Caller(server, outputs["Api"])


def test_a_sam_template_serves_its_routes(deployed, call):
    server, outputs = deployed
    status, event = call.json("GET", "/pets/a%20b%2Fc?x=1&x=2&y=%20", Cookie="a=1; b=2", X_Mine="yes",
                              User_Agent="tests")
    assert status == 200
    context = event["requestContext"]
    assert event["version"] == "2.0" and event["routeKey"] == "GET /pets/{id}"
    assert event["rawPath"] == "/pets/a b/c" and event["rawQueryString"] == "x=1&x=2&y=%20"
    assert event["pathParameters"] == {"id": "a b/c"}
    assert event["queryStringParameters"] == {"x": "1,2", "y": " "}
    assert event["cookies"] == ["a=1", "b=2"] and "cookie" not in event["headers"]
    assert event["headers"]["x-mine"] == "yes" and event["headers"]["host"] == call.host
    assert event["isBase64Encoded"] is False and "body" not in event
    assert context["http"] == {"method": "GET", "path": "/pets/a b/c", "protocol": "HTTP/1.1",
                               "sourceIp": "127.0.0.1", "userAgent": "tests"}
    assert (context["apiId"], context["stage"], context["domainPrefix"]) == (
        outputs["Api"], "$default", outputs["Api"])
    assert outputs["Endpoint"] == f"http://{outputs['Api']}.execute-api.localhost:{server.port}"
    assert f"/_aws/execute-api/{outputs['Api']}\n" in server.output(), "the banner names the API"


def test_the_most_specific_route_is_taken(call):
    key = lambda path, method="GET": call.json(method, path)[1].get("routeKey")
    assert key("/pets/dog") == "GET /pets/dog"
    assert key("/pets/cat") == "GET /pets/{id}"
    assert key("/files/a/b/", "PUT") == "ANY /files/{path+}"
    assert call.json("PUT", "/files/a/b/")[1]["pathParameters"] == {"path": "a/b/"}
    for method, path in (("GET", "/nothing"), ("POST", "/pets/dog"), ("GET", "/pets/"), ("GET", "/files/")):
        status, headers, body = call(method, path)
        assert (status, json.loads(body)) == (404, {"message": "Not Found"})
        assert headers["Apigw-Requestid"]


def test_other_ways_to_reach_it(deployed):
    server, outputs = deployed
    for path in (f"/_aws/execute-api/{outputs['Api']}/pets/dog",
                 f"/_aws/execute-api/{outputs['Api']}/$default/pets/dog",
                 f"/restapis/{outputs['Api']}/$default/_user_request_/pets/dog"):
        status, _, body = server.request("GET", path)
        assert (status, json.loads(body)["rawPath"]) == (200, "/pets/dog"), path


def test_bodies_of_requests(call):
    event = lambda body, kind: call.json("PUT", "/files/x", body, Content_Type=kind)[1]
    assert event('{"a": 1}', "application/json")["body"] == '{"a": 1}'
    form = event("a=1", "application/x-www-form-urlencoded")
    assert (form["body"], form["isBase64Encoded"]) == ("YT0x", True)
    binary = event(b"\xff\x00", "application/octet-stream")
    assert (binary["body"], binary["isBase64Encoded"]) == ("/wA=", True)


def test_answers_of_functions(call):
    def answered(value, path="/answer"):
        return call("POST", path, json.dumps(value), Content_Type="application/json")

    status, headers, body = answered({"statusCode": 201, "headers": {"X-Own": "1"}, "cookies": ["a=1", "b=2"],
                                      "body": "aGk=", "isBase64Encoded": True})
    assert (status, headers["X-Own"], headers.get_all("Set-Cookie"), body) == (201, "1", ["a=1", "b=2"], b"hi")
    assert headers["Content-Type"] == "text/plain;charset=utf-8"
    for value, shown in (({"any": "thing"}, b'{"any":"thing"}'), ("text", b"text"), ([1], b"[1]")):
        status, headers, body = answered(value)
        assert (status, headers["Content-Type"], body) == (200, "application/json", shown)
    for value, path in (({"statusCode": "x"}, "/answer"), ({"statusCode": 200, "body": 7}, "/answer"),
                        ({"no": "status"}, "/old-answer")):
        status, _, body = answered(value, path)
        assert (status, json.loads(body)) == (500, {"message": "Internal Server Error"})
    status, headers, body = answered({"statusCode": 200, "multiValueHeaders": {"X-A": ["1", "2"]}, "body": "b"}, "/old-answer")
    assert (status, headers.get_all("X-A"), body) == (200, ["1", "2"], b"b")
    assert call.json("GET", "/fail") == (500, {"message": "Internal Server Error"})


def test_the_event_of_payload_1(call):
    status, event = call.json("GET", "/old/7?x=1&x=2", X_Mine="yes")
    context = event.pop("requestContext")
    assert status == 200
    assert (event["version"], event["resource"], event["path"], event["httpMethod"]) == ("1.0", "/old/{id}", "/old/7", "GET")
    assert event["queryStringParameters"] == {"x": "2"} and event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert event["headers"]["X-Mine"] == "yes" and event["multiValueHeaders"]["X-Mine"] == ["yes"]
    assert event["pathParameters"] == {"id": "7"} and event["stageVariables"] is None
    assert event["body"] is None and event["isBase64Encoded"] is False
    assert (context["resourcePath"], context["stage"], context["identity"]["sourceIp"]) == ("/old/{id}", "$default", "127.0.0.1")


def test_cors_comes_from_the_configuration(call):
    status, headers, body = call("OPTIONS", "/pets/dog", Origin="https://page", Access_Control_Request_Method="GET")
    assert (status, body) == (204, b"")
    assert headers["Access-Control-Allow-Origin"] == "https://page"
    assert headers["Access-Control-Allow-Methods"] == "GET,POST"
    assert headers["Access-Control-Allow-Headers"] == "x-mine" and headers["Access-Control-Max-Age"] == "600"
    status, headers, _ = call("OPTIONS", "/pets/dog", Origin="https://stranger", Access_Control_Request_Method="GET")
    assert status == 204 and headers["Access-Control-Allow-Origin"] is None
    own = json.dumps({"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "https://own"}})
    _, headers, _ = call("POST", "/answer", own, Origin="https://page", Content_Type="application/json")
    assert headers.get_all("Access-Control-Allow-Origin") == ["https://page"]
    _, headers, _ = call("POST", "/answer", own, Content_Type="application/json")
    assert headers["Access-Control-Allow-Origin"] is None


def tokens(server, outputs):
    cognito = server.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=outputs["Pool"], Username="ann", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=outputs["Pool"], Username="ann", Password="Secret-12", Permanent=True)
    for group in ("admins", "users"):
        cognito.create_group(UserPoolId=outputs["Pool"], GroupName=group)
        cognito.admin_add_user_to_group(UserPoolId=outputs["Pool"], Username="ann", GroupName=group)
    return cognito.initiate_auth(ClientId=outputs["Client"], AuthFlow="USER_PASSWORD_AUTH",
                                 AuthParameters={"USERNAME": "ann", "PASSWORD": "Secret-12"})["AuthenticationResult"]


def test_jwt_authorizer(deployed, call):
    issued = tokens(*deployed)
    status, headers, body = call("GET", "/own")
    assert (status, json.loads(body), headers["WWW-Authenticate"]) == (401, {"message": "Unauthorized"}, "Bearer")
    broken = issued["IdToken"][:-6] + "AAAAAA"
    for token in ("nonsense", broken):
        status, headers, _ = call("GET", "/own", Authorization="Bearer " + token)
        assert status == 401 and 'error="invalid_token"' in headers["WWW-Authenticate"]
    status, event = call.json("GET", "/own", Authorization="Bearer " + issued["IdToken"])
    jwt = event["requestContext"]["authorizer"]["jwt"]
    assert status == 200 and jwt["scopes"] is None
    assert jwt["claims"]["cognito:username"] == "ann" and jwt["claims"]["token_use"] == "id"
    assert jwt["claims"]["cognito:groups"] in ("[admins users]", "[users admins]")
    assert jwt["claims"]["exp"].isdigit()
    status, event = call.json("GET", "/scoped", Authorization=issued["AccessToken"])
    assert status == 200
    assert event["requestContext"]["authorizer"]["jwt"]["scopes"] == ["aws.cognito.signin.user.admin"]
    status, headers, body = call("GET", "/other", Authorization=issued["AccessToken"])
    assert (status, json.loads(body)) == (403, {"message": "Forbidden"})
    assert 'error="insufficient_scope"' in headers["WWW-Authenticate"]


def test_functions_as_authorizers(call):
    assert call.json("GET", "/keyed") == (401, {"message": "Unauthorized"})
    assert call.json("GET", "/keyed", X_Key="stranger") == (403, {"message": "Forbidden"})
    status, event = call.json("GET", "/keyed", X_Key="let me in")
    assert status == 200 and event["requestContext"]["authorizer"] == {"lambda": {"who": "me", "n": 1}}
    status, event = call.json("GET", "/ruled", X_Key="any")
    assert status == 200 and event["requestContext"]["authorizer"] == {"lambda": {"who": "policy"}}


def refusal(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]


def test_the_control_plane(server, unique):
    gateway = server.client("apigatewayv2")
    api = gateway.create_api(Name=unique("api"), ProtocolType="HTTP", CorsConfiguration={"AllowOrigins": ["*"]})
    api_id = api["ApiId"]
    assert api["RouteSelectionExpression"] == "$request.method $request.path"
    assert gateway.get_api(ApiId=api_id)["CorsConfiguration"] == {"AllowOrigins": ["*"]}
    assert api_id in [one["ApiId"] for one in gateway.get_apis()["Items"]]
    assert gateway.update_api(ApiId=api_id, Description="new")["Description"] == "new"
    queue = server.client("sqs").create_queue(QueueName=unique("sent"))["QueueUrl"]
    integration = gateway.create_integration(
        ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationSubtype="SQS-SendMessage", PayloadFormatVersion="1.0",
        RequestParameters={"QueueUrl": queue, "MessageBody": "$request.body.text"})["IntegrationId"]
    route = gateway.create_route(ApiId=api_id, RouteKey="POST /send", Target=f"integrations/{integration}")
    assert (route["AuthorizationType"], route["ApiKeyRequired"]) == ("NONE", False)
    assert refusal(gateway.create_route, ApiId=api_id, RouteKey="POST /send") == ("ConflictException", 409)
    assert refusal(gateway.get_route, ApiId=api_id, RouteId="no") == ("NotFoundException", 404)
    assert refusal(gateway.get_api, ApiId="no") == ("NotFoundException", 404)
    assert refusal(gateway.create_integration, ApiId=api_id, IntegrationType="HTTP_PROXY") == ("BadRequestException", 400)

    call = Caller(server, api_id)
    send = lambda: call.json("POST", "/test/send", '{"text": "hello"}', Content_Type="application/json")
    assert send() == (404, {"message": "Not Found"})
    gateway.create_stage(ApiId=api_id, StageName="test")
    assert send()[0] == 404, "nothing is deployed yet"
    deployment = gateway.create_deployment(ApiId=api_id, StageName="test")
    assert gateway.get_stage(ApiId=api_id, StageName="test")["DeploymentId"] == deployment["DeploymentId"]
    status, answer = send()
    assert status == 200 and answer["MessageId"]
    assert [m["Body"] for m in server.client("sqs").receive_message(QueueUrl=queue)["Messages"]] == ["hello"]
    gateway.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    assert send()[0] == 200, "the stage serves what was deployed"
    gateway.update_stage(ApiId=api_id, StageName="test", AutoDeploy=True)
    assert send()[0] == 404
    assert [len(gateway.get_routes(ApiId=api_id)["Items"]), len(gateway.get_integrations(ApiId=api_id)["Items"])] == [0, 1]
    gateway.delete_api(ApiId=api_id)
    assert refusal(gateway.get_stages, ApiId=api_id) == ("NotFoundException", 404)


def test_events_and_executions_without_a_function(server, unique):
    gateway, states = server.client("apigatewayv2"), server.client("stepfunctions")
    api_id = gateway.create_api(Name=unique("api"), ProtocolType="HTTP")["ApiId"]
    gateway.create_stage(ApiId=api_id, StageName="$default", AutoDeploy=True)
    machine = states.create_state_machine(name=unique("m"), type="EXPRESS", roleArn="arn:aws:iam::000000000000:role/r",
                                          definition=json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}))

    def add(route, subtype, parameters):
        integration = gateway.create_integration(
            ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationSubtype=subtype, PayloadFormatVersion="1.0",
            RequestParameters=parameters)["IntegrationId"]
        gateway.create_route(ApiId=api_id, RouteKey=route, Target=f"integrations/{integration}")

    add("POST /events/{kind}", "EventBridge-PutEvents", {
        "Source": "http.${request.path.kind}", "DetailType": "$request.header.x-type", "Detail": "$request.body"})
    add("POST /run", "StepFunctions-StartSyncExecution", {
        "StateMachineArn": machine["stateMachineArn"], "Input": "$request.body"})
    call = Caller(server, api_id)
    status, answer = call.json("POST", "/events/own", '{"a": 1}', X_Type="T")
    assert status == 200 and answer["FailedEntryCount"] == 0
    status, answer = call.json("POST", "/run", '{"a":1}')
    assert (status, answer["status"], answer["output"]) == (200, "SUCCEEDED", '{"a":1}')


def test_a_server_behind_it(server, unique):
    gateway = server.client("apigatewayv2")
    behind = gateway.create_api(Name=unique("behind"), ProtocolType="HTTP", Target=f"{server.url}/_skafu/health")
    assert Caller(server, behind["ApiId"]).json("GET", "/any/path")[1]["status"] == "running"
    nowhere = gateway.create_api(Name=unique("nowhere"), ProtocolType="HTTP", Target="http://127.0.0.1:9/")
    assert Caller(server, nowhere["ApiId"]).json("GET", "/") == (503, {"message": "Service Unavailable"})


def test_an_imported_document(server):
    gateway = server.client("apigatewayv2")
    document = textwrap.dedent(f"""
        openapi: 3.0.1
        info: {{title: imported, version: "1"}}
        paths:
          /health:
            get:
              x-amazon-apigateway-integration:
                {{type: http_proxy, httpMethod: GET, uri: "{server.url}/_skafu/health", payloadFormatVersion: "1.0"}}
          /signed:
            x-amazon-apigateway-any-method:
              security: [{{iam: []}}]
              x-amazon-apigateway-integration: {{$ref: "#/components/x-amazon-apigateway-integrations/health"}}
        components:
          securitySchemes:
            iam: {{type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}}
          x-amazon-apigateway-integrations:
            health: {{type: http_proxy, httpMethod: GET, uri: "{server.url}/_skafu/health", payloadFormatVersion: "1.0"}}
        """)
    api = gateway.import_api(Body=document)
    assert api["Name"] == "imported"
    gateway.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    call = Caller(server, api["ApiId"])
    assert call.json("GET", "/health")[1]["status"] == "running"
    assert call.json("GET", "/signed") == (403, {"message": "Forbidden"})
    assert call.json("POST", "/signed", Authorization="AWS4-HMAC-SHA256 x")[0] == 200
    assert refusal(gateway.reimport_api, ApiId=api["ApiId"], Body="swagger: '2.0'") == ("BadRequestException", 400)


def test_it_survives_a_restart(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    gateway = server.client("apigatewayv2")
    api = gateway.create_api(Name="kept", ProtocolType="HTTP", Target="http://127.0.0.1:9/")
    server.kill()
    server = fresh_server("--data-dir", data_dir)
    assert server.client("apigatewayv2").get_routes(ApiId=api["ApiId"])["Items"][0]["RouteKey"] == "$default"
    assert Caller(server, api["ApiId"]).json("GET", "/x")[0] == 503
