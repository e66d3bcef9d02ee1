"""The API server against the Kubernetes project's own client: verbs, conflicts, refusals."""

import json
import threading

import kubernetes
import pytest
from kubernetes.client.exceptions import ApiException
from support.ecs import wait_for
from support.kubernetes_cluster import Cluster, ask


def configure(cluster: Cluster, name: str, data: dict, version: str = ""):
    metadata = {"name": name, **({"resourceVersion": version} if version else {})}
    return {"metadata": metadata, "data": data}


def test_a_client_without_a_token_of_this_cluster_is_turned_away(cluster):
    wrong = kubernetes.client.Configuration()
    wrong.host, wrong.ssl_ca_cert = cluster.endpoint, cluster.api.configuration.ssl_ca_cert
    wrong.api_key = {"authorization": "Bearer k8s-aws-v1.aGVsbG8"}
    core = kubernetes.client.CoreV1Api(kubernetes.client.ApiClient(wrong))

    with pytest.raises(ApiException) as caught:
        core.list_namespace()

    assert caught.value.status == 401
    assert json.loads(caught.value.body)["reason"] == "Unauthorized"


def test_the_server_tells_what_it_has(cluster):
    version = kubernetes.client.VersionApi(cluster.api).get_code()
    groups = kubernetes.client.ApisApi(cluster.api).get_api_versions()
    resources = cluster.core.get_api_resources()

    assert (version.major, version.minor) == ("1", "35")
    assert {"apps", "autoscaling", "policy"} <= {group.name for group in groups.groups}
    assert "pods" in {resource.name for resource in resources.resources}


def test_an_object_is_created_read_replaced_and_deleted(cluster):
    core, space = cluster.core, cluster.namespace
    made = core.create_namespaced_config_map(space, configure(cluster, "life", {"a": "1"}))
    assert made.metadata.uid
    assert made.metadata.namespace == space

    with pytest.raises(ApiException) as caught:
        core.create_namespaced_config_map(space, configure(cluster, "life", {"a": "1"}))
    assert json.loads(caught.value.body)["reason"] == "AlreadyExists"

    changed = core.replace_namespaced_config_map("life", space, configure(cluster, "life", {}))
    assert changed.metadata.uid == made.metadata.uid
    core.delete_namespaced_config_map("life", space)
    with pytest.raises(ApiException) as caught:
        core.read_namespaced_config_map("life", space)
    status = json.loads(caught.value.body)
    assert (status["kind"], status["reason"], status["code"]) == ("Status", "NotFound", 404)
    assert status["message"] == 'configmaps "life" not found'


def test_a_change_of_an_older_version_is_refused(cluster):
    core, space = cluster.core, cluster.namespace
    made = core.create_namespaced_config_map(space, configure(cluster, "race", {"a": "1"}))
    version = made.metadata.resource_version
    core.patch_namespaced_config_map("race", space, {"data": {"a": "2"}})

    with pytest.raises(ApiException) as caught:
        core.replace_namespaced_config_map(
            "race", space, configure(cluster, "race", {"a": "3"}, version)
        )

    assert caught.value.status == 409
    assert "the object has been modified" in json.loads(caught.value.body)["message"]
    assert core.read_namespaced_config_map("race", space).data == {"a": "2"}


def test_what_is_no_object_is_refused_with_every_place(cluster):
    body = cluster.deployment("wrong", 1)
    body["spec"]["replicas"] = "many"
    body["spec"]["template"]["spec"]["containers"][0]["imige"] = "x"

    path = f"/apis/apps/v1/namespaces/{cluster.namespace}/deployments"
    code, status = cluster.send("POST", path, body)

    assert (code, status["kind"], status["reason"]) == (422, "Status", "Invalid")
    assert {cause["field"] for cause in status["details"]["causes"]} == {
        "spec.replicas",
        "spec.template.spec.containers[0].imige",
    }


