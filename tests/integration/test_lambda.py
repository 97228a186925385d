"""Functions in real processes, through boto3."""

import base64
import io
import json
import random
import textwrap
import urllib.request
import zipfile

import pytest
from botocore.exceptions import ClientError

from conftest import wait_until

ROLE = "arn:aws:iam::000000000000:role/any"


def zipped(**files):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in files.items():
            file.writestr(name.replace("__", "/").replace("_py", ".py").replace("_mjs", ".mjs"), textwrap.dedent(text))
    return archive.getvalue()


@pytest.fixture
def client(server):
    """A factory of boto3 clients of an account that only this test uses."""
    account = str(random.randrange(10**11, 10**12))
    return lambda service: server.client(service, account=account, retries={"max_attempts": 0})


@pytest.fixture
def function(client):
    """Creates a function of one source file; gives a callable that invokes it."""
    awslambda = client("lambda")
    count = 0

    def create(source, runtime="python3.12", **settings):
        nonlocal count
        count += 1
        name = settings.pop("FunctionName", f"function-{count}")
        file, handler = ("app_py", "app.handler") if runtime.startswith("python") else ("index_mjs", "index.handler")
        settings.setdefault("Handler", handler)
        awslambda.create_function(
            FunctionName=name, Runtime=runtime, Role=ROLE, Code={"ZipFile": zipped(**{file: source})}, **settings
        )

        def invoke(event=None, **options):
            answer = awslambda.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail", **options)
            body = answer["Payload"].read()
            log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
            return json.loads(body) if body else None, answer.get("FunctionError"), log

        invoke.name = name
        return invoke

    return create


def code_of(error):
    return error.value.response["Error"]["Code"]


def test_python_function_answers_and_logs(function, client):
    invoke = function("def handler(event, context):\n    print('seen', event)\n    return {'got': event}")
    result, error, log = invoke({"n": 1})
    assert (result, error) == ({"got": {"n": 1}}, None)
    lines = log.splitlines()
    assert lines[0].startswith("START RequestId: ") and lines[0].endswith(" Version: $LATEST")
    assert lines[1] == "seen {'n': 1}"
    assert lines[2].startswith("END RequestId: ")
    assert lines[3].startswith("REPORT RequestId: ") and "\tMemory Size: 128 MB\t" in lines[3]
    assert "Init Duration" in lines[3]
    _, _, warm = invoke({"n": 2})
    assert "Init Duration" not in warm
    logs = client("logs")
    group = f"/aws/lambda/{invoke.name}"
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert len(streams) == 1 and "/[$LATEST]" in streams[0]["logStreamName"]
    messages = [e["message"] for e in logs.filter_log_events(logGroupName=group, filterPattern="seen")["events"]]
    assert messages == ["seen {'n': 1}\n", "seen {'n': 2}\n"]


def test_node_function(function):
    invoke = function("export const handler = async (event) => ({ sum: event.a + event.b });", "nodejs20.x")
    assert invoke({"a": 1, "b": 2})[:2] == ({"sum": 3}, None)


