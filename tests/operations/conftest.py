"""Fixtures of the tests of operations."""

from collections.abc import Iterator

import pytest
from support.region import RunningRegion, running_region


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    """Yield a running region for the tests of one file: what they make has names of its own."""
    with running_region(tmp_path_factory.mktemp("region")) as started:
        yield started
