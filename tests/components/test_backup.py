"""Vaults and backup plans: what is kept where, how long, and that it can be restored."""

import pytest
from support.component_examples import EXAMPLES

PLAN = """
BackupPlan("it", BackupPlanArgs(
    plan_name="it.daily", vault_name="it", vault_arn="arn:vault",
    selected_tags={{"Environment": "dev", "Backup": "yes"}}, {more}))
"""


def test_a_vault_is_encrypted_and_protected(paper):
    vault = paper.up(EXAMPLES["BackupVault"]).one("backup/vault:Vault", "it")

    assert vault.protect
    assert vault.inputs["kmsKeyArn"] == "arn:key"
    assert vault.inputs["forceDestroy"] is False


def test_a_lock_says_how_long_recovery_points_stay_at_least(paper):
    plan = paper.up("""
    BackupVault("it", BackupVaultArgs(
        vault_name="it", lock=VaultLock(shortest_days=7, longest_days=365)))
    """)
    lock = plan.one("VaultLockConfiguration", "it-lock").inputs

    assert (lock["minRetentionDays"], lock["maxRetentionDays"]) == (7, 365)
    assert "changeableForDays" not in lock


def test_everything_with_the_tags_is_backed_up_daily_and_weekly(paper):
    plan = paper.up(PLAN.format(more=""))
    rules = plan.one("backup/plan:Plan", "it").inputs["rules"]
    selection = plan.one("Selection", "it-selection").inputs

    assert [(rule["ruleName"], rule["lifecycle"]["deleteAfter"]) for rule in rules] == [
        ("daily", 35),
        ("weekly", 90),
    ]
    assert selection["conditions"] == [
        {
            "stringEquals": [
                {"key": "aws:ResourceTag/Backup", "value": "yes"},
                {"key": "aws:ResourceTag/Environment", "value": "dev"},
            ]
        }
    ]


def test_every_recovery_point_is_copied_to_the_other_vault(paper):
    plan = paper.up(PLAN.format(more="copy_to=['arn:far']"))

    for rule in plan.one("backup/plan:Plan", "it").inputs["rules"]:
        (copy,) = rule["copyActions"]
        assert copy == {"destinationVaultArn": "arn:far", "lifecycle": rule["lifecycle"]}


def test_restores_are_tried_of_every_type_that_is_named(paper):
    plan = paper.up(PLAN.format(more="restore_testing=RestoreTesting(types=['RDS'])"))
    testing = plan.one("RestoreTestingPlan", "it-restore-testing").inputs
    (selection,) = plan.all("RestoreTestingSelection")

    assert testing["name"] == "it_daily"
    assert testing["recoveryPointSelection"]["includeVaults"] == ["arn:vault"]
    assert selection.inputs["protectedResourceType"] == "RDS"
    assert "protectedResourceArns" not in selection.inputs
    assert selection.inputs["protectedResourceConditions"]["stringEquals"] == [
        {"key": "aws:ResourceTag/Backup", "value": "yes"},
        {"key": "aws:ResourceTag/Environment", "value": "dev"},
    ]
    assert selection.inputs["iamRoleArn"] == "arn:aws:Role/it-role"


def test_the_role_may_back_up_and_restore_and_only_aws_backup_takes_it(paper):
    plan = paper.up(PLAN.format(more=""))
    policies = {each.inputs["policyArn"] for each in plan.all("RolePolicyAttachment")}

    assert len(policies) == 4
    assert all(policy.startswith("arn:aws:iam::aws:policy/") for policy in policies)
    assert "backup.amazonaws.com" in plan.one("Role", "it-role").inputs["assumeRolePolicy"]


RULE = "rules=[BackupRule(key='{key}', schedule='cron(0 5 * * ? *)', {more})]"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (RULE.format(key="a b", more="keep_days=1"), "make a name"),
        (RULE.format(key="a", more="keep_days=100, cold_after_days=30"), "must be 90 above 30"),
        (RULE.format(key="a", more="keep_days=36, continuous=True"), "at most 35 days"),
        ("rules=[BackupRule(key='a', schedule='daily', keep_days=1)]", "must read like cron"),
        ("rules=[]", "nothing would be backed up"),
        ("restore_testing=RestoreTesting(window_days=0)", "must be 1 to 365"),
        ("restore_testing=RestoreTesting(validation_hours=0)", "must be 1 to 168"),
    ],
)
def test_a_plan_that_aws_refuses_is_refused_in_a_sentence(more, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(PLAN.format(more=more))


def test_a_lock_that_could_be_sealed_at_once_is_refused(paper):
    with pytest.raises(Exception, match="sealed_after_days 1: must be 3 or more"):
        paper.up("""
        BackupVault("it", BackupVaultArgs(vault_name="it", lock=VaultLock(sealed_after_days=1)))
        """)
