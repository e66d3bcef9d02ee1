"""Property paths, and the options that use them."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from platformctl.engine.planning import paths
from platformctl.plugin.values import Secret


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ("a",)),
        ("a.b", ("a", "b")),
        ("a[0].b", ("a", 0, "b")),
        ('a["x.y"]', ("a", "x.y")),
        ('["a"].b', ("a", "b")),
        (r'a["say \"hi\""]', ("a", 'say "hi"')),
        ("a[*].b", ("a", "*", "b")),
        ("*", ("*",)),
        ("tags.app.kubernetes", ("tags", "app", "kubernetes")),
    ],
)
def test_paths_are_split(text: str, parts: tuple[str | int, ...]) -> None:
    assert paths.parse(text) == parts


@pytest.mark.parametrize("text", ["a[", "a]", "a[x]", 'a["x]'])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a property path"):
        paths.parse(text)


@pytest.mark.parametrize(
    ("pattern", "path", "touched"),
    [
        ("a", "a", True),
        ("a", "a.b[0]", True),
        ("a.b", "a", True),
        ("a.c", "a", False),
        ("a.b", "a.c", False),
        ("a.*", "a.c", True),
        ("*", "anything", True),
        ("list[*].x", "list[1].x", True),
        ("list[*].y", "list", False),
        ("list[*].x", "list", True),
    ],
)
def test_a_change_touches_a_pattern(pattern: str, path: str, touched: bool) -> None:
    old = {"a": {"b": 1, "c": 1}, "list": [{"x": 1, "y": 1}]}
    new = {"a": {"b": 2, "c": 1}, "list": [{"x": 2, "y": 1}]}

    assert paths.touches(pattern, path, old, new) is touched


@pytest.mark.parametrize(
    ("new", "old", "pattern", "kept"),
    [
        ({"a": 2}, {"a": 1}, "a", {"a": 1}),
        ({"a": 2}, {}, "a", {}),
        ({}, {"a": 1}, "a", {"a": 1}),
        ({"a": {"b": 2, "c": 2}}, {"a": {"b": 1, "c": 1}}, "a.b", {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": 2}}, {}, "a.b", {"a": {"b": 2}}),
        ({"a": [1, 2]}, {"a": [3, 4]}, "a[1]", {"a": [1, 4]}),
        ({"a": [1]}, {"a": [3, 4]}, "a[1]", {"a": [1]}),
        (
            {"a": [{"x": 1, "y": 1}, {"x": 1}]},
            {"a": [{"x": 2, "y": 2}]},
            "a[*].x",
            {"a": [{"x": 2, "y": 1}, {"x": 1}]},
        ),
        ({"a": 2, "b": 2}, {"a": 1, "c": 1}, "*", {"a": 1, "c": 1}),
        ({"a": Secret({"b": 2})}, {"a": {"b": 1}}, "a.b", {"a": Secret({"b": 1})}),
        ({"a": 2}, {"a": Secret(1)}, "a", {"a": Secret(1)}),
    ],
)
def test_what_is_ignored_stays_as_it_was(new, old, pattern: str, kept) -> None:
    assert paths.keep_old(new, old, [pattern]) == kept


VALUES = some.recursive(
    some.integers() | some.text(max_size=3),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.text("abc", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECTS = some.dictionaries(some.text("abc", min_size=1, max_size=2), VALUES, max_size=4)


@given(OBJECTS, OBJECTS)
def test_ignoring_everything_gives_the_old_properties(new: dict, old: dict) -> None:
    assert paths.keep_old(new, old, ["*"]) == old


@given(OBJECTS, OBJECTS, some.sampled_from(["a", "a.b", "b[0]", "*.c", "c[*].a"]))
def test_ignoring_twice_changes_no_more_and_nothing_in_place(
    new: dict, old: dict, pattern: str
) -> None:
    before = repr(new)

    once = paths.keep_old(new, old, [pattern])

    assert paths.keep_old(once, old, [pattern]) == once
    assert repr(new) == before
