"""Which rules there are, and which of them are on in an environment.

The table is explicit: a rule that is not in it does not exist, and a test compares it with the
files. A rule is imported when it is first asked for.
"""

import importlib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache

from platformctl.errors import InvocationError
from platformctl.policies.rule import AnyRule, Level

GROUPS: Mapping[str, Sequence[str]] = {
    "network": (
        "vpc-default-security-group-closed",
        "vpc-default-vpc-unused",
        "security-group-no-open-admin-ports",
        "security-group-no-open-data-ports",
        "security-group-open-ingress-http-only",
        "security-group-rule-described",
        "network-acl-no-open-admin-ports",
        "subnet-no-auto-public-ip",
        "flow-log-captures-rejects",
    ),
    "edge": (
        "alb-listener-https-or-redirect",
        "alb-listener-modern-tls",
        "alb-drops-invalid-headers",
        "alb-access-logs",
        "alb-deletion-protection",
        "alb-desync-defensive",
        "alb-two-zones",
        "target-group-health-check-real",
        "target-group-drain-bounded",
        "waf-acl-has-rules",
        "waf-acl-metrics",
        "cloudfront-viewer-https",
        "cloudfront-tls12-minimum",
        "cloudfront-origin-https",
        "cloudfront-waf-attached",
        "cloudfront-logging",
        "cloudfront-s3-origin-access-control",
        "cloudfront-custom-certificate",
        "route53-failover-has-health-signal",
        "route53-failover-ttl-short",
        "route53-health-check-fast",
        "acm-strong-key",
    ),
    "compute": (
        "ecs-service-no-public-ip",
        "ecs-task-no-host-namespaces",
        "ecs-container-not-privileged",
        "ecs-container-readonly-root",
        "ecs-no-plaintext-secrets",
        "ecs-container-logs",
        "ecs-image-pinned",
        "ecs-task-role-separate",
        "ecs-efs-in-transit",
        "ecs-fargate-latest-platform",
        "ecs-rollback-configured",
        "ecs-bake-time-minimum",
        "ecs-two-tasks",
        "ecs-exec-audited",
        "ecs-container-insights",
        "ecr-scan-on-push",
        "ecr-immutable-tags",
        "ecr-no-public-policy",
        "eks-endpoint-restricted",
        "eks-secrets-encrypted",
        "eks-audit-logs",
        "eks-supported-version",
        "lambda-no-public-permission",
        "lambda-url-authenticated",
        "lambda-supported-runtime",
        "lambda-no-plaintext-secrets",
        "lambda-two-subnets",
        "lambda-tracing",
        "lambda-stream-poison-handling",
    ),
    "data": (
        "rds-not-public",
        "rds-storage-encrypted",
        "rds-multi-az",
        "rds-deletion-protection",
        "rds-final-snapshot",
        "rds-backup-retention",
        "rds-auto-minor-upgrade",
        "rds-copy-tags",
        "rds-logs-exported",
        "rds-managed-password",
        "rds-iam-auth",
        "rds-tls-forced",
        "rds-ca-current",
        "rds-proxy-requires-tls",
        "elasticache-encrypted-at-rest",
        "elasticache-encrypted-in-transit",
        "elasticache-auth",
        "elasticache-failover",
        "elasticache-snapshots",
        "dynamodb-pitr",
        "dynamodb-deletion-protection",
        "dynamodb-scales",
        "s3-public-access-blocked",
        "s3-no-public-acl",
        "s3-acls-disabled",
        "s3-versioned",
        "s3-kms-default",
        "s3-tls-only",
        "s3-policy-not-public",
        "s3-no-force-destroy",
        "docdb-encrypted",
        "docdb-tls",
        "docdb-backup-retention",
        "docdb-audit-logs",
        "docdb-deletion-protection",
    ),
    "streaming": (
        "kinesis-encrypted",
        "kinesis-retention",
        "msk-encrypted-in-transit",
        "msk-not-public",
        "msk-authenticated",
        "msk-broker-logs",
        "sqs-encrypted",
        "sqs-policy-not-public",
        "sqs-has-dlq",
        "sns-encrypted",
        "sns-policy-not-public",
    ),
    "identity": (
        "iam-no-admin-policy",
        "iam-no-service-wildcards",
        "iam-no-privilege-escalation",
        "iam-no-decrypt-all-keys",
        "iam-trust-scoped",
        "iam-no-long-lived-users",
        "kms-rotation",
        "kms-policy-not-public",
        "kms-deletion-window",
        "secret-rotation-interval",
        "secret-recovery-window",
    ),
    "operations": (
        "log-group-retention",
        "alarm-has-actions",
        "backup-vault-cmk",
        "backup-vault-no-force-destroy",
        "backup-plan-retention",
        "backup-plan-copies-to-dr",
        "required-tags",
        "stateful-protected",
        "region-allowed",
    ),
    "stack": (
        "data-store-not-internet-reachable",
        "data-store-subnets-private",
        "public-lb-has-waf",
        "lb-behind-cdn-is-closed",
        "vpc-flow-logs-present",
        "vpc-default-sg-adopted",
        "vpc-endpoints-for-private-pulls",
        "service-has-alarms",
        "data-store-has-alarms",
        "alarm-reaches-someone",
        "every-data-store-in-a-backup-plan",
        "backup-copied-and-locked",
        "restore-test-covers-every-type",
        "dr-replica-exists",
        "dr-replica-key-local",
        "dr-secrets-images-certs-present",
        "dr-s3-replication-complete",
        "dr-dns-pair-complete",
        "dr-standby-service-matches",
        "msk-replication-covers-groups",
        "bluegreen-wiring-complete",
        "no-orphan-routing",
        "sg-rules-one-shape",
        "role-policies-one-shape",
        "one-task-role-per-service",
        "secrets-match-grants",
        "bucket-companions",
        "log-bucket-sane",
        "queue-dlq-chain",
        "autoscaling-present-and-not-fought",
        "kms-key-used-and-kept",
        "zones-spread",
        "no-cross-environment-references",
        "cdn-logging-any-version",
        "public-zone-query-logging",
        "secret-is-read",
        "kms-key-matches-data-class",
        "role-statements-used",
        "cost-within-budget",
    ),
}
"""Group → ids of its rules. The files are `rules/<group>/<id with underscores>.py`."""

GROUP_OF: Mapping[str, str] = {rule: group for group, ids in GROUPS.items() for rule in ids}


@cache
def rule(identity: str) -> AnyRule:
    """Return a rule.

    Raises:
        InvocationError: There is no such rule; names the nearest.
    """
    if identity not in GROUP_OF:
        near = get_close_matches(identity, GROUP_OF, n=3)
        raise InvocationError(
            f"there is no rule {identity!r}",
            why=f"the nearest are {', '.join(near)}" if near else "none has a similar name",
            remedy="platformctl policy list",
        )
    name = identity.replace("-", "_")
    module = importlib.import_module(f"platformctl.policies.rules.{GROUP_OF[identity]}.{name}")
    return module.RULE


@cache
def everything() -> Sequence[AnyRule]:
    """Return all rules."""
    return tuple(rule(identity) for identity in GROUP_OF)


@cache
def pack(environment: str) -> Sequence[AnyRule]:
    """Return the rules that are on in an environment."""
    return tuple(each for each in everything() if each.level(environment) is not Level.OFF)
