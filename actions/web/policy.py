"""The policy page: every clause with an anchor of its own, in both languages, where citations lead; what changed."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from actions.errors import NotFoundError
from actions.web.context import Context, Here
from actions.web.pages import find_language, render
from knowledge.comparison import compare_texts
from knowledge.policy import PolicyText

BOTH = "both"  # value of `view` that sets the languages side by side; English readers always have the original beside

router = APIRouter()


@router.get("/policy", include_in_schema=False)
async def show_policy(request: Request, here: Here) -> HTMLResponse:
    """The policy in force."""
    return _render(request, here, here.services.bundle.policy)


@router.get("/policy/{version}", include_in_schema=False)
async def show_version(request: Request, version: str, here: Here) -> HTMLResponse:
    """One version of the policy, in force or not: where stored citations lead."""
    return _render(request, here, _find_version(here, version))


@router.get("/policy/{version}/changes", include_in_schema=False)
async def show_changes(request: Request, version: str, here: Here) -> HTMLResponse:
    """What a version changed against the one before it, word by word. The first one has nothing before it."""
    policy, versions = _find_version(here, version), here.services.bundle.versions
    former = _find_former(versions, policy)
    return render(
        request,
        "policy_changes.html",
        policy=policy,
        former=former,
        differences=compare_texts(former, policy) if former else (),
    )


def _find_version(here: Context, version: str) -> PolicyText:
    policy = here.services.bundle.find_version(version)
    if policy is None:
        raise NotFoundError
    return policy


def _find_former(versions: tuple[PolicyText, ...], policy: PolicyText) -> PolicyText | None:
    """The version before this one, by edition number."""
    older = [one for one in versions if _edition(one) < _edition(policy)]
    return max(older, key=_edition, default=None)


def _edition(policy: PolicyText) -> int:
    return int(policy.version.partition("-")[0])


def _render(request: Request, here: Context, policy: PolicyText) -> HTMLResponse:
    """One version's text; an old one says that it is old. All versions are listed when there are several.

    Of a clause in force one may ask: its reading is a question that it answers.
    """
    bundle, language = here.services.bundle, find_language(request)
    readings = bundle.policy.guidance.readings if policy.version == bundle.policy.version else {}
    sections: dict[str, list[dict[str, object]]] = {}
    for unit in policy.units["ja"]:
        row = {
            "unit": unit,
            "english": policy.get_unit(unit.clause_id, "en"),
            "depth": 0 if unit.item in {"", "note"} else unit.item.count(".") + 1,
            "reading": readings.get(unit.clause_id, {}).get(language, ""),
        }
        sections.setdefault(unit.section_id, []).append(row)
    return render(
        request,
        "policy.html",
        policy=policy,
        sections=sections,
        both=language == "en" or request.query_params.get("view") == BOTH,
        in_force=bundle.policy.version,
        versions=[one.version for one in bundle.versions],
        former=_find_former(bundle.versions, policy),
    )
