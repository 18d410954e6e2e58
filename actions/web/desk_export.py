"""The inbox as a table for a spreadsheet: the same filter, nothing personal, and no cell that a program would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import QueryParams

from actions.cases.accounts import Account
from actions.cases.audit import Entry
from actions.cases.instants import now
from actions.cases.permissions import Right
from actions.cases.records import InboxRow
from actions.hours import TOKYO
from actions.services import Services
from actions.texts import say
from actions.web.context import Here
from actions.web.desk import demand
from actions.web.desk_inbox import read_filter
from actions.web.desk_words import describe_moment
from actions.web.pages import find_language

# What a spreadsheet takes for the beginning of a formula, in their full-width forms too (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
COLUMNS = (
    "receipt",
    "kinds",
    "states",
    "outcomes",
    "channel",
    "agent",
    "arrived",
    "confirmed",
    "acknowledged",
    "due",
    "closed",
    "assignee",
)

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/export.csv")
async def export_cases(
    request: Request, here: Here, account: Annotated[Account, Depends(demand(Right.EXPORT_CASES))]
) -> Response:
    """All cases that the filter in the address shows; that somebody took them away stands in the audit chain."""
    language = find_language(request)
    content = await to_thread.run_sync(_export, here.services, request.query_params, account.name, language)
    name = f"cases-{now().astimezone(TOKYO):%Y-%m-%d}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def write_table(rows: Iterable[InboxRow], language: str) -> str:
    """The rows as CSV with a heading, in the language's words."""
    table = io.StringIO()
    writer = csv.writer(table)
    tell = cache(partial(say, language))  # the same few words in thousands of rows
    writer.writerow([tell(f"desk.columns.{name}") for name in COLUMNS])
    for row in rows:
        writer.writerow([guard_cell(cell) for cell in _list_cells(row, tell)])
    return table.getvalue()


def guard_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _export(services: Services, query: QueryParams, account: str, language: str) -> bytes:
    chosen = read_filter(query, tuple(services.desk.find_rules().assignees))
    rows = list(services.cases.iterate_rows(chosen, now()))
    content = write_table(rows, language).encode("utf-8-sig")  # by the mark spreadsheets know UTF-8
    services.audit.record(Entry(account, "export", detail={"rows": len(rows)}))
    return content


def _list_cells(row: InboxRow, tell: Callable[[str], str]) -> list[str]:
    return [
        row.receipt,
        _join("desk.kinds", row.kinds, tell),
        _join("states", row.states, tell),
        _join("outcomes", row.outcomes, tell),
        tell(f"desk.channels.{row.channel}"),
        tell(f"desk.agents.{row.agent}") if row.agent else "",
        *(_date(moment) for moment in (row.arrived_at, row.confirmed_at, row.acknowledged_at)),
        *(_date(moment) for moment in (row.due_at, row.closed_at)),
        row.assignee,
    ]


def _join(section: str, names: Iterable[str], tell: Callable[[str], str]) -> str:
    """One cell for the items of a case, in their order; "–" for one that has nothing yet."""
    words = [tell(f"{section}.{name}") if name else "–" for name in names]
    return " / ".join(words) if set(words) != {"–"} else ""


def _date(moment: datetime | None) -> str:
    return describe_moment(moment) if moment else ""
