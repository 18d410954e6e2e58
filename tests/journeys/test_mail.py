"""Mails on their whole way: through a real mail server, past one that is down, and by hand where there is none."""

from __future__ import annotations

import email
import email.policy
import re
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.tables import MailRow
from tests.journeys.desk import Desk, Talk, make_state, wait_until
from tests.journeys.officers import IDENTIFY, Officer, enlist, read_code, read_path
from tests.smtp import Received, Server, find_free_port, run_server

pytestmark = pytest.mark.journey

OFFICER_MAIL = "officer@example.com"
MEASURE = "ご注文2件の記録の写しを、書面でお送りしました。"
PERSON = {
    "details": "2023年の注文の控えをお願いします。",
    "name": "水無月ほたる",
    "email": "hotaru@example.com",
    "phone": "03-0000-0611",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A mail server."""
    with run_server() as running:
        yield running


@pytest.fixture(scope="module")
def posting(prepared: None, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with a mail server; its dialogue engine is the real one."""
    state = make_state(tmp_path_factory.mktemp("posting"))
    desk = Desk(state, smtp_url=server.url, officer_mail=OFFICER_MAIL, mail_from="desk@shop.example.com")
    try:
        desk.start()
        yield desk
    finally:
        desk.stop()


@pytest.fixture
def visitor(posting: Desk) -> Iterator[httpx.Client]:
    """One visitor of the desk with a mail server."""
    with posting.open_http() as http:
        yield http


@pytest.fixture(scope="module")
def hanako(posting: Desk) -> Iterator[Officer]:
    """An officer."""
    with posting.open_http() as http:
        yield enlist(posting, http, "hanako")


@contextmanager
def open_without_engine(folder: Path, **settings: str) -> Iterator[Desk]:
    """A desk that nobody chats with: requests come by form."""
    desk = Desk(make_state(folder), **settings)
    try:
        desk.app.start()
        wait_until(lambda: desk.app.is_ready() or not desk.app.is_running(), "the app is ready")
        yield desk
    finally:
        desk.stop()


def await_mail(server: Server, recipient: str, subject: str) -> Received:
    """The newest mail to somebody with these words in its subject, once it has arrived."""

    def find() -> Received | None:
        to = [mail for mail in server.received if mail.recipients == [recipient]]
        return next((mail for mail in reversed(to) if subject in str(mail.message["Subject"])), None)

    wait_until(find, f"{subject} has arrived")
    found = find()
    assert found is not None
    return found


def list_mails(desk: Desk) -> list[MailRow]:
    """The outbox, oldest first."""
    database = Database(desk.settings.database)
    try:
        with database.reading() as session:
            return list(session.scalars(sa.select(MailRow).order_by(MailRow.id)))
    finally:
        database.close()


def list_states(desk: Desk, template: str) -> list[str]:
    """How far the letters of a template are."""
    return [mail.state for mail in list_mails(desk) if mail.template == template]


def hasten(desk: Desk) -> None:
    """As if the time until the next attempt were over."""
    with closing(Database(desk.settings.database)) as database, database.transaction() as session:
        session.execute(sa.update(MailRow).where(MailRow.state == "pending").values(next_at=now()))


def read_files(desk: Desk) -> dict[str, EmailMessage]:
    """The newest .eml file to each recipient."""
    paths = sorted(desk.settings.mails.glob("*.eml"), key=lambda path: path.stat().st_mtime)
    read = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]
    return {str(message["To"]): message for message in read}  # type: ignore[misc]


def file_by_form(http: httpx.Client, kind: str = "disclosure", **values: str) -> str:
    """A request by form → its receipt."""
    form = {**PERSON, "kind": kind, "filing_key": str(uuid.uuid4()), **values}
    page = http.post("/requests/new", data=form, follow_redirects=True)
    return str(re.findall(r"M-[0-9A-Z]{4}-[0-9A-Z]{4}", page.text)[0])


