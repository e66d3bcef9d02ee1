import pytest
from support.region import running_region


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    with running_region(tmp_path_factory.mktemp("bootstrap")) as running:
        yield running
