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


def refusal(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_namespaces_of_aws_are_not_for_others(watch):
    assert refusal(watch.put_metric_data, Namespace="AWS/Mine",
                   MetricData=[{"MetricName": "m", "Value": 1}]) == (
        "InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.")
    assert watch.list_metrics(Namespace="AWS/Mine")["Metrics"] == []


@pytest.mark.parametrize("change, code, message", [
    ({"Period": 45}, "ValidationError", "Period must be 10, 30 or a multiple of 60"),
    ({"Period": 0}, "ValidationError", "1 validation error detected"),
    ({"Period": None}, "MissingParameter", "The parameter Period is required."),
    ({"Namespace": None}, "MissingParameter", "The parameter Namespace is required."),
    ({"MetricName": None}, "MissingParameter", "The parameter MetricName is required."),
    ({"Statistic": None}, "MissingParameter", "The parameter Statistic or"),
    ({"ComparisonOperator": "MoreThan"}, "ValidationError",
     "1 validation error detected: Value 'MoreThan' at 'comparisonOperator' failed to satisfy "
     "constraint: Member must satisfy enum value set: ["),
    ({"Statistic": "Median"}, "ValidationError",
     "1 validation error detected: Value 'Median' at 'statistic' failed to satisfy constraint: "
     "Member must satisfy enum value set: ["),
    ({"ExtendedStatistic": "p99"}, "InvalidParameterCombination", "The parameters Statistic and"),
    ({"Statistic": None, "ExtendedStatistic": "90"}, "InvalidParameterValue",
     "The value 90 for parameter ExtendedStatistic is not supported."),
    ({"Statistic": None, "ExtendedStatistic": "p101"}, "InvalidParameterValue",
     "The value p101 for parameter ExtendedStatistic is not supported."),
    ({"TreatMissingData": "guess"}, "InvalidParameterValue",
     "The value guess for parameter TreatMissingData is not supported."),
])
def test_alarms_that_make_no_sense(watch, unique, change, code, message):
    name = unique("alarm")
    alarm = {"AlarmName": name, "Namespace": "App", "MetricName": "m", "Statistic": "Sum",
             "Period": 60, "EvaluationPeriods": 1, "Threshold": 1,
             "ComparisonOperator": "GreaterThanThreshold"}
    alarm = {key: value for key, value in {**alarm, **change}.items() if value is not None}
    got = refusal(watch.put_metric_alarm, **alarm)
    assert got[0] == code and got[1].startswith(message), got
    assert watch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []


def test_alarms_on_percentiles(watch, unique):
    for statistic in ("p99.9", "p100", "tm90", "TM(10%:90%)", "IQM"):
        watch.put_metric_alarm(
            AlarmName=unique("alarm"), Namespace="App", MetricName="m", Period=10, Threshold=1,
            ExtendedStatistic=statistic, EvaluationPeriods=1,
            ComparisonOperator="LessThanThreshold", TreatMissingData="notBreaching")
