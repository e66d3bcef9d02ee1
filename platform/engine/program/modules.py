"""Which packages a program imports: those of the last run are imported while the engine starts.

The SDKs of providers load a module when it is first named, and building its classes takes up to a
fifth of a second each. The process of a program waits for the engine anyway; meanwhile it imports
what it is going to need. What it needed is kept as one name a line.
"""

import contextlib
import importlib
import os
import select
import sys
import types
from collections.abc import Collection
from pathlib import Path

DEPTH = 2
"""Levels of the names that are kept: `pulumi_aws.ec2` brings everything below it."""


def import_again(kept: Path, until: int) -> None:
    """Import what was kept until there is something to read.

    Args:
        kept: File of the names; without it nothing is imported.
        until: File descriptor that becomes readable when the engine is ready.
    """
    with contextlib.suppress(OSError):
        for name in kept.read_text().split():
            if select.select([until], [], [], 0)[0]:
                return
            # A package that is gone since then is the program's to complain about.
            with contextlib.suppress(ImportError):
                # A module that loads itself when it is used does so when it is asked for something.
                getattr(importlib.import_module(name), "__all__", None)


def keep(kept: Path, before: Collection[str], program: Path) -> None:
    """Write down which packages were imported, except the program's own.

    Args:
        kept: File to write.
        before: Names that every program imports.
        program: Folder of the program.
    """
    here = program.parent
    names = [
        name
        for name, module in list(sys.modules.items())
        if type(module) is types.ModuleType  # one that is not loaded yet is of another type
        and name not in before
        and name.count(".") < DEPTH
        and "._" not in f".{name}"
        and (origin := getattr(module.__spec__, "origin", None)) is not None
        and Path(origin).is_absolute()
        and (here not in Path(origin).parents or "site-packages" in origin)
    ]
    text = "".join(f"{name}\n" for name in names)
    # Where it cannot be kept, the next run only takes longer.
    with contextlib.suppress(OSError):
        if kept.is_file() and kept.read_text() == text:
            return
        kept.parent.mkdir(parents=True, exist_ok=True)
        beside = kept.with_name(f"{kept.name}.{os.getpid()}")
        beside.write_text(text)
        beside.replace(kept)
