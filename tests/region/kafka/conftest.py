"""One cluster that the tests of this folder share; those that break things make their own."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from support.analytics import APPS
from support.databases import unique
from support.region import RunningRegion
from support.streams import make_cluster

# The application's own way to sign in is what judges the brokers.
sys.path.insert(0, str(APPS))


@pytest.fixture(scope="session")
def cluster(region: RunningRegion) -> Iterator[dict[str, Any]]:
    """Yield an active cluster of three brokers, with `bootstrap` as clients need it."""
    made = make_cluster(region, unique("shared"))
    yield made
    region.client("kafka").delete_cluster(ClusterArn=made["ClusterArn"])
