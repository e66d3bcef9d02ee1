"""Which rules are on where: the table that was agreed on, independent of the rules."""

import re
from pathlib import Path

import platformctl.policies
from platformctl.policies.packs import GROUPS, everything, pack, rule

# Rule: severity ("" where it was left open), level in staging, level in production.
AGREED = """
vpc-default-security-group-closed high mandatory mandatory
vpc-default-vpc-unused medium mandatory mandatory
security-group-no-open-admin-ports critical mandatory mandatory
security-group-no-open-data-ports critical mandatory mandatory
security-group-open-ingress-http-only high mandatory mandatory
security-group-rule-described low advisory advisory
network-acl-no-open-admin-ports high mandatory mandatory
subnet-no-auto-public-ip medium mandatory mandatory
flow-log-captures-rejects medium advisory mandatory
alb-listener-https-or-redirect high mandatory mandatory
alb-listener-modern-tls high mandatory mandatory
alb-drops-invalid-headers medium mandatory mandatory
alb-access-logs medium advisory mandatory
alb-deletion-protection medium off mandatory
alb-desync-defensive medium mandatory mandatory
alb-two-zones medium mandatory mandatory
target-group-health-check-real high mandatory mandatory
target-group-drain-bounded medium advisory advisory
waf-acl-has-rules medium mandatory mandatory
waf-acl-metrics medium advisory mandatory
cloudfront-viewer-https high mandatory mandatory
cloudfront-tls12-minimum high mandatory mandatory
cloudfront-origin-https medium mandatory mandatory
cloudfront-waf-attached medium advisory mandatory
cloudfront-logging medium advisory mandatory
cloudfront-s3-origin-access-control medium mandatory mandatory
cloudfront-custom-certificate medium advisory mandatory
route53-failover-has-health-signal high mandatory mandatory
route53-failover-ttl-short high advisory mandatory
route53-health-check-fast medium advisory mandatory
acm-strong-key medium mandatory mandatory
ecs-service-no-public-ip high mandatory mandatory
ecs-task-no-host-namespaces high mandatory mandatory
ecs-container-not-privileged high mandatory mandatory
ecs-container-readonly-root high advisory mandatory
ecs-no-plaintext-secrets critical mandatory mandatory
ecs-container-logs high mandatory mandatory
ecs-image-pinned medium advisory mandatory
ecs-task-role-separate medium mandatory mandatory
ecs-efs-in-transit medium mandatory mandatory
ecs-fargate-latest-platform medium advisory mandatory
ecs-rollback-configured high mandatory mandatory
ecs-bake-time-minimum medium advisory mandatory
ecs-two-tasks medium off mandatory
ecs-exec-audited medium advisory mandatory
ecs-container-insights medium advisory mandatory
ecr-scan-on-push high mandatory mandatory
ecr-immutable-tags medium advisory mandatory
ecr-no-public-policy critical mandatory mandatory
eks-endpoint-restricted high advisory mandatory
eks-secrets-encrypted medium mandatory mandatory
eks-audit-logs medium advisory mandatory
eks-supported-version high advisory mandatory
lambda-no-public-permission critical mandatory mandatory
lambda-url-authenticated critical mandatory mandatory
lambda-supported-runtime medium mandatory mandatory
lambda-no-plaintext-secrets critical mandatory mandatory
lambda-two-subnets medium advisory mandatory
lambda-tracing low advisory mandatory
lambda-stream-poison-handling medium advisory mandatory
rds-not-public critical mandatory mandatory
rds-storage-encrypted high mandatory mandatory
rds-multi-az medium off mandatory
rds-deletion-protection high off mandatory
rds-final-snapshot high off mandatory
rds-backup-retention high advisory mandatory
rds-auto-minor-upgrade medium advisory advisory
rds-copy-tags low advisory mandatory
rds-logs-exported medium advisory mandatory
rds-managed-password high mandatory mandatory
rds-iam-auth medium advisory advisory
rds-tls-forced high mandatory mandatory
rds-ca-current medium advisory mandatory
rds-proxy-requires-tls medium mandatory mandatory
elasticache-encrypted-at-rest high mandatory mandatory
elasticache-encrypted-in-transit high mandatory mandatory
elasticache-auth medium advisory mandatory
elasticache-failover medium off mandatory
elasticache-snapshots medium off mandatory
dynamodb-pitr high advisory mandatory
dynamodb-deletion-protection medium off mandatory
dynamodb-scales medium advisory mandatory
s3-public-access-blocked high mandatory mandatory
s3-no-public-acl critical mandatory mandatory
s3-acls-disabled medium advisory mandatory
s3-versioned high advisory mandatory
s3-kms-default medium advisory mandatory
s3-tls-only medium mandatory mandatory
s3-policy-not-public critical mandatory mandatory
s3-no-force-destroy high off mandatory
docdb-encrypted high mandatory mandatory
docdb-tls high mandatory mandatory
docdb-backup-retention high advisory mandatory
docdb-audit-logs medium advisory mandatory
docdb-deletion-protection high off mandatory
kinesis-encrypted high mandatory mandatory
kinesis-retention medium advisory mandatory
msk-encrypted-in-transit high mandatory mandatory
msk-not-public critical mandatory mandatory
msk-authenticated high mandatory mandatory
msk-broker-logs medium advisory mandatory
sqs-encrypted medium mandatory mandatory
sqs-policy-not-public critical mandatory mandatory
sqs-has-dlq medium advisory mandatory
sns-encrypted medium advisory mandatory
sns-policy-not-public critical mandatory mandatory
iam-no-admin-policy critical mandatory mandatory
iam-no-service-wildcards high advisory mandatory
iam-no-privilege-escalation high advisory mandatory
iam-no-decrypt-all-keys high mandatory mandatory
iam-trust-scoped critical mandatory mandatory
iam-no-long-lived-users high mandatory mandatory
kms-rotation high mandatory mandatory
kms-policy-not-public critical mandatory mandatory
kms-deletion-window high advisory mandatory
secret-rotation-interval medium advisory mandatory
secret-recovery-window medium off mandatory
log-group-retention medium mandatory mandatory
alarm-has-actions high advisory mandatory
backup-vault-cmk medium advisory mandatory
backup-vault-no-force-destroy high mandatory mandatory
backup-plan-retention high advisory mandatory
backup-plan-copies-to-dr high off mandatory
required-tags medium mandatory mandatory
stateful-protected high off mandatory
region-allowed high mandatory mandatory
data-store-not-internet-reachable - mandatory mandatory
data-store-subnets-private - mandatory mandatory
public-lb-has-waf - advisory mandatory
lb-behind-cdn-is-closed - advisory mandatory
vpc-flow-logs-present - advisory mandatory
vpc-default-sg-adopted - mandatory mandatory
vpc-endpoints-for-private-pulls - advisory advisory
service-has-alarms - advisory mandatory
data-store-has-alarms - advisory mandatory
alarm-reaches-someone - advisory mandatory
every-data-store-in-a-backup-plan - advisory mandatory
backup-copied-and-locked - off mandatory
restore-test-covers-every-type - off advisory
dr-replica-exists - off mandatory
dr-replica-key-local - off mandatory
dr-secrets-images-certs-present - off mandatory
dr-s3-replication-complete - off mandatory
dr-dns-pair-complete - off mandatory
dr-standby-service-matches - off advisory
msk-replication-covers-groups - off advisory
bluegreen-wiring-complete - mandatory mandatory
no-orphan-routing - advisory advisory
sg-rules-one-shape - mandatory mandatory
role-policies-one-shape - mandatory mandatory
one-task-role-per-service - advisory mandatory
secrets-match-grants - advisory advisory
bucket-companions - advisory mandatory
log-bucket-sane - advisory advisory
queue-dlq-chain - advisory mandatory
autoscaling-present-and-not-fought - advisory mandatory
kms-key-used-and-kept - advisory mandatory
zones-spread - advisory mandatory
no-cross-environment-references - mandatory mandatory
cdn-logging-any-version - advisory mandatory
public-zone-query-logging - off advisory
secret-is-read - advisory mandatory
kms-key-matches-data-class - advisory mandatory
role-statements-used - advisory mandatory
cost-within-budget - advisory mandatory
"""
TABLE = [line.split() for line in AGREED.split("\n") if line]


