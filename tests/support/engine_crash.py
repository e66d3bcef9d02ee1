"""Kills the engine at one write of the state after the other, and looks at what is left.

Run as `python engine_crash.py FOLDER`. Every attempt is a forked child that starts from the same
deployed program, applies a changed one and dies at the n-th time it touches the state's files;
another child then runs the changed program again. Prints one JSON object: how many points there
were, and what was wrong.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.engine_cloud import Cloud
from support.engine_direct import Declared, Direct, differences, order_of_records, unwanted

from platformctl.engine.state.backend import Backend
from platformctl.engine.state.stack import Stack

PASSPHRASE = "crash"
KILLED = 137
# A run that touches the state more often than this does not end.
MOST_POINTS = 2000

BEFORE = [
    *(Declared(f"kept{index}", value=1) for index in range(5)),
    *(Declared(f"changed{index}", value=1, updatable=["kept0"]) for index in range(5)),
    *(Declared(f"replaced{index}", fixed=1, needs=["kept1"]) for index in range(4)),
    Declared("user", updatable=["replaced0"]),
    Declared("slot", fixed=1, exclusive=True),
    Declared("tied0", replacing=["slot"]),
    Declared("tied1", replacing=["tied0"]),
    *(Declared(f"gone{index}", updatable=["kept2"]) for index in range(5)),
    Declared("gone-user", updatable=["gone0", "gone1"]),
]
AFTER = [
    *(Declared(f"kept{index}", value=1) for index in range(5)),
    *(Declared(f"changed{index}", value=2, updatable=["kept0"]) for index in range(5)),
    *(Declared(f"replaced{index}", fixed=2, needs=["kept1"]) for index in range(4)),
    Declared("user", updatable=["replaced0"]),
    Declared("slot", fixed=2, exclusive=True),
    Declared("tied0", replacing=["slot"]),
    Declared("tied1", replacing=["tied0"]),
    *(Declared(f"new{index}", named=True) for index in range(6)),
    *(Declared(f"newer{index}", updatable=["new0"]) for index in range(6)),
]


class Fuse:
    """Counts how often the state's files are touched, and ends the process at the n-th time.

    Args:
        folder: Where the state is.
        point: Which time is the last; 0 for none.
        torn: A write that is the last gets half of its bytes out.
    """

    def __init__(self, folder: Path, point: int, *, torn: bool) -> None:
        self.folder = str(folder)
        self.point = point
        self.torn = torn
        self.touched = 0

    def install(self) -> None:
        """Put the fuse into the calls that the state is written with."""
        self._write = os.write
        os.write = self.write  # type: ignore[assignment]
        os.fsync = self._wrapped(os.fsync, lambda arguments: True)
        about_state = lambda arguments: str(arguments[0]).startswith(self.folder)  # noqa: E731
        os.replace = self._wrapped(os.replace, about_state)
        os.unlink = self._wrapped(os.unlink, about_state)

    def write(self, descriptor: int, content: Any) -> int:
        self.touched += 1
        if self.touched == self.point:
            if self.torn:
                self._write(descriptor, bytes(content)[: len(content) // 2])
            os._exit(KILLED)
        return self._write(descriptor, content)

    def _wrapped(self, call: Callable[..., Any], applies: Callable[[Any], bool]) -> Any:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            if applies(arguments):
                self.touched += 1
                if self.touched == self.point:
                    os._exit(KILLED)
            return call(*arguments, **options)

        return wrapped


def stack_in(folder: Path) -> Stack:
    return Backend(folder / "state", PASSPHRASE).stack("dev")


def deploy(folder: Path, program: list[Declared]) -> list[str]:
    """Deploy, as one run of the engine does; returns what failed."""
    with stack_in(folder).session("up") as session:
        cloud = Cloud(folder / "cloud.json")
        return [str(failure) for failure in Direct(session.ledger, cloud).run(program)]


def problems(folder: Path, program: list[Declared]) -> list[str]:
    """Return what is wrong after a run that should have put everything right."""
    cloud = Cloud(folder / "cloud.json")
    stack = stack_in(folder)
    state, ledger = stack.read(), stack.scratch()
    found = unwanted(program, cloud) + differences(ledger, cloud) + order_of_records(ledger)
    found += [f"{each.type} {each.resource.name} is pending" for each in state.pending]
    found += [
        f"{each.name} is left over"
        for each in state.resources
        if each.delete or each.pending_replacement
    ]
    return found


def in_child(work: Callable[[], int]) -> int:
    """Do something in a forked child; returns its status."""
    child = os.fork()
    if child == 0:
        try:
            status = work()
        except BaseException:  # noqa: BLE001  # the parent counts it as a failure
            import traceback

            traceback.print_exc()
            status = 99
        sys.stderr.flush()
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def attempt(template: Path, folder: Path, point: int, *, torn: bool) -> tuple[bool, list[str]]:
    """Crash at one point and run again; returns whether the point was reached, and problems."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)

    def crash() -> int:
        Fuse(folder / "state", point, torn=torn).install()
        return 1 if deploy(folder, AFTER) else 0

    def repair() -> int:
        found = deploy(folder, AFTER) or problems(folder, AFTER)
        (folder / "problems.json").write_text(json.dumps(found))
        return 0

    crashed = in_child(crash)
    if crashed not in (0, KILLED):
        return True, [f"the run ended with {crashed}"]
    if in_child(repair) != 0:
        return True, ["the repair did not end"]
    return crashed == KILLED, json.loads((folder / "problems.json").read_text())


def main() -> None:
    root = Path(sys.argv[1])
    template, folder = root / "template", root / "attempt"
    template.mkdir(parents=True)
    failures = deploy(template, BEFORE) or problems(template, BEFORE)
    found: dict[str, list[str]] = {"start": failures} if failures else {}
    points = 0
    for torn in (False, True):
        for point in range(1, MOST_POINTS):
            reached, wrong = attempt(template, folder, point, torn=torn)
            if wrong:
                found[f"{point}{' torn' if torn else ''}"] = wrong
            if not reached:
                break
            points += 1
    print(json.dumps({"points": points, "problems": found}))


if __name__ == "__main__":
    main()
