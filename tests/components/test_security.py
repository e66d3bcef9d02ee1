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


@pytest.mark.parametrize("service", ["rds.amazonaws.com", "s3.amazonaws.com"])
def test_a_service_that_does_not_say_whom_it_acts_for_can_take_its_role(paper, service):
    plan = paper.up(f'ServiceRole("it", ServiceRoleArgs(service="{service}"))')
    (statement,) = document(plan.one("Role", "it").inputs["assumeRolePolicy"])["Statement"]

    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }


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


FIREWALL = 'WebFirewall("it", WebFirewallArgs(firewall_name="it", {more}))'


def firewall_rules(plan):
    return {rule["name"]: rule for rule in plan.one("WebAcl", "it").inputs["rules"]}


def test_a_firewall_blocks_what_the_managed_rules_know_and_floods(paper):
    plan = paper.up(FIREWALL.format(more="rate_limit=1000"))
    rules = firewall_rules(plan)
    limit = rules.pop("rateLimit")

    assert plan.one("WebAcl", "it").inputs["defaultAction"] == {"allow": {}}
    assert limit["action"]["block"]["customResponse"] == {"responseCode": 429}
    assert limit["statement"]["rateBasedStatement"] == {
        "aggregateKeyType": "IP",
        "limit": 1000,
        "evaluationWindowSec": 300,
    }
    assert {rule["statement"]["managedRuleGroupStatement"]["name"] for rule in rules.values()} == {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesSQLiRuleSet",
    }
    assert all(rule["overrideAction"] == {"none": {}} for rule in rules.values())


def test_every_rule_of_a_firewall_has_a_place_and_a_metric_of_its_own(paper):
    rules = firewall_rules(paper.up(EXAMPLES["WebFirewall"])).values()

    assert len({rule["priority"] for rule in rules}) == len(rules) == 5
    assert len({rule["visibilityConfig"]["metricName"] for rule in rules}) == len(rules)
    assert all(rule["visibilityConfig"]["cloudwatchMetricsEnabled"] for rule in rules)


def test_a_rule_set_or_one_of_its_rules_can_merely_count(paper):
    more = 'counted=["sqlInjection", "common/SizeRestrictions_BODY"]'
    rules = firewall_rules(paper.up(FIREWALL.format(more=more)))
    common = rules["common"]["statement"]["managedRuleGroupStatement"]

    assert rules["sqlInjection"]["overrideAction"] == {"count": {}}
    assert rules["common"]["overrideAction"] == {"none": {}}
    assert common["ruleActionOverrides"] == [
        {"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}
    ]


def test_another_rule_set_moves_no_rule(paper):
    before = firewall_rules(paper.up(FIREWALL.format(more='rule_sets=["sqlInjection"]')))
    after = firewall_rules(paper.up(EXAMPLES["WebFirewall"]))

    assert before.items() <= after.items()


def test_what_a_firewall_did_is_logged_without_credentials(paper):
    plan = paper.up(EXAMPLES["WebFirewall"])
    logging = plan.one("WebAclLoggingConfiguration", "it-logging").inputs

    assert plan.one("LogGroup", "it-logs").inputs["name"] == "aws-waf-logs-it"
    assert logging["logDestinationConfigs"] == [plan.one("LogGroup", "it-logs").outputs["arn"]]
    assert [each["singleHeader"]["name"] for each in logging["redactedFields"]] == [
        "authorization",
        "cookie",
    ]


def test_the_firewall_of_cloudfront_is_in_us_east_1_with_its_logs(paper):
    plan = paper.up(FIREWALL.format(more='scope="cloudfront"'))

    assert plan.one("WebAcl", "it").inputs["scope"] == "CLOUDFRONT"
    for kind in ("WebAcl", "LogGroup", "WebAclLoggingConfiguration"):
        assert [each.inputs["region"] for each in plan.all(kind)] == ["us-east-1"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ('rule_sets=["sql"]', "rule_sets has 'sql': known are"),
        ('rule_sets=["common"], counted=["sqlInjection"]', "rule_sets has no 'sqlInjection'"),
        ("rate_limit=9", "rate_limit is 9: must be 10 to"),
    ],
)
def test_a_firewall_that_cannot_be_is_refused(arguments, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(FIREWALL.format(more=arguments))


def test_only_named_environments_and_branches_of_the_repository_may_deploy(paper):
    plan = paper.up("""
    GithubDeployRole("it", GithubDeployRoleArgs(repository="example/shop",
        environments=["production"], branches=["main", "release/1"],
        permissions_boundary_arn="arn:boundary"))
    """)
    role = plan.one("Role", "it").inputs
    (statement,) = document(role["assumeRolePolicy"])["Statement"]

    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": [
                "repo:example/shop:environment:production",
                "repo:example/shop:ref:refs/heads/main",
                "repo:example/shop:ref:refs/heads/release/1",
            ],
        }
    }
    assert role["permissionsBoundary"] == "arn:boundary"
    assert plan.all("RolePolicy") == []


