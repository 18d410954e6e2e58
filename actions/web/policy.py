"""The policy page: every clause with an anchor of its own, in both languages; where citations lead."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from actions.errors import NotFoundError
from actions.web.context import Context, find_context
from actions.web.pages import render

router = APIRouter()
Here = Annotated[Context, Depends(find_context)]


@router.get("/policy", include_in_schema=False)
async def show_policy(request: Request, here: Here) -> HTMLResponse:
    """The policy in service."""
    return _render(request, here)


@router.get("/policy/{version}", include_in_schema=False)
async def show_version(request: Request, version: str, here: Here) -> HTMLResponse:
    """One version of the policy: where stored citations lead."""
    if version != here.services.bundle.policy.version:
        raise NotFoundError
    return _render(request, here)


def _render(request: Request, here: Context) -> HTMLResponse:
    policy = here.services.bundle.policy
    english = {unit.clause_id: unit for unit in policy.units["en"]}
    sections: dict[str, list[dict[str, object]]] = {}
    for unit in policy.units["ja"]:
        depth = 0 if unit.item in {"", "note"} else unit.item.count(".") + 1
        row = {"unit": unit, "english": english[unit.clause_id], "depth": depth}
        sections.setdefault(unit.section_id, []).append(row)
    return render(request, "policy.html", policy=policy, sections=sections)
