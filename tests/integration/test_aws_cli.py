"""The aws CLI drives each service: what a person types works as it does on AWS."""
import json
import os
import shutil
import subprocess

import pytest

AWS = shutil.which("aws", path="/usr/local/bin:/usr/bin")
pytestmark = pytest.mark.skipif(AWS is None, reason="this system has no aws CLI")


@pytest.fixture
def aws(server):
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "000000000000",
                   "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
                   "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true"}

    def run(*words, fails=False):
        done = subprocess.run([AWS, "--endpoint-url", server.url, "--output", "json", *words],
                              capture_output=True, text=True, env=environment, timeout=60)
        if fails:
            assert done.returncode != 0, done.stdout
            return done.stderr
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_dynamodb(aws, unique):
    table = unique("table")
    aws("dynamodb", "create-table", "--table-name", table, "--billing-mode", "PAY_PER_REQUEST",
        "--attribute-definitions", "AttributeName=id,AttributeType=S",
        "--key-schema", "AttributeName=id,KeyType=HASH")
    aws("dynamodb", "wait", "table-exists", "--table-name", table)
    aws("dynamodb", "put-item", "--table-name", table, "--item", '{"id": {"S": "a"}}')
    found = aws("dynamodb", "get-item", "--table-name", table, "--key", '{"id": {"S": "a"}}')
    assert found["Item"] == {"id": {"S": "a"}}
    refused = aws("dynamodb", "put-item", "--table-name", table, "--item", '{"id": {"S": "a"}}',
                  "--condition-expression", "attribute_not_exists(id)", fails=True)
    assert "(ConditionalCheckFailedException)" in refused


def test_dynamodb_tables_and_statements(aws, unique):
    table = unique("table")
    aws("dynamodb", "create-table", "--table-name", table, "--billing-mode", "PAY_PER_REQUEST",
        "--attribute-definitions", "AttributeName=id,AttributeType=S", "AttributeName=n,AttributeType=N",
        "--key-schema", "AttributeName=id,KeyType=HASH", "AttributeName=n,KeyType=RANGE",
        "--stream-specification", "StreamEnabled=true,StreamViewType=NEW_IMAGE", "--tags", "Key=team,Value=one")
    requests = {table: [{"PutRequest": {"Item": {"id": {"S": "a"}, "n": {"N": str(i)}}}} for i in range(10)]}
    assert aws("dynamodb", "batch-write-item", "--request-items", json.dumps(requests)) == {"UnprocessedItems": {}}
    page = aws("dynamodb", "query", "--table-name", table, "--key-condition-expression", "id = :a AND n > :n",
               "--expression-attribute-values", '{":a": {"S": "a"}, ":n": {"N": "3"}}', "--page-size", "2",
               "--no-scan-index-forward", "--return-consumed-capacity", "TOTAL")
    assert [i["n"]["N"] for i in page["Items"]] == list("987654")
    found = aws("dynamodb", "execute-statement", "--statement",
                f"SELECT n FROM \"{table}\" WHERE id = 'a' AND n IN [1, 2]")
    assert [i["n"]["N"] for i in found["Items"]] == ["1", "2"]
    updated = aws("dynamodb", "update-item", "--table-name", table, "--key", '{"id": {"S": "a"}, "n": {"N": "1"}}',
                  "--update-expression", "ADD hits :one", "--expression-attribute-values", '{":one": {"N": "1"}}',
                  "--return-values", "ALL_NEW")
    assert updated["Attributes"]["hits"] == {"N": "1"}
    described = aws("dynamodb", "describe-table", "--table-name", table)["Table"]
    assert described["ItemCount"] == 10
    stream = described["LatestStreamArn"]
    shard = aws("dynamodbstreams", "describe-stream", "--stream-arn", stream)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = aws("dynamodbstreams", "get-shard-iterator", "--stream-arn", stream, "--shard-id", shard,
                   "--shard-iterator-type", "TRIM_HORIZON")["ShardIterator"]
    assert len(aws("dynamodbstreams", "get-records", "--shard-iterator", iterator)["Records"]) == 11
    tags = aws("dynamodb", "list-tags-of-resource", "--resource-arn", described["TableArn"])
    assert tags["Tags"] == [{"Key": "team", "Value": "one"}]
    refused = aws("dynamodb", "transact-write-items", "--transact-items", json.dumps([{"ConditionCheck": {
        "TableName": table, "Key": {"id": {"S": "a"}, "n": {"N": "77"}},
        "ConditionExpression": "attribute_exists(id)"}}]), fails=True)
    assert "(TransactionCanceledException)" in refused and "[ConditionalCheckFailed]" in refused
    aws("dynamodb", "delete-table", "--table-name", table)
    aws("dynamodb", "wait", "table-not-exists", "--table-name", table)


