"""Deployments: one replica set for each template, the old ones replaced pod by pod."""

import copy
import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any

from platformctl.kubernetes.kinds import kind_of
from platformctl.region.services.eks.api.objects import Document, Objects
from platformctl.region.services.eks.controllers.owners import belongs, leaving, reference

DEPLOYMENT = kind_of("apps/v1", "Deployment")
REPLICA_SET = kind_of("apps/v1", "ReplicaSet")
HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
PROGRESSED = "platformctl.io/progressed-at"
"""When a rollout last came forward, in seconds since the epoch; kept over restarts."""


def share(value: Any, total: int, *, up: bool) -> int:
    """Return a number of pods that may be given as a percentage."""
    if isinstance(value, str) and value.endswith("%"):
        part = int(value[:-1]) * total / 100
        return math.ceil(part) if up else math.floor(part)
    return int(value)


def template_hash(template: Document) -> str:
    """Return what tells one template from another."""
    text = json.dumps(template, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


class Deployments:
    """Brings replica sets in line with deployments.

    Args:
        objects: The cluster's objects.
        now: Returns the time in seconds since the epoch.
    """

    def __init__(self, objects: Objects, now: Any) -> None:
        self._objects = objects
        self._now = now

    def run(self) -> None:
        """Look at every deployment once."""
        for deployment in list(self._objects.all(DEPLOYMENT)):
            if not leaving(deployment):
                self._sync(copy.deepcopy(deployment))

    def deadline(self) -> float | None:
        """Return when the next rollout that does not come forward has failed, None if none can."""
        times = [
            _progressed(one) + one["spec"]["progressDeadlineSeconds"]
            for one in self._objects.all(DEPLOYMENT)
            if not _complete(one) and _progressed(one) and not _failed(one)
        ]
        return min(times, default=None)

    def _sync(self, deployment: Document) -> None:
        namespace = deployment["metadata"]["namespace"]
        owned = [
            one
            for one in self._objects.all(REPLICA_SET, namespace)
            if belongs(one, deployment) and not leaving(one)
        ]
        digest = template_hash(deployment["spec"]["template"])
        newest = next((one for one in owned if one["metadata"]["labels"].get(HASH) == digest), None)
        old = [one for one in owned if one is not newest]
        if newest is None:
            newest = self._create(deployment, digest, old)
        elif _revision(newest) <= max(map(_revision, old), default=0):
            newest = self._promote(newest, old)
        self._scale(deployment, newest, old)
        self._clean(deployment, old)
        self._report(deployment, newest, old)

    def _create(self, deployment: Document, digest: str, old: Sequence[Document]) -> Document:
        template = copy.deepcopy(deployment["spec"]["template"])
        template.setdefault("metadata", {}).setdefault("labels", {})[HASH] = digest
        selector = copy.deepcopy(deployment["spec"]["selector"])
        selector.setdefault("matchLabels", {})[HASH] = digest
        name, namespace = deployment["metadata"]["name"], deployment["metadata"]["namespace"]
        revision = max(map(_revision, old), default=0) + 1
        document = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": f"{name}-{digest}",
                "namespace": namespace,
                "labels": dict(template["metadata"]["labels"]),
                "annotations": {REVISION: str(revision)},
                "ownerReferences": [reference(DEPLOYMENT, deployment)],
            },
            "spec": {"replicas": 0, "selector": selector, "template": template},
        }
        document["metadata"] = self._objects.new_metadata(document)
        return self._objects.put(REPLICA_SET, document)

    def _promote(self, newest: Document, old: Sequence[Document]) -> Document:
        """Make a replica set that was replaced the newest again: a rollback."""
        revision = max(map(_revision, old), default=0) + 1
        annotations = {**newest["metadata"]["annotations"], REVISION: str(revision)}
        metadata = {**newest["metadata"], "annotations": annotations}
        return self._objects.put(REPLICA_SET, {**newest, "metadata": metadata})

    def _scale(self, deployment: Document, newest: Document, old: Sequence[Document]) -> None:
        """Take the next step towards the wanted number of pods of the newest template."""
        wanted = deployment["spec"]["replicas"]
        strategy = deployment["spec"]["strategy"]
        if strategy["type"] == "Recreate":
            surge, unavailable = 0, wanted
        else:
            rolling = strategy["rollingUpdate"]
            surge = share(rolling["maxSurge"], wanted, up=True)
            unavailable = share(rolling["maxUnavailable"], wanted, up=False)
        if not surge and not unavailable:
            unavailable = 1
        running = sum(map(_wanted, old))
        room = wanted + surge - running
        if strategy["type"] == "Recreate" and any(_count(one, "replicas") for one in old):
            room = 0
        self._set(newest, min(wanted, max(_wanted(newest) if running else 0, room, 0)))
        self._scale_down(newest, old, wanted - unavailable)

    def _scale_down(self, newest: Document, old: Sequence[Document], least: int) -> None:
        """Take pods from old replica sets: broken ones first, then as many as are surplus."""
        available = _count(newest, "availableReplicas")
        available += sum(min(_count(one, "availableReplicas"), _wanted(one)) for one in old)
        for one in sorted(old, key=_revision):
            healthy = min(_count(one, "availableReplicas"), _wanted(one))
            broken = _wanted(one) - healthy
            surplus = max(available - least, 0)
            gone = broken + min(healthy, surplus)
            available -= gone - broken
            if gone:
                self._set(one, _wanted(one) - gone)

    def _set(self, replica_set: Document, replicas: int) -> None:
        live = self._objects.get(
            REPLICA_SET, replica_set["metadata"]["namespace"], replica_set["metadata"]["name"]
        )
        if live is not None and live["spec"]["replicas"] != replicas:
            live["spec"]["replicas"] = replicas
            live["metadata"]["generation"] = live["metadata"].get("generation", 1) + 1
            self._objects.put(REPLICA_SET, live)

    def _clean(self, deployment: Document, old: Sequence[Document]) -> None:
        """Forget the oldest replica sets that nobody will roll back to."""
        empty = [one for one in old if not _wanted(one) and not _count(one, "replicas")]
        surplus = len(empty) - deployment["spec"]["revisionHistoryLimit"]
        for one in sorted(empty, key=_revision)[: max(surplus, 0)]:
            metadata = one["metadata"]
            self._objects.remove(REPLICA_SET, metadata["namespace"], metadata["name"])

    def _report(self, deployment: Document, newest: Document, old: Sequence[Document]) -> None:
        metadata = newest["metadata"]
        current = self._objects.get(REPLICA_SET, metadata["namespace"], metadata["name"]) or newest
        everything = [current, *old]
        wanted = deployment["spec"]["replicas"]
        counts = {
            "replicas": sum(_count(one, "replicas") for one in everything),
            "updatedReplicas": _count(current, "replicas"),
            "readyReplicas": sum(_count(one, "readyReplicas") for one in everything),
            "availableReplicas": sum(_count(one, "availableReplicas") for one in everything),
        }
        counts["unavailableReplicas"] = max(wanted - counts["availableReplicas"], 0)
        status: Document = {
            "observedGeneration": deployment["metadata"]["generation"],
            **{key: value for key, value in counts.items() if value},
        }
        live = self._progress(deployment, status)
        status["conditions"] = self._conditions(live, status)
        self._objects.status(DEPLOYMENT, live, status)

    def _progress(self, deployment: Document, status: Document) -> Document:
        """Note when a rollout came forward; return the deployment with the note."""
        before = deployment.get("status") or {}
        figures = ("observedGeneration", "updatedReplicas", "readyReplicas", "availableReplicas")
        if _progressed(deployment) and all(before.get(k) == status.get(k) for k in figures):
            return deployment
        annotations = {**(deployment["metadata"].get("annotations") or {})}
        annotations[PROGRESSED] = f"{self._now():.3f}"
        metadata = {**deployment["metadata"], "annotations": annotations}
        return self._objects.put(DEPLOYMENT, {**deployment, "metadata": metadata})

    def _conditions(self, deployment: Document, status: Document) -> list[Document]:
        spec, name = deployment["spec"], deployment["metadata"]["name"]
        rolling = spec["strategy"].get("rollingUpdate") or {"maxUnavailable": spec["replicas"]}
        least = spec["replicas"] - share(rolling["maxUnavailable"], spec["replicas"], up=False)
        enough = status.get("availableReplicas", 0) >= least
        late = self._now() > _progressed(deployment) + spec["progressDeadlineSeconds"]
        if _complete({**deployment, "status": status}):
            progress = ("True", "NewReplicaSetAvailable", f'"{name}" has successfully progressed.')
        elif late:
            text = f'Deployment "{name}" has timed out progressing.'
            progress = ("False", "ProgressDeadlineExceeded", text)
        else:
            progress = ("True", "ReplicaSetUpdated", f'Deployment "{name}" is progressing.')
        available = (
            ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
            if enough
            else (
                "False",
                "MinimumReplicasUnavailable",
                "Deployment does not have minimum availability.",
            )
        )
        rows = (("Available", available), ("Progressing", progress))
        return conditions(deployment, rows, self._objects.now())


