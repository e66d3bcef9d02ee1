"""A cutover moves every request to the new release, and nobody notices."""

import time

from support.versions import STOREFRONT, good

from platformctl.operations.kernel.states import State


def test_a_cutover_moves_everybody_and_fails_nobody(store, console):
    after = store.release("r2", good("2", STOREFRONT))
    with store.customers() as crowd:
        operation = console.cut_over(after)
        time.sleep(0.3)

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert crowd.failures == {}
    assert store.serving == "green"
    assert store.ask().headers["x-release"] == "r2"
    assert console.standing.running == after
    assert not console.standing.degraded
