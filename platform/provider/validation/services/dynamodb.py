"""DynamoDB tables."""

from platformctl.plugin.provider import CheckFailure
from platformctl.plugin.values import UNKNOWN
from platformctl.provider.validation.formats import arn
from platformctl.provider.validation.paths import is_given, values
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
RESTORED = ("restoreSourceName", "restoreSourceTableArn", "restoreBackupArn")
"""What a table is restored from, which brings its keys and its capacity along."""
MOST_KEYS = 4
"""Attributes that one key of an index consists of at most."""
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
    if attributes is UNKNOWN or any(is_given(inputs, each) for each in RESTORED):
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
    restored = any(is_given(inputs, each) for each in RESTORED)
    for key in ("readCapacity", "writeCapacity"):
        if not provisioned:
            yield from Range(key, 0, 0).judge(inputs)
            continue
        yield from Range(key, 1).judge(inputs)
        yield from Range(f"{INDEXES}.{key}", 1).judge(inputs)
        yield from AtLeastOne((key,), INDEXES).judge(inputs)
        if not restored:
            yield from AtLeastOne((key,)).judge(inputs)


def _key_schemas(inputs: Inputs) -> Failures:
    """Of the attributes of an index's key those of its partition come first, four at most."""
    for place, keys in values(inputs, f"{INDEXES}.keySchemas"):
        kinds = [kind for _, kind in values({"keys": keys}, "keys[].keyType")]
        if not isinstance(keys, list) or len(kinds) != len(keys):
            continue  # not all known yet
        if kinds != sorted(kinds):
            yield CheckFailure(place, f"{place} must name HASH attributes before RANGE attributes")
        if not 1 <= kinds.count("HASH") <= MOST_KEYS or kinds.count("RANGE") > MOST_KEYS:
            yield CheckFailure(
                place, f"{place} must have 1 to {MOST_KEYS} HASH and 0 to {MOST_KEYS} RANGE"
            )


def _another_region(inputs: Inputs) -> Failures:
    """A replica is in another region than its table."""
    region, table = inputs.get("region"), inputs.get("globalTableArn")
    if isinstance(region, str) and isinstance(table, str) and f":{region}:" in table:
        yield CheckFailure("region", f"region {region} is that of the table itself")


ROWS = {
    "aws:dynamodb/table:Table": Row(
        "dynamodb/table.go",
        (
            Pattern("name", NAME),
            Custom(_attributes),
            Custom(_capacity),
            Custom(_key_schemas),
            AtLeastOne(("hashKey", *RESTORED)),
            AtMostOne(("importTable", "restoreSourceName", "restoreSourceTableArn")),
            AtMostOne(("onDemandThroughput", "readCapacity")),
            AtMostOne(("onDemandThroughput", "writeCapacity")),
            *(
                Range(f"{within}warmThroughput.{key}", least)
                for within in ("", f"{INDEXES}.")
                for key, least in (("readUnitsPerSecond", 12_000), ("writeUnitsPerSecond", 4_000))
            ),
            OneOf("billingMode", ("PROVISIONED", "PAY_PER_REQUEST")),
            OneOf("tableClass", ("STANDARD", "STANDARD_INFREQUENT_ACCESS")),
            Distinct("attributes[].name"),
            Length("attributes[].name", 1, 255),
            OneOf("attributes[].type", ("S", "N", "B")),
            Count("globalSecondaryIndexes", 0, 20),
            Distinct(f"{INDEXES}.name"),
            Pattern(f"{INDEXES}.name", NAME),
            OneOf(f"{INDEXES}.projectionType", ("ALL", "KEYS_ONLY", "INCLUDE")),
            *(
                rule
                for within in (INDEXES, "localSecondaryIndexes[]")
                for rule in (
                    When("projectionType", ("INCLUDE",), ("nonKeyAttributes",), within=within),
                    When(
                        "projectionType",
                        ("INCLUDE",),
                        excludes=("nonKeyAttributes",),
                        within=within,
                        otherwise=True,
                    ),
                )
            ),
            AtLeastOne(("hashKey", "keySchemas"), INDEXES),
            AtMostOne(("hashKey", "keySchemas"), INDEXES),
            AtMostOne(("rangeKey", "keySchemas"), INDEXES),
            OneOf(f"{INDEXES}.keySchemas[].keyType", ("HASH", "RANGE")),
            Count("localSecondaryIndexes", 0, 5),
            Requires("localSecondaryIndexes", ("rangeKey",)),
            Distinct("localSecondaryIndexes[].name"),
            When("streamEnabled", (True,), needs=("streamViewType",)),
            When("streamEnabled", (False, None), excludes=("streamViewType",)),
            OneOf(
                "streamViewType", ("", "KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
            ),
            When("ttl.enabled", (True,), needs=("ttl.attributeName",)),
            Range("pointInTimeRecovery.recoveryPeriodInDays", 1, 35),
            Follows("serverSideEncryption.kmsKeyArn", arn),
            Requires("replicas", ("streamViewType",)),
            Follows("replicas[].kmsKeyArn", arn),
            OneOf("replicas[].consistencyMode", ("EVENTUAL", "STRONG")),
            Follows("restoreSourceTableArn", arn),
            Distinct("replicas[].regionName"),
        ),
    ),
    "aws:dynamodb/tableReplica:TableReplica": Row(
        "dynamodb/table_replica.go",
        (
            Custom(_another_region),
            Follows("globalTableArn", arn),
            Follows("kmsKeyArn", arn),
            OneOf("tableClassOverride", ("STANDARD", "STANDARD_INFREQUENT_ACCESS")),
        ),
    ),
}
