"""Other versions of an application: a checkout of its product with one real change of the source.

`checkout(folder, errors(0.05))` writes `folder/apps/analytics`, a copy of the analytics product in
which five of a hundred requests are answered 500. Such a folder is what `--source` takes. Each
function below is one version; `of` says which product is copied: `ANALYTICS`, or `STOREFRONT`,
which also has WebSockets and long requests and starts faster.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from support.platform import REPOSITORY


@dataclass(frozen=True)
class Edit:
    """One change of a file: `old` is there exactly once and becomes `new`; "" makes the file."""

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Sources:
    """A product, and where the versions change it.

    Attributes:
        folder: Its folder, whose name is the product's.
        shared: Folder, relative to it, that takes a module of ours.
        application: File and line before which a middleware is added.
        release: File and line that sets the header of the release, the outermost place.
        health: File and line that decides whether it is healthy.
        start: Files and line before which the program does what it does first.
        answer: File, old and new text of an answer that is wrong and looks right.
    """

    folder: Path
    shared: str
    application: tuple[str, str]
    release: tuple[str, str]
    health: tuple[str, str]
    start: tuple[tuple[str, str], ...]
    answer: tuple[tuple[str, str, str], ...]


_MAIN = '    """Run the service; return the exit status."""\n'

ANALYTICS = Sources(
    folder=REPOSITORY / "apps" / "analytics",
    shared="telemetry",
    application=("telemetry/application.py", "    app.add_middleware(Requests, release=release)\n"),
    release=(
        "telemetry/requests.py",
        "                    headers[RELEASE_HEADER] = self._release\n",
    ),
    health=("telemetry/application.py", "        broken = condition.broken()\n"),
    start=(
        ("ingestion/__main__.py", _MAIN),
        ("api/__main__.py", _MAIN),
        ("consumer/__main__.py", _MAIN.replace("service", "consumer")),
    ),
    answer=(
        ("api/queries.py", "sum(count(*)) OVER ()::bigint", "count(*) OVER ()::bigint"),
        ("ingestion/application.py", "if not batch.rejections:", "if accepted >= 0:"),
    ),
)
STOREFRONT = Sources(
    folder=Path(__file__).parent / "apps" / "shop",
    shared="storefront",
    application=(
        "storefront/application.py",
        "    app.add_middleware(Release, release=release)\n",
    ),
    release=(
        "storefront/application.py",
        '                MutableHeaders(scope=message)["X-Release"] = self._release\n',
    ),
    health=("storefront/application.py", '        broken = ""\n'),
    start=(("storefront/__main__.py", '    """Serve; return the exit status."""\n'),),
    answer=(("storefront/application.py", "price = 100 + request", "price = 0 * request"),),
)


@dataclass(frozen=True)
class Version:
    """A version: what it is called, of which product, and how its source differs."""

    name: str
    sources: Sources
    edits: tuple[Edit, ...]


def checkout(folder: Path, version: Version) -> Path:
    """Write a version's `apps/<product>` into a folder, new or empty, and return the folder."""
    product = folder / "apps" / version.sources.folder.name
    shutil.copytree(
        version.sources.folder, product, ignore=shutil.ignore_patterns("__pycache__"), symlinks=True
    )
    for edit in version.edits:
        path = product / edit.path
        if not edit.old:
            path.write_text(edit.new)
            continue
        text = path.read_text()
        assert text.count(edit.old) == 1, f"{edit.path} does not have {edit.old!r} once"
        path.write_text(text.replace(edit.old, edit.new))
    return folder


def good(marker: str, of: Sources = ANALYTICS) -> Version:
    """Works, and tells `marker` in the header `X-Version` of every answer."""
    path, line = of.release
    indent = line[: len(line) - len(line.lstrip())]
    told = f'{indent}MutableHeaders(scope=message)["X-Version"] = {marker!r}\n'
    return Version(f"good-{marker}", of, (Edit(path, line, line + told),))


def errors(share: float, of: Sources = ANALYTICS) -> Version:
    """Answers a share of the requests with 500; health checks succeed."""
    every = round(1 / share)
    return _misbehaving(f"errors-{share}", of, f"number % {every} == 0", "await self._fail(send)")


def slow(milliseconds: int, of: Sources = ANALYTICS) -> Version:
    """Takes so much longer for every request; health checks are as fast as ever."""
    wait = f"await asyncio.sleep({milliseconds / 1000})"
    return _misbehaving(f"slow-{milliseconds}", of, "True", wait)


def slow_above(requests_per_second: float, milliseconds: int, of: Sources = ANALYTICS) -> Version:
    """Is slow only while one task gets more than so many requests a second: at higher weights."""
    condition = f"len(recent) > {requests_per_second}"
    wait = f"await asyncio.sleep({milliseconds / 1000})"
    return _misbehaving(f"slow-above-{requests_per_second}", of, condition, wait)


