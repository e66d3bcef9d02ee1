"""Rules: which conditions hold for a request, and what is then done with it.

The condition and action shapes are ELBv2's. Conditions compile once into predicates; a request
then costs one call per condition of the rules before the one that matches.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from platformctl.region.balancer.configuration import Rule
from platformctl.region.balancer.server import Request
from platformctl.region.balancer.weights import SmoothWeights

Predicate = Callable[[Request, str], bool]


def wildcard(patterns: Iterable[str], *, ignore_case: bool) -> re.Pattern[str]:
    """Compile ELB wildcards (`*` any characters, `?` exactly one) into one expression."""
    parts = [
        "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
        for pattern in patterns
    ]
    return re.compile(
        "|".join(f"(?:{part})" for part in parts), re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    )


def _expression(values: Sequence[str], expressions: Sequence[str], *, ignore_case: bool) -> Any:
    if values:
        return wildcard(values, ignore_case=ignore_case).fullmatch
    combined = "|".join(f"(?:{expression})" for expression in expressions)
    return re.compile(combined, re.IGNORECASE if ignore_case else 0).search


def _values(condition: Mapping[str, Any], config: str) -> tuple[Sequence[str], Sequence[str]]:
    """Return wildcards and regular expressions, from the typed member or the flat one."""
    typed = condition.get(config) or {}
    return (
        typed.get("Values") or condition.get("Values") or (),
        typed.get("RegexValues") or condition.get("RegexValues") or (),
    )


def host_name(host: bytes) -> str:
    """Return the name of a Host header without its port."""
    text = host.decode("latin-1")
    if text.startswith("["):
        return text.partition("]")[0] + "]"
    return text.partition(":")[0]


def _host_header(condition: Mapping[str, Any]) -> Predicate:
    match = _expression(*_values(condition, "HostHeaderConfig"), ignore_case=True)
    return lambda request, _: match(host_name(request.host)) is not None


def _path_pattern(condition: Mapping[str, Any]) -> Predicate:
    match = _expression(*_values(condition, "PathPatternConfig"), ignore_case=False)
    return lambda request, _: match(request.path.decode("latin-1")) is not None


def _http_header(condition: Mapping[str, Any]) -> Predicate:
    config = condition["HttpHeaderConfig"]
    name = config["HttpHeaderName"].lower().encode()
    match = _expression(
        config.get("Values") or (), config.get("RegexValues") or (), ignore_case=True
    )
    return lambda request, _: any(
        key.lower() == name and match(value.decode("latin-1")) is not None
        for key, value in request.headers
    )


def _request_method(condition: Mapping[str, Any]) -> Predicate:
    values, _ = _values(condition, "HttpRequestMethodConfig")
    methods = {value.encode() for value in values}
    return lambda request, _: request.method in methods


def _query_string(condition: Mapping[str, Any]) -> Predicate:
    pairs = (condition.get("QueryStringConfig") or {}).get("Values") or ()
    wanted = [
        (
            wildcard([pair["Key"]], ignore_case=True) if pair.get("Key") else None,
            wildcard([pair["Value"]], ignore_case=True),
        )
        for pair in pairs
    ]

    def holds(request: Request, _: str) -> bool:
        query = request.query.decode("latin-1")
        present = [
            (unquote_plus(key), unquote_plus(value))
            for key, _, value in (part.partition("=") for part in query.split("&") if part)
        ]
        return any(
            (key is None or key.fullmatch(name)) and value.fullmatch(text)
            for key, value in wanted
            for name, text in present
        )

    return holds


def _source_ip(condition: Mapping[str, Any]) -> Predicate:
    values, _ = _values(condition, "SourceIpConfig")
    networks = [ipaddress.ip_network(value, strict=False) for value in values]

    def holds(_: Request, peer: str) -> bool:
        address = ipaddress.ip_address(peer)
        return any(address in network for network in networks)

    return holds


CONDITIONS: dict[str, Callable[[Mapping[str, Any]], Predicate]] = {
    "host-header": _host_header,
    "path-pattern": _path_pattern,
    "http-header": _http_header,
    "http-request-method": _request_method,
    "query-string": _query_string,
    "source-ip": _source_ip,
}


class Forward:
    """Forward to one of several target groups, exactly by weight, or where a client was before.

    Attributes:
        groups: ARNs of the groups.
        stickiness: Seconds a client stays with its group; 0 for not at all.
    """

    __slots__ = ("groups", "stickiness", "weights")

    def __init__(self, groups: Sequence[str], weights: Sequence[int], stickiness: int) -> None:
        self.groups = tuple(groups)
        self.weights = SmoothWeights(weights)
        self.stickiness = stickiness

    def choose(self) -> str | None:
        """Return the ARN of the group whose turn it is; None when all weights are zero."""
        index = self.weights.choose()
        return None if index is None else self.groups[index]

    def same_as(self, other: object) -> bool:
        """Tell whether another action shares out the same way."""
        return (
            isinstance(other, Forward)
            and self.groups == other.groups
            and self.weights.weights == other.weights.weights
            and self.stickiness == other.stickiness
        )


@dataclass(frozen=True)
class Redirect:
    """Send the client elsewhere; fields may hold `#{protocol}`, `#{host}`, `#{port}`, …."""

    status: int
    protocol: str
    host: str
    port: str
    path: str
    query: str

    def location(self, request: Request, scheme: str, port: int) -> str:
        """Return where this request is sent."""
        present = {
            "#{protocol}": scheme,
            "#{host}": host_name(request.host),
            "#{port}": str(port),
            "#{path}": request.path.decode("latin-1").lstrip("/"),
            "#{query}": request.query.decode("latin-1"),
        }

        def fill(text: str) -> str:
            for placeholder, value in present.items():
                text = text.replace(placeholder, value)
            return text

        query = fill(self.query)
        protocol = fill(self.protocol).lower()
        location = f"{protocol}://{fill(self.host)}:{fill(self.port)}{fill(self.path)}"
        return f"{location}?{query}" if query else location


@dataclass(frozen=True)
class FixedResponse:
    """Answer from the load balancer itself."""

    status: int
    content_type: str
    body: str


Action = Forward | Redirect | FixedResponse


def forward_groups(action: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return the (target group ARN, weight) pairs of a forward action."""
    pairs = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    if not pairs:
        return [(action["TargetGroupArn"], 1)]
    return [(pair["TargetGroupArn"], pair.get("Weight", 1)) for pair in pairs]


