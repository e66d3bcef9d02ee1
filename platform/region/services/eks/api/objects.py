"""The objects of one cluster: kept on disk, numbered by versions, watched."""

import asyncio
import copy
import datetime as dt
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from platformctl.kubernetes.kinds import KINDS, Kind

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

Document = dict[str, Any]
REMEMBERED = 4000
"""Changes that a watch can still be told about; who is further behind must list again."""
FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


@dataclass(frozen=True)
class Event:
    """A change of one object.

    Attributes:
        version: Its number.
        type: `ADDED`, `MODIFIED` or `DELETED`.
        kind: Kind of the object.
        document: The object afterwards.
    """

    version: int
    type: str
    kind: Kind
    document: Document


class Objects:
    """All objects of a cluster.

    Args:
        runtime: The region.
        region: Region name of the cluster.
        cluster: Name of the cluster.
    """

    def __init__(self, runtime: "Runtime", region: str, cluster: str) -> None:
        self._runtime = runtime
        self._table = runtime.store.table("eks", region, f"objects/{cluster}")
        self._versions = runtime.store.table("eks", region, "versions")
        self._cluster = cluster
        self.version: int = (self._versions.get(cluster) or {"value": 1})["value"]
        self._events: deque[Event] = deque(maxlen=REMEMBERED)
        self._first = self.version
        self._listeners: set[Callable[[], None]] = set()

    # Reading.

    def get(self, kind: Kind, namespace: str, name: str) -> Document | None:
        """Return a copy of an object, None if there is none."""
        found = self._table.get(_key(kind, namespace, name))
        return copy.deepcopy(found) if found is not None else None

    def all(self, kind: Kind, namespace: str = "") -> list[Document]:
        """Return the objects of a kind, in one namespace or in all; they must not be changed."""
        start = f"{kind.resource}/{namespace}/" if namespace else f"{kind.resource}/"
        return [self._table[key] for key in self._table.keys() if key.startswith(start)]  # noqa: SIM118  # a table is no dict

    def owned(self, uid: str) -> Iterator[tuple[Kind, Document]]:
        """Yield the objects that belong to another one."""
        for kind in KINDS:
            for document in self.all(kind):
                owners = document["metadata"].get("ownerReferences") or ()
                if any(owner["uid"] == uid for owner in owners):
                    yield kind, document

    def named(self) -> set[str]:
        """Return the uids of all objects."""
        return {self._table[key]["metadata"]["uid"] for key in self._table.keys()}  # noqa: SIM118  # as above

    # Changing.

    def put(self, kind: Kind, document: Document) -> Document:
        """Keep an object, new or changed, and tell whoever watches; return it."""
        metadata = document["metadata"]
        key = _key(kind, metadata.get("namespace", ""), metadata["name"])
        before = self._table.get(key)
        if before is not None and _same(before, document):
            return copy.deepcopy(before)
        self._number()
        fresh = {**document, "metadata": {**metadata, "resourceVersion": str(self.version)}}
        self._table[key] = fresh
        self._tell("MODIFIED" if before else "ADDED", kind, fresh)
        return copy.deepcopy(fresh)

    def remove(self, kind: Kind, namespace: str, name: str) -> Document | None:
        """Forget an object; return it as it was."""
        key = _key(kind, namespace, name)
        document = self._table.get(key)
        if document is None:
            return None
        del self._table[key]
        self._number()
        last = copy.deepcopy(document)
        last["metadata"]["resourceVersion"] = str(self.version)
        self._tell("DELETED", kind, last)
        return last

    def status(self, kind: Kind, document: Mapping[str, Any], status: Document) -> None:
        """Set the status of an object, if it is still there."""
        metadata = document["metadata"]
        live = self.get(kind, metadata.get("namespace", ""), metadata["name"])
        if live is not None and live["metadata"]["uid"] == metadata["uid"]:
            self.put(kind, {**live, "status": status})

    def clear(self) -> None:
        """Forget everything: the cluster is gone."""
        for key in self._table.keys():  # noqa: SIM118  # a table is no dict
            del self._table[key]
        if self._cluster in self._versions:
            del self._versions[self._cluster]

    def new_metadata(self, document: Mapping[str, Any]) -> Document:
        """Return the metadata of an object that is about to be made."""
        return {
            **document["metadata"],
            "uid": str(uuid.uuid4()),
            "creationTimestamp": self.now(),
            "generation": 1,
        }

    def now(self) -> str:
        """Return the time as Kubernetes writes it."""
        moment = dt.datetime.fromtimestamp(self._runtime.now(), dt.UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    # Watching.

    def since(self, version: int) -> list[Event] | None:
        """Return the changes after a version; None if they are no longer known."""
        oldest = self._events[0].version if len(self._events) == REMEMBERED else self._first + 1
        if version + 1 < oldest:
            return None
        return [event for event in self._events if event.version > version]

    def listen(self, heard: Callable[[], None]) -> Callable[[], None]:
        """Call a function after every change, until what is returned is called."""
        self._listeners.add(heard)
        return lambda: self._listeners.discard(heard)

    async def changed_after(self, version: int, seconds: float) -> None:
        """Wait until something changes after a version, or some seconds have passed."""
        event = asyncio.Event()
        forget = self.listen(event.set)
        try:
            if self.version <= version:
                async with asyncio.timeout(seconds):
                    await event.wait()
        except TimeoutError:
            pass
        finally:
            forget()

    def _number(self) -> None:
        self.version += 1
        self._versions[self._cluster] = {"value": self.version}

    def _tell(self, type_: str, kind: Kind, document: Document) -> None:
        self._events.append(Event(self.version, type_, kind, document))
        for heard in list(self._listeners):
            heard()


def _key(kind: Kind, namespace: str, name: str) -> str:
    return f"{kind.resource}/{namespace if kind.namespaced else ''}/{name}"


def _same(before: Document, after: Document) -> bool:
    """Tell whether an object says the same, its version aside."""
    left = {**before, "metadata": {**before["metadata"], "resourceVersion": ""}}
    right = {**after, "metadata": {**after["metadata"], "resourceVersion": ""}}
    return left == right
