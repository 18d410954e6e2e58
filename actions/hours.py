"""When people answer: 平日11:00〜18:00 JST (請求の手続きについて), less holidays and the shop's closing days."""

from __future__ import annotations

from collections.abc import Collection, Container
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
OPENS, CLOSES = time(11), time(18)


@lru_cache(maxsize=1)
def _japan() -> Container[date]:
    # Imported late: a seventh of a second that only the first look at the clock needs.
    import holidays

    return holidays.country_holidays("JP")


def is_business_day(day: date, closing_days: Collection[date] = ()) -> bool:
    """Whether people work at the counter on this day of Japan's calendar."""
    return day.weekday() < 5 and day not in closing_days and day not in _japan()


def is_open(now: datetime, closing_days: Collection[date] = ()) -> bool:
    """Whether somebody is there now. `now` must be aware."""
    local = now.astimezone(TOKYO)
    return is_business_day(local.date(), closing_days) and OPENS <= local.time() < CLOSES


def next_business_day(now: datetime, closing_days: Collection[date] = ()) -> date:
    """The day on which the counter opens next: today if it has not closed yet."""
    local = now.astimezone(TOKYO)
    day = local.date() if local.time() < CLOSES else local.date() + timedelta(days=1)
    while not is_business_day(day, closing_days):
        day += timedelta(days=1)
    return day
