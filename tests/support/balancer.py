"""A balancer in this process, and targets it can talk to, over real sockets."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from support.ports import free_port

from platformctl.region.balancer.balancer import Balancer
from platformctl.region.balancer.configuration import Configuration

HEALTH = {
    "enabled": True,
    "protocol": "HTTP",
    "port": 0,
    "path": "/health",
    "interval": 0.2,
    "timeout": 0.15,
    "healthy": 2,
    "unhealthy": 2,
    "matcher": "200",
}
OPTIONS = {
    "idle_timeout": 10.0,
    "client_keep_alive": 60.0,
    "drop_invalid_headers": False,
    "forwarded_mode": "append",
    "forwarded_port": False,
    "access_log": False,
    "cookie_key": "5a" * 16,
}


def forward(**weights: int) -> dict[str, Any]:
    """A forward action: group name → weight."""
    groups = [{"TargetGroupArn": name, "Weight": weight} for name, weight in weights.items()]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}


def rule(arn: str, action: dict[str, Any], *conditions: dict[str, Any]) -> dict[str, Any]:
    return {"arn": arn, "priority": arn, "conditions": list(conditions), "actions": [action]}


Handler = Callable[["Target", asyncio.StreamReader, asyncio.StreamWriter, bytes], Any]


@dataclass
class Target:
    """A target: answers `/health`, records every other request's head, runs `behave`."""

    name: str
    port: int = 0
    behave: Handler | None = None
    healthy: bool = True
    heads: list[bytes] = field(default_factory=list)
    probes: int = 0
    connections: int = 0
    server: asyncio.Server | None = None
    writers: dict[asyncio.Task[Any], asyncio.StreamWriter] = field(default_factory=dict)

    async def start(self) -> "Target":
        self.server = await asyncio.start_server(self._converse, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        if self.server is not None:
            self.server.close()
            for writer in self.writers.values():
                writer.transport.abort()
            await asyncio.gather(*self.writers)
            self.server = None

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.writers[task] = writer
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if head.startswith(b"GET /health "):
                    self.probes += 1
                    status = b"200 OK" if self.healthy else b"500 Sick"
                    writer.write(b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n" % status)
                    continue
                self.heads.append(head)
                if self.behave is not None:
                    await self.behave(self, reader, writer, head)
                else:
                    body = self.name.encode()
                    writer.write(
                        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
                    )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            del self.writers[task]
            writer.close()


class Bench:
    """A balancer and what it was told; change it, then `await apply()`."""

    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []
        self.balancer = Balancer(self._hear)
        self.port = free_port()
        self.revision = 0
        self.options: dict[str, Any] = dict(OPTIONS)
        self.groups: dict[str, dict[str, Any]] = {}
        self.rules: list[dict[str, Any]] = []
        self.listener: dict[str, Any] = {
            "arn": "listener",
            "host": "127.0.0.1",
            "port": self.port,
            "listen_port": self.port,
            "protocol": "HTTP",
            "minimum_tls": "TLSv1.2",
            "certificates": [],
            "response_headers": {},
        }
        self.heard = asyncio.Event()
        self.targets: list[Target] = []

    def _hear(self, message: dict[str, Any]) -> None:
        self.reports.append(message)
        self.heard.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def target(self, name: str, behave: Handler | None = None, port: int = 0) -> Target:
        target = await Target(name, port, behave).start()
        self.targets.append(target)
        return target

    def group(self, name: str, *targets: Target, **settings: Any) -> None:
        """Say what a target group looks like; `health` overrides single health settings."""
        health = {**HEALTH, **settings.pop("health", {})}
        self.groups[name] = {
            "arn": name,
            "label": f"targetgroup/{name}",
            "protocol": "HTTP",
            "algorithm": "round_robin",
            "slow_start": 0.0,
            "stickiness": "",
            "cookie_name": "",
            "cookie_seconds": 3600,
            "minimum_healthy": 1,
            **settings,
            "health": health,
            "targets": [member(target) for target in targets],
        }

    def drain(self, name: str, target: Target, until: float) -> None:
        """Say that a target is leaving."""
        for present in self.groups[name]["targets"]:
            if present["port"] == target.port:
                present |= {"draining": True, "drain_until": until}

    async def apply(self, *, healthy: bool = True) -> None:
        """Tell the balancer, and wait until every serving target is healthy."""
        self.revision += 1
        document = {
            "revision": self.revision,
            "label": "app/test/1",
            "options": self.options,
            "listeners": [{**self.listener, "rules": self.rules}],
            "groups": list(self.groups.values()),
        }
        await self.balancer.apply(Configuration.read(document))
        if healthy:
            await self.until(
                lambda: all(
                    target.spec.draining or target.health.state in ("healthy", "unavailable")
                    for group in self.balancer.groups.values()
                    for target in group.targets.values()
                )
            )

    async def until(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait for a condition that a report of the balancer makes true."""
        async with asyncio.timeout(seconds):
            while not condition():
                self.heard.clear()
                await self.heard.wait()

    async def raw(self, data: bytes, *, end: bool = False) -> bytes:
        """Send bytes and return everything that comes back until the balancer closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data)
        if end:
            writer.write_eof()
        try:
            async with asyncio.timeout(5):
                return await reader.read()
        finally:
            writer.close()

    async def close(self) -> None:
        await self.balancer.close()
        for target in self.targets:
            await target.stop()


def member(target: Target) -> dict[str, Any]:
    return {
        "id": "127.0.0.1",
        "host": "127.0.0.1",
        "port": target.port,
        "draining": False,
        "drain_until": 0.0,
    }
