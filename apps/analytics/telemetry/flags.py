"""Feature flags: what is switched on, for whom, is decided while the service runs.

The flags are a parameter of Systems Manager, as JSON. A thread asks for it every ten seconds, so a
change is in force soon, without a deployment. What was read last stays in force while Systems
Manager cannot be asked; until the first reading, and for a flag nobody has set, the default that
the code gives is in force.

A flag is on for everybody of its `audience`, and for its `percentage` of all others. Who is among
those follows from the flag's and the user's name alone: a user stays in while the percentage grows,
in every task and after every restart.
"""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from prometheus_client import Counter

from telemetry.settings import Environment

log = structlog.get_logger()

DECISIONS = Counter("flag_decisions_total", "Times a flag was asked for.", ["flag", "on"])

INTERVAL_SECONDS = 10.0
USER = "user"
"""The attribute by which a percentage is spread."""
_WHOLE = 2**64


@dataclass(frozen=True)
class FlagSettings:
    """Where the flags are.

    Attributes:
        parameter: Name of the parameter; "" where there are none, and each flag has its default.
        region: AWS region of the parameter.
    """

    parameter: str
    region: str

    @classmethod
    def read(cls, environment: Environment) -> "FlagSettings":
        """Read the settings."""
        return cls(
            parameter=environment.text("FLAGS_PARAMETER", ""),
            region=environment.text("AWS_REGION", "us-east-1"),
        )


def is_on(name: str, flag: Mapping[str, Any], subject: Mapping[str, str]) -> bool:
    """Tell whether a flag is on for somebody.

    Args:
        name: Name of the flag.
        flag: What the parameter says about it: `enabled`, `percentage`, and `audience`, a list of
            `attribute=value`.
        subject: Attributes of who is asking, such as `user` and `country`.
    """
    if not flag.get("enabled"):
        return False
    if any(
        f"{attribute}={value}" in flag.get("audience", ()) for attribute, value in subject.items()
    ):
        return True
    percentage = float(flag.get("percentage", 0))
    # Nobody can be told apart from others without a name, so only everybody's flags are for them.
    user = subject.get(USER, "")
    return percentage >= 100 or (bool(user) and place(name, user) < percentage)


def place(name: str, user: str) -> float:
    """Return where a user stands among all users of a flag: from 0 up to 100, always the same."""
    digest = hashlib.sha256(f"{name}\0{user}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / _WHOLE * 100


class Flags:
    """Follows the flags in a thread of its own.

    Args:
        settings: Where they are.
        interval: Seconds between two readings.

    Attributes:
        trouble: Why the flags cannot be read just now; "" while they can.
    """

    def __init__(self, settings: FlagSettings, interval: float = INTERVAL_SECONDS) -> None:
        self._settings = settings
        self._interval = interval
        self._values: Mapping[str, Any] = {}
        self.trouble = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="flags", daemon=True)

    def start(self) -> None:
        """Start following."""
        if self._settings.parameter:
            self._thread.start()

    def stop(self) -> None:
        """End following; the flags stay as they are."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()

    def enabled(self, name: str, subject: Mapping[str, str], *, default: bool) -> bool:
        """Tell whether a flag is on for somebody.

        Args:
            name: Name of the flag.
            subject: Attributes of who is asking, such as `user` and `country`.
            default: What is in force where nobody has set the flag.
        """
        flag = self._values.get(name)
        on = default if flag is None else is_on(name, flag, subject)
        DECISIONS.labels(name, "true" if on else "false").inc()
        return on

    def _follow(self) -> None:
        # Loading boto3 and its description of the service takes longer than the rest of a start:
        # requests and health checks are not made to wait for it.
        import boto3  # noqa: PLC0415  # as said above
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        # The next reading is better than a late one: few attempts, short waits.
        config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})
        systems = boto3.client("ssm", region_name=self._settings.region, config=config)
        while not self._ended.is_set():
            try:
                self._read(systems)
            except (BotoCoreError, ClientError, ValueError) as error:
                if str(error) != self.trouble:
                    log.warning("flags cannot be read", error=str(error))
                self.trouble = str(error)
            else:
                self.trouble = ""
            self._ended.wait(self._interval)

    def _read(self, systems: Any) -> None:
        answer = systems.get_parameter(Name=self._settings.parameter)
        values = _flags(json.loads(answer["Parameter"]["Value"]))
        if values != self._values:
            log.info("flags changed", flags=values)
        self._values = values


def _flags(document: object) -> Mapping[str, Any]:
    """Return the flags of a document by name.

    Raises:
        ValueError: It is not a document of flags.
    """
    flags = document.get("flags") if isinstance(document, dict) else None
    if not isinstance(flags, dict) or not all(isinstance(each, dict) for each in flags.values()):
        raise ValueError("the parameter does not hold flags")
    return flags
