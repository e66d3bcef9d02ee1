"""Which side of the consumer takes messages in: a parameter of Systems Manager says so.

While a release is handed over, tasks of two sides run: `blue` and `green`. Only the side that the
parameter names belongs to the consumer group; the other one stands by. The parameter is asked every
second. Whoever cannot ask stays as it is: an outage of Systems Manager must neither stop the side
that works nor start the other one beside it.
"""

import threading
from dataclasses import dataclass

import boto3
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from prometheus_client import Counter, Gauge
from telemetry.settings import Environment

log = structlog.get_logger()

TAKING_IN = Gauge("consumer_intake", "1 while this task takes messages in, 0 while it stands by.")
CHANGES = Counter("consumer_intake_changes_total", "Times intake was taken or given up.", ["to"])

SIDES = ("blue", "green")
NOBODY = "none"
INTERVAL_SECONDS = 1.0


@dataclass(frozen=True)
class IntakeSettings:
    """Which side this task is, and who says which one takes messages in.

    Attributes:
        side: One of `SIDES`.
        parameter: Name of the parameter that holds the side, or `NOBODY`; "" where there is only
            one side, which then always takes messages in.
        region: AWS region of the parameter.
    """

    side: str
    parameter: str
    region: str

    @classmethod
    def read(cls, environment: Environment) -> "IntakeSettings":
        """Read the settings."""
        return cls(
            side=environment.choice("SIDE", SIDES, "blue"),
            parameter=environment.text("INTAKE_PARAMETER", ""),
            region=environment.text("AWS_REGION", "us-east-1"),
        )


class Intake:
    """Follows the parameter in a thread of its own.

    Args:
        settings: What to follow.
        interval: Seconds between two readings.

    Attributes:
        taken: Set while this side takes messages in.
        given_up: Set while it does not, and at the end.
        trouble: Why the parameter cannot be read just now; "" while it can.
    """

    def __init__(self, settings: IntakeSettings, interval: float = INTERVAL_SECONDS) -> None:
        self._settings = settings
        self._interval = interval
        self._known = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="intake")
        self.taken = threading.Event()
        self.given_up = threading.Event()
        self.given_up.set()
        self.trouble = "the intake parameter has not been read yet"
        # The next reading is better than a late one: few attempts, short waits.
        config = Config(connect_timeout=2, read_timeout=2, retries={"total_max_attempts": 1})
        self._systems = boto3.client("ssm", region_name=settings.region, config=config)

    @property
    def side(self) -> str:
        """The side this task is."""
        return self._settings.side

    @property
    def ended(self) -> bool:
        """Whether the end was asked for."""
        return self._ended.is_set()

    @property
    def state(self) -> str:
        """`active`, `standby`, or `unknown` before the first reading."""
        if not self._known:
            return "unknown"
        return "active" if self.taken.is_set() else "standby"

    def start(self) -> None:
        """Start following; where there is only one side, intake is ours at once."""
        if self._settings.parameter:
            self._thread.start()
        else:
            self._set(self.side)

    def end(self) -> None:
        """Give intake up for good; whoever waits for a change goes on."""
        self._ended.set()
        self.given_up.set()
        self.taken.set()

    def join(self) -> None:
        """Wait until nothing follows the parameter any more."""
        if self._thread.ident is not None:
            self._thread.join()

    def _follow(self) -> None:
        while not self._ended.is_set():
            try:
                self._set(self._read())
            except (BotoCoreError, ClientError, ValueError) as error:
                self._note(str(error))
            else:
                self._note("")
            self._ended.wait(self._interval)

    def _read(self) -> str:
        answer = self._systems.get_parameter(Name=self._settings.parameter)
        value = answer["Parameter"]["Value"]
        if value not in (*SIDES, NOBODY):
            allowed = ", ".join((*SIDES, NOBODY))
            raise ValueError(f"{self._settings.parameter} is {value!r}, not one of {allowed}")
        return value

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            log.warning("intake parameter cannot be read", error=trouble, intake=self.state)
        self.trouble = trouble

    def _set(self, side: str) -> None:
        mine = side == self.side
        if self._ended.is_set() or (self._known and mine == self.taken.is_set()):
            return
        self._known = True
        on, off = (self.taken, self.given_up) if mine else (self.given_up, self.taken)
        off.clear()
        on.set()
        state = "active" if mine else "standby"
        TAKING_IN.set(mine)
        CHANGES.labels(state).inc()
        log.info("intake changed", to=state, side=self.side, intake=side)
