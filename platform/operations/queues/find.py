"""Which dead-letter queues an environment has, by what was deployed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from platformctl.errors import InvocationError

QUEUE = "aws:sqs/queue:Queue"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"


@dataclass(frozen=True, kw_only=True)
class DeadLetterQueue:
    """A queue with what others gave up.

    Attributes:
        name: Its name.
        arn: Its ARN.
        url: Its URL.
        sources: ARNs of the streams and queues that its messages came from.
    """

    name: str
    arn: str
    url: str
    sources: Sequence[str]

    @property
    def region(self) -> str:
        """Region it is in."""
        return self.arn.split(":")[3]


def dead_letter_queues(checkpoint: Mapping[str, Any]) -> list[DeadLetterQueue]:
    """Return the dead-letter queues of an environment, by name."""
    resources = checkpoint["deployment"].get("resources") or ()
    sources: dict[str, list[str]] = {}
    for target, source in _given_up(resources):
        sources.setdefault(target, []).append(source)
    queues = [each.get("outputs") or {} for each in resources if each["type"] == QUEUE]
    return sorted(
        (
            DeadLetterQueue(
                name=queue["name"],
                arn=queue["arn"],
                url=queue["url"],
                sources=sorted(set(sources[queue["arn"]])),
            )
            for queue in queues
            if queue.get("arn") in sources
        ),
        key=lambda queue: queue.name,
    )


def choose(queues: Sequence[DeadLetterQueue], name: str | None) -> DeadLetterQueue:
    """Return the queue of a name, or the only one that is nobody else's dead-letter queue.

    Raises:
        InvocationError: There is none, or the name does not say which.
    """
    known = ", ".join(queue.name for queue in queues) or "none"
    if name is not None:
        found = [queue for queue in queues if queue.name == name]
        if found:
            return found[0]
        near = get_close_matches(name, [queue.name for queue in queues], n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {known}"
        raise InvocationError(f"there is no dead-letter queue {name!r}", why=hint)
    own = {queue.arn for queue in queues}
    first = [queue for queue in queues if not own.issuperset(queue.sources)]
    if len(first) != 1:
        raise InvocationError("no one dead-letter queue is meant", why=f"there are: {known}")
    return first[0]


def _given_up(resources: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield where something is given up to, and where it comes from."""
    for resource in resources:
        outputs = resource.get("outputs") or {}
        if resource["type"] == QUEUE and outputs.get("redrivePolicy"):
            yield json.loads(outputs["redrivePolicy"])["deadLetterTargetArn"], outputs["arn"]
        if resource["type"] == MAPPING:
            destination = (outputs.get("destinationConfig") or {}).get("onFailure") or {}
            if destination.get("destinationArn"):
                yield destination["destinationArn"], outputs["eventSourceArn"]
