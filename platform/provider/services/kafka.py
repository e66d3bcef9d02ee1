"""Kafka clusters, their configurations and topics."""

import base64
import json
from typing import Any

from platformctl.provider import compare
from platformctl.provider.context import Context
from platformctl.provider.identity import assigned, joined, parameter, template
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Find,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
    Waiter,
)
from platformctl.provider.templates import fill

CLUSTER = {"ClusterArn": "{id}"}
TOPIC = {"ClusterArn": "{clusterArn}", "TopicName": "{name}"}
NEW_TOPIC = Send("create_topic")


def _version(context: Context) -> str:
    return context.ask(Ask("describe_cluster", CLUSTER, "ClusterInfo.CurrentVersion"))


def _read_cluster(context: Context) -> Any:
    """Describe a cluster with the addresses that clients start from."""
    cluster = context.find(Ask("describe_cluster", CLUSTER, "ClusterInfo"))
    if cluster is None or cluster.get("State") != "ACTIVE":
        return cluster
    brokers = context.ask(Ask("get_bootstrap_brokers", CLUSTER))
    software = cluster.get("CurrentBrokerSoftwareInfo") or {}
    members = {key: value for key, value in brokers.items() if key.startswith("BootstrapBroker")}
    configuration = None
    if software.get("ConfigurationArn"):
        configuration = {
            "Arn": software["ConfigurationArn"],
            "Revision": software.get("ConfigurationRevision"),
        }
    return {
        **cluster,
        **members,
        "KafkaVersion": software.get("KafkaVersion"),
        "ConfigurationInfo": configuration,
        "ClusterUuid": context.id.rpartition("/")[2],
    }


def _after(context: Context) -> None:
    """Wait until a change of a cluster is through."""
    context.until(
        lambda: context.ask(Ask("describe_cluster", CLUSTER, "ClusterInfo.State")) == "ACTIVE",
        f"waiting for {context.id} to be ACTIVE",
        delay=0.05,
        timeout=600,
    )


def _modify_cluster(context: Context) -> None:
    """Change a cluster, one call for each kind of change, each from the version before."""
    new, old = context.inputs, context.old
    changed = {key for key in new.keys() | old.keys() if new.get(key) != old.get(key)}
    named = {"ClusterArn": context.id}
    if "numberOfBrokerNodes" in changed:
        count = int(new["numberOfBrokerNodes"])
        context.call(
            "update_broker_count",
            **named,
            CurrentVersion=_version(context),
            TargetNumberOfBrokerNodes=count,
        )
        _after(context)
    if "kafkaVersion" in changed:
        extra = _configuration(new)
        context.call(
            "update_cluster_kafka_version",
            **named,
            CurrentVersion=_version(context),
            TargetKafkaVersion=new["kafkaVersion"],
            **extra,
        )
        _after(context)
    elif "configurationInfo" in changed and new.get("configurationInfo"):
        context.call(
            "update_cluster_configuration",
            **named,
            CurrentVersion=_version(context),
            **_configuration(new),
        )
        _after(context)
    if changed & {"enhancedMonitoring", "openMonitoring", "loggingInfo"}:
        only = ("enhancedMonitoring", "openMonitoring", "loggingInfo")
        send = Send("update_monitoring", CLUSTER, only=only)
        context.send(send, CurrentVersion=_version(context))
        _after(context)
    if changed & {"clientAuthentication", "encryptionInfo"}:
        only = ("clientAuthentication", "encryptionInfo")
        context.send(Send("update_security", CLUSTER, only=only), CurrentVersion=_version(context))
        _after(context)


def _configuration(inputs: dict[str, Any]) -> dict[str, Any]:
    info = inputs.get("configurationInfo")
    if not info:
        return {}
    return {"ConfigurationInfo": {"Arn": info["arn"], "Revision": int(info["revision"])}}


