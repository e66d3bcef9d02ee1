"""The process that a program runs in: what it imports ahead, and how it ends."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.engine_program import Project

from platformctl.engine.program import interpreter, modules


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_packages_of_the_last_run_are_kept_and_the_programs_own_are_not(
    project: Project, tmp_path: Path
) -> None:
    kept = tmp_path / "state" / "modules.txt"
    interpreter.prepare(project.program, kept)
    project.up('import colorsys, email.mime.text\na = Thing("a")')
    names = kept.read_text().split()

    assert {"colorsys", "email.mime"} <= set(names)
    assert not {"things", "pulumi", "email.mime.text", "os"} & set(names)


def test_what_was_kept_is_imported_until_the_engine_is_ready(
    tmp_path: Path, pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("colorsys", "mailcap_of_nobody"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    kept = tmp_path / "modules.txt"
    kept.write_text("mailcap_of_nobody\ncolorsys\n")
    waiting, engine = pipe

    os.write(engine, b"{}\n")
    modules.import_again(kept, waiting)
    assert "colorsys" not in sys.modules

    os.read(waiting, 3)
    modules.import_again(kept, waiting)
    assert "colorsys" in sys.modules


def test_without_a_last_run_nothing_is_imported(tmp_path: Path, pipe: tuple[int, int]) -> None:
    before = set(sys.modules)
    modules.import_again(tmp_path / "modules.txt", pipe[0])

    assert set(sys.modules) == before


def test_what_a_program_wants_done_at_its_end_is_done(project: Project, tmp_path: Path) -> None:
    told = tmp_path / "told"
    project.up(
        f"""
        import atexit, pathlib, sys
        atexit.register(lambda: pathlib.Path({str(told)!r}).write_text("bye"))
        a = Thing("a")
        """
    )

    assert told.read_text() == "bye"


def test_a_resource_knows_the_line_that_makes_it(project: Project) -> None:
    project.up('a = Thing("a")\nb = Group("b")')
    positions = {each.name: each.source_position for each in project.resources()}
    first = int(positions["a"].rpartition("#")[2].split(",")[0])

    assert positions["a"].rpartition("#")[0].endswith("program/__main__.py")
    assert positions["b"] == positions["a"].replace(f"#{first}", f"#{first + 1}")
