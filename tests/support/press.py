"""A consumer with two sides in a running region, and a ledger of everything it did."""

import time
import uuid
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from support.cutovers import QUICK
from support.ecs import Stage, wait_for
from support.operations import ACTOR, create_table

from platformctl.aws.clients import local_clients
from platformctl.config.cutover import CutoverConfig
from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.fargate import FargateSide
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
from platformctl.operations.services.model import Metric, Service, Side

SOURCE = Path(__file__).parent
IMAGE = "press-worker"
SIDES = ("blue", "green")


class Press:
    """The consumer in its region.

    Args:
        region: The region.
    """

    def __init__(self, region):
        self.region = region
        self.clients = local_clients(region.endpoint)
        self.name = f"press-{uuid.uuid4().hex[:6]}"
        self.stage = Stage(region, cluster=self.name)
        ecr = region.client("ecr")
        known = {one["repositoryName"] for one in ecr.describe_repositories()["repositories"]}
        if IMAGE not in known:
            ecr.create_repository(repositoryName=IMAGE)
        digest = region.controller.push(SOURCE, IMAGE).digest
        self.image = f"000000000000.dkr.ecr.us-east-1.amazonaws.com/{IMAGE}@{digest}"
        self.parameter = f"/shop/{self.name}/intake"
        self.ssm = region.client("ssm")
        self.ssm.put_parameter(Name=self.parameter, Value="blue", Type="String")
        self.ledger = f"{self.name}-ledger"
        self.dynamodb = region.client("dynamodb")
        self.dynamodb.create_table(
            TableName=self.ledger,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        create_table(self.dynamodb, f"{self.name}-operations")
        self.table = OperationsTable(self.dynamodb, f"{self.name}-operations")
        self.journal = Journal(self.table)
        self.observers = []
        self.since = 0.0
        self.first = self.release("r1", "blue")
        for side, count in zip(SIDES, (1, 0), strict=True):
            self.stage.serve(f"{self.name}-{side}", self.first.task_definition, count)
        self.service = Service(
            name=self.name,
            product="shop",
            kind="consumer",
            region="us-east-1",
            cluster=self.name,
            sides={
                side: Side(key=side, name=f"{self.name}-{side}", minimum_tasks=1, maximum_tasks=2)
                for side in SIDES
            },
            intake_parameter=self.parameter,
            backlog=Metric(namespace=self.name, name="Backlog", statistic="Average"),
            container="web",
        )
        wait_for(lambda: self.pieces("blue"), what="the first pieces of work")

    def release(self, name, side, *, flaw=""):
        """Record a release for a side; a flaw is something that is wrong with it."""
        variables = {
            "SIDE": side,
            "RELEASE": name,
            "FLAW": flaw,
            "LEDGER": self.ledger,
            "INTAKE_PARAMETER": self.parameter,
            "METRICS_NAMESPACE": self.name,
        }
        check = {
            "command": ["CMD", "python", "-m", "worker.healthcheck"],
            "interval": 5,
            "retries": 1,
            "startPeriod": 10,
        }
        container = self.stage.container(image=self.image, variables=variables, healthCheck=check)
        return Version(release=name, version=name, task_definition=self.stage.define(container))

    # What is there now.

    @property
    def intake(self):
        return self.ssm.get_parameter(Name=self.parameter)["Parameter"]["Value"]

    def side(self, key):
        return FargateSide(self.service, self.service.sides[key], self.clients)

    def task_arns(self, key):
        return self.side(key).task_arns()

    def pieces(self, side=None):
        """Return what was done since the test began, by whom and when, the first first."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.ledger)
        items = [item for page in pages for item in page["Items"]]
        none = {"N": "0"}
        return sorted(
            (float(item["began"]["N"]), float(item.get("ended", none)["N"]), item["side"]["S"])
            for item in items
            if side in (None, item["side"]["S"]) and float(item["began"]["N"]) > self.since
        )

    def unfinished(self):
        """Return what was begun and never ended, apart from what may still be under way."""
        return [piece for piece in self.pieces() if not piece[1] and piece[0] < time.time() - 2]

    def overlaps(self):
        """Return what one side did before the other had ended what it was doing."""
        return [
            (one, other)
            for one, other in pairwise(self.pieces())
            if one[2] != other[2] and (not one[1] or other[0] < one[1])
        ]

    def is_working(self, side):
        """Tell whether a side has done something since this was asked."""
        began = time.time()
        wait_for(
            lambda: any(piece[0] > began for piece in self.pieces(side)), what=f"work of {side}"
        )
        return True

    # Whoever operates it.

    def runner(self, clients=None, table=None):
        """Return a runner, as another process would have it."""
        table = table or self.table
        tools = Tools(
            journal=Journal(table),
            clients=clients or self.clients,
            actor=ACTOR,
            observer=self._observe,
            patience=Patience(errors=2, pause=0.1, look=0.1),
        )
        surroundings = Surroundings(connect=Client, table=table)
        return Runner(tools, Leases(table, duration=2), lambda plan: steps(plan, surroundings))

    def course(self, after, *, before=None, back=False, **timing):
        """Return the course from the side that works to the other one."""
        old = self.intake
        wanted = {**QUICK, "weights": [100], **timing}
        return Course(
            service=self.service,
            old=old,
            new={"blue": "green", "green": "blue"}[old],
            before=before or self.first,
            after=after,
            timing=CutoverConfig.model_validate(wanted),
            keep_failed_seconds=0,
            back=back,
        )

    def run(self, course, kind="deploy", **more):
        """Run a course to its end."""
        return self.runner(**more).run(make_plan(kind, "dev", course))

    def _observe(self, event):
        for observer in self.observers:
            observer(event)

    @property
    def standing(self):
        return read_standing(self.table, self.name)

    def give_intake(self, side):
        """Say which side takes work in, as nobody but an operation should."""
        self.ssm.put_parameter(Name=self.parameter, Value=side, Overwrite=True)

    def replace_blue(self, version):
        """Have one well task of a version on blue, as a deployment of the stack would."""
        blue = self.side("blue")
        blue.begin(version.task_definition, 1)

        def alone():
            tasks = blue.tasks()
            return (
                len(tasks) == 1
                and tasks[0]["taskDefinitionArn"] == version.task_definition
                and tasks[0].get("healthStatus") == "HEALTHY"
            )

        wait_for(alone, what=f"blue with {version}")

    def settle(self):
        """Let the first release work alone on blue, whatever a test has left behind."""
        green = self.side("green")
        green.stop()
        wait_for(lambda: not green.tasks(), what="green without tasks")
        self.give_intake("blue")
        self.replace_blue(self.first)
        self.since = time.time()
        create_table(self.dynamodb, name := f"{self.name}-{uuid.uuid4().hex[:6]}")
        self.table = replace(self.table, name=name)
        self.journal = Journal(self.table)
        self.observers.clear()
