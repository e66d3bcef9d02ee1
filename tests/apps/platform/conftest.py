"""One region for each worker."""

from collections.abc import Iterator

import pytest
from support.region import RunningRegion, running_region


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    with running_region(tmp_path_factory.mktemp("region")) as running:
        yield running
