"""Fixtures of the tests of operations."""

from collections.abc import Iterator

import pytest
from support.region import RunningRegion, running_region


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    """Yield one running region per test process."""
    with running_region(tmp_path_factory.mktemp("region")) as started:
        yield started
