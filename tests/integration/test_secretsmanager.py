"""Secrets Manager as boto3 sees it."""
import json

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def secrets(server):
    return server.client("secretsmanager")


def error_of(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_values_have_versions_and_stages(secrets, unique):
    name = unique("team/secret")
    made = secrets.create_secret(Name=name, SecretString="one", Description="d",
                                 Tags=[{"Key": "a", "Value": "b"}])
    assert error_of(secrets.create_secret, Name=name, SecretString="x") == "ResourceExistsException"
    second = secrets.put_secret_value(SecretId=made["ARN"], SecretString="two")
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "two"
    old = secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")
    assert old["SecretString"] == "one" and old["VersionId"] == made["VersionId"]
    described = secrets.describe_secret(SecretId=name)
    assert described["VersionIdsToStages"] == {
        made["VersionId"]: ["AWSPREVIOUS"], second["VersionId"]: ["AWSCURRENT"]}
    secrets.update_secret(SecretId=name, SecretBinary=b"\x00\x01")
    assert secrets.get_secret_value(SecretId=name)["SecretBinary"] == b"\x00\x01"
    partial = made["ARN"].rsplit("-", 1)[0]
    assert secrets.describe_secret(SecretId=partial)["Name"] == name


def test_deletion_can_be_undone(secrets, unique):
    name = unique("s")
    secrets.create_secret(Name=name, SecretString="x")
    secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    assert error_of(secrets.get_secret_value, SecretId=name) == "InvalidRequestException"
    secrets.restore_secret(SecretId=name)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "x"
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    assert error_of(secrets.get_secret_value, SecretId=name) == "ResourceNotFoundException"


def test_listing_and_passwords(secrets, unique):
    name = unique("listed")
    secrets.create_secret(Name=name, SecretString="x")
    listed = secrets.list_secrets(Filters=[{"Key": "name", "Values": [name]}])["SecretList"]
    assert [s["Name"] for s in listed] == [name]
    password = secrets.get_random_password(PasswordLength=20, ExcludePunctuation=True)
    assert len(password["RandomPassword"]) == 20 and password["RandomPassword"].isalnum()


def refusal(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


BAD_NAME = ("ValidationException", "Invalid name. Must be a valid name containing alphanumeric "
            "characters, or any of the following: -/_+=.@!")


def test_what_aws_refuses(secrets, unique):
    name = unique("refused")
    for bad in ("with a blank", "ünï", "a:b"):
        assert refusal(secrets.create_secret, Name=bad, SecretString="x") == BAD_NAME
    assert refusal(secrets.get_secret_value, SecretId="with a blank") == BAD_NAME
    assert refusal(secrets.create_secret, Name=name, SecretString="x", SecretBinary=b"y")[0] == \
        "InvalidParameterException"
    assert refusal(secrets.create_secret, Name=name, SecretString="x" * 65537)[0] == \
        "ValidationException"
    made = secrets.create_secret(Name=name, SecretString="x")
    assert refusal(secrets.put_secret_value, SecretId=name, SecretString="") == (
        "InvalidRequestException", "You must provide either SecretString or SecretBinary.")
    assert refusal(secrets.get_secret_value, SecretId=name, VersionId=made["VersionId"],
                   VersionStage="AWSPREVIOUS") == (
        "InvalidRequestException",
        "You provided a VersionStage that is not associated to the provided VersionId.")
    assert refusal(secrets.delete_secret, SecretId=name, RecoveryWindowInDays=3) == (
        "InvalidParameterException",
        "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
    assert refusal(secrets.put_resource_policy, SecretId=name, ResourcePolicy="{")[0] == \
        "MalformedPolicyDocumentException"
    assert refusal(secrets.list_secrets, NextToken="junk")[0] == "InvalidNextTokenException"
    assert refusal(secrets.list_secrets, Filters=[{"Key": "bogus", "Values": ["x"]}])[0] == \
        "ValidationException"
    assert refusal(secrets.get_random_password, PasswordLength=4097)[0] == "ValidationException"
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "x"


def test_a_request_that_is_sent_again_changes_nothing(secrets, unique):
    name, token = unique("again"), "0" * 32
    made = secrets.create_secret(Name=name, SecretString="x", ClientRequestToken=token)
    again = secrets.create_secret(Name=name, SecretString="x", ClientRequestToken=token)
    assert (again["ARN"], again["VersionId"]) == (made["ARN"], token)
    assert error_of(secrets.create_secret, Name=name, SecretString="y",
                    ClientRequestToken=token) == "ResourceExistsException"
    assert error_of(secrets.put_secret_value, SecretId=name, SecretString="y",
                    ClientRequestToken=token) == "ResourceExistsException"


def test_a_first_version_is_always_the_current_one(secrets, unique):
    name = unique("first")
    secrets.create_secret(Name=name)
    put = secrets.put_secret_value(SecretId=name, SecretString="x", VersionStages=["MINE"])
    assert put["VersionStages"] == ["MINE", "AWSCURRENT"]
    assert "LastAccessedDate" not in secrets.describe_secret(SecretId=name)
    secrets.get_secret_value(SecretId=name)
    accessed = secrets.describe_secret(SecretId=name)["LastAccessedDate"]
    assert accessed.timestamp() % 86400 == 0


def test_deletion_without_recovery_always_succeeds(secrets, unique):
    name = unique("force")
    deleted = secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    assert deleted["Name"] == name
    secrets.create_secret(Name=name, SecretString="x")
    secrets.delete_secret(SecretId=name)
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    secrets.create_secret(Name=name, SecretString="y")


def test_a_recovery_window_ends(fresh_server):
    server = fresh_server()
    secrets = server.client("secretsmanager")
    secrets.create_secret(Name="s", SecretString="x")
    secrets.delete_secret(SecretId="s", RecoveryWindowInDays=7)
    assert error_of(secrets.create_secret, Name="s", SecretString="y") == "InvalidRequestException"
    server.admin("PUT", "/clock", {"advance": "8d"})
    assert error_of(secrets.describe_secret, SecretId="s") == "ResourceNotFoundException"
    secrets.create_secret(Name="s", SecretString="y")


def test_lists_are_filtered_and_paged(fresh_server):
    secrets = fresh_server().client("secretsmanager")
    for name, text in (("b/one", "The Payment key"), ("a/two", "other"), ("b/three", "")):
        secrets.create_secret(Name=name, SecretString="x", Description=text,
                              Tags=[{"Key": "team", "Value": name[0]}])

    def listed(**arguments):
        return [s["Name"] for s in secrets.list_secrets(**arguments)["SecretList"]]

    def filtered(key, *values):
        return sorted(listed(Filters=[{"Key": key, "Values": list(values)}]))

    assert filtered("name", "b/") == ["b/one", "b/three"]
    assert filtered("name", "!b/") == ["a/two"]
    assert filtered("name", "B/") == []
    assert filtered("description", "the pay") == ["b/one"]
    assert filtered("tag-value", "a") == ["a/two"]
    assert filtered("all", "PAYMENT") == ["b/one"]
    assert listed(SortOrder="asc") == ["b/one", "a/two", "b/three"]
    assert listed(SortOrder="desc") == ["b/three", "a/two", "b/one"]
    pages = list(secrets.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 1}))
    assert sorted(s["Name"] for page in pages for s in page["SecretList"]) == \
        ["a/two", "b/one", "b/three"]
    assert all("SecretVersionsToStages" in s for page in pages for s in page["SecretList"])


def test_many_values_at_once(server, unique):
    name = unique("batch")
    server.client("secretsmanager").create_secret(Name=name, SecretString="x")
    status, _, body = server.request(
        "POST", "/", {"SecretIdList": [name, "none"]},
        {"X-Amz-Target": "secretsmanager.BatchGetSecretValue",
         "Content-Type": "application/x-amz-json-1.1",
         "Authorization": "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/"
                          "secretsmanager/aws4_request, SignedHeaders=host, Signature=0"})
    answer = json.loads(body)
    assert status == 200 and [v["SecretString"] for v in answer["SecretValues"]] == ["x"]
    assert answer["Errors"] == [{
        "SecretId": "none", "ErrorCode": "ResourceNotFoundException",
        "Message": "Secrets Manager can't find the specified secret."}]
