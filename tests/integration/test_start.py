"""What `skafu-local start` can be told: init scripts, environment variables, kinds of strictness,
the end."""
import http.client
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


QUEUE = "Resources: {A: {Type: AWS::SQS::Queue}}"
NESTED = "Resources:\n  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: %s}}\n"


@pytest.mark.parametrize("text, words", [
    ("", ["template.yaml", "empty"]),
    ("Resources:\n  A: {Type: AWS::SQS::Queue, Properties: text}", ["template.yaml:2: [A]", "Properties member must be an object"]),
    (NESTED % "./template.yaml", ["template.yaml:2: [Child]", "would contain itself"]),
    (NESTED % "./absent.yaml", ["template.yaml:2: [Child]", "TemplateURL: there is no file", "absent.yaml"]),
    (NESTED % "./code", ["code", "This is a folder"]),
    ("Transform: AWS::Serverless-2016-10-31\nResources:\n  M:\n    Type: AWS::Serverless::StateMachine\n"
     "    Properties: {DefinitionUri: broken.json}\n", ["[M]", "broken.json:2: ", "not well-formed"]),
    ("Transform: AWS::Serverless-2016-10-31\nResources:\n  A:\n    Type: AWS::Serverless::Application\n"
     "    Properties: {Location: ./template.yaml}\n", ["template.yaml:3: [A]", "would contain itself"]),
])
def test_a_broken_template_gets_one_clear_sentence(project, tmp_path, text, words):
    (tmp_path / "broken.json").write_text('{"StartAt": "X",\n')
    said = refused(project(text))
    assert all(word in said for word in words), said
    assert len([line for line in said.splitlines() if "PutEvents" not in line]) == 1, said


def test_templates_that_include_each_other(project):
    project(NESTED % "./template.yaml", "child.yaml")
    said = refused(project(NESTED % "./child.yaml"))
    assert "child.yaml:2: [Child]" in said and "would contain itself" in said


def test_a_missing_folder_is_told_once(project):
    said = refused(project((FUNCTION % "app.handle").replace("code/", "nowhere/")))
    assert said.count("nowhere") == 1 and "[Function] CodeUri: there is no file or folder" in said


@pytest.mark.parametrize("options, words", [
    (["--host", "nonsense.example"], "takes an address such as 127.0.0.1"),
    (["--data-dir", "/proc/self/status"], "--data-dir /proc/self/status: the folder cannot be made"),
    (["--region", "Mars 1"], "must be a name such as eu-central-1"),
    (["--parameter-overrides", "Key", "template.yaml"], "name the template before this option"),
    (["--upstream", "dynamodb"], "takes service=URL"),
    (["--log-level", "loud"], "unknown log level"),
    (["--config-env", "nope", "template.yaml"], "There is no environment \"nope\""),
])
def test_wrong_options_are_refused(project, tmp_path, monkeypatch, options, words):
    project(QUEUE)
    project("version = 0.1\n[default.deploy.parameters]\nstack_name = \"s\"\n", "samconfig.toml")
    monkeypatch.chdir(tmp_path)
    assert words in refused(*options)


@pytest.mark.parametrize("port", ["99999", "-1", "http", "4566x"])
def test_ports_are_numbers(port):
    done = subprocess.run([find_binary(), "start", "--port", port], capture_output=True, text=True, timeout=30)
    assert done.returncode != 0 and "must be a number from 0 to 65535" in done.stderr


