"""Document databases: private, encrypted, over TLS, protected."""

import pytest
from support.component_examples import DOCUMENTS, EXAMPLES
from support.paper import PaperProject, document


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    return PaperProject(tmp_path_factory.mktemp("documents")).up(EXAMPLES["DocumentDatabase"])


def test_a_cluster_is_encrypted_logged_and_protected(documents):
    cluster = documents.one("docdb/cluster:Cluster", "it")

    assert cluster.protect
    assert cluster.inputs["storageEncrypted"] is True
    assert cluster.inputs["deletionProtection"] is True
    assert cluster.inputs["enabledCloudwatchLogsExports"] == ["audit", "profiler"]
    assert cluster.inputs["finalSnapshotIdentifier"] == (
        "shop-documents-final-RandomId/it-final-snapshot/hex"
    )


def test_plain_connections_are_refused_and_slow_operations_logged(documents):
    (group,) = documents.all("ClusterParameterGroup")
    values = {each["name"]: each["value"] for each in group.inputs["parameters"]}

    assert group.inputs["family"] == "docdb5.0"
    assert values == {
        "audit_logs": "enabled",
        "profiler": "enabled",
        "profiler_threshold_ms": "100",
        "tls": "enabled",
    }


def test_the_first_instance_writes_and_the_next_takes_over(documents):
    instances = sorted(documents.all("ClusterInstance"), key=lambda each: each.name)

    assert [(each.name, each.inputs["promotionTier"]) for each in instances] == [
        ("it-instance-1", 0),
        ("it-instance-2", 1),
    ]


def test_one_more_instance_leaves_the_others_alone(paper):
    paper.up(DOCUMENTS.format(more="instances=2"))
    result = paper.preview(DOCUMENTS.format(more="instances=3"))

    assert result.changes["create"] == 1
    assert set(result.changes) == {"create", "same"}


def test_the_secret_says_where_to_connect_and_as_whom(documents):
    value = document(documents.one("SecretVersion", "it-secret-version").inputs["secretString"])

    assert value == {
        "host": "Cluster/it/endpoint",
        "port": 27017,
        "username": "shop",
        "password": "RandomPassword/it-password/result",
    }


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("engine_version='3.6.0'", "must be 4.0.0 or 5.0.0"),
        ("instances=17", "must be 1 to 16"),
        ("backup_window='04:30-05:30'", "overlaps maintenance_window"),
        ("maintenance_window='Monday 4'", "must read like Mon:04:00"),
        ("backup_retention=0", "must be 1 to 35"),
    ],
)
def test_a_database_that_aws_refuses_is_refused_in_a_sentence(more, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(DOCUMENTS.format(more=more))
