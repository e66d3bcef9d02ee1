"""The Python process that a program runs in; light enough to be started before the engine is.

Importing the SDK takes as long in that process as importing the engine takes in this one.
`prepare` lets both happen at the same time.
"""

import subprocess
import sys
from pathlib import Path

_prepared: dict[Path, "subprocess.Popen[bytes]"] = {}


def prepare(program: Path, modules: Path) -> None:
    """Start the process for a program ahead of time; it ends with us if it is never used.

    Args:
        program: Folder of the program.
        modules: File in which the process keeps what the program imports, for the next time.
    """
    if program.is_dir():
        _prepared[program] = _start(program, modules)


def take(program: Path) -> "subprocess.Popen[bytes]":
    """Return the process that was prepared for a program, or a new one.

    It waits for one line on standard input: a JSON object of the environment variables that say
    what the run is about. Standard input then stays open: it tells the child that we are alive.
    """
    return _prepared.pop(program, None) or _start(program)


def _start(program: Path, *modules: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-u", "-m", "platformctl.engine.program.child"]
    return subprocess.Popen(
        [*command, str(program), *map(str, modules)],
        cwd=program,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the engine, which then decides
    )
