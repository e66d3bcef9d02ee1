"""A server's program that is missing is told before anything starts, with what helps."""

import pytest
from support.region import RunningRegion

from platformctl.errors import RegionError
from platformctl.region.servers.postgres import installation as postgres
from platformctl.region.servers.redis import installation as redis


@pytest.fixture(autouse=True)
def looked_for_anew():
    """What was found is remembered for the process."""
    yield
    postgres.installations.cache_clear()
    redis.program.cache_clear()


@pytest.mark.parametrize("module", [postgres, redis], ids=["PostgreSQL", "Redis"])
def test_a_region_without_a_server_is_refused_before_it_starts(tmp_path, monkeypatch, module):
    monkeypatch.setenv(module.VARIABLE, "/nowhere")
    postgres.installations.cache_clear()
    redis.program.cache_clear()
    region = RunningRegion(tmp_path)

    with pytest.raises(RegionError, match=f"{module.VARIABLE}=/nowhere") as refused:
        region.start()

    assert refused.value.why
    assert f"unset {module.VARIABLE}" in refused.value.remedy
    assert not (region.root / "run" / "supervisor.json").exists()
