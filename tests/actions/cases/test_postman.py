"""The postman with a real mail server: nothing is lost, and what comes twice is the same mail."""

from __future__ import annotations

import asyncio
import email
import email.policy
import logging
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from actions.cases import postman as postman_module
from actions.cases.crypto import Sealer
from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.letters import Letter
from actions.cases.mailer import Delivery, FolderMailer, SmtpMailer
from actions.cases.outbox import ATTEMPTS, LEASE, Mail, Outbox
from actions.cases.postman import Postman
from actions.cases.tables import CaseRow
from actions.errors import MailRefusedError
from actions.logs import KEPT
from tests.rows import add_case
from tests.smtp import Server, find_free_port, run_server

SENDER = "desk@example.com"
LETTER = Letter("message", "ja", "【店】canary-件名", "canary-花子 様\n", "<p>canary-花子 様</p>\n", "")
MINUTE = timedelta(minutes=1)


@dataclass
class Round:
    """An outbox with mails, a postman, and a clock that the test sets."""

    database: Database
    outbox: Outbox
    case: CaseRow
    own: Sealer
    clock: datetime
    sent: list[Mail] = field(default_factory=list)
    dead: list[Mail] = field(default_factory=list)

    def put(self, recipient: str = "canary.hanako@example.com") -> int:
        with self.database.transaction() as session:
            key = str(uuid.uuid4())
            return self.outbox.enqueue(session, self.case, self.own, LETTER, recipient, "customer", key).id

    def on_sent(self, mail: Mail) -> None:
        with self.database.transaction() as session:
            if self.outbox.mark_sent(session, mail.id, self.clock):
                self.sent.append(mail)

    def make_postman(self, mailer: Any, **listeners: Any) -> Postman:
        known = {"on_sent": self.on_sent, "on_dead": self.dead.append}
        return Postman(self.outbox, mailer, **{**known, **listeners})

    async def deliver(self, server: Server, **options: Any) -> int:
        return await self.make_postman(SmtpMailer(server.url, SENDER, **options)).deliver_due()

    def state(self, mail_id: int) -> str:
        return self.outbox.get(mail_id).state


@pytest.fixture
def a_round(database: Database, sealer: Sealer, monkeypatch: pytest.MonkeyPatch) -> Round:
    outbox = Outbox(database, sealer, "example.com")
    made = Round(database, outbox, *add_case(database, sealer), now() + MINUTE)
    monkeypatch.setattr(postman_module, "now", lambda: made.clock)
    return made


@pytest.fixture
def server() -> Iterator[Server]:
    with run_server() as running:
        yield running


def _ids(server: Server) -> list[str]:
    return [str(one.message["Message-ID"]) for one in server.received]


# --- once


async def test_each_mail_is_sent_once_when_the_server_is_well(a_round: Round, server: Server) -> None:
    ids = [a_round.put() for _ in range(3)]
    assert await a_round.deliver(server) == 3
    assert await a_round.deliver(server) == 0
    assert [mail.id for mail in a_round.sent] == ids
    assert _ids(server) == [a_round.outbox.get(mail_id).message_id for mail_id in ids]
    assert {a_round.state(mail_id) for mail_id in ids} == {"sent"}
    assert a_round.dead == []


async def test_the_rest_waits_when_the_limit_is_reached(a_round: Round, server: Server) -> None:
    for _ in range(3):
        a_round.put()
    postman = a_round.make_postman(SmtpMailer(server.url, SENDER))
    assert [await postman.deliver_due(limit=2) for _ in range(3)] == [2, 1, 0]


async def test_no_mail_goes_twice_when_two_postmen_work_at_once(a_round: Round, server: Server) -> None:
    ids = [a_round.put() for _ in range(8)]
    postmen = [a_round.make_postman(SmtpMailer(server.url, SENDER)) for _ in range(2)]
    counts = await asyncio.gather(*(postman.deliver_due() for postman in postmen))
    assert sum(counts) == len(ids)
    assert len(_ids(server)) == len(set(_ids(server))) == len(ids)


# --- not now


