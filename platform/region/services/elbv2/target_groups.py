"""Target groups: create, describe, change, delete."""

import re
from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.elbv2 import attributes
from platformctl.region.services.elbv2.records import (
    Record,
    Records,
    arn,
    listing,
    name_must_be_valid,
    new_id,
    number_between,
    region_of,
)
from platformctl.region.services.elbv2.tags import tags_of

_MATCHER = re.compile(r"\d{3}(?:-\d{3})?(?:,\d{3}(?:-\d{3})?)*")
_CHECK_MEMBERS = (
    "HealthCheckProtocol",
    "HealthCheckPort",
    "HealthCheckEnabled",
    "HealthCheckPath",
    "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "UnhealthyThresholdCount",
    "Matcher",
)


def check_settings(record: Record) -> None:
    """Refuse health check settings that AWS would refuse.

    Raises:
        ServiceError: A setting is out of range, or two contradict each other.
    """
    interval, timeout = record["HealthCheckIntervalSeconds"], record["HealthCheckTimeoutSeconds"]
    number_between(interval, 5, 300, "Health check interval")
    number_between(timeout, 2, 120, "Health check timeout")
    number_between(record["HealthyThresholdCount"], 2, 10, "Healthy threshold count")
    number_between(record["UnhealthyThresholdCount"], 2, 10, "Unhealthy threshold count")
    if timeout >= interval:
        raise ServiceError(
            "ValidationError",
            f"Health check timeout '{timeout}' must be smaller than the interval '{interval}'",
        )
    if not record["HealthCheckPath"].startswith("/"):
        raise ServiceError("ValidationError", "Health check path must begin with '/'")
    if record["HealthCheckProtocol"] not in ("HTTP", "HTTPS"):
        raise ServiceError(
            "ValidationError",
            f"Health check protocol '{record['HealthCheckProtocol']}' must be HTTP or HTTPS",
        )
    port = record["HealthCheckPort"]
    if port != "traffic-port" and not (port.isdecimal() and 1 <= int(port) <= 65535):
        raise ServiceError("ValidationError", f"Health check port '{port}' is not valid")
    if not _MATCHER.fullmatch(record["Matcher"]["HttpCode"]):
        raise ServiceError(
            "ValidationError",
            f"Health check matcher HTTP code '{record['Matcher']['HttpCode']}' must be within "
            "'200-499'",
        )


