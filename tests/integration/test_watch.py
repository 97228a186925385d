"""A changed template, state machine or function is redeployed in place; a broken one leaves the
running application as it was."""
import json

import pytest

from conftest import Server, wait_until

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: watched
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Function:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: watched
      Runtime: python3.12
      Handler: app.handler
      CodeUri: code/
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: watched
      Type: EXPRESS
      DefinitionUri: machine.asl.json
%s
"""
QUEUE = """
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: watched}
"""


def machine(answer):
    return json.dumps({"StartAt": "P", "States": {
        "P": {"Type": "Pass", "Result": answer, "End": True}}})


@pytest.fixture
def project(tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text("def handler(event, context):\n    return 1\n")
    (tmp_path / "machine.asl.json").write_text(machine("one"))
    (tmp_path / "template.yaml").write_text(TEMPLATE % "")
    return tmp_path


@pytest.fixture
def server(project):
    running = Server(project / "template.yaml", "--watch").start()
    yield running
    running.stop()


def invoke(server):
    return server.client("lambda").invoke(FunctionName="watched")["Payload"].read()


def run_machine(server):
    states = server.client("stepfunctions")
    arn = states.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    return json.loads(states.start_sync_execution(stateMachineArn=arn)["output"])


def test_changes_are_deployed_and_data_stays(server, project):
    dynamodb = server.client("dynamodb")
    dynamodb.put_item(TableName="watched", Item={"id": {"S": "kept"}})
    assert invoke(server) == b"1"
    assert run_machine(server) == "one"

    (project / "code" / "app.py").write_text("def handler(event, context):\n    return 2\n")
    wait_until(lambda: invoke(server) == b"2", what="the changed function")

    (project / "machine.asl.json").write_text(machine("two"))
    wait_until(lambda: run_machine(server) == "two", what="the changed state machine")

    (project / "template.yaml").write_text(TEMPLATE % QUEUE)
    wait_until(lambda: server.client("sqs").list_queues().get("QueueUrls"), what="the new queue")
    assert "Item" in dynamodb.get_item(TableName="watched", Key={"id": {"S": "kept"}})


def test_a_broken_template_leaves_the_application_as_it_was(server, project):
    (project / "template.yaml").write_text("Resources: {Table: {Type: !Ref }")
    wait_until(lambda: "not redeployed" in server.output(), what="the refusal")
    assert invoke(server) == b"1"
    (project / "template.yaml").write_text(TEMPLATE % QUEUE)
    wait_until(lambda: server.client("sqs").list_queues().get("QueueUrls"), what="the new queue")


NESTED = """
Resources:
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}
  %s
"""
CHILD = """
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: inside
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  %s
"""


def queue_names(server):
    urls = server.client("sqs").list_queues().get("QueueUrls", [])
    return sorted(url.rsplit("/", 1)[1] for url in urls)


@pytest.fixture
def nested(tmp_path):
    (tmp_path / "child.yaml").write_text(CHILD % "")
    (tmp_path / "template.yaml").write_text(NESTED % "")
    return tmp_path


def refusals(server):
    return server.output().count("not redeployed")


def queue(name, more=""):
    return f"Q{name}: {{Type: AWS::SQS::Queue, Properties: {{QueueName: {name}{more}}}}}"


def test_a_changed_template_inside_is_deployed(fresh_server, nested):
    server = fresh_server(nested / "template.yaml", "--watch")
    server.client("dynamodb").put_item(TableName="inside", Item={"id": {"S": "kept"}})
    (nested / "child.yaml").write_text(CHILD % queue("added"))
    wait_until(lambda: queue_names(server) == ["added"], what="the new queue")
    assert "Item" in server.client("dynamodb").get_item(TableName="inside", Key={"id": {"S": "kept"}})


def test_a_failure_after_the_stack_inside_brings_that_back_too(fresh_server, nested):
    server = fresh_server(nested / "template.yaml", "--watch")
    server.client("dynamodb").put_item(TableName="inside", Item={"id": {"S": "kept"}})
    (nested / ".staged").write_text(CHILD % queue("added"))
    (nested / ".staged").rename(nested / "child.yaml")
    (nested / "template.yaml").write_text(
        NESTED % "Bad: {Type: AWS::SQS::Queue, DependsOn: Child, Properties: {DelaySeconds: 5000}}")
    wait_until(lambda: refusals(server) == 1, what="the refusal")
    assert queue_names(server) == []
    assert "Item" in server.client("dynamodb").get_item(TableName="inside", Key={"id": {"S": "kept"}})
    (nested / "template.yaml").write_text(NESTED % "")
    wait_until(lambda: queue_names(server) == ["added"], what="the queue of the mended template")


def test_strict_leaves_the_application_as_it_was_when_it_refuses_a_change(fresh_server, nested):
    server = fresh_server(nested / "template.yaml", "--watch", "--strict")
    (nested / "child.yaml").write_text(CHILD % queue("added", ", Nonsense: 1"))
    wait_until(lambda: refusals(server) == 1, what="the refusal")
    assert "extraneous key [Nonsense]" in server.output()
    assert queue_names(server) == []
    (nested / "child.yaml").write_text(CHILD % queue("added"))
    wait_until(lambda: queue_names(server) == ["added"], what="the queue of the mended template")


@pytest.mark.parametrize("spoil, complaint", [
    (lambda path: path.write_text("{"), "machine.asl.json"),
    (lambda path: path.write_text('{"StartAt": "X", "States": {}}'), "Machine"),
    (lambda path: path.unlink(), "machine.asl.json"),
])
def test_a_broken_or_deleted_machine_leaves_the_application_as_it_was(server, project, spoil, complaint):
    spoil(project / "machine.asl.json")
    wait_until(lambda: refusals(server) == 1, what="the refusal")
    assert complaint in server.output().split("not redeployed", 1)[1]
    assert run_machine(server) == "one"
    (project / "machine.asl.json").write_text(machine("mended"))
    wait_until(lambda: run_machine(server) == "mended", what="the mended state machine")


def test_a_deleted_template_and_a_deleted_module(server, project):
    text = (project / "template.yaml").read_text()
    (project / "template.yaml").unlink()
    wait_until(lambda: refusals(server) == 1, what="the refusal")
    assert invoke(server) == b"1"
    (project / "template.yaml").write_text(text + QUEUE)
    wait_until(lambda: queue_names(server) == ["watched"], what="the new queue")
    (project / "code" / "app.py").unlink()
    wait_until(lambda: b"ImportModuleError" in invoke(server), what="a function without its module")
    (project / "code" / "app.py").write_text("def handler(event, context):\n    return 3\n")
    wait_until(lambda: invoke(server) == b"3", what="the module that came back")
