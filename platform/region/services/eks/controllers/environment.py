"""The environment of a container: literal values, config maps, secrets, what the pod is called."""

import base64
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import yaml

from platformctl.kubernetes.kinds import kind_of
from platformctl.region.services.ecs.failures import TaskStartError
from platformctl.region.services.ecs.secret_values import SecretValues
from platformctl.region.services.eks.api.objects import Document, Objects

if TYPE_CHECKING:
    from platformctl.region.runtime import Address, Runtime

CONFIG_MAP, SECRET = kind_of("v1", "ConfigMap"), kind_of("v1", "Secret")
PROVIDER = kind_of("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass")
DRIVER = "secrets-store.csi.k8s.io"
HOST = re.compile(r"\b([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?(?::(\d+))?")
REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")


class NotYetError(Exception):
    """Something that a container needs is not there yet; Kubernetes tries again."""


class Environments:
    """Puts environments together.

    Args:
        runtime: The region.
        region: Region name of the cluster.
        objects: The cluster's objects.
        place: Returns where a service's port listens; port 0 for its address alone.
    """

    def __init__(
        self,
        runtime: "Runtime",
        region: str,
        objects: Objects,
        place: Callable[[str, str, int], "Address"],
    ) -> None:
        self._region = region
        self._objects = objects
        self._place = place
        self._secrets = SecretValues(runtime)

    async def mount(self, pod: Document) -> None:
        """Fetch the secrets of a pod's secret volumes, and copy them into the cluster.

        Raises:
            NotYetError: A source or a secret does not exist.
        """
        namespace = pod["metadata"]["namespace"]
        for volume in pod["spec"].get("volumes") or ():
            csi = volume.get("csi") or {}
            if csi.get("driver") != DRIVER:
                continue
            name = (csi.get("volumeAttributes") or {}).get("secretProviderClass", "")
            source = self._objects.get(PROVIDER, namespace, name)
            if source is None:
                raise NotYetError(f'SecretProviderClass "{name}" not found')
            values = await self._fetch(source)
            for copy in source["spec"].get("secretObjects") or ():
                self._copy(namespace, copy, values)

    async def _fetch(self, source: Document) -> dict[str, str]:
        """Return the values of a source by their alias."""
        wanted = yaml.safe_load((source["spec"].get("parameters") or {}).get("objects") or "[]")
        values: dict[str, str] = {}
        for one in wanted:
            for key in one.get("jmesPath") or [{"path": "", "objectAlias": one["objectName"]}]:
                reference = f"{one['objectName']}:{key['path'].strip(chr(34))}::"
                try:
                    values[key["objectAlias"]] = await self._secrets.fetch(reference, self._region)
                except TaskStartError as error:
                    raise NotYetError(f"failed to fetch secret: {error.reason.text}") from error
        return values

    def _copy(self, namespace: str, copy: Mapping[str, Any], values: Mapping[str, str]) -> None:
        data = {
            one["key"]: base64.b64encode(values[one["objectName"]].encode()).decode()
            for one in copy["data"]
            if one["objectName"] in values
        }
        live = self._objects.get(SECRET, namespace, copy["secretName"])
        document: Document = {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": copy.get("type") or "Opaque",
            "data": data,
            "metadata": {"name": copy["secretName"], "namespace": namespace},
        }
        document["metadata"] = live["metadata"] if live else self._objects.new_metadata(document)
        self._objects.put(SECRET, document)

    def variables(self, pod: Document, container: Mapping[str, Any], host: str) -> dict[str, str]:
        """Return the variables that a container's definition says.

        Names of services that only the cluster's DNS would know are replaced by addresses.

        Raises:
            NotYetError: A config map, a secret or a key does not exist.
        """
        namespace = pod["metadata"]["namespace"]
        found: dict[str, str] = {}
        for source in container.get("envFrom") or ():
            prefix = source.get("prefix") or ""
            for kind, member in ((CONFIG_MAP, "configMapRef"), (SECRET, "secretRef")):
                if source.get(member):
                    values = self._values(kind, namespace, source[member])
                    found |= {prefix + key: value for key, value in values.items()}
        for one in container.get("env") or ():
            value = self._value(pod, one, host)
            if value is not None:
                found[one["name"]] = REFERENCE.sub(
                    lambda match: found.get(match[1], match[0]), value
                )
        return {key: self._resolved(value) for key, value in found.items()}

    def _value(self, pod: Document, one: Mapping[str, Any], host: str) -> str | None:
        source = one.get("valueFrom")
        if not source:
            return one.get("value") or ""
        namespace = pod["metadata"]["namespace"]
        for kind, member in ((CONFIG_MAP, "configMapKeyRef"), (SECRET, "secretKeyRef")):
            if source.get(member):
                reference = source[member]
                values = self._values(kind, namespace, reference)
                if reference["key"] in values:
                    return values[reference["key"]]
                if reference.get("optional"):
                    return None
                raise NotYetError(
                    f"couldn't find key {reference['key']} in {kind.name} "
                    f"{namespace}/{reference['name']}"
                )
        path = (source.get("fieldRef") or {}).get("fieldPath", "")
        fields = {
            "metadata.name": pod["metadata"]["name"],
            "metadata.namespace": namespace,
            "metadata.uid": pod["metadata"]["uid"],
            "spec.nodeName": pod["spec"].get("nodeName", ""),
            "spec.serviceAccountName": pod["spec"].get("serviceAccountName", "default"),
            "status.podIP": host,
            "status.hostIP": host,
        }
        return fields.get(path, "")

    def _values(self, kind: Any, namespace: str, reference: Mapping[str, Any]) -> dict[str, str]:
        document = self._objects.get(kind, namespace, reference["name"])
        if document is None:
            if reference.get("optional"):
                return {}
            raise NotYetError(f'{kind.name.lower()} "{reference["name"]}" not found')
        data = document.get("data") or {}
        if kind is SECRET:
            return {key: base64.b64decode(value).decode() for key, value in data.items()}
        return dict(data)

    def _resolved(self, value: str) -> str:
        def address(match: re.Match[str]) -> str:
            place = self._place(match[2], match[1], int(match[3] or 0))
            return f"{place.host}:{place.port}" if match[3] else place.host

        return HOST.sub(address, value)
