"""Keys, groups, roles and secrets."""

import pytest
from support.component_examples import EXAMPLES, GROUPS
from support.paper import ACCOUNT, PaperProject, document

from platformctl.components import ServiceRoleArgs, Statement
from platformctl.components.security import access


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return PaperProject(tmp_path_factory.mktemp("keys")).up(EXAMPLES["Keys"])


@pytest.fixture(scope="module")
def groups(tmp_path_factory):
    return PaperProject(tmp_path_factory.mktemp("groups")).up(GROUPS)


def test_every_key_rotates_and_is_protected(keys):
    for key in keys.all("kms/key:Key"):
        assert key.inputs["enableKeyRotation"]
        assert key.inputs["deletionWindowInDays"] == 30
        assert key.protect


def test_a_key_is_for_its_account_and_the_services_named(keys):
    policy = document(keys.one("kms/key:Key", "it-messages").inputs["policy"])
    account, *services = policy["Statement"]

    assert account["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert [statement["Principal"]["Service"] for statement in services] == [
        "cloudwatch.amazonaws.com",
        "sns.amazonaws.com",
    ]
    for statement in services:
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_logs_may_use_their_key_for_log_groups_of_the_account_only(keys):
    policy = document(keys.one("kms/key:Key", "it-logs").inputs["policy"])

    assert policy["Statement"][1]["Condition"] == {
        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:*:{ACCOUNT}:*"}
    }


def rules(plan, kind):
    return {rule.name: rule.inputs for rule in plan.all(f"SecurityGroup{kind}Rule")}


def test_a_connection_is_allowed_at_both_ends(groups):
    out = rules(groups, "Egress")["it-front-to-back-8080-egress"]
    into = rules(groups, "Ingress")["it-front-to-back-8080-ingress"]

    assert out["securityGroupId"] == "SecurityGroup/it-front"
    assert out["referencedSecurityGroupId"] == "SecurityGroup/it-back"
    assert into["securityGroupId"] == "SecurityGroup/it-back"
    assert into["referencedSecurityGroupId"] == "SecurityGroup/it-front"
    assert out["fromPort"] == into["toPort"] == 8080


def test_addresses_occur_only_where_the_internet_is_one_end(groups):
    with_address = [
        name
        for kind in ("Ingress", "Egress")
        for name, rule in rules(groups, kind).items()
        if "cidrIpv4" in rule
    ]

    assert with_address == ["it-internet-to-front-443-ingress"]


def test_prefix_lists_and_existing_groups_can_be_destinations(groups):
    egress = rules(groups, "Egress")

    assert egress["it-back-to-lake-443-egress"]["prefixListId"] == "pl-1"
    assert egress["it-back-to-door-9000-9010-egress"]["toPort"] == 9010
    assert rules(groups, "Ingress")["it-back-to-door-9000-9010-ingress"]["securityGroupId"] == (
        "sg-door"
    )


def test_no_group_has_rules_of_its_own(groups):
    for group in groups.all("ec2/securityGroup:SecurityGroup"):
        assert not group.inputs.get("ingress")
        assert not group.inputs.get("egress")


def test_a_rule_that_names_nobody_is_refused(paper):
    with pytest.raises(Exception, match="rules name the source 'fornt': known are"):
        paper.up(GROUPS.replace('Allow("front", "back"', 'Allow("fornt", "back"'))


def test_a_role_can_be_taken_by_its_service_for_this_account_only(paper):
    plan = paper.up(EXAMPLES["ServiceRole"])
    (statement,) = document(plan.one("Role", "it").inputs["assumeRolePolicy"])["Statement"]

    assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_a_role_without_statements_has_no_policy(paper):
    plan = paper.up('ServiceRole("it", ServiceRoleArgs(service="ecs-tasks.amazonaws.com"))')

    assert plan.all("RolePolicy") == []


@pytest.mark.parametrize("action", ["*", "s3:*"])
def test_roles_cannot_be_given_whole_services(action):
    arguments = ServiceRoleArgs(
        service="ecs-tasks.amazonaws.com",
        statements=[Statement(actions=[action], resources=["arn:x"])],
    )

    assert list(arguments.mistakes()) == [
        f"statements allow {action!r}: name the actions one by one"
    ]


def test_only_actions_that_know_no_resource_are_allowed_everywhere():
    statements = [
        *access.read_secret("arn:secret", "arn:key"),
        *access.pull_image("arn:repository"),
        *access.publish_metrics("N"),
        *access.describe_kafka("arn:kafka"),
        *access.connect_kafka("arn:kafka"),
        *access.connect_database("arn:database"),
    ]
    everywhere = {a for s in statements if list(s.resources) == ["*"] for a in s.actions}

    assert everywhere == {"ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"}


def test_a_secret_is_a_json_object_that_is_never_written_in_the_clear(paper):
    plan = paper.up("""
    secret = StoredSecret("it", StoredSecretArgs(
        name="it", description="It",
        value={"a": pulumi.Output.from_input("very-hidden"), "port": 1}))
    pulumi.export("reference", secret.reference("a"))
    """)
    version = plan.one("SecretVersion", "it-version")

    assert document(version.inputs["secretString"]) == {"a": "very-hidden", "port": 1}
    assert plan.outputs["reference"].endswith(":a::")
    written = [path.read_text() for path in (paper.folder / "state").rglob("*") if path.is_file()]
    assert written
    assert not any("very-hidden" in text for text in written)
