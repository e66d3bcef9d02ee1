"""A KMS key under an alias, rotated every year."""

from collections.abc import Sequence
from typing import Any

from platformctl.operations.bootstrap.part import Action, Difference
from platformctl.operations.bootstrap.target import Target


class Key:
    """A key that is found by its alias.

    Args:
        name: What it is called in the summary.
        alias: Its alias.
        description: What it is for.
        target: What the bootstrap is about.
        kms: Client of KMS.
    """

    def __init__(self, name: str, alias: str, description: str, target: Target, kms: Any) -> None:
        self.name = name
        self._alias = alias
        self._description = description
        self._target = target
        self._kms = kms

    @property
    def arn(self) -> str | None:
        """The key's ARN, if it is there."""
        try:
            return str(self._kms.describe_key(KeyId=self._alias)["KeyMetadata"]["Arn"])
        except self._kms.exceptions.NotFoundException:
            return None

    def look(self) -> Sequence[Difference]:
        """Find out whether it is there, usable and rotated."""
        if self.arn is None:
            return [self._difference(Action.CREATE, f"{self._alias}, rotated", self._create)]
        found = []
        state = self._kms.describe_key(KeyId=self._alias)["KeyMetadata"]["KeyState"]
        if state == "PendingDeletion":
            found.append(self._difference(Action.REPAIR, "it is about to be deleted", self._keep))
        if state in ("PendingDeletion", "Disabled"):
            found.append(self._difference(Action.REPAIR, "it is disabled", self._enable))
        if not self._kms.get_key_rotation_status(KeyId=self.arn)["KeyRotationEnabled"]:
            found.append(self._difference(Action.REPAIR, "it is not rotated", self._rotate))
        return found

    def _difference(self, action: Action, detail: str, mend: Any) -> Difference:
        return Difference(part=self.name, action=action, detail=detail, mend=mend)

    def _create(self) -> None:
        tags = [{"TagKey": key, "TagValue": value} for key, value in self._target.tags.items()]
        made = self._kms.create_key(Description=self._description, Tags=tags)
        self._kms.create_alias(AliasName=self._alias, TargetKeyId=made["KeyMetadata"]["KeyId"])
        self._rotate()

    def _keep(self) -> None:
        self._kms.cancel_key_deletion(KeyId=self.arn)

    def _enable(self) -> None:
        self._kms.enable_key(KeyId=self.arn)

    def _rotate(self) -> None:
        self._kms.enable_key_rotation(KeyId=self.arn)