async def test_it_is_tried_again_in_its_time_when_the_server_is_down(a_round: Round, server: Server) -> None:
    mail_id = a_round.put()
    down = a_round.make_postman(SmtpMailer(f"smtp://127.0.0.1:{find_free_port()}", SENDER))
    for wait in (1, 2, 4):
        assert await down.deliver_due() == 0
        assert a_round.state(mail_id) == "pending"
        a_round.clock += wait * MINUTE - MINUTE / 60
        assert await a_round.deliver(server) == 0  # not before its time
        a_round.clock += MINUTE / 60
    assert await a_round.deliver(server) == 1
    mail = a_round.outbox.get(mail_id)
    assert (mail.state, mail.attempts, mail.last_error) == ("sent", 4, "")


async def test_it_is_tried_again_when_the_server_says_later(a_round: Round, server: Server) -> None:
    mail_id = a_round.put()
    server.recipient_answers = ["451 4.7.1 greylisted, canary.hanako@example.com"]
    assert await a_round.deliver(server) == 0
    assert (a_round.state(mail_id), a_round.outbox.get(mail_id).last_error) == ("pending", "recipient")
    a_round.clock += MINUTE
    assert await a_round.deliver(server) == 1
    assert a_round.dead == []


async def test_it_is_the_same_mail_when_the_connection_ended_midway(a_round: Round, server: Server) -> None:
    mail_id = a_round.put()
    server.hang_ups = 1
    assert await a_round.deliver(server) == 0
    a_round.clock += MINUTE
    assert await a_round.deliver(server) == 1
    assert _ids(server) == [a_round.outbox.get(mail_id).message_id]


async def test_it_comes_twice_as_the_same_mail_when_the_answer_was_lost(a_round: Round, server: Server) -> None:
    # The server took it and could not say so: nobody can tell that from a loss, but its reader can.
    mail_id = a_round.put()
    server.lost_answers = 1
    assert await a_round.deliver(server) == 0
    a_round.clock += MINUTE
    assert await a_round.deliver(server) == 1
    assert _ids(server) == [a_round.outbox.get(mail_id).message_id] * 2
    assert server.received[0].content == server.received[1].content


async def test_it_is_tried_again_when_the_server_is_slow(a_round: Round, server: Server) -> None:
    mail_id = a_round.put()
    server.delay_seconds = 1.0
    assert await a_round.deliver(server, step_seconds=0.2) == 0
    assert (a_round.state(mail_id), a_round.outbox.get(mail_id).last_error) == ("pending", "timeout")


# --- never


async def test_the_desk_is_told_once_when_a_mail_is_refused_for_good(a_round: Round, server: Server) -> None:
    mail_id, other = a_round.put(), a_round.put("jiro@example.com")
    server.recipient_answers = ["550 5.1.1 no such mailbox"]
    assert await a_round.deliver(server) == 1
    assert [mail.id for mail in a_round.dead] == [mail_id]
    assert [a_round.state(one) for one in (mail_id, other)] == ["dead", "sent"]
    a_round.clock += timedelta(days=2)
    assert await a_round.deliver(server) == 0
    assert len(a_round.dead) == 1


async def test_the_desk_is_told_once_when_a_mail_kept_failing(a_round: Round, server: Server) -> None:
    mail_id = a_round.put()
    server.recipient_answers = ["451 4.7.1 later"] * (ATTEMPTS + 3)
    for _ in range(ATTEMPTS + 3):
        await a_round.deliver(server)
        a_round.clock += timedelta(hours=4)
    assert [mail.id for mail in a_round.dead] == [mail_id]
    assert len(server.recipient_answers) == 3


async def test_the_others_go_out_when_one_mail_fails(a_round: Round) -> None:
    class Moody:
        async def send(self, mail: Mail) -> Delivery:
            if mail.id == ids[0]:
                raise MailRefusedError("unreachable")
            if mail.id == ids[1]:
                raise RuntimeError("canary-in-a-library")
            return "sent"

    ids = [a_round.put() for _ in range(4)]
    with capture_logs() as logs:
        assert await a_round.make_postman(Moody()).deliver_due() == 2
    assert [a_round.state(mail_id) for mail_id in ids] == ["pending", "pending", "sent", "sent"]
    assert a_round.outbox.get(ids[1]).last_error == "unexpected"
    assert "canary" not in str(logs)


