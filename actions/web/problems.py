"""Errors in words: one shape for clients, one page for people, and no input echoed in either."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from actions.errors import MalformedError, NotFoundError, ServiceError, TooManyRequestsError
from actions.texts import say
from actions.web.context import find_context
from actions.web.guard import make_headers
from actions.web.pages import find_language, render

logger = structlog.get_logger()


def install_handlers(app: FastAPI) -> None:
    """Answer every expected and unexpected failure."""
    app.add_exception_handler(ServiceError, _answer_expected)
    app.add_exception_handler(RequestValidationError, _answer_malformed)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_unexpected)


def word_error(request: Request, error: ServiceError) -> str:
    """The sentence for an error in the page's language."""
    services = find_context(request).services
    return say(
        find_language(request),
        f"errors.{error.code}",
        limit=services.settings.message_max_chars,
        seconds=error.retry_after if isinstance(error, TooManyRequestsError) else 0,
        phone=services.bundle.policy.shop.phone,
    )


def _respond(request: Request, error: ServiceError, status: int | None = None) -> Response:
    status = status or error.status
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooManyRequestsError) else {}
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
