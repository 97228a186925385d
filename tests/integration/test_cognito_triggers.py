"""Lambda triggers of user pools: real functions that accept, refuse and change what users do."""
import base64
import io
import json
import zipfile

import pytest
from botocore.exceptions import ClientError

PASSWORD = "passw0rd-X!"

# Keeps its events in a table under their trigger source, and does what its environment says.
SOURCE = """
import json, os, boto3

def handler(event, context):
    table = boto3.client("dynamodb", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    table.put_item(TableName=os.environ["TABLE"], Item={
        "source": {"S": event["triggerSource"]}, "event": {"S": json.dumps(event)}})
    if event["userName"].startswith("bad"):
        raise ValueError("no place for " + event["userName"])
    if event["userName"].startswith("odd"):
        return "fine"
    event["response"].update(json.loads(os.environ["RESPONSE"]).get(event["triggerSource"], {}))
    return event
"""


class Pool:
    """A pool of its own account, all of whose triggers are one function."""

    def __init__(self, server, name, response, triggers, **settings):
        self.server = server
        account = str(int(name.encode().hex(), 16) % 10**12).zfill(12)
        self.cognito = server.client("cognito-idp", account=account)
        self.dynamodb = server.client("dynamodb", account=account)
        self.dynamodb.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "source", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "source", "AttributeType": "S"}])
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("app.py", SOURCE)
        arn = server.client("lambda", account=account).create_function(
            FunctionName=name, Runtime="python3.12", Handler="app.handler", Timeout=30,
            Role=f"arn:aws:iam::{account}:role/any", Code={"ZipFile": code.getvalue()},
            Environment={"Variables": {"TABLE": name, "RESPONSE": json.dumps(response)}},
        )["FunctionArn"]
        config = {trigger: arn for trigger in triggers}
        self.account = account
        self.function = arn
        self.table = name
        self.id = self.cognito.create_user_pool(
            PoolName=name, LambdaConfig=config, **settings)["UserPool"]["Id"]
        self.app = self.cognito.create_user_pool_client(
            UserPoolId=self.id, ClientName="app",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]["ClientId"]

    def event(self, source):
        item = self.dynamodb.get_item(TableName=self.table, Key={"source": {"S": source}})
        return json.loads(item["Item"]["event"]["S"]) if "Item" in item else None

    def sign_up(self, name, **options):
        return self.cognito.sign_up(
            ClientId=self.app, Username=name, Password=PASSWORD,
            UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}], **options)

    def sign_in(self, name, **options):
        return self.cognito.initiate_auth(
            ClientId=self.app, AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD}, **options)

    def attributes(self, name):
        user = self.cognito.admin_get_user(UserPoolId=self.id, Username=name)
        return user["UserStatus"], {a["Name"]: a["Value"] for a in user["UserAttributes"]}


@pytest.fixture
def pool_of(server, unique):
    return lambda *triggers, response=None, **settings: Pool(
        server, unique("pool"), response or {}, triggers, **settings)


def refusal(call, *arguments, **options):
    with pytest.raises(ClientError) as caught:
        call(*arguments, **options)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_sign_up_is_confirmed_by_a_function(pool_of):
    pool = pool_of("PreSignUp", "PostConfirmation", response={
        "PreSignUp_SignUp": {"autoConfirmUser": True, "autoVerifyEmail": True}})
    made = pool.sign_up("ada", ClientMetadata={"from": "web"},
                        ValidationData=[{"Name": "invite", "Value": "7"}])
    assert made["UserConfirmed"] is True and "CodeDeliveryDetails" not in made
    event = pool.event("PreSignUp_SignUp")
    assert event == {
        "version": "1", "region": "us-east-1", "userPoolId": pool.id, "userName": "ada",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": pool.app},
        "triggerSource": "PreSignUp_SignUp",
        "request": {"userAttributes": {"email": "ada@example.com"},
                    "validationData": {"invite": "7"}, "clientMetadata": {"from": "web"}},
        "response": {"autoConfirmUser": False, "autoVerifyEmail": False,
                     "autoVerifyPhone": False}}
    confirmed = pool.event("PostConfirmation_ConfirmSignUp")["request"]["userAttributes"]
    assert confirmed["cognito:user_status"] == "CONFIRMED" and confirmed["sub"] == made["UserSub"]
    status, attributes = pool.attributes("ada")
    assert status == "CONFIRMED" and attributes["email_verified"] == "true"
    assert pool.sign_in("ada")["AuthenticationResult"]["IdToken"]


def test_sign_up_is_refused_by_a_function(pool_of):
    pool = pool_of("PreSignUp", response={"PreSignUp_SignUp": {"autoVerifyPhone": True}})
    assert refusal(pool.sign_up, "bad") == (
        "UserLambdaValidationException", "PreSignUp failed with error no place for bad.")
    assert refusal(pool.sign_up, "odd") == (
        "InvalidLambdaResponseException", "Unrecognizable lambda output")
    assert refusal(pool.sign_up, "ada")[0] == "InvalidLambdaResponseException"  # has no phone
    assert refusal(pool.cognito.admin_create_user, UserPoolId=pool.id, Username="bad-too")[0] == \
        "UserLambdaValidationException"
    assert pool.cognito.list_users(UserPoolId=pool.id)["Users"] == []
    # What the function says of users whom administrators make counts for nothing.
    pool.cognito.admin_create_user(UserPoolId=pool.id, Username="ada")
    event = pool.event("PreSignUp_AdminCreateUser")
    assert event["callerContext"]["clientId"] == "CLIENT_ID_NOT_APPLICABLE"
    assert pool.attributes("ada")[0] == "FORCE_CHANGE_PASSWORD"


