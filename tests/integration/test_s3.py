"""S3 as boto3, the aws CLI and plain HTTP see it."""
import base64
import hashlib
import io
import json
import re
import subprocess
import urllib.request
import zlib

import pytest
from botocore.exceptions import ClientError
from conftest import wait_until

SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, "
                           "SignedHeaders=host, Signature=0"}


@pytest.fixture
def s3(server):
    return server.client("s3", s3={"addressing_style": "path"})


@pytest.fixture
def bucket(s3, unique):
    name = unique("bucket")
    s3.create_bucket(Bucket=name)
    return name


def error_of(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_an_object_comes_back_as_it_was_put(s3, bucket):
    body = bytes(range(256)) * 10
    put = s3.put_object(Bucket=bucket, Key="a/b c+ü.bin", Body=body, ContentType="image/png",
                        Metadata={"owner": "me"}, CacheControl="no-cache", Tagging="k=v&x=y")
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="a/b c+ü.bin")
    assert got["Body"].read() == body
    assert got["ContentType"] == "image/png"
    assert got["Metadata"] == {"owner": "me"}
    assert got["TagCount"] == 2
    head = s3.head_object(Bucket=bucket, Key="a/b c+ü.bin")
    assert head["ContentLength"] == len(body)
    assert head["CacheControl"] == "no-cache"
    assert head["LastModified"] == got["LastModified"]
    assert s3.get_object_tagging(Bucket=bucket, Key="a/b c+ü.bin")["TagSet"][0]["Key"] == "k"
    s3.delete_object(Bucket=bucket, Key="a/b c+ü.bin")
    assert error_of(s3.get_object, Bucket=bucket, Key="a/b c+ü.bin") == "NoSuchKey"
    assert error_of(s3.head_object, Bucket=bucket, Key="a/b c+ü.bin") == "404"


def test_ranges_and_conditions(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")["ETag"]
    part = s3.get_object(Bucket=bucket, Key="k", Range="bytes=2-4")
    assert part["Body"].read() == b"234"
    assert part["ContentRange"] == "bytes 2-4/10"
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert s3.get_object(Bucket=bucket, Key="k", Range="bytes=-3")["Body"].read() == b"789"
    assert error_of(s3.get_object, Bucket=bucket, Key="k", Range="bytes=10-") == "InvalidRange"
    assert error_of(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=etag) == "304"
    assert error_of(s3.get_object, Bucket=bucket, Key="k", IfMatch='"x"') == "PreconditionFailed"


def test_listing_rolls_up_and_pages(s3, bucket):
    for key in ["a/1", "a/2", "b", "c/d/3", "é"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    top = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [o["Key"] for o in top["Contents"]] == ["b", "é"]
    assert [p["Prefix"] for p in top["CommonPrefixes"]] == ["a/", "c/"]
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 2})
    assert [o["Key"] for page in pages for o in page.get("Contents", [])] == \
        ["a/1", "a/2", "b", "c/d/3", "é"]
    old = s3.list_objects(Bucket=bucket, Prefix="a/", MaxKeys=1)
    assert old["IsTruncated"] and [o["Key"] for o in old["Contents"]] == ["a/1"]
    done = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a/1"}, {"Key": "nope"}]})
    assert {d["Key"] for d in done["Deleted"]} == {"a/1", "nope"}
    assert error_of(s3.delete_bucket, Bucket=bucket) == "BucketNotEmpty"


def test_copies(s3, bucket):
    s3.put_object(Bucket=bucket, Key="from me", Body=b"x", Metadata={"a": "1"})
    s3.copy_object(Bucket=bucket, Key="to", CopySource={"Bucket": bucket, "Key": "from me"})
    assert s3.head_object(Bucket=bucket, Key="to")["Metadata"] == {"a": "1"}
    s3.copy_object(Bucket=bucket, Key="to", CopySource=f"{bucket}/to", Metadata={"b": "2"},
                   MetadataDirective="REPLACE")
    assert s3.head_object(Bucket=bucket, Key="to")["Metadata"] == {"b": "2"}