def test_a_selector_cannot_change_and_must_fit(cluster):
    body = cluster.deployment("fixed", 0)
    cluster.apps.create_namespaced_deployment(cluster.namespace, body)
    body["spec"]["selector"]["matchLabels"] = {"app": "other"}

    with pytest.raises(ApiException) as caught:
        cluster.apps.replace_namespaced_deployment("fixed", cluster.namespace, body)
    assert "`selector` does not match template `labels`" in caught.value.body

    body["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    with pytest.raises(ApiException) as caught:
        cluster.apps.replace_namespaced_deployment("fixed", cluster.namespace, body)
    assert "field is immutable" in caught.value.body


def test_a_strategic_patch_changes_one_container_and_one_variable(cluster):
    body = cluster.deployment("patched", 0, variables={"A": "1", "B": "1"})
    cluster.apps.create_namespaced_deployment(cluster.namespace, body)
    container = {"name": "web", "env": [{"name": "B", "value": "2"}]}
    patch = {"spec": {"template": {"spec": {"containers": [container]}}}}

    cluster.apps.patch_namespaced_deployment("patched", cluster.namespace, patch)

    (found,) = cluster.read("patched").spec.template.spec.containers
    assert found.image == cluster.image
    assert {one.name: one.value for one in found.env} == {"A": "1", "B": "2"}


def apply(cluster: Cluster, body: dict, manager: str, *, force: bool = False):
    """Apply a deployment, for which the typed client has no method; return status and answer."""
    name = body["metadata"]["name"]
    path = f"/apis/apps/v1/namespaces/{cluster.namespace}/deployments/{name}"
    query = f"?fieldManager={manager}&force={str(force).lower()}"
    return cluster.send("PATCH", path + query, body, "application/apply-patch+yaml")


def test_what_is_applied_no_more_goes_and_what_others_said_stays(cluster):
    body = cluster.deployment("applied", 0, variables={"A": "1", "B": "1"})
    body["metadata"]["labels"] = {"mine": "yes", "later": "gone"}
    assert apply(cluster, body, "first")[0] == 201
    cluster.apps.patch_namespaced_deployment(
        "applied", cluster.namespace, {"metadata": {"labels": {"theirs": "yes"}}}
    )

    body["metadata"]["labels"] = {"mine": "yes"}
    body["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "A", "value": "1"}]
    code, made = apply(cluster, body, "first")
    assert code == 200

    assert made["metadata"]["labels"] == {"mine": "yes", "theirs": "yes"}
    (container,) = made["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "A", "value": "1"}]


def test_two_managers_cannot_say_different_things_about_a_field(cluster):
    body = cluster.deployment("claimed", 0)
    apply(cluster, body, "first")
    other = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "claimed"},
        "spec": {"replicas": 1, "revisionHistoryLimit": 3},
    }

    code, status = apply(cluster, other, "second")
    assert code == 409
    assert 'conflict with "first": .spec.replicas' in status["message"]

    agreed = {**other, "spec": {"replicas": 0, "revisionHistoryLimit": 3}}
    assert apply(cluster, agreed, "second")[1]["spec"]["revisionHistoryLimit"] == 3
    other = {**body, "spec": {**body["spec"], "revisionHistoryLimit": 4}}
    _, forced = apply(cluster, other, "first", force=True)
    assert forced["spec"]["revisionHistoryLimit"] == 4


def test_a_watch_tells_changes_as_they_happen(cluster):
    core, space, seen = cluster.core, cluster.namespace, []
    start = core.list_namespaced_config_map(space).metadata.resource_version

    def watch():
        stream = kubernetes.watch.Watch().stream(
            core.list_namespaced_config_map,
            space,
            label_selector="watched=yes",
            resource_version=start,
            timeout_seconds=20,
        )
        for event in stream:
            seen.append(event["type"])
            if event["type"] == "DELETED":
                return

    watching = threading.Thread(target=watch)
    watching.start()
    body = {"metadata": {"name": "seen", "labels": {"watched": "yes"}}, "data": {}}
    core.create_namespaced_config_map(space, body)
    core.create_namespaced_config_map(space, {"metadata": {"name": "unseen"}, "data": {}})
    core.patch_namespaced_config_map("seen", space, {"data": {"a": "1"}})
    core.delete_namespaced_config_map("seen", space)
    watching.join(20)

    assert seen == ["ADDED", "MODIFIED", "DELETED"]


def test_selectors_choose_by_labels_and_fields(cluster):
    core, space = cluster.core, cluster.namespace
    for name, tier in (("one", "a"), ("two", "b"), ("three", "")):
        labels = {"tier": tier, "kind": "chosen"} if tier else {"kind": "chosen"}
        core.create_namespaced_config_map(space, {"metadata": {"name": name, "labels": labels}})

    def chosen(**selector):
        found = core.list_namespaced_config_map(space, **selector).items
        return {one.metadata.name for one in found}

    assert chosen(label_selector="kind=chosen,tier in (a,b)") == {"one", "two"}
    assert chosen(label_selector="kind=chosen,!tier") == {"three"}
    assert chosen(label_selector="kind=chosen,tier!=a") == {"two", "three"}
    assert chosen(label_selector="kind=chosen", field_selector="metadata.name=two") == {"two"}


def test_a_namespace_goes_with_all_that_is_in_it(cluster):
    core = cluster.core
    core.create_namespace({"metadata": {"name": "brief"}})
    core.create_namespaced_config_map("brief", {"metadata": {"name": "in"}, "data": {}})

    core.delete_namespace("brief")

    wait_for(
        lambda: "brief" not in {one.metadata.name for one in core.list_namespace().items},
        what="the end of the namespace",
    )
    with pytest.raises(ApiException) as caught:
        core.create_namespaced_config_map("brief", {"metadata": {"name": "in"}, "data": {}})
    assert json.loads(caught.value.body)["message"] == 'namespaces "brief" not found'


def test_everything_is_back_after_a_restart_of_the_region(tmp_path):
    from support.region import processes_of, running_region

    with running_region(tmp_path) as region:
        made = Cluster(region)
        made.deploy("kept", 1, variables={"VERSION": "1"})
        url = made.serve("kept")
        wait_for(lambda: ask(url)[0] == 200, what="an answer")
        uid = made.read("kept").metadata.uid

        region.stop()
        assert processes_of(region.root) == []
        region.start()
        made.connect()

        wait_for(lambda: ask(url)[0] == 200, what="an answer after the restart")
        assert made.read("kept").metadata.uid == uid
        assert len(made.pods("kept")) == 1
        made.clear()