def test_events_reach_a_queue(aws, server, unique):
    bus, queue = unique("bus"), unique("queue")
    aws("events", "create-event-bus", "--name", bus)
    url = aws("sqs", "create-queue", "--queue-name", queue)["QueueUrl"]
    arn = aws("sqs", "get-queue-attributes", "--queue-url", url,
              "--attribute-names", "QueueArn")["Attributes"]["QueueArn"]
    aws("events", "put-rule", "--name", "all", "--event-bus-name", bus,
        "--event-pattern", '{"source": ["shop"]}')
    aws("events", "put-targets", "--rule", "all", "--event-bus-name", bus,
        "--targets", f"Id=q,Arn={arn}")
    aws("events", "put-events", "--entries", json.dumps([{
        "EventBusName": bus, "Source": "shop", "DetailType": "Sold", "Detail": '{"n": 1}'}]))
    server.await_idle()
    message = aws("sqs", "receive-message", "--queue-url", url)["Messages"][0]
    assert json.loads(message["Body"])["detail"] == {"n": 1}


def test_state_machines(aws, unique):
    definition = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 7, "End": True}}}
    arn = aws("stepfunctions", "create-state-machine", "--name", unique("machine"),
              "--definition", json.dumps(definition), "--type", "STANDARD",
              "--role-arn", "arn:aws:iam::000000000000:role/r")["stateMachineArn"]
    execution = aws("stepfunctions", "start-execution", "--state-machine-arn", arn)
    described = aws("stepfunctions", "describe-execution", "--execution-arn",
                    execution["executionArn"])
    assert described["status"] in ("RUNNING", "SUCCEEDED")


def test_s3(aws, unique, tmp_path):
    bucket, file = unique("bucket"), tmp_path / "file.txt"
    file.write_text("hello")
    aws("s3api", "create-bucket", "--bucket", bucket)
    aws("s3api", "put-object", "--bucket", bucket, "--key", "a b/c.txt", "--body", str(file))
    listed = aws("s3api", "list-objects-v2", "--bucket", bucket)
    assert [o["Key"] for o in listed["Contents"]] == ["a b/c.txt"]
    copy = tmp_path / "copy.txt"
    aws("s3api", "get-object", "--bucket", bucket, "--key", "a b/c.txt", str(copy))
    assert copy.read_text() == "hello"


def test_secrets_parameters_and_identity(aws, unique):
    name = unique("secret")
    aws("secretsmanager", "create-secret", "--name", name, "--secret-string", "s3cret")
    assert aws("secretsmanager", "get-secret-value", "--secret-id", name)["SecretString"] == \
        "s3cret"
    assert aws("sts", "get-caller-identity")["Account"] == "000000000000"


def test_logs(aws, unique):
    group = "/" + unique("group")
    aws("logs", "create-log-group", "--log-group-name", group)
    groups = aws("logs", "describe-log-groups", "--log-group-name-prefix", group)["logGroups"]
    assert [g["logGroupName"] for g in groups] == [group]


def test_functions(aws, unique, tmp_path):
    code = tmp_path / "app.py"
    code.write_text("def handler(event, context):\n    return {'got': event}\n")
    import zipfile
    archive = tmp_path / "code.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(code, "app.py")
    name, out = unique("function"), tmp_path / "out.json"
    aws("lambda", "create-function", "--function-name", name, "--runtime", "python3.11",
        "--handler", "app.handler", "--role", "arn:aws:iam::000000000000:role/r",
        "--zip-file", f"fileb://{archive}")
    aws("lambda", "invoke", "--function-name", name, "--payload", '{"a": 1}',
        "--cli-binary-format", "raw-in-base64-out", str(out))
    assert json.loads(out.read_text()) == {"got": {"a": 1}}


def test_an_unknown_resource_is_aws_error(aws):
    refused = aws("dynamodb", "describe-table", "--table-name", "nowhere", fails=True)
    assert "(ResourceNotFoundException)" in refused
    refused = aws("sqs", "get-queue-url", "--queue-name", "nowhere", fails=True)
    assert "NonExistentQueue" in refused
