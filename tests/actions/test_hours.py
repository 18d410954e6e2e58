"""Opening hours: 平日11:00〜18:00 in Japan, whatever the clock of the machine says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from actions.hours import (
    TOKYO,
    add_business_minutes,
    count_business_minutes,
    end_of_business_day,
    is_business_day,
    is_open,
    next_business_day,
)

CLOSED = (date(2026, 12, 29), date(2026, 12, 30), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 20), True),  # Friday
        (date(2026, 11, 21), False),  # Saturday
        (date(2026, 11, 22), False),  # Sunday
        (date(2026, 11, 23), False),  # 勤労感謝の日
        (date(2026, 9, 22), False),  # between two holidays: 国民の休日
        (date(2026, 5, 6), False),  # 振替休日 of 憲法記念日
        (date(2027, 1, 1), False),  # 元日
        (date(2026, 12, 28), True),
        (date(2026, 12, 29), False),  # a closing day of the shop
    ],
)
def test_business_days_are_those_of_japan_when_asked(day: date, works: bool) -> None:
    assert is_business_day(day, CLOSED) is works


@pytest.mark.parametrize(
    ("now", "there"),
    [
        (datetime(2026, 11, 20, 10, 59, 59, tzinfo=TOKYO), False),
        (datetime(2026, 11, 20, 11, 0, tzinfo=TOKYO), True),
        (datetime(2026, 11, 20, 17, 59, 59, tzinfo=TOKYO), True),
        (datetime(2026, 11, 20, 18, 0, tzinfo=TOKYO), False),
        (datetime(2026, 11, 21, 12, 0, tzinfo=TOKYO), False),
        (datetime(2026, 11, 20, 2, 0, tzinfo=UTC), True),  # 11:00 in Tokyo
        (datetime(2026, 11, 20, 9, 0, tzinfo=UTC), False),  # 18:00 in Tokyo
        (datetime(2026, 11, 19, 21, 30, tzinfo=ZoneInfo("America/New_York")), True),  # Friday 11:30 in Tokyo
        (datetime(2026, 12, 30, 12, 0, tzinfo=TOKYO), False),
    ],
)
def test_the_counter_is_open_when_people_are_there(now: datetime, there: bool) -> None:
    assert is_open(now, CLOSED) is there


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 20, 9, 0, tzinfo=TOKYO), date(2026, 11, 20)),  # before it opens: today
        (datetime(2026, 11, 20, 17, 59, tzinfo=TOKYO), date(2026, 11, 20)),  # still open
        (datetime(2026, 11, 20, 18, 0, tzinfo=TOKYO), date(2026, 11, 24)),  # over a weekend and a holiday
        (datetime(2026, 11, 20, 15, 30, tzinfo=UTC), date(2026, 11, 24)),  # Saturday in Tokyo
        (datetime(2026, 12, 28, 18, 0, tzinfo=TOKYO), date(2027, 1, 4)),  # closing days, New Year, a weekend
        (datetime(2026, 12, 27, 15, 0, tzinfo=UTC), date(2026, 12, 28)),  # midnight in Tokyo is the new day
    ],
)
def test_the_next_day_is_told_when_the_counter_is_closed(now: datetime, day: date) -> None:
    assert next_business_day(now, CLOSED) == day


def _at(text: str) -> datetime:
    """A moment of Japan's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-12-01T11:00", 0, "2026-12-01T11:00"),
        ("2026-12-01T09:00", 60, "2026-12-01T12:00"),
        ("2026-12-01T17:30", 60, "2026-12-02T11:30"),
        ("2026-12-04T17:00", 420, "2026-12-07T17:00"),  # over a weekend
        ("2026-12-31T17:00", 61, "2027-01-04T11:01"),  # over New Year's Day, a Friday, and the weekend
        ("2026-12-01T11:00", 420, "2026-12-01T18:00"),
    ],
)
def test_business_minutes_are_added_and_counted_alike(start: str, minutes: int, end: str) -> None:
    assert add_business_minutes(_at(start), minutes) == _at(end)
    assert count_business_minutes(_at(start), _at(end)) == minutes


def test_closing_days_have_no_minutes() -> None:
    closed = (date(2026, 12, 2),)
    assert add_business_minutes(_at("2026-12-01T17:00"), 90, closed) == _at("2026-12-03T11:30")
    assert count_business_minutes(_at("2026-12-01T17:00"), _at("2026-12-03T11:30"), closed) == 90


@pytest.mark.parametrize("end", ["2026-12-01T11:00", "2026-11-01T11:00"])
def test_no_minutes_pass_towards_the_past(end: str) -> None:
    assert count_business_minutes(_at("2026-12-01T11:00"), _at(end)) == 0


def test_a_day_ends_when_the_counter_closes() -> None:
    assert end_of_business_day(date(2026, 12, 1)) == _at("2026-12-01T18:00")
