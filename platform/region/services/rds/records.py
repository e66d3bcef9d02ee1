"""What all parts of the service share: tables, look-ups, events, tags and the keepers."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformctl.region.runtime import Table
from platformctl.region.services.base import Service, ServiceError
from platformctl.region.services.rds.names import arn, last, moment

if TYPE_CHECKING:
    from platformctl.region.services.rds.keeper import Keeper

_EVENTS_KEPT = 1000


class Records(Service):
    """The service's records; the classes with operations build on it."""

    name = "rds"

    @property
    def keepers(self) -> "dict[tuple[str, str], Keeper]":
        """The tasks that keep each instance as its record says, by region and identifier."""
        raise NotImplementedError

    def engage(self, region: str, identifier: str) -> None:
        """Have an instance's keeper begin, or look at its record again."""
        raise NotImplementedError

    def record_metric(
        self, region: str, metric: str, dimensions: Mapping[str, str], value: float, unit: str
    ) -> None:
        """Give a figure to CloudWatch."""
        raise NotImplementedError

    def publish(self, region: str) -> None:
        """Have the front of a region follow what runs now."""
        raise NotImplementedError

    def table(self, region: str, kind: str) -> Table:
        """Return the records of one kind (`instances`, `snapshots`, …) in a region."""
        return self.runtime.store.table("rds", region, kind)

    def folder(self, region: str, *parts: str) -> Path:
        """Return a folder below the service's own."""
        return self.runtime.root.joinpath("rds", region, *parts)

    def arn(self, region: str, kind: str, name: str) -> str:
        """Return an ARN of this account."""
        return arn(region, self.runtime.account, kind, name)

    # Look-ups that answer with AWS's errors.

    def instance(self, region: str, reference: str) -> dict[str, Any]:
        """Return an instance's record by identifier or ARN.

        Raises:
            ServiceError: There is none.
        """
        record = self.table(region, "instances").get(last(reference))
        if record is None:
            raise ServiceError("DBInstanceNotFound", f"DBInstance {last(reference)} not found.")
        return record

    def available_instance(self, region: str, reference: str) -> dict[str, Any]:
        """Return the record of an instance that can be worked on now.

        Raises:
            ServiceError: There is none, or it is not `available`.
        """
        record = self.instance(region, reference)
        status = record["shape"]["DBInstanceStatus"]
        if status != "available":
            raise ServiceError(
                "InvalidDBInstanceState",
                f"Instance {last(reference)} is not in available state, it is {status}.",
            )
        return record

    def snapshot(self, region: str, reference: str) -> dict[str, Any]:
        """Return a snapshot's record by identifier or ARN.

        Raises:
            ServiceError: There is none.
        """
        name = last(reference)
        record = self.table(region, "snapshots").get(name)
        if record is None:
            raise ServiceError("DBSnapshotNotFound", f"DBSnapshot {name} not found.")
        return record

    def put_instance(self, region: str, record: dict[str, Any]) -> None:
        """Write an instance's record."""
        self.table(region, "instances")[record["shape"]["DBInstanceIdentifier"]] = record

    def plan(self, region: str, record: dict[str, Any], kind: str, **details: Any) -> None:
        """Give an instance's keeper something to do, after what it does already."""
        record["work"].append({"kind": kind, **details})
        self.put_instance(region, record)
        self.engage(region, record["shape"]["DBInstanceIdentifier"])

    # Events.

    def event(self, region: str, source: str, kind: str, message: str, *categories: str) -> None:
        """Record what `DescribeEvents` shows.

        Args:
            region: Region name.
            source: Identifier of what it happened to.
            kind: `db-instance`, `db-snapshot`, …
            message: What happened, in RDS's words where it has them.
            categories: Event categories, such as `failure`.
        """
        events = self.table(region, "events")
        codes = {"db-instance": "db", "db-snapshot": "snapshot", "db-proxy": "db-proxy"}
        now = self.runtime.now()
        events[f"{now:.6f}/{source}/{len(events)}"] = {
            "SourceIdentifier": source,
            "SourceType": kind,
            "Message": message,
            "EventCategories": list(categories),
            "Date": now,
            "SourceArn": self.arn(region, codes.get(kind, kind), source),
        }
        for key in events.keys()[:-_EVENTS_KEPT]:
            del events[key]

    # Tags.

    def tags(self, region: str, resource: str) -> list[dict[str, str]]:
        """Return the tags of an ARN."""
        record = self.table(region, "tags").get(resource)
        return [{"Key": key, "Value": value} for key, value in (record or {}).items()]

    def set_tags(self, region: str, resource: str, tags: Iterable[Mapping[str, str]]) -> None:
        """Add tags to an ARN; a tag of the same key is replaced."""
        table = self.table(region, "tags")
        added = {tag["Key"]: tag.get("Value", "") for tag in tags}
        if added:
            table[resource] = {**(table.get(resource) or {}), **added}

    def forget_tags(self, region: str, resource: str) -> None:
        """Remove all tags of an ARN."""
        table = self.table(region, "tags")
        if resource in table:
            del table[resource]

    def shown(self, value: float | None) -> Any:
        """Return a time in seconds as an answer carries it."""
        return None if value is None else moment(value)
