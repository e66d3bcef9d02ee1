"""Alarms at work: each second every alarm is evaluated, changes its state and acts."""

import asyncio
import json
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.region.services.cloudwatch import alarms, rules
from platformctl.region.services.cloudwatch.alarms import ALARM, INSUFFICIENT, OK, Condition
from platformctl.region.services.cloudwatch.expressions import ExpressionError
from platformctl.region.services.cloudwatch.history import entry, remember
from platformctl.region.services.cloudwatch.queries import Evaluation, MetricQuery
from platformctl.region.services.cloudwatch.series import SeriesKey, SeriesStore

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime, Table

log = logging.getLogger(__name__)

ActionHandler = Callable[[str, str, Mapping[str, Any]], Awaitable[None]]
"""Carries out an action for an alarm: region name, ARN of the action, the alarm's record."""

ACTIONS = {OK: "OKActions", ALARM: "AlarmActions", INSUFFICIENT: "InsufficientDataActions"}
SETTLE_SECONDS = 1.0
"""How long after its end a period may still receive values before it is judged."""
REPEATED = "arn:aws:autoscaling:"
"""Actions that are repeated while the alarm stays in its state, as scaling needs several steps."""


class AlarmEvaluation:
    """Evaluates the alarms of all regions and carries out their actions."""

    def __init__(self, runtime: "Runtime", series: SeriesStore) -> None:
        self._runtime = runtime
        self._series = series
        self._handlers: dict[str, ActionHandler] = {
            "arn:aws:sns:": self._publish,
            "arn:aws:lambda:": self._invoke,
        }
        self._judged: dict[tuple[str, str], float] = {}

    def handle(self, prefix: str, handler: ActionHandler) -> None:
        """Let another service carry out the actions whose ARN starts with a prefix."""
        self._handlers[prefix] = handler

    async def run(self, pause: float = 1.0) -> None:
        """Evaluate for ever."""
        while True:
            for region in self._runtime.store.regions("cloudwatch"):
                if not self._runtime.is_stopped(region):
                    self.evaluate_region(region)
            self._series.prune(self._runtime.now())
            await asyncio.sleep(pause)

    def evaluate_region(self, region: str) -> None:
        """Bring every alarm of a region to the state it ought to be in."""
        table = self._runtime.store.table("cloudwatch", region, "alarms")
        records = table.values()
        for record in records:
            if record["Kind"] == "MetricAlarm":
                self._evaluate_metric_alarm(region, table, record)
        states = {record["AlarmName"]: record["StateValue"] for record in table.values()}
        for record in records:
            if record["Kind"] == "CompositeAlarm":
                self._evaluate_composite(region, table, record, states)

    def _evaluate_metric_alarm(self, region: str, table: "Table", record: dict[str, Any]) -> None:
        condition = Condition(
            record["ComparisonOperator"],
            record["Threshold"],
            record["EvaluationPeriods"],
            record["DatapointsToAlarm"],
            record.get("TreatMissingData", "missing"),
        )
        points = self.points(region, record)
        verdict = alarms.evaluate(condition, points, record["StateValue"])
        newest = points[-1][0] if points else 0.0
        repeated = self._judged.get((region, record["AlarmName"])) != newest
        self._judged[region, record["AlarmName"]] = newest
        if verdict is None:
            return
        if verdict.state != record["StateValue"]:
            self.change(region, table, record, verdict.state, verdict.reason)
        elif repeated:
            self._act(region, record, only=REPEATED)

    def points(self, region: str, record: Mapping[str, Any]) -> list[alarms.Point]:
        """Return the newest complete periods of what an alarm watches, oldest first."""
        period = _period(record)
        step = min(period, 60)
        end = math.floor((self._runtime.now() - SETTLE_SECONDS) / step) * step
        count = record["EvaluationPeriods"] + alarms.EXTRA_PERIODS
        moments = [float(end - period * back) for back in range(count, 0, -1)]
        if not record.get("Metrics"):
            values = _query(region, record).values(self._series, moments)
            return [(moment, values.get(moment)) for moment in moments]
        evaluation = Evaluation(
            self._series, region, record["Metrics"], period=period, moments=moments
        )
        name = next(query["Id"] for query in record["Metrics"] if query.get("ReturnData", True))
        try:
            found = evaluation.series(name)
        except ExpressionError as error:
            log.debug("alarm %s has no value: %s", record["AlarmName"], error)
            return [(moment, None) for moment in moments]
        values = found[0][1] if found else {}
        return [(moment, values.get(moment)) for moment in moments]

    def _evaluate_composite(
        self, region: str, table: "Table", record: dict[str, Any], states: dict[str, str]
    ) -> None:
        rule = rules.parse(record["AlarmRule"])
        holds = rule.holds(lambda name: states.get(name, INSUFFICIENT))
        state = ALARM if holds else OK
        if state == record["StateValue"]:
            return
        named = ", ".join(
            f"{name} is {states.get(name, 'deleted')}" for name in rules.references(rule)
        )
        verb = "transitioned to ALARM" if holds else "transitioned to OK"
        self.change(region, table, record, state, f"{record['AlarmArn']} {verb}: {named}")
        states[record["AlarmName"]] = state

    def change(
        self,
        region: str,
        table: "Table",
        record: dict[str, Any],
        state: str,
        reason: str,
        data: str | None = None,
    ) -> None:
        """Put an alarm into a state, remember it, and start the actions of that state."""
        now = self._runtime.now()
        before = record["StateValue"]
        record = {
            **record,
            "StateValue": state,
            "StateReason": reason,
            "StateUpdatedTimestamp": now,
        }
        if data is not None:
            record["StateReasonData"] = data
        if before != state:
            record["StateTransitionedTimestamp"] = now
            summary = f"Alarm updated from {before} to {state}"
            states = {
                "oldState": {"stateValue": before},
                "newState": {"stateValue": state, "stateReason": reason},
            }
            remember(record, entry(now, "StateUpdate", summary, states))
        table[record["AlarmName"]] = record
        if before != state:
            self._act(region, {**record, "OldStateValue": before})

    def _act(self, region: str, record: Mapping[str, Any], only: str = "arn:") -> None:
        if not record["ActionsEnabled"]:
            return
        for action in record[ACTIONS[record["StateValue"]]]:
            if action.startswith(only):
                name = f"cloudwatch/{region}/{record['AlarmName']}"
                self._runtime.spawn(name, self._carry_out(region, action, record))

    async def _carry_out(self, region: str, action: str, record: Mapping[str, Any]) -> None:
        handler = next(
            (work for prefix, work in self._handlers.items() if action.startswith(prefix)), None
        )
        try:
            if handler is None:
                raise LookupError("the local region has no such action")
            await handler(region, action, record)
        except (ClientError, BotoCoreError, LookupError) as error:
            summary = f"Failed to execute action {action}: {error}"
            log.warning("alarm %s: %s", record["AlarmName"], summary)
        else:
            summary = f"Successfully executed action {action}"
        table = self._runtime.store.table("cloudwatch", region, "alarms")
        current = table.get(record["AlarmName"])
        if current is not None and not action.startswith(REPEATED):
            remember(current, entry(self._runtime.now(), "Action", summary))
            table[record["AlarmName"]] = current

    async def _publish(self, region: str, action: str, record: Mapping[str, Any]) -> None:
        subject = f'{record["StateValue"]}: "{record["AlarmName"]}" in {region}'
        message = json.dumps(notification(region, self._runtime.account, record))
        topic = action.split(":")[3] or region
        parameters = {"TopicArn": action, "Subject": subject[:100], "Message": message}
        await self._runtime.call("sns", topic, "publish", parameters)

    async def _invoke(self, region: str, action: str, record: Mapping[str, Any]) -> None:
        payload = {
            "source": "aws.cloudwatch",
            "alarmArn": record["AlarmArn"],
            "accountId": self._runtime.account,
            "region": region,
            "alarmData": notification(region, self._runtime.account, record),
        }
        await self._runtime.call(
            "lambda",
            region,
            "invoke",
            {
                "FunctionName": action,
                "InvocationType": "Event",
                "Payload": json.dumps(payload).encode(),
            },
        )


