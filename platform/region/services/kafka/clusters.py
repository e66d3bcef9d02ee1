"""Clusters: created, described, changed and deleted."""

import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.kafka.access import access_of
from platformctl.region.services.kafka.records import wrong
from platformctl.region.services.kafka.topics import TopicOperations
from platformctl.region.services.rds.names import moment

VERSIONS = ("3.9.x", "3.8.x", "3.7.x", "3.6.0", "3.5.1", "3.4.0", "2.8.1")
_MOST_BROKERS = 30
_COPIED = (
    "BrokerNodeGroupInfo",
    "ClientAuthentication",
    "EncryptionInfo",
    "EnhancedMonitoring",
    "LoggingInfo",
    "NumberOfBrokerNodes",
    "OpenMonitoring",
    "Rebalancing",
    "StorageMode",
)
_STATE = {
    "Code": "LOCAL_BROKERS",
    "Message": "Local brokers keep the newest 5 MiB of each partition in memory. Unread messages "
    "are kept over a stop of the region with new offsets; a crash of the brokers loses them.",
}


class ClusterOperations(TopicOperations):
    """The operations on clusters."""

    def create_cluster(self, call: Call) -> dict[str, Any]:
        """Create a cluster; its brokers run when it is active."""
        info = self._create(call.region, call.parameters, call.parameters)
        return {key: info[key] for key in ("ClusterArn", "ClusterName", "State")}

    def create_cluster_v2(self, call: Call) -> dict[str, Any]:
        """Create a provisioned cluster; there are no serverless ones here."""
        provisioned = call.parameters.get("Provisioned")
        if provisioned is None:
            raise wrong("The local region has provisioned clusters only.")
        info = self._create(call.region, call.parameters, provisioned)
        shown = {key: info[key] for key in ("ClusterArn", "ClusterName", "State")}
        return {**shown, "ClusterType": "PROVISIONED"}

    def describe_cluster(self, call: Call) -> dict[str, Any]:
        """Describe a cluster."""
        record = self.cluster(call.region, call.parameters["ClusterArn"])
        return {"ClusterInfo": self.shown_cluster(call.region, record)}

    def describe_cluster_v2(self, call: Call) -> dict[str, Any]:
        """Describe a cluster in the newer shape."""
        record = self.cluster(call.region, call.parameters["ClusterArn"])
        return {"ClusterInfo": self._shown_newer(call.region, record)}

    def list_clusters(self, call: Call) -> dict[str, Any]:
        """List clusters whose name begins with the filter."""
        found = self._named(call)
        return {"ClusterInfoList": [self.shown_cluster(call.region, record) for record in found]}

    def list_clusters_v2(self, call: Call) -> dict[str, Any]:
        """List clusters in the newer shape."""
        if call.parameters.get("ClusterTypeFilter") == "SERVERLESS":
            return {"ClusterInfoList": []}
        found = self._named(call)
        return {"ClusterInfoList": [self._shown_newer(call.region, record) for record in found]}

    def delete_cluster(self, call: Call) -> dict[str, Any]:
        """Delete a cluster with all its messages."""
        record = self.cluster(call.region, call.parameters["ClusterArn"])
        record["info"]["State"] = "DELETING"
        self.put_cluster(call.region, record)
        self.retire(call.region, record)
        return {"ClusterArn": call.parameters["ClusterArn"], "State": "DELETING"}

    def get_bootstrap_brokers(self, call: Call) -> dict[str, Any]:
        """Return where clients start: stable addresses."""
        record = self.cluster(call.region, call.parameters["ClusterArn"])
        if record["info"]["State"] in {"CREATING", "DELETING", "FAILED"}:
            raise ServiceError(
                "ConflictException",
                "Bootstrap brokers cannot be retrieved while the cluster is in "
                f"{record['info']['State']} state.",
                409,
            )
        brokers = ",".join(f"{host}:{port}" for host, port in record["brokers"])
        return {access_of(record["info"]).member: brokers}

    def update_broker_count(self, call: Call) -> dict[str, Any]:
        """Change the number of brokers; they restart."""
        record = self._updatable(call)
        count = call.parameters["TargetNumberOfBrokerNodes"]
        if count < record["info"]["NumberOfBrokerNodes"]:
            raise wrong("The number of brokers cannot be reduced.")
        self._check_brokers(count, record["info"]["BrokerNodeGroupInfo"])
        record["info"]["NumberOfBrokerNodes"] = count
        record["brokers"] = self._addresses(call.region, record, count)
        return self._updating(call.region, record, "UPDATE_BROKER_COUNT", restart=True)

    def update_broker_storage(self, call: Call) -> dict[str, Any]:
        """Record larger volumes."""
        record = self._updatable(call)
        size = call.parameters["TargetBrokerEBSVolumeInfo"][0].get("VolumeSizeGB")
        storage = record["info"]["BrokerNodeGroupInfo"].setdefault("StorageInfo", {})
        volume = storage.setdefault("EbsStorageInfo", {})
        if size is not None and size <= volume.get("VolumeSize", 0):
            raise wrong("The volume size can only be increased.")
        volume["VolumeSize"] = size
        return self._updating(call.region, record, "UPDATE_BROKER_STORAGE")

    def update_broker_type(self, call: Call) -> dict[str, Any]:
        """Record another instance type."""
        record = self._updatable(call)
        record["info"]["BrokerNodeGroupInfo"]["InstanceType"] = call.parameters[
            "TargetInstanceType"
        ]
        return self._updating(call.region, record, "UPDATE_BROKER_TYPE")

    def update_cluster_configuration(self, call: Call) -> dict[str, Any]:
        """Record another configuration revision."""
        record = self._updatable(call)
        self._configure(call.region, record["info"], call.parameters["ConfigurationInfo"])
        return self._updating(call.region, record, "UPDATE_CLUSTER_CONFIGURATION")

    def update_cluster_kafka_version(self, call: Call) -> dict[str, Any]:
        """Record another Kafka version."""
        record = self._updatable(call)
        _check_version(call.parameters["TargetKafkaVersion"])
        software = record["info"]["CurrentBrokerSoftwareInfo"]
        software["KafkaVersion"] = call.parameters["TargetKafkaVersion"]
        if call.parameters.get("ConfigurationInfo"):
            self._configure(call.region, record["info"], call.parameters["ConfigurationInfo"])
        return self._updating(call.region, record, "UPDATE_CLUSTER_KAFKA_VERSION")

    def update_monitoring(self, call: Call) -> dict[str, Any]:
        """Record other monitoring and logging."""
        return self._replace(
            call, "UPDATE_MONITORING", "EnhancedMonitoring", "OpenMonitoring", "LoggingInfo"
        )

    def update_security(self, call: Call) -> dict[str, Any]:
        """Change how clients get in; the brokers restart at the port that belongs to it."""
        record = self._updatable(call)
        _adopt(record["info"], call.parameters, "ClientAuthentication", "EncryptionInfo")
        count = record["info"]["NumberOfBrokerNodes"]
        record["brokers"] = self._addresses(call.region, record, count)
        return self._updating(call.region, record, "UPDATE_SECURITY", restart=True)

    def reboot_broker(self, call: Call) -> dict[str, Any]:
        """Restart the brokers; unread messages are kept."""
        record = self.active_cluster(call.region, call.parameters["ClusterArn"])
        return self._updating(call.region, record, "REBOOT_NODE", restart=True)

    def describe_cluster_operation(self, call: Call) -> dict[str, Any]:
        """Describe a change of a cluster."""
        arn = call.parameters["ClusterOperationArn"]
        operation = self.table(call.region, "operations").get(arn)
        if operation is None:
            raise ServiceError("NotFoundException", f"The operation {arn} doesn't exist.", 404)
        return {"ClusterOperationInfo": _shown_operation(operation)}

    def list_cluster_operations(self, call: Call) -> dict[str, Any]:
        """List the changes of a cluster."""
        arn = self.cluster(call.region, call.parameters["ClusterArn"])["info"]["ClusterArn"]
        found = self.table(call.region, "operations").values()
        chosen = [_shown_operation(one) for one in found if one["ClusterArn"] == arn]
        return {"ClusterOperationInfoList": chosen}

    # What the service class does.

    def bring_up(self, region: str, record: dict[str, Any], *, restart: bool = False) -> None:
        """Have the brokers run and the cluster become active."""
        raise NotImplementedError

    def retire(self, region: str, record: dict[str, Any]) -> None:
        """Stop the brokers and remove the cluster."""
        raise NotImplementedError

    def put_cluster(self, region: str, record: dict[str, Any]) -> None:
        """Write a cluster's record."""
        self.table(region, "clusters")[record["info"]["ClusterArn"]] = record

    def finish_operation(self, region: str, arn: str, state: str, reason: str = "") -> None:
        """Note how a change ended."""
        table = self.table(region, "operations")
        operation = table.get(arn)
        if operation is not None:
            error = {"ErrorCode": "LOCAL", "ErrorString": reason} if reason else None
            end = self.runtime.now()
            table[arn] = {**operation, "OperationState": state, "EndTime": end, "ErrorInfo": error}

    def shown_cluster(self, region: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a cluster as `DescribeCluster` shows it."""
        info = record["info"]
        created = moment(info["CreationTime"])
        state = record.get("failure") or _STATE
        tags = self.tags(region, info["ClusterArn"])
        return {**info, "CreationTime": created, "StateInfo": state, "Tags": tags}

    def _shown_newer(self, region: str, record: Mapping[str, Any]) -> dict[str, Any]:
        shown = self.shown_cluster(region, record)
        outside = (
            "ActiveOperationArn",
            "ClusterArn",
            "ClusterName",
            "CreationTime",
            "CurrentVersion",
            "State",
            "StateInfo",
            "Tags",
        )
        provisioned = {key: value for key, value in shown.items() if key not in outside}
        return {
            **{key: shown.get(key) for key in outside},
            "ClusterType": "PROVISIONED",
            "Provisioned": provisioned,
        }

    def _named(self, call: Call) -> list[dict[str, Any]]:
        beginning = call.parameters.get("ClusterNameFilter") or ""
        return [
            record
            for record in self.table(call.region, "clusters").values()
            if record["info"]["ClusterName"].startswith(beginning)
        ]

    def _create(
        self, region: str, outer: Mapping[str, Any], asked: Mapping[str, Any]
    ) -> dict[str, Any]:
        name = outer["ClusterName"]
        if any(
            record["info"]["ClusterName"] == name
            for record in self.table(region, "clusters").values()
        ):
            raise ServiceError("ConflictException", f"A cluster named {name} exists already.", 409)
        _check_version(asked["KafkaVersion"])
        self._check_brokers(asked["NumberOfBrokerNodes"], asked["BrokerNodeGroupInfo"])
        own = f"{uuid.uuid4()}-{secrets.randbelow(30) + 1}"
        info: dict[str, Any] = {
            **{key: asked[key] for key in _COPIED if asked.get(key) is not None},
            "ClusterArn": f"arn:aws:kafka:{region}:{self.runtime.account}:cluster/{name}/{own}",
            "ClusterName": name,
            "State": "CREATING",
            "CreationTime": self.runtime.now(),
            "CurrentVersion": _new_version(),
            "CurrentBrokerSoftwareInfo": {"KafkaVersion": asked["KafkaVersion"]},
        }
        info.setdefault("EnhancedMonitoring", "DEFAULT")
        info.setdefault("StorageMode", "LOCAL")
        if asked.get("ConfigurationInfo"):
            self._configure(region, info, asked["ConfigurationInfo"])
        record: dict[str, Any] = {"info": info, "scram": []}
        record["brokers"] = self._addresses(region, record, asked["NumberOfBrokerNodes"])
        self.put_cluster(region, record)
        self.set_tags(region, info["ClusterArn"], outer.get("Tags"))
        self.bring_up(region, record)
        return info

    def _check_brokers(self, count: int, group: Mapping[str, Any]) -> None:
        zones = len(group["ClientSubnets"])
        if not 1 <= count <= _MOST_BROKERS or count % zones:
            raise wrong(
                f"The number of broker nodes {count} must be a multiple of the {zones} client "
                f"subnets and at most {_MOST_BROKERS}."
            )

    def _addresses(self, region: str, record: Mapping[str, Any], count: int) -> list[list[Any]]:
        found = []
        for number in range(1, count + 1):
            owner = self.owner(region, record, number)
            address = self.runtime.addresses.allocate(owner, access_of(record["info"]).port)
            found.append([address.host, address.port])
        return found

    def owner(self, region: str, record: Mapping[str, Any], number: int) -> str:
        """Return the name under which a broker has its address."""
        own = record["info"]["ClusterArn"].rpartition("/")[2]
        return f"kafka/{region}/{own}/b-{number}"

    def _configure(self, region: str, info: dict[str, Any], asked: Mapping[str, Any]) -> None:
        configuration = self.configuration(region, asked["Arn"])
        self.revision(configuration, asked["Revision"])
        info["CurrentBrokerSoftwareInfo"].update(
            ConfigurationArn=asked["Arn"], ConfigurationRevision=asked["Revision"]
        )

    def _updatable(self, call: Call) -> dict[str, Any]:
        record = self.active_cluster(call.region, call.parameters["ClusterArn"])
        current = record["info"]["CurrentVersion"]
        if call.parameters.get("CurrentVersion") not in {None, current}:
            raise wrong(f"The version of the cluster is {current}; you gave another one.")
        return record

    def _replace(self, call: Call, kind: str, *members: str) -> dict[str, Any]:
        record = self._updatable(call)
        _adopt(record["info"], call.parameters, *members)
        return self._updating(call.region, record, kind)

    def _updating(
        self, region: str, record: dict[str, Any], kind: str, *, restart: bool = False
    ) -> dict[str, Any]:
        info = record["info"]
        arn = info["ClusterArn"]
        operation = f"{arn.replace(':cluster/', ':cluster-operation/')}/{uuid.uuid4()}"
        self.table(region, "operations")[operation] = {
            "OperationArn": operation,
            "ClusterArn": arn,
            "OperationType": kind,
            "OperationState": "UPDATE_IN_PROGRESS",
            "CreationTime": self.runtime.now(),
        }
        info["State"] = "REBOOTING_BROKER" if kind == "REBOOT_NODE" else "UPDATING"
        info["ActiveOperationArn"] = operation
        self.put_cluster(region, record)
        self.bring_up(region, record, restart=restart)
        return {"ClusterArn": arn, "ClusterOperationArn": operation}


def _adopt(info: dict[str, Any], asked: Mapping[str, Any], *members: str) -> None:
    """Take over what was asked for of some members."""
    info.update({key: asked[key] for key in members if asked.get(key) is not None})


def _check_version(version: str) -> None:
    if version not in VERSIONS:
        raise wrong(f"Unsupported KafkaVersion [{version}]. Valid values: {', '.join(VERSIONS)}")


def _new_version() -> str:
    return "K" + secrets.token_hex(7).upper()[:13]


def _shown_operation(operation: Mapping[str, Any]) -> dict[str, Any]:
    end = operation.get("EndTime")
    times = {"CreationTime": moment(operation["CreationTime"]), "EndTime": end and moment(end)}
    return {**operation, **times}
