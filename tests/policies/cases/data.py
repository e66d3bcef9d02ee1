"""Rule, answer, properties, and the type where it is not the rule's first."""

import json

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
CLUSTER = "aws:rds/cluster:Cluster"
REPLICA = {"replicateSourceDb": "shop"}
TLS, PUBLIC = "s3-tls-only", "s3-policy-not-public"


def policy(**said):
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", **said}
    return {"policy": json.dumps({"Statement": [statement]})}


PLAIN = {"Bool": {"aws:SecureTransport": "false"}}
CASES = [
    (
        "rds-not-public",
        "violates",
        {"publiclyAccessible": True},
        "aws:rds/clusterInstance:ClusterInstance",
    ),
    ("rds-not-public", "complies", {}, ""),
    ("rds-not-public", "unknown", {"publiclyAccessible": UNKNOWN}, ""),
    ("rds-storage-encrypted", "violates", {}, CLUSTER),
    ("rds-storage-encrypted", "not applicable", REPLICA, ""),
    ("rds-storage-encrypted", "unknown", {"storageEncrypted": UNKNOWN}, ""),
    ("rds-multi-az", "not applicable", REPLICA, ""),
    ("rds-multi-az", "violates", {}, ""),
    ("rds-deletion-protection", "violates", {}, CLUSTER),
    ("rds-deletion-protection", "not applicable", REPLICA, ""),
    ("rds-final-snapshot", "complies", {}, ""),
    ("rds-final-snapshot", "violates", {"skipFinalSnapshot": True}, CLUSTER),
    ("rds-backup-retention", "violates", {"backupRetentionPeriod": 6}, ""),
    ("rds-backup-retention", "complies", {"backupRetentionPeriod": 7}, ""),
    ("rds-backup-retention", "violates", {}, ""),
    ("rds-backup-retention", "unknown", {"backupRetentionPeriod": UNKNOWN}, ""),
    ("rds-auto-minor-upgrade", "complies", {}, ""),
    ("rds-copy-tags", "violates", {}, CLUSTER),
    ("rds-logs-exported", "violates", {}, ""),
    ("rds-managed-password", "complies", {"password": UNKNOWN}, ""),
    ("rds-managed-password", "complies", {"password": "[secret]"}, ""),
    ("rds-managed-password", "not applicable", REPLICA | {"password": "x"}, ""),
    ("rds-managed-password", "violates", {"masterPassword": "x"}, CLUSTER),
    ("rds-iam-auth", "violates", {}, CLUSTER),
    ("rds-iam-auth", "unknown", {"iamDatabaseAuthenticationEnabled": UNKNOWN}, ""),
    ("rds-tls-forced", "violates", {"family": "postgres15"}, ""),
    ("rds-tls-forced", "violates", {"family": "mysql8.0"}, ""),
    (
        "rds-tls-forced",
        "complies",
        {"family": "mysql8.0", "parameters": [{"name": "require_secure_transport", "value": "on"}]},
        "",
    ),
    ("rds-tls-forced", "unknown", {"parameters": UNKNOWN}, ""),
    ("rds-ca-current", "complies", {}, ""),
    ("rds-proxy-requires-tls", "violates", {"requireTls": True, "debugLogging": True}, ""),
    ("rds-proxy-requires-tls", "unknown", {"requireTls": UNKNOWN}, ""),
    ("elasticache-encrypted-at-rest", "violates", {}, ""),
    (
        "elasticache-encrypted-in-transit",
        "violates",
        {"transitEncryptionEnabled": True, "transitEncryptionMode": "preferred"},
        "",
    ),
    ("elasticache-encrypted-in-transit", "complies", {"transitEncryptionEnabled": True}, ""),
    ("elasticache-auth", "complies", {"authToken": "[secret]"}, ""),
    ("elasticache-auth", "complies", {"authToken": UNKNOWN}, ""),
    ("elasticache-failover", "violates", {"automaticFailoverEnabled": True}, ""),
    (
        "elasticache-failover",
        "unknown",
        {"automaticFailoverEnabled": UNKNOWN, "multiAzEnabled": True},
        "",
    ),
    ("elasticache-snapshots", "violates", {}, ""),
    (
        "dynamodb-pitr",
        "violates",
        {"pointInTimeRecovery": {"enabled": True}, "replicas": [{"regionName": "us-west-2"}]},
        "",
    ),
    ("dynamodb-pitr", "unknown", {"pointInTimeRecovery": UNKNOWN}, ""),
    ("dynamodb-deletion-protection", "violates", {}, ""),
    ("dynamodb-scales", "violates", {}, ""),
    ("dynamodb-scales", "unknown", {"billingMode": UNKNOWN}, ""),
    ("s3-public-access-blocked", "violates", {}, ""),
    (
        "s3-public-access-blocked",
        "unknown",
        dict.fromkeys(
            ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"),
            UNKNOWN,
        ),
        "",
    ),
    (
        "s3-no-public-acl",
        "violates",
        {
            "accessControlPolicy": {
                "grants": [{"grantee": {"uri": "http://acs.amazonaws.com/groups/global/AllUsers"}}]
            }
        },
        "",
    ),
    ("s3-no-public-acl", "complies", {}, "aws:s3/bucketAclV2:BucketAclV2"),
    ("s3-acls-disabled", "violates", {"rule": {"objectOwnership": "BucketOwnerPreferred"}}, ""),
    ("s3-versioned", "violates", {}, "aws:s3/bucketVersioningV2:BucketVersioningV2"),
    ("s3-versioned", "unknown", {"versioningConfiguration": UNKNOWN}, ""),
    (TLS, "complies", policy(Condition=PLAIN), ""),
    (TLS, "complies", policy(Condition={"Bool": {"aws:SecureTransport": False}}, Action="*"), ""),
    (TLS, "violates", policy(Condition=PLAIN, Action="s3:GetObject"), ""),
    (TLS, "violates", policy(Condition=PLAIN, Principal={"AWS": "arn:aws:iam::1:root"}), ""),
    (TLS, "violates", policy(Condition={"Bool": {"aws:SecureTransport": "true"}}), ""),
    (TLS, "violates", policy(Condition=PLAIN, Effect="Allow"), ""),
    (TLS, "unknown", {"policy": UNKNOWN}, ""),
    (PUBLIC, "violates", policy(Effect="Allow", Principal={"AWS": ["x", "*"]}), ""),
    (
        PUBLIC,
        "violates",
        policy(Effect="Allow", Condition={"StringLike": {"aws:PrincipalOrgID": "*"}}),
        "",
    ),
    (PUBLIC, "violates", policy(Effect="Allow", Condition=PLAIN), ""),
    (
        PUBLIC,
        "complies",
        policy(Effect="Allow", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        "",
    ),
    (PUBLIC, "complies", policy(), ""),
    (PUBLIC, "unknown", {"policy": UNKNOWN}, ""),
    ("s3-no-force-destroy", "complies", {}, "aws:s3/bucketV2:BucketV2"),
    ("s3-no-force-destroy", "violates", {"forceDestroy": True}, "aws:s3/bucketV2:BucketV2"),
    ("docdb-encrypted", "violates", {}, ""),
    ("docdb-tls", "complies", {}, ""),
    ("docdb-tls", "unknown", {"parameters": [{"name": "tls", "value": UNKNOWN}]}, ""),
    ("docdb-backup-retention", "violates", {}, ""),
    ("docdb-audit-logs", "violates", {}, ""),
    (
        "docdb-deletion-protection",
        "violates",
        {"deletionProtection": True, "skipFinalSnapshot": True},
        "",
    ),
]
