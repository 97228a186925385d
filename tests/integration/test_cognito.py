"""Cognito user pools with boto3: users, groups, signing in, tokens, keys."""
import base64
import hashlib
import hmac
import json

import pytest
from botocore.exceptions import ClientError


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def refusal(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture
def cognito(server):
    return server.client("cognito-idp")


@pytest.fixture
def pool(cognito, unique):
    return cognito.create_user_pool(
        PoolName=unique("pool"),
        Policies={"PasswordPolicy": {"MinimumLength": 8, "RequireNumbers": True}})["UserPool"]["Id"]


@pytest.fixture
def app(cognito, pool):
    return cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH",
                           "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]


def make_user(cognito, pool, name, password="passw0rd-x"):
    cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS",
                              UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}])
    cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=password,
                                    Permanent=True)


def sign_in(cognito, app, name, password="passw0rd-x"):
    return cognito.initiate_auth(ClientId=app, AuthFlow="USER_PASSWORD_AUTH",
                                 AuthParameters={"USERNAME": name, "PASSWORD": password})


def test_tokens_are_like_the_real_ones(server, cognito, pool, app):
    make_user(cognito, pool, "ada")
    cognito.create_group(UserPoolId=pool, GroupName="second", Precedence=2)
    cognito.create_group(UserPoolId=pool, GroupName="first", Precedence=1)
    for group in ("second", "first"):
        cognito.admin_add_user_to_group(UserPoolId=pool, Username="ada", GroupName=group)
    result = sign_in(cognito, app, "ada")["AuthenticationResult"]
    assert result["TokenType"] == "Bearer" and result["ExpiresIn"] == 3600
    identity, access = claims(result["IdToken"]), claims(result["AccessToken"])
    assert identity["cognito:groups"] == ["first", "second"]
    assert identity["aud"] == app and identity["token_use"] == "id"
    assert identity["email"] == "ada@example.com" and identity["cognito:username"] == "ada"
    assert identity["iss"] == f"https://cognito-idp.us-east-1.amazonaws.com/{pool}"
    assert access["client_id"] == app and access["token_use"] == "access"
    assert access["username"] == "ada" and access["sub"] == identity["sub"]
    user = cognito.get_user(AccessToken=result["AccessToken"])
    assert {"Name": "sub", "Value": identity["sub"]} in user["UserAttributes"]

    header = json.loads(base64.urlsafe_b64decode(result["IdToken"].split(".")[0] + "=="))
    status, _, body = server.request("GET", f"/{pool}/.well-known/jwks.json")
    assert status == 200
    keys = json.loads(body)["keys"]
    assert header["kid"] in [key["kid"] for key in keys] and header["alg"] == "RS256"
    status, _, body = server.request("GET", f"/{pool}/.well-known/openid-configuration")
    assert status == 200 and json.loads(body)["jwks_uri"].endswith("/.well-known/jwks.json")


