"""CloudWatch Logs as the region serves it: metric filters that count.

The emulator keeps groups, streams and events; its metric filters are only recorded. So the region
keeps the filters, and looks at every batch of events that the emulator has taken.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from botocore.exceptions import ClientError

from platformctl.region.endpoint.server import Request
from platformctl.region.services.base import Call, Service, ServiceError
from platformctl.region.services.cloudwatch.service import Monitoring
from platformctl.region.services.logs.conditions import MISSING, PatternError
from platformctl.region.services.logs.patterns import Pattern, compiled
from platformctl.region.services.paging import page

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime, Table

TARGET = "x-amz-target"
PREFIX = "Logs_20140328."
OWN = ("PutMetricFilter", "DeleteMetricFilter", "DescribeMetricFilters")
FOLLOWED = ("PutLogEvents", "DeleteLogGroup")
MOST_FILTERS = 100
LONGEST_PATTERN = 1024


def invalid(message: str) -> ServiceError:
    """Return the service's error for a parameter that cannot be."""
    return ServiceError("InvalidParameterException", message)


class MetricFilters(Service):
    """Metric filters that turn log events into metrics."""

    name: ClassVar[str] = "logs"

    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self._compiled: dict[str, Pattern] = {}
        # Filter → last minute with an event that matched, or with its default value.
        self._minutes: dict[tuple[str, str], int] = {}

    def _table(self, region: str) -> "Table":
        return self.runtime.store.table(self.name, region, "metric-filters")

    def answers(self, request: Request) -> bool:
        """Say whether a request is about metric filters; all else is the emulator's."""
        return request.headers.get(TARGET, "").removeprefix(PREFIX) in OWN

    def follows(self, region: str, request: Request) -> bool:
        """Say whether a request that the emulator answers matters to the filters of a region."""
        operation = request.headers.get(TARGET, "").removeprefix(PREFIX)
        return operation in FOLLOWED and bool(self._table(region).keys())

    async def followed(self, region: str, request: Request) -> None:
        """Count the events that were put, or forget the filters of a group that is gone."""
        asked = json.loads(await request.body())
        group = asked.get("logGroupName", "")
        if request.headers[TARGET].endswith("DeleteLogGroup"):
            table = self._table(region)
            for key in [key for key in table.keys() if table[key]["logGroupName"] == group]:  # noqa: SIM118  # a table, no dict
                del table[key]
            return
        for record in self._table(region).values():
            if record["logGroupName"] == group:
                self._count(region, record, asked.get("logEvents") or ())

    def _pattern(self, text: str) -> Pattern:
        if text not in self._compiled:
            self._compiled[text] = compiled(text)
        return self._compiled[text]

    def _count(self, region: str, record: Mapping[str, Any], events: Any) -> None:
        pattern = self._pattern(record["filterPattern"])
        key = (region, f"{record['logGroupName']}|{record['filterName']}")
        for event in events:
            minute = int(event["timestamp"]) // 60_000
            found = pattern.extract(event["message"])
            if found is not None:
                self._minutes[key] = minute
            for transformation in record["metricTransformations"]:
                if found is not None:
                    self._record(region, transformation, pattern, found, event["timestamp"])
                elif "defaultValue" in transformation and self._minutes.get(key) != minute:
                    self._put(region, transformation, transformation["defaultValue"], {}, event)
            self._minutes[key] = minute

    def _record(
        self,
        region: str,
        transformation: Mapping[str, Any],
        pattern: Pattern,
        found: Mapping[str, Any],
        timestamp: int,
    ) -> None:
        """Put the value that an event gives, with its dimensions."""
        wanted = transformation["metricValue"]
        value = pattern.value(found, wanted) if wanted.startswith("$") else wanted
        dimensions: dict[str, str] = {}
        for name, selector in (transformation.get("dimensions") or {}).items():
            said = pattern.value(found, selector)
            if said is MISSING:
                return
            dimensions[name] = str(said)
        try:
            number = float(value)
        except (TypeError, ValueError):
            return
        self._put(region, transformation, number, dimensions, {"timestamp": timestamp})

    def _put(
        self,
        region: str,
        transformation: Mapping[str, Any],
        value: float,
        dimensions: Mapping[str, str],
        event: Mapping[str, Any],
    ) -> None:
        self.runtime.service(Monitoring).record(
            region,
            transformation["metricNamespace"],
            transformation["metricName"],
            dimensions,
            [value],
            unit=transformation.get("unit") or "None",
            at=event["timestamp"] / 1000,
        )

    async def put_metric_filter(self, call: Call) -> dict[str, Any]:
        """Create or change a filter."""
        asked = call.parameters
        await self._require_group(call.region, asked["logGroupName"])
        self._check(asked)
        table = self._table(call.region)
        key = f"{asked['logGroupName']}|{asked['filterName']}"
        others = [each for each in table.values() if each["logGroupName"] == asked["logGroupName"]]
        if key not in table and len(others) >= MOST_FILTERS:
            raise ServiceError("LimitExceededException", "Resource limit exceeded.")
        before = table.get(key) or {"creationTime": int(self.runtime.now() * 1000)}
        table[key] = {**before, **asked}
        return {}

    async def _require_group(self, region: str, group: str) -> None:
        asked = {"logGroupNamePrefix": group}
        try:
            found = await self.runtime.call("logs", region, "describe_log_groups", asked)
        except ClientError as error:
            raise invalid(str(error)) from error
        if all(each["logGroupName"] != group for each in found["logGroups"]):
            raise ServiceError(
                "ResourceNotFoundException", "The specified log group does not exist."
            )

    def _check(self, asked: Mapping[str, Any]) -> None:
        """Refuse what CloudWatch Logs refuses."""
        if any(sign in asked["filterName"] for sign in ":*"):
            raise invalid("filterName must not contain : or *.")
        if len(asked["filterPattern"]) > LONGEST_PATTERN:
            raise invalid(f"filterPattern must have at most {LONGEST_PATTERN} characters.")
        try:
            self._pattern(asked["filterPattern"])
        except PatternError as error:
            raise invalid(f"Invalid metric filter pattern: {error}") from error
        for transformation in asked["metricTransformations"]:
            if transformation.get("dimensions") and "defaultValue" in transformation:
                raise invalid("A metric with dimensions cannot have a default value.")

    def describe_metric_filters(self, call: Call) -> dict[str, Any]:
        """Describe filters by group, prefix or metric."""
        asked = call.parameters
        found = [
            record
            for record in self._table(call.region).values()
            if asked.get("logGroupName") in {None, record["logGroupName"]}
            and record["filterName"].startswith(asked.get("filterNamePrefix") or "")
            and any(
                asked.get("metricName") in {None, each["metricName"]}
                and asked.get("metricNamespace") in {None, each["metricNamespace"]}
                for each in record["metricTransformations"]
            )
        ]
        found.sort(key=lambda record: record["filterName"])
        shown, more = page(found, asked.get("limit") or 50, asked.get("nextToken"))
        return {"metricFilters": shown, **({"nextToken": more} if more else {})}

    def delete_metric_filter(self, call: Call) -> dict[str, Any]:
        """Delete a filter."""
        asked = call.parameters
        key = f"{asked['logGroupName']}|{asked['filterName']}"
        if key not in self._table(call.region):
            raise ServiceError(
                "ResourceNotFoundException", "The specified metric filter does not exist."
            )
        del self._table(call.region)[key]
        return {}
