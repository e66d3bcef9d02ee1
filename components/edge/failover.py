"""Failover by DNS: a health check of the primary side, and the record that follows it."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

INTERVALS = (10, 30)
LONGEST_PATH = 255
AWAITING = {"Release": "awaiting-first-release"}
DOMAIN = re.compile(r"(?=.{1,253}$)(\*\.)?([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.)+[a-z]+")


@dataclass(frozen=True, kw_only=True)
class DnsHealthCheckArgs(Args):
    """What is asked, and how often.

    Attributes:
        domain: Host name that is asked; one that always means the same side.
        protocol: How it is asked: `HTTPS`, `HTTP` (an answer of 200 to 399 is healthy), or `TCP`
            (a connection is).
        port: On which port.
        path: Path of the request; none with TCP.
        interval_seconds: Seconds between two requests of one checker, 10 or 30.
        failure_threshold: How many in a row change the state, 1 to 10.
        awaiting_release: Whether there is nothing yet that could answer. Then it does not ask,
            and counts as healthy.
    """

    domain: pulumi.Input[str]
    protocol: Literal["HTTPS", "HTTP", "TCP"] = "HTTPS"
    port: int = 443
    path: str | None = "/health"
    interval_seconds: Literal[10, 30] = 10
    failure_threshold: int = 3
    awaiting_release: bool = False

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not 1 <= self.port <= 65535:
            yield f"port is {self.port}: must be 1 to 65535"
        if self.interval_seconds not in INTERVALS:
            yield f"interval_seconds is {self.interval_seconds}: must be 10 or 30"
        if not 1 <= self.failure_threshold <= 10:
            yield f"failure_threshold is {self.failure_threshold}: must be 1 to 10"
        if (self.protocol == "TCP") != (self.path is None):
            yield f"path is {self.path!r}: needed with HTTP and HTTPS, impossible with TCP"
        if self.path is not None and not re.fullmatch(r"/\S*", self.path):
            yield f"path is {self.path!r}: must begin with / and have no spaces"
        if self.path is not None and len(self.path) > LONGEST_PATH:
            yield f"path has {len(self.path)} characters: at most {LONGEST_PATH}"


class DnsHealthCheck(Component):
    """A Route 53 health check: AWS asks from many places whether one side still answers.

    With the defaults an outage is noticed after 3 × 10 s = 30 s.

    Example::

        DnsHealthCheck("east", DnsHealthCheckArgs(domain="origin-east.shop.example.com"))
        DnsHealthCheck("broker", DnsHealthCheckArgs(domain="broker.example.com", protocol="TCP",
                                                    port=9094, path=None))

    Monthly cost for an endpoint in AWS: $0.50, and $1 each for HTTPS and for the short interval,
    so $2.50.

    Attributes:
        health_check_id: Its id, for records.
    """

    health_check_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: DnsHealthCheckArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("edge:DnsHealthCheck", name, args, opts)
        inputs: dict[str, Any] = {}
        if args.path is not None:
            inputs["resource_path"] = args.path
        if args.protocol == "HTTPS":
            inputs["enable_sni"] = True
        self.check = self.child(
            "",
            aws.route53.HealthCheck,
            type=args.protocol,
            fqdn=args.domain,
            port=args.port,
            request_interval=args.interval_seconds,
            failure_threshold=args.failure_threshold,
            disabled=args.awaiting_release,
            tags=AWAITING if args.awaiting_release else {},
            **inputs,
        )
        self.health_check_id = self.check.id
        self.finish("health_check_id")


@dataclass(frozen=True, kw_only=True)
class FailoverTarget:
    """One side that a domain can lead to.

    Attributes:
        dns_name: Host name of its load balancer or distribution.
        zone_id: Hosted zone of that host name.
        health_check_id: Health check that decides; the target's own health where there is none.
    """

    dns_name: pulumi.Input[str]
    zone_id: pulumi.Input[str]
    health_check_id: pulumi.Input[str] | None = None


@dataclass(frozen=True, kw_only=True)
class FailoverRecordArgs(Args):
    """Where a domain leads, and where else when that is down.

    Attributes:
        domain: The domain.
        hosted_zone_id: Route 53 zone that it is in.
        primary: Where it leads as long as that is healthy.
        secondary: Where it leads otherwise.
    """

    domain: str
    hosted_zone_id: pulumi.Input[str]
    primary: FailoverTarget
    secondary: FailoverTarget

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not DOMAIN.fullmatch(self.domain):
            yield f"domain is {self.domain!r}: that is no domain name"


class FailoverRecord(Component):
    """Two Route 53 alias records of one name: the secondary answers while the primary is down.

    Nothing has to be called in an outage: Route 53 decides by the health checks. Where a target
    has none, its own health decides; a load balancer is ill as soon as one of its target groups
    has only unhealthy targets, also one that gets no requests, such as the idle side of a
    deployment that fails (Route 53 API Reference, AliasTarget). Resolvers keep an answer for the
    60 s of the targets' own records.

    Example::

        FailoverRecord("shop", FailoverRecordArgs(domain="shop.example.com", hosted_zone_id="Z0123",
            primary=FailoverTarget(dns_name=east.dns_name, zone_id=east.zone_id,
                                   health_check_id=check.health_check_id),
            secondary=FailoverTarget(dns_name=west.dns_name, zone_id=west.zone_id)))

    Costs nothing; health checks and the hosted zone do.

    Attributes:
        domain: The domain, known once both records exist.
    """

    domain: pulumi.Output[str]

    def __init__(
        self, name: str, args: FailoverRecordArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("edge:FailoverRecord", name, args, opts)
        self.records = {
            side: self.child(
                side,
                aws.route53.Record,
                zone_id=args.hosted_zone_id,
                name=args.domain,
                type="A",
                set_identifier=side,
                failover_routing_policies=[{"type": side.upper()}],
                health_check_id=target.health_check_id,
                aliases=[
                    {
                        "name": target.dns_name,
                        "zone_id": target.zone_id,
                        "evaluate_target_health": target.health_check_id is None,
                    }
                ],
            )
            for side, target in (("primary", args.primary), ("secondary", args.secondary))
        }
        names = pulumi.Output.all(*(record.name for record in self.records.values()))
        self.domain = names.apply(lambda both: both[0])
        self.finish("domain")
