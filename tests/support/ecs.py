"""A small real app and the ECS resources to run it: what the tests of the agent share."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from support.region import RunningRegion

from platformctl.config.app import load_app

SERVER = '''
"""Answers every request with its environment, as the variables of the test say."""
import http.server, json, os, signal, sys, threading, time

stopping = threading.Event()

def stop(number, frame):
    print("asked to stop", flush=True)
    time.sleep(float(os.environ.get("STOP_SECONDS", "0")))
    stopping.set()
    sys.exit(0)

signal.signal(signal.SIGTERM, signal.SIG_IGN if os.environ.get("DEAF") else stop)

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path == "/health" and os.environ.get("SICK"):
            body, status = b"sick", 500
        else:
            wanted = {k: v for k, v in os.environ.items() if k.isupper()}
            body, status = json.dumps(wanted).encode(), 200
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, format, *arguments):
        pass

print("serving version", os.environ.get("VERSION", "1"), flush=True)
address = (os.environ["HOST"], int(os.environ["PORT"]))
http.server.ThreadingHTTPServer(address, Handler).serve_forever()
'''
MANIFEST = """
image: web
command: [python, -m, web]
port: 8080
"""
PORT = 8080


def wait_for(
    condition: Callable[[], Any], seconds: float = 90.0, *, what: str = "the condition"
) -> Any:
    """Ask until a condition is true and return what it returned; fail with `what` otherwise."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"{what} did not come true within {seconds} s"
        time.sleep(0.1)


def add_app(region: RunningRegion) -> str:
    """Put the app `web` into the region's project and return its image reference."""
    folder = region.project / "apps" / "test" / "web"
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / "__main__.py").write_text(SERVER)
        (folder / "app.yaml").write_text(MANIFEST)
    digest = load_app(folder / "app.yaml").digest
    return f"000000000000.dkr.ecr.us-east-1.amazonaws.com/web:{digest}"


@dataclass
class Stage:
    """A cluster of its own, with short ways to put tasks and services into it."""

    region: RunningRegion
    region_name: str = "us-east-1"
    cluster: str = field(default_factory=lambda: f"test-{uuid.uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        self.image = add_app(self.region)
        self.ecs.create_cluster(clusterName=self.cluster)

    @property
    def ecs(self) -> Any:
        """The boto3 client."""
        return self.region.client("ecs", self.region_name)

    def container(self, **changes: Any) -> dict[str, Any]:
        """Return the definition of the container `web`."""
        environment = changes.pop("variables", {})
        return {
            "name": "web",
            "image": self.image,
            "portMappings": [{"containerPort": PORT}],
            "environment": [{"name": name, "value": to} for name, to in environment.items()],
            "stopTimeout": 5,
            **changes,
        }

    def define(self, *containers: dict[str, Any], **changes: Any) -> str:
        """Register a task definition and return its ARN."""
        wanted = {
            "family": f"{self.cluster}-web",
            "containerDefinitions": list(containers) or [self.container()],
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": "arn:aws:iam::000000000000:role/execution",
            **changes,
        }
        answer = self.ecs.register_task_definition(**wanted)
        return answer["taskDefinition"]["taskDefinitionArn"]

    def serve(self, name: str, definition: str, count: int = 1, **changes: Any) -> None:
        """Create a service."""
        self.ecs.create_service(
            cluster=self.cluster,
            serviceName=name,
            taskDefinition=definition,
            desiredCount=count,
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
            **changes,
        )

    def service(self, name: str) -> dict[str, Any]:
        """Describe a service."""
        answer = self.ecs.describe_services(cluster=self.cluster, services=[name])
        return answer["services"][0]

    def events(self, name: str) -> str:
        """Return the messages of a service's events, newest first."""
        return "\n".join(event["message"] for event in self.service(name)["events"])

    def await_stable(self, *names: str) -> None:
        """Wait until the newest deployment of each service is completed."""
        waiter = self.ecs.get_waiter("services_stable")
        waiter.wait(
            cluster=self.cluster,
            services=list(names),
            WaiterConfig={"Delay": 1, "MaxAttempts": 60},
        )
        for name in names:
            # The waiter looks at counts only; a running task may not be healthy yet.
            wait_for(lambda name=name: self._completed(name), what=f"a steady state of {name}")

    def _completed(self, name: str) -> bool:
        service = self.service(name)
        newest = service["deployments"][0]
        counts = service["runningCount"] == service["desiredCount"] and not service["pendingCount"]
        return counts and newest["rolloutState"] == "COMPLETED" and len(service["deployments"]) == 1

    def tasks(self, name: str | None = None, status: str = "RUNNING") -> list[dict[str, Any]]:
        """Describe the tasks of a service, or of the cluster."""
        wanted = {"serviceName": name} if name else {}
        arns = self.ecs.list_tasks(cluster=self.cluster, desiredStatus=status, **wanted)
        if not arns["taskArns"]:
            return []
        return self.ecs.describe_tasks(cluster=self.cluster, tasks=arns["taskArns"])["tasks"]

    def task(self, arn: str) -> dict[str, Any]:
        """Describe one task."""
        return self.ecs.describe_tasks(cluster=self.cluster, tasks=[arn])["tasks"][0]

    def run(self, definition: str, **changes: Any) -> str:
        """Run one task without a service and return its ARN."""
        answer = self.ecs.run_task(
            cluster=self.cluster,
            taskDefinition=definition,
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
            **changes,
        )
        return answer["tasks"][0]["taskArn"]

    def await_stopped(self, arn: str) -> dict[str, Any]:
        """Wait for the end of a task and describe it."""
        waiter = self.ecs.get_waiter("tasks_stopped")
        waiter.wait(cluster=self.cluster, tasks=[arn], WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        return self.task(arn)

    def clear_services(self) -> None:
        """Delete the services of the cluster and wait for their end."""
        arns = self.ecs.list_services(cluster=self.cluster)["serviceArns"]
        for arn in arns:
            self.ecs.delete_service(cluster=self.cluster, service=arn, force=True)
        if arns:
            waiter = self.ecs.get_waiter("services_inactive")
            waiter.wait(cluster=self.cluster, services=arns, WaiterConfig={"Delay": 1})

    def clear(self) -> None:
        """Delete what runs in the cluster."""
        self.clear_services()
        for task in self.tasks():
            self.ecs.stop_task(cluster=self.cluster, task=task["taskArn"])
        wait_for(self._is_empty, what="an empty cluster")
        self.ecs.delete_cluster(cluster=self.cluster)

    def _is_empty(self) -> bool:
        cluster = self.ecs.describe_clusters(clusters=[self.cluster])["clusters"][0]
        return not (
            cluster["runningTasksCount"]
            or cluster["pendingTasksCount"]
            or cluster["activeServicesCount"]
        )


def url(task: dict[str, Any], path: str = "/") -> str:
    """Return where a task serves."""
    details = {one["name"]: one["value"] for one in task["attachments"][0]["details"]}
    return f"http://{details['privateIPv4Address']}:{PORT}{path}"
