"""Pulumi's checkpoint format, deployment version 3: what `pulumi stack export` prints.

Source: `sdk/go/common/apitype/core.go` (`DeploymentV3`, `ResourceV3`) and
`pkg/resource/stack/deployment.go` of pulumi/pulumi.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from platformctl.engine import assets, wire
from platformctl.engine.references import describe_reference, read_reference
from platformctl.engine.state.resource import PendingOperation, Resource
from platformctl.engine.state.secrets import PassphraseSecrets
from platformctl.errors import StateError
from platformctl.plugin.values import (
    UNKNOWN,
    Archive,
    Asset,
    PropertyValue,
    ResourceReference,
    Secret,
    Unknown,
    reveal,
)

VERSION = 3
# Version 4 is version 3 plus a list of features that the reader must understand.
FEATURE_VERSION = 4
FEATURES = {
    "hooks": lambda resource: bool(resource.hooks),
    "taint": lambda resource: resource.taint,
    "replaceWith": lambda resource: bool(resource.replace_with),
}
ENGINE_VERSION = "v3.200.0"

# Attribute → key of ResourceV3, for what is written when it is not empty, in Pulumi's order.
_FIELDS = {
    "delete": "delete",
    "id": "id",
    "parent": "parent",
    "protect": "protect",
    "taint": "taint",
    "external": "external",
    "dependencies": "dependencies",
    "init_errors": "initErrors",
    "provider": "provider",
    "property_dependencies": "propertyDependencies",
    "pending_replacement": "pendingReplacement",
    "additional_secret_outputs": "additionalSecretOutputs",
    "custom_timeouts": "customTimeouts",
    "import_id": "importID",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "replace_with": "replaceWith",
    "created": "created",
    "modified": "modified",
    "source_position": "sourcePosition",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
    "hooks": "resourceHooks",
}
_KEYS = {key: attribute for attribute, key in _FIELDS.items()}
_VALUES = {
    "inputs": "inputs",
    "outputs": "outputs",
    "replacement_trigger": "replacementTrigger",
}


@dataclass(frozen=True)
class Checkpoint:
    """Everything recorded about a stack.

    Attributes:
        resources: In an order in which everything comes after what it needs.
        pending: What was begun and not ended.
        secrets_state: State of the secrets provider; "" if there is none yet.
    """

    resources: Sequence[Resource] = ()
    pending: Sequence[PendingOperation] = ()
    secrets_state: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


def encode(checkpoint: Checkpoint, secrets: PassphraseSecrets) -> dict[str, Any]:
    """Return a checkpoint in Pulumi's format."""
    version = ENGINE_VERSION
    deployment: dict[str, Any] = {
        "manifest": {
            "time": datetime.now(UTC).isoformat(),
            "magic": hashlib.sha256(version.encode()).hexdigest(),
            "version": version,
        },
        "secrets_providers": {"type": "passphrase", "state": {"salt": secrets.state}},
        "resources": [encode_resource(each, secrets) for each in checkpoint.resources],
    }
    if checkpoint.pending:
        deployment["pending_operations"] = [
            {"resource": encode_resource(each.resource, secrets), "type": each.type}
            for each in checkpoint.pending
        ]
    deployment["metadata"] = dict(checkpoint.metadata)
    features = sorted(
        name for name, used in FEATURES.items() if any(map(used, checkpoint.resources))
    )
    if features:
        return {"version": FEATURE_VERSION, "features": features, "deployment": deployment}
    return {"version": VERSION, "deployment": deployment}


def decode(
    document: Mapping[str, Any], secrets: Callable[[str], PassphraseSecrets]
) -> tuple[Checkpoint, PassphraseSecrets]:
    """Read a checkpoint in Pulumi's format.

    Args:
        document: What `pulumi stack export` prints, parsed.
        secrets: Makes the secrets provider from its recorded state ("" for a new one).

    Raises:
        StateError: It is of a version, or uses a feature or secrets provider, not understood.
        KeyError, TypeError, ValueError: It is not a checkpoint.
    """
    _require_understood(document)
    deployment = document["deployment"]
    provider = deployment.get("secrets_providers") or {}
    if provider.get("type", "passphrase") not in ("passphrase", ""):
        raise StateError(
            f"the state's secrets are kept by {provider['type']!r}",
            why="only the passphrase provider is understood here",
            remedy="pulumi stack change-secrets-provider passphrase",
        )
    opener = secrets((provider.get("state") or {}).get("salt", ""))
    checkpoint = Checkpoint(
        resources=[decode_resource(each, opener) for each in deployment.get("resources") or ()],
        pending=[
            PendingOperation(each["type"], decode_resource(each["resource"], opener))
            for each in deployment.get("pending_operations") or ()
        ],
        secrets_state=(provider.get("state") or {}).get("salt", ""),
        metadata=deployment.get("metadata") or {},
    )
    return checkpoint, opener