def conditions(document: Document, rows: Any, now: str) -> list[Document]:
    """Return conditions, each with the time at which it last changed."""
    before = {one["type"]: one for one in (document.get("status") or {}).get("conditions") or ()}
    made = []
    for kind, (state, reason, message) in rows:
        same = before.get(kind, {}).get("status") == state
        since = before[kind]["lastTransitionTime"] if same else now
        one = {"type": kind, "status": state, "reason": reason, "message": message}
        made.append({**one, "lastTransitionTime": since})
    return made


def _count(document: Document, member: str) -> int:
    return (document.get("status") or {}).get(member, 0)


def _wanted(replica_set: Document) -> int:
    return replica_set["spec"]["replicas"]


def _revision(replica_set: Document) -> int:
    return int((replica_set["metadata"].get("annotations") or {}).get(REVISION, 0))


def _progressed(deployment: Document) -> float:
    return float((deployment["metadata"].get("annotations") or {}).get(PROGRESSED, 0))


def _complete(deployment: Document) -> bool:
    wanted = deployment["spec"]["replicas"]
    members = ("replicas", "updatedReplicas", "availableReplicas")
    return all(_count(deployment, member) == wanted for member in members)


def _failed(deployment: Document) -> bool:
    found = (deployment.get("status") or {}).get("conditions") or ()
    return any(one.get("reason") == "ProgressDeadlineExceeded" for one in found)