def _period(record: Mapping[str, Any]) -> int:
    """Return the period of an alarm; of several metrics the longest."""
    if not record.get("Metrics"):
        return int(record["Period"])
    given = [int(query.get("MetricStat", query).get("Period", 0)) for query in record["Metrics"]]
    return max(given) or 60


def _query(region: str, record: Mapping[str, Any]) -> MetricQuery:
    dimensions = {item["Name"]: item["Value"] for item in record.get("Dimensions", ())}
    return MetricQuery(
        SeriesKey.of(region, record["Namespace"], record["MetricName"], dimensions),
        record.get("Statistic") or record["ExtendedStatistic"],
        int(record["Period"]),
        record.get("Unit"),
    )


def notification(region: str, account: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the message that CloudWatch sends to a topic when an alarm changes its state."""
    trigger = {
        key: record[key]
        for key in (
            "MetricName",
            "Namespace",
            "Statistic",
            "ExtendedStatistic",
            "Unit",
            "Period",
            "EvaluationPeriods",
            "DatapointsToAlarm",
            "ComparisonOperator",
            "Threshold",
            "TreatMissingData",
            "Metrics",
            "AlarmRule",
        )
        if key in record
    }
    trigger["Dimensions"] = [
        {"name": item["Name"], "value": item["Value"]} for item in record.get("Dimensions", ())
    ]
    return {
        "AlarmName": record["AlarmName"],
        "AlarmDescription": record.get("AlarmDescription"),
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": _iso(record["AlarmConfigurationUpdatedTimestamp"]),
        "NewStateValue": record["StateValue"],
        "NewStateReason": record["StateReason"],
        "StateChangeTime": _iso(record["StateUpdatedTimestamp"]),
        "Region": region,
        "AlarmArn": record["AlarmArn"],
        "OldStateValue": record.get("OldStateValue", record["StateValue"]),
        "OKActions": record["OKActions"],
        "AlarmActions": record["AlarmActions"],
        "InsufficientDataActions": record["InsufficientDataActions"],
        "Trigger": trigger,
    }


def _iso(at: float) -> str:
    return alarms.moment(at).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
