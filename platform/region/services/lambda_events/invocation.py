"""Invoking a function with records, and reading which of them it says have failed."""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.region.services.lambda_events.delivery import Outcome

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

_LOG = logging.getLogger(__name__)
_AT_ONCE = 6
"""Invocations of all mappings at a time: the region's own calls share one pool of threads."""
_PAUSE = 0.5
REPORTS = "ReportBatchItemFailures"


class Invoker:
    """Invokes functions for event source mappings."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def invoke(
        self, region: str, mapping: Mapping[str, Any], events: Sequence[Mapping[str, Any]]
    ) -> Outcome:
        """Hand events to the mapping's function and return what came of it.

        What is no fault of the records (a function that is throttled, updated or deleted, an
        emulator that starts again) is waited for.
        """
        payload = json.dumps({"Records": list(events)}).encode()
        parameters = {"FunctionName": mapping["FunctionArn"], "Payload": payload}
        while True:
            try:
                async with self._free:
                    answer = await self._runtime.call("lambda", region, "invoke", parameters)
                    body = await asyncio.to_thread(answer["Payload"].read)
            except (ClientError, BotoCoreError) as error:
                _LOG.warning("%s was not invoked: %s", mapping["FunctionArn"], error)
                await asyncio.sleep(_PAUSE)
                continue
            if answer.get("FunctionError"):
                return Outcome(None, answer["FunctionError"])
            return _outcome(mapping, body)


def _outcome(mapping: Mapping[str, Any], body: bytes) -> Outcome:
    """Read a function's answer, which counts only where the mapping says that it reports."""
    if REPORTS not in mapping.get("FunctionResponseTypes", ()):
        return Outcome(())
    try:
        answer = json.loads(body or b"null")
        items = (answer or {}).get("batchItemFailures") or ()
        failed = [item["itemIdentifier"] for item in items]
    except (AttributeError, KeyError, TypeError, ValueError):
        return Outcome(None, "InvalidResponse")
    # An empty name means that nothing is done.
    return Outcome(failed if all(failed) else None)
