"""Load balancers: create, describe, change, delete."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.elbv2 import attributes
from platformctl.region.services.elbv2.records import (
    Record,
    Records,
    arn,
    label,
    listing,
    name_must_be_valid,
    new_id,
    timestamp,
)
from platformctl.region.services.elbv2.tags import tags_of

PREFERRED_PORT = 8080
"""Whether 127.0.0.1 may be a load balancer's address is decided by this port, which the local
stack listens on: the address must be known before the first listener is."""
_HOSTED_ZONE = "Z35SXDOTRQ7X7K"


def owner_of(load_balancer_arn: str, region: str) -> str:
    """Return the name under which a load balancer owns addresses, processes and certificates."""
    return f"elbv2/{region}/{label(load_balancer_arn)}"


class LoadBalancerOperations(Records):
    """Operations on load balancers."""

    async def create_load_balancer(self, call: Call) -> dict[str, Any]:
        """Create an application load balancer; creating an equal one again changes nothing."""
        parameters = call.parameters
        name = parameters["Name"]
        name_must_be_valid("Load balancer", name)
        if parameters.get("Type", "application") != "application":
            raise ServiceError(
                "InvalidConfigurationRequest",
                f"Load balancers of type '{parameters['Type']}' are not in the local region; "
                "only 'application' is",
            )
        tags = tags_of(parameters.get("Tags"))
        zones, vpc = await self._zones(call, _subnet_ids(parameters))
        groups = await self._security_groups(call, parameters.get("SecurityGroups"), vpc)
        scheme = parameters.get("Scheme") or "internet-facing"
        # Looked up only now: another call may have created it while this one asked EC2.
        for present in self.load_balancers(call.region).values():
            if present["LoadBalancerName"] != name:
                continue
            same = (present["Scheme"], {zone["SubnetId"] for zone in present["AvailabilityZones"]})
            if same == (scheme, {zone["SubnetId"] for zone in zones}) and present["Tags"] == tags:
                return {"LoadBalancers": [self._described(present)]}
            raise ServiceError(
                "DuplicateLoadBalancerName",
                f"A load balancer with the same name '{name}' exists, but with different settings",
            )
        resource_arn = arn(call, f"loadbalancer/app/{name}/{new_id()}")
        owner = owner_of(resource_arn, call.region)
        address = self.runtime.addresses.allocate(owner, PREFERRED_PORT, shared=True)
        record: Record = {
            "LoadBalancerArn": resource_arn,
            "DNSName": address.host,
            "CanonicalHostedZoneId": _HOSTED_ZONE,
            "CreatedTime": self.runtime.now(),
            "LoadBalancerName": name,
            "Scheme": scheme,
            "VpcId": vpc,
            "Type": "application",
            "AvailabilityZones": zones,
            "SecurityGroups": groups,
            "IpAddressType": parameters.get("IpAddressType") or "ipv4",
            "Attributes": attributes.defaults(attributes.LOAD_BALANCER),
            "Tags": tags,
            "CookieKey": secrets.token_hex(16),
        }
        self.load_balancers(call.region)[resource_arn] = record
        self.created(record)
        return {"LoadBalancers": [self._described(record)]}

    def describe_load_balancers(self, call: Call) -> dict[str, Any]:
        """List load balancers, all or by ARN or name."""
        records = self.load_balancers(call.region).values()
        arns, names = call.parameters.get("LoadBalancerArns"), call.parameters.get("Names")
        if arns:
            records = [self.load_balancer(item) for item in arns]
        elif names:
            by_name = {record["LoadBalancerName"]: record for record in records}
            missing = [name for name in names if name not in by_name]
            if missing:
                raise ServiceError(
                    "LoadBalancerNotFound", f"Load balancers '[{', '.join(missing)}]' not found"
                )
            records = [by_name[name] for name in names]
        return listing(call, [self._described(record) for record in records], "LoadBalancers")

    async def delete_load_balancer(self, call: Call) -> dict[str, Any]:
        """Delete a load balancer with its listeners and rules; deleting what is gone succeeds."""
        resource_arn = call.parameters["LoadBalancerArn"]
        table = self.load_balancers(call.region)
        record = table.get(resource_arn)
        if record is None:
            return {}
        if record["Attributes"]["deletion_protection.enabled"] == "true":
            raise ServiceError(
                "OperationNotPermitted",
                f"Load balancer '{resource_arn}' cannot be deleted because deletion protection "
                "is enabled",
            )
        for listener in self.listeners_of(resource_arn):
            for rule in self.rules_of(listener["ListenerArn"]):
                del self.rules(call.region)[rule["RuleArn"]]
            del self.listeners(call.region)[listener["ListenerArn"]]
        del table[resource_arn]
        await self.deleted(record)
        self.runtime.addresses.release(owner_of(resource_arn, call.region))
        return {}

    def describe_load_balancer_attributes(self, call: Call) -> dict[str, Any]:
        """List the attributes of a load balancer."""
        record = self.load_balancer(call.parameters["LoadBalancerArn"])
        return {"Attributes": attributes.pairs(record["Attributes"])}

    async def modify_load_balancer_attributes(self, call: Call) -> dict[str, Any]:
        """Change attributes; the data plane obeys before this returns."""
        record = self.load_balancer(call.parameters["LoadBalancerArn"])
        changed = attributes.changed(
            attributes.LOAD_BALANCER, record["Attributes"], call.parameters["Attributes"]
        )
        if changed["access_logs.s3.enabled"] == "true" and not changed["access_logs.s3.bucket"]:
            raise ServiceError(
                "InvalidConfigurationRequest", "access_logs.s3.bucket is needed for access logs"
            )
        await self._update(record, Attributes=changed)
        return {"Attributes": attributes.pairs(changed)}

    async def set_security_groups(self, call: Call) -> dict[str, Any]:
        """Replace the security groups."""
        record = self.load_balancer(call.parameters["LoadBalancerArn"])
        wanted = call.parameters["SecurityGroups"]
        groups = await self._security_groups(call, wanted, record["VpcId"])
        await self._update(record, SecurityGroups=groups)
        return {
            "SecurityGroupIds": groups,
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "on",
        }

    async def set_subnets(self, call: Call) -> dict[str, Any]:
        """Replace the subnets."""
        record = self.load_balancer(call.parameters["LoadBalancerArn"])
        zones, vpc = await self._zones(call, _subnet_ids(call.parameters))
        if vpc != record["VpcId"]:
            raise ServiceError("InvalidSubnet", f"The subnets are not in VPC '{record['VpcId']}'")
        await self._update(record, AvailabilityZones=zones)
        return {"AvailabilityZones": zones, "IpAddressType": record["IpAddressType"]}

    async def set_ip_address_type(self, call: Call) -> dict[str, Any]:
        """Change the address type, which has no effect on loopback."""
        record = self.load_balancer(call.parameters["LoadBalancerArn"])
        await self._update(record, IpAddressType=call.parameters["IpAddressType"])
        return {"IpAddressType": call.parameters["IpAddressType"]}

    def describe_capacity_reservation(self, call: Call) -> dict[str, Any]:
        """Answer that no capacity is reserved."""
        self.load_balancer(call.parameters["LoadBalancerArn"])
        return {"DecreaseRequestsRemaining": 2, "CapacityReservationState": []}

    def describe_account_limits(self, call: Call) -> dict[str, Any]:
        """List AWS's default quotas."""
        limits = {
            "application-load-balancers": 50,
            "listeners-per-application-load-balancer": 50,
            "rules-per-application-load-balancer": 100,
            "target-groups": 3000,
            "targets-per-application-load-balancer": 1000,
            "target-groups-per-action-on-application-load-balancer": 5,
        }
        items = [{"Name": name, "Max": str(most)} for name, most in limits.items()]
        return listing(call, items, "Limits")

    # -- parts

    async def _update(self, record: Record, **changes: Any) -> None:
        resource_arn = record["LoadBalancerArn"]
        table = self.load_balancers(resource_arn.split(":")[3])
        # Re-read: the record may have changed while this operation asked another service.
        table[resource_arn] = {**self.load_balancer(resource_arn), **changes}
        await self.changed(resource_arn)

    def _described(self, record: Record) -> Record:
        hidden = ("Attributes", "Tags", "CookieKey")
        shown = {key: value for key, value in record.items() if key not in hidden}
        shown["CreatedTime"] = timestamp(record["CreatedTime"])
        shown["State"] = self.state_of(record["LoadBalancerArn"])
        return shown

    async def _zones(self, call: Call, subnets: Sequence[str]) -> tuple[list[Record], str]:
        """Look up where subnets are; return their zones and their VPC."""
        if not subnets:
            raise ServiceError("ValidationError", "At least two subnets must be specified")
        try:
            answer = await self.runtime.call(
                "ec2", call.region, "describe_subnets", {"SubnetIds": list(subnets)}
            )
        except ClientError as error:
            message = error.response["Error"]["Message"]
            raise ServiceError("SubnetNotFound", message) from error
        found = {subnet["SubnetId"]: subnet for subnet in answer["Subnets"]}
        missing = [subnet for subnet in subnets if subnet not in found]
        if missing:
            raise ServiceError("SubnetNotFound", f"The subnet ID '{missing[0]}' does not exist")
        zones = [
            {"ZoneName": found[subnet]["AvailabilityZone"], "SubnetId": subnet}
            for subnet in subnets
        ]
        if len({zone["ZoneName"] for zone in zones}) < len(zones):
            raise ServiceError(
                "InvalidConfigurationRequest",
                "A load balancer cannot be attached to multiple subnets in the same "
                "Availability Zone",
            )
        if len(zones) < 2:
            raise ServiceError(
                "ValidationError",
                "At least two subnets in two different Availability Zones must be specified",
            )
        vpcs = {found[subnet]["VpcId"] for subnet in subnets}
        if len(vpcs) > 1:
            raise ServiceError(
                "InvalidConfigurationRequest", "All subnets must belong to the same VPC"
            )
        return zones, vpcs.pop()

    async def _security_groups(
        self, call: Call, wanted: Sequence[str] | None, vpc: str
    ) -> list[str]:
        """Check security groups; without any, the VPC's default one is used."""
        parameters: dict[str, Any] = (
            {"GroupIds": list(wanted)}
            if wanted
            else {
                "Filters": [
                    {"Name": "vpc-id", "Values": [vpc]},
                    {"Name": "group-name", "Values": ["default"]},
                ]
            }
        )
        try:
            answer = await self.runtime.call(
                "ec2", call.region, "describe_security_groups", parameters
            )
        except ClientError as error:
            message = error.response["Error"]["Message"]
            raise ServiceError("InvalidSecurityGroup", message) from error
        found = [group["GroupId"] for group in answer["SecurityGroups"]]
        missing = [group for group in wanted or () if group not in found]
        if missing:
            raise ServiceError(
                "InvalidSecurityGroup", f"Security group '{missing[0]}' does not exist"
            )
        return list(wanted) if wanted else found

    # -- what the data plane does

    def created(self, record: Record) -> None:
        """Start the data plane of a new load balancer."""
        raise NotImplementedError

    async def deleted(self, record: Record) -> None:
        """Stop the data plane of a deleted load balancer."""
        raise NotImplementedError

    def state_of(self, load_balancer_arn: str) -> Mapping[str, str]:
        """Return the state of a load balancer as the API words it."""
        raise NotImplementedError


def _subnet_ids(parameters: Mapping[str, Any]) -> list[str]:
    mappings = parameters.get("SubnetMappings") or []
    return list(parameters.get("Subnets") or [item["SubnetId"] for item in mappings])
