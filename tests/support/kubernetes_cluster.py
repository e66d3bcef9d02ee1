"""A running cluster of the local region, and the Kubernetes project's own client for it."""

import base64
import json
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kubernetes
import urllib3
from support.ecs import add_app, wait_for
from support.region import RunningRegion

from platformctl.provider.kubernetes.connection import token

PORT = 8080


@dataclass
class Cluster:
    """A cluster with a namespace of its own.

    Attributes:
        region: The region it runs in.
        name: Its name.
        namespace: The namespace.
    """

    region: RunningRegion
    name: str = field(default_factory=lambda: f"test-{uuid.uuid4().hex[:6]}")
    namespace: str = "shop"

    def __post_init__(self) -> None:
        self.image = add_app(self.region)
        eks = self.region.client("eks")
        eks.create_cluster(
            name=self.name,
            roleArn="arn:aws:iam::000000000000:role/cluster",
            resourcesVpcConfig={"subnetIds": ["subnet-1", "subnet-2"]},
        )
        eks.get_waiter("cluster_active").wait(name=self.name, WaiterConfig={"Delay": 1})
        eks.create_nodegroup(
            clusterName=self.name,
            nodegroupName="main",
            subnets=["subnet-1"],
            nodeRole="arn:aws:iam::000000000000:role/nodes",
            scalingConfig={"minSize": 1, "maxSize": 3, "desiredSize": 2},
        )
        self.connect()
        self.core.create_namespace({"metadata": {"name": self.namespace}})

    def connect(self) -> None:
        """Make the clients."""
        found = self.region.client("eks").describe_cluster(name=self.name)["cluster"]
        authority = Path(self.region.root) / f"{self.name}.pem"
        authority.write_bytes(base64.b64decode(found["certificateAuthority"]["data"]))
        configuration = kubernetes.client.Configuration()
        configuration.host = found["endpoint"]
        configuration.ssl_ca_cert = str(authority)
        configuration.api_key = {"authorization": f"Bearer {token(self.name, 'us-east-1')}"}
        configuration.retries = False
        self.endpoint = found["endpoint"]
        self.api = kubernetes.client.ApiClient(configuration)
        self.core = kubernetes.client.CoreV1Api(self.api)
        self.apps = kubernetes.client.AppsV1Api(self.api)
        self.custom = kubernetes.client.CustomObjectsApi(self.api)

    def send(
        self, method: str, path: str, body: Any, kind: str = "application/json"
    ) -> tuple[int, dict[str, Any]]:
        """Send a body as it is, which the typed client would not, and return status and answer."""
        authority = self.api.configuration.ssl_ca_cert
        pool = urllib3.PoolManager(ca_certs=authority)
        key = self.api.configuration.api_key["authorization"]
        headers = {"Content-Type": kind, "Authorization": key}
        answer = pool.request(method, self.endpoint + path, json.dumps(body), headers=headers)
        return answer.status, json.loads(answer.data)

    def deployment(self, name: str, replicas: int = 1, **changes: Any) -> dict[str, Any]:
        """Return a deployment of the app `web`.

        Args:
            name: Its name, and its pods' label `app`.
            replicas: How many pods.
            **changes: `variables` of the container, `container` and `spec` members.
        """
        variables = changes.get("variables", {})
        probe = {"httpGet": {"path": "/health", "port": PORT}, "periodSeconds": 1}
        container = {
            "name": "web",
            "image": self.image,
            "ports": [{"containerPort": PORT}],
            "env": [{"name": key, "value": value} for key, value in variables.items()],
            "readinessProbe": {**probe, "initialDelaySeconds": 1},
            **changes.get("container", {}),
        }
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": {"app": name}},
                "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
                "template": {
                    "metadata": {"labels": {"app": name}},
                    "spec": {
                        "terminationGracePeriodSeconds": 5,
                        "containers": [container],
                        **changes.get("pod", {}),
                    },
                },
                **changes.get("spec", {}),
            },
        }

    def deploy(self, name: str, replicas: int = 1, **changes: Any) -> None:
        """Create a deployment and wait until it is there."""
        body = self.deployment(name, replicas, **changes)
        self.apps.create_namespaced_deployment(self.namespace, body)
        self.await_ready(name)

    def serve(self, name: str, **selector: str) -> str:
        """Create a service for a deployment and return where it listens."""
        body = {
            "metadata": {"name": name},
            "spec": {"selector": selector or {"app": name}, "ports": [{"port": PORT}]},
        }
        self.core.create_namespaced_service(self.namespace, body)
        wait_for(lambda: self.service(name).spec.cluster_ip, what="an address of the service")
        return f"http://{self.service(name).spec.cluster_ip}:{PORT}"

    def service(self, name: str) -> Any:
        """Read a service."""
        return self.core.read_namespaced_service(name, self.namespace)

    def read(self, name: str) -> Any:
        """Read a deployment."""
        return self.apps.read_namespaced_deployment(name, self.namespace)

    def pods(self, name: str) -> list[Any]:
        """List the pods of a deployment, the leaving ones left out."""
        found = self.core.list_namespaced_pod(self.namespace, label_selector=f"app={name}").items
        return [pod for pod in found if pod.metadata.deletion_timestamp is None]

    def await_ready(self, name: str, seconds: float = 90.0) -> None:
        """Wait until all pods of a deployment are of its newest template and ready."""
        wait_for(lambda: self._ready(name), seconds, what=f"deployment {name} to be ready")

    def _ready(self, name: str) -> bool:
        found = self.read(name)
        status, wanted = found.status, found.spec.replicas
        counts = (status.replicas, status.updated_replicas, status.available_replicas)
        seen = (status.observed_generation or 0) >= found.metadata.generation
        return seen and all((count or 0) == wanted for count in counts)

    def condition(self, name: str, kind: str) -> Any:
        """Return a condition of a deployment."""
        found = self.read(name).status.conditions or ()
        return next((one for one in found if one.type == kind), None)

    def clear(self) -> None:
        """Delete the cluster."""
        eks = self.region.client("eks")
        eks.delete_nodegroup(clusterName=self.name, nodegroupName="main")
        eks.delete_cluster(name=self.name)
        eks.get_waiter("cluster_deleted").wait(name=self.name, WaiterConfig={"Delay": 1})


def ask(url: str) -> tuple[int, bytes]:
    """Ask for a URL over a new connection; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except (OSError, urllib.error.URLError):
        return 0, b""
