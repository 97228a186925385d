"""API Gateway with boto3 and plain HTTP: refusals of the control plane, authorizers, services."""
import json

import pytest
from apigateway_support import MOCK, Caller, put_method, refusal


@pytest.fixture
def gateway(server):
    return server.client("apigateway")


@pytest.fixture
def api(gateway, unique):
    made = gateway.create_rest_api(name=unique("api"))
    # Older clients do not know the member rootResourceId.
    made["rootResourceId"] = gateway.get_resources(restApiId=made["id"])["items"][0]["id"]
    return made


def test_a_new_api_has_a_root_and_two_models(gateway, api):
    assert [r["path"] for r in gateway.get_resources(restApiId=api["id"])["items"]] == ["/"]
    models = gateway.get_models(restApiId=api["id"])["items"]
    assert sorted(model["name"] for model in models) == ["Empty", "Error"]
    assert api["endpointConfiguration"]["types"] == ["EDGE"] and api["apiKeySource"] == "HEADER"


def test_refusals(gateway, api):
    not_found = "NotFoundException"
    bad = "BadRequestException"
    place = put_method(gateway, api, "pets", "GET", MOCK)
    root = {"restApiId": api["id"], "parentId": api["rootResourceId"]}
    one = {"restApiId": api["id"], "resourceId": place["resourceId"]}
    checks = [
        (gateway.get_rest_api, {"restApiId": "nothing"},
         (not_found, "Invalid API identifier specified 000000000000:nothing", 404)),
        (gateway.create_resource, {**root, "pathPart": "pets"},
         ("ConflictException",
          "Another resource with the same parent already has this name: pets", 409)),
        (gateway.get_resource, {**one, "resourceId": "nothing"},
         (not_found, "Invalid Resource identifier specified", 404)),
        (gateway.get_method, {**one, "httpMethod": "PUT"},
         (not_found, "Invalid Method identifier specified", 404)),
        (gateway.put_method, {**one, "httpMethod": "PUT", "authorizationType": "CUSTOM"},
         (bad, "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or "
               "COGNITO_USER_POOLS requires a valid authorizer.", 400)),
        (gateway.put_integration, {**place, "type": "HTTP", "uri": "http://localhost"},
         (bad, "Enumeration value for HttpMethod must be non-empty", 400)),
        (gateway.put_integration, {**place, "type": "AWS", "integrationHttpMethod": "POST",
                                   "uri": "nothing"},
         (bad, "Invalid ARN specified in the request", 400)),
        (gateway.put_integration, {**place, "type": "HTTP", "integrationHttpMethod": "POST",
                                   "uri": "nothing"},
         (bad, "Invalid HTTP endpoint specified for URI", 400)),
        (gateway.put_integration, {**place, "type": "AWS_PROXY", "integrationHttpMethod": "POST",
                                   "uri": "arn:aws:apigateway:us-east-1:sqs:action/SendMessage"},
         (bad, "Integrations of type 'AWS_PROXY' currently only supports Lambda function and "
               "Firehose stream invocations.", 400)),
        (gateway.get_model, {"restApiId": api["id"], "modelName": "No"},
         (not_found, "Invalid model name specified: No", 404)),
        (gateway.get_request_validator, {"restApiId": api["id"], "requestValidatorId": "no"},
         (not_found, "Invalid Request Validator identifier specified", 404)),
        (gateway.create_stage, {"restApiId": api["id"], "stageName": "s", "deploymentId": "no"},
         (bad, "Deployment id does not exist", 400)),
        (gateway.delete_gateway_response, {"restApiId": api["id"], "responseType": "THROTTLED"},
         (not_found, "Gateway response type not defined on api", 404)),
        (gateway.update_rest_api,
         {"restApiId": api["id"], "patchOperations": [
             {"op": "add", "path": "/minimumCompressionSize", "value": "1"}]},
         (bad, "Invalid patch operation specified. Must be one of: [replace]", 400)),
    ]
    for call, arguments, expected in checks:
        assert refusal(call, **arguments) == expected


