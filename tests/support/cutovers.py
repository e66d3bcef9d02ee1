"""A storefront with two sides in a running region, its releases, its customers and operators."""

import json
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import replace

import httpx
from support.ecs import wait_for
from support.operations import ACTOR, create_table
from support.paper import PaperProject
from support.ports import free_port
from support.versions import STOREFRONT, checkout, good

from platformctl.aws.clients import local_clients
from platformctl.config.cutover import CutoverConfig
from platformctl.engine import Engine
from platformctl.operations.cutover.balanced import Weights
from platformctl.operations.cutover.course import Course, read_course
from platformctl.operations.cutover.fargate import FargateSide
from platformctl.operations.cutover.plan import make_plan, steps
from platformctl.operations.cutover.retirement import Retirement
from platformctl.operations.cutover.standing import read_standing
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.cutover.version import Version
from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.lease import Leases
from platformctl.operations.kernel.runner import Runner
from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.kernel.tools import Patience, Tools
from platformctl.operations.load.traffic import Client
from platformctl.operations.services.find import choose, find_services
from platformctl.operations.services.traffic import active
from platformctl.provider import local_providers

PROGRAM = """
from platformctl.components.base import Supporting

vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
subnets = [
    aws.ec2.Subnet(f"net-{{zone}}", vpc_id=vpc.id, cidr_block=f"10.0.{{number}}.0/24",
                   availability_zone=f"us-east-1{{zone}}").id
    for number, zone in enumerate("ab")
]
group = aws.ec2.SecurityGroup("group", vpc_id=vpc.id, description="all")
balancer = ApplicationLoadBalancer("store", ApplicationLoadBalancerArgs(
    load_balancer_name="store", subnet_ids=subnets, security_group_ids=[group.id],
    http_port={port}, test_port={test_port}, access_logs=Supporting(skip=True),
    deletion_protection=False))
cluster = ContainerCluster("store", ContainerClusterArgs(cluster_name="store"))
store = FargateService("store", FargateServiceArgs(
    service_name="store", container_name="storefront", region="us-east-1",
    cluster_arn=cluster.arn, cluster_name=cluster.cluster_name, image="{image}",
    repository_arn="arn:aws:ecr:us-east-1:000000000000:repository/storefront",
    subnet_ids=subnets, security_group_ids=[group.id], port=8080, desired_count=1,
    environment={{"RELEASE": "r1", "ORDERS": "{orders}"}},
    route=Route(listener_arn=balancer.listener_arn, vpc_id=vpc.id, priority=10, paths=["/*"],
                deregistration_delay={drain_seconds},
                health_check=HealthCheck(interval=5, timeout=2, healthy_threshold=2)),
    scaling=Scaling(minimum=1, maximum=3, tracking=CpuTracking()),
    deployment=BlueGreen(test_listener_arn=balancer.test_listener_arn)))
"""
REPOSITORY = "storefront"
QUICK = {
    "weights": [50, 100],
    "stepSeconds": 2,
    "bakeSeconds": 1,
    "keepWarmSeconds": 0,
    "deadlineSeconds": 60,
    "readySeconds": 0,
    "analysis": {
        "intervalSeconds": 1,
        "periodSeconds": 1,
        "minimumRequests": 10,
        "p99Milliseconds": 400,
        "relativeErrorPercent": 2,
        "relativeLatencyPercent": None,
        "errorLimit": 4,
    },
}
"""A cutover of a few seconds."""
AT_ONCE = {"weights": [100], "bakeSeconds": 0}
ROLE = "arn:aws:iam::000000000000:role/retire"


