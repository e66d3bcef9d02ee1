"""Servers that can be healthy or not, and zones to name them in."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import pytest

NUMBERS = count()


class Standing(BaseHTTPRequestHandler):
    """Answers with the server's present status and text, and remembers who asked."""

    def do_GET(self) -> None:  # http.server's name
        self.server.asked.append((self.path, self.headers.get("User-Agent")))  # type: ignore[attr-defined]
        body = self.server.text.encode()  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Callable[[], ThreadingHTTPServer]]:
    """Start servers on free ports; their `status` and `text` can be changed."""
    started: list[ThreadingHTTPServer] = []

    def start() -> ThreadingHTTPServer:
        made = ThreadingHTTPServer(("127.0.0.1", 0), Standing)
        made.daemon_threads = True
        made.status, made.text, made.asked = 200, "all is well", []  # type: ignore[attr-defined]
        threading.Thread(target=made.serve_forever, daemon=True).start()
        started.append(made)
        return made

    yield start
    for made in started:
        made.shutdown()
        made.server_close()


@pytest.fixture
def dns(region: Any) -> Any:
    """The Route 53 client."""
    return region.client("route53")


@pytest.fixture
def zone(dns: Any) -> tuple[str, str]:
    """A zone of this test's own: id and name."""
    name = f"z{next(NUMBERS)}.example.test"
    made = dns.create_hosted_zone(Name=name, CallerReference=name)
    return made["HostedZone"]["Id"].rpartition("/")[2], name