class TargetGroupOperations(Records):
    """Operations on target groups."""

    def create_target_group(self, call: Call) -> dict[str, Any]:
        """Create a target group; creating an equal one again changes nothing."""
        given = {key: value for key, value in call.parameters.items() if value is not None}
        name = given["Name"]
        name_must_be_valid("Target group", name)
        kind = given.get("TargetType", "instance")
        if kind not in ("instance", "ip"):
            raise ServiceError(
                "InvalidConfigurationRequest",
                f"Target groups of type '{kind}' are not in the local region; 'ip' and "
                "'instance' are",
            )
        if given.get("Protocol") not in ("HTTP", "HTTPS"):
            raise ServiceError(
                "ValidationError",
                f"Protocol '{given.get('Protocol')}' of a target group must be HTTP or HTTPS",
            )
        for needed in ("Port", "VpcId"):
            if needed not in given:
                raise ServiceError("ValidationError", f"A {needed} must be specified")
        number_between(given["Port"], 1, 65535, "Port")
        tags = tags_of(given.pop("Tags", None))
        settings = {
            "TargetGroupName": given.pop("Name"),
            "ProtocolVersion": "HTTP1",
            "HealthCheckProtocol": "HTTP",
            "HealthCheckPort": "traffic-port",
            "HealthCheckEnabled": True,
            "HealthCheckPath": "/",
            "HealthCheckIntervalSeconds": 30,
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 5,
            "UnhealthyThresholdCount": 2,
            "Matcher": {"HttpCode": "200"},
            "IpAddressType": "ipv4",
            **given,
            "TargetType": kind,
        }
        check_settings(settings)
        for present in self.groups(call.region).values():
            if present["TargetGroupName"] == name:
                if all(present.get(key) == value for key, value in settings.items()):
                    return {"TargetGroups": [self._described_group(present)]}
                raise ServiceError(
                    "DuplicateTargetGroupName",
                    f"A target group with the same name '{name}' exists, but with different "
                    "settings",
                )
        record: Record = {
            "TargetGroupArn": arn(call, f"targetgroup/{name}/{new_id()}"),
            **settings,
            "Attributes": attributes.defaults(attributes.TARGET_GROUP),
            "Tags": tags,
            "Targets": [],
        }
        self.groups(call.region)[record["TargetGroupArn"]] = record
        return {"TargetGroups": [self._described_group(record)]}

    def describe_target_groups(self, call: Call) -> dict[str, Any]:
        """List target groups: all, or by ARN, name or load balancer."""
        parameters = call.parameters
        records = self.groups(call.region).values()
        if user := parameters.get("LoadBalancerArn"):
            self.load_balancer(user)
            records = [
                record for record in records if user in self.users_of(record["TargetGroupArn"])
            ]
        elif parameters.get("TargetGroupArns"):
            records = [self.group(item) for item in parameters["TargetGroupArns"]]
        elif parameters.get("Names"):
            by_name = {record["TargetGroupName"]: record for record in records}
            missing = [name for name in parameters["Names"] if name not in by_name]
            if missing:
                raise ServiceError("TargetGroupNotFound", "One or more target groups not found")
            records = [by_name[name] for name in parameters["Names"]]
        return listing(call, [self._described_group(record) for record in records], "TargetGroups")

    async def modify_target_group(self, call: Call) -> dict[str, Any]:
        """Change how targets are probed."""
        record = self.group(call.parameters["TargetGroupArn"])
        changes = {
            key: call.parameters[key]
            for key in _CHECK_MEMBERS
            if call.parameters.get(key) is not None
        }
        record = {**record, **changes}
        check_settings(record)
        await self.group_changed(record)
        return {"TargetGroups": [self._described_group(record)]}

    def delete_target_group(self, call: Call) -> dict[str, Any]:
        """Delete a target group that nothing forwards to; deleting what is gone succeeds."""
        resource_arn = call.parameters["TargetGroupArn"]
        table = self.groups(call.region)
        if resource_arn not in table:
            return {}
        if self.users_of(resource_arn):
            raise ServiceError(
                "ResourceInUse",
                f"Target group '{resource_arn}' is currently in use by a listener or a rule",
            )
        del table[resource_arn]
        return {}

    def describe_target_group_attributes(self, call: Call) -> dict[str, Any]:
        """List the attributes of a target group."""
        record = self.group(call.parameters["TargetGroupArn"])
        return {"Attributes": attributes.pairs(record["Attributes"])}

    async def modify_target_group_attributes(self, call: Call) -> dict[str, Any]:
        """Change attributes; the data plane obeys before this returns."""
        record = self.group(call.parameters["TargetGroupArn"])
        changed = attributes.changed(
            attributes.TARGET_GROUP, record["Attributes"], call.parameters["Attributes"]
        )
        if (
            changed["stickiness.type"] == "app_cookie"
            and changed["stickiness.enabled"] == "true"
            and not changed["stickiness.app_cookie.cookie_name"]
        ):
            raise ServiceError(
                "InvalidConfigurationRequest",
                "stickiness.app_cookie.cookie_name is needed for stickiness of type app_cookie",
            )
        await self.group_changed({**record, "Attributes": changed})
        return {"Attributes": attributes.pairs(changed)}

    async def group_changed(self, record: Record) -> None:
        """Write a target group and bring the data planes that use it in line."""
        resource_arn = record["TargetGroupArn"]
        self.groups(region_of(resource_arn))[resource_arn] = record
        for user in self.users_of(resource_arn):
            await self.changed(user)

    def _described_group(self, record: Record) -> Record:
        hidden = ("Attributes", "Tags", "Targets")
        shown = {key: value for key, value in record.items() if key not in hidden}
        return {**shown, "LoadBalancerArns": self.users_of(record["TargetGroupArn"])}
