"""The control plane: status transitions, throughput, recovery in time, settings that are stored."""
import base64
import concurrent.futures
import datetime
import gzip
import hashlib
import json
import re
import time

import pytest

from conftest import wait_until
from dynamodb_support import N, S, call, call_raises, gsi, make_table, raises, raw

P = {"AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
     "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}]}


@pytest.fixture(scope="module")
def db(server):
    return server.client("dynamodb")


def test_statuses_come_and_go(db, unique):
    name = unique("status")
    index = {**gsi("first", "p"), "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}
    created = db.create_table(TableName=name, GlobalSecondaryIndexes=[index],
                              ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}, **P)["TableDescription"]
    assert created["TableStatus"] == created["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    describe = lambda: db.describe_table(TableName=name)["Table"]
    assert describe()["TableStatus"] == describe()["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE"
    db.put_item(TableName=name, Item={"p": S("a"), "x": S("b")})
    more = {"AttributeDefinitions": [{"AttributeName": "x", "AttributeType": "S"}]}
    added = db.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{"Create": {**index, **gsi("second", "x")}}], **more)
    added = added["TableDescription"]
    assert added["TableStatus"] == "UPDATING"
    assert {i["IndexName"]: i["IndexStatus"] for i in added["GlobalSecondaryIndexes"]} == {"first": "ACTIVE", "second": "CREATING"}
    assert {i["IndexName"]: (i["IndexStatus"], i["ItemCount"]) for i in describe()["GlobalSecondaryIndexes"]} == {
        "first": ("ACTIVE", 1), "second": ("ACTIVE", 1)}
    gone = db.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "second"}}])["TableDescription"]
    assert {i["IndexName"]: i["IndexStatus"] for i in gone["GlobalSecondaryIndexes"]} == {"first": "ACTIVE", "second": "DELETING"}
    assert [i["IndexName"] for i in describe()["GlobalSecondaryIndexes"]] == ["first"]
    assert [d["AttributeName"] for d in describe()["AttributeDefinitions"]] == ["p"]


