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

from sqlalchemy import select

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


class _Known(NamedTuple):
    state: str
    arrived_at: datetime
    confirmed_at: datetime | None
    acknowledged_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None


class _Asked(NamedTuple):
    kind: str
    outcome: str
    closed_at: datetime | None
    arrived_at: datetime
    case_id: str


class Measures:
    """Counts cases; opens nothing that is sealed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, moment: datetime, acknowledge_days: int, closing_days: Collection[date] = ()) -> Report:
        """Count everything there is."""
        columns = [getattr(CaseRow, name) for name in _Known._fields]
        parts = (ItemRow.kind, ItemRow.outcome, ItemRow.closed_at, CaseRow.arrived_at, CaseRow.id)
        with self._database.reading() as session:
            cases = [_Known(*row) for row in session.execute(select(*columns))]
            joined = select(*parts).join(CaseRow, CaseRow.id == ItemRow.case_id)
            items = [_Asked(*row) for row in session.execute(joined)]
        still_open = [case for case in cases if case.closed_at is None]
        return Report(
            open=len(still_open),
            unconfirmed=sum(case.state == "mail_unverified" for case in still_open),
            overdue=sum(case.due_at is not None and case.due_at < moment for case in still_open),
            beyond_law=sum(find_legal_date(case.arrived_at) < _day(moment) for case in still_open),
            late=sum(_is_late(case, moment, acknowledge_days, closing_days) for case in cases),
            closed=len(cases) - len(still_open),
            durations=_find_durations(items, closing_days),
            months=_count_months(items),
        )


def _is_late(case: _Known, moment: datetime, days: int, closing_days: Collection[date]) -> bool:
    if case.confirmed_at is None or (case.state == "closed" and case.acknowledged_at is None):
        return False  # nobody to acknowledge it to yet, or it ended before anything had to be said
    return (case.acknowledged_at or moment) > find_acknowledge_by(case.confirmed_at, days, closing_days)


def _find_durations(items: Iterable[_Asked], closing: Collection[date]) -> tuple[Duration, ...]:
    spans = [(row.kind, row.outcome, _day(row.arrived_at), _day(row.closed_at)) for row in items if row.closed_at]
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
        name = f"{_day(row.arrived_at):%Y-%m}"
        kinds[name][row.kind] += 1
        cases[name].add(row.case_id)
    names = sorted(kinds, reverse=True)[:MONTHS]
    return tuple(Month(name, len(cases[name]), dict(kinds[name])) for name in names)


def _day(moment: datetime) -> date:
    return moment.astimezone(TOKYO).date()
