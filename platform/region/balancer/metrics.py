"""Counters of one load balancer, reported and started afresh every second.

Names are CloudWatch's (`AWS/ApplicationELB`). Response times are a sample of at most a thousand
per second and target group: percentiles stay true, and the report stays small.
"""

import random
from typing import Any

_SAMPLE = 1000


class GroupCounters:
    """What happened to the requests of one target group since the last report.

    As with AWS a request counts when a target was chosen for it, whatever becomes of it then.
    """

    __slots__ = ("connection_errors", "requests", "seen", "statuses", "times")

    def __init__(self) -> None:
        self.requests = 0
        self.statuses = [0] * 6
        self.connection_errors = 0
        self.seen = 0
        self.times: list[float] = []

    def responded(self, status: int, seconds: float) -> None:
        """Count a target's answer."""
        self.statuses[min(status // 100, 5)] += 1
        self.seen += 1
        if self.seen <= _SAMPLE:
            self.times.append(seconds)
        elif (slot := int(random.random() * self.seen)) < _SAMPLE:
            self.times[slot] = seconds

    def report(self) -> dict[str, list[float]]:
        """Return CloudWatch metric values and start afresh."""
        values: dict[str, list[float]] = {}
        if self.requests:
            values["RequestCount"] = [self.requests]
        if self.times:
            values["TargetResponseTime"] = self.times
        for kind in (2, 3, 4, 5):
            if self.statuses[kind]:
                values[f"HTTPCode_Target_{kind}XX_Count"] = [self.statuses[kind]]
        if self.connection_errors:
            values["TargetConnectionErrorCount"] = [self.connection_errors]
        self.__init__()
        return values


class Counters:
    """What happened at the load balancer itself since the last report."""

    __slots__ = ("fixed", "new_connections", "redirects", "refused", "requests", "statuses")

    def __init__(self) -> None:
        self.requests = 0
        self.new_connections = 0
        self.fixed = 0
        self.redirects = 0
        self.statuses: dict[int, int] = {}

    def answered(self, status: int) -> None:
        """Count an answer that the load balancer made itself because something was wrong."""
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def report(self, active_connections: int) -> dict[str, list[float]]:
        """Return CloudWatch metric values and start afresh."""
        values: dict[str, list[float]] = {}
        counted: dict[str, Any] = {
            "RequestCount": self.requests,
            "NewConnectionCount": self.new_connections,
            "ActiveConnectionCount": active_connections,
            "HTTP_Fixed_Response_Count": self.fixed,
            "HTTP_Redirect_Count": self.redirects,
            "HTTPCode_ELB_4XX_Count": sum(n for s, n in self.statuses.items() if s < 500),
            "HTTPCode_ELB_5XX_Count": sum(n for s, n in self.statuses.items() if s >= 500),
            **{f"HTTPCode_ELB_{s}_Count": n for s, n in self.statuses.items() if s >= 500},
        }
        values.update({name: [count] for name, count in counted.items() if count})
        self.__init__()
        return values
