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


def test_reset_empties_one_account_or_all(fresh_server):
    server = fresh_server()
    for account in ("111111111111", "222222222222"):
        url = server.client("sqs", account=account).create_queue(QueueName="q")["QueueUrl"]
        server.client("sqs", account=account).send_message(QueueUrl=url, MessageBody="m")
        server.client("dynamodb", account=account).create_table(
            TableName="table", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])

    def left(account):
        sqs = server.client("sqs", account=account)
        url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
        attributes = sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        tables = server.client("dynamodb", account=account).list_tables()["TableNames"]
        return int(attributes["ApproximateNumberOfMessages"]), len(tables)

    status, _ = server.admin("POST", "/reset", {"account": "111111111111"})
    assert status == 200
    assert left("111111111111") == (0, 0)
    assert left("222222222222") == (1, 1)
    server.admin("POST", "/reset", {})
    assert left("222222222222") == (0, 0)


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


def test_await_counts_messages(server, unique):
    sqs, name = server.client("sqs"), unique("queue")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    wish = {"until": {"queue": name, "count": 2}, "timeout": "100ms"}
    assert server.admin("POST", "/await", wish)[0] == 408
    for body in "ab":
        sqs.send_message(QueueUrl=url, MessageBody=body)
    assert server.admin("POST", "/await", wish)[0] == 200


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
