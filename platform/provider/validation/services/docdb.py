"""DocumentDB: clusters, their instances, parameters and subnets."""

from platformctl.provider.validation.formats import arn, daily_window, weekly_window
from platformctl.provider.validation.rules import (
    AtMostOne,
    Count,
    Follows,
    Length,
    OneOf,
    Pattern,
    Range,
    Row,
    When,
)

IDENTIFIER = r"[a-z](-?[a-z0-9]+)*"
NAMED = "small letters, digits and single hyphens, starting with a letter"
RESERVED = ("admin", "administrator", "root")

ROWS = {
    "aws:docdb/cluster:Cluster": Row(
        "docdb/cluster.go",
        (
            AtMostOne(("masterPassword", "manageMasterUserPassword", "masterPasswordWo")),
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
            Pattern("name", IDENTIFIER, NAMED),
            Length("name", 1, 255),
            OneOf("family", ("docdb3.6", "docdb4.0", "docdb5.0", "docdb8.0")),
            OneOf("parameters[].applyMethod", ("immediate", "pending-reboot")),
        ),
    ),
    "aws:docdb/subnetGroup:SubnetGroup": Row(
        "docdb/subnet_group.go",
        (
            Pattern("name", r"[ .0-9a-z-_]{1,255}"),
            Pattern("name", "^default$", "no other's: default is AWS's own", never=True),
            Count("subnetIds", 1),
        ),
    ),
}
