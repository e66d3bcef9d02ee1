"""Document stores refuse to be deleted."""

from platformctl.policies.rule import HIGH, OFF, Rule
from platformctl.policies.vocabulary import all_of, not_true, true

RULE = Rule(
    id="docdb-deletion-protection",
    title="Document stores refuse to be deleted",
    why="A renamed resource deletes the cluster.",
    fix="keep `deletion_protection=True` of DocumentDatabase",
    severity=HIGH,
    staging=OFF,
    types=("aws:docdb/cluster:Cluster",),
    judge=all_of(true("deletionProtection"), not_true("skipFinalSnapshot")),
    before={"deletionProtection": False},
    after={"deletionProtection": True},
)
