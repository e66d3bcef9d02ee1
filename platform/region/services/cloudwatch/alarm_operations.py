"""Alarms through the API: put, describe, set, enable, history, tags."""

from collections.abc import Mapping
from typing import Any

from platformctl.region.runtime import Table
from platformctl.region.services.base import Call, Service, ServiceError
from platformctl.region.services.cloudwatch import queries, rules
from platformctl.region.services.cloudwatch.alarms import (
    ALARM,
    COMPARISONS,
    INSUFFICIENT,
    MISSING_DATA,
    OK,
)
from platformctl.region.services.cloudwatch.history import entry, remember
from platformctl.region.services.cloudwatch.metrics import epoch, invalid
from platformctl.region.services.cloudwatch.statistics import known
from platformctl.region.services.paging import page

METRIC, COMPOSITE = "MetricAlarm", "CompositeAlarm"
STATES = (OK, ALARM, INSUFFICIENT)
INITIAL_REASON = "Unchecked: Initial alarm creation"


class AlarmOperations(Service):
    """The operations on alarms. Evaluating them is `evaluation.py`."""

    name = "cloudwatch"
    scope = "monitoring"

    def alarms(self, region: str) -> Table:
        """Return the records of all alarms of a region, by name."""
        return self.runtime.store.table("cloudwatch", region, "alarms")

    def put_metric_alarm(self, call: Call) -> dict[str, Any]:
        """Create or change a metric alarm; a changed alarm keeps its state."""
        asked = dict(call.parameters)
        _check_metric_alarm(asked)
        asked.setdefault("DatapointsToAlarm", asked["EvaluationPeriods"])
        self._put_alarm(call, asked, METRIC)
        return {}

    def put_composite_alarm(self, call: Call) -> dict[str, Any]:
        """Create or change a composite alarm."""
        asked = dict(call.parameters)
        if asked.get("ActionsSuppressor"):
            raise invalid("ActionsSuppressor is not in the local region.")
        try:
            rule = rules.parse(asked["AlarmRule"])
        except rules.RuleError as error:
            raise ServiceError("ValidationError", f"AlarmRule is not valid: {error}") from error
        alarms = self.alarms(call.region)
        for name in rules.references(rule):
            if name not in alarms or name == asked["AlarmName"]:
                raise ServiceError(
                    "ValidationError", f"The alarm {name} in AlarmRule does not exist."
                )
        self._put_alarm(call, asked, COMPOSITE)
        return {}

    def _put_alarm(self, call: Call, asked: dict[str, Any], kind: str) -> None:
        alarms = self.alarms(call.region)
        name = asked["AlarmName"]
        tags = {tag["Key"]: tag["Value"] for tag in asked.pop("Tags", ())}
        before = alarms.get(name)
        if before is not None and before["Kind"] != kind:
            raise invalid(f"{name} is an alarm of another kind.")
        now = self.runtime.now()
        state = before or {
            "StateValue": INSUFFICIENT,
            "StateReason": INITIAL_REASON,
            "StateUpdatedTimestamp": now,
            "StateTransitionedTimestamp": now,
            "History": [],
        }
        kept = ("StateValue", "StateReason", "StateUpdatedTimestamp", "StateTransitionedTimestamp")
        record: dict[str, Any] = {
            "ActionsEnabled": True,
            "OKActions": [],
            "AlarmActions": [],
            "InsufficientDataActions": [],
            **asked,
            **{key: state[key] for key in kept},
            "Kind": kind,
            "AlarmArn": self.alarm_arn(call.region, name),
            "AlarmConfigurationUpdatedTimestamp": now,
            "Tags": tags if before is None else before["Tags"],
            "History": state["History"],
        }
        verb = "created" if before is None else "updated"
        remember(record, entry(now, "ConfigurationUpdate", f'Alarm "{name}" {verb}'))
        alarms[name] = record

    def alarm_arn(self, region: str, name: str) -> str:
        """Return the ARN of an alarm."""
        return f"arn:aws:cloudwatch:{region}:{self.runtime.account}:alarm:{name}"

    def describe_alarms(self, call: Call) -> dict[str, Any]:
        """Describe alarms by name, prefix, type, state or action."""
        asked = call.parameters
        kinds = asked.get("AlarmTypes") or [METRIC, COMPOSITE]
        found = [
            record
            for record in self._selected(call)
            if record["Kind"] in kinds
            and record["AlarmName"].startswith(asked.get("AlarmNamePrefix") or "")
            and asked.get("StateValue") in {None, record["StateValue"]}
            and _has_action(record, asked.get("ActionPrefix"))
        ]
        shown, token = page(
            found, asked.get("MaxRecords") or 100, asked.get("NextToken"), error="InvalidNextToken"
        )
        answer: dict[str, Any] = {
            "MetricAlarms": [_shown(record) for record in shown if record["Kind"] == METRIC],
            "CompositeAlarms": [_shown(record) for record in shown if record["Kind"] == COMPOSITE],
        }
        return {**answer, "NextToken": token} if token else answer

    def _selected(self, call: Call) -> list[dict[str, Any]]:
        alarms = self.alarms(call.region)
        names = call.parameters.get("AlarmNames")
        if names:
            return [alarms[name] for name in names if name in alarms]
        return sorted(alarms.values(), key=lambda record: record["AlarmName"])

    def describe_alarms_for_metric(self, call: Call) -> dict[str, Any]:
        """Describe the alarms that watch one metric."""
        asked = call.parameters
        wanted = {item["Name"]: item["Value"] for item in asked.get("Dimensions", ())}
        found = [
            _shown(record)
            for record in self.alarms(call.region).values()
            if record.get("MetricName") == asked["MetricName"]
            and record.get("Namespace") == asked["Namespace"]
            and {item["Name"]: item["Value"] for item in record.get("Dimensions", ())} == wanted
            and asked.get("Period") in {None, record.get("Period")}
            and asked.get("Statistic") in {None, record.get("Statistic")}
        ]
        return {"MetricAlarms": found}

    def delete_alarms(self, call: Call) -> dict[str, Any]:
        """Delete alarms; all of them must exist."""
        alarms = self.alarms(call.region)
        names = call.parameters["AlarmNames"]
        for name in names:
            self._existing_alarm(call.region, name)
        for name in names:
            del alarms[name]
        return {}

    def _existing_alarm(self, region: str, name: str) -> dict[str, Any]:
        record = self.alarms(region).get(name)
        if record is None:
            raise ServiceError("ResourceNotFound", f"The alarm {name} does not exist.", 404)
        return record

    def enable_alarm_actions(self, call: Call) -> dict[str, Any]:
        """Let alarms act again."""
        return self._switch(call, on=True)

    def disable_alarm_actions(self, call: Call) -> dict[str, Any]:
        """Keep alarms from acting."""
        return self._switch(call, on=False)

    def _switch(self, call: Call, *, on: bool) -> dict[str, Any]:
        alarms = self.alarms(call.region)
        for name in call.parameters["AlarmNames"]:
            if name in alarms:
                alarms[name] = {**alarms[name], "ActionsEnabled": on}
        return {}

    def describe_alarm_history(self, call: Call) -> dict[str, Any]:
        """Return what happened to one alarm, or to all, newest first unless asked otherwise."""
        asked = call.parameters
        alarms = self.alarms(call.region)
        name = asked.get("AlarmName")
        records = alarms.values() if name is None else [alarms[name]] if name in alarms else []
        start = epoch(asked.get("StartDate"))
        end = epoch(asked.get("EndDate"), default=float("inf"))
        found = [
            {**item, "AlarmName": record["AlarmName"], "AlarmType": record["Kind"]}
            for record in records
            for item in record["History"]
            if start <= item["Timestamp"] <= end
            and asked.get("HistoryItemType") in {None, item["HistoryItemType"]}
        ]
        ascending = asked.get("ScanBy") == "TimestampAscending"
        found.sort(key=lambda item: item["Timestamp"], reverse=not ascending)
        shown, token = page(
            found, asked.get("MaxRecords") or 100, asked.get("NextToken"), error="InvalidNextToken"
        )
        answer: dict[str, Any] = {"AlarmHistoryItems": shown}
        return {**answer, "NextToken": token} if token else answer

    def tag_resource(self, call: Call) -> dict[str, Any]:
        """Add tags to an alarm or change them."""
        record, table, key = self._tagged(call)
        tags = {tag["Key"]: tag["Value"] for tag in call.parameters["Tags"]}
        table[key] = {**record, "Tags": {**record["Tags"], **tags}}
        return {}

    def untag_resource(self, call: Call) -> dict[str, Any]:
        """Remove tags from an alarm."""
        record, table, key = self._tagged(call)
        gone = set(call.parameters["TagKeys"])
        kept = {name: value for name, value in record["Tags"].items() if name not in gone}
        table[key] = {**record, "Tags": kept}
        return {}

    def list_tags_for_resource(self, call: Call) -> dict[str, Any]:
        """Return the tags of an alarm."""
        record, _, _ = self._tagged(call)
        return {"Tags": [{"Key": key, "Value": value} for key, value in record["Tags"].items()]}

    def _tagged(self, call: Call) -> tuple[dict[str, Any], Table, str]:
        arn = call.parameters["ResourceARN"]
        table, key = self.tagged_record(call.region, arn)
        record = table.get(key)
        if record is None:
            raise ServiceError("ResourceNotFoundException", f"{arn} does not exist.", 404)
        return record, table, key

    def tagged_record(self, region: str, arn: str) -> tuple[Table, str]:
        """Return the table and the key of what an ARN names."""
        return self.alarms(region), rules.alarm_name(arn)


