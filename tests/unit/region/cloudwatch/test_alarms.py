"""When an alarm fires: CloudWatch's own table of missing data, and M out of N."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformctl.region.services.cloudwatch.alarms import (
    ALARM,
    EXTRA_PERIODS,
    INSUFFICIENT,
    OK,
    Condition,
    Verdict,
    evaluate,
)

KEPT = "kept"


def points(picture: str) -> list[tuple[float, float | None]]:
    """Read `- X 0`: missing, breaching, fine; oldest first."""
    values = {"-": None, "X": 9.0, "0": 0.0}
    return [(60.0 * index, values[sign]) for index, sign in enumerate(picture.split())]


def state(picture: str, missing: str, *, needed: int, current: str = KEPT) -> str:
    condition = Condition("GreaterThanThreshold", 5.0, 3, needed, missing)
    verdict = evaluate(condition, points(picture), current)
    return current if verdict is None else verdict.state


@pytest.mark.parametrize(
    ("picture", "needed", "missing", "ignored", "breaching", "not_breaching"),
    [
        ("0 - X - X", 3, OK, OK, OK, OK),
        ("0 - - - -", 3, OK, OK, OK, OK),
        ("- - - - -", 3, INSUFFICIENT, KEPT, ALARM, OK),
        ("0 X X - X", 3, ALARM, ALARM, ALARM, ALARM),
        ("- - X - -", 3, ALARM, KEPT, ALARM, OK),
        ("0 - X - X", 2, ALARM, ALARM, ALARM, ALARM),
        ("0 0 X 0 X", 2, ALARM, ALARM, ALARM, ALARM),
        ("0 - X - -", 2, OK, OK, ALARM, OK),
        ("- - - - 0", 2, OK, OK, ALARM, OK),
        ("- - - - X", 2, KEPT, KEPT, ALARM, OK),
    ],
)
def test_missing_data_is_treated_as_asked(
    picture: str, needed: int, missing: str, ignored: str, breaching: str, not_breaching: str
) -> None:
    assert state(picture, "missing", needed=needed) == missing
    assert state(picture, "ignore", needed=needed) == ignored
    assert state(picture, "breaching", needed=needed) == breaching
    assert state(picture, "notBreaching", needed=needed) == not_breaching


def test_the_reason_names_datapoints_threshold_and_change() -> None:
    condition = Condition("GreaterThanThreshold", 1.0, 1, 1)
    verdict = evaluate(condition, [(0.0, None), (60.0, None), (120.0, 5.0)], OK)
    assert verdict == Verdict(
        ALARM,
        "Threshold Crossed: 1 out of the last 1 datapoint [5.0 (01/01/70 00:02:00)] was greater "
        "than the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition).",
    )


@settings(deadline=None)  # a busy machine is no failure
@given(
    values=st.lists(st.sampled_from([0.0, 9.0]), min_size=3 + EXTRA_PERIODS, max_size=5),
    missing=st.sampled_from(["breaching", "notBreaching", "ignore", "missing"]),
    needed=st.integers(1, 3),
)
def test_without_missing_data_the_newest_n_datapoints_decide(
    values: list[float], missing: str, needed: int
) -> None:
    condition = Condition("GreaterThanThreshold", 5.0, 3, needed, missing)
    verdict = evaluate(condition, [(float(at), value) for at, value in enumerate(values)], OK)
    expected = ALARM if values[-3:].count(9.0) >= needed else OK
    assert verdict is not None
    assert verdict.state == expected


@settings(deadline=None)  # a busy machine is no failure
@given(picture=st.lists(st.sampled_from("-X0"), min_size=5, max_size=5), needed=st.integers(1, 3))
def test_an_alarm_that_treats_missing_as_breaching_never_lacks_data(
    picture: list[str], needed: int
) -> None:
    for missing in ("breaching", "notBreaching"):
        assert state(" ".join(picture), missing, needed=needed) in {OK, ALARM}
