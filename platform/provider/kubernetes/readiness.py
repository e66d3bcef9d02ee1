"""When an object is done: a Deployment when all of its pods are, a Service when it has any.

Source: Pulumi's Kubernetes provider, "Await logic".
"""

from collections.abc import Mapping
from typing import Any

from platformctl.plugin.provider import ResourceOperationError

SKIP = "pulumi.com/skipAwait"
TIMEOUT_SECONDS = 600.0


def skipped(document: Mapping[str, Any]) -> bool:
    """Tell whether the program asked not to wait for an object."""
    annotations = document["metadata"].get("annotations") or {}
    return annotations.get(SKIP) == "true"


def unready(document: Mapping[str, Any]) -> str:
    """Return what an object still lacks, "" when it is done.

    Raises:
        ResourceOperationError: It will not be done any more.
    """
    if document["kind"] == "Deployment":
        return _deployment(document)
    if document["kind"] == "Namespace":
        phase = (document.get("status") or {}).get("phase")
        return "" if phase in (None, "Active") else f"it is {phase}"
    return ""


def _deployment(document: Mapping[str, Any]) -> str:
    spec, status = document["spec"], document.get("status") or {}
    wanted = spec.get("replicas", 1)
    for condition in status.get("conditions") or ():
        if condition["type"] == "Progressing" and condition.get("reason") == (
            "ProgressDeadlineExceeded"
        ):
            name = document["metadata"]["name"]
            raise ResourceOperationError(
                f"Deployment {name} did not get ready: {condition.get('message', '')}"
            )
    if status.get("observedGeneration", 0) < document["metadata"].get("generation", 1):
        return "its change has not been seen yet"
    counts = {
        "updated": status.get("updatedReplicas", 0),
        "available": status.get("availableReplicas", 0),
        "in all": status.get("replicas", 0),
    }
    if all(count == wanted for count in counts.values()):
        return ""
    return ", ".join(f"{count} of {wanted} pods {word}" for word, count in counts.items())
