"""Versions, nodes, users and tags."""

from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.kafka.clusters import VERSIONS, ClusterOperations
from platformctl.region.services.rds.names import moment


class CatalogOperations(ClusterOperations):
    """The operations that are about what there is."""

    def list_kafka_versions(self, _call: Call) -> dict[str, Any]:
        """List the Kafka versions there are."""
        return {"KafkaVersions": [{"Version": name, "Status": "ACTIVE"} for name in VERSIONS]}

    def get_compatible_kafka_versions(self, call: Call) -> dict[str, Any]:
        """List to which versions clusters can be upgraded."""
        arn = call.parameters.get("ClusterArn")
        sources = VERSIONS
        if arn:
            info = self.cluster(call.region, arn)["info"]
            sources = (info["CurrentBrokerSoftwareInfo"]["KafkaVersion"],)
        return {
            "CompatibleKafkaVersions": [
                {
                    "SourceVersion": source,
                    "TargetVersions": list(VERSIONS[: VERSIONS.index(source)]),
                }
                for source in sources
            ]
        }

    def list_nodes(self, call: Call) -> dict[str, Any]:
        """List a cluster's brokers."""
        record = self.cluster(call.region, call.parameters["ClusterArn"])
        info, group = record["info"], record["info"]["BrokerNodeGroupInfo"]
        subnets = group["ClientSubnets"]
        return {
            "NodeInfoList": [
                {
                    "NodeType": "BROKER",
                    "NodeARN": f"{info['ClusterArn'].replace(':cluster/', ':broker/')}/{number}",
                    "InstanceType": group["InstanceType"],
                    "AddedToClusterTime": moment(info["CreationTime"]).isoformat(),
                    "BrokerNodeInfo": {
                        "BrokerId": float(number),
                        "ClientSubnet": subnets[(number - 1) % len(subnets)],
                        "ClientVpcIpAddress": host,
                        "Endpoints": [f"{host}:{port}"],
                        "CurrentBrokerSoftwareInfo": info["CurrentBrokerSoftwareInfo"],
                    },
                }
                for number, (host, port) in enumerate(record["brokers"], start=1)
            ]
        }

    def batch_associate_scram_secret(self, call: Call) -> dict[str, Any]:
        """Record users; the local brokers ask nobody for a password."""
        record = self.cluster(call.region, call.parameters["ClusterArn"])
        unprocessed = []
        for arn in call.parameters["SecretArnList"]:
            if ":secret:AmazonMSK_" in arn:
                record["scram"] = sorted({*record["scram"], arn})
            else:
                unprocessed.append(
                    {
                        "SecretArn": arn,
                        "ErrorCode": "InvalidSecretArn",
                        "ErrorMessage": "The name of the secret must begin with AmazonMSK_.",
                    }
                )
        self.put_cluster(call.region, record)
        arn = call.parameters["ClusterArn"]
        return {"ClusterArn": arn, "UnprocessedScramSecrets": unprocessed}

    def batch_disassociate_scram_secret(self, call: Call) -> dict[str, Any]:
        """Forget users."""
        record = self.cluster(call.region, call.parameters["ClusterArn"])
        record["scram"] = sorted(set(record["scram"]) - set(call.parameters["SecretArnList"]))
        self.put_cluster(call.region, record)
        return {"ClusterArn": call.parameters["ClusterArn"], "UnprocessedScramSecrets": []}

    def list_scram_secrets(self, call: Call) -> dict[str, Any]:
        """List the users' secrets."""
        return {"SecretArnList": self.cluster(call.region, call.parameters["ClusterArn"])["scram"]}

    def tag_resource(self, call: Call) -> dict[str, Any]:
        """Add tags to what an ARN names."""
        self.set_tags(call.region, self._tagged(call), call.parameters["Tags"])
        return {}

    def untag_resource(self, call: Call) -> dict[str, Any]:
        """Remove tags from what an ARN names."""
        arn = self._tagged(call)
        gone = set(call.parameters["TagKeys"])
        left = {key: value for key, value in self.tags(call.region, arn).items() if key not in gone}
        self.forget_tags(call.region, arn)
        self.set_tags(call.region, arn, left)
        return {}

    def list_tags_for_resource(self, call: Call) -> dict[str, Any]:
        """List the tags of what an ARN names."""
        return {"Tags": self.tags(call.region, self._tagged(call))}

    def _tagged(self, call: Call) -> str:
        arn = call.parameters["ResourceArn"]
        tables = ("clusters", "configurations", "topics")
        if not any(arn in self.table(call.region, kind) for kind in tables):
            raise ServiceError("NotFoundException", f"The resource {arn} doesn't exist.", 404)
        return arn
