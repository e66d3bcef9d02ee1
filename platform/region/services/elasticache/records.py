"""What all parts of the service share: tables, look-ups, events and tags."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformctl.region.runtime import Table
from platformctl.region.services.base import Service, ServiceError
from platformctl.region.services.rds.names import moment

if TYPE_CHECKING:
    from platformctl.region.services.elasticache.keeper import Keeper

_EVENTS_KEPT = 1000


class Records(Service):
    """The service's records; the classes with operations build on it."""

    name = "elasticache"

    @property
    def keepers(self) -> "dict[tuple[str, str], Keeper]":
        """The tasks that keep each replication group as its record says."""
        raise NotImplementedError

    def engage(self, region: str, identifier: str) -> None:
        """Have a group's keeper begin, or look at its record again."""
        raise NotImplementedError

    def record_metric(
        self, region: str, metric: str, dimensions: Mapping[str, str], value: float, unit: str
    ) -> None:
        """Give a figure to CloudWatch."""
        raise NotImplementedError

    def table(self, region: str, kind: str) -> Table:
        """Return the records of one kind (`groups`, `snapshots`, …) in a region."""
        return self.runtime.store.table("elasticache", region, kind)

    def folder(self, region: str, *parts: str) -> Path:
        """Return a folder below the service's own."""
        return self.runtime.root.joinpath("elasticache", region, *parts)

    def arn(self, region: str, kind: str, name: str) -> str:
        """Return an ARN; `kind` is `replicationgroup`, `cluster`, `snapshot` and so on."""
        return f"arn:aws:elasticache:{region}:{self.runtime.account}:{kind}:{name}"

    def group(self, region: str, identifier: str) -> dict[str, Any]:
        """Return a replication group's record.

        Raises:
            ServiceError: There is none.
        """
        name = identifier.lower()
        record = self.table(region, "groups").get(name)
        if record is None:
            raise ServiceError(
                "ReplicationGroupNotFoundFault", f"ReplicationGroup {name} not found.", 404
            )
        return record

    def available_group(self, region: str, identifier: str) -> dict[str, Any]:
        """Return the record of a group that can be worked on now.

        Raises:
            ServiceError: There is none, or it is not `available`.
        """
        record = self.group(region, identifier)
        if record["status"] != "available":
            raise ServiceError(
                "InvalidReplicationGroupState",
                f"Replication group {identifier} has status {record['status']} which is not valid "
                "for this operation.",
            )
        return record

    def plan(self, region: str, record: dict[str, Any], kind: str, **details: Any) -> None:
        """Give a group's keeper something to do, after what it does already."""
        record["work"].append({"kind": kind, **details})
        self.table(region, "groups")[record["id"]] = record
        self.engage(region, record["id"])

    def event(self, region: str, source: str, message: str) -> None:
        """Record what `DescribeEvents` shows."""
        events = self.table(region, "events")
        now = self.runtime.now()
        events[f"{now:.6f}/{source}/{len(events)}"] = {
            "SourceIdentifier": source,
            "SourceType": "replication-group",
            "Message": message,
            "Date": now,
        }
        for key in events.keys()[:-_EVENTS_KEPT]:
            del events[key]

    def tags(self, region: str, arn: str) -> list[dict[str, str]]:
        """Return the tags of an ARN."""
        record = self.table(region, "tags").get(arn) or {}
        return [{"Key": key, "Value": value} for key, value in record.items()]

    def set_tags(self, region: str, arn: str, tags: Iterable[Mapping[str, str]]) -> None:
        """Add tags to an ARN."""
        added = {tag["Key"]: tag.get("Value", "") for tag in tags}
        if added:
            table = self.table(region, "tags")
            table[arn] = {**(table.get(arn) or {}), **added}

    def forget_tags(self, region: str, arn: str) -> None:
        """Remove all tags of an ARN."""
        table = self.table(region, "tags")
        if arn in table:
            del table[arn]

    def shown(self, seconds: float | None) -> Any:
        """Return a time in seconds as an answer carries it."""
        return None if seconds is None else moment(seconds)


def invalid(message: str) -> ServiceError:
    """Return the error for a parameter that cannot be."""
    return ServiceError("InvalidParameterValue", message)


def combination(message: str) -> ServiceError:
    """Return the error for parameters that do not go together."""
    return ServiceError("InvalidParameterCombination", message)
