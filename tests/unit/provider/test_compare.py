"""When two property values mean the same."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformctl.plugin.values import UNKNOWN, Asset
from platformctl.provider.compare import same

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (["a", "b"], ["b", "a"]),
        (8080, "8080"),
        (True, "true"),
        (None, []),
        ("", None),
        ('{"a": 1, "b": [1]}', '{ "b":[1],"a":1 }'),
        (
            {"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Principal": "*"}},
            {"Statement": [{"Effect": "Allow", "Action": ["s3:Get*"], "Principal": {"AWS": "*"}}]},
        ),
        ([{"a": 1}, {"b": 2}], [{"b": 2}, {"a": 1}]),
        (Asset(hash="1", path="/a"), Asset(hash="1", text="a")),
    ],
)
def test_values_that_mean_the_same_are_equal(left, right):
    assert same(left, right)
    assert same(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (["a"], ["a", "a"]),
        (UNKNOWN, "a"),
        ({"a": 1}, {"a": 1, "b": 2}),
        ('{"a": 1}', '{"a": 2}'),
        (Asset(hash="1", text="a"), Asset(hash="2", text="b")),
        ("{not json", "{not jsonx"),
    ],
)
def test_values_that_differ_are_not_equal(left, right):
    assert not same(left, right)


def test_order_counts_where_it_matters():
    containers = json.dumps([{"command": ["python", "-m", "api"]}])
    swapped = json.dumps([{"command": ["-m", "python", "api"]}])

    assert not same(containers, swapped)


def test_what_an_api_adds_by_itself_is_no_difference():
    assert same({"path": "/health"}, {"path": "/health", "timeout": 5}, subset=True)
    assert not same({"path": "/health"}, {"path": "/other", "timeout": 5}, subset=True)
    assert not same([{"a": 1}], [{"a": 1}, {"a": 2}], subset=True)
    assert not same([], [{"a": 1}], subset=True)


@given(VALUES)
def test_every_value_equals_itself(value):
    assert same(value, value)
    assert same(value, value, subset=True)
