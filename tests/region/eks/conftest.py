"""One cluster for all tests of a process; each test has names of its own."""

from collections.abc import Iterator

import pytest
from support.kubernetes_cluster import Cluster
from support.region import RunningRegion


@pytest.fixture(scope="session")
def cluster(region: RunningRegion) -> Iterator[Cluster]:
    """Yield a running cluster."""
    made = Cluster(region)
    yield made
    made.clear()
