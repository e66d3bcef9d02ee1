"""What operations stand on survives every crash from the moment it was acknowledged."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from support.ecs import wait_for
from support.region import RunningRegion, running_region

KEY = {"pk": {"S": "lease"}}


@pytest.fixture
def own_region(tmp_path: Path) -> Iterator[RunningRegion]:
    with running_region(tmp_path) as region:
        yield region


def emulator(region: RunningRegion) -> int:
    return next(
        row["pid"]
        for row in region.controller.processes()
        if row["name"] == "emulator" and row["state"] == "running"
    )


def once(region: RunningRegion, service: str) -> Any:
    """Return a client that tries a call once: what it was not told, it does not repeat."""
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=region.endpoint,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )


def make_table(region: RunningRegion, name: str = "journal") -> None:
    region.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def read(region: RunningRegion, key: dict[str, Any]) -> dict[str, Any] | None:
    asked = {"TableName": "journal", "Key": key, "ConsistentRead": True}
    return region.client("dynamodb").get_item(**asked).get("Item")


def answers_again(region: RunningRegion, restarts: int) -> None:
    def is_back() -> bool:
        if region.controller.status()["emulator_restarts"] < restarts:
            return False
        try:
            once(region, "sts").get_caller_identity()
        except (ClientError, BotoCoreError):
            return False
        return True

    wait_for(is_back, what="the emulator")


def test_a_crash_of_the_emulator_takes_no_acknowledged_write(own_region: RunningRegion) -> None:
    make_table(own_region)
    client = once(own_region, "dynamodb")
    killed = threading.Event()
    started = threading.Semaphore(0)

    def write(writer: int) -> list[str]:
        acknowledged = []
        for number in range(10_000):
            if killed.is_set():
                break
            name = f"{writer}-{number}"
            try:
                client.put_item(TableName="journal", Item={"pk": {"S": name}})
            except (ClientError, BotoCoreError):
                break
            acknowledged.append(name)
            started.release()
        return acknowledged

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, number) for number in range(4)]
        for _ in range(200):
            assert started.acquire(timeout=30)
        os.kill(emulator(own_region), signal.SIGKILL)
        killed.set()
        acknowledged = [name for writer in writers for name in writer.result(60)]
    answers_again(own_region, 1)

    lost = [name for name in acknowledged if read(own_region, {"pk": {"S": name}}) is None]
    assert lost == []
    assert len(acknowledged) >= 200
    assert own_region.controller.status()["emulator_state_lost"] is False


def test_writes_are_done_again_once_and_in_their_order(own_region: RunningRegion) -> None:
    make_table(own_region)
    client = own_region.client("dynamodb")
    ssm = own_region.client("ssm")
    client.put_item(TableName="journal", Item={**KEY, "token": {"N": "0"}})
    for crash in (1, 2, 3):
        for number in range(20):
            client.update_item(
                TableName="journal",
                Key=KEY,
                UpdateExpression="SET #t = #t + :one, holder = :holder",
                ExpressionAttributeNames={"#t": "token"},
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":holder": {"S": f"{crash}-{number}"},
                },
            )
        side = ("green", "blue")[crash % 2]
        ssm.put_parameter(Name="/intake", Value=side, Type="String", Overwrite=True)
        os.kill(emulator(own_region), signal.SIGKILL)
        answers_again(own_region, crash)

        item = read(own_region, KEY)
        assert item == {**KEY, "token": {"N": str(20 * crash)}, "holder": {"S": f"{crash}-19"}}
        parameter = ssm.get_parameter(Name="/intake")["Parameter"]
        assert (parameter["Value"], parameter["Version"]) == (side, crash)


def test_a_killed_supervisor_takes_no_acknowledged_write(own_region: RunningRegion) -> None:
    make_table(own_region)
    own_region.client("dynamodb").put_item(TableName="journal", Item=KEY)
    os.kill(own_region.controller.status()["pid"], signal.SIGKILL)
    wait_for(lambda: not own_region.controller.running, what="the end of the supervisor")
    own_region.start()

    assert read(own_region, KEY) == KEY


def test_a_write_that_was_refused_is_not_done_later(own_region: RunningRegion) -> None:
    make_table(own_region)
    client = own_region.client("dynamodb")
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(TableName="journal", Item=KEY, ConditionExpression="attribute_exists(pk)")
    os.kill(emulator(own_region), signal.SIGKILL)
    answers_again(own_region, 1)

    assert read(own_region, KEY) is None
