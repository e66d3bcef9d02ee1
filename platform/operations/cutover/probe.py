"""Requests of our own to the new side, through the test listener: smoke checks and probes."""

import asyncio
import fnmatch
import json
from collections.abc import Sequence

import httptools
import jmespath

from platformctl.operations.cutover.course import Course, SmokeCheck
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.load.traffic import Client

SECONDS = 10.0
"""That an answer may take."""
BODY = 200
"""Bytes of an answer that are told."""


def checks(course: Course) -> list[SmokeCheck]:
    """Return what the new side must answer: that it is healthy, and the checks of its own."""
    balancing = course.service.balancing
    if balancing is None or not balancing.test_url:
        return []
    found = list(course.smoke)
    if any(fnmatch.fnmatchcase(balancing.health_path, path) for path in balancing.paths):
        found.insert(0, SmokeCheck(name="it says that it is healthy", path=balancing.health_path))
    return found


def run_checks(course: Course, surroundings: Surroundings) -> list[str]:
    """Ask the new side everything; return what is wrong, one sentence each."""
    wanted = checks(course)
    if not wanted:
        return []
    return asyncio.run(_ask_all(_client(course, surroundings), wanted))


def drive(course: Course, surroundings: Surroundings, count: int) -> int:
    """Send requests to the new side, so that there is something to measure; return how many."""
    wanted = [check for check in checks(course) if check.method == "GET"]
    if not wanted:
        return 0
    asyncio.run(_ask_all(_client(course, surroundings), (wanted * count)[:count]))
    return count


def _client(course: Course, surroundings: Surroundings) -> Client:
    balancing = course.service.balancing
    return surroundings.connect(balancing.test_url or "") if balancing else Client("")


async def _ask_all(client: Client, wanted: Sequence[SmokeCheck]) -> list[str]:
    try:
        return [mistake for check in wanted if (mistake := await _ask(client, check))]
    finally:
        client.close()


async def _ask(client: Client, check: SmokeCheck) -> str:
    """Return what is wrong with an answer; "" if nothing is."""
    try:
        async with asyncio.timeout(SECONDS):
            status, body = await client.request(check.method, check.path, check.body.encode())
    except TimeoutError:
        return f"{check.name}: {check.method} {check.path} was not answered in {SECONDS:g} s"
    except (OSError, httptools.HttpParserError) as error:
        return f"{check.name}: {check.method} {check.path} failed: {error}"
    if status != check.status:
        said = body[:BODY].decode(errors="replace")
        return f"{check.name}: {check.method} {check.path} was answered {status}: {said}"
    return wrong_content(check, body)


def wrong_content(check: SmokeCheck, body: bytes) -> str:
    """Return what is wrong with the content of an answer; "" if nothing is."""
    if not check.expressions:
        return ""
    try:
        document = json.loads(body)
    except ValueError:
        return f"{check.name}: {check.method} {check.path} was not answered with JSON"
    for expression, value in check.expressions.items():
        found = jmespath.search(expression, document)
        if found != value:
            return f"{check.name}: {expression} is {found!r}, must be {value!r}"
    return ""
