"""DocumentDB: clusters, their instances, parameters and subnets."""

from platformctl.provider.validation.formats import arn, daily_window, weekly_window
from platformctl.provider.validation.paths import values
from platformctl.provider.validation.rules import (
    AtMostOne,
    Count,
    Custom,
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
    refused,
)

IDENTIFIER = r"[a-z](-?[a-z0-9]+)*"
PREFIX = r"[a-z](-?[a-z0-9]+)*-?"
NAMED = "small letters, digits and single hyphens, starting with a letter"
RESERVED = ("admin", "administrator", "root")
HALF = 0.5
CAPACITY = "serverlessV2ScalingConfiguration"


def _capacity(inputs: Inputs) -> Failures:
    """Capacity without servers comes in halves."""
    for key in ("minCapacity", "maxCapacity"):
        for place, units in values(inputs, f"{CAPACITY}.{key}"):
            if isinstance(units, int | float) and units % HALF:
                yield refused(place, units, f"a multiple of {HALF}")


ROWS = {
    "aws:docdb/cluster:Cluster": Row(
        "docdb/cluster.go",
        (
            AtMostOne(("masterPassword", "manageMasterUserPassword", "masterPasswordWo")),
            Requires("masterPasswordWo", ("masterPasswordWoVersion",)),
            Requires("masterPasswordWoVersion", ("masterPasswordWo",)),
            AtMostOne(("snapshotIdentifier", "restoreToPointInTime")),
            AtMostOne(("restoreToTime", "useLatestRestorableTime"), "restoreToPointInTime"),
            OneOf("restoreToPointInTime.restoreType", ("full-copy", "copy-on-write")),
            Range(f"{CAPACITY}.minCapacity", HALF, 256),
            Range(f"{CAPACITY}.maxCapacity", 1, 256),
            Custom(_capacity),
            Pattern("globalClusterIdentifier", r"[A-Za-z](-?[0-9A-Za-z]+)*-?"),
            Length("globalClusterIdentifier", 1, 255),
            OneOf("networkType", ("IPV4", "DUAL")),
            AtMostOne(("clusterIdentifier", "clusterIdentifierPrefix")),
            Pattern("clusterIdentifierPrefix", PREFIX, NAMED),
            Pattern("clusterIdentifier", IDENTIFIER, NAMED),
            Length("clusterIdentifier", 1, 63),
            OneOf("engine", ("docdb",)),
            Pattern("engineVersion", r"\d+\.\d+\.\d+"),
            Pattern("masterUsername", r"[A-Za-z]\w{0,62}"),
            Pattern("masterUsername", rf"^({'|'.join(RESERVED)})$", "no reserved word", never=True),
            Length("masterPassword", 8, 100),
            Pattern("masterPassword", r"[^/\"@]*", 'free of / " and @'),
            Range("backupRetentionPeriod", 1, 35),
            Follows("preferredBackupWindow", daily_window),
            Follows("preferredMaintenanceWindow", weekly_window),
            Follows("kmsKeyId", arn),
            Range("port", 1150, 65_535),
            OneOf("enabledCloudwatchLogsExports[]", ("audit", "profiler")),
            OneOf("storageType", ("", "standard", "iopt1")),
            When("skipFinalSnapshot", (True,), otherwise=True, needs=("finalSnapshotIdentifier",)),
            Pattern("finalSnapshotIdentifier", r"[0-9A-Za-z](-?[0-9A-Za-z]+)*"),
        ),
    ),
    "aws:docdb/clusterInstance:ClusterInstance": Row(
        "docdb/cluster_instance.go",
        (
            AtMostOne(("identifier", "identifierPrefix")),
            Pattern("identifierPrefix", PREFIX, NAMED),
            Pattern("identifier", IDENTIFIER, NAMED),
            Length("identifier", 1, 63),
            OneOf("engine", ("docdb",)),
            Pattern("instanceClass", r"db\.[a-z0-9]+\.[a-z0-9]+"),
            Range("promotionTier", 0, 15),
            Follows("preferredMaintenanceWindow", weekly_window),
        ),
    ),
    "aws:docdb/clusterParameterGroup:ClusterParameterGroup": Row(
        "docdb/cluster_parameter_group.go",
        (
            AtMostOne(("name", "namePrefix")),
            Pattern("namePrefix", PREFIX, NAMED),
            Pattern("name", IDENTIFIER, NAMED),
            Length("name", 1, 255),
            Pattern("family", r"docdb\d+\.\d+", "a family such as docdb5.0"),
            OneOf("parameters[].applyMethod", ("immediate", "pending-reboot")),
        ),
    ),
    "aws:docdb/subnetGroup:SubnetGroup": Row(
        "docdb/subnet_group.go",
        (
            AtMostOne(("name", "namePrefix")),
            Pattern("namePrefix", r"[ .0-9a-z_-]{1,229}"),
            Pattern("name", r"[ .0-9a-z-_]{1,255}"),
            Pattern("name", "^default$", "no other's: default is AWS's own", never=True),
            Count("subnetIds", 1),
        ),
    ),
}
