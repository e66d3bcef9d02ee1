"""Deployments run: as many processes as wanted, replaced without a gap, restarted when they end."""

import json
import os
import signal
import threading
import time

import psutil
from support.ecs import wait_for
from support.kubernetes_cluster import PORT, ask


def version_at(url):
    status, body = ask(url)
    return json.loads(body).get("VERSION") if status == 200 else None


def processes(pod):
    """Processes of the container of a pod, by the address that they have in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except psutil.Error:
            continue
        if environment.get("HOSTNAME") == pod.metadata.name and environment.get("PORT"):
            found.append(process)
    return found


def test_a_deployment_runs_its_pods_and_its_service_reaches_them(cluster):
    cluster.deploy("plain", 2, variables={"VERSION": "1", "SELF": "$(VERSION)-$(MISSING)"})
    url = cluster.serve("plain")

    wait_for(lambda: version_at(url) == "1", what="an answer through the service")
    status, body = ask(url)
    said = json.loads(body)

    assert status == 200
    assert said["SELF"] == "1-$(MISSING)"
    assert said["AWS_ENDPOINT_URL"] == cluster.region.endpoint
    endpoints = cluster.core.read_namespaced_endpoints("plain", cluster.namespace)
    assert len(endpoints.subsets[0].addresses) == 2
    assert {pod.spec.node_name for pod in cluster.pods("plain")} == {"main-0", "main-1"}


def test_scaling_adds_and_removes_pods(cluster):
    cluster.deploy("scaled", 1)
    scale = {"spec": {"replicas": 3}}

    cluster.apps.patch_namespaced_deployment("scaled", cluster.namespace, scale)
    cluster.await_ready("scaled")
    assert len(cluster.pods("scaled")) == 3

    cluster.apps.patch_namespaced_deployment("scaled", cluster.namespace, {"spec": {"replicas": 0}})
    wait_for(lambda: not cluster.pods("scaled"), what="no pods")
    wait_for(lambda: cluster.read("scaled").status.replicas is None, what="a status without pods")


def test_a_rolling_update_under_requests_loses_none(cluster):
    hook = {"lifecycle": {"preStop": {"sleep": {"seconds": 1}}}}
    cluster.deploy("rolled", 2, variables={"VERSION": "1"}, container=hook)
    url = cluster.serve("rolled")
    wait_for(lambda: version_at(url) == "1", what="version 1")
    answers, done = [], threading.Event()

    def request():
        while not done.is_set():
            answers.append(version_at(url))
            time.sleep(0.005)

    callers = [threading.Thread(target=request) for _ in range(4)]
    for caller in callers:
        caller.start()
    body = cluster.deployment("rolled", 2, variables={"VERSION": "2"}, container=hook)
    cluster.apps.replace_namespaced_deployment("rolled", cluster.namespace, body)
    cluster.await_ready("rolled", 60)
    wait_for(lambda: version_at(url) == "2", what="version 2")
    done.set()
    for caller in callers:
        caller.join()

    assert len(answers) > 100
    assert set(answers) == {"1", "2"}


def test_a_failing_readiness_probe_holds_the_rollout(cluster):
    late = {"progressDeadlineSeconds": 3}
    cluster.deploy("held", 2, variables={"VERSION": "1"}, spec=late)
    url = cluster.serve("held")
    wait_for(lambda: version_at(url) == "1", what="version 1")

    body = cluster.deployment("held", 2, variables={"VERSION": "2", "SICK": "yes"}, spec=late)
    cluster.apps.replace_namespaced_deployment("held", cluster.namespace, body)

    def given_up():
        found = cluster.condition("held", "Progressing")
        return found is not None and found.reason == "ProgressDeadlineExceeded"

    wait_for(given_up, what="the rollout to be given up")
    assert {version_at(url) for _ in range(10)} == {"1"}
    assert cluster.read("held").status.available_replicas == 2
    assert len(cluster.pods("held")) == 3

    back = cluster.deployment("held", 2, variables={"VERSION": "1"}, spec=late)
    cluster.apps.replace_namespaced_deployment("held", cluster.namespace, back)
    cluster.await_ready("held")
    assert version_at(url) == "1"


def test_a_killed_process_is_started_again(cluster):
    cluster.deploy("killed", 1)
    (pod,) = cluster.pods("killed")
    (process,) = processes(pod)

    os.kill(process.pid, signal.SIGKILL)

    def again():
        (found,) = cluster.pods("killed")
        (status,) = found.status.container_statuses
        return status.restart_count == 1 and status.ready

    wait_for(again, what="a restart")
    (found,) = cluster.pods("killed")
    assert found.metadata.name == pod.metadata.name
    assert found.status.container_statuses[0].last_state.terminated.exit_code == 137


def test_a_container_that_is_not_alive_is_restarted(cluster):
    dying = {"livenessProbe": {"httpGet": {"path": "/health", "port": PORT}, "periodSeconds": 1}}
    body = cluster.deployment("sick", 1, variables={"SICK": "yes"}, container=dying)
    cluster.apps.create_namespaced_deployment(cluster.namespace, body)

    wait_for(
        lambda: any(
            status.restart_count >= 1
            for pod in cluster.pods("sick")
            for status in pod.status.container_statuses or ()
        ),
        what="a restart by the liveness probe",
    )
    cluster.apps.delete_namespaced_deployment("sick", cluster.namespace)


def test_a_deleted_deployment_takes_its_pods_and_processes_with_it(cluster):
    cluster.deploy("gone", 1)
    (pod,) = cluster.pods("gone")
    (process,) = processes(pod)

    cluster.apps.delete_namespaced_deployment(
        "gone", cluster.namespace, propagation_policy="Foreground"
    )

    wait_for(lambda: not process.is_running(), what="the end of the process")
    wait_for(
        lambda: (
            not cluster.apps.list_namespaced_replica_set(
                cluster.namespace, label_selector="app=gone"
            ).items
        ),
        what="the end of the replica set",
    )


def test_configuration_and_secrets_become_variables_and_names_of_services_addresses(cluster):
    secrets = cluster.region.client("secretsmanager")
    arn = secrets.create_secret(Name="shop/db", SecretString='{"password": "hidden"}')["ARN"]
    cluster.core.create_namespaced_config_map(
        cluster.namespace,
        {"metadata": {"name": "conf"}, "data": {"PEER": "http://peer.shop.svc.cluster.local:8080"}},
    )
    source = [{"objectName": arn, "jmesPath": [{"path": "password", "objectAlias": "DB"}]}]
    copy = {"secretName": "conf", "type": "Opaque", "data": [{"objectName": "DB", "key": "DB"}]}
    provider = {
        "apiVersion": "secrets-store.csi.x-k8s.io/v1",
        "kind": "SecretProviderClass",
        "metadata": {"name": "conf"},
        "spec": {
            "provider": "aws",
            "parameters": {"objects": json.dumps(source)},
            "secretObjects": [copy],
        },
    }
    cluster.custom.create_namespaced_custom_object(
        "secrets-store.csi.x-k8s.io", "v1", cluster.namespace, "secretproviderclasses", provider
    )
    csi = {"driver": "secrets-store.csi.k8s.io", "readOnly": True}
    volume = {"name": "s", "csi": {**csi, "volumeAttributes": {"secretProviderClass": "conf"}}}
    env = [{"name": "DB", "valueFrom": {"secretKeyRef": {"name": "conf", "key": "DB"}}}]
    cluster.deploy(
        "conf",
        1,
        container={"envFrom": [{"configMapRef": {"name": "conf"}}], "env": env},
        pod={"volumes": [volume]},
    )
    url = cluster.serve("conf")
    wait_for(lambda: ask(url)[0] == 200, what="an answer")
    said = json.loads(ask(url)[1])

    assert said["DB"] == "hidden"
    assert said["PEER"].startswith("http://127.")
    peer = cluster.serve("peer", app="conf")
    assert said["PEER"] == peer
