"""The verbs: get, list, create, replace, patch, delete; each on one object or a collection."""

import json
import secrets
import string
from collections.abc import Mapping
from typing import Any

import yaml

from platformctl.kubernetes.kinds import Kind
from platformctl.kubernetes.kinds import kind_of as known_kind
from platformctl.kubernetes.validate import mistakes
from platformctl.region.services.eks.api import defaults, merge
from platformctl.region.services.eks.api.objects import FOREGROUND, Document, Objects
from platformctl.region.services.eks.api.status import (
    Refusal,
    exists,
    invalid,
    malformed,
    missing,
    stale,
)
from platformctl.region.services.eks.api.structure import Part, part_of

NAMESPACE = known_kind("v1", "Namespace")
POD = known_kind("v1", "Pod")
IMMUTABLE: Mapping[str, tuple[str, ...]] = {
    "Deployment": ("selector",),
    "ReplicaSet": ("selector",),
    "Service": ("clusterIP",),
}
"""Kind → members of `spec` that cannot change."""
MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
JSON_PATCH, APPLY = "application/json-patch+json", "application/apply-patch+yaml"


class Verbs:
    """What can be done with the objects of a cluster.

    Args:
        objects: The objects.
        version: Kubernetes version by whose schemas they are judged.
    """

    def __init__(self, objects: Objects, version: str) -> None:
        self.objects = objects
        self.version = version

    def read(self, kind: Kind, namespace: str, name: str) -> Document:
        """Return an object.

        Raises:
            Refusal: There is none.
        """
        found = self.objects.get(kind, namespace, name)
        if found is None:
            raise missing(kind, name)
        return found

    def create(
        self, kind: Kind, namespace: str, document: Document, manager: str, *, dry: bool = False
    ) -> Document:
        """Create an object.

        Raises:
            Refusal: It is not one, or there is one of that name.
        """
        document = self._placed(kind, namespace, document)
        metadata = document["metadata"]
        if not metadata.get("name") and metadata.get("generateName"):
            letters = string.ascii_lowercase + string.digits
            suffix = "".join(secrets.choice(letters) for _ in range(5))
            metadata["name"] = metadata["generateName"] + suffix
        name = metadata.get("name") or ""
        if self.objects.get(kind, namespace, name) is not None:
            raise exists(kind, name)
        metadata.pop("resourceVersion", None)
        made = self._judged(kind, document)
        made = {**made, "metadata": self.objects.new_metadata(made)}
        made = merge.updated({}, made, manager, _part(kind))
        return made if dry else self.objects.put(kind, made)

    def replace(
        self,
        kind: Kind,
        namespace: str,
        document: Document,
        manager: str,
        *,
        subresource: str = "",
        dry: bool = False,
    ) -> Document:
        """Replace an object, or only its status.

        Raises:
            Refusal: It is not one, or it was changed since the caller read it.
        """
        document = self._placed(kind, namespace, document)
        live = self.read(kind, namespace, document["metadata"]["name"])
        wanted = document["metadata"].get("resourceVersion")
        if wanted and wanted != live["metadata"]["resourceVersion"]:
            raise stale(kind, live["metadata"]["name"])
        return self._changed(kind, live, document, manager, subresource=subresource, dry=dry)

    def patch(
        self,
        kind: Kind,
        namespace: str,
        name: str,
        content_type: str,
        body: bytes,
        query: Mapping[str, str],
        manager: str,
        subresource: str = "",
    ) -> Document:
        """Change an object as a patch says.

        Raises:
            Refusal: The patch cannot be applied, or what comes of it is no object.
        """
        dry = query.get("dryRun") == "All"
        if content_type == APPLY:
            said = _parsed(body)
            return self._apply(kind, namespace, name, said, query, manager, subresource)
        live = self.read(kind, namespace, name)
        patch = _parsed(body)
        if content_type == JSON_PATCH:
            document = merge.json_patch(live, patch)
        elif content_type == STRATEGIC:
            document = merge.strategic(live, patch, _part(kind))
        elif content_type == MERGE:
            document = merge.merge_patch(live, patch)
        else:
            raise Refusal(
                415, "UnsupportedMediaType", f"the body of the request is of type {content_type}"
            )
        wanted = document["metadata"].get("resourceVersion")
        if wanted != live["metadata"]["resourceVersion"]:
            raise stale(kind, name)
        return self._changed(kind, live, document, manager, subresource=subresource, dry=dry)

    def _apply(
        self,
        kind: Kind,
        namespace: str,
        name: str,
        said: Any,
        query: Mapping[str, str],
        manager: str,
        subresource: str,
    ) -> Document:
        if not query.get("fieldManager"):
            raise malformed("PatchOptions.fieldManager: is required for apply patch")
        dry = query.get("dryRun") == "All"
        said = self._placed(kind, namespace, said, name)
        if (said["metadata"].get("managedFields")) is not None:
            raise malformed("metadata.managedFields must be nil")
        live = self.objects.get(kind, namespace, name)
        force = query.get("force") in ("true", "1")
        # The schema knows no field of a later or misspelt name, and neither may who applies one.
        self._judged(kind, _lenient(live, said))
        if live is None:
            bare = {"apiVersion": said["apiVersion"], "kind": said["kind"], "metadata": {}}
            made = merge.apply(bare, said, manager, _part(kind), force=force)
            made["metadata"]["name"] = name
            made = self._judged(kind, made)
            made = {**made, "metadata": self.objects.new_metadata(made)}
            return made if dry else self.objects.put(kind, made)
        document = merge.apply(live, said, manager, _part(kind), force=force)
        managed = document["metadata"]["managedFields"]
        return self._changed(
            kind, live, document, manager, subresource=subresource, dry=dry, managed=managed
        )

    def delete(self, kind: Kind, namespace: str, name: str, options: Mapping[str, Any]) -> Document:
        """Delete an object: at once, or when what belongs to it is gone.

        Raises:
            Refusal: There is none.
        """
        live = self.read(kind, namespace, name)
        expected = (options.get("preconditions") or {}).get("uid")
        if expected and expected != live["metadata"]["uid"]:
            raise stale(kind, name)
        policy = options.get("propagationPolicy") or "Background"
        metadata = live["metadata"]
        if policy == "Orphan":
            self._orphan(metadata["uid"])
        finalizers: list[str] = list(metadata.get("finalizers") or ())
        if policy == "Foreground" and FOREGROUND not in finalizers:
            finalizers.append(FOREGROUND)
        grace = options.get("gracePeriodSeconds")
        slow = (kind is POD and grace != 0) or kind is NAMESPACE
        if not finalizers and not slow:
            return self.objects.remove(kind, namespace, name) or live
        if not metadata.get("deletionTimestamp"):
            metadata["deletionTimestamp"] = self.objects.now()
            metadata["generation"] = metadata.get("generation", 1) + 1
            seconds = live.get("spec", {}).get("terminationGracePeriodSeconds", 30)
            metadata["deletionGracePeriodSeconds"] = grace if grace is not None else seconds
        if finalizers:
            metadata["finalizers"] = finalizers
        if kind is NAMESPACE:
            live["status"] = {"phase": "Terminating"}
        return self.objects.put(kind, live)

    def _orphan(self, uid: str) -> None:
        for kind, document in list(self.objects.owned(uid)):
            owners = document["metadata"]["ownerReferences"]
            rest = [owner for owner in owners if owner["uid"] != uid]
            metadata = {**document["metadata"], "ownerReferences": rest}
            self.objects.put(kind, {**document, "metadata": metadata})

    def _changed(
        self,
        kind: Kind,
        live: Document,
        document: Document,
        manager: str,
        *,
        subresource: str = "",
        dry: bool = False,
        managed: list[Any] | None = None,
    ) -> Document:
        """Keep a changed object, with what nobody may change as it was."""
        if subresource == "status":
            document = {**live, "status": document.get("status") or {}}
        elif "status" in live:
            document = {**document, "status": live["status"]}
        kept = ("uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp")
        metadata = {
            **document["metadata"],
            **{key: live["metadata"][key] for key in kept if key in live["metadata"]},
        }
        metadata.setdefault("managedFields", live["metadata"].get("managedFields") or [])
        document = self._judged(kind, {**document, "metadata": metadata}, live)
        if document.get("spec") != live.get("spec"):
            metadata = {**document["metadata"], "generation": metadata.get("generation", 1) + 1}
            document = {**document, "metadata": metadata}
        if managed is None:
            document = merge.updated(live, document, manager, _part(kind))
        if dry:
            return document
        if metadata.get("deletionTimestamp") and not metadata.get("finalizers"):
            slow = kind is POD or kind is NAMESPACE
            if not slow:
                self.objects.remove(kind, metadata.get("namespace", ""), metadata["name"])
                return document
        return self.objects.put(kind, document)

    def _judged(self, kind: Kind, document: Document, live: Document | None = None) -> Document:
        """Return a completed object.

        Raises:
            Refusal: It is not written as its kind demands, or changes what cannot change.
        """
        complete = defaults.complete(document)
        name = complete["metadata"].get("name", "")
        found = mistakes(_plain(complete), self.version)
        if found:
            raise invalid(kind, name, found)
        for member in IMMUTABLE.get(kind.name, ()) if live is not None else ():
            before = (live or {}).get("spec", {}).get(member)
            after = complete.get("spec", {}).get(member)
            if before is not None and after is None:
                complete["spec"][member] = before
            elif before is not None and before != after:
                from platformctl.kubernetes.schemas import Problem  # noqa: PLC0415  # rare

                problem = Problem(f"spec.{member}", f"Invalid value: {after}: field is immutable")
                raise invalid(kind, name, [problem])
        return complete

    def _placed(self, kind: Kind, namespace: str, document: Any, name: str = "") -> Document:
        """Return an object that is where its URL says.

        Raises:
            Refusal: It says something else, or its namespace does not exist.
        """
        if not isinstance(document, dict) or not isinstance(document.get("metadata", {}), dict):
            raise malformed("the body is no object")
        for key, value in (("apiVersion", kind.api_version), ("kind", kind.name)):
            if document.setdefault(key, value) != value:
                raise malformed(f"{key} is {document[key]!r}, and the URL says {value!r}")
        metadata = dict(document.get("metadata") or {})
        if kind.namespaced:
            if metadata.setdefault("namespace", namespace) != namespace:
                raise malformed(
                    "the namespace of the provided object does not match the namespace sent on "
                    "the request"
                )
            if self.objects.get(NAMESPACE, "", namespace) is None:
                raise missing(NAMESPACE, namespace)
        else:
            metadata.pop("namespace", None)
        if name and metadata.setdefault("name", name) != name:
            raise malformed("the name of the object does not match the name on the URL")
        return {**document, "metadata": metadata}


def _part(kind: Kind) -> Part:
    return part_of(kind.api_version, kind.name)


def _lenient(live: Document | None, said: Document) -> Document:
    """Return what is applied on top of what is there, only to be judged."""
    part = part_of(said["apiVersion"], said["kind"])
    return merge.merged(live, said, part) if live is not None else said


def _plain(document: Document) -> Document:
    """Leave out what the schemas do not know: fields of managers are free of form."""
    metadata = {k: v for k, v in document["metadata"].items() if k != "managedFields"}
    return {**document, "metadata": metadata}


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        pass  # server-side apply may send YAML
    try:
        return yaml.safe_load(body)
    except yaml.YAMLError as error:
        raise malformed(f"the body cannot be read: {error}") from error