def test_refresh_and_sign_out(cognito, pool, app):
    make_user(cognito, pool, "bob")
    result = sign_in(cognito, app, "bob")["AuthenticationResult"]
    refreshed = cognito.initiate_auth(
        ClientId=app, AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": result["RefreshToken"]})["AuthenticationResult"]
    assert "RefreshToken" not in refreshed and claims(refreshed["IdToken"])["aud"] == app
    cognito.global_sign_out(AccessToken=result["AccessToken"])
    assert refusal(cognito.get_user, AccessToken=result["AccessToken"]) == (
        "NotAuthorizedException", "Access Token has been revoked")
    assert refusal(cognito.initiate_auth, ClientId=app, AuthFlow="REFRESH_TOKEN_AUTH",
                   AuthParameters={"REFRESH_TOKEN": result["RefreshToken"]})[1] == \
        "Refresh Token has been revoked"


def test_sign_up_and_confirm(server, cognito, pool, app):
    answer = cognito.sign_up(ClientId=app, Username="eve", Password="passw0rd-x",
                             UserAttributes=[{"Name": "email", "Value": "eve@example.com"}])
    assert answer["UserConfirmed"] is False
    assert answer["CodeDeliveryDetails"]["Destination"] == "e***@e***"
    assert refusal(sign_in, cognito=cognito, app=app, name="eve") == (
        "UserNotConfirmedException", "User is not confirmed.")
    assert refusal(cognito.confirm_sign_up, ClientId=app, Username="eve",
                   ConfirmationCode="x")[0] == "CodeMismatchException"
    _, codes = server.admin("GET", f"/cognito/{pool}/codes")
    code = next(c["confirmationCode"] for c in codes["codes"] if c["Username"] == "eve")
    cognito.confirm_sign_up(ClientId=app, Username="eve", ConfirmationCode=code)
    assert "AuthenticationResult" in sign_in(cognito, app, "eve")
    assert refusal(cognito.sign_up, ClientId=app, Username="eve", Password="passw0rd-x") == (
        "UsernameExistsException", "User already exists")


def test_first_sign_in_demands_a_new_password(cognito, pool, app):
    cognito.admin_create_user(UserPoolId=pool, Username="new", TemporaryPassword="tempor4ry-x",
                              MessageAction="SUPPRESS")
    challenge = sign_in(cognito, app, "new", "tempor4ry-x")
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    answer = cognito.respond_to_auth_challenge(
        ClientId=app, ChallengeName="NEW_PASSWORD_REQUIRED", Session=challenge["Session"],
        ChallengeResponses={"USERNAME": "new", "NEW_PASSWORD": "an0ther-one"})
    assert "IdToken" in answer["AuthenticationResult"]
    assert cognito.admin_get_user(UserPoolId=pool, Username="new")["UserStatus"] == "CONFIRMED"


@pytest.mark.parametrize("password, why", [
    ("sh0rt", "Password not long enough"),
    ("no-numbers-here", "Password must have numeric characters")])
def test_password_policy(cognito, pool, app, password, why):
    assert refusal(cognito.sign_up, ClientId=app, Username="u", Password=password) == (
        "InvalidPasswordException", "Password did not conform with policy: " + why)


def test_refusals(cognito, pool, app):
    make_user(cognito, pool, "zoe")
    assert refusal(sign_in, cognito=cognito, app=app, name="zoe", password="wrong") == (
        "NotAuthorizedException", "Incorrect username or password.")
    assert refusal(sign_in, cognito=cognito, app=app, name="nobody") == (
        "UserNotFoundException", "User does not exist.")
    assert refusal(cognito.describe_user_pool, UserPoolId="us-east-1_nothere1") == (
        "ResourceNotFoundException", "User pool us-east-1_nothere1 does not exist.")
    assert refusal(cognito.admin_create_user, UserPoolId=pool, Username="zoe")[0] == \
        "UsernameExistsException"
    assert refusal(cognito.admin_add_user_to_group, UserPoolId=pool, Username="zoe",
                   GroupName="none") == ("ResourceNotFoundException", "Group not found.")
    cognito.admin_disable_user(UserPoolId=pool, Username="zoe")
    assert refusal(sign_in, cognito=cognito, app=app, name="zoe")[1] == "User is disabled."


def test_client_secret(cognito, pool):
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="secret", GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]
    make_user(cognito, pool, "kim")
    parameters = {"USERNAME": "kim", "PASSWORD": "passw0rd-x"}
    assert "SECRET_HASH was not received" in refusal(
        cognito.initiate_auth, ClientId=client["ClientId"], AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters=parameters)[1]
    digest = hmac.new(client["ClientSecret"].encode(), b"kim" + client["ClientId"].encode(),
                      hashlib.sha256).digest()
    parameters["SECRET_HASH"] = base64.b64encode(digest).decode()
    assert "AuthenticationResult" in cognito.initiate_auth(
        ClientId=client["ClientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)


def test_users_are_listed_and_filtered(cognito, pool):
    for name in ("ann", "anna", "ben"):
        make_user(cognito, pool, name)
    found = cognito.list_users(UserPoolId=pool, Filter='email ^= "ann"')["Users"]
    assert sorted(user["Username"] for user in found) == ["ann", "anna"]
    first = cognito.list_users(UserPoolId=pool, Limit=2)
    rest = cognito.list_users(UserPoolId=pool, PaginationToken=first["PaginationToken"])
    assert len(first["Users"]) + len(rest["Users"]) == 3


def code_of(server, pool, name, kind):
    _, codes = server.admin("GET", f"/cognito/{pool}/codes")
    return next(c[kind] for c in codes["codes"] if c["Username"] == name)


def test_refreshed_tokens_keep_the_sign_in(cognito, pool, app):
    make_user(cognito, pool, "keep")
    first = sign_in(cognito, app, "keep")["AuthenticationResult"]
    again = cognito.initiate_auth(
        ClientId=app, AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": first["RefreshToken"]})["AuthenticationResult"]
    for kind in ("IdToken", "AccessToken"):
        old, new = claims(first[kind]), claims(again[kind])
        for name in ("origin_jti", "event_id", "auth_time"):
            assert old[name] == new[name]
        assert old["jti"] != new["jti"]


def test_groups_give_roles(cognito, pool, app):
    make_user(cognito, pool, "role")
    for group, precedence in (("low", 5), ("high", 1)):
        cognito.create_group(UserPoolId=pool, GroupName=group, Precedence=precedence,
                             RoleArn=f"arn:aws:iam::000000000000:role/{group}")
        cognito.admin_add_user_to_group(UserPoolId=pool, Username="role", GroupName=group)
    identity = claims(sign_in(cognito, app, "role")["AuthenticationResult"]["IdToken"])
    assert identity["cognito:preferred_role"] == "arn:aws:iam::000000000000:role/high"
    assert identity["cognito:roles"] == [
        f"arn:aws:iam::000000000000:role/{group}" for group in ("high", "low")]


def test_what_users_may_write(cognito, unique):
    pool = cognito.create_user_pool(PoolName=unique("pool"), Schema=[
        {"Name": "tenant", "AttributeDataType": "String", "Mutable": False},
        {"Name": "plan", "AttributeDataType": "String", "Mutable": True}])["UserPool"]["Id"]
    app = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        WriteAttributes=["email", "custom:tenant"])["UserPoolClient"]["ClientId"]
    unauthorized = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")

    def sign_up(name, value):
        return refusal(cognito.sign_up, ClientId=app, Username="u", Password="Passw0rd-x",
                       UserAttributes=[{"Name": name, "Value": value}])

    assert sign_up("custom:none", "x") == unauthorized
    assert sign_up("custom:plan", "x") == unauthorized
    assert sign_up("email_verified", "true") == unauthorized
    assert sign_up("email", "no address") == (
        "InvalidParameterException", "Invalid email address format.")
    cognito.sign_up(ClientId=app, Username="u", Password="Passw0rd-x",
                    UserAttributes=[{"Name": "custom:tenant", "Value": "t1"}])
    cognito.admin_confirm_sign_up(UserPoolId=pool, Username="u")
    token = sign_in(cognito, app, "u", "Passw0rd-x")["AuthenticationResult"]["AccessToken"]
    assert refusal(cognito.update_user_attributes, AccessToken=token, UserAttributes=[
        {"Name": "custom:tenant", "Value": "t2"}])[1].startswith(
            "user.custom:tenant: Attribute cannot be updated.")
    assert refusal(cognito.admin_update_user_attributes, UserPoolId=pool, Username="u",
                   UserAttributes=[{"Name": "custom:tenant", "Value": "t2"}])[0] == \
        "InvalidParameterException"


def test_a_changed_address_is_verified(server, cognito, unique):
    pool = cognito.create_user_pool(
        PoolName=unique("pool"), AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    app = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]
    make_user(cognito, pool, "moved", "Passw0rd-x")
    token = sign_in(cognito, app, "moved", "Passw0rd-x")["AuthenticationResult"]["AccessToken"]

    def verified():
        user = cognito.get_user(AccessToken=token)["UserAttributes"]
        return next(a["Value"] for a in user if a["Name"] == "email_verified")

    changed = cognito.update_user_attributes(AccessToken=token, UserAttributes=[
        {"Name": "email", "Value": "new@example.com"}])["CodeDeliveryDetailsList"]
    assert changed == [{"Destination": "n***@e***", "DeliveryMedium": "EMAIL",
                        "AttributeName": "email"}]
    assert verified() == "false"
    assert refusal(cognito.verify_user_attribute, AccessToken=token, AttributeName="email",
                   Code="x")[0] == "CodeMismatchException"
    cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
    cognito.verify_user_attribute(AccessToken=token, AttributeName="email",
                                  Code=code_of(server, pool, "moved", "verify:email"))
    assert verified() == "true"


def test_forgotten_passwords(server, cognito, pool, app):
    make_user(cognito, pool, "lost")
    assert refusal(cognito.forgot_password, ClientId=app, Username="lost") == (
        "InvalidParameterException", "Cannot reset password for the user as there is no "
        "registered/verified email or phone_number")
    cognito.admin_update_user_attributes(UserPoolId=pool, Username="lost", UserAttributes=[
        {"Name": "email_verified", "Value": "true"}])
    cognito.forgot_password(ClientId=app, Username="lost")
    cognito.confirm_forgot_password(ClientId=app, Username="lost", Password="an0ther-one",
                                    ConfirmationCode=code_of(server, pool, "lost", "resetCode"))
    sign_in(cognito, app, "lost", "an0ther-one")
    cognito.admin_reset_user_password(UserPoolId=pool, Username="lost")
    assert refusal(sign_in, cognito=cognito, app=app, name="lost", password="an0ther-one")[0] == \
        "PasswordResetRequiredException"
    cognito.confirm_forgot_password(ClientId=app, Username="lost", Password="a-th1rd-one",
                                    ConfirmationCode=code_of(server, pool, "lost", "resetCode"))
    token = sign_in(cognito, app, "lost", "a-th1rd-one")["AuthenticationResult"]["AccessToken"]
    cognito.admin_disable_user(UserPoolId=pool, Username="lost")
    assert refusal(cognito.get_user, AccessToken=token) == (
        "NotAuthorizedException", "User is disabled.")
    assert refusal(cognito.forgot_password, ClientId=app, Username="lost")[1] == "User is disabled."


def test_temporary_passwords(fresh_server):
    server = fresh_server()
    cognito = server.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="p")["UserPool"]["Id"]
    app = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]
    invited = {"UserPoolId": pool, "Username": "new", "TemporaryPassword": "Tempor4ry-x"}
    assert refusal(cognito.admin_create_user, MessageAction="RESEND", **invited)[0] == \
        "UserNotFoundException"
    cognito.admin_create_user(**invited)
    server.admin("PUT", "/clock", {"advance": "8d"})
    assert refusal(sign_in, cognito=cognito, app=app, name="new", password="Tempor4ry-x") == (
        "NotAuthorizedException",
        "Temporary password has expired and must be reset by an administrator.")
    cognito.admin_create_user(MessageAction="RESEND", **invited)
    challenge = sign_in(cognito, app, "new", "Tempor4ry-x")
    answer = {"ClientId": app, "ChallengeName": "NEW_PASSWORD_REQUIRED",
              "Session": challenge["Session"]}
    assert refusal(cognito.respond_to_auth_challenge, ChallengeResponses={
        "USERNAME": "new", "NEW_PASSWORD": "weak"}, **answer)[0] == "InvalidPasswordException"
    cognito.respond_to_auth_challenge(ChallengeResponses={
        "USERNAME": "new", "NEW_PASSWORD": "An0ther-one"}, **answer)
    assert refusal(cognito.admin_create_user, MessageAction="RESEND", **invited)[0] == \
        "UnsupportedUserStateException"


