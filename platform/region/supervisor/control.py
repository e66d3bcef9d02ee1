"""The control interface under `/_region/`, for `platformctl region` on the same machine.

Every request carries the token from the region's folder, which only its owner can read.
"""

import asyncio
import hmac
import os
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psutil

from platformctl.errors import PlatformError
from platformctl.region.endpoint.server import Answer, Request, json_answer
from platformctl.region.services.ecr.service import ImageRegistry
from platformctl.region.services.ecs.service import ContainerService
from platformctl.region.supervisor.region import LocalRegion

_POLL = 0.2
_TAIL = 256 * 1024


class Control:
    """Answers the control interface of one region."""

    def __init__(self, region: LocalRegion, token: str) -> None:
        self._region = region
        self._token = token

    async def handle(self, request: Request) -> Answer:
        """Answer one request."""
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            return json_answer(401, {"message": "the token of this region is needed"})
        split = urlsplit(request.target)
        query = {name: values[-1] for name, values in parse_qs(split.query).items()}
        parts = split.path.removeprefix("/_region/").split("/")
        try:
            return await self._route(request.method, parts, query)
        except PlatformError as error:
            return json_answer(409, {"message": str(error), "remedy": error.remedy})

    async def _route(self, method: str, parts: list[str], query: dict[str, str]) -> Answer:
        document: dict[str, Any] = {}
        match method, parts:
            case "GET", ["status"]:
                document = self._status()
            case "GET", ["processes"]:
                document = {"processes": await asyncio.to_thread(self._processes)}
            case "GET", ["logs"]:
                return self._logs(query.get("name", ""), follow=query.get("follow") == "true")
            case "POST", ["shutdown"]:
                self._region.request_stop()
            case "POST", ["images"]:
                images = self._region.service(ImageRegistry).images
                pushed = await images.push(
                    query["region"], Path(query["source"]), query["name"], query.get("tag", "")
                )
                document = asdict(pushed)
            case "POST", ["regions", name, "stop"]:
                await self._region.stop_region(name)
            case "POST", ["zones", zone, "take-fargate-room"]:
                self._region.service(ContainerService).fleet.placement.take_room(zone)
            case "POST", ["zones", zone, "give-fargate-room"]:
                self._region.service(ContainerService).fleet.placement.give_room(zone)
            case "POST", ["regions", name, "start"]:
                await self._region.start_region(name)
            case _:
                message = f"no such control request: {method} {'/'.join(parts)}"
                return json_answer(404, {"message": message})
        return json_answer(200, document)

    def _status(self) -> dict[str, Any]:
        region = self._region
        started = region.started_at
        return {
            "state": region.state,
            "endpoint": region.endpoint,
            "project": str(region.project) if region.project else None,
            "root": str(region.root),
            "pid": os.getpid(),
            "started_at": started,
            "uptime": time.time() - started,
            "start_seconds": region.start_seconds,
            "services": region.service_states(),
            "regions": region.region_states(),
            "emulator_state_lost": region.emulator.state_lost,
            "emulator_restarts": region.emulator.restarts,
            "left_behind": region.left_behind,
            "requests": region.requests,
            "failures": region.failures,
        }

    def _processes(self) -> list[dict[str, Any]]:
        own = psutil.Process()
        rows = [_row("supervisor", os.getpid(), [own], "running", self._region.started_at, [])]
        for child in self._region.processes.all():
            state = "running" if child.returncode is None else _ending(child.returncode)
            if child.out_of_memory:
                state = "out of memory"
            addresses = [str(address) for address in self._region.addresses.of(child.name)]
            rows.append(
                _row(child.name, child.pid, child.members(), state, child.started_at, addresses)
            )
        return rows

    def _logs(self, name: str, *, follow: bool) -> Answer:
        child = self._region.processes.named(name)
        folder = self._region.root / "logs"
        path = child.log if child is not None else folder / f"{name.replace('/', '~')}.log"
        if path is None or not path.exists() or not path.resolve().is_relative_to(folder.resolve()):
            known = sorted(file.stem.replace("~", "/") for file in folder.glob("*.log"))
            message = f"nothing called {name!r} has a log; there are: {', '.join(known)}"
            return json_answer(404, {"message": message})
        return Answer(200, [("Content-Type", "text/plain")], _tail(path, follow=follow))


def _row(
    name: str,
    pid: int,
    members: list[psutil.Process],
    state: str,
    started_at: float,
    addresses: list[str],
) -> dict[str, Any]:
    memory, cpu = 0, 0.0
    for member in members:
        try:
            memory += member.memory_info().rss
            times = member.cpu_times()
            cpu += times.user + times.system
        except psutil.Error:
            continue  # It ended in the meantime.
    return {
        "name": name,
        "pid": pid,
        "state": state,
        "address": ", ".join(addresses),
        "memory": memory,
        "cpu_seconds": round(cpu, 2),
        "started": started_at,
    }


def _ending(status: int) -> str:
    return f"killed by signal {-status}" if status < 0 else f"exited with {status}"


async def _tail(path: Path, *, follow: bool) -> AsyncIterator[bytes]:
    """Yield the end of a file, then what is added to it."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        if size > _TAIL:
            file.readline()
        while True:
            piece = file.read(65536)
            if piece:
                yield piece
            elif follow:
                await asyncio.sleep(_POLL)
            else:
                return
