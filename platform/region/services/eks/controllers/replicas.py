"""Replica sets: as many pods of one template as wanted, each on a node."""

import copy
import secrets
from collections import Counter
from typing import Any

from platformctl.kubernetes.kinds import kind_of
from platformctl.region.services.eks.api.objects import Document, Objects
from platformctl.region.services.eks.api.requests import POD, Verbs
from platformctl.region.services.eks.controllers.deployments import REPLICA_SET
from platformctl.region.services.eks.controllers.owners import belongs, leaving, reference

NODE = kind_of("v1", "Node")
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


class ReplicaSets:
    """Brings pods in line with replica sets."""

    def __init__(self, verbs: Verbs) -> None:
        self._verbs = verbs

    @property
    def _objects(self) -> Objects:
        return self._verbs.objects

    def run(self) -> None:
        """Look at every replica set once."""
        for replica_set in list(self._objects.all(REPLICA_SET)):
            if not leaving(replica_set):
                self._sync(replica_set)

    def _sync(self, replica_set: Document) -> None:
        namespace = replica_set["metadata"]["namespace"]
        pods = [
            pod
            for pod in self._objects.all(POD, namespace)
            if belongs(pod, replica_set) and not leaving(pod)
        ]
        wanted = replica_set["spec"]["replicas"]
        pods += [self._create(replica_set) for _ in range(wanted - len(pods))]
        if len(pods) > wanted:
            # Those that do not serve go first, then the youngest.
            order = sorted(pods, key=lambda pod: (ready(pod), _age(pod)))
            for pod in order[: len(pods) - wanted]:
                self._verbs.delete(POD, namespace, pod["metadata"]["name"], {})
                pods.remove(pod)
        serving = sum(map(ready, pods))
        counts = {
            "replicas": len(pods),
            "fullyLabeledReplicas": len(pods),
            "readyReplicas": serving,
            "availableReplicas": serving,
        }
        status = {"observedGeneration": replica_set["metadata"]["generation"], **counts}
        self._objects.status(REPLICA_SET, replica_set, status)

    def _create(self, replica_set: Document) -> Document:
        template = copy.deepcopy(replica_set["spec"]["template"])
        suffix = "".join(secrets.choice(_LETTERS) for _ in range(5))
        name = f"{replica_set['metadata']['name']}-{suffix}"
        metadata = {
            **(template.get("metadata") or {}),
            "name": name,
            "namespace": replica_set["metadata"]["namespace"],
            "ownerReferences": [reference(REPLICA_SET, replica_set)],
        }
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": {**template["spec"], "nodeName": self._node(replica_set)},
            "status": {"phase": "Pending", "conditions": []},
        }
        pod["metadata"] = self._objects.new_metadata(pod)
        return self._objects.put(POD, pod)

    def _node(self, replica_set: Document) -> str:
        """Return the node with the fewest pods of the same set; "" while there is none."""
        nodes = [node["metadata"]["name"] for node in self._objects.all(NODE)]
        used = Counter(
            pod["spec"].get("nodeName")
            for pod in self._objects.all(POD, replica_set["metadata"]["namespace"])
            if belongs(pod, replica_set)
        )
        return min(nodes, key=lambda name: used[name], default="")


def ready(pod: Document) -> bool:
    """Tell whether a pod serves."""
    return condition(pod, "Ready") == "True"


def condition(pod: Document, kind: str) -> str:
    """Return the state of one of a pod's conditions, "" without it."""
    found: Any = (pod.get("status") or {}).get("conditions") or ()
    return next((one["status"] for one in found if one["type"] == kind), "")


def _age(pod: Document) -> int:
    """Return a number that is smaller for younger pods."""
    return -int(pod["metadata"]["resourceVersion"])
