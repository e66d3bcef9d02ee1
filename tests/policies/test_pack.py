"""The rules as a CrossGuard pack under our engine, beside the plain check."""

import pytest
from support.policies import PACK, Program

from platformctl.errors import PolicyViolationError
from platformctl.policies.check import check
from platformctl.policies.view import stack_view

BAD = """
group = aws.ec2.SecurityGroup("web", ingress=[
    {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}])
aws.rds.Instance("db", engine="postgres", allocated_storage=20, instance_class="db.t3.micro",
    username="shop", skip_final_snapshot=True, publicly_accessible=True,
    password=pulumi.Output.secret("swordfish"), vpc_security_group_ids=[group.id])
aws.cloudwatch.LogGroup("log")
"""


def found(records, environment):
    report = check(stack_view(records), environment)
    return sorted(
        ("mandatory" if each.blocks else "advisory", each.rule, each.name)
        for each in report.findings
    )


def test_the_pack_finds_what_the_check_finds(tmp_path):
    expected = found(Program(tmp_path / "plain").run(BAD), "production")
    program = Program(tmp_path / "judged")

    with pytest.raises(PolicyViolationError, match="mandatory"):
        program.run(BAD, packs=[PACK])

    assert program.told == expected
    assert ("mandatory", "rds-not-public", "db") in expected
    assert ("mandatory", "data-store-not-internet-reachable", "db") in expected
    assert ("mandatory", "rds-managed-password", "db") not in expected


def test_a_preview_is_refused_before_anything_is_made(tmp_path):
    program = Program(tmp_path)

    with pytest.raises(PolicyViolationError):
        program.run(BAD, packs=[PACK], preview=True)

    assert ("mandatory", "security-group-no-open-admin-ports", "web") in program.told
    assert not [
        each for each in program.events if each.diagnostic_event and "swordfish" in str(each)
    ]


def test_pure_defaults_are_mended_outside_of_production_and_told(tmp_path):
    source = """
    tags = {"Owner": "shop", "Product": "shop", "CostCenter": "1", "Component": "web",
            "DataClass": "internal"}
    aws.cloudwatch.LogGroup("log", tags=tags)
    aws.lb.LoadBalancer("balancer", subnets=["subnet-1", "subnet-2"], tags=tags)
    """
    program = Program(tmp_path, stack="staging")

    records = program.run(source, packs=[PACK])

    inputs = {each["urn"].rpartition("::")[2]: each["inputs"] for each in records}
    assert inputs["log"]["retentionInDays"] == 30
    assert inputs["log"]["tags"]["Environment"] == "staging"
    assert inputs["log"]["tags"]["Owner"] == "shop"
    assert inputs["balancer"]["dropInvalidHeaderFields"] is True
    assert ("advisory", "log-group-retention", "log") in program.told


def test_nothing_is_mended_in_production(tmp_path):
    program = Program(tmp_path)

    with pytest.raises(PolicyViolationError):
        program.run('aws.cloudwatch.LogGroup("log")', packs=[PACK])

    assert ("mandatory", "log-group-retention", "log") in program.told


def test_a_waiver_in_the_program_holds_under_the_pack_too(tmp_path):
    source = """
    import datetime
    topic = aws.sns.Topic("orders", kms_master_key_id="alias/aws/sns", tags={
        "Environment": "production", "Product": "shop", "ManagedBy": "pulumi", "CostCenter": "1",
        "Owner": "shop", "Component": "orders"})
    until = (datetime.date.today() + datetime.timedelta(days=90)).isoformat()
    waive(topic, "required-tags", reason="it holds no data", owner="shop", until=until)
    """
    program = Program(tmp_path)

    program.run(source, packs=[PACK])

    assert program.told == [("advisory", "required-tags", "orders")]
