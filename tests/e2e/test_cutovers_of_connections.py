"""Cutovers, rollbacks and aborts under short and long requests and WebSockets."""

import json
from collections import Counter

import pytest
from support.cutovers import Store
from support.ecs import wait_for
from support.proofs import RATE, SOCKETS, acts
from support.region import running_region
from support.traffic import Mix, Traffic
from support.versions import STOREFRONT, good

from platformctl.config.cutover import CutoverConfig
from platformctl.operations.cutover.rollback import roll_back
from platformctl.operations.kernel.events import StepChanged
from platformctl.operations.kernel.states import State, StepState

DRAIN_SECONDS = 12
"""Longer than a long request takes."""
LONG = 3
"""Requests of ten seconds that are under way all the time."""
CUT = "closed with 1006"
WARM = {
    "keepWarmSeconds": 600,
    "deadlineSeconds": 120,
    "analysis": {"p99Milliseconds": None, "periodSeconds": 1},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    with running_region(folder / "region") as region:
        yield Store(folder, region, drain_seconds=DRAIN_SECONDS)


class Operator:
    """Who deploys the two good releases of the store, again and again.

    Args:
        store: The store.
    """

    def __init__(self, store):
        self.store = store
        self.console = store.console()
        self.console.observers.append(self._abort)
        self.releases = [store.release(name, good(name, STOREFRONT)) for name in ("a", "b")]
        self.aborting = False

    def cutover(self, _):
        operation = self._deploy()
        assert operation.state is State.SUCCEEDED, operation.outcome

    def rollback(self, _):
        timing = CutoverConfig.model_validate(WARM)
        operation = roll_back(
            self.console.runner(),
            "dev",
            self.store.service,
            timing,
            self.console.table,
            reason="a proof",
        )
        assert operation.state is State.SUCCEEDED, operation.outcome

    def abort(self, _):
        serving, self.aborting = self.store.serving, True
        operation = self._deploy()
        assert operation.state is State.CANCELLED, operation.outcome
        self.aborting = False
        assert self.store.serving == serving

    def _deploy(self):
        standing = self.console.standing
        before = standing.running if standing else self.store.releases["r1"]
        after = next(each for each in self.releases if each != before)
        return self.console.cut_over(after, WARM, before=before)

    def _abort(self, event):
        begins = isinstance(event, StepChanged) and event.step.state is StepState.RUNNING
        if self.aborting and begins and event.step.name == "analyse-50":
            self.console.runner().abort(event.operation.id, "a proof")


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_long_requests_finish_and_every_message_is_answered_whatever_is_deployed(store):
    operator, done = Operator(store), Counter()
    url = store.service.balancing.url
    with Traffic(Mix(url=url, rate=RATE, sockets=SOCKETS, long=LONG)) as traffic:
        wait_for(lambda: traffic.report().of("message"), what="messages")
        for act in acts():
            getattr(operator, act.kind)(act.number)
            done[act.kind] += 1
        report = traffic.stop()

    # What is open still when a side that was stopped has had its deregistration delay is cut, as
    # AWS does it, without a word to the client: that has to connect again, at once, to be served.
    cut = [failure for failure in report.failures if failure.error == CUT]
    assert len(report.failures) == len(cut), report.explain()
    opened = [record for record in report.of("socket") if not record.error]
    assert len(opened) >= SOCKETS + len(cut)
    assert len(report.of("slow")) >= LONG
    orders = store.orders.read_text().splitlines()
    balance = report.balance(json.loads(order)["id"] for order in orders)
    assert balance.even, balance
    print(
        f"\n{dict(done)}: {len(report.records)} requests and messages, none failed; "
        f"{len(report.of('slow'))} long ones; {len(cut)} WebSockets cut after their delay; "
        f"answered by {dict(report.releases)}"
    )
