"""Task definitions of releases: the environment's own, with another image and other variables."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from platformctl.errors import InvocationError
from platformctl.operations.releases.model import Image
from platformctl.operations.services.model import Service

RELEASE, SIDE = "RELEASE", "SIDE"
OWNED = frozenset({"AWS_REGION", "HOST", "INTAKE_PARAMETER", "PORT", RELEASE, "SERVICE_NAME", SIDE})
"""Variables that the platform sets."""
SECRET_WORDS = ("PASSWORD", "SECRET", "TOKEN", "PRIVATE_KEY", "API_KEY", "CREDENTIALS")
_DESCRIBED = frozenset(
    {
        *("taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities"),
        *("registeredAt", "registeredBy", "deregisteredAt", "delegates"),
    }
)
"""What ECS says about a revision besides what it was registered with."""

Definition = Mapping[str, Any]


def derive(
    described: Definition, service: Service, image: Image, overrides: Mapping[str, str]
) -> Definition:
    """Return what to register for a release, of a revision that Pulumi made.

    Args:
        described: The revision as ECS describes it.
        service: The service.
        image: The release's image.
        overrides: Variables in place of the revision's.

    Raises:
        InvocationError: An override is a secret, or the platform's own.
    """
    container = container_of(described, service)
    _judge(service, container, overrides)
    variables = {**variables_of(container), **overrides}
    changed = {**container, "image": image.reference, "environment": _listed(variables)}
    kept = {key: value for key, value in described.items() if key not in _DESCRIBED}
    return {**kept, "containerDefinitions": _with(described, changed)}


def on_side(definition: Definition, service: Service, release: str, side: str) -> Definition:
    """Return the definition of a release as one side runs it, which knows its release and side."""
    container = container_of(definition, service)
    variables = {**variables_of(container), RELEASE: release, SIDE: side}
    changed = {**container, "environment": _listed(variables)}
    return {**definition, "containerDefinitions": _with(definition, changed)}


def configuration_of(definition: Definition, service: Service) -> str:
    """Return a digest of everything in a definition that is neither code nor place."""
    container = dict(container_of(definition, service))
    variables = variables_of(container)
    container |= {
        "image": "",
        "environment": _listed({k: v for k, v in variables.items() if k not in (RELEASE, SIDE)}),
    }
    document = {**definition, "containerDefinitions": _with(definition, container), "tags": []}
    written = json.dumps(document, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def container_of(definition: Definition, service: Service) -> Mapping[str, Any]:
    """Return the container of the application itself."""
    containers = definition["containerDefinitions"]
    return next(each for each in containers if each["name"] == service.container)


def variables_of(container: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment variables of a container."""
    return {each["name"]: each["value"] for each in container.get("environment") or ()}


def secrets_of(container: Mapping[str, Any]) -> dict[str, str]:
    """Return the secrets of a container: variable → reference, never a value."""
    return {each["name"]: each["valueFrom"] for each in container.get("secrets") or ()}


def _with(definition: Definition, changed: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    containers = definition["containerDefinitions"]
    return [changed if each["name"] == changed["name"] else each for each in containers]


def _listed(variables: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in sorted(variables.items())]


def _judge(service: Service, container: Mapping[str, Any], overrides: Mapping[str, str]) -> None:
    references = secrets_of(container)
    for name in overrides:
        if name in references:
            raise InvocationError(
                f"{name} of {service.name} cannot be given here",
                why=f"it is a secret, read from {references[name]}",
                remedy="change it in Secrets Manager, then deploy",
            )
        if any(word in name.upper() for word in SECRET_WORDS):
            raise InvocationError(
                f"{name} looks like a secret",
                why="releases are recorded in the clear, with their variables",
                remedy="keep it in Secrets Manager and refer to it in the stack",
            )
        if name in OWNED:
            raise InvocationError(
                f"{name} of {service.name} cannot be given here", why="the platform sets it"
            )
