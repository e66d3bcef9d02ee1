"""The journal as production, staging and the local region get it: the document's figures."""

import json

import pytest
from support.environments import environment
from support.paper import document
from support.stacks import only

from platformctl.kubernetes.validate import mistakes
from platformctl.stacks.products.aura.context import SERVICES


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    return environment(tmp_path_factory.mktemp("aura"), "production", only("aura"))


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    return environment(tmp_path_factory.mktemp("aura"), "local", only("aura"))


def manifests(plan):
    """Every Kubernetes object of a plan, as it is sent."""
    return [
        each.inputs
        for each in plan.resources
        if each.type.startswith("kubernetes:") and "helm.sh" not in each.type
    ]


def of_kind(plan, kind):
    return {each["metadata"]["name"]: each for each in manifests(plan) if each["kind"] == kind}


def test_the_cluster_is_private_and_public_encrypted_and_logged(production):
    cluster = production.one("eks/cluster:Cluster", "aura-cluster").inputs

    assert cluster["name"] == "aura-journal-prod"
    assert cluster["vpcConfig"]["endpointPrivateAccess"] is True
    assert cluster["vpcConfig"]["endpointPublicAccess"] is True
    assert cluster["vpcConfig"]["publicAccessCidrs"] == ["203.0.113.0/24"]
    assert cluster["encryptionConfig"]["resources"] == ["secrets"]
    assert cluster["encryptionConfig"]["provider"]["keyArn"].startswith("arn:aws:Key/keys-secrets")
    assert len(cluster["enabledClusterLogTypes"]) == 5
    assert cluster["bootstrapSelfManagedAddons"] is False


def test_nodes_are_in_private_subnets_and_wait_for_their_network(production):
    nodes = production.one("NodeGroup", "aura-cluster-nodes-main").inputs

    assert nodes["scalingConfig"] == {"minSize": 3, "maxSize": 6, "desiredSize": 3}
    assert nodes["amiType"] == "AL2023_x86_64_STANDARD"
    assert all("/network-app-" in subnet for subnet in nodes["subnetIds"])
    assert {each.inputs["addonName"] for each in production.all("Addon")} == {
        *("vpc-cni", "kube-proxy", "coredns", "aws-ebs-csi-driver", "metrics-server"),
        "aws-secrets-store-csi-driver-provider",
    }


def test_the_namespace_is_named_after_the_environment(production, local):
    (name,) = of_kind(production, "Namespace")
    (other,) = of_kind(local, "Namespace")

    assert (name, other) == ("aura-journal-prod", "aura-journal-local")
    labels = of_kind(production, "Namespace")[name]["metadata"]["labels"]
    assert labels["environment"] == "production"
    assert labels["app"] == "aura-journal"
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_has_the_documents_resources_and_probes(production, name):
    for side in ("blue", "green"):
        deployment = of_kind(production, "Deployment")[f"{name}-{side}"]
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        assert container["resources"] == {
            "requests": {"memory": "256Mi", "cpu": "250m"},
            "limits": {"memory": "512Mi", "cpu": "500m"},
        }
        assert container["ports"][0]["containerPort"] == 8000
        for probe, delay, period in (("livenessProbe", 30, 10), ("readinessProbe", 5, 5)):
            assert container[probe]["httpGet"]["path"] == "/health"
            assert container[probe]["httpGet"]["port"] == 8000
            assert container[probe]["initialDelaySeconds"] == delay
            assert container[probe]["periodSeconds"] == period
        scaler = of_kind(production, "HorizontalPodAutoscaler")[f"{name}-{side}"]["spec"]
        assert (scaler["minReplicas"], scaler["scaleTargetRef"]["name"]) == (3, f"{name}-{side}")
    assert of_kind(production, "Service")[name]["spec"]["selector"] == {"app": name, "side": "blue"}
    assert of_kind(production, "PodDisruptionBudget")[name]["spec"]["maxUnavailable"] == 1


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_without_an_application_waits_for_its_first_release(production, name):
    for side in ("blue", "green"):
        deployment = of_kind(production, "Deployment")[f"{name}-{side}"]
        annotations = deployment["metadata"]["annotations"]
        assert deployment["spec"]["replicas"] == 0
        assert annotations["platformctl.io/release"] == "awaiting-first-release"
        assert annotations["pulumi.com/skipAwait"] == "true"


def test_every_manifest_is_one_that_kubernetes_accepts(production, local, tmp_path):
    for plan in (production, local):
        for number, manifest in enumerate(manifests(plan)):
            file = tmp_path / f"{number}-{manifest['kind']}-{manifest['metadata']['name']}.json"
            file.write_text(json.dumps(manifest))
            assert mistakes(json.loads(file.read_text())) == [], file.name
    assert len(list(tmp_path.iterdir())) > 60


