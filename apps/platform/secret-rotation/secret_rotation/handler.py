"""The four steps of a rotation, as Secrets Manager calls them.

1. `createSecret` stores a new value under the label `AWSPENDING`.
2. `setSecret` makes the store take the new value.
3. `testSecret` makes sure that it has.
4. `finishSecret` moves the label `AWSCURRENT` to the new value.

Every step can be repeated: Secrets Manager calls all of them again after a failure. What the four
steps mean for a kind of secret is in `kinds`; `KIND` and `RESOURCE` in the environment choose.
"""

import json
import os
from collections.abc import Callable
from typing import Any

import boto3

from secret_rotation.kinds import KINDS, Value

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"

_kind = KINDS[os.environ["KIND"]](os.environ.get("RESOURCE", ""))
_client = boto3.client("secretsmanager")


class RotationError(Exception):
    """Secrets Manager called for something that cannot be done now."""


def handle(event: dict[str, str], context: Any) -> None:  # noqa: ARG001  # Lambda's signature
    """Do one step of a rotation."""
    step = STEPS.get(event["Step"])
    if step is None:
        raise RotationError(f"there is no step {event['Step']}")
    secret, token = event["SecretId"], event["ClientRequestToken"]
    stages = _client.describe_secret(SecretId=secret)["VersionIdsToStages"]
    if token not in stages:
        raise RotationError(f"version {token} is not one of the secret's")
    if CURRENT in stages[token]:
        return  # finished before
    if PENDING not in stages[token]:
        raise RotationError(f"version {token} is not the pending one")
    step(secret, token)


def _create(secret: str, token: str) -> None:
    try:
        _client.get_secret_value(SecretId=secret, VersionId=token, VersionStage=PENDING)
    except _client.exceptions.ResourceNotFoundException:
        value = json.dumps(_kind.new(_read(secret, CURRENT)))
        _client.put_secret_value(
            SecretId=secret, ClientRequestToken=token, SecretString=value, VersionStages=[PENDING]
        )


def _set(secret: str, token: str) -> None:
    _kind.set(_read(secret, CURRENT), _read(secret, PENDING, token))


def _test(secret: str, token: str) -> None:
    _kind.test(_read(secret, PENDING, token))


def _finish(secret: str, token: str) -> None:
    versions = _client.describe_secret(SecretId=secret)["VersionIdsToStages"].items()
    current = next(version for version, stages in versions if CURRENT in stages)
    _client.update_secret_version_stage(
        SecretId=secret,
        VersionStage=CURRENT,
        MoveToVersionId=token,
        RemoveFromVersionId=current,
    )


STEPS: dict[str, Callable[[str, str], None]] = {
    "createSecret": _create,
    "setSecret": _set,
    "testSecret": _test,
    "finishSecret": _finish,
}


def _read(secret: str, stage: str, version: str | None = None) -> Value:
    which = {"VersionId": version} if version else {}
    found = _client.get_secret_value(SecretId=secret, VersionStage=stage, **which)
    return json.loads(found["SecretString"])
