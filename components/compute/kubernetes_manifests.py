"""The objects of a workload as Kubernetes writes them, each as metadata and spec."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from platformctl.components.compute.kubernetes_arguments import (
    KubernetesWorkloadArgs,
    Peer,
    PodScaling,
    Probe,
)

AWAITING = "awaiting-first-release"
RELEASE = "platformctl.io/release"
CONFIGURATION = "platformctl.io/configuration"
SKIP_WAITING = {"pulumi.com/skipAwait": "true"}
USER = 10001
"""User and group of every container; any but root."""
SECRETS_FOLDER = "/mnt/secrets"  # a path
DNS = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]

Manifest = dict[str, Any]


def side_name(name: str, side: str) -> str:
    """Return the name of a side's objects; the only side has the workload's."""
    return f"{name}-{side}" if side else name


def distinct(values: Sequence[pulumi.Input[str]]) -> list[pulumi.Input[str]]:
    """Return values without repetitions; outputs are compared by identity."""
    by_identity = {one if isinstance(one, str) else id(one): one for one in values}
    return list(by_identity.values())


def labels(args: KubernetesWorkloadArgs, side: str = "") -> dict[str, str]:
    """Return the labels by which a workload's pods are found."""
    found = {"app": args.workload_name}
    return {**found, "side": side} if side else found


def metadata(
    args: KubernetesWorkloadArgs, name: str, annotations: Mapping[str, Any] | None = None
) -> Manifest:
    """Return the metadata of an object of the workload."""
    common = {
        **labels(args),
        "app.kubernetes.io/name": args.workload_name,
        "app.kubernetes.io/managed-by": "platformctl",
    }
    if args.tags.get("Product"):
        common["app.kubernetes.io/part-of"] = args.tags["Product"]
    result: Manifest = {"name": name, "namespace": args.namespace, "labels": common}
    return {**result, "annotations": dict(annotations)} if annotations else result


def account(args: KubernetesWorkloadArgs, role_arn: pulumi.Input[str]) -> Manifest:
    """Return the service account, which takes the role."""
    annotations = {
        "eks.amazonaws.com/role-arn": role_arn,
        "eks.amazonaws.com/sts-regional-endpoints": "true",
    }
    return {
        "metadata": metadata(args, args.workload_name, annotations),
        "automount_service_account_token": False,
    }


def config(args: KubernetesWorkloadArgs) -> Manifest:
    """Return the config map with the environment variables."""
    return {"metadata": metadata(args, args.workload_name), "data": dict(args.environment)}


def secret_provider(args: KubernetesWorkloadArgs) -> Manifest:
    """Return where the secret environment variables come from when a pod starts."""
    names = list(args.secrets)

    def objects(arns: list[str]) -> str:
        by_arn: dict[str, list[dict[str, str]]] = {}
        for name, arn in zip(names, arns, strict=True):
            key = {"path": f'"{args.secrets[name].key}"', "objectAlias": name}
            by_arn.setdefault(arn, []).append(key)
        # JSON is YAML, which the provider reads.
        return json.dumps([{"objectName": arn, "jmesPath": keys} for arn, keys in by_arn.items()])

    arns = pulumi.Output.all(*(args.secrets[name].secret_arn for name in names))
    copy = {
        "secretName": secret_name(args),
        "type": "Opaque",
        "data": [{"objectName": name, "key": name} for name in names],
    }
    return {
        "metadata": metadata(args, args.workload_name),
        "spec": {
            "provider": "aws",
            "parameters": {"objects": arns.apply(objects)},
            "secretObjects": [copy],
        },
    }


def secret_name(args: KubernetesWorkloadArgs) -> str:
    """Return the name of the Kubernetes secret that exists while a pod runs."""
    return f"{args.workload_name}-secrets"


def deployment(args: KubernetesWorkloadArgs, side: str) -> Manifest:
    """Return the deployment of a side, or of the whole."""
    idle = args.awaiting_release or side == "green"
    annotations: dict[str, str] = {}
    if args.awaiting_release:
        annotations = {RELEASE: AWAITING, **SKIP_WAITING}
    elif idle:
        annotations = dict(SKIP_WAITING)
    return {
        "metadata": metadata(args, side_name(args.workload_name, side), annotations),
        "spec": {
            "replicas": 0 if idle else args.replicas,
            "revisionHistoryLimit": 5,
            "progressDeadlineSeconds": 600,
            "selector": {"matchLabels": labels(args, side)},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
            },
            "template": {
                "metadata": {
                    "labels": labels(args, side),
                    "annotations": {CONFIGURATION: _digest(args), **_scraping(args)},
                },
                "spec": _pod(args, side),
            },
        },
    }


def _digest(args: KubernetesWorkloadArgs) -> pulumi.Output[str]:
    """Return a digest of the environment, so that another one makes other pods."""
    return pulumi.Output.json_dumps(dict(args.environment)).apply(
        lambda text: hashlib.sha256(text.encode()).hexdigest()[:16]
    )


def _scraping(args: KubernetesWorkloadArgs) -> dict[str, str]:
    if args.metrics_path is None:
        return {}
    return {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(args.port),
        "prometheus.io/path": args.metrics_path,
    }


