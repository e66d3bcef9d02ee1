"""The migrations of this source, as Alembic finds them in two lines: expand and contract."""

import hashlib
import re
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError

from database.migrating.model import Backfill, Migration, MigrationRefused
from database.schema import CONTRACT, EXPAND

FOLDER = Path(__file__).resolve().parents[1] / "migrations"
_FILE = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+)\.py")


class Catalog:
    """The migrations in a folder.

    Args:
        folder: Folder with `env.py`, `expand/` and `contract/`.

    Attributes:
        migrations: All of them, by number.

    Raises:
        MigrationRefused: The files contradict each other.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        _check_numbers(folder)
        directory = ScriptDirectory.from_config(self.config())
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                scripts = sorted(directory.walk_revisions(), key=lambda each: each.revision)
        except (CommandError, UserWarning) as error:
            raise MigrationRefused(f"the migrations contradict each other: {error}") from error
        for phase in (EXPAND, CONTRACT):
            _check_line(phase, scripts)
        self._scripts = {each.revision: each for each in scripts}
        self.migrations = {each.revision: _migration(each) for each in scripts}
        self._check_contracts()

    def config(self) -> Config:
        """Return Alembic's configuration for one command."""
        config = Config()
        config.set_main_option("script_location", str(self.folder))
        config.set_main_option("path_separator", "os")
        places = [str(self.folder / phase) for phase in (EXPAND, CONTRACT)]
        config.set_main_option("version_locations", ":".join(places))
        return config

    def line(self, phase: str) -> list[Migration]:
        """Return the migrations of a phase, in order."""
        return [each for each in self.migrations.values() if each.phase == phase]

    def contract_of(self, number: str) -> Migration | None:
        """Return the contract that completes an expansion, if there is one."""
        return next((each for each in self.line(CONTRACT) if number in each.completes), None)

    def before(self, number: str) -> str:
        """Return what precedes a migration in its line; "base" for the first."""
        line = [each.number for each in self.line(self.migrations[number].phase)]
        place = line.index(number)
        return line[place - 1] if place else "base"

    def way_back(self, number: str) -> Callable[[], None]:
        """Return what undoes an expansion."""
        return self._scripts[number].module.downgrade

    def _check_contracts(self) -> None:
        expansions = {each.number for each in self.line(EXPAND)}
        for contract in self.line(CONTRACT):
            if not contract.completes or not expansions.issuperset(contract.completes):
                raise MigrationRefused(
                    f"{contract.number} completes {', '.join(contract.completes) or 'nothing'}: "
                    "a contract names the expansions that it completes"
                )
            if contract.number < max(contract.completes):
                raise MigrationRefused(f"{contract.number} completes what comes after it")


def _check_numbers(folder: Path) -> None:
    names = [each.name for phase in (EXPAND, CONTRACT) for each in (folder / phase).glob("*.py")]
    for name in names:
        if not _FILE.fullmatch(name):
            raise MigrationRefused(f"{name}: a migration is called like 0001_what_it_does.py")
    counted = Counter(name[:4] for name in names)
    for number, times in sorted(counted.items()):
        if times > 1:
            same = ", ".join(sorted(name for name in names if name.startswith(number)))
            raise MigrationRefused(f"{number} is the number of {times} migrations: {same}")


def _check_line(phase: str, scripts: list[Script]) -> None:
    """Insist that each migration of a phase follows the one before it."""
    line = [each for each in scripts if _phase(each) == phase]
    expected = [None, *(each.revision for each in line)]
    for script, before in zip(line, expected, strict=False):
        if script.revision != Path(script.path).name[:4]:
            raise MigrationRefused(f"{Path(script.path).name} says that it is {script.revision}")
        if script.down_revision != before:
            raise MigrationRefused(
                f"{script.revision} follows {script.down_revision or 'nothing'}, "
                f"not {before or 'nothing'}: two branches may have added a migration each"
            )


def _phase(script: Script) -> str:
    return Path(script.path).parent.name


def _migration(script: Script) -> Migration:
    path, module = Path(script.path), script.module
    backfill = getattr(module, "backfill", None)
    if backfill is not None and not isinstance(backfill, Backfill):
        raise MigrationRefused(f"{path.name}: backfill is no Backfill")
    if _phase(script) == EXPAND and not hasattr(module, "downgrade"):
        raise MigrationRefused(f"{path.name}: an expansion has a way back")
    return Migration(
        number=script.revision,
        name=path.stem[5:],
        title=script.doc,
        phase=_phase(script),
        completes=tuple(getattr(module, "completes", ())),
        backfill=backfill,
        checksum=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
