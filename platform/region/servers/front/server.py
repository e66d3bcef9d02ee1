"""The listeners of a front process, made to match the configuration whenever it changes."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from platformctl.region.servers.front.configuration import read
from platformctl.region.servers.front.port import Port

_LAST_BYTES_SECONDS = 2.0


class Front:
    """Every port of one process."""

    def __init__(self) -> None:
        self.ports: dict[str, Port] = {}

    async def apply(self, document: Mapping[str, Any]) -> dict[str, str]:
        """Open, change and close ports; return why those that failed could not be opened.

        A port that is wanted as it is stays untouched, with all its connections.
        """
        wanted = read(document)
        for name, port in list(self.ports.items()):
            if wanted.get(name) != port.listener:
                port.close()
                del self.ports[name]
        errors: dict[str, str] = {}
        for name, listener in wanted.items():
            if name not in self.ports:
                port = Port(listener)
                try:
                    await port.open()
                except OSError as error:
                    errors[name] = str(error)
                else:
                    self.ports[name] = port
        return errors

    async def close(self) -> None:
        """Close everything and wait until the last bytes are out, not for ever."""
        closing = list(self.ports.values())
        self.ports.clear()
        for port in closing:
            port.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_BYTES_SECONDS):
                while any(port.entrance.connections for port in closing):  # noqa: ASYNC110  # each transport ends by itself
                    await asyncio.sleep(0.01)
