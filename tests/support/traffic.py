"""Traffic of the proofs: a steady mix of requests and WebSockets, and a ledger of all of it.

`Traffic(...)` runs this file as a process of its own, so that what is measured is not what the
test itself does to its event loop. The clients are aiohttp and websockets. aiohttp sends a GET
again by itself when a kept connection turns out to be closed; that is a failure on the record, too.

Every event that is posted has a number. `Report.balance` compares those that were acknowledged
with what came out at the other end: lost, phantom (never sent), duplicate.
"""

import asyncio
import contextlib
import json
import random
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import aiohttp
import websockets

RELEASE_HEADER = "X-Release"
TIMEOUT_SECONDS = 30.0
CONNECTIONS = 64


@dataclass(frozen=True, kw_only=True)
class Mix:
    """What is sent.

    Attributes:
        url: Where to, without a path.
        get: Path that is asked, with `{number}` for a number from 0 to 99; "" asks nothing.
        post: Path that events are posted to; "" posts none.
        body: Body of a post: `order` (the storefront's) or `events` (analytics').
        rate: Requests a second, all together.
        posts: Share of them that are posts.
        socket: Path of the WebSockets.
        sockets: How many are open at the same time; each sends two messages a second.
        slow: Path of a request that takes long.
        long: How many of those are under way at the same time.
        headers: Headers of every request, such as `Host`.
        authorities: File of the authorities that signed the server's certificate; "" where the
            system knows them.
    """

    url: str
    get: str = "/items/{number}"
    post: str = "/orders"
    body: str = "order"
    rate: float = 300.0
    posts: float = 0.5
    socket: str = "/socket"
    sockets: int = 0
    slow: str = "/slow?seconds=10"
    long: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    authorities: str = ""


@dataclass(frozen=True)
class Record:
    """One request, or one message of a WebSocket.

    Attributes:
        kind: `GET`, `POST`, `slow`, `message`, or `socket` for a connection.
        started: When it was due, in seconds since the epoch.
        seconds: From then until the whole answer was there.
        status: HTTP status; 0 when there was no answer.
        release: Which release answered; "" where it does not say.
        error: Why it failed; "" when it did not.
        event: Number of the posted event; "" for anything else.
    """

    kind: str
    started: float
    seconds: float
    status: int = 0
    release: str = ""
    error: str = ""
    event: str = ""


@dataclass(frozen=True)
class Balance:
    """What was acknowledged against what came out.

    Attributes:
        lost: Acknowledged and not there.
        phantom: There and never sent.
        duplicate: There more than once.
        unsure: Sent without an answer, and there: allowed.
    """

    lost: tuple[str, ...]
    phantom: tuple[str, ...]
    duplicate: tuple[str, ...]
    unsure: tuple[str, ...]

    @property
    def even(self) -> bool:
        """Whether each acknowledged event came out exactly once, and nothing else did."""
        return not (self.lost or self.phantom or self.duplicate)


