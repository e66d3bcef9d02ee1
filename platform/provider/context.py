"""One operation on one resource: what is known about it, and the calls made for it."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from time import monotonic
from typing import Any

import jmespath
from botocore.exceptions import ClientError

from platformctl.aws.clients import ACCOUNT, Clients
from platformctl.plugin.provider import ResourceOperationError
from platformctl.plugin.values import Properties
from platformctl.provider import schema
from platformctl.provider.spec import Ask, ResourceSpec, Send
from platformctl.provider.templates import fill
from platformctl.provider.translate import Names, UnsentInputError, place

PARTITION = "aws"
GONE = re.compile(
    r"NotFound|NoSuch|Non[Ee]xistent|DoesNotExist|DoesntExist|^404$|NotExist|ServiceNotActive"
)
BUSY = re.compile(
    r"DependencyViolation|DeleteConflict|InUse|OperationAborted|ConflictException"
    r"|Invalid\w*State|InvalidStatus"
)
BUSY_TIMEOUT = 60.0
"""Seconds for which a deletion that something else still stands in the way of is tried again."""

_compiled = cache(jmespath.compile)


def search(path: str, document: Any) -> Any:
    """Return what a JMESPath leads to."""
    return document if path == "@" else _compiled(path).search(document)


def is_gone(error: ClientError) -> bool:
    """Tell whether an error says that the resource does not exist."""
    return bool(GONE.search(error.response.get("Error", {}).get("Code", "")))


def is_busy(error: ClientError) -> bool:
    """Tell whether an error says that something else is still in the way."""
    return bool(BUSY.search(error.response.get("Error", {}).get("Code", "")))


def explain(error: Exception) -> str:
    """Return an SDK error as one sentence."""
    if isinstance(error, ClientError):
        detail = error.response.get("Error", {})
        return f"{error.operation_name} answered {detail.get('Code')}: {detail.get('Message')}"
    if isinstance(error, UnsentInputError):
        return f"input {error.path} cannot be sent and is not listed as having no local effect"
    return str(error)


@dataclass
class Context:
    """One operation on one resource.

    Attributes:
        spec: The row.
        clients: Makes boto3 clients.
        region: Region the resource is in.
        inputs: Inputs as the program wants them.
        old: Inputs as recorded before (updates, deletions).
        outputs: Outputs as recorded before.
        tags: Tags it should have, the provider's default tags included.
        id: Its id, "" as long as it has none.
        answer: Answer of the create call.
        timeout: Seconds the operation may take, None for the row's own idea.
        pause: Waits; returns early and true when the work is to end.
    """

    spec: ResourceSpec
    clients: Clients
    region: str
    inputs: Properties
    old: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    id: str = ""
    answer: Any = None
    timeout: float | None = None
    pause: Callable[[float], bool] = field(default_factory=lambda: threading.Event().wait)

    @property
    def names(self) -> Names:
        """The row's listed names."""
        return Names(self.spec.names, self.spec.no_local_effect)

    @property
    def schema(self) -> schema.ResourceSchema:
        """Pulumi's idea of the type."""
        return schema.resource(self.spec.type)

    @property
    def values(self) -> dict[str, Any]:
        """Everything a template may name."""
        known = {"region": self.region, "account": ACCOUNT, "partition": PARTITION}
        place = {"region": self.region}
        return {**known, **self.outputs, **self.inputs, **place, "id": self.id or None}

    def client(self, service: str = "") -> Any:
        """Return the boto3 client of a service in the resource's region."""
        return self.clients(service or self.spec.service, self.region)

    def call(self, operation: str, /, **parameters: Any) -> Any:
        """Call an operation of the row's service with plain parameters."""
        return getattr(self.client(), operation)(**parameters)

    def ask(self, ask: Ask) -> Any:
        """Make a call as it is written down, and return what its path leads to."""
        parameters = fill(ask.parameters, self.values)
        answer = getattr(self.client(ask.service), ask.operation)(**parameters)
        return search(ask.path, answer)

    def find(self, ask: Ask) -> Any:
        """Make a describing call; None where it says that there is no such thing."""
        try:
            return self.ask(ask)
        except ClientError as error:
            if is_gone(error):
                return None
            raise

    def request(self, send: Send, *, changed: frozenset[str] | None = None) -> dict[str, Any]:
        """Return the parameters of a call that carries inputs.

        Raises:
            UnsentInputError: A nested input has no place in the call.
        """
        client = self.client()
        shape = input_shape(client, send.operation)
        parameters: dict[str, Any] = {}
        for key, item in self.inputs.items():
            if key not in carried(self.spec, send, shape):
                continue
            if send.changed_only and changed is not None and key not in changed:
                continue
            place(parameters, item, shape, self.names, key)
        return parameters | fill(send.parameters, self.values)

    def send(self, send: Send, /, **extra: Any) -> Any:
        """Make a call that carries inputs, and return its answer."""
        return self.call(send.operation, **(self.request(send) | extra))

    def send_changed(self, send: Send, changed: frozenset[str], /, **extra: Any) -> Any:
        """Make a call that carries only what changed, if its row says so."""
        return self.call(send.operation, **(self.request(send, changed=changed) | extra))

    def until(self, done: Callable[[], Any], what: str, *, delay: float, timeout: float) -> Any:
        """Ask again and again, ever more slowly, until `done` returns something true.

        Raises:
            ResourceOperationError: It did not within the timeout, or the work is to end.
        """
        end = monotonic() + (self.timeout or timeout)
        while True:
            result = done()
            if result:
                return result
            if monotonic() > end:
                raise ResourceOperationError(
                    f"{what} took longer than {self.timeout or timeout:g} s"
                )
            if self.pause(delay):
                raise ResourceOperationError(f"stopped while waiting: {what}")
            delay = min(delay * 1.5, 1.0)

    def patient(self, action: Callable[[], Any]) -> Any:
        """Do something that may have to wait until nothing stands in its way any more."""
        last: list[ClientError] = []

        def attempt() -> tuple[Any]:
            return (action(),)

        def tried() -> tuple[Any] | None:
            try:
                return attempt()
            except ClientError as error:
                if not is_busy(error):
                    raise
                last[:] = [error]
                return None

        try:
            return self.until(tried, "deletion", delay=0.05, timeout=BUSY_TIMEOUT)[0]
        except ResourceOperationError as error:
            if last:
                raise ResourceOperationError(explain(last[0])) from last[0]
            raise error from None


