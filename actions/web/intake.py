"""The intake form: the rules of the conversation, for who does not want to chat and for when the engine is down."""

from __future__ import annotations

import uuid
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from actions.cases.kinds import list_kinds
from actions.cases.records import FIELDS, Draft
from actions.dialogue.fields import read_details, read_email, read_name, read_phone
from actions.dialogue.speech import Speech
from actions.errors import NotFoundError, TooLongError
from actions.web.cards import draw_cards
from actions.web.context import Context, find_context
from actions.web.guard import demand_same_origin, find_address
from actions.web.pages import find_language, render
from actions.web.schemas import RequestForm

router = APIRouter()
Here = Annotated[Context, Depends(find_context)]


@router.get("/requests/new", include_in_schema=False)
async def show_form(request: Request, here: Here, kind: str = "") -> HTMLResponse:
    """The form, empty, for one kind or with the kinds to choose from."""
    return _render(request, here, RequestForm(kind=kind if kind in list_kinds() else ""), str(uuid.uuid4()))


@router.post("/requests/new", include_in_schema=False, dependencies=[Depends(demand_same_origin)])
async def file_request(request: Request, here: Here, form: Annotated[RequestForm, Form()]) -> Response:
    """Check and file. A field that cannot be read comes back with a word on it, the rest as it was typed.

    The same form sent twice is one case: its `filing_key` was made with the page.
    """
    settings = here.services.settings
    await here.limiter.check("address", find_address(request, settings.trusted_proxies))
    if any(len(value) > settings.message_max_chars for value in form.model_dump().values()):
        raise TooLongError
    key, language, values = _read_key(form.filing_key), find_language(request), _read(form)
    wrong = [field for field in FIELDS if values[field] is None]
    if wrong or form.kind not in list_kinds():
        return _render(request, here, form, key, wrong=wrong)
    draft = Draft(
        kinds=(form.kind,),
        language=language,
        policy_version=here.services.bundle.policy.version,
        filing_key=key,
        fields={field: value or "" for field, value in values.items()},
    )
    await to_thread.run_sync(here.services.desk.file, draft, "form")
    return RedirectResponse(f"/requests/filed/{here.gateway.sign(key)}?lang={language}", status_code=303)


@router.get("/requests/filed/{token}", include_in_schema=False)
async def show_receipt(request: Request, token: str, here: Here) -> HTMLResponse:
    """The receipt, for whoever sent the form: the token is signed and says nothing of the case."""
    key = here.gateway.verify(token)
    case = None
    if key:
        filing_key = key.rpartition(".")[0]
        case = await to_thread.run_sync(here.services.cases.find_by_filing_key, filing_key)
    if case is None:
        raise NotFoundError
    return render(request, "receipt.html", receipt=case.receipt)


def _read(form: RequestForm) -> dict[str, str | None]:
    """What each field holds; None for one that cannot be read. An empty telephone is left out on purpose."""
    return {
        "details": read_details(form.details),
        "name": read_name(form.name, asked=True),
        "email": read_email(form.email),
        "phone": read_phone(form.phone) if form.phone.strip() else "",
    }


def _render(
    request: Request, here: Context, form: RequestForm, filing_key: str, wrong: list[str] | None = None
) -> HTMLResponse:
    """The form as it was typed; `wrong` lists the fields to look at again (None: it is shown for the first time)."""
    speech = Speech(here.services, find_language(request))
    opening = speech.open(form.kind, spoken=False) if form.kind in list_kinds() else None
    return render(
        request,
        "request.html",
        status=200 if wrong is None else 422,
        form=form,
        kinds={name: speech.say(f"kinds.{name}") for name in list_kinds()},
        opening=opening,
        cards=draw_cards(here.services.bundle.policy, list(opening.citations)) if opening else [],
        problems={field: speech.say(f"intake.again_{field}") for field in wrong or ()},
        refused=wrong is not None,
        filing_key=filing_key,
    )


def _read_key(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid4())
