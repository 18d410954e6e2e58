"""`/healthz`: the process lives. `/readyz`: what it can do now, truthfully."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from anyio import to_thread
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from actions.cases.figures import read_figures
from actions.cases.instants import now
from actions.errors import StorageDownError
from actions.web.context import Context, Here
from actions.web.schemas import HealthReply, ReadinessReply

router = APIRouter()
LOW_BYTES, FULL_BYTES = (
    500 * 1024**2,
    20 * 1024**2,
)  # free on the disk of the state folder: see to it; nothing can be kept


@router.get("/healthz", response_model=HealthReply)
async def show_health() -> dict[str, str]:
    """Answers as long as the process can."""
    return {"status": "ok"}


@router.get("/readyz", response_model=ReadinessReply, responses={503: {"model": ReadinessReply}})
async def show_readiness(here: Here) -> JSONResponse:
    """200 when questions are answered and requests taken, 503 otherwise.

    `degraded` names what is not as it should be although the desk serves: dialogue (questions and forms only),
    dialogue_workers (some are away), mail (does not leave; it waits), limits (each process counts for itself), disk.
    The index is loaded whenever the process answers at all.
    """
    settings = here.services.settings
    can_write, way = await to_thread.run_sync(_look_at_database, here)
    free = await to_thread.run_sync(_measure_free, settings.state)
    workers = await here.engine.count_ready()
    serves = can_write and free >= FULL_BYTES
    faults = {
        "database": not can_write,
        "dialogue": workers == 0,
        "dialogue_workers": 0 < workers < len(here.engine.workers),
        "mail": way != "ok",
        "limits": not await here.limiter.is_shared(),
        "disk": free < LOW_BYTES,
    }
    body: dict[str, Any] = {
        "status": "ready" if serves else "not ready",
        "database": can_write,
        "index": True,
        "dialogue": workers > 0,
        "mail": way if settings.smtp_url.get_secret_value() else "by hand",
        "policy_version": here.services.bundle.policy.version,
        "degraded": [name for name, is_so in faults.items() if is_so],
    }
    return JSONResponse(body, status_code=200 if serves else 503)


def _look_at_database(here: Context) -> tuple[bool, str]:
    """Whether it takes a change, and how mails fared last."""
    try:
        here.services.database.check()
        return True, read_figures(here.services.database, now()).way
    except StorageDownError:
        return False, "ok"


def _measure_free(folder: Path) -> int:
    return shutil.disk_usage(folder).free
