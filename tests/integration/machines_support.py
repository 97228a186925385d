"""What the tests of Step Functions share."""
import datetime
import json

from conftest import wait_until

ROLE = "arn:aws:iam::000000000000:role/states"
SIGNED = ("AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/states/aws4_request, "
          "SignedHeaders=host, Signature=0")


def call(server, operation, body):
    """An operation or member that an older boto3 does not know: (status, answer)."""
    status, _, data = server.request("POST", "/", body, {
        "X-Amz-Target": "AWSStepFunctions." + operation, "Authorization": SIGNED,
        "Content-Type": "application/x-amz-json-1.0"})
    return status, json.loads(data)


def answer_of(server, operation, **body):
    status, answer = call(server, operation, body)
    assert status == 200, answer
    return answer


def refusal(server, operation, body):
    """The code and the message of an error of the client's."""
    status, answer = call(server, operation, body)
    assert status == 400, answer
    return answer["__type"].split("#")[-1], answer.get("message", "")


def create(server, name, states, kind="STANDARD", **more):
    definition = {"StartAt": next(iter(states)), "States": states, **more}
    return server.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=ROLE, type=kind)["stateMachineArn"]


def ended(server, execution):
    sfn = server.client("stepfunctions")
    return wait_until(lambda: (lambda d: d if d["status"] != "RUNNING" else None)(
        sfn.describe_execution(executionArn=execution)), what="the end of " + execution)


def run(server, arn, data=None):
    """Starts an execution and waits for its end."""
    execution = server.client("stepfunctions").start_execution(
        stateMachineArn=arn, input=json.dumps({} if data is None else data))["executionArn"]
    return ended(server, execution)


def history(server, execution):
    return server.client("stepfunctions").get_execution_history(
        executionArn=execution, maxResults=1000)["events"]


def metric(server, name, dimension, value, statistic="Sum"):
    """The total of a metric of AWS/States; 0 where nothing is known."""
    now = datetime.datetime.now(datetime.timezone.utc)
    points = server.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/States", MetricName=name, Statistics=[statistic], Period=86400,
        Dimensions=[{"Name": dimension, "Value": value}],
        StartTime=now - datetime.timedelta(days=1),
        EndTime=now + datetime.timedelta(days=400))["Datapoints"]
    return sum(point[statistic] for point in points)