def test_requests_that_make_no_sense(cognito, pool, app):
    make_user(cognito, pool, "kay")
    parameters = {"USERNAME": "kay", "PASSWORD": "passw0rd-x"}
    assert refusal(cognito.initiate_auth, ClientId=app, AuthFlow="BOGUS",
                   AuthParameters=parameters)[1].startswith(
        "1 validation error detected: Value 'BOGUS' at 'authFlow' failed to satisfy constraint")
    assert refusal(cognito.initiate_auth, ClientId=app, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                   AuthParameters=parameters) == (
        "InvalidParameterException", "Initiate Auth method not supported.")
    assert "poolName" in refusal(cognito.create_user_pool, PoolName="x*y")[1]
    users = cognito.list_users(UserPoolId=pool, AttributesToGet=["email"])["Users"]
    assert [u["Attributes"] for u in users] == [[{"Name": "email", "Value": "kay@example.com"}]]


# ---- SRP, as a client does it ------------------------------------------------------------------

N_HEX = ("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A0879"
         "8E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B"
         "0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA4836"
         "1C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804"
         "F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6"
         "955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64"
         "ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D226"
         "1AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
         "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF")


def padded(number):
    text = f"{number:x}"
    text = "0" + text if len(text) % 2 else text
    return bytes.fromhex("00" + text if text[0] in "89abcdef" else text)


