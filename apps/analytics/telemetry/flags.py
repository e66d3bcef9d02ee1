"""Feature flags: what is switched on, for whom, is decided while the service runs.

The flags are a configuration profile of AWS AppConfig. A thread asks for it at the interval that
AppConfig allows, so a change is in force within 15 seconds, without a deployment. What was read
last stays in force while AppConfig cannot be asked; until the first reading, and for a flag nobody
has set, the default that the code gives is in force.

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

import boto3
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from prometheus_client import Counter

from telemetry.settings import Environment

log = structlog.get_logger()

DECISIONS = Counter("flag_decisions_total", "Times a flag was asked for.", ["flag", "on"])

INTERVAL_SECONDS = 15
"""The least AppConfig allows (StartConfigurationSession)."""
USER = "user"
"""The attribute by which a percentage is spread."""
_WHOLE = 2**64


@dataclass(frozen=True)
class FlagSettings:
    """Where the flags are; names or ids. Without an application, each flag has its default.

    Attributes:
        application: Application of AppConfig; "" where there are no flags.
        environment: Environment of the application.
        profile: Configuration profile of type feature flags.
        region: AWS region of the application.
    """

    application: str
    environment: str
    profile: str
    region: str

    @classmethod
    def read(cls, environment: Environment) -> "FlagSettings":
        """Read the settings."""
        application = environment.text("FLAGS_APPLICATION", "")
        rest = None if application else ""
        return cls(
            application=application,
            environment=environment.text("FLAGS_ENVIRONMENT", rest),
            profile=environment.text("FLAGS_PROFILE", rest),
            region=environment.text("AWS_REGION", "us-east-1"),
        )


def is_on(name: str, flag: Mapping[str, Any], subject: Mapping[str, str]) -> bool:
    """Tell whether a flag is on for somebody.

    Args:
        name: Name of the flag.
        flag: What AppConfig says about it: `enabled`, `percentage`, and `audience`, a list of
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


def _is_set_of_flags(values: object) -> bool:
    return isinstance(values, dict) and all(isinstance(each, dict) for each in values.values())


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
        self._token = ""
        self.trouble = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="flags", daemon=True)
        if settings.application:
            # The next reading is better than a late one: few attempts, short waits.
            config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})
            self._appconfig = boto3.client(
                "appconfigdata", region_name=settings.region, config=config
            )

    def start(self) -> None:
        """Start following."""
        if self._settings.application:
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
        while not self._ended.is_set():
            try:
                self._read()
            except (BotoCoreError, ClientError, ValueError) as error:
                # A token is good for one call, and the next one came with the answer we lack.
                self._token = ""
                if str(error) != self.trouble:
                    log.warning("flags cannot be read", error=str(error))
                self.trouble = str(error)
            else:
                self.trouble = ""
            self._ended.wait(self._interval)

    def _read(self) -> None:
        if not self._token:
            self._token = self._appconfig.start_configuration_session(
                ApplicationIdentifier=self._settings.application,
                EnvironmentIdentifier=self._settings.environment,
                ConfigurationProfileIdentifier=self._settings.profile,
                RequiredMinimumPollIntervalInSeconds=INTERVAL_SECONDS,
            )["InitialConfigurationToken"]
        answer = self._appconfig.get_latest_configuration(ConfigurationToken=self._token)
        self._token = answer["NextPollConfigurationToken"]
        content = answer["Configuration"].read()
        if not content:
            return  # unchanged since the last reading
        values = json.loads(content)
        if not isinstance(values, dict) or not all(
            isinstance(each, dict) for each in values.values()
        ):
            raise ValueError("the configuration is not a set of flags")
        if values != self._values:
            log.info("flags changed", flags=values)
        self._values = values
