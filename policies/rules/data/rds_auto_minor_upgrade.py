"""Databases take minor upgrades by themselves."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import not_false

RULE = Rule(
    id="rds-auto-minor-upgrade",
    title="Databases take minor upgrades by themselves",
    why="Minor releases are where holes are closed.",
    fix="leave `auto_minor_version_upgrade` to PostgresDatabase",
    severity=MEDIUM,
    staging=ADVISORY,
    production=ADVISORY,
    types=("aws:rds/instance:Instance",),
    judge=not_false("autoMinorVersionUpgrade"),
    before={"autoMinorVersionUpgrade": False},
    after={"autoMinorVersionUpgrade": True},
)