def _modify_brokers(context: Context) -> None:
    """Change the brokers' size or storage in place; what else differs needs other brokers."""
    new, old = context.inputs["brokerNodeGroupInfo"], context.old.get("brokerNodeGroupInfo") or {}
    named = {"ClusterArn": context.id}
    if new.get("instanceType") != old.get("instanceType"):
        context.call(
            "update_broker_type",
            **named,
            CurrentVersion=_version(context),
            TargetInstanceType=new["instanceType"],
        )
        _after(context)
    size = ((new.get("storageInfo") or {}).get("ebsStorageInfo") or {}).get("volumeSize")
    before = ((old.get("storageInfo") or {}).get("ebsStorageInfo") or {}).get("volumeSize")
    if size != before and size:
        volumes = [{"KafkaBrokerNodeId": "All", "VolumeSizeGB": int(size)}]
        context.call(
            "update_broker_storage",
            **named,
            CurrentVersion=_version(context),
            TargetBrokerEBSVolumeInfo=volumes,
        )
        _after(context)


def _read_configuration(context: Context) -> Any:
    """Describe a configuration with the properties of its latest revision."""
    found = context.find(Ask("describe_configuration", {"Arn": "{id}"}))
    if found is None or found.get("State") == "DELETING":
        return None
    revision = found["LatestRevision"]["Revision"]
    details = context.call("describe_configuration_revision", Arn=context.id, Revision=revision)
    properties = details["ServerProperties"]
    content = properties if isinstance(properties, bytes) else base64.b64decode(properties)
    return {**found, "LatestRevision": revision, "ServerProperties": content.decode()}


def _read_topic(context: Context) -> Any:
    """Describe a topic; its settings stay as the program wrote them where they still hold.

    They are a JSON object, which the API takes and gives as Base64.
    """
    found = context.find(Ask("describe_topic", TOPIC))
    if found is None:
        return None
    actual, written = found.get("Configs"), context.inputs.get("configs")
    actual = base64.b64decode(actual).decode() if actual else None
    same = written and actual and compare.same(json.loads(written), json.loads(actual), subset=True)
    return {**found, "Configs": written if same else actual, "ConfigsActual": actual}


def _encoded(context: Context) -> dict[str, str]:
    """Return the settings of a topic as the API takes them."""
    settings = str(context.inputs.get("configs") or "{}")
    return {"Configs": base64.b64encode(settings.encode()).decode()}


def _create_topic(context: Context) -> Any:
    settings = _encoded(context) if context.inputs.get("configs") else {}
    return context.send(NEW_TOPIC, **settings)


def _change_topic(context: Context) -> None:
    """Change settings and partitions, which the API takes one after the other."""
    if context.inputs.get("configs") != context.old.get("configs"):
        context.call("update_topic", **fill(TOPIC, context.values), **_encoded(context))
    if context.inputs.get("partitionCount") != context.old.get("partitionCount"):
        count = context.inputs["partitionCount"]
        context.call("update_topic", **fill(TOPIC, context.values), PartitionCount=count)