def _require_understood(document: Mapping[str, Any]) -> None:
    version = document["version"]
    if version not in (VERSION, FEATURE_VERSION):
        newer = isinstance(version, int) and version > FEATURE_VERSION
        raise StateError(
            f"the state is of version {version}",
            why=f"versions {VERSION} and {FEATURE_VERSION} are understood",
            remedy="update platformctl" if newer else "upgrade the state with the Pulumi CLI",
        )
    unknown = sorted(set(document.get("features") or ()) - FEATURES.keys())
    if unknown:
        raise StateError(
            f"the state needs {', '.join(unknown)}",
            why="this version of platformctl does not know that feature",
            remedy="update platformctl",
        )


def encode_resource(resource: Resource, secrets: PassphraseSecrets | None) -> dict[str, Any]:
    """Return one resource as a `ResourceV3` object; `secrets` None leaves secrets readable."""
    record: dict[str, Any] = {
        "urn": resource.urn,
        "custom": resource.custom,
        "type": resource.type,
        **resource.unread,
    }
    for attribute, key in _FIELDS.items():
        value = getattr(resource, attribute)
        if value:
            record[key] = value
    for attribute, key in _VALUES.items():
        value = getattr(resource, attribute)
        if value not in (None, {}):
            record[key] = encode_value(value, secrets)
    return record


def decode_resource(record: Mapping[str, Any], secrets: PassphraseSecrets) -> Resource:
    """Read one `ResourceV3` object; secrets are opened."""
    fields: dict[str, Any] = {"urn": record["urn"], "type": record["type"]}
    fields["custom"] = record.get("custom", False)
    for key, value in record.items():
        if key in _KEYS:
            fields[_KEYS[key]] = value
    for attribute, key in _VALUES.items():
        if key in record:
            fields[attribute] = decode_value(record[key], secrets)
    known = {"urn", "type", "custom", *_KEYS, *_VALUES.values()}
    fields["unread"] = {key: value for key, value in record.items() if key not in known}
    return Resource(**fields)


def encode_value(value: PropertyValue, secrets: PassphraseSecrets | None) -> Any:
    """Return a property value as JSON; `secrets` None leaves secret values readable."""
    if isinstance(value, dict):
        return {key: encode_value(item, secrets) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode_value(item, secrets) for item in value]
    if isinstance(value, Secret):
        plain = json.dumps(encode_value(reveal(value.value), None), separators=(",", ":"))
        content = {"ciphertext": secrets.seal(plain)} if secrets else {"plaintext": plain}
        return {wire.SIGNATURE: wire.SECRET, **content}
    return _encode_leaf(value)


def _encode_leaf(value: PropertyValue) -> Any:
    if isinstance(value, Asset | Archive):
        return assets.describe(value)
    if isinstance(value, ResourceReference):
        return describe_reference(value)
    if isinstance(value, Unknown):
        return wire.UNKNOWN_STRING
    return value


def decode_value(value: Any, secrets: PassphraseSecrets) -> PropertyValue:
    """Read a property value from JSON."""
    if isinstance(value, list):
        return [decode_value(item, secrets) for item in value]
    if not isinstance(value, dict):
        return UNKNOWN if value == wire.UNKNOWN_STRING else value
    if wire.SIGNATURE in value:
        return _decode_signed(value, secrets)
    return {key: decode_value(item, secrets) for key, item in value.items()}


def _decode_signed(value: Mapping[str, Any], secrets: PassphraseSecrets) -> PropertyValue:
    signature = value[wire.SIGNATURE]
    if signature == wire.SECRET:
        plain = value["plaintext"] if "plaintext" in value else secrets.open(value["ciphertext"])
        return Secret(decode_value(json.loads(plain), secrets))
    if signature == wire.RESOURCE_REFERENCE:
        return read_reference(value)
    if signature == wire.ASSET:
        return assets.recorded_asset(value)
    if signature == wire.ARCHIVE:
        return assets.recorded_archive(value)
    raise ValueError(f"unknown signature {signature!r}")
