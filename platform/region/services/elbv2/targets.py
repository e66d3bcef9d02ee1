"""Registration of targets and their health."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.region.runtime import Runtime
from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.elbv2.records import Record, number_between
from platformctl.region.services.elbv2.target_groups import TargetGroupOperations


@dataclass(frozen=True)
class TargetState:
    """One target as other services of the region see it.

    Attributes:
        id: Target id as registered.
        port: Its port.
        state: `initial`, `healthy`, `unhealthy`, `draining`, `unused` or `unavailable`.
        reason: AWS reason code; "" when healthy.
        description: One sentence; "" when healthy.
    """

    id: str
    port: int
    state: str
    reason: str = ""
    description: str = ""


_NOT_REGISTERED = ("unused", "Target.NotRegistered", "Target is not registered to the target group")
_NOT_IN_USE = (
    "unused",
    "Target.NotInUse",
    "Target group is not configured to receive traffic from the load balancer",
)
_INITIAL = ("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
_DRAINING = (
    "draining",
    "Target.DeregistrationInProgress",
    "Target deregistration is in progress",
)

HealthKey = tuple[str, str, int]


class TargetOperations(TargetGroupOperations):
    """RegisterTargets, DeregisterTargets, DescribeTargetHealth."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        self.health: dict[HealthKey, tuple[str, str, str]] = {}

    async def register_targets(self, call: Call) -> dict[str, Any]:
        """Register targets; a draining one comes back."""
        record = self.group(call.parameters["TargetGroupArn"])
        wanted = [_target(record, given) for given in call.parameters["Targets"]]
        keys = {(target["Id"], target["Port"]) for target in wanted}
        present = {(target["Id"], target["Port"]): target for target in record["Targets"]}
        unchanged = {key for key in keys if key in present and not present[key].get("DrainUntil")}
        kept = [target for key, target in present.items() if key not in keys or key in unchanged]
        new = [
            {**target, "Registered": self.runtime.now()}
            for target in wanted
            if (target["Id"], target["Port"]) not in unchanged
        ]
        for target in new:
            self.health.pop((record["TargetGroupArn"], target["Id"], target["Port"]), None)
        await self.group_changed({**record, "Targets": [*kept, *new]})
        return {}

    async def deregister_targets(self, call: Call) -> dict[str, Any]:
        """Deregister targets: no new request reaches them once this returns."""
        record = self.group(call.parameters["TargetGroupArn"])
        leaving = [(given["Id"], given.get("Port")) for given in call.parameters["Targets"]]
        used = bool(self.users_of(record["TargetGroupArn"]))
        delay = int(record["Attributes"]["deregistration_delay.timeout_seconds"])
        targets: list[Record] = []
        for target in record["Targets"]:
            named = any(
                target["Id"] == name and port in (None, target["Port"]) for name, port in leaving
            )
            if not named or target.get("DrainUntil"):
                targets.append(target)
            elif used:
                until = self.runtime.now() + delay
                targets.append({**target, "DrainUntil": until})
                self.drain_later(record["TargetGroupArn"], target["Id"], target["Port"], delay)
        await self.group_changed({**record, "Targets": targets})
        return {}

    def describe_target_health(self, call: Call) -> dict[str, Any]:
        """Describe the health of all targets, or of those asked for."""
        record = self.group(call.parameters["TargetGroupArn"])
        states = self.target_health(record["TargetGroupArn"])
        if call.parameters.get("Targets"):
            known = {(state.id, state.port): state for state in states}
            asked = [
                (given["Id"], given.get("Port") or record["Port"])
                for given in call.parameters["Targets"]
            ]
            states = [known.get(key) or TargetState(*key, *_NOT_REGISTERED) for key in asked]
        return {"TargetHealthDescriptions": [_described(record, state) for state in states]}

    def target_health(self, target_group_arn: str) -> list[TargetState]:
        """Return the state of every target of a group, draining ones included.

        Raises:
            ServiceError: There is no such group.
        """
        record = self.group(target_group_arn)
        used = bool(self.users_of(target_group_arn))
        states: list[TargetState] = []
        for target in record["Targets"]:
            key = (target_group_arn, target["Id"], target["Port"])
            if target.get("DrainUntil"):
                health = _DRAINING
            elif not used:
                health = _NOT_IN_USE
            else:
                health = self.health.get(key, _INITIAL)
            states.append(TargetState(target["Id"], target["Port"], *health))
        return states

    async def drained(self, target_group_arn: str, target_id: str, port: int) -> None:
        """Forget a target whose deregistration is complete."""
        try:
            record = self.group(target_group_arn)
        except ServiceError:
            return  # deleted meanwhile
        targets = [
            target
            for target in record["Targets"]
            if not (
                (target["Id"], target["Port"]) == (target_id, port) and target.get("DrainUntil")
            )
        ]
        if len(targets) == len(record["Targets"]):
            return  # registered again meanwhile
        self.health.pop((target_group_arn, target_id, port), None)
        await self.group_changed({**record, "Targets": targets})

    def drain_later(self, target_group_arn: str, target_id: str, port: int, delay: float) -> None:
        """See to it that a draining target is forgotten at the latest after its delay."""
        raise NotImplementedError


def _target(group: Record, given: Mapping[str, Any]) -> Record:
    """Return one target as recorded.

    Raises:
        ServiceError: It cannot be a target of this group.
    """
    if group["TargetType"] == "instance":
        raise ServiceError(
            "InvalidTarget",
            f"The following targets are not in a running state and cannot be registered: "
            f"'{given['Id']}'",
        )
    try:
        ipaddress.ip_address(given["Id"])
    except ValueError as error:
        raise ServiceError(
            "ValidationError", f"The IP address '{given['Id']}' is not a valid IPv4 address"
        ) from error
    port = given.get("Port") or group["Port"]
    number_between(port, 1, 65535, "Port")
    zone = {"AvailabilityZone": given["AvailabilityZone"]} if given.get("AvailabilityZone") else {}
    return {"Id": given["Id"], "Port": port, **zone}


def _described(group: Record, state: TargetState) -> Record:
    health = {"State": state.state}
    if state.reason:
        health |= {"Reason": state.reason, "Description": state.description}
    check_port = group["HealthCheckPort"]
    return {
        "Target": {"Id": state.id, "Port": state.port},
        "HealthCheckPort": str(state.port) if check_port == "traffic-port" else check_port,
        "TargetHealth": health,
    }