def test_a_port_in_use_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run([find_binary(), "start", "--port", str(port)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert done.stderr == f"skafu-local: cannot listen on 127.0.0.1:{port}: Address already in use; stop the other program or choose another --port\n"


def test_samconfig_may_give_numbers(fresh_server, project):
    project("version = 0.1\n[default.deploy.parameters]\nparameter_overrides = {Delay = 7, Name = \"n\"}\n", "samconfig.toml")
    server = fresh_server(project(
        "Parameters: {Delay: {Type: Number}, Name: {Type: String}}\n"
        "Resources: {A: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Name, DelaySeconds: !Ref Delay}}}\n"))
    url = server.client("sqs").get_queue_url(QueueName="n")["QueueUrl"]
    attributes = server.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"]
    assert attributes == {"DelaySeconds": "7"}


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
    functions = server.client("lambda", read_timeout=20)
    sqs = server.client("sqs", read_timeout=30)

    def invoke():
        answer = functions.invoke(
            FunctionName="only", Payload=json.dumps({"file": str(tmp_path / "begun")}))
        answers.append(json.loads(answer["Payload"].read()))

    def poll():
        url = sqs.get_queue_url(QueueName="beside")["QueueUrl"]
        answers.append(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages", []))

    threads = [threading.Thread(target=invoke), threading.Thread(target=poll)]
    for thread in threads:
        thread.start()
    wait_until(lambda: (tmp_path / "begun").exists())
    wait_until(lambda: "ReceiveMessage" in json.dumps(server.admin("GET", "/journal?limit=50")[1]))
    server.process.send_signal(signal.SIGTERM)
    wait_until(lambda: not can_connect(server.port), what="no new connections")
    wait_until(lambda: answers == [[]], what="the long poll's answer: no messages")
    (tmp_path / "begun.go").touch()
    began = time.monotonic()
    assert server.process.wait(15) == 0
    assert time.monotonic() - began < 5
    for thread in threads:
        thread.join()
    assert answers == [[], "done"]


WAITS = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}})


def test_sigterm_waits_for_no_waiting(fresh_server):
    server = fresh_server()
    states = server.client("stepfunctions", read_timeout=70)
    machine = states.create_state_machine(name="waits", definition=WAITS, roleArn="arn:aws:iam::000000000000:role/r")
    states.start_execution(stateMachineArn=machine["stateMachineArn"])
    worker = states.create_activity(name="nothing-to-do")["activityArn"]
    sqs = server.client("sqs", read_timeout=30)
    url = sqs.create_queue(QueueName="empty")["QueueUrl"]
    answers = {}

    def wait_for(what, ask):
        answers[what] = ask()

    threads = [
        threading.Thread(target=wait_for, args=("queue", lambda: sqs.receive_message(
            QueueUrl=url, WaitTimeSeconds=20).get("Messages"))),
        threading.Thread(target=wait_for, args=("task", lambda: states.get_activity_task(
            activityArn=worker).get("taskToken"))),
    ]
    for thread in threads:
        thread.start()
    # Sent before the questions below, so that it is read before they are answered.
    onlooker = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    onlooker.request("POST", "/_skafu/await", json.dumps({"until": "idle", "timeout": 60}))
    seen = lambda: json.dumps(server.admin("GET", "/journal?limit=50")[1])
    wait_until(lambda: all(name in seen() for name in ("ReceiveMessage", "GetActivityTask")))
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(15) == 0
    assert time.monotonic() - began < 5, "nothing of this is work"
    for thread in threads:
        thread.join()
    assert answers == {"queue": None, "task": None}
    assert onlooker.getresponse().status == 408


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


def test_what_aws_would_refuse_of_a_machine_is_told_with_its_place(fresh_server, tmp_path):
    (tmp_path / "m.asl.yaml").write_text(
        "StartAt: A\nStates:\n  A:\n    Type: Task\n    Resource: arn:aws:states:::sqs:sendMessage\n"
        "    Retry:\n      - ErrorEquals: [States.Timeot]\n        MaxAttempt: 2\n    End: true\n")
    template = tmp_path / "template.yaml"
    template.write_text("Transform: AWS::Serverless-2016-10-31\nResources:\n  M:\n"
                        "    Type: AWS::Serverless::StateMachine\n    Properties:\n"
                        "      DefinitionUri: m.asl.yaml\n      Role: arn:aws:iam::1:role/r\n")
    told = fresh_server(template).output()
    assert "Field 'MaxAttempt' is not supported (/States/A/Retry[0], " in told
    assert "m.asl.yaml:7:9): AWS refuses the state machine.\nDid you mean 'MaxAttempts'?" in told
    assert "m.asl.yaml:7:23)\nDid you mean 'States.Timeout'?" in told
