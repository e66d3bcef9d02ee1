"""Exact shares, and signed cookies."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from platformctl.region.balancer import cookies
from platformctl.region.balancer.weights import SmoothWeights


@given(st.lists(st.integers(0, 999), min_size=1, max_size=5).filter(any), st.integers(1, 3))
def test_every_whole_cycle_shares_out_exactly_by_weight(weights: list[int], cycles: int) -> None:
    chooser = SmoothWeights(weights)
    turns = Counter(chooser.choose() for _ in range(sum(weights) * cycles))
    assert turns == {i: weight * cycles for i, weight in enumerate(weights) if weight}


@given(st.lists(st.integers(0, 999), min_size=1, max_size=5).filter(any))
def test_no_prefix_strays_more_than_one_turn_per_index_from_its_share(weights: list[int]) -> None:
    chooser = SmoothWeights(weights)
    total = sum(weights)
    seen: Counter[int | None] = Counter()
    for turn in range(1, min(total, 300) + 1):
        seen[chooser.choose()] += 1
        for index, weight in enumerate(weights):
            assert abs(seen[index] - turn * weight / total) <= len(weights)


def test_all_weights_zero_choose_nothing() -> None:
    assert SmoothWeights([0, 0]).choose() is None


@given(st.binary(max_size=60))
def test_a_cookie_that_is_not_ours_names_nothing(value: bytes) -> None:
    assert cookies.unseal(b"k" * 16, value, 3600, 1000.0) is None


def test_a_cookie_names_what_it_was_sealed_for_until_it_expires() -> None:
    key, name = b"k" * 16, cookies.digest("10.0.0.1:80")
    sealed = cookies.seal(key, name, 1000.0)
    assert cookies.unseal(key, sealed, 60, 1059.0) == name
    assert cookies.unseal(key, sealed, 60, 1061.0) is None
    assert cookies.unseal(b"x" * 16, sealed, 60, 1000.0) is None


def test_a_cookie_is_found_among_others() -> None:
    assert cookies.find(b"a=1; AWSALB=x=y ; b=2", b"AWSALB") == b"x=y"
    assert cookies.find(b"a=1", b"AWSALB") is None
