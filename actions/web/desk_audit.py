"""The audit chain to read, newest first, and to have checked."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from actions.cases.accounts import Account
from actions.cases.audit import Verdict
from actions.cases.permissions import Right
from actions.web.context import Context, Here
from actions.web.desk import demand, draw
from actions.web.desk_words import describe_event
from actions.web.guard import demand_same_origin
from actions.web.pages import find_language

PAGE = 100  # entries
LARGEST = 2**31 - 1
PATH = "/desk/audit"

router = APIRouter(include_in_schema=False)
Auditor = Annotated[Account, Depends(demand(Right.READ_AUDIT))]


@router.get(PATH)
async def show_audit(request: Request, here: Here, account: Auditor, before: str = "") -> HTMLResponse:
    """A page of entries; `before` is the number of the entry that it goes on from."""
    start = int(before) if before.isascii() and before.isdigit() and len(before) < len(str(LARGEST)) else None
    return await _draw(request, here, account, start)


@router.post(f"{PATH}/verify", dependencies=[Depends(demand_same_origin)])
async def verify_audit(request: Request, here: Here, account: Auditor) -> HTMLResponse:
    """Check the whole chain, and say what was found above the newest entries."""
    verdict = await to_thread.run_sync(here.services.audit.verify)
    return await _draw(request, here, account, None, verdict)


@router.get(f"{PATH}/verify")
async def show_audit_instead(request: Request, here: Here, account: Auditor) -> HTMLResponse:
    """Who reloads the address of a check finds the entries: a check is asked for by its button."""
    return await _draw(request, here, account, None)


async def _draw(
    request: Request, here: Context, account: Account, before: int | None, verdict: Verdict | None = None
) -> HTMLResponse:
    language = find_language(request)
    events = await to_thread.run_sync(here.services.audit.list_latest, PAGE + 1, before)
    return draw(
        request,
        "desk_audit.html",
        account,
        place=PATH,
        events=[describe_event(event, language) for event in events[:PAGE]],
        following=events[PAGE - 1].seq if len(events) > PAGE else None,
        verdict=verdict,
    )