@dataclass(frozen=True)
class Report:
    """Everything that was sent, in the order in which it ended."""

    records: tuple[Record, ...]

    def of(self, *kinds: str) -> list[Record]:
        """Return the records of some kinds."""
        return [record for record in self.records if record.kind in kinds]

    @property
    def failures(self) -> list[Record]:
        """Return every request, message and connection that failed."""
        return [record for record in self.records if record.error]

    @property
    def releases(self) -> Counter[str]:
        """Count the answers by the release that gave them."""
        return Counter(record.release for record in self.records if record.status)

    def since(self, moment: float) -> "Report":
        """Return what began at or after a moment, in seconds since the epoch."""
        return Report(tuple(record for record in self.records if record.started >= moment))

    def percentile(self, percent: float, *kinds: str) -> float:
        """Return the seconds that so many percent of the answers took at most."""
        times = sorted(record.seconds for record in self.of(*kinds) if not record.error)
        return times[min(len(times) - 1, int(len(times) * percent / 100))]

    @property
    def acknowledged(self) -> set[str]:
        """Return the numbers of the events whose post was answered with success."""
        return {record.event for record in self.of("POST") if not record.error}

    def balance(self, came_out: Iterable[str]) -> Balance:
        """Compare with the numbers of the events that came out."""
        found = Counter(came_out)
        sent = {record.event for record in self.of("POST")}
        acknowledged = self.acknowledged
        return Balance(
            lost=tuple(sorted(acknowledged - found.keys())),
            phantom=tuple(sorted(found.keys() - sent)),
            duplicate=tuple(sorted(event for event, count in found.items() if count > 1)),
            unsure=tuple(sorted((sent - acknowledged) & found.keys())),
        )

    def explain(self, most: int = 10) -> str:
        """Return the first failures as lines, for the message of an assertion."""
        failures = self.failures
        lines = [f"{len(failures)} of {len(self.records)} failed"]
        for record in failures[:most]:
            moment = datetime.fromtimestamp(record.started, UTC).strftime("%H:%M:%S.%f")
            lines.append(
                f"{moment} {record.kind} {record.status} after {record.seconds:.3f} s "
                f"from {record.release or 'nobody'}: {record.error}"
            )
        return "\n".join(lines)


