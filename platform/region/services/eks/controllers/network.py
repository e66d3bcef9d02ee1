"""Services: an address each, endpoints that follow ready pods, targets of load balancers."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from platformctl.errors import RegionError
from platformctl.kubernetes.kinds import kind_of
from platformctl.region.services.base import ServiceError
from platformctl.region.services.ecs.load_balancers import TargetGroups
from platformctl.region.services.eks.api.objects import Document, Objects
from platformctl.region.services.eks.api.requests import POD
from platformctl.region.services.eks.controllers.deployments import conditions
from platformctl.region.services.eks.controllers.forwarder import Forwarder, Place
from platformctl.region.services.eks.controllers.owners import leaving, reference
from platformctl.region.services.eks.controllers.replicas import condition, ready
from platformctl.region.services.elbv2.service import LoadBalancing

if TYPE_CHECKING:
    from platformctl.region.runtime import Address, Runtime

_LOG = logging.getLogger(__name__)
SERVICE = kind_of("v1", "Service")
ENDPOINTS = kind_of("v1", "Endpoints")
SLICE = kind_of("discovery.k8s.io/v1", "EndpointSlice")
BINDING = kind_of("elbv2.k8s.aws/v1beta1", "TargetGroupBinding")
TARGET_SECONDS = 0.5
"""How often load balancers are asked for the health of pods that begin to serve."""

PortKey = tuple[str, str, int]
TargetKey = tuple[str, str, int]


class Network:
    """Brings addresses and targets in line with services and pods.

    Args:
        runtime: The region.
        region: Region name of the cluster.
        cluster: Name of the cluster.
        objects: Its objects.
        port_of: Returns where a pod listens for a port of its own.
    """

    def __init__(
        self,
        runtime: "Runtime",
        region: str,
        cluster: str,
        objects: Objects,
        port_of: Callable[[Document, int], Place | None],
    ) -> None:
        self._runtime = runtime
        self._region = region
        self._cluster = cluster
        self._objects = objects
        self._port_of = port_of
        self._forwarders: dict[PortKey, Forwarder] = {}
        self._targets = TargetGroups(runtime)
        self._registered: dict[str, set[Place]] = {}

    async def run(self) -> None:
        """Look at every service once."""
        services = [one for one in self._objects.all(SERVICE) if not leaving(one)]
        wanted: dict[PortKey, list[Place]] = {}
        for service in services:
            self._address(service)
            wanted |= self._publish(service)
        await self._forward(wanted)
        await self._register()

    async def close(self) -> None:
        """Close every port; targets stay registered, as those of a cluster that is down would."""
        await asyncio.gather(*(one.close() for one in self._forwarders.values()))
        self._forwarders.clear()

    def host(self, namespace: str, name: str) -> str:
        """Return the address of a service, whether it exists already or not."""
        return self._allocate(namespace, name, 0).host

    def port(self, namespace: str, name: str, port: int) -> "Address":
        """Return where a port of a service listens."""
        return self._allocate(namespace, name, port)

    def _allocate(self, namespace: str, name: str, port: int) -> "Address":
        return self._runtime.addresses.allocate(self._owner(namespace, name), port)

    def _owner(self, namespace: str, name: str) -> str:
        return f"eks/{self._region}/{self._cluster}/service/{namespace}/{name}"

    def _address(self, service: Document) -> None:
        """Give a service its address."""
        spec, metadata = service["spec"], service["metadata"]
        if spec.get("clusterIP") or spec["type"] == "ExternalName":
            return
        host = self.host(metadata["namespace"], metadata["name"])
        addressed = {**spec, "clusterIP": host, "clusterIPs": [host]}
        live = self._objects.get(SERVICE, metadata["namespace"], metadata["name"])
        if live is not None:
            self._objects.put(SERVICE, {**live, "spec": addressed})

    def _pods(self, service: Document) -> list[Document]:
        """Return the pods that a service means."""
        selector = service["spec"].get("selector") or {}
        pods = self._objects.all(POD, service["metadata"]["namespace"])
        return [
            pod
            for pod in pods
            if selector and selector.items() <= (pod["metadata"].get("labels") or {}).items()
        ]

    def _publish(self, service: Document) -> dict[PortKey, list[Place]]:
        """Write a service's endpoints; return where each of its ports leads to."""
        metadata = service["metadata"]
        namespace, name = metadata["namespace"], metadata["name"]
        serving = [pod for pod in self._pods(service) if ready(pod) and not leaving(pod)]
        found: dict[PortKey, list[Place]] = {}
        for port in service["spec"].get("ports") or ():
            places = [self._place(pod, port["targetPort"]) for pod in serving]
            found[namespace, name, port["port"]] = [place for place in places if place]
        addresses = [
            {"ip": pod["status"]["podIP"], "targetRef": _target(pod)}
            for pod in serving
            if pod["status"].get("podIP")
        ]
        ports = [
            {"port": _number(port), "protocol": "TCP", **_named(port)}
            for port in service["spec"].get("ports") or ()
        ]
        subsets = [{"addresses": addresses, "ports": ports}] if addresses else []
        self._write(ENDPOINTS, service, name, {"subsets": subsets})
        listed = [
            {
                "addresses": [one["ip"]],
                "conditions": {"ready": True, "serving": True, "terminating": False},
                "targetRef": one["targetRef"],
            }
            for one in addresses
        ]
        content = {"addressType": "IPv4", "endpoints": listed, "ports": ports}
        self._write(SLICE, service, f"{name}-1", content)
        return found

    def _write(self, kind: object, service: Document, name: str, content: Document) -> None:
        assert kind in (ENDPOINTS, SLICE)  # noqa: S101  # the two that services have
        of = ENDPOINTS if kind is ENDPOINTS else SLICE
        namespace = service["metadata"]["namespace"]
        live = self._objects.get(of, namespace, name)
        document = {"apiVersion": of.api_version, "kind": of.name, **content}
        if live is not None:
            document["metadata"] = live["metadata"]
        else:
            labels = {"kubernetes.io/service-name": service["metadata"]["name"]}
            document["metadata"] = {
                "name": name,
                "namespace": namespace,
                "labels": labels,
                "ownerReferences": [reference(SERVICE, service)],
            }
            document["metadata"] = self._objects.new_metadata(document)
        self._objects.put(of, document)

    def _place(self, pod: Document, port: object) -> Place | None:
        """Return where a pod serves a port, which may be named."""
        for container in pod["spec"]["containers"]:
            for one in container.get("ports") or ():
                if port in (one["containerPort"], one.get("name")):
                    return self._port_of(pod, one["containerPort"])
        return self._port_of(pod, port) if isinstance(port, int) else None

    async def _forward(self, wanted: Mapping[PortKey, list[Place]]) -> None:
        for key in [key for key in self._forwarders if key not in wanted]:
            await self._forwarders.pop(key).close()
        for key, places in wanted.items():
            if key not in self._forwarders:
                forwarder = Forwarder()
                try:
                    address = self.port(*key)
                    await forwarder.listen(address.host, address.port)
                except (OSError, RegionError) as error:
                    _LOG.error("service %s/%s cannot listen: %s", key[0], key[1], error)
                    continue
                self._forwarders[key] = forwarder
            self._forwarders[key].upstreams = places

    # Load balancers.

    async def _register(self) -> None:
        """Register the pods of bound services in their target groups, and take others out."""
        bindings = [one for one in self._objects.all(BINDING) if not leaving(one)]
        wanted = {one["spec"]["targetGroupARN"]: self._bound(one) for one in bindings}
        for arn in [arn for arn in self._registered if arn not in wanted]:
            await self._target(arn, set())
            del self._registered[arn]
        for arn, places in wanted.items():
            await self._target(arn, places)
        for binding in bindings:
            self._gates(binding)

    async def _target(self, arn: str, wanted: set[Place]) -> None:
        """Make the targets of a group those that are wanted."""
        before = self._registered.get(arn)
        if before is None:
            # After a restart the group may still name pods that are gone.
            before = self._known_targets(arn)
        for host, port in before - wanted:
            await self._targets.deregister(self._region, arn, host, port)
        kept = before & wanted
        for host, port in wanted - before:
            try:
                await self._targets.register(self._region, arn, host, port)
            except ServiceError as error:
                _LOG.warning("%s: %s", arn, error.message)
            else:
                kept.add((host, port))
        self._registered[arn] = kept

    def _known_targets(self, arn: str) -> set[Place]:
        try:
            states = self._runtime.service(LoadBalancing).target_health(arn)
        except ServiceError:
            return set()
        return {(one.id, one.port) for one in states if one.state != "draining"}

    def _bound(self, binding: Document) -> set[Place]:
        """Return where the pods of a bound service serve, those that only wait for it included."""
        places = set()
        for pod, place in self._bound_pods(binding):
            if not leaving(pod) and condition(pod, "ContainersReady") == "True":
                places.add(place)
        return places

    def _bound_pods(self, binding: Document) -> list[tuple[Document, Place]]:
        named, namespace = binding["spec"]["serviceRef"], binding["metadata"]["namespace"]
        service = self._objects.get(SERVICE, namespace, named["name"])
        if service is None:
            return []
        port = next(
            (
                one["targetPort"]
                for one in service["spec"].get("ports") or ()
                if named["port"] in (one["port"], one.get("name"))
            ),
            None,
        )
        pairs = [(pod, self._place(pod, port)) for pod in self._pods(service)]
        return [(pod, place) for pod, place in pairs if place is not None]

    def _gates(self, binding: Document) -> None:
        """Have pods that begin to serve count as ready once the load balancer finds them so."""
        arn = binding["spec"]["targetGroupARN"]
        for pod, (host, port) in self._bound_pods(binding):
            if condition(pod, "ContainersReady") != "True" or leaving(pod):
                continue
            state = self._targets.health(arn, host, port)
            # A target group that no listener uses probes nothing.
            fine = state is None or state.state in ("healthy", "unused", "unavailable")
            if fine and not ready(pod):
                self._set_ready(pod)

    def _set_ready(self, pod: Document) -> None:
        metadata = pod["metadata"]
        live = self._objects.get(POD, metadata["namespace"], metadata["name"])
        if live is None:
            return
        found = [one for one in live["status"]["conditions"] if one["type"] != "Ready"]
        row = (("Ready", ("True", "PodReady", "the load balancer finds it healthy")),)
        made = conditions(live, row, self._objects.now())
        self._objects.status(POD, live, {**live["status"], "conditions": [*found, *made]})

    def gated(self, pod: Document) -> bool:
        """Tell whether a pod has to wait for a load balancer before it counts as ready."""
        namespace = pod["metadata"]["namespace"]
        for binding in self._objects.all(BINDING, namespace):
            if leaving(binding):
                continue
            for one, (host, port) in self._bound_pods(binding):
                if one["metadata"]["uid"] != pod["metadata"]["uid"]:
                    continue
                state = self._targets.health(binding["spec"]["targetGroupARN"], host, port)
                if state is None or state.state in ("initial", "unhealthy"):
                    return True
        return False

    def waits(self) -> bool:
        """Tell whether a pod waits for a load balancer, which announces nothing."""
        return any(
            condition(pod, "ContainersReady") == "True" and not ready(pod)
            for pod in self._objects.all(POD)
            if not leaving(pod)
        )

    async def drained(self, pod: Document, ended: Callable[[], bool]) -> None:
        """Wait until load balancers have no request left at a leaving pod."""
        for binding in self._objects.all(BINDING, pod["metadata"]["namespace"]):
            for one, (host, port) in self._bound_pods(binding):
                if one["metadata"]["uid"] == pod["metadata"]["uid"]:
                    arn = binding["spec"]["targetGroupARN"]
                    await self._targets.drained(arn, host, port, ended)


def _target(pod: Document) -> Document:
    metadata = pod["metadata"]
    return {
        "kind": "Pod",
        "name": metadata["name"],
        "namespace": metadata["namespace"],
        "uid": metadata["uid"],
    }


def _number(port: Mapping[str, object]) -> object:
    target = port["targetPort"]
    return target if isinstance(target, int) else port["port"]


def _named(port: Mapping[str, object]) -> dict[str, object]:
    return {"name": port["name"]} if port.get("name") else {}
