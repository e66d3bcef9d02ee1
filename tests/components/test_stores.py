"""PostgreSQL, Redis, S3, Kafka and queues: private, encrypted, protected."""

import pytest
from support.component_examples import CACHE, DATABASE, EXAMPLES, KAFKA
from support.paper import PaperProject, document


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return PaperProject(tmp_path_factory.mktemp("database")).up(EXAMPLES["PostgresDatabase"])


def test_a_database_is_private_encrypted_and_protected(database):
    primary = database.one("Instance", "it-primary")

    assert primary.protect
    assert primary.inputs["publiclyAccessible"] is False
    for switch in (
        "storageEncrypted",
        "deletionProtection",
        "multiAz",
        "copyTagsToSnapshot",
        "autoMinorVersionUpgrade",
        "iamDatabaseAuthenticationEnabled",
    ):
        assert primary.inputs[switch] is True, switch


def test_a_database_speaks_tls_only(database):
    (group,) = database.all("ParameterGroup")

    assert group.inputs["family"] == "postgres15"
    assert {"name": "rds.force_ssl", "value": "1"}.items() <= group.inputs["parameters"][1].items()


def test_a_deleted_database_leaves_a_snapshot_with_a_name_of_its_own(database):
    inputs = database.one("Instance", "it-primary").inputs

    assert inputs["skipFinalSnapshot"] is False
    assert inputs["deleteAutomatedBackups"] is False
    assert inputs["finalSnapshotIdentifier"] == "shop-final-RandomId/it-final-snapshot/hex"


def test_the_secret_has_the_documented_keys(database):
    value = document(database.one("SecretVersion", "it-secret-version").inputs["secretString"])

    assert list(value) == ["host", "username", "password", "database"]
    assert value["password"] == "RandomPassword/it-password/result"


def test_the_replica_follows_the_primary(database):
    replica = database.one("Instance", "it-replica").inputs

    assert replica["replicateSourceDb"] == "shop-primary"
    assert not {"dbName", "username", "password", "engine"} & replica.keys()


def test_the_proxy_may_read_this_secret_and_requires_tls(database):
    proxy = database.one("Proxy", "it-proxy").inputs

    assert proxy["requireTls"] is True
    assert proxy["idleClientTimeout"] == 1800
    (statement,) = document(database.one("RolePolicy", "it-proxy-policy").inputs["policy"])[
        "Statement"
    ]
    assert statement["Action"] == ["secretsmanager:GetSecretValue"]


def test_writers_use_the_proxy_and_readers_the_replica(paper):
    plan = paper.up(
        EXAMPLES["PostgresDatabase"]
        + '\npulumi.export("w", database.address)\npulumi.export("r", database.replica_address)'
    )

    assert plan.outputs["w"] == "Proxy/it-proxy/endpoint"
    assert plan.outputs["r"] == "Instance/it-replica/address"


def test_without_replica_and_proxy_everybody_uses_the_primary(paper):
    plan = paper.up(
        DATABASE.format(more="")
        + '\npulumi.export("w", database.address)\npulumi.export("r", database.replica_address)'
        + '\npulumi.export("c", database.connect_arn)'
    )

    assert plan.outputs["w"] == plan.outputs["r"] == "Instance/it-primary/address"
    assert plan.outputs["c"].endswith(":dbuser:Instance/it-primary/resourceId/shop")


def test_where_data_may_be_lost_nothing_is_left_behind(paper):
    plan = paper.up(DATABASE.format(more="deletion_protection=False"))
    primary = plan.one("Instance", "it-primary")

    assert primary.inputs["skipFinalSnapshot"] is True
    assert not primary.protect
    assert plan.all("RandomId") == []


def test_another_snapshot_does_not_replace_the_database(paper):
    paper.up(DATABASE.format(more='snapshot="one"'))
    result = paper.preview(DATABASE.format(more='snapshot="two"'))

    assert set(result.changes) == {"same"}


def test_a_cache_is_encrypted_both_ways_and_fails_over(paper):
    group = paper.up(CACHE.format(more="")).one("ReplicationGroup", "it")

    assert group.protect
    assert group.inputs["transitEncryptionMode"] == "required"
    for switch in (
        "atRestEncryptionEnabled",
        "transitEncryptionEnabled",
        "automaticFailoverEnabled",
        "multiAzEnabled",
    ):
        assert group.inputs[switch] is True, switch
    assert group.inputs["authToken"] == "RandomPassword/it-token/result"


def test_a_deleted_cache_leaves_a_snapshot_with_a_name_of_its_own(paper):
    group = paper.up(CACHE.format(more="")).one("ReplicationGroup", "it").inputs

    assert group["finalSnapshotIdentifier"].startswith(f"{group['replicationGroupId']}-final-")
    assert group["finalSnapshotIdentifier"].endswith("RandomId/it-final-snapshot/hex")


