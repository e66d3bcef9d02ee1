"""What is wrong with a machine is found before anything starts."""

import socket
import sys

import pytest

from platformctl.deployment.project import Project
from platformctl.operations.doctor import machine
from platformctl.operations.doctor.examine import examine_local
from platformctl.operations.doctor.finding import Verdict
from platformctl.region.servers.redis.installation import program


@pytest.fixture
def project(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: platform\nruntime: python\nmain: stacks\n")
    return Project(tmp_path)


@pytest.fixture
def looked_for_anew():
    """What was found is remembered for the process."""
    program.cache_clear()
    yield
    program.cache_clear()


def test_a_port_that_is_taken_is_a_failure_with_a_way_round(project, monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("PLATFORMCTL_PORT", str(other.getsockname()[1]))
        found = list(machine.endpoint_port(project))

    assert [each.verdict for each in found] == [Verdict.FAILURE]
    assert "is taken by another program" in found[0].detail
    assert found[0].remedy.startswith("PLATFORMCTL_PORT=")


def test_a_port_that_is_free_is_well(project, monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    monkeypatch.setenv("PLATFORMCTL_PORT", str(port))

    assert [each.detail for each in machine.endpoint_port(project)] == [
        f"not running, port {port} is free"
    ]


def test_the_programs_that_will_be_used_are_named():
    found = list(machine.programs())

    assert found[0].verdict is Verdict.OK
    assert "PostgreSQL" in found[0].detail
    assert "redis-server" in found[0].detail


@pytest.mark.usefixtures("looked_for_anew")
def test_a_program_that_is_not_there_is_found_with_everything_else(project, monkeypatch):
    monkeypatch.setenv("PLATFORMCTL_REDIS", "/nowhere/redis-server")

    found = {each.check: each for each in examine_local(project, "local")}

    assert found["programs"].failed
    assert "PLATFORMCTL_REDIS=/nowhere/redis-server cannot be executed" in found["programs"].detail
    assert found["programs"].remedy.startswith("unset PLATFORMCTL_REDIS")
    assert found["configuration"].failed, "there is no stack file"
    assert not found["Python"].failed


def test_without_the_extra_it_says_what_to_install(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "platformctl.region.servers.redis.installation", None)

    found = {each.check: each for each in examine_local(project, "local")}

    assert found["programs"].failed
    assert found["programs"].remedy == "pip install 'platformctl[local,apps]'"
