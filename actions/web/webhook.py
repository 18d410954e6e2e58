"""The internal port: `POST /webhook` (Rasa's actions; never echoes or logs a body) and `GET /metrics`."""

from __future__ import annotations

import asyncio
import hmac
from typing import Any

import structlog
from anyio import to_thread
from prometheus_client import CONTENT_TYPE_LATEST
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actions.services import Services
from actions.web.metrics import write_metrics

logger = structlog.get_logger()


class _Internal:
    """The three pages. FastAPI's checking of parameters would cost each turn more than the page itself."""

    def __init__(self, services: Services, executor: ActionExecutor) -> None:
        self._services, self._executor = services, executor

    async def report_health(self, request: Request) -> Response:  # noqa: ARG002  Starlette's signature
        return JSONResponse({"status": "ok"})

    async def report_metrics(self, request: Request) -> Response:
        # Prometheus sends it as "Bearer …" (`authorization: {credentials: …}` in its configuration).
        if not self._is_welcome(request.headers.get("authorization", "").removeprefix("Bearer ")):
            return _refuse("forbidden", 403)
        return Response(await to_thread.run_sync(write_metrics, self._services), media_type=CONTENT_TYPE_LATEST)

    async def run_action(self, request: Request) -> Response:
        if not self._is_welcome(request.headers.get("x-madoguchi-webhook", "")):
            return _refuse("forbidden", 403)
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return _refuse("malformed", 400)
        return await _run(self._executor, body, self._services.settings.action_timeout_seconds)

    def _is_welcome(self, given: str) -> bool:
        secret = self._services.settings.webhook_secret.get_secret_value()
        # As bytes: text beyond ASCII cannot be compared.
        return not secret or hmac.compare_digest(given.encode(), secret.encode())


def make_internal_app(services: Services, executor: ActionExecutor) -> Starlette:
    """The application on the internal port."""
    pages = _Internal(services, executor)
    return Starlette(
        routes=[
            Route("/health", pages.report_health),
            Route("/metrics", pages.report_metrics),
            Route("/webhook", pages.run_action, methods=["POST"]),
        ]
    )


async def _run(executor: ActionExecutor, body: dict[str, Any], limit: float) -> JSONResponse:
    """Run one action within its time; Rasa itself would wait five minutes while the conversation's lock lives one."""
    # With selective domains Rasa sends none at all, and the SDK would refuse the call.
    body.setdefault("domain", {})
    try:
        result = await asyncio.wait_for(executor.run(body), limit)
    except ActionExecutionRejection as error:
        return JSONResponse({"error": "rejected", "action_name": error.action_name}, status_code=400)
    except ActionNotFoundException as error:
        return JSONResponse({"error": "unknown", "action_name": error.action_name}, status_code=404)
    except Exception as error:  # noqa: BLE001  whatever it was, Rasa must hear a failure and nobody a text
        logger.error("action failed", kind=type(error).__name__, name=str(body.get("next_action"))[:40])
        return _refuse("failed", 500)
    return JSONResponse(result.model_dump() if result else {"events": [], "responses": []})


def _refuse(why: str, status: int) -> JSONResponse:
    return JSONResponse({"error": why}, status_code=status)
