"""The Parameter Store as boto3 sees it."""
import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def ssm(server):
    return server.client("ssm")


def error_of(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_parameters_have_versions(ssm, unique):
    name = "/" + unique("app") + "/db/url"
    assert ssm.put_parameter(Name=name, Value="1", Type="String")["Version"] == 1
    assert error_of(ssm.put_parameter, Name=name, Value="2", Type="String") == \
        "ParameterAlreadyExists"
    assert ssm.put_parameter(Name=name, Value="2", Overwrite=True)["Version"] == 2
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "2"
    assert ssm.get_parameter(Name=name + ":1")["Parameter"]["Value"] == "1"
    ssm.label_parameter_version(Name=name, ParameterVersion=1, Labels=["good"])
    assert ssm.get_parameter(Name=name + ":good")["Parameter"]["Version"] == 1
    assert [v["Value"] for v in ssm.get_parameter_history(Name=name)["Parameters"]] == ["1", "2"]
    got = ssm.get_parameters(Names=[name, "/none"])
    assert got["InvalidParameters"] == ["/none"] and len(got["Parameters"]) == 1
    ssm.delete_parameter(Name=name)
    assert error_of(ssm.get_parameter, Name=name) == "ParameterNotFound"


def test_paths(ssm, unique):
    root = "/" + unique("app")
    for leaf in ["a", "b", "c/d"]:
        ssm.put_parameter(Name=f"{root}/{leaf}", Value=leaf, Type="SecureString")
    names = [p["Name"] for p in ssm.get_parameters_by_path(Path=root)["Parameters"]]
    assert names == [f"{root}/a", f"{root}/b"]
    assert len(ssm.get_parameters_by_path(Path=root, Recursive=True)["Parameters"]) == 3
    described = ssm.describe_parameters(ParameterFilters=[
        {"Key": "Name", "Option": "BeginsWith", "Values": [root]}])["Parameters"]
    assert len(described) == 3


def test_secure_strings_come_encrypted_unless_asked_for(ssm, unique):
    root = "/" + unique("secure")
    name = root + "/key"
    ssm.put_parameter(Name=name, Value="secret", Type="SecureString")
    reads = [lambda **how: ssm.get_parameter(Name=name, **how)["Parameter"],
             lambda **how: ssm.get_parameters(Names=[name], **how)["Parameters"][0],
             lambda **how: ssm.get_parameters_by_path(Path=root, **how)["Parameters"][0],
             lambda **how: ssm.get_parameter_history(Name=name, **how)["Parameters"][0]]
    for read in reads:
        assert read(WithDecryption=True)["Value"] == "secret"
        sealed = read()["Value"]
        assert len(sealed) > 100 and "secret" not in sealed
    described = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [name]}])
    assert described["Parameters"][0]["KeyId"] == "alias/aws/ssm"
    assert error_of(ssm.put_parameter, Name=name + "2", Value="", Type="String") == \
        "ValidationException"