def leaks(megabytes_per_second: float, of: Sources = ANALYTICS, *, most: int = 2048) -> Version:
    """Takes more and more memory, until it is killed for it or has `most` megabytes."""
    code = _LEAK.format(step=int(megabytes_per_second * 2**20 / 10), most=most * 2**20)
    return _at_start(f"leaks-{megabytes_per_second}", of, code)


def wrong(of: Sources = ANALYTICS) -> Version:
    """Is healthy and fast and answers wrongly: only who looks at the content notices.

    Of analytics, the API's totals are the number of groups, and ingestion says that it accepted
    what it refused. Of the storefront, everything is free.
    """
    return Version("wrong", of, tuple(Edit(*change) for change in of.answer))


def crashes(of: Sources = ANALYTICS, *, after_seconds: float = 0) -> Version:
    """Ends by an error, at its start or so many seconds later."""
    code = _CRASH.format(seconds=after_seconds) if after_seconds else f"    raise {_FAULT}\n"
    return _at_start(f"crashes-after-{after_seconds}", of, code)


def logs_and_crashes(of: Sources = ANALYTICS) -> Version:
    """Logs a document that says why it cannot start, and ends by it."""
    return _at_start("logs-and-crashes", of, _LOGGED_CRASH)


def unhealthy(of: Sources = ANALYTICS) -> Version:
    """Serves, but its health check fails."""
    return _health("unhealthy", of, "broken = 'this version is never healthy'")


def flapping(of: Sources = ANALYTICS, *, seconds: float = 2) -> Version:
    """Is healthy for so many seconds, then unhealthy for as many, and so on."""
    clock = f"int(__import__('time').monotonic() / {seconds}) % 2"
    return _health("flapping", of, f"broken = 'flapping' if {clock} else ''")


def port_taken(of: Sources = ANALYTICS) -> Version:
    """Finds its port in use: something else in the task listens there already."""
    return _at_start("port-taken", of, _TAKE_PORT)


_FAULT = "RuntimeError('this version cannot start: no such table: prices')"
_CRASH = """\
    import os, sys, threading
    def crash():
        sys.stderr.write("this version cannot go on\\n")
        os._exit(70)
    threading.Timer({seconds}, crash).start()
"""
_LOGGED_CRASH = """\
    import json, traceback
    try:
        open("/nowhere/prices")
    except OSError:
        said = {"exception": traceback.format_exc(), "level": "error", "service": "prices"}
        print(json.dumps({**said, "message": "this version cannot start"}), flush=True)
        raise SystemExit(3)
"""
_LEAK = """\
    import threading, time
    def leak():
        kept = []
        while len(kept) * {step} < {most}:
            kept.append(b"x" * {step})
            time.sleep(0.1)
        time.sleep(3600)
    threading.Thread(target=leak, daemon=True).start()
"""
_TAKE_PORT = """\
    import os, socket
    taken = socket.create_server((os.environ["HOST"], int(os.environ["PORT"])))
"""
_MIDDLEWARE = '''\
"""How this version misbehaves."""

import asyncio
import itertools
import time
from collections import deque

PROBES = {{"/health", "/ready", "/metrics", "/version"}}


class Misbehaviour:
    def __init__(self, app):
        self._app = app
        self._numbers = itertools.count(1)
        self._recent = deque()

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["path"] not in PROBES:
            number, recent, now = next(self._numbers), self._recent, time.monotonic()
            recent.append(now)
            while recent[0] < now - 1:
                recent.popleft()
            if {condition}:
                if {action} is not None:
                    return
        await self._app(scope, receive, send)

    async def _fail(self, send):
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"6")]
        await send({{"type": "http.response.start", "status": 500, "headers": headers}})
        await send({{"type": "http.response.body", "body": b"broken"}})
        return True
'''


def _misbehaving(name: str, of: Sources, condition: str, action: str) -> Version:
    path, line = of.application
    module = f"{of.shared}.misbehaviour"
    added = f"    from {module} import Misbehaviour\n    app.add_middleware(Misbehaviour)\n"
    return Version(
        name,
        of,
        (
            Edit(
                f"{of.shared}/misbehaviour.py",
                "",
                _MIDDLEWARE.format(condition=condition, action=action),
            ),
            # What is added later is outside: the release and the figures are those of a service.
            Edit(path, line, added + line),
        ),
    )


def _at_start(name: str, of: Sources, code: str) -> Version:
    return Version(name, of, tuple(Edit(path, line, line + code) for path, line in of.start))


def _health(name: str, of: Sources, code: str) -> Version:
    path, line = of.health
    indent = line[: len(line) - len(line.lstrip())]
    return Version(name, of, (Edit(path, line, f"{indent}{code}\n"),))
