"""The three clocks: what runs, what stands still, and when it is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.cases.clocks import (
    MINUTES_A_DAY,
    find_acknowledge_by,
    find_due,
    find_legal_date,
    find_promise,
    summarise,
    turn,
    wind,
)
from actions.cases.tables import CaseRow, ItemRow
from actions.cases.workflow import list_states
from actions.hours import TOKYO, count_business_minutes


def _at(text: str) -> datetime:
    """A moment of Japan's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO).astimezone(UTC)


def _item(**values: object) -> ItemRow:
    return ItemRow(kind="disclosure", **values)


@pytest.mark.parametrize(
    ("start", "days", "target"),
    [
        ("2026-12-01T12:00", 10, "2026-12-15T12:00"),
        ("2026-12-01T08:00", 10, "2026-12-14T18:00"),  # before opening: the whole day counts
        ("2026-12-01T20:00", 10, "2026-12-15T18:00"),
        ("2026-12-05T12:00", 1, "2026-12-07T18:00"),  # a Saturday: nothing before Monday
        ("2026-12-28T11:00", 5, "2027-01-04T18:00"),  # New Year's Day is a holiday
        ("2027-04-28T11:00", 3, "2027-05-06T18:00"),  # Golden Week
    ],
)
def test_the_target_is_so_many_business_days_away_when_the_clock_runs(start: str, days: int, target: str) -> None:
    item = _item()
    wind(item, days)
    turn(item, "received", _at(start), ())
    assert (item.target_at, item.remaining_minutes) == (_at(target), None)


def test_closing_days_do_not_count_when_the_shop_is_closed() -> None:
    item = _item()
    wind(item, 2)
    turn(item, "received", _at("2026-12-28T11:00"), (date(2026, 12, 29), date(2026, 12, 30)))
    assert item.target_at == _at("2026-12-31T18:00")


@pytest.mark.parametrize("state", list(list_states()))
def test_the_target_stands_still_when_the_state_is_paused(state: str) -> None:
    item = _item(target_at=_at("2026-12-15T12:00"))
    turn(item, state, _at("2026-12-08T12:00"), ())
    if list_states()[state].paused:
        assert (item.target_at, item.remaining_minutes) == (None, 5 * MINUTES_A_DAY)
    else:
        assert (item.target_at, item.remaining_minutes) == (_at("2026-12-15T12:00"), None)


def test_what_was_left_is_given_back_when_the_answer_comes() -> None:
    item = _item(target_at=_at("2026-12-15T12:00"))
    turn(item, "on_hold", _at("2026-12-08T17:00"), ())
    turn(item, "on_hold", _at("2026-12-10T17:00"), ())  # paused twice is paused once
    turn(item, "investigating", _at("2026-12-21T12:30"), ())
    # An hour of the 8th, five days less an hour to go: five whole days from 12:30, less the hour of each edge.
    assert item.remaining_minutes is None
    assert item.target_at == _at("2026-12-25T14:30")


def test_an_overdue_target_stays_overdue_when_it_was_paused() -> None:
    item = _item(target_at=_at("2026-12-01T12:00"))
    turn(item, "on_hold", _at("2026-12-03T12:00"), ())
    assert item.remaining_minutes == 0
    turn(item, "investigating", _at("2026-12-07T12:00"), ())
    assert item.target_at == _at("2026-12-07T12:00")


@given(
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    hour=st.times(),
    pauses=st.lists(st.integers(0, 60 * 24 * 9), max_size=6),
)
def test_no_counter_time_is_lost_or_won_when_paused_again_and_again(day: date, hour: time, pauses: list[int]) -> None:
    # The target is reached after ten business days of running time, however the pauses fall.
    moment, item, running = datetime.combine(day, hour, TOKYO).astimezone(UTC), _item(), 0
    wind(item, 10)
    for minutes in pauses:
        turn(item, "investigating", moment, ())
        assert item.target_at is not None
        end = min(moment + timedelta(minutes=minutes), item.target_at)
        running += count_business_minutes(moment, end)
        turn(item, "on_hold", end, ())
        moment = end + timedelta(hours=5)
        assert item.remaining_minutes is not None
        # Each pause may round a started minute away, never more.
        assert 0 <= 10 * MINUTES_A_DAY - running - item.remaining_minutes + len(pauses) <= 2 * len(pauses) + 1


@pytest.mark.parametrize(
    ("arrived", "over"),
    [
        ("2026-12-01T00:00", date(2026, 12, 15)),
        ("2026-12-01T23:59", date(2026, 12, 15)),
        ("2026-12-20T12:00", date(2027, 1, 3)),  # holidays count: it is the law's clock
    ],
)
def test_two_weeks_from_arrival_are_over_whatever_the_counter_does(arrived: str, over: date) -> None:
    assert find_legal_date(_at(arrived)) == over


@pytest.mark.parametrize(
    ("arrived", "by"),
    [
        ("2026-12-01T12:00", "2026-12-02T18:00"),
        ("2026-12-04T19:00", "2026-12-07T18:00"),  # a Friday evening
        ("2026-12-31T12:00", "2027-01-04T18:00"),
    ],
)
def test_an_acknowledgement_is_due_on_the_next_business_day(arrived: str, by: str) -> None:
    assert find_acknowledge_by(_at(arrived), 1, ()) == _at(by)


def test_the_earliest_running_target_is_the_cases_when_summed_up() -> None:
    early, late = _at("2026-12-10T12:00"), _at("2026-12-15T12:00")
    items = [_item(target_at=late), _item(target_at=early), _item(target_at=None)]
    assert find_due(items) == early
    assert find_promise(items) == date(2026, 12, 15)
    assert find_due([_item(target_at=None)]) is find_promise([]) is None


def test_a_case_is_where_its_least_advanced_item_is_when_summed_up() -> None:
    moment = _at("2026-12-10T12:00")
    items = [_item(state="fulfilling", target_at=moment), _item(state="investigating", target_at=None)]
    case = CaseRow(items=items, closed_at=None)
    summarise(case, moment)
    assert (case.state, case.due_at, case.closed_at) == ("investigating", moment, None)
    for item in items:
        item.state = "closed"
    summarise(case, moment)
    assert (case.state, case.due_at, case.closed_at) == ("closed", None, moment)
    summarise(case, moment + timedelta(days=1))
    assert case.closed_at == moment  # the first end counts
    items[0].state = "investigating"
    summarise(case, moment)
    assert case.closed_at is None
