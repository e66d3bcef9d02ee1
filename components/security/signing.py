"""The secret that tokens are signed with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi

from platformctl.components.base import Args, Component
from platformctl.components.security.secrets import (
    StoredSecret,
    StoredSecretArgs,
    generated_password,
)

# 43 of 62 characters hold 256 bits, as much as HMAC-SHA-256 can use.
KEY_LENGTH = 43


@dataclass(frozen=True, kw_only=True)
class SigningSecretArgs(Args):
    """How tokens are signed, and how long they live.

    Attributes:
        name: Name in Secrets Manager, such as `cloudweave/jwt`.
        expires_in: How long an access token lives: `15m`.
        refresh_expires_in: How long a refresh token lives: `7d`.
        key_arn: See `StoredSecretArgs`.
        recovery_window_days: See `StoredSecretArgs`.
        rotated: See `StoredSecretArgs`.
        replica_regions: See `StoredSecretArgs`.
    """

    name: str
    expires_in: str = "15m"
    refresh_expires_in: str = "7d"
    key_arn: pulumi.Input[str] | None = None
    recovery_window_days: int = 30
    rotated: bool = False
    replica_regions: Mapping[str, pulumi.Input[str] | None] = field(default_factory=dict)

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        for name in ("expires_in", "refresh_expires_in"):
            value = getattr(self, name)
            if not value[:-1].isdigit() or value[-1:] not in "smhd":
                yield f"{name} is {value!r}: must be a number and one of s, m, h, d, such as 15m"


class SigningSecret(Component):
    """A generated 256-bit key in a secret `{secret, expiresIn, refreshExpiresIn}`.

    Example::

        jwt = SigningSecret("shop-jwt", SigningSecretArgs(name="shop/jwt"))
        jwt.reference("secret")  # for the secrets of a container

    Monthly cost: $0.40 for the secret and for each replica, and $0.05 for 10,000 reads.

    Attributes:
        arn: ARN of the secret.
    """

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: SigningSecretArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("security:SigningSecret", name, args, opts)
        self.secret = StoredSecret(
            f"{name}-secret",
            StoredSecretArgs(
                name=args.name,
                description=f"Key that tokens are signed with: {args.name}",
                value={
                    "secret": generated_password(self, "key", length=KEY_LENGTH),
                    "expiresIn": args.expires_in,
                    "refreshExpiresIn": args.refresh_expires_in,
                },
                key_arn=args.key_arn,
                recovery_window_days=args.recovery_window_days,
                rotated=args.rotated,
                replica_regions=args.replica_regions,
                tags=args.tags,
            ),
            self.options(),
        )
        self.arn = self.secret.arn
        self.finish("arn")

    def reference(self, key: str) -> pulumi.Output[str]:
        """Return what a container definition calls one key of the secret."""
        return self.secret.reference(key)
