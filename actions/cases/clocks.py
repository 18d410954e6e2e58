"""The three clocks of a request.

Acknowledgement within a business day; the service target in business days, which stands still while the desk waits for
the person; and the two weeks of Art. 39, after which the person may go to court: from arrival, in calendar days, and
never paused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from actions.cases.tables import CaseRow, ItemRow
from actions.cases.workflow import list_states
from actions.hours import (
    CLOSES,
    OPENS,
    TOKYO,
    add_business_minutes,
    count_business_minutes,
    end_of_business_day,
    is_business_day,
)

LEGAL_DAYS = 14  # Art. 39(1): two weeks from the day the request arrived
MINUTES_A_DAY = (CLOSES.hour - OPENS.hour) * 60


def wind(item: ItemRow, days: int) -> None:
    """Give an item its whole time; the clock stands still until `run`."""
    item.target_at, item.remaining_minutes = None, days * MINUTES_A_DAY


def turn(item: ItemRow, state: str, moment: datetime, closing_days: Collection[date]) -> None:
    """Let the clock run or stand still, as the state entered wants it."""
    if list_states()[state].paused:
        if item.target_at is not None:
            item.remaining_minutes = count_business_minutes(moment, item.target_at, closing_days)
            item.target_at = None
    elif item.target_at is None and item.remaining_minutes is not None:
        item.target_at = add_business_minutes(moment, item.remaining_minutes, closing_days)
        item.remaining_minutes = None


def find_due(items: Iterable[ItemRow]) -> datetime | None:
    """The earliest target that is running, or None while all stand still."""
    return min((item.target_at for item in items if item.target_at), default=None)


def find_promise(items: Iterable[ItemRow]) -> date | None:
    """The day in Japan until which all of these are to be settled, as far as their clocks run."""
    return max((item.target_at.astimezone(TOKYO).date() for item in items if item.target_at), default=None)


def find_legal_date(arrived_at: datetime) -> date:
    """The day on which the two weeks of Art. 39 are over; the day of arrival does not count (民法140条)."""
    return arrived_at.astimezone(TOKYO).date() + timedelta(days=LEGAL_DAYS)


def find_acknowledge_by(arrived_at: datetime, days: int, closing_days: Collection[date]) -> datetime:
    """Until when a request is to be acknowledged: the end of the given business day after its arrival."""
    day = arrived_at.astimezone(TOKYO).date()
    left = days
    while left:
        day += timedelta(days=1)
        left -= is_business_day(day, closing_days)
    return end_of_business_day(day)


def summarise(case: CaseRow, moment: datetime) -> None:
    """Carry over from the items to the case what the inbox sorts and filters by.

    The case is where its least advanced open item is; closed when all are.
    """
    order = list(list_states())
    still_open = [item for item in case.items if item.state != "closed"]
    case.state = min((item.state for item in still_open), key=order.index, default="closed")
    case.due_at = find_due(still_open)
    if still_open:
        case.closed_at = None
    elif case.closed_at is None:
        case.closed_at = moment
