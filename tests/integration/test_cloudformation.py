"""CloudFormation through boto3 and the AWS CLI, and deployments of local templates."""
import json
import os
import subprocess

import pytest
from botocore.exceptions import ClientError

from conftest import FIXTURES, find_binary, wait_until

QUEUE = """
Parameters:
  Delay: {Type: Number, Default: 3}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {DelaySeconds: !Ref Delay}
Outputs:
  Url: {Value: !Ref Queue}
  Arn: {Value: !GetAtt Queue.Arn, Export: {Name: !Sub '${AWS::StackName}-arn'}}
"""


def outputs(stack):
    return {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}


def describe(client, name):
    return client.describe_stacks(StackName=name)["Stacks"][0]


def delay_of(server, url):
    answer = server.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
    return answer["Attributes"]["DelaySeconds"]


def test_a_stack_is_created_updated_and_deleted(server, unique):
    client, name = server.client("cloudformation"), unique("stack")
    client.create_stack(StackName=name, TemplateBody=QUEUE)
    stack = describe(client, name)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    url = outputs(stack)["Url"]
    assert delay_of(server, url) == "3"
    client.update_stack(StackName=name, UsePreviousTemplate=True,
                        Parameters=[{"ParameterKey": "Delay", "ParameterValue": "7"}])
    assert describe(client, name)["StackStatus"] == "UPDATE_COMPLETE"
    assert outputs(describe(client, name))["Url"] == url
    assert delay_of(server, url) == "7"
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    assert [e["ResourceStatus"] for e in events if e["LogicalResourceId"] == "Queue"][::-1] == [
        "CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]
    client.delete_stack(StackName=name)
    with pytest.raises(ClientError, match=f"Stack with id {name} does not exist"):
        client.describe_stacks(StackName=name)
    with pytest.raises(ClientError):
        server.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])


def test_an_update_without_changes_is_refused(server, unique):
    client, name = server.client("cloudformation"), unique("stack")
    client.create_stack(StackName=name, TemplateBody=QUEUE)
    with pytest.raises(ClientError, match="No updates are to be performed."):
        client.update_stack(StackName=name, TemplateBody=QUEUE)


def test_a_failure_rolls_everything_back(server, unique):
    client, name = server.client("cloudformation"), unique("stack")
    template = """
Resources:
  First: {Type: AWS::SQS::Queue, Properties: {QueueName: %s}}
  Second: {Type: AWS::SQS::Queue, DependsOn: First, Properties: {DelaySeconds: 5000}}
""" % name
    client.create_stack(StackName=name, TemplateBody=template)
    assert describe(client, name)["StackStatus"] == "ROLLBACK_COMPLETE"
    with pytest.raises(ClientError):
        server.client("sqs").get_queue_url(QueueName=name)


@pytest.mark.parametrize("broken", [
    "Resources: {Queue: {Type: !Ref }",
    "Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Nobody}}}",
    "Resources: {A: {Type: AWS::SQS::Queue, DependsOn: B}, B: {Type: AWS::SQS::Queue, "
    "DependsOn: A}}",
    "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: AWS::Serverless::Function}}"],
    ids=["yaml", "reference", "circle", "transform"])
