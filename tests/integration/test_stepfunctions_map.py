"""Distributed Map: where its items come from, its child executions, and where its results go."""
import gzip
import json

import pytest
from conftest import wait_until

ROLE = "arn:aws:iam::000000000000:role/states"
PASS = {"P": {"Type": "Pass", "End": True}}


@pytest.fixture
def bucket(server, unique):
    name = unique("map")
    server.client("s3").create_bucket(Bucket=name)
    return name


def put(server, bucket, key, body):
    server.client("s3").put_object(Bucket=bucket, Key=key, Body=body)


def get_json(server, bucket, key):
    return json.loads(server.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def start(server, name, state, data=None, children=None, kind="STANDARD", language=None):
    """Starts a machine of one distributed Map with these fields."""
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind},
                 "StartAt": next(iter(children or PASS)), "States": children or PASS}
    definition = {"StartAt": "M", "States": {
        "M": {"Type": "Map", "ItemProcessor": processor, "End": True, **state}}}
    if language:
        definition["QueryLanguage"] = language
    sfn = server.client("stepfunctions")
    arn = sfn.create_state_machine(name=name, definition=json.dumps(definition),
                                   roleArn=ROLE)["stateMachineArn"]
    return sfn.start_execution(stateMachineArn=arn, input=json.dumps(data or {}))["executionArn"]


def ended(server, execution):
    sfn = server.client("stepfunctions")
    return wait_until(lambda: (lambda d: d if d["status"] != "RUNNING" else None)(
        sfn.describe_execution(executionArn=execution)), what="the end of " + execution)


def items(server, *args, **more):
    answer = ended(server, start(server, *args, **more))
    assert answer["status"] == "SUCCEEDED", answer
    return json.loads(answer["output"])


def reader(bucket, key, **config):
    return {"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config,
                           "Parameters": {"Bucket": bucket, "Key": key}}}


def run_of(server, execution):
    sfn = server.client("stepfunctions")
    run = sfn.list_map_runs(executionArn=execution)["mapRuns"][0]
    return sfn.describe_map_run(mapRunArn=run["mapRunArn"])


def test_files_of_all_kinds(server, unique, bucket):
    put(server, bucket, "rows.csv", 'a;b\n1;"x;y"\n2\n3;z;more\n')
    assert items(server, unique(), reader(
        bucket, "rows.csv", InputType="CSV", CSVHeaderLocation="FIRST_ROW",
        CSVDelimiter="SEMICOLON")) == [
            {"a": "1", "b": "x;y"}, {"a": "2", "b": ""}, {"a": "3", "b": "z"}]
    put(server, bucket, "lines.jsonl", '{"n": 1}\n{"n": 2}\n')
    assert items(server, unique(), reader(bucket, "lines.jsonl", InputType="JSONL")) == [
        {"n": 1}, {"n": 2}]
    put(server, bucket, "list.json", '{"deep": {"list": [1, 2, 3]}}')
    assert items(server, unique(), reader(bucket, "list.json", InputType="JSON",
                                          ItemsPointer="/deep/list", MaxItems=2)) == [1, 2]


def test_a_listing_is_read_to_its_end(server, unique, bucket):
    for i in range(5):
        put(server, bucket, f"in/{i}", "x" * i)
    put(server, bucket, "out/5", "")
    listed = items(server, unique(), {"ItemReader": {
        "Resource": "arn:aws:states:::s3:listObjectsV2",
        "Parameters": {"Bucket": bucket, "Prefix": "in/", "MaxKeys": 2}}})
    assert [(item["Key"], item["Size"]) for item in listed] == [(f"in/{i}", i) for i in range(5)]
    assert set(listed[0]) == {"Etag", "Key", "LastModified", "Size", "StorageClass"}
    assert isinstance(listed[0]["LastModified"], int)


def listing(bucket, prefix, **config):
    return {"ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "ReaderConfig": config,
                           "Parameters": {"Bucket": bucket, "Prefix": prefix}}}


@pytest.mark.parametrize("kind, bodies, expected", [
    ("JSON", ["[1, 2]", "[3, 4]"], [1, 2, 3]), ("JSONL", ["1\n", "2\n3\n4"], [1, 2, 3]),
    ("CSV", ["a\n1\n", "a\n2\n"], [{"a": "1"}, {"a": "2"}])])
def test_listed_objects_are_loaded_and_flattened(server, unique, bucket, kind, bodies, expected):
    put(server, bucket, "in/", "")
    for number, body in enumerate(bodies):
        put(server, bucket, f"in/{number}", body)
    config = {"InputType": kind, "Transformation": "LOAD_AND_FLATTEN", "MaxItems": 3}
    if kind == "CSV":
        config["CSVHeaderLocation"] = "FIRST_ROW"
    assert items(server, unique(), listing(bucket, "in/", **config)) == expected


def test_an_object_that_cannot_be_loaded_fails_the_run(server, unique, bucket):
    put(server, bucket, "in/1", "[1]")
    put(server, bucket, "in/2", "{")
    answer = ended(server, start(server, unique(), listing(
        bucket, "in/", InputType="JSON", Transformation="LOAD_AND_FLATTEN")))
    assert answer["error"] == "States.ItemReaderFailed"