def test_environment_is_awss(function):
    invoke = function(
        """
        import os
        def handler(event, context):
            return {**os.environ, "arn": context.invoked_function_arn}
        """,
        Environment={"Variables": {"TABLE": "orders"}},
        MemorySize=256,
    )
    env, _, _ = invoke()
    assert env["TABLE"] == "orders"
    assert env["AWS_LAMBDA_FUNCTION_NAME"] == invoke.name
    assert env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert env["_HANDLER"] == "app.handler"
    assert env["AWS_REGION"] == "us-east-1"
    assert env["AWS_ACCESS_KEY_ID"] == env["arn"].split(":")[4]
    assert env["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert env["_X_AMZN_TRACE_ID"].startswith("Root=1-")


def test_boto3_in_a_function_reaches_this_server(function):
    invoke = function(
        """
        import boto3
        def handler(event, context):
            queue = boto3.client("sqs").create_queue(QueueName="made-inside")["QueueUrl"]
            return boto3.client("sts").get_caller_identity()["Account"], queue
        """,
        Timeout=30,
    )
    (account, queue), error, _ = invoke()
    assert error is None and queue.endswith(f"/{account}/made-inside")


@pytest.mark.parametrize(
    "source, handler, document",
    [
        ("def other(e, c): pass", "app.handler", {"errorType": "Runtime.HandlerNotFound", "errorMessage": "Handler 'handler' missing on module 'app'"}),
        ("import nowhere", "app.handler", {"errorType": "Runtime.ImportModuleError", "errorMessage": "Unable to import module 'app': No module named 'nowhere'"}),
        ("def handler(e, c): raise ValueError('bad')", "app.handler", {"errorType": "ValueError", "errorMessage": "bad"}),
    ],
)
def test_errors_have_awss_documents(function, source, handler, document):
    invoke = function(source, Handler=handler)
    for _ in range(2):
        result, error, log = invoke({})
        assert error == "Unhandled"
        assert {key: result[key] for key in document} == document
        assert f"[ERROR] {document['errorType']}: {document['errorMessage']}" in log or "Runtime." in document["errorType"]


def test_timeout_kills_the_process_and_the_next_call_is_well(function):
    invoke = function(
        """
        import time
        def handler(event, context):
            while event["hang"]: time.sleep(1)
            return "well"
        """,
        Timeout=1,
    )
    result, error, log = invoke({"hang": True})
    assert error == "Unhandled" and result["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert "Task timed out after 1.00 seconds" in log
    assert invoke({"hang": False})[:2] == ("well", None)


@pytest.mark.parametrize(
    "way, text",
    [("os._exit(3)", "exit status 3"), ("os.kill(os.getpid(), 9)", "signal: killed"), ("os.abort()", "signal: aborted")],
)
def test_crash_is_a_function_error(function, way, text):
    invoke = function(f"import os\ndef handler(event, context):\n    if event: {way}\n    return 'well'")
    result, error, log = invoke(True)
    assert error == "Unhandled" and result["errorType"] == "Runtime.ExitError"
    assert result["errorMessage"].endswith(f" Error: Runtime exited with error: {text}")
    assert "Error Type: Runtime.ExitError" in log
    assert invoke(False)[:2] == ("well", None)


def test_garbage_on_standard_output_is_only_log(function):
    invoke = function(
        """
        import os
        def handler(event, context):
            os.write(1, bytes(range(256)) * 400)
            os.write(2, b"\\xa5\\x5a\\x00\\x03\\xff\\xff\\xff\\xffboo")
            return "well"
        """
    )
    assert invoke()[:2] == ("well", None)
    assert invoke()[:2] == ("well", None)


def test_result_that_is_too_large(function):
    invoke = function("def handler(event, context):\n    return 'x' * event", Timeout=60)
    assert invoke(5_000_000)[1] is None
    assert invoke(90_000_000)[0]["errorType"] == "Function.ResponseSizeTooLarge"
    result, error, _ = invoke(7_000_000)
    assert error == "Unhandled" and result["errorType"] == "Function.ResponseSizeTooLarge"


def test_new_code_replaces_processes(function, client):
    invoke = function("def handler(e, c): return 1")
    assert invoke()[0] == 1
    client("lambda").update_function_code(FunctionName=invoke.name, ZipFile=zipped(app_py="def handler(e, c): return 2"))
    assert invoke()[0] == 2
    client("lambda").update_function_configuration(FunctionName=invoke.name, Environment={"Variables": {"AB": "b"}})
    client("lambda").update_function_code(FunctionName=invoke.name, ZipFile=zipped(app_py="import os\ndef handler(e, c): return os.environ['AB']"))
    assert invoke()[0] == "b"


# Answers when as many calls have begun as run at once.
MEETING = """
import os, pathlib
def handler(event, context):
    folder = pathlib.Path(%r)
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) < 4:
        pass
    return os.getpid()
"""


def test_concurrent_calls_run_side_by_side(function, client, tmp_path):
    import concurrent.futures

    invoke = function(MEETING % str(tmp_path), Timeout=30)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        pids = {result for result, _, _ in pool.map(invoke, range(4))}
    assert len(pids) == 4


def test_versions_and_aliases(function, client):
    awslambda = client("lambda")
    invoke = function("def handler(e, c): return [c.function_version, 'one']")
    assert awslambda.publish_version(FunctionName=invoke.name)["Version"] == "1"
    assert awslambda.publish_version(FunctionName=invoke.name)["Version"] == "1"
    awslambda.update_function_code(FunctionName=invoke.name, ZipFile=zipped(app_py="def handler(e, c): return [c.function_version, 'two']"))
    alias = awslambda.create_alias(FunctionName=invoke.name, Name="live", FunctionVersion="1")
    assert alias["AliasArn"].endswith(f":function:{invoke.name}:live")
    assert invoke(Qualifier="live")[0] == ["1", "one"]
    assert invoke()[0] == ["$LATEST", "two"]
    awslambda.publish_version(FunctionName=invoke.name)
    awslambda.update_alias(FunctionName=invoke.name, Name="live", FunctionVersion="2")
    assert invoke(Qualifier="live")[0] == ["2", "two"]
    versions = awslambda.list_versions_by_function(FunctionName=invoke.name)["Versions"]
    assert [v["Version"] for v in versions] == ["$LATEST", "1", "2"]
    with pytest.raises(ClientError) as error:
        invoke(Qualifier="9")
    assert code_of(error) == "ResourceNotFoundException"


def test_what_create_refuses(function, client):
    awslambda = client("lambda")
    invoke = function("def handler(e, c): pass")
    with pytest.raises(ClientError) as error:
        function("def handler(e, c): pass", FunctionName=invoke.name)
    assert code_of(error) == "ResourceConflictException"
    with pytest.raises(ClientError) as error:
        awslambda.create_function(FunctionName="broken", Runtime="python3.12", Role=ROLE, Handler="a.b", Code={"ZipFile": b"no zip"})
    assert code_of(error) == "InvalidParameterValueException"
    assert error.value.response["Error"]["Message"].startswith("Could not unzip uploaded file.")
    with pytest.raises(ClientError) as error:
        awslambda.invoke(FunctionName="nobody")
    assert code_of(error) == "ResourceNotFoundException"
    assert error.value.response["Error"]["Message"].startswith("Function not found: arn:aws:lambda:us-east-1:")
    with pytest.raises(ClientError) as error:
        awslambda.invoke(FunctionName=invoke.name, Payload=b"{not json")
    assert code_of(error) == "InvalidRequestContentException"


def test_event_invocation_goes_on_behind(function, client, server):
    invoke = function("def handler(event, context):\n    print('event', event)")
    answer = client("lambda").invoke(FunctionName=invoke.name, InvocationType="Event", Payload=b'"later"')
    assert answer["StatusCode"] == 202
    server.await_idle()
    events = client("logs").filter_log_events(logGroupName=f"/aws/lambda/{invoke.name}", filterPattern="event")["events"]
    assert [e["message"] for e in events] == ["event later\n"]


def test_invoke_async(function, client):
    invoke = function("def handler(event, c): print('event', event['n'])")
    assert client("lambda").invoke_async(FunctionName=invoke.name, InvokeArgs=b'{"n": 7}')["Status"] == 202
    logs = client("logs")
    group = f"/aws/lambda/{invoke.name}"

    def printed():
        try:
            return [e["message"] for e in logs.filter_log_events(logGroupName=group, filterPattern="event")["events"]]
        except logs.exceptions.ResourceNotFoundException:
            return []

    assert wait_until(printed) == ["event 7\n"]


def test_dry_run(function, client):
    invoke = function("def handler(e, c): pass")
    assert client("lambda").invoke(FunctionName=invoke.name, InvocationType="DryRun")["StatusCode"] == 204


def test_function_url(function, client):
    invoke = function(
        """
        def handler(event, context):
            http = event["requestContext"]["http"]
            body = [http["method"], event["rawPath"], event.get("queryStringParameters"), event.get("body")]
            return {"statusCode": 201, "headers": {"X-Mine": "1"}, "cookies": ["a=b"], "body": str(body)}
        """
    )
    url = client("lambda").create_function_url_config(FunctionName=invoke.name, AuthType="NONE")["FunctionUrl"]
    request = urllib.request.Request(url.replace("localhost", "127.0.0.1") + "some/path?q=1", data=b"hello", method="POST")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201 and answer.headers["X-Mine"] == "1" and answer.headers["Set-Cookie"] == "a=b"
        assert answer.read() == b"['POST', '/some/path', {'q': '1'}, 'hello']"


def answer_of_url(url, method, **headers):
    request = urllib.request.Request(url.replace("localhost", "127.0.0.1"), method=method,
                                     headers={name.replace("_", "-"): value for name, value in headers.items()})
    with urllib.request.urlopen(request) as answer:
        return {name.lower(): value for name, value in answer.headers.items()}, answer.read()


SAYS_ITS_METHOD = """
    def handler(event, context):
        return {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "https://own"},
                "body": event["requestContext"]["http"]["method"]}
"""


def cors_of(headers):
    return {name[len("access-control-"):]: value for name, value in headers.items() if name.startswith("access-control")}


def test_function_url_without_cors_adds_nothing(function, client):
    invoke = function(SAYS_ITS_METHOD)
    url = client("lambda").create_function_url_config(FunctionName=invoke.name, AuthType="NONE")["FunctionUrl"]
    for method in ("GET", "OPTIONS"):
        headers, body = answer_of_url(url, method, Origin="https://page", Access_Control_Request_Method="PUT")
        assert (cors_of(headers), body) == ({"allow-origin": "https://own"}, method.encode())


def test_function_url_answers_browsers_as_its_cors_says(function, client):
    invoke = function(SAYS_ITS_METHOD)
    url = client("lambda").create_function_url_config(FunctionName=invoke.name, AuthType="NONE", Cors={
        "AllowOrigins": ["https://page", "https://other"], "AllowMethods": ["GET", "PUT"], "AllowHeaders": ["x-mine"],
        "ExposeHeaders": ["x-yours"], "MaxAge": 60, "AllowCredentials": True})["FunctionUrl"]
    headers, body = answer_of_url(url, "OPTIONS", Origin="https://page", Access_Control_Request_Method="PUT")
    assert body == b"" and cors_of(headers) == {
        "allow-origin": "https://page", "allow-methods": "GET,PUT", "allow-headers": "x-mine",
        "expose-headers": "x-yours", "max-age": "60", "allow-credentials": "true"}
    headers, body = answer_of_url(url, "GET", Origin="https://other")
    assert body == b"GET" and cors_of(headers) == {
        "allow-origin": "https://other", "expose-headers": "x-yours", "allow-credentials": "true"}
    for method in ("GET", "OPTIONS"):
        headers, _ = answer_of_url(url, method, Origin="https://stranger")
        assert cors_of(headers) == {}
    client("lambda").update_function_url_config(FunctionName=invoke.name, Cors={"AllowOrigins": ["*"]})
    headers, _ = answer_of_url(url, "GET", Origin="https://stranger")
    assert cors_of(headers) == {"allow-origin": "*"}


def test_streamed_response_through_a_url(function, client):
    invoke = function(
        """
        export const handler = awslambda.streamifyResponse(async (event, stream) => {
          const http = awslambda.HttpResponseStream.from(stream, { statusCode: 202, headers: { "x-mine": "1" } });
          http.write("one ");
          http.end("two");
        });
        """,
        "nodejs20.x",
    )
    url = client("lambda").create_function_url_config(FunctionName=invoke.name, AuthType="NONE")["FunctionUrl"]
    with urllib.request.urlopen(url.replace("localhost", "127.0.0.1")) as answer:
        assert (answer.status, answer.headers["x-mine"], answer.read()) == (202, "1", b"one two")


def test_provisioned_concurrency_is_kept(function, client):
    awslambda = client("lambda")
    invoke = function("def handler(e, c): pass")
    awslambda.publish_version(FunctionName=invoke.name)
    config = awslambda.put_provisioned_concurrency_config(
        FunctionName=invoke.name, Qualifier="1", ProvisionedConcurrentExecutions=2
    )
    assert config["Status"] == "READY"
    listed = awslambda.list_provisioned_concurrency_configs(FunctionName=invoke.name)["ProvisionedConcurrencyConfigs"]
    assert listed[0]["FunctionArn"].endswith(f":{invoke.name}:1")


def test_layers(function, client):
    awslambda = client("lambda")
    layer = awslambda.publish_layer_version(
        LayerName="shared", Content={"ZipFile": zipped(python__shared_py="where = 'layer'")}, CompatibleRuntimes=["python3.12"]
    )
    assert layer["Version"] == 1 and layer["LayerVersionArn"].endswith(":layer:shared:1")
    invoke = function("import shared\ndef handler(e, c): return shared.where", Layers=[layer["LayerVersionArn"]])
    assert invoke()[:2] == ("layer", None)
    awslambda.add_layer_version_permission(
        LayerName="shared", VersionNumber=1, StatementId="all", Action="lambda:GetLayerVersion", Principal="*"
    )
    assert "Statements" not in awslambda.get_layer_version(LayerName="shared", VersionNumber=1)
    assert [v["Version"] for v in awslambda.list_layer_versions(LayerName="shared")["LayerVersions"]] == [1]
    with pytest.raises(ClientError) as error:
        function("", Layers=[layer["LayerArn"] + ":2"])
    assert code_of(error) == "InvalidParameterValueException"


def test_permissions_concurrency_and_tags(function, client):
    awslambda = client("lambda")
    invoke = function("def handler(e, c): return 1", Tags={"a": "b"})
    statement = awslambda.add_permission(
        FunctionName=invoke.name, StatementId="one", Action="lambda:InvokeFunction", Principal="events.amazonaws.com",
        SourceArn="arn:aws:events:us-east-1:1:rule/r",
    )["Statement"]
    assert json.loads(statement)["Condition"] == {"ArnLike": {"AWS:SourceArn": "arn:aws:events:us-east-1:1:rule/r"}}
    policy = json.loads(awslambda.get_policy(FunctionName=invoke.name)["Policy"])
    assert [s["Sid"] for s in policy["Statement"]] == ["one"]
    awslambda.remove_permission(FunctionName=invoke.name, StatementId="one")
    with pytest.raises(ClientError) as error:
        awslambda.get_policy(FunctionName=invoke.name)
    assert code_of(error) == "ResourceNotFoundException"
    awslambda.put_function_concurrency(FunctionName=invoke.name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as error:
        invoke()
    assert code_of(error) == "TooManyRequestsException"
    awslambda.delete_function_concurrency(FunctionName=invoke.name)
    assert invoke()[0] == 1
    arn = awslambda.get_function(FunctionName=invoke.name)["Configuration"]["FunctionArn"]
    awslambda.tag_resource(Resource=arn, Tags={"c": "d"})
    awslambda.untag_resource(Resource=arn, TagKeys=["a"])
    assert awslambda.list_tags(Resource=arn)["Tags"] == {"c": "d"}


def test_code_can_be_downloaded(function, client):
    source = "def handler(e, c): return 1"
    invoke = function(source)
    location = client("lambda").get_function(FunctionName=invoke.name)["Code"]["Location"]
    with urllib.request.urlopen(location.replace("localhost", "127.0.0.1")) as answer:
        assert zipfile.ZipFile(io.BytesIO(answer.read())).read("app.py").decode() == source


def test_functions_survive_a_restart(fresh_server, data_dir):
    first = fresh_server("--data-dir", data_dir)
    first.client("lambda").create_function(
        FunctionName="kept", Runtime="python3.12", Role=ROLE, Handler="app.handler",
        Code={"ZipFile": zipped(app_py="def handler(e, c): return 'kept'")},
    )
    first.kill()
    answer = fresh_server("--data-dir", data_dir).client("lambda").invoke(FunctionName="kept")
    assert json.loads(answer["Payload"].read()) == "kept"


def test_calls_of_a_function_have_it_as_their_cause(function, client, server):
    invoke = function(
        """
        import boto3
        def handler(event, context):
            boto3.client("sqs").create_queue(QueueName="caused")
        """,
        Timeout=30,
    )
    assert invoke()[1] is None
    _, journal = server.admin("GET", "/journal")
    by_id = {each["id"]: each for each in journal["activities"]}
    made = [each for each in by_id.values() if each["name"] == "sqs:CreateQueue"]
    assert any(by_id.get(each.get("cause"), {}).get("kind") == "invocation" for each in made), made


def test_idle_processes_end(fresh_server):
    server = fresh_server()
    awslambda = server.client("lambda")
    awslambda.create_function(
        FunctionName="f", Runtime="python3.12", Role=ROLE, Handler="app.handler",
        Code={"ZipFile": zipped(app_py="import os\ndef handler(e, c): return os.getpid()")},
    )
    pids = [json.loads(awslambda.invoke(FunctionName="f")["Payload"].read()) for _ in range(2)]
    assert pids[0] == pids[1]
    server.admin("PUT", "/clock", {"advance": "15m"})
    assert json.loads(awslambda.invoke(FunctionName="f")["Payload"].read()) != pids[0]
    server.stop()


def test_provided_runtime_runs_bootstrap(function, client):
    source = textwrap.dedent(
        """\
        #!/usr/bin/python3
        import json, os, urllib.request
        base = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
        while True:
            with urllib.request.urlopen(base + "/next") as event:
                request_id = event.headers["Lambda-Runtime-Aws-Request-Id"]
                body = event.read()
            answer = json.dumps({"own": json.loads(body)}).encode()
            urllib.request.urlopen(f"{base}/{request_id}/response", data=answer).close()
        """
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        info = zipfile.ZipInfo("bootstrap")
        info.external_attr = 0o100755 << 16
        file.writestr(info, source)
    client("lambda").create_function(
        FunctionName="own", Runtime="provided.al2023", Role=ROLE, Handler="any", Code={"ZipFile": archive.getvalue()}
    )
    for number in (1, 2):
        answer = client("lambda").invoke(FunctionName="own", Payload=json.dumps(number))
        assert json.loads(answer["Payload"].read()) == {"own": number}


def test_a_runtime_that_is_not_here(function, client):
    client("lambda").create_function(
        FunctionName="java", Runtime="java21", Role=ROLE, Handler="a.B::c", Code={"ZipFile": zipped(app_py="")}
    )
    answer = client("lambda").invoke(FunctionName="java")
    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read())["errorType"] == "Runtime.InvalidEntrypoint"


def test_what_create_function_refuses(client):
    awslambda = client("lambda")

    def refusal(**changed):
        wish = {"FunctionName": "refused", "Runtime": "python3.12", "Handler": "app.handler", "Role": ROLE,
                "Code": {"ZipFile": zipped(app_py="")}, **changed}
        with pytest.raises(ClientError) as caught:
            awslambda.create_function(**wish)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]

    assert refusal(Role="anything")[0] == "ValidationException"
    code, message = refusal(Runtime="python9")
    assert code == "InvalidParameterValueException"
    assert message.startswith("Value python9 at 'runtime' failed to satisfy constraint")
    for name in ("1x", "with-dash", "x"):
        code, message = refusal(Environment={"Variables": {name: "v"}})
        assert code == "ValidationException" and "Map keys must satisfy constraint" in message
    assert refusal(Environment={"Variables": {"_HANDLER": "v"}})[0] == "InvalidParameterValueException"
    assert awslambda.list_functions()["Functions"] == []


def test_event_sources_must_be_there(function, client):
    invoke = function("def handler(e, c): return 1")

    def refusal(source):
        with pytest.raises(ClientError) as caught:
            client("lambda").create_event_source_mapping(FunctionName=invoke.name, EventSourceArn=source,
                                                         StartingPosition="LATEST")
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]

    assert refusal("arn:aws:sqs:us-east-1:000000000000:none") == (
        "InvalidParameterValueException",
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
        "SQS Error Message: The specified queue does not exist.")
    stream = "arn:aws:dynamodb:us-east-1:000000000000:table/none/stream/2026-01-01T00:00:00.000"
    assert refusal(stream) == ("InvalidParameterValueException", "Stream not found: " + stream)
    assert client("lambda").list_event_source_mappings()["EventSourceMappings"] == []


@pytest.mark.parametrize("payload, why", [
    (b"not json", "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or "
                  "token 'null', 'true' or 'false')\n at [Source: (byte[])\"not json\"; line: 1, "
                  "column: 4]"),
    (b"{a: 1}", "Unexpected character ('a' (code 97)): was expecting double-quote to start field "
                "name\n at [Source: (byte[])\"{a: 1}\"; line: 1, column: 3]"),
    (b'{"a": 1', "Unexpected end-of-input: expected close marker for Object (start marker at "
                 "[Source: (byte[])\"{\"a\": 1\"; line: 1, column: 1])\n at [Source: (byte[])"
                 "\"{\"a\": 1\"; line: 1, column: 8]"),
    (b'["a" "b"]', "Unexpected character ('\"' (code 34)): was expecting comma to separate Array "
                   "entries\n at [Source: (byte[])\"[\"a\" \"b\"]\"; line: 1, column: 7]"),
    (b'"\x87"', "Invalid UTF-8 start byte 0x87"),
])
def test_a_payload_that_is_no_json(function, client, payload, why):
    invoke = function("def handler(event, context): pass")
    with pytest.raises(ClientError) as error:
        client("lambda").invoke(FunctionName=invoke.name, Payload=payload)
    assert code_of(error) == "InvalidRequestContentException"
    message = error.value.response["Error"]["Message"]
    assert message.startswith(
        "Could not parse request body into json: Could not parse payload into json: " + why)