def test_a_function_that_is_not_there(server, pool_of):
    pool = pool_of()
    pool.cognito.update_user_pool(UserPoolId=pool.id, LambdaConfig={
        "PreSignUp": "arn:aws:lambda:us-east-1:000000000000:function:none"})
    assert refusal(pool.sign_up, "ada") == (
        "UnexpectedLambdaException",
        "PreSignUp invocation failed due to error ResourceNotFoundException.")
    assert pool.cognito.list_users(UserPoolId=pool.id)["Users"] == []


def test_a_failing_confirmation_leaves_the_user_confirmed(pool_of):
    pool = pool_of("PostConfirmation")
    pool.sign_up("bad")
    assert refusal(pool.cognito.admin_confirm_sign_up, UserPoolId=pool.id, Username="bad") == (
        "UserLambdaValidationException", "PostConfirmation failed with error no place for bad.")
    assert pool.attributes("bad")[0] == "CONFIRMED"


def test_sign_in_is_judged_before_and_told_after(pool_of):
    pool = pool_of("PreAuthentication", "PostAuthentication")
    for name in ("ada", "bad"):
        pool.cognito.admin_create_user(UserPoolId=pool.id, Username=name)
        pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username=name, Password=PASSWORD,
                                             Permanent=True)
    assert refusal(pool.sign_in, "bad") == (
        "UserLambdaValidationException", "PreAuthentication failed with error no place for bad.")
    assert pool.event("PostAuthentication_Authentication") is None
    pool.sign_in("ada", ClientMetadata={"device": "phone"})
    assert pool.event("PreAuthentication_Authentication")["request"]["validationData"] == {
        "device": "phone"}
    after = pool.event("PostAuthentication_Authentication")
    assert after["userName"] == "ada" and after["request"]["newDeviceUsed"] is False


def test_a_function_changes_the_identity_token(pool_of):
    changes = {"claimsOverrideDetails": {
        "claimsToAddOrOverride": {"tenant": "blue", "level": 3, "sub": "forged"},
        "claimsToSuppress": ["email"],
        "groupOverrideDetails": {"groupsToOverride": ["admins"], "iamRolesToOverride": [],
                                 "preferredRole": None}}}
    pool = pool_of("PreTokenGeneration", "PreSignUp", response={
        "PreSignUp_SignUp": {"autoConfirmUser": True}, "TokenGeneration_Authentication": changes})
    sub = pool.sign_up("ada")["UserSub"]
    pool.cognito.create_group(UserPoolId=pool.id, GroupName="readers")
    pool.cognito.admin_add_user_to_group(UserPoolId=pool.id, Username="ada", GroupName="readers")
    tokens = pool.sign_in("ada")["AuthenticationResult"]
    told = pool.event("TokenGeneration_Authentication")["request"]
    assert told["groupConfiguration"] == {
        "groupsToOverride": ["readers"], "iamRolesToOverride": [], "preferredRole": None}
    identity = claims(tokens["IdToken"])
    assert (identity["tenant"], identity["level"], identity["sub"]) == ("blue", "3", sub)
    assert "email" not in identity and identity["cognito:groups"] == ["admins"]
    access = claims(tokens["AccessToken"])
    assert "tenant" not in access and access["cognito:groups"] == ["admins"]
    again = pool.cognito.initiate_auth(
        ClientId=pool.app, AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]})["AuthenticationResult"]
    assert pool.event("TokenGeneration_RefreshTokens")["userName"] == "ada"
    assert claims(again["IdToken"])["email"] == "ada@example.com"


def test_a_later_event_changes_both_tokens(pool_of):
    pool = pool_of("PreSignUp", response={
        "PreSignUp_SignUp": {"autoConfirmUser": True},
        "TokenGeneration_Authentication": {"claimsAndScopeOverrideDetails": {
            "idTokenGeneration": {"claimsToAddOrOverride": {"roles": ["a", "b"]}},
            "accessTokenGeneration": {"claimsToAddOrOverride": {"tenant": "blue"},
                                      "scopesToAdd": ["orders/read"]}}}})
    # Written by hand, for clients that are older than this setting.
    status, _, body = pool.server.request("POST", "/", {
        "UserPoolId": pool.id, "LambdaConfig": {
            "PreSignUp": pool.function,
            "PreTokenGenerationConfig": {"LambdaArn": pool.function, "LambdaVersion": "V2_0"}},
    }, {"X-Amz-Target": "AWSCognitoIdentityProviderService.UpdateUserPool",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={pool.account}/20260101/us-east-1/"
                         "cognito-idp/aws4_request, SignedHeaders=host, Signature=0"})
    assert status == 200, body
    pool.sign_up("ada")
    tokens = pool.sign_in("ada")["AuthenticationResult"]
    assert pool.event("TokenGeneration_Authentication")["version"] == "2"
    assert claims(tokens["IdToken"])["roles"] == ["a", "b"]
    access = claims(tokens["AccessToken"])
    assert access["tenant"] == "blue"
    assert access["scope"] == "aws.cognito.signin.user.admin orders/read"


def test_messages_are_worded_by_a_function(server, pool_of):
    pool = pool_of("CustomMessage", response={
        "CustomMessage_SignUp": {"emailMessage": "Welcome, your code is {####}."}})
    pool.sign_up("ada")
    assert pool.event("CustomMessage_SignUp")["request"]["codeParameter"] == "{####}"
    line = next(line for line in server.output().splitlines() if "Welcome, your code is" in line
                and pool.id in line)
    code = line.split("your code is ")[1].split(".")[0]
    pool.cognito.confirm_sign_up(ClientId=pool.app, Username="ada", ConfirmationCode=code)
    assert pool.attributes("ada")[0] == "CONFIRMED"
