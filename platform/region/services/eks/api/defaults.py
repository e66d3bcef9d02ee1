"""What Kubernetes fills in where an object says nothing."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

Document = dict[str, Any]
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def complete(document: Document) -> Document:
    """Return an object with its kind's defaults."""
    fill = _KINDS.get(document["kind"])
    return fill(document) if fill is not None else document


def _over(standard: Mapping[str, Any], said: Mapping[str, Any] | None) -> Document:
    return {**standard, **{key: value for key, value in (said or {}).items() if value is not None}}


def _deployment(document: Document) -> Document:
    standard = {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600}
    spec = _over(standard, document.get("spec"))
    strategy = _over({"type": "RollingUpdate"}, spec.get("strategy"))
    if strategy["type"] == "RollingUpdate":
        shares = {"maxSurge": "25%", "maxUnavailable": "25%"}
        strategy["rollingUpdate"] = _over(shares, strategy.get("rollingUpdate"))
    return {**document, "spec": {**spec, "strategy": strategy, "template": _template(spec)}}


def _replica_set(document: Document) -> Document:
    spec = _over({"replicas": 1}, document.get("spec"))
    return {**document, "spec": {**spec, "template": _template(spec)}}


def _template(spec: Mapping[str, Any]) -> Document:
    template = spec.get("template") or {}
    return {**template, "spec": _pod_spec(template.get("spec") or {})}


def _pod(document: Document) -> Document:
    return {**document, "spec": _pod_spec(document.get("spec") or {})}


def _pod_spec(said: Mapping[str, Any]) -> Document:
    standard = {
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler",
        "terminationGracePeriodSeconds": 30,
        "securityContext": {},
    }
    spec = _over(standard, said)
    return {**spec, "containers": [_container(one) for one in spec.get("containers") or ()]}


def _container(said: Mapping[str, Any]) -> Document:
    standard = {
        "imagePullPolicy": "IfNotPresent",
        "resources": {},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }
    container = _over(standard, said)
    if container.get("ports"):
        container["ports"] = [_over({"protocol": "TCP"}, port) for port in container["ports"]]
    for name in PROBES:
        if container.get(name):
            container[name] = _probe(container[name])
    return container


def _probe(said: Mapping[str, Any]) -> Document:
    standard = {
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }
    probe = _over(standard, said)
    if probe.get("httpGet"):
        probe["httpGet"] = _over({"path": "/", "scheme": "HTTP"}, probe["httpGet"])
    return probe


def _service(document: Document) -> Document:
    standard = {"type": "ClusterIP", "sessionAffinity": "None"}
    spec = _over(standard, document.get("spec"))
    spec["ports"] = [
        _over({"protocol": "TCP", "targetPort": port.get("port")}, port)
        for port in spec.get("ports") or ()
    ]
    return {**document, "spec": spec}


def _secret(document: Document) -> Document:
    plain = document.get("stringData") or {}
    packed = {key: base64.b64encode(value.encode()).decode() for key, value in plain.items()}
    rest = {key: value for key, value in document.items() if key != "stringData"}
    data = {**(document.get("data") or {}), **packed}
    return {"type": "Opaque", **rest, **({"data": data} if data else {})}


def _namespace(document: Document) -> Document:
    metadata = document["metadata"]
    labels = {**(metadata.get("labels") or {}), "kubernetes.io/metadata.name": metadata["name"]}
    spec = _over({"finalizers": ["kubernetes"]}, document.get("spec"))
    status = document.get("status") or {"phase": "Active"}
    return {**document, "metadata": {**metadata, "labels": labels}, "spec": spec, "status": status}


_KINDS: Mapping[str, Callable[[Document], Document]] = {
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "Pod": _pod,
    "Service": _service,
    "Secret": _secret,
    "Namespace": _namespace,
}
