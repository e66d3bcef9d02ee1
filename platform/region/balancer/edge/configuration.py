"""What the edge is told: every distribution, with its policies already looked up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from platformctl.region.balancer.configuration import FromJson


@dataclass(frozen=True)
class Origin(FromJson):
    """Where a distribution's content comes from.

    Attributes:
        id: Its id within the distribution.
        kind: `s3` or `custom`.
        url: Scheme, host and port to ask, such as `http://127.0.0.1:8080`.
        host: Host header it expects; "" for that of the URL.
        prefix: Put before every path: the bucket (S3, path style) and the origin path.
        signed: Requests carry a signature (origin access control).
        region: Region of the bucket, for the signature.
        headers: Headers added to every request.
        timeout: Seconds to wait for its answer.
    """

    id: str
    kind: str
    url: str
    host: str
    prefix: str
    signed: bool
    region: str
    headers: Mapping[str, str]
    timeout: float


@dataclass(frozen=True)
class Behavior(FromJson):
    """How requests for some paths are answered.

    Attributes:
        pattern: Path pattern with `*` and `?`; `*` for the default behaviour.
        origin: Id of its origin.
        viewer_protocol: `allow-all`, `redirect-to-https` or `https-only`.
        methods: Methods that are allowed.
        cached_methods: Methods whose answers may be cached.
        compress: Compress answers for viewers that accept it.
        minimum_ttl: Least seconds an answer is cached.
        default_ttl: Seconds it is cached when the origin says nothing.
        maximum_ttl: Most seconds it is cached; 0 turns caching off.
        key_headers: Headers that are part of the cache key, in lower case.
        key_queries: `none`, `all`, or the query strings of the cache key, comma-separated.
        forward: Headers sent to the origin: `none`, `all`, `all-but-host` or names.
        set_headers: Headers set on answers: name → value and whether it overrides the origin's.
        remove_headers: Headers taken off answers, in lower case.
    """

    pattern: str
    origin: str
    viewer_protocol: str
    methods: list[str]
    cached_methods: list[str]
    compress: bool
    minimum_ttl: float
    default_ttl: float
    maximum_ttl: float
    key_headers: list[str]
    key_queries: str
    forward: str
    set_headers: Mapping[str, tuple[str, bool]]
    remove_headers: list[str]


@dataclass(frozen=True)
class ErrorPage(FromJson):
    """What is answered instead of an origin's error."""

    status: int
    path: str
    answer: int
    ttl: float


@dataclass(frozen=True)
class Distribution:
    """One distribution.

    Attributes:
        id: Its id.
        host: Address it listens on.
        port: Port it listens on.
        enabled: Whether it serves at all.
        root: Default root object; "" for none.
        origins: Its origins by id.
        behaviors: In the order they are tried, the default one last.
        errors: Custom error responses by the origin's status.
        invalidations: Invalidation batches so far: id → paths.
    """

    id: str
    host: str
    port: int
    enabled: bool
    root: str
    origins: Mapping[str, Origin]
    behaviors: tuple[Behavior, ...]
    errors: Mapping[int, ErrorPage]
    invalidations: Mapping[str, list[str]]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read it from its JSON form."""
        return cls(
            **{
                **document,
                "origins": {item["id"]: Origin.read(item) for item in document["origins"]},
                "behaviors": tuple(map(Behavior.read, document["behaviors"])),
                "errors": {item["status"]: ErrorPage.read(item) for item in document["errors"]},
            }
        )


@dataclass(frozen=True)
class EdgeConfiguration:
    """Everything the edge must make true.

    Attributes:
        revision: Counts up with every change; acknowledged once it is in force.
        access_key: Access key that S3 requests are signed with.
        secret_key: Its secret.
        distributions: Every distribution.
    """

    revision: int
    access_key: str
    secret_key: str
    distributions: tuple[Distribution, ...]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read it from its JSON form."""
        distributions = tuple(map(Distribution.read, document["distributions"]))
        return cls(**{**document, "distributions": distributions})
