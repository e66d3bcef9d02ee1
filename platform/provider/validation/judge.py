"""Judge the inputs of a resource by everything that is known about its type."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.rules import Count, Length, OneOf, Pattern, Range, Row, Rule
from platformctl.provider.validation.tagging import TAGS

TABLES: Mapping[str, tuple[str, ...]] = {
    "acm": ("acm",),
    "amp": ("prometheus",),
    "appautoscaling": ("autoscaling",),
    "backup": ("backup",),
    "budgets": ("budgets",),
    "cloudfront": ("cloudfront",),
    "cloudwatch": ("cloudwatch", "logs"),
    "docdb": ("docdb",),
    "dynamodb": ("dynamodb",),
    "ec2": ("network", "endpoints"),
    "ecr": ("ecr",),
    "ecs": ("ecs",),
    "eks": ("eks",),
    "elasticache": ("elasticache",),
    "grafana": ("grafana",),
    "iam": ("iam",),
    "kinesis": ("kinesis",),
    "kms": ("kms",),
    "lambda": ("lambda_",),
    "lb": ("balancing", "targets"),
    "msk": ("kafka",),
    "rds": ("rds",),
    "route53": ("route53",),
    "s3": ("s3",),
    "scheduler": ("scheduler",),
    "secretsmanager": ("secrets",),
    "sns": ("sns",),
    "sqs": ("sqs",),
    "ssm": ("ssm",),
    "vpc": ("access",),
    "wafv2": ("wafv2",),
    "xray": ("xray",),
}
"""Module in Pulumi's type token → the files under `services/`; imported when first needed."""


def judge(token: str, inputs: Mapping[str, Any]) -> Iterator[CheckFailure]:
    """Yield what AWS would refuse about inputs, at most once for each place.

    Args:
        token: Pulumi's type token.
        inputs: Inputs, defaults and automatic names included.
    """
    seen: set[str] = set()
    for rule in _rules(token):
        for failure in rule.judge(inputs):
            if failure.property not in seen:
                seen.add(failure.property)
                yield failure


def row(token: str) -> Row | None:
    """Return the row of a type, None where nobody has judged it yet."""
    return _rows(token.split(":")[1].split("/", maxsplit=1)[0]).get(token)


def sources() -> dict[str, str]:
    """Return type → the official provider's file that its row follows."""
    return {token: each.source for module in TABLES for token, each in _rows(module).items()}


@cache
def _rows(module: str) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for file in TABLES.get(module, ()):
        rows = import_module(f"platformctl.provider.validation.services.{file}").ROWS
        found.update({token: each for token, each in rows.items() if _module(token) == module})
    return found


def _module(token: str) -> str:
    return token.split(":")[1].split("/", maxsplit=1)[0]


@cache
def _rules(token: str) -> tuple[Rule, ...]:
    """Return the rules of a type: its row's, those of tags, those that botocore knows."""
    known = row(token)
    return (*(known.rules if known else ()), *TAGS, *_derived(token))


@cache
def _constraints() -> dict[str, dict[str, dict[str, Any]]]:
    document = files("platformctl.provider.validation").joinpath("constraints.json")
    return json.loads(document.read_text())


def _derived(token: str) -> Iterator[Rule]:
    for path, constraint in _constraints().get(token, {}).items():
        if "values" in constraint:
            yield OneOf(path, tuple(constraint["values"]))
        if "pattern" in constraint:
            yield Pattern(path, constraint["pattern"])
        if "length" in constraint:
            yield Length(path, *constraint["length"])
        if "items" in constraint:
            yield Count(path, *constraint["items"])
        if "range" in constraint:
            yield Range(path, *constraint["range"])
