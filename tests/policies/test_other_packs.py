"""Packs that others wrote, under our engine and beside ours: rules in the style of AWSGuard."""

import textwrap

import pytest
from support.policies import PACK, Program

from platformctl.errors import PolicyViolationError

GUARD = '''
"""One rule a type with options of its own, and one over the whole stack, as AWSGuard has them."""

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    ResourceValidationPolicy,
    StackValidationPolicy,
)


def of_type(token, judge):
    def validate(args, report):
        if args.resource_type != token:
            args.not_applicable("it is of another type")
        judge(args, report)
    return validate


def encrypted(args, report):
    if not args.props.get("storageEncrypted"):
        report("RDS storage must be encrypted.")


def retained(args, report):
    least = args.get_config().get("leastDays", 7)
    if (args.props.get("backupRetentionPeriod") or 0) < least:
        report(f"RDS backups must be kept for {least} days.")


def logged(args, report):
    of_buckets = {
        urn
        for each in args.resources
        if each.resource_type == "aws:s3/bucketLogging:BucketLogging"
        for urn in (source.urn for source in each.property_dependencies.get("bucket", []))
    }
    for each in args.resources:
        if each.resource_type == "aws:s3/bucket:Bucket" and each.urn not in of_buckets:
            report("Buckets must log their accesses.", each.urn)


DATABASE = "aws:rds/instance:Instance"
PolicyPack(
    name="guard",
    enforcement_level=EnforcementLevel.ADVISORY,
    policies=[
        ResourceValidationPolicy(
            "rds-storage-encrypted",
            "RDS instances encrypt their storage.",
            of_type(DATABASE, encrypted),
            EnforcementLevel.MANDATORY,
        ),
        ResourceValidationPolicy(
            "rds-backup-retention",
            "RDS instances keep backups.",
            of_type(DATABASE, retained),
            config_schema=PolicyConfigSchema(
                properties={"leastDays": {"type": "integer", "default": 7}}
            ),
        ),
        StackValidationPolicy("s3-bucket-logging", "Buckets log accesses.", logged),
    ],
)
'''
STACK = """
aws.rds.Instance("db", engine="postgres", allocated_storage=20, instance_class="db.t3.micro",
    username="shop", password=pulumi.Output.secret("swordfish"), skip_final_snapshot=True,
    storage_encrypted={encrypted}, backup_retention_period={days})
logs = aws.s3.Bucket("logs")
data = aws.s3.Bucket("data")
for bucket in (logs, data):
    aws.s3.BucketLogging(f"{{bucket._name}}-logging", bucket=bucket.id, target_bucket=logs.id,
        target_prefix="s3/")
plain = aws.s3.Bucket("plain")
"""


@pytest.fixture
def guard(tmp_path):
    folder = tmp_path / "guard"
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.0.1\n")
    (folder / "__main__.py").write_text(textwrap.dedent(GUARD))
    return folder


def told(program, pack):
    found = [event.policy_event for event in program.events if event.policy_event]
    return sorted(
        (
            each.policy_name,
            str(getattr(each.enforcement_level, "value", each.enforcement_level)),
            (each.resource_urn or "").rpartition("::")[2],
        )
        for each in found
        if each.policy_pack_name == pack
    )


def test_a_pack_that_others_wrote_finds_what_it_is_about(tmp_path, guard):
    program = Program(tmp_path / "shop")

    with pytest.raises(PolicyViolationError):
        program.run(STACK.format(encrypted=False, days=1), packs=[guard])

    assert ("rds-storage-encrypted", "mandatory", "db") in told(program, "guard")
    assert ("rds-backup-retention", "advisory", "db") in told(program, "guard")


def test_its_advice_does_not_stop_an_update_and_names_the_resource(tmp_path, guard):
    program = Program(tmp_path / "shop")

    program.run(STACK.format(encrypted=True, days=7), packs=[guard])

    assert told(program, "guard") == [("s3-bucket-logging", "advisory", "plain")]


def test_two_packs_judge_the_same_program_each_for_itself(tmp_path, guard):
    program = Program(tmp_path / "shop", stack="local")

    program.run(STACK.format(encrypted=True, days=1), packs=[PACK, guard])

    assert ("rds-backup-retention", "advisory", "db") in told(program, "guard")
    assert program.told != []
    assert {name for name, _, _ in told(program, "guard")} == {
        "rds-backup-retention",
        "s3-bucket-logging",
    }
