"""Listeners: a port, its certificates, and the rules that apply to what comes in."""

import asyncio
import ssl

from platformctl.region.balancer import configuration
from platformctl.region.balancer.proxy import BalancedConnection, Core
from platformctl.region.balancer.routing import Routes
from platformctl.region.balancer.server import ServerConnection

_BACKLOG = 1024


def server_context(spec: configuration.Listener) -> ssl.SSLContext:
    """Return the TLS settings of a listener; the client's SNI chooses the certificate."""
    contexts: dict[str, ssl.SSLContext] = {}
    default: ssl.SSLContext | None = None
    for certificate in spec.certificates:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion[spec.minimum_tls.replace(".", "_")]
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(certificate.certificate, certificate.key)
        for name in certificate.names:
            contexts.setdefault(name.lower(), context)
        default = default or context
    if default is None:
        raise ValueError("an HTTPS listener needs a certificate")

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name is None:
            return
        wildcard = "*." + name.lower().partition(".")[2]
        found = contexts.get(name.lower()) or contexts.get(wildcard)
        if found is not None:
            connection.context = found

    default.sni_callback = choose  # type: ignore[assignment]  # typeshed knows only SSLSocket's form
    return default


class Listener:
    """One listener of a load balancer, listening or saying why it cannot.

    Attributes:
        error: Why it does not listen; "" while it does.
        routes: The rules in force; replaced whole, so a request sees the old or the new ones.
    """

    def __init__(self, balancer: Core, spec: configuration.Listener) -> None:
        self.balancer: Core = balancer
        self.loop = asyncio.get_running_loop()
        self.connections: set[ServerConnection] = balancer.connections
        self.server: asyncio.Server | None = None
        self.error = ""
        self.routes = Routes(spec.rules)
        self.extra_head = b""
        self.forwarded_lines = b""
        self.spec = spec
        self._describe(spec)

    def _describe(self, spec: configuration.Listener) -> None:
        self.spec = spec
        self.extra_head = "".join(
            f"{name}: {value}\r\n" for name, value in spec.response_headers.items() if value
        ).encode("latin-1")
        self.forwarded_lines = (
            f"X-Forwarded-Proto: {spec.protocol.lower()}\r\n"
            f"X-Forwarded-Port: {spec.port}\r\nX-Amzn-Trace-Id: "
        ).encode()

    async def apply(self, spec: configuration.Listener) -> None:
        """Take over a new specification; the socket is only touched when it must be."""
        old = self.spec
        self.routes = Routes(spec.rules, self.routes)
        self._describe(spec)
        rebind = (
            old.host,
            old.listen_port,
            old.protocol,
            old.certificates,
            old.minimum_tls,
        ) != (
            spec.host,
            spec.listen_port,
            spec.protocol,
            spec.certificates,
            spec.minimum_tls,
        )
        if rebind or self.server is None:
            self.close()
            await self.listen()

    async def listen(self) -> None:
        """Open the port; a port that is taken is reported, and tried again with every change."""
        spec = self.spec
        try:
            tls = server_context(spec) if spec.protocol == "HTTPS" else None
            self.server = await self.loop.create_server(
                lambda: BalancedConnection(self),
                spec.host,
                spec.listen_port,
                ssl=tls,
                backlog=_BACKLOG,
                reuse_address=True,
            )
            self.error = ""
        except (OSError, ValueError) as error:
            self.server = None
            reason = getattr(error, "strerror", None) or str(error)
            self.error = f"cannot listen on {spec.host}:{spec.listen_port}: {reason}"

    def close(self) -> None:
        """Take no more connections; those there are finish their requests."""
        if self.server is not None:
            self.server.close()
            self.server = None
        for connection in list(self.connections):
            if isinstance(connection, BalancedConnection) and connection.listener is self:
                if connection.current is None:
                    connection.close()
                else:
                    connection.closing = True
