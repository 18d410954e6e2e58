"""The desk's numbers: counted over what is known to be there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from actions.cases.measures import Duration, Measures, Month, Report
from actions.cases.tables import CaseRow, ItemRow
from tests.actions.cases.conftest import Office

# A Monday at noon in Japan; the Monday before it (23 November) is a holiday.
MOMENT = datetime(2026, 11, 30, 3, tzinfo=UTC)


def _take(office: Office, moment: datetime = MOMENT, closing: tuple[date, ...] = ()) -> Report:
    return Measures(office.services.database).take(moment, 1, closing)


def _set(office: Office, receipt: str, **values: object) -> None:
    with office.services.database.transaction() as session:
        session.execute(sa.update(CaseRow).where(CaseRow.receipt == receipt).values(**values))


def _close(office: Office, kind: str, outcome: str, arrived: datetime, closed: datetime) -> None:
    receipt = office.file(kind).receipt
    _set(office, receipt, state="closed", arrived_at=arrived, closed_at=closed)
    with office.services.database.transaction() as session:
        case_id = session.scalar(sa.select(CaseRow.id).where(CaseRow.receipt == receipt))
        session.execute(sa.update(ItemRow).where(ItemRow.case_id == case_id).values(outcome=outcome, closed_at=closed))


def test_everything_is_nought_when_nothing_has_arrived(office: Office) -> None:
    assert _take(office) == Report(0, 0, 0, 0, 0, 0, (), ())


def test_open_cases_are_counted_by_what_is_late(office: Office) -> None:
    waiting, due, old = (office.file().receipt for _ in range(3))
    _set(office, waiting, arrived_at=MOMENT, due_at=MOMENT)  # due now is not overdue yet
    soon = MOMENT - timedelta(seconds=1)
    _set(office, due, state="received", arrived_at=MOMENT, due_at=soon, acknowledged_at=MOMENT)
    long_ago = {"arrived_at": MOMENT - timedelta(days=15), "confirmed_at": MOMENT - timedelta(days=14)}
    _set(office, old, state="on_hold", acknowledged_at=MOMENT, **long_ago)
    report = _take(office)
    assert (report.open, report.unconfirmed, report.overdue, report.beyond_law) == (3, 1, 1, 1)
    assert (report.late, report.closed) == (1, 0)


@pytest.mark.parametrize(
    ("acknowledged", "late"),
    [
        (datetime(2026, 11, 24, 9, tzinfo=UTC), 0),  # Tuesday 18:00: the end of the first business day after Friday
        (datetime(2026, 11, 24, 9, 0, 1, tzinfo=UTC), 1),
        (None, 1),
    ],
)
def test_a_case_is_late_when_it_was_not_acknowledged_in_time(
    office: Office, acknowledged: datetime | None, late: int
) -> None:
    friday = datetime(2026, 11, 20, 3, tzinfo=UTC)
    receipt = office.file().receipt
    _set(office, receipt, arrived_at=friday - timedelta(days=2), acknowledged_at=acknowledged)
    assert _take(office).late == 0  # nobody is sure yet whose address it is
    _set(office, receipt, confirmed_at=friday)
    assert _take(office).late == late


def test_nothing_had_to_be_acknowledged_when_it_ended_before(office: Office) -> None:
    friday = datetime(2026, 11, 20, 3, tzinfo=UTC)
    _set(office, office.file().receipt, arrived_at=friday, confirmed_at=friday, closed_at=friday, state="closed")
    assert _take(office).late == 0


def test_days_are_business_days_from_arrival_to_the_end(office: Office) -> None:
    friday, monday = datetime(2026, 11, 20, 3, tzinfo=UTC), MOMENT
    _close(office, "correction", "granted", friday, friday)  # the same day
    _close(office, "correction", "granted", friday, datetime(2026, 11, 24, 3, tzinfo=UTC))  # after the long weekend
    _close(office, "correction", "granted", friday, monday)
    _close(office, "correction", "refused", friday, monday)
    _close(office, "complaint", "explained", friday, datetime(2026, 11, 24, 3, tzinfo=UTC))
    _close(office, "complaint", "explained", friday, monday)
    assert _take(office).durations == (
        Duration("complaint", "explained", 2, 3.0),  # between 1 and 5
        Duration("correction", "granted", 3, 1.0),
        Duration("correction", "refused", 1, 5.0),
    )
    assert _take(office).closed == 6
    assert _take(office, closing=(date(2026, 11, 25),)).durations[2].days == 4.0


def test_months_are_japans_when_arrivals_are_counted(office: Office) -> None:
    for moment in (datetime(2026, 10, 31, 14, 59, tzinfo=UTC), datetime(2026, 10, 31, 15, tzinfo=UTC)):
        _set(office, office.file("correction", "suspension").receipt, arrived_at=moment)
    _set(office, office.file("correction").receipt, arrived_at=MOMENT)
    assert _take(office).months == (
        Month("2026-11", 2, {"correction": 2, "suspension": 1}),
        Month("2026-10", 1, {"correction": 1, "suspension": 1}),
    )


def test_a_year_of_months_is_enough_when_there_are_more(office: Office) -> None:
    for months in range(14):
        _set(office, office.file().receipt, arrived_at=MOMENT - timedelta(days=31 * months))
    names = [month.name for month in _take(office).months]
    assert len(names) == 12
    assert names == sorted(names, reverse=True)
    assert names[0] == "2026-11"
