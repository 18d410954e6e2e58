"""The intake form: the rules of the conversation, for who does not want to chat and for when the engine is down."""

from __future__ import annotations

import uuid
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from actions.cases.documents import describe_documents
from actions.cases.kinds import list_kinds
from actions.cases.records import FIELDS, Case, Draft
from actions.dialogue.fields import read_details, read_email, read_phone
from actions.dialogue.names import read_name
from actions.dialogue.speech import Speech
from actions.errors import AlreadyFiledError, ComplaintsElsewhereError, NotFoundError, ServiceError, TooLongError
from actions.web.cards import draw_cards
from actions.web.context import Context, Here
from actions.web.guard import demand_same_origin, find_address
from actions.web.pages import find_language, render
from actions.web.problems import list_headers, word_error
from actions.web.schemas import RequestForm

AGENTS = ("", "legal", "appointed")  # who writes: the person, or who acts for another (APPI 37(3))
COMPLAINT = "complaint"

router = APIRouter()


@router.get("/requests/new", include_in_schema=False)
async def show_form(request: Request, here: Here, kind: Annotated[list[str] | None, Query()] = None) -> HTMLResponse:
    """The form, empty, with the kinds chosen that the address names."""
    return _render(request, here, RequestForm(kind=kind or []), str(uuid.uuid4()))


@router.post("/requests/new", include_in_schema=False, dependencies=[Depends(demand_same_origin)])
async def file_request(request: Request, here: Here, form: Annotated[RequestForm, Form()]) -> Response:
    """Check and file. A field that cannot be read comes back with a word on it, the rest as it was typed.

    The same form sent twice is one case: its `filing_key` was made with the page.
    """
    key, language = _read_key(form.filing_key), find_language(request)
    try:
        await here.limiter.check("address", find_address(request, here.services.settings.trusted_proxies))
        _check(here, form)
    except ServiceError as error:
        return _render(request, here, form, key, error=error)
    kinds, values = _read_kinds(form), _read(form)
    wrong = [field for field, value in values.items() if value is None]
    if not kinds or wrong:
        return _render(request, here, form, key, wrong=[*([] if kinds else ["kind"]), *wrong])
    given = {field: value or "" for field, value in values.items()}
    draft = Draft(
        kinds=kinds,
        language=language,
        policy_version=here.services.bundle.policy.version,
        filing_key=key,
        fields={field: given[field] for field in FIELDS},
        agent=given["agent"],
        represented=given["represented"],
        told=_tell(Speech(here.services, language), kinds, given["agent"]),
    )
    try:
        await here.limiter.check("filing", find_address(request, here.services.settings.trusted_proxies))
        await to_thread.run_sync(here.services.desk.file, draft, "form")
    except AlreadyFiledError as error:
        return _render(
            request, here, form, str(uuid.uuid4()), error=error
        )  # sent once more, it is a request of its own
    except ServiceError as error:
        return _render(request, here, form, key, error=error)
    return RedirectResponse(f"/requests/filed/{here.gateway.sign(key)}?lang={language}", status_code=303)


@router.get("/requests/filed/{token}", include_in_schema=False)
async def show_receipt(request: Request, token: str, here: Here) -> HTMLResponse:
    """The receipt, for whoever sent the form: the token is signed and says nothing of the case.

    It leads to the status page until the address is confirmed: after that, only the mailbox does.
    """
    key = here.gateway.verify(token)
    case = await to_thread.run_sync(_find_filed, here, key.rpartition(".")[0]) if key else None
    if case is None:
        raise NotFoundError
    path = await to_thread.run_sync(here.services.desk.find_status_path, case.receipt)
    minutes = here.services.settings.code_minutes
    return render(request, "receipt.html", receipt=case.receipt, status_path=path, minutes=minutes)


def _find_filed(here: Context, filing_key: str) -> Case | None:
    return here.services.cases.find_by_filing_key(filing_key)


def _check(here: Context, form: RequestForm) -> None:
    """Raises: TooLongError, ComplaintsElsewhereError."""
    settings = here.services.settings
    typed = [*form.kind, *(value for value in form.model_dump().values() if isinstance(value, str))]
    if len(form.kind) > settings.message_max_chars or any(len(one) > settings.message_max_chars for one in typed):
        raise TooLongError
    if COMPLAINT in form.kind and not settings.complaints_in_chat:
        raise ComplaintsElsewhereError


def _read_kinds(form: RequestForm) -> tuple[str, ...]:
    """The kinds chosen, in the policy's order; none when one of them is unknown."""
    chosen = set(form.kind)
    return tuple(kind for kind in list_kinds() if kind in chosen) if chosen <= set(list_kinds()) else ()


def _read(form: RequestForm) -> dict[str, str | None]:
    """What each field holds, in the order of the page; None for one that cannot be read.

    An empty telephone is left out on purpose. Who names another person acts for them, and says in which way.
    """
    is_agent = bool(form.agent or form.represented.strip())
    return {
        "details": read_details(form.details),
        "agent": form.agent if form.agent in AGENTS and bool(form.agent) == is_agent else None,
        "represented": read_name(form.represented, asked=True) if form.represented.strip() else "",
        "name": read_name(form.name, asked=True),
        "email": read_email(form.email),
        "phone": read_phone(form.phone) if form.phone.strip() else "",
    }


def _tell(speech: Speech, kinds: tuple[str, ...], agent: str) -> str:
    """What the page told of the kinds that were chosen, and of the documents that they need."""
    level = max(list_kinds()[kind].level for kind in kinds)
    told = [speech.open(kind, spoken=False).text for kind in kinds]
    return "\n\n".join([*told, describe_documents(speech.language, level, agent)])


def _render(
    request: Request,
    here: Context,
    form: RequestForm,
    filing_key: str,
    *,
    wrong: list[str] | None = None,
    error: ServiceError | None = None,
) -> HTMLResponse:
    """The form as it was typed; `wrong` lists the fields to look at again, `error` is why it was not taken at all."""
    speech, settings = Speech(here.services, find_language(request)), here.services.settings
    offered = [name for name in list_kinds() if name != COMPLAINT or settings.complaints_in_chat]
    page = render(
        request,
        "request.html",
        status=error.status if error else 422 if wrong else 200,
        form=form,
        kinds=[_describe(here, speech, name) for name in offered],
        agents={agent: describe_documents(speech.language, 1, agent) for agent in AGENTS if agent},
        elsewhere=COMPLAINT in form.kind and COMPLAINT not in offered,
        problems={field: _word_problem(speech, field) for field in wrong or ()},
        refused=word_error(request, error) if error else speech.say("pages.form_problem") if wrong else "",
        filing_key=filing_key,
    )
    page.headers.update(list_headers(error) if error else {})
    return page


def _describe(here: Context, speech: Speech, name: str) -> dict[str, object]:
    """A kind as the page explains it: its clauses, the policy's own way, conditions, and what to show."""
    opening = speech.open(name, spoken=False)
    return {
        "name": name,
        "title": speech.say(f"kinds.{name}"),
        "text": opening.text,
        "cards": draw_cards(here.services.bundle.policy, list(opening.citations)),
        "documents": describe_documents(speech.language, list_kinds()[name].level),
    }


def _word_problem(speech: Speech, field: str) -> str:
    if field in {"kind", "agent"}:
        return speech.say(f"pages.form_{field}_problem")
    return speech.say(f"intake.again_{'name' if field == 'represented' else field}")


def _read_key(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid4())
