"""The journal under faults: nothing is done without a record, and nothing twice."""

import uuid

import pytest
from support.fault_proxy import fault_proxy
from support.fault_rules import EXPIRED, INTERNAL, THROTTLED, LoseReply, Refuse, Reset
from support.operations import Console, SetStep, World, create_table, plan
from support.region import client

from platformctl.errors import AuthenticationError, StateError
from platformctl.operations.kernel.states import State

NAMES = ("one", "two", "three")


@pytest.fixture
def proxied(region):
    """Yield a proxy before the region, a console behind it, and what its operations change."""
    world, table = World(), f"operations-{uuid.uuid4()}"
    create_table(region.client("dynamodb"), table)
    with fault_proxy(region.endpoint) as proxy:
        # These clients give up early: it is the kernel that has to bear what goes wrong.
        made = Console(
            client(proxy.url, "dynamodb", "us-east-1"),
            table,
            lambda killer: [SetStep(world, killer, name) for name in NAMES],
        )
        made.lease = 5.0  # a machine that is busy does not lose it meanwhile
        yield proxy, made, world


def expect_each_once(world):
    assert world.effects == [(name, "new") for name in NAMES]


@pytest.mark.fault(6)
def test_a_third_of_all_calls_throttled_is_borne(proxied):
    proxy, made, world = proxied
    throttled = proxy.inject(Refuse(THROTTLED), "dynamodb", share=0.3, skip=3)
    assert made.runner().run(plan()).state == State.SUCCEEDED
    assert throttled.hits > 0
    expect_each_once(world)


@pytest.mark.fault(7)
@pytest.mark.parametrize("effect", [LoseReply(), Reset(), Refuse(INTERNAL)])
def test_answers_that_are_lost_and_connections_that_are_cut_repeat_nothing(proxied, effect):
    proxy, made, world = proxied
    written = proxy.inject(effect, "dynamodb", "TransactWriteItems", share=0.4)
    held = proxy.inject(effect, "dynamodb", "PutItem", share=0.3, skip=1)
    assert made.runner().run(plan()).state == State.SUCCEEDED
    assert written.hits + held.hits > 0
    expect_each_once(world)
    assert made.leases.all() == []


@pytest.mark.fault(11)
def test_nothing_is_changed_once_the_journal_does_not_answer(proxied):
    proxy, made, world = proxied
    # The operation is recorded, begun, and its first step announced; then the table is away.
    away = proxy.inject(Refuse(INTERNAL), "dynamodb", "TransactWriteItems", skip=4)
    with pytest.raises(StateError, match="cannot be written") as refused:
        made.runner().run(plan())
    assert away.hits > 0
    assert "operation resume" in refused.value.remedy
    assert world.effects == [("one", "new")], "the step whose intent was recorded, no other"

    operation = next(made.journal.all())
    assert operation.state == State.RUNNING, "what was recorded can be read all the while"
    proxy.clear()
    assert made.runner().resume(operation.id).state == State.SUCCEEDED
    expect_each_once(world)


@pytest.mark.fault(9)
def test_credentials_that_expire_end_with_what_to_do(proxied):
    proxy, made, world = proxied
    proxy.inject(Refuse(EXPIRED), "dynamodb", skip=8)
    with pytest.raises(AuthenticationError) as refused:
        made.runner().run(plan())
    assert "log in again" in refused.value.remedy
    proxy.clear()
    operation = next(made.journal.all())
    assert made.runner().resume(operation.id).state == State.SUCCEEDED
    expect_each_once(world)
