"""What becomes of an origin's answer on its way to the viewer: compression and headers."""

import gzip
from collections.abc import Iterable, Mapping, Sequence

Headers = list[tuple[str, str]]

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-connection",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "te",
    }
)
_COMPRESSIBLE = (
    "text/",
    "application/javascript",
    "application/json",
    "application/manifest+json",
    "application/xml",
    "application/wasm",
    "image/svg+xml",
    "font/",
)
_LEAST, _MOST = 1000, 10_000_000


def end_to_end(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return the headers that are not about one connection."""
    return [(name, value) for name, value in headers if name.lower() not in HOP_BY_HOP]


def value_of(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """Return a header's value; `name` is in lower case."""
    return next((value for key, value in headers if key.lower() == name), None)


def without(headers: Iterable[tuple[str, str]], *names: str) -> Headers:
    """Return the headers but some, named in lower case."""
    return [(name, value) for name, value in headers if name.lower() not in names]


def accepts_gzip(accepted: str) -> bool:
    """Tell whether an `Accept-Encoding` header allows gzip."""
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.strip().replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def compressed(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    """Compress a body that is worth it, as CloudFront chooses by type and size."""
    kind = (value_of(headers, "content-type") or "").lower()
    if (
        not _LEAST <= len(body) <= _MOST
        or value_of(headers, "content-encoding")
        or not kind.startswith(_COMPRESSIBLE)
    ):
        return headers, body
    kept = without(headers, "content-length", "vary", "accept-ranges")
    tag = value_of(headers, "etag")
    if tag and not tag.startswith("W/"):
        # The bytes are other ones now; only a weak tag may still stand for them.
        kept = [*without(kept, "etag"), ("ETag", f"W/{tag}")]
    return [*kept, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")], gzip.compress(
        body, 6
    )


def with_policy(
    headers: Headers, setting: Mapping[str, Sequence[object]], removing: Sequence[str]
) -> Headers:
    """Apply a response headers policy: remove, then set what is missing or overridden."""
    result = without(headers, *removing)
    for name, (value, override) in setting.items():
        if override:
            result = without(result, name.lower())
        elif value_of(result, name.lower()) is not None:
            continue
        result.append((name, str(value)))
    return result


def matches_tag(condition: str | None, tag: str | None) -> bool:
    """Tell whether an `If-None-Match` header names an answer's tag (compared weakly)."""
    if not condition or not tag:
        return False
    names = {part.strip().removeprefix("W/") for part in condition.split(",")}
    return "*" in names or tag.removeprefix("W/") in names