class Store:
    """The service in its region.

    Args:
        folder: For its checkouts.
        region: The region.
        drain_seconds: How long a side may finish its requests, once it is stopped.
    """

    def __init__(self, folder, region, *, drain_seconds=5):
        self.folder = folder
        self.orders = folder / "orders"
        self.region = region
        self.port, self.test_port = free_port(), free_port()
        self.clients = local_clients(region.endpoint)
        ecr = region.client("ecr")
        with suppress(ecr.exceptions.RepositoryAlreadyExistsException):  # of another test's store
            ecr.create_repository(repositoryName=REPOSITORY)
        self.releases = {}
        project = PaperProject(folder / "program")
        image = self.push("1", good("1", STOREFRONT))
        program = PROGRAM.format(
            port=self.port,
            test_port=self.test_port,
            image=image,
            orders=self.orders,
            drain_seconds=drain_seconds,
        )
        project.write(program)
        engine = Engine(
            project.stack,
            project.project,
            project.program,
            local_providers(region.endpoint),
            configuration={"aws:region": "us-east-1"},
            parallel=8,
            on_event=lambda event: None,
        )
        engine.up()
        found = choose(find_services(project.stack.export()), "store")
        self.service = replace(found, retire_role_arn=ROLE)
        self.releases["r1"] = Version(
            release="r1", version="1", task_definition=self.service.task_definition_arn
        )

    def push(self, name, version):
        """Put a version's image into the repository; return its reference."""
        source = checkout(self.folder / f"checkout-{name}", version)
        pushed = self.region.controller.push(source, REPOSITORY)
        return f"000000000000.dkr.ecr.us-east-1.amazonaws.com/{REPOSITORY}@{pushed.digest}"

    def release(self, name, version):
        """Record a release of a version; it is made once."""
        if name not in self.releases:
            arn = self.define(name, image=self.push(name, version))
            self.releases[name] = Version(release=name, version=version.name, task_definition=arn)
        return self.releases[name]

    def define(self, name, **changes):
        """Register a revision like the deployed one with another image or other secrets."""
        ecs = self.region.client("ecs")
        found = ecs.describe_task_definition(taskDefinition=self.service.task_definition_arn)
        definition = found["taskDefinition"]
        kept = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "cpu", "memory")
        container = {**definition["containerDefinitions"][0], **changes}
        container["environment"] = [
            {"name": "RELEASE", "value": name},
            {"name": "ORDERS", "value": str(self.orders)},
        ]
        answer = ecs.register_task_definition(
            **{key: definition[key] for key in kept if key in definition},
            requiresCompatibilities=["FARGATE"],
            containerDefinitions=[container],
        )
        return answer["taskDefinition"]["taskDefinitionArn"]

    # What is there now.

    def side(self, key):
        return FargateSide(self.service, self.service.sides[key], self.clients)

    @property
    def weights(self):
        return Weights(self.service, self.clients)

    @property
    def serving(self):
        return active(self.service, self.clients).side

    @property
    def idle(self):
        return {"blue": "green", "green": "blue"}[self.serving]

    def ask(self, path="/version", port=None):
        """Ask through the load balancer."""
        url = self.service.balancing.url.rpartition(":")[0]
        return httpx.get(f"{url}:{port or self.port}{path}", timeout=15)

    def schedules(self):
        return [
            each["Name"] for each in self.region.client("scheduler").list_schedules()["Schedules"]
        ]

    def settle(self):
        """Let the first release serve alone on blue, whatever a test has left behind."""
        for key in ("blue", "green"):
            Retirement(self.service, self.service.sides[key], self.clients).cancel()
        blue, green = self.side("blue"), self.side("green")
        blue.begin(self.releases["r1"].task_definition, 1)
        blue.scale(serving=True)
        first = self.releases["r1"].task_definition

        def well():
            tasks = blue.tasks()
            return (
                len(tasks) == 1
                and tasks[0]["taskDefinitionArn"] == first
                and self.weights.healthy(blue.side) == 1
            )

        wait_for(well, what="blue with the first release")
        self.weights.shift({"blue": 100, "green": 0})
        self.weights.point_tests("green")
        green.stop()
        wait_for(lambda: not green.tasks(), what="green without tasks")

    def console(self):
        """Return a place to operate it from, with a table of its own."""
        return StoreConsole(self)

    @contextmanager
    def customers(self, rate=100):
        """Send requests at a rate until the end of the block; yield what becomes of them."""
        crowd = Customers(self, rate)
        crowd.start()
        try:
            yield crowd
        finally:
            crowd.stop()


