"""Secrets Manager as boto3 sees it."""
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
