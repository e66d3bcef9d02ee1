"""Who belongs to whom, and what goes when its owner is gone."""

from typing import Any

from platformctl.kubernetes.kinds import KINDS, Kind
from platformctl.region.services.eks.api.objects import FOREGROUND, Document, Objects
from platformctl.region.services.eks.api.requests import NAMESPACE, POD, Verbs


def reference(kind: Kind, owner: Document) -> Document:
    """Return what an object says of the one that it belongs to."""
    return {
        "apiVersion": kind.api_version,
        "kind": kind.name,
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def belongs(document: Document, owner: Document) -> bool:
    """Tell whether an object belongs to another."""
    owners = document["metadata"].get("ownerReferences") or ()
    return any(one["uid"] == owner["metadata"]["uid"] for one in owners)


def leaving(document: Document) -> bool:
    """Tell whether an object is being deleted."""
    return bool(document["metadata"].get("deletionTimestamp"))


class Collector:
    """Deletes what is left over: parts of what is gone, and what is in namespaces that go."""

    def __init__(self, verbs: Verbs) -> None:
        self._verbs = verbs

    @property
    def _objects(self) -> Objects:
        return self._verbs.objects

    def run(self) -> None:
        """Look at everything once."""
        known = self._objects.named()
        for kind in KINDS:
            for document in list(self._objects.all(kind)):
                owners = document["metadata"].get("ownerReferences") or ()
                if owners and not any(owner["uid"] in known for owner in owners):
                    self._delete(kind, document, "Background")
                elif FOREGROUND in (document["metadata"].get("finalizers") or ()):
                    self._finish(kind, document)
        for namespace in list(self._objects.all(NAMESPACE)):
            if leaving(namespace):
                self._empty(namespace["metadata"]["name"])

    def _finish(self, kind: Kind, owner: Document) -> None:
        """Delete the parts of what waits for them, and then itself."""
        parts = list(self._objects.owned(owner["metadata"]["uid"]))
        for part_kind, part in parts:
            self._delete(part_kind, part, "Foreground")
        if not parts:
            metadata = owner["metadata"]
            self._objects.remove(kind, metadata.get("namespace", ""), metadata["name"])

    def _empty(self, namespace: str) -> None:
        left = [
            (kind, one)
            for kind in KINDS
            if kind.namespaced
            for one in self._objects.all(kind, namespace)
        ]
        for kind, one in left:
            self._delete(kind, one, "Background")
        if not left:
            self._objects.remove(NAMESPACE, "", namespace)

    def _delete(self, kind: Kind, document: Document, policy: str) -> None:
        if leaving(document):
            return
        metadata = document["metadata"]
        options: dict[str, Any] = {"propagationPolicy": policy}
        if kind is POD:
            options = {}
        self._verbs.delete(kind, metadata.get("namespace", ""), metadata["name"], options)
