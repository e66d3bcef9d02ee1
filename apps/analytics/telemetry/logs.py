"""Logs are one JSON object per line on standard output, with the correlation id of the request."""

import logging
import sys

import structlog

LEVELS = ("debug", "info", "warning", "error")


def configure_logs(service: str, level: str, release: str = "") -> None:
    """Send structlog's and the standard library's log records to standard output as JSON.

    Args:
        service: Name of this service; every record carries it.
        level: Least level to write, one of `LEVELS`.
        release: Release of this service; every record carries it unless it is "".
    """
    always = {"service": service, **({"release": release} if release else {})}

    def add_service(_: object, __: str, record: structlog.typing.EventDict) -> dict[str, object]:
        return {**always, **record}

    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        add_service,
        structlog.processors.EventRenamer("message"),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=max(threshold, logging.INFO), handlers=[handler], force=True)
    # Uvicorn reports its own start and stop; the services do that themselves.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
