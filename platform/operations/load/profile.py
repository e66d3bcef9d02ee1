"""`load.yaml`: how a product's traffic is made, sent and counted.

Texts in an event may hold generators: `{uuid}`, `{now}` (ISO 8601, UTC), `{number:1000}` (0 to 999)
and `{choice:a,b,c}`.
"""

import json
import random
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from platformctl.errors import ConfigurationError, InvocationError

GENERATOR = re.compile(r"\{(uuid|now|number:\d+|choice:[^}]+)\}")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Send(_Model):
    """Where events go, and what one looks like."""

    output: str = Field(description="Stack output that holds the base URL.")
    path: str = Field(description="Path that takes a batch by POST.")
    list: str = Field(description="Key of the body that holds the list of events.")
    accepted: str = Field(description="JMESPath of the number of accepted events in the answer.")
    event: dict[str, Any] = Field(description="One event; its texts may hold generators.")


class Count(_Model):
    """How to ask for the number of events that came out at the other end."""

    output: str = Field(description="Stack output that holds the base URL.")
    path: str = Field(description="Path with `{start}` and `{end}`, both ISO 8601, UTC.")
    total: str = Field(description="JMESPath of the number of events in the answer.")
    groups: str = Field(description="JMESPath of a list of [name, count] for the summary.")


class Sample(_Model):
    """Events to begin with."""

    file: str = Field(description="JSON Lines beside load.yaml.")
    seconds_ago: str = Field(
        alias="secondsAgo", description="Key of a line: the event's age, made into `timestamp`."
    )


class Place(_Model):
    """Where events wait on their way; a metric of CloudWatch tells how many, or for how long."""

    name: str = Field(description="What it is, with its article: `the broker`.")
    means: str = Field(description="What the figure is, `{}` being the figure.")
    namespace: str = Field(description="Namespace of the metric.")
    metric: str = Field(description="Its name.")
    dimensions: dict[str, str] = Field(
        description="Its dimensions; `{output}` is the stack output of that name."
    )


class Profile(_Model):
    """The traffic of one product."""

    send: Send
    count: Count
    sample: Sample
    places: list[Place] = Field(
        default=[], description="Where to look, in their order, for events that do not come out."
    )
    folder: Path = Field(exclude=True)

    def sample_events(self, now: datetime) -> list[dict[str, Any]]:
        """Return the sample events with times relative to now."""
        events = []
        for line in (self.folder / self.sample.file).read_text().splitlines():
            event = json.loads(line)
            age = event.pop(self.sample.seconds_ago)
            moment = datetime.fromtimestamp(now.timestamp() - age, UTC)
            events.append({**event, "timestamp": moment.isoformat()})
        return events


def load_profile(project: Path, product: str) -> Profile:
    """Read the profile of a product.

    Raises:
        ConfigurationError: The file is wrong; names each mistake.
        InvocationError: The product has none; names those that have.
    """
    path = project / "apps" / product / "load.yaml"
    if not path.is_file():
        known = sorted(found.parent.name for found in project.glob("apps/*/load.yaml"))
        raise InvocationError(
            f"there is no load for {product!r}",
            why=f"{path.relative_to(project)} does not exist; "
            f"products with a load: {', '.join(known) or 'none'}",
        )
    try:
        return Profile.model_validate({**yaml.safe_load(path.read_text()), "folder": path.parent})
    except (yaml.YAMLError, TypeError) as error:
        raise ConfigurationError(f"cannot read {path.name}", why=str(error)) from error
    except ValidationError as error:
        mistakes = "; ".join(
            f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}" for mistake in error.errors()
        )
        raise ConfigurationError(f"{path} is not a valid load.yaml", why=mistakes) from error


def event_writer(event: dict[str, Any]) -> Callable[[], str]:
    """Return a function that writes one event as JSON, with fresh values each time."""
    parts: list[str | Callable[[], str]] = []
    text = json.dumps(event)
    end = 0
    for found in GENERATOR.finditer(text):
        parts += [text[end : found.start()], _generator(found[1])]
        end = found.end()
    parts.append(text[end:])
    return lambda: "".join(part if isinstance(part, str) else part() for part in parts)


def _generator(name: str) -> Callable[[], str]:
    kind, _, argument = name.partition(":")
    if kind == "uuid":
        return lambda: str(uuid.uuid4())
    if kind == "now":
        return lambda: datetime.now(UTC).isoformat()
    if kind == "number":
        return lambda: str(random.randrange(int(argument)))  # nosec B311
    choices = argument.split(",")
    return lambda: random.choice(choices)  # nosec B311
