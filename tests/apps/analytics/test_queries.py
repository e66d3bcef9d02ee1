from datetime import UTC, datetime, timedelta, timezone

import pytest
from api.queries import Cursor, Grouping, ParameterError, Summary, period
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 5, 1, 12, 30, 15, 5, tzinfo=UTC)


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=128),
)
def test_a_cursor_comes_back_as_it_went(moment, identifier):
    cursor = Cursor(moment, identifier)

    assert Cursor.decode(cursor.encode()) == cursor


@given(st.text(max_size=60))
def test_any_other_text_is_refused_as_a_cursor(text):
    try:
        decoded = Cursor.decode(text)
    except ParameterError:
        return
    assert Cursor.decode(decoded.encode()) == decoded


def test_without_bounds_the_period_is_the_day_up_to_the_end_of_this_minute():
    since, until = period(None, None, NOW)

    assert until == datetime(2026, 5, 1, 12, 31, tzinfo=UTC)
    assert until - since == timedelta(days=1)


def test_the_same_moment_in_another_zone_is_the_same_question():
    there = timezone(timedelta(hours=5))
    questions = [
        Summary(*period(NOW.astimezone(zone), None, NOW + timedelta(hours=1)), Grouping.HOUR, 10)
        for zone in (UTC, there)
    ]

    assert questions[0].key == questions[1].key


@pytest.mark.parametrize("length", [timedelta(0), timedelta(days=-1), timedelta(days=93)])
def test_an_empty_or_endless_period_is_refused(length):
    with pytest.raises(ParameterError) as caught:
        period(NOW - length, NOW, NOW)

    assert caught.value.field == "from"
