"""Kubernetes is of a supported version."""

from platformctl.policies.rule import ADVISORY, HIGH, Rule
from platformctl.policies.vocabulary import must

# Source: Amazon EKS release calendar, standard support as of 2026-11.
_OLDEST = (1, 32)


def _supported(version: str) -> bool:
    return tuple(int(part) for part in str(version).split(".")) >= _OLDEST


RULE = Rule(
    id="eks-supported-version",
    title="Kubernetes is of a supported version",
    why="After standard support AWS charges six times as much, and then upgrades by itself.",
    fix="raise `version` of KubernetesCluster",
    severity=HIGH,
    staging=ADVISORY,
    types=("aws:eks/cluster:Cluster",),
    judge=must("version", _supported, "1.32 or newer", missing=True),
    before={"version": "1.28"},
    after={"version": "1.33"},
)
