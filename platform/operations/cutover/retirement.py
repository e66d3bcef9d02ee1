"""Stopping the side that served before, later and with nobody watching: a one-time schedule."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.operations.cutover.figures import aws_now
from platformctl.operations.services.model import Service, Side

TARGET = "arn:aws:scheduler:::aws-sdk:ecs:updateService"
LONGEST_NAME = 64


class Retirement:
    """The schedule that gives a side no tasks any more.

    Args:
        service: The service.
        side: The side.
        clients: Makes boto3 clients.
    """

    def __init__(self, service: Service, side: Side, clients: Clients) -> None:
        self._service = service
        self._side = side
        self._clients = clients
        self._scheduler = clients("scheduler", service.region)

    @property
    def name(self) -> str:
        """Name of the schedule."""
        name = f"retire-{self._service.cluster}-{self._side.name}"
        if len(name) <= LONGEST_NAME:
            return name
        return f"retire-{hashlib.sha256(name.encode()).hexdigest()[:32]}"

    def plan(self, seconds: float, role_arn: str, token: str, ours: datetime) -> str:
        """Have the side stopped in some seconds; return when, ISO 8601.

        Args:
            seconds: In how many.
            role_arn: Role that may do it.
            token: Client token.
            ours: The time by this machine's clock.
        """
        now = aws_now(self._clients("cloudwatch", self._service.region), ours)
        # A moment that is past is never reached: rounded up.
        moment = (now + timedelta(seconds=seconds + 1)).astimezone(UTC)
        wanted = self._wanted(moment, role_arn)
        try:
            self._scheduler.create_schedule(**wanted, ClientToken=token)
        except self._scheduler.exceptions.ConflictException:
            self._scheduler.update_schedule(**wanted)
        return moment.isoformat(timespec="seconds")

    def planned(self) -> bool:
        """Tell whether the side is going to be stopped."""
        try:
            self._scheduler.get_schedule(Name=self.name)
        except self._scheduler.exceptions.ResourceNotFoundException:
            return False
        return True

    def cancel(self) -> None:
        """Let the side run on."""
        try:
            self._scheduler.delete_schedule(Name=self.name)
        except self._scheduler.exceptions.ResourceNotFoundException:
            return  # It was never planned, or has happened.

    def _wanted(self, moment: datetime, role_arn: str) -> Mapping[str, Any]:
        asked = {
            "Cluster": self._service.cluster,
            "Service": self._side.name,
            "DesiredCount": 0,
        }
        return {
            "Name": self.name,
            "Description": f"Stops {self._side.name}, which a cutover has replaced.",
            "ScheduleExpression": f"at({moment:%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {"Arn": TARGET, "RoleArn": role_arn, "Input": json.dumps(asked)},
        }
