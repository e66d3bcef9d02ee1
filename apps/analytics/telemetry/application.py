"""The HTTP application every service starts from: health, readiness, metrics, errors, OpenAPI."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict, Field

from telemetry.errors import ErrorBody, install_error_answers
from telemetry.requests import Requests

VERSION = "1.0.0"
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody} for status in (400, 413, 422, 503)
}


class Condition(Protocol):
    """How a service is; asked at every health and readiness check, so it must be quick."""

    def problems(self) -> dict[str, str]:
        """Why it cannot work just now: by what is away, what is wrong with it."""
        ...

    def broken(self) -> str:
        """Why only a restart would help; "" while that is not so."""
        ...

    def facts(self) -> dict[str, str]:
        """What else is worth knowing about it, such as its part in a hand-over."""
        ...


class State(BaseModel):
    """Answer to a health or readiness check; may have members that only this service has."""

    model_config = ConfigDict(extra="allow")

    status: str = Field(description="`ok` or what is wrong.")
    problems: dict[str, str] = Field(default={}, description="What is away and why.")


class Version(BaseModel):
    """Which release answers."""

    service: str = Field(description="Title of the service.")
    release: str = Field(description="The release; empty where the service was not told.")


def create_application(
    title: str,
    description: str,
    condition: Condition,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    *,
    release: str,
) -> FastAPI:
    """Return an application with the routes and habits all services share.

    Args:
        title: Name in the OpenAPI document.
        description: What the service does, for the OpenAPI document.
        condition: What `/health` and `/ready` tell.
        lifespan: What to do before the first and after the last request.
        release: The release that answers; `/version` and the header `X-Release` tell it.
    """
    app = FastAPI(title=title, description=description, version=VERSION, lifespan=lifespan)
    app.add_middleware(Requests, release=release)
    install_error_answers(app)

    @app.get("/health", tags=["operation"], responses={503: {"model": State}})
    async def health() -> Response:
        """Tell whether the process works; 503 asks for a restart."""
        broken = condition.broken()
        state = State.model_validate({"status": broken or "ok", **condition.facts()})
        return JSONResponse(state.model_dump(), 503 if broken else 200)

    @app.get("/ready", tags=["operation"], responses={503: {"model": State}})
    async def ready() -> Response:
        """Tell whether requests can be answered now."""
        problems = condition.problems()
        status = "not ready" if problems else "ok"
        answer = {"status": status, "problems": problems, **condition.facts()}
        state = State.model_validate(answer)
        return JSONResponse(state.model_dump(), 503 if problems else 200)

    @app.get("/version", tags=["operation"])
    async def version() -> Version:
        """Tell which release answers."""
        return Version(service=title, release=release)

    @app.get("/metrics", tags=["operation"], response_class=Response)
    async def metrics() -> Response:
        """Return the metrics in Prometheus' text format."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app
