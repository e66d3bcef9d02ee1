"""What the status of an environment says of the health checks that names follow."""

import socket
from collections.abc import Iterator

import pytest
from support.ecs import wait_for
from support.region import RunningRegion, running_region

from platformctl.operations.status.parts import Health
from platformctl.operations.status.report import read_status


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    with running_region(tmp_path_factory.mktemp("region")) as running:
        yield running


@pytest.fixture
def endpoint():
    """Listen where a TCP health check connects."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


def checking(region, port, **more):
    """Make a health check of a port; return how to read the part that tells of it."""
    settings = {"Type": "TCP", "IPAddress": "127.0.0.1", "Port": port, "RequestInterval": 10}
    made = region.client("route53").create_health_check(
        CallerReference=str(port), HealthCheckConfig=settings | more
    )
    resource = {
        "type": "aws:route53/healthCheck:HealthCheck",
        "urn": "urn:pulumi:test::test::aws:route53/healthCheck:HealthCheck::east",
        "id": made["HealthCheck"]["Id"],
        "outputs": {
            "type": "TCP",
            "ipAddress": "127.0.0.1",
            "disabled": more.get("Disabled", False),
        },
    }

    def part():
        checkpoint = {"deployment": {"resources": [resource]}}
        report = read_status("test", checkpoint, region.client, region="us-east-1")
        (found,) = report.parts
        return found

    return part


def test_a_side_that_answers_is_well(region, endpoint):
    part = checking(region, endpoint.getsockname()[1])
    wait_for(lambda: part().health is Health.HEALTHY, what="the first answer")

    assert (part().kind, part().name) == ("health check", "127.0.0.1")
    assert part().detail == "8/8 checkers say it is well"


def test_a_side_that_names_are_led_away_from_is_ill_and_says_why(region, endpoint):
    port = endpoint.getsockname()[1]
    endpoint.close()
    part = checking(region, port)
    wait_for(lambda: part().health is Health.UNHEALTHY, what="the first failure")

    assert part().detail.startswith("0/8 checkers say it is well: Failure: The health checker")


def test_a_side_that_is_not_asked_is_idle(region, endpoint):
    part = checking(region, endpoint.getsockname()[1], Disabled=True)

    assert (part().health, part().detail) == (Health.IDLE, "does not ask")