def test_a_request_from_the_chat_to_its_letter(
    posting: Desk, server: Server, visitor: httpx.Client, hanako: Officer
) -> None:
    filed = Talk(visitor, "ja").say_all("/request:disclosure", *PERSON.values(), "はい")
    receipt = filed["request"]["receipt"]
    assert posting.list_cases()[receipt].state == "mail_unverified"

    # The receipt asks to confirm the address, by link or by code; the officer is told of the number.
    asked = await_mail(server, PERSON["email"], "受け付けました")
    assert receipt in asked.text
    assert len(read_code(asked.text)) == 6
    told = await_mail(server, OFFICER_MAIL, receipt)
    assert f"/desk/cases/{receipt}" in told.text
    assert PERSON["name"] not in told.text

    # Looking at the link changes nothing; its button does, and leads to the status page.
    path = read_path(asked.text, "/confirm/")
    with posting.open_http() as mailbox:
        assert mailbox.get(path).status_code == 200
        assert posting.list_cases()[receipt].confirmed_at is None
        confirmed = mailbox.post(path, follow_redirects=True)
        assert (confirmed.status_code, confirmed.request.url.path.split("/")[1]) == (200, "status")
        assert receipt in confirmed.text
    case = posting.list_cases()[receipt]
    assert (case.state, case.confirmed_at is not None) == ("received", True)
    acknowledged = await_mail(server, PERSON["email"], "手続きを始めます")
    status = read_path(acknowledged.text, "/status/")

    # The officer works it to its end; the letter goes out by itself, and closes the case.
    hanako.carry_out(receipt, *IDENTIFY, ("grant", {}), ("fulfil", {"text": MEASURE}))
    letter = await_mail(server, PERSON["email"], "結果")
    assert receipt in letter.text
    assert MEASURE not in letter.text  # what was decided stands behind the link
    wait_until(lambda: posting.list_cases()[receipt].closed_at, "the case is closed")
    with posting.open_http() as mailbox:
        assert MEASURE in mailbox.get(status).text
    own = [mail for mail in server.received if mail.recipients == [PERSON["email"]]]
    assert len({mail.message["Message-ID"] for mail in own}) == len(own) == 3


def test_mails_wait_for_a_server_that_is_down_and_stay_the_same_mails(prepared: None, tmp_path: Path) -> None:
    port = find_free_port()
    with (
        open_without_engine(tmp_path, smtp_url=f"smtp://127.0.0.1:{port}", officer_mail=OFFICER_MAIL) as desk,
        desk.open_http() as http,
    ):
        receipt = file_by_form(http)
        wait_until(lambda: [mail for mail in list_mails(desk) if mail.last_error], "sending has failed")
        waiting = {mail.message_id: mail.state for mail in list_mails(desk)}
        assert len(waiting) == 2
        assert set(waiting.values()) <= {"pending", "leased"}
        assert desk.list_cases()[receipt].state == "mail_unverified"  # nothing is lost, nothing has moved

        with run_server(port) as server:
            # One is taken, and the connection ends before that is said: it comes again, as the same mail.
            server.lost_answers = 1
            wait_until(lambda: hasten(desk) or all(mail.state == "sent" for mail in list_mails(desk)), "all are sent")
            received = [(mail.message["Message-ID"], mail.content) for mail in server.received]
        assert len(received) == 3
        assert len(set(received)) == 2
        assert {message_id for message_id, _ in received} == set(waiting)


def test_without_a_mail_server_letters_are_files_and_given_by_hand(prepared: None, tmp_path: Path) -> None:
    with open_without_engine(tmp_path) as desk, desk.open_http() as http, desk.open_http() as office:
        officer = enlist(desk, office, "hanako")
        receipt = file_by_form(http)
        wait_until(lambda: len(read_files(desk)) == 2, "receipt and notice are written")
        asked = read_files(desk)[PERSON["email"]]
        text = str(asked.get_body(("plain",)).get_content())
        assert receipt in text
        confirmed = http.post(read_path(text, "/confirm/"), follow_redirects=True)
        assert confirmed.status_code == 200
        officer.carry_out(receipt, *IDENTIFY, ("grant", {}), ("fulfil", {"text": MEASURE}))
        wait_until(lambda: list_states(desk, "decision") == ["written"], "the letter is written")
        assert desk.list_cases()[receipt].state == "notifying"  # a file has told nobody anything yet

        tasks = office.get("/desk/tasks").text
        (letter,) = [mail for mail in list_mails(desk) if mail.template == "decision"]
        assert f"/desk/mails/{letter.id}" in tasks
        download = office.get(f"/desk/mails/{letter.id}/file")
        assert email.message_from_bytes(download.content)["Message-ID"] == letter.message_id
        handed = office.post(f"/desk/mails/{letter.id}/handed")
        assert handed.status_code == 303
        assert desk.list_cases()[receipt].closed_at
        assert list_states(desk, "decision") == ["handed"]
        assert f"/desk/mails/{letter.id}" not in office.get("/desk/tasks").text

        # The case's own form says it too, and how: by telephone, say.
        other = file_by_form(http, "correction")
        officer.carry_out(other, ("vouch", {"note": "電話で確認"}), *IDENTIFY[:2], IDENTIFY[3], ("grant", {}))
        officer.carry_out(other, ("fulfil", {"text": MEASURE}), ("send_by_hand", {"method": "telephone"}))
        assert desk.list_cases()[other].closed_at
