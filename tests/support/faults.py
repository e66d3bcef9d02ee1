"""The reliability suite: faults that are injected on purpose, and what must come of each.

A test says `@pytest.mark.fault(16)`; `tests/meta/test_faults.py` sees that none is left out, and
`docs/reference/faults.md` is printed from this table and those marks.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        what: What goes wrong.
        outcome: What comes of it.
    """

    what: str
    outcome: str


FAULTS: Mapping[int, Fault] = {
    1: Fault(
        "the process is killed at any write or call of any operation",
        "run again, it ends as if it had not been; nothing is done twice",
    ),
    2: Fault(
        "Ctrl-C or SIGTERM within a step, and a second one",
        "stops at the next safe point with status 8; undoing is not interrupted with it",
    ),
    3: Fault("two people start the same at once", "one runs, the other is told who does"),
    4: Fault(
        "a holder sleeps, is taken over, and wakes up", "its next change is refused by its token"
    ),
    5: Fault(
        "deploy, migration or `up` while an operation is open", "refused, naming the operation"
    ),
    6: Fault(
        "a third of all calls throttled; all of them for a minute",
        "tried again with pauses; then the operation waits where it is",
    ),
    7: Fault(
        "errors of AWS, connections cut, an answer lost after the call took effect",
        "looks before it acts again: no effect twice",
    ),
    8: Fault("reads return what was before for a while", "waits until what was written is read"),
    9: Fault(
        "credentials expire midway; another account",
        "waits with status 3, goes on after a login; refused at the start",
    ),
    10: Fault("access denied at a late step", "waits at a safe place and names the action"),
    11: Fault("the operations table does not answer", "nothing is done without a record"),
    12: Fault("a record is corrupt or newer", "refused, with how to bring things in order"),
    13: Fault("clocks are off, or turned back", "only time that passed counts"),
    14: Fault("the output is closed, the disk is full", "the operation goes on or stops cleanly"),
    15: Fault(
        "new tasks crash, their image is missing, there is no room",
        "no request reaches them; the reason and their last lines are told within seconds",
    ),
    16: Fault("healthy, but answers with errors under load", "back to the old side, verified"),
    17: Fault("slow from half of the requests on", "back at that step"),
    18: Fault("healthy and unhealthy in turns", "gets no request"),
    19: Fault("no requests, or no figures", "never promoted: waits, or goes back"),
    20: Fault("figures cannot be read", "a few errors are borne, then it goes back or waits"),
    21: Fault("an alarm fires before the start", "refused, unless named with a reason"),
    22: Fault("weights are not taken, or changed by somebody else", "stops and says so"),
    23: Fault("`up` during and after a cutover", "refused; leaves the weights alone"),
    24: Fault("the old side dies during the shift", "never all requests to an empty side"),
    25: Fault(
        "killed between weights, and run again, also with another release",
        "goes on; another release is refused until this one has ended",
    ),
    26: Fault("failure after the old side was stopped", "started, verified, then shifted to"),
    27: Fault("the way back fails, too", "`rollback_failed`; trying again is safe"),
    28: Fault("long connections at the switch", "finish on their side; no error"),
    29: Fault("a check hangs, talks nonsense or answers late", "counts as no"),
    30: Fault("two services together, one fails", "the failed one goes back; said which stand"),
    31: Fault("a statement fails half-way", "the schema is where it was; the old side serves"),
    32: Fault("killed in a backfill", "goes on at its cursor"),
    33: Fault("a lock is held by somebody else", "gives up soon, and names who holds it"),
    34: Fault("contract while the old release runs", "refused, with the list"),
    35: Fault("contract fails half-way", "only forward; a rollback is refused with the reason"),
    36: Fault("a migration was edited, or two have one number", "refused"),
    37: Fault("a backfill makes replicas lag", "slows down, then waits"),
}


def marked() -> Iterator[tuple[int, str]]:
    """Yield each fault's number with the test that injects it, as `path::name`."""
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for number in _numbers(node):
                    yield number, f"{path.relative_to(TESTS.parent)}::{node.name}"


def _numbers(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[int]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.fault":
            for argument in decorator.args:
                yield ast.literal_eval(argument)
