"""The fault proxy: every way to fail is what a real client sees, and nothing else changes."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)
from support.fault_proxy import FaultProxy, fault_proxy
from support.fault_rules import (
    DENIED,
    EXPIRED,
    INTERNAL,
    THROTTLED,
    UNAVAILABLE,
    BlackHole,
    Delay,
    Failure,
    LoseReply,
    Refuse,
    Reset,
    Rewrite,
    Stale,
)
from support.region import RunningRegion

REGION = "us-east-1"


@pytest.fixture
def proxy(region: RunningRegion) -> Iterator[FaultProxy]:
    with fault_proxy(region.endpoint) as made:
        yield made


@pytest.fixture
def table(region: RunningRegion) -> str:
    """Return the name of a table of its own."""
    name = f"faults-{uuid.uuid4().hex[:8]}"
    region.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def impatient(proxy: FaultProxy, service: str, **more: Any) -> Any:
    """Return a client that tries once and waits a second."""
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=proxy.url,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=1, **more),
    )


CALLS = {
    "json": ("ecs", "ListClusters", "list_clusters", {}),
    "query": ("elbv2", "DescribeTargetGroups", "describe_target_groups", {}),
    "rest": ("scheduler", "ListSchedules", "list_schedules", {}),
    "rest-xml": ("s3", "ListBuckets", "list_buckets", {}),
    "cbor": ("cloudwatch", "DescribeAlarms", "describe_alarms", {}),
}


@pytest.mark.parametrize("protocol", CALLS)
@pytest.mark.parametrize(
    ("failure", "codes"),
    [
        (THROTTLED, {"ThrottlingException", "Throttling"}),
        (EXPIRED, {"ExpiredTokenException", "ExpiredToken"}),
        (DENIED, {"AccessDeniedException", "AccessDenied"}),
        (INTERNAL, {"InternalServerError", "InternalFailure"}),
        (UNAVAILABLE, {"ServiceUnavailableException", "ServiceUnavailable"}),
    ],
)
def test_an_error_has_its_code_in_every_protocol_and_ends_after_its_times(
    proxy: FaultProxy, protocol: str, failure: Failure, codes: set[str]
) -> None:
    service, action, method, asked = CALLS[protocol]
    client = impatient(proxy, service)
    rule = proxy.inject(Refuse(failure), service, action, times=1)
    with pytest.raises(ClientError) as caught:
        getattr(client, method)(**asked)
    getattr(client, method)(**asked)

    assert caught.value.response["Error"]["Code"] in codes
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in {400, 403, 500, 503}
    assert rule.hits == 1
    assert [one.fault for one in proxy.made(service, action)] == ["Refuse", ""]


def test_a_client_that_tries_again_gets_over_throttling(proxy: FaultProxy) -> None:
    rule = proxy.inject(Refuse(THROTTLED), "ecs", times=2)
    assert "clusterArns" in proxy.clients("ecs", REGION).list_clusters()
    assert rule.hits == 2


def test_only_the_named_operation_fails(proxy: FaultProxy) -> None:
    proxy.inject(Refuse(DENIED), "ecs", "Describe*")
    client = impatient(proxy, "ecs")
    client.list_clusters()
    impatient(proxy, "ssm").describe_parameters()

    with pytest.raises(ClientError, match="AccessDenied"):
        client.describe_clusters()


def test_a_share_of_calls_fails_the_same_share_in_every_run(proxy: FaultProxy) -> None:
    client = impatient(proxy, "sts")
    patterns = []
    for _ in range(2):
        rule = proxy.inject(Refuse(THROTTLED), "sts", share=0.3)
        pattern = []
        for _ in range(40):
            try:
                client.get_caller_identity()
                pattern.append(0)
            except ClientError:
                pattern.append(1)
        proxy.remove(rule)
        patterns.append(pattern)

    assert patterns[0] == patterns[1]
    assert 4 <= sum(patterns[0]) <= 20


def test_a_fault_may_begin_late_and_ends_with_its_time(proxy: FaultProxy) -> None:
    client = impatient(proxy, "sts")
    rule = proxy.inject(Refuse(UNAVAILABLE), "sts", skip=1, seconds=1.0)
    client.get_caller_identity()
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        client.get_caller_identity()
    deadline = time.monotonic() + 10
    while rule.hits:
        try:
            client.get_caller_identity()
            break
        except ClientError:
            assert time.monotonic() < deadline, "the fault does not end"


def test_a_lost_reply_is_a_call_that_took_effect(
    proxy: FaultProxy, region: RunningRegion, table: str
) -> None:
    proxy.inject(LoseReply(), "dynamodb", "PutItem", times=1)
    with pytest.raises(ConnectionClosedError):
        impatient(proxy, "dynamodb").put_item(TableName=table, Item={"pk": {"S": "a"}})

    assert region.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": "a"}})["Item"]


def test_a_reset_or_swallowed_call_took_no_effect(
    proxy: FaultProxy, region: RunningRegion, table: str
) -> None:
    client = impatient(proxy, "dynamodb")
    proxy.inject(Reset(), "dynamodb", "PutItem", times=1)
    with pytest.raises(ConnectionClosedError):
        client.put_item(TableName=table, Item={"pk": {"S": "a"}})
    proxy.inject(BlackHole(), "dynamodb", "PutItem", times=1)
    with pytest.raises(ReadTimeoutError):
        client.put_item(TableName=table, Item={"pk": {"S": "a"}})

    assert "Item" not in region.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": "a"}})


def test_what_hangs_in_a_black_hole_ends_when_the_proxy_is_cleared(proxy: FaultProxy) -> None:
    rule = proxy.inject(BlackHole(), "sts")
    client = boto3.client(
        "sts",
        region_name=REGION,
        endpoint_url=proxy.url,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(client.get_caller_identity)
        deadline = time.monotonic() + 10
        while not rule.hits:
            assert time.monotonic() < deadline, "the call did not come"
        proxy.clear()
        with pytest.raises(HTTPClientError):
            hanging.result(10)
    client.get_caller_identity()


def test_a_delayed_call_comes_through_later(proxy: FaultProxy) -> None:
    proxy.inject(Delay(0.5), "sts", times=1)
    begin = time.monotonic()
    impatient(proxy, "sts").get_caller_identity()

    assert time.monotonic() - begin >= 0.5


def test_a_stale_read_shows_the_old_state_until_its_time_is_over(
    proxy: FaultProxy, table: str
) -> None:
    client = impatient(proxy, "dynamodb")

    def read() -> str:
        asked = client.get_item(TableName=table, Key={"pk": {"S": "a"}})
        return asked["Item"]["value"]["S"]

    client.put_item(TableName=table, Item={"pk": {"S": "a"}, "value": {"S": "old"}})
    assert read() == "old"
    rule = proxy.inject(Stale(), "dynamodb", "GetItem")
    client.put_item(TableName=table, Item={"pk": {"S": "a"}, "value": {"S": "new"}})
    assert read() == "old"
    other = client.get_item(TableName=table, Key={"pk": {"S": "never asked for"}})
    assert "Item" not in other
    proxy.remove(rule)

    assert read() == "new"


def test_an_answer_may_be_changed_on_its_way(proxy: FaultProxy) -> None:
    def elsewhere(body: bytes) -> bytes:
        return body.replace(b"000000000000", b"999999999999")

    proxy.inject(Rewrite(elsewhere), "sts", "GetCallerIdentity", times=1)
    client = impatient(proxy, "sts")
    accounts = [client.get_caller_identity()["Account"] for _ in range(2)]

    assert accounts == ["999999999999", "000000000000"]


def test_a_rule_may_look_at_what_is_asked(proxy: FaultProxy, table: str) -> None:
    proxy.inject(
        Refuse(THROTTLED), "dynamodb", "PutItem", holds=lambda call: b'"poison"' in call.body
    )
    client = impatient(proxy, "dynamodb")
    client.put_item(TableName=table, Item={"pk": {"S": "fine"}})

    with pytest.raises(ClientError, match="Throttling"):
        client.put_item(TableName=table, Item={"pk": {"S": "poison"}})


def test_bodies_and_statuses_pass_unchanged(proxy: FaultProxy) -> None:
    s3 = impatient(proxy, "s3", s3={"addressing_style": "path"})
    bucket = f"faults-{uuid.uuid4().hex[:8]}"
    body = bytes(range(256)) * 5000
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a/b c", Body=body)

    assert s3.get_object(Bucket=bucket, Key="a/b c")["Body"].read() == body
    assert s3.head_object(Bucket=bucket, Key="a/b c")["ContentLength"] == len(body)
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket=bucket, Key="none")
    assert [one.action for one in proxy.calls if one.service == "s3"][:2] == [
        "CreateBucket",
        "PutObject",
    ]


def test_a_closed_proxy_listens_no_more(region: RunningRegion) -> None:
    with fault_proxy(region.endpoint) as proxy:
        client = impatient(proxy, "sts")
        client.get_caller_identity()

    with pytest.raises((EndpointConnectionError, ConnectionClosedError)):
        client.get_caller_identity()
