"""What every AWS service of the region is: operations in, records kept, reality made to follow.

An operation is a method named as botocore names it in Python (`create_load_balancer` for
`CreateLoadBalancer`). It gets a `Call` with parameters parsed by botocore's model, and returns a
dict in the shape of that operation's output. Both may be plain or coroutine functions; all run on
the supervisor's event loop, so a slow thing must be awaited or sent to a thread.

Operations only change records and return; bringing reality in line (processes, listeners) is the
work of the service's own tasks, which start from the records, so a restart resumes where it was.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from platformctl.region.endpoint.server import Answer, Request

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

Forward = Callable[[Request], Awaitable[Answer]]
"""Passes a request on to the emulator."""


@dataclass(frozen=True)
class Call:
    """One API request.

    Attributes:
        region: Region name from the request's credential scope, such as `us-east-1`.
        account: Twelve-digit account id.
        operation: Operation name, such as `CreateLoadBalancer`.
        parameters: Parsed request parameters, in botocore's shape and member names.
    """

    region: str
    account: str
    operation: str
    parameters: Mapping[str, Any]


class ServiceError(Exception):
    """An error answer in the service's own protocol.

    Attributes:
        code: AWS error code, such as `LoadBalancerNotFound`; the HTTP status comes from the
            service model where the model knows the code.
        message: The sentence the caller reads.
        status: HTTP status where the model does not give one.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status


class Service:
    """One AWS service, for every region name.

    Attributes:
        name: botocore's service name, such as `elbv2`.
        scope: Service name in the SigV4 credential scope where it differs (`elasticloadbalancing`).
        outlasts: Operations that are answered even while their region is stopped: what in AWS is
            served from everywhere.
    """

    name: ClassVar[str]
    scope: ClassVar[str] = ""
    outlasts: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, runtime: "Runtime") -> None:
        self.runtime = runtime

    def answers(self, request: Request) -> bool:  # noqa: ARG002  # for services that share
        """Say whether a request of its scope is its own; the emulator answers the others."""
        return True

    def follows(self, region: str, request: Request) -> bool:  # noqa: ARG002  # see `answers`
        """Say whether it wants to see a request that the emulator answers, once that succeeded."""
        return False

    async def followed(self, region: str, request: Request) -> None:
        """See a request that the emulator has answered with success."""

    async def forward(self, region: str, request: Request, forward: Forward) -> Answer:  # noqa: ARG002  # for services that change what they pass on
        """Pass a request on to the emulator, and its answer back."""
        return await forward(request)

    async def start(self) -> None:
        """Bring reality in line with the records; called once when the region starts."""

    async def stop(self) -> None:
        """Stop what runs and keep the records; called once when the region stops."""

    async def stop_region(self, region: str) -> None:
        """Stop what runs in one region name and keep the records: an outage of that region."""

    async def start_region(self, region: str) -> None:
        """Bring reality in line with the records again after an outage of one region name."""
