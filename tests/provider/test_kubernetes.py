"""The provider of package `kubernetes`: offline judgement, and objects in a running cluster."""

import base64
import json
from itertools import count
from pathlib import Path

import pytest
from support.ecs import wait_for
from support.kubernetes_cluster import Cluster

from platformctl.plugin.provider import Call, DiffKind, ResourceOperationError
from platformctl.plugin.values import UNKNOWN
from platformctl.provider.kubernetes.connection import Connection, place_of
from platformctl.provider.kubernetes.provider import KubernetesProvider

NUMBERS = count()
DEPLOYMENT = "kubernetes:apps/v1:Deployment"


def call(kind, name, *, preview=False, timeout=None):
    return Call(urn=f"urn::{name}", type=kind, name=name, preview=preview, timeout=timeout)


def checked(provider, kind, name, inputs, old=None):
    return provider.check(call(kind, name), old or {}, inputs, name.encode())


def config_map(data=None, **metadata):
    return {"metadata": {"name": "conf", **metadata}, "data": data or {}}


class TestOffline:
    @pytest.fixture
    def provider(self):
        return KubernetesProvider({}, online=False)

    def test_an_object_gets_version_kind_and_a_name(self, provider):
        result = checked(provider, "kubernetes:core/v1:ConfigMap", "conf", {"data": {"a": "1"}})

        assert result.failures == []
        assert (result.inputs["apiVersion"], result.inputs["kind"]) == ("v1", "ConfigMap")
        name = result.inputs["metadata"]["name"]
        assert name.startswith("conf-")
        again = checked(provider, "kubernetes:core/v1:ConfigMap", "conf", {}, result.inputs)
        assert again.inputs["metadata"]["name"] == name

    def test_a_mistake_names_kind_name_and_path(self, provider):
        spec = {"ports": [{"port": "http"}], "selektor": {"app": "web"}}
        inputs = {"metadata": {"name": "web"}, "spec": spec}

        result = checked(provider, "kubernetes:core/v1:Service", "web", inputs)

        reasons = {failure.property: failure.reason for failure in result.failures}
        assert set(reasons) == {"spec.ports[0].port", "spec.selektor"}
        assert reasons["spec.selektor"] == "Service web: spec.selektor: unknown field"

    def test_values_that_are_not_known_yet_are_not_judged(self, provider):
        spec = {"ports": [{"port": UNKNOWN}], "selector": UNKNOWN}
        inputs = {"metadata": {"name": UNKNOWN}, "spec": spec}

        assert checked(provider, "kubernetes:core/v1:Service", "web", inputs).failures == []

    def test_a_kind_that_is_not_known_is_refused(self, provider):
        result = checked(provider, "kubernetes:batch/v1:CronJob", "job", {})

        assert "there is no kind CronJob in batch/v1" in result.failures[0].reason

    def test_a_changed_name_or_selector_replaces_and_a_count_does_not(self, provider):
        before = {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 1}}
        scaled = {**before, "spec": {"replicas": 2}}
        renamed = {**before, "metadata": {"name": "other"}}
        selected = {**before, "spec": {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}}}

        def diff(new):
            return provider.diff(call(DEPLOYMENT, "web"), "web", before, {}, new, ())

        assert diff(scaled).changes == {"spec.replicas": DiffKind.UPDATE}
        assert diff(renamed).replaces == ["metadata.name"]
        assert not diff(renamed).delete_before_replace
        assert diff(selected).replaces == ["spec.selector"]
        assert diff(selected).delete_before_replace

    def test_the_same_amount_written_otherwise_is_no_change(self, provider):
        before = {"kind": "Pod", "spec": {"cpu": "0.5", "memory": "1Gi"}}
        after = {"kind": "Pod", "spec": {"cpu": "500m", "memory": "1024Mi"}}

        result = provider.diff(call("kubernetes:core/v1:Pod", "p"), "p", before, {}, after, ())

        assert result.changes == {}

    def test_a_preview_foretells_and_nothing_else_is_possible(self, provider):
        preview = call(DEPLOYMENT, "web", preview=True)
        state = provider.create(preview, config_map())

        assert state.outputs["metadata"]["name"] == "conf"
        assert state.outputs["status"] is UNKNOWN
        with pytest.raises(ResourceOperationError, match="can only be previewed"):
            provider.create(call("kubernetes:core/v1:ConfigMap", "conf"), _complete(config_map()))

    def test_a_cluster_that_is_not_on_this_machine_is_refused(self):
        cluster = {"server": "https://abc.eks.amazonaws.com", "certificate-authority-data": ""}
        place = place_of(kubeconfig(cluster, {"token": "t"}))

        with pytest.raises(ResourceOperationError, match="not a loopback address"):
            Connection(place)


def _complete(inputs):
    return {"apiVersion": "v1", "kind": "ConfigMap", **inputs}


def kubeconfig(cluster, user):
    return json.dumps(
        {
            "current-context": "it",
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "clusters": [{"name": "it", "cluster": cluster}],
            "users": [{"name": "it", "user": user}],
        }
    )


@pytest.fixture(scope="session")
def cluster(region):
    made = Cluster(region)
    yield made
    made.clear()


