"""What a workload on Kubernetes is, said once for all of its objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi

from platformctl.components.base import Args
from platformctl.components.compute.service_routing import Route
from platformctl.components.security.roles import Statement

NAME = re.compile(r"[a-z]([-a-z0-9]{0,50}[a-z0-9])?")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class Probe:
    """How Kubernetes finds out how a container is.

    Attributes:
        path: Path it asks for; 200 to 399 means well.
        initial_delay: Seconds before the first probe.
        period: Seconds between two probes.
        timeout: Seconds a probe may take.
        failures: Failures in a row after which it acts.
    """

    path: str = "/health"
    initial_delay: int
    period: int
    timeout: int = 3
    failures: int = 3


LIVENESS = Probe(initial_delay=30, period=10)
READINESS = Probe(initial_delay=5, period=5)


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What a pod gets.

    Attributes:
        cpu_request: Millicores set aside.
        cpu_limit: Millicores at most.
        memory_request: MiB set aside.
        memory_limit: MiB at most; above it the container is killed.
    """

    cpu_request: int = 250
    cpu_limit: int = 500
    memory_request: int = 256
    memory_limit: int = 512

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        for name in ("cpu", "memory"):
            request, limit = getattr(self, f"{name}_request"), getattr(self, f"{name}_limit")
            if not 0 < request <= limit:
                yield f"resources.{name}_request is {request}: must be 1 to the limit, {limit}"


@dataclass(frozen=True, kw_only=True)
class PodScaling:
    """Between which numbers pods are added and removed.

    Attributes:
        minimum: Fewest pods.
        maximum: Most pods.
        cpu_target: Average use of the requested CPU, in percent.
    """

    minimum: int
    maximum: int
    cpu_target: int = 70


@dataclass(frozen=True, kw_only=True)
class SecretKey:
    """One key of a secret in Secrets Manager.

    Attributes:
        secret_arn: The secret.
        key: Key of its JSON object.
    """

    secret_arn: pulumi.Input[str]
    key: str


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Somebody a pod may connect to.

    Attributes:
        port: On which port.
        workload: Another workload of the namespace.
        cidr: A network, where it is none.
    """

    port: int
    workload: str | None = None
    cidr: str | None = None


@dataclass(frozen=True, kw_only=True)
class KubernetesWorkloadArgs(Args):
    """What a workload is.

    Attributes:
        workload_name: Its name in Kubernetes, and its service's DNS name in the namespace.
        namespace: The namespace.
        image: Image reference with a tag or digest.
        port: Port that the container serves.
        identity_provider_arn: OIDC provider of the cluster.
        issuer: URL of that provider.
        namespace_name: The namespace as text, for the trust policy of the role.
        replicas: Pods to run; with `scaling`, only the number to start with.
        resources: What a pod gets.
        liveness: When a container is restarted.
        readiness: When a pod gets requests.
        environment: Environment variables, none of them secret.
        secrets: Environment variables → key of a secret, read when a pod starts. Neither Pulumi's
            state nor a manifest has the value.
        secret_key_arn: KMS key of those secrets.
        statements: What the pods may do in AWS (`components.security.access`).
        scaling: Bounds between which pods follow their CPU.
        callers: Workloads of the namespace that may connect.
        caller_cidrs: Networks that may connect, such as those of a load balancer.
        peers: Whom it may connect to, DNS excepted, which everybody may ask.
        route: Requests of a load balancer that go to it; needs the controller in the cluster that
            registers pods in target groups (`LoadBalancerController`).
        writable_paths: Folders the container may write to; all others are read-only.
        metrics_path: Path that Prometheus scrapes; None for no metrics.
        grace_seconds: Seconds between SIGTERM and SIGKILL.
        drain_seconds: Seconds a leaving pod still answers, until nobody knows it any more.
        deployment: `rolling` replaces pods one by one; `blueGreen` makes two sides, of which
            operations say who is served, and how many pods of which image run.
        awaiting_release: Whether there is no image yet: nothing runs and nothing is waited for.
    """

    workload_name: str
    namespace: pulumi.Input[str]
    namespace_name: str
    image: pulumi.Input[str]
    identity_provider_arn: pulumi.Input[str]
    issuer: pulumi.Input[str]
    port: int = 8000
    replicas: int = 3
    resources: Resources = field(default_factory=Resources)
    liveness: Probe = LIVENESS
    readiness: Probe = READINESS
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secrets: Mapping[str, SecretKey] = field(default_factory=dict)
    secret_key_arn: pulumi.Input[str] | None = None
    statements: Sequence[Statement] = ()
    scaling: PodScaling | None = None
    callers: Sequence[str] = ()
    caller_cidrs: Sequence[str] = ()
    peers: Sequence[Peer] = ()
    route: Route | None = None
    writable_paths: Sequence[str] = ("/tmp",)  # noqa: S108  # a folder of the container's own
    metrics_path: str | None = "/metrics"
    grace_seconds: int = 30
    drain_seconds: int = 5
    deployment: Literal["rolling", "blueGreen"] = "rolling"
    awaiting_release: bool = False

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not NAME.fullmatch(self.workload_name):
            yield f"workload_name is {self.workload_name!r}: up to 52 small letters, digits and -"
        if not 1024 <= self.port <= 65535:
            yield f"port is {self.port}: must be 1024 to 65535, as pods have no privileges"
        if self.replicas < 0:
            yield f"replicas is {self.replicas}: must not be negative"
        yield from self.resources.mistakes()
        if self.route is not None:
            yield from self.route.mistakes()
        if self.drain_seconds >= self.grace_seconds:
            yield f"drain_seconds is {self.drain_seconds}: must be less than grace_seconds"
        for name in sorted(set(self.environment) & set(self.secrets)):
            yield f"{name} is both in environment and in secrets"
        for name in sorted({*self.environment, *self.secrets}):
            if not VARIABLE.fullmatch(name):
                yield f"{name!r} is no name of an environment variable"
        if self.scaling is not None and not 1 <= self.scaling.minimum <= self.scaling.maximum:
            sizes = f"{self.scaling.minimum} to {self.scaling.maximum}"
            yield f"scaling is {sizes}: must begin with at least 1 and not go down"
        for peer in self.peers:
            if (peer.workload is None) == (peer.cidr is None):
                yield f"peers names on port {peer.port} not exactly one of workload and cidr"
