"""What may go wrong with a call to AWS: calls, effects, and rules that say when."""

import json
import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs, urlsplit

from platformctl.region.endpoint import models, protocols

KUBERNETES = "kubernetes"
"""How the API of a cluster is named among AWS's services."""
SERVICES = {"elasticloadbalancing": "elbv2", "monitoring": "cloudwatch"}
"""Service in a credential scope → botocore's name, where they differ."""


@dataclass(frozen=True)
class Call:
    """A call as it came in.

    Attributes:
        service: botocore's service name, or `kubernetes`; empty if it cannot be told.
        region: Region name of its credential scope.
        action: Operation name, such as `UpdateService`, of Kubernetes such as `PATCH services`;
            empty if it cannot be told.
        protocol: Protocol that it is in.
        body: Its body.
        at: When it came, in seconds of the monotonic clock.
        fault: What was done to it: the name of an effect, empty if nothing was.
    """

    service: str
    region: str
    action: str
    protocol: str
    body: bytes
    at: float
    fault: str = ""

    @property
    def key(self) -> tuple[str, str, str, bytes]:
        """What is the same for calls that ask for the same."""
        return (self.service, self.region, self.action, self.body)


@dataclass(frozen=True)
class Reply:
    """An answer of the region."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Failure:
    """An error: code and status in AWS's JSON protocols and in its others, and in Kubernetes."""

    json: tuple[str, int]
    xml: tuple[str, int]
    message: str
    kubernetes: tuple[str, int] = ("InternalError", 500)


THROTTLED = Failure(
    ("ThrottlingException", 400),
    ("Throttling", 400),
    "Rate exceeded",
    ("TooManyRequests", 429),
)
EXPIRED = Failure(
    ("ExpiredTokenException", 400),
    ("ExpiredToken", 403),
    "The security token included in the request is expired",
)
DENIED = Failure(
    ("AccessDeniedException", 400),
    ("AccessDenied", 403),
    "User: arn:aws:iam::000000000000:user/operator is not authorized to perform this action",
)
INTERNAL = Failure(
    ("InternalServerError", 500), ("InternalFailure", 500), "An internal error occurred."
)
UNAVAILABLE = Failure(
    ("ServiceUnavailableException", 503),
    ("ServiceUnavailable", 503),
    "The service is temporarily unavailable.",
)


@dataclass(frozen=True)
class Refuse:
    """Answer with an error; the call takes no effect."""

    failure: Failure


@dataclass(frozen=True)
class Delay:
    """Let the call wait before it goes on."""

    seconds: float


@dataclass(frozen=True)
class Reset:
    """Reset the connection before the call takes effect."""


@dataclass(frozen=True)
class LoseReply:
    """Let the call take effect and reset the connection instead of answering."""


@dataclass(frozen=True)
class Stale:
    """Answer with what the same call was answered last before the rule was made.

    That is how a read that is only eventually consistent looks. A call that was never made before
    goes through.
    """


@dataclass(frozen=True)
class BlackHole:
    """Take the call and never answer; it takes no effect."""


@dataclass(frozen=True)
class Rewrite:
    """Change the body of the answer, as if another account or another writer were at work."""

    change: Callable[[bytes], bytes]


Effect = Refuse | Delay | Reset | LoseReply | Stale | BlackHole | Rewrite


