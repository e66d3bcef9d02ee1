"""The API server: TLS, tokens, discovery, routes, watches."""

import asyncio
import base64
import binascii
import json
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from platformctl.kubernetes.kinds import KINDS, Kind
from platformctl.region.endpoint.server import Answer, Request, Server, json_answer
from platformctl.region.services.eks.api.objects import Document, Event, Objects
from platformctl.region.services.eks.api.pod_proxy import ask, proxied
from platformctl.region.services.eks.api.requests import POD, Verbs
from platformctl.region.services.eks.api.selectors import by_fields, by_labels
from platformctl.region.services.eks.api.status import Refusal, malformed

if TYPE_CHECKING:
    from platformctl.region.runtime import Certificate

_LOG = logging.getLogger(__name__)
TOKEN = "k8s-aws-v1."  # noqa: S105  # what tokens begin with
WATCH_SECONDS = 300.0
VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
SUBRESOURCES = ("status", "scale", "log")


@dataclass(frozen=True)
class Target:
    """What a path leads to.

    Attributes:
        kind: The kind.
        namespace: Namespace in the path, "" for all.
        name: Object, "" for the collection.
        subresource: What of the object, "" for the whole.
    """

    kind: Kind
    namespace: str
    name: str
    subresource: str


class ApiServer:
    """Serves the objects of one cluster.

    Args:
        cluster: Name of the cluster, for which tokens must be made.
        verbs: What can be done with its objects.
        logs: Returns the file with the output of a pod's container.
    """

    def __init__(self, cluster: str, verbs: Verbs, logs: Any) -> None:
        self._cluster = cluster
        self._verbs = verbs
        self._logs = logs
        self._server = Server(self._handle)
        self._closing = asyncio.Event()

    @property
    def objects(self) -> Objects:
        """The objects."""
        return self._verbs.objects

    async def listen(self, host: str, port: int, certificate: "Certificate") -> None:
        """Begin to serve.

        Raises:
            OSError: The address cannot be listened on.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(certificate.certificate, certificate.key)
        await self._server.listen(host, port, context)

    async def close(self) -> None:
        """Stop serving."""
        self._closing.set()
        await self._server.close()

    async def _handle(self, request: Request) -> Answer:
        try:
            split = urlsplit(request.target)
            path = unquote(split.path).rstrip("/")
            query = dict(parse_qsl(split.query, keep_blank_values=True))
            if path in ("/healthz", "/livez", "/readyz"):
                return Answer(200, [("Content-Type", "text/plain")], b"ok")
            self._authenticate(request)
            pod = proxied(split.path)
            if pod is not None:
                document = self._verbs.read(POD, pod.namespace, pod.name)
                query_of = f"?{split.query}" if split.query else ""
                return await ask(document, pod.port, request, pod.path + query_of)
            found = self._discovery(path)
            if found is not None:
                return json_answer(200, found)
            return await self._serve(request, _target(path), query)
        except Refusal as refusal:
            return json_answer(refusal.code, refusal.document())

    def _authenticate(self, request: Request) -> None:
        """Insist on a token of `aws eks get-token` for this very cluster.

        As everywhere in the region, its signature is not checked and everybody may do everything.
        """
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token.startswith(TOKEN):
            packed = token.removeprefix(TOKEN)
            try:
                url = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
            except (binascii.Error, ValueError):
                url = ""
            query = dict(parse_qsl(urlsplit(url).query))
            signed = query.get("X-Amz-SignedHeaders", "")
            if "x-k8s-aws-id" in signed and query.get("Action") == "GetCallerIdentity":
                return
        raise Refusal(401, "Unauthorized", "Unauthorized")

    # Discovery.

    def _discovery(self, path: str) -> Document | None:
        groups = sorted({kind.group for kind in KINDS if kind.group})
        if path == "/version":
            major, _, minor = self._verbs.version.partition(".")
            version = f"v{self._verbs.version}.0-platformctl"
            names = ("buildDate", "compiler", "gitCommit", "gitTreeState", "goVersion")
            told = {"major": major, "minor": minor, "gitVersion": version, "platform": "local"}
            return {**told, **dict.fromkeys(names, "")}
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        if path == "/apis":
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": list(map(_group, groups))}
        parts = path.split("/")[1:]
        if len(parts) == 2 and parts[0] == "apis" and parts[1] in groups:
            return {"apiVersion": "v1", "kind": "APIGroup", **_group(parts[1])}
        if path == "/api/v1" or (len(parts) == 3 and parts[0] == "apis"):
            return _resources(path.removeprefix("/apis/").removeprefix("/api/"))
        return None

    # Objects.

    async def _serve(self, request: Request, target: Target, query: Mapping[str, str]) -> Answer:
        manager = query.get("fieldManager") or _agent(request)
        dry = query.get("dryRun") == "All"
        kind, namespace, name = target.kind, target.namespace, target.name
        if request.method == "GET":
            return self._get(target, query)
        body = await request.body()
        if request.method == "POST" and not name:
            made = self._verbs.create(kind, namespace, _json(body), manager, dry=dry)
            return json_answer(201, made)
        if target.subresource == "scale":
            return json_answer(200, self._scale(target, request.method, _json(body), manager))
        if request.method == "PUT" and name:
            document = {**_json(body)}
            document["metadata"] = {**(document.get("metadata") or {}), "name": name}
            sub = target.subresource
            made = self._verbs.replace(kind, namespace, document, manager, subresource=sub, dry=dry)
            return json_answer(200, made)
        if request.method == "PATCH" and name:
            content_type = request.headers.get("content-type", "").partition(";")[0]
            created = self.objects.get(kind, namespace, name) is None
            made = self._verbs.patch(
                kind, namespace, name, content_type, body, query, manager, target.subresource
            )
            return json_answer(201 if created else 200, made)
        if request.method == "DELETE":
            return self._delete(target, _json(body) if body else {}, query)
        raise Refusal(405, "MethodNotAllowed", f"{request.method} is not possible here")

    def _get(self, target: Target, query: Mapping[str, str]) -> Answer:
        kind, namespace, name = target.kind, target.namespace, target.name
        if query.get("watch") in ("1", "true"):
            return self._watch(target, query)
        if name and target.subresource == "log":
            self._verbs.read(kind, namespace, name)
            return self._log(namespace, name, query)
        if name and target.subresource == "scale":
            return json_answer(200, _scale_of(self._verbs.read(kind, namespace, name)))
        if name:
            return json_answer(200, self._verbs.read(kind, namespace, name))
        fits = _fitting(query)
        items = [one for one in self.objects.all(kind, namespace) if fits(one)]
        return json_answer(
            200,
            {
                "apiVersion": kind.api_version,
                "kind": f"{kind.name}List",
                "metadata": {"resourceVersion": str(self.objects.version)},
                "items": items,
            },
        )

    def _scale(self, target: Target, method: str, document: Document, manager: str) -> Document:
        kind = target.kind
        live = self._verbs.read(kind, target.namespace, target.name)
        if method not in ("PUT", "PATCH") or "replicas" not in (live.get("spec") or {}):
            raise Refusal(405, "MethodNotAllowed", "this cannot be scaled")
        live["spec"]["replicas"] = document["spec"]["replicas"]
        return _scale_of(self._verbs.replace(kind, target.namespace, live, manager))

    def _delete(self, target: Target, options: Document, query: Mapping[str, str]) -> Answer:
        if "gracePeriodSeconds" in query:
            options = {"gracePeriodSeconds": int(query["gracePeriodSeconds"]), **options}
        if "propagationPolicy" in query:
            options = {"propagationPolicy": query["propagationPolicy"], **options}
        kind, namespace = target.kind, target.namespace
        if target.name:
            gone = self._verbs.delete(kind, namespace, target.name, options)
            return json_answer(200, gone)
        fits = _fitting(query)
        for one in [one for one in self.objects.all(kind, namespace) if fits(one)]:
            metadata = one["metadata"]
            self._verbs.delete(kind, metadata.get("namespace", ""), metadata["name"], options)
        return json_answer(200, {"kind": "Status", "apiVersion": "v1", "status": "Success"})

    def _log(self, namespace: str, name: str, query: Mapping[str, str]) -> Answer:
        path: Path | None = self._logs(namespace, name, query.get("container", ""))
        text = path.read_bytes() if path is not None and path.exists() else b""
        if query.get("tailLines"):
            text = b"".join(text.splitlines(keepends=True)[-int(query["tailLines"]) :])
        return Answer(200, [("Content-Type", "text/plain")], text)

    # Watching.

    def _watch(self, target: Target, query: Mapping[str, str]) -> Answer:
        version = query.get("resourceVersion") or ""
        seconds = float(query.get("timeoutSeconds") or WATCH_SECONDS)
        if target.name:
            query = {**query, "fieldSelector": f"metadata.name={target.name}"}
        pieces = self._changes(target, _fitting(query), version, seconds)
        return Answer(200, [("Content-Type", "application/json")], pieces)

    async def _changes(
        self, target: Target, fits: Any, version: str, seconds: float
    ) -> AsyncIterator[bytes]:
        """Yield the changes of a kind: all that is there first, where no version was given."""
        kind, namespace = target.kind, target.namespace
        position = int(version) if version not in ("", "0") else self.objects.version
        if version in ("", "0"):
            for one in self.objects.all(kind, namespace):
                if fits(one):
                    yield _line("ADDED", one)
        end = asyncio.get_running_loop().time() + seconds
        while not self._closing.is_set():
            events = self.objects.since(position)
            if events is None:
                gone = Refusal(410, "Expired", f"too old resource version: {position}")
                yield _line("ERROR", gone.document())
                return
            for event in events:
                position = event.version
                if _concerns(event, kind, namespace) and fits(event.document):
                    yield _line(event.type, event.document)
            left = end - asyncio.get_running_loop().time()
            if left <= 0:
                return
            await self.objects.changed_after(position, left)


def _concerns(event: Event, kind: Kind, namespace: str) -> bool:
    place = event.document["metadata"].get("namespace", "")
    return event.kind is kind and namespace in ("", place)


def _line(type_: str, document: Document) -> bytes:
    return json.dumps({"type": type_, "object": document}).encode() + b"\n"


def _fitting(query: Mapping[str, str]) -> Any:
    labels, places = (
        by_labels(query.get("labelSelector", "")),
        by_fields(query.get("fieldSelector", "")),
    )
    return lambda document: labels(document) and places(document)


def _target(path: str) -> Target:
    """Return what a path leads to.

    Raises:
        Refusal: Nothing.
    """
    parts = path.split("/")[1:]
    if parts[:1] == ["api"]:
        api_version, rest = "/".join(parts[1:2]), parts[2:]
    elif parts[:1] == ["apis"]:
        api_version, rest = "/".join(parts[1:3]), parts[3:]
    else:
        raise _nowhere()
    namespace = ""
    if rest[:1] == ["namespaces"] and len(rest) > 2 and rest[2] not in SUBRESOURCES:
        namespace, rest = rest[1], rest[2:]
    plural, name, subresource = [*rest, "", "", ""][:3]
    for kind in KINDS:
        if (kind.api_version, kind.plural) == (api_version, plural):
            return Target(kind, namespace, name, subresource)
    raise _nowhere()


def _nowhere() -> Refusal:
    return Refusal(404, "NotFound", "the server could not find the requested resource")


def _group(name: str) -> Document:
    versions = sorted({kind.version for kind in KINDS if kind.group == name})
    listed = [{"groupVersion": f"{name}/{one}", "version": one} for one in versions]
    return {"name": name, "versions": listed, "preferredVersion": listed[-1]}


def _resources(api_version: str) -> Document:
    kinds = [kind for kind in KINDS if kind.api_version == api_version]
    if not kinds:
        raise _nowhere()
    listed = [
        {
            "name": kind.plural,
            "singularName": kind.name.lower(),
            "namespaced": kind.namespaced,
            "kind": kind.name,
            "verbs": VERBS,
            **({"shortNames": [kind.short]} if kind.short else {}),
        }
        for kind in kinds
    ]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": api_version,
        "resources": listed,
    }


def _scale_of(document: Document) -> Document:
    status = document.get("status") or {}
    return {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {
            key: document["metadata"][key]
            for key in ("name", "namespace", "uid", "resourceVersion")
            if key in document["metadata"]
        },
        "spec": {"replicas": document["spec"].get("replicas", 1)},
        "status": {"replicas": status.get("replicas", 0)},
    }


def _agent(request: Request) -> str:
    return request.headers.get("user-agent", "unknown").partition("/")[0] or "unknown"


def _json(body: bytes) -> Document:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise malformed(f"the body is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise malformed("the body is no object")
    return document
