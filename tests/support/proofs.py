"""How much the proofs of cutovers do: little beside other tests, all of it when asked to.

The whole proof is `CUTOVERS=20 ROLLBACKS=10 ABORTS=5 RATE=300 pytest -s tests/e2e -k cutovers`.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass


def asked(name: str, default: int) -> int:
    """Return a number from the environment."""
    return int(os.environ.get(name, default))


RATE = asked("RATE", 50)
"""Requests a second."""
SOCKETS = asked("SOCKETS", 50)
"""WebSockets that are open all the time."""


@dataclass(frozen=True)
class Act:
    """One thing that is done while the traffic flows.

    Attributes:
        kind: `cutover`, `rollback` of the last cutover, or `abort` of one that was begun.
        number: Of the cutover; of an abort that of the next one.
    """

    kind: str
    number: int


def acts() -> Iterator[Act]:
    """Yield as many acts of each kind as are asked for, rollbacks and aborts spread evenly."""
    cutovers = asked("CUTOVERS", 3)
    rollbacks, aborts = asked("ROLLBACKS", 1), asked("ABORTS", 1)
    for number in range(cutovers):
        yield Act("cutover", number)
        if -(-(number + 1) * aborts // cutovers) > -(-number * aborts // cutovers):
            yield Act("abort", number + 1)
        if (number + 1) * rollbacks // cutovers > number * rollbacks // cutovers:
            yield Act("rollback", number)
