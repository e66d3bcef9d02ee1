"""The Kubernetes API keeps audit logs."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import holds_all

RULE = Rule(
    id="eks-audit-logs",
    title="The Kubernetes API keeps audit logs",
    why="They tell who changed what in the cluster.",
    fix="leave the log types to KubernetesCluster",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:eks/cluster:Cluster",),
    judge=holds_all("enabledClusterLogTypes", "api", "audit", "authenticator"),
    before={"enabledClusterLogTypes": ["api"]},
    after={"enabledClusterLogTypes": ["api", "audit", "authenticator"]},
)
