"""The outbox: whole with its transaction or not there, one worker a mail, and never another mail than before."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from actions.cases.crypto import Sealer
from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.letters import Letter
from actions.cases.outbox import ATTEMPTS, LEASE, LONGEST_WAIT, Mail, Outbox, find_domain
from actions.cases.tables import CaseRow, MailRow
from actions.errors import NotFoundError, SealError
from tests.rows import add_case

RECIPIENT = "canary.hanako@example.com"
LETTER = Letter("receipt", "ja", "【店】受け付けました", "山田花子 様\n", "<p>山田花子 様</p>\n", "")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def outbox(database: Database, sealer: Sealer) -> Outbox:
    return Outbox(database, sealer, "desk.example.com")


@pytest.fixture
def case(database: Database, sealer: Sealer) -> tuple[CaseRow, Sealer]:
    return add_case(database, sealer)


@pytest.fixture
def put(outbox: Outbox, database: Database, case: tuple[CaseRow, Sealer]) -> Callable[..., int]:
    """Writes a mail in a transaction of its own; returns its id."""

    def write(key: str = "", recipient: str = RECIPIENT, audience: str = "customer") -> int:
        with database.transaction() as session:
            return outbox.enqueue(session, *case, LETTER, recipient, audience, key or str(uuid.uuid4())).id

    return write


def _change(database: Database, mail_id: int, **values: object) -> None:
    with database.transaction() as session:
        session.execute(sa.update(MailRow).where(MailRow.id == mail_id).values(**values))


def _fail(database: Database, outbox: Outbox, mail_id: int, moment: datetime, *, permanent: bool = False) -> bool:
    with database.transaction() as session:
        return outbox.mark_failed(session, mail_id, moment, "refused", permanent=permanent)


def _lease_one(outbox: Outbox, moment: datetime) -> Mail | None:
    leased = outbox.lease(1, moment)
    return leased[0] if leased else None


# --- writing


def test_a_mail_is_the_letter_when_it_is_read_again(outbox: Outbox, put: Callable[..., int]) -> None:
    mail = outbox.get(put())
    assert (mail.subject, mail.text, mail.html) == (LETTER.subject, LETTER.text, LETTER.html)
    assert (mail.template, mail.language, mail.audience, mail.recipient) == ("receipt", "ja", "customer", RECIPIENT)
    assert (mail.state, mail.attempts, mail.sent_at, mail.last_error) == ("pending", 0, None, "")
    assert re.fullmatch(r"<[0-9a-f-]{36}@desk\.example\.com>", mail.message_id)


def test_nothing_personal_shows_when_a_mail_is_printed_or_stored(
    outbox: Outbox, database: Database, put: Callable[..., int]
) -> None:
    mail = outbox.get(put())
    with database.reading() as session:
        stored = session.execute(sa.text("select * from outbox")).one()
    for shown in (repr(mail), str(mail), repr(tuple(bytes(v) if isinstance(v, memoryview) else v for v in stored))):
        assert "canary" not in shown
        assert "花子" not in shown
        assert LETTER.subject not in shown


def test_a_mail_opens_only_with_its_cases_key_when_rows_are_mixed_up(
    outbox: Outbox, database: Database, sealer: Sealer, put: Callable[..., int]
) -> None:
    mail_id, (other, _) = put(), add_case(database, sealer)
    _change(database, mail_id, case_id=other.id)
    with pytest.raises(SealError):
        outbox.get(mail_id)


def test_nothing_is_added_when_the_same_key_comes_again(
    outbox: Outbox, database: Database, case: tuple[CaseRow, Sealer]
) -> None:
    with database.transaction() as session:
        first = outbox.enqueue(session, *case, LETTER, RECIPIENT, "customer", "key")
        within = outbox.enqueue(session, *case, LETTER, "else@example.com", "customer", "key")
        assert within is first
    with database.transaction() as session:
        again = outbox.enqueue(session, *case, LETTER, "else@example.com", "customer", "key")
    assert (again.id, again.message_id) == (first.id, first.message_id)
    assert [mail.recipient for mail in outbox.list_for_case(case[0].id)] == [RECIPIENT]


def test_no_mail_is_left_when_its_transaction_fails(
    outbox: Outbox, database: Database, case: tuple[CaseRow, Sealer]
) -> None:
    def fail() -> None:
        with database.transaction() as session:
            outbox.enqueue(session, *case, LETTER, RECIPIENT, "customer", "key")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert outbox.list_for_case(case[0].id) == []
    assert outbox.lease(10, now()) == []


def test_a_mail_without_an_address_waits_for_the_officer_when_written(outbox: Outbox, put: Callable[..., int]) -> None:
    mail_id = put(recipient="")
    assert outbox.lease(10, now()) == []
    assert [(mail.id, mail.state) for mail in outbox.list_unsent()] == [(mail_id, "written")]


@pytest.mark.parametrize("domain", ["", "x" * 81, "窓口.example"])
def test_no_outbox_opens_when_message_ids_would_be_malformed(database: Database, sealer: Sealer, domain: str) -> None:
    with pytest.raises(ValueError, match="domain"):
        Outbox(database, sealer, domain)


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("desk@shop.example.com", "shop.example.com"),
        ("店 <desk@窓口.example>", "localhost"),
        ("desk@窓口.example", "xn--6or331g.example"),
        ("", "localhost"),
        ("desk@", "localhost"),
        (f"desk@{'a' * 64}.example", "localhost"),
    ],
)
def test_the_domain_is_the_senders_when_found(address: str, domain: str) -> None:
    assert find_domain(address) == domain


# --- leasing


def test_a_mail_is_one_workers_when_leased(outbox: Outbox, put: Callable[..., int]) -> None:
    mail_id, moment = put(), now()
    (mail,) = outbox.lease(10, moment)
    assert (mail.id, mail.state, mail.attempts) == (mail_id, "leased", 1)
    assert outbox.lease(10, moment) == []
    assert outbox.lease(10, moment + LEASE - MINUTE / 60) == []


def test_it_is_the_same_mail_again_when_a_worker_was_killed(outbox: Outbox, put: Callable[..., int]) -> None:
    put()
    moment = now()
    (first,) = outbox.lease(10, moment)
    (again,) = outbox.lease(10, moment + LEASE)
    assert (again.id, again.message_id, again.text) == (first.id, first.message_id, first.text)
    assert again.attempts == 2


def test_nothing_is_stuck_when_the_clock_was_set_back(
    outbox: Outbox, database: Database, put: Callable[..., int]
) -> None:
    leased, waiting = put(), put()
    future = now() + timedelta(days=400)
    _change(database, leased, state="leased", lease_until=future)
    _change(database, waiting, next_at=future)
    assert {mail.id for mail in outbox.lease(10, now())} == {leased, waiting}


def test_the_longest_due_come_first_when_there_are_more_than_asked_for(
    outbox: Outbox, database: Database, put: Callable[..., int]
) -> None:
    ids, moment = [put() for _ in range(4)], now()
    for minutes, mail_id in enumerate(ids):
        _change(database, mail_id, next_at=moment - minutes * MINUTE)
    assert [mail.id for mail in outbox.lease(3, moment)] == [ids[3], ids[2], ids[1]]
    assert [mail.id for mail in outbox.lease(3, moment)] == [ids[0]]


def test_each_mail_goes_to_one_worker_when_several_lease_at_once(outbox: Outbox, put: Callable[..., int]) -> None:
    ids = sorted(put() for _ in range(12))
    start, moment = Barrier(4), now()

    def work(_: int) -> list[int]:
        start.wait()
        found: list[int] = []
        while leased := outbox.lease(2, moment):
            found += [mail.id for mail in leased]
        return found

    with ThreadPoolExecutor(4) as pool:
        taken = [mail_id for found in pool.map(work, range(4)) for mail_id in found]
    # A row that another worker holds is skipped, so that one may end early: nothing is taken twice, and all in the end.
    assert len(taken) == len(set(taken))
    taken += [mail.id for mail in outbox.lease(20, moment)]
    assert sorted(taken) == ids


# SQLite has one writer at a time.
@pytest.mark.parametrize("database", [pytest.param("postgresql", marks=pytest.mark.services)], indirect=True)
def test_a_worker_passes_by_what_another_is_taking_when_on_postgresql(
    outbox: Outbox, database: Database, put: Callable[..., int]
) -> None:
    held, free = put(), put()
    with database.transaction() as session:
        session.get(MailRow, held, with_for_update=True)
        assert [mail.id for mail in outbox.lease(10, now())] == [free]


def test_an_empty_look_waits_for_nobody_when_another_writes(
    outbox: Outbox, database: Database, case: tuple[CaseRow, Sealer]
) -> None:
    with database.transaction() as session:
        outbox.enqueue(session, *case, LETTER, RECIPIENT, "customer", "key")
        # SQLite's write lock is held here: a look that wanted it would wait five seconds and fail.
        assert outbox.lease(10, now()) == []


def test_a_mail_that_does_not_open_is_dead_and_alone_when_leased(
    outbox: Outbox, database: Database, put: Callable[..., int]
) -> None:
    broken, whole = put(), put()
    _change(database, broken, content_sealed=b"x" * 40)
    assert [mail.id for mail in outbox.lease(10, now())] == [whole]
    with database.reading() as session:
        row = session.get_one(MailRow, broken)
        assert (row.state, row.last_error) == ("dead", "sealed")


@pytest.mark.parametrize("values", [{"content_sealed": None}, {"recipient_sealed": None}])
def test_a_mail_that_lost_its_words_is_not_sent_when_leased(
    outbox: Outbox, database: Database, put: Callable[..., int], values: dict[str, None]
) -> None:
    mail_id = put()
    _change(database, mail_id, **values)
    assert outbox.lease(10, now()) == []
    assert outbox.get(mail_id).state == "void"


def test_a_mail_ends_with_its_case_when_the_key_is_gone(
    outbox: Outbox, database: Database, case: tuple[CaseRow, Sealer], put: Callable[..., int]
) -> None:
    mail_id = put()
    with database.transaction() as session:
        session.execute(sa.update(CaseRow).where(CaseRow.id == case[0].id).values(data_key_sealed=None))
    assert outbox.lease(10, now()) == []
    (mail,) = outbox.list_for_case(case[0].id)
    assert (mail.id, mail.state, mail.recipient, mail.text, mail.subject) == (mail_id, "void", "", "", "")


# --- what became of it


def test_retries_wait_twice_as_long_each_time_and_end_when_a_mail_keeps_failing(
    outbox: Outbox, database: Database, put: Callable[..., int]
) -> None:
    mail_id, moment, waits, is_dead = put(), now(), [], False
    while not is_dead:
        assert _lease_one(outbox, moment) is not None
        is_dead = _fail(database, outbox, mail_id, moment)
        if not is_dead:
            with database.reading() as session:
                due = session.get_one(MailRow, mail_id).next_at
            waits.append((due - moment) // MINUTE)
            assert _lease_one(outbox, due - MINUTE / 60) is None
            moment = due
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240]
    assert len(waits) + 1 == ATTEMPTS
    assert max(waits) * MINUTE == LONGEST_WAIT
    mail = outbox.get(mail_id)
    assert (mail.state, mail.attempts, mail.last_error) == ("dead", ATTEMPTS, "refused")
    assert outbox.lease(10, moment + timedelta(days=2)) == []
    assert [mail.id for mail in outbox.list_unsent()] == [mail_id]


def test_a_mail_is_dead_at_once_when_the_refusal_is_for_good(
    outbox: Outbox, database: Database, put: Callable[..., int]
) -> None:
    mail_id = put()
    outbox.lease(1, now())
    assert _fail(database, outbox, mail_id, now(), permanent=True)
    assert not _fail(database, outbox, mail_id, now())  # said again it is no news, and nothing is counted
    assert (outbox.get(mail_id).state, outbox.get(mail_id).attempts) == ("dead", 1)


def test_it_is_news_once_when_a_mail_is_sent(outbox: Outbox, database: Database, put: Callable[..., int]) -> None:
    mail_id, moment = put(), now()
    outbox.lease(1, moment)
    with database.transaction() as session:
        assert outbox.mark_sent(session, mail_id, moment)
    with database.transaction() as session:
        assert not outbox.mark_sent(session, mail_id, moment + MINUTE)
        assert not outbox.mark_written(session, mail_id, moment + MINUTE)
        assert not outbox.mark_failed(session, mail_id, moment, "late")
    mail = outbox.get(mail_id)
    assert (mail.state, mail.sent_at, mail.last_error) == ("sent", moment, "")
    assert outbox.lease(10, moment + timedelta(days=1)) == []


def test_a_sent_mail_stays_sent_when_a_slower_worker_fails(
    outbox: Outbox, database: Database, put: Callable[..., int]
) -> None:
    # The first worker's lease ran out while it was sending; the second one's failure must not hide the success.
    mail_id, moment = put(), now()
    outbox.lease(1, moment)
    outbox.lease(1, moment + LEASE)
    _fail(database, outbox, mail_id, moment + LEASE, permanent=True)
    with database.transaction() as session:
        assert outbox.mark_sent(session, mail_id, moment)
    assert outbox.get(mail_id).state == "sent"


def test_a_mark_is_gone_when_its_transaction_fails(outbox: Outbox, database: Database, put: Callable[..., int]) -> None:
    mail_id, moment = put(), now()
    outbox.lease(1, moment)

    def fail() -> None:
        with database.transaction() as session:
            outbox.mark_sent(session, mail_id, moment)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert outbox.get(mail_id).state == "leased"


@pytest.mark.parametrize("state", ["handed", "void"])
def test_a_settled_mail_stays_so_when_a_worker_was_still_at_it(
    outbox: Outbox, database: Database, put: Callable[..., int], state: str
) -> None:
    mail_id, moment = put(), now()
    outbox.lease(1, moment)
    _change(database, mail_id, state=state)
    with database.transaction() as session:
        assert not outbox.mark_sent(session, mail_id, moment)
        assert not outbox.mark_failed(session, mail_id, moment, "late", permanent=True)
        assert not outbox.requeue(session, mail_id)
    assert outbox.get(mail_id).state == state


@pytest.mark.parametrize("state", ["dead", "written"])
def test_it_is_the_same_mail_when_tried_again(
    outbox: Outbox, database: Database, put: Callable[..., int], state: str
) -> None:
    mail_id, moment = put(), now()
    (before,) = outbox.lease(1, moment)
    _change(database, mail_id, state=state, attempts=ATTEMPTS)
    with database.transaction() as session:
        assert outbox.requeue(session, mail_id, moment)
        assert not outbox.requeue(session, mail_id, moment)
    (again,) = outbox.lease(1, moment)
    assert (again.id, again.message_id, again.attempts) == (mail_id, before.message_id, 1)


def test_the_officers_tasks_are_the_customers_letters_and_the_dead_when_listed(
    outbox: Outbox, database: Database, put: Callable[..., int]
) -> None:
    states = ["pending", "leased", "sent", "written", "dead", "handed", "void"]
    ids = {(state, who): put(audience=who) for state in states for who in ("customer", "officer")}
    for (state, _), mail_id in ids.items():
        _change(database, mail_id, state=state)
    waiting = {("written", "customer"), ("dead", "customer"), ("dead", "officer")}
    assert {mail.id for mail in outbox.list_unsent()} == {ids[one] for one in waiting}
    assert len(outbox.list_unsent(limit=2)) == 2
    with database.transaction() as session:
        assert outbox.mark_handed(session, ids["written", "customer"], now())
    assert ids["written", "customer"] not in {mail.id for mail in outbox.list_unsent()}
    assert outbox.get(ids["written", "customer"]).sent_at is not None


def test_a_written_mail_was_not_sent_when_marked(outbox: Outbox, database: Database, put: Callable[..., int]) -> None:
    mail_id, moment = put(), now()
    outbox.lease(1, moment)
    with database.transaction() as session:
        assert outbox.mark_written(session, mail_id, moment)
        assert not outbox.mark_written(session, mail_id, moment)
    assert (outbox.get(mail_id).state, outbox.get(mail_id).sent_at) == ("written", None)


def test_a_cases_mails_are_seen_in_its_own_transaction_when_listed(
    outbox: Outbox, database: Database, sealer: Sealer, case: tuple[CaseRow, Sealer], put: Callable[..., int]
) -> None:
    first, other = put(), add_case(database, sealer)
    with database.transaction() as session:
        outbox.enqueue(session, *other, LETTER, RECIPIENT, "customer", "other")
        second = outbox.enqueue(session, *case, LETTER, RECIPIENT, "customer", "second").id
        assert [mail.id for mail in outbox.list_for_case(case[0].id, session)] == [first, second]


def test_there_is_no_such_mail_when_the_number_is_unknown(outbox: Outbox, database: Database) -> None:
    with pytest.raises(NotFoundError):
        outbox.get(999_999)
    with database.transaction() as session, pytest.raises(NotFoundError):
        outbox.mark_sent(session, 999_999, now())


def test_the_content_is_json_of_the_three_parts_when_sealed(
    outbox: Outbox, database: Database, case: tuple[CaseRow, Sealer], put: Callable[..., int]
) -> None:
    mail = outbox.get(put())
    with database.reading() as session:
        sealed = session.get_one(MailRow, mail.id).content_sealed
    assert sealed is not None
    opened = case[1].open(sealed, f"outbox.content.{mail.message_id}")
    assert json.loads(opened) == {"subject": LETTER.subject, "text": LETTER.text, "html": LETTER.html}
