"""DB subnet groups; the subnets are the emulator's."""

from typing import Any

from botocore.exceptions import ClientError

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.rds.records import Records

DEFAULT = "default"


class SubnetGroupOperations(Records):
    """The operations on subnet groups."""

    def zones(self, region: str) -> list[str]:
        """Return the availability zones of a region."""
        return [f"{region}{letter}" for letter in "abc"]

    async def create_db_subnet_group(self, call: Call) -> dict[str, Any]:
        """Create a subnet group of subnets in at least two zones of one VPC."""
        name = call.parameters["DBSubnetGroupName"].lower()
        table = self.table(call.region, "subnet-groups")
        if name in table or name == DEFAULT:
            raise ServiceError(
                "DBSubnetGroupAlreadyExists", f"The DB subnet group {name} already exists."
            )
        arn = self.arn(call.region, "subgrp", name)
        table[name] = {
            "DBSubnetGroupName": name,
            "DBSubnetGroupDescription": call.parameters["DBSubnetGroupDescription"],
            "SubnetGroupStatus": "Complete",
            "DBSubnetGroupArn": arn,
            "SupportedNetworkTypes": ["IPV4"],
            **await self._placed(call.region, call.parameters["SubnetIds"]),
        }
        self.set_tags(call.region, arn, call.parameters.get("Tags") or ())
        return {"DBSubnetGroup": table[name]}

    async def modify_db_subnet_group(self, call: Call) -> dict[str, Any]:
        """Replace the subnets of a group, or its description."""
        name = self.subnet_group_name(call.region, call.parameters["DBSubnetGroupName"])
        table = self.table(call.region, "subnet-groups")
        described = call.parameters.get("DBSubnetGroupDescription")
        record = {
            **table[name],
            **await self._placed(call.region, call.parameters["SubnetIds"]),
        }
        if described:
            record["DBSubnetGroupDescription"] = described
        table[name] = record
        return {"DBSubnetGroup": record}

    def describe_db_subnet_groups(self, call: Call) -> dict[str, Any]:
        """Describe one subnet group, or all."""
        wanted = call.parameters.get("DBSubnetGroupName")
        if wanted:
            name = self.subnet_group_name(call.region, wanted)
            return {"DBSubnetGroups": [self.shown_subnet_group(call.region, name)]}
        return {"DBSubnetGroups": self.table(call.region, "subnet-groups").values()}

    def delete_db_subnet_group(self, call: Call) -> dict[str, Any]:
        """Delete a subnet group that no instance uses."""
        name = self.subnet_group_name(call.region, call.parameters["DBSubnetGroupName"])
        users = [
            record["shape"]["DBInstanceIdentifier"]
            for record in self.table(call.region, "instances").values()
            if record["subnet_group"] == name
        ]
        if users:
            raise ServiceError(
                "InvalidDBSubnetGroupStateFault",
                f"Cannot delete the subnet group '{name}' because at least one database instance: "
                f"{users[0]} is still using it.",
            )
        self.forget_tags(call.region, self.arn(call.region, "subgrp", name))
        del self.table(call.region, "subnet-groups")[name]
        return {}

    def subnet_group_name(self, region: str, name: str | None) -> str:
        """Return the name of a group that exists; the default one always does.

        Raises:
            ServiceError: There is none of that name.
        """
        wanted = (name or DEFAULT).lower()
        if wanted != DEFAULT and wanted not in self.table(region, "subnet-groups"):
            raise ServiceError(
                "DBSubnetGroupNotFoundFault", f"DBSubnetGroup '{wanted}' does not exist."
            )
        return wanted

    def shown_subnet_group(self, region: str, name: str) -> dict[str, Any]:
        """Return a group as instances show it."""
        return self.table(region, "subnet-groups").get(name) or {
            "DBSubnetGroupName": DEFAULT,
            "DBSubnetGroupDescription": DEFAULT,
            "SubnetGroupStatus": "Complete",
            "DBSubnetGroupArn": self.arn(region, "subgrp", DEFAULT),
            "Subnets": [],
        }

    async def _placed(self, region: str, subnets: list[str]) -> dict[str, Any]:
        try:
            answer = await self.runtime.call(
                "ec2", region, "describe_subnets", {"SubnetIds": list(subnets)}
            )
        except ClientError as error:
            raise ServiceError("InvalidSubnet", error.response["Error"]["Message"]) from error
        found = answer["Subnets"]
        if len({subnet["VpcId"] for subnet in found}) > 1:
            raise ServiceError("InvalidSubnet", "The DB subnet group's subnets are not in one VPC.")
        if len({subnet["AvailabilityZone"] for subnet in found}) < 2:
            raise ServiceError(
                "DBSubnetGroupDoesNotCoverEnoughAZs",
                "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. "
                "Current AZ coverage: "
                f"{', '.join(sorted({subnet['AvailabilityZone'] for subnet in found}))}. "
                "Add subnets to cover at least 2 AZs.",
            )
        return {
            "VpcId": found[0]["VpcId"],
            "Subnets": [
                {
                    "SubnetIdentifier": subnet["SubnetId"],
                    "SubnetAvailabilityZone": {"Name": subnet["AvailabilityZone"]},
                    "SubnetOutpost": {},
                    "SubnetStatus": "Active",
                }
                for subnet in found
            ],
        }