# --- killed


async def test_the_same_mail_goes_again_when_the_worker_was_killed_after_sending(
    a_round: Round, server: Server
) -> None:
    mail_id = a_round.put()
    (leased,) = a_round.outbox.lease(1, a_round.clock)
    await SmtpMailer(server.url, SENDER).send(leased)  # and killed: nothing is marked
    assert await a_round.deliver(server) == 0  # another worker's, as far as anybody knows
    a_round.clock += LEASE
    assert await a_round.deliver(server) == 1
    assert _ids(server) == [leased.message_id] * 2
    assert server.received[0].content == server.received[1].content
    assert a_round.state(mail_id) == "sent"


async def test_the_same_mail_goes_again_when_the_desk_could_not_settle_it(a_round: Round, server: Server) -> None:
    first, second = a_round.put(), a_round.put()

    def fail(mail: Mail) -> None:
        if mail.id == first:
            raise RuntimeError("canary")
        a_round.on_sent(mail)

    postman = a_round.make_postman(SmtpMailer(server.url, SENDER), on_sent=fail)
    with capture_logs() as logs:
        await postman.deliver_due()
    assert "canary" not in str(logs)
    assert [a_round.state(one) for one in (first, second)] == ["leased", "sent"]
    a_round.clock += LEASE
    await a_round.deliver(server)
    assert a_round.state(first) == "sent"
    assert len(set(_ids(server))) == 2
    assert len(_ids(server)) == 3


async def test_a_dead_mail_stays_dead_when_the_desk_could_not_be_told(a_round: Round, server: Server) -> None:
    mail_id = a_round.put()
    server.recipient_answers = ["550 5.1.1 no"]

    def fail(_: Mail) -> None:
        raise RuntimeError

    await a_round.make_postman(SmtpMailer(server.url, SENDER), on_dead=fail).deliver_due()
    assert a_round.state(mail_id) == "dead"
    assert [mail.id for mail in a_round.outbox.list_unsent()] == [mail_id]


# --- by hand


async def test_the_officer_has_a_file_and_a_task_when_there_is_no_server(a_round: Round, tmp_path: Path) -> None:
    mail_id, folder = a_round.put(), tmp_path / "mails"
    postman = a_round.make_postman(FolderMailer(folder, SENDER))
    assert await postman.deliver_due() == 1
    assert await postman.deliver_due() == 0
    assert a_round.sent == []  # nobody has got it yet
    assert [(mail.id, mail.state) for mail in a_round.outbox.list_unsent()] == [(mail_id, "written")]
    (path,) = folder.iterdir()
    read = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert read["Message-ID"] == a_round.outbox.get(mail_id).message_id


# --- what is said of it


async def test_logs_hold_counts_and_names_of_letters_alone_when_written(
    a_round: Round, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.recipient_answers = ["550 5.1.1 <canary.hanako@example.com>", "451 canary", "250 OK"]
    for _ in range(3):
        a_round.put()
    with capture_logs() as logs:
        await a_round.deliver(server)
    assert {log["event"] for log in logs} == {"mail not sent", "mails delivered"}
    assert {key for log in logs for key in log} - {"log_level"} <= KEPT
    told = str(logs) + "".join(record.getMessage() for record in caplog.records if record.name != "mail.log")
    assert "canary" not in told
    assert "example.com" not in told


async def test_nothing_is_said_when_nothing_is_due(a_round: Round, server: Server) -> None:
    with capture_logs() as logs:
        assert await a_round.deliver(server) == 0
    assert logs == []


async def test_the_event_loop_is_not_held_up_when_the_database_is_asked(
    a_round: Round, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, lease = [], Outbox.lease

    def remember(self: Outbox, limit: int, moment: datetime) -> list[Mail]:
        names.append(threading.current_thread().name)
        return lease(self, limit, moment)

    monkeypatch.setattr(Outbox, "lease", remember)
    await a_round.deliver(server)
    assert names
    assert "MainThread" not in names
