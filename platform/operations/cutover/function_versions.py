"""Versions of a function: the code and configuration that Lambda keeps for good.

A release of a function is a published version. Publishing one changes nothing for whoever invokes
the function through its alias; only a cutover does that.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.errors import InvocationError, ResourceError
from platformctl.operations.services.model import Service, Side

LARGEST_PACKAGE = 50_000_000
"""Bytes of a package that Lambda takes in a request; larger ones have to be in S3."""
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment a ZIP file can name: the same files make the same package."""
_PERMISSIONS = 0o644 << 16
_SUCCESSFUL, _ACTIVE = "Successful", "Active"
_OF_ONE_VERSION = frozenset(
    {
        "Description",
        "FunctionArn",
        "LastModified",
        "LastUpdateStatus",
        "LastUpdateStatusReason",
        "LastUpdateStatusReasonCode",
        "MasterArn",
        "ResponseMetadata",
        "RevisionId",
        "RuntimeVersionConfig",
        "SnapStart",
        "State",
        "StateReason",
        "StateReasonCode",
        "Version",
    }
)
"""What Lambda says of a version that says nothing about what it runs."""
_CODE = frozenset({"CodeSha256", "CodeSize"})
_WAIT = {"Delay": 1, "MaxAttempts": 120}


@dataclass(frozen=True, kw_only=True)
class FunctionVersion:
    """A published version.

    Attributes:
        number: Its number, such as `7`.
        code_sha256: Digest of its code, as Lambda writes it.
        description: What was said when it was published.
        runtime: Lambda's name of the interpreter.
        state: `Active` once it can be invoked.
        reason: Why it cannot be invoked; "" if it can.
        configuration: Digest of everything it runs with but its code.
    """

    number: str
    code_sha256: str
    description: str = ""
    runtime: str = ""
    state: str = _ACTIVE
    reason: str = ""
    configuration: str = ""


def publish(
    clients: Clients, service: Service, files: Mapping[str, Path], description: str
) -> FunctionVersion:
    """Publish other code of a function with the configuration that it has now.

    The same code with the same configuration is the version that there is already.

    Args:
        clients: Makes boto3 clients.
        service: The function.
        files: Its files by their path in the package.
        description: What the version is, at most 256 characters of it.

    Raises:
        InvocationError: The package is larger than Lambda takes.
        ResourceError: Lambda could not take the code.
    """
    package = _package(files)
    if len(package) > LARGEST_PACKAGE:
        raise InvocationError(
            f"the code of {service.name} is {len(package) / 1e6:.0f} MB",
            why=f"Lambda takes {LARGEST_PACKAGE / 1e6:.0f} MB in a request",
            remedy="leave out what the function does not need",
        )
    client = clients("lambda", service.region)
    updated = client.update_function_code(
        FunctionName=service.function_name, ZipFile=package, Publish=False
    )
    now = _updated(client, service)
    newest = newest_version(clients, service)
    if newest is not None and _settings(client, service, newest.number) == _what_runs(now):
        return newest
    published = client.publish_version(
        FunctionName=service.function_name,
        # Refused if somebody else changed the code meanwhile.
        CodeSha256=updated["CodeSha256"],
        Description=description[:256],
    )
    client.get_waiter("published_version_active").wait(
        FunctionName=service.function_name,
        Qualifier=published["Version"],
        WaiterConfig=_WAIT,
    )
    return _version(published)


def with_versions(service: Service, *versions: str) -> Service:
    """Return a function with versions as its sides."""
    return replace(service, sides={each: Side(key=each, name=each) for each in versions})


def find_version(clients: Clients, service: Service, number: str) -> FunctionVersion:
    """Return a published version as it is now.

    Raises:
        InvocationError: There is no such version.
    """
    client = clients("lambda", service.region)
    try:
        found = client.get_function_configuration(
            FunctionName=service.function_name, Qualifier=number
        )
    except client.exceptions.ResourceNotFoundException as error:
        raise InvocationError(
            f"{service.name} has no version {number}",
            why=str(error),
            remedy=f"aws lambda list-versions-by-function --function-name {service.function_name}",
        ) from error
    return _version(found)


def newest_version(clients: Clients, service: Service) -> FunctionVersion | None:
    """Return the version that was published last, None if none ever was."""
    client = clients("lambda", service.region)
    pages = client.get_paginator("list_versions_by_function").paginate(
        FunctionName=service.function_name
    )
    found = [each for page in pages for each in page["Versions"] if each["Version"].isdigit()]
    return _version(max(found, key=lambda each: int(each["Version"]))) if found else None


def _updated(client: Any, service: Service) -> Mapping[str, Any]:
    """Wait until Lambda has taken new code; return the function as it is then."""
    client.get_waiter("function_updated_v2").wait(
        FunctionName=service.function_name, WaiterConfig=_WAIT
    )
    now = client.get_function_configuration(FunctionName=service.function_name)
    if now.get("LastUpdateStatus", _SUCCESSFUL) != _SUCCESSFUL:
        raise ResourceError(
            f"Lambda did not take the code of {service.name}",
            why=now.get("LastUpdateStatusReason") or now["LastUpdateStatus"],
        )
    return now


def _settings(client: Any, service: Service, number: str) -> Mapping[str, Any]:
    """Return what a version runs, and how."""
    found = client.get_function_configuration(FunctionName=service.function_name, Qualifier=number)
    return _what_runs(found)


def _what_runs(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out of a configuration what differs between a version and what it was made of."""
    return {name: value for name, value in found.items() if name not in _OF_ONE_VERSION}


def _package(files: Mapping[str, Path]) -> bytes:
    """Return files as a ZIP file, the same bytes for the same files."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=_EARLIEST)
            entry.external_attr = _PERMISSIONS
            archive.writestr(entry, files[name].read_bytes(), zipfile.ZIP_DEFLATED)
    return package.getvalue()


def _version(found: Mapping[str, Any]) -> FunctionVersion:
    state = found.get("State", _ACTIVE)
    return FunctionVersion(
        number=found["Version"],
        code_sha256=found["CodeSha256"],
        description=found.get("Description", ""),
        runtime=found.get("Runtime", ""),
        state=state,
        reason="" if state == _ACTIVE else found.get("StateReason") or state,
        configuration=_configuration(found),
    )


def _configuration(found: Mapping[str, Any]) -> str:
    settings = {name: value for name, value in _what_runs(found).items() if name not in _CODE}
    written = json.dumps(settings, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:16]
