"""What holds for the whole house: accounts and regions apart, reset, the journal."""
import json


def test_accounts_and_regions_never_meet(server, unique):
    name = unique("queue")
    server.client("sqs", account="111111111111").create_queue(QueueName=name)
    server.client("sqs", account="222222222222", region="eu-west-1").create_queue(QueueName=name)

    def names(**scope):
        urls = server.client("sqs", **scope).list_queues(QueueNamePrefix=name).get("QueueUrls", [])
        return [url.split("/")[-2:] for url in urls]

    assert names(account="111111111111") == [["111111111111", name]]
    assert names(account="222222222222") == []
    assert names(account="222222222222", region="eu-west-1") == [["222222222222", name]]
    identity = server.client("sts", account="333333333333").get_caller_identity()
    assert identity["Account"] == "333333333333"


class House:
    """Something of each service in one account, each holding something."""

    def __init__(self, server, account):
        self.client = lambda name: server.client(name, account=account)
        role = f"arn:aws:iam::{account}:role/r"
        self.account = account
        self.pool = self.client("cognito-idp").create_user_pool(PoolName="pool")["UserPool"]["Id"]
        self.client("sqs").create_queue(QueueName="queue")
        self.client("dynamodb").create_table(
            TableName="table", BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"},
                                  {"AttributeName": "kind", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            GlobalSecondaryIndexes=[{
                "IndexName": "kinds", "Projection": {"ProjectionType": "ALL"},
                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}]}])
        self.bucket = f"bucket-{account}"
        self.client("s3").create_bucket(Bucket=self.bucket)
        self.client("logs").create_log_group(logGroupName="group")
        self.topic = self.client("sns").create_topic(Name="topic")["TopicArn"]
        self.client("secretsmanager").create_secret(Name="secret", SecretString="s")
        self.client("ssm").put_parameter(Name="parameter", Type="String", Value="v")
        self.client("kms").create_alias(
            AliasName="alias/key",
            TargetKeyId=self.client("kms").create_key()["KeyMetadata"]["KeyId"])
        self.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")
        self.client("cloudwatch").put_metric_alarm(
            AlarmName="alarm", EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold",
            Namespace="space", MetricName="metric", Statistic="Sum", Period=60, Threshold=1)
        self.client("events").put_rule(Name="rule", EventPattern='{"source": ["s"]}')
        self.machine = self.client("stepfunctions").create_state_machine(
            name="machine", roleArn=role, definition=json.dumps(
                {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}))["stateMachineArn"]
        self.client("apigateway").create_rest_api(name="api")

    def fill(self):
        url = self.client("sqs").get_queue_url(QueueName="queue")["QueueUrl"]
        self.client("sqs").send_message(QueueUrl=url, MessageBody="m")
        self.client("dynamodb").put_item(
            TableName="table", Item={"id": {"S": "1"}, "kind": {"S": "k"}})
        self.client("s3").put_object(Bucket=self.bucket, Key="key", Body=b"object")
        self.client("logs").create_log_stream(logGroupName="group", logStreamName="stream")
        self.client("cognito-idp").admin_create_user(UserPoolId=self.pool, Username="ada")
        self.client("cloudwatch").put_metric_data(
            Namespace="space", MetricData=[{"MetricName": "metric", "Value": 1}])
        self.client("stepfunctions").start_execution(stateMachineArn=self.machine)
        return self

    def resources(self):
        """How many resources there are, by kind."""
        count = lambda name, call, member, **more: len(
            getattr(self.client(name), call)(**more).get(member, []))
        return {
            "queues": count("sqs", "list_queues", "QueueUrls"),
            "tables": count("dynamodb", "list_tables", "TableNames"),
            "buckets": count("s3", "list_buckets", "Buckets"),
            "pools": count("cognito-idp", "list_user_pools", "UserPools", MaxResults=10),
            "groups": count("logs", "describe_log_groups", "logGroups"),
            "topics": count("sns", "list_topics", "Topics"),
            "secrets": count("secretsmanager", "list_secrets", "SecretList"),
            "parameters": count("ssm", "describe_parameters", "Parameters"),
            "aliases": count("kms", "list_aliases", "Aliases"),
            "roles": count("iam", "list_roles", "Roles"),
            "alarms": count("cloudwatch", "describe_alarms", "MetricAlarms"),
            "rules": count("events", "list_rules", "Rules"),
            "machines": count("stepfunctions", "list_state_machines", "stateMachines"),
            "apis": count("apigateway", "get_rest_apis", "items"),
        }

    def data(self):
        """How much the resources hold, by kind."""
        url = self.client("sqs").get_queue_url(QueueName="queue")["QueueUrl"]
        messages = self.client("sqs").get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        table = self.client("dynamodb")
        streams = self.client("dynamodbstreams")
        stream = streams.list_streams(TableName="table")["Streams"][0]["StreamArn"]
        shard = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]
        start = streams.get_shard_iterator(
            StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
        return {
            "messages": int(messages["ApproximateNumberOfMessages"]),
            "items": table.scan(TableName="table")["Count"],
            "indexed": table.scan(TableName="table", IndexName="kinds")["Count"],
            "records": len(streams.get_records(ShardIterator=start["ShardIterator"])["Records"]),
            "objects": self.client("s3").list_objects_v2(Bucket=self.bucket)["KeyCount"],
            "streams": len(self.client("logs").describe_log_streams(
                logGroupName="group")["logStreams"]),
            "users": len(self.client("cognito-idp").list_users(UserPoolId=self.pool)["Users"]),
            "metrics": len(self.client("cloudwatch").list_metrics(
                Namespace="space")["Metrics"]),
            "executions": len(self.client("stepfunctions").list_executions(
                stateMachineArn=self.machine)["executions"]),
        }


def test_reset_empties_data_or_everything_of_one_account_or_all(fresh_server):
    server = fresh_server()
    one = House(server, "111111111111").fill()
    other = House(server, "222222222222").fill()
    abroad = server.client("sqs", account="111111111111", region="eu-west-1")
    abroad.create_queue(QueueName="abroad")
    full, held = one.resources(), one.data()
    assert set(full.values()) == {1} and set(held.values()) == {1}, (full, held)

    status, answer = server.admin("POST", "/reset", {"data": True, "account": "111111111111"})
    assert (status, answer) == (200, {"reset": "data", "account": "111111111111"})
    assert one.resources() == full
    assert set(one.data().values()) == {0}, one.data()
    assert other.data() == held
    one.fill()
    assert one.data() == held

    server.admin("POST", "/reset", {"account": "111111111111", "region": "us-east-1"})
    assert set(one.resources().values()) == {0}, one.resources()
    assert len(abroad.list_queues()["QueueUrls"]) == 1
    assert other.resources() == full and other.data() == held
    server.admin("POST", "/reset", {"account": "111111111111"})
    assert "QueueUrls" not in abroad.list_queues()

    server.admin("POST", "/reset", {"data": True})
    assert other.resources() == full
    assert set(other.data().values()) == {0}
    server.admin("POST", "/reset", {})
    assert set(other.resources().values()) == {0}, other.resources()
    assert server.admin("POST", "/reset", {"data": "yes"})[0] == 400
    assert server.admin("POST", "/reset", {"region": "us-east-1"})[0] == 400


def test_the_journal_follows_a_correlation_id(server, unique):
    sqs, events = server.client("sqs"), server.client("events")
    url = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    source, correlation = unique("shop"), unique("correlation")
    events.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule=source, Targets=[{"Id": "q", "Arn": arn["QueueArn"]}])
    events.put_events(Entries=[{"Source": source, "DetailType": "Sold",
                                "Detail": json.dumps({"correlationId": correlation})}])
    status, answer = server.admin("POST", "/await", {"until": {"correlationId": correlation}})
    assert status == 200, answer
    _, journal = server.admin("GET", f"/journal?correlationId={correlation}")
    text = json.dumps(journal["activities"])
    assert "events:PutEvents" in text and "sqs:SendMessage" in text


