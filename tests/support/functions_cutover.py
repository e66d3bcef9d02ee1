"""A function behind an alias in a running region, its versions, and its operators."""

import json
import threading
import uuid
from collections import Counter
from contextlib import contextmanager

from support.cutovers import QUICK
from support.functions import make_function
from support.operations import ACTOR, create_table

from platformctl.aws.clients import local_clients
from platformctl.config.cutover import CutoverConfig
from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.function_versions import publish, with_versions
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
from platformctl.operations.services.model import Service
from platformctl.operations.services.traffic import active

SOURCE = """
import time

def handle(event, context):
    time.sleep(SECONDS)
    if event.get("number", -1) % 100 < PERCENT:
        raise ValueError("as its flaw has it")
    return {"release": "RELEASE", "total": event.get("number", 0) + WRONG}
"""
SHARED = {
    **QUICK,
    "weights": [50, 100],
    "stepSeconds": 3,
    "bakeSeconds": 2,
    "analysis": {
        **QUICK["analysis"],
        "minimumRequests": 3,
        "p99Milliseconds": None,
        "p95Milliseconds": None,
        "relativeErrorPercent": None,
    },
}


def source(release, *, percent=0, seconds=0.0, wrong=0):
    """Return a function's source; a share of its numbers fails, late or wrongly."""
    words = {"RELEASE": release, "PERCENT": percent, "SECONDS": seconds, "WRONG": wrong}
    text = SOURCE
    for word, value in words.items():
        text = text.replace(word, str(value))
    return text


class Function:
    """The function in its region; its first version is behind the alias.

    Args:
        region: The region.
        folder: For the files of its versions.
    """

    def __init__(self, region, folder):
        self.region = region
        self.folder = folder
        self.clients = local_clients(region.endpoint)
        arn = make_function(region, source("r1"), Publish=True)
        self.name = arn.rpartition(":function:")[2].partition(":")[0]
        self.client = region.client("lambda")
        self.client.create_alias(FunctionName=self.name, Name="live", FunctionVersion="1")
        self.service = Service(
            name=self.name,
            product="shop",
            kind="function",
            region="us-east-1",
            function_name=self.name,
            alias="live",
        )
        dynamodb = region.client("dynamodb")
        create_table(dynamodb, name := f"{self.name}-operations")
        self.table = OperationsTable(dynamodb, name)
        self.journal = Journal(self.table)

    def release(self, name, **flaws):
        """Publish a version; return it as a cutover knows it."""
        path = self.folder / f"{uuid.uuid4().hex}.py"
        path.write_text(source(name, **flaws))
        made = publish(self.clients, self.service, {"it.py": path}, name)
        return Version(release=name, version=made.number, function_version=made.number)

    @property
    def serving(self):
        return active(self.service, self.clients).shares

    def ask(self, number=0):
        """Invoke the function as everybody does."""
        payload = json.dumps({"number": number})
        said = self.client.invoke(FunctionName=self.name, Qualifier="live", Payload=payload)
        body = json.load(said["Payload"])
        return body["release"] if "FunctionError" not in said else "failed"

    @contextmanager
    def customers(self):
        """Invoke the function again and again until the end of the block; yield the answers."""
        answers, ended = Counter(), threading.Event()

        def ask():
            number = 0
            while not ended.is_set():
                answers[self.ask(number)] += 1
                number += 1

        threads = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            yield answers
        finally:
            ended.set()
            for thread in threads:
                thread.join(20)

    def runner(self, clients=None):
        """Return a runner, as another process would have it."""
        tools = Tools(
            journal=self.journal,
            clients=clients or self.clients,
            actor=ACTOR,
            observer=lambda event: None,
            patience=Patience(errors=2, pause=0.1, look=0.1),
        )
        surroundings = Surroundings(connect=Client, table=self.table)
        return Runner(tools, Leases(self.table, duration=2), lambda plan: steps(plan, surroundings))

    def course(self, after, **changes):
        """Return the course from the version that serves to another one."""
        old = next(iter(active(self.service, self.clients).shares))
        timing = {**SHARED, **changes.pop("timing", {})}
        timing["analysis"] = {**SHARED["analysis"], **timing["analysis"]}
        return Course(
            service=with_versions(self.service, old, after.function_version),
            old=old,
            new=after.function_version,
            before=Version(version=old, function_version=old),
            after=after,
            timing=CutoverConfig.model_validate(timing),
            keep_failed_seconds=0,
            **changes,
        )

    def run(self, course, kind="deploy", clients=None):
        """Run a course to its end."""
        return self.runner(clients).run(make_plan(kind, "dev", course))

    @property
    def standing(self):
        return read_standing(self.table, self.name)
