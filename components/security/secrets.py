"""Secrets in Secrets Manager."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from platformctl.components.base import Args, Component

PASSWORD_LENGTH = 32


@dataclass(frozen=True, kw_only=True)
class StoredSecretArgs(Args):
    """A secret and what is in it.

    Attributes:
        name: Name in Secrets Manager, such as `analytics/database`.
        description: What it is for.
        value: Keys of the secret's JSON object → values.
        key_arn: KMS key; Secrets Manager's own without it.
        recovery_window_days: Days that a deleted secret can be restored, 7 to 30; 0 deletes it
            at once.
        rotated: Whether rotation owns the value once the secret exists; Pulumi then leaves it
            alone.
        replica_regions: Region → KMS key of the copy there; None for Secrets Manager's own.
    """

    name: str
    description: str
    value: Mapping[str, pulumi.Input[str | int]]
    key_arn: pulumi.Input[str] | None = None
    recovery_window_days: int = 30
    rotated: bool = False
    replica_regions: Mapping[str, pulumi.Input[str] | None] = field(default_factory=dict)

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if self.recovery_window_days != 0 and not 7 <= self.recovery_window_days <= 30:
            yield f"recovery_window_days is {self.recovery_window_days}: must be 0 or 7 to 30"


class StoredSecret(Component):
    """A secret whose value is a JSON object.

    Example::

        secret = StoredSecret("api", StoredSecretArgs(name="api/key", description="Key of the API",
                                                      value={"key": password.result}))
        secret.reference("key")  # for the secrets of a container

        StoredSecret("token", StoredSecretArgs(..., replica_regions={"us-west-2": west_key_arn}))

    Monthly cost: $0.40 for the secret and for each replica, and $0.05 for 10,000 reads.

    Attributes:
        arn: ARN; known once the value is stored, so that whoever uses it waits for that.
    """

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: StoredSecretArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("security:StoredSecret", name, args, opts)
        self.secret = self.child(
            "",
            aws.secretsmanager.Secret,
            name=args.name,
            description=args.description,
            kms_key_id=args.key_arn,
            recovery_window_in_days=args.recovery_window_days,
            replicas=[
                {"region": region, "kms_key_id": key_arn}
                for region, key_arn in args.replica_regions.items()
            ]
            or None,
        )
        self.version = self.child(
            "version",
            aws.secretsmanager.SecretVersion,
            secret_id=self.secret.id,
            secret_string=pulumi.Output.secret(pulumi.Output.json_dumps(dict(args.value))),
            options=pulumi.ResourceOptions(
                ignore_changes=["secretString"] if args.rotated else None
            ),
        )
        self.arn = self.version.secret_arn
        self.finish("arn")

    def reference(self, key: str) -> pulumi.Output[str]:
        """Return what a container definition calls one key of the secret."""
        return pulumi.Output.concat(self.arn, f":{key}::")


def generated_password(
    component: Component, key: str, *, length: int = PASSWORD_LENGTH
) -> pulumi.Output[str]:
    """Make a random password of letters and digits, which every engine accepts.

    Args:
        component: Whose child it is.
        key: The child's key.
        length: Characters, of about 6 bits each.
    """
    return component.child(key, random.RandomPassword, length=length, special=False).result