def _pod(args: KubernetesWorkloadArgs, side: str) -> Manifest:
    volumes: list[Manifest] = [
        {"name": f"writable-{index}", "emptyDir": {"sizeLimit": "256Mi"}}
        for index, _ in enumerate(args.writable_paths)
    ]
    if args.secrets:
        source = {"secretProviderClass": args.workload_name}
        csi = {
            "driver": "secrets-store.csi.k8s.io",
            "readOnly": True,
            "volumeAttributes": source,
        }
        volumes.append({"name": "secrets", "csi": csi})
    return {
        "serviceAccountName": args.workload_name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": args.grace_seconds,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": key,
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": labels(args, side)},
            }
            for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        ],
        "containers": [_container(args)],
        "volumes": volumes,
    }


def _container(args: KubernetesWorkloadArgs) -> Manifest:
    resources = args.resources
    mounts: list[Manifest] = [
        {"name": f"writable-{index}", "mountPath": path}
        for index, path in enumerate(args.writable_paths)
    ]
    if args.secrets:
        mounts.append({"name": "secrets", "mountPath": SECRETS_FOLDER, "readOnly": True})
    return {
        "name": args.workload_name,
        "image": args.image,
        "ports": [{"name": "http", "containerPort": args.port, "protocol": "TCP"}],
        "envFrom": [{"configMapRef": {"name": args.workload_name}}],
        "env": [
            {"name": name, "valueFrom": {"secretKeyRef": {"name": secret_name(args), "key": name}}}
            for name in args.secrets
        ],
        "resources": {
            "requests": {
                "cpu": f"{resources.cpu_request}m",
                "memory": f"{resources.memory_request}Mi",
            },
            "limits": {
                "cpu": f"{resources.cpu_limit}m",
                "memory": f"{resources.memory_limit}Mi",
            },
        },
        "livenessProbe": _probe(args.liveness, args.port),
        "readinessProbe": _probe(args.readiness, args.port),
        # Requests that are on their way still find it while everybody learns that it leaves.
        "lifecycle": {"preStop": {"sleep": {"seconds": args.drain_seconds}}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": mounts,
    }


def _probe(probe: Probe, port: int) -> Manifest:
    return {
        "httpGet": {"path": probe.path, "port": port, "scheme": "HTTP"},
        "initialDelaySeconds": probe.initial_delay,
        "periodSeconds": probe.period,
        "timeoutSeconds": probe.timeout,
        "failureThreshold": probe.failures,
    }


def service(args: KubernetesWorkloadArgs, side: str) -> Manifest:
    """Return the service; with sides it begins with the blue one."""
    # Without pods nobody would ever be waited for successfully.
    annotations = SKIP_WAITING if args.awaiting_release else None
    return {
        "metadata": metadata(args, args.workload_name, annotations),
        "spec": {
            "type": "ClusterIP",
            "selector": labels(args, side),
            "ports": [
                {"name": "http", "port": args.port, "targetPort": args.port, "protocol": "TCP"}
            ],
        },
    }


def disruption(args: KubernetesWorkloadArgs) -> Manifest:
    """Return how many pods may be missing while nodes are replaced."""
    return {
        "metadata": metadata(args, args.workload_name),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": labels(args)}},
    }


def autoscaler(args: KubernetesWorkloadArgs, scaling: PodScaling, side: str) -> Manifest:
    """Return the autoscaler of a side, or of the whole; it leaves alone what has no pods."""
    name = side_name(args.workload_name, side)
    target = {"type": "Utilization", "averageUtilization": scaling.cpu_target}
    return {
        "metadata": metadata(args, name),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": scaling.minimum,
            "maxReplicas": scaling.maximum,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        },
    }


def network_policy(args: KubernetesWorkloadArgs) -> Manifest:
    """Return who may connect to the pods, and whom they may connect to."""
    sources: list[Manifest] = [_pods(app) for app in args.callers]
    sources += [{"ipBlock": {"cidr": cidr}} for cidr in args.caller_cidrs]
    incoming = [{"from": sources, "ports": [{"protocol": "TCP", "port": args.port}]}]
    names = {"kubernetes.io/metadata.name": "kube-system"}
    dns = {"namespaceSelector": {"matchLabels": names}}
    return {
        "metadata": metadata(args, args.workload_name),
        "spec": {
            "podSelector": {"matchLabels": labels(args)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": incoming if sources else [],
            "egress": [{"to": [dns], "ports": DNS}, *map(_outgoing, args.peers)],
        },
    }


def _pods(app: str) -> Manifest:
    return {"podSelector": {"matchLabels": {"app": app}}}


def _outgoing(peer: Peer) -> Manifest:
    to = _pods(peer.workload) if peer.workload is not None else {"ipBlock": {"cidr": peer.cidr}}
    return {"to": [to], "ports": [{"protocol": "TCP", "port": peer.port}]}


def target_group_binding(args: KubernetesWorkloadArgs, arn: pulumi.Input[str]) -> Manifest:
    """Return what tells the load balancer controller which pods are targets."""
    return {
        "metadata": metadata(args, args.workload_name),
        "spec": {
            "serviceRef": {"name": args.workload_name, "port": args.port},
            "targetGroupARN": arn,
            "targetType": "ip",
        },
    }