@dataclass
class Rule:
    """When an effect happens.

    Attributes:
        effect: What happens.
        service: botocore's service name, a pattern such as `*`, or empty for all.
        action: Operation name, a pattern such as `Describe*`, or empty for all.
        skip: Calls that go through before the first.
        times: Calls that it happens to; None is all.
        share: Share of the calls that it happens to, 0 to 1, in a random order that is the same
            in every run.
        until: Moment of the monotonic clock from which it happens no more.
        holds: Whether it happens to a call that matches otherwise.
        hits: How often it has happened.
    """

    effect: Effect
    service: str = ""
    action: str = ""
    skip: int = 0
    times: int | None = None
    share: float = 1.0
    until: float = float("inf")
    holds: Callable[[Call], bool] = lambda _: True
    hits: int = 0
    known: Mapping[tuple[Any, ...], Reply] = field(default_factory=dict)
    _seen: int = 0
    _random: random.Random = field(default_factory=lambda: random.Random(7))

    def applies(self, call: Call) -> bool:
        """Say whether it happens to a call, and count it."""
        if not fnmatchcase(call.service, self.service or "*"):
            return False
        if not fnmatchcase(call.action, self.action or "*") or not self.holds(call):
            return False
        self._seen += 1
        spent = self.times is not None and self.hits >= self.times
        if spent or self._seen <= self.skip or time.monotonic() >= self.until:
            return False
        if self.share < 1.0 and self._random.random() >= self.share:
            return False
        self.hits += 1
        return True


def refusal(call: Call, failure: Failure) -> Reply:
    """Return the answer to a call that is refused."""
    if call.service == KUBERNETES:
        reason, status = failure.kubernetes
        said = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": status}
        body = json.dumps({**said, "reason": reason, "message": failure.message}).encode()
        return Reply(status, (("Content-Type", "application/json"),), body)
    named = failure.xml if call.protocol in {"query", "ec2", "rest-xml"} else failure.json
    code, status = named
    error = protocols.plain_error(call.protocol, code, failure.message, status, str(uuid.uuid4()))
    body = error.body if isinstance(error.body, bytes) else b""
    return Reply(error.status, tuple(error.headers.items()), body)


def read_call(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Call:
    """Return what a request calls, from its scope and from what its protocol says."""
    if headers.get("authorization", "").startswith("Bearer k8s-aws-v1."):
        action = f"{method} {_resource(target)}"
        return Call(KUBERNETES, "", action, "rest-json", body, time.monotonic())
    signed = headers.get("authorization", "").partition("Credential=")[2].partition(",")[0]
    parts = signed.split("/")
    region, signing = (parts[2], parts[3]) if len(parts) >= 5 else ("", "")
    service = SERVICES.get(signing, signing)
    protocol, action = _operation(service, method, target, headers, body)
    return Call(service, region, action, protocol, body, time.monotonic())


def _resource(target: str) -> str:
    """Return which kind of objects a path of Kubernetes is about, such as `deployments`."""
    parts = urlsplit(target).path.split("/")
    if "namespaces" in parts[:-2]:
        return parts[parts.index("namespaces") + 2]
    return parts[-1]


def _operation(
    service: str, method: str, target: str, headers: Mapping[str, str], body: bytes
) -> tuple[str, str]:
    split = urlsplit(target)
    if headers.get("smithy-protocol") == "rpc-v2-cbor":
        return protocols.CBOR, split.path.rpartition("/")[2]
    if "x-amz-target" in headers:
        return "json", headers["x-amz-target"].rpartition(".")[2]
    if "x-www-form-urlencoded" in headers.get("content-type", ""):
        return "query", parse_qs(body.decode()).get("Action", [""])[0]
    if not service:
        return "rest-json", ""
    query = parse_qs(split.query, keep_blank_values=True)
    model = models.service_model(service)
    for route in models.routes(service):
        if route.method != method or not route.path.match(split.path):
            continue
        same = all(query.get(name, [None])[0] == value for name, value in route.query)
        if same and _has_headers(model.operation_model(route.operation), headers):
            return model.metadata["protocol"], route.operation
    return model.metadata["protocol"], ""


def _has_headers(operation: Any, headers: Mapping[str, str]) -> bool:
    """Say whether a request has the headers that an operation requires: a copy names its source."""
    shape = operation.input_shape
    required = [shape.members[name].serialization for name in shape.required_members]
    return all(
        one["name"].lower() in headers for one in required if one.get("location") == "header"
    )
