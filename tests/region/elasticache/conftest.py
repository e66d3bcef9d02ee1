"""One replication group that the tests of this folder share; the others make their own."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.caches import make_cache
from support.databases import unique
from support.region import RunningRegion


@pytest.fixture(scope="session")
def cache(region: RunningRegion) -> Iterator[dict[str, Any]]:
    """Yield an available group of a primary and a replica."""
    shape = make_cache(region, unique("shared"))
    yield shape
    region.client("elasticache").delete_replication_group(
        ReplicationGroupId=shape["ReplicationGroupId"]
    )
