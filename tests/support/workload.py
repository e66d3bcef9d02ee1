"""A workload with two sides in a running cluster, and its operators."""

import uuid
from dataclasses import replace

import httpx
from support.cutovers import QUICK
from support.ecs import wait_for
from support.kubernetes_cluster import PORT, Cluster
from support.operations import ACTOR, create_table

from platformctl.aws.clients import local_clients
from platformctl.config.cutover import CutoverConfig
from platformctl.operations.cutover.course import Course, SmokeCheck
from platformctl.operations.cutover.kubernetes_side import KubernetesSide
from platformctl.operations.cutover.plan import make_plan, steps
from platformctl.operations.cutover.standing import read_standing
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.cutover.version import Version
from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.lease import Leases
from platformctl.operations.kernel.runner import Runner
from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.kernel.tools import Patience, Tools
from platformctl.operations.load.traffic import Client
from platformctl.operations.services.model import Service, Side
from platformctl.operations.services.traffic import active

SIDES = ("blue", "green")
HEALTH = SmokeCheck(name="it is well", path="/health")


class Workload:
    """The workload in its cluster.

    Args:
        region: The region.
    """

    def __init__(self, region):
        self.region = region
        self.clients = local_clients(region.endpoint)
        self.cluster = Cluster(region)
        for side, count in zip(SIDES, (1, 0), strict=True):
            document = self.cluster.deployment(f"web-{side}", count, variables={"VERSION": side})
            labels = {"app": "web", "side": side}
            document["spec"]["selector"] = {"matchLabels": labels}
            document["spec"]["template"]["metadata"]["labels"] = labels
            self.cluster.apps.create_namespaced_deployment(self.cluster.namespace, document)
        self.url = self.cluster.serve("web", app="web", side="blue")
        self.service = Service(
            name="web",
            product="shop",
            kind="kubernetes",
            region="us-east-1",
            cluster=self.cluster.name,
            sides={key: Side(key=key, name=f"web-{key}") for key in SIDES},
            container="web",
            port=PORT,
            repository="web",
            namespace=self.cluster.namespace,
            workload="web",
        )
        self.first = Version(release="r1", version="1", image=self.cluster.image)
        self.settle()

    def side(self, key):
        return KubernetesSide(self.service, self.service.sides[key], self.clients)

    @property
    def serving(self):
        return active(self.service, self.clients).side

    def ask(self):
        """Return which side answers."""
        return httpx.get(self.url, timeout=5).json()["VERSION"]

    def give(self, side):
        """Change the selector, as nobody but an operation should."""
        body = {"spec": {"selector": {"side": side}}}
        self.cluster.core.patch_namespaced_service("web", self.cluster.namespace, body)

    def settle(self):
        """Let the first release serve alone on blue, whatever a test has left behind."""
        self.side("blue").begin(self.first.image, 1)
        wait_for(lambda: self.side("blue").state().complete, what="blue with the first release")
        self.give("blue")
        self.side("green").stop()
        wait_for(lambda: not self.side("green").pods(), what="green without pods")
        dynamodb = self.region.client("dynamodb")
        create_table(dynamodb, name := f"web-{uuid.uuid4().hex[:8]}")
        self.table = OperationsTable(dynamodb, name)
        self.journal = Journal(self.table)
        self.observers = []

    def runner(self, clients=None):
        """Return a runner, as another process would have it."""
        tools = Tools(
            journal=self.journal,
            clients=clients or self.clients,
            actor=ACTOR,
            observer=self._observe,
            patience=Patience(errors=2, pause=0.1, look=0.1),
        )
        surroundings = Surroundings(connect=Client, table=self.table)
        return Runner(tools, Leases(self.table, duration=2), lambda plan: steps(plan, surroundings))

    def _observe(self, event):
        for observer in self.observers:
            observer(event)

    def release(self, name, image=""):
        """Return a release of an image; of the first one's by default."""
        return Version(release=name, version=name, image=image or self.first.image)

    def course(self, after, *, timing=None, **changes):
        """Return the course from the side that serves to the other one."""
        old = self.serving
        course = Course(
            service=self.service,
            old=old,
            new={"blue": "green", "green": "blue"}[old],
            before=self.first,
            after=after,
            timing=CutoverConfig.model_validate({**QUICK, "weights": [100], **(timing or {})}),
            smoke=(HEALTH,),
            keep_failed_seconds=0,
        )
        return replace(course, **changes)

    def run(self, course, kind="deploy", clients=None):
        """Run a course to its end."""
        return self.runner(clients).run(make_plan(kind, "dev", course))

    @property
    def standing(self):
        return read_standing(self.table, "web")
