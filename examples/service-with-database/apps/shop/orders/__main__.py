"""Orders: POST /orders stores one, GET /orders lists them, GET /health asks the database."""

import json
import os
import signal
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg

HOST, PORT = os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8000"))  # noqa: S104
TABLE = "CREATE TABLE IF NOT EXISTS orders (id bigserial PRIMARY KEY, item text NOT NULL)"


def ask(statement: str, *values: str) -> list[tuple[object, ...]]:
    """Run one statement and return its rows; the connection is encrypted and verified."""
    with psycopg.connect(
        host=os.environ["DATABASE_HOST"],
        dbname="shop",
        user="shop",
        password=os.environ["DATABASE_PASSWORD"],
        sslmode="verify-full",
    ) as connection:
        connection.execute(TABLE)
        return connection.execute(statement, values).fetchall()


class Orders(BaseHTTPRequestHandler):
    """Answers requests."""

    def do_GET(self) -> None:
        """List the orders, or tell whether the database answers."""
        if self.path == "/health":
            ask("SELECT 1")
            self.answer(200, {"status": "ok"})
        else:
            rows = ask("SELECT id, item FROM orders ORDER BY id")
            self.answer(200, [{"id": row[0], "item": row[1]} for row in rows])

    def do_POST(self) -> None:
        """Store an order."""
        order = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        (row,) = ask("INSERT INTO orders (item) VALUES (%s) RETURNING id", order["item"])
        self.answer(201, {"id": row[0]})

    def answer(self, status: int, document: object) -> None:
        """Send JSON."""
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if "--health" in sys.argv:
    urllib.request.urlopen(f"http://{HOST.replace('0.0.0.0', '127.0.0.1')}:{PORT}/health")  # noqa: S104
else:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ThreadingHTTPServer((HOST, PORT), Orders).serve_forever()
