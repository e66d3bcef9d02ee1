"""A product's database in the region, with the source's own task that migrates it."""

import shutil
import uuid

from support.analytics import APPS
from support.databases import PASSWORD, connect, make_database
from support.ecs import Stage
from support.operations import ACTOR, KilledTable, Killer, create_table

from platformctl.config.app import load_app
from platformctl.operations.kernel.events import Told
from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.lease import Leases
from platformctl.operations.kernel.runner import Runner
from platformctl.operations.kernel.tools import Tools
from platformctl.operations.migration.find import Migrator
from platformctl.operations.migration.steps import migration_plan, steps
from platformctl.operations.services.model import Service, Side

LEASE = 2.0
"""Seconds that leases last: a killed operation is taken up after them."""


class Shop:
    """A database, a cluster, and the task definition of the stack.

    Args:
        region: The region.
        **database: Settings of the instance.
    """

    def __init__(self, region, **database):
        self.region = region
        self.name = f"shop-{uuid.uuid4().hex[:8]}"
        self.instance = make_database(region, self.name, **database)
        self.stage = Stage(region)
        self.table = f"{self.name}-operations"
        self.events = []
        create_table(region.client("dynamodb"), self.table)
        self.group = f"/ecs/{self.name}-migrations"
        region.client("logs").create_log_group(logGroupName=self.group)
        self.image = self._add_app()
        self.definition = self._define(self.image)

    @property
    def migrator(self):
        return Migrator(
            product=self.name,
            region="us-east-1",
            cluster=self.stage.cluster,
            container="migrations",
            task_definition_arn=self.definition,
            subnet_ids=("subnet-1",),
            security_group_ids=("sg-1",),
            log_group=self.group,
            database=self.name,
        )

    def clients(self, service, region):
        return self.region.client(service, region)

    def plan(self, direction, **more):
        return migration_plan("local", self.migrator, direction, **more)

    def runner(self, killer=None):
        """Return a runner in a process of its own, which a killer may end."""
        table = KilledTable(self.region.client("dynamodb"), self.table, killer or Killer())
        tools = Tools(
            journal=Journal(table), clients=self.clients, actor=ACTOR, observer=self.events.append
        )
        leases = Leases(table, duration=LEASE)
        return Runner(tools, leases, lambda plan: steps(plan, None))

    def run(self, direction, **more):
        return self.runner().run(self.plan(direction, **more))

    def told(self):
        """Return what people were told."""
        return [event.text for event in self.events if isinstance(event, Told)]

    def serve(self, **sides):
        """Let a consumer of the product run on its sides; only blue takes messages in.

        Args:
            **sides: Task definition of each side.
        """
        parameter = f"/{self.name}/intake"
        self.region.client("ssm").put_parameter(Name=parameter, Value="blue", Type="String")
        names = {key: f"{self.name}-consumer-{key}" for key in sides}
        for key, definition in sides.items():
            self.stage.serve(names[key], definition)
        self.stage.await_stable(*names.values())
        return Service(
            name=f"{self.name}-consumer",
            product=self.name,
            kind="consumer",
            region="us-east-1",
            cluster=self.stage.cluster,
            container="web",
            intake_parameter=parameter,
            sides={key: Side(key=key, name=name) for key, name in names.items()},
        )

    def tasks(self):
        """Return every task there was."""
        return [*self.stage.tasks(), *self.stage.tasks(status="STOPPED")]

    def connect(self, **more):
        return connect(self.region, self.instance, **more)

    def tables(self):
        with self.connect() as connection:
            query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 2200"
            return {name for (name,) in connection.execute(query)}

    def close(self):
        self.stage.clear()

    def _add_app(self):
        folder = self.region.project / "apps" / "analytics"
        left_out = shutil.ignore_patterns("__pycache__")
        for name in ("database", "telemetry"):
            if not (folder / name).exists():
                shutil.copytree(APPS / name, folder / name, ignore=left_out)
        digest = load_app(folder / "database" / "app.yaml").digest
        return f"000000000000.dkr.ecr.us-east-1.amazonaws.com/analytics-migrations:{digest}"

    def _define(self, image):
        endpoint = self.instance["Endpoint"]
        container = self.stage.container(
            name="migrations",
            image=image,
            portMappings=[],
            variables={
                "DB_HOST": endpoint["Address"],
                "DB_PORT": str(endpoint["Port"]),
                "DB_NAME": "shop",
                "DB_USER": "owner",
                "DB_PASSWORD": PASSWORD,
            },
            logConfiguration={
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": self.group,
                    "awslogs-region": "us-east-1",
                    "awslogs-stream-prefix": "ecs",
                },
            },
        )
        return self.stage.define(container, family=f"{self.name}-migrations")