def input_shape(client: Any, operation: str) -> Any:
    """Return botocore's input shape of an operation named as boto3 names it."""
    name = client.meta.method_to_api_mapping[operation]
    return client.meta.service_model.operation_model(name).input_shape


def carried(spec: ResourceSpec, send: Send, shape: Any) -> frozenset[str]:
    """Return the inputs that a call carries."""
    return _carried(spec.type, send.operation, send.only, send.leave, lambda: (spec, shape))


_carried_cache: dict[Any, frozenset[str]] = {}


def _carried(
    token: str,
    operation: str,
    only: tuple[str, ...] | None,
    leave: tuple[str, ...],
    more: Callable[[], tuple[ResourceSpec, Any]],
) -> frozenset[str]:
    key = (token, operation, only, leave)
    if key not in _carried_cache:
        spec, shape = more()
        names = Names(spec.names, spec.no_local_effect)
        members = () if shape is None else shape.members
        candidates = schema.resource(token).inputs if only is None else only
        kept = (*leave, *spec.handled) if only is None else leave
        _carried_cache[key] = frozenset(
            name
            for name in candidates
            if name not in kept
            and name not in ("tags", "region")
            and not names.is_silent(name)
            and _has_place(name, names, members)
        )
    return _carried_cache[key]


def _has_place(name: str, names: Names, members: Mapping[str, Any] | tuple[()]) -> bool:
    member = names.member(name, members)
    if member is None:
        return False
    return member == "^" or member.partition(".")[0] in members