def compile_action(actions: Sequence[Mapping[str, Any]]) -> Action:
    """Compile the action that ends a rule; authentication before it has no local effect."""
    action = max(actions, key=lambda item: item.get("Order", 1))
    match action["Type"]:
        case "redirect":
            config = action["RedirectConfig"]
            return Redirect(
                status=int(config["StatusCode"].removeprefix("HTTP_")),
                protocol=config.get("Protocol", "#{protocol}"),
                host=config.get("Host", "#{host}"),
                port=config.get("Port", "#{port}"),
                path=config.get("Path", "/#{path}"),
                query=config.get("Query", "#{query}"),
            )
        case "fixed-response":
            config = action["FixedResponseConfig"]
            return FixedResponse(
                status=int(config["StatusCode"]),
                content_type=config.get("ContentType", "text/plain"),
                body=config.get("MessageBody", ""),
            )
        case _:
            groups = forward_groups(action)
            sticky = (action.get("ForwardConfig") or {}).get("TargetGroupStickinessConfig") or {}
            return Forward(
                [arn for arn, _ in groups],
                [weight for _, weight in groups],
                int(sticky.get("DurationSeconds", 0)) if sticky.get("Enabled") else 0,
            )


class CompiledRule:
    """A rule ready to be asked."""

    __slots__ = ("action", "predicates", "priority", "rule")

    def __init__(self, rule: Rule, before: "CompiledRule | None") -> None:
        self.rule = rule
        self.priority = rule.priority
        self.predicates = tuple(CONDITIONS[item["Field"]](item) for item in rule.conditions)
        self.action = compile_action(rule.actions)
        if before is not None and isinstance(self.action, Forward):
            # An unchanged share-out goes on where it was, so other changes do not disturb it.
            self.action = before.action if self.action.same_as(before.action) else self.action

    def matches(self, request: Request, peer: str) -> bool:
        """Tell whether every condition holds."""
        return all(predicate(request, peer) for predicate in self.predicates)


class Routes:
    """The rules of a listener in order of priority, the default rule last."""

    __slots__ = ("rules",)

    def __init__(self, rules: Sequence[Rule], before: "Routes | None" = None) -> None:
        known = {rule.rule.arn: rule for rule in before.rules} if before else {}
        self.rules = [CompiledRule(rule, known.get(rule.arn)) for rule in rules]

    def match(self, request: Request, peer: bytes) -> CompiledRule:
        """Return the first rule that matches; the default rule always does."""
        rules = self.rules
        if len(rules) == 1:
            return rules[0]
        text = peer.decode()
        return next(rule for rule in rules if rule.matches(request, text))
