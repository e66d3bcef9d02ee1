"""Asking the running region, and taking one of its region names out."""

import pytest
from botocore.exceptions import ClientError

from platformctl.errors import RegionError
from platformctl.region.environment import variables


def test_status_says_what_runs(region):
    status = region.controller.status()

    assert status["state"] == "running"
    assert status["endpoint"] == region.endpoint
    assert status["project"] == str(region.project)
    assert status["uptime"] > 0
    assert status["regions"]["us-east-1"] == "running"


def test_processes_say_what_they_use(region):
    rows = {row["name"]: row for row in region.controller.processes()}

    assert rows["supervisor"]["memory"] > 10_000_000
    assert rows["emulator"]["state"] == "running"
    assert rows["emulator"]["cpu_seconds"] > 0
    assert rows["emulator"]["started"] > 0


def test_logs_come_by_name(region):
    assert any("running at" in line for line in region.controller.logs("supervisor"))
    assert list(region.controller.logs("emulator")) is not None
    with pytest.raises(RegionError, match=r"there are: .*emulator"):
        list(region.controller.logs("nothing"))


@pytest.mark.parametrize("name", ["../run/supervisor.json", "/etc/passwd", "", "../../x"])
def test_logs_of_other_files_are_not_served(region, name):
    with pytest.raises(RegionError, match="nothing called"):
        list(region.controller.logs(name))


def test_logs_can_be_followed(region):
    path = region.root / "logs" / "followed.log"
    path.write_text("first\n")
    lines = region.controller.logs("followed", follow=True)
    assert next(lines) == "first"
    with path.open("a") as log:
        log.write("second\n")

    assert next(lines) == "second"
    lines.close()


def test_a_stopped_region_answers_nothing_until_it_is_started(region):
    west = region.client("sqs", "us-west-2")
    west.create_queue(QueueName="survivor")
    region.controller.stop_region("us-west-2")
    try:
        with pytest.raises(ClientError, match="region us-west-2 is stopped") as caught:
            west.list_queues()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        region.client("sqs", "us-east-1").list_queues()
        assert region.controller.status()["regions"]["us-west-2"] == "stopped"
    finally:
        region.controller.start_region("us-west-2")

    assert west.list_queues()["QueueUrls"][0].endswith("/survivor")


def test_the_environment_is_what_programs_need(region):
    environment = region.controller.environment()

    assert environment == variables(region.endpoint, region.root)
    assert environment["AWS_ENDPOINT_URL"] == region.endpoint
