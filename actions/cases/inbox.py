"""What the inbox shows: its tabs and filters as conditions, and the order it has.

It is read from an index that holds all this asks for (`tables.INBOX_COLUMNS`). How the conditions are worded decides
whether the databases do so: a test looks at their plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from actions.cases.records import InboxRow
from actions.cases.tables import CaseRow, ItemRow, MailRow

TABS = ("todo", "unconfirmed", "waiting", "closed", "all")
PAGE = 50  # cases a page of the inbox
_OURS = ("received", "id_check", "investigating", "deciding", "fulfilling")  # states in which the desk is to act
_THEIRS = ("on_hold", "fee_wait", "notifying")


@dataclass(frozen=True, slots=True)
class Filter:
    """What the inbox shows. `tab` one of TABS; the rest "" for any; `page` counts from 1."""

    tab: str = "todo"
    kind: str = ""
    state: str = ""
    channel: str = ""
    assignee: str = ""
    overdue: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class InboxPage:
    """A page of the inbox and how many cases there are in all."""

    rows: tuple[InboxRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // PAGE))


def is_unsent() -> ColumnElement[bool]:
    """A mail that waits for an officer: dead, held for an address to be confirmed, or to be given by hand."""
    by_hand = and_(MailRow.state == "written", MailRow.audience == "customer")
    return or_(MailRow.state.in_(("dead", "held")), by_hand)


def _tab(name: str) -> ColumnElement[bool]:
    """What a case of this tab is like.

    States are asked for as an expression, which has no index: the index that knows the order leads, and a page is
    found among its first entries. Led by states, all cases of the tab would be read and sorted.
    """
    state = func.coalesce(CaseRow.state, "")
    tabs: dict[str, ColumnElement[bool]] = {
        "todo": or_(state.in_(_OURS), _is_unread(), _has_unsent()),
        "unconfirmed": state == "mail_unverified",
        "waiting": state.in_(_THEIRS),
        "closed": CaseRow.closed_at.is_not(None),
    }
    return tabs.get(name, true())


@lru_cache(maxsize=1)
def count_all() -> Select[Any]:
    """A number for each tab, each from an index; what is to be done in three parts that share nothing."""
    ours, unread = CaseRow.state.in_(_OURS), _is_unread()

    def count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return select(func.count()).select_from(CaseRow).where(*conditions).scalar_subquery()

    numbers = {
        "todo": count(ours) + count(~ours, unread) + count(~ours, ~unread, _has_unsent()),
        "unconfirmed": count(CaseRow.state == "mail_unverified"),
        "waiting": count(CaseRow.state.in_(_THEIRS)),
        "closed": count(CaseRow.closed_at.is_not(None)),
        "all": count(),
    }
    return select().add_columns(*(numbers[tab] for tab in TABS))


def _is_unread() -> ColumnElement[bool]:
    # Until its address is confirmed, nobody need read a request: anybody can type one under anybody's address.
    return and_(CaseRow.waiting, CaseRow.confirmed_at.is_not(None))


def _has_unsent() -> ColumnElement[bool]:
    return CaseRow.id.in_(select(MailRow.case_id).where(is_unsent()))


def filter_cases(query: Select[Any], chosen: Filter, moment: datetime) -> Select[Any]:
    """A query of cases, of those that a filter shows."""
    query = query.where(_tab(chosen.tab))
    if chosen.kind or chosen.state:
        wanted = [ItemRow.kind == chosen.kind] if chosen.kind else []
        wanted += [ItemRow.state == chosen.state] if chosen.state else []
        # Looked up once, and not led by: SQLite would walk through all items of a state for each case, or read the row
        # of each case that has such an item. An expression has no index.
        case_id = func.coalesce(CaseRow.id, "")
        query = query.where(case_id.in_(select(ItemRow.case_id).where(*wanted)))
    if chosen.channel:
        query = query.where(CaseRow.channel == chosen.channel)
    if chosen.assignee:
        query = query.where(CaseRow.assignee == ("" if chosen.assignee == "-" else chosen.assignee))
    if chosen.overdue:
        query = query.where(CaseRow.closed_at.is_(None), CaseRow.due_at < moment)
    return query


def sort_cases(query: Select[Any], chosen: Filter) -> Select[Any]:
    """The most urgent first: what is due soonest, then what has waited longest; where nothing is urgent, the newest."""
    if chosen.tab in {"closed", "all"}:
        return query.order_by(CaseRow.created_at.desc(), CaseRow.id)
    return query.order_by(CaseRow.due_at.asc().nulls_last(), CaseRow.arrived_at, CaseRow.id)
