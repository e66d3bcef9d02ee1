"""How batches get through: property-based, with functions that fail in every way."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformctl.region.services.lambda_events import delivery
from platformctl.region.services.lambda_events.delivery import Delivery, Outcome, Record


def records(count, arrived=100.0):
    return [Record(str(number), "key", arrived, {}) for number in range(count)]


class Function:
    """Fails for some records, as a whole or by naming them, and notes what it did."""

    def __init__(self, poison, *, names):
        self.poison = poison
        self.names = names
        self.done = []
        self.invocations = 0

    async def invoke(self, batch):
        self.invocations += 1
        bad = [record.sequence for record in batch if record.sequence in self.poison]
        if self.names:
            first = int(bad[0]) if bad else float("inf")
            self.done += [r.sequence for r in batch if int(r.sequence) < first]
            return Outcome(bad)
        if bad:
            return Outcome(None, "Unhandled")
        self.done += [record.sequence for record in batch]
        return Outcome(())


def deliver(function, batch, **settings):
    given_up = []

    async def give_up(what):
        given_up.append(what)

    wanted = {"retries": 0, "max_age": -1, "bisect": True, "now": lambda: 100.0, **settings}
    made = Delivery(invoke=function.invoke, give_up=give_up, **wanted)
    return asyncio.run(made.deliver(batch)), given_up


@given(
    count=st.integers(1, 60),
    poison=st.sets(st.integers(0, 59)),
    names=st.booleans(),
)
def test_good_records_are_done_once_in_order_and_exactly_the_poison_is_given_up(
    count, poison, names
):
    function = Function({str(number) for number in poison}, names=names)
    well, given_up = deliver(function, records(count))

    bad = sorted(number for number in poison if number < count)
    assert function.done == [str(n) for n in range(count) if n not in poison]
    assert [int(record.sequence) for each in given_up for record in each.records] == bad
    assert well is (not bad)


def test_without_bisecting_a_batch_is_given_up_as_a_whole():
    function = Function({"3"}, names=False)
    _, (given_up,) = deliver(function, records(5), bisect=False)

    assert [record.sequence for record in given_up.records] == ["0", "1", "2", "3", "4"]
    assert given_up.condition == delivery.EXHAUSTED


def test_a_record_has_its_attempts_and_no_more(monkeypatch):
    monkeypatch.setattr(delivery, "FIRST_PAUSE", 0.001)
    function = Function({"0"}, names=False)
    _, (given_up,) = deliver(function, records(1), retries=4)

    assert function.invocations == given_up.invocations == 5


def test_old_records_are_given_up_without_being_tried():
    function = Function(set(), names=False)
    batch = [*records(2, arrived=10.0), Record("2", "key", 90.0, {})]
    well, (given_up,) = deliver(function, batch, max_age=60)

    assert function.done == ["2"]
    assert [record.sequence for record in given_up.records] == ["0", "1"]
    assert given_up.condition == delivery.TOO_OLD
    assert not well


@pytest.mark.parametrize("answer", [Outcome(["nobody"]), Outcome(None)])
def test_an_answer_that_makes_no_sense_fails_the_whole_batch(answer):
    class Confused(Function):
        async def invoke(self, batch):
            return answer

    _, given_up = deliver(Confused(set(), names=True), records(2), bisect=False)

    assert len(given_up[0].records) == 2
