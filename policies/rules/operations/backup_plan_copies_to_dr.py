"""Backups are copied to the recovery region."""

from collections.abc import Iterator

from platformctl.policies.rule import HIGH, OFF, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING, UNKNOWN
from platformctl.policies.view import ResourceView

_VAULT = "arn:aws:backup:us-west-2:000000000000:backup-vault:main"
_PATH = "rules[].copyActions[].destinationVaultArn"


@judge(_PATH)
def _copies(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    if not settings.recovery_region:
        return
    found = [match.value for match in resource.each(_PATH)]
    if any(f":{settings.recovery_region}:" in str(each) for each in found):
        return
    if any(each is UNKNOWN for each in found):
        yield Undetermined(path=_PATH)
    else:
        expected = f"a vault in {settings.recovery_region}"
        yield Violation(path=_PATH, found=found or MISSING, expected=expected)


RULE = Rule(
    id="backup-plan-copies-to-dr",
    title="Backups are copied to the recovery region",
    why="A backup that is lost with its region was none.",
    fix="give BackupPlan a vault in the recovery region to copy to",
    severity=HIGH,
    staging=OFF,
    types=("aws:backup/plan:Plan",),
    judge=_copies,
    before={"rules": [{"ruleName": "daily"}]},
    after={
        "rules": [
            {
                "ruleName": "daily",
                "copyActions": [{"destinationVaultArn": _VAULT}],
            }
        ]
    },
)
