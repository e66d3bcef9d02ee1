"""The sides of a service behind a load balancer, in this process: servers that say who they are."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import uvicorn

Message = MutableMapping[str, Any]


@dataclass
class Side:
    """A server that answers with its name.

    It answers `/` at once, `/slow?seconds=2` late and `/status/404` with that status, and talks
    back over WebSockets.

    Attributes:
        name: What it answers.
        port: Where it listens on 127.0.0.1.
        delay: Seconds that every answer takes.
        sockets: WebSockets that are open.
    """

    name: str
    port: int = 0
    delay: float = 0.0
    sockets: int = 0

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Serve one request or one WebSocket, as ASGI has it."""
        if scope["type"] == "websocket":
            await self._talk(receive, send)
            return
        while (await receive()).get("more_body"):
            pass
        query = parse_qs(scope["query_string"].decode())
        await asyncio.sleep(self.delay + float(query.get("seconds", ["0"])[0]))
        status = scope["path"].removeprefix("/status/") if "/status/" in scope["path"] else 200
        body = self.name.encode()
        headers = [(b"content-length", str(len(body)).encode())]
        start = {"type": "http.response.start", "status": int(status), "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": body})

    async def _talk(
        self,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self.sockets += 1
        try:
            while (message := await receive())["type"] == "websocket.receive":
                text = f"{self.name} heard {message['text']}"
                await send({"type": "websocket.send", "text": text})
        finally:
            self.sockets -= 1


class Server(uvicorn.Server):
    """A server that leaves the signals to the tests."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(name: str) -> AsyncIterator[Side]:
    """Serve a side on a free port until the end of the block."""
    side = Side(name)
    server = Server(
        uvicorn.Config(
            side,
            port=0,
            log_level="error",
            ws="websockets-sansio",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
    )
    work = asyncio.create_task(server.serve())
    while not server.started:  # it has no event for that
        assert not work.done(), "the side did not start"
        await asyncio.sleep(0.01)
    side.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield side
    finally:
        server.should_exit = True
        await work


async def until(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Ask in a thread until a condition is true, and return what it returned."""
    async with asyncio.timeout(seconds):
        while True:
            found = await asyncio.to_thread(condition)
            if found:
                return found
            await asyncio.sleep(0.05)
