"""What must be there to deploy into an AWS account, one function for each."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.aws.clients import Clients
from platformctl.aws.failures import as_platform_error
from platformctl.deployment.project import Project
from platformctl.deployment.pulumi.installation import INSTALL, installed_root, is_installed
from platformctl.operations.doctor.finding import Finding, Verdict, judged

BACKEND = "PULUMI_BACKEND_URL"
PASSPHRASES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
ABSENT = frozenset({"404", "NoSuchBucket", "NotFoundException"})
"""What AWS says of a bucket or a key that does not exist."""


def wished_cli() -> Iterator[Finding]:
    """Look for the official CLI, which a local environment does without."""
    if is_installed():
        yield Finding("Pulumi CLI", Verdict.OK, shutil.which("pulumi") or str(installed_root()))
    else:
        detail = "not found; only needed to deploy to AWS itself"
        yield Finding("Pulumi CLI", Verdict.WARNING, detail, INSTALL)


def needed_cli(environment: str) -> Iterator[Finding]:
    """Check that the official CLI is there and fits the installed SDK.

    Raises:
        PulumiError: It is missing, too old, or does not run.
    """
    from platformctl.deployment.pulumi.command import Command  # noqa: PLC0415  # half a second

    command = Command(environment)
    yield Finding("Pulumi CLI", Verdict.OK, f"{command.version} at {command.command}")


def credentials(clients: Clients, region: str) -> Iterator[Finding]:
    """Check that AWS takes the credentials, and tell whose they are.

    Raises:
        AuthenticationError: It does not.
    """
    try:
        caller = clients("sts", region).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise as_platform_error(error) from error
    detail = f"account {caller['Account']} as {caller['Arn']}"
    yield Finding("credentials", Verdict.OK, detail)


def state(project: Project, environment: str, clients: Clients, region: str) -> Iterator[Finding]:
    """Check that the place of the state is named and, if it is a bucket, can be reached."""
    url = os.environ.get(BACKEND) or (project.settings.get("backend") or {}).get("url", "")
    place = urlsplit(url)
    if not url:
        yield Finding(
            "state",
            Verdict.FAILURE,
            f"neither {BACKEND} nor Pulumi.yaml says where it is kept",
            f"platformctl bootstrap {environment}",
        )
    elif place.scheme == "s3":
        s3 = clients("s3", _region(place, region))
        asked = partial(s3.head_bucket, Bucket=place.netloc)
        yield _reached("state", f"bucket {place.netloc}", environment, asked)
    else:
        yield Finding("state", Verdict.OK, f"kept at {url}")


def secrets(project: Project, environment: str, clients: Clients, region: str) -> Iterator[Finding]:
    """Check that what seals the secrets in the state is there."""
    place = urlsplit(str(project.stack_settings(environment).get("secretsprovider", "")))
    if place.scheme == "awskms":
        key = f"{place.netloc}{place.path}".lstrip("/")
        kms = clients("kms", _region(place, region))
        asked = partial(kms.describe_key, KeyId=key)
        yield _reached("secrets", f"key {key}", environment, asked)
        return
    seal = place.geturl() or next((name for name in PASSPHRASES if name in os.environ), "")
    yield judged(
        "secrets",
        good=bool(seal),
        detail=f"sealed with {seal}" if seal else "there is neither a key nor a passphrase",
        remedy=f"platformctl bootstrap {environment}   or set {PASSPHRASES[0]}",
    )


def _region(place: SplitResult, region: str) -> str:
    """Return the region that a URL of Pulumi's names; the environment's if it names none."""
    return parse_qs(place.query).get("region", [region])[0]


def _reached(
    check: str, what: str, environment: str, ask: Callable[[], Mapping[str, Any]]
) -> Finding:
    try:
        answer = ask()
    except (BotoCoreError, ClientError) as error:
        bootstrap = f"platformctl bootstrap {environment}"
        if _code(error) in ABSENT:
            return Finding(check, Verdict.FAILURE, f"there is no {what}", bootstrap)
        meant = as_platform_error(error)
        return Finding(check, Verdict.FAILURE, f"{what}: {meant}", meant.remedy or bootstrap)
    usable = answer.get("KeyMetadata", {}).get("KeyState", "Enabled")
    return judged(
        check,
        good=usable == "Enabled",
        detail=f"{what} is {'there' if usable == 'Enabled' else usable}",
        remedy="aws kms cancel-key-deletion, or aws kms enable-key",
    )


def _code(error: Exception) -> str:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
