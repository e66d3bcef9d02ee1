"""Secrets Manager: secrets and their values."""

from platformctl.provider.context import Context
from platformctl.provider.identity import assigned, parameter
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
from platformctl.provider.tags import on_create

SECRET = {"SecretId": "{id}"}


CREATE = Send(
    "create_secret",
    {"Name": "{name}"},
    only=("description", "kmsKeyId", "replicas", "forceOverwriteReplicaSecret", "type"),
)


def _set_policy(context: Context) -> None:
    """Set or remove the secret's own policy."""
    policy = context.inputs.get("policy")
    if policy:
        context.call("put_resource_policy", SecretId=context.id, ResourcePolicy=policy)
    else:
        context.call("delete_resource_policy", SecretId=context.id)


def _delete(context: Context) -> None:
    """Delete a secret at once, or after the recovery window when that is not 0."""
    days = context.inputs.get("recoveryWindowInDays", 30)
    how = {"RecoveryWindowInDays": int(days)} if days else {"ForceDeleteWithoutRecovery": True}
    context.call("delete_secret", SecretId=context.id, **how)


def _restore_or_create(context: Context) -> object:
    """Create a secret; one that still waits for its deletion under that name goes for good.

    The local region is torn down and built again under the same names all day long, which the
    recovery window would forbid.
    """
    name = context.inputs["name"]
    found = context.find(Ask("describe_secret", {"SecretId": name}))
    if found is not None and found.get("DeletedDate"):
        context.call("delete_secret", SecretId=name, ForceDeleteWithoutRecovery=True)
    return context.send(CREATE, **on_create(context))


def _read_version(context: Context) -> object:
    """Return one version of a secret with its value."""
    secret, _, version = context.id.rpartition("|")
    context.inputs.setdefault("secretId", secret)
    return context.find(Ask("get_secret_value", {"SecretId": secret, "VersionId": version}))


SPECS = (
    ResourceSpec(
        type="aws:secretsmanager/secret:Secret",
        service="secretsmanager",
        identity=assigned("ARN"),
        fidelity=Fidelity.LIVE,
        create=_restore_or_create,
        sends=(CREATE,),
        read=Ask("describe_secret", SECRET),
        gone="DeletedDate != null",
        updates=(
            Update(Send("update_secret", SECRET, only=("description", "kmsKeyId", "type"))),
            Update(_set_policy, ("policy",), on_create=True),
        ),
        delete=_delete,
        names={
            "replicas": "AddReplicaRegions",
            "forceOverwriteReplicaSecret": "ForceOverwriteReplicaSecret",
        },
        no_local_effect=("replicas.lastAccessedDate", "replicas.status", "replicas.statusMessage"),
        unread=("replicas", "policy", "kmsKeyId"),
        outputs={"arn": "{id}"},
        defaults={"recoveryWindowInDays": 30, "forceOverwriteReplicaSecret": False},
        name=Name("name", 512),
        replace=("name", "namePrefix"),
        handled=("name", "namePrefix", "policy", "recoveryWindowInDays"),
        tags=Tagging(
            member="Tags",
            form="list",
            add="tag_resource",
            remove="untag_resource",
            resource=SECRET,
            read="Tags",
        ),
        find=Find(Ask("list_secrets", {}, "SecretList"), ("name",)),
        note="values are served to the tasks that may read them",
    ),
    ResourceSpec(
        type="aws:secretsmanager/secretVersion:SecretVersion",
        service="secretsmanager",
        identity=assigned("join('|', [ARN, VersionId])"),
        fidelity=Fidelity.LIVE,
        create=Send("put_secret_value"),
        answer="@",
        read=_read_version,
        outputs={"arn": "{secretId}", "secretArn": "{secretId}", "hasSecretStringWo": False},
        replace=("secretString", "secretBinary"),
        no_local_effect=("secretStringWo", "secretStringWoVersion"),
        note="older versions stay as AWS keeps them",
    ),
    ResourceSpec(
        type="aws:secretsmanager/secretRotation:SecretRotation",
        service="secretsmanager",
        identity=parameter("secretId"),
        fidelity=Fidelity.LIVE,
        create=Send("rotate_secret"),
        read=Ask("describe_secret", SECRET),
        gone="!RotationEnabled",
        updates=(
            Update(
                Send(
                    "rotate_secret",
                    SECRET,
                    only=("rotateImmediately", "rotationLambdaArn", "rotationRules"),
                ),
            ),
        ),
        delete=Ask("cancel_rotate_secret", SECRET),
        unread=("rotateImmediately", "secretId"),
        defaults={"rotateImmediately": True},
        replace=("secretId",),
        no_local_effect=(
            "externalSecretRotationMetadatas.*",
            "externalSecretRotationRoleArn",
            "rotationEnabled",
        ),
        note="the function is really called for each step, at once and when it is due",
    ),
)
