"""The program's end of the line to the supervisor: JSON, one object per line.

The supervisor (`platformctl.region.servers.owner`) sends `{"configuration": …}` whenever something
changed; the program answers `{"applied": revision, "errors": errors by name}` and may report
whatever else it has to say. When the line breaks, the program ends: nobody would own it.
"""

import argparse
import asyncio
import json
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import uvloop

Report = Callable[[dict[str, Any]], None]
_LINE_LIMIT = 64 * 1024 * 1024


class Program(Protocol):
    """What is run."""

    async def apply(self, document: Mapping[str, Any]) -> dict[str, str]:
        """Make reality match a configuration; return errors by the name of what failed."""
        ...

    async def close(self) -> None:
        """Close everything; the process ends."""
        ...


def run(make: Callable[[Report], Program]) -> None:
    """Run a program on the socket that `--socket` names until the supervisor hangs up."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=Path, required=True, help="unix socket of the supervisor")
    uvloop.run(_serve(parser.parse_args().socket, make))


async def _serve(socket: Path, make: Callable[[Report], Program]) -> None:
    reader, writer = await asyncio.open_unix_connection(str(socket), limit=_LINE_LIMIT)

    def report(message: dict[str, Any]) -> None:
        if not writer.is_closing():
            writer.write(json.dumps(message).encode() + b"\n")

    loop = asyncio.get_running_loop()
    program = make(report)
    reading = loop.create_task(_obey(reader, program, report))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, reading.cancel)
    try:
        await reading
    except asyncio.CancelledError:
        pass
    finally:
        await program.close()
        writer.close()


async def _obey(reader: asyncio.StreamReader, program: Program, report: Report) -> None:
    while line := await reader.readline():
        document = json.loads(line)["configuration"]
        errors = await program.apply(document)
        report({"applied": document["revision"], "errors": errors})
