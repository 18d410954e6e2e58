"""The database is locked, read-only, or drops its connection: said in words, nothing half, nothing lost.

Each fault is the database's own: another writer holds its lock, it may not be written, the server ends a connection in
the middle. When it is over everything works again, in the same process. A full disk: `tests/journeys/test_storage.py`.
"""

from __future__ import annotations

import html
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.tables import CaseRow, ConversationRow, DraftRow, MailRow, TurnRow
from actions.errors import StorageDownError
from actions.services import Services
from actions.texts import say
from tests.actions.web.officers import Officer

QUESTION = "個人情報を第三者に提供しますか"
VALUES = ["登録した住所を開示してください", "山田花子", "hanako@example.com", "03-0000-0000"]
FORM = {"kind": "disclosure", "details": VALUES[0], "name": VALUES[1], "email": VALUES[2], "phone": VALUES[3]}
HURRIED = "PRAGMA busy_timeout=50"  # of a lock it is the end of patience that matters, not how long that is


@contextmanager
def _with_pragma(database: Database, pragma: str) -> Iterator[None]:
    """Every connection of the database gets a pragma, until the end; the ones that are open are given back."""

    def prepare(connection: Any, _: object) -> None:
        connection.execute(pragma)

    database.close()
    sa.event.listen(database.engine, "connect", prepare)
    try:
        yield
    finally:
        sa.event.remove(database.engine, "connect", prepare)
        database.close()


@contextmanager
def lock(database: Database) -> Iterator[None]:
    """Another process writes, and does not come to an end."""
    other = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with _with_pragma(database, HURRIED):
            yield
    finally:
        other.rollback()
        other.close()


@contextmanager
def protect(database: Database) -> Iterator[None]:
    """Nothing may be written (SQLITE_READONLY, as of a file without the right to)."""
    with _with_pragma(database, "PRAGMA query_only=ON"):
        yield


FAULTS = {"locked": lock, "read-only": protect}
Fault = Callable[[Database], Any]


@pytest.fixture(params=list(FAULTS))
def fault(request: pytest.FixtureRequest) -> Fault:
    """One way in which nothing can be written."""
    return FAULTS[request.param]


def _count(desk: Any) -> dict[str, int]:
    with desk.services.database.reading() as session:
        tables = (CaseRow, MailRow, TurnRow, DraftRow, ConversationRow)
        return {one.__tablename__: session.scalar(sa.select(sa.func.count()).select_from(one)) or 0 for one in tables}


async def _fill_in(desk: Any, count: int) -> str:
    conversation = (await desk.chat("/request:disclosure", language="ja"))["conversation_id"]
    for value in VALUES[:count]:
        await desk.chat(value, conversation)
    return str(conversation)


def _write_many(database: Database) -> None:
    with database.transaction() as session:
        session.add_all(ConversationRow(id=f"c{one}" * 30, language="ja", created_at=now()) for one in range(500))


def _word(desk: Any, key: str, language: str = "ja") -> str:
    return say(language, key, phone=desk.services.bundle.policy.shop.phone)


def test_a_fault_is_named_and_leaves_nothing(services: Services, fault: Fault) -> None:
    database = services.database
    with fault(database), pytest.raises(StorageDownError) as caught:
        _write_many(database)
    assert "c1c1" not in str(caught.value)  # an error quotes nobody
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ConversationRow)) == 0


async def test_a_question_is_answered_when_it_cannot_be_kept(desk: Any, fault: Fault) -> None:
    conversation = (await desk.chat("こんにちは", language="ja"))["conversation_id"]
    before = _count(desk)
    with fault(desk.services.database):
        reply = await desk.chat(QUESTION, conversation)
        assert reply["messages"][0]["citations"][0]["clause_id"] == "third_party"
        assert reply["messages"][-1]["text"] == _word(desk, "reduced.unkept")
        assert (reply["degraded"], reply["request"], reply["conversation_id"]) == (True, None, conversation)
        fresh = await desk.chat(say("en", "questions.ask_third_party"))
        assert fresh["messages"][-1]["text"] == _word(desk, "reduced.unkept", "en")
        asked = await desk.client.post("/api/ask", json={"question": QUESTION})
        assert (asked.status_code, asked.json()["status"]) == (200, "answered")
    assert _count(desk) == before
    after = await desk.chat(QUESTION, conversation)
    assert after["degraded"] is False
    assert _count(desk)["turns"] == before["turns"] + 1


