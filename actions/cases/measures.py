"""How the desk does, in numbers: what is open, what is late, how long requests take, how many arrive. Nothing personal.

Whole cases count as open, overdue or acknowledged; what takes how long is counted by item, since each has an end of its
own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.sql.functions import count

from actions.cases.clocks import find_acknowledge_by, find_legal_date
from actions.cases.database import Database
from actions.cases.tables import CaseRow, ItemRow
from actions.hours import TOKYO, is_business_day

MONTHS = 12  # of arrivals, the newest first


@dataclass(frozen=True, slots=True)
class Duration:
    """How long items of a kind with an outcome took: the median of business days from arrival to the end."""

    kind: str
    outcome: str
    count: int
    days: float


@dataclass(frozen=True, slots=True)
class Month:
    """What arrived in a month of Japan's calendar ("2026-11"): cases, and items by kind."""

    name: str
    cases: int
    kinds: dict[str, int]


@dataclass(frozen=True, slots=True)
class Report:
    """The desk's numbers at a moment.

    `overdue` are past their service target, `beyond_law` open after the two weeks of Art. 39; `late` were acknowledged
    too late, or still are not.
    """

    open: int
    unconfirmed: int
    overdue: int
    beyond_law: int
    late: int
    closed: int
    durations: tuple[Duration, ...]
    months: tuple[Month, ...]


class _Asked(NamedTuple):
    kind: str
    outcome: str
    closed_at: datetime | None
    case_id: str
    arrived: date


class Measures:
    """Counts cases; opens nothing that is sealed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, moment: datetime, acknowledge_days: int, closing_days: Collection[date] = ()) -> Report:
        """Count everything there is."""
        is_open = CaseRow.closed_at.is_(None)
        numbers = (
            count().filter(is_open),
            count().filter(is_open, CaseRow.state == "mail_unverified"),
            count().filter(is_open, CaseRow.due_at < moment),
            count().filter(~is_open),
        )
        # Nobody to acknowledge it to yet, or it ended before anything had to be said.
        unsaid = or_(CaseRow.confirmed_at.is_(None), and_(CaseRow.state == "closed", CaseRow.acknowledged_at.is_(None)))
        with self._database.reading() as session:
            open_, unconfirmed, overdue, closed = session.execute(select(*numbers).select_from(CaseRow)).one()
            # Not joined to the items: an index holds all this asks for, and a case's row is mostly what is sealed.
            cases = session.execute(select(CaseRow.id, CaseRow.arrived_at, is_open)).all()
            told = session.execute(select(CaseRow.confirmed_at, CaseRow.acknowledged_at).where(~unsaid)).all()
            parts = select(ItemRow.kind, ItemRow.outcome, ItemRow.closed_at, ItemRow.case_id)
            arrivals = {case_id: _day(arrived_at) for case_id, arrived_at, _ in cases}
            items = [_Asked(*row, arrivals[row.case_id]) for row in session.execute(parts)]
        return Report(
            open=open_,
            unconfirmed=unconfirmed,
            overdue=overdue,
            beyond_law=sum(still_open and find_legal_date(arrived) < _day(moment) for _, arrived, still_open in cases),
            late=_count_late(((one, other or moment) for one, other in told if one), acknowledge_days, closing_days),
            closed=closed,
            durations=_find_durations(items, closing_days),
            months=_count_months(items),
        )


def _count_late(told: Iterable[tuple[datetime, datetime]], days: int, closing_days: Collection[date]) -> int:
    """How many were acknowledged too late; each is (confirmed, acknowledged or now)."""
    until: dict[date, datetime] = {}  # of what was confirmed on a day: counting business days takes long
    late = 0
    for confirmed, acknowledged in told:
        day = _day(confirmed)
        if day not in until:
            until[day] = find_acknowledge_by(confirmed, days, closing_days)
        late += acknowledged > until[day]
    return late


def _find_durations(items: Iterable[_Asked], closing: Collection[date]) -> tuple[Duration, ...]:
    spans = [(row.kind, row.outcome, row.arrived, _day(row.closed_at)) for row in items if row.closed_at]
    days = [day for span in spans for day in span[2:]]
    passed = count_business_days(min(days), max(days), closing) if days else {}
    taken: dict[tuple[str, str], list[int]] = defaultdict(list)
    for kind, outcome, arrived, closed in spans:
        taken[kind, outcome].append(max(0, passed[closed] - passed[arrived]))
    return tuple(Duration(*names, len(found), float(median(found))) for names, found in sorted(taken.items()))


def count_business_days(first: date, last: date, closing_days: Collection[date]) -> dict[date, int]:
    """Business days since `first`, for every day until `last`."""
    passed, count = {first: 0}, 0
    for number in range(1, (last - first).days + 1):
        day = first + timedelta(days=number)
        count += is_business_day(day, closing_days)
        passed[day] = count
    return passed


def _count_months(items: Iterable[_Asked]) -> tuple[Month, ...]:
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    cases: dict[str, set[str]] = defaultdict(set)
    for row in items:
        name = row.arrived.isoformat()[:7]
        kinds[name][row.kind] += 1
        cases[name].add(row.case_id)
    names = sorted(kinds, reverse=True)[:MONTHS]
    return tuple(Month(name, len(cases[name]), dict(kinds[name])) for name in names)


def _day(moment: datetime) -> date:
    return moment.astimezone(TOKYO).date()
