"""Backups are encrypted with our key."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import given

RULE = Rule(
    id="backup-vault-cmk",
    title="Backups are encrypted with our key",
    why="Copies in another account can only be read with a key of our own.",
    fix="give BackupPlan a `key_arn`",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:backup/vault:Vault",),
    judge=given("kmsKeyArn"),
    before={"name": "main"},
    after={"kmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/1"},
)
