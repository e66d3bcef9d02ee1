"""A namespace in which nothing is allowed that was not said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as kubernetes

from platformctl.components.base import Args, Component

NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
RESTRICTED = {
    f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")
}

# A pod that a load balancer does not find healthy yet counts as not ready, so that a rollout waits.
GATED = {"elbv2.k8s.aws/pod-readiness-gate-inject": "enabled"}


@dataclass(frozen=True, kw_only=True)
class KubernetesNamespaceArgs(Args):
    """What a namespace is.

    Attributes:
        namespace: Its name.
        labels: Further labels, such as `environment`.
        cpu_limit: Millicores that all pods together may have; 0 for any number.
        memory_limit: MiB that all pods together may have; 0 for any number.
        deletion_protection: Whether Pulumi refuses to delete it with all that is in it.
    """

    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)
    cpu_limit: int = 0
    memory_limit: int = 0
    deletion_protection: bool = True

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not NAME.fullmatch(self.namespace):
            yield f"namespace is {self.namespace!r}: up to 63 small letters, digits and -"
        if self.namespace.startswith("kube-") or self.namespace == "default":
            yield f"namespace is {self.namespace!r}: Kubernetes has that name for itself"
        for name in ("cpu_limit", "memory_limit"):
            if getattr(self, name) < 0:
                yield f"{name} is {getattr(self, name)}: must not be negative"


class KubernetesNamespace(Component):
    """A namespace whose pods are unprivileged and may talk to nobody unless a policy says so.

    Example::

        shop = KubernetesNamespace("shop", KubernetesNamespaceArgs(namespace="shop-prod"),
                                   pulumi.ResourceOptions(providers=[cluster.provider]))

    Costs nothing.

    Attributes:
        namespace: Its name, known once it exists.
    """

    namespace: pulumi.Output[str]

    def __init__(
        self, name: str, args: KubernetesNamespaceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("compute:KubernetesNamespace", name, args, opts)
        made = self.child(
            "",
            kubernetes.core.v1.Namespace,
            metadata={"name": args.namespace, "labels": {**RESTRICTED, **GATED, **args.labels}},
            options=pulumi.ResourceOptions(protect=args.deletion_protection),
        )
        self.namespace = made.metadata.apply(lambda metadata: metadata.name or args.namespace)
        self.child(
            "deny",
            kubernetes.networking.v1.NetworkPolicy,
            metadata={"name": "deny-by-default", "namespace": self.namespace},
            spec={"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        )
        if args.cpu_limit or args.memory_limit:
            amounts = {
                "limits.cpu": f"{args.cpu_limit}m" if args.cpu_limit else None,
                "limits.memory": f"{args.memory_limit}Mi" if args.memory_limit else None,
            }
            self.child(
                "quota",
                kubernetes.core.v1.ResourceQuota,
                metadata={"name": "limits", "namespace": self.namespace},
                spec={"hard": {key: amount for key, amount in amounts.items() if amount}},
            )
        self.finish("namespace")
