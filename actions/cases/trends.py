"""How the desk's work goes over time, in numbers to be drawn: arrivals, ages of what is open, days to close."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from actions.cases.database import Database
from actions.cases.measures import count_business_days
from actions.cases.tables import CaseRow, ItemRow
from actions.hours import TOKYO

WEEKS = 12  # of arrivals
AGES = (3, 7, 14, 28)  # last days of the bands of open cases' ages; the two weeks of Art. 39 end one
TAKEN = (1, 5, 10, 20)  # last business days of the bands of what an item took; the service target ends one


@dataclass(frozen=True, slots=True)
class Band:
    """How many lie from `first` to `last`, both counted in; None: no end."""

    first: int
    last: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Week:
    """What arrived in the seven days from `first` on."""

    first: date
    cases: int


@dataclass(frozen=True, slots=True)
class Trends:
    """Numbers at a moment.

    `arrivals` by week, oldest first, the last one ends today; `ages` of open cases in days; `taken` by closed items, in
    business days.
    """

    arrivals: tuple[Week, ...]
    ages: tuple[Band, ...]
    taken: tuple[Band, ...]


def take_trends(database: Database, moment: datetime, closing_days: Collection[date] = ()) -> Trends:
    """Count everything there is; nothing that is sealed is opened."""
    today = _day(moment)
    with database.reading() as session:
        cases = session.execute(select(CaseRow.arrived_at, CaseRow.closed_at)).all()
        joined = select(CaseRow.arrived_at, ItemRow.closed_at).join(CaseRow, CaseRow.id == ItemRow.case_id)
        items = session.execute(joined.where(ItemRow.closed_at.is_not(None))).all()
    arrived = [_day(arrived_at) for arrived_at, _ in cases]
    open_since = [_day(arrived_at) for arrived_at, closed_at in cases if closed_at is None]
    spans = [(_day(arrived_at), _day(closed_at)) for arrived_at, closed_at in items if closed_at]
    days = [day for span in spans for day in span]
    passed = count_business_days(min(days), max(days), closing_days) if days else {}
    return Trends(
        arrivals=_count_weeks(arrived, today),
        ages=_count_bands(((today - day).days for day in open_since), AGES),
        taken=_count_bands((passed[closed] - passed[first] for first, closed in spans), TAKEN),
    )


def _count_weeks(days: Iterable[date], today: date) -> tuple[Week, ...]:
    counts = Counter((today - day).days // 7 for day in days)
    return tuple(Week(today - timedelta(days=7 * week + 6), counts[week]) for week in reversed(range(WEEKS)))


def _count_bands(numbers: Iterable[int], ends: tuple[int, ...]) -> tuple[Band, ...]:
    found = [max(0, number) for number in numbers]
    firsts = (0, *(end + 1 for end in ends))
    bands = zip(firsts, (*ends, None), strict=True)
    return tuple(
        Band(first, last, sum(first <= number and (last is None or number <= last) for number in found))
        for first, last in bands
    )


def _day(moment: datetime) -> date:
    return moment.astimezone(TOKYO).date()
