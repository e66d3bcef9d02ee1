"""Traces: how many are kept, and which belong together."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

# What X-Ray accepts, from its API reference (SamplingRule, CreateGroup).
NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
PRIORITIES = (1, 9999)
LONGEST = {"path": 128, "service": 64, "method": 10}


@dataclass(frozen=True, kw_only=True)
class SamplingRule:
    """How many requests of a kind are traced.

    Attributes:
        priority: Place among the rules; lower ones are asked first.
        rate: Share of the requests, 0 to 1.
        reservoir: Requests each second that are traced before the share counts.
        service: Name of the service, with `*` and `?`.
        path: Path of the request, with `*` and `?`.
        method: HTTP method.
    """

    priority: int
    rate: float
    reservoir: int = 1
    service: str = "*"
    path: str = "*"
    method: str = "*"

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        low, high = PRIORITIES
        if not low <= self.priority <= high:
            yield f"has priority {self.priority}: must be {low} to {high}"
        if not 0 <= self.rate <= 1:
            yield f"has rate {self.rate}: must be 0 to 1"
        if self.reservoir < 0:
            yield f"has reservoir {self.reservoir}: must not be negative"
        for name, longest in LONGEST.items():
            if len(getattr(self, name)) > longest:
                yield f"has {name} {getattr(self, name)!r}: at most {longest} characters"


@dataclass(frozen=True, kw_only=True)
class TracingArgs(Args):
    """What is traced.

    Attributes:
        rules: Name → sampling rule.
        groups: Name → filter expression of traces that belong together.
        key_arn: KMS key of all traces of the account in the region; X-Ray's own without it.
    """

    rules: Mapping[str, SamplingRule]
    groups: Mapping[str, str] = field(default_factory=dict)
    key_arn: pulumi.Input[str] | None = None

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        for name in (*self.rules, *self.groups):
            if not NAME.fullmatch(name):
                yield f"{name!r} is no name: letters, digits, - and _, at most 32"
        for name, rule in self.rules.items():
            yield from (f"rule {name!r} {mistake}" for mistake in rule.mistakes())


class Tracing(Component):
    """X-Ray's sampling rules, groups and encryption, of which an account has one set in a region.

    Example::

        Tracing("main", TracingArgs(
            rules={"errors-first": SamplingRule(priority=100, rate=0.05, reservoir=5)},
            groups={"slow": "responsetime > 2"}, key_arn=keys.arns["logs"]))

    Monthly cost: 100,000 traces are free, then $5 for each million.

    Attributes:
        group_arns: Name → ARN of the group.
        rule_arns: Name → ARN of the sampling rule.
    """

    group_arns: dict[str, pulumi.Output[str]]
    rule_arns: dict[str, pulumi.Output[str]]

    def __init__(
        self, name: str, args: TracingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("observability:Tracing", name, args, opts)
        encryption: dict[str, Any] = {"type": "NONE"}
        if args.key_arn is not None:
            encryption = {"type": "KMS", "key_id": args.key_arn}
        self.encryption = self.child("encryption", aws.xray.EncryptionConfig, **encryption)
        self.rules = {
            key: self.child(
                f"rule-{key}",
                aws.xray.SamplingRule,
                rule_name=key,
                priority=rule.priority,
                fixed_rate=rule.rate,
                reservoir_size=rule.reservoir,
                service_name=rule.service,
                url_path=rule.path,
                http_method=rule.method,
                service_type="*",
                host="*",
                resource_arn="*",
                version=1,
            )
            for key, rule in args.rules.items()
        }
        self.groups = {
            key: self.child(
                f"group-{key}",
                aws.xray.Group,
                group_name=key,
                filter_expression=expression,
                insights_configuration={"insights_enabled": True, "notifications_enabled": True},
            )
            for key, expression in args.groups.items()
        }
        self.group_arns = {key: group.arn for key, group in self.groups.items()}
        self.rule_arns = {key: rule.arn for key, rule in self.rules.items()}
        self.finish("group_arns", "rule_arns")
