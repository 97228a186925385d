"""What API Gateway's control plane refuses, with the code, status and words of real AWS. The
recordings name scenario and step; here stands the call that each step is."""
import re

import pytest
from apigateway_test import Api, cases, recordings
from botocore.exceptions import ClientError
from conftest import Server


@pytest.fixture(scope="module")
def server():
    running = Server().start()
    yield running
    running.stop()


class World(Api):
    """An API, and short words for what the steps need of it."""

    def __init__(self, server):
        super().__init__(server)
        self.api = {"restApiId": self.id}

    def place(self, method="GET", resource=None):
        return {**self.api, "resourceId": resource or self.root, "httpMethod": method}

    def put_method(self, **given):
        self.gateway.put_method(**self.place(), authorizationType="NONE", **given)
        return self.place()

    def mocked(self):
        place = self.put_method()
        self.gateway.put_integration(**place, type="MOCK",
                                     requestTemplates={"application/json": '{"statusCode": 200}'})
        return place

    def response(self):
        place = {**self.put_method(), "statusCode": "200"}
        self.gateway.put_method_response(**place)
        return place

    def child(self, part, parent=None):
        return self.gateway.create_resource(**self.api, parentId=parent or self.root,
                                            pathPart=part)["id"]

    def model(self, name, schema='{"type": "object"}'):
        return self.gateway.create_model(**self.api, name=name, contentType="application/json",
                                         schema=schema)

    def validator(self):
        made = self.gateway.create_request_validator(**self.api, name="v")
        return {**self.api, "requestValidatorId": made["id"]}

    def stage(self):
        self.mocked()
        deployment = self.gateway.create_deployment(**self.api, stageName="s")["id"]
        return {**self.api, "stageName": "s"}, deployment

    def key(self, **given):
        return self.gateway.create_api_key(name="k", **given)["id"]


def patch(op, path, value=None):
    operation = {"op": op}
    if path is not None:
        operation["path"] = path
    if value is not None:
        operation["value"] = value
    return [operation]


def update_api(*operation):
    return lambda w: w.gateway.update_rest_api(**w.api, patchOperations=patch(*operation))


def update_method(*operation):
    return lambda w: w.gateway.update_method(**w.put_method(), patchOperations=patch(*operation))


def update_validator(*operation):
    return lambda w: w.gateway.update_request_validator(**w.validator(),
                                                        patchOperations=patch(*operation))


def update_stage(*operation):
    return lambda w: w.gateway.update_stage(**w.stage()[0], patchOperations=patch(*operation))


def update_answer(*operation):
    def call(w):
        given = {**w.api, "responseType": "DEFAULT_4XX"}
        w.gateway.put_gateway_response(**given)
        w.gateway.update_gateway_response(**given, patchOperations=patch(*operation))
    return call


def update_response(*operations, status=None):
    def call(w):
        place = w.response()
        place["statusCode"] = status or place["statusCode"]
        w.gateway.update_method_response(**place, patchOperations=list(operations))
    return call


def create_api(**configuration):
    return lambda w: w.gateway.create_rest_api(name="a", endpointConfiguration=configuration)


def put_integration(**given):
    return lambda w: w.gateway.put_integration(**w.put_method(), **given)


def move_resource(path, value, op="replace"):
    def call(w):
        pets = w.child("pets")
        below = w.child("below", pets)
        other = w.child("other")
        w.child("pets", other)
        resource, value_now = {"/pathPart": (other, value), "/parentId": (pets, below)}[path]
        w.gateway.update_resource(**w.api, resourceId=resource,
                                  patchOperations=patch(op, path, value_now))
    return call


def used_model(w):
    w.model("recordedTwo")
    w.gateway.put_method(**w.place("ANY"), authorizationType="NONE",
                         requestModels={"application/json": "recordedTwo"})
    w.gateway.delete_model(**w.api, modelName="recordedTwo")


def deleted(step):
    def call(w):
        place = w.response()
        w.gateway.delete_method(**w.place())
        getattr(w.gateway, step)(**place)
    return call


def deleted_integration(w):
    place = w.mocked()
    w.gateway.delete_integration(**place)
    w.gateway.get_integration(**place)


def deleted_resource(w):
    below = w.child("below", w.child("pets"))
    w.gateway.delete_resource(**w.api, resourceId=below)
    w.gateway.delete_resource(**w.api, resourceId=below)


def deleted_validator(w):
    validator = w.validator()
    w.gateway.delete_request_validator(**validator)
    w.gateway.get_request_validator(**validator)


def active_deployment(w):
    w.gateway.delete_deployment(**w.api, deploymentId=w.stage()[1])


def same_model(w):
    w.model("MySchema")
    w.model("MySchema")


