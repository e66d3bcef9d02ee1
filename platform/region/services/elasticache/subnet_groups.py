"""Cache subnet groups; the subnets are the emulator's."""

from typing import Any

from botocore.exceptions import ClientError

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.elasticache.parameter_groups import ParameterGroupOperations

DEFAULT = "default"


class SubnetGroupOperations(ParameterGroupOperations):
    """The operations on subnet groups."""

    async def create_cache_subnet_group(self, call: Call) -> dict[str, Any]:
        """Create a subnet group."""
        asked = call.parameters
        name = asked["CacheSubnetGroupName"].lower()
        table = self.table(call.region, "subnet-groups")
        if name in table or name == DEFAULT:
            raise ServiceError(
                "CacheSubnetGroupAlreadyExists", f"Cache subnet group {name} already exists."
            )
        table[name] = {
            "CacheSubnetGroupName": name,
            "CacheSubnetGroupDescription": asked["CacheSubnetGroupDescription"],
            "ARN": self.arn(call.region, "subnetgroup", name),
            "SupportedNetworkTypes": ["ipv4"],
            **await self._placed(call.region, asked["SubnetIds"]),
        }
        self.set_tags(call.region, table[name]["ARN"], asked.get("Tags") or ())
        return {"CacheSubnetGroup": table[name]}

    async def modify_cache_subnet_group(self, call: Call) -> dict[str, Any]:
        """Replace the subnets or the description of a group."""
        asked = call.parameters
        record = dict(self.subnet_group(call.region, asked["CacheSubnetGroupName"]))
        if asked.get("SubnetIds"):
            record.update(await self._placed(call.region, asked["SubnetIds"]))
        if asked.get("CacheSubnetGroupDescription"):
            record["CacheSubnetGroupDescription"] = asked["CacheSubnetGroupDescription"]
        self.table(call.region, "subnet-groups")[record["CacheSubnetGroupName"]] = record
        return {"CacheSubnetGroup": record}

    def describe_cache_subnet_groups(self, call: Call) -> dict[str, Any]:
        """Describe one subnet group, or all."""
        wanted = call.parameters.get("CacheSubnetGroupName")
        if wanted:
            return {"CacheSubnetGroups": [self.subnet_group(call.region, wanted)]}
        return {"CacheSubnetGroups": self.table(call.region, "subnet-groups").values()}

    def delete_cache_subnet_group(self, call: Call) -> dict[str, Any]:
        """Delete a subnet group that nothing uses."""
        record = self.subnet_group(call.region, call.parameters["CacheSubnetGroupName"])
        name = record["CacheSubnetGroupName"]
        for group in self.table(call.region, "groups").values():
            if group["subnet_group"] == name:
                raise ServiceError(
                    "CacheSubnetGroupInUse", f"Subnet group {name} is used by {group['id']}."
                )
        self.forget_tags(call.region, record["ARN"])
        del self.table(call.region, "subnet-groups")[name]
        return {}

    def subnet_group(self, region: str, reference: str) -> dict[str, Any]:
        """Return a group's record.

        Raises:
            ServiceError: There is none of that name.
        """
        record = self.table(region, "subnet-groups").get(reference.lower())
        if record is None:
            raise ServiceError(
                "CacheSubnetGroupNotFoundFault", f"Cache subnet group {reference} not found."
            )
        return record

    async def _placed(self, region: str, subnets: list[str]) -> dict[str, Any]:
        try:
            answer = await self.runtime.call(
                "ec2", region, "describe_subnets", {"SubnetIds": list(subnets)}
            )
        except ClientError as error:
            raise ServiceError("InvalidSubnet", error.response["Error"]["Message"]) from error
        found = answer["Subnets"]
        if len({subnet["VpcId"] for subnet in found}) > 1:
            raise ServiceError("InvalidSubnet", "The subnets are not in one VPC.")
        return {
            "VpcId": found[0]["VpcId"],
            "Subnets": [
                {
                    "SubnetIdentifier": subnet["SubnetId"],
                    "SubnetAvailabilityZone": {"Name": subnet["AvailabilityZone"]},
                    "SupportedNetworkTypes": ["ipv4"],
                }
                for subnet in found
            ],
        }
