"""What is drawn of the desk's work: counted over what is known to be there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from actions.cases.tables import CaseRow, ItemRow
from actions.cases.trends import Band, Trends, Week, take_trends
from tests.actions.cases.conftest import Office

# A Monday at noon in Japan; the Monday before it (23 November) is a holiday.
MOMENT = datetime(2026, 11, 30, 3, tzinfo=UTC)


def _take(office: Office, closing: tuple[date, ...] = ()) -> Trends:
    return take_trends(office.services.database, MOMENT, closing)


def _set(office: Office, arrived: datetime, closed: datetime | None = None) -> None:
    receipt = office.file("correction", "suspension").receipt
    with office.services.database.transaction() as session:
        row = session.scalar(sa.select(CaseRow).where(CaseRow.receipt == receipt))
        row.arrived_at, row.closed_at = arrived, closed
        session.execute(sa.update(ItemRow).where(ItemRow.case_id == row.id).values(closed_at=closed))


def test_everything_is_nought_when_nothing_has_arrived(office: Office) -> None:
    found = _take(office)
    assert [week.cases for week in found.arrivals] == [0] * 12
    assert found.arrivals[-1] == Week(date(2026, 11, 24), 0)  # seven days that end today
    assert found.arrivals[0].first == date(2026, 9, 8)
    assert found.ages == (Band(0, 3, 0), Band(4, 7, 0), Band(8, 14, 0), Band(15, 28, 0), Band(29, None, 0))
    assert found.taken == (Band(0, 1, 0), Band(2, 5, 0), Band(6, 10, 0), Band(11, 20, 0), Band(21, None, 0))


def test_arrivals_are_counted_by_weeks_that_end_today(office: Office) -> None:
    for days in (0, 6, 7, 83, 84):
        _set(office, MOMENT - timedelta(days=days))
    assert [week.cases for week in _take(office).arrivals] == [1, *[0] * 9, 1, 2]


@pytest.mark.parametrize(
    ("days", "band"), [(0, 0), (3, 0), (4, 1), (7, 1), (8, 2), (14, 2), (15, 3), (28, 3), (29, 4), (400, 4)]
)
def test_open_cases_are_counted_by_age(office: Office, days: int, band: int) -> None:
    _set(office, MOMENT - timedelta(days=days))
    _set(office, MOMENT - timedelta(days=days), MOMENT)  # a closed one has no age
    assert [one.count for one in _take(office).ages] == [int(place == band) for place in range(5)]


def test_closed_items_are_counted_by_business_days(office: Office) -> None:
    friday = datetime(2026, 11, 20, 3, tzinfo=UTC)
    tuesday = datetime(2026, 11, 24, 3, tzinfo=UTC)  # after the long weekend: one business day
    _set(office, friday, tuesday)
    _set(office, friday, MOMENT)  # five
    assert [one.count for one in _take(office).taken] == [2, 2, 0, 0, 0]  # items, not cases
    assert [one.count for one in _take(office, (date(2026, 11, 24),)).taken] == [2, 2, 0, 0, 0]
    _set(office, MOMENT - timedelta(days=60), MOMENT)
    assert [one.count for one in _take(office).taken] == [2, 2, 0, 0, 2]
