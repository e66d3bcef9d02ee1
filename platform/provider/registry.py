"""Which file holds the rows of which types.

The key is the module in Pulumi's type token (`aws:ec2/vpc:Vpc` → `ec2`), the value the file under
`services/`; a file is imported when a program first uses one of its types.
"""

import difflib
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from platformctl.errors import ResourceError
from platformctl.provider.spec import ResourceSpec

SERVICES: Mapping[str, tuple[str, ...]] = {
    "acm": ("acm",),
    "amp": ("prometheus",),
    "appautoscaling": ("autoscaling",),
    "backup": ("backup",),
    "budgets": ("budgets",),
    "cloudfront": ("cloudfront",),
    "cloudwatch": ("cloudwatch", "logs", "log_delivery"),
    "docdb": ("docdb",),
    "dynamodb": ("dynamodb", "dynamodb_replica"),
    "ec2": ("network", "addresses", "access", "endpoints"),
    "ecr": ("ecr",),
    "ecs": ("ecs",),
    "eks": ("eks",),
    "elasticache": ("elasticache",),
    "grafana": ("grafana",),
    "iam": ("iam",),
    "kinesis": ("kinesis",),
    "kms": ("kms",),
    "lambda": ("lambda_",),
    "lb": ("balancing",),
    "msk": ("kafka",),
    "rds": ("rds", "proxies"),
    "route53": ("route53", "zones"),
    "s3": ("buckets", "objects"),
    "scheduler": ("scheduler",),
    "secretsmanager": ("secrets",),
    "sns": ("sns",),
    "sqs": ("sqs",),
    "ssm": ("ssm",),
    "vpc": ("access",),
    "wafv2": ("wafv2",),
    "xray": ("xray",),
}


@cache
def rows(module: str) -> Mapping[str, ResourceSpec]:
    """Return the rows of one module of the token, by type token.

    Raises:
        KeyError: There is no such module in the table.
    """
    found: dict[str, ResourceSpec] = {}
    for file in SERVICES[module]:
        specs = import_module(f"platformctl.provider.services.{file}").SPECS
        found.update({spec.type: spec for spec in specs if _module(spec.type) == module})
    return found


def _module(token: str) -> str:
    return token.split(":")[1].split("/", maxsplit=1)[0]


def types() -> list[str]:
    """Return every type of the table."""
    return sorted(token for module in SERVICES for token in rows(module))


def spec(token: str) -> ResourceSpec:
    """Return the row of a type.

    Raises:
        ResourceError: The table has no such type.
    """
    parts = token.split(":")
    if len(parts) == 3 and _module(token) in SERVICES:
        row = rows(_module(token)).get(token)
        if row is not None:
            return row
    near = difflib.get_close_matches(token, types(), n=1, cutoff=0.6)
    hint = f"; the nearest that it has is {near[0]}" if near else ""
    raise ResourceError(
        f"the local region has no resource type {token}",
        why=f"the provider's table has no record for it{hint}",
        remedy="docs/fidelity.md lists what there is; records are in platform/provider/services",
    )
