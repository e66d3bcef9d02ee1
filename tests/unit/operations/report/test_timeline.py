"""The timeline: what stands where, whatever was measured."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.operation_story import Story, told

from platformctl.operations.report.measurement import Gate, Measurement, SideNumbers
from platformctl.operations.report.report import Report
from platformctl.operations.report.thinning import MOST_POINTS
from platformctl.operations.report.timeline import MOST_TICKS, make_timeline, ticks


def panel(timeline, title):
    return next(panel for panel in timeline.panels if panel.title == title)


def test_steps_are_bands_where_and_as_long_as_they_were():
    timeline = make_timeline(told(Story()))
    bands = {band.name: band for band in timeline.bands}

    assert list(bands)[:4] == ["preflight", "expand", "start", "ready"]
    assert (bands["ready"].number, bands["ready"].seconds) == (4, pytest.approx(6))
    assert bands["ready"].start == pytest.approx(3.8 / timeline.seconds)
    assert bands["promote"].end == pytest.approx(1)


def test_what_is_undone_is_a_band_after_the_step_that_failed():
    timeline = make_timeline(told(Story(fails="analyse-50")))
    failed, undo = timeline.bands[-2:]

    assert (failed.name, failed.state) == ("analyse-50", "failed")
    assert (undo.number, undo.start, undo.end) == (0, failed.end, 1)
    assert undo.seconds == pytest.approx(0.8)


def test_the_limit_is_drawn_where_it_is_near_and_only_told_where_it_is_far():
    timeline = make_timeline(told(Story(fails="analyse-50")))

    errors, latency = panel(timeline, "Errors"), panel(timeline, "Latency, p95")
    assert (errors.limit, errors.limit_drawn, errors.top) == (1, True, 6)
    assert (latency.limit, latency.limit_drawn, latency.top) == (500, False, 50)


def test_a_curve_is_broken_where_nothing_was_measured():
    report = told(Story())
    early, late = report.measurements[:3], report.measurements[-3:]
    timeline = make_timeline(replace(report, measurements=(*early, *late)))

    for curve in panel(timeline, "Latency, p95").curves:
        assert [len(piece) for piece in curve.pieces] == [3, 3]


def test_a_curve_that_is_measured_once_a_minute_is_whole():
    report = told(Story())
    operation = replace(report.operation, ended="2026-11-21T12:20:00.000Z")
    measurements = [
        replace(report.measurements[0], at=f"2026-11-21T12:{minute:02d}:00.000Z")
        for minute in range(2, 18)
    ]
    timeline = make_timeline(replace(report, operation=operation, measurements=measurements))

    for curve in panel(timeline, "Latency, p95").curves:
        assert [len(piece) for piece in curve.pieces] == [16]


def test_an_operation_without_measurements_has_steps_and_no_curves():
    report = replace(told(Story()), measurements=())
    timeline = make_timeline(report)

    assert timeline.bands
    assert not timeline.panels


def test_many_measurements_are_put_together_by_their_worst():
    report = told(Story())
    many = [
        Measurement(
            at=f"2026-11-21T12:00:{at // 100:02d}.{at % 100:02d}0Z",
            sides=[SideNumbers(key="green", role="new", weight=10, errors=9.0 * (at == 1234))],
        )
        for at in range(3000)
    ]
    timeline = make_timeline(replace(report, measurements=many))

    (curve,) = panel(timeline, "Errors").curves
    points = [point for piece in curve.pieces for point in piece]
    assert len(points) == MOST_POINTS
    assert max(value for _, value in points) == 9


@given(st.floats(min_value=1, max_value=1e6))
def test_the_axis_has_few_ticks_from_the_beginning_on(seconds):
    found = ticks(seconds)

    assert found[0] == 0
    assert found[-1] <= seconds
    assert 1 <= len(found) <= MOST_TICKS + 1


numbers = st.none() | st.floats(min_value=0, max_value=1e6)
sides = st.builds(
    SideNumbers,
    key=st.sampled_from(["blue", "green"]),
    role=st.sampled_from(["old", "new"]),
    version=st.none() | st.text(max_size=3),
    weight=st.none() | st.floats(min_value=0, max_value=100),
    requests=numbers,
    errors=numbers,
    p95=numbers,
)
moments = st.integers(min_value=0, max_value=10_000).map(
    lambda ms: f"2026-11-21T12:00:{ms // 1000:02d}.{ms % 1000:03d}Z"
)


@given(st.lists(st.builds(Measurement, sides=st.lists(sides, max_size=2), at=moments), max_size=20))
def test_whatever_was_measured_lies_within_its_panel(measurements):
    report = Report(operation=told(Story()).operation, measurements=measurements)

    for each in make_timeline(report).panels:
        for curve in each.curves:
            for piece in curve.pieces:
                assert all(0 <= x <= 1 for x, _ in piece)
                assert all(0 <= y <= each.top for _, y in piece)


def test_the_last_shares_hold_until_the_end():
    timeline = make_timeline(told(Story()))

    for curve in panel(timeline, "Traffic").curves:
        assert curve.pieces[-1][-1] == (1.0, 100.0 if curve.role == "new" else 0.0)


def test_what_a_side_was_judged_by_is_seen_even_where_its_newest_numbers_were_good():
    report = told(Story())
    *others, last = report.measurements
    gate = Gate(name="success", value=91.0, limit=99, comparison="≥", unit="%", passed=False)
    timeline = make_timeline(replace(report, measurements=[*others, replace(last, gates=[gate])]))

    old, new = panel(timeline, "Errors").curves
    assert max(value for piece in new.pieces for _, value in piece) == 9
    assert max(value for piece in old.pieces for _, value in piece) == 0


def test_a_side_that_is_called_by_a_colour_has_it_whichever_role_it_has():
    report = told(Story())
    swapped = [
        Measurement(
            at=each.at,
            sides=[
                SideNumbers(key="green", role="old", weight=50),
                SideNumbers(key="blue", role="new", weight=50),
            ],
        )
        for each in report.measurements
    ]
    versions = [
        replace(each, sides=[replace(side, key=f"1{n}") for n, side in enumerate(each.sides)])
        for each in swapped
    ]

    def colours(measurements):
        timeline = make_timeline(replace(report, measurements=measurements))
        return {curve.label: curve.colour for curve in panel(timeline, "Traffic").curves}

    assert colours(swapped) == {"green": "green", "blue": "blue"}
    assert colours(versions) == {"10": "blue", "11": "green"}
