"""Opening hours: 平日11:00〜18:00 in Japan, whatever the clock of the machine says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from actions.hours import TOKYO, is_business_day, is_open, next_business_day

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
