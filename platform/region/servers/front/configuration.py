"""The configuration of a front: every listener that is wanted, level-triggered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from platformctl.region.servers.front.tokens import Signer


@dataclass(frozen=True)
class Listener:
    """One address that clients connect to.

    Attributes:
        name: Names it in reports, such as `db:orders`.
        kind: What is spoken: PostgreSQL's handshake decides about TLS, the others are TLS or not.
        host: Address to listen on.
        port: Port to listen on.
        upstreams: Host and port of each server behind it; connections are shared out in turn.
        certificate: Certificate in PEM form; "" is without TLS.
        key: Its private key.
        require_tls: Refuse clients that do not ask for TLS (`rds.force_ssl`).
        idle_seconds: Close a connection without traffic after that long; 0 is never.
        limit: Most connections at once; 0 is without one.
        borrow_seconds: How long a connection over the limit waits for another to end.
        signer: Whose access tokens let clients of Kafka in; None lets everybody in.
    """

    name: str
    kind: Literal["postgres", "redis", "kafka"]
    host: str
    port: int
    upstreams: tuple[tuple[str, int], ...]
    certificate: str = ""
    key: str = ""
    require_tls: bool = False
    idle_seconds: float = 0.0
    limit: int = 0
    borrow_seconds: float = 0.0
    signer: Signer | None = None


def read(document: Mapping[str, Any]) -> dict[str, Listener]:
    """Return the listeners of a configuration document by name."""
    return {row["name"]: _listener(row) for row in document["listeners"]}


def _listener(row: Mapping[str, Any]) -> Listener:
    upstreams = tuple((host, port) for host, port in row["upstreams"])
    signer = Signer(**row["signer"]) if row.get("signer") else None
    return Listener(**{**row, "upstreams": upstreams, "signer": signer})