@pytest.mark.parametrize("message", ["山田花子", "退会したい", "/request:correction", "/affirm"])
async def test_what_is_no_question_is_not_taken_and_said_so(desk: Any, fault: Fault, message: str) -> None:
    conversation = await _fill_in(desk, 1)
    before, draft = _count(desk), desk.services.conversations.find_draft(conversation)
    with fault(desk.services.database):
        body = {"message": message, "conversation_id": conversation, "language": "ja"}
        refused = await desk.client.post("/api/chat", json=body)
        assert refused.status_code == 503
        assert refused.json()["error"]["code"] == "storage_down"
        assert refused.headers["content-type"] == "application/json"
    assert _count(desk) == before
    assert desk.services.conversations.find_draft(conversation) == draft


async def test_a_request_goes_on_where_it_was_when_the_fault_is_over(desk: Any, fault: Fault) -> None:
    conversation = await _fill_in(desk, 4)
    message_id = str(uuid.uuid4())
    body = {"message": "はい", "conversation_id": conversation, "message_id": message_id}
    with fault(desk.services.database):
        assert (await desk.client.post("/api/chat", json=body)).status_code == 503
    assert _count(desk)["cases"] == _count(desk)["outbox"] == 0
    filed = (await desk.client.post("/api/chat", json=body)).json()
    again = (await desk.client.post("/api/chat", json=body)).json()
    assert filed["request"]["state"] == "filed"
    assert again == filed
    (case,) = desk.services.cases.list_all()
    assert case.receipt == filed["request"]["receipt"]
    assert list(case.fields.values()) == VALUES
    assert desk.services.audit.verify().problems == ()


async def test_the_text_stays_in_the_field_when_the_page_cannot_keep_it(desk: Any, fault: Fault) -> None:
    with fault(desk.services.database):
        page = await desk.client.post("/?lang=ja", data={"message": "退会したいです。", "message_id": ""})
    assert page.status_code == 503
    assert "退会したいです。</textarea>" in page.text
    assert _word(desk, "errors.storage_down") in html.unescape(page.text)
    assert (await desk.client.post("/?lang=ja", data={"message": "退会したいです。"})).status_code == 200


async def test_the_page_answers_a_question_this_once_when_it_cannot_keep_it(desk: Any, fault: Fault) -> None:
    await desk.client.post("/?lang=ja", data={"message": "こんにちは"})
    with fault(desk.services.database):
        page = await desk.client.post("/?lang=ja", data={"message": QUESTION})
    assert page.status_code == 200
    assert _word(desk, "reduced.unkept") in html.unescape(page.text)
    assert 'class="card"' in page.text
    assert 'class="rating-box"' not in page.text[page.text.index('id="latest"') :]  # what is not kept is not rated
    assert QUESTION not in (await desk.client.get("/?lang=ja")).text


async def test_the_form_keeps_everything_when_it_cannot_be_filed(desk: Any, fault: Fault) -> None:
    key = str(uuid.uuid4())
    with fault(desk.services.database):
        page = await desk.client.post("/requests/new?lang=ja", data={**FORM, "filing_key": key})
    assert page.status_code == 503
    text = html.unescape(page.text)
    assert _word(desk, "errors.storage_down") in text
    for kept in (*VALUES, key):
        assert kept in text
    assert _count(desk)["cases"] == 0
    done = await desk.client.post("/requests/new?lang=ja", data={**FORM, "filing_key": key})
    assert (done.status_code, _count(desk)["cases"]) == (303, 1)


async def test_a_message_on_the_status_page_is_kept_when_it_cannot_be_taken(officer: Officer, fault: Fault) -> None:
    office, client, database = officer.office, officer.desk.client, officer.desk.services.database
    case = office.open()
    path, words = f"/status/{office.token(case.receipt)}?lang=ja", "追加の注文番号をお伝えします。"
    with fault(database):
        page = await client.post(path, data={"action": "write", "text": words})
    assert page.status_code == 503
    assert words in html.unescape(page.text)
    assert _word(officer.desk, "errors.storage_down") in html.unescape(page.text)
    assert not [word for word in office.get(case.receipt).words if word.author == "customer"]
    assert (await client.post(path, data={"action": "write", "text": words})).status_code == 303
    taken = [word.body for word in office.get(case.receipt).words if word.author == "customer"]
    assert taken == [words]


