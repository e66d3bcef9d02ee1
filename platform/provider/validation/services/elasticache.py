"""Caches."""

import re

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, daily_window, weekly_window
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

IDENTIFIER = r"[A-Za-z](-?[0-9A-Za-z]+)*"
OF_THE_GLOBAL_GROUP = (
    "numNodeGroups",
    "parameterGroupName",
    "engine",
    "engineVersion",
    "nodeType",
    "securityGroupNames",
    "transitEncryptionEnabled",
    "transitEncryptionMode",
    "atRestEncryptionEnabled",
    "snapshotArns",
    "snapshotName",
)
"""What a member of a global group has from the group."""
VERSION = re.compile(r"([1-5]\.\d+\.\d+|6\.([0-9]|x|2)|[7-9]\.\d+)")


def _replicas(inputs: Inputs) -> Failures:
    """Who takes over must be there; several zones need somebody who takes over."""
    failover = inputs.get("automaticFailoverEnabled") is True
    count = inputs.get("numCacheClusters")
    if failover and isinstance(count, int) and count < 2:
        yield CheckFailure(
            "numCacheClusters",
            f"numCacheClusters must be at least 2 with automaticFailoverEnabled, not {count}",
        )
    if inputs.get("multiAzEnabled") is True and not failover:
        yield CheckFailure(
            "multiAzEnabled", "multiAzEnabled needs automaticFailoverEnabled to be true"
        )


def _version(inputs: Inputs) -> Failures:
    """Redis has a major and a minor version since 6, three parts before; Valkey two."""
    version = inputs.get("engineVersion")
    if isinstance(version, str) and not VERSION.fullmatch(version):
        yield CheckFailure(
            "engineVersion", f"engineVersion must be such as 7.1 or 5.0.6, not {version!r}"
        )


def _token_update(inputs: Inputs) -> Failures:
    """A strategy is about a token that is given, unless it takes the token away."""
    strategy, tokens = inputs.get("authTokenUpdateStrategy"), ("authToken", "authTokenWo")
    if strategy == "DELETE":
        yield from When("authTokenUpdateStrategy", ("DELETE",), excludes=tokens).judge(inputs)
    elif strategy is not None:
        yield from AtLeastOne(tokens).judge(inputs)


ROWS = {
    "aws:elasticache/replicationGroup:ReplicationGroup": Row(
        "elasticache/replication_group.go",
        (
            Length("replicationGroupId", 1, 40),
            Pattern("replicationGroupId", IDENTIFIER),
            Length("description", 1),
            Custom(_replicas),
            Custom(_version),
            OneOf("engine", ("redis", "valkey")),
            AtMostOne(("numCacheClusters", "numNodeGroups")),
            AtMostOne(("numCacheClusters", "replicasPerNodeGroup")),
            AtMostOne(("authToken", "authTokenWo")),
            AtMostOne(("authToken", "userGroupIds")),
            Requires("authTokenWo", ("authTokenWoVersion",)),
            AtMostOne(("nodeGroupConfigurations", "preferredCacheClusterAzs")),
            *(AtMostOne(("globalReplicationGroupId", each)) for each in OF_THE_GLOBAL_GROUP),
            Length("authToken", 16, 128),
            Pattern("authToken", r"[^@\"/\s]*", 'free of @ " / and spaces'),
            When("authToken", (None,), otherwise=True, needs=("transitEncryptionEnabled",)),
            OneOf("authTokenUpdateStrategy", ("SET", "ROTATE", "DELETE")),
            Custom(_token_update),
            OneOf("transitEncryptionMode", ("preferred", "required")),
            Requires("transitEncryptionMode", ("transitEncryptionEnabled",)),
            Requires("kmsKeyId", ("atRestEncryptionEnabled",)),
            Pattern("nodeType", r"cache\.[a-z0-9]+\.[a-z0-9]+"),
            Range("numCacheClusters", 1, 6),
            Range("snapshotRetentionLimit", 0, 35),
            Range("replicasPerNodeGroup", 0),
            Follows("snapshotArns[]", arn),
            Pattern("snapshotArns[]", ",", "without a comma", never=True),
            Follows("notificationTopicArn", arn),
            Range("nodeGroupConfigurations[].replicaCount", 0),
            Pattern("nodeGroupConfigurations[].slots", r"[\d,-]+"),
            Follows("snapshotWindow", daily_window),
            Follows("maintenanceWindow", weekly_window),
            Pattern("finalSnapshotIdentifier", IDENTIFIER),
            Follows("kmsKeyId", arn),
            Count("logDeliveryConfigurations", 0, 2),
            Distinct("logDeliveryConfigurations[].logType"),
            OneOf("logDeliveryConfigurations[].logType", ("slow-log", "engine-log")),
            OneOf("logDeliveryConfigurations[].logFormat", ("json", "text")),
            OneOf(
                "logDeliveryConfigurations[].destinationType",
                ("cloudwatch-logs", "kinesis-firehose"),
            ),
        ),
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": Row(
        "elasticache/parameter_group.go",
        (
            Length("name", 1, 255),
            Pattern("name", IDENTIFIER),
            Length("description", 1, 255),
            OneOf(
                "family",
                (
                    "redis2.6",
                    "redis2.8",
                    "redis3.2",
                    "redis4.0",
                    "redis5.0",
                    "redis6.x",
                    "redis7",
                    "valkey7",
                    "valkey8",
                    "valkey9",
                    "memcached1.4",
                    "memcached1.5",
                    "memcached1.6",
                ),
            ),
        ),
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": Row(
        "elasticache/subnet_group.go",
        (
            Length("name", 1, 255),
            Pattern("name", r"[0-9a-z_.-]+"),
            Pattern("name", "^default$", "no other's: default is AWS's own", never=True),
            Count("subnetIds", 1),
        ),
    ),
}