@pytest.fixture
def provider(cluster):
    """The provider as a program makes it: with the kubeconfig of `aws eks get-token`."""
    authority = Path(cluster.api.configuration.ssl_ca_cert).read_bytes()
    arguments = ["eks", "get-token", "--cluster-name", cluster.name, "--region", "us-east-1"]
    place = {
        "server": cluster.endpoint,
        "certificate-authority-data": base64.b64encode(authority).decode(),
    }
    text = kubeconfig(place, {"exec": {"command": "aws", "args": arguments}})
    return KubernetesProvider({"kubeconfig": text, "namespace": cluster.namespace}, online=True)


def create(provider, kind, inputs, **options):
    name = inputs["metadata"]["name"]
    result = checked(provider, kind, name, inputs)
    assert result.failures == []
    return provider.create(call(kind, name, **options), result.inputs)


def test_an_object_lives_without_false_changes_and_is_gone_at_the_end(provider, cluster):
    kind, named = "kubernetes:core/v1:ConfigMap", call("kubernetes:core/v1:ConfigMap", "conf")
    state = create(provider, kind, config_map({"a": "1"}))
    assert state.id == f"{cluster.namespace}/conf"
    read = provider.read(named, state.id, state.inputs, state.outputs)
    assert read.inputs == state.inputs
    assert provider.find(named, state.inputs).id == state.id

    wanted = {**state.inputs, "data": {"a": "2"}}
    changed = provider.update(named, state.id, state.inputs, state.outputs, wanted, ())
    assert changed.outputs["data"] == {"a": "2"}

    cluster.core.patch_namespaced_config_map("conf", cluster.namespace, {"data": {"a": "3"}})
    drifted = provider.read(named, state.id, changed.inputs, changed.outputs)
    assert drifted.inputs["data"] == {"a": "3"}

    provider.delete(named, state.id, changed.inputs, changed.outputs)
    provider.delete(named, state.id, changed.inputs, changed.outputs)
    assert provider.read(named, state.id, changed.inputs, changed.outputs).id == ""


def test_a_deployment_is_waited_for(provider, cluster):
    state = create(provider, DEPLOYMENT, cluster.deployment("waited", 2))

    assert state.outputs["status"]["availableReplicas"] == 2
    provider.delete(call(DEPLOYMENT, "waited"), state.id, state.inputs, state.outputs)
    assert cluster.pods("waited") == []


def test_a_deployment_that_does_not_get_ready_fails_and_is_not_forgotten(provider, cluster):
    late = {"progressDeadlineSeconds": 2}
    sick = cluster.deployment("late", 1, variables={"SICK": "yes"}, spec=late)

    with pytest.raises(ResourceOperationError, match="timed out progressing") as caught:
        create(provider, DEPLOYMENT, sick)

    state = caught.value.partial
    assert state.id == f"{cluster.namespace}/late"
    provider.delete(call(DEPLOYMENT, "late"), state.id, state.inputs, state.outputs)


def test_what_the_program_ignores_stays_as_operations_set_it(provider, cluster):
    kind, named = "kubernetes:core/v1:Service", call("kubernetes:core/v1:Service", "sides")
    inputs = {
        "metadata": {"name": "sides", "annotations": {"pulumi.com/skipAwait": "true"}},
        "spec": {"selector": {"app": "sides", "side": "blue"}, "ports": [{"port": 8080}]},
    }
    state = create(provider, kind, inputs)
    green = {"spec": {"selector": {"app": "sides", "side": "green"}}}
    cluster.core.patch_namespaced_service("sides", cluster.namespace, green)

    wanted = {**state.inputs, "metadata": {**state.inputs["metadata"], "labels": {"x": "y"}}}
    ignored = ("spec.selector",)
    provider.update(named, state.id, state.inputs, state.outputs, wanted, ignored)

    live = cluster.service("sides")
    assert live.spec.selector == {"app": "sides", "side": "green"}
    assert live.metadata.labels["x"] == "y"
    provider.delete(named, state.id, wanted, state.outputs)


def test_pods_become_targets_of_a_load_balancer_and_leave_it_in_order(provider, cluster, region):
    elb, ec2 = region.client("elbv2"), region.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = elb.create_target_group(
        Name=f"pods-{next(NUMBERS)}",
        Protocol="HTTP",
        Port=8080,
        TargetType="ip",
        VpcId=vpc,
        HealthCheckPath="/health",
    )["TargetGroups"][0]["TargetGroupArn"]
    cluster.deploy("bound", 2)
    cluster.serve("bound")
    binding = {
        "metadata": {"name": "bound"},
        "spec": {
            "serviceRef": {"name": "bound", "port": 8080},
            "targetGroupARN": group,
            "targetType": "ip",
        },
    }
    state = create(provider, "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding", binding)

    def targets():
        found = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return {one["Target"]["Id"] for one in found}

    wait_for(lambda: len(targets()) == 2, what="two targets")
    assert targets() == {pod.status.pod_ip for pod in cluster.pods("bound")}
    scale = {"spec": {"replicas": 1}}
    cluster.apps.patch_namespaced_deployment("bound", cluster.namespace, scale)
    wait_for(lambda: len(targets()) == 1, what="one target")
    named = call("kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding", "bound")
    provider.delete(named, state.id, state.inputs, state.outputs)
    wait_for(lambda: not targets(), what="no target")
