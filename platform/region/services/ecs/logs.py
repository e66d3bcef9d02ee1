"""Output of containers: to CloudWatch Logs in batches, and to a file of the region.

A container never waits for its logs: lines go into a bounded buffer, and when the emulator is
slower than the container the oldest are dropped, counted, and the count is said in the stream.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.region.services.ecs.failures import resource_initialization

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

log = logging.getLogger(__name__)

BUFFERED_LINES = 10_000
BATCH_LINES = 2_000
BATCH_BYTES = 900_000
EVENT_OVERHEAD = 26
LONGEST_LINE = 250_000
FLUSH_SECONDS = 0.5
FILE_BYTES = 8 * 1024 * 1024


@dataclass
class Stream:
    """One log stream with the lines that are not sent yet."""

    region: str
    group: str
    name: str
    lines: deque[tuple[int, str]] = field(default_factory=deque)
    dropped: int = 0

    def add(self, at: float, text: str) -> None:
        """Take a line; the oldest goes where the buffer is full."""
        if len(self.lines) >= BUFFERED_LINES:
            self.lines.popleft()
            self.dropped += 1
        self.lines.append((int(at * 1000), text))

    def batch(self) -> list[dict[str, Any]]:
        """Return the next events to send, as many as one call takes."""
        events: list[dict[str, Any]] = []
        size = 0
        if self.dropped and self.lines:
            notice = f"{self.dropped} lines were dropped: the region's log service was too slow"
            events.append({"timestamp": self.lines[0][0], "message": notice})
            self.dropped = 0
        while self.lines and len(events) < BATCH_LINES:
            at, text = self.lines[0]
            size += len(text.encode()) + EVENT_OVERHEAD
            if size > BATCH_BYTES and events:
                break
            self.lines.popleft()
            events.append({"timestamp": at, "message": text})
        return events


class LogShipper:
    """Sends the lines of all containers to CloudWatch Logs."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._open: list[Stream] = []

    async def open(self, region: str, options: Mapping[str, str], name: str) -> Stream:
        """Create a container's log stream.

        Raises:
            TaskStartError: The log group does not exist.
        """
        stream = Stream(
            options.get("awslogs-region") or region,
            options["awslogs-group"],
            f"{options['awslogs-stream-prefix']}/{name}",
        )
        try:
            if options.get("awslogs-create-group") == "true":
                await self._create("create_log_group", stream.region, logGroupName=stream.group)
            await self._create(
                "create_log_stream",
                stream.region,
                logGroupName=stream.group,
                logStreamName=stream.name,
            )
        except (ClientError, BotoCoreError) as error:
            raise resource_initialization(
                "failed to validate logger args: create stream has been retried 1 times: failed "
                f"to create Cloudwatch log stream: {error}"
            ) from error
        self._open.append(stream)
        return stream

    async def _create(self, operation: str, region: str, **parameters: str) -> None:
        try:
            await self._runtime.call("logs", region, operation, parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                raise

    async def close(self, stream: Stream) -> None:
        """Send what is left of a stream and forget it."""
        if stream in self._open:
            self._open.remove(stream)
        await self._send_all(stream)

    async def run(self) -> None:
        """Send for ever."""
        while True:
            for stream in list(self._open):
                await self._send_all(stream)
            await asyncio.sleep(FLUSH_SECONDS)

    async def _send_all(self, stream: Stream) -> None:
        while events := stream.batch():
            events.sort(key=lambda event: event["timestamp"])
            try:
                await self._runtime.call(
                    "logs",
                    stream.region,
                    "put_log_events",
                    {
                        "logGroupName": stream.group,
                        "logStreamName": stream.name,
                        "logEvents": events,
                    },
                )
            except (ClientError, BotoCoreError) as error:
                stream.dropped += len(events)
                log.warning("%s: %d lines are lost: %s", stream.name, len(events), error)
                return


class OutputFile:
    """The region's own copy of a container's output: bounded, the last file is kept as `.1`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.open("ab")
        self._size = path.stat().st_size

    def write(self, line: bytes) -> None:
        """Append a line."""
        if self._size > FILE_BYTES:
            self._stream.close()
            self.path.replace(self.path.with_name(f"{self.path.name}.1"))
            self._stream = self.path.open("ab")
            self._size = 0
        self._stream.write(line)
        self._stream.flush()
        self._size += len(line)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


async def pump(
    reader: asyncio.StreamReader, file: OutputFile, stream: Stream | None, runtime: "Runtime"
) -> None:
    """Carry a container's output to its file and its stream until it ends."""
    try:
        while line := await _line(reader):
            file.write(line)
            if stream is not None:
                text = line.decode(errors="replace").rstrip("\r\n")
                if text:
                    stream.add(runtime.now(), text)
    finally:
        file.close()


async def _line(reader: asyncio.StreamReader) -> bytes:
    """Return the next line, or a piece of one that is longer than a log event may be."""
    try:
        return await reader.readuntil(b"\n")
    except asyncio.IncompleteReadError as end:
        return end.partial
    except asyncio.LimitOverrunError as overrun:
        return await reader.readexactly(max(1, overrun.consumed))


def new_reader() -> asyncio.StreamReader:
    """Return a reader whose lines may be as long as a log event."""
    return asyncio.StreamReader(limit=LONGEST_LINE)


async def finished(task: "asyncio.Task[None]", seconds: float) -> None:
    """Wait for a pump to see the end of its container's output, which is near."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await task
