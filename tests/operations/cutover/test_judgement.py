"""What is not known is never a pass, and no figures fool the judge."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformctl.config.cutover import AnalysisConfig
from platformctl.operations.cutover.figures import Figures, enough, newest
from platformctl.operations.cutover.judgement import Verdict, judge
from platformctl.operations.cutover.metrics import MetricQuery, read_metrics

COUNTS = st.integers(min_value=0, max_value=10_000)
TIMES = st.one_of(st.none(), st.floats(min_value=0.1, max_value=30_000))
FIGURES = st.builds(
    lambda requests, failed, p95, p99: Figures(
        requests=requests, errors=min(requests, failed), p95=p95, p99=p99, seconds=1
    ),
    COUNTS,
    COUNTS,
    TIMES,
    TIMES,
)


def limits(**changes):
    return AnalysisConfig.model_validate({"minimumRequests": 20, **changes})


GOOD = Figures(requests=1000, errors=0, p95=20, p99=40, seconds=60)


def test_a_side_within_all_limits_passes():
    assert judge(GOOD, GOOD, limits()).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("new", "gate"),
    [
        (Figures(requests=1000, errors=20, p95=20, p99=40), "success"),
        (Figures(requests=1000, errors=0, p95=20, p99=501), "p99"),
        (Figures(requests=1000, errors=0, p95=71, p99=80), "p95 against the old side"),
    ],
)
def test_one_limit_that_is_broken_is_enough(new, gate):
    judgement = judge(new, GOOD, limits())

    assert judgement.verdict is Verdict.FAIL
    assert judgement.why.startswith(gate)


def test_errors_that_the_old_side_has_as_well_are_not_the_new_sides_fault():
    ill = Figures(requests=1000, errors=30, p95=20, p99=40)
    lenient = limits(successPercent=90, relativeErrorPercent=1)

    assert judge(ill, ill, lenient).verdict is Verdict.PASS
    worse = Figures(requests=1000, errors=41, p95=20, p99=40)
    assert judge(worse, ill, lenient).verdict is Verdict.FAIL


def test_a_difference_that_nobody_notices_is_none():
    slower = Figures(requests=1000, errors=0, p95=69, p99=80)

    assert judge(slower, GOOD, limits()).verdict is Verdict.PASS


@given(FIGURES, st.one_of(st.none(), FIGURES))
def test_too_few_requests_or_figures_that_are_missing_are_never_a_pass(new, old):
    judgement = judge(new, old, limits())

    if new.requests < 20:
        assert judgement.verdict is Verdict.NO_DATA
        assert all(gate.passed is None for gate in judgement.gates)
    if new.p99 is None:
        assert judgement.verdict is not Verdict.PASS
    if judgement.verdict is Verdict.PASS:
        assert new.errors / new.requests <= 0.01 + 1e-9
        assert new.p99 <= 500


@given(st.lists(FIGURES, max_size=8), st.integers(min_value=1, max_value=2000))
def test_the_newest_periods_are_summed_up_until_they_hold_enough(periods, least):
    total = enough(periods, least)

    assert total.requests <= sum(each.requests for each in periods)
    if sum(each.requests for each in periods) >= least:
        assert total.requests >= least
    known = [each.p95 for each in periods if each.p95 is not None and each.requests]
    if total.p95 is not None:
        assert min(known) - 1e-6 <= total.p95 <= max(known) + 1e-6


def test_what_was_measured_long_ago_does_not_tell_how_things_are():
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    old = Figures(requests=5, errors=0, p95=1, p99=1, seconds=1, until=now.timestamp() - 10)
    being_counted = Figures(requests=9, seconds=1, until=now.timestamp() + 0.5)
    whole = Figures(requests=7, seconds=1, until=now.timestamp() - 0.5)

    assert newest([old], now).requests == 0
    assert newest([being_counted, whole, old], now) == whole
    assert newest([], now).rate is None


def test_before_the_first_period_has_begun_nobody_is_asked():
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    query = MetricQuery(key="green", name="p95", namespace="N", metric="M", statistic="p95")

    assert read_metrics(None, [query], now + timedelta(seconds=30), now, 60) == {"green": []}
