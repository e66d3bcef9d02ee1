"""Protobuf structs and property values."""

import hashlib
import os
from pathlib import Path

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as some

from platformctl.engine import wire
from platformctl.engine.monitor import marshal, requests
from platformctl.plugin.values import UNKNOWN, Archive, Asset, ResourceReference, Secret

HERE = Path(__file__).parent

LEAVES = (
    some.none()
    | some.booleans()
    | some.integers(-(2**53), 2**53)
    | some.floats(allow_nan=False, allow_infinity=False).filter(lambda f: not f.is_integer())
    | some.text()
    | some.just(UNKNOWN)
    | some.builds(ResourceReference, some.just("urn:x"), some.sampled_from(["i", None, UNKNOWN]))
    | some.builds(lambda text: Asset(hashlib.sha256(text.encode()).hexdigest(), text), some.text())
)
KEYS = some.text(min_size=1).filter(lambda key: key != wire.SIGNATURE)
VALUES = some.recursive(
    LEAVES,
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(KEYS, inner, max_size=3)
        | inner.filter(lambda value: not isinstance(value, Secret)).map(Secret)
    ),
    max_leaves=12,
)


@given(some.dictionaries(KEYS, VALUES, max_size=4))
def test_what_is_written_is_read_back(properties: dict) -> None:
    written = marshal.write_struct(properties)
    again = struct_pb2.Struct.FromString(written.SerializeToString())

    assert marshal.read_struct(again, HERE) == properties


def struct(value: dict) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(value)
    return made


@pytest.mark.parametrize("sentinel", sorted(wire.UNKNOWN_SENTINELS))
def test_every_sentinel_is_unknown(sentinel: str) -> None:
    assert marshal.read_struct(struct({"a": [sentinel]}), HERE) == {"a": [UNKNOWN]}


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({"value": 1}, 1),
        ({}, UNKNOWN),
        ({"value": "x", "secret": True}, Secret("x")),
        ({"secret": True, "dependencies": ["urn:x"]}, Secret(UNKNOWN)),
    ],
)
def test_output_values_become_plain_values(fields: dict, value: object) -> None:
    signed = {wire.SIGNATURE: wire.OUTPUT_VALUE, **fields}

    assert marshal.read_struct(struct({"a": signed}), HERE) == {"a": value}


def test_files_are_known_by_their_content_not_their_names_order_or_time(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder / "deep").mkdir(parents=True)
        (tmp_path / folder / "b.txt").write_text("b")
        (tmp_path / folder / "deep" / "a.txt").write_text("a")
    os.utime(tmp_path / "one" / "b.txt", (1, 1))
    signed = {wire.SIGNATURE: wire.ARCHIVE, "path": "one"}

    read = marshal.read_struct(
        struct(
            {
                "one": signed,
                "two": signed | {"path": str(tmp_path / "two")},
                "file": {wire.SIGNATURE: wire.ASSET, "path": "one/b.txt"},
                "text": {wire.SIGNATURE: wire.ASSET, "text": "b"},
                "members": {
                    wire.SIGNATURE: wire.ARCHIVE,
                    "assets": {"x": {wire.SIGNATURE: wire.ASSET, "text": "b"}},
                },
            }
        ),
        tmp_path,
    )

    assert read["one"].hash == read["two"].hash
    assert read["one"] == Archive(read["one"].hash, path="one")
    assert read["file"].hash == read["text"].hash == hashlib.sha256(b"b").hexdigest()
    assert read["members"].assets["x"] == read["text"]
    (tmp_path / "two" / "b.txt").write_text("c")
    changed = marshal.read_struct(struct({"a": signed | {"path": "two"}}), tmp_path)
    assert changed["a"].hash != read["one"].hash


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    signed = {wire.SIGNATURE: wire.ASSET, "path": "nowhere.txt"}

    with pytest.raises(ValueError, match=r"nowhere\.txt' cannot be read: No such file"):
        marshal.read_struct(struct({"a": signed}), tmp_path)


def test_an_unknown_signature_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown signature 'ab12'"):
        marshal.read_struct(struct({"a": {wire.SIGNATURE: "ab12"}}), HERE)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("1h30m", 5400), ("1.5m", 90), ("250ms", 0.25)]
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert requests.seconds(text) == seconds


@pytest.mark.parametrize("text", ["90", "fast", "1x", "s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        requests.seconds(text)
