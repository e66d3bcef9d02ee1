"""How the services say no: one shape of error body for every status."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException


class Mistake(BaseModel):
    """One field of the request that cannot be used."""

    field: str = Field(description="Name of the parameter or member.")
    message: str = Field(description="What is wrong with it.")


class ErrorDetail(BaseModel):
    """What went wrong with a request."""

    code: str = Field(description="Stable name of the kind of error.")
    message: str = Field(description="One sentence for people.")
    details: list[Mistake] = Field(default=[], description="The fields at fault.")
    correlationId: str = Field(description="Id to find the request in the logs.")  # noqa: N815  # the wire's spelling


class ErrorBody(BaseModel):
    """The body of every answer of status 400 and above, but for rejected events."""

    error: ErrorDetail


class ServiceUnavailable(Exception):  # noqa: N818  # named after the status it becomes
    """Something this service depends on is away or busy; the caller should try again.

    Attributes:
        code: Stable name of what is away.
        retry_after: Seconds after which trying again makes sense.
    """

    def __init__(self, code: str, message: str, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after


def error_answer(
    request: Request,
    status: int,
    code: str,
    message: str,
    *,
    details: Sequence[Mistake] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return an answer with the error body that all services share."""
    detail = ErrorDetail(
        code=code,
        message=message,
        details=list(details),
        correlationId=request.state.correlation_id,
    )
    body = ErrorBody(error=detail).model_dump()
    return JSONResponse(body, status, headers)


def install_error_answers(app: FastAPI) -> None:
    """Make an application answer its errors in the shared shape."""

    @app.exception_handler(ServiceUnavailable)
    async def unavailable(request: Request, error: ServiceUnavailable) -> JSONResponse:
        headers = {"Retry-After": str(error.retry_after)}
        return error_answer(request, 503, error.code, str(error), headers=headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        details = [_mistake(item) for item in error.errors()]
        fields = ", ".join(dict.fromkeys(item.field for item in details))
        return error_answer(
            request, 422, "invalid_parameter", f"not usable: {fields}", details=details
        )

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        code = str(error.detail).lower().replace(" ", "_")
        headers = dict(error.headers or {})
        return error_answer(request, error.status_code, code, str(error.detail), headers=headers)


def _mistake(item: dict[str, Any]) -> Mistake:
    field = ".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0])
    return Mistake(field=field, message=item["msg"])
