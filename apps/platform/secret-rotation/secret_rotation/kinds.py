"""What is rotated: a new value, and how the store behind it takes it.

A value is the secret's JSON object; only what has to change is changed in it.
"""

import secrets
import string
import time
from collections.abc import Callable
from typing import Any, Protocol

import boto3

Value = dict[str, Any]

LETTERS = string.ascii_letters + string.digits
PASSWORD_LENGTH = 32
KEY_LENGTH = 43
"""Characters of a signing key: 43 of 62 hold 256 bits."""
POLL_SECONDS = 1.0
PATIENCE_SECONDS = 240.0
"""How long a store may take; less than the function's own timeout."""


class NotTakenError(Exception):
    """The store does not have the new value (yet)."""


class Kind(Protocol):
    """One kind of secret."""

    def new(self, current: Value) -> Value:
        """Return the value that replaces the current one."""
        ...

    def set(self, current: Value, pending: Value) -> None:
        """Make the store take the pending value."""
        ...

    def test(self, pending: Value) -> None:
        """Raise `NotTakenError` unless the store has taken it."""
        ...


class SigningKey:
    """The key that tokens are signed with, `{secret, …}`; the one before stays to verify with."""

    def __init__(self, resource: str) -> None:
        del resource  # nothing stores the key but the secret itself

    def new(self, current: Value) -> Value:
        """Return a new key, with the current one as `previousSecret`."""
        return {**current, "secret": _random(KEY_LENGTH), "previousSecret": current["secret"]}

    def set(self, current: Value, pending: Value) -> None:
        """Do nothing: services read the secret itself."""

    def test(self, pending: Value) -> None:
        """Make sure that the key is not the one before."""
        if pending["secret"] == pending.get("previousSecret"):
            raise NotTakenError("the pending key is not a new one")


class DatabasePassword:
    """The password of a database's master user, `{password, …}`.

    There is one user, so connections that are made between `setSecret` and `finishSecret` with
    the password of before are refused; those that are open stay.
    """

    def __init__(self, resource: str) -> None:
        self._identifier = resource
        self._client = boto3.client("rds")

    def new(self, current: Value) -> Value:
        """Return a new password."""
        return {**current, "password": _random(PASSWORD_LENGTH)}

    def set(self, current: Value, pending: Value) -> None:
        """Change the master password of the instance."""
        del current
        self._settle()
        self._client.modify_db_instance(
            DBInstanceIdentifier=self._identifier,
            MasterUserPassword=pending["password"],
            ApplyImmediately=True,
        )

    def test(self, pending: Value) -> None:
        """Wait until the instance has no password waiting to be changed."""
        del pending
        self._settle()

    def _settle(self) -> None:
        _wait(self._is_settled, f"the database {self._identifier}")

    def _is_settled(self) -> bool:
        asked = {"DBInstanceIdentifier": self._identifier}
        (instance,) = self._client.describe_db_instances(**asked)["DBInstances"]
        pending = instance.get("PendingModifiedValues") or {}
        return instance["DBInstanceStatus"] == "available" and "MasterUserPassword" not in pending


class RedisToken:
    """The token of a Redis replication group, `{authToken, …}`.

    A group takes two tokens at a time. The token of before is dropped only when the next rotation
    begins, so whoever has read it has a whole rotation's time to read the new one.
    """

    def __init__(self, resource: str) -> None:
        self._group = resource
        self._client = boto3.client("elasticache")

    def new(self, current: Value) -> Value:
        """Return a new token."""
        return {**current, "authToken": _random(PASSWORD_LENGTH)}

    def set(self, current: Value, pending: Value) -> None:
        """Make the current token the only one, then add the pending one."""
        self._modify(current["authToken"], "SET")
        self._modify(pending["authToken"], "ROTATE")

    def test(self, pending: Value) -> None:
        """Wait until every node has the token."""
        del pending
        self._settle()

    def _modify(self, token: str, strategy: str) -> None:
        self._settle()
        self._client.modify_replication_group(
            ReplicationGroupId=self._group,
            AuthToken=token,
            AuthTokenUpdateStrategy=strategy,
            ApplyImmediately=True,
        )

    def _settle(self) -> None:
        _wait(self._is_settled, f"the replication group {self._group}")

    def _is_settled(self) -> bool:
        asked = {"ReplicationGroupId": self._group}
        (group,) = self._client.describe_replication_groups(**asked)["ReplicationGroups"]
        pending = group.get("PendingModifiedValues") or {}
        return group["Status"] == "available" and "AuthTokenStatus" not in pending


KINDS: dict[str, Callable[[str], Kind]] = {
    "database": DatabasePassword,
    "jwt": SigningKey,
    "redis": RedisToken,
}
"""Kind → class; `KIND` in the environment names one."""


def _random(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def _wait(done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > end:
            raise NotTakenError(f"{what} was not ready within {PATIENCE_SECONDS:g} s")
        time.sleep(POLL_SECONDS)
