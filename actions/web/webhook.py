"""The internal port: `POST /webhook` (Rasa's actions; never echoes or logs a body) and `GET /metrics`."""

from __future__ import annotations

import asyncio
import hmac
from typing import Annotated, Any

import structlog
from anyio import to_thread
from fastapi import APIRouter, FastAPI, Header, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from actions.services import Services
from actions.web.metrics import write_metrics

logger = structlog.get_logger()


def make_internal_app(services: Services, executor: ActionExecutor) -> FastAPI:
    """The application on the internal port."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(_make_router(services, executor))
    return app


def _is_welcome(given: str, secret: str) -> bool:
    # As bytes: text beyond ASCII cannot be compared.
    return not secret or hmac.compare_digest(given.encode(), secret.encode())


def _make_router(services: Services, executor: ActionExecutor) -> APIRouter:
    router = APIRouter()
    secret = services.settings.webhook_secret.get_secret_value()
    limit = services.settings.action_timeout_seconds

    @router.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/metrics")
    async def metrics(authorization: Annotated[str, Header()] = "") -> Response:
        # Prometheus sends it as "Bearer …" (`authorization: {credentials: …}` in its configuration).
        if not _is_welcome(authorization.removeprefix("Bearer "), secret):
            return JSONResponse({"error": "forbidden"}, status_code=403)
        return Response(await to_thread.run_sync(write_metrics, services), media_type=CONTENT_TYPE_LATEST)

    @router.post("/webhook")
    async def webhook(request: Request, x_madoguchi_webhook: Annotated[str, Header()] = "") -> JSONResponse:
        if not _is_welcome(x_madoguchi_webhook, secret):
            return JSONResponse({"error": "forbidden"}, status_code=403)
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return JSONResponse({"error": "malformed"}, status_code=400)
        return await _run(executor, body, limit)

    return router


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
        return JSONResponse({"error": "failed"}, status_code=500)
    return JSONResponse(result.model_dump() if result else {"events": [], "responses": []})
