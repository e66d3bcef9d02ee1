"""Every test gets a cluster of its own."""

from collections.abc import Iterator

import pytest
from support.ecs import Stage
from support.region import RunningRegion


@pytest.fixture
def stage(region: RunningRegion) -> Iterator[Stage]:
    """Yield a cluster that is emptied at the end."""
    made = Stage(region)
    yield made
    made.clear()