def test_multipart_uploads(s3, bucket):
    big = b"a" * (5 * 1024 * 1024)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big", ContentType="text/x")["UploadId"]
    parts = []
    for number, body in enumerate([big, b"tail"], start=1):
        etag = s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=number,
                              Body=body)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    listed = s3.list_parts(Bucket=bucket, Key="big", UploadId=upload)["Parts"]
    assert [p["Size"] for p in listed] == [len(big), 4]
    done = s3.complete_multipart_upload(Bucket=bucket, Key="big", UploadId=upload,
                                        MultipartUpload={"Parts": parts})
    digests = hashlib.md5(big).digest() + hashlib.md5(b"tail").digest()
    assert done["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-2"'
    got = s3.get_object(Bucket=bucket, Key="big")
    assert got["Body"].read() == big + b"tail" and got["ContentType"] == "text/x"
    assert error_of(s3.list_parts, Bucket=bucket, Key="big", UploadId=upload) == "NoSuchUpload"
    s3.upload_fileobj(io.BytesIO(big * 2), bucket, "managed")
    assert s3.head_object(Bucket=bucket, Key="managed")["ContentLength"] == 2 * len(big)


def test_versions(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read() == b"1"
    gone = s3.delete_object(Bucket=bucket, Key="k")
    assert gone["DeleteMarker"]
    assert error_of(s3.get_object, Bucket=bucket, Key="k") == "NoSuchKey"
    listed = s3.list_object_versions(Bucket=bucket)
    assert len(listed["Versions"]) == 2 and len(listed["DeleteMarkers"]) == 1
    s3.delete_object(Bucket=bucket, Key="k", VersionId=gone["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"


def test_the_streaming_encoding_of_newer_sdks(server, s3, bucket):
    checksum = base64.b64encode(zlib.crc32(b"hello world").to_bytes(4, "big")).decode()
    body = (b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:" + checksum.encode() +
            b"\r\n\r\n")
    headers = {**SIGNED, "Content-Encoding": "aws-chunked", "x-amz-trailer": "x-amz-checksum-crc32",
               "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
               "x-amz-decoded-content-length": "11", "x-amz-sdk-checksum-algorithm": "CRC32"}
    status, answer, text = server.request("PUT", f"/{bucket}/k", body, headers)
    assert status == 200, text
    assert answer["x-amz-checksum-crc32"] == checksum
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"hello world"
    assert got["ChecksumCRC32"] == checksum
    assert "ContentEncoding" not in got
    broken = body.replace(checksum.encode(), b"AAAAAA==")
    status, _, text = server.request("PUT", f"/{bucket}/k", broken, headers)
    assert status == 400 and b"BadDigest" in text


def test_presigned_urls_and_virtual_hosts(server, s3, bucket):
    url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "p"})
    request = urllib.request.Request(url, data=b"signed", method="PUT")
    assert urllib.request.urlopen(request).status == 200
    status, _, body = server.request("GET", "/p", headers={"Host": f"{bucket}.s3.localhost:4566"})
    assert (status, body) == (200, b"signed")
    status, _, body = server.request(
        "GET", "/p", headers={**SIGNED, "Host": f"{bucket}.localhost:4566"})
    assert (status, body) == (200, b"signed")


def test_forms_of_browsers(server, s3, bucket):
    form = s3.generate_presigned_post(bucket, "up/${filename}", Fields={"Content-Type": "text/x"})
    boundary = "xyz"
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        .encode() for name, value in form["fields"].items())
    body += (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
             f"Content-Type: text/plain\r\n\r\n").encode() + b"the file\r\n--xyz--\r\n"
    status, headers, _ = server.request("POST", f"/{bucket}", body, {
        "Content-Type": f"multipart/form-data; boundary={boundary}"})
    assert status == 204 and headers["ETag"]
    got = s3.get_object(Bucket=bucket, Key="up/a.txt")
    assert got["Body"].read() == b"the file" and got["ContentType"] == "text/x"
    status, _, answer = server.request("POST", f"/{bucket}", b"nonsense", {
        "Content-Type": "multipart/form-data; boundary=xyz"})
    assert status == 400 and b"MalformedPOSTRequest" in answer


def test_errors_are_xml(server, s3, unique):
    status, headers, body = server.request("GET", f"/{unique('none')}/k", headers=SIGNED)
    assert status == 404
    assert headers["Content-Type"] == "application/xml"
    assert b"<Code>NoSuchBucket</Code>" in body
    assert error_of(s3.create_bucket, Bucket="Bad_Name") == "InvalidBucketName"
    assert error_of(s3.head_bucket, Bucket=unique("none")) == "404"


def test_notifications(server, s3, bucket, unique):
    sqs = server.client("sqs")
    queue = sqs.create_queue(QueueName=unique("q"))["QueueUrl"]
    arn = sqs.get_queue_attributes(
        QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={
        "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": {
            "Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}}}],
        "EventBridgeConfiguration": {}})
    kept = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert kept["QueueConfigurations"][0]["QueueArn"] == arn
    assert kept["QueueConfigurations"][0]["Filter"]["Key"]["FilterRules"][0]["Value"] == "in/"
    assert "EventBridgeConfiguration" in kept
    s3.put_object(Bucket=bucket, Key="out/a", Body=b"x")
    s3.put_object(Bucket=bucket, Key="in/a b", Body=b"xy")

    def next_record():
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10,
                                           WaitTimeSeconds=1).get("Messages", []):
            body = json.loads(message["Body"])
            if "Records" in body:
                return body["Records"][0]
    record = wait_until(next_record)
    assert record["eventName"] == "ObjectCreated:Put"
    assert record["s3"]["object"]["key"] == "in/a%20b"
    assert record["s3"]["object"]["size"] == 2


def test_bucket_configurations(s3, bucket, unique):
    assert error_of(s3.get_bucket_cors, Bucket=bucket) == "NoSuchCORSConfiguration"
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [
        {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"][0]["AllowedMethods"] == ["GET"]
    s3.put_bucket_policy(Bucket=bucket, Policy='{"Version":"2012-10-17","Statement":[]}')
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"] == []
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "b"}]
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    assert bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    assert s3.get_bucket_acl(Bucket=bucket)["Grants"]


def test_objects_survive_a_kill(fresh_server, data_dir):
    running = fresh_server("--data-dir", data_dir)
    s3 = running.client("s3", s3={"addressing_style": "path"})
    s3.create_bucket(Bucket="keep")
    s3.put_object(Bucket="keep", Key="k", Body=b"kept")
    running.kill()
    again = fresh_server("--data-dir", data_dir).client("s3", s3={"addressing_style": "path"})
    assert again.get_object(Bucket="keep", Key="k")["Body"].read() == b"kept"


def test_the_aws_cli(server, unique, tmp_path):
    name = unique("cli")

    def aws(*args):
        return subprocess.run(
            ["/usr/bin/aws", "--endpoint-url", server.url, "--region", "us-east-1", *args],
            capture_output=True, text=True, check=True,
            env={"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                 "PATH": "/usr/bin:/bin"}).stdout

    (tmp_path / "file").write_text("from a file")
    aws("s3", "mb", f"s3://{name}")
    aws("s3", "cp", str(tmp_path / "file"), f"s3://{name}/dir/file")
    assert "dir/file" in aws("s3", "ls", f"s3://{name}", "--recursive")
    assert aws("s3", "cp", f"s3://{name}/dir/file", "-") == "from a file"
    aws("s3", "rb", f"s3://{name}", "--force")


def test_an_empty_object_leaves_the_connection_usable(server, bucket):
    # botocore sends "Expect: 100-continue" with each upload, and wants it answered
    s3 = server.client("s3", s3={"addressing_style": "path"}, read_timeout=5)
    for body in (b"", b"x", b"", b"y"):
        s3.put_object(Bucket=bucket, Key="folder/", Body=body)
    assert s3.get_object(Bucket=bucket, Key="folder/")["Body"].read() == b"y"


def test_answers_carry_the_ids_of_s3(server, bucket):
    status, headers, body = server.request("GET", f"/{bucket}/none", headers=SIGNED)
    assert status == 404 and headers["x-amz-request-id"] and headers["x-amz-id-2"]
    assert f"<RequestId>{headers['x-amz-request-id']}</RequestId>".encode() in body
    assert f"<HostId>{headers['x-amz-id-2']}</HostId>".encode() in body


def test_new_buckets_are_private_and_encrypted(s3, bucket):
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert block == {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True,
                     "RestrictPublicBuckets": True}
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules == [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                      "BucketKeyEnabled": False}]
    assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}]
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.delete_public_access_block(Bucket=bucket)
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    assert error_of(s3.get_public_access_block, Bucket=bucket) == \
        "NoSuchPublicAccessBlockConfiguration"
    assert error_of(s3.get_bucket_ownership_controls, Bucket=bucket) == \
        "OwnershipControlsNotFoundError"


