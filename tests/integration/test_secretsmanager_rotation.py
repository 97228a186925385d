"""Rotation of secrets by a real function that follows AWS's template."""
import io
import json
import zipfile

import pytest
from botocore.exceptions import ClientError

# The four steps as the rotation templates of AWS take them; a secret may ask for a failure.
SOURCE = """
import os, boto3

def handler(event, context):
    secrets = boto3.client("secretsmanager", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    described = secrets.describe_secret(SecretId=arn)
    assert described["RotationEnabled"]
    stages = described["VersionIdsToStages"]
    assert stages[token] == ["AWSPENDING"]
    current = secrets.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")["SecretString"]
    if current.startswith("fail-at-" + step):
        raise ValueError("cannot " + step)
    if step == "createSecret":
        try:
            secrets.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
        except secrets.exceptions.ResourceNotFoundException:
            secrets.put_secret_value(SecretId=arn, ClientRequestToken=token,
                                     SecretString=current + "+", VersionStages=["AWSPENDING"])
    elif step == "testSecret":
        secrets.tag_resource(SecretId=arn, Tags=[{"Key": "tested", "Value": token}])
    elif step == "finishSecret":
        old = next(v for v, names in stages.items() if "AWSCURRENT" in names)
        secrets.update_secret_version_stage(SecretId=arn, VersionStage="AWSCURRENT",
                                            MoveToVersionId=token, RemoveFromVersionId=old)
"""


def code():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", SOURCE)
    return archive.getvalue()


def rotator(server, name):
    return server.client("lambda").create_function(
        FunctionName=name, Runtime="python3.12", Handler="app.handler", Timeout=30,
        Role="arn:aws:iam::000000000000:role/any", Code={"ZipFile": code()})["FunctionArn"]


def refusal(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_function_rotates_a_secret(server, unique):
    secrets = server.client("secretsmanager")
    function = rotator(server, unique("rotator"))
    name = unique("secret")
    first = secrets.create_secret(Name=name, SecretString="a")["VersionId"]
    assert "RotationEnabled" not in secrets.describe_secret(SecretId=name)
    started = secrets.rotate_secret(SecretId=name, RotationLambdaARN=function,
                                    RotationRules={"AutomaticallyAfterDays": 30})
    server.await_idle()
    described = secrets.describe_secret(SecretId=name)
    assert described["RotationEnabled"] is True
    assert described["RotationLambdaARN"] == function
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert described["LastRotatedDate"]
    assert described["VersionIdsToStages"] == {
        first: ["AWSPREVIOUS"], started["VersionId"]: ["AWSCURRENT"]}
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "a+"
    secrets.rotate_secret(SecretId=name)  # by what is set up already
    server.await_idle()
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "a++"
    secrets.cancel_rotate_secret(SecretId=name)
    assert secrets.describe_secret(SecretId=name)["RotationEnabled"] is False


def test_what_rotation_refuses(server, unique):
    secrets = server.client("secretsmanager")
    name = unique("secret")
    secrets.create_secret(Name=name, SecretString="a")
    without = ("InvalidRequestException",
               "No Lambda rotation function ARN is associated with this secret.")
    assert refusal(secrets.rotate_secret, SecretId=name) == without
    assert refusal(secrets.cancel_rotate_secret, SecretId=name) == without
    assert refusal(
        secrets.rotate_secret, SecretId=name,
        RotationLambdaARN="arn:aws:lambda:us-east-1:000000000000:function:none",
    ) == ("AccessDeniedException",
          "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function "
          "policy grants access to the principal secretsmanager.amazonaws.com.")
    function = rotator(server, unique("rotator"))
    for rules in ({"AutomaticallyAfterDays": 0}, {"AutomaticallyAfterDays": 1001}):
        assert refusal(secrets.rotate_secret, SecretId=name, RotationLambdaARN=function,
                       RotationRules=rules)[0] == "ValidationException"
    assert refusal(secrets.rotate_secret, SecretId=name, RotationLambdaARN=function,
                   RotationRules={"ScheduleExpression": "rate(some)"})[0] == \
        "InvalidParameterException"
    assert refusal(secrets.rotate_secret, SecretId=unique("none"))[0] == \
        "ResourceNotFoundException"
    assert "RotationEnabled" not in secrets.describe_secret(SecretId=name)


def test_a_rotation_that_fails_stays_pending(server, unique):
    secrets = server.client("secretsmanager")
    function = rotator(server, unique("rotator"))
    name = unique("secret")
    first = secrets.create_secret(Name=name, SecretString="fail-at-testSecret")["VersionId"]
    started = secrets.rotate_secret(SecretId=name, RotationLambdaARN=function,
                                    RotationRules={"AutomaticallyAfterDays": 30})["VersionId"]
    server.await_idle()
    described = secrets.describe_secret(SecretId=name)
    assert described["VersionIdsToStages"] == {first: ["AWSCURRENT"], started: ["AWSPENDING"]}
    assert "LastRotatedDate" not in described
    assert refusal(secrets.rotate_secret, SecretId=name) == (
        "InvalidRequestException",
        "A previous rotation isn't complete. That rotation will be reattempted.")
    assert secrets.cancel_rotate_secret(SecretId=name)["VersionId"] == started


def test_setting_up_without_rotating_only_tests(server, unique):
    secrets = server.client("secretsmanager")
    function = rotator(server, unique("rotator"))
    name = unique("secret")
    first = secrets.create_secret(Name=name, SecretString="a")["VersionId"]
    secrets.rotate_secret(SecretId=name, RotationLambdaARN=function, RotateImmediately=False,
                          RotationRules={"ScheduleExpression": "rate(12 hours)"})
    server.await_idle()
    described = secrets.describe_secret(SecretId=name)
    assert [tag["Key"] for tag in described["Tags"]] == ["tested"]
    assert described["VersionIdsToStages"] == {first: ["AWSCURRENT"]}
    assert described["RotationEnabled"] is True


def test_secrets_rotate_by_their_schedule(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    secrets = server.client("secretsmanager")
    secrets.create_secret(Name="s", SecretString="a")
    secrets.rotate_secret(SecretId="s", RotationLambdaARN=rotator(server, "rotator"),
                          RotationRules={"AutomaticallyAfterDays": 10})
    server.await_idle()
    server.stop()
    server = fresh_server("--data-dir", data_dir)
    secrets = server.client("secretsmanager")
    server.admin("PUT", "/clock", {"advance": "9d"})
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "a+"
    server.admin("PUT", "/clock", {"advance": "2d"})
    server.await_idle()
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "a++"


def test_a_template_sets_rotation_up(fresh_server, tmp_path):
    (tmp_path / "app.py").write_text(SOURCE)
    (tmp_path / "template.json").write_text(json.dumps({
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Rotator": {"Type": "AWS::Serverless::Function", "Properties": {
                "Handler": "app.handler", "Runtime": "python3.12", "CodeUri": ".", "Timeout": 30}},
            "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {
                "Name": "s", "SecretString": "a"}},
            "Schedule": {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": {
                "SecretId": {"Ref": "Secret"},
                "RotationLambdaARN": {"Fn::GetAtt": ["Rotator", "Arn"]},
                "RotationRules": {"AutomaticallyAfterDays": 7}}}}}))
    server = fresh_server(tmp_path / "template.json")
    server.await_idle()
    secrets = server.client("secretsmanager")
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "a+"
    assert secrets.describe_secret(SecretId="s")["RotationRules"] == {"AutomaticallyAfterDays": 7}
