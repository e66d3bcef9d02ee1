"""300 events a second from Kafka into PostgreSQL, and the consumer between them is cut over."""

import pytest
from support.ecs import wait_for
from support.kills import CallKiller
from support.ledger import Feed, Pipeline
from support.operations import Killed

from platformctl.operations.kernel.states import State

RATE = 300


@pytest.fixture
def pipeline(region):
    made = Pipeline(region)
    made.await_side("blue")
    yield made
    made.close()


@pytest.mark.fault(1)
@pytest.mark.fault(24)
def test_hand_overs_kills_and_a_way_back_lose_nothing_and_double_nothing(pipeline):
    second = pipeline.release("r2", "green")
    patient = {"bakeSeconds": 0, "deadlineSeconds": 120}
    with Feed(pipeline, RATE) as feed:
        wait_for(lambda: pipeline.count()[0] > 2 * RATE, seconds=60, what="the first events")

        # There, with the process of the command killed between the two sides.
        course = pipeline.course(second, **patient)
        killer = CallKiller(pipeline.clients, "UpdateService", 1, "after")
        with pytest.raises(Killed):
            pipeline.run(course, clients=killer.clients)
        there = pipeline.run(course)
        assert there.state is State.SUCCEEDED, there.outcome
        pipeline.await_side("green")
        assert pipeline.duplicates("green") == 0

        # Back again, undisturbed.
        back = pipeline.course(pipeline.first, before=second, back=True, **patient)
        returned = pipeline.run(back, "rollback")
        assert returned.state is State.SUCCEEDED, returned.outcome
        assert pipeline.duplicates("blue") == 0

        # And a task that is lost while its side consumes: what it had not committed comes again.
        task = pipeline.side("blue").task_arns()[0]
        pipeline.stage.ecs.stop_task(cluster=pipeline.name, task=task)
        wait_for(
            lambda: pipeline.side("blue").task_arns() not in ([], [task]),
            seconds=60,
            what="another task",
        )
        pipeline.await_side("blue")

    assert feed.failures == []
    wait_for(lambda: pipeline.count()[0] >= feed.sent, seconds=90, what="every event")
    assert pipeline.count() == (feed.sent, feed.sent)
