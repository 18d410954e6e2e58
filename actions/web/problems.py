"""Errors in words: one shape for clients, one page for people, and no input echoed in either."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from actions.errors import BusyError, ConditionError, MalformedError, NotFoundError, ServiceError, TooManyRequestsError
from actions.texts import list_keys
from actions.web.context import find_context
from actions.web.guard import make_headers
from actions.web.pages import find_language, render, say_here

WAITING = (TooManyRequestsError, BusyError)
LONG_WAIT_SECONDS = 120  # from here on a wait is told in minutes

logger = structlog.get_logger()


def install_handlers(app: FastAPI) -> None:
    """Answer every expected and unexpected failure."""
    app.add_exception_handler(ServiceError, _answer_expected)
    app.add_exception_handler(RequestValidationError, _answer_malformed)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_unexpected)


def word_error(request: Request, error: ServiceError, language: str = "") -> str:
    """The sentence for an error, in the page's language if none is given."""
    seconds = error.retry_after if isinstance(error, WAITING) else 0
    return say_here(
        request,
        language or find_language(request),
        _find_key(error),
        limit=find_context(request).services.settings.message_max_chars,
        seconds=seconds,
        minutes=-(-seconds // 60),
    )


def list_headers(error: ServiceError) -> dict[str, str]:
    """Headers that belong to an error's response."""
    return {"Retry-After": str(error.retry_after)} if isinstance(error, WAITING) else {}


def _find_key(error: ServiceError) -> str:
    if isinstance(error, ConditionError):
        key = f"conditions.{error.reason}"
        return key if key in list_keys("ja") else "conditions.failed"
    if isinstance(error, TooManyRequestsError) and error.retry_after > LONG_WAIT_SECONDS:
        return "errors.too_many_long"
    return f"errors.{error.code}"


def _respond(request: Request, error: ServiceError, status: int | None = None) -> Response:
    status, headers = status or error.status, list_headers(error)
    message = word_error(request, error)
    if request.url.path.startswith(("/api/", "/healthz", "/readyz")):
        body = {"error": {"code": error.code, "message": message}}
        return JSONResponse(body, status_code=status, headers=headers)
    page = render(request, "error.html", status=status, message=message)
    page.headers.update(headers)
    return page


async def _answer_expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)
    logger.info("refused", code=error.code, status=error.status)
    return _respond(request, error)


async def _answer_malformed(request: Request, error: Exception) -> Response:  # noqa: ARG001  its text quotes the input
    return _respond(request, MalformedError())


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    expected: ServiceError = NotFoundError() if error.status_code == NotFoundError.status else MalformedError()
    # 400 is FastAPI's for a body that is no JSON at all; what cannot be read is 422 here, whatever the reason.
    return _respond(request, expected, None if error.status_code == 400 else error.status_code)


async def _answer_unexpected(request: Request, error: Exception) -> Response:
    logger.error("unexpected", kind=type(error).__name__)
    response = _respond(request, ServiceError())
    # This answer is given outside of every middleware.
    response.headers.update(make_headers(find_context(request).services.settings.frame_ancestors))
    return response
