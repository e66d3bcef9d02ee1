"""The load balancer under keep-alive load: a raw target, the balancer, and a raw client.

Target, balancer and client are processes of their own. The client counts what comes back in a
known length, so it costs little; `wrk` is used instead where it is installed.
"""

import asyncio
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.figures import Figure

CONNECTIONS = 32
SECONDS = 5.0
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


class _Target(asyncio.Protocol):
    """Answers every request without a body, as fast as Python can."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(_ANSWER * data.count(b"\r\n\r\n"))


class _Client(asyncio.Protocol):
    """Sends the next request when the answer to the last has come."""

    def __init__(self, request: bytes, latencies: list[float], until: float) -> None:
        self.request = request
        self.latencies = latencies
        self.until = until
        self.done = asyncio.get_running_loop().create_future()
        self.failures = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self._next()

    def _next(self) -> None:
        self.started = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        if not data.startswith(b"HTTP/1.1 200"):
            self.failures += 1
        self.latencies.append(now - self.started)
        if now < self.until:
            self._next()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        if not self.done.done():
            self.done.set_result(self.failures)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def _serve_target(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Target, "127.0.0.1", port)
    await server.serve_forever()


async def _load(port: int) -> dict[str, float]:
    request = (
        b"GET /benchmark HTTP/1.1\r\nHost: localhost\r\nUser-Agent: load\r\nAccept: */*\r\n\r\n"
    )
    latencies: list[float] = []
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    clients: list[_Client] = []
    for _ in range(CONNECTIONS):
        _, client = await loop.create_connection(
            lambda: _Client(request, latencies, started + SECONDS), "127.0.0.1", port
        )
        clients.append(client)
    failures = sum(await asyncio.gather(*(client.done for client in clients)))
    elapsed = time.perf_counter() - started
    latencies.sort()
    count = len(latencies)
    return {
        "rate": count / elapsed,
        "p50": latencies[count // 2] * 1000,
        "p99": latencies[int(count * 0.99)] * 1000,
        "failures": failures,
    }


def _configuration(port: int, targets: list[int]) -> dict[str, Any]:
    """Two target groups of equal weight behind one listener."""
    health = {
        "enabled": True, "protocol": "HTTP", "port": 0, "path": "/", "interval": 5.0,
        "timeout": 2.0, "healthy": 2, "unhealthy": 2, "matcher": "200",
    }  # fmt: skip
    groups = [
        {
            "arn": f"group-{number}", "label": f"targetgroup/{number}", "protocol": "HTTP",
            "algorithm": "round_robin", "slow_start": 0, "stickiness": "", "cookie_name": "",
            "cookie_seconds": 0, "minimum_healthy": 1, "health": health,
            "targets": [
                {"id": "127.0.0.1", "host": "127.0.0.1", "port": target, "draining": False,
                 "drain_until": 0},
            ],
        }
        for number, target in enumerate(targets)
    ]  # fmt: skip
    forward = [{"TargetGroupArn": group["arn"], "Weight": 50} for group in groups]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": forward}}
    return {
        "revision": 1,
        "label": "app/benchmark/1",
        "options": {
            "idle_timeout": 60.0, "client_keep_alive": 3600.0, "drop_invalid_headers": True,
            "forwarded_mode": "append", "forwarded_port": False, "access_log": False,
            "cookie_key": "00" * 16,
        },
        "listeners": [
            {
                "arn": "listener", "host": "127.0.0.1", "port": port, "listen_port": port,
                "protocol": "HTTP", "minimum_tls": "TLSv1.2", "certificates": [],
                "response_headers": {},
                "rules": [
                    {"arn": "rule", "priority": "default", "conditions": [], "actions": [action]}
                ],
            }
        ],
        "groups": groups,
    }  # fmt: skip


@asynccontextmanager
async def _balancer(configuration: dict[str, Any]) -> AsyncIterator[None]:
    """Run the balancer's own process with a configuration, until its targets are healthy."""
    healthy = asyncio.Event()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(json.dumps({"configuration": configuration}).encode() + b"\n")
        while line := await reader.readline():
            message = json.loads(line)
            if "metrics" in message and all(
                values.get("HealthyHostCount") == [1]
                for label, values in message["metrics"]
                if label
            ):
                healthy.set()
        writer.close()

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "control")
        server = await asyncio.start_unix_server(converse, path)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "platformctl.region.balancer", "--socket", path
        )
        try:
            async with asyncio.timeout(10):
                await healthy.wait()
            yield
        finally:
            process.terminate()
            await process.wait()
            server.close()


async def _own_client(port: int) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.balancer", "load", str(port), stdout=subprocess.PIPE
    )
    output, _ = await process.communicate()
    return json.loads(output)


async def _wrk(port: int) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS:.0f}s", "--latency",
        f"http://127.0.0.1:{port}/benchmark", stdout=subprocess.PIPE,
    )  # fmt: skip
    output = (await process.communicate())[0].decode()

    def milliseconds(share: str) -> float:
        number, unit = re.search(rf"{share}%\s+([\d.]+)(us|ms|s)", output).groups()  # type: ignore[union-attr]
        return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]

    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    return {
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)),  # type: ignore[union-attr]
        "p50": milliseconds("50"),
        "p99": milliseconds("99"),
        "failures": float(errors.group(1)) if errors else 0.0,
    }


async def _measure() -> dict[str, dict[str, float]]:
    ports = [_free_port() for _ in range(2)]
    port = _free_port()
    targets = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.balancer", "target", str(target)
        )
        for target in ports
    ]
    client = _wrk if shutil.which("wrk") else _own_client
    try:
        async with _balancer(_configuration(port, ports)):
            await client(port)  # warms connections and caches
            balanced = await client(port)
        return {"direct": await client(ports[0]), "balanced": balanced}
    finally:
        for target in targets:
            target.terminate()
            await target.wait()


def measure() -> Iterator[Figure]:
    """Measure throughput and latency through the balancer, and of the target alone."""
    results = asyncio.run(_measure())
    direct, balanced = results["direct"], results["balanced"]
    yield Figure(
        "balancer: requests/s, keep-alive, 32 connections", balanced["rate"], "req/s", "≥ 25,000"
    )
    yield Figure("balancer: p99", balanced["p99"], "ms", "≤ 4")
    yield Figure("balancer: p50", balanced["p50"], "ms")
    yield Figure("balancer: failed requests", balanced["failures"], "", "0")
    yield Figure("the same target without the balancer", direct["rate"], "req/s")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["target", port]:
            uvloop.run(_serve_target(int(port)))
        case ["load", port]:
            print(json.dumps(uvloop.run(_load(int(port)))))
        case _:
            from benchmarks.figures import table

            print(table(measure()))
