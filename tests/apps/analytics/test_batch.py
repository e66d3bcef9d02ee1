"""What a request's body becomes, whatever is in it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingestion.batch import BodyError, read_batch
from ingestion.settings import Limits
from support.analytics import event

LIMITS = Limits()
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def read(*events):
    return read_batch(json.dumps({"events": events}).encode(), LIMITS, NOW)


def good(**changes):
    return event(timestamp=NOW.isoformat(), **changes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"eventId": ""}, "eventId"),
        ({"eventId": "x" * 129}, "eventId"),
        ({"eventId": 7}, "eventId"),
        ({"userId": None}, "userId"),
        ({"userId": "a\0b"}, "userId"),
        ({"sessionId": []}, "sessionId"),
        ({"eventType": "1st"}, "eventType"),
        ({"eventType": "a b"}, "eventType"),
        ({"eventType": "t" * 65}, "eventType"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": 1_700_000_000}, "timestamp"),
        ({"timestamp": "2026-05-01T12:00:00"}, "timestamp"),
        ({"timestamp": (NOW + timedelta(minutes=6)).isoformat()}, "timestamp"),
        ({"timestamp": (NOW - timedelta(days=31)).isoformat()}, "timestamp"),
        ({"properties": []}, "properties"),
        ({"properties": {"deep": [{"key\0": 1}]}}, "properties"),
        ({"properties": {"n": float("inf")}}, "properties"),
        ({"properties": {"n": [float("nan")]}}, "properties"),
        ({"properties": {"text": "x" * 70_000}}, "properties"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_member_is_named_and_the_neighbours_are_kept(changes, field):
    batch = read(good(), {**good(), **changes}, good())

    assert {(item.index, item.field) for item in batch.rejections} == {(1, field)}
    assert len(batch.messages) == 2


@pytest.mark.parametrize("member", ["eventId", "userId", "sessionId", "eventType", "timestamp"])
def test_a_missing_member_is_named(member):
    lacking = good()
    del lacking[member]

    batch = read(lacking)

    assert [item.field for item in batch.rejections] == [member]
    assert batch.messages == []


def test_properties_may_be_left_out():
    lacking = good()
    del lacking["properties"]

    assert len(read(lacking).messages) == 1


def test_an_event_that_is_no_object_is_refused_alone():
    batch = read("text", good(), None)

    assert [item.index for item in batch.rejections] == [0, 2]
    assert len(batch.messages) == 1


def test_text_that_only_looks_suspicious_is_kept():
    text = {"note": "\\u0000 is NUL", "NaN": "Infinity"}
    batch = read(good(properties=text))

    assert json.loads(batch.messages[0][1])["properties"] == text


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
members = ("eventId", "userId", "sessionId", "eventType", "timestamp", "properties", "other")
wild = st.dictionaries(st.sampled_from(members), values).map(lambda changes: {**good(), **changes})


@settings(max_examples=300, deadline=None)
@given(st.lists(wild | values, min_size=1, max_size=6))
def test_every_event_is_either_taken_or_refused_and_what_is_taken_is_plain_json(events):
    body = json.dumps({"events": events}).encode()
    try:
        batch = read_batch(body, LIMITS, NOW)
    except BodyError:
        # Half a surrogate pair is no text; then the whole body is no JSON.
        assert "\\ud" in body.decode()
        return

    refused = {item.index for item in batch.rejections}
    assert len(batch.messages) + len(refused) == len(events)
    for _, value in batch.messages:
        assert b"\\u0000" not in value.replace(b"\\\\", b"")
        json.loads(value, parse_constant=pytest.fail)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_body_whatsoever_is_more_than_a_body_error(body):
    with pytest.raises(BodyError):
        read_batch(body, LIMITS, NOW)
