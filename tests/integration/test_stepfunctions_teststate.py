"""TestState beyond the recordings: what Map states show, variables, and mocks that do not fit."""
import json

import pytest

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
