"""Secrets of a task: `valueFrom` resolved when the task starts, kept nowhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.region.services.ecs.failures import TaskStartError, resource_initialization

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime


@dataclass(frozen=True)
class SecretReference:
    """Where a value comes from.

    Attributes:
        service: `secretsmanager` or `ssm`.
        region: Region name.
        id: ARN or name, as that service takes it.
        key: JSON key inside a secret; empty for the whole of it.
        stage: Version stage; empty for the current one.
        version: Version id; empty for the current one.
    """

    service: str
    region: str
    id: str
    key: str = ""
    stage: str = ""
    version: str = ""

    @classmethod
    def parse(cls, value_from: str, region: str) -> "SecretReference":
        """Read a `valueFrom`: an ARN of either service, or the name of a parameter."""
        parts = value_from.split(":")
        if value_from.startswith("arn:") and len(parts) >= 7 and parts[2] == "secretsmanager":
            key, stage, version = [*parts[7:10], "", "", ""][:3]
            return cls("secretsmanager", parts[3], ":".join(parts[:7]), key, stage, version)
        if value_from.startswith("arn:") and len(parts) >= 6 and parts[2] == "ssm":
            name = parts[5].removeprefix("parameter")
            # `parameter/name` is the parameter `name`; only deeper paths keep their first slash.
            return cls("ssm", parts[3], name if name.count("/") > 1 else name.lstrip("/"))
        return cls("ssm", region, value_from)


class SecretValues:
    """Fetches the values of secrets through the region's own API."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime

    async def fetch(self, value_from: str, region: str) -> str:
        """Return the value behind a `valueFrom`.

        Raises:
            TaskStartError: It does not exist, or has no such JSON key.
        """
        reference = SecretReference.parse(value_from, region)
        try:
            if reference.service == "ssm":
                return await self._parameter(reference)
            return _pick(await self._secret(reference), reference)
        except (ClientError, BotoCoreError) as error:
            raise _failure(reference, str(error)) from error

    async def _parameter(self, reference: SecretReference) -> str:
        answer = await self._runtime.call(
            "ssm",
            reference.region,
            "get_parameter",
            {"Name": reference.id, "WithDecryption": True},
        )
        return answer["Parameter"]["Value"]

    async def _secret(self, reference: SecretReference) -> str:
        wanted: Mapping[str, str] = {
            "SecretId": reference.id,
            **({"VersionStage": reference.stage} if reference.stage else {}),
            **({"VersionId": reference.version} if reference.version else {}),
        }
        answer = await self._runtime.call(
            "secretsmanager", reference.region, "get_secret_value", wanted
        )
        if "SecretString" not in answer:
            raise _failure(reference, "the secret is binary")
        return answer["SecretString"]


def _pick(text: str, reference: SecretReference) -> str:
    if not reference.key:
        return text
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _failure(reference, "the secret is not JSON") from error
    if not isinstance(document, dict) or reference.key not in document:
        raise _failure(reference, f"retrieved secret did not contain json key {reference.key}")
    value = document[reference.key]
    return value if isinstance(value, str) else json.dumps(value)


def _failure(reference: SecretReference, why: str) -> TaskStartError:
    kind = "ssm parameters" if reference.service == "ssm" else "asm"
    return resource_initialization(
        "unable to pull secrets or registry auth: execution resource retrieval failed: unable to "
        f"retrieve secret from {kind}: {reference.id}: {why}"
    )