def test_configurations_of_templates_are_read_over_the_api(fresh_server, tmp_path):
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Resources": {"Bucket": {
        "Type": "AWS::S3::Bucket", "Properties": {
            "BucketName": "from-a-template",
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]},
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": True},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
            "CorsConfiguration": {"CorsRules": [
                {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"], "MaxAge": 60}]},
            "WebsiteConfiguration": {"IndexDocument": "index.html", "RoutingRules": [
                {"RoutingRuleCondition": {"KeyPrefixEquals": "a<b"},
                 "RedirectRule": {"HostName": "example.com"}}]},
            "LifecycleConfiguration": {"Rules": [
                {"Id": "old", "Status": "Enabled", "Prefix": "logs/", "ExpirationInDays": 7,
                 "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 1}]}]}}}}}))
    s3 = fresh_server(str(template)).client("s3", s3={"addressing_style": "path"})
    where = {"Bucket": "from-a-template"}
    encryption = s3.get_bucket_encryption(**where)["ServerSideEncryptionConfiguration"]
    assert encryption["Rules"] == [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
    assert s3.get_public_access_block(**where)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True}
    assert s3.get_bucket_ownership_controls(**where)["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "ObjectWriter"}]
    assert s3.get_bucket_cors(**where)["CORSRules"] == [
        {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 60}]
    website = s3.get_bucket_website(**where)
    assert website["IndexDocument"] == {"Suffix": "index.html"}
    assert website["RoutingRules"] == [{"Condition": {"KeyPrefixEquals": "a<b"},
                                        "Redirect": {"HostName": "example.com"}}]
    assert s3.get_bucket_lifecycle_configuration(**where)["Rules"] == [
        {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "logs/"},
         "Expiration": {"Days": 7}, "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}]


def test_attributes_and_parts_of_an_object(s3, bucket):
    upload = {"Bucket": bucket, "Key": "parts"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    sizes = [5 * 1024 * 1024, 3]
    parts = [{"PartNumber": i + 1, "ETag": s3.upload_part(
        PartNumber=i + 1, Body=bytes([65 + i]) * size, **upload)["ETag"]}
        for i, size in enumerate(sizes)]
    assert error_of(s3.complete_multipart_upload, MultipartUpload={"Parts": []}, **upload) == \
        "MalformedXML"
    etag = s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)["ETag"]
    told = s3.get_object_attributes(Bucket=bucket, Key="parts", ObjectAttributes=[
        "ETag", "ObjectParts", "ObjectSize", "StorageClass"])
    assert (told["ETag"], told["ObjectSize"]) == (etag.strip('"'), sum(sizes))
    assert (told["ObjectParts"]["TotalPartsCount"], told["StorageClass"]) == (2, "STANDARD")
    second = s3.get_object(Bucket=bucket, Key="parts", PartNumber=2)
    assert (second["Body"].read(), second["PartsCount"]) == (b"BBB", 2)
    assert second["ContentRange"] == f"bytes {sizes[0]}-{sum(sizes) - 1}/{sum(sizes)}"
    head = s3.head_object(Bucket=bucket, Key="parts", PartNumber=1)
    assert (head["ContentLength"], head["PartsCount"]) == (sizes[0], 2)
    assert error_of(s3.get_object, Bucket=bucket, Key="parts", PartNumber=3) == "InvalidPartNumber"


def test_bad_requests_have_s3s_errors(s3, bucket):
    assert error_of(s3.put_object, Bucket=bucket, Key="k" * 1025, Body=b"") == "KeyTooLongError"
    assert error_of(s3.put_object, Bucket=bucket, Key="k", Body=b"x", ContentMD5="no") == \
        "InvalidDigest"
    assert error_of(s3.list_objects_v2, Bucket=bucket, ContinuationToken="junk") == \
        "InvalidArgument"
    assert error_of(s3.get_object_attributes, Bucket=bucket, Key="none",
                    ObjectAttributes=["ETag"]) == "NoSuchKey"
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert error_of(s3.get_object_retention, Bucket=bucket, Key="k") == "UnknownOperationException"


def presigned(server, expires, version="s3v4", account="000000000000"):
    s3 = server.client("s3", account, s3={"addressing_style": "path"}, signature_version=version)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "signed", "Key": "k"},
                                    ExpiresIn=expires)
    return url.split(str(server.port), 1)[1]


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_urls_expire_where_aws_is_strict(fresh_server, version):
    for options, expected in (("--strict",), 403), ((), 200):
        server = fresh_server(*options)
        s3 = server.client("s3", s3={"addressing_style": "path"})
        s3.create_bucket(Bucket="signed")
        s3.put_object(Bucket="signed", Key="k", Body=b"x")
        path = presigned(server, 300, version)
        assert server.request("GET", path)[0] == 200
        server.admin("PUT", "/clock", {"advance": "6m"})
        status, _, body = server.request("GET", path)
        assert status == expected
        if expected == 403:
            assert b"<Code>AccessDenied</Code><Message>Request has expired</Message>" in body
            assert (b"<X-Amz-Expires>300</X-Amz-Expires>" in body) == (version == "s3v4")
            assert b"<Expires>" in body and b"<ServerTime>" in body


def test_old_presigned_urls_name_their_account(server):
    account = "210987654321"
    s3 = server.client("s3", account, s3={"addressing_style": "path"}, signature_version="s3")
    s3.create_bucket(Bucket="signed-elsewhere")
    url = s3.generate_presigned_url("list_buckets")
    names = re.findall("<Name>([^<]*)", urllib.request.urlopen(url).read().decode())
    assert names == ["signed-elsewhere"]
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == names


@pytest.mark.parametrize("change, message", [
    (("Expires=", "Expires=soon"), "Invalid date (should be seconds since epoch): soon"),
    (("Signature=", "X="), "Query-string authentication requires the Signature, Expires and "
                           "AWSAccessKeyId parameters"),
    (("Expires=", "X="), "Query-string authentication requires"),
])
def test_old_presigned_urls_that_make_no_sense(server, change, message):
    path = presigned(server, 300, "s3").replace(*change)
    status, _, body = server.request("GET", path)
    assert status == 403
    assert f"<Code>AccessDenied</Code><Message>{message}" in body.decode()


@pytest.mark.parametrize("expires, message", [
    ("soon", "X-Amz-Expires should be a number"),
    ("", "X-Amz-Expires should be a number"),
    ("-1", "X-Amz-Expires must be non-negative"),
    ("604801", "X-Amz-Expires must be less than a week (in seconds); that is, the given "
               "X-Amz-Expires must be less than 604800 seconds"),
    ("99999999999999999999", "X-Amz-Expires must be less than a week"),
])
def test_presigned_urls_that_make_no_sense(server, expires, message):
    path = presigned(server, 300).replace("X-Amz-Expires=300", f"X-Amz-Expires={expires}")
    status, _, body = server.request("GET", path)
    assert status == 400
    assert f"<Code>AuthorizationQueryParametersError</Code><Message>{message}" in body.decode()
