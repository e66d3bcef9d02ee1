"""The HTTP interface of the ingestion service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import Counter
from pydantic import BaseModel, Field
from telemetry.application import ERRORS, create_application
from telemetry.errors import Mistake, error_answer
from telemetry.turns import Turns

from ingestion.batch import BATCH, Batch, BodyError, Rejection, read_batch
from ingestion.publisher import Publisher
from ingestion.settings import Settings

ACCEPTED = Counter("ingestion_events_accepted_total", "Events Kafka has acknowledged.")
REJECTED = Counter("ingestion_events_rejected_total", "Events refused.", ["field"])
_FIELDS = frozenset({"eventId", "userId", "sessionId", "eventType", "timestamp", "properties"})

_DESCRIPTION = """\
Takes events in batches. An answer of 202 means that Kafka has every accepted event on all of its
replicas. Sending an event again is harmless: the same `eventId` counts once."""


class Acceptance(BaseModel):
    """Answer when all events of a batch were accepted."""

    accepted: int = Field(description="How many events were accepted.")


class PartialAcceptance(BaseModel):
    """Answer when some events of a batch were refused; the others are accepted."""

    accepted: int = Field(description="How many events were accepted.")
    rejected: list[Rejection] = Field(description="Every mistake of every other event.")


class Ingestion:
    """The condition and the one operation of the service."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = Turns()

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Keep the way into Kafka open while the application is served."""
        self._publisher = Publisher(
            self._settings.kafka,
            in_flight=self._settings.in_flight,
            delivery_seconds=self._settings.delivery_seconds,
        )
        async with self._publisher:
            yield

    def facts(self) -> dict[str, str]:
        """There is nothing more to tell."""
        return {}

    def problems(self) -> dict[str, str]:
        """Tell why no events can be taken now."""
        return {"kafka": self._publisher.trouble} if self._publisher.trouble else {}

    def broken(self) -> str:
        """Tell why only a restart would help."""
        return self._publisher.broken

    async def take(self, request: Request) -> Response:
        """Accept the events of one request."""
        limits = self._settings.limits
        try:
            body = await _body(request, limits.body_bytes)
            await self._turns.take()
            batch = read_batch(body, limits)
        except BodyError as error:
            details = [Mistake(field=error.field, message=str(error))]
            code = "too_large" if error.status == 413 else "invalid_body"
            return error_answer(request, error.status, code, str(error), details=details)
        if batch.messages:
            await self._publisher.publish(batch.messages, request.state.correlation_id)
            ACCEPTED.inc(len(batch.messages))
        return _answer(batch)


async def _body(request: Request, limit: int) -> bytes:
    """Read the body, but never more than the limit and one piece of it."""
    body = b""
    async for piece in request.stream():
        body = body + piece if body else piece
        if len(body) > limit:
            raise BodyError(f"the body is larger than {limit} bytes", field="body", status=413)
    return body


def _answer(batch: Batch) -> Response:
    accepted = len(batch.messages)
    if not batch.rejections:
        return Response(b'{"accepted":%d}' % accepted, 202, media_type="application/json")
    for rejection in batch.rejections:
        REJECTED.labels(rejection.field if rejection.field in _FIELDS else "other").inc()
    answer = PartialAcceptance(accepted=accepted, rejected=batch.rejections)
    return JSONResponse(answer.model_dump(), 422)


def create_ingestion(settings: Settings) -> FastAPI:
    """Return the application of the service."""
    ingestion = Ingestion(settings)
    app = create_application(
        "Analytics ingestion",
        _DESCRIPTION,
        ingestion,
        ingestion.lifespan,
        release=settings.server.release,
    )

    @app.post(
        "/v1/events",
        tags=["events"],
        status_code=202,
        responses={
            202: {"model": Acceptance},
            **{status: ERRORS[status] for status in (400, 413, 503)},
            422: {"model": PartialAcceptance},
        },
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": _body_schema(settings)}},
            }
        },
    )
    async def take_events(request: Request) -> Response:
        """Accept a batch of events."""
        return await ingestion.take(request)

    return app


def _body_schema(settings: Settings) -> dict[str, object]:
    """Return the JSON schema of a batch with its parts in place, as OpenAPI wants it."""
    schema = BATCH.json_schema()
    event = schema.pop("$defs")["Event"]
    items = {"type": "array", "minItems": 1, "maxItems": settings.limits.events, "items": event}
    return {**schema, "properties": {"events": items}}
