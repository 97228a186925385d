"""The Python runtime: fetches invocations from the Lambda Runtime API and runs the handler.

Started as `python3 -c "import skafu_python_runtime"` with AWS's environment variables set.
Error documents and log lines have the form of AWS's Python runtimes (Lambda Developer Guide,
"Building Lambda functions with Python"). Only what every start needs is imported up front:
a cold start is mostly imports.
"""

import _socket as socket  # the module around it costs a quarter of the start and adds nothing here
import importlib
import os
import sys
import time
from json import JSONEncoder, loads

API_VERSION = "/2018-06-01/runtime"
FRAME_MAGIC = b"\xa5\x5a\x00\x03"  # not UTF-8, so printed text never looks like a frame
MAX_RESPONSE = 6_291_556
TOO_LARGE = "Function.ResponseSizeTooLarge"
OLDEST_BOTOCORE_WITH_ENDPOINT_URL = (1, 31)


class Fault(Exception):
    """An error of the runtime's own, with the type that AWS gives it."""

    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = list(trace)


# ---- The Runtime API ---------------------------------------------------------------------------


class RuntimeApi:
    """One kept-alive connection; an answer and the request for the next event leave together."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.connect((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = open(self._socket.fileno(), "rb", 65536, closefd=False)
        self._host = address.encode()
        self._next = (
            b"GET " + API_VERSION.encode() + b"/invocation/next HTTP/1.1\r\nHost: " + self._host + b"\r\n\r\n"
        )

    def first(self):
        """Asks for the first event."""
        self._socket.sendall(self._next)
        return self._read()

    def answer(self, request_id, body, error_type=None):
        """Sends an invocation's outcome, and gives the next event."""
        kind = "response" if error_type is None else "error"
        post = self._post(f"/invocation/{request_id}/{kind}", body, error_type)
        self._socket.sendall(post + self._next)
        self._read()
        return self._read()

    def init_error(self, body, error_type):
        self._socket.sendall(self._post("/init/error", body, error_type))
        self._read()

    def _post(self, path, body, error_type):
        lines = [f"POST {API_VERSION}{path} HTTP/1.1", f"Content-Length: {len(body)}"]
        lines.append("Content-Type: application/json")
        if error_type is not None:
            lines.append(f"Lambda-Runtime-Function-Error-Type: {error_type}")
        head = "\r\n".join(lines).encode("latin-1", "replace")
        return head + b"\r\nHost: " + self._host + b"\r\n\r\n" + body

    def _read(self):
        """One response as (headers with lower-case names, body)."""
        if not self._reader.readline(65536):
            os._exit(0)  # the server is gone, and so is the reason to be
        headers = {}
        while (line := self._reader.readline(65536)) not in (b"\r\n", b""):
            name, _, value = line.decode("utf-8", "replace").partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        return headers, self._reader.read(length) if length else b""


# ---- What the handler is given -----------------------------------------------------------------


class CognitoIdentity:
    """context.identity: who the mobile SDK says is calling."""

    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]

    def __init__(self, fields):
        self.cognito_identity_id = fields.get("cognitoIdentityId")
        self.cognito_identity_pool_id = fields.get("cognitoIdentityPoolId")


class Client:
    """context.client_context.client"""

    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]

    def __init__(self, fields):
        for name in self.__slots__:
            setattr(self, name, fields.get(name))


class ClientContext:
    """context.client_context: what the caller put into the X-Amz-Client-Context header."""

    __slots__ = ["custom", "env", "client"]

    def __init__(self, fields):
        self.client = Client(fields["client"]) if "client" in fields else None
        self.custom = fields.get("custom")
        self.env = fields.get("env")


