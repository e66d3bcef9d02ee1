"""Secrets."""

from platformctl.provider.validation.formats import arn, resource_policy
from platformctl.provider.validation.rules import (
    AtMostOne,
    Count,
    Distinct,
    ExactlyOne,
    Follows,
    Length,
    Pattern,
    Range,
    Requires,
    Row,
    When,
)

ROWS = {
    "aws:secretsmanager/secret:Secret": Row(
        "secretsmanager/secret.go",
        (
            AtMostOne(("name", "namePrefix")),
            Pattern("name", r"[0-9A-Za-z/_+=.@-]{1,512}"),
            Pattern("namePrefix", r"[0-9A-Za-z/_+=.@-]{1,486}"),
            Length("description", 0, 2048),
            Pattern("recoveryWindowInDays", r"0|[7-9]|[12]\d|30"),
            Range("recoveryWindowInDays", 0, 30),
            Follows("policy", resource_policy),
            Distinct("replicas[].region"),
            Pattern("replicas[].region", r"[a-z]{2}(-[a-z]+)+-\d"),
        ),
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Row(
        "secretsmanager/secret_version.go",
        (
            ExactlyOne(("secretString", "secretBinary", "secretStringWo")),
            Length("secretString", 1, 65_536),
            Requires("secretStringWo", ("secretStringWoVersion",)),
        ),
    ),
    "aws:secretsmanager/secretRotation:SecretRotation": Row(
        "secretsmanager/secret_rotation.go",
        (
            ExactlyOne(("automaticallyAfterDays", "scheduleExpression"), within="rotationRules"),
            When("rotationEnabled", (False,), excludes=("rotationRules",)),
            When("rotationEnabled", (False,), otherwise=True, needs=("rotationRules",)),
            Follows("externalSecretRotationRoleArn", arn),
            Pattern("rotationRules.scheduleExpression", r"[0-9A-Za-z()#?*\-/, ]{1,256}"),
            Range("rotationRules.automaticallyAfterDays", 1, 1000),
            Pattern("rotationRules.duration", r"\d{1,2}h"),
            Follows("rotationLambdaArn", arn),
            Count("rotationRules", 1),
        ),
    ),
}
