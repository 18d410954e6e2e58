"""Writing down a request that came by telephone, by letter, by the shop's own page or at the counter."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from actions.cases.accounts import Account
from actions.cases.desk import CHANNELS, Arrival
from actions.cases.instants import now
from actions.cases.kinds import list_kinds
from actions.cases.permissions import Right
from actions.cases.records import Draft
from actions.dialogue.fields import read_details, read_email, read_phone
from actions.dialogue.names import read_name
from actions.errors import StorageDownError
from actions.hours import TOKYO
from actions.texts import LANGUAGES
from actions.web.context import Here
from actions.web.desk import demand, draw
from actions.web.guard import demand_same_origin
from actions.web.pages import find_language
from actions.web.problems import word_error

OLDEST_DAYS = 90  # a request that arrived before is no new one
LONGEST = 10_000  # characters of the details
AGENTS = ("", "legal", "appointed")
PATH = "/desk/cases/new"

router = APIRouter(include_in_schema=False)
Clerk = Annotated[Account, Depends(demand(Right.ENTER_CASES))]


class EntryForm(BaseModel):
    """A request as an officer wrote it down. `filing_key` came with the page and makes sending twice one case."""

    kind: list[str] = Field(default_factory=list)
    channel: str = ""
    arrived: str = ""
    language: str = "ja"
    details: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    agent: str = ""
    represented: str = ""
    filing_key: str = ""


@router.get(PATH)
async def show_entry(request: Request, account: Clerk) -> HTMLResponse:
    """The form, empty, for a request of today."""
    form = EntryForm(arrived=_today().isoformat(), filing_key=str(uuid.uuid4()))
    return _draw(request, account, form, ())


@router.post(PATH, dependencies=[Depends(demand_same_origin)])
async def enter_case(request: Request, here: Here, account: Clerk, form: Annotated[EntryForm, Form()]) -> Response:
    """Check and file. A field that cannot be read comes back with a word on it, the rest as it was typed."""
    fields, day = _read_fields(form), _read_day(form.arrived)
    wrong = [name for name, value in fields.items() if value is None]
    wrong += [name for name, good in _check_choices(form, day).items() if not good]
    if wrong or day is None:
        return _draw(request, account, form, tuple(wrong))
    draft = Draft(
        kinds=tuple(kind for kind in list_kinds() if kind in form.kind),
        language=form.language,
        policy_version=here.services.bundle.policy.version,
        filing_key=_read_key(form.filing_key),
        fields={name: value or "" for name, value in fields.items() if name != "represented"},
        agent=form.agent,
        represented=fields["represented"] or "",
    )
    arrival = Arrival(form.channel, None if day == _today() else datetime.combine(day, time(12), TOKYO))
    try:
        case = await to_thread.run_sync(here.services.desk.enter, draft, arrival, account)
    except StorageDownError as error:
        return _draw(request, account, form, (), error)
    address = f"/desk/cases/{case.receipt}?lang={find_language(request)}&done=enter#result"
    return RedirectResponse(address, status_code=303)


def _draw(
    request: Request,
    account: Account,
    form: EntryForm,
    wrong: tuple[str, ...],
    error: StorageDownError | None = None,
) -> HTMLResponse:
    today = _today()
    return draw(
        request,
        "desk_entry.html",
        account,
        status=error.status if error else 422 if wrong else 200,
        refused=word_error(request, error) if error else "",
        place=PATH,
        form=form,
        wrong=wrong,
        kinds=tuple(list_kinds()),
        channels=CHANNELS,
        languages=LANGUAGES,
        agents=AGENTS,
        longest=LONGEST,
        days=OLDEST_DAYS,
        first=(today - timedelta(days=OLDEST_DAYS)).isoformat(),
        last=today.isoformat(),
    )


def _read_fields(form: EntryForm) -> dict[str, str | None]:
    """What each field holds; None for one that cannot be read. Address and telephone may be left out."""
    represented = form.represented.strip()
    return {
        "details": read_details(form.details) if len(form.details) <= LONGEST else None,
        "name": read_name(form.name, asked=True),
        "email": read_email(form.email) if form.email.strip() else "",
        "phone": read_phone(form.phone) if form.phone.strip() else "",
        "represented": read_name(represented, asked=True) if form.agent and represented else "",
    }


def _check_choices(form: EntryForm, day: date | None) -> dict[str, bool]:
    return {
        "kind": bool(form.kind) and set(form.kind) <= set(list_kinds()),
        "channel": form.channel in CHANNELS,
        "arrived": day is not None and timedelta(0) <= _today() - day <= timedelta(days=OLDEST_DAYS),
        "language": form.language in LANGUAGES,
        "agent": form.agent in AGENTS,
    }


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _read_key(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid4())


def _today() -> date:
    return now().astimezone(TOKYO).date()