class LambdaContext:
    """The second argument of a handler ("Using the Lambda context object", Python)."""

    def __init__(self, headers):
        self.aws_request_id = headers.get("lambda-runtime-aws-request-id", "")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        client = loads(headers.get("lambda-runtime-client-context") or "null")
        self.client_context = ClientContext(client) if client else None
        self.identity = CognitoIdentity(loads(headers.get("lambda-runtime-cognito-identity") or "null") or {})
        self._epoch_deadline_time_in_ms = int(headers.get("lambda-runtime-deadline-ms", "0"))

    def get_remaining_time_in_millis(self):
        return max(0, self._epoch_deadline_time_in_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        fields = ",".join(f"{name.lstrip('_')}={value}" for name, value in vars(self).items())
        return f"LambdaContext([{fields}])"


# ---- Logs --------------------------------------------------------------------------------------


def write_frame(text):
    """Writes one log event that may have several lines, in order with what was printed."""
    sys.stdout.flush()
    sys.stderr.flush()
    data = text.encode("utf-8", "replace")
    frame = memoryview(FRAME_MAGIC + len(data).to_bytes(4, "big") + bytes(8) + data)
    while frame:
        frame = frame[os.write(1, frame) :]


def flush_output():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # a handler may have closed or replaced it
            pass


class _Current:
    """The invocation that log records are written for."""

    request_id = ""


def install_log_handler(logging):
    """The root logger's handler, as AWS configures it: text, or JSON by AWS_LAMBDA_LOG_FORMAT."""
    as_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"

    class JsonFormatter(logging.Formatter):
        def format(self, record):
            entry = {
                "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
                "level": record.levelname,
                "message": record.getMessage(),
                "logger": record.name,
                "requestId": _Current.request_id,
            }
            if record.exc_info:
                entry["stackTrace"] = self.formatException(record.exc_info).split("\n")
                entry["errorType"] = record.exc_info[0].__name__
                entry["errorMessage"] = str(record.exc_info[1])
            return JSONEncoder(ensure_ascii=False, default=str).encode(entry)

    class FrameHandler(logging.Handler):
        def emit(self, record):
            record.aws_request_id = _Current.request_id
            write_frame(self.format(record))

    handler = FrameHandler()
    if as_json:
        handler.setFormatter(JsonFormatter())
    else:
        text = logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
        )
        text.converter = time.gmtime
        handler.setFormatter(text)
    logging.root.addHandler(handler)
    level = {"TRACE": "DEBUG", "FATAL": "CRITICAL"}.get(
        os.environ.get("AWS_LAMBDA_LOG_LEVEL", ""), os.environ.get("AWS_LAMBDA_LOG_LEVEL", "")
    )
    if as_json and level:
        logging.root.setLevel(level)


