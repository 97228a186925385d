"""IAM and STS as boto3 sees them."""
import json

import pytest
from botocore.exceptions import ClientError

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
     "Action": "sts:AssumeRole"}]})


@pytest.fixture
def iam(server):
    return server.client("iam")


def error_of(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_roles_and_their_policies(iam, unique):
    name = unique("role")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]
    assert role["Arn"] == f"arn:aws:iam::000000000000:role/{name}"
    assert iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert error_of(iam.create_role, RoleName=name, AssumeRolePolicyDocument=TRUST) == \
        "EntityAlreadyExists"
    iam.put_role_policy(RoleName=name, PolicyName="in", PolicyDocument='{"Statement":[]}')
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["in"]
    assert iam.get_role_policy(RoleName=name, PolicyName="in")["PolicyDocument"] == {
        "Statement": []}
    basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.attach_role_policy(RoleName=name, PolicyArn=basic)
    assert error_of(iam.attach_role_policy, RoleName=name, PolicyArn=basic.replace(
        "service-role/", "")) == "NoSuchEntity"
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"][0]["PolicyArn"] == \
        basic
    assert error_of(iam.delete_role, RoleName=name) == "DeleteConflict"
    iam.detach_role_policy(RoleName=name, PolicyArn=basic)
    iam.delete_role_policy(RoleName=name, PolicyName="in")
    iam.delete_role(RoleName=name)
    assert error_of(iam.get_role, RoleName=name) == "NoSuchEntity"


def test_managed_policies_have_versions(iam, unique):
    arn = iam.create_policy(PolicyName=unique("p"), PolicyDocument='{"a":1}')["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument='{"a":2}', SetAsDefault=True)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]
    assert version["Document"] == {"a": 2}
    assert len(iam.list_policy_versions(PolicyArn=arn)["Versions"]) == 2
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy(PolicyArn=arn)


def test_who_calls(server):
    identity = server.client("sts", account="123456789012").get_caller_identity()
    assert identity["Account"] == "123456789012"
    sts = server.client("sts")
    assumed = sts.assume_role(RoleArn="arn:aws:iam::210987654321:role/r", RoleSessionName="me")
    assert assumed["AssumedRoleUser"]["Arn"] == "arn:aws:sts::210987654321:assumed-role/r/me"
    other = server.client("sts", account=assumed["Credentials"]["AccessKeyId"])
    assert other.get_caller_identity()["Account"] == "210987654321"


@pytest.mark.parametrize("document", ["{not json", "[]", '"text"'])
def test_documents_that_are_none(iam, unique, document):
    role, user, policy = unique("role"), unique("user"), unique("policy")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    iam.create_user(UserName=user)
    syntax = ("MalformedPolicyDocument", "Syntax errors in policy.")
    trust = ("MalformedPolicyDocument", "This policy contains invalid Json")
    for call, arguments, expected in [
            (iam.put_role_policy, {"RoleName": role, "PolicyName": "p"}, syntax),
            (iam.put_user_policy, {"UserName": user, "PolicyName": "p"}, syntax),
            (iam.create_policy, {"PolicyName": policy}, syntax),
            (iam.update_assume_role_policy, {"RoleName": role}, trust)]:
        with pytest.raises(ClientError) as caught:
            call(**arguments, PolicyDocument=document)
        error = caught.value.response["Error"]
        assert (error["Code"], error["Message"]) == expected
    with pytest.raises(ClientError) as caught:
        iam.create_role(RoleName=unique("role"), AssumeRolePolicyDocument=document)
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == trust
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == []
    assert iam.list_user_policies(UserName=user)["PolicyNames"] == []
