"""PostgreSQL's pieces that need no server."""

import base64
import hashlib
import hmac
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from platformctl.errors import RegionError
from platformctl.region.runtime import Address
from platformctl.region.servers.postgres import installation
from platformctl.region.servers.postgres.archive import Archive
from platformctl.region.servers.postgres.configuration import (
    FIXED,
    applies,
    authentication,
    quoted,
    settings,
)
from platformctl.region.servers.postgres.parameters import parameters
from platformctl.region.servers.postgres.scram import ITERATIONS, verifier


def segment(timeline: int, number: int) -> str:
    return f"{timeline:08X}{0:08X}{number:08X}"


def put(folder: Path, name: str) -> None:
    (folder / f"{name}.gz").write_bytes(b"")


@hypothesis_settings(deadline=None)
@given(st.text(min_size=1), st.binary(min_size=16, max_size=16))
def test_a_verifier_proves_the_password_and_does_not_contain_it(password: str, salt: bytes):
    text = verifier(password, salt)
    kind, cost, keys = text.split("$")
    stored, server = (base64.b64decode(key) for key in keys.split(":"))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    assert (kind, cost.split(":")[0]) == ("SCRAM-SHA-256", str(ITERATIONS))
    assert hashlib.sha256(client).digest() == stored
    assert hmac.digest(salted, b"Server Key", "sha256") == server


def test_every_verifier_has_a_salt_of_its_own():
    assert verifier("the same") != verifier("the same")


def test_pruning_removes_what_lies_before_a_segment_on_any_timeline(tmp_path: Path):
    for name in (segment(1, 1), segment(1, 2), segment(2, 2), segment(2, 3)):
        put(tmp_path, name)
    put(tmp_path, "00000002.history")
    archive = Archive(tmp_path)
    assert archive.prune(segment(1, 2)) == 1
    assert archive.segments() == [segment(1, 2), segment(2, 2), segment(2, 3)]
    assert (tmp_path / "00000002.history.gz").exists()


def test_an_archive_that_does_not_exist_yet_is_empty(tmp_path: Path):
    assert Archive(tmp_path / "none").segments() == []


def test_archiving_and_restoring_give_the_same_segment_back(tmp_path: Path):
    folder = tmp_path / "it's 100% here"
    folder.mkdir()
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(100_000))
    archive, name = Archive(folder), segment(1, 7)

    def run(command: str, path: Path) -> int:
        # What PostgreSQL replaces in a command.
        text = command.replace("%%", "\0").replace("%p", str(path)).replace("%f", name)
        return os.system(text.replace("\0", "%"))

    assert run(archive.archive_command, source) == 0
    assert archive.has(name)
    assert run(archive.archive_command, source) == 0
    assert run(archive.restore_command, target) == 0
    assert target.read_bytes() == source.read_bytes()
    (folder / f"{name}.gz").unlink()
    assert run(archive.restore_command, target) != 0


@hypothesis_settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="\0\n")))
def test_a_quoted_value_reads_back_as_it_was(value: str):
    text = quoted(value)
    assert text[0] == text[-1] == "'"
    assert text[1:-1].replace("''", "'").replace("\\\\", "\\") == value


def test_a_value_cannot_add_a_line_of_its_own():
    assert "\n" not in quoted("x'\nlisten_addresses = '*")


@pytest.mark.parametrize("name", sorted(FIXED))
def test_what_the_region_fixes_cannot_be_set_by_a_parameter_group(name: str, tmp_path: Path):
    address = Address("127.1.2.3", 5432)
    usual = settings(address, Archive(tmp_path), {})
    assert settings(address, Archive(tmp_path), {name: "other"}) == usual


@pytest.mark.parametrize(
    ("name", "value", "reaches"),
    [
        ("work_mem", "8192", True),
        ("rds.force_ssl", "1", False),
        ("shared_buffers", "262144", False),
        ("work_mem", "{DBInstanceClassMemory/32768}", False),
    ],
)
def test_only_what_fits_this_machine_reaches_the_server(name: str, value: str, reaches: bool):
    assert applies(name, value) is reaches


def test_only_the_administrator_may_replicate():
    lines = authentication("root").splitlines()
    assert lines[0].split()[1:3] == ["replication", "root"]
    assert lines[1].split()[1::3] == ["replication", "reject"]
    assert all("127.0.0.0/8" in line for line in lines)


def test_a_folder_named_by_the_environment_must_be_an_installation(monkeypatch, tmp_path: Path):
    monkeypatch.setenv(installation.VARIABLE, str(tmp_path))
    installation.installations.cache_clear()
    try:
        with pytest.raises(RegionError, match="is not a PostgreSQL installation"):
            installation.installations()
    finally:
        monkeypatch.undo()
        installation.installations.cache_clear()


def test_data_of_a_version_that_is_not_installed_is_not_opened_with_another():
    with pytest.raises(RegionError, match="no PostgreSQL 9 is installed"):
        installation.installation_for(9, exactly=True)
    assert installation.installation_for(9) == installation.installations()[0]


def test_an_installation_describes_its_parameters():
    known = parameters(installation.installations()[0])
    assert known["max_connections"].static
    assert not known["work_mem"].static
    assert known["work_mem"].kind == "INTEGER"