def test_pods_are_unprivileged(production):
    for deployment in of_kind(production, "Deployment").values():
        pod = deployment["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_nobody_talks_to_anybody_but_as_the_table_says(production):
    policies = of_kind(production, "NetworkPolicy")
    denied = policies.pop("deny-by-default")["spec"]

    assert denied == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name, purpose in SERVICES.items():
        spec = policies[name]["spec"]
        assert called(spec) == set(purpose.calls)
        for other in purpose.calls:
            assert name in calling(policies[other]["spec"])
    assert networks(policies["gateway"]["spec"]["ingress"], "from") == {
        f"10.0.{number}.0/24" for number in (1, 2, 3)
    }
    assert "0.0.0.0/0" not in networks(policies["auth"]["spec"]["egress"], "to")


def called(spec):
    return {
        peer["podSelector"]["matchLabels"]["app"]
        for rule in spec["egress"]
        for peer in rule["to"]
        if "podSelector" in peer
    }


def calling(spec):
    return {
        peer["podSelector"]["matchLabels"]["app"]
        for rule in spec["ingress"]
        for peer in rule["from"]
        if "podSelector" in peer
    }


def networks(rules, side):
    return {peer["ipBlock"]["cidr"] for rule in rules for peer in rule[side] if "ipBlock" in peer}


def test_no_manifest_holds_a_secret(production):
    assert of_kind(production, "Secret") == {}
    for name, purpose in SERVICES.items():
        provider = of_kind(production, "SecretProviderClass").get(name)
        assert (provider is not None) == bool(set(purpose.stores) | set(purpose.keys))
    text = json.dumps(manifests(production))
    assert "result" not in text.replace("RandomPassword", "")


def test_a_role_may_be_taken_by_one_service_account_and_reads_its_own_secrets_only(production):
    for name in SERVICES:
        role = production.one("iam/role:Role", f"aura-{name}-role").inputs
        (trust,) = document(role["assumeRolePolicy"])["Statement"]
        (subject,) = [
            value for key, value in trust["Condition"]["StringEquals"].items() if ":sub" in key
        ]
        assert subject == f"system:serviceaccount:aura-journal-prod:{name}"
    policy = production.one("RolePolicy", "aura-web-policy") if has_policy(production, "web") else 0
    assert policy == 0
    gateway = document(production.one("RolePolicy", "aura-gateway-policy").inputs["policy"])
    actions = {action for statement in gateway["Statement"] for action in statement["Action"]}
    assert actions == {
        "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret",
        "kms:Decrypt",
    }


def has_policy(plan, name):
    return f"aura-{name}-policy" in plan.names("RolePolicy")


def test_the_database_is_the_documents(production):
    database = production.one("rds/instance:Instance", "aura-database-primary").inputs

    assert database["instanceClass"] == "db.t3.medium"
    assert (database["allocatedStorage"], database["maxAllocatedStorage"]) == (100, 1000)
    assert database["backupRetentionPeriod"] == 7
    assert database["backupWindow"] == "03:00-04:00"
    assert database["maintenanceWindow"] == "sun:04:00-sun:05:00"
    assert database["skipFinalSnapshot"] is False
    assert database["dbName"] == "aura_journal"


def test_the_load_balancer_reaches_the_gateways_pods_only(production):
    binding = of_kind(production, "TargetGroupBinding")["gateway"]["spec"]
    group = production.one("TargetGroup", "aura-gateway-http")

    assert binding["targetGroupARN"] == group.outputs["arn"]
    assert binding["targetType"] == group.inputs["targetType"] == "ip"
    assert binding["serviceRef"] == {"name": "gateway", "port": 8000}
    release = production.one("Release", "aura-controller").inputs
    assert release["values"]["clusterName"] == "aura-journal-prod"


def test_nodes_reach_aws_through_the_endpoints_whose_names_lead_nowhere_else(production, staging):
    (admitted,) = [
        rule.inputs
        for rule in production.all("SecurityGroupIngressRule")
        if rule.inputs["securityGroupId"].endswith("network-endpoints")
        and rule.inputs.get("referencedSecurityGroupId") == "sg-aura-cluster"
    ]

    assert admitted["fromPort"] == admitted["toPort"] == 443
    assert not [name for name in staging.names("SecurityGroupIngressRule") if "endpoints" in name]


def test_analyses_are_in_documentdb_which_pods_alone_reach(production):
    cluster = production.one("docdb/cluster:Cluster", "aura-documents")
    (rule,) = [
        rule.inputs
        for rule in production.all("SecurityGroupIngressRule")
        if rule.inputs["securityGroupId"].endswith("aura-documents")
    ]

    assert cluster.inputs["storageEncrypted"] is True
    assert rule["fromPort"] == rule["toPort"] == 27017
    assert rule["referencedSecurityGroupId"] == "sg-aura-cluster"
