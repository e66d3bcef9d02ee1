"""One load balancer: makes a configuration true, again and again, without dropping a request.

`apply` is level-triggered: it compares what is wanted with what is there and changes only that.
Listeners keep their sockets, groups their turns, targets their connections and health.
"""

import asyncio
import ssl
import time
from collections.abc import Mapping
from typing import Any

from platformctl.region.balancer.configuration import Configuration, Options
from platformctl.region.balancer.control import Report
from platformctl.region.balancer.health import Prober
from platformctl.region.balancer.listeners import Listener
from platformctl.region.balancer.metrics import Counters
from platformctl.region.balancer.proxy import BalancedConnection
from platformctl.region.balancer.server import ServerConnection
from platformctl.region.balancer.targets import IDLE_SECONDS, UNCHECKED, Group, Target


def _trusting_tls() -> ssl.SSLContext:
    """TLS towards targets, whose certificates ALB does not check either."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Balancer:
    """The data plane of one load balancer.

    Attributes:
        connections: Every client connection of every listener.
        groups: Target groups by ARN.
        counters: What happened at the load balancer since the last report.
        options: Attributes in force.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        self.connections: set[ServerConnection] = set()
        self.listeners: dict[str, Listener] = {}
        self.groups: dict[str, Group] = {}
        self.counters = Counters()
        self.options: Options = None  # type: ignore[assignment]  # set by the first apply
        self.cookie_key = b""
        self.label = ""
        self.upstream_tls = _trusting_tls()
        self.loop = asyncio.get_running_loop()
        self._logs: list[dict[str, Any]] = []
        self._ticker = self.loop.create_task(self._tick())

    async def obey(self, document: Mapping[str, Any]) -> None:
        """Make a configuration in its JSON form true and acknowledge it."""
        await self.apply(Configuration.read(document))

    async def apply(self, configuration: Configuration) -> None:
        """Make a configuration true and acknowledge it."""
        self.options = configuration.options
        self.cookie_key = bytes.fromhex(configuration.options.cookie_key)
        self.label = configuration.label
        self._apply_groups(configuration)
        await self._apply_listeners(configuration)
        wanted = {group.arn for group in configuration.groups}
        for arn in [arn for arn in self.groups if arn not in wanted]:
            for target in self.groups.pop(arn).targets.values():
                self._retire(target)
        self.report(
            {
                "applied": configuration.revision,
                "listeners": {arn: item.error for arn, item in self.listeners.items()},
            }
        )
        self.report({"health": [self._health(group) for group in self.groups.values()]})
        for group in self.groups.values():
            for target in group.targets.values():
                if target.spec.draining and target.inflight == 0:
                    self.drained(target)

    def _apply_groups(self, configuration: Configuration) -> None:
        for spec in configuration.groups:
            group = self.groups.get(spec.arn)
            if group is None:
                group = self.groups[spec.arn] = Group(spec)
            checked = group.spec.health.enabled
            new, gone = group.apply(spec)
            for target in gone:
                self._retire(target)
            if spec.health.enabled and not checked:
                new = list(group.targets.values())
            for target in group.targets.values():
                if target.probe and (target.spec.draining or not spec.health.enabled):
                    target.probe.cancel()
                    target.probe = None
            for target in new:
                if spec.health.enabled and not target.spec.draining and target.probe is None:
                    prober = Prober(group, target, self.upstream_tls, self._health_changed)
                    target.probe = self.loop.create_task(prober.run())

    async def _apply_listeners(self, configuration: Configuration) -> None:
        wanted = {listener.arn: listener for listener in configuration.listeners}
        for arn in [arn for arn in self.listeners if arn not in wanted]:
            self.listeners.pop(arn).close()
        for arn, spec in wanted.items():
            listener = self.listeners.get(arn)
            if listener is None:
                listener = self.listeners[arn] = Listener(self, spec)
                await listener.listen()
            else:
                await listener.apply(spec)

    def _retire(self, target: Target) -> None:
        """Forget a target that is no longer registered; requests in flight may finish."""
        if target.probe is not None:
            target.probe.cancel()
            target.probe = None
        target.close_idle()
        if not target.spec.draining:
            return
        target.cut()

    def drained(self, target: Target) -> None:
        """Report that a leaving target has no request left."""
        if target.inflight == 0:
            spec = target.spec
            self.report({"drained": [target.group.spec.arn, spec.id, spec.port]})

    def log(self, entry: dict[str, Any]) -> None:
        """Keep an access log entry for the next report."""
        self._logs.append(entry)

    def _health(self, group: Group) -> dict[str, Any]:
        return {
            "group": group.spec.arn,
            "targets": [
                [t.spec.id, t.spec.port, t.health.state, t.health.reason, t.health.description]
                for t in group.targets.values()
                if not t.spec.draining or t.health is UNCHECKED
            ],
        }

    def _health_changed(self, group: Group) -> None:
        self.report({"health": [self._health(group)]})

    async def _tick(self) -> None:
        """At each whole second: end what takes too long, and report what was in that second."""
        while True:
            await asyncio.sleep(1.0 - time.time() % 1.0)
            if self.options is None:
                continue
            now = self.loop.time()
            for connection in list(self.connections):
                if isinstance(connection, BalancedConnection):
                    connection.check_time(now)
            for group in self.groups.values():
                for target in group.targets.values():
                    target.close_idle(now - IDLE_SECONDS)
                    if target.spec.draining and target.spec.drain_until <= time.time():
                        target.cut()
            self._report_metrics()

    def _report_metrics(self) -> None:
        metrics: list[Any] = []
        for group in self.groups.values():
            values = {**group.counters.report(), **group.counts()}
            metrics.append([group.spec.label, values])
        active = len(self.connections) + sum(
            len(target.busy) for group in self.groups.values() for target in group.targets.values()
        )
        metrics.append(["", self.counters.report(active)])
        # Within the second that has just ended, though this may be a little early or late.
        self.report({"metrics": metrics, "at": time.time() - 0.5})
        if self._logs:
            self.report({"logs": self._logs})
            self._logs = []

    async def close(self) -> None:
        """Stop listening, let requests in flight finish for a moment, and end."""
        for listener in self.listeners.values():
            listener.close()
        deadline = self.loop.time() + 5.0
        while any(c.current for c in self.connections) and self.loop.time() < deadline:  # noqa: ASYNC110  # an event would cost every request
            await asyncio.sleep(0.02)
        self._ticker.cancel()
        for group in self.groups.values():
            for target in group.targets.values():
                self._retire(target)
                target.cut()
        for connection in list(self.connections):
            connection.transport.abort()
