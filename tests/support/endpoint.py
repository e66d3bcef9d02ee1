"""The AWS endpoint alone, in a thread, before services written for one test."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

from platformctl.region.endpoint.endpoint import Endpoint
from platformctl.region.endpoint.proxy import Proxy
from platformctl.region.endpoint.server import Answer, Handler, Request, Server, json_answer
from platformctl.region.services.base import Service

HOSTS = frozenset({"127.0.0.1", "localhost"})


@contextmanager
def serving(handler: Handler, close: Callable[[], None] = lambda: None) -> Iterator[int]:
    """Serve a handler on a free port of 127.0.0.1 in a thread; yield the port.

    Args:
        handler: Answers the requests.
        close: Called on the server's loop at the end.
    """
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = Future()

    async def serve() -> None:
        server = Server(handler)
        ending = asyncio.Event()
        port = await server.listen("127.0.0.1", 0)
        started.set_result((asyncio.get_running_loop(), ending, port))
        await ending.wait()
        await server.close()
        close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    loop, ending, port = started.result(10)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(10)
        assert not thread.is_alive()


@contextmanager
def endpoint_of(services: Sequence[Service], upstream: int = 9) -> Iterator[str]:
    """Serve services at an endpoint of their own; yield its URL.

    Args:
        services: The services, by their credential scope.
        upstream: Port of what stands in the emulator's place; by default nobody listens there.
    """

    async def control(request: Request) -> Answer:
        return json_answer(200, {"control": request.target})

    proxy = Proxy("127.0.0.1", upstream)
    endpoint = Endpoint("000000000000", proxy, control, HOSTS)
    endpoint.services.update({service.scope or service.name: service for service in services})
    endpoint.ready.set()
    with serving(endpoint.handle, proxy.close) as port:
        yield f"http://127.0.0.1:{port}"