def log_fault(document):
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        write_frame(encode({"level": "ERROR", **document}).decode())
        return
    lines = [f"[ERROR] {document['errorType']}: {document['errorMessage']}"]
    if document["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        for entry in document["stackTrace"]:
            lines.extend(entry.splitlines())
    write_frame("\n".join(lines))


# ---- Hooks on modules that are imported later, if at all ---------------------------------------


def honour_endpoint_url(session_module):
    """Lets a botocore from before AWS_ENDPOINT_URL honour it, as its successors do."""
    import botocore

    version = tuple(int(part) for part in botocore.__version__.split(".")[:2])
    if version >= OLDEST_BOTOCORE_WITH_ENDPOINT_URL:
        return
    create_client = session_module.Session.create_client

    def configured_endpoint(session, service_name):
        if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
            return None
        if any(name.startswith("AWS_ENDPOINT_URL_") for name in os.environ):
            service_id = session.get_service_model(service_name).service_id
            own = os.environ.get("AWS_ENDPOINT_URL_" + service_id.upper().replace(" ", "_"))
            if own:
                return own
        return os.environ.get("AWS_ENDPOINT_URL")

    def create_client_with_endpoint(
        self, service_name, region_name=None, api_version=None, use_ssl=True, verify=None, endpoint_url=None, *args, **kwargs
    ):
        endpoint_url = endpoint_url or configured_endpoint(self, service_name)
        return create_client(self, service_name, region_name, api_version, use_ssl, verify, endpoint_url, *args, **kwargs)

    session_module.Session.create_client = create_client_with_endpoint


class ImportHooks:
    """A finder that runs a function after a watched module has been imported for the first time."""

    watched = {"logging": install_log_handler, "botocore.session": honour_endpoint_url}

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        after = cls.watched.pop(name, None)
        if after is None:
            return None
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            cls.watched[name] = after
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            after(module)

        spec.loader.exec_module = exec_module
        return spec

    @classmethod
    def install(cls):
        for name in list(cls.watched):
            if name in sys.modules:
                cls.watched.pop(name)(sys.modules[name])
        sys.meta_path.insert(0, cls)


# ---- Values ------------------------------------------------------------------------------------


class ValueEncoder(JSONEncoder):
    """Results as AWS's runtime writes them: Decimals become numbers."""

    def default(self, value):
        decimal = sys.modules.get("decimal")
        if decimal is not None and isinstance(value, decimal.Decimal):
            return float(value)
        return super().default(value)


# python3.12 was the first of AWS's runtimes to leave characters outside ASCII as they are.
ENSURE_ASCII = os.environ.get("AWS_EXECUTION_ENV", "") in {
    f"AWS_Lambda_python3.{minor}" for minor in (6, 7, 8, 9, 10, 11)
}
ENCODER = ValueEncoder(ensure_ascii=ENSURE_ASCII)


def encode(value):
    return ENCODER.encode(value).encode("utf-8", "surrogatepass")


def error_document(message, error_type, trace, request_id=""):
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": trace}


def document_of_exception(error, request_id=""):
    """AWS's error document for whatever the user's code raised, without frames of this file."""
    if isinstance(error, Fault):
        return error_document(error.message, error.error_type, error.trace, request_id)
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    while frames and frames[0].filename == __file__:
        frames.pop(0)
    return error_document(str(error), type(error).__name__, traceback.format_list(frames), request_id)


# ---- The handler -------------------------------------------------------------------------------


def load_handler(name):
    """The function that a handler name such as `orders/app.handler` means. Raises Fault."""
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        why = "not enough values to unpack (expected 2, got 1)"
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': {why}")
    module_path = module_name.replace("/", ".")
    if module_path.split(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module")
    try:
        module = importlib.import_module(module_path)
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from None
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        message = f"Syntax error in module '{module_name}': {error}"
        raise Fault("Runtime.UserCodeSyntaxError", message, [where]) from None
    if not hasattr(module, function_name):
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise Fault("Runtime.HandlerNotFound", message)
    return getattr(module, function_name)


def run_handler(handler, headers, body):
    """One invocation. Gives the body to send and the error type, or None where it went well."""
    request_id = _Current.request_id
    try:
        try:
            event = loads(body.decode("utf-8"))
        except ValueError as error:
            raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None
        result = handler(event, LambdaContext(headers))
        try:
            answer = encode(result)
        except (TypeError, ValueError, RecursionError) as error:
            raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None
        if len(answer) > MAX_RESPONSE:
            message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."
            return encode({"errorType": TOO_LARGE, "errorMessage": message}), TOO_LARGE
        return answer, None
    except Exception as error:
        document = document_of_exception(error, request_id)
        log_fault(document)
        return encode(document), document["errorType"]


def prepare_path():
    """The module search path in AWS's order: the code, the layers, the runtime."""
    here = os.path.dirname(__file__)
    sys.path[:] = [entry for entry in sys.path if entry not in ("", here)]
    roots = [os.environ["LAMBDA_TASK_ROOT"]]
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    declared = os.environ.get("AWS_EXECUTION_ENV", "").removeprefix("AWS_Lambda_")
    for layer in filter(None, os.environ.get("SKAFU_LAYER_ROOTS", "").split(":")):
        for folder in dict.fromkeys((declared, version)):
            roots.append(f"{layer}/python/lib/{folder}/site-packages")
        roots.append(f"{layer}/python")
    sys.path[:0] = roots


def main():
    prepare_path()
    # A folder of the user's is no place for our caches.
    sys.dont_write_bytecode = "SKAFU_USER_FOLDER" in os.environ
    ImportHooks.install()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        document = document_of_exception(error)
        log_fault(document)
        flush_output()
        api.init_error(encode(document), document["errorType"])
        sys.exit(1)
    headers, body = api.first()
    while True:
        _Current.request_id = headers.get("lambda-runtime-aws-request-id", "")
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("lambda-runtime-trace-id", "")
        result, error_type = run_handler(handler, headers, body)
        flush_output()
        headers, body = api.answer(_Current.request_id, result, error_type)


main()
