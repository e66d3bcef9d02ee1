"""Resource references as signed objects."""

from collections.abc import Mapping
from typing import Any

from platformctl.engine import wire
from platformctl.plugin.values import UNKNOWN, ResourceReference, Unknown


def describe_reference(reference: ResourceReference) -> dict[str, Any]:
    """Return the signed object that stands for a resource reference."""
    described = {
        wire.SIGNATURE: wire.RESOURCE_REFERENCE,
        "urn": reference.urn,
        "packageVersion": reference.package_version,
    }
    if reference.id is not None:
        described["id"] = "" if isinstance(reference.id, Unknown) else reference.id
    return described


def read_reference(fields: Mapping[str, Any]) -> ResourceReference:
    """Read a resource reference from its signed object."""
    identifier = fields.get("id")
    if identifier == "":
        identifier = UNKNOWN
    return ResourceReference(fields["urn"], identifier, fields.get("packageVersion") or "")
