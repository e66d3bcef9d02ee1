"""Waiting for health: patient with what is ill, short with what has failed for good."""

import itertools

import pytest

from platformctl.operations.status.report import (
    Health,
    Part,
    StatusReport,
    wait_until_healthy,
)


def reports(*healths):
    """Return a function that reads one report after the other, the last one for ever."""
    made = [StatusReport("local", [Part("service", "api", health, "")], 0.0) for health in healths]
    sequence = itertools.chain(made, itertools.repeat(made[-1]))
    return lambda: next(sequence)


def test_the_wait_ends_when_everything_is_healthy():
    read = reports(Health.CHANGING, Health.UNHEALTHY, Health.HEALTHY)

    assert wait_until_healthy(read, timeout=30, interval=0).healthy


def test_a_part_that_has_failed_for_good_ends_the_wait_at_once():
    seen = []
    read = reports(Health.CHANGING, Health.FAILED)
    report = wait_until_healthy(read, timeout=30, interval=0, on_report=seen.append)

    assert report.parts[0].health is Health.FAILED
    assert len(seen) == 2


@pytest.mark.parametrize("health", [Health.CHANGING, Health.UNHEALTHY, Health.UNKNOWN])
def test_what_may_still_mend_is_waited_for_until_the_time_is_up(health):
    report = wait_until_healthy(reports(health), timeout=0.05, interval=0.01)

    assert not report.healthy
