"""What the source of an application tells about a release of it."""

import subprocess  # git has no interface but its command
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformctl.region.services.ecr.contents import app_from

WHEEL = ".whl"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where code came from, and what it says about itself.

    Attributes:
        digest: Digest of the sources, which is the tag of an image made of them.
        migration_head: Number of the newest migration that it knows; "" without a database.
        migration_image: Image with its migrations, where they are not those of the stack.
        smoke: What it must answer before anybody's requests reach it.
        commit: Commit; "" outside a repository.
        dirty: Whether it has changes that are not in the commit.
    """

    digest: str = ""
    migration_head: str = ""
    migration_image: str = ""
    smoke: Sequence[Mapping[str, Any]] = ()
    commit: str = ""
    dirty: bool = False


def origin_of(source: Path, image: str) -> Origin:
    """Read what a source says about an application.

    Args:
        source: Folder with `apps/<product>/<app>/app.yaml`, or a wheel with the folders of apps.
        image: Name of the application's image.

    Raises:
        InvocationError: There is no such application in it.
    """
    with app_from(source, image) as app:
        migrations = app.path.parent.parent / "database" / "migrations"
        numbers = [path.name[:4] for path in migrations.rglob("[0-9][0-9][0-9][0-9]_*.py")]
        commit, dirty = ("", False) if source.suffix == WHEEL else _commit(app.folders)
        return Origin(
            digest=app.digest,
            migration_head=max(numbers, default=""),
            smoke=[check.model_dump(mode="json") for check in app.smoke],
            commit=commit,
            dirty=dirty,
        )


def _commit(folders: Sequence[Path]) -> tuple[str, bool]:
    """Return the commit that folders are at, and whether they differ from it."""
    commit = _git(folders[0], "rev-parse", "HEAD")
    if not commit:
        return "", False
    return commit, bool(_git(folders[0], "status", "--porcelain", "--", *map(str, folders)))


def _git(folder: Path, *arguments: str) -> str:
    """Return what git answers; "" where there is no repository, or no git."""
    command = ["git", "-C", str(folder), *arguments]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
