"""What a balancer process is told: the whole desired configuration, in frozen data.

It arrives as JSON; rule conditions and actions keep the shape of the ELBv2 API.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


class FromJson:
    """Reads a dataclass of plain values from a mapping with the same names."""

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read it from its JSON form."""
        return cls(**{field.name: document[field.name] for field in fields(cls)})  # type: ignore[arg-type]  # every subclass is a dataclass


@dataclass(frozen=True)
class Target(FromJson):
    """One registered target.

    Attributes:
        id: Target id as registered.
        host: Address it is reached at.
        port: Port it is reached at.
        draining: Deregistered; in-flight requests may finish until `drain_until`.
        drain_until: Seconds since the epoch after which its connections are cut; 0 if not draining.
    """

    id: str
    host: str
    port: int
    draining: bool
    drain_until: float


@dataclass(frozen=True)
class HealthCheck(FromJson):
    """How targets are probed.

    Attributes:
        enabled: Whether they are probed at all; otherwise they count as healthy.
        protocol: HTTP, HTTPS or TCP.
        port: Port to probe; 0 for the port that receives traffic.
        path: Path to request.
        interval: Seconds between probes.
        timeout: Seconds after which a probe has failed.
        healthy: Consecutive successes that bring a target back.
        unhealthy: Consecutive failures that take it out.
        matcher: Status codes of a healthy answer, such as `200,300-399`.
    """

    enabled: bool
    protocol: str
    port: int
    path: str
    interval: float
    timeout: float
    healthy: int
    unhealthy: int
    matcher: str


@dataclass(frozen=True)
class TargetGroup:
    """One target group.

    Attributes:
        arn: Its ARN.
        label: Its name in metric dimensions, `targetgroup/<name>/<id>`.
        protocol: HTTP or HTTPS towards the targets.
        algorithm: `round_robin`, `least_outstanding_requests` or `weighted_random`.
        slow_start: Seconds over which a new target is ramped up; 0 for none.
        stickiness: `lb_cookie`, `app_cookie` or "" for none.
        cookie_name: The application's cookie for `app_cookie`.
        cookie_seconds: Lifetime of the stickiness cookie.
        minimum_healthy: Fewer healthy targets than this and all targets are used.
        health: How its targets are probed.
        targets: Its targets, draining ones included.
    """

    arn: str
    label: str
    protocol: str
    algorithm: str
    slow_start: float
    stickiness: str
    cookie_name: str
    cookie_seconds: int
    minimum_healthy: int
    health: HealthCheck
    targets: tuple[Target, ...]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read it from its JSON form."""
        return cls(
            **{
                **document,
                "health": HealthCheck.read(document["health"]),
                "targets": tuple(map(Target.read, document["targets"])),
            }
        )


@dataclass(frozen=True)
class Rule(FromJson):
    """One rule: conditions that must all hold, and what then happens; ELBv2's own shapes."""

    arn: str
    priority: str
    conditions: list[Mapping[str, Any]]
    actions: list[Mapping[str, Any]]


@dataclass(frozen=True)
class Certificate(FromJson):
    """A server certificate and the names it is for; the first of a listener is the default."""

    names: list[str]
    certificate: str
    key: str


@dataclass(frozen=True)
class Listener:
    """One listener.

    Attributes:
        arn: Its ARN.
        host: Address it listens on.
        port: Its port, as clients of AWS know it.
        listen_port: Port it listens on; another one where this needs a privilege.
        protocol: HTTP or HTTPS.
        minimum_tls: `TLSv1.2` or `TLSv1.3`.
        certificates: Its certificates; empty for HTTP.
        rules: Its rules by priority, the default rule last.
        response_headers: Headers added to (or, with an empty value, removed from) answers.
    """

    arn: str
    host: str
    port: int
    listen_port: int
    protocol: str
    minimum_tls: str
    certificates: tuple[Certificate, ...]
    rules: tuple[Rule, ...]
    response_headers: Mapping[str, str]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read it from its JSON form."""
        return cls(
            **{
                **document,
                "certificates": tuple(map(Certificate.read, document["certificates"])),
                "rules": tuple(map(Rule.read, document["rules"])),
            }
        )


@dataclass(frozen=True)
class Options(FromJson):
    """Attributes of the load balancer that its data plane obeys.

    Attributes:
        idle_timeout: Seconds a connection may be silent while a request is under way.
        client_keep_alive: Seconds a client's connection may stay open without a request.
        drop_invalid_headers: Leave out headers whose names have other than `[-A-Za-z0-9]`.
        forwarded_mode: `append`, `preserve` or `remove` for X-Forwarded-For.
        forwarded_port: Write the client's port into X-Forwarded-For.
        access_log: Whether requests are reported for the access log.
        cookie_key: Secret that stickiness cookies are signed with, hexadecimal.
    """

    idle_timeout: float
    client_keep_alive: float
    drop_invalid_headers: bool
    forwarded_mode: str
    forwarded_port: bool
    access_log: bool
    cookie_key: str


@dataclass(frozen=True)
class Configuration:
    """Everything one load balancer's process must make true.

    Attributes:
        revision: Counts up with every change; acknowledged once it is in force.
        label: Its name in metric dimensions and access logs, `app/<name>/<id>`.
        options: Attributes of the load balancer.
        listeners: Its listeners.
        groups: The target groups its rules name.
    """

    revision: int
    label: str
    options: Options
    listeners: tuple[Listener, ...]
    groups: tuple[TargetGroup, ...]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read it from its JSON form."""
        return cls(
            revision=document["revision"],
            label=document["label"],
            options=Options.read(document["options"]),
            listeners=tuple(map(Listener.read, document["listeners"])),
            groups=tuple(map(TargetGroup.read, document["groups"])),
        )
