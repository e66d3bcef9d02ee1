"""DynamoDB tables."""

from platformctl.plugin.provider import CheckFailure
from platformctl.plugin.values import UNKNOWN
from platformctl.provider.validation.formats import arn
from platformctl.provider.validation.paths import values
from platformctl.provider.validation.rules import (
    AtLeastOne,
    AtMostOne,
    Count,
    Custom,
    Distinct,
    Failures,
    Follows,
    Inputs,
    Length,
    OneOf,
    Pattern,
    Range,
    Requires,
    Row,
    When,
)

NAME = r"[A-Za-z0-9_.-]{3,255}"
INDEXES = "globalSecondaryIndexes[]"
KEYS = (
    "hashKey",
    "rangeKey",
    f"{INDEXES}.hashKey",
    f"{INDEXES}.rangeKey",
    f"{INDEXES}.keySchemas[].attributeName",
    "localSecondaryIndexes[].rangeKey",
)


def _attributes(inputs: Inputs) -> Failures:
    """Attributes are those that keys consist of: none more, none less."""
    attributes = inputs.get("attributes")
    if attributes is UNKNOWN or "restoreSourceName" in inputs:
        return
    described = {name for _, name in values(inputs, "attributes[].name")}
    used = {name for path in KEYS for _, name in values(inputs, path)}
    for name in sorted(used - described):
        yield CheckFailure("attributes", f"attributes must describe {name}, which is in a key")
    for name in sorted(described - used):
        yield CheckFailure("attributes", f"attributes must not describe {name}: no key has it")


def _capacity(inputs: Inputs) -> Failures:
    """Capacity is said where it is provisioned, for the table and for each of its indexes."""
    provisioned = inputs.get("billingMode", "PROVISIONED") == "PROVISIONED"
    for within in ("", INDEXES):
        for key in ("readCapacity", "writeCapacity"):
            path = f"{within}.{key}" if within else key
            if not provisioned:
                yield from Range(path, 0, 0).judge(inputs)
            else:
                yield from AtLeastOne((key,), within).judge(inputs)
                yield from Range(path, 1).judge(inputs)


ROWS = {
    "aws:dynamodb/table:Table": Row(
        "dynamodb/table.go",
        (
            Pattern("name", NAME),
            Custom(_attributes),
            Custom(_capacity),
            OneOf("billingMode", ("PROVISIONED", "PAY_PER_REQUEST")),
            OneOf("tableClass", ("STANDARD", "STANDARD_INFREQUENT_ACCESS")),
            Distinct("attributes[].name"),
            Length("attributes[].name", 1, 255),
            OneOf("attributes[].type", ("S", "N", "B")),
            Count("globalSecondaryIndexes", 0, 20),
            Distinct(f"{INDEXES}.name"),
            Pattern(f"{INDEXES}.name", NAME),
            OneOf(f"{INDEXES}.projectionType", ("ALL", "KEYS_ONLY", "INCLUDE")),
            When("projectionType", ("INCLUDE",), needs=("nonKeyAttributes",), within=INDEXES),
            AtLeastOne(("hashKey", "keySchemas"), INDEXES),
            AtMostOne(("hashKey", "keySchemas"), INDEXES),
            OneOf(f"{INDEXES}.keySchemas[].keyType", ("HASH", "RANGE")),
            Count("localSecondaryIndexes", 0, 5),
            When("streamEnabled", (True,), needs=("streamViewType",)),
            OneOf(
                "streamViewType", ("", "KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
            ),
            When("ttl.enabled", (True,), needs=("ttl.attributeName",)),
            Range("pointInTimeRecovery.recoveryPeriodInDays", 1, 35),
            Follows("serverSideEncryption.kmsKeyArn", arn),
            Requires("replicas", ("streamViewType",)),
            Follows("replicas[].kmsKeyArn", arn),
            Distinct("replicas[].regionName"),
        ),
    ),
    "aws:dynamodb/tableReplica:TableReplica": Row(
        "dynamodb/table_replica.go",
        (Follows("globalTableArn", arn), Follows("kmsKeyArn", arn)),
    ),
}
