"""What `skafu-local start` can be told: init scripts, environment variables, kinds of strictness,
the end."""
import json
import os
import signal
import socket
import subprocess
import threading
import time

import pytest

from conftest import find_binary, wait_until

FUNCTION = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: only, Runtime: python3.12, Handler: %s, CodeUri: code/}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: beside}
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text("def handle(event, context):\n    return 'handled'\n")

    def write(text, name="template.yaml"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def refused(*args):
    """The standard error of a start that must fail."""
    done = subprocess.run([find_binary(), "start", "--port", "0", "--no-watch", *map(str, args)],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode != 0, done.stdout
    return done.stderr


def call_function(server):
    answer = server.client("lambda").invoke(FunctionName="only")
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def test_init_scripts_run_in_their_order(fresh_server, tmp_path):
    said = tmp_path / "said"
    for stage in ("boot", "start", "ready", "shutdown"):
        folder = tmp_path / "init" / f"{stage}.d"
        folder.mkdir(parents=True)
        (folder / "20-second.py").write_text(
            f"open({str(said)!r}, 'a').write('{stage}-python ')\n")
        (folder / "10-first.sh").write_text(f"printf '{stage}-shell ' >> {said}\n")
    ready = tmp_path / "init" / "ready.d"
    (ready / "30-broken.sh").write_text("exit 3\n")
    (ready / "40-executable").write_text(
        "#!/usr/bin/python3\n"
        "import boto3, os\n"
        "boto3.client('sqs', endpoint_url=os.environ['AWS_ENDPOINT_URL'])"
        ".create_queue(QueueName='from-init')\n")
    (ready / "40-executable").chmod(0o755)
    server = fresh_server("--init-dir", tmp_path / "init")
    urls = server.client("sqs").list_queues()["QueueUrls"]
    assert [url.rsplit("/", 1)[1] for url in urls] == ["from-init"]
    assert "30-broken.sh: exit status 3" in server.output()
    assert server.stop() == 0
    assert said.read_text().split() == [
        f"{stage}-{language}" for stage in ("boot", "start", "ready", "shutdown")
        for language in ("shell", "python")]


def test_sigterm_ends_a_start_that_hangs(tmp_path):
    folder = tmp_path / "ready.d"
    folder.mkdir()
    (folder / "hangs.sh").write_text(f"echo $$ > {tmp_path}/pid; exec sleep 1000\n")
    process = subprocess.Popen([find_binary(), "start", "--port", "0", "--init-dir", str(tmp_path)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pid = int(wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    process.terminate()
    assert process.wait(10) == 0
    wait_until(lambda: not is_alive(pid), what="the end of the script")


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_options_come_from_the_environment(tmp_path, project):
    template = project("""
Parameters: {Name: {Type: String, Default: none}}
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Name}}
""")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "SKAFU_TEMPLATE": str(template), "SKAFU_PORT": str(port),
                   "SKAFU_DATA_DIR": str(tmp_path / "data"), "SKAFU_ACCOUNT": "123456789012",
                   "SKAFU_REGION": "eu-west-1", "SKAFU_PARAMETER_OVERRIDES": "Name=named",
                   "SKAFU_LOG_FORMAT": "json", "SKAFU_WATCH": "false", "SKAFU_SEED": "7"}
    process = subprocess.Popen([find_binary(), "start"], env=environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        lines = []
        for line in iter(process.stderr.readline, ""):
            lines.append(json.loads(line))
            if lines[-1]["message"] == "Ready.":
                break
        import boto3
        sqs = boto3.client("sqs", endpoint_url=f"http://127.0.0.1:{port}", region_name="eu-west-1",
                           aws_access_key_id="123456789012", aws_secret_access_key="x")
        assert sqs.list_queues()["QueueUrls"][0].endswith("/123456789012/named")
        assert (tmp_path / "data" / "skafu.db").exists()
        assert lines[-1]["level"] == "info"
    finally:
        process.terminate()
        assert process.wait(15) == 0


def test_help_and_version_help():
    run = lambda *args: subprocess.run([find_binary(), *args], capture_output=True, text=True)
    assert run("--version").stdout.startswith("skafu-local ")
    assert "SKAFU_PORT" in run("start", "--help").stdout
    wrong = run("start", "--prot", "1")
    assert wrong.returncode != 0 and "--prot" in wrong.stderr
    bad = run("start", "--account", "12")
    assert bad.returncode != 0 and "12 digits" in bad.stderr


def test_fix_handlers_uses_the_only_candidate(fresh_server, project):
    template = project(FUNCTION % "app.handler")
    server = fresh_server(template)
    error, answer = call_function(server)
    assert (error, answer["errorType"]) == ("Unhandled", "Runtime.HandlerNotFound")
    assert "write Handler: app.handle, or start with --fix-handlers" in server.output()
    fixed = fresh_server("--fix-handlers", template)
    assert call_function(fixed) == (None, "handled")
    assert "Using app.handle." in fixed.output()


def test_keep_going_starts_the_rest(fresh_server, project):
    broken = FUNCTION % "app.handle" + """
  Broken:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Ref Nowhere}
  Other:
    Type: AWS::SNS::Topic
    Properties: {TopicName: !GetAtt Nothing.Name}
"""
    template = project(broken)
    errors = refused(template)
    assert "Nowhere" in errors and "Nothing" in errors and "template.yaml:" in errors
    server = fresh_server("--keep-going", template)
    urls = server.client("sqs").list_queues()["QueueUrls"]
    assert [url.rsplit("/", 1)[1] for url in urls] == ["beside"]
    assert call_function(server) == (None, "handled")
    assert "left out:" in server.output() and "Nowhere" in server.output()


def test_a_malformed_template_says_where(project):
    assert "template.yaml" in refused(project("Resources: [not, a: map\n"))
    assert "absent.yaml" in refused(project("", "x").parent / "absent.yaml")
    cycle = project("""
Resources:
  A: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref B}}
  B: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref A}}
""")
    assert "circular" in refused(cycle).lower()


def test_strict_refuses_what_aws_refuses(fresh_server, project):
    template = project("""
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonDynamoDBFullaccess]
  Unknown: {Type: AWS::Nowhere::Thing}
""")
    server = fresh_server(template)
    shown = server.output()
    assert "AWS::Nowhere::Thing" in shown and "template.yaml:7" in shown
    assert "write arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess" in shown
    assert "AmazonDynamoDBFullaccess" in refused("--strict", template)


def test_lenient_accepts_targets_that_are_not_there(fresh_server, server, unique):
    put = lambda to: put_target(to, unique("rule"))
    with pytest.raises(Exception, match="not emulated"):
        put(server)
    lenient = fresh_server("--lenient")
    put(lenient)
    lenient.client("events").put_events(Entries=[
        {"Source": "anything", "DetailType": "Sold", "Detail": '{"correlationId": "lenient-1"}'}])
    lenient.await_idle()
    _, journal = lenient.admin("GET", "/journal?correlationId=lenient-1")
    assert "batch:us-east-1" in json.dumps(journal)


def put_target(to, rule):
    events = to.client("events")
    events.put_rule(Name=rule, EventPattern='{"source": ["anything"]}')
    events.put_targets(Rule=rule, Targets=[
        {"Id": "b", "Arn": "arn:aws:batch:us-east-1:000000000000:job-queue/q"}])


SLOW = """
import time, pathlib
def handle(event, context):
    pathlib.Path(event["file"]).touch()
    while not pathlib.Path(event["file"] + ".go").exists():
        time.sleep(0.01)
    return "done"
"""


def test_sigterm_finishes_what_is_in_flight(fresh_server, project, tmp_path):
    (tmp_path / "code" / "app.py").write_text(SLOW)
    server = fresh_server(project(FUNCTION % "app.handle"))
    answers = []

    def invoke():
        answer = server.client("lambda", read_timeout=20).invoke(
            FunctionName="only", Payload=json.dumps({"file": str(tmp_path / "begun")}))
        answers.append(json.loads(answer["Payload"].read()))

    def poll():
        sqs = server.client("sqs", read_timeout=30)
        url = sqs.get_queue_url(QueueName="beside")["QueueUrl"]
        try:
            sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
        except Exception as error:
            answers.append(type(error).__name__)

    threads = [threading.Thread(target=invoke), threading.Thread(target=poll)]
    for thread in threads:
        thread.start()
    wait_until(lambda: (tmp_path / "begun").exists())
    server.process.send_signal(signal.SIGTERM)
    wait_until(lambda: not can_connect(server.port), what="no new connections")
    (tmp_path / "begun.go").touch()
    began = time.monotonic()
    assert server.process.wait(15) == 0
    assert time.monotonic() - began < 5, "a long poll is not work that is waited for"
    for thread in threads:
        thread.join()
    assert answers[0] == "done" and len(answers) == 2


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


ENDLESS = """
import os, pathlib
def handle(event, context):
    pathlib.Path(event).write_text(str(os.getpid()))
    while True:
        pass
"""


def test_no_function_outlives_a_killed_server(fresh_server, project, tmp_path):
    (tmp_path / "code" / "app.py").write_text(ENDLESS)
    server = fresh_server(project(FUNCTION % "app.handle"))
    server.client("lambda").invoke(FunctionName="only", InvocationType="Event",
                                   Payload=json.dumps(str(tmp_path / "pid")))
    pid = int(wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    assert is_alive(pid)
    server.kill()
    wait_until(lambda: not is_alive(pid), what="the end of the function's process")


def test_localhost_and_ipv6_are_listened_on(fresh_server):
    server = fresh_server("--host", "localhost")
    for host in ("127.0.0.1", "::1"):
        with socket.create_connection((host, server.port), timeout=5) as connection:
            connection.sendall(b"GET /_skafu/health HTTP/1.0\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
