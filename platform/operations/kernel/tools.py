"""What operations are run with."""

from dataclasses import dataclass, field

from platformctl.aws.clients import Clients
from platformctl.operations.kernel.clock import Clock, SystemClock
from platformctl.operations.kernel.events import Observer
from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.operation import Actor


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long the runner puts up with AWS not answering.

    Attributes:
        errors: Failures in a row after which it gives up (Argo Rollouts: 4).
        pause: Seconds between two attempts (Argo Rollouts: 10).
        look: Seconds between two looks at what people ask of the operation.
    """

    errors: int = 4
    pause: float = 10.0
    look: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What operations are run with.

    Attributes:
        journal: Where they are recorded.
        clients: Makes boto3 clients.
        actor: Who runs them.
        observer: Is told what happens.
        clock: The clock.
        patience: How long to put up with AWS not answering.
    """

    journal: Journal
    clients: Clients
    actor: Actor
    observer: Observer
    clock: Clock = field(default_factory=SystemClock)
    patience: Patience = field(default_factory=Patience)
