"""What services see of the region, in a region that runs inside the test."""

import asyncio
import sys

import pytest
from botocore.exceptions import ClientError
from support.region import processes_of

from platformctl.errors import RegionError
from platformctl.region.endpoint.server import json_answer
from platformctl.region.services import registry
from platformctl.region.services.base import Service, ServiceError
from platformctl.region.supervisor.region import LocalRegion

FOREVER = [sys.executable, "-c", "import time; time.sleep(600)"]


class Counting(Service):
    """A service that keeps a process per region name."""

    name = "kafka"

    async def start(self):
        for region in self.runtime.store.regions(self.name):
            await self.start_region(region)

    async def create_cluster(self, call):
        table = self.runtime.store.table(self.name, call.region, "clusters")
        table[call.parameters["ClusterName"]] = {"name": call.parameters["ClusterName"]}
        await self.start_region(call.region)
        return {"ClusterName": call.parameters["ClusterName"], "State": "ACTIVE"}

    def list_clusters(self, call):
        table = self.runtime.store.table(self.name, call.region, "clusters")
        return {"ClusterInfoList": [{"ClusterName": r["name"]} for r in table.values()]}

    def delete_cluster(self, call):
        raise ServiceError("NotFoundException", "no such cluster")

    async def start_region(self, region):
        if not self.runtime.is_stopped(region):
            await self.runtime.processes.start(f"kafka/{region}/broker", FOREVER)


class Broken(Service):
    name = "rds"

    async def start(self):
        raise RuntimeError("no disk")


async def until(condition, seconds=60):
    """Wait for a condition of the outside world."""
    for _ in range(seconds * 20):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the condition did not come true")


async def _control(request):
    return json_answer(200, {})


@pytest.fixture
async def start(tmp_path, monkeypatch):
    """Return what starts a region with the services above; all are stopped at the end."""
    started = []
    monkeypatch.setattr(
        registry,
        "SERVICES",
        {"kafka": f"{__name__}:Counting", "rds": f"{__name__}:Broken", "ecs": "no.such:Module"},
    )

    async def start_one():
        region = LocalRegion(tmp_path / "region", None, 0)
        started.append(region)
        await region.start(_control)
        return region

    yield start_one
    for region in started:
        await region.stop()


async def _cluster(region, name, where="us-east-1"):
    nodes = {"InstanceType": "kafka.t3.small", "ClientSubnets": ["subnet-1"]}
    parameters = {
        "ClusterName": name,
        "KafkaVersion": "3.9.x",
        "NumberOfBrokerNodes": 1,
        "BrokerNodeGroupInfo": nodes,
    }
    return await region.call("kafka", where, "create_cluster", parameters)


async def test_services_call_each_other_and_the_emulator(start):
    region = await start()
    await _cluster(region, "events")
    listed = await region.call("kafka", "us-east-1", "ListClusters", {})
    await region.call("s3", "us-east-1", "create_bucket", {"Bucket": "called"})
    buckets = await region.call("s3", "us-east-1", "list_buckets", {})

    assert [c["ClusterName"] for c in listed["ClusterInfoList"]] == ["events"]
    assert [bucket["Name"] for bucket in buckets["Buckets"]] == ["called"]
    assert isinstance(region.service(Counting), Counting)
    with pytest.raises(ClientError, match="no such cluster"):
        await region.call("kafka", "us-east-1", "delete_cluster", {"ClusterArn": "arn"})


async def test_a_service_that_does_not_start_is_shown_and_the_others_run(start):
    region = await start()
    states = region.service_states()

    assert states["kafka"] == "running"
    assert states["rds"] == "failed: RuntimeError: no disk"
    assert "No module named 'no'" in states["ecs"]
    with pytest.raises(ClientError, match=r"rds did not start in the local region: .*no disk"):
        await region.call("rds", "us-east-1", "describe_db_instances", {})
    with pytest.raises(RegionError, match="Broken is not running"):
        region.service(Broken)


async def test_an_outage_stops_what_runs_there_and_ends_with_it_running_again(start):
    region = await start()
    for where in ("us-east-1", "us-west-2"):
        await _cluster(region, "events", where)
    east = region.processes.named("kafka/us-east-1/broker")
    west = region.processes.named("kafka/us-west-2/broker")
    await region.stop_region("us-east-1")

    assert east.returncode is not None
    assert west.returncode is None
    assert region.region_states() == {"us-east-1": "stopped", "us-west-2": "running"}
    with pytest.raises(RegionError, match="region us-east-1 is stopped"):
        await region.processes.start("kafka/us-east-1/broker", FOREVER)
    with pytest.raises(ClientError, match="region us-east-1 is stopped"):
        await region.call("kafka", "us-east-1", "list_clusters", {})
    await region.start_region("us-east-1")
    assert region.processes.named("kafka/us-east-1/broker").returncode is None


async def test_records_and_outages_survive_a_restart(start):
    region = await start()
    await _cluster(region, "events", "us-west-2")
    await _cluster(region, "events", "us-east-1")
    await region.stop_region("us-west-2")
    await region.stop()
    again = await start()

    assert again.region_states() == {"us-east-1": "running", "us-west-2": "stopped"}
    assert again.processes.named("kafka/us-west-2/broker") is None
    assert again.processes.named("kafka/us-east-1/broker").returncode is None


async def test_a_crash_in_the_background_is_kept_with_its_name(start):
    region = await start()

    async def crash():
        raise ValueError("bad metric")

    task = region.spawn("alarms/us-east-1", crash())
    await asyncio.wait({task})

    assert region.failures == ["alarms/us-east-1: ValueError: bad metric"]


async def test_background_work_ends_when_the_region_stops(start):
    region = await start()
    task = region.spawn("endless", asyncio.sleep(600))
    await region.stop()

    assert task.cancelled()
    assert processes_of(region.root) == []


async def test_changes_are_saved_while_the_emulator_runs(start):
    region = await start()
    await region.call("sqs", "us-east-1", "create_queue", {"QueueName": "kept"})
    unsaved = region.root / "emulator" / "has-unsaved-changes"
    assert unsaved.exists()
    await until(lambda: not unsaved.exists())
    region.processes.named("emulator").kill()
    read = await region.call("sqs", "us-east-1", "list_queues", {})

    assert [url.rpartition("/")[2] for url in read["QueueUrls"]] == ["kept"]
    assert region.emulator.restarts == 1
    assert not region.emulator.state_lost


async def test_the_emulator_s_own_interface_is_not_served(start):
    region = await start()
    await region.call(
        "ssm", "us-east-1", "put_parameter", {"Name": "/a", "Value": "v", "Type": "String"}
    )
    with pytest.raises(ClientError):
        await region.call(
            "s3", "us-east-1", "get_object", {"Bucket": "_ministack", "Key": "health"}
        )
