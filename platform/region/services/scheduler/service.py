"""EventBridge Scheduler as the region serves it."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from platformctl.region.services.application_autoscaling import schedules
from platformctl.region.services.base import Call, Service, ServiceError
from platformctl.region.services.paging import page
from platformctl.region.services.scheduler import targets

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime, Table

DEFAULT_GROUP = "default"
OWN = frozenset({"Calling", "DoneUntil"})
"""What a record has beyond the API's members."""
PAUSE = 1.0
"""Seconds between two looks at the schedules."""


def invalid(message: str) -> ServiceError:
    """Return the service's error for a parameter that cannot be."""
    return ServiceError("ValidationException", message)


class Scheduler(Service):
    """Schedules that call their targets when it is time."""

    name: ClassVar[str] = "scheduler"

    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self._calls: dict[tuple[str, str], asyncio.Task[None]] = {}

    def _table(self, region: str) -> "Table":
        return self.runtime.store.table(self.name, region, "schedules")

    def _groups(self, region: str) -> "Table":
        return self.runtime.store.table(self.name, region, "groups")

    async def start(self) -> None:
        """Begin to follow the schedules."""
        self._working = self.runtime.spawn("scheduler/work", self._work())

    async def stop(self) -> None:
        """Follow them no more; a call that is being tried again is given up."""
        for work in (self._working, *self._calls.values()):
            work.cancel()

    async def _work(self) -> None:
        while True:
            for region in self.runtime.store.regions(self.name):
                if not self.runtime.is_stopped(region):
                    self._follow(region)
            await asyncio.sleep(PAUSE)

    def _follow(self, region: str) -> None:
        """Call the targets of everything that is due, or was when the region was cut off."""
        table, now = self._table(region), self.runtime.now()
        for key, record in list(zip(table.keys(), table.values(), strict=True)):
            if record["State"] != "ENABLED" or (region, key) in self._calls:
                continue
            if not (record.get("Calling") or _is_due(record, now)):
                continue
            table[key] = {**record, "DoneUntil": now, "Calling": True}
            work = self.runtime.spawn(f"scheduler/{region}/{key}", self._reach(region, key))
            self._calls[region, key] = work
            work.add_done_callback(lambda _, of=(region, key): self._calls.pop(of, None))

    async def _reach(self, region: str, key: str) -> None:
        """Call a schedule's target; a one-time schedule may be over afterwards."""
        table = self._table(region)
        await targets.reach(self.runtime, region, table[key]["Target"], key)
        record = table[key]
        once = record["ScheduleExpression"].startswith("at(")
        if once and record.get("ActionAfterCompletion") == "DELETE":
            del table[key]
        else:
            table[key] = {**record, "Calling": False}

    def _cancel(self, region: str, key: str) -> None:
        """Give up a call that is being tried, as its schedule is gone or another one now."""
        work = self._calls.pop((region, key), None)
        if work is not None:
            work.cancel()

    # Schedules.

    def create_schedule(self, call: Call) -> dict[str, Any]:
        """Create a schedule."""
        asked = call.parameters
        key = _key(asked)
        self._group(call.region, asked.get("GroupName") or DEFAULT_GROUP)
        if key in self._table(call.region):
            raise ServiceError(
                "ConflictException", f"Schedule {asked['Name']} already exists.", 409
            )
        now = self.runtime.now()
        record = {**self._wanted(call), "CreationDate": now, "LastModificationDate": now}
        self._table(call.region)[key] = record
        return {"ScheduleArn": record["Arn"]}

    def update_schedule(self, call: Call) -> dict[str, Any]:
        """Set everything about a schedule; what is not given gets its default."""
        before = self._schedule(call)
        wanted = self._wanted(call)
        self._cancel(call.region, _key(call.parameters))
        record = {
            **wanted,
            "CreationDate": before["CreationDate"],
            "LastModificationDate": self.runtime.now(),
        }
        self._table(call.region)[_key(call.parameters)] = record
        return {"ScheduleArn": record["Arn"]}

    def _wanted(self, call: Call) -> dict[str, Any]:
        """Return the record of what a request asks for.

        Raises:
            ServiceError: The service refuses it.
        """
        asked, now = call.parameters, self.runtime.now()
        group = asked.get("GroupName") or DEFAULT_GROUP
        zone = asked.get("ScheduleExpressionTimezone") or "UTC"
        try:
            schedules.due(asked["ScheduleExpression"], zone, now, now, created=now)
        except schedules.ScheduleError as error:
            raise invalid(f"Invalid Schedule Expression {asked['ScheduleExpression']}.") from error
        window = asked["FlexibleTimeWindow"]
        if (window["Mode"] == "FLEXIBLE") != ("MaximumWindowInMinutes" in window):
            raise invalid("MaximumWindowInMinutes must be given for FLEXIBLE windows only.")
        targets.check(asked["Target"])
        given = {key: _plain(value) for key, value in asked.items() if key != "ClientToken"}
        return {
            "State": "ENABLED",
            "ActionAfterCompletion": "NONE",
            **given,
            "GroupName": group,
            "ScheduleExpressionTimezone": zone,
            "Arn": (
                f"arn:aws:scheduler:{call.region}:{call.account}:schedule/{group}/{asked['Name']}"
            ),
            "DoneUntil": now,
        }

    def _schedule(self, call: Call) -> dict[str, Any]:
        record = self._table(call.region).get(_key(call.parameters))
        if record is None:
            name = call.parameters["Name"]
            raise ServiceError("ResourceNotFoundException", f"Schedule {name} does not exist.", 404)
        return record

    def get_schedule(self, call: Call) -> dict[str, Any]:
        """Describe a schedule."""
        return {key: value for key, value in self._schedule(call).items() if key not in OWN}

    def delete_schedule(self, call: Call) -> dict[str, Any]:
        """Delete a schedule."""
        self._schedule(call)
        self._cancel(call.region, _key(call.parameters))
        del self._table(call.region)[_key(call.parameters)]
        return {}

    def list_schedules(self, call: Call) -> dict[str, Any]:
        """List schedules by group, prefix and state."""
        asked = call.parameters
        shown = ("Arn", "CreationDate", "GroupName", "LastModificationDate", "Name", "State")
        found = [
            {**{key: record[key] for key in shown}, "Target": {"Arn": record["Target"]["Arn"]}}
            for record in self._table(call.region).values()
            if record["Name"].startswith(asked.get("NamePrefix") or "")
            and asked.get("GroupName") in {None, record["GroupName"]}
            and asked.get("State") in {None, record["State"]}
        ]
        return self._paged("Schedules", found, asked)

    def _paged(
        self, member: str, found: list[dict[str, Any]], asked: Mapping[str, Any]
    ) -> dict[str, Any]:
        found.sort(key=lambda record: record["Name"])
        size = asked.get("MaxResults") or 100
        page_, more = page(found, size, asked.get("NextToken"), error="ValidationException")
        return {member: page_, **({"NextToken": more} if more else {})}

    # Groups.

    def _group(self, region: str, name: str) -> dict[str, Any]:
        record = self._groups(region).get(name)
        if record is None and name == DEFAULT_GROUP:
            return self._new_group(region, name, {})
        if record is None:
            raise ServiceError(
                "ResourceNotFoundException", f"Schedule group {name} does not exist.", 404
            )
        return record

    def _new_group(self, region: str, name: str, tags: Mapping[str, str]) -> dict[str, Any]:
        now = self.runtime.now()
        return {
            "Name": name,
            "Arn": f"arn:aws:scheduler:{region}:{self.runtime.account}:schedule-group/{name}",
            "State": "ACTIVE",
            "CreationDate": now,
            "LastModificationDate": now,
            "Tags": dict(tags),
        }

    def create_schedule_group(self, call: Call) -> dict[str, Any]:
        """Create a group."""
        name = call.parameters["Name"]
        if name == DEFAULT_GROUP or name in self._groups(call.region):
            raise ServiceError("ConflictException", f"Schedule group {name} already exists.", 409)
        tags = {tag["Key"]: tag["Value"] for tag in call.parameters.get("Tags") or ()}
        record = self._new_group(call.region, name, tags)
        self._groups(call.region)[name] = record
        return {"ScheduleGroupArn": record["Arn"]}

    def get_schedule_group(self, call: Call) -> dict[str, Any]:
        """Describe a group."""
        record = self._group(call.region, call.parameters["Name"])
        return {key: value for key, value in record.items() if key != "Tags"}

    def delete_schedule_group(self, call: Call) -> dict[str, Any]:
        """Delete a group with its schedules."""
        name = call.parameters["Name"]
        if name == DEFAULT_GROUP:
            raise invalid("The default schedule group cannot be deleted.")
        self._group(call.region, name)
        table = self._table(call.region)
        for key, record in list(zip(table.keys(), table.values(), strict=True)):
            if record["GroupName"] == name:
                self._cancel(call.region, key)
                del table[key]
        del self._groups(call.region)[name]
        return {}

    def list_schedule_groups(self, call: Call) -> dict[str, Any]:
        """List groups."""
        asked = call.parameters
        records = [self._group(call.region, DEFAULT_GROUP), *self._groups(call.region).values()]
        found = [
            {key: value for key, value in record.items() if key != "Tags"}
            for record in records
            if record["Name"].startswith(asked.get("NamePrefix") or "")
        ]
        return self._paged("ScheduleGroups", found, asked)

    def tag_resource(self, call: Call) -> dict[str, Any]:
        """Add tags to a group or change them."""
        record = self._tagged(call)
        tags = {tag["Key"]: tag["Value"] for tag in call.parameters["Tags"]}
        self._groups(call.region)[record["Name"]] = {**record, "Tags": {**record["Tags"], **tags}}
        return {}

    def untag_resource(self, call: Call) -> dict[str, Any]:
        """Remove tags from a group."""
        record, gone = self._tagged(call), set(call.parameters["TagKeys"])
        tags = {key: value for key, value in record["Tags"].items() if key not in gone}
        self._groups(call.region)[record["Name"]] = {**record, "Tags": tags}
        return {}

    def list_tags_for_resource(self, call: Call) -> dict[str, Any]:
        """Return the tags of a group."""
        tags = self._tagged(call)["Tags"]
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _tagged(self, call: Call) -> dict[str, Any]:
        return self._group(call.region, call.parameters["ResourceArn"].rpartition("/")[2])


def _key(asked: Mapping[str, Any]) -> str:
    return f"{asked.get('GroupName') or DEFAULT_GROUP}/{asked['Name']}"


def _plain(value: Any) -> Any:
    """Return a value that can be recorded: moments as seconds since the epoch."""
    return value.timestamp() if isinstance(value, dt.datetime) else value


def _is_due(record: Mapping[str, Any], now: float) -> bool:
    inside = record.get("StartDate", 0.0) <= now <= record.get("EndDate", now)
    return inside and schedules.due(
        record["ScheduleExpression"],
        record["ScheduleExpressionTimezone"],
        record["DoneUntil"],
        now,
        created=record["CreationDate"],
    )
