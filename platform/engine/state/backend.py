"""The folder that holds all stacks of a project."""

import os
import secrets
from pathlib import Path

from platformctl.engine.state.files import write_atomically
from platformctl.engine.state.stack import Stack
from platformctl.errors import ConfigurationError, StateError


class Backend:
    """All stacks of a project.

    Without a passphrase, `PULUMI_CONFIG_PASSPHRASE` or the file that
    `PULUMI_CONFIG_PASSPHRASE_FILE` names is used, and failing these a random one that is kept
    beside the stacks, readable by its owner only.

    Args:
        root: The folder; made when it is first written to.
        passphrase: What secrets are sealed with.
    """

    def __init__(self, root: Path, passphrase: str | None = None) -> None:
        self.root = root
        self._given = passphrase

    def stack(self, name: str) -> Stack:
        """Return a stack by name, whether or not it exists.

        Raises:
            ConfigurationError: That cannot be the name of a stack.
        """
        allowed = name.replace("-", "").replace("_", "").replace(".", "")
        if not allowed.isalnum() or name.startswith("."):
            raise ConfigurationError(
                f"{name!r} cannot be the name of a stack",
                why="letters, digits, hyphens, underscores and periods are allowed",
            )
        return Stack(self.root / "stacks" / name, self._passphrase)

    def stacks(self) -> list[str]:
        """Return the names of the stacks that exist."""
        folder = self.root / "stacks"
        if not folder.is_dir():
            return []
        return sorted(each.name for each in folder.iterdir() if self.stack(each.name).exists)

    def _passphrase(self) -> str:
        if self._given is not None:
            return self._given
        if (phrase := os.environ.get("PULUMI_CONFIG_PASSPHRASE")) is not None:
            return phrase
        if named := os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
            return _read(Path(named))
        path = self.root / "passphrase"
        if not path.exists() and not self.stacks():
            self.root.mkdir(parents=True, exist_ok=True)
            write_atomically(path, secrets.token_urlsafe(32).encode())
        return _read(path)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise StateError(
            "the passphrase that the state is sealed with cannot be read",
            why=f"{path}: {error.strerror}",
            remedy="put the file back, or set PULUMI_CONFIG_PASSPHRASE to what it held",
        ) from error
