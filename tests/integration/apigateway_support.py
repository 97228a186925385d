"""What the tests of REST APIs share: calls of an API, its methods, and what is refused."""
import contextlib
import http.client
import http.server
import json
import threading

import pytest
import contextlib
import http.client
import http.server
import json
import threading

import pytest
from botocore.exceptions import ClientError


def refusal(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response
    return (error["Error"]["Code"], error["Error"]["Message"],
            error["ResponseMetadata"]["HTTPStatusCode"])


class Caller:
    def __init__(self, server, api_id, stage="dev"):
        self.server, self.base = server, f"/_aws/execute-api/{api_id}/{stage}"

    def __call__(self, method, path, body=None, **headers):
        status, fields, data = self.server.request(
            method, self.base + path, body,
            {"Content-Type": "application/json", **{k.replace("_", "-"): v
                                                    for k, v in headers.items()}})
        return status, fields, data.decode()


def put_method(gateway, api, path_part, http_method, integration, responses=(), **method):
    resource = gateway.create_resource(restApiId=api["id"], parentId=api["rootResourceId"],
                                       pathPart=path_part)["id"]
    place = {"restApiId": api["id"], "resourceId": resource, "httpMethod": http_method}
    gateway.put_method(**place, **{"authorizationType": "NONE", **method})
    gateway.put_integration(**place, **integration)
    for response in responses:
        gateway.put_integration_response(**place, **response)
    return place


MOCK = {"type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'}}


class Api:
    """An API of one's own, and raw requests to it: paths and names of headers go out as they are."""

    def __init__(self, server, name, **settings):
        self.server, self.gateway = server, server.client("apigateway")
        self.id = self.gateway.create_rest_api(name=name, **settings)["id"]
        self.paths = {"/": self.gateway.get_resources(restApiId=self.id)["items"][0]["id"]}
        self.host = f"{self.id}.execute-api.localhost:{server.port}"

    def resource(self, path):
        if path not in self.paths:
            parent, _, part = path.rpartition("/")
            self.paths[path] = self.gateway.create_resource(
                restApiId=self.id, parentId=self.resource(parent or "/"), pathPart=part)["id"]
        return self.paths[path]

    def method(self, path, http_method, integration, *responses, **method):
        place = {"restApiId": self.id, "resourceId": self.resource(path), "httpMethod": http_method}
        self.gateway.put_method(**place, **{"authorizationType": "NONE", **method})
        self.gateway.put_integration(**place, **integration)
        for response in responses:
            self.gateway.put_integration_response(**place, **{"statusCode": "200", **response})
        return place

    def call(self, method, path, body=None, headers=None, stage="/test"):
        """(status, headers, text); a value that is no text goes out as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.putrequest(method, stage + path, skip_host=True, skip_accept_encoding=True)
        data = body if isinstance(body, (str, type(None))) else json.dumps(body)
        sent = {"Host": self.host, "Content-Type": "application/json", **(headers or {})}
        if data is not None:
            sent["Content-Length"] = str(len(data.encode()))
        for name, values in sent.items():
            for value in values if isinstance(values, list) else [values]:
                connection.putheader(name, value)
        connection.endheaders(data.encode() if data else None)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text


def templates(text):
    return {"application/json": text}


def answered(text, **more):
    """An integration response that renders `text`."""
    return {"responseTemplates": templates(text), **more}


class Origin(http.server.BaseHTTPRequestHandler):
    """A server behind an API: answers with its body, and remembers what it was sent last. The
    header X-Answer of a request, JSON, says what to answer instead: status, headers, body."""
    protocol_version = "HTTP/1.1"
    seen = {}

    @staticmethod
    @contextlib.contextmanager
    def serving():
        listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}/"
        listening.shutdown()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        Origin.seen = {"path": self.path, "headers": self.headers, "body": body}
        answer = json.loads(self.headers.get("X-Answer") or "{}")
        body = answer.get("body", body.decode()).encode()
        self.send_response(answer.get("status", 200))
        headers = answer.get("headers", [("X-Origin", "yes")])
        for name, value in (("Content-Type", "application/json"), ("Connection", "keep-alive"),
                            *headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, *arguments):
        pass
