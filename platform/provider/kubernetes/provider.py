"""The provider itself: check, compare, apply, wait, delete; one way for every kind."""

import threading
from collections.abc import Sequence
from functools import cached_property
from time import monotonic
from typing import Any

from platformctl.kubernetes.schemas import NEWEST
from platformctl.plugin.provider import (
    Call,
    CheckFailure,
    CheckResult,
    DiffResult,
    ResourceOperationError,
    ResourceState,
)
from platformctl.plugin.values import UNKNOWN, Properties, Secret
from platformctl.provider.diff import ignoring
from platformctl.provider.kubernetes import objects, readiness
from platformctl.provider.kubernetes.connection import Connection, StatusError, place_of

MANAGER = "pulumi-kubernetes"
FORCE = "pulumi.com/patchForce"
PROPAGATION = "pulumi.com/deletionPropagationPolicy"
HELM_RELEASE = "kubernetes:helm.sh/v3:Release"
"""Recorded in the state only: what the chart's controller does, the local region does itself."""
CONFLICTS = 5


class KubernetesProvider:
    """Objects of one cluster.

    Args:
        online: Whether the cluster may be talked to; a preview without a region may not.
        configuration: The provider's configuration: `kubeconfig`, `context`, `namespace`.
    """

    def __init__(self, configuration: Properties, *, online: bool) -> None:
        self._online = online
        kubeconfig = configuration.get("kubeconfig")
        # The engine hands objects over as objects, even those that were text.
        self._kubeconfig = kubeconfig if isinstance(kubeconfig, str) else _text(kubeconfig)
        self._context = configuration.get("context") or ""
        self._namespace = configuration.get("namespace") or objects.DEFAULT_NAMESPACE
        self._pause = threading.Event().wait

    @cached_property
    def _connection(self) -> Connection:
        if not self._online:
            raise ResourceOperationError("this stack can only be previewed here: no cluster")
        if not self._kubeconfig:
            raise ResourceOperationError(
                "the Kubernetes provider has no kubeconfig: pass one to the provider resource"
            )
        return Connection(place_of(self._kubeconfig, self._context))

    def check(
        self, call: Call, old_inputs: Properties, new_inputs: Properties, random_seed: bytes
    ) -> CheckResult:
        """Complete the object and judge it by Kubernetes' schemas and rules."""
        if call.type == HELM_RELEASE:
            return CheckResult(new_inputs, list(_release_failures(new_inputs)))
        inputs = objects.complete(call.type, call.name, old_inputs, new_inputs, random_seed)
        return CheckResult(inputs, objects.failures(inputs, NEWEST))

    def diff(
        self,
        call: Call,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> DiffResult:
        """Compare with what was applied last."""
        del call, resource_id, old_outputs
        return objects.difference(old_inputs, ignoring(old_inputs, new_inputs, ignore_changes))

    def create(self, call: Call, inputs: Properties) -> ResourceState:
        """Apply the object, and wait until it is ready."""
        if call.preview:
            return ResourceState("", inputs, {**inputs, "status": UNKNOWN})
        if call.type == HELM_RELEASE:
            return ResourceState(inputs.get("name") or call.name, inputs, inputs)
        return self._apply(call, inputs)

    def read(
        self, call: Call, resource_id: str, inputs: Properties, outputs: Properties
    ) -> ResourceState:
        """Read the object; what the program did not say does not count as its inputs."""
        if not self._online or call.type == HELM_RELEASE:
            return ResourceState(resource_id, inputs, outputs)
        wanted = inputs or self._imported(call, resource_id)
        live = self._asked(lambda: self._connection.get(objects.path(wanted, self._namespace)))
        if live is None:
            return ResourceState("", {}, {})
        found = objects.seen(inputs, live) if inputs else _said(live)
        return ResourceState(resource_id, found, _outputs(live))

    def _imported(self, call: Call, resource_id: str) -> Properties:
        api_version, kind = objects.type_of(call.type)
        namespace, _, name = resource_id.rpartition("/")
        metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
        return {"apiVersion": api_version, "kind": kind, "metadata": metadata}

    def update(
        self,
        call: Call,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> ResourceState:
        """Apply the object again; what is to be ignored stays as it is in the cluster."""
        wanted = ignoring(old_inputs, new_inputs, ignore_changes)
        if call.preview:
            return ResourceState(resource_id, wanted, {**old_outputs, **wanted})
        if call.type == HELM_RELEASE:
            return ResourceState(resource_id, wanted, wanted)
        return self._apply(call, wanted, ignore_changes)

    def delete(self, call: Call, resource_id: str, inputs: Properties, outputs: Properties) -> None:
        """Delete the object with what belongs to it, and wait until it is gone."""
        del outputs
        if call.type == HELM_RELEASE:
            return
        place = objects.path(inputs or self._imported(call, resource_id), self._namespace)
        annotations = (inputs.get("metadata") or {}).get("annotations") or {}
        policy = str(annotations.get(PROPAGATION) or "foreground").capitalize()
        self._asked(lambda: self._connection.delete(place, policy))
        if readiness.skipped({"metadata": inputs.get("metadata") or {}}):
            return
        self._until(call, lambda: self._connection.get(place) is None, f"deleting {place}")

    def find(self, call: Call, inputs: Properties) -> ResourceState | None:
        """Look up what a killed create may have left behind, by its name."""
        if call.type == HELM_RELEASE or not inputs.get("metadata", {}).get("name"):
            return None
        live = self._asked(lambda: self._connection.get(objects.path(inputs, self._namespace)))
        if live is None or not _managed(live):
            return None
        return ResourceState(objects.identity(inputs, self._namespace), inputs, _outputs(live))

    def invoke(self, token: str, arguments: Properties, *, preview: bool) -> Properties:
        """Answer no data source."""
        del arguments, preview
        raise ResourceOperationError(f"package kubernetes has no data source {token} here")

    def _apply(self, call: Call, inputs: Properties, ignored: Sequence[str] = ()) -> ResourceState:
        place = objects.path(inputs, self._namespace)
        document = objects.manifest(inputs)
        if ignored:
            live = self._asked(lambda: self._connection.get(place))
            if live is not None:
                document = ignoring(live, document, ignored)
        annotations = inputs["metadata"].get("annotations") or {}
        force = annotations.get(FORCE) == "true"
        live = self._asked(lambda: self._connection.apply(place, document, MANAGER, force=force))
        identity = objects.identity(inputs, self._namespace)
        try:
            live = self._ready(call, place, live)
        except ResourceOperationError as error:
            error.partial = ResourceState(identity, inputs, _outputs(live))
            raise
        return ResourceState(identity, inputs, _outputs(live))

    def _ready(self, call: Call, place: str, live: dict[str, Any]) -> dict[str, Any]:
        """Wait until an object is ready; return it as it is then."""
        if readiness.skipped(live) or not readiness.unready(live):
            return live
        latest = [live]

        def ready() -> bool:
            found = self._connection.get(place)
            if found is None:
                raise ResourceOperationError(f"{place} was deleted while it was waited for")
            latest[0] = found
            return not readiness.unready(found)

        try:
            self._until(call, ready, place)
        except ResourceOperationError as error:
            lacking = readiness.unready(latest[0])
            raise ResourceOperationError(f"{error.reason}: {lacking}") from error
        return latest[0]

    def _until(self, call: Call, done: Any, what: str) -> None:
        end = monotonic() + (call.timeout or readiness.TIMEOUT_SECONDS)
        delay = 0.05
        while not self._asked(done):
            if monotonic() > end:
                seconds = call.timeout or readiness.TIMEOUT_SECONDS
                raise ResourceOperationError(f"{what} took longer than {seconds:g} s")
            self._pause(delay)
            delay = min(delay * 1.5, 1.0)

    def _asked(self, question: Any) -> Any:
        """Ask the API server; its refusals are told as it words them."""
        try:
            return question()
        except StatusError as error:
            raise ResourceOperationError(f"{error.reason}: {error.message}") from error


def _text(kubeconfig: Any) -> str:
    import json  # noqa: PLC0415  # only where it is needed

    return json.dumps(kubeconfig) if kubeconfig else ""


def _release_failures(inputs: Properties) -> list[CheckFailure]:
    """Return what is missing in a Helm release."""
    return [
        CheckFailure(key, f"{key} is missing: without it a release would change by itself")
        for key in ("chart", "version")
        if inputs.get(key) is None
    ]


def _outputs(live: dict[str, Any]) -> Properties:
    """Return an object as outputs; what a Secret holds stays secret."""
    outputs = dict(live)
    outputs["metadata"] = {
        key: value for key, value in live["metadata"].items() if key != "managedFields"
    }
    if live.get("kind") == "Secret":
        for key in ("data", "stringData"):
            if key in outputs:
                outputs[key] = Secret(outputs[key])
    return outputs


def _said(live: dict[str, Any]) -> Properties:
    """Return the inputs that would make an imported object."""
    metadata = {
        key: value
        for key, value in live["metadata"].items()
        if key in ("name", "namespace", "labels", "annotations")
    }
    rest = {key: value for key, value in live.items() if key not in ("metadata", "status")}
    return {**rest, "metadata": metadata}


def _managed(live: dict[str, Any]) -> bool:
    entries = live["metadata"].get("managedFields") or ()
    return any(entry.get("manager") == MANAGER for entry in entries)
