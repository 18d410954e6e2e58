"""The desk's own work: mails leave, old things go, and one failure holds up nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.conversations import Conversations
from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.mailer import Delivery
from actions.cases.outbox import Mail, Outbox
from actions.cases.question_tables import QuestionRow
from actions.cases.questions import Asked, find_day
from actions.cases.records import Draft
from actions.cases.tables import AuditRow, CaseRow, MailRow
from actions.cases.upkeep import Upkeep
from actions.services import Services
from actions.web.housekeeping import Housekeeping, find_night
from knowledge.bundle import Library
from knowledge.errors import BundleMismatchError


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        (datetime(2026, 12, 1, 17, 59, tzinfo=UTC), date(2026, 12, 1)),  # 02:59 in Japan: still yesterday's
        (datetime(2026, 12, 1, 18, 0, tzinfo=UTC), date(2026, 12, 2)),
        (datetime(2026, 12, 2, 3, 0, tzinfo=UTC), date(2026, 12, 2)),
    ],
)
def test_a_night_begins_at_three_in_japan(moment: datetime, night: date) -> None:
    assert find_night(moment) == night


async def test_letters_are_written_as_files_when_there_is_no_mail_server(
    services: Services, make_draft: Callable[..., Draft]
) -> None:
    case, _ = services.desk.file(make_draft(), "form")
    await Housekeeping(services).post()
    files = list(services.settings.mails.iterdir())
    assert len(files) == 2
    assert any(case.receipt.encode() in path.read_bytes() for path in files)
    assert services.cases.get(case.receipt).acknowledged_at is None  # a file has reached nobody yet


async def test_both_loops_run_until_the_block_ends(services: Services, make_draft: Callable[..., Draft]) -> None:
    work = Housekeeping(services, post_seconds=0.02, tidy_seconds=0.02)
    async with work.run():
        services.desk.file(make_draft(), "form")
        for _ in range(200):
            if (
                work.purged_on
                and services.settings.mails.exists()
                and len(list(services.settings.mails.iterdir())) == 2
            ):
                break
            await asyncio.sleep(0.02)
    assert work.purged_on == find_night(datetime.now(UTC))
    assert len(list(services.settings.mails.iterdir())) == 2


async def test_the_nights_purge_runs_once_a_night(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []
    kept = Upkeep.purge

    def purge(self: Upkeep, **given: Any) -> Any:
        runs.append(1)
        return kept(self, **given)

    monkeypatch.setattr(Upkeep, "purge", purge)
    work = Housekeeping(services)
    for _ in range(3):
        await work.tidy()
    assert len(runs) == 1


async def test_the_rest_goes_on_when_one_part_fails(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("with a secret 山田花子")

    monkeypatch.setattr(Library, "reload", fail)
    monkeypatch.setattr(Outbox, "lease", fail)
    monkeypatch.setattr(Conversations, "purge", fail)
    work = Housekeeping(services, post_seconds=0.01, tidy_seconds=0.01)
    async with work.run():
        for _ in range(500):
            if work.purged_on:
                break
            await asyncio.sleep(0.02)
    assert work.purged_on is not None  # what comes after the failing parts was done all the same


async def test_a_failure_is_told_by_name_only(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("山田花子")

    monkeypatch.setattr(Upkeep, "remind", fail)
    await Housekeeping(services).tidy()
    said = capsys.readouterr()
    assert "RuntimeError" in said.out + said.err
    assert "山田花子" not in said.out + said.err


@pytest.mark.parametrize("error", [BundleMismatchError("damaged"), RuntimeError("unexpected")])
async def test_it_is_tried_again_when_it_failed_once(
    services: Services, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    rounds: list[None] = []

    def fail(_: Library) -> bool:
        rounds.append(None)
        raise error

    monkeypatch.setattr(Library, "reload", fail)
    async with Housekeeping(services, tidy_seconds=0.01).run():
        for _ in range(300):
            if len(rounds) >= 3:
                break
            await asyncio.sleep(0.02)
    assert len(rounds) >= 3


async def test_questions_end_with_the_night(services: Services) -> None:
    services.conversations.open("c1", "ja")
    for name, days in (("m1", 0), ("m2", services.settings.question_days + 1)):
        services.questions.record("c1", name, Asked("ja", "not_covered", "1-0", text=f"{name}の名簿は作りますか"))
        with services.database.transaction() as session:
            row = sa.update(QuestionRow).where(QuestionRow.message_id == name)
            session.execute(row.values(day=find_day() - timedelta(days=days)))
    await Housekeeping(services).tidy()
    assert [one.text for one in services.reviews.list_queue("open", "ja")] == ["m1の名簿は作りますか"]


@dataclass
class HangingMailer:
    """Takes a mail and does not come to an end before it is let go."""

    taken: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, mail: Mail) -> Delivery:  # noqa: ARG002  the interface's
        self.taken.set()
        await self.go.wait()
        return "sent"


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_mail_on_its_way_is_waited_for_or_put_back_when_the_process_ends(
    services: Services, make_draft: Callable[..., Draft], monkeypatch: pytest.MonkeyPatch, arrives: bool
) -> None:
    mailer = HangingMailer()
    monkeypatch.setattr("actions.web.housekeeping.open_mailer", lambda *_: mailer)
    services.desk.file(make_draft(), "form")
    async with Housekeeping(services, post_seconds=0.01, grace_seconds=60 if arrives else 0.05).run():
        await asyncio.wait_for(mailer.taken.wait(), 60)
        if arrives:
            asyncio.get_running_loop().call_later(0.1, mailer.go.set)
    with services.database.reading() as session:
        rows = session.scalars(sa.select(MailRow).order_by(MailRow.id)).all()
    # The second mail was not begun any more; nothing is left leased, and nothing counts as a failure.
    assert [row.state for row in rows] == ["sent" if arrives else "pending", "pending"]
    assert [(row.lease_until, row.attempts, row.last_error) for row in rows[0 if not arrives else 1 :]] == [
        (None, 0, "")
    ] * (1 if arrives else 2)
    assert len(services.outbox.lease(10, now())) == (1 if arrives else 2)


@pytest.mark.services
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # SQLite is one process's
async def test_a_nights_purge_of_two_processes_at_once_deletes_once(
    make_services: Callable[..., Services], database: Database, make_draft: Callable[..., Draft]
) -> None:
    services = make_services(database)
    for _ in range(12):
        services.desk.file(make_draft(), "form")
    long_ago = now() - timedelta(days=4000)
    with database.transaction() as session:
        session.execute(sa.update(CaseRow).values(closed_at=long_ago, erased_at=long_ago, state="closed"))
    done = await asyncio.gather(*(asyncio.to_thread(services.upkeep.purge) for _ in range(2)))
    assert sum(one.deleted for one in done) == 12
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(CaseRow.id))) == 0
        deleted = sa.select(sa.func.count()).where(AuditRow.action == "delete")
        assert session.scalar(deleted) == 12
