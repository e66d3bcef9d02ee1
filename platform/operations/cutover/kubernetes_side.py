"""One side of a workload in Kubernetes: its Deployment, and how its pods are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.aws.kubernetes import Cluster
from platformctl.errors import PlatformError
from platformctl.operations.logs.lines import readable
from platformctl.operations.report.redaction import redacted_text
from platformctl.operations.services.model import Service, Side
from platformctl.operations.services.traffic import active

LINES = 10
"""Log lines that are told of a pod."""
HOPELESS = frozenset(
    {
        "CreateContainerConfigError",
        "ErrImagePull",
        "ErrImageNeverPull",
        "ImagePullBackOff",
        "InvalidImageName",
    }
)
"""Why a container waits that no second attempt takes away."""
MOST_RESTARTS = 2
"""Ends of its containers after which a release is at fault; one may be the node's."""


@dataclass(frozen=True, kw_only=True)
class DeploymentState:
    """What a Deployment says.

    Attributes:
        image: Image of its pods.
        wanted: Pods that it shall have.
        pods: Pods that it has, those of older templates included.
        ready: Pods of its newest template that take requests.
        observed: Whether Kubernetes has seen its newest change yet.
        stalled: Why its rollout was given up; "" if it was not.
    """

    image: str
    wanted: int
    pods: int
    ready: int
    observed: bool
    stalled: str

    @property
    def complete(self) -> bool:
        """Whether every pod is of the newest template and takes requests."""
        return self.observed and self.wanted == self.pods == self.ready


@dataclass(frozen=True, kw_only=True)
class PodState:
    """What a pod says.

    Attributes:
        name: Its name.
        ready: Whether it takes requests.
        restarts: How often its container has ended.
        waiting: Why its container does not run, as Kubernetes calls it; "" if it runs.
        why: What Kubernetes says about its container.
    """

    name: str
    ready: bool
    restarts: int
    waiting: str
    why: str

    @property
    def fails(self) -> bool:
        """Whether it will not take requests however long one waits."""
        return self.waiting in HOPELESS or self.restarts >= MOST_RESTARTS


class KubernetesSide:
    """One side.

    Args:
        service: The workload.
        side: Which side of it.
        clients: Makes boto3 clients.
    """

    def __init__(self, service: Service, side: Side, clients: Clients) -> None:
        self.service = service
        self.side = side
        self.cluster = Cluster(clients, service.cluster, service.region)

    @property
    def path(self) -> str:
        """Path of its Deployment."""
        return f"/apis/apps/v1/namespaces/{self.service.namespace}/deployments/{self.side.name}"

    def state(self) -> DeploymentState:
        """Return what its Deployment says."""
        found = self.cluster.get(self.path)
        spec, status = found["spec"], found.get("status") or {}
        stalled = [
            condition.get("message", "")
            for condition in status.get("conditions") or ()
            if condition["type"] == "Progressing" and condition["status"] == "False"
        ]
        return DeploymentState(
            image=self._container(spec["template"]["spec"])["image"],
            wanted=int(spec.get("replicas", 1)),
            pods=int(status.get("replicas", 0)),
            ready=min(int(status.get("updatedReplicas", 0)), int(status.get("readyReplicas", 0))),
            observed=status.get("observedGeneration", 0) >= found["metadata"]["generation"],
            stalled=stalled[0] if stalled else "",
        )

    def begin(self, image: str, count: int) -> None:
        """Have a number of pods of an image; nothing is asked for that is so already."""
        now = self.state()
        if (now.image, now.wanted) == (image, count):
            return
        container = {"name": self.service.container, "image": image}
        self.cluster.patch(
            self.path,
            {
                "spec": {
                    "replicas": count,
                    "template": {"spec": {"containers": [container]}},
                }
            },
        )

    def stop(self) -> None:
        """Have no pods; an autoscaler leaves alone what has none."""
        if self.state().wanted:
            self.cluster.patch(self.path, {"spec": {"replicas": 0}})

    def pods(self) -> list[PodState]:
        """Return its pods, the leaving ones left out."""
        selector = f"app%3D{self.service.workload}%2Cside%3D{self.side.key}"
        namespace = self.service.namespace
        found = self.cluster.get(f"/api/v1/namespaces/{namespace}/pods?labelSelector={selector}")
        return [
            self._pod(each)
            for each in found["items"]
            if "deletionTimestamp" not in each["metadata"]
        ]

    def last_lines(self, pod: str) -> Sequence[str]:
        """Return the last lines that a pod logged; none where its log cannot be read."""
        path = f"/api/v1/namespaces/{self.service.namespace}/pods/{pod}/log?tailLines={LINES}"
        try:
            lines = self.cluster.text(path).splitlines()[-LINES:]
        except PlatformError:
            # A pod that never ran has no log, and who may cut over need not be allowed to read it.
            return ()
        return [redacted_text(readable(line)) for line in lines]

    def _pod(self, document: Mapping[str, Any]) -> PodState:
        status = document.get("status") or {}
        statuses = status.get("containerStatuses") or ()
        own = next((one for one in statuses if one["name"] == self.service.container), {})
        state = own.get("state") or {}
        waiting = state.get("waiting") or {}
        ended = (own.get("lastState") or {}).get("terminated") or state.get("terminated") or {}
        said = [waiting.get("reason"), waiting.get("message"), ended.get("message")]
        if ended:
            said.append(f"it exited with {ended.get('exitCode')}")
        return PodState(
            name=document["metadata"]["name"],
            ready=any(
                condition["type"] == "Ready" and condition["status"] == "True"
                for condition in status.get("conditions") or ()
            ),
            restarts=int(own.get("restartCount", 0)) + bool(state.get("terminated")),
            waiting=waiting.get("reason", ""),
            why=", ".join(each for each in said if each) or status.get("phase", "").lower(),
        )

    def _container(self, pod: Mapping[str, Any]) -> Mapping[str, Any]:
        return next(each for each in pod["containers"] if each["name"] == self.service.container)


def image_that_serves(service: Service, clients: Clients) -> str:
    """Return the image of the side that gets the requests; of any if several do."""
    side = active(service, clients).side or next(iter(service.sides))
    return KubernetesSide(service, service.sides[side], clients).state().image
