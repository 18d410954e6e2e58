"""`/healthz`: the process lives. `/readyz`: what it can do now, truthfully."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from actions.web.context import Context, find_context

router = APIRouter()
Here = Annotated[Context, Depends(find_context)]


@router.get("/healthz")
async def show_health() -> dict[str, str]:
    """Answers as long as the process can."""
    return {"status": "ok"}


@router.get("/readyz")
async def show_readiness(here: Here) -> JSONResponse:
    """200 when questions are answered and requests taken; `dialogue` false means reduced mode, which still serves."""
    database = await to_thread.run_sync(_reach_database, here)
    dialogue = await here.engine.is_ready()
    body: dict[str, Any] = {
        "status": "ready" if database else "not ready",
        "database": database,
        "dialogue": dialogue,
        "policy_version": here.services.bundle.policy.version,
    }
    return JSONResponse(body, status_code=200 if database else 503)


def _reach_database(here: Context) -> bool:
    try:
        with here.services.database.reading() as session:
            session.execute(text("select 1"))
    except SQLAlchemyError:
        return False
    return True
