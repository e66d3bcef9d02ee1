"""Texts with a grammar: whether they follow it, and the words that say which it is.

A format is a function that returns what is wrong with a text, None if nothing.
"""

import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any

Format = Callable[[str], str | None]

ARN = re.compile(
    r"arn:aws(-[a-z]+)*:[a-z0-9-]+:([a-z]{2}(-[a-z]+)+-\d)?:"
    r"(aws|aws-managed|third-party|aws-marketplace|cloudfront|\d{12})?:.+",
    re.DOTALL,
)
DAY = r"(mon|tue|wed|thu|fri|sat|sun)"
TIME = r"([01]\d|2[0-3]):[0-5]\d"
DAILY = re.compile(f"{TIME}-{TIME}")
WEEKLY = re.compile(f"{DAY}:{TIME}-{DAY}:{TIME}")
SCHEDULE = re.compile(r"(rate\(\d+ (minute|hour|day)s?\)|cron\(\S+( \S+){5}\)|at\([^)]+\))")
DOMAIN = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?")
STATEMENT_KEYS = frozenset(
    [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ]
)
VERSIONS = ("2012-10-17", "2008-10-17")


def arn(text: str) -> str | None:
    """An Amazon Resource Name."""
    return None if ARN.fullmatch(text) else "an ARN (arn:aws:service:region:account:resource)"


def cidr(text: str) -> str | None:
    """A network whose host bits are zero."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return "a CIDR block whose host bits are zero, such as 10.0.0.0/16"
    return None


def address(text: str) -> str | None:
    """An address of the internet protocol, version 4 or 6."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return "an IP address"
    return None


def json_document(text: str) -> str | None:
    """A JSON document without a key that is there twice."""
    try:
        json.loads(text, object_pairs_hook=_unrepeated)
    except ValueError as error:
        return f"a JSON document ({error})"
    return None


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is repeated")
    return found


def parsed(text: Any) -> Any:
    """Return what a JSON document says, None where there is no such document."""
    return None if not isinstance(text, str) or json_document(text) else json.loads(text)


def policy(text: str) -> str | None:
    """A policy document: versioned statements with an effect, actions, and no unknown element."""
    wrong = json_document(text)
    if wrong or not text.startswith("{"):
        return wrong or "a policy document that starts with {"
    document = json.loads(text)
    if not document.get("Statement"):
        return "a policy document with statements"
    if document.get("Version", VERSIONS[0]) not in VERSIONS:
        return f"a policy document of version {VERSIONS[0]}"
    statements = document.get("Statement")
    statements = statements if isinstance(statements, list) else [statements]
    for statement in statements:
        if not isinstance(statement, dict):
            return "a policy document with statements"
        wrong = _statement(statement)
        if wrong:
            return f"a policy document; {wrong}"
    return None


def _statement(statement: dict[str, Any]) -> str | None:
    sid = statement.get("Sid", "its statement")
    strange = sorted(statement.keys() - STATEMENT_KEYS)
    if strange:
        return f"{sid} has an element {strange[0]}"
    if statement.get("Effect") not in ("Allow", "Deny"):
        return f"the effect of {sid} is neither Allow nor Deny"
    for one, other in (("Action", "NotAction"), ("Resource", "NotResource")):
        if one in statement and other in statement:
            return f"{sid} has both {one} and {other}"
    if not statement.get("Action") and not statement.get("NotAction"):
        return f"{sid} names no action"
    return None


def identity_policy(text: str) -> str | None:
    """A policy of an identity: every statement names resources, none a principal."""
    wrong = policy(text)
    if wrong:
        return wrong
    for statement in _statements(text):
        if "Principal" in statement or "NotPrincipal" in statement:
            return "a policy of an identity, which names no principal"
        if not statement.get("Resource") and not statement.get("NotResource"):
            return "a policy of an identity, each statement of which names resources"
        if not re.fullmatch("[A-Za-z0-9]*", str(statement.get("Sid", ""))):
            return "a policy whose statement ids are letters and digits"
    return None


def resource_policy(text: str) -> str | None:
    """A policy of a resource: every statement names a principal."""
    wrong = policy(text)
    if wrong:
        return wrong
    if all("Principal" in each or "NotPrincipal" in each for each in _statements(text)):
        return None
    return "a policy of a resource, each statement of which names a principal"


def trust_policy(text: str) -> str | None:
    """The policy of who may take a role: it names principals and no resources."""
    wrong = resource_policy(text)
    if wrong:
        return wrong
    if any("Resource" in each or "NotResource" in each for each in _statements(text)):
        return "a trust policy, which names no resources"
    return None


def _statements(text: str) -> list[dict[str, Any]]:
    statements = json.loads(text)["Statement"]
    return statements if isinstance(statements, list) else [statements]


def daily_window(text: str) -> str | None:
    """A time of day, from and to."""
    return None if DAILY.fullmatch(text) else "a time of day such as 03:00-04:00 (UTC)"


def weekly_window(text: str) -> str | None:
    """A time of the week, from and to."""
    wanted = "a time of the week such as mon:04:00-mon:05:00 (UTC)"
    return None if WEEKLY.fullmatch(text.lower()) else wanted


def schedule(text: str) -> str | None:
    """A schedule expression with one unit of time or six fields."""
    wanted = "rate(5 minutes) or cron() with six fields, of which day or weekday is ?"
    if not SCHEDULE.fullmatch(text):
        return wanted
    fields = text.removeprefix("cron(").removesuffix(")").split()
    return wanted if text.startswith("cron(") and "?" not in (fields[2], fields[4]) else None


def domain(text: str) -> str | None:
    """A domain name, with or without the dot at its end."""
    plain = text.removesuffix(".").lower()
    fits = len(plain) <= 255 and DOMAIN.fullmatch(plain)
    return None if fits else "a domain name such as example.com"
