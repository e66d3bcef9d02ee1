"""All four products on one machine, and the production environment rehearsed there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.platform import Platform, alive
from support.region import processes_of

from platformctl.region.client import RegionClient

PRODUCTS = ["analytics", "cloudweave", "journey", "aura"]
REHEARSAL = ("production", "--target", "local")
REHEARSED = Path(".platformctl") / "rehearsals" / "production" / "region"


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[None]:
    """Stop the region of a test that did not come to its end."""
    yield
    for root in (tmp_path / ".platformctl" / "region", tmp_path / REHEARSED):
        if (region := RegionClient(root)).running:
            region.stop()


@pytest.mark.timeout(700)
@pytest.mark.usefixtures("stopped")
def test_four_products_come_up_stay_as_they_are_and_leave_nothing(tmp_path: Path):
    platform = Platform.create(tmp_path)
    platform.configure(lambda config: config.update({"platform:products": PRODUCTS}))
    told = platform.run("up", "local", "--yes", timeout=500).stderr
    assert "awaiting first release" in told
    processes = platform.region_processes()

    status = platform.json("status", "local")
    assert status["healthy"]
    services = {part["name"]: part["health"] for part in status["parts"]}
    assert services["analytics-ingestion-blue"] == "healthy"
    assert services["journey-api-blue"] == services["cloudweave-backend-blue"] == "idle"
    platform.run("up", "local", "--yes", "--expect-no-changes", timeout=200)

    platform.run("destroy", "local", "--yes")
    assert alive(processes) == []


@pytest.mark.timeout(700)
@pytest.mark.usefixtures("stopped")
def test_production_is_rehearsed_with_tls_signed_tokens_and_two_regions(tmp_path: Path):
    platform = Platform.create(tmp_path, "Pulumi.production.yaml")
    platform.run("up", *REHEARSAL, "--max-count", "1", "--yes", timeout=600)
    assert platform.json("status", *REHEARSAL)["healthy"]
    assert platform.outputs(*REHEARSAL)["analytics_api_url"].startswith("https://")

    # Through HTTPS at the load balancer, Kafka with TLS and signed tokens, into PostgreSQL.
    load = platform.json("load", "run", *REHEARSAL, "--rate", "50", "--duration", "2s")
    assert load["accepted"] == load["counted"] > 0
    assert load["errors"] == {}
    logs = platform.run("logs", *REHEARSAL, "--service", "analytics-ingestion", "--since", "1h")
    assert "kafka is there" in logs.stdout
    recovery = platform.client("rds", "us-west-2").describe_db_instances()["DBInstances"]
    assert {one["DBInstanceStatus"] for one in recovery} == {"available"}

    assert processes_of(tmp_path / REHEARSED)
    platform.run("destroy", *REHEARSAL, "--yes")
    assert processes_of(tmp_path / REHEARSED) == []
