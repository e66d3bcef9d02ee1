"""Kubernetes secrets are encrypted with our key."""

from platformctl.policies.rule import MEDIUM, Rule
from platformctl.policies.vocabulary import given

RULE = Rule(
    id="eks-secrets-encrypted",
    title="Kubernetes secrets are encrypted with our key",
    why="In etcd, secrets are only encoded.",
    fix="give KubernetesCluster a `key_arn`",
    severity=MEDIUM,
    types=("aws:eks/cluster:Cluster",),
    judge=given("encryptionConfig.provider.keyArn"),
    before={"name": "aura"},
    after={
        "encryptionConfig": {
            "provider": {"keyArn": "arn:aws:kms:us-east-1:000000000000:key/1"},
            "resources": ["secrets"],
        }
    },
)
