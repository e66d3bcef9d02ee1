"""The selector of a workload's Service in Kubernetes: which side gets the requests."""

from collections.abc import Mapping

from platformctl.aws.clients import Clients
from platformctl.aws.kubernetes import Cluster
from platformctl.errors import InvocationError
from platformctl.operations.cutover.balanced import ALL, HEALTHY, TargetHealth
from platformctl.operations.cutover.kubernetes_side import KubernetesSide
from platformctl.operations.services.model import Service, Side
from platformctl.operations.services.traffic import active


class Selector:
    """Which side of a workload gets the requests: all of them, or none.

    Args:
        service: The workload.
        clients: Makes boto3 clients.
    """

    def __init__(self, service: Service, clients: Clients) -> None:
        self._service = service
        self._clients = clients

    def shares(self) -> dict[str, float]:
        """Return 100 for the side that gets the requests, 0 for the other."""
        return dict(active(self._service, self._clients).shares)

    def shift(self, shares: Mapping[str, int]) -> None:
        """Have a side get all requests.

        Raises:
            InvocationError: Both would get some.
        """
        taking = [side for side, share in shares.items() if share == ALL]
        if len(taking) != 1:
            raise InvocationError(
                f"the requests of {self._service.name} cannot be shared out",
                why="a Service of Kubernetes sends them to the pods of one selector",
                remedy="use the preset allAtOnce",
            )
        service = self._service
        cluster = Cluster(self._clients, service.cluster, service.region)
        cluster.patch(
            f"/api/v1/namespaces/{service.namespace}/services/{service.workload}",
            {"spec": {"selector": {"side": taking[0]}}},
        )

    def health(self, side: Side) -> dict[str, TargetHealth]:
        """Return what is known about each pod of a side."""
        return {
            pod.name: TargetHealth(state=HEALTHY if pod.ready else "unready", why=pod.why)
            for pod in KubernetesSide(self._service, side, self._clients).pods()
        }

    def healthy(self, side: Side) -> int:
        """Return how many pods of a side take requests."""
        return sum(each.state == HEALTHY for each in self.health(side).values())

    def point_tests(self, side: str) -> None:
        """Do nothing: a pod is asked by its name."""