def test_await_says_what_still_runs_and_why(fresh_server):
    server = fresh_server()
    states = server.client("stepfunctions")
    arn = states.create_state_machine(
        name="waits", roleArn="arn:aws:iam::000000000000:role/r",
        definition=json.dumps({"StartAt": "W", "States": {
            "W": {"Type": "Wait", "Seconds": 3600, "End": True}}}))["stateMachineArn"]
    states.start_execution(stateMachineArn=arn, input='{"correlationId": "c-1"}')
    for until in ("idle", {"correlationId": "c-1"}):
        status, answer = server.admin("POST", "/await", {"until": until, "timeout": "50ms"})
        assert (status, answer["holds"]) == (408, False)
        assert "still running" in answer["message"] and "nextTimer" in answer
        execution = next(a for a in answer["open"] if a["kind"] == "execution")
        assert ":execution:waits:" in execution["name"]
        assert execution["because"][0] == "states:StartExecution"
    status, answer = server.admin("POST", "/await", {
        "until": {"correlationId": "c-1"}, "timeout": "20s", "advance": True})
    assert status == 200 and answer["advancedSeconds"] > 3500


def test_the_clock_waits_for_functions_before_it_runs_on(fresh_server):
    """A function at work may ask for a timer: the next one is known only when it has ended."""
    server = fresh_server()
    from test_lambda import zipped
    server.client("lambda").create_function(
        FunctionName="slow", Runtime="python3.12", Handler="app.handle",
        Role="arn:aws:iam::000000000000:role/r", Code={"ZipFile": zipped(
            app_py="import time\ndef handle(e, c):\n    time.sleep(0.3)\n    return 1\n")})
    states = server.client("stepfunctions")
    arn = states.create_state_machine(
        name="machine", roleArn="arn:aws:iam::000000000000:role/r",
        definition=json.dumps({"StartAt": "F", "States": {
            "F": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
                  "Parameters": {"FunctionName": "slow"}, "Next": "W"},
            "W": {"Type": "Wait", "Seconds": 600, "End": True}}}))["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=arn)["executionArn"]
    server.admin("PUT", "/clock", {"runToNext": True})
    status, answer = server.admin("POST", "/await", {
        "until": {"execution": execution, "status": "SUCCEEDED"}, "timeout": "5s"})
    assert status == 200, answer


def test_await_counts_messages(server, unique):
    sqs, name = server.client("sqs"), unique("queue")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    wish = {"until": {"queue": name, "count": 2}, "timeout": "100ms"}
    assert server.admin("POST", "/await", wish)[0] == 408
    assert server.admin("POST", "/await", {"until": {"queue": url, "count": 0}})[0] == 200
    for body in "ab":
        sqs.send_message(QueueUrl=url, MessageBody=body)
    assert server.admin("POST", "/await", wish)[0] == 200
    empty = {"until": {"queue": url, "count": 0}, "timeout": "50ms"}
    assert server.admin("POST", "/await", empty)[0] == 408


def test_await_runs_the_clock_ahead(fresh_server, unique):
    server = fresh_server()
    states = server.client("stepfunctions")
    arn = states.create_state_machine(
        name=unique("waits"), roleArn="arn:aws:iam::000000000000:role/r",
        definition=json.dumps({"StartAt": "W", "States": {
            "W": {"Type": "Wait", "Seconds": 300, "End": True}}}))["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=arn)["executionArn"]
    status, answer = server.admin("POST", "/await", {
        "until": {"execution": execution, "status": "SUCCEEDED"}, "timeout": "20s",
        "advance": True})
    assert status == 200, answer
    assert 290 <= answer["advancedSeconds"] <= 310


def test_await_tells_when_the_status_cannot_come(fresh_server, unique):
    server = fresh_server()
    states = server.client("stepfunctions")
    arn = states.create_state_machine(
        name=unique("fails"), roleArn="arn:aws:iam::000000000000:role/r",
        definition=json.dumps({"StartAt": "F", "States": {
            "F": {"Type": "Fail", "Error": "No"}}}))["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=arn)["executionArn"]
    status, answer = server.admin("POST", "/await", {
        "until": {"execution": execution, "status": "SUCCEEDED"}, "timeout": "20s"})
    assert status == 409 and "FAILED" in answer["message"]


def test_await_runs_ahead_to_delayed_and_hidden_messages(fresh_server):
    server = fresh_server()
    sqs = server.client("sqs")
    queue = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="late", DelaySeconds=300)
    arn = "arn:aws:sqs:us-east-1:000000000000:q"
    for name in ("q", queue, arn):
        status, answer = server.admin("POST", "/await", {"until": {"queue": name, "count": 1},
                                                         "timeout": "20ms"})
        assert status == 408 and "holds 0 of 1 messages" in answer["message"]
    status, answer = server.admin("POST", "/await", {
        "until": {"queue": arn, "count": 1}, "timeout": "10s", "advance": True})
    assert status == 200 and 290 < answer["advancedSeconds"] <= 300
    assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "late"
    status, answer = server.admin("POST", "/await", {
        "until": {"queue": "q", "count": 1}, "timeout": "10s", "advance": True})
    assert status == 200 and 590 < answer["advancedSeconds"] <= 600


def test_the_test_backend_takes_nothing_for_something_else(fresh_server):
    server = fresh_server()
    server.client("sqs").create_queue(QueueName="kept")
    for path, method, body in (
            ("/reset", "POST", {"acount": "000000000000"}), ("/reset", "POST", {"account": 5}),
            ("/reset", "POST", {"account": "mine"}), ("/reset", "POST", ["data"]),
            ("/reset", "POST", {"region": "eu-west-1"}),
            ("/await", "POST", {"untill": "idle"}), ("/await", "POST", {"timeout": -1}),
            ("/await", "POST", {"timeout": 1e99}), ("/await", "POST", {"advance": "yes"}),
            ("/await", "POST", {"until": {"queue": "kept", "cuont": 0}}),
            ("/clock", "PUT", {"advnace": "5m"}), ("/clock", "PUT", {"advance": "-5m"}),
            ("/clock", "PUT", {"advance": "inf"}), ("/clock", "PUT", {"set": 5})):
        status, answer = server.admin(method, path, body)
        assert (status, answer["error"]) == (400, "ValidationException"), (path, body, answer)
    assert len(server.client("sqs").list_queues()["QueueUrls"]) == 1