def test_throughput_goes_up_and_down(db, unique):
    name = unique("units")
    units = lambda r, w: {"ReadCapacityUnits": r, "WriteCapacityUnits": w}
    db.create_table(TableName=name, ProvisionedThroughput=units(5, 5), **P)
    update = lambda **m: db.update_table(TableName=name, **m)["TableDescription"]
    with raises("ValidationException", "The provisioned throughput for the table will not change. The requested value equals "
                "the current value. Current ReadCapacityUnits provisioned for the table: 5. Requested ReadCapacityUnits: 5. "):
        update(ProvisionedThroughput=units(5, 5))
    assert update(ProvisionedThroughput=units(7, 5))["ProvisionedThroughput"]["LastIncreaseDateTime"]
    for decreases in [1, 2]:
        described = update(ProvisionedThroughput=units(7 - decreases, 5))["ProvisionedThroughput"]
        assert described["NumberOfDecreasesToday"] == decreases and described["LastDecreaseDateTime"]
    on_demand = update(BillingMode="PAY_PER_REQUEST")
    assert on_demand["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert on_demand["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    back = update(BillingMode="PROVISIONED", ProvisionedThroughput=units(3, 3))
    assert back["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert back["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"]


def test_throughput_of_indexes(db, unique):
    with raises("ValidationException", "ReadCapacityUnits and WriteCapacityUnits must both be specified for index: abc"):
        db.create_table(TableName=unique("no"), GlobalSecondaryIndexes=[gsi("abc", "p")],
                        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}, **P)
    index = {**gsi("abc", "p"), "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}
    with raises("ValidationException", "ProvisionedThroughput should not be specified for index: abc when BillingMode is PAY_PER_REQUEST"):
        db.create_table(TableName=unique("no"), GlobalSecondaryIndexes=[index], BillingMode="PAY_PER_REQUEST", **P)


def test_tables_made_and_dropped_at_once(db, unique):
    name = unique("race")
    def turn(number):
        try:
            if number % 2:
                db.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **P)
            else:
                db.delete_table(TableName=name)
            return "done"
        except db.exceptions.ClientError as error:
            return error.response["Error"]["Code"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        outcomes = set(pool.map(turn, range(60)))
    assert outcomes <= {"done", "ResourceInUseException", "ResourceNotFoundException"}


def test_tags_of_tables(server, db, unique):
    name = unique("tagged")
    with call_raises("ValidationException"):
        call(server, "CreateTable", {"TableName": name, "BillingMode": "PAY_PER_REQUEST", **P, "Tags": [{"Key": "a#", "Value": "b"}]})
    with raises("ResourceNotFoundException"):
        db.describe_table(TableName=name)
    arn = db.describe_table(TableName=make_table(db, name).name)["Table"]["TableArn"]
    def tag(number):
        db.tag_resource(ResourceArn=arn, Tags=[{"Key": f"k{number}", "Value": "v"}])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(tag, range(50)))
    assert len(db.list_tags_of_resource(ResourceArn=arn)["Tags"]) == 50
    with raises("ValidationException"):
        tag(51)
    status, _, body = raw(server, "UntagResource", {"ResourceArn": arn, "TagKeys": ["k1", "missing"]})
    assert (status, body) == (200, b"")
    tag(51)
    for wrong in [{"TagKeys": []}, {}]:
        with call_raises("ValidationException"):
            call(server, "UntagResource", {"ResourceArn": arn, **wrong})


def test_recovery_to_a_moment(fresh_server):
    server = fresh_server()
    server.admin("PUT", "/clock", {"set": "2030-01-01T00:00:00Z"})
    server.admin("PUT", "/clock", {"freeze": True})
    db = server.client("dynamodb")
    table = make_table(db, "source", "p:S c:N", definitions={"x": "S"}, GlobalSecondaryIndexes=[gsi("byx", "x")])
    db.update_time_to_live(TableName="source", TimeToLiveSpecification={"Enabled": True, "AttributeName": "exp"})
    table.put({"p": S("a"), "c": N(0), "x": S("before")})
    spec = {"PointInTimeRecoveryEnabled": True}
    described = db.update_continuous_backups(TableName="source", PointInTimeRecoverySpecification=spec)
    window = described["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    start = int(window["EarliestRestorableDateTime"].timestamp())
    pass_time = lambda seconds: server.admin("PUT", "/clock", {"advance": seconds})
    moments = []
    def moment():
        moments.append((start + 10 * len(moments), sorted((i["p"]["S"], i["c"]["N"], i.get("x", {}).get("S", "")) for i in table.scan()["Items"])))
        pass_time(10)
    moment()
    table.put({"p": S("a"), "c": N(1), "x": S("one"), "exp": N(start + 25)})
    table.update({"p": S("a"), "c": N(0)}, "SET x = :x", {":x": S("changed")})
    moment()
    db.transact_write_items(TransactItems=[
        {"Put": {"TableName": "source", "Item": {"p": S("b"), "c": N(2), "x": S("two")}}},
        {"Delete": {"TableName": "source", "Key": {"p": S("a"), "c": N(0)}}}])
    moment()
    wait_until(lambda: table.get({"p": S("a"), "c": N(1)}) is None, what="the expiry")
    table.put({"p": S("a"), "c": N(0), "x": S("again")})
    moment()
    table.delete({"p": S("b"), "c": N(2)})
    for number, (at, items) in enumerate(moments):
        name = f"restored-{number}"
        answer = db.restore_table_to_point_in_time(SourceTableName="source", TargetTableName=name, RestoreDateTime=at)
        summary = answer["TableDescription"]["RestoreSummary"]
        assert summary["RestoreInProgress"] is True and summary["SourceTableArn"].endswith("/source")
        for index in [{}, {"IndexName": "byx"}]:
            found = db.scan(TableName=name, **index)["Items"]
            assert sorted((i["p"]["S"], i["c"]["N"], i.get("x", {}).get("S", "")) for i in found) == items, number
        described = db.describe_table(TableName=name)["Table"]
        assert described["TableStatus"] == "ACTIVE" and described["RestoreSummary"]["RestoreInProgress"] is False
    for wrong in [start - 5, start + 1000]:
        with raises("InvalidRestoreTimeException"):
            db.restore_table_to_point_in_time(SourceTableName="source", TargetTableName="nope", RestoreDateTime=wrong)
    with raises("ValidationException"):
        db.restore_table_to_point_in_time(SourceTableName="source", TargetTableName="no-time")
    with raises("TableAlreadyExistsException"):
        db.restore_table_to_point_in_time(SourceTableName="source", TargetTableName="restored-0", UseLatestRestorableTime=True)
    db.restore_table_to_point_in_time(SourceTableName="source", TargetTableName="bare", UseLatestRestorableTime=True,
                                      GlobalSecondaryIndexOverride=[], BillingModeOverride="PROVISIONED",
                                      ProvisionedThroughputOverride={"ReadCapacityUnits": 2, "WriteCapacityUnits": 2})
    bare = db.describe_table(TableName="bare")["Table"]
    assert "GlobalSecondaryIndexes" not in bare and bare["ProvisionedThroughput"]["ReadCapacityUnits"] == 2
    assert len(bare["AttributeDefinitions"]) == 2 and db.scan(TableName="bare")["Count"] == 1
    pass_time(40 * 24 * 3600)
    with raises("InvalidRestoreTimeException"):
        db.restore_table_to_point_in_time(SourceTableName="source", TargetTableName="late", RestoreDateTime=start + 20)


def test_export_of_a_moment(server, db, unique):
    bucket = unique("moment")
    server.client("s3").create_bucket(Bucket=bucket)
    table = make_table(db, unique("exp"), "p:S")
    db.update_continuous_backups(TableName=table.name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    arn = db.describe_table(TableName=table.name)["Table"]["TableArn"]
    table.put({"p": S("a")})
    export = db.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket)["ExportDescription"]["ExportArn"]
    table.put({"p": S("later")})
    exported = lambda: db.describe_export(ExportArn=export)["ExportDescription"]
    wait_until(lambda: exported()["ExportStatus"] != "IN_PROGRESS", what="the export")
    assert (exported()["ExportStatus"], exported()["ItemCount"]) == ("COMPLETED", 1)
    assert [e["ExportArn"] for e in db.list_exports(TableArn=arn)["ExportSummaries"]] == [export]
    with raises("InvalidExportTimeException"):
        db.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket, ExportTime=time.time() - 10000)
    with raises("ExportNotFoundException"):
        db.describe_export(ExportArn=export + "x")


@pytest.fixture
def recoverable(server, db, unique):
    """A table that can be exported, and a bucket for that."""
    bucket = unique("exports")
    server.client("s3").create_bucket(Bucket=bucket)
    table = make_table(db, unique("exp"), "p:S")
    db.update_continuous_backups(TableName=table.name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    table.arn = db.describe_table(TableName=table.name)["Table"]["TableArn"]
    return table, bucket


def finished(ask, status):
    wait_until(lambda: ask()[status] != "IN_PROGRESS", what="the end of it")
    return ask()


def test_the_files_of_an_export(server, db, recoverable):
    table, bucket = recoverable
    table.put({"p": S("a"), "n": N(1)})
    arn = db.export_table_to_point_in_time(TableArn=table.arn, S3Bucket=bucket, S3Prefix="in/here")["ExportDescription"]["ExportArn"]
    done = finished(lambda: db.describe_export(ExportArn=arn)["ExportDescription"], "ExportStatus")
    assert (done["ExportStatus"], done["S3SseAlgorithm"], done["ExportFormat"]) == ("COMPLETED", "AES256", "DYNAMODB_JSON")
    folder = "in/here/AWSDynamoDB/" + arn.rsplit("/", 1)[1]
    assert done["ExportManifest"] == folder + "/manifest-summary.json"
    s3 = server.client("s3")
    read = lambda key: s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    keys = [o["Key"].removeprefix(folder + "/") for o in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    data = next(k for k in keys if k.startswith("data/"))
    assert sorted(keys) == sorted(["_started", data, "manifest-files.json", "manifest-files.md5",
                                   "manifest-summary.json", "manifest-summary.md5"])
    assert json.loads(gzip.decompress(read(f"{folder}/{data}"))) == {"Item": {"p": S("a"), "n": N(1)}}
    for name in ["files", "summary"]:
        digest = hashlib.md5(read(f"{folder}/manifest-{name}.json")).digest()
        assert base64.b64decode(read(f"{folder}/manifest-{name}.md5")) == digest
    file = json.loads(read(f"{folder}/manifest-files.json"))
    assert file == {"itemCount": 1, "dataFileS3Key": f"{folder}/{data}", "etag": hashlib.md5(read(f"{folder}/{data}")).hexdigest(),
                    "md5Checksum": base64.b64encode(hashlib.md5(read(f"{folder}/{data}")).digest()).decode()}
    summary = json.loads(read(done["ExportManifest"]))
    for name in ["startTime", "endTime", "exportTime"]:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", summary.pop(name))
    assert summary == {
        "version": "2020-06-30", "exportArn": arn, "tableArn": table.arn, "tableId": done["TableId"], "s3Bucket": bucket,
        "s3Prefix": "in/here/", "s3SseAlgorithm": "AES256", "s3SseKmsKeyId": None, "itemCount": 1, "outputFormat": "DYNAMODB_JSON",
        "manifestFilesS3Key": folder + "/manifest-files.json", "billedSizeBytes": done["BilledSizeBytes"], "exportType": "FULL_EXPORT"}


def test_exports_and_imports_in_pages(server, db, recoverable, unique):
    table, bucket = recoverable
    exports = [db.export_table_to_point_in_time(TableArn=table.arn, S3Bucket=bucket)["ExportDescription"]["ExportArn"] for _ in range(5)]
    pages = list(db.get_paginator("list_exports").paginate(TableArn=table.arn, PaginationConfig={"PageSize": 2})) \
        if db.can_paginate("list_exports") else all_pages(db.list_exports, TableArn=table.arn, MaxResults=2)
    assert [len(page["ExportSummaries"]) for page in pages] == [2, 2, 1]
    assert sorted(e["ExportArn"] for page in pages for e in page["ExportSummaries"]) == sorted(exports)
    imports = [db.import_table(S3BucketSource={"S3Bucket": bucket}, InputFormat="DYNAMODB_JSON", TableCreationParameters={
        "TableName": unique("imp"), "BillingMode": "PAY_PER_REQUEST", **P})["ImportTableDescription"]["ImportArn"] for _ in range(3)]
    # Other tests have imports as well, so this pages through all of them.
    pages = all_pages(db.list_imports, PageSize=1)
    listed = {i["ImportArn"]: i for page in pages for i in page["ImportSummaryList"]}
    assert all(len(page["ImportSummaryList"]) == 1 for page in pages) and listed.keys() >= set(imports)
    assert listed[imports[0]]["S3BucketSource"] == {"S3Bucket": bucket} and listed[imports[0]]["InputFormat"] == "DYNAMODB_JSON"
    with raises("ValidationException", "NextToken"):
        db.list_exports(NextToken="odd")


def all_pages(ask, **more):
    pages = [ask(**more)]
    while "NextToken" in pages[-1]:
        pages.append(ask(NextToken=pages[-1]["NextToken"], **more))
    return pages


def test_a_client_token_starts_one_transfer(server, db, recoverable, unique):
    table, bucket = recoverable
    export = lambda **m: db.export_table_to_point_in_time(TableArn=table.arn, S3Bucket=bucket, ClientToken="one", **m)["ExportDescription"]
    assert export()["ExportArn"] == export()["ExportArn"]
    with raises("ExportConflictException"):
        export(S3Prefix="elsewhere")
    creation = {"TableName": unique("imp"), "BillingMode": "PAY_PER_REQUEST", **P}
    bring = lambda **m: db.import_table(**{"S3BucketSource": {"S3Bucket": bucket}, "InputFormat": "DYNAMODB_JSON", "ClientToken": "two",
                                           "TableCreationParameters": creation, **m})["ImportTableDescription"]
    assert bring()["ImportArn"] == bring()["ImportArn"]
    with raises("ImportConflictException"):
        bring(InputCompressionType="GZIP")


def test_transfers_that_fail_say_why(server, db, recoverable, unique):
    table, _ = recoverable
    nowhere = unique("nowhere")
    arn = db.export_table_to_point_in_time(TableArn=table.arn, S3Bucket=nowhere)["ExportDescription"]["ExportArn"]
    done = finished(lambda: db.describe_export(ExportArn=arn)["ExportDescription"], "ExportStatus")
    assert (done["ExportStatus"], done["FailureCode"]) == ("FAILED", "S3NoSuchBucket")
    arn = db.import_table(S3BucketSource={"S3Bucket": nowhere}, InputFormat="DYNAMODB_JSON", TableCreationParameters={
        "TableName": unique("imp"), "BillingMode": "PAY_PER_REQUEST", **P})["ImportTableDescription"]["ImportArn"]
    done = finished(lambda: db.describe_import(ImportArn=arn)["ImportTableDescription"], "ImportStatus")
    assert (done["ImportStatus"], done["FailureCode"]) == ("FAILED", "S3NoSuchBucket")
    with call_raises("ValidationException", "FULL_EXPORT"):
        call(server, "ExportTableToPointInTime", {"TableArn": table.arn, "S3Bucket": nowhere, "ExportType": "INCREMENTAL_EXPORT"})


def test_an_import_that_was_killed_has_failed(fresh_server, data_dir):
    server = fresh_server("--data-dir", data_dir)
    s3 = server.client("s3")
    s3.create_bucket(Bucket="many")
    s3.put_object(Bucket="many", Key="data", Body="".join('{"Item":{"p":{"S":"%d"}}}\n' % i for i in range(100_000)).encode())
    arn = server.client("dynamodb").import_table(
        S3BucketSource={"S3Bucket": "many"}, InputFormat="DYNAMODB_JSON",
        TableCreationParameters={"TableName": "imported", "BillingMode": "PAY_PER_REQUEST", **P})["ImportTableDescription"]["ImportArn"]
    server.kill()
    db = fresh_server("--data-dir", data_dir).client("dynamodb")
    done = db.describe_import(ImportArn=arn)["ImportTableDescription"]
    assert (done["ImportStatus"], done["FailureMessage"]) == ("FAILED", "The server was stopped before it was done.")


def test_an_import_that_has_bad_lines(server, db, unique):
    bucket = unique("lines")
    s3 = server.client("s3")
    s3.create_bucket(Bucket=bucket)
    lines = ['{"Item":{"p":{"S":"a"}}}', '{"Item":{"q":{"S":"no key"}}}', "not json", '{"Item":{"p":{"S":"b"},"n":{"N":"1e2"}}}']
    s3.put_object(Bucket=bucket, Key="in/data.json", Body="\n".join(lines).encode())
    name = unique("imp")
    parameters = {"TableName": name, "BillingMode": "PAY_PER_REQUEST", **P}
    started = db.import_table(S3BucketSource={"S3Bucket": bucket, "S3KeyPrefix": "in"}, InputFormat="DYNAMODB_JSON",
                              TableCreationParameters=parameters)["ImportTableDescription"]
    imported = lambda: db.describe_import(ImportArn=started["ImportArn"])["ImportTableDescription"]
    wait_until(lambda: imported()["ImportStatus"] != "IN_PROGRESS", what="the import")
    done = imported()
    assert (done["ImportStatus"], done["ProcessedItemCount"], done["ImportedItemCount"], done["ErrorCount"]) == ("COMPLETED", 4, 2, 2)
    assert db.get_item(TableName=name, Key={"p": S("b")})["Item"]["n"] == N(100)
    with raises("ResourceInUseException"):
        db.import_table(S3BucketSource={"S3Bucket": bucket}, InputFormat="DYNAMODB_JSON", TableCreationParameters=parameters)


@pytest.fixture
def import_csv(server, db, unique):
    """Puts files into a bucket and imports them into a table that has keys of every type."""
    def run(files, **more):
        bucket, name = unique("csv"), unique("imp")
        s3 = server.client("s3")
        s3.create_bucket(Bucket=bucket)
        for key, body in files.items():
            s3.put_object(Bucket=bucket, Key=key, Body=body)
        started = db.import_table(
            S3BucketSource={"S3Bucket": bucket}, InputFormat="CSV",
            TableCreationParameters={
                "TableName": name, "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": a, "AttributeType": t} for a, t in ["pS", "cN", "xN", "bB"]],
                "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "c", "KeyType": "RANGE"}],
                "GlobalSecondaryIndexes": [gsi("byx", "x"), gsi("byb", "b")]}, **more)["ImportTableDescription"]
        imported = lambda: db.describe_import(ImportArn=started["ImportArn"])["ImportTableDescription"]
        wait_until(lambda: imported()["ImportStatus"] != "IN_PROGRESS", what="the import")
        return imported(), sorted(db.scan(TableName=name)["Items"], key=lambda i: i["p"]["S"])
    return run


def test_an_import_of_csv(import_csv, db):
    text = ('p,c,x,b,note,empty\r\n'
            'a,1,1e2,AAE=,"said ""yes"", then\nleft",\r\n'
            'b,-2.50,7,/w==,007,\r\n')
    more = "p,c,x,b,note\nc,3,1,AA==,é\n"
    done, items = import_csv({"one.csv": text.encode(), "two.csv": more.encode()})
    assert (done["ImportStatus"], done["ProcessedItemCount"], done["ImportedItemCount"], done["ErrorCount"]) == ("COMPLETED", 3, 3, 0)
    assert done["InputFormat"] == "CSV" and done["InputCompressionType"] == "NONE"
    assert items == [
        {"p": S("a"), "c": N(1), "x": N(100), "b": {"B": b"\0\1"}, "note": S('said "yes", then\nleft'), "empty": S("")},
        {"p": S("b"), "c": N("-2.5"), "x": N(7), "b": {"B": b"\xff"}, "note": S("007"), "empty": S("")},
        {"p": S("c"), "c": N(3), "x": N(1), "b": {"B": b"\0"}, "note": S("é")}]
    index = db.query(TableName=done["TableCreationParameters"]["TableName"], IndexName="byx",
                     KeyConditionExpression="x = :x", ExpressionAttributeValues={":x": N(7)})
    assert [i["p"] for i in index["Items"]] == [S("b")]


def test_the_options_of_csv(import_csv, db):
    options = {"Csv": {"Delimiter": ";", "HeaderList": ["p", "c", "x", "b", "n"]}}
    done, items = import_csv({"a.csv.gz": gzip.compress(b"p;1;2;AA==;a,b\nq;2;3;AA==;\n")}, InputFormatOptions=options,
                             InputCompressionType="GZIP")
    assert done["InputFormatOptions"] == options and done["ErrorCount"] == 0
    assert [i["n"] for i in items] == [S("a,b"), S("")] and items[0]["x"] == N(2)
    for wrong in [{"Delimiter": "x"}, {"Delimiter": ",,"}, {"HeaderList": []}, {"HeaderList": ["a,b"]}]:
        with raises("ValidationException"):
            import_csv({}, InputFormatOptions={"Csv": wrong})


def test_bad_rows_of_csv_are_counted_and_logged(server, import_csv):
    rows = ["p,c,x,b,n", "a,1,2,AA==,fine", "too,2,3", ",3,4,AA==,no key", "b,word,4,AA==,no number", "c,5,,AA==,no number either",
            "d,6,1,A,no base64", "e,7,1,AA==,fine,too many", "f,8,1,AA==,fine"]
    done, items = import_csv({"rows.csv": "\n".join(rows).encode()})
    assert (done["ImportStatus"], done["ProcessedItemCount"], done["ImportedItemCount"], done["ErrorCount"]) == ("COMPLETED", 8, 2, 6)
    assert [i["p"] for i in items] == [S("a"), S("f")]
    assert done["CloudWatchLogGroupArn"].endswith(":log-group:/aws-dynamodb/imports:*")
    stream = done["ImportArn"].rsplit("/", 1)[1] + "/error"
    events = server.client("logs").get_log_events(logGroupName="/aws-dynamodb/imports", logStreamName=stream)["events"]
    faults = [json.loads(e["message"]) for e in events]
    assert [f["itemS3Pointer"]["itemIndex"] for f in faults] == [1, 2, 3, 4, 5, 6]
    assert all(f["importArn"] == done["ImportArn"] and f["itemS3Pointer"]["key"] == "rows.csv" for f in faults)
    assert faults[0]["errorMessages"] == ["The row has 3 columns, the header has 5"]


def test_imports_that_are_not_emulated(db, unique):
    parameters = {"TableName": unique("imp"), "BillingMode": "PAY_PER_REQUEST", **P}
    source = {"S3Bucket": "some-bucket"}
    with raises("ValidationException", "The InputFormat ION is not emulated: DYNAMODB_JSON and CSV are."):
        db.import_table(S3BucketSource=source, InputFormat="ION", TableCreationParameters=parameters)
    with raises("ValidationException", "The InputCompressionType ZSTD is not emulated: GZIP and NONE are."):
        db.import_table(S3BucketSource=source, InputFormat="CSV", InputCompressionType="ZSTD", TableCreationParameters=parameters)
    with raises("ResourceNotFoundException"):
        db.describe_table(TableName=parameters["TableName"])


def test_contributor_insights(server, db, unique):
    table = make_table(db, unique("insights"), "p:S c:S", definitions={"x": "S"}, GlobalSecondaryIndexes=[gsi("byx", "x")])
    describe = lambda **m: db.describe_contributor_insights(TableName=table.name, **m)
    assert describe()["ContributorInsightsStatus"] == "DISABLED"
    for more in [{}, {"IndexName": "byx"}]:
        answer = db.update_contributor_insights(TableName=table.name, ContributorInsightsAction="ENABLE", **more)
        assert answer["ContributorInsightsStatus"] == "ENABLING"
        assert describe(**more)["ContributorInsightsStatus"] == "ENABLED" and describe(**more)["LastUpdateDateTime"]
    assert len(describe()["ContributorInsightsRuleList"]) == 4 and len(describe(IndexName="byx")["ContributorInsightsRuleList"]) == 2
    listed = db.list_contributor_insights(TableName=table.name)["ContributorInsightsSummaries"]
    assert [(s.get("IndexName"), s["ContributorInsightsStatus"]) for s in listed] == [(None, "ENABLED"), ("byx", "ENABLED")]
    db.update_contributor_insights(TableName=table.name, ContributorInsightsAction="DISABLE")
    assert describe()["ContributorInsightsStatus"] == "DISABLED"
    pages = all_pages(db.list_contributor_insights, TableName=table.name, MaxResults=1)
    assert [s.get("IndexName") for page in pages for s in page["ContributorInsightsSummaries"]] == [None, "byx"]
    assert len(pages) == 2
    everywhere = [s for page in all_pages(db.list_contributor_insights) for s in page["ContributorInsightsSummaries"]]
    assert [s for s in everywhere if s["TableName"] == table.name] == [s for page in pages for s in page["ContributorInsightsSummaries"]]
    with raises("ResourceNotFoundException"):
        describe(IndexName="nope")
    with raises("ValidationException", "contributorInsightsAction"):
        db.update_contributor_insights(TableName=table.name, ContributorInsightsAction="DANCE")


def test_kinesis_destinations(server, db, unique):
    name = make_table(db, unique("kinesis")).name
    stream = "arn:aws:kinesis:us-east-1:000000000000:stream/changes"
    ask = lambda operation, **m: call(server, operation + "KinesisStreamingDestination", {"TableName": name, **m})
    precise = {"ApproximateCreationDateTimePrecision": "MICROSECOND"}
    enabled = ask("Enable", StreamArn=stream, EnableKinesisStreamingConfiguration=precise)
    assert enabled["DestinationStatus"] == "ENABLING" and enabled["EnableKinesisStreamingConfiguration"] == precise
    assert ask("Describe") == {"TableName": name, "KinesisDataStreamDestinations": [
        {"StreamArn": stream, "DestinationStatus": "ACTIVE", **precise}]}
    with call_raises("ValidationException", "Table is not in a valid state to enable Kinesis Streaming Destination"):
        ask("Enable", StreamArn=stream)
    milli = {"ApproximateCreationDateTimePrecision": "MILLISECOND"}
    assert ask("Update", StreamArn=stream, UpdateKinesisStreamingConfiguration=milli)["DestinationStatus"] == "UPDATING"
    assert ask("Disable", StreamArn=stream)["DestinationStatus"] == "DISABLING"
    assert ask("Describe")["KinesisDataStreamDestinations"] == [{"StreamArn": stream, "DestinationStatus": "DISABLED", **milli}]
    with call_raises("ValidationException", "Table is not in a valid state to disable Kinesis Streaming Destination"):
        ask("Disable", StreamArn=stream)
    with call_raises("ValidationException", "streamArn"):
        ask("Enable")


def test_resource_policies(server, db, unique):
    arn = db.describe_table(TableName=make_table(db, unique("policy")).name)["Table"]["TableArn"]
    ask = lambda operation, **m: call(server, operation + "ResourcePolicy", {"ResourceArn": arn, **m})
    policy = '{"Version":"2012-10-17","Statement":[]}'
    with call_raises("PolicyNotFoundException"):
        ask("Get")
    revision = ask("Put", Policy=policy, ExpectedRevisionId="NO_POLICY")["RevisionId"]
    assert ask("Get") == {"Policy": policy, "RevisionId": revision}
    for wrong in ["other", "NO_POLICY"]:
        with call_raises("PolicyNotFoundException"):
            ask("Put", Policy=policy, ExpectedRevisionId=wrong)
    with call_raises("ValidationException"):
        ask("Put", Policy="not json")
    assert ask("Delete", ExpectedRevisionId=revision)["RevisionId"] == revision
    assert ask("Delete")["RevisionId"] == ""
    with call_raises("PolicyNotFoundException"):
        ask("Get")


def test_a_stream_has_a_policy_of_its_own(server, db, unique):
    name = unique("policy")
    make_table(db, name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    table = db.describe_table(TableName=name)["Table"]
    call(server, "PutResourcePolicy", {"ResourceArn": table["LatestStreamArn"], "Policy": "{}"})
    assert call(server, "GetResourcePolicy", {"ResourceArn": table["LatestStreamArn"]})["Policy"] == "{}"
    with call_raises("PolicyNotFoundException"):
        call(server, "GetResourcePolicy", {"ResourceArn": table["TableArn"]})


def test_what_a_backup_tells_of_its_table(db, unique):
    units = {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3}
    index = {**gsi("byx", "x"), "ProvisionedThroughput": units}
    table = make_table(db, unique("described"), "p:S", definitions={"x": "S"}, GlobalSecondaryIndexes=[index],
                       BillingMode="PROVISIONED", ProvisionedThroughput=units)
    arn = db.create_backup(TableName=table.name, BackupName="backup")["BackupDetails"]["BackupArn"]
    description = db.describe_backup(BackupArn=arn)["BackupDescription"]
    assert description["SourceTableDetails"]["ProvisionedThroughput"] == units
    assert description["SourceTableFeatureDetails"] == {"GlobalSecondaryIndexes": [index]}


def test_what_a_restore_may_change(db, unique):
    units = {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3}
    table = make_table(db, unique("changed"), "p:S", definitions={"x": "S"}, BillingMode="PROVISIONED", ProvisionedThroughput=units,
                       GlobalSecondaryIndexes=[{**gsi("byx", "x"), "ProvisionedThroughput": units}])
    arn = db.create_backup(TableName=table.name, BackupName="backup")["BackupDetails"]["BackupArn"]
    restored = unique("restored")
    db.restore_table_from_backup(TargetTableName=restored, BackupArn=arn, BillingModeOverride="PAY_PER_REQUEST",
                                 SSESpecificationOverride={"Enabled": True})
    described = db.describe_table(TableName=restored)["Table"]
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert described["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert described["SSEDescription"]["Status"] == "ENABLED"
    with raises("ValidationException"):
        db.restore_table_from_backup(TargetTableName=unique("not"), BackupArn=arn, BillingModeOverride="PAY_PER_REQUEST",
                                     ProvisionedThroughputOverride=units)


def test_there_are_no_global_tables(server, db, unique):
    assert db.list_global_tables()["GlobalTables"] == []
    for ask in [db.describe_global_table, db.describe_global_table_settings]:
        with raises("GlobalTableNotFoundException"):
            ask(GlobalTableName="everywhere")
    table = make_table(db, unique("here"))
    with raises("ValidationException", "replicas of a table are not emulated"):
        db.update_table(TableName=table.name, ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}])


def test_backups_in_pages(db, unique):
    table = make_table(db, unique("pages"))
    made = [db.create_backup(TableName=table.name, BackupName=f"backup-{i}")["BackupDetails"]["BackupArn"] for i in range(5)]
    seen, more = [], {}
    while True:
        page = db.list_backups(TableName=table.name, Limit=2, **more)
        seen += [b["BackupArn"] for b in page["BackupSummaries"]]
        if "LastEvaluatedBackupArn" not in page:
            break
        assert len(page["BackupSummaries"]) == 2
        more = {"ExclusiveStartBackupArn": page["LastEvaluatedBackupArn"]}
    assert sorted(seen) == sorted(made)
    count = lambda **m: len(db.list_backups(TableName=table.name, **m)["BackupSummaries"])
    assert [count(BackupType=t) for t in ["USER", "ALL", "SYSTEM", "AWS_BACKUP"]] == [5, 5, 0, 0]
    hour = datetime.timedelta(hours=1)
    created = db.describe_backup(BackupArn=made[0])["BackupDescription"]["BackupDetails"]["BackupCreationDateTime"]
    assert count(TimeRangeLowerBound=created - hour, TimeRangeUpperBound=created + hour) == 5
    assert count(TimeRangeLowerBound=created + hour) == count(TimeRangeUpperBound=created - hour) == 0
    db.delete_table(TableName=table.name)
    restored = db.restore_table_from_backup(TargetTableName=unique("back"), BackupArn=made[0])["TableDescription"]
    assert restored["RestoreSummary"]["SourceBackupArn"] == made[0]
    with raises("ValidationException", "backupName"):
        db.create_backup(TableName=restored["TableName"], BackupName="a!")
    with raises("BackupNotFoundException"):
        db.restore_table_from_backup(TargetTableName=unique("x"), BackupArn=made[0] + "0")
