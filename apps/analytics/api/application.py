"""The HTTP interface of the analytics API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from telemetry.application import ERRORS, create_application
from telemetry.errors import Mistake, error_answer
from telemetry.flags import Flags

from api.cache import Cache
from api.database import Database
from api.queries import (
    FIRST_PAGE,
    LATEST_OF_ALL,
    LATEST_OF_USER,
    MOST_GROUPS,
    Cursor,
    Grouping,
    ParameterError,
    Summary,
    period,
)
from api.settings import Settings

PROBE_SECONDS = 2.0
SUMMARY_BY_PATH = "summary-by-path"
"""Flag: whose summaries may be grouped by the page that an event happened on."""
USER_HEADER, COUNTRY_HEADER = "X-User-Id", "CloudFront-Viewer-Country"
"""Who asks, as the page says, and from where, as the edge says: what flags are decided by."""


class Answer(BaseModel):
    """An answer whose members we spell as Python does and the wire as JavaScript does."""

    model_config = ConfigDict(populate_by_name=True)


class Group(BaseModel):
    """One group of a summary."""

    key: str = Field(description="Event type, user id, path, or begin of the hour or minute.")
    count: int = Field(description="Events in the group.")


class SummaryAnswer(Answer):
    """Counts of events."""

    since: datetime = Field(alias="from", description="Begin of the period.")
    until: datetime = Field(alias="to", description="End of the period, not part of it.")
    grouping: Grouping = Field(alias="groupBy", description="By what was counted.")
    total: int = Field(description="Events in all groups, also those not returned.")
    groups: list[Group] = Field(description="Largest first; hours and minutes newest first.")


class StoredEvent(Answer):
    """One event."""

    event_id: str = Field(alias="eventId")
    user_id: str = Field(alias="userId")
    session_id: str = Field(alias="sessionId")
    event_type: str = Field(alias="eventType")
    timestamp: datetime = Field(description="When it happened.")
    received_at: datetime = Field(alias="receivedAt", description="When it was stored.")
    properties: dict[str, Any]


class EventPage(Answer):
    """Events, newest first."""

    events: list[StoredEvent]
    next_cursor: str | None = Field(
        alias="nextCursor", description="Give it as `cursor` for the next page; null at the end."
    )


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not have a NUL character")
    return text


Identifier = Annotated[
    str | None, AfterValidator(lambda text: text and _without_nul(text)), Query(max_length=128)
]


class Analytics:
    """The condition and the questions of the service."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._flags = Flags(settings.flags)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Keep database and cache open while the application is served."""
        self._flags.start()
        self._cache = Cache(self._settings.cache, self._settings.server.release)
        async with Database(self._settings) as self._database:
            probing = asyncio.create_task(self._probe())
            try:
                yield
            finally:
                probing.cancel()
                await asyncio.gather(probing, return_exceptions=True)
                await self._cache.close()
                await asyncio.to_thread(self._flags.stop)

    async def _probe(self) -> None:
        while True:
            await self._database.probe()
            await asyncio.sleep(PROBE_SECONDS)

    def facts(self) -> dict[str, str]:
        """There is nothing more to tell."""
        return {}

    def problems(self) -> dict[str, str]:
        """Tell why no question can be answered now; the cache is no reason."""
        return {"database": self._database.trouble} if self._database.trouble else {}

    def broken(self) -> str:
        """Nothing here needs a restart: the pool reconnects by itself."""
        return ""

    def allow(self, grouping: Grouping, request: Request) -> None:
        """Insist that whoever asks may group so.

        Raises:
            ParameterError: The grouping is not there for everybody, and not for them.
        """
        headers = request.headers
        subject = {"user": headers.get(USER_HEADER), "country": headers.get(COUNTRY_HEADER)}
        known = {name: value for name, value in subject.items() if value}
        if grouping is Grouping.PATH and not self._flags.enabled(
            SUMMARY_BY_PATH, known, default=False
        ):
            others = ", ".join(each.value for each in Grouping if each is not Grouping.PATH)
            raise ParameterError("groupBy", f"must be one of {others}")

    async def summarise(self, question: Summary) -> bytes:
        """Answer a summary from the cache or the database, as JSON."""

        async def compute() -> bytes:
            parameters = {
                name: getattr(question, name)
                for name in ("since", "until", "limit", "event_type", "user_id", "session_id")
            }
            rows = await self._database.fetch("summary", question.statement, parameters)
            return _summary_json(question, rows)

        return await self._cache.answer(question.key, compute)

    async def events(self, user_id: str | None, limit: int, cursor: Cursor) -> EventPage:
        """Return a page of events."""
        statement = LATEST_OF_USER if user_id else LATEST_OF_ALL
        parameters = {
            "user_id": user_id,
            "before": cursor.before,
            "before_id": cursor.before_id,
            # One more than asked for tells whether there is another page.
            "limit": limit + 1,
        }
        rows = await self._database.fetch("events", statement, parameters)
        events = [
            StoredEvent.model_construct(**dict(zip(StoredEvent.model_fields, row, strict=True)))
            for row in rows[:limit]
        ]
        last = events[-1] if len(rows) > limit else None
        return EventPage.model_construct(
            events=events,
            next_cursor=Cursor(last.timestamp, last.event_id).encode() if last else None,
        )


