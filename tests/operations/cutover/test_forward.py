"""A cutover moves every request to the new release, and nobody notices."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from support.versions import STOREFRONT, good
from websockets.sync.client import connect

from platformctl.operations.kernel.states import State


def test_a_cutover_moves_everybody_and_fails_nobody(store, console):
    after = store.release("r2", good("2", STOREFRONT))
    with store.customers() as crowd:
        operation = console.cut_over(after)
        crowd.ask_again()

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert crowd.failures == {}
    assert store.serving == "green"
    assert store.ask().headers["x-release"] == "r2"
    assert console.standing.running == after
    assert not console.standing.degraded


@pytest.mark.fault(28)
def test_what_is_under_way_at_the_switch_ends_where_it_began(store, console):
    """Requests that take seconds are answered, and WebSockets go on until their side drains."""
    after = store.release("r2", good("2", STOREFRONT))
    url = store.service.balancing.url
    heard = []
    with (
        ThreadPoolExecutor() as pool,
        connect(f"{url.replace('http', 'ws', 1)}/socket") as socket,
    ):

        def talk(event):
            if getattr(getattr(event, "step", None), "name", "") in ("shift-100", "promote"):
                socket.send("still there?")
                heard.append(socket.recv(timeout=10))

        console.observers.append(talk)
        slow = [pool.submit(store.ask, "/slow?seconds=3") for _ in range(5)]
        operation = console.cut_over(after, {"weights": [100], "bakeSeconds": 0})
        answers = [each.result() for each in slow]

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert [answer.status_code for answer in answers] == [200] * 5
    assert {answer.headers["x-release"] for answer in answers} == {"r1"}
    assert len(heard) >= 2
    assert all('"r1"' in each for each in heard), "an open connection stays where it is"
