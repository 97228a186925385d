"""CloudWatch as boto3 sees it."""
import datetime
import json

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def watch(server):
    return server.client("cloudwatch")


def last_hour():
    now = datetime.datetime.now(datetime.timezone.utc)
    return {"StartTime": now - datetime.timedelta(hours=1),
            "EndTime": now + datetime.timedelta(hours=1)}


def test_metrics_are_aggregated(watch, unique):
    space = unique("App")
    dimensions = [{"Name": "stage", "Value": "dev"}]
    watch.put_metric_data(Namespace=space, MetricData=[
        {"MetricName": "latency", "Dimensions": dimensions, "Value": 1.5, "Unit": "Seconds"},
        {"MetricName": "latency", "Dimensions": dimensions, "Values": [2, 4], "Counts": [1, 2]}])
    got = watch.get_metric_statistics(
        Namespace=space, MetricName="latency", Dimensions=dimensions, Period=86400,
        Statistics=["Sum", "SampleCount", "Maximum"], ExtendedStatistics=["p50"], **last_hour())
    total = sum(p["Sum"] for p in got["Datapoints"])
    assert total == 11.5 and sum(p["SampleCount"] for p in got["Datapoints"]) == 4
    data = watch.get_metric_data(MetricDataQueries=[{"Id": "a", "MetricStat": {
        "Metric": {"Namespace": space, "MetricName": "latency", "Dimensions": dimensions},
        "Period": 86400, "Stat": "Maximum"}}], **last_hour())["MetricDataResults"][0]
    assert data["Values"] == [4.0] and data["Label"] == "latency"
    listed = watch.list_metrics(Namespace=space)["Metrics"]
    assert listed == [{"Namespace": space, "MetricName": "latency", "Dimensions": dimensions}]


def test_alarms_change_state_and_act(server, watch, unique):
    sqs, sns = server.client("sqs"), server.client("sns")
    queue = sqs.create_queue(QueueName=unique("q"))["QueueUrl"]
    topic = sns.create_topic(Name=unique("t"))["TopicArn"]
    arn = sqs.get_queue_attributes(
        QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn,
                  Attributes={"RawMessageDelivery": "true"})
    name, space = unique("alarm"), unique("App")
    watch.put_metric_alarm(AlarmName=name, Namespace=space, MetricName="errors", Statistic="Sum",
                           Period=3600, EvaluationPeriods=1, Threshold=2, AlarmActions=[topic],
                           ComparisonOperator="GreaterThanThreshold")
    alarm = watch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    assert alarm["StateValue"] == "INSUFFICIENT_DATA"
    watch.put_metric_data(Namespace=space, MetricData=[{"MetricName": "errors", "Value": 3}])
    alarm = watch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    assert alarm["StateValue"] == "ALARM"
    message = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]
    assert json.loads(message["Body"])["NewStateValue"] == "ALARM"
    watch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="by hand")
    watch.delete_alarms(AlarmNames=[name])
    assert watch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []


def test_dashboards(watch, unique):
    name = unique("board")
    watch.put_dashboard(DashboardName=name, DashboardBody='{"widgets":[]}')
    assert watch.get_dashboard(DashboardName=name)["DashboardBody"] == '{"widgets":[]}'
    watch.delete_dashboards(DashboardNames=[name])
    with pytest.raises(ClientError):
        watch.get_dashboard(DashboardName=name)
