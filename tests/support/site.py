"""The dashboard's origin: its files and, below `/v1/`, the services, as CloudFront puts them."""

import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import httpx
from support.analytics import APPS


class Site:
    """Serves the page on a free port; `ingestion` and `api` are URLs and may change."""

    def __init__(self, ingestion, api):
        self.ingestion = ingestion
        self.api = api
        site = self

        class Handler(SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=str(APPS / "frontend" / "public"))

            def do_GET(self):
                if self.path.startswith("/v1/"):
                    self.forward(site.api)
                else:
                    super().do_GET()

            def do_POST(self):
                self.forward(site.ingestion)

            def forward(self, origin):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    answer = httpx.request(self.command, origin + self.path, content=body)
                except httpx.TransportError:
                    self.send_error(502)
                    return
                self.send_response(answer.status_code)
                self.send_header("Content-Type", answer.headers["Content-Type"])
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
