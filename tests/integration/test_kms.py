"""KMS as boto3 sees it."""
import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def kms(server):
    return server.client("kms")


def error_of(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_what_is_encrypted_can_be_decrypted(kms, unique):
    key = kms.create_key(Description="d")["KeyMetadata"]
    alias = "alias/" + unique("k")
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    sealed = kms.encrypt(KeyId=alias, Plaintext=b"secret", EncryptionContext={"a": "b"})
    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"a": "b"})
    assert opened["Plaintext"] == b"secret" and opened["KeyId"] == key["Arn"]
    assert error_of(kms.decrypt, CiphertextBlob=sealed["CiphertextBlob"]) == \
        "InvalidCiphertextException"
    data = kms.generate_data_key(KeyId=key["Arn"], KeySpec="AES_256")
    assert len(data["Plaintext"]) == 32
    assert kms.decrypt(CiphertextBlob=data["CiphertextBlob"])["Plaintext"] == data["Plaintext"]
    assert [a["AliasName"] for a in kms.list_aliases(KeyId=key["KeyId"])["Aliases"]] == [alias]


def test_key_states(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.disable_key(KeyId=key)
    assert error_of(kms.encrypt, KeyId=key, Plaintext=b"x") == "DisabledException"
    kms.enable_key(KeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert error_of(kms.encrypt, KeyId=key, Plaintext=b"x") == "KMSInvalidStateException"
    assert error_of(kms.describe_key, KeyId="00000000-0000-0000-0000-000000000000") == \
        "NotFoundException"
    assert kms.describe_key(KeyId="alias/aws/sqs")["KeyMetadata"]["KeyManager"] == "AWS"


def test_signatures(kms):
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    signed = kms.sign(KeyId=key, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    assert kms.verify(KeyId=key, Message=b"m", Signature=signed,
                      SigningAlgorithm="ECDSA_SHA_256")["SignatureValid"]
    assert error_of(kms.verify, KeyId=key, Message=b"n", Signature=signed,
                    SigningAlgorithm="ECDSA_SHA_256") == "KMSInvalidSignatureException"
    assert kms.get_public_key(KeyId=key)["PublicKey"]


def test_aliases_of_aws_are_not_for_others(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.describe_key(KeyId="alias/aws/s3")  # AWS's own, made when it is asked for
    for call, arguments in [(kms.create_alias, {"AliasName": "alias/aws/mine", "TargetKeyId": key}),
                            (kms.update_alias, {"AliasName": "alias/aws/s3", "TargetKeyId": key}),
                            (kms.delete_alias, {"AliasName": "alias/aws/s3"})]:
        assert error_of(call, **arguments) == "NotAuthorizedException"
    aliases = {a["AliasName"] for a in kms.list_aliases()["Aliases"]}
    assert "alias/aws/s3" in aliases and "alias/aws/mine" not in aliases