SPECS = (
    ResourceSpec(
        type="aws:msk/cluster:Cluster",
        service="kafka",
        identity=assigned("ClusterArn"),
        fidelity=Fidelity.LIVE,
        create=Send("create_cluster"),
        read=_read_cluster,
        updates=(
            Update(
                _modify_cluster,
                (
                    "numberOfBrokerNodes",
                    "kafkaVersion",
                    "configurationInfo",
                    "enhancedMonitoring",
                    "openMonitoring",
                    "loggingInfo",
                    "clientAuthentication",
                    "encryptionInfo",
                ),
            ),
            Update(_modify_brokers, ("brokerNodeGroupInfo",)),
        ),
        delete=Ask("delete_cluster", CLUSTER),
        names={
            "brokerNodeGroupInfo.azDistribution": "BrokerAZDistribution",
            "encryptionInfo.encryptionAtRestKmsKeyArn": "EncryptionAtRest.DataVolumeKMSKeyId",
            "clientAuthentication.sasl.iam": "Iam",
            "clientAuthentication.sasl.scram": "Scram",
            "clientAuthentication.tls.certificateAuthorityArns": "CertificateAuthorityArnList",
            "openMonitoring.prometheus.jmxExporter.enabledInBroker": "EnabledInBroker",
        },
        reads={
            "arn": "ClusterArn",
            "bootstrapBrokers": "BootstrapBrokerString",
            "bootstrapBrokersTls": "BootstrapBrokerStringTls",
            "bootstrapBrokersSaslIam": "BootstrapBrokerStringSaslIam",
            "bootstrapBrokersSaslScram": "BootstrapBrokerStringSaslScram",
            "zookeeperConnectString": "ZookeeperConnectString",
        },
        outputs={"arn": "{id}"},
        name=Name("clusterName", 64),
        unread=("clientAuthentication", "loggingInfo", "openMonitoring", "rebalancing"),
        tags=Tagging(
            member="Tags",
            form="map",
            add="tag_resource",
            remove="untag_resource",
            resource={"ResourceArn": "{id}"},
            read=Ask("list_tags_for_resource", {"ResourceArn": "{id}"}, "Tags"),
        ),
        created=Waiter("State", ("ACTIVE",), ("FAILED",), timeout=600),
        deleted=True,
        find=Find(
            Ask(
                "list_clusters",
                {"ClusterNameFilter": "{clusterName}"},
                "ClusterInfoList[?State!='DELETING']",
            ),
            ("clusterName",),
        ),
        note="librdkafka's broker: groups, transactions, lz4; no disk",
    ),
    ResourceSpec(
        type="aws:msk/configuration:Configuration",
        service="kafka",
        identity=assigned("Arn"),
        fidelity=Fidelity.LIVE,
        create=Send("create_configuration"),
        read=_read_configuration,
        updates=(
            Update(
                Send(
                    "update_configuration",
                    {"Arn": "{id}"},
                    only=("description", "serverProperties"),
                )
            ),
        ),
        delete=Ask("delete_configuration", {"Arn": "{id}"}),
        outputs={"arn": "{id}"},
        defaults={"description": ""},
        name=Name("name", 256),
        find=Find(Ask("list_configurations", {}, "Configurations"), ("name",)),
    ),
    ResourceSpec(
        type="aws:msk/topic:Topic",
        service="kafka",
        identity=joined("clusterArn", "name", separator=","),
        fidelity=Fidelity.LIVE,
        create=_create_topic,
        sends=(NEW_TOPIC,),
        read=_read_topic,
        updates=(Update(_change_topic, ("configs", "partitionCount")),),
        handled=("configs",),
        delete=Ask("delete_topic", TOPIC),
        names={"name": "TopicName"},
        outputs={"arn": "{clusterArn}/topic/{name}"},
        name=Name("name", 249),
        no_local_effect=("timeouts.*",),
        note="really created on the brokers",
    ),
    ResourceSpec(
        type="aws:msk/clusterPolicy:ClusterPolicy",
        service="kafka",
        identity=parameter("clusterArn"),
        fidelity=Fidelity.STATE,
        no_local_effect=("clusterArn", "policy"),
        replace=("clusterArn",),
        note="the local region asks for no permission",
    ),
    ResourceSpec(
        type="aws:msk/replicator:Replicator",
        service="kafka",
        identity=template("arn:aws:kafka:{region}:{account}:replicator/{replicatorName}/local"),
        fidelity=Fidelity.STATE,
        outputs={"arn": "{id}", "currentVersion": "local"},
        no_local_effect=(
            "description",
            "kafkaClusters.*",
            "logDelivery.*",
            "replicationInfoList.*",
            "replicatorName",
            "serviceExecutionRoleArn",
            "tags",
        ),
        replace=(
            "description",
            "kafkaClusters",
            "replicatorName",
            "serviceExecutionRoleArn",
        ),
        note="nothing is copied between the local brokers",
    ),
)
