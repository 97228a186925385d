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
