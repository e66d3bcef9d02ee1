"""What Kubernetes demands beyond the schemas: names, labels, selectors, resources, probes, ports.

The sentences are those that the API server answers. A value that is not known yet (`Open`) breaks
no rule.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from platformctl.kubernetes.quantity import quantity
from platformctl.kubernetes.schemas import Open, Problem

Document = Mapping[str, Any]
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?")
LABEL_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]")
PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?")
VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
LABELLED_KINDS = ("Namespace", "Service")
"""Kinds whose name is one DNS label; others may have dots."""
PATHS = {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}
"""Kinds whose name may be anything that fits into a URL."""


def violations(document: Document) -> Iterator[Problem]:
    """Yield what is wrong with an object that its schema does not see."""
    kind = document.get("kind", "")
    yield from _metadata(document.get("metadata") or {}, kind)
    check = _CHECKS.get(kind)
    spec = document.get("spec")
    if check is not None and isinstance(spec, Mapping):
        yield from check(spec)


def _known(value: Any) -> bool:
    return value is not None and not isinstance(value, Open)


def _metadata(metadata: Document, kind: str) -> Iterator[Problem]:
    name = metadata.get("name")
    if _known(name) and kind not in PATHS:
        form, limit = (LABEL, 63) if kind in LABELLED_KINDS else (SUBDOMAIN, 253)
        if not form.fullmatch(str(name)) or len(str(name)) > limit:
            message = (
                f'Invalid value: "{name}": must consist of lower case letters, digits and - and '
                f"start and end with a letter or digit, {limit} characters at most"
            )
            yield Problem("metadata.name", message)
    yield from _labels(metadata.get("labels"), "metadata.labels")
    for key in metadata.get("annotations") or ():
        yield from _key(key, "metadata.annotations")


def _labels(labels: Any, path: str) -> Iterator[Problem]:
    if not isinstance(labels, Mapping):
        return
    for key, value in labels.items():
        yield from _key(key, path)
        if _known(value) and not LABEL_VALUE.fullmatch(str(value)):
            yield Problem(path, f'Invalid value: "{value}": is no label value of up to 63 letters')


def _key(key: str, path: str) -> Iterator[Problem]:
    prefix, slash, name = key.rpartition("/")
    if (slash and not SUBDOMAIN.fullmatch(prefix)) or not LABEL_NAME.fullmatch(name):
        yield Problem(path, f'Invalid value: "{key}": is no name of a label or annotation')


def _deployment(spec: Document) -> Iterator[Problem]:
    template = spec.get("template") or {}
    yield from _template(template, "spec.template")
    wanted = (spec.get("selector") or {}).get("matchLabels") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    if any(_known(value) and labels.get(key) != value for key, value in wanted.items()):
        message = f"Invalid value: {dict(labels)}: `selector` does not match template `labels`"
        yield Problem("spec.template.metadata.labels", message)
    if _known(spec.get("replicas")) and spec["replicas"] < 0:
        yield Problem("spec.replicas", "Invalid value: must be greater than or equal to 0")
    rolling = (spec.get("strategy") or {}).get("rollingUpdate") or {}
    if _zero(rolling.get("maxSurge")) and _zero(rolling.get("maxUnavailable")):
        message = "Invalid value: may not be 0 when `maxSurge` is 0"
        yield Problem("spec.strategy.rollingUpdate.maxUnavailable", message)


def _zero(value: Any) -> bool:
    return value in (0, "0", "0%")


def _template(template: Document, path: str) -> Iterator[Problem]:
    yield from _labels((template.get("metadata") or {}).get("labels"), f"{path}.metadata.labels")
    yield from _pod(template.get("spec") or {}, f"{path}.spec")


def _pod(spec: Document, path: str) -> Iterator[Problem]:
    containers = spec.get("containers") or []
    if not containers:
        yield Problem(f"{path}.containers", "Required value", "FieldValueRequired")
    volumes = {volume.get("name") for volume in spec.get("volumes") or ()}
    seen: set[str] = set()
    for index, container in enumerate(containers):
        place = f"{path}.containers[{index}]"
        name = container.get("name")
        if name in seen:
            yield Problem(f"{place}.name", f'Duplicate value: "{name}"', "FieldValueDuplicate")
        seen.add(name)
        if _known(name) and not LABEL.fullmatch(str(name)):
            yield Problem(f"{place}.name", f'Invalid value: "{name}": is no DNS label')
        if not container.get("image"):
            yield Problem(f"{place}.image", "Required value", "FieldValueRequired")
        yield from _container(container, place, volumes)


def _container(container: Document, path: str, volumes: set[Any]) -> Iterator[Problem]:
    yield from _resources(container.get("resources") or {}, f"{path}.resources")
    for index, variable in enumerate(container.get("env") or ()):
        if not VARIABLE.fullmatch(str(variable.get("name"))):
            message = f'Invalid value: "{variable.get("name")}": is no name of a variable'
            yield Problem(f"{path}.env[{index}].name", message)
        if variable.get("value") is not None and variable.get("valueFrom") is not None:
            message = "Invalid value: may not be specified when `value` is not empty"
            yield Problem(f"{path}.env[{index}].valueFrom", message)
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        if mount.get("name") not in volumes:
            message = f'Not found: "{mount.get("name")}"'
            yield Problem(f"{path}.volumeMounts[{index}].name", message, "FieldValueNotFound")
    for index, port in enumerate(container.get("ports") or ()):
        yield from _port(port.get("containerPort"), f"{path}.ports[{index}].containerPort")
        name = port.get("name")
        if _known(name) and not PORT_NAME.fullmatch(name):
            yield Problem(f"{path}.ports[{index}].name", f'Invalid value: "{name}"')
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(probe):
            yield from _probe(container[probe], f"{path}.{probe}", readiness="readiness" in probe)


def _resources(resources: Document, path: str) -> Iterator[Problem]:
    amounts: dict[str, dict[str, Any]] = {"requests": {}, "limits": {}}
    for side, found in amounts.items():
        for name, value in (resources.get(side) or {}).items():
            if not _known(value):
                continue
            try:
                found[name] = quantity(value)
            except ValueError as error:
                yield Problem(f"{path}.{side}.{name}", f"Invalid value: {error}")
    for name, request in amounts["requests"].items():
        limit = amounts["limits"].get(name)
        if limit is not None and request > limit:
            message = f"Invalid value: must be less than or equal to {name} limit"
            yield Problem(f"{path}.requests.{name}", message)


def _probe(probe: Document, path: str, *, readiness: bool) -> Iterator[Problem]:
    handlers = [kind for kind in ("exec", "grpc", "httpGet", "tcpSocket") if probe.get(kind)]
    if len(handlers) != 1:
        message = "Required value: must specify a handler type, exactly one"
        yield Problem(path, message, "FieldValueRequired")
    for key in ("periodSeconds", "timeoutSeconds", "successThreshold", "failureThreshold"):
        if _known(probe.get(key)) and probe[key] < 1:
            yield Problem(f"{path}.{key}", "Invalid value: must be greater than 0")
    if not readiness and _known(probe.get("successThreshold")) and probe["successThreshold"] != 1:
        yield Problem(f"{path}.successThreshold", "Invalid value: must be 1")


def _port(port: Any, path: str) -> Iterator[Problem]:
    if isinstance(port, int) and not 1 <= port <= 65535:
        yield Problem(path, f"Invalid value: {port}: must be between 1 and 65535, inclusive")


def _service(spec: Document) -> Iterator[Problem]:
    ports = spec.get("ports") or []
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        yield Problem("spec.ports", "Required value", "FieldValueRequired")
    names: set[Any] = set()
    for index, port in enumerate(ports):
        path = f"spec.ports[{index}]"
        yield from _port(port.get("port"), f"{path}.port")
        name = port.get("name")
        if len(ports) > 1 and not name:
            yield Problem(f"{path}.name", "Required value", "FieldValueRequired")
        if name in names and name is not None:
            yield Problem(f"{path}.name", f'Duplicate value: "{name}"', "FieldValueDuplicate")
        names.add(name)
    yield from _labels(spec.get("selector"), "spec.selector")


def _autoscaler(spec: Document) -> Iterator[Problem]:
    low, high = spec.get("minReplicas", 1), spec.get("maxReplicas")
    if isinstance(low, int) and isinstance(high, int) and high < low:
        message = f"Invalid value: {high}: must be greater than or equal to `minReplicas`"
        yield Problem("spec.maxReplicas", message)
    if low == 0:
        yield Problem("spec.minReplicas", "Invalid value: 0: must be greater than or equal to 1")


def _disruption_budget(spec: Document) -> Iterator[Problem]:
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        message = "Invalid value: minAvailable and maxUnavailable cannot be both set"
        yield Problem("spec", message)


_CHECKS: Mapping[str, Callable[[Document], Iterator[Problem]]] = {
    "Deployment": _deployment,
    "ReplicaSet": lambda spec: _template(spec.get("template") or {}, "spec.template"),
    "Pod": lambda spec: _pod(spec, "spec"),
    "Service": _service,
    "HorizontalPodAutoscaler": _autoscaler,
    "PodDisruptionBudget": _disruption_budget,
}
