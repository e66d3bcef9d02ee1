"""The deployment planner: its promises, on any service, at any moment."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformctl.region.services.ecs import planner
from platformctl.region.services.ecs.planner import Goal, TaskView, plan

NEW, OLD = "new", "old"


@st.composite
def goals(draw: st.DrawFn) -> Goal:
    minimum = draw(st.integers(0, 100))
    return Goal(
        NEW,
        draw(st.integers(0, 8)),
        minimum,
        draw(st.integers(max(minimum, 100 if minimum < 100 else 101), 300)),
        frozen=draw(st.booleans()),
    )


tasks = st.lists(
    st.tuples(st.sampled_from([NEW, OLD]), st.booleans(), st.booleans(), st.integers(0, 9)),
    max_size=20,
).map(
    lambda drawn: [
        TaskView(str(number), deployment, healthy and not stopping, stopping, float(created))
        for number, (deployment, healthy, stopping, created) in enumerate(drawn)
    ]
)


@settings(deadline=None)  # a busy machine is no failure
@given(goal=goals(), tasks=tasks)
def test_a_plan_never_exceeds_the_maximum_by_what_it_starts(
    goal: Goal, tasks: list[TaskView]
) -> None:
    made = plan(goal, tasks)
    live = [task for task in tasks if not task.stopping]
    if made.start:
        assert len(live) + made.start <= max(goal.maximum, 1)
        assert not goal.frozen


@settings(deadline=None)  # a busy machine is no failure
@given(goal=goals(), tasks=tasks)
def test_a_plan_never_takes_healthy_tasks_below_the_minimum(
    goal: Goal, tasks: list[TaskView]
) -> None:
    made = plan(goal, tasks)
    healthy = {task.id for task in tasks if task.healthy}
    if healthy & set(made.stop):
        assert len(healthy - set(made.stop)) >= min(goal.minimum, goal.desired)


@settings(deadline=None)  # a busy machine is no failure
@given(goal=goals(), tasks=tasks)
def test_a_plan_stops_only_what_runs_and_each_once(goal: Goal, tasks: list[TaskView]) -> None:
    made = plan(goal, tasks)
    assert len(set(made.stop)) == len(made.stop)
    assert set(made.stop) <= {task.id for task in tasks if not task.stopping}
    if made.steady:
        assert not made.stop
        assert not made.start


@settings(deadline=None)  # a busy machine is no failure
@given(goal=goals(), tasks=tasks)
def test_doing_what_is_planned_leads_to_a_steady_state_or_says_what_blocks_it(
    goal: Goal, tasks: list[TaskView]
) -> None:
    goal = dataclasses.replace(goal, frozen=False)
    for round_ in range(200):
        made = plan(goal, tasks)
        if made.steady or made.blocked:
            break
        tasks = [
            dataclasses.replace(task, healthy=True)
            for task in tasks
            if task.id not in made.stop and not task.stopping
        ]
        tasks += [TaskView(f"{round_}-{n}", NEW, created=float(round_)) for n in range(made.start)]
    if made.blocked:
        # Only percentages that leave no whole task between them block a deployment.
        assert goal.minimum >= goal.maximum
        return
    live = [task for task in tasks if not task.stopping]
    assert made.steady
    assert len(live) == goal.desired
    assert {task.deployment for task in live} <= {NEW}


@settings(deadline=None)  # a busy machine is no failure
@given(old=st.integers(0, 8), desired=st.integers(0, 8))
def test_a_frozen_deployment_keeps_the_old_tasks_that_are_needed(old: int, desired: int) -> None:
    goal = Goal(NEW, desired, frozen=True)
    made = plan(goal, [TaskView(str(number), OLD, healthy=True) for number in range(old)])
    assert made.start == 0
    assert len(made.stop) == max(0, old - desired)


def test_with_no_room_above_the_desired_count_old_tasks_make_way() -> None:
    goal = Goal(NEW, 4, minimum_healthy_percent=50, maximum_percent=100)
    made = plan(goal, [TaskView(str(number), OLD, healthy=True) for number in range(4)])
    assert len(made.stop) == 2
    assert made.start == 0


@pytest.mark.parametrize(
    ("minimum", "maximum", "blocked"), [(51, 100, True), (50, 100, False), (100, 200, False)]
)
def test_percentages_without_a_whole_task_between_them_block_a_deployment(
    minimum: int, maximum: int, blocked: bool
) -> None:
    goal = Goal(NEW, 2, minimum_healthy_percent=minimum, maximum_percent=maximum)
    made = plan(goal, [TaskView(str(number), OLD, healthy=True) for number in range(2)])
    assert made.blocked is blocked


def test_scaling_in_takes_the_unhealthy_first_then_the_newest() -> None:
    tasks = [
        TaskView("old", NEW, healthy=True, created=1.0),
        TaskView("new", NEW, healthy=True, created=2.0),
        TaskView("ill", NEW, created=0.0),
    ]
    assert plan(Goal(NEW, 1), tasks).stop == ("ill", "new")


@pytest.mark.parametrize(("desired", "threshold"), [(1, 3), (6, 3), (10, 5), (900, 200)])
def test_the_circuit_breaker_opens_at_half_of_the_desired_count(
    desired: int, threshold: int
) -> None:
    assert planner.failure_threshold(desired) == threshold


def test_starting_waits_longer_after_each_failure_up_to_a_minute() -> None:
    delays = [planner.start_delay(failures) for failures in range(12)]
    assert delays[:5] == [0.0, 0.5, 1.0, 2.0, 4.0]
    assert delays == sorted(delays)
    assert max(delays) == planner.LONGEST_DELAY
