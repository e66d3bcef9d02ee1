"""Whether the official CLI is on this machine, and how to get it. Imports nothing heavy."""

import shutil
import subprocess
from pathlib import Path

INSTALL = "platformctl doctor --install"
"""The command that installs the CLI."""


def installed_root() -> Path:
    """Return the folder that `install` puts the CLI into."""
    return Path.home() / ".pulumi" / "versions" / "platformctl"


def is_installed() -> bool:
    """Tell whether there is a CLI, of whatever version: on PATH, or where `install` puts it."""
    own = installed_root() / "bin" / "pulumi"
    return shutil.which("pulumi") is not None or own.is_file()


def install() -> str:
    """Download the CLI that belongs to the installed SDK, and return its version.

    Raises:
        PulumiError: It cannot be downloaded.
    """
    from pulumi import automation  # noqa: PLC0415  # half a second that other commands save
    from pulumi.automation.errors import InvalidVersionError  # noqa: PLC0415

    from platformctl.deployment.pulumi.failures import PulumiError  # noqa: PLC0415

    try:
        return str(automation.PulumiCommand.install(root=str(installed_root())).version)
    except (OSError, subprocess.CalledProcessError, InvalidVersionError) as error:
        raise PulumiError(
            "the Pulumi CLI could not be installed",
            why=str(error),
            remedy="see https://www.pulumi.com/docs/install",
        ) from error
