"""Redis' pieces that need no server."""

from pathlib import Path

import pytest

from platformctl.errors import RegionError
from platformctl.region.servers.redis import installation
from platformctl.region.servers.redis.parameters import PARAMETERS, applied


def test_every_default_is_allowed():
    wrong = {name: one.default for name, one in PARAMETERS.items() if not one.accepts(one.default)}
    assert wrong == {}


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("maxmemory-policy", "allkeys-lru", True),
        ("maxmemory-policy", "best", False),
        ("reserved-memory-percent", "100", True),
        ("reserved-memory-percent", "101", False),
        ("timeout", "-1", False),
        ("notify-keyspace-events", "KEA", True),
    ],
)
def test_values_are_checked_against_what_is_allowed(name: str, value: str, accepted: bool):
    assert PARAMETERS[name].accepts(value) is accepted


def test_what_is_sized_for_aws_does_not_reach_the_server():
    values = applied({"timeout": "7", "maxclients": "9", "reserved-memory-percent": "50"})
    assert values["timeout"] == "7"
    assert "maxclients" not in values
    assert "reserved-memory-percent" not in values


def test_a_program_named_by_the_environment_must_be_executable(monkeypatch, tmp_path: Path):
    monkeypatch.setenv(installation.VARIABLE, str(tmp_path / "none"))
    installation.program.cache_clear()
    try:
        with pytest.raises(RegionError, match="cannot be executed"):
            installation.program()
    finally:
        monkeypatch.undo()
        installation.program.cache_clear()
