"""The clock jumps a day or more, forwards or back: nobody is shut out, no code lives on, no mail waits for ever."""

from __future__ import annotations

import time as real_time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest
from limits.aio.storage import memory

from actions.cases import instants
from actions.cases.instants import now
from actions.errors import ExpiredCodeError, TooManyRequestsError
from actions.settings import Settings
from actions.web import guard
from actions.web.guard import Limiter
from tests.actions.cases.conftest import Office, make_office, office
from tests.actions.web.officers import Officer

__all__ = ["make_office", "office"]
DAY = timedelta(days=1)


@dataclass
class SettableClock:
    """The machine's clock with an error of our own."""

    error: timedelta = timedelta()

    def jump(self, by: timedelta) -> None:
        """Set the clock, forwards or back."""
        self.error += by

    def time(self) -> float:
        """Seconds since 1970, as the machine believes."""
        return real_time.time() + self.error.total_seconds()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SettableClock:
    """The clock by which the desk and its limits go."""
    settable = SettableClock()

    class Jumping(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + settable.error

    monkeypatch.setattr(instants, "datetime", Jumping)

    class Time:
        time = staticmethod(settable.time)

    monkeypatch.setattr(memory, "time", Time)
    monkeypatch.setattr(guard, "time", settable.time)
    return settable


def test_the_clock_is_the_desks(clock: SettableClock) -> None:
    clock.jump(-3 * DAY)
    assert timedelta(days=2.9) < datetime.now(UTC) - now() < timedelta(days=3.1)


@pytest.mark.parametrize("jump", [DAY, -DAY, 400 * DAY, -400 * DAY])
def test_no_code_outlives_its_minutes(office: Office, clock: SettableClock, jump: timedelta) -> None:
    case = office.file()
    office.deliver()
    clock.jump(jump)
    token, code, link = office.token(case.receipt), office.find_code(case.receipt), office.find_link(case.receipt)
    with pytest.raises(ExpiredCodeError):
        office.services.status.confirm_by_code(token, code)
    with pytest.raises(ExpiredCodeError):
        office.services.status.confirm_by_link(link)
    # A new one is to be had, and is good.
    office.services.status.send_code(token)
    office.services.status.confirm_by_code(token, office.find_code(case.receipt))
    assert office.get(case.receipt).confirmed_at is not None


@pytest.mark.parametrize("jump", [timedelta(seconds=2), timedelta(seconds=-2), timedelta(minutes=-5)])
def test_a_code_is_good_when_the_clock_was_only_put_right(
    office: Office, clock: SettableClock, jump: timedelta
) -> None:
    case = office.file()
    office.deliver()
    clock.jump(jump)
    office.services.status.confirm_by_code(office.token(case.receipt), office.find_code(case.receipt))
    assert office.get(case.receipt).confirmed_at is not None


@pytest.mark.parametrize("jump", [DAY, -DAY, 400 * DAY, -400 * DAY])
@pytest.mark.parametrize("leased", [False, True])
def test_every_mail_leaves(office: Office, clock: SettableClock, jump: timedelta, leased: bool) -> None:
    """Waiting, or in the hands of a worker that was killed: it is due after the jump, once."""
    case = office.file()
    if leased:
        assert office.services.outbox.lease(10, now())
    clock.jump(jump)
    assert sorted(office.deliver()) == ["officer_new", "receipt"]
    assert office.deliver() == []
    assert {mail.state for mail in office.list_mails(case.receipt)} == {"sent"}


async def test_a_session_ends_when_its_moment_has_come(officer: Officer, clock: SettableClock) -> None:
    assert (await officer.client.get("/desk")).status_code == 200
    clock.jump(DAY)
    assert (await officer.client.get("/desk")).status_code == 303
    clock.jump(-DAY)
    assert (await officer.client.get("/desk")).status_code == 200  # the clock is right again, and so is the session
    clock.jump(-400 * DAY)
    assert (await officer.client.get("/desk")).status_code == 303  # by this clock it would last for more than a year


@pytest.mark.parametrize("rate", ["conversation", "address", "try", "status"])
async def test_nobody_waits_for_a_day_when_the_clock_was_set_back(clock: SettableClock, rate: str) -> None:
    limiter = Limiter(Settings(**{f"rate_{rate}": "2/minute"}))
    for _ in range(2):
        await limiter.check(rate, "192.0.2.1")
    with pytest.raises(TooManyRequestsError) as caught:
        await limiter.check(rate, "192.0.2.1")
    assert caught.value.retry_after <= 60
    clock.jump(-DAY)
    await limiter.check_left(rate, "192.0.2.1")
    await limiter.check(rate, "192.0.2.1")
    await limiter.check(rate, "192.0.2.1")
    with pytest.raises(TooManyRequestsError) as caught:
        await limiter.check(rate, "192.0.2.1")
    assert caught.value.retry_after <= 60
    clock.jump(DAY)
    await limiter.check(rate, "192.0.2.1")


@pytest.mark.parametrize("jump", [DAY, -DAY, -400 * DAY])
def test_a_case_is_worked_to_its_end_across_a_jump(office: Office, clock: SettableClock, jump: timedelta) -> None:
    receipt = office.open("complaint").receipt
    clock.jump(jump)
    office.act(receipt, "start")
    office.answer(receipt, "write", text="追加でお伝えします。")
    clock.jump(-jump)
    office.act(receipt, "respond", outcome="explained", text="ご説明します。")
    assert "decision" in office.deliver()
    case = office.get(receipt)
    assert (case.state, case.items[0].outcome) == ("closed", "explained")
    assert office.services.audit.verify().problems == ()


def test_a_day_forwards_and_back_deletes_nothing_that_was_promised(
    office: Office, clock: SettableClock, make_draft: Callable[..., Any]
) -> None:
    services = office.services
    receipt = office.open().receipt
    services.conversations.open("c1", "ja")
    services.conversations.append_turn("c1", "m1", "質問です", {"messages": []})
    before = services.cases.get(receipt)
    clock.jump(DAY)
    services.conversations.purge(services.settings.draft_hours, services.settings.transcript_days)
    services.upkeep.purge()
    services.upkeep.remind()
    clock.jump(-DAY)
    assert services.cases.get(receipt).fields == before.fields
    assert len(services.conversations.list_turns("c1")) == 1
    assert services.audit.verify().problems == ()