def test_items_know_where_they_come_from(server, unique, bucket):
    put(server, bucket, "in/1", "[1, 2]")
    put(server, bucket, "in/2", "[3]")
    source = {"ItemSelector": {"s.$": "$$.Map.Item.Source"}}
    first, second = ({"s": f"S3://{bucket}/in/{n}"} for n in (1, 2))
    assert items(server, unique(), {**source, **listing(
        bucket, "in/", InputType="JSON", Transformation="LOAD_AND_FLATTEN")}) == [
            first, first, second]
    assert items(server, unique(), {**source, **listing(bucket, "in/2")}) == [{"s": f"S3://{bucket}"}]
    assert items(server, unique(), {**source, **reader(bucket, "in/2", InputType="JSON")}) == [second]
    assert items(server, unique(), {**source, "ItemsPath": "$.l"}, {"l": [1]}) == [
        {"s": "STATE_DATA"}]


def test_an_object_is_mapped_over_as_its_entries(server, unique, bucket):
    data = {"o": {"a": 1, "b": [2]}}
    entries = [{"Key": "a", "Value": 1}, {"Key": "b", "Value": [2]}]
    assert items(server, unique(), {"ItemsPath": "$.o"}, data) == entries
    assert items(server, unique(), {"Items": "{% $states.input.o %}"}, data,
                 language="JSONata") == entries
    put(server, bucket, "o.json", json.dumps(data["o"]))
    assert items(server, unique(), {**reader(bucket, "o.json", InputType="JSON"), "ItemSelector": {
        "k.$": "$$.Map.Item.Key", "v.$": "$$.Map.Item.Value"}}) == [
            {"k": "a", "v": 1}, {"k": "b", "v": [2]}]


def test_the_manifest_of_an_inventory(server, unique, bucket):
    rows = f'"{bucket}","a.txt","3"\n"{bucket}","b.txt","4"\n'
    put(server, bucket, "data/1.csv.gz", gzip.compress(rows.encode()))
    put(server, bucket, "manifest.json", json.dumps({
        "destinationBucket": "arn:aws:s3:::" + bucket, "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size", "files": [{"key": "data/1.csv.gz", "size": 9}]}))
    assert items(server, unique(), reader(bucket, "manifest.json", InputType="MANIFEST")) == [
        {"Bucket": bucket, "Key": "a.txt", "Size": "3"},
        {"Bucket": bucket, "Key": "b.txt", "Size": "4"}]


def test_files_that_are_not_there_or_hold_no_items(server, unique, bucket):
    answer = ended(server, start(server, unique(), reader(bucket, "nope", InputType="JSON")))
    assert answer["error"] == "S3.NoSuchKeyException"
    put(server, bucket, "text.json", '"no list"')
    execution = start(server, unique(), reader(bucket, "text.json", InputType="JSON"))
    answer = ended(server, execution)
    assert (answer["error"], answer["cause"]) == (
        "States.ItemReaderFailed", "Attempting to map over non-iterable node.")
    history = server.client("stepfunctions").get_execution_history(executionArn=execution)
    assert [event["type"] for event in history["events"]][-3:] == [
        "MapRunFailed", "MapStateFailed", "ExecutionFailed"]


FAILS_ON_2 = {
    "C": {"Type": "Choice", "Default": "P", "Choices": [
        {"Variable": "$", "NumericEquals": 2, "Next": "F"}]},
    "F": {"Type": "Fail", "Error": "Two", "Cause": "is one too many"},
    "P": {"Type": "Pass", "End": True}}


def writer(bucket, **config):
    result = {"Resource": "arn:aws:states:::s3:putObject",
              "Parameters": {"Bucket": bucket, "Prefix": "out"}}
    return {"ResultWriter": {**result, **({"WriterConfig": config} if config else {})}}


def test_results_are_written_out(server, unique, bucket):
    execution = start(server, unique(), {
        "ItemsPath": "$.list", "ToleratedFailureCount": 1, "Label": "work", **writer(bucket)},
        {"list": [1, 2, 3]}, FAILS_ON_2)
    answer = ended(server, execution)
    assert answer["status"] == "SUCCEEDED", answer
    output = json.loads(answer["output"])
    run = run_of(server, execution)
    assert output["MapRunArn"] == run["mapRunArn"] and "/work:" in run["mapRunArn"]
    place = output["ResultWriterDetails"]
    assert place["Key"] == "out/" + run["mapRunArn"].split(":")[-1] + "/manifest.json"
    manifest = get_json(server, bucket, place["Key"])
    assert manifest["DestinationBucket"] == bucket and manifest["MapRunArn"] == run["mapRunArn"]
    assert manifest["ResultFiles"]["PENDING"] == []
    good = get_json(server, bucket, manifest["ResultFiles"]["SUCCEEDED"][0]["Key"])
    assert sorted(entry["Output"] for entry in good) == ["1", "3"]
    assert good[0]["StateMachineArn"].endswith("/work") and good[0]["Status"] == "SUCCEEDED"
    bad = get_json(server, bucket, manifest["ResultFiles"]["FAILED"][0]["Key"])
    assert [(e["Input"], e["Error"], e["Cause"]) for e in bad] == [("2", "Two", "is one too many")]
    assert run["itemCounts"]["succeeded"] == 2 and run["itemCounts"]["failed"] == 1
    assert run["toleratedFailureCount"] == 1


