"""Keys and their aliases."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import assigned, name
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Find,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
)

KEY = {"KeyId": "{id}"}


def _read_key(context: Context) -> Any:
    """Describe a key with its policy and whether it rotates."""
    key = context.find(Ask("describe_key", KEY, "KeyMetadata"))
    if key is None or key["KeyState"] == "PendingDeletion":
        return None
    key["Policy"] = context.call("get_key_policy", KeyId=context.id, PolicyName="default")["Policy"]
    if key.get("KeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT":
        rotation = context.call("get_key_rotation_status", KeyId=context.id)
        key["EnableKeyRotation"] = rotation["KeyRotationEnabled"]
    return key


def _set_rotation(context: Context) -> None:
    """Turn the yearly rotation on or off."""
    if not context.inputs.get("enableKeyRotation"):
        context.call("disable_key_rotation", KeyId=context.id)
        return
    period = context.inputs.get("rotationPeriodInDays")
    extra = {"RotationPeriodInDays": int(period)} if period else {}
    context.call("enable_key_rotation", KeyId=context.id, **extra)


def _set_enabled(context: Context) -> None:
    """Enable or disable the key."""
    wanted = context.inputs.get("isEnabled", True)
    context.call("enable_key" if wanted else "disable_key", KeyId=context.id)


def _read_alias(context: Context) -> Any:
    """Return the alias of that name; AWS has no call that describes one alone."""
    pages = context.client().get_paginator("list_aliases").paginate()
    aliases = (alias for page in pages for alias in page["Aliases"])
    return next((alias for alias in aliases if alias["AliasName"] == context.id), None)


def _find_key(context: Context) -> Any:
    """Return keys with the description wanted, as they are described."""
    found = []
    for page in context.client().get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            described = context.call("describe_key", KeyId=key["KeyId"])["KeyMetadata"]
            if described["KeyState"] != "PendingDeletion":
                found.append(described)
    return found


SPECS = (
    ResourceSpec(
        type="aws:kms/key:Key",
        service="kms",
        identity=assigned("KeyMetadata.KeyId"),
        fidelity=Fidelity.LIVE,
        create=Send("create_key"),
        answer="KeyMetadata",
        read=_read_key,
        updates=(
            Update(Send("update_key_description", KEY, only=("description",))),
            Update(
                Send("put_key_policy", {**KEY, "PolicyName": "default"}, only=("policy",)),
            ),
            Update(_set_rotation, ("enableKeyRotation", "rotationPeriodInDays"), on_create=True),
            Update(_set_enabled, ("isEnabled",), on_create=True),
        ),
        delete=Ask(
            "schedule_key_deletion",
            {**KEY, "PendingWindowInDays": "{deletionWindowInDays}"},
        ),
        names={
            "customerMasterKeySpec": "KeySpec",
            "isEnabled": "Enabled",
            "bypassPolicyLockoutSafetyCheck": "BypassPolicyLockoutSafetyCheck",
            "customKeyStoreId": "CustomKeyStoreId",
        },
        outputs={"keyId": "{id}"},
        defaults={
            "deletionWindowInDays": 30,
            "isEnabled": True,
            "enableKeyRotation": False,
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "keyUsage": "ENCRYPT_DECRYPT",
        },
        handled=(
            "enableKeyRotation",
            "rotationPeriodInDays",
            "isEnabled",
            "deletionWindowInDays",
        ),
        tags=Tagging(
            member="Tags",
            form="list",
            add="tag_resource",
            remove="untag_resource",
            resource=KEY,
            read=Ask("list_resource_tags", KEY, "Tags"),
            key="TagKey",
            value="TagValue",
        ),
        find=Find(_find_key, ("description",)),
        note="encrypts and decrypts",
    ),
    ResourceSpec(
        type="aws:kms/alias:Alias",
        service="kms",
        identity=name(),
        fidelity=Fidelity.LIVE,
        create=Send("create_alias"),
        read=_read_alias,
        updates=(Update(Send("update_alias", {"AliasName": "{id}"}, only=("targetKeyId",))),),
        delete=Ask("delete_alias", {"AliasName": "{id}"}),
        names={"name": "AliasName"},
        outputs={
            "arn": "arn:aws:kms:{region}:{account}:{id}",
            "targetKeyArn": "arn:aws:kms:{region}:{account}:key/{targetKeyId}",
        },
        name=Name("name", 256),
    ),
)
