"""`kill -9` of the app in the middle of intakes and decisions: nothing promised is lost, nothing done or told twice."""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from actions.cases.audit import Verdict
from actions.cases.records import Case
from actions.cases.tables import AuditRow, CaseRow, ItemRow, MailRow
from actions.services import Services, open_services
from tests.journeys.desk import Desk, make_state, wait_until
from tests.journeys.kills import ChatVisitor, Decider, FormVisitor, Town
from tests.journeys.officers import enlist
from tests.smtp import Received, run_server

pytestmark = pytest.mark.journey

SEED = int(os.environ.get("MADOGUCHI_TEST_SEED", "20261128"))


@dataclass(frozen=True)
class Aftermath:
    """What is there when everybody has come to an end and no mail waits any more."""

    town: Town
    cases: dict[str, Case]
    rows: list[CaseRow]
    items: list[ItemRow]
    mails: list[MailRow]
    entries: list[AuditRow]
    received: list[Received]
    verdict: Verdict


@pytest.fixture(scope="module", params=[20, pytest.param(200, marks=pytest.mark.soak)])
def aftermath(request: pytest.FixtureRequest, prepared: None, tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    """Kill the app so many times while people are at work."""
    state = make_state(tmp_path_factory.mktemp("kill"))
    with run_server() as server:
        desk = Desk(state, smtp_url=server.url, officer_mail="officer@shop.example.com")
        town, started = Town(desk, server), time.monotonic()
        try:
            desk.start()
            work(town, request.param)
            found = look(town)
        finally:
            desk.stop()
    report(town, time.monotonic() - started)
    return found


def report(town: Town, seconds: float) -> None:
    """How hard it was, for who reads along (`-s`)."""
    sys.stdout.write(
        f"\n{town.kills} kills ({dict(town.aimed)}), {len(town.interrupted)} broke a request off, seed {SEED}, "
        f"{len(town.shown)} people, {len(town.server.received)} mails, {seconds:.0f} s\n"
    )


def work(town: Town, kills: int) -> None:
    """Two file by form, two by chat, one decides; the app is killed again and again."""
    chance = random.Random(SEED)
    with ExitStack() as stack:
        officer, approver = (stack.enter_context(town.desk.open_http()) for _ in range(2))
        enlist(town.desk, officer, "hanako")
        enlist(town.desk, approver, "jiro", "approver")
        workers = [FormVisitor(town, SEED + 1), FormVisitor(town, SEED + 2)]
        workers += [ChatVisitor(town, SEED + 3), ChatVisitor(town, SEED + 4)]
        workers += [Decider(town, SEED + 5, officer, approver)]
        with town.hire(*workers):
            for _ in range(kills):
                town.kill(chance)
                assert all(worker.is_alive() for worker in workers), [worker.failure for worker in workers]
        assert [worker.failure for worker in workers] == [None] * len(workers)


def look(town: Town) -> Aftermath:
    """Wait until all mails have left, and read everything."""
    services = open_services(town.desk.settings)
    try:
        wait_until(lambda: not count_waiting(services), "no mail waits")
        with services.database.reading() as session:
            rows, items, mails, entries = (
                list(session.scalars(sa.select(table).order_by(key)))
                for table, key in (
                    (CaseRow, CaseRow.id),
                    (ItemRow, ItemRow.id),
                    (MailRow, MailRow.id),
                    (AuditRow, AuditRow.seq),
                )
            )
        verdict = services.audit.verify()
        cases = {case.receipt: case for case in services.cases.list_all()}
        return Aftermath(town, cases, rows, items, mails, entries, list(town.server.received), verdict)
    finally:
        services.database.close()


def count_waiting(services: Services) -> int:
    """How many mails are still to be sent."""
    query = sa.select(sa.func.count(MailRow.id)).where(MailRow.state.in_(("pending", "leased")))
    with services.database.reading() as session:
        return session.scalar(query) or 0


def test_the_kills_hit_work(aftermath: Aftermath) -> None:
    town = aftermath.town
    assert len(town.interrupted) * 3 >= town.kills
    assert len(town.shown) >= town.kills / 2
    assert {case.channel for case in aftermath.cases.values()} == {"form", "chat"}
    assert any(case.closed_at for case in aftermath.cases.values())


def test_no_receipt_is_without_its_case(aftermath: Aftermath) -> None:
    for email, receipts in aftermath.town.shown.items():
        assert {aftermath.cases[receipt].fields["email"] for receipt in receipts} == {email}


def test_nobody_has_two_cases(aftermath: Aftermath) -> None:
    assert all(len(receipts) == 1 for receipts in aftermath.town.shown.values())
    owners = Counter(case.fields["email"] for case in aftermath.cases.values())
    assert {email for email, count in owners.items() if count > 1} == set()
    keys = {row.filing_key: row.receipt for row in aftermath.rows}
    assert len(keys) == len(aftermath.rows)
    for email, key in aftermath.town.filing_keys.items():
        assert aftermath.town.shown[email] == {keys[key]}


def test_there_is_no_case_that_nobody_was_told_of(aftermath: Aftermath) -> None:
    told = {receipt for receipts in aftermath.town.shown.values() for receipt in receipts}
    assert set(aftermath.cases) - told == set()


def test_no_mail_is_lost(aftermath: Aftermath) -> None:
    assert {mail.state for mail in aftermath.mails} == {"sent"}
    arrived = {str(mail.message["Message-ID"]) for mail in aftermath.received}
    assert {mail.message_id for mail in aftermath.mails} == arrived


def test_the_same_mail_is_the_same_however_often_it_came(aftermath: Aftermath) -> None:
    contents: dict[str, set[bytes]] = {}
    for mail in aftermath.received:
        contents.setdefault(str(mail.message["Message-ID"]), set()).add(mail.content)
    assert {len(found) for found in contents.values()} == {1}


def test_nothing_is_told_twice(aftermath: Aftermath) -> None:
    versions = {mail.id: mail.dedupe_key.split(".")[1] for mail in aftermath.mails}
    actions = Counter(
        (mail.case_id, mail.template, mail.kind, mail.audience, versions[mail.id]) for mail in aftermath.mails
    )
    assert [place for place, count in actions.items() if count > 1] == []
    once = ("receipt", "officer_new", "acknowledgement", "decision")
    letters = Counter((mail.case_id, mail.template) for mail in aftermath.mails if mail.template in once)
    assert [place for place, count in letters.items() if count > 1] == []
    assert {row.id for row in aftermath.rows} == {case_id for case_id, template in letters if template == "receipt"}


def test_the_chain_is_whole_and_tells_every_state(aftermath: Aftermath) -> None:
    assert aftermath.verdict.problems == ()
    stands: dict[tuple[str, str], str] = {}
    for entry in aftermath.entries:
        if entry.state:
            assert entry.origin == stands.get((entry.case_id, entry.kind), "")
            stands[entry.case_id, entry.kind] = entry.state
    assert {(item.case_id, item.kind): item.state for item in aftermath.items} == stands


def test_no_decision_is_made_twice(aftermath: Aftermath) -> None:
    once = ("submit", "confirm_mail", "start", "confirm_identity", "grant", "propose", "approve", "fulfil", "delivered")
    made = Counter((entry.case_id, entry.kind, entry.action) for entry in aftermath.entries if entry.action in once)
    assert [place for place, count in made.items() if count > 1] == []
