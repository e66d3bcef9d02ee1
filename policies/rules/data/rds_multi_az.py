"""Databases have a standby in another zone."""

from platformctl.policies.rule import MEDIUM, OFF, Rule
from platformctl.policies.vocabulary import given, true

RULE = Rule(
    id="rds-multi-az",
    title="Databases have a standby in another zone",
    why="The failure of one zone would take the database with it until a restore is done.",
    fix="set `multi_az=True` of PostgresDatabase",
    severity=MEDIUM,
    staging=OFF,
    types=("aws:rds/instance:Instance",),
    judge=true("multiAz"),
    unless=given("replicateSourceDb"),
    before={"multiAz": False},
    after={"multiAz": True},
)