def test_the_logs_of_a_cache_go_to_groups_that_forget(paper):
    plan = paper.up(CACHE.format(more="log_retention_days=7"))
    deliveries = plan.one("ReplicationGroup", "it").inputs["logDeliveryConfigurations"]
    groups = {each.inputs["name"]: each.inputs["retentionInDays"] for each in plan.all("LogGroup")}

    assert {each["destination"] for each in deliveries} == groups.keys()
    assert set(groups.values()) == {7}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("engine_version='7'", "must be 6.2, 7.0 or 7.1"),
        ("snapshot_window='03:00-03:30'", "has 30 minutes: at least 60 are needed"),
        ("snapshot_window='05:30-06:30'", "overlaps maintenance_window"),
    ],
)
def test_a_cache_that_aws_refuses_is_refused_in_a_sentence(more, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(CACHE.format(more=more))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("max_allocated_storage=105", "must be 10% above allocated_storage"),
        ("parameters={'rds.force_ssl': '0'}", "or it is always set"),
        ("insights_days=30", "insights_days is 30"),
        ("monitoring_interval=7", "must be one of 0, 1, 5"),
        (
            "backup_retention=0, proxy=Proxy(), replica=Replica(instance_class='db.r5.large')",
            "a replica needs at least 1",
        ),
        ("backup_window='23:30-00:10', maintenance_window='Tue:00:00-Tue:01:00'", "overlaps"),
    ],
)
def test_a_postgres_database_that_aws_refuses_is_refused_in_a_sentence(more, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(DATABASE.format(more=more))


def test_static_parameters_wait_for_the_restart(paper):
    more = "parameters={'work_mem': '65536'}, static_parameters={'max_connections': '200'}"
    (group,) = paper.up(DATABASE.format(more=more)).all("ParameterGroup")
    methods = {each["name"]: each.get("applyMethod") for each in group.inputs["parameters"]}

    assert methods["max_connections"] == "pending-reboot"
    assert methods["work_mem"] is None


def test_backups_of_a_database_are_kept_in_the_other_region_too(paper):
    more = """backup_replication=BackupReplication(
        region="us-west-2", key_arn="arn:west", retention_days=14)"""
    plan = paper.up(DATABASE.format(more=more))
    copy = plan.one("InstanceAutomatedBackupsReplication", "it-backup-replication").inputs

    assert (copy["region"], copy["kmsKeyId"], copy["retentionPeriod"]) == (
        "us-west-2",
        "arn:west",
        14,
    )


def test_a_replica_beside_its_source_has_its_key_and_is_told_none(paper):
    more = "key_arn='arn:key', replica=Replica(instance_class='db.r5.large')"
    plan = paper.up(DATABASE.format(more=more))

    assert plan.one("Instance", "it-primary").inputs["kmsKeyId"] == "arn:key"
    assert plan.one("Instance", "it-replica").inputs["storageEncrypted"]
    assert "kmsKeyId" not in plan.one("Instance", "it-replica").inputs


def test_a_promoted_replica_is_left_alone(paper):
    paper.up(EXAMPLES["PostgresReplica"])
    other = EXAMPLES["PostgresReplica"].replace("shop-primary", "other-primary")
    result = paper.preview(other)

    assert set(result.changes) == {"same"}


def test_a_cache_of_one_node_cannot_fail_over(paper):
    group = paper.up(CACHE.format(more="nodes=1")).one("ReplicationGroup", "it")

    assert group.inputs["automaticFailoverEnabled"] is False
    assert group.inputs["multiAzEnabled"] is False


@pytest.mark.parametrize(("version", "family"), [("7.0", "redis7"), ("6.2", "redis6.x")])
def test_the_parameter_group_is_of_the_versions_family(version, family, paper):
    plan = paper.up(CACHE.format(more=f'engine_version="{version}"'))

    assert plan.one("ParameterGroup", "it-parameters").inputs["family"] == family


def test_a_bucket_is_private_encrypted_versioned_and_refuses_plain_http(paper):
    plan = paper.up(EXAMPLES["Bucket"])
    (block,) = plan.all("BucketPublicAccessBlock")
    (versioning,) = plan.all("BucketVersioning")
    (ownership,) = plan.all("BucketOwnershipControls")
    (statement,) = document(plan.one("BucketPolicy", "it-policy").inputs["policy"])["Statement"]

    assert all(
        block.inputs[switch]
        for switch in (
            "blockPublicAcls",
            "blockPublicPolicy",
            "ignorePublicAcls",
            "restrictPublicBuckets",
        )
    )
    assert versioning.inputs["versioningConfiguration"]["status"] == "Enabled"
    assert ownership.inputs["rule"]["objectOwnership"] == "BucketOwnerEnforced"
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_bucket_of_confidential_data_has_its_own_key(paper):
    plan = paper.up('Bucket("it", BucketArgs(key_arn="arn:key"))')
    (rule,) = plan.one("BucketServerSideEncryptionConfiguration", "it-encryption").inputs["rules"]

    assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    assert rule["bucketKeyEnabled"] is True


REPLICATED = """Bucket("it", BucketArgs(key_arn="arn:here", replication=BucketReplication(
    bucket_arn="arn:aws:s3:::west", key_arn="arn:there", time_control=True)))"""


def test_a_replicated_bucket_copies_encrypted_objects_within_fifteen_minutes(paper):
    plan = paper.up(REPLICATED)
    (rule,) = plan.one("BucketReplicationConfig", "it-replication").inputs["rules"]

    assert rule["destination"]["encryptionConfiguration"] == {"replicaKmsKeyId": "arn:there"}
    assert rule["destination"]["replicationTime"]["time"] == {"minutes": 15}
    assert rule["sourceSelectionCriteria"]["sseKmsEncryptedObjects"] == {"status": "Enabled"}
    assert rule["deleteMarkerReplication"] == {"status": "Enabled"}


def test_the_replicating_role_reads_here_and_writes_there_and_nothing_else(paper):
    policy = paper.up(REPLICATED).one("RolePolicy", "it-replication-policy").inputs["policy"]
    allowed = {
        resource: sorted(statement["Action"])
        for statement in document(policy)["Statement"]
        for resource in statement["Resource"]
    }

    assert allowed["arn:aws:s3:::west/*"] == [
        "s3:ReplicateDelete",
        "s3:ReplicateObject",
        "s3:ReplicateTags",
    ]
    assert allowed["arn:here"] == ["kms:Decrypt"]
    assert allowed["arn:there"] == ["kms:Encrypt", "kms:GenerateDataKey"]
    assert "*" not in allowed


def test_a_log_bucket_accepts_logs_of_its_own_account_only(paper):
    plan = paper.up("""
    logs = Bucket("logs", BucketArgs(accepts_access_logs=True))
    Bucket("it", BucketArgs(access_logs=AccessLogs(bucket=logs.bucket_name, prefix="it/")))
    """)
    statements = document(plan.one("BucketPolicy", "logs-policy").inputs["policy"])["Statement"]

    assert plan.one("BucketLogging", "it-logging").inputs["targetPrefix"] == "it/"
    assert plan.names("BucketLogging") == ["it-logging"]
    assert statements[1]["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert statements[1]["Condition"] == {"StringEquals": {"aws:SourceAccount": "000000000000"}}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            "versioned=False, replication=BucketReplication(bucket_arn='a')",
            "versioned is false: replication needs versions",
        ),
        ("key_arn='k', replication=BucketReplication(bucket_arn='a')", "needs a key_arn exactly"),
        ("lifecycle=[LifecycleRule(key='x', infrequent_days=7)]", "must be 30 or more"),
        (
            "lifecycle=[LifecycleRule(key='x', archive_days=90, expire_days=60)]",
            "expires objects before they have moved",
        ),
        (
            "accepts_access_logs=True, access_logs=AccessLogs(bucket='b', prefix='p')",
            "it would log itself for ever",
        ),
    ],
)
def test_a_bucket_that_s3_refuses_is_refused_in_a_sentence(arguments, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(f'Bucket("it", BucketArgs({arguments}))')


@pytest.mark.parametrize(
    ("authentication", "protocol", "port", "transit"),
    [
        ("iam", "SASL_SSL", 9098, "TLS"),
        ("tls", "SSL", 9094, "TLS"),
        ("plaintext", "PLAINTEXT", 9092, "PLAINTEXT"),
    ],
)
def test_the_port_follows_from_how_clients_sign_in(authentication, protocol, port, transit, paper):
    plan = paper.up(
        KAFKA.format(more=f"authentication={authentication!r}")
        + '\npulumi.export("p", kafka.port)\npulumi.export("s", kafka.security_protocol)'
    )
    encryption = plan.one("Cluster", "it").inputs["encryptionInfo"]

    assert (plan.outputs["p"], plan.outputs["s"]) == (port, protocol)
    assert encryption["encryptionInTransit"] == {"clientBroker": transit, "inCluster": True}


def test_topics_are_never_made_by_accident(paper):
    plan = paper.up(KAFKA.format(more=""))
    properties = plan.one("msk/configuration:Configuration", "it-configuration").inputs

    assert "auto.create.topics.enable=false\n" in properties["serverProperties"]
    assert "min.insync.replicas=2\n" in properties["serverProperties"]


def test_a_topic_carries_its_settings(paper):
    topic = paper.up(KAFKA.format(more="")).one("msk/topic:Topic", "it-clicks").inputs

    assert topic["partitionCount"] == 4
    assert document(topic["configs"]) == {
        "compression.type": "lz4",
        "retention.ms": "259200000",
    }


def test_brokers_that_do_not_spread_are_refused(paper):
    with pytest.raises(Exception, match="brokers is 4: must be a multiple of 3 subnets"):
        paper.up(KAFKA.format(more="brokers=4"))


def test_a_queue_sends_its_poison_elsewhere(paper):
    plan = paper.up(EXAMPLES["Queue"])
    queue = plan.one("Queue", "it").inputs

    assert (
        document(queue["redrivePolicy"])["deadLetterTargetArn"] == "arn:aws:Queue/it-dead-letters"
    )
    assert queue["sqsManagedSseEnabled"] is True
