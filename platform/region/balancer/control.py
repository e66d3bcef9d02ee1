"""The line between a balancer process and the region's supervisor: JSON, one object per line.

The supervisor sends `{"configuration": …}` whenever something changed. The process sends
`applied` (with each listener's error), `health`, `drained`, `metrics` and `logs`. When the line
breaks, the process ends: a load balancer nobody owns must not go on serving.
"""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

from platformctl.region.balancer.balancer import Balancer
from platformctl.region.balancer.configuration import Configuration

_LINE_LIMIT = 64 * 1024 * 1024


async def serve(socket: Path) -> None:
    """Serve what the supervisor at the other end of `socket` says, until it hangs up."""
    reader, writer = await asyncio.open_unix_connection(str(socket), limit=_LINE_LIMIT)

    def report(message: dict[str, Any]) -> None:
        if not writer.is_closing():
            writer.write(json.dumps(message).encode() + b"\n")

    loop = asyncio.get_running_loop()
    balancer = Balancer(report)
    reading = loop.create_task(_obey(reader, balancer))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, reading.cancel)
    try:
        await reading
    except asyncio.CancelledError:
        pass
    finally:
        await balancer.close()
        writer.close()


async def _obey(reader: asyncio.StreamReader, balancer: Balancer) -> None:
    while line := await reader.readline():
        message = json.loads(line)
        await balancer.apply(Configuration.read(message["configuration"]))
