"""Databases, their parameters and subnets, and proxies."""

import re

from platformctl.plugin.provider import CheckFailure
from platformctl.plugin.values import UNKNOWN
from platformctl.provider.validation.formats import arn, daily_window, weekly_window
from platformctl.provider.validation.paths import is_given
from platformctl.provider.validation.rules import (
    AtLeastOne,
    AtMostOne,
    Count,
    Custom,
    ExactlyOne,
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

IDENTIFIER = r"[a-z](-?[a-z0-9]+)*"
NAMED = "small letters, digits and single hyphens, starting with a letter"
PARAMETERS = r"[a-z](-?[0-9a-z.]+)*"
SOURCES = ("replicateSourceDb", "snapshotIdentifier", "restoreToPointInTime", "s3Import")
DIRECTORY = ("domain", "domainIamRoleName")
OWN_DIRECTORY = ("domainFqdn", "domainOu", "domainAuthSecretArn", "domainDnsIps")
"""A directory of AWS's, and one of one's own."""
INSIGHTS = (7, 731, *range(31, 714, 31))
MONITORING = (0, 1, 5, 10, 15, 30, 60)
PARAMETER_FAMILY = r"(aurora-)?(postgres|postgresql|mysql|mariadb|oracle|sqlserver)[\w.-]+"
RESERVED = re.compile(r"(admin|rdsadmin|rdsrepladmin|postgres_fdw|public|user|table|analyze)")
SMALLEST_GP3 = 20
CLASS = r"db\.[a-z0-9]+\.[a-z0-9.-]+"
LOGS = {
    "postgres": ("postgresql", "upgrade", "iam-db-auth-error"),
    "mysql": ("audit", "error", "general", "slowquery", "iam-db-auth-error"),
}


def _master(inputs: Inputs) -> Failures:
    """A database that is made from nothing has an engine, a user and a password."""
    made_from = any(inputs.get(each) is not None for each in SOURCES)
    if made_from:
        return
    yield from AtLeastOne(("engine",)).judge(inputs)
    yield from AtLeastOne(("username",)).judge(inputs)
    yield from AtLeastOne(("allocatedStorage",)).judge(inputs)
    yield from AtLeastOne(("password", "passwordWo", "manageMasterUserPassword")).judge(inputs)


def _engine(inputs: Inputs) -> Failures:
    """What depends on the engine: names, logs."""
    engine, user = inputs.get("engine"), inputs.get("username")
    if engine == "postgres":
        yield from Pattern("dbName", r"[A-Za-z_]\w{0,62}").judge(inputs)
        yield from Pattern("username", r"[A-Za-z]\w{0,62}").judge(inputs)
        if isinstance(user, str) and RESERVED.fullmatch(user):
            yield CheckFailure("username", f"username {user} is a reserved word of {engine}")
    if engine in LOGS:
        yield from OneOf("enabledCloudwatchLogsExports[]", LOGS[engine]).judge(inputs)


def _storage(inputs: Inputs) -> Failures:
    """Storage is as large as its type wants; it can grow only upwards."""
    size, most = inputs.get("allocatedStorage"), inputs.get("maxAllocatedStorage")
    if isinstance(size, int) and inputs.get("storageType") in ("gp2", "gp3"):
        yield from Range("allocatedStorage", SMALLEST_GP3, 65_536).judge(inputs)
    if isinstance(size, int) and isinstance(most, int) and most and most < size:
        yield CheckFailure(
            "maxAllocatedStorage", f"maxAllocatedStorage {most} must not be below {size}"
        )
    kind = inputs.get("storageType")
    if inputs.get("storageThroughput") is not None and isinstance(kind, str) and kind != "gp3":
        yield CheckFailure("storageThroughput", "storageThroughput is for storage of type gp3")


def _key(inputs: Inputs) -> Failures:
    """A replica in its source's region, which is then named and not an ARN, has its key."""
    source = inputs.get("replicateSourceDb")
    if isinstance(source, str) and arn(source) and is_given(inputs, "kmsKeyId"):
        sentence = "kmsKeyId cannot be given for a replica in the region of its source"
        yield CheckFailure("kmsKeyId", sentence)


def _monitoring(inputs: Inputs) -> Failures:
    """A role is needed where the system is monitored, and only there."""
    interval = inputs.get("monitoringInterval")
    if isinstance(interval, int) and interval:
        yield from AtLeastOne(("monitoringRoleArn",)).judge(inputs)


def _final_snapshot(inputs: Inputs) -> Failures:
    """What is deleted with a last snapshot says its name; a replica is deleted without one."""
    if inputs.get("skipFinalSnapshot") in (True, UNKNOWN) or "replicateSourceDb" in inputs:
        return
    yield from AtLeastOne(("finalSnapshotIdentifier",)).judge(inputs)


ROWS = {
    "aws:rds/instance:Instance": Row(
        "rds/instance.go",
        (
            AtMostOne(("identifier", "identifierPrefix")),
            Length("identifier", 1, 63),
            Pattern("identifier", IDENTIFIER, NAMED),
            AtMostOne(SOURCES),
            AtMostOne(("password", "passwordWo", "manageMasterUserPassword")),
            AtMostOne(("replicateSourceDb", "username")),
            AtMostOne(("replicateSourceDb", "dbName")),
            AtMostOne(("replicateSourceDb", "blueGreenUpdate")),
            Requires("upgradeStorageConfig", ("replicateSourceDb",)),
            Requires("passwordWo", ("passwordWoVersion",)),
            Requires("passwordWoVersion", ("passwordWo",)),
            *(AtMostOne((one, other)) for one in DIRECTORY for other in OWN_DIRECTORY),
            AtMostOne(("restoreTime", "useLatestRestorableTime"), "restoreToPointInTime"),
            Pattern("identifierPrefix", r"[a-z](-?[0-9a-z]+)*-?", NAMED),
            Pattern("customIamInstanceProfile", "AWSRDSCustom.*"),
            OneOf(
                "engineLifecycleSupport",
                ("open-source-rds-extended-support", "open-source-rds-extended-support-disabled"),
            ),
            OneOf("backupTarget", ("outposts", "region")),
            Custom(_master),
            Custom(_engine),
            Custom(_storage),
            Custom(_key),
            Custom(_monitoring),
            Custom(_final_snapshot),
            Length("password", 8, 128),
            Pattern("password", r"[^/\"@\s]*", 'free of / " @ and spaces'),
            Pattern("instanceClass", CLASS),
            Pattern("engineVersion", r"\d+(\.[\w.-]+)*"),
            OneOf("monitoringInterval", MONITORING),
            Follows("monitoringRoleArn", arn),
            Follows("kmsKeyId", arn),
            Follows("performanceInsightsKmsKeyId", arn),
            OneOf("performanceInsightsRetentionPeriod", INSIGHTS),
            When(
                "performanceInsightsEnabled",
                (True,),
                otherwise=True,
                excludes=("performanceInsightsKmsKeyId",),
            ),
            Requires("kmsKeyId", ("storageEncrypted",)),
            Range("backupRetentionPeriod", 0, 35),
            Follows("backupWindow", daily_window),
            Follows("maintenanceWindow", weekly_window),
            Range("port", 1150, 65_535),
            OneOf("storageType", ("standard", "gp2", "gp3", "io1", "io2")),
            Pattern("finalSnapshotIdentifier", r"[A-Za-z](-?[0-9A-Za-z]+)*"),
            Length("finalSnapshotIdentifier", 1, 255),
            OneOf("networkType", ("IPV4", "DUAL")),
        ),
    ),
    "aws:rds/parameterGroup:ParameterGroup": Row(
        "rds/parameter_group.go",
        (
            AtMostOne(("name", "namePrefix")),
            Length("name", 1, 255),
            Pattern("name", PARAMETERS, NAMED),
            Pattern("family", PARAMETER_FAMILY),
            Length("description", 1, 255),
            OneOf("parameters[].applyMethod", ("immediate", "pending-reboot")),
        ),
    ),
    "aws:rds/subnetGroup:SubnetGroup": Row(
        "rds/subnet_group.go",
        (
            Length("name", 1, 255),
            Pattern("name", r"[ .0-9a-z_-]+"),
            Length("namePrefix", 0, 229),
            Pattern("name", "^default$", "no other's: default is AWS's own", never=True),
            Count("subnetIds", 2),
        ),
    ),
    "aws:rds/proxy:Proxy": Row(
        "rds/proxy.go",
        (
            Pattern("name", IDENTIFIER, NAMED),
            Length("name", 1, 63),
            When("defaultAuthScheme", ("IAM_AUTH",), otherwise=True, needs=("auths",)),
            OneOf("engineFamily", ("MYSQL", "POSTGRESQL", "SQLSERVER")),
            OneOf("auths[].authScheme", ("SECRETS",)),
            OneOf("auths[].iamAuth", ("DISABLED", "REQUIRED", "ENABLED")),
            Follows("auths[].secretArn", arn),
            Follows("roleArn", arn),
            Range("idleClientTimeout", 1, 28_800),
            Count("vpcSubnetIds", 2),
        ),
    ),
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": Row(
        "rds/proxy_default_target_group.go",
        (
            Range("connectionPoolConfig.maxConnectionsPercent", 1, 100),
            Range("connectionPoolConfig.maxIdleConnectionsPercent", 0, 100),
            Range("connectionPoolConfig.connectionBorrowTimeout", 0, 3600),
        ),
    ),
    "aws:rds/proxyTarget:ProxyTarget": Row(
        "rds/proxy_target.go",
        (
            ExactlyOne(("dbInstanceIdentifier", "dbClusterIdentifier")),
            Pattern("dbProxyName", IDENTIFIER, NAMED),
            Pattern("targetGroupName", IDENTIFIER, NAMED),
            Pattern("dbClusterIdentifier", IDENTIFIER, NAMED),
            Pattern("dbInstanceIdentifier", IDENTIFIER, NAMED),
        ),
    ),
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": Row(
        "rds/instance_automated_backups_replication.go",
        (
            Follows("sourceDbInstanceArn", arn),
            Follows("kmsKeyId", arn),
            Range("retentionPeriod", 1, 35),
        ),
    ),
}
