"""Data sources: what a program asks without making anything.

All of them depend on the provider's configuration and their arguments alone, so that a preview
needs no region.
"""

import difflib
import json
from collections.abc import Callable, Mapping
from typing import Any

from platformctl.aws.clients import ACCOUNT
from platformctl.plugin.provider import ResourceOperationError
from platformctl.plugin.values import UNKNOWN, Properties, contains
from platformctl.provider.context import PARTITION
from platformctl.provider.services.endpoints import prefix_lists

ZONE_LETTERS = "abc"
REGIONS = {
    "us-east-1": "US East (N. Virginia)",
    "us-east-2": "US East (Ohio)",
    "us-west-1": "US West (N. California)",
    "us-west-2": "US West (Oregon)",
    "eu-central-1": "Europe (Frankfurt)",
    "eu-west-1": "Europe (Ireland)",
}
Answer = Callable[[Properties, str], Properties]


def answer(token: str, arguments: Properties, region: str) -> Properties:
    """Answer a data source.

    Args:
        token: Its token, such as `aws:index/getRegion:getRegion`.
        arguments: What it is asked; nothing is answered as long as one of them is unknown.
        region: The provider's region.

    Raises:
        ResourceOperationError: There is no such data source here, or it could not be answered.
    """
    if token not in ANSWERS:
        near = difflib.get_close_matches(token, ANSWERS, n=1)
        hint = f"; the nearest that it has is {near[0]}" if near else ""
        raise ResourceOperationError(f"the local region has no data source {token}{hint}")
    if contains(arguments, type(UNKNOWN)):
        raise ResourceOperationError(f"{token} was asked with a value that is not known yet")
    return ANSWERS[token](arguments, arguments.get("region") or region)


def _region(arguments: Properties, region: str) -> Properties:
    """Return the region that is asked for, the provider's by default."""
    name = arguments.get("name") or region
    return {
        "id": name,
        "name": name,
        "region": name,
        "description": REGIONS.get(name, name),
        "endpoint": f"ec2.{name}.amazonaws.com",
    }


def _caller(arguments: Properties, region: str) -> Properties:
    """Return who the provider is: there is but one account here."""
    del arguments, region
    arn = f"arn:aws:iam::{ACCOUNT}:root"
    return {"id": ACCOUNT, "accountId": ACCOUNT, "arn": arn, "userId": ACCOUNT}


def _partition(arguments: Properties, region: str) -> Properties:
    """Return the partition that the region is in."""
    del arguments, region
    return {
        "id": PARTITION,
        "partition": PARTITION,
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }


def _zones(arguments: Properties, region: str) -> Properties:
    """Return the zones that can be used, always three."""
    excluded = set(arguments.get("excludeNames") or ())
    names = [f"{region}{letter}" for letter in ZONE_LETTERS]
    short = "".join(word[0] if not word.isdigit() else word for word in region.split("-"))
    ids = {name: f"{short}-az{number}" for number, name in enumerate(names, start=1)}
    kept = [name for name in names if name not in excluded]
    return {
        **{key: value for key, value in arguments.items() if value is not None},
        "id": region,
        "groupNames": [region],
        "names": kept,
        "zoneIds": [ids[name] for name in kept],
    }


def _prefix_list(arguments: Properties, region: str) -> Properties:
    """Return one of AWS's own prefix lists."""
    names = prefix_lists(region)
    wanted = arguments.get("name")
    if wanted not in names:
        raise ResourceOperationError(f"there is no prefix list {wanted}; there are {list(names)}")
    identity = names[wanted]
    return {
        "id": identity,
        "name": wanted,
        "arn": f"arn:aws:ec2:{region}:aws:prefix-list/{identity}",
        "addressFamily": "IPv4",
        "entries": [],
        "maxEntries": 0,
        "ownerId": "AWS",
        "tags": {},
        "version": 1,
    }


def _policy_document(arguments: Properties, region: str) -> Properties:
    """Return a policy document as JSON, merged as Terraform's data source does."""
    del region
    statements: list[dict[str, Any]] = []
    for source in arguments.get("sourcePolicyDocuments") or ():
        statements.extend(_statements(source))
    _merge(statements, [_statement(item) for item in arguments.get("statements") or ()])
    for source in arguments.get("overridePolicyDocuments") or ():
        _merge(statements, _statements(source))
    document: dict[str, Any] = {"Version": arguments.get("version") or "2012-10-17"}
    if arguments.get("policyId"):
        document["Id"] = arguments["policyId"]
    document["Statement"] = statements
    given = {key: value for key, value in arguments.items() if value is not None}
    return {
        **given,
        "id": str(abs(hash(json.dumps(document, sort_keys=True))) % 2**32),
        "json": json.dumps(document, indent=2),
        "minifiedJson": json.dumps(document, separators=(",", ":")),
    }


def _statements(document: str) -> list[dict[str, Any]]:
    found = json.loads(document).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _merge(statements: list[dict[str, Any]], more: list[dict[str, Any]]) -> None:
    """Add statements; one with the `Sid` of another takes its place."""
    for statement in more:
        sid = statement.get("Sid")
        same = [i for i, other in enumerate(statements) if sid and other.get("Sid") == sid]
        if same:
            statements[same[0]] = statement
        else:
            statements.append(statement)


def _statement(given: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {}
    if given.get("sid"):
        statement["Sid"] = given["sid"]
    statement["Effect"] = given.get("effect") or "Allow"
    for key, member in (
        ("principals", "Principal"),
        ("notPrincipals", "NotPrincipal"),
    ):
        if given.get(key):
            statement[member] = _principals(given[key])
    for key, member in (
        ("actions", "Action"),
        ("notActions", "NotAction"),
        ("resources", "Resource"),
        ("notResources", "NotResource"),
    ):
        values = given.get(key)
        if values:
            statement[member] = values[0] if len(values) == 1 else sorted(values, reverse=True)
    conditions: dict[str, dict[str, Any]] = {}
    for condition in given.get("conditions") or ():
        values = condition["values"]
        value = values[0] if len(values) == 1 else values
        conditions.setdefault(condition["test"], {})[condition["variable"]] = value
    if conditions:
        statement["Condition"] = conditions
    return statement


def _principals(given: list[Mapping[str, Any]]) -> Any:
    found: dict[str, Any] = {}
    for principal in given:
        identifiers = principal["identifiers"]
        if principal["type"] == "*" and identifiers == ["*"]:
            return "*"
        found.setdefault(principal["type"], []).extend(identifiers)
    return {key: value[0] if len(value) == 1 else value for key, value in found.items()}


ANSWERS: Mapping[str, Answer] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _prefix_list,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
}
