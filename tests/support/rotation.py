"""Secrets, and functions that rotate them, in a running region."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from support.databases import eventually, unique
from support.region import RunningRegion

APP = Path(__file__).resolve().parents[2] / "apps" / "platform" / "secret-rotation"
PRINCIPAL = "secretsmanager.amazonaws.com"


def make_secret(region: RunningRegion, value: dict[str, Any]) -> str:
    """Store a secret and return its ARN."""
    client = region.client("secretsmanager")
    return client.create_secret(Name=unique("secret"), SecretString=json.dumps(value))["ARN"]


def make_rotation(
    region: RunningRegion, kind: str, resource: str = "", *, principal: str = PRINCIPAL
) -> str:
    """Make the rotation function as the platform deploys it; return its ARN."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as file:
        for path in sorted(APP.rglob("*.py")):
            file.write(path, str(path.relative_to(APP)))
    return function_of(
        region,
        code.getvalue(),
        "secret_rotation.handler.handle",
        principal,
        {"KIND": kind, "RESOURCE": resource},
    )


def make_function(region: RunningRegion, source: str, *, principal: str = PRINCIPAL) -> str:
    """Make a rotation function out of a module with a `handle`; return its ARN."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as file:
        file.writestr("it.py", source)
    return function_of(region, code.getvalue(), "it.handle", principal, {})


def function_of(
    region: RunningRegion, code: bytes, handler: str, principal: str, variables: dict[str, str]
) -> str:
    """Make a function that a service may invoke; return its ARN."""
    client, name = region.client("lambda"), unique("rotate")
    made = client.create_function(
        FunctionName=name,
        Role="arn:aws:iam::000000000000:role/it",
        Runtime="python3.13",
        Handler=handler,
        Code={"ZipFile": code},
        Timeout=60,
        Environment={"Variables": variables},
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    client.add_permission(
        FunctionName=name,
        StatementId="rotation",
        Action="lambda:InvokeFunction",
        Principal=principal,
    )
    return made["FunctionArn"]


def value_of(region: RunningRegion, secret: str, stage: str = "AWSCURRENT") -> dict[str, Any]:
    """Return what a secret holds."""
    client = region.client("secretsmanager")
    found = client.get_secret_value(SecretId=secret, VersionStage=stage)
    return json.loads(found["SecretString"])


def described(region: RunningRegion, secret: str) -> dict[str, Any]:
    """Return a secret as `DescribeSecret` shows it."""
    return region.client("secretsmanager").describe_secret(SecretId=secret)


def rotate(region: RunningRegion, secret: str, **more: Any) -> str:
    """Rotate a secret and wait until that is done; return the id of the new version."""
    before = described(region, secret).get("LastRotatedDate")
    answer = region.client("secretsmanager").rotate_secret(SecretId=secret, **more)
    version = answer["VersionId"]
    eventually(
        lambda: described(region, secret).get("LastRotatedDate"),
        lambda rotated: rotated != before,
        seconds=60.0,
    )
    assert "AWSCURRENT" in described(region, secret)["VersionIdsToStages"][version]
    return version