def test_every_rule_has_the_levels_that_were_agreed_on():
    ours = [
        (each.id, str(each.level("staging")), str(each.level("production")))
        for each in everything()
    ]

    assert sorted(ours) == sorted((name, stg, prod) for name, _, stg, prod in TABLE)


def test_every_rule_has_the_severity_that_was_agreed_on():
    wrong = [
        name for name, severity, _, _ in TABLE if severity not in ("-", str(rule(name).severity))
    ]

    assert wrong == []


def test_nothing_is_more_than_advice_in_the_local_environment():
    assert {str(each.level("local")) for each in everything()} == {"off", "advisory"}


def test_an_environment_without_a_name_of_its_own_is_treated_as_production():
    assert pack("acceptance") == pack("production")


def test_packs_hold_what_is_not_switched_off():
    assert {each.id for each in everything()} - {each.id for each in pack("staging")} == {
        name for name, _, staging, _ in TABLE if staging == "off"
    }


def test_every_file_is_a_rule_of_the_pack_and_is_named_after_it():
    folder = Path(platformctl.policies.__file__).parent / "rules"
    files = sorted(
        f"{file.parent.name}/{file.stem.replace('_', '-')}"
        for file in folder.glob("*/*.py")
        if file.stem != "__init__"
    )

    assert files == sorted(f"{group}/{name}" for group, names in GROUPS.items() for name in names)
    assert [name for names in GROUPS.values() for name in names if rule(name).id != name] == []


def test_every_rule_says_why_and_what_to_do():
    for each in everything():
        assert re.fullmatch(r"[A-Z`].*[^.]", each.title), each.id
        assert each.why.endswith("."), each.id
        assert re.fullmatch(r".*[^.]", each.fix), each.id
