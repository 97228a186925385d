"""Fixtures of the integration tests: a running skafu-local, and real clients for it.

SKAFU_BINARY names the program under test; without it the newest build is taken.
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid

import boto3
import pytest
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"


def find_binary():
    if os.environ.get("SKAFU_BINARY"):
        return os.environ["SKAFU_BINARY"]
    builds = sorted(ROOT.glob("build/*/server/skafu-local"), key=lambda p: p.stat().st_mtime)
    if not builds:
        raise RuntimeError("no skafu-local was built: run tests/run, or set SKAFU_BINARY")
    return str(builds[-1])


def wait_until(condition, timeout=10.0, what="the condition"):
    """Waits for a condition that nobody announces, asking it again and again."""
    deadline = time.monotonic() + timeout
    pause = 0.002
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not hold within {timeout} s")
        select_pause(pause)
        pause = min(pause * 1.5, 0.05)


def select_pause(seconds):
    import select
    select.select([], [], [], seconds)


class Server:
    """One process. `start` waits for its Ready line; `stop` and `kill` end it."""

    def __init__(self, *args, env=None):
        self.args = [str(a) for a in args]
        self.env = {**os.environ, **(env or {})}
        self.process = None
        self.port = None
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log", prefix="skafu-")

    def start(self, port=0, timeout=30):
        if port == 0:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
        ready_read, ready_write = os.pipe()
        self.process = subprocess.Popen(
            [find_binary(), "start", "--port", str(port), "--ready-fd", str(ready_write),
             *([] if "--watch" in self.args else ["--no-watch"]), *self.args],
            stdout=self.log, stderr=subprocess.STDOUT, pass_fds=[ready_write], env=self.env)
        os.close(ready_write)
        import select
        readable, _, _ = select.select([ready_read], [], [], timeout)
        line = os.read(ready_read, 100) if readable else b""
        os.close(ready_read)
        if not line.startswith(b"Ready."):
            self.kill()
            raise RuntimeError("the server did not become ready:\n" + self.output())
        self.port = port
        return self

    def output(self):
        return pathlib.Path(self.log.name).read_text()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode if self.process else None

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()

    def client(self, service, account="000000000000", region="us-east-1", **config):
        config.setdefault("retries", {"max_attempts": 0})
        config.setdefault("parameter_validation", False)
        return boto3.client(
            service, endpoint_url=self.url, region_name=region, aws_access_key_id=account,
            aws_secret_access_key="test",
            config=Config(inject_host_prefix=False, **config))

    def request(self, method, path, body=None, headers=None):
        """Plain HTTP: (status, headers, body bytes); errors are answers too."""
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method,
                                         headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def admin(self, method, path, body=None):
        status, _, data = self.request(method, "/_skafu" + path, body)
        return status, json.loads(data)

    def await_idle(self, timeout=30, advance=False):
        status, answer = self.admin("POST", "/await",
                                    {"until": "idle", "timeout": timeout, "advance": advance})
        assert status == 200, answer
        return answer


@pytest.fixture(scope="session")
def server():
    """An empty server that the whole test run shares: use names of your own (`unique`)."""
    running = Server().start()
    yield running
    running.stop()


@pytest.fixture
def fresh_server():
    """A factory of servers of one's own: fresh_server("--strict", "template.yaml")."""
    started = []

    def start(*args, port=0, env=None, timeout=30):
        running = Server(*args, env=env).start(port, timeout=timeout)
        started.append(running)
        return running

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def data_dir():
    folder = tempfile.mkdtemp(prefix="skafu-data-")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def unique():
    """A name that no other test uses: unique("orders") -> "orders-1a2b3c4d"."""
    return lambda name="t": f"{name}-{uuid.uuid4().hex[:8]}"