class Traffic:
    """Traffic that flows from `with` until its end, or until `stop`.

    Args:
        mix: What is sent.
    """

    def __init__(self, mix: Mix) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="traffic")
        self._path = Path(self._folder.name) / "records"
        self._path.touch()
        # -P: the folder of this file has modules that must not stand for Python's own.
        options = json.dumps({"mix": asdict(mix), "records": str(self._path)})
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__], stdin=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        self._process.stdin.write(options)
        self._process.stdin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)
        self._folder.cleanup()

    def report(self) -> Report:
        """Return what has ended so far."""
        assert self._process.poll() in (None, 0), "the traffic ended by itself"
        lines = self._path.read_text().splitlines(keepends=True)
        # The last line may still be under way.
        whole = [line for line in lines if line.endswith("\n")]
        return Report(tuple(Record(*json.loads(line)) for line in whole))

    def stop(self) -> Report:
        """Begin nothing more, wait for what is under way, and return everything."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(TIMEOUT_SECONDS + 10)
        return self.report()


class _Sender:
    """Sends a mix until it is told to stop."""

    def __init__(self, mix: Mix, records: Path) -> None:
        self._mix = mix
        # Loading the authorities takes long, so it is done once.
        self._context = (
            ssl.create_default_context(cafile=mix.authorities or None)
            if mix.url.startswith("https:")
            else None
        )
        self._file = records.open("a", buffering=1)
        self._stopping = asyncio.Event()
        self._random = random.Random(1)  # the same traffic in every run
        self._run = uuid.uuid4().hex[:8]
        self._posted = 0
        self._answered: Counter[int] = Counter()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stopping.set)
        sent = aiohttp.TraceConfig()
        sent.on_request_headers_sent.append(_count)
        async with (
            aiohttp.ClientSession(
                self._mix.url,
                headers=self._mix.headers,
                timeout=aiohttp.ClientTimeout(TIMEOUT_SECONDS),
                connector=aiohttp.TCPConnector(
                    limit=CONNECTIONS + self._mix.long, ssl=self._context or True
                ),
                trace_configs=[sent],
            ) as self._client,
            asyncio.TaskGroup() as tasks,
        ):
            for number in range(self._mix.sockets):
                tasks.create_task(self._keep_socket(number))
            for _ in range(self._mix.long):
                tasks.create_task(self._keep_asking())
            await self._pace(tasks)
        self._file.close()

    async def _pace(self, tasks: asyncio.TaskGroup) -> None:
        """Begin requests at their times, whether or not earlier ones were answered."""
        if not self._mix.rate:
            await self._stopping.wait()
        due = time.time()
        while not self._stopping.is_set():
            await self._pause(due - time.time())
            tasks.create_task(self._one(due))
            due += 1 / self._mix.rate

    async def _pause(self, seconds: float) -> None:
        """Wait for a while, or for the end; always lets others go on."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0)):
                await self._stopping.wait()

    async def _one(self, due: float) -> None:
        if self._mix.post and self._random.random() < self._mix.posts:
            self._posted += 1
            event = f"{self._run}-{self._posted:08}"
            await self._request("POST", due, self._mix.post, event=event)
        elif self._mix.get:
            path = self._mix.get.replace("{number}", str(self._random.randrange(100)))
            await self._request("GET", due, path)

    async def _request(self, kind: str, due: float, path: str, *, event: str = "") -> None:
        body = _body(self._mix.body, event) if event else None
        status, release, error, sent = 0, "", "", []
        try:
            async with self._client.request(
                "POST" if event else "GET", path, json=body, trace_request_ctx=sent
            ) as answer:
                text = await answer.text()
        except (aiohttp.ClientError, TimeoutError) as failure:
            error = f"{type(failure).__name__}: {failure}"
        else:
            status, release = answer.status, answer.headers.get(RELEASE_HEADER, "")
            error = "" if answer.ok else text[:200] or str(answer.reason)
            error = error or ("had to be sent again" if len(sent) > 1 else "")
        self._note(Record(kind, due, time.time() - due, status, release, error, event))

    async def _keep_asking(self) -> None:
        while not self._stopping.is_set():
            await self._request("slow", time.time(), self._mix.slow)

    async def _keep_socket(self, number: int) -> None:
        """Keep one WebSocket open; one that is closed in due form is opened again.

        A message that was not answered by then is sent again, as clients of WebSockets have to.
        """
        url = self._mix.url.replace("http", "ws", 1) + self._mix.socket
        while not self._stopping.is_set():
            began = time.time()
            try:
                async with websockets.connect(
                    url,
                    additional_headers=self._mix.headers,
                    ssl=self._context,
                    proxy=None,
                    open_timeout=TIMEOUT_SECONDS,
                ) as socket:
                    self._note(Record("socket", began, time.time() - began, 101))
                    await self._talk(socket, number)
            except websockets.ConnectionClosed as closed:
                # 1001 going away, 1012 service restart: the server asks us to connect again.
                code = closed.rcvd.code if closed.rcvd else 1006
                if code not in (1000, 1001, 1012):
                    self._fail("socket", began, f"closed with {code}")
            except (OSError, websockets.WebSocketException, TimeoutError) as failure:
                self._fail("socket", began, f"{type(failure).__name__}: {failure}")
                await self._pause(0.1)

    async def _talk(self, socket: websockets.ClientConnection, number: int) -> None:
        while not self._stopping.is_set():
            text, due = f"{number}-{self._answered[number] + 1}", time.time()
            await socket.send(text)
            async with asyncio.timeout(TIMEOUT_SECONDS):
                answer = json.loads(await socket.recv())
            self._answered[number] += 1
            error = "" if answer["text"] == text else f"echo of {text} was {answer['text']}"
            self._note(
                Record("message", due, time.time() - due, 200, answer.get("release", ""), error)
            )
            await self._pause(0.5)

    def _fail(self, kind: str, began: float, error: str) -> None:
        self._note(Record(kind, began, time.time() - began, error=error))

    def _note(self, record: Record) -> None:
        self._file.write(json.dumps(list(asdict(record).values())) + "\n")


async def _count(_: aiohttp.ClientSession, context: Any, __: Any) -> None:
    context.trace_request_ctx.append(1)


def _body(kind: str, event: str) -> dict[str, Any]:
    if kind == "order":
        return {"id": event}
    return {
        "events": [
            {
                "eventId": event,
                "userId": f"user-{int(event[-4:]) % 50}",
                "sessionId": "session-traffic",
                "eventType": "page_view",
                "timestamp": datetime.now(UTC).isoformat(),
                "properties": {"path": "/"},
            }
        ]
    }


def main() -> None:
    """Read what to send from standard input, and send it until SIGTERM."""
    options = json.load(sys.stdin)
    asyncio.run(_Sender(Mix(**options["mix"]), Path(options["records"])).run())


if __name__ == "__main__":
    main()
