"""What an installation can be configured with, as its own `postgres --describe-config` says."""

import subprocess
from dataclasses import dataclass
from functools import cache

from platformctl.errors import RegionError
from platformctl.region.servers.postgres.installation import Installation


@dataclass(frozen=True)
class Parameter:
    """One configuration parameter.

    Attributes:
        name: Its name, such as `work_mem`.
        context: When it may change: `postmaster` at a start only, `internal` never, others at once.
        kind: `BOOLEAN`, `INTEGER`, `REAL`, `STRING` or `ENUM`.
        default: Its built-in value.
        minimum: Least value of a number, or "".
        maximum: Greatest value of a number, or "".
        description: One sentence.
    """

    name: str
    context: str
    kind: str
    default: str
    minimum: str
    maximum: str
    description: str

    @property
    def static(self) -> bool:
        """It takes a restart to change it."""
        return self.context == "postmaster"


@cache
def parameters(installation: Installation) -> dict[str, Parameter]:
    """Return every parameter of an installation by name.

    Raises:
        RegionError: The program does not run.
    """
    command = [installation.program("postgres"), "--describe-config"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise RegionError(f"cannot run {command[0]}", why=answer.stderr.strip())
    found: dict[str, Parameter] = {}
    for line in answer.stdout.splitlines():
        columns = line.split("\t")
        if len(columns) >= 8:
            name, context, _, kind, default, minimum, maximum, description = columns[:8]
            found[name] = Parameter(name, context, kind, default, minimum, maximum, description)
    return found