def test_a_run_that_fails_writes_what_it_has(server, unique, bucket):
    execution = start(server, unique(), {
        "ItemsPath": "$.list", "MaxConcurrency": 1, **writer(bucket)},
        {"list": [1, 2, 3, 4]}, FAILS_ON_2)
    answer = ended(server, execution)
    assert answer["error"] == "States.ExceedToleratedFailureThreshold"
    run = run_of(server, execution)
    assert run["status"] == "FAILED"
    key = "out/" + run["mapRunArn"].split(":")[-1] + "/manifest.json"
    files = get_json(server, bucket, key)["ResultFiles"]
    assert [len(get_json(server, bucket, files[name][0]["Key"]))
            for name in ("SUCCEEDED", "FAILED", "PENDING")] == [1, 1, 2]


def test_the_forms_of_results(server, unique, bucket):
    lists = {"P": {"Type": "Pass", "Result": [1, 2], "End": True}}
    execution = start(server, unique(), {"ItemsPath": "$.list", **writer(
        bucket, Transformation="FLATTEN", OutputType="JSONL")}, {"list": [0, 0]}, lists)
    place = json.loads(ended(server, execution)["output"])["ResultWriterDetails"]
    manifest = get_json(server, bucket, place["Key"])
    text = server.client("s3").get_object(
        Bucket=bucket, Key=manifest["ResultFiles"]["SUCCEEDED"][0]["Key"])["Body"].read()
    assert text == b"1\n2\n1\n2\n"
    # Without a place to write to, the form is that of the state's output.
    assert items(server, unique(), {"ItemsPath": "$.list", "ResultWriter": {
        "WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSON"}}},
        {"list": [0, 0]}, lists) == [1, 2, 1, 2]


def test_a_result_that_cannot_be_written_fails_the_run(server, unique):
    execution = start(server, unique(), {"ItemsPath": "$.list", **writer("no-such-bucket-here")},
                      {"list": [1]})
    answer = ended(server, execution)
    assert answer["error"] == "States.ResultWriterFailed"
    assert run_of(server, execution)["status"] == "FAILED"


def test_batches(server, unique):
    batches = items(server, unique(), {
        "ItemsPath": "$.list", "ItemSelector": {"n.$": "$$.Map.Item.Value"},
        "ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"tag.$": "$.tag"}}},
        {"list": [1, 2, 3], "tag": "t"})
    assert batches == [{"BatchInput": {"tag": "t"}, "Items": [{"n": 1}, {"n": 2}]},
                       {"BatchInput": {"tag": "t"}, "Items": [{"n": 3}]}]


def test_a_run_takes_new_limits_while_it_goes(server, unique):
    sfn = server.client("stepfunctions")
    activity = sfn.create_activity(name=unique("work"))["activityArn"]
    execution = start(server, unique(), {"ItemsPath": "$.list", "MaxConcurrency": 1},
                      {"list": [1, 2, 3]},
                      {"W": {"Type": "Task", "Resource": activity, "End": True}})
    run = wait_until(lambda: sfn.list_map_runs(executionArn=execution)["mapRuns"],
                     what="a map run")[0]["mapRunArn"]

    def running():
        return sfn.list_executions(mapRunArn=run, statusFilter="RUNNING")["executions"]

    assert len(running()) == 1
    assert running()[0]["stateMachineArn"].split(":")[-1].count("/") == 1
    sfn.update_map_run(mapRunArn=run, maxConcurrency=3, toleratedFailurePercentage=50)
    assert len(running()) == 3
    tokens = [sfn.get_activity_task(activityArn=activity)["taskToken"] for _ in range(3)]
    sfn.send_task_failure(taskToken=tokens[0], error="No")
    for token in tokens[1:]:
        sfn.send_task_success(taskToken=token, output='"done"')
    answer = ended(server, execution)
    assert json.loads(answer["output"]) == ["done", "done"]
    described = sfn.describe_map_run(mapRunArn=run)
    assert (described["maxConcurrency"], described["toleratedFailurePercentage"]) == (3, 50)
    with pytest.raises(sfn.exceptions.ResourceNotFound):
        sfn.update_map_run(mapRunArn=run + "x", maxConcurrency=1)


def test_children_may_be_express(server, unique):
    assert items(server, unique(), {"Items": "{% [1, 2] %}",
                                    "ItemSelector": {"twice": "{% $states.context.Map.Item.Value * 2 %}"}},
                 language="JSONata", kind="EXPRESS") == [{"twice": 2}, {"twice": 4}]
