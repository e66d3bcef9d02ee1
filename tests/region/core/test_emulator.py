"""The emulator's services through the endpoint, with the clients people use."""

import json
import textwrap
import zipfile
from io import BytesIO

import boto3
import httpx
import pytest
from boto3.s3.transfer import TransferConfig


@pytest.fixture(scope="module")
def bucket(region):
    region.client("s3").create_bucket(Bucket="through-the-endpoint")
    return "through-the-endpoint"


def test_presigned_urls_work_for_reading_and_writing(region, bucket):
    s3 = region.client("s3")
    put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "a b+c"})
    get = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a b+c"})

    assert httpx.put(put, content=b"presigned").status_code == 200
    assert httpx.get(get).content == b"presigned"


def test_large_objects_go_through_in_parts(region, bucket):
    s3 = region.client("s3")
    body = bytes(range(256)) * 4096 * 20
    s3.upload_fileobj(
        BytesIO(body), bucket, "large", Config=TransferConfig(multipart_threshold=5 * 1024 * 1024)
    )
    back = BytesIO()
    s3.download_fileobj(bucket, "large", back)

    assert "-" in s3.head_object(Bucket=bucket, Key="large")["ETag"]
    assert back.getvalue() == body


def test_ranges_and_conditions_reach_the_emulator(region, bucket):
    s3 = region.client("s3")
    etag = s3.put_object(Bucket=bucket, Key="range", Body=b"0123456789")["ETag"]
    part = s3.get_object(Bucket=bucket, Key="range", Range="bytes=2-4")["Body"].read()
    with pytest.raises(s3.exceptions.ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="range", IfNoneMatch=etag)

    assert part == b"234"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 304


def test_the_emulator_s_paginators_and_waiters_work(region, bucket):
    s3 = region.client("s3")
    for number in range(7):
        s3.put_object(Bucket=bucket, Key=f"page/{number}", Body=b"x")
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix="page/", PaginationConfig={"PageSize": 3}
    )
    s3.get_waiter("object_exists").wait(Bucket=bucket, Key="page/6")

    assert [page["KeyCount"] for page in pages] == [3, 3, 1]


def test_queue_urls_lead_to_the_endpoint(region):
    sqs = region.client("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="hello")

    assert url.startswith(region.endpoint)
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "hello"


def test_functions_run_and_reach_the_region(region, bucket):
    code = BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        program = """
            import boto3

            def handler(event, context):
                boto3.client("s3").put_object(Bucket=event["bucket"], Key="from-lambda", Body=b"hi")
                return {"written": True}
        """
        archive.writestr("index.py", textwrap.dedent(program))
    functions = region.client("lambda")
    functions.create_function(
        FunctionName="writer",
        Runtime="python3.11",
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/writer",
        Code={"ZipFile": code.getvalue()},
        Timeout=30,
    )
    payload = json.dumps({"bucket": bucket}).encode()
    answer = functions.invoke(FunctionName="writer", Payload=payload)

    assert json.load(answer["Payload"]) == {"written": True}
    assert region.client("s3").get_object(Bucket=bucket, Key="from-lambda")["Body"].read() == b"hi"


def test_regions_are_apart(region):
    region.client("sns", "eu-west-1").create_topic(Name="european")
    topics = [
        topic["TopicArn"]
        for name in ("eu-west-1", "eu-north-1")
        for topic in region.client("sns", name).list_topics()["Topics"]
    ]

    assert topics == ["arn:aws:sns:eu-west-1:000000000000:european"]


def test_standard_environment_variables_are_enough(region, monkeypatch):
    for name, value in region.controller.environment().items():
        monkeypatch.setenv(name, value)
    session = boto3.session.Session()

    assert session.client("sts").get_caller_identity()["Account"] == "000000000000"