def usage_plan(value):
    def call(w):
        plan = w.gateway.create_usage_plan(name="p")["id"]
        w.gateway.update_usage_plan(usagePlanId=plan,
                                    patchOperations=patch("add", "/apiStages", value(w)))
    return call


NO_API = {"restApiId": "test-fake-rest-id"}
WRONG = {"op": "wrong_op", "path": "/responseModels/application~1json", "value": "Empty"}
RIGHT = {"op": "add", "path": "/responseModels/application~1json", "value": "Empty"}
LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:f"
S3 = "arn:aws:apigateway:us-east-1:s3:path/bucket/key"

STEPS = {
    "create-empty-desc": lambda w: w.gateway.create_rest_api(name="a", description=""),
    "set-string-compression": update_api("replace", "/minimumCompressionSize", "test"),
    "unsupported-operation": {
        "ApiGatewayApiRestApi update rest api compression":
            update_api("add", "/minimumCompressionSize", "10"),
        "ApiGatewayApiMethod update method validation":
            update_method("add", "/authorizationType", "NONE")},
    "update-rest-api-add-base-path": update_api("add", "/binaryMediaTypes", "image~1png"),
    "update-rest-api-replace-base-path": update_api("replace", "/binaryMediaTypes", "a~1b"),
    "update-rest-api-remove-base-path": update_api("remove", "/binaryMediaTypes", "a~1b"),
    "not-found-update-rest-api": lambda w: w.gateway.update_rest_api(
        restApiId="api_id", patchOperations=patch("replace", "/name", "n")),
    "existing-future-sibling-path": move_resource("/pathPart", "pets"),
    "update-path-already-exists": move_resource("/pathPart", "pets"),
    "update-parent-id-to-subresource-id": move_resource("/parentId", None),
    "remove-unsupported": move_resource("/pathPart", "x", "remove"),
    "add-unsupported": move_resource("/pathPart", "x", "add"),
    "create-proxy-dynamic-child-resource": lambda w: w.child("{dynamic}", w.child("{proxy+}")),
    "wrong-rest-api-id-get-authorizers": lambda w: w.gateway.get_authorizers(**NO_API),
    "delete-deleted-method-response": deleted("delete_method_response"),
    "delete-model-used-2": used_model,
    "delete-model-used-by-method-1": used_model,
    "wrong-resource": lambda w: w.gateway.put_method(**w.place(resource="badid"),
                                                     authorizationType="NONE"),
    "invalid-model-name": lambda w: w.put_method(requestModels={"application/json": "petModel"}),
    "wrong-rest-api": lambda w: w.gateway.update_method(
        **{**w.place(), "restApiId": "fakeid"},
        patchOperations=patch("replace", "/authorizationType", "NONE")),
    "wrong-resource-id": lambda w: w.gateway.update_method(
        **w.place(resource="fakeid"), patchOperations=patch("replace", "/operationName", "x")),
    "method-does-not-exist": lambda w: w.gateway.update_method(
        **w.place("POST"), patchOperations=patch("replace", "/operationName", "x")),
    "unsupported-operation-2": update_method("remove", "/authorizationType", "NONE"),
    "wrong-path-request-parameters": update_method("add", "/requestParameters", "true"),
    "wrong-path-request-models": update_method("add", "/requestModels/application/json", "Empty"),
    "wrong-auth-type": update_method("replace", "/authorizationType", "CUSTOM"),
    "get-model-wrong-id": lambda w: w.gateway.get_model(**w.api, modelName="MySchema"),
    "del-model-wrong-id": lambda w: w.gateway.delete_model(**w.api, modelName="MySchema"),
    "create-model-already-exists": same_model,
    "update-model-wrong-id": lambda w: w.gateway.update_model(
        **w.api, modelName="mySchema", patchOperations=patch("replace", "/description", "d")),
    "wrong-rest-api-id-create-validator": lambda w: w.gateway.create_request_validator(
        **NO_API, name="v"),
    "invalid-create-request-validator": lambda w: w.gateway.create_request_validator(
        restApiId="api_id", name="v"),
    "wrong-rest-api-id-get-validators": lambda w: w.gateway.get_request_validators(**NO_API),
    "get-invalid-request-validators": lambda w: w.gateway.get_request_validators(
        restApiId="api_id"),
    "get-request-validators-invalid-api-id": lambda w: w.gateway.get_request_validator(
        restApiId="api_id", requestValidatorId="validator_id"),
    "get-request-validators-invalid-validator-id": lambda w: w.gateway.get_request_validator(
        **w.api, requestValidatorId="validator_id"),
    "update-request-validator-invalid-add-operation":
        update_validator("add", "/validateRequestBody", "true"),
    "update-request-validator-invalid-remove-operation":
        update_validator("remove", "/validateRequestBody", "true"),
    "update-request-validator-invalid-path": update_validator("replace", "/invalidPath", "true"),
    "update-request-validator-empty-name-value": update_validator("replace", "/name", ""),
    "get-gateway-responses-no-api": lambda w: w.gateway.get_gateway_responses(
        restApiId="fake-api-id"),
    "delete-gateway-response-no-api": lambda w: w.gateway.delete_gateway_response(
        restApiId="fake-api-id", responseType="DEFAULT_4XX"),
    "delete-gateway-response-not-set": lambda w: w.gateway.delete_gateway_response(
        **w.api, responseType="DEFAULT_4XX"),
    "get-gateway-response-wrong-response-type": lambda w: w.gateway.get_gateway_response(
        **w.api, responseType="FAKE_RESPONSE_TYPE"),
    "delete-gateway-response-wrong-response-type": lambda w: w.gateway.delete_gateway_response(
        **w.api, responseType="FAKE_RESPONSE_TYPE"),
    "update-gateway-response-wrong-response-type": lambda w: w.gateway.update_gateway_response(
        **w.api, responseType="FAKE_RESPONSE_TYPE",
        patchOperations=patch("replace", "/statusCode", "401")),
    "put-gateway-response-wrong-response-type": lambda w: w.gateway.put_gateway_response(
        **w.api, responseType="FAKE_RESPONSE_TYPE"),
    "update-gateway-add-status-code": update_answer("add", "/statusCode", "444"),
    "update-gateway-no-path": update_answer("replace", None, "444"),
    "update-gateway-wrong-path": update_answer("replace", "/wrongPath", "444"),
    "put-integration-wrong-type": put_integration(type="HTTPS_PROXY", uri="http://x.example"),
    "required-integration-method-HTTP": put_integration(type="HTTP", uri="http://x.example"),
    "no-s3-support-AWS_PROXY": put_integration(type="AWS_PROXY", integrationHttpMethod="POST",
                                               uri=S3),
    "invalid-uri-HTTP_PROXY": put_integration(type="HTTP_PROXY", integrationHttpMethod="POST",
                                              uri="wrong"),
    "invalid-uri-not-an-arn": put_integration(type="AWS", integrationHttpMethod="POST",
                                              uri="wrong"),
    "put-integration-wrong-arn": put_integration(type="AWS_PROXY", integrationHttpMethod="POST",
                                                 uri="wrong"),
    "get-integration-after-delete": deleted_integration,
    "put-integration-wrong-method": lambda w: w.gateway.put_integration(**w.place("POST"),
                                                                        type="MOCK"),
    "put-integration-response-wrong-resource": lambda w: w.gateway.put_integration_response(
        **w.place(resource="badresource"), statusCode="200"),
    "put-integration-response-invalid-statusCode":
        lambda w: w.gateway.put_integration_response(**w.mocked(), statusCode="wrong"),
    "get-integration-response-without-integration":
        lambda w: w.gateway.get_integration_response(**w.put_method(), statusCode="200"),
    "get-integration-no-resource": lambda w: w.gateway.get_integration(
        **w.place(resource="badid")),
    "get-integration-no-method": lambda w: w.gateway.get_integration(**w.place("POST")),
    "update-method-response-wrong-operation-1": update_response(WRONG),
    "update-method-response-wrong-operation-3": update_response(WRONG, WRONG),
    "update-method-response-wrong-operation-4": update_response(WRONG, WRONG, WRONG, WRONG),
    "update-method-response-wrong-operation-5": update_response(WRONG, RIGHT, WRONG),
    "update-method-response-invalid-statuscode": update_response(RIGHT, status="wrong"),
    "update-method-response-invalid-statuscode-and-wrong-op":
        update_response(WRONG, status="wrong"),
    "create-with-empty-types": create_api(types=[]),
    "create-with-invalid-types": create_api(types=["wrong"]),
    "create-with-multiple-errors-2": lambda w: w.gateway.create_rest_api(
        name="a", description="", endpointConfiguration={"types": ["REGIONAL", "EDGE"]}),
    "update-rest-api-wrong-type":
        update_api("replace", "/endpointConfiguration/types/EDGE", "wrong"),
    "update-rest-api-wrong-operations-on-type": lambda w: w.gateway.update_rest_api(
        **w.api, patchOperations=patch("wrong", "/endpointConfiguration/types/EDGE", "REGIONAL")
        + patch("wrong", "/endpointConfiguration/ipAddressType", "ipv4")),
    "create-with-two-types": create_api(types=["EDGE", "REGIONAL"]),
    "update-method-response-wrong-resource": lambda w: w.gateway.update_method_response(
        **w.place(resource="badid"), statusCode="200", patchOperations=[RIGHT]),
    "update-method-response-operation-with-wrong-path":
        update_response({"op": "add", "path": "/wrong/method.response.header.my-header",
                         "value": "true"}),
    "delete-subresource": deleted_resource,
    "get-deleted-request-validator": deleted_validator,
    "put-integration-lambda-uri": put_integration(type="AWS_PROXY", integrationHttpMethod="POST",
                                                  uri=LAMBDA),
    "put-integration-response-wrong-method": lambda w: w.gateway.put_integration_response(
        **w.place("POST"), statusCode="200"),
    "get-integration-response-wrong-method": lambda w: w.gateway.get_integration_response(
        **w.place("POST"), statusCode="200"),
    "get-integration-response-wrong-api": lambda w: w.gateway.get_integration_response(
        **{**w.place(), "restApiId": "badapi"}, statusCode="200"),
    "non-existent-method": lambda w: w.gateway.delete_integration_response(
        **w.put_method(), statusCode="200"),
    "method-response-product-get": lambda w: w.gateway.get_method_response(
        **w.put_method(), statusCode="200"),
    "integration-response-product-get": lambda w: w.gateway.get_integration_response(
        **w.mocked(), statusCode="200"),
    "put-rest-api-bad-yaml-file": lambda w: w.gateway.put_rest_api(**w.api, body=b"bad: [yaml"),
    "update-stage-access-log-destinationArn-empty":
        update_stage("replace", "/accessLogSettings/destinationArn", ""),
    "update-stage-access-log-format-empty":
        update_stage("replace", "/accessLogSettings/format", ""),
    "root-and-add": update_stage("add", "/accessLogSettings", "x"),
    "update-wrong-api-stages-no-value": lambda w: w.gateway.update_usage_plan(
        usagePlanId=w.gateway.create_usage_plan(name="p")["id"],
        patchOperations=patch("add", "/apiStages")),
    "wrong-rest-api-id-get-doc-parts": lambda w: w.gateway.get_documentation_parts(**NO_API),
    "create-canary-deployment-no-stage": lambda w: w.gateway.create_deployment(
        restApiId=w.stage()[0]["restApiId"], canarySettings={"percentTraffic": 50}),
    "update-stage-no-deployment": update_stage("replace", "/deploymentId", "deploy"),
    "update-stage-canary-settings-replace-bad-path":
        update_stage("replace", "/canarySettings/badPath", "x"),
    "invalid-path-add": update_stage("add", "/accessLogSettings/wrong", "x"),
    "invalid-path-replace": update_stage("replace", "/accessLogSettings/wrong", "x"),
    "error-update-doc-version": update_stage("replace", "/documentation_version", "x"),
    "error-update-tags": update_stage("replace", "/tags/tag1", "x"),
    "update-stage-canary-settings-bad-path-2": update_stage("add", "/canarySettings", "x"),
    "update-wrong-id": lambda w: w.gateway.update_usage_plan(
        usagePlanId="non_existing", patchOperations=patch("replace", "/description", "x")),
    "update-wrong-api-stages-wrong-value": usage_plan(lambda w: "fakestagename"),
    "update-wrong-api-stages-wrong-stage": usage_plan(lambda w: w.id + ":fakestagename"),
    "delete-deployment-error-0": active_deployment,
    "delete-deployment-2-error": active_deployment,
    "create-api-key-name-too-long": lambda w: w.gateway.create_api_key(name="k" * 1025),
    "create-api-key-short-value": lambda w: w.key(value="short"),
    "update-api-key-immutable-field": lambda w: w.gateway.update_api_key(
        apiKey=w.key(), patchOperations=patch("replace", "/id", "x")),
}


def step_of(case):
    step = STEPS.get(case["step"])
    return step.get(case["scenario"]) if isinstance(step, dict) else step


def matches(wanted, found):
    pattern = re.sub(r"<[^>]+>", ".+?", re.escape(wanted).replace(r"\<", "<").replace(r"\>", ">"))
    return re.fullmatch(pattern.replace("111111111111", "000000000000"), found)


# A refusal that is not replayed needs VPC links, documentation parts, canaries, TestInvokeMethod,
# an import, or parameters that older boto3 do not know.
@pytest.mark.parametrize("case", cases("api-errors", step_of))
def test_refusals(server, case):
    with pytest.raises(ClientError) as refused:
        step_of(case)(World(server))
    error = refused.value.response
    assert error["Error"]["Code"] == case["code"], error["Error"]["Message"]
    assert matches(case["message"], error["Error"]["Message"]), error["Error"]["Message"]
    assert error["ResponseMetadata"]["HTTPStatusCode"] == case["status"]


def test_every_step_is_recorded():
    named = {case["step"] for case in recordings("api-errors")}
    assert not named or set(STEPS) <= named