async def test_the_officers_words_are_kept_when_they_cannot_be_saved(officer: Officer, fault: Fault) -> None:
    office, database = officer.office, officer.desk.services.database
    case = office.open()
    path, note = f"/desk/cases/{case.receipt}", "電話で事情を伺った。"
    form = {"step": "run", "version": str(office.get(case.receipt).version), "note": note, "text": note}
    with fault(database):
        page = await officer.client.post(f"{path}/note?lang=ja", data=form)
        entry = await officer.client.post(
            "/desk/cases/new?lang=ja",
            data={**FORM, "channel": "phone", "arrived": "2026-11-27", "language": "ja", "filing_key": ""},
        )
    for shown, typed in ((page, note), (entry, VALUES[0])):
        assert shown.status_code in {422, 503}, shown.text
        assert typed in html.unescape(shown.text)
    assert page.status_code == 503
    assert office.get(case.receipt).version == int(form["version"])
    assert (await officer.client.post(f"{path}/note?lang=ja", data=form)).status_code == 303
    assert office.services.audit.verify().problems == ()


# --- PostgreSQL


def _end_connections(postgres: Database) -> None:
    """What `pg_terminate_backend` or a restart of the server does to everybody connected; waits until it is done."""
    admin = sa.create_engine(postgres.engine.url, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'faults'"
        )


@pytest.fixture
def severed(postgres: Database) -> Iterator[Database]:
    """A PostgreSQL whose connections can be ended without harm to others'."""
    url = postgres.engine.url.update_query_dict({"application_name": "faults"})
    found = Database(url.render_as_string(hide_password=False))
    yield found
    found.close()
    with postgres.transaction() as session:
        session.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER USER"))
        for table in reversed(ConversationRow.metadata.sorted_tables):
            session.execute(sa.delete(table))
        session.execute(sa.text("ALTER TABLE audit ENABLE TRIGGER USER"))


def _write_halves(severed: Database) -> None:
    with severed.transaction() as session:
        session.add(ConversationRow(id="half", language="ja", created_at=now()))
        session.flush()
        _end_connections(severed)
        session.add(ConversationRow(id="other half", language="ja", created_at=now()))


@pytest.mark.services
def test_a_transaction_leaves_nothing_when_its_connection_is_ended(severed: Database) -> None:
    with pytest.raises(StorageDownError):
        _write_halves(severed)
    with severed.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ConversationRow)) == 0


@pytest.mark.services
async def test_nobody_notices_when_idle_connections_are_ended(open_desk: Callable[..., Any], severed: Database) -> None:
    desk = open_desk(database=severed)
    conversation = await _fill_in(desk, 4)
    _end_connections(severed)
    filed = await desk.chat("はい", conversation)
    assert (filed["request"]["state"], filed["degraded"]) == ("filed", False)


@pytest.mark.services
async def test_a_request_is_whole_or_not_there_when_the_connection_is_ended_amid_it(
    open_desk: Callable[..., Any], severed: Database
) -> None:
    desk = open_desk(database=severed)
    key, ended = str(uuid.uuid4()), []

    def end(session: Any, _: object, __: object) -> None:
        if not ended and any(isinstance(one, MailRow) for one in session.new):
            ended.append(True)
            _end_connections(severed)

    sa.event.listen(severed._sessions, "before_flush", end)
    page = await desk.client.post("/requests/new?lang=ja", data={**FORM, "filing_key": key})
    sa.event.remove(severed._sessions, "before_flush", end)
    assert ended
    assert page.status_code == 503
    assert _count(desk)["cases"] == _count(desk)["outbox"] == 0
    for kept in (*VALUES, key):
        assert kept in html.unescape(page.text)
    assert (await desk.client.post("/requests/new?lang=ja", data={**FORM, "filing_key": key})).status_code == 303
    assert _count(desk)["cases"] == 1
