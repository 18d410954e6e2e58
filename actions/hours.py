"""When people answer: 平日11:00〜18:00 JST (請求の手続きについて), less holidays and the shop's closing days."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator
from datetime import UTC, date, datetime, time, timedelta
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


def add_business_minutes(start: datetime, minutes: int, closing_days: Collection[date] = ()) -> datetime:
    """The moment (UTC) at which so many minutes of counter time have passed since `start`."""
    local = start.astimezone(TOKYO)
    left = timedelta(minutes=minutes)
    for opens, closes in _walk_days(local, closing_days):
        begins = max(local, opens)
        if closes - begins >= left:
            return (begins + left).astimezone(UTC)
        left -= max(closes - begins, timedelta(0))
    raise AssertionError("days never end")


def count_business_minutes(start: datetime, end: datetime, closing_days: Collection[date] = ()) -> int:
    """Minutes of counter time from `start` to `end`; 0 when `end` is not later."""
    local, last = start.astimezone(TOKYO), end.astimezone(TOKYO)
    passed = timedelta(0)
    for opens, closes in _walk_days(local, closing_days):
        if opens >= last:
            break
        passed += max(min(closes, last) - max(local, opens), timedelta(0))
    return passed // timedelta(minutes=1)


def end_of_business_day(day: date) -> datetime:
    """When the counter closes on a day (UTC)."""
    return datetime.combine(day, CLOSES, TOKYO).astimezone(UTC)


def _walk_days(start: datetime, closing_days: Collection[date]) -> Iterator[tuple[datetime, datetime]]:
    """Opening and closing of each business day, from the day of `start` on."""
    day = start.date()
    while True:
        if is_business_day(day, closing_days):
            yield datetime.combine(day, OPENS, TOKYO), datetime.combine(day, CLOSES, TOKYO)
        day += timedelta(days=1)
