"""CloudWatch as the region serves it."""

import logging
from typing import TYPE_CHECKING, Any

from platformctl.region.runtime import Table
from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.cloudwatch.alarm_operations import STATES, AlarmOperations
from platformctl.region.services.cloudwatch.dashboards import DashboardOperations
from platformctl.region.services.cloudwatch.evaluation import ActionHandler, AlarmEvaluation
from platformctl.region.services.cloudwatch.metrics import MetricOperations, invalid

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

log = logging.getLogger(__name__)


class Monitoring(MetricOperations, AlarmOperations, DashboardOperations):
    """Metrics, alarms and dashboards."""

    name = "cloudwatch"
    scope = "monitoring"

    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self.evaluation = AlarmEvaluation(runtime, self.series)
        self._snapshot = runtime.root / "cloudwatch" / "metrics.json.gz"

    async def start(self) -> None:
        """Read the metrics that the last stop saved and begin to evaluate alarms."""
        try:
            self.series.load(self._snapshot)
        except (OSError, ValueError) as error:
            aside = self._snapshot.with_suffix(f".damaged-{int(self.runtime.now())}")
            self._snapshot.rename(aside)
            log.warning("metrics of the last run are lost (%s); the file is now %s", error, aside)
        self._ticker = self.runtime.spawn("cloudwatch/alarms", self.evaluation.run())

    async def stop(self) -> None:
        """Stop evaluating and save the metrics by the minute."""
        self._ticker.cancel()
        self.series.save(self._snapshot)

    def on_action(self, prefix: str, handler: ActionHandler) -> None:
        """Let another service carry out alarm actions whose ARN starts with a prefix."""
        self.evaluation.handle(prefix, handler)

    def set_alarm_state(self, call: Call) -> dict[str, Any]:
        """Put an alarm into a state until its next evaluation says otherwise; it acts on it."""
        state = call.parameters["StateValue"]
        if state not in STATES:
            raise invalid(f"StateValue must be one of {', '.join(STATES)}.")
        table = self.alarms(call.region)
        record = table.get(call.parameters["AlarmName"])
        if record is None:
            raise ServiceError(
                "ResourceNotFound", f"The alarm {call.parameters['AlarmName']} does not exist.", 404
            )
        self.evaluation.change(
            call.region,
            table,
            record,
            state,
            call.parameters["StateReason"],
            call.parameters.get("StateReasonData"),
        )
        return {}

    def tagged_record(self, region: str, arn: str) -> tuple[Table, str]:
        """Return the table and the key of what an ARN names: an alarm or a dashboard."""
        if ":dashboard/" in arn:
            return self.dashboards(region), arn.split(":dashboard/", 1)[1]
        return super().tagged_record(region, arn)
