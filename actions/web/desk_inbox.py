"""The inbox: what is to be done, the most urgent first; tabs and filters stand in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import QueryParams

from actions.cases.accounts import Account
from actions.cases.desk import CHANNELS
from actions.cases.inbox import TABS, Filter, InboxPage
from actions.cases.instants import now
from actions.cases.kinds import list_kinds
from actions.cases.mailroom import Mailroom
from actions.cases.permissions import Right
from actions.cases.records import InboxRow
from actions.cases.workflow import list_states
from actions.services import Services
from actions.web.context import Here
from actions.web.desk import INBOX, demand, draw
from actions.web.desk_words import Due, describe_acknowledgement, describe_due, describe_legal
from actions.web.pages import find_language

FAR = 100_000  # no inbox has so many pages
UNASSIGNED = "-"
OWN_CHANNELS = ("chat", "form")

router = APIRouter(include_in_schema=False)
Reader = Annotated[Account, Depends(demand(Right.READ_CASES))]


@dataclass(frozen=True, slots=True)
class Line:
    """A case in the list. `legal` is there once Art. 39 is near, `acknowledge` until it is; `mails` wait for a hand."""

    row: InboxRow
    due: Due
    legal: Due | None
    acknowledge: Due | None
    mails: int


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of cases with all that stands around it."""

    chosen: Filter
    page: InboxPage
    lines: tuple[Line, ...]
    counts: dict[str, int]
    assignees: tuple[str, ...]


@router.get(INBOX)
async def show_inbox(request: Request, here: Here, account: Reader) -> HTMLResponse:
    """A tab of the inbox, filtered."""
    inbox = await to_thread.run_sync(_gather, here.services, request.query_params, find_language(request))
    return draw(
        request,
        "desk_inbox.html",
        account,
        inbox=inbox,
        tabs=TABS,
        choices=list_choices(inbox.assignees),
        address=lambda **changed: write_query(replace(inbox.chosen, **changed)),
    )


def read_filter(query: QueryParams, assignees: tuple[str, ...]) -> Filter:
    """The filter in an address. What is unknown in it filters nothing: a saved link goes on working."""
    known = {"tab": TABS, **list_choices(assignees)}
    given = {name: query.get(name, "") for name in known}
    kept = {name: value for name, value in given.items() if value in known[name]}
    page = query.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < len(str(FAR)) else 1
    return Filter(**kept, overdue=query.get("overdue") == "1", page=max(1, number))


def list_choices(assignees: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """What each filter may be, besides nothing."""
    return {
        "kind": tuple(list_kinds()),
        "state": tuple(list_states()),
        "channel": (*OWN_CHANNELS, *CHANNELS),
        "assignee": (UNASSIGNED, *assignees),
    }


def write_query(chosen: Filter) -> str:
    """A filter as it stands in an address: what filters nothing is left out."""
    parts = {"tab": chosen.tab, "kind": chosen.kind, "state": chosen.state, "channel": chosen.channel}
    parts |= {"assignee": chosen.assignee, "overdue": "1" if chosen.overdue else ""}
    parts |= {"page": str(chosen.page) if chosen.page > 1 else ""}
    return urlencode({name: value for name, value in parts.items() if value})


def _gather(services: Services, query: QueryParams, language: str) -> Inbox:
    with services.database.one_moment():
        return _gather_at_once(services, query, language)


def _gather_at_once(services: Services, query: QueryParams, language: str) -> Inbox:
    moment, rules = now(), services.desk.find_rules()
    assignees = tuple(sorted(rules.assignees))
    chosen = read_filter(query, assignees)
    counts = services.cases.count_tabs()
    total = counts[chosen.tab] if chosen == Filter(chosen.tab, page=chosen.page) else None
    page = services.cases.list_inbox(chosen, moment, total)
    if page.page > page.pages:  # a page that was there when the link was made
        chosen = replace(chosen, page=page.pages)
        page = services.cases.list_inbox(chosen, moment, page.total)
    mailroom = Mailroom(services.database, services.outbox, services.audit)
    mails = mailroom.count_unsent([row.receipt for row in page.rows])
    lines = tuple(_draw_line(row, moment, services, language, mails.get(row.receipt, 0)) for row in page.rows)
    return Inbox(chosen, page, lines, counts, assignees)


def _draw_line(row: InboxRow, moment: datetime, services: Services, language: str, mails: int) -> Line:
    closed = row.closed_at is not None
    due = describe_due(row.due_at, moment, services.settings.closing_days, language, closed=closed)
    legal = None if closed else describe_legal(row.arrived_at, moment, language)
    acknowledge = describe_acknowledgement(row, moment, services.settings, language)
    return Line(row, due, legal if legal and legal.level != "far" else None, acknowledge, mails)
