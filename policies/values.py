"""Property values as rules see them, and `peek`, the only way in which rules read them.

A value is JSON, or `UNKNOWN` (only known after deployment), or a `Secret`. What engines write for
the latter two (sentinel strings, sealed objects) is understood by `read` and nowhere else.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any


class _Mark:
    """A value that is not there, or not yet known."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name

    def __bool__(self) -> bool:
        raise TypeError(f"a {self._name} value is neither true nor false")


UNKNOWN = _Mark("unknown")
MISSING = _Mark("missing")


@dataclass(frozen=True)
class Secret:
    """A value that is never shown; `UNKNOWN` inside where it is sealed."""

    value: Any = field(default=UNKNOWN, repr=False)


@dataclass(frozen=True)
class Match:
    """A place that a path leads to.

    Attributes:
        path: The place, indices included: `ingress[0].cidrBlocks[1]`.
        value: What is there; `MISSING` if nothing.
    """

    path: str
    value: Any


# What Pulumi writes instead of a value that is only known after deployment, one for each type.
# Source: pulumi_policy.proxy, and `sdk/go/common/resource/plugin/rpc.go` of pulumi/pulumi.
_UNKNOWN_WORDS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  # Pulumi's mark of a secret
_HIDDEN = "[secret]"


def read(raw: Any) -> Any:
    """Return what an engine wrote as a property value."""
    if isinstance(raw, str):
        if raw in _UNKNOWN_WORDS:
            return UNKNOWN
        return Secret() if raw == _HIDDEN else raw
    if isinstance(raw, Mapping):
        if raw.get(_SIGNATURE) == _SECRET:
            return Secret(_opened(raw))
        return {key: read(value) for key, value in raw.items()}
    if isinstance(raw, Sequence) and not isinstance(raw, bytes):
        return [read(value) for value in raw]
    return raw


def _opened(sealed: Mapping[str, Any]) -> Any:
    if "value" in sealed:
        return read(sealed["value"])
    if "plaintext" in sealed:
        return read(json.loads(sealed["plaintext"]))
    return UNKNOWN


def peek(properties: Any, path: str) -> list[Match]:
    """Return every place that a path leads to.

    A path is names with dots between them; `name[]` means every item of a list and `*` every
    member of an object. Where a path goes on into text, the text is read as JSON. A list that is
    not there has no items; anything else that is not there is one match with `MISSING`, and
    everything below what is not known is one match with `UNKNOWN`.

    Raises:
        ValueError: Text that the path goes on into is not JSON.
    """
    return list(_walk(properties, _parts(path), ""))


@lru_cache(maxsize=2048)
def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.replace("[]", ".[]").removeprefix(".").split(".")) if path else ()


def _walk(value: Any, parts: tuple[str, ...], at: str) -> Iterator[Match]:
    if not parts:
        yield Match(at, MISSING if value is None else value)
        return
    if isinstance(value, Secret):
        value = value.value
    if value is UNKNOWN:
        yield Match(at, UNKNOWN)
        return
    if isinstance(value, str):
        value = json.loads(value)
    part, rest = parts[0], parts[1:]
    if part == "[]":
        yield from _items(value, rest, at)
    elif part == "*":
        members = value.items() if isinstance(value, Mapping) else ()
        for key, member in members:
            yield from _walk(member, rest, _below(at, key))
    elif isinstance(value, Mapping) and value.get(part) is not None:
        yield from _walk(value[part], rest, _below(at, part))
    elif "[]" not in rest and "*" not in rest:
        yield Match(_below(at, ".".join(parts)), MISSING)


def _items(value: Any, rest: tuple[str, ...], at: str) -> Iterator[Match]:
    # An object where a list may stand is a list of one, as in IAM's statements.
    items = value if isinstance(value, list) else [value] if isinstance(value, Mapping) else []
    for index, item in enumerate(items):
        yield from _walk(item, rest, f"{at}[{index}]")


def _below(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def revealed(value: Any) -> Any:
    """Return a value without the wrapper of a secret."""
    return value.value if isinstance(value, Secret) else value


def is_partly_unknown(value: Any) -> bool:
    """Tell whether something in a value is not yet known."""
    if isinstance(value, Secret):
        return is_partly_unknown(value.value)
    if isinstance(value, Mapping):
        return any(map(is_partly_unknown, value.values()))
    if isinstance(value, list):
        return any(map(is_partly_unknown, value))
    return value is UNKNOWN


def named(entries: Sequence[Match], name: str) -> Match:
    """Return the `value` of the entry of that `name` among `{name, value}` objects.

    What is not there is a match with `MISSING`; where an entry's name is not known, it may be the
    one, so that the answer is a match with `UNKNOWN`.
    """
    unknown = None
    for entry in entries:
        if entry.value is UNKNOWN:
            unknown = entry
            continue
        (said,) = peek(entry.value, "name")
        if said.value is UNKNOWN:
            unknown = Match(f"{entry.path}.name", UNKNOWN)
        elif said.value == name:
            (value,) = peek(entry.value, "value")
            return Match(f"{entry.path}.value", value.value)
    return unknown or Match("", MISSING)


def shown(value: Any, path: str = "") -> str:
    """Write a value for a message: secrets and what is named like one are masked."""
    if value is MISSING:
        return "nothing"
    if value is UNKNOWN:
        return "a value that is not yet known"
    if isinstance(value, Secret) or looks_secret(path.rpartition(".")[2]):
        return "a secret value (masked)"
    text = json.dumps(value, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


_LONGEST = 120
_SECRET_WORDS = (
    *("password", "passwd", "passphrase", "secret", "token", "apikey", "api_key", "private_key"),
    *("privatekey", "access_key", "accesskey", "credential", "signing_key", "encryption_key"),
)
_NOT_SECRET_ENDINGS = (
    *("arn", "_id", "name", "url", "uri", "path", "file", "ttl", "seconds", "minutes", "days"),
    *("hours", "issuer", "audience", "type", "algorithm", "length", "region", "limit"),
)


def looks_secret(name: str) -> bool:
    """Tell whether a property or variable of this name holds something to be kept secret."""
    lowered = name.lower()
    return any(word in lowered for word in _SECRET_WORDS) and not lowered.endswith(
        _NOT_SECRET_ENDINGS
    )


_CREDENTIAL = re.compile(
    r"AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|gh[pousr]_[A-Za-z0-9]{36}|xox[abprs]-[A-Za-z0-9-]{10,}|sk_live_[A-Za-z0-9]{16,}"
    r"|[a-z][a-z0-9+.-]*://[^\s:/@]+:[^\s:/@]+@"
)


def is_credential(value: Any) -> bool:
    """Tell whether a text is a key or password by its looks, whatever it is called."""
    return isinstance(value, str) and bool(_CREDENTIAL.search(value))
