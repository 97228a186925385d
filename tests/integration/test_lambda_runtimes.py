"""The Python and Node.js runtimes alone, against a small Runtime API of the test's own."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import textwrap
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

RUNTIMES = pathlib.Path(__file__).parents[2] / "emulators/lambda/runtimes"
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
FRAME_HEAD = 16


class RuntimeApi(HTTPServer):
    """Hands out events in order and keeps what the runtime answers."""

    def __init__(self, events):
        super().__init__(("127.0.0.1", 0), Exchange)
        self.events = list(events)
        self.answers = []
        self.done = threading.Event()
        if not events:
            self.done.set()


class Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        index = len(self.server.answers)
        if index >= len(self.server.events):
            self.server.done.set()
            self.close_connection = True
            return
        body = self.server.events[index]
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Lambda-Runtime-Aws-Request-Id", f"request-{index}")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 3000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:f")
        self.send_header("Lambda-Runtime-Trace-Id", f"Root=1-{index}")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.path.split("/runtime/")[1]
        self.server.answers.append((kind, json.loads(body), self.headers.get("Lambda-Runtime-Function-Error-Type")))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Run:
    def __init__(self, answers, output, exit_code):
        self.answers = answers
        self.output = output
        self.exit_code = exit_code

    @property
    def results(self):
        return [body for _, body, _ in self.answers]

    @property
    def log(self):
        """The log's text, without frames' heads."""
        data, text = self.output, b""
        while (at := data.find(b"\xa5\x5a\x00\x03")) >= 0:
            size = int.from_bytes(data[at + 4 : at + 8], "big")
            text += data[:at] + data[at + FRAME_HEAD : at + FRAME_HEAD + size]
            data = data[at + FRAME_HEAD + size :]
        return (text + data).decode()


def run(tmp_path, command, handler, files, events, **environment):
    for name, text in files.items():
        file = tmp_path / "task" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
    api = RuntimeApi(events)
    thread = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    env = {
        "PATH": os.environ["PATH"],
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}",
        "_HANDLER": handler,
        "LAMBDA_TASK_ROOT": str(tmp_path / "task"),
        "AWS_LAMBDA_FUNCTION_NAME": "f",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "000000000000",
        "AWS_SECRET_ACCESS_KEY": "local",
        **environment,
    }
    process = subprocess.Popen(command, env=env, cwd=tmp_path / "task", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output, _ = process.communicate(timeout=20)
    finally:
        process.kill()
        api.shutdown()
        api.server_close()
    return Run(api.answers, output, process.returncode)


@pytest.fixture
def python(tmp_path):
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    shutil.copy(RUNTIMES / "skafu_python_runtime.py", runtime)
    start = f"import sys; sys.path.insert(0, {str(runtime)!r}); import skafu_python_runtime"
    command = [PYTHON, "-X", "utf8", "-c", start]
    return lambda handler, files, events=({},), **env: run(tmp_path, command, handler, files, events, **env)


@pytest.fixture
def node(tmp_path):
    if not shutil.which("node"):
        pytest.skip("no Node.js")
    command = ["node", str(RUNTIMES / "skafu_node_runtime.cjs")]
    return lambda handler, files, events=({},), **env: run(tmp_path, command, handler, files, events, **env)


# ---- Python ------------------------------------------------------------------------------------


def test_python_answers_each_event_with_the_handlers_result(python):
    files = {
        "orders/app.py": """
            import os
            def handler(event, context):
                print("got", event["n"])
                left = context.get_remaining_time_in_millis()
                return {"n": event["n"] + 1, "id": context.aws_request_id, "left": 0 < left <= 3000,
                        "memory": context.memory_limit_in_mb, "trace": os.environ["_X_AMZN_TRACE_ID"], "text": "é"}
        """
    }
    result = python("orders/app.handler", files, [{"n": 1}, {"n": 2}])
    first = {"n": 2, "id": "request-0", "left": True, "memory": "128", "trace": "Root=1-0", "text": "é"}
    assert result.results == [first, {**first, "n": 3, "id": "request-1", "trace": "Root=1-1"}]
    assert result.log == "got 1\ngot 2\n"


def test_python_error_document_has_the_users_frames_only(python):
    files = {
        "app.py": """
            class OrderError(Exception):
                pass
            def handler(event, context):
                raise OrderError("no such order")
        """
    }
    result = python("app.handler", files)
    kind, body, error_type = result.answers[0]
    assert kind == "invocation/request-0/error" and error_type == "OrderError"
    trace = body.pop("stackTrace")
    assert body == {"errorMessage": "no such order", "errorType": "OrderError", "requestId": "request-0"}
    assert len(trace) == 1 and trace[0].endswith('app.py", line 5, in handler\n    raise OrderError("no such order")\n')
    assert result.log.startswith("[ERROR] OrderError: no such order\nTraceback (most recent call last):\n  File ")


@pytest.mark.parametrize(
    "handler, source, error_type, message",
    [
        ("app.main", "def handler(e, c): pass", "Runtime.HandlerNotFound", "Handler 'main' missing on module 'app'"),
        ("ap.main", "", "Runtime.ImportModuleError", "Unable to import module 'ap': No module named 'ap'"),
        (
            "app.main",
            "import not_there",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'not_there'",
        ),
        ("app.main", "x = (", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': '(' was never closed (app.py, line 1)"),
        ("main", "", "Runtime.MalformedHandlerName", "Bad handler 'main': not enough values to unpack (expected 2, got 1)"),
        ("app.main", "raise KeyError('TABLE')", "KeyError", "'TABLE'"),
    ],
)
def test_python_init_errors(python, handler, source, error_type, message):
    result = python(handler, {"app.py": source})
    kind, body, header = result.answers[0]
    assert (kind, header) == ("init/error", error_type)
    assert (body["errorType"], body["errorMessage"], body["requestId"]) == (error_type, message, "")
    assert result.exit_code == 1


def test_python_results_that_are_not_json(python):
    files = {
        "app.py": """
            import decimal
            def handler(event, context):
                return {"set": {1}, "decimal": decimal.Decimal("1.5")}[event]
        """
    }
    result = python("app.handler", files, ["set", "decimal", b"\xff"])
    assert result.results[0]["errorType"] == "Runtime.MarshalError"
    assert result.results[0]["errorMessage"] == "Unable to marshal response: Object of type set is not JSON serializable"
    assert result.results[1] == 1.5
    assert result.results[2]["errorType"] == "Runtime.UnmarshalError"


def test_python_logging_has_awss_format(python):
    files = {
        "app.py": """
            import logging
            logger = logging.getLogger()
            logger.setLevel("INFO")
            def handler(event, context):
                logger.info("two\\nlines")
        """
    }
    level, stamp, request, message = python("app.handler", files).log.split("\t")
    assert (level, request, message) == ("[INFO]", "request-0", "two\nlines\n")
    assert len(stamp) == len("2026-01-01T00:00:00.000Z")


def test_python_path_is_code_then_layers(python, tmp_path):
    (tmp_path / "opt/python").mkdir(parents=True)
    (tmp_path / "opt/python/shared.py").write_text("where = 'layer'")
    (tmp_path / "opt/python/own.py").write_text("where = 'layer'")
    files = {"own.py": "where = 'task'", "app.py": "import own, shared\ndef handler(e, c): return [own.where, shared.where]"}
    assert python("app.handler", files, SKAFU_LAYER_ROOTS=str(tmp_path / "opt")).results == [["task", "layer"]]


def test_python_boto3_reaches_the_endpoint_of_the_environment(python):
    pytest.importorskip("boto3")
    files = {
        "app.py": """
            import boto3
            urls = [boto3.client(name).meta.endpoint_url for name in ("dynamodb", "secretsmanager", "s3")]
            urls.append(boto3.client("sqs", endpoint_url="http://own:3").meta.endpoint_url)
            urls.append(boto3.resource("dynamodb").meta.client.meta.endpoint_url)
            def handler(event, context):
                return urls
        """
    }
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://127.0.0.1:2"}
    expected = ["http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:1", "http://own:3", "http://127.0.0.1:1"]
    assert python("app.handler", files, **environment).results == [expected]


# ---- Node.js -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, source",
    [
        ("index.js", "exports.handler = async (event) => ({n: event.n + 1})"),
        ("index.mjs", "export const handler = async (event) => ({n: event.n + 1})"),
        ("index.js", "exports.handler = (event, context, done) => setTimeout(() => done(null, {n: event.n + 1}), 2)"),
        ("index.js", "exports.handler = (event, context) => context.succeed({n: event.n + 1})"),
    ],
)
def test_node_handlers_of_each_style(node, name, source):
    assert node("index.handler", {name: source}, [{"n": 1}, {"n": 2}]).results == [{"n": 2}, {"n": 3}]


def test_node_module_package_and_nested_handler(node):
    files = {
        "package.json": '{"type": "module"}',
        "src/index.js": "export const api = {get: async (e, context) => context.awsRequestId}",
    }
    assert node("src/index.api.get", files).results == ["request-0"]


def test_node_without_result_answers_null(node):
    assert node("index.handler", {"index.js": "exports.handler = () => {}"}).results == [None]


def test_node_console_and_error_document(node):
    files = {"index.js": "exports.handler = async () => { console.log('a\\nb'); throw new TypeError('no') }"}
    result = node("index.handler", files)
    kind, body, error_type = result.answers[0]
    assert (kind, error_type) == ("invocation/request-0/error", "TypeError")
    assert (body["errorType"], body["errorMessage"]) == ("TypeError", "no")
    assert body["trace"][0] == "TypeError: no" and "index.js" in body["trace"][1]
    assert "\trequest-0\tINFO\ta\nb\n" in result.log
    assert '\trequest-0\tERROR\tInvoke Error \t{"errorType":"TypeError","errorMessage":"no","stack":[' in result.log


@pytest.mark.parametrize(
    "handler, source, error_type, message",
    [
        ("index.main", "exports.handler = 1", "Runtime.HandlerNotFound", "index.main is undefined or not exported"),
        ("index.main", "let x = (", "Runtime.UserCodeSyntaxError", "SyntaxError: "),
        ("index.main", "require('not-there')", "Runtime.ImportModuleError", "Error: Cannot find module 'not-there'"),
        ("other.main", "", "Runtime.ImportModuleError", "Error: Cannot find module 'other'"),
        ("index.main", "throw new Error('early')", "Error", "early"),
    ],
)
def test_node_init_errors(node, handler, source, error_type, message):
    kind, body, header = node(handler, {"index.js": source}).answers[0]
    assert (kind, header, body["errorType"]) == ("init/error", error_type, error_type)
    assert body["errorMessage"].startswith(message)


def test_node_faults_outside_the_handler_end_the_process(node):
    source = "exports.handler = () => { setTimeout(() => { throw new Error('late') }, 1) }"
    result = node("index.handler", {"index.js": source})
    assert result.exit_code == 129
    assert result.answers[0][1]["errorMessage"] == "late"
    source = "exports.handler = () => { Promise.reject(new Error('lost')) }"
    result = node("index.handler", {"index.js": source})
    assert result.exit_code == 128
    assert result.answers[0][1]["errorType"] == "Runtime.UnhandledPromiseRejection"
    assert result.answers[0][1]["errorMessage"] == "Error: lost"


def test_node_streamed_response_is_sent_as_one(node):
    source = """
        export const handler = awslambda.streamifyResponse(async (event, stream) => {
          stream.write('{"a":');
          await new Promise((resume) => setTimeout(resume, 2));
          stream.end('1}');
        });
    """
    assert node("index.handler", {"index.mjs": source}).results == [{"a": 1}]
