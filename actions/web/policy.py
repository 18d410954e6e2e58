"""The policy page: every clause with an anchor of its own, in both languages; where citations lead."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from actions.errors import NotFoundError
from actions.web.context import Context, find_context
from actions.web.pages import render
from knowledge.policy import PolicyText

router = APIRouter()
Here = Annotated[Context, Depends(find_context)]


@router.get("/policy", include_in_schema=False)
async def show_policy(request: Request, here: Here) -> HTMLResponse:
    """The policy in force."""
    return _render(request, here, here.services.bundle.policy)


@router.get("/policy/{version}", include_in_schema=False)
async def show_version(request: Request, version: str, here: Here) -> HTMLResponse:
    """One version of the policy, in force or not: where stored citations lead."""
    policy = here.services.bundle.find_version(version)
    if policy is None:
        raise NotFoundError
    return _render(request, here, policy)


def _render(request: Request, here: Context, policy: PolicyText) -> HTMLResponse:
    """One version's text; an old one says that it is old. All versions are listed when there are several."""
    bundle = here.services.bundle
    english = {unit.clause_id: unit for unit in policy.units["en"]}
    sections: dict[str, list[dict[str, object]]] = {}
    for unit in policy.units["ja"]:
        depth = 0 if unit.item in {"", "note"} else unit.item.count(".") + 1
        row = {"unit": unit, "english": english[unit.clause_id], "depth": depth}
        sections.setdefault(unit.section_id, []).append(row)
    versions = [one.version for one in bundle.versions]
    return render(
        request,
        "policy.html",
        policy=policy,
        sections=sections,
        in_force=bundle.policy.version,
        versions=versions if len(versions) > 1 else [],
    )