def test_patches(gateway, api):
    changed = gateway.update_rest_api(restApiId=api["id"], patchOperations=[
        {"op": "replace", "path": "/name", "value": "renamed"},
        {"op": "add", "path": "/binaryMediaTypes/image~1png"}])
    assert changed["name"] == "renamed" and changed["binaryMediaTypes"] == ["image/png"]


def test_stages_and_variables(server, gateway, api):
    put_method(gateway, api, "v", "GET", MOCK, [
        {"statusCode": "200",
         "responseTemplates": {"application/json": "$stageVariables.color $context.stage"}}])
    gateway.create_deployment(restApiId=api["id"], stageName="dev", variables={"color": "red"})
    status, headers, body = Caller(server, api["id"])("GET", "/v")
    assert (status, body) == (200, "red dev")
    assert headers["x-amzn-RequestId"] and headers["x-amz-apigw-id"]
    assert Caller(server, api["id"], "other")("GET", "/v")[0] == 403


def test_cognito_authorizer(server, gateway, api, unique):
    cognito = server.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName=unique("pool"))["UserPool"]
    app = cognito.create_user_pool_client(
        UserPoolId=pool["Id"], ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool["Id"], Username="ada", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool["Id"], Username="ada", Password="Passw0rd!",
                                    Permanent=True)
    for group in ("admins", "staff"):
        cognito.create_group(UserPoolId=pool["Id"], GroupName=group)
        cognito.admin_add_user_to_group(UserPoolId=pool["Id"], Username="ada", GroupName=group)
    tokens = cognito.initiate_auth(
        ClientId=app, AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": "Passw0rd!"})["AuthenticationResult"]
    authorizer = gateway.create_authorizer(
        restApiId=api["id"], name="users", type="COGNITO_USER_POOLS", providerARNs=[pool["Arn"]],
        identitySource="method.request.header.Authorization")["id"]
    put_method(gateway, api, "me", "GET", MOCK, [
        {"statusCode": "200", "responseTemplates": {"application/json":
            "$context.authorizer.claims['cognito:username']"
            " of $context.authorizer.claims.get('cognito:groups')"}}],
        authorizationType="COGNITO_USER_POOLS", authorizerId=authorizer)
    call = Caller(server, api["id"])
    for token in (tokens["IdToken"], "Bearer " + tokens["IdToken"]):
        assert call("GET", "/me", Authorization=token)[::2] == (200, "ada of admins,staff")
    for token in ("", "x.y.z", tokens["AccessToken"], tokens["IdToken"][:-4] + "AAAA"):
        status, headers, body = call("GET", "/me", Authorization=token)
        assert (status, body) == (401, '{"message":"Unauthorized"}')
        assert headers["x-amzn-ErrorType"] == "UnauthorizedException"


def test_dynamodb_and_sqs_behind_an_api(server, gateway, api, unique):
    table, queue = unique("table"), unique("queue")
    server.client("dynamodb").create_table(
        TableName=table, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    sqs = server.client("sqs")
    url = sqs.create_queue(QueueName=queue)["QueueUrl"]
    arn = "arn:aws:apigateway:us-east-1:"
    put_method(gateway, api, "items", "POST", {
        "type": "AWS", "integrationHttpMethod": "POST", "uri": arn + "dynamodb:action/PutItem",
        "requestTemplates": {"application/json": json.dumps(
            {"TableName": table, "Item": {"id": {"S": "$input.params('id')"}}})}},
        [{"statusCode": "200"}, {"statusCode": "400", "selectionPattern": r"4\d\d"}])
    put_method(gateway, api, "messages", "POST", {
        "type": "AWS", "integrationHttpMethod": "POST",
        "uri": f"{arn}sqs:path/000000000000/{queue}",
        "requestParameters": {"integration.request.header.Content-Type":
                              "'application/x-www-form-urlencoded'"},
        "requestTemplates": {"application/json": "Action=SendMessage&MessageBody=$input.body"}},
        [{"statusCode": "200", "responseTemplates": {"application/json":
            "$input.path('$.SendMessageResponse.SendMessageResult.MessageId')"}}])
    call = Caller(server, api["id"])
    assert call("POST", "/items?id=one", {})[::2] == (200, "{}")
    found = server.client("dynamodb").get_item(TableName=table, Key={"id": {"S": "one"}})
    assert found["Item"] == {"id": {"S": "one"}}
    status, _, body = call("POST", "/messages", {"k": 1})
    message = sqs.receive_message(QueueUrl=url)["Messages"][0]
    assert status == 200 and message["MessageId"] == body and json.loads(message["Body"]) == {"k": 1}


def test_api_keys(server, gateway, api):
    put_method(gateway, api, "k", "GET", MOCK, [{"statusCode": "200"}], apiKeyRequired=True)
    gateway.create_deployment(restApiId=api["id"], stageName="dev")
    key = gateway.create_api_key(name="k", enabled=True)
    plan = gateway.create_usage_plan(
        name="p", apiStages=[{"apiId": api["id"], "stage": "dev"}])["id"]
    call = Caller(server, api["id"])
    assert call("GET", "/k", x_api_key=key["value"])[0] == 403
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    assert call("GET", "/k", x_api_key=key["value"])[0] == 200
    assert call("GET", "/k", x_api_key="wrong")[2] == '{"message":"Forbidden"}'


def test_invoke_method_tells_what_happens(server, gateway, api):
    resource = gateway.create_resource(restApiId=api["id"], parentId=api["rootResourceId"], pathPart="{id}")["id"]
    method = dict(restApiId=api["id"], resourceId=resource, httpMethod="POST")
    gateway.put_method(**method, authorizationType="AWS_IAM")
    gateway.put_method_response(**method, statusCode="200")
    gateway.put_integration(**method, type="HTTP", integrationHttpMethod="GET", uri=server.url + "/_skafu/health",
                            requestTemplates={"application/json": '{"id": "$input.params(\'id\')", "color": "$stageVariables.color"}'})
    gateway.put_integration_response(**method, statusCode="200",
                                     responseTemplates={"application/json": "$input.path('$.status')"})
    answer = gateway.test_invoke_method(**method, pathWithQueryString="/7?q=1", body='{"a": 1}', headers={"X-Mine": "yes"},
                                        stageVariables={"color": "blue"})
    assert (answer["status"], answer["body"], answer["latency"] >= 0) == (200, "running", True)
    assert answer["headers"]["Content-Type"] == answer["multiValueHeaders"]["Content-Type"][0] == "application/json"
    log = answer["log"].splitlines()
    request_id = log[0].removeprefix("Execution log for request ")
    said = [line.split(" : ", 1)[1] for line in log[1:]]
    assert said[:6] == [
        f"Starting execution for request: {request_id}", "HTTP Method: POST, Resource Path: /7", "Method request path: {id=7}",
        "Method request query string: {q=1}", "Method request headers: {X-Mine=yes}",
        'Method request body before transformations: {"a": 1}']
    assert said[6] == f"Endpoint request URI: {server.url}/_skafu/health"
    assert 'Endpoint request body after transformations: {"id": "7", "color": "blue"}' in said
    assert any(line.startswith("Received response. Status: 200, Integration latency: ") for line in said)
    assert said[-2:] == ["Successfully completed execution", "Method completed with status: 200"]
    assert refusal(gateway.test_invoke_method, **{**method, "httpMethod": "GET"}) == (
        "NotFoundException", "Invalid Method identifier specified", 404)


def test_invoke_method_tells_what_fails(gateway, api):
    method = dict(restApiId=api["id"], resourceId=api["rootResourceId"], httpMethod="GET")
    gateway.put_method(**method, authorizationType="NONE")
    gateway.put_integration(**method, type="MOCK", requestTemplates={"application/json": "no json"})
    answer = gateway.test_invoke_method(**method)
    assert (answer["status"], json.loads(answer["body"])) == (500, {"message": "Internal server error"})
    assert "Execution failed due to configuration error" in answer["log"]
    assert answer["log"].endswith("Method completed with status: 500\n")