def test_an_account_has_one_identity_provider_of_github(paper):
    plan = paper.up("""
    first = GithubDeployRole("first", GithubDeployRoleArgs(
        repository="example/shop", branches=["main"]))
    GithubDeployRole("second", GithubDeployRoleArgs(
        repository="example/cafe", branches=["main"], oidc_provider_arn=first.oidc_provider_arn))
    """)
    (provider,) = plan.all("OpenIdConnectProvider")
    trusts = [document(role.inputs["assumeRolePolicy"]) for role in plan.all("Role")]

    assert provider.inputs["url"] == "https://token.actions.githubusercontent.com"
    assert provider.inputs["clientIdLists"] == ["sts.amazonaws.com"]
    assert {each["Statement"][0]["Principal"]["Federated"] for each in trusts} == {
        provider.outputs["arn"]
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ('repository="shop", branches=["main"]', "must be owner/name"),
        ('repository="a/b"', "name who may take the role"),
        ('repository="a/b", branches=["*"]', "must be a name without wildcards"),
        ('repository="a/b", environments=["x:y"]', "must be a name without wildcards or colons"),
        ('repository="a/b", branches=["m"], session_seconds=60', "must be 3600 to 43200"),
    ],
)
def test_a_deploy_role_open_to_others_is_refused(arguments, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(f'GithubDeployRole("it", GithubDeployRoleArgs({arguments}))')


ROTATION = """
SecretRotation("it", SecretRotationArgs(
    secret_arn="arn:secret", function_name="it", key_arn="arn:key",
    code=pulumi.AssetArchive({{"it.py": pulumi.StringAsset("handle = print")}}), {more}))
"""


def test_a_rotation_function_can_touch_its_secret_and_its_store_only(paper):
    plan = paper.up(ROTATION.format(more='kind="database", resource="shop", resource_arn="arn:db"'))
    (policy,) = [document(each.inputs["policy"]) for each in plan.all("RolePolicy")]
    allowed = {
        action: statement["Resource"]
        for statement in policy["Statement"]
        for action in statement["Action"]
    }

    assert allowed["secretsmanager:PutSecretValue"] == ["arn:secret"]
    assert allowed["kms:GenerateDataKey"] == ["arn:key"]
    assert allowed["rds:ModifyDBInstance"] == ["arn:db"]
    assert {action.split(":")[0] for action in allowed} == {
        "kms",
        "logs",
        "rds",
        "secretsmanager",
        "xray",
    }
    assert plan.one("lambda/function:Function", "it-function").inputs["environment"] == {
        "variables": {"KIND": "database", "RESOURCE": "shop"}
    }


def test_only_secrets_manager_for_this_secret_may_call_the_function(paper):
    plan = paper.up(ROTATION.format(more='kind="jwt"'))
    (permission,) = plan.all("lambda/permission:Permission")

    assert permission.inputs["principal"] == "secretsmanager.amazonaws.com"
    assert permission.inputs["sourceArn"] == "arn:secret"
    assert permission.inputs["sourceAccount"] == ACCOUNT


def test_a_secret_is_rotated_on_schedule_and_not_while_it_is_deployed(paper):
    rotation = paper.up(ROTATION.format(more='kind="jwt", every_days=60')).one(
        "SecretRotation", "it"
    )

    assert rotation.inputs["rotationRules"] == {"automaticallyAfterDays": 60}
    assert rotation.inputs["rotateImmediately"] is False


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ('kind="jwt", every_days=91', "every_days is 91: must be 1 to 90"),
        ('kind="redis"', "resource and resource_arn are needed"),
        ('kind="jwt", resource="x"', "mean nothing for a secret of kind 'jwt'"),
    ],
)
def test_a_rotation_that_cannot_be_is_refused(arguments, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(ROTATION.format(more=arguments))


STORED = 'StoredSecret("it", StoredSecretArgs(name="it", description="It", {more}))'


def test_a_secret_has_replicas_with_keys_of_their_regions(paper):
    plan = paper.up(
        STORED.format(
            more='value={"a": "b"}, replica_regions={"us-west-2": "arn:west", "eu-west-1": None}'
        )
    )

    assert plan.one("secretsmanager/secret:Secret", "it").inputs["replicas"] == [
        {"region": "us-west-2", "kmsKeyId": "arn:west"},
        {"region": "eu-west-1", "kmsKeyId": None},
    ]


def test_a_deployment_leaves_the_value_of_a_rotated_secret_alone(paper):
    paper.up(STORED.format(more='value={"a": "first"}, rotated=True'))

    later = paper.preview(STORED.format(more='value={"a": "second"}, rotated=True'))
    assert later.changes.keys() == {"same"}
