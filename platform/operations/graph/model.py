"""The parts of an environment and what flows between them, out of a preview's steps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LAYERS = ("edge", "compute", "streaming", "data", "network", "security", "observability")
"""Layers from the outside in, by the noun in a component's type token."""
FLOWING = ("edge", "compute", "streaming", "data")
"""Layers between which data flows; only there lines are drawn."""
SUPPORTING = frozenset(
    {
        "Certificate",
        "ContainerCluster",
        "DomainAlias",
        "FailoverRecord",
        "ImageRepository",
        "KubernetesNamespace",
        "LoadBalancerController",
    }
)
"""Components that others stand on without being a station of the data; left out by default."""
GROUND = SUPPORTING | {"KubernetesCluster"}
"""Components that no data flows through, however much is wired to them."""
SHARED = "platform"
FACTS: Mapping[str, str] = {
    "aws:ec2/vpc:Vpc": "{cidrBlock}",
    "aws:ecs/taskDefinition:TaskDefinition": "{cpu} CPU, {memory} MiB",
    "aws:rds/instance:Instance": "{instanceClass}",
    "aws:elasticache/replicationGroup:ReplicationGroup": "{numCacheClusters} × {nodeType}",
    "aws:msk/cluster:Cluster": "{numberOfBrokerNodes} brokers, Kafka {kafkaVersion}",
    "aws:docdb/cluster:Cluster": "DocumentDB {engineVersion}",
    "aws:eks/cluster:Cluster": "Kubernetes {version}",
    "aws:dynamodb/table:Table": "key {hashKey}",
    "aws:lambda/function:Function": "{runtime}, {memorySize} MiB",
    "aws:kinesis/stream:Stream": "kept {retentionPeriod} h",
}
"""Type of a child → the fact about it that is worth a line."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One component of an environment.

    Attributes:
        urn: Its URN.
        name: Its name without its product's.
        kind: Class of the component.
        layer: One of `LAYERS`.
        product: Whose it is; `platform` for what products share.
        region: AWS region.
        fact: What is worth knowing about it, or "".
        resources: How many resources it consists of.
    """

    urn: str
    name: str
    kind: str
    layer: str
    product: str
    region: str
    fact: str
    resources: int


@dataclass(frozen=True)
class Flow:
    """Data that goes from one part to another, both by URN."""

    start: str
    end: str


@dataclass(frozen=True)
class Graph:
    """An environment as parts and what flows between them."""

    parts: Sequence[Part]
    flows: Sequence[Flow]


def graph(
    steps: Iterable[Mapping[str, Any]],
    products: Sequence[str],
    region: str,
    *,
    supporting: bool = False,
) -> Graph:
    """Find the parts of an environment.

    Args:
        steps: Steps as `pulumi preview --json` prints them, unchanged resources included.
        products: Names of the products, which are the first words of their parts' names.
        region: The environment's region; of what names no other.
        supporting: Whether to take in `SUPPORTING` components, too.
    """
    states = {step["newState"]["urn"]: step["newState"] for step in steps if step.get("newState")}
    homes = {urn: _home(urn, states) for urn in states}
    members: dict[str, list[Mapping[str, Any]]] = {}
    for urn, state in states.items():
        if homes[urn] and state["custom"]:
            members.setdefault(homes[urn], []).append(state)
    parts = [
        _part(states[urn], children, products, _region(children, states) or region)
        for urn, children in members.items()
        if _layer(states[urn]) in LAYERS and (supporting or _kind(states[urn]) not in SUPPORTING)
    ]
    depths = {
        part.urn: FLOWING.index(part.layer)
        for part in parts
        if part.layer in FLOWING and part.kind not in GROUND
    }
    return Graph(
        parts, sorted(_flows(states, homes, depths), key=lambda flow: (flow.start, flow.end))
    )


def _home(urn: str, states: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the outermost component that a resource is in; "" for none."""
    home = ""
    while urn in states:
        if states[urn]["type"].startswith("platformctl:"):
            home = urn
        urn = states[urn].get("parent", "")
    return home


def _layer(state: Mapping[str, Any]) -> str:
    return str(state["type"]).split(":")[1]


def _kind(state: Mapping[str, Any]) -> str:
    return str(state["type"]).rpartition(":")[2]


def _part(
    state: Mapping[str, Any],
    children: Sequence[Mapping[str, Any]],
    products: Sequence[str],
    region: str,
) -> Part:
    name = state["urn"].rpartition("::")[2]
    product = next((each for each in products if name.split("-")[0] == each), SHARED)
    return Part(
        urn=state["urn"],
        name=name.removeprefix(f"{product}-"),
        kind=_kind(state),
        layer=_layer(state),
        product=product,
        region=region,
        fact=next((fact for child in children if (fact := _fact(child))), ""),
        resources=len(children),
    )


def _fact(state: Mapping[str, Any]) -> str:
    template = FACTS.get(state["type"], "")
    try:
        return template.format(**state.get("inputs", {}))
    except KeyError:
        return ""


def _region(children: Sequence[Mapping[str, Any]], states: Mapping[str, Mapping[str, Any]]) -> str:
    for child in children:
        provider = states.get(str(child.get("provider", "")).rpartition("::")[0])
        if provider and provider.get("inputs", {}).get("region"):
            return str(provider["inputs"]["region"])
    return ""


def _flows(
    states: Mapping[str, Mapping[str, Any]], homes: Mapping[str, str], depths: Mapping[str, int]
) -> set[Flow]:
    """Find which parts are wired to which; data flows from the outer layer to the inner one."""
    found = set()
    for urn, state in states.items():
        for sources in (state.get("propertyDependencies") or {}).values():
            for source in sources:
                user, used = homes[urn], homes.get(source, "")
                if user == used or user not in depths or used not in depths:
                    continue
                inward = depths[user] <= depths[used]
                found.add(Flow(user, used) if inward else Flow(used, user))
    return found
