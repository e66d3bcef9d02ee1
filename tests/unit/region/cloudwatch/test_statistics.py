"""Buckets answer every statistic, and merge without losing any."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformctl.region.services.cloudwatch.statistics import EXACT_VALUES, Bucket, known, merged

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200)


def bucket(values: list[float]) -> Bucket:
    made = Bucket()
    for value in values:
        made.add(value)
    return made


def test_percentiles_of_few_values_are_exact() -> None:
    made = bucket([float(value) for value in range(1, 51)])
    assert made.statistic("p50") == 25
    assert made.statistic("p99") == 50
    assert made.statistic("p100") == 50
    assert made.statistic("tm50") == 13


@settings(deadline=None)  # a busy machine is no failure
@given(values=st.lists(st.floats(0.001, 1e6), min_size=EXACT_VALUES + 1, max_size=300))
def test_percentiles_of_many_values_are_within_a_per_cent(values: list[float]) -> None:
    made = bucket(values)
    for percent in (50, 95, 99):
        rank = max(0, -(-len(values) * percent // 100) - 1)
        exact = sorted(values)[rank]
        assert made.statistic(f"p{percent}") == pytest.approx(exact, rel=0.01)


@settings(deadline=None)  # a busy machine is no failure
@given(left=VALUES, right=VALUES)
def test_merging_is_the_same_as_adding_everything_to_one(
    left: list[float], right: list[float]
) -> None:
    together, apart = bucket(left + right), merged([bucket(left), bucket(right)])
    for statistic in ("SampleCount", "Minimum", "Maximum"):
        assert apart.statistic(statistic) == together.statistic(statistic)
    assert apart.total == pytest.approx(together.total, abs=1e-3)
    assert apart.statistic("p50") == pytest.approx(together.statistic("p50"), rel=0.02, abs=1e-9)


@settings(deadline=None)  # a busy machine is no failure
@given(values=VALUES)
def test_a_snapshot_restores_the_bucket(values: list[float]) -> None:
    made = bucket(values)
    restored = Bucket.restored(made.snapshot())
    assert restored.snapshot() == made.snapshot()
    assert restored.statistic("p90") == made.statistic("p90")


@pytest.mark.parametrize("statistic", ["p", "p101", "q50", "average", "", "p99.9x"])
def test_other_statistics_are_not_known(statistic: str) -> None:
    assert not known(statistic)
    with pytest.raises(ValueError, match="unknown statistic"):
        bucket([1.0]).statistic(statistic)