def hashed(data):
    return int(hashlib.sha256(data).hexdigest(), 16)


def test_secure_remote_password(cognito, pool, app):
    make_user(cognito, pool, "srp")
    n, g, a = int(N_HEX, 16), 2, 0x1234567890ABCDEF1234567890ABCDEF
    public = pow(g, a, n)
    answer = cognito.initiate_auth(ClientId=app, AuthFlow="USER_SRP_AUTH",
                                   AuthParameters={"USERNAME": "srp", "SRP_A": f"{public:x}"})
    given = answer["ChallengeParameters"]
    b, salt = int(given["SRP_B"], 16), int(given["SALT"], 16)
    u, k = hashed(padded(public) + padded(b)), hashed(padded(n) + padded(g))
    name = pool.split("_")[1]
    inner = hashlib.sha256(f"{name}{given['USER_ID_FOR_SRP']}:passw0rd-x".encode()).digest()
    x = hashed(padded(salt) + inner)
    secret = pow(b - k * pow(g, x, n), a + u * x, n)
    extracted = hmac.new(padded(u), padded(secret), hashlib.sha256).digest()
    key = hmac.new(extracted, b"Caldera Derived Key\x01", hashlib.sha256).digest()[:16]
    stamp = "Mon Nov 23 07:00:00 UTC 2026"
    message = (name + given["USER_ID_FOR_SRP"]).encode() + \
        base64.b64decode(given["SECRET_BLOCK"]) + stamp.encode()
    signature = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    result = cognito.respond_to_auth_challenge(
        ClientId=app, ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses={"USERNAME": given["USER_ID_FOR_SRP"], "TIMESTAMP": stamp,
                            "PASSWORD_CLAIM_SECRET_BLOCK": given["SECRET_BLOCK"],
                            "PASSWORD_CLAIM_SIGNATURE": signature})
    assert claims(result["AuthenticationResult"]["AccessToken"])["username"] == "srp"