def _has_action(record: Mapping[str, Any], prefix: str | None) -> bool:
    if not prefix:
        return True
    actions = (*record["OKActions"], *record["AlarmActions"], *record["InsufficientDataActions"])
    return any(action.startswith(prefix) for action in actions)


def _shown(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in {"Kind", "Tags", "History"}}


def _check_metric_alarm(asked: Mapping[str, Any]) -> None:
    """Refuse what CloudWatch refuses, and what the local region cannot evaluate."""
    if asked["ComparisonOperator"] not in COMPARISONS:
        raise invalid(f"{asked['ComparisonOperator']} is not in the local region.")
    if "Threshold" not in asked:
        raise invalid("Threshold must be given; anomaly detection is not in the local region.")
    periods = asked["EvaluationPeriods"]
    if not 1 <= asked.get("DatapointsToAlarm", periods) <= periods:
        raise invalid("DatapointsToAlarm must be between 1 and EvaluationPeriods.")
    if asked.get("TreatMissingData", "missing") not in MISSING_DATA:
        raise invalid(f"TreatMissingData must be one of {', '.join(MISSING_DATA)}.")
    if asked.get("Metrics"):
        _check_math(asked["Metrics"])
        return
    missing = [key for key in ("MetricName", "Namespace", "Period") if key not in asked]
    if missing:
        raise ServiceError("MissingParameter", f"{missing[0]} must be given.")
    if not queries.valid_period(asked["Period"]):
        raise invalid("Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
    statistic = asked.get("Statistic") or asked.get("ExtendedStatistic")
    if not statistic:
        raise ServiceError("MissingParameter", "Statistic or ExtendedStatistic must be given.")
    if not known(statistic):
        raise invalid(f"The local region does not have the statistic {statistic}.")


def _check_math(metrics: list[Mapping[str, Any]]) -> None:
    if wrong := queries.mistakes(metrics):
        raise ServiceError("ValidationError", " ".join(wrong))
    if sum(bool(query.get("ReturnData", True)) for query in metrics) != 1:
        raise ServiceError("ValidationError", "Exactly one element of Metrics must return data.")
