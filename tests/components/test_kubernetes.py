"""Kubernetes components: what they refuse, how sides are made, what an upgrade replaces."""

import json

import pytest
from support.component_examples import KUBERNETES, WORKLOAD
from support.paper import document

from platformctl.components import (
    KubernetesClusterArgs,
    KubernetesWorkloadArgs,
    NodeGroup,
    Peer,
    PodScaling,
    Resources,
)

NODES = {"main": NodeGroup(instance_types=["m6i.large"], minimum=1, desired=2, maximum=3)}


def cluster_mistakes(**changes):
    given = {
        "cluster_name": "it",
        "region": "us-east-1",
        "subnet_ids": ["s-1", "s-2"],
        "node_groups": NODES,
        "key_arn": "k",
    }
    return list(KubernetesClusterArgs(**{**given, **changes}).mistakes())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": "1.28"}, "version is '1.28': must be one of"),
        ({"cluster_name": "no spaces"}, "cluster_name is 'no spaces'"),
        ({"subnet_ids": ["s-1"]}, "EKS needs two"),
        ({"node_groups": {}}, "node_groups is empty"),
        ({"public_access_cidrs": ["0.0.0.0/0"]}, "name the networks"),
        ({"public_access_cidrs": ["10.0.0.0/16"]}, "do not come from the internet"),
        ({"public_access_cidrs": ["203.0.113.9/24"]}, "has host bits set"),
    ],
)
def test_a_cluster_that_aws_would_refuse_is_refused_first(changes, words):
    (mistake,) = cluster_mistakes(**changes)

    assert words in mistake
    assert cluster_mistakes() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"port": 80}, "port is 80: must be 1024 to 65535"),
        ({"workload_name": "Web"}, "workload_name is 'Web'"),
        ({"resources": Resources(cpu_request=600)}, "cpu_request is 600: must be 1 to the limit"),
        ({"scaling": PodScaling(minimum=4, maximum=3)}, "scaling is 4 to 3"),
        ({"peers": [Peer(port=1)]}, "not exactly one of workload and cidr"),
        ({"drain_seconds": 30}, "must be less than grace_seconds"),
    ],
)
def test_a_workload_that_kubernetes_would_refuse_is_refused_first(changes, words):
    given = {
        "workload_name": "web",
        "namespace": "shop",
        "namespace_name": "shop",
        "image": "i",
        "identity_provider_arn": "a",
        "issuer": "https://i",
    }

    (mistake,) = KubernetesWorkloadArgs(**{**given, **changes}).mistakes()

    assert words in mistake


def test_the_kubeconfig_holds_no_token_and_logs_in_through_aws(paper):
    plan = paper.up(KUBERNETES.format(name="it", more=""))
    (provider,) = plan.all("providers:kubernetes")
    (user,) = json.loads(provider.inputs["kubeconfig"])["users"]

    assert user["user"]["exec"]["command"] == "aws"
    assert user["user"]["exec"]["args"][:2] == ["eks", "get-token"]
    assert "token" not in user["user"]


def test_an_add_on_takes_its_role_from_its_own_service_account_only(paper):
    plan = paper.up(KUBERNETES.format(name="it", more=""))
    role = plan.one("iam/role:Role", "it-vpc-cni-role").inputs
    (trust,) = document(role["assumeRolePolicy"])["Statement"]

    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert set(trust["Condition"]["StringEquals"].values()) == {
        "sts.amazonaws.com",
        "system:serviceaccount:kube-system:aws-node",
    }


def test_a_newer_version_and_more_nodes_replace_nothing(paper):
    paper.up(KUBERNETES.format(name="it", more='version="1.34"'))
    source = KUBERNETES.format(name="it", more='version="1.35"').replace("maximum=6", "maximum=9")

    changes = paper.preview(source).changes

    assert not any("replace" in str(kind) for kind in changes)


def test_of_two_sides_the_blue_one_serves_and_the_green_one_waits(paper):
    plan = paper.up(WORKLOAD.format(more='deployment="blueGreen"'))
    service = plan.one("Service", "it-service").inputs
    replicas = {
        name: plan.one("Deployment", name).inputs["spec"]["replicas"]
        for name in (
            "it-blue",
            "it-green",
        )
    }

    assert service["spec"]["selector"] == {"app": "web", "side": "blue"}
    assert replicas == {"it-blue": 3, "it-green": 0}
