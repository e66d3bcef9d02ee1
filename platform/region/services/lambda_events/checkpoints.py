"""How far each shard has been read: written down once the emulator cannot forget it any more.

The emulator keeps streams, tables and queues, and saves them every few seconds. Were a position
written down before what the function did with the records is saved, a crash would lose those
records. So a position waits until the emulator has saved; after a crash of either, records are
delivered again rather than lost, as AWS does it too.
"""

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime, Table


class Checkpoint:
    """The position in one shard.

    Attributes:
        position: Sequence number up to which everything is done; "" at the beginning.
    """

    def __init__(self, runtime: "Runtime", table: "Table", key: str) -> None:
        self._runtime = runtime
        self._table = table
        self._key = key
        self._waiting: deque[tuple[float, str]] = deque()
        self._restarts = runtime.emulator_restarts
        self.position = self._written()

    def _written(self) -> str:
        record = self._table.get(self._key)
        return record["sequence"] if record else ""

    def fell_back(self) -> bool:
        """Say whether the emulator crashed and with it the position fell back; asked once."""
        if self._runtime.emulator_restarts == self._restarts:
            return False
        self._restarts = self._runtime.emulator_restarts
        self._waiting.clear()
        self.position = self._written()
        return True

    def done(self, sequence: str) -> None:
        """Note that everything up to a record is done."""
        self.position = sequence
        self._waiting.append((self._runtime.now(), sequence))
        self.write()

    def write(self) -> None:
        """Write down what the emulator has saved by now."""
        saved, reached = self._runtime.emulator_saved_until, ""
        while self._waiting and self._waiting[0][0] < saved:
            reached = self._waiting.popleft()[1]
        if reached:
            self._table[self._key] = {"sequence": reached}

    def close(self) -> None:
        """Write everything down: the region stops in order, and the emulator saves after us."""
        if self._waiting:
            self._table[self._key] = {"sequence": self._waiting[-1][1]}
            self._waiting.clear()
