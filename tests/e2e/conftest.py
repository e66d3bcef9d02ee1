import pytest
from support.platform import Platform


@pytest.fixture(scope="session")
def platform(tmp_path_factory):
    """The analytics platform, up and healthy; destroyed at the end."""
    platform = Platform.create(tmp_path_factory.mktemp("platform"))
    platform.run("up", "local", "--sample", timeout=300)
    yield platform
    platform.run("destroy", "local", "--yes")
