"""The storefront: what a service behind a load balancer can be asked."""

import asyncio
import json
import os

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

VERSION = "1.0.0"


class Release:
    """ASGI middleware that tells with every answer which release made it."""

    def __init__(self, app: ASGIApp, release: str) -> None:
        self._app = app
        self._release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Release"] = self._release
            await send(message)

        await self._app(scope, receive, answer if scope["type"] == "http" else send)


def create_storefront(release: str, orders: str) -> Starlette:
    """Return the application.

    Args:
        release: What every answer tells as the release that made it.
        orders: File that each order is appended to, with the release; "" keeps none.
    """

    kept = os.open(orders, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if orders else -1

    async def health(_: Request) -> Response:
        broken = ""
        return JSONResponse({"status": broken or "ok"}, 503 if broken else 200)

    async def version(_: Request) -> Response:
        return JSONResponse({"release": release, "version": VERSION})

    async def item(request: Request) -> Response:
        price = 100 + request.path_params["number"]
        return JSONResponse({"item": request.path_params["number"], "price": price})

    async def order(request: Request) -> Response:
        identifier = (await request.json())["id"]
        if orders:
            # One write to a file that is open for appending: nothing comes between its parts.
            line = json.dumps({"id": identifier, "release": release}) + "\n"
            os.write(kept, line.encode())
        return JSONResponse({"id": identifier}, 202)

    async def slow(request: Request) -> Response:
        await asyncio.sleep(float(request.query_params.get("seconds", "10")))
        return JSONResponse({"waited": True})

    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        try:
            while True:
                text = await socket.receive_text()
                await socket.send_json({"text": text, "release": release})
        except WebSocketDisconnect:
            return

    app = Starlette(
        routes=[
            Route("/health", health),
            Route("/version", version),
            Route("/items/{number:int}", item),
            Route("/orders", order, methods=["POST"]),
            Route("/slow", slow),
            WebSocketRoute("/socket", echo),
        ]
    )
    app.add_middleware(Release, release=release)
    return app