class StoreConsole:
    """One operations table, and whoever operates with it.

    Args:
        store: The service.
        clients: Makes boto3 clients; the region's by default.
    """

    def __init__(self, store, clients=None):
        self.store = store
        self.clients = clients or store.clients
        client = store.region.client("dynamodb")
        name = f"operations-{time.monotonic_ns()}"
        create_table(client, name)
        self.table = OperationsTable(client, name)
        self.journal = Journal(self.table)
        self.events = []
        self.observers = [self.events.append]
        self.patience = Patience(errors=2, pause=0.1, look=0.1)

    def runner(self):
        """Return a runner, as another process would have it."""

        def observe(event):
            for observer in self.observers:
                observer(event)

        tools = Tools(
            journal=self.journal,
            clients=self.clients,
            actor=ACTOR,
            observer=observe,
            patience=self.patience,
        )
        surroundings = Surroundings(connect=Client, table=self.table)
        return Runner(tools, Leases(self.table, duration=5), lambda plan: steps(plan, surroundings))

    def course(self, after, *, before=None, timing=(), **changes):
        """Return the course from the side that serves to the other one."""
        store = self.store
        wanted = {**QUICK, **dict(timing)}
        wanted["analysis"] = {**QUICK["analysis"], **wanted.get("analysis", {})}
        return Course(
            service=changes.pop("service", store.service),
            old=store.serving,
            new=store.idle,
            before=before or store.releases["r1"],
            after=after,
            timing=CutoverConfig.model_validate(wanted),
            keep_failed_seconds=changes.pop("keep_failed_seconds", 0),
            **changes,
        )

    def run(self, course, kind="deploy", **more):
        """Run a course."""
        return self.runner().run(make_plan(kind, "dev", course), **more)

    def cut_over(self, after, timing=(), **changes):
        """Run a cutover to a release."""
        return self.run(self.course(after, timing=timing, **changes))

    @property
    def standing(self):
        return read_standing(self.table, self.store.service.name)

    def samples(self, operation):
        return self.journal.samples(operation.id)


class Customers:
    """Requests at a steady rate, each on time whether or not others were answered.

    Attributes:
        answers: How often each status was given, by release; -1 for no answer at all.
    """

    def __init__(self, store, rate):
        self.answers = Counter()
        self._url = store.service.balancing.url
        self._pause = 1 / rate * 4
        self._ended = threading.Event()
        self._rounds = [0] * 4
        self._threads = [
            threading.Thread(target=self._ask, args=(number,), daemon=True)
            for number in range(len(self._rounds))
        ]

    def start(self):
        for thread in self._threads:
            thread.start()
        wait_for(lambda: sum(self.answers.values()) > 20, what="customers")

    def stop(self):
        self._ended.set()
        for thread in self._threads:
            thread.join(20)

    def ask_again(self):
        """Wait until each of them has sent a request from now on, and what came of it is known."""
        before = list(self._rounds)
        # The first round to end may have begun before.
        wait_for(
            lambda: all(now > then + 1 for now, then in zip(self._rounds, before, strict=True)),
            what="a request of each customer",
        )

    @property
    def failures(self):
        """Return what was not answered 200, by (status, release)."""
        return {key: count for key, count in self.answers.items() if key[0] != 200}

    def _ask(self, number):
        with httpx.Client(timeout=15) as client:
            while not self._ended.wait(self._pause):
                try:
                    answer = client.get(f"{self._url}/items/7")
                except httpx.HTTPError as error:
                    self.answers[-1, type(error).__name__] += 1
                else:
                    release = answer.headers.get("x-release", "")
                    self.answers[answer.status_code, release] += 1
                self._rounds[number] += 1


def run_plan(request):
    """Run a cutover in this process, which may be killed: what a test starts as a program."""
    asked = json.loads(request)
    clients = local_clients(asked["endpoint"])
    table = OperationsTable(clients("dynamodb", "us-east-1"), asked["table"])
    course = read_course(asked["parameters"])
    tools = Tools(journal=Journal(table), clients=clients, actor=ACTOR, observer=lambda event: None)
    surroundings = Surroundings(connect=Client, table=table)
    runner = Runner(tools, Leases(table), lambda plan: steps(plan, surroundings))
    runner.run(make_plan("deploy", "dev", course))
