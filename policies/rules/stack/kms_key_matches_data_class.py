"""Confidential data is encrypted with our keys."""

from collections.abc import Iterator, Mapping

from platformctl.policies import tokens
from platformctl.policies.relations import tags_of
from platformctl.policies.rule import ADVISORY, MEDIUM, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING
from platformctl.policies.view import StackView

_KEYS: Mapping[str, str] = {
    tokens.RDS_INSTANCE: "kmsKeyId",
    tokens.DOCUMENTS: "kmsKeyId",
    tokens.CACHE: "kmsKeyId",
    tokens.TABLE: "serverSideEncryption.kmsKeyArn",
    tokens.KAFKA: "encryptionInfo.encryptionAtRestKmsKeyArn",
    tokens.STREAM: "kmsKeyId",
    tokens.SECRET: "kmsKeyId",
}


def _matching(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for kind, path in _KEYS.items():
        for store in stack.all(kind):
            if tags_of(store).get("DataClass") != "confidential":
                continue
            if store.get("replicateSourceDb") is MISSING and store.get(path) is MISSING:
                expected = "the ARN of a key of ours"
                yield Violation(path=path, expected=expected, urn=store.urn)


RULE = StackRule(
    id="kms-key-matches-data-class",
    title="Confidential data is encrypted with our keys",
    why="Who may read confidential data is then said by the key, and told by its log.",
    fix="give the component a `key_arn`",
    severity=MEDIUM,
    staging=ADVISORY,
    judge=_matching,
    before="PostgresDatabaseArgs(key_arn=None, …)",
    after='PostgresDatabaseArgs(key_arn=keys.arns["data"], …)',
)