def test_an_update_with_a_broken_template_changes_nothing(server, unique, broken):
    client, name = server.client("cloudformation"), unique("stack")
    client.create_stack(StackName=name, TemplateBody=QUEUE)
    before = describe(client, name)
    with pytest.raises(ClientError) as refused:
        client.update_stack(StackName=name, TemplateBody=broken,
                            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    after = describe(client, name)
    assert (after["StackStatus"], outputs(after)) == ("CREATE_COMPLETE", outputs(before))
    assert client.get_template(StackName=name)["TemplateBody"] == QUEUE
    assert delay_of(server, outputs(before)["Url"]) == "3"


def test_a_new_name_replaces_a_resource_and_what_refers_to_it(server, unique):
    client, name = server.client("cloudformation"), unique("stack")
    template = """
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: %s}}
  Kept: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Topic}}
"""
    client.create_stack(StackName=name, TemplateBody=template % unique("old"))
    client.create_change_set(StackName=name, ChangeSetName="c", TemplateBody=template % "renamed")
    changes = {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in
               client.describe_change_set(StackName=name, ChangeSetName="c")["Changes"]}
    assert {k: v["Replacement"] for k, v in changes.items()} == {"Topic": "True", "Kept": "False"}
    assert changes["Topic"]["Details"][0]["Target"]["RequiresRecreation"] == "Always"


def test_an_export_in_use_cannot_be_deleted(server, unique):
    client, one, two = server.client("cloudformation"), unique("one"), unique("two")
    client.create_stack(StackName=one, TemplateBody=QUEUE)
    client.create_stack(StackName=two, TemplateBody="""
Resources: {Handle: {Type: AWS::CloudFormation::WaitConditionHandle}}
Outputs: {Arn: {Value: !ImportValue %s-arn}}
""" % one)
    assert outputs(describe(client, two))["Arn"] == outputs(describe(client, one))["Arn"]
    assert two in client.list_imports(ExportName=f"{one}-arn")["Imports"]
    with pytest.raises(ClientError, match="cannot be deleted as it is in use"):
        client.delete_stack(StackName=one)


def test_a_change_set_shows_and_makes_its_changes(server, unique):
    client, name = server.client("cloudformation"), unique("stack")
    client.create_change_set(StackName=name, ChangeSetName="first", ChangeSetType="CREATE",
                             TemplateBody=QUEUE)
    shown = client.describe_change_set(StackName=name, ChangeSetName="first")
    assert [c["ResourceChange"]["Action"] for c in shown["Changes"]] == ["Add"]
    assert describe(client, name)["StackStatus"] == "REVIEW_IN_PROGRESS"
    client.execute_change_set(StackName=name, ChangeSetName="first")
    assert describe(client, name)["StackStatus"] == "CREATE_COMPLETE"
    client.create_change_set(StackName=name, ChangeSetName="none", TemplateBody=QUEUE)
    assert client.describe_change_set(StackName=name, ChangeSetName="none")["Status"] == "FAILED"


def test_the_cli_deploys(server, unique, tmp_path):
    name = unique("cli")
    template = tmp_path / "template.yaml"
    template.write_text(QUEUE)
    env = {**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
           "AWS_DEFAULT_REGION": "us-east-1"}
    command = ["aws", "--endpoint-url", server.url, "cloudformation", "deploy", "--template-file",
               str(template), "--stack-name", name, "--parameter-overrides"]
    subprocess.run(command + ["Delay=4"], env=env, check=True, capture_output=True, timeout=60)
    subprocess.run(command + ["Delay=6"], env=env, check=True, capture_output=True, timeout=60)
    stack = describe(server.client("cloudformation"), name)
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert delay_of(server, outputs(stack)["Url"]) == "6"


def test_a_broken_template_says_everything_at_once(tmp_path):
    template = tmp_path / "template.yaml"
    template.write_text("""Resources:
  A: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Nope}}
  B: {Type: AWS::SQS::Queue, DependsOn: C}
  C: {Type: AWS::SQS::Queue, DependsOn: B}
  F:
    Type: AWS::Lambda::Function
    Properties: {Handler: app.handler, Runtime: python3.12, Code: missing/}
""")
    result = subprocess.run([find_binary(), "validate", str(template)], capture_output=True,
                            text=True, timeout=30)
    assert result.returncode == 1
    assert "template.yaml:7: [F]" in result.stderr and "Code: there is no file or folder" in result.stderr


def test_transform_prints_plain_cloudformation():
    result = subprocess.run(
        [find_binary(), "transform", str(FIXTURES / "skafu/domains/observability/template.yaml")],
        capture_output=True, text=True, timeout=30)
    resources = json.loads(result.stdout)["Resources"]
    assert resources["StoreErrorFunction"]["Type"] == "AWS::Lambda::Function"
    assert resources["StoreErrorFunctionRole"]["Type"] == "AWS::IAM::Role"


def test_a_changed_template_is_redeployed_in_place(fresh_server, tmp_path):
    template = tmp_path / "app" / "template.yaml"
    template.parent.mkdir()
    template.write_text(QUEUE)
    running = fresh_server(str(template), "--watch")
    client = running.client("cloudformation")
    url = outputs(describe(client, "app"))["Url"]
    running.client("sqs").send_message(QueueUrl=url, MessageBody="kept", DelaySeconds=0)
    template.write_text(QUEUE.replace("Default: 3", "Default: 9"))
    wait_until(lambda: delay_of(running, url) == "9", what="the redeployment")
    got = running.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1)
    assert got["Messages"][0]["Body"] == "kept"
    template.write_text("Resources: [")
    wait_until(lambda: "not redeployed" in running.output(), what="the refusal")
    assert delay_of(running, url) == "9"


def test_a_restart_with_its_data_keeps_the_stack(fresh_server, data_dir, tmp_path):
    template = tmp_path / "app" / "template.yaml"
    template.parent.mkdir()
    template.write_text(QUEUE)
    first = fresh_server(str(template), "--data-dir", data_dir)
    stack = describe(first.client("cloudformation"), "app")
    first.stop()
    second = fresh_server(str(template), "--data-dir", data_dir)
    again = describe(second.client("cloudformation"), "app")
    assert again["StackId"] == stack["StackId"]
    assert outputs(again)["Url"].split("/")[-1] == outputs(stack)["Url"].split("/")[-1]