def _summary_json(question: Summary, rows: list[tuple[Any, ...]]) -> bytes:
    groups = [
        Group(key=key.isoformat() if isinstance(key, datetime) else key, count=count)
        for key, count, _ in rows
    ]
    answer = SummaryAnswer.model_construct(
        since=question.since,
        until=question.until,
        grouping=question.grouping,
        total=rows[0][2] if rows else 0,
        groups=groups,
    )
    return answer.model_dump_json(by_alias=True).encode()


def create_api(settings: Settings) -> FastAPI:
    """Return the application of the service."""
    analytics = Analytics(settings)
    app = create_application(
        "Analytics API",
        "Counts and lists events.",
        analytics,
        analytics.lifespan,
        release=settings.server.release,
    )
    failures: dict[int | str, dict[str, Any]] = {status: ERRORS[status] for status in (422, 503)}

    @app.exception_handler(ParameterError)
    async def invalid(request: Request, error: ParameterError) -> JSONResponse:
        details = [Mistake(field=error.field, message=str(error))]
        message = f"not usable: {error.field}"
        return error_answer(request, 422, "invalid_parameter", message, details=details)

    @app.get(
        "/v1/events/summary",
        tags=["events"],
        response_model=SummaryAnswer,
        responses=failures,
    )
    async def summarise(
        request: Request,
        since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
        grouping: Annotated[Grouping, Query(alias="groupBy")] = Grouping.EVENT_TYPE,
        limit: Annotated[int, Query(ge=1, le=MOST_GROUPS)] = 100,
        event_type: Annotated[Identifier, Query(alias="eventType")] = None,
        user_id: Annotated[Identifier, Query(alias="userId")] = None,
        session_id: Annotated[Identifier, Query(alias="sessionId")] = None,
    ) -> Response:
        """Count the events of a period, by default of the last 24 hours."""
        analytics.allow(grouping, request)
        begin, end = period(since, until)
        question = Summary(begin, end, grouping, limit, event_type, user_id, session_id)
        return Response(await analytics.summarise(question), media_type="application/json")

    @app.get("/v1/events", tags=["events"], response_model=EventPage, responses=failures)
    async def list_events(
        user_id: Annotated[Identifier, Query(alias="userId")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
    ) -> Response:
        """List events, newest first, of one user or of all."""
        start = Cursor.decode(cursor) if cursor else FIRST_PAGE
        page = await analytics.events(user_id, limit, start)
        return Response(page.model_dump_json(by_alias=True), media_type="application/json")

    return app
