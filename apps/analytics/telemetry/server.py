"""Serve an application until SIGTERM, then finish what was begun."""

import signal
from dataclasses import dataclass

import structlog
import uvicorn
from fastapi import FastAPI

from telemetry.logs import LEVELS, configure_logs
from telemetry.settings import Environment

log = structlog.get_logger()

# Longer than the idle timeout of the load balancer (60 s), so that it never sends a request into
# a connection that is just being closed here.
KEEP_ALIVE_SECONDS = 75
FINISH_SECONDS = 20


@dataclass(frozen=True)
class ServerSettings:
    """Where a service listens and how it calls itself.

    Attributes:
        service: Its name in the log.
        host: Address it listens at.
        port: Port it listens at.
        log_level: Least level that is logged.
        release: The release it is, such as `r7`; "" where nobody says.
    """

    service: str
    host: str
    port: int
    log_level: str
    release: str

    @classmethod
    def read(cls, environment: Environment, service: str, port: int) -> "ServerSettings":
        """Read the settings; `service` and `port` are what the service is without them."""
        return cls(
            service=environment.text("SERVICE_NAME", service),
            host=environment.text("HOST", "127.0.0.1"),
            port=environment.integer("PORT", port, least=1),
            log_level=environment.choice("LOG_LEVEL", LEVELS, "info"),
            release=environment.text("RELEASE", ""),
        )


class Server:
    """One HTTP server in the main thread; SIGTERM and SIGINT end it gracefully."""

    def __init__(self, app: FastAPI, settings: ServerSettings) -> None:
        configure_logs(settings.service, settings.log_level, settings.release)
        self._settings = settings
        self._failed = False
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                loop="uvloop",
                http="httptools",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=FINISH_SECONDS,
            )
        )

    def fail(self) -> None:
        """End the server from any thread because the service cannot go on."""
        self._failed = True
        self._server.should_exit = True

    def run(self) -> int:
        """Serve to the end; return the exit status of the process."""
        # Uvicorn raises the signal again when it is done; its default action would turn the
        # clean end into a killed process.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        log.info("starting", host=self._settings.host, port=self._settings.port)
        self._server.run()
        failed = self._failed or not self._server.started
        log.info("stopped", failed=failed)
        return 1 if failed else 0
