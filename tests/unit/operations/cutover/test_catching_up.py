"""Whether a consumer works is told by what waits for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformctl.operations.cutover.steps.consuming import catches_up

WAITING = st.floats(min_value=0, max_value=1e9)


@pytest.mark.parametrize(
    ("values", "usual"),
    [
        ([3000, 900], 20),
        ([9, 9, 12, 22, 21], 0),
        ([500, 800, 790], None),
        ([22], 69),
        ([0], None),
        ([0], 0),
    ],
)
def test_what_waits_got_less_once_or_is_no_more_than_usual(values, usual):
    assert catches_up(values, usual)


@pytest.mark.parametrize("usual", [0, 20, None])
def test_before_anybody_has_measured_nothing_is_known(usual):
    assert not catches_up([], usual)


@given(st.lists(WAITING, min_size=1), st.none() | WAITING)
def test_what_only_grows_beyond_the_usual_is_consumed_by_nobody(values, usual):
    above = [value + (usual or 0) + 1 for value in sorted(values)]

    assert not catches_up(above, usual)
