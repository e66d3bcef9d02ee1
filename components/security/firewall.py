"""A web application firewall: AWS's managed rules and a rate limit."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.observability.logs import LogGroup, LogGroupArgs

RULE_SETS = {
    "ipReputation": ("AWSManagedRulesAmazonIpReputationList", 10),
    "common": ("AWSManagedRulesCommonRuleSet", 20),
    "knownBadInputs": ("AWSManagedRulesKnownBadInputsRuleSet", 30),
    "sqlInjection": ("AWSManagedRulesSQLiRuleSet", 40),
}
"""Managed rule sets: AWS's name, and the fixed place that makes adding one move no other."""

RATE_LIMIT_PRIORITY = 0
RATE_WINDOW_SECONDS = 300
RATE_LIMITS = (10, 2_000_000_000)
TOO_MANY_REQUESTS = 429
CLOUDFRONT_REGION = "us-east-1"
LOG_GROUP_PREFIX = "aws-waf-logs-"
SENSITIVE_HEADERS = ("authorization", "cookie")
NAME = re.compile(r"[0-9A-Za-z_-]{1,128}")


@dataclass(frozen=True, kw_only=True)
class WebFirewallArgs(Args):
    """What a firewall lets through.

    Attributes:
        firewall_name: Its name, at most 128 letters, digits, `_` and `-`.
        scope: What it stands before: `regional` for load balancers, `cloudfront` for
            distributions, whose firewalls live in us-east-1.
        rule_sets: Managed rule sets: `common`, `ipReputation`, `knownBadInputs`, `sqlInjection`.
        counted: What only counts instead of blocking: a rule set (`common`) or one of its rules
            (`common/SizeRestrictions_BODY`).
        rate_limit: Requests that one address may make in five minutes.
        log_retention_days: Days to keep what the firewall did.
        log_key_arn: KMS key of those logs; CloudWatch's own without it.
    """

    firewall_name: str
    scope: Literal["regional", "cloudfront"] = "regional"
    rule_sets: Sequence[str] = tuple(RULE_SETS)
    counted: Sequence[str] = ()
    rate_limit: int = 2000
    log_retention_days: int = 365
    log_key_arn: pulumi.Input[str] | None = None

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not NAME.fullmatch(self.firewall_name):
            yield (
                f"firewall_name is {self.firewall_name!r}: "
                "1 to 128 letters, digits, underscores and hyphens"
            )
        known = ", ".join(RULE_SETS)
        for each in self.rule_sets:
            if each not in RULE_SETS:
                yield f"rule_sets has {each!r}: known are {known}"
        for each in self.counted:
            if each.partition("/")[0] not in self.rule_sets:
                yield f"counted has {each!r}: rule_sets has no {each.partition('/')[0]!r}"
        low, high = RATE_LIMITS
        if not low <= self.rate_limit <= high:
            yield f"rate_limit is {self.rate_limit}: must be {low} to {high}"


class WebFirewall(Component):
    """An AWS WAF web ACL that blocks what AWS's managed rules know, and floods from one address.

    Everything else passes. What it looked at is in CloudWatch, as metrics by rule and as logs
    without `Authorization` and `Cookie`.

    Example::

        WebFirewall("shop", WebFirewallArgs(firewall_name="shop"))
        WebFirewall("edge", WebFirewallArgs(firewall_name="edge", scope="cloudfront"))
        WebFirewall("trial", WebFirewallArgs(firewall_name="trial", counted=["common"]))

    Monthly cost: $5 and $1 for each rule, so 5 + 5 × 1 = $10 with four rule sets and the rate
    limit; $0.60 for a million requests.

    Attributes:
        arn: ARN, for load balancers and distributions.
    """

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: WebFirewallArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("security:WebFirewall", name, args, opts)
        region = CLOUDFRONT_REGION if args.scope == "cloudfront" else None
        self.acl = self.child(
            "",
            aws.wafv2.WebAcl,
            name=args.firewall_name,
            description=f"Managed rules and rate limit of {args.firewall_name}",
            scope=args.scope.upper(),
            default_action={"allow": {}},
            rules=[_rate_limit(args), *_managed_rules(args)],
            visibility_config=_visibility(args.firewall_name),
            region=region,
        )
        self.logs = LogGroup(
            f"{name}-logs",
            LogGroupArgs(
                name=f"{LOG_GROUP_PREFIX}{args.firewall_name}",
                retention_days=args.log_retention_days,
                key_arn=args.log_key_arn,
                region=region,
                tags=args.tags,
            ),
            self.options(),
        )
        self.logging = self.child(
            "logging",
            aws.wafv2.WebAclLoggingConfiguration,
            resource_arn=self.acl.arn,
            log_destination_configs=[self.logs.arn],
            redacted_fields=[{"single_header": {"name": name}} for name in SENSITIVE_HEADERS],
            region=region,
        )
        self.arn = self.acl.arn
        self.finish("arn")


def _visibility(metric: str) -> dict[str, Any]:
    return {
        "cloudwatch_metrics_enabled": True,
        "metric_name": metric,
        "sampled_requests_enabled": True,
    }


def _rate_limit(args: WebFirewallArgs) -> dict[str, Any]:
    return {
        "name": "rateLimit",
        "priority": RATE_LIMIT_PRIORITY,
        "action": {"block": {"custom_response": {"response_code": TOO_MANY_REQUESTS}}},
        "statement": {
            "rate_based_statement": {
                "aggregate_key_type": "IP",
                "limit": args.rate_limit,
                "evaluation_window_sec": RATE_WINDOW_SECONDS,
            }
        },
        "visibility_config": _visibility("rateLimit"),
    }


def _managed_rules(args: WebFirewallArgs) -> Iterator[dict[str, Any]]:
    for key, (name, priority) in RULE_SETS.items():
        if key not in args.rule_sets:
            continue
        group: dict[str, Any] = {"vendor_name": "AWS", "name": name}
        counted = [each.partition("/")[2] for each in args.counted if each.startswith(f"{key}/")]
        if counted:
            group["rule_action_overrides"] = [
                {"name": rule, "action_to_use": {"count": {}}} for rule in counted
            ]
        yield {
            "name": key,
            "priority": priority,
            "override_action": {"count": {}} if key in args.counted else {"none": {}},
            "statement": {"managed_rule_group_statement": group},
            "visibility_config": _visibility(key),
        }
