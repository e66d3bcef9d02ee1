"""What Elastic Load Balancing remembers, and how its names and ARNs look."""

import random
import re
import string
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from platformctl.region.runtime import Runtime, Table
from platformctl.region.services.base import Call, Service, ServiceError
from platformctl.region.services.paging import page

Record = dict[str, Any]

PAGE_SIZE = 400
_NAME = re.compile(r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?")


def new_id() -> str:
    """Return the sixteen hexadecimal digits that end an ARN."""
    return "".join(random.choices(string.hexdigits[:16], k=16))


def arn(call: Call, resource: str) -> str:
    """Return the ARN of a resource such as `loadbalancer/app/front/0123456789abcdef`."""
    return f"arn:aws:elasticloadbalancing:{call.region}:{call.account}:{resource}"


def region_of(resource_arn: str) -> str:
    """Return the region in an ARN.

    Raises:
        ServiceError: It is not an ARN.
    """
    parts = resource_arn.split(":")
    if len(parts) < 6 or parts[0] != "arn":
        raise ServiceError("ValidationError", f"'{resource_arn}' is not a valid ARN")
    return parts[3]


def label(resource_arn: str) -> str:
    """Return the part of an ARN that metric dimensions use."""
    return resource_arn.split(":", 5)[5].removeprefix("loadbalancer/")


def name_must_be_valid(kind: str, name: str) -> None:
    """Refuse a name that AWS would refuse.

    Raises:
        ServiceError: The name is too long or has other than letters, digits and inner hyphens.
    """
    if not _NAME.fullmatch(name):
        raise ServiceError(
            "ValidationError",
            f"{kind} name '{name}' must be 1 to 32 letters, digits or hyphens, "
            "and must not begin or end with a hyphen or begin with 'internal-'",
        )


def number_between(value: int, low: int, high: int, what: str) -> None:
    """Refuse a number outside its range.

    Raises:
        ServiceError: It is outside.
    """
    if not low <= value <= high:
        raise ServiceError("ValidationError", f"{what} must be between {low} and {high}: {value}")


class Records(Service):
    """Reads and writes the records; every group of operations builds on this.

    The records of one region are four tables by ARN. Balancers' reports change none of them but
    the targets that have drained.
    """

    name = "elbv2"
    scope = "elasticloadbalancing"

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)

    def table(self, region: str, kind: str) -> Table:
        """Return the table of one kind of record in one region."""
        return self.runtime.store.table(self.name, region, kind)

    def load_balancers(self, region: str) -> Table:
        """Return the load balancers by ARN."""
        return self.table(region, "load-balancers")

    def groups(self, region: str) -> Table:
        """Return the target groups by ARN, their targets inside."""
        return self.table(region, "target-groups")

    def listeners(self, region: str) -> Table:
        """Return the listeners by ARN, their default actions inside."""
        return self.table(region, "listeners")

    def rules(self, region: str) -> Table:
        """Return the rules by ARN, without the default ones."""
        return self.table(region, "rules")

    def load_balancer(self, resource_arn: str) -> Record:
        """Return one load balancer.

        Raises:
            ServiceError: There is none.
        """
        record = self.load_balancers(region_of(resource_arn)).get(resource_arn)
        if record is None:
            raise ServiceError("LoadBalancerNotFound", f"Load balancer '{resource_arn}' not found")
        return record

    def group(self, resource_arn: str) -> Record:
        """Return one target group.

        Raises:
            ServiceError: There is none.
        """
        record = self.groups(region_of(resource_arn)).get(resource_arn)
        if record is None:
            raise ServiceError("TargetGroupNotFound", f"Target group '{resource_arn}' not found")
        return record

    def listener(self, resource_arn: str) -> Record:
        """Return one listener.

        Raises:
            ServiceError: There is none.
        """
        record = self.listeners(region_of(resource_arn)).get(resource_arn)
        if record is None:
            raise ServiceError("ListenerNotFound", f"Listener '{resource_arn}' not found")
        return record

    def listeners_of(self, load_balancer_arn: str) -> list[Record]:
        """Return the listeners of a load balancer."""
        table = self.listeners(region_of(load_balancer_arn))
        return [item for item in table.values() if item["LoadBalancerArn"] == load_balancer_arn]

    def rules_of(self, listener_arn: str) -> list[Record]:
        """Return the rules of a listener by priority, without the default one."""
        table = self.rules(region_of(listener_arn))
        found = [item for item in table.values() if item["ListenerArn"] == listener_arn]
        return sorted(found, key=lambda rule: rule["Priority"])

    def users_of(self, group_arn: str) -> list[str]:
        """Return the ARNs of the load balancers that forward to a target group."""
        region = region_of(group_arn)
        listeners = self.listeners(region).values()
        owner = {item["ListenerArn"]: item["LoadBalancerArn"] for item in listeners}
        users = [
            item["LoadBalancerArn"]
            for item in listeners
            if group_arn in groups_in(item["DefaultActions"])
        ]
        users += [
            owner[rule["ListenerArn"]]
            for rule in self.rules(region).values()
            if rule["ListenerArn"] in owner and group_arn in groups_in(rule["Actions"])
        ]
        return list(dict.fromkeys(users))

    # -- what the operations ask of the data plane; `plane` answers

    async def changed(self, load_balancer_arn: str) -> None:
        """Bring the data plane of a load balancer in line, and wait until it is."""
        raise NotImplementedError


def groups_in(actions: Iterable[Record]) -> list[str]:
    """Return the ARNs of the target groups that actions forward to."""
    return [
        pair["TargetGroupArn"]
        for action in actions
        if action["Type"] == "forward"
        for pair in action["ForwardConfig"]["TargetGroups"]
    ]


def listing(
    call: Call, items: Sequence[Record], member: str, *, always: bool = False
) -> dict[str, Any]:
    """Return a page of records as a Describe operation answers it."""
    size = call.parameters.get("PageSize") or PAGE_SIZE
    marker = None if always else call.parameters.get("Marker")
    found, token = page(items, size, marker, error="ValidationError")
    return {member: found, **({"NextMarker": token} if token else {})}


def timestamp(seconds: float) -> datetime:
    """Return a moment as the serialiser wants it."""
    return datetime.fromtimestamp(seconds, UTC)
