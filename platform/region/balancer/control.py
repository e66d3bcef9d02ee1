"""The line between a balancer process and the region's supervisor: JSON, one object per line.

The supervisor sends `{"configuration": …}` whenever something changed. The process sends
`applied` (with each listener's error), `health`, `drained`, `metrics` and `logs`. When the line
breaks, the process ends: a load balancer nobody owns must not go on serving.
"""

import asyncio
import json
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

_LINE_LIMIT = 64 * 1024 * 1024


Report = Callable[[dict[str, Any]], None]


class Plane(Protocol):
    """What is controlled: a load balancer, or the edge."""

    async def obey(self, document: Mapping[str, Any]) -> None:
        """Make a whole configuration true and report it as applied."""
        ...

    async def close(self) -> None:
        """Let requests in flight finish for a moment, and end."""
        ...


async def serve(socket: Path, make: Callable[[Report], Plane]) -> None:
    """Serve what the supervisor at the other end of `socket` says, until it hangs up.

    Args:
        socket: Path of the supervisor's unix socket.
        make: Makes the plane, given where it reports to.
    """
    reader, writer = await asyncio.open_unix_connection(str(socket), limit=_LINE_LIMIT)

    def report(message: dict[str, Any]) -> None:
        if not writer.is_closing():
            writer.write(json.dumps(message).encode() + b"\n")

    loop = asyncio.get_running_loop()
    plane = make(report)
    reading = loop.create_task(_obey(reader, plane))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, reading.cancel)
    try:
        await reading
    except asyncio.CancelledError:
        pass
    finally:
        await plane.close()
        writer.close()


async def _obey(reader: asyncio.StreamReader, plane: Plane) -> None:
    while line := await reader.readline():
        message = json.loads(line)
        await plane.obey(message["configuration"])
