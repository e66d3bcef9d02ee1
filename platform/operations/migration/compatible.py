"""Whether a release can run on the schema that a database has now."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

EXPAND, CONTRACT = "expand", "contract"
USABLE = ("ready", "done")
BEGUN = ("contract", "done")
"""States of a contract that has taken something away, all of it or not."""


def incompatible(head: str, migrations: Iterable[Mapping[str, Any]]) -> str:
    """Return why a release cannot run on a schema; "" if it can.

    Args:
        head: Number of the newest migration that the release knows; "" for a release of before
            there were any, which needs nothing of them and survives no contract.
        migrations: The migrations as the task reports them.
    """
    missing: list[str] = []
    gone: list[str] = []
    for each in migrations:
        number, state = each["number"], each["state"]
        if each["phase"] == EXPAND and number <= head and state not in USABLE:
            missing.append(f"{number} {each['name']}")
        if each["phase"] == CONTRACT and number > head and state in BEGUN:
            gone.append(f"{number} {each['name']}")
    if gone:
        return f"the contract {', '.join(gone)} took away what it needs"
    if missing:
        return f"the expansion {', '.join(missing)} has not run"
    return ""


def behind(head: str, migrations: Collection[Mapping[str, Any]]) -> bool:
    """Tell whether a schema has not everything that a release brings along.

    Args:
        head: Number of the newest migration that the release knows.
        migrations: The migrations as the task last reported them; none if it never has.
    """
    newest = max((each["number"] for each in migrations), default="")
    pending = any(
        each["phase"] == EXPAND and each["number"] <= head and each["state"] not in USABLE
        for each in migrations
    )
    return head > newest or pending
