"""Mails on their way: to a real server on loopback, which is not always kind, or into a folder."""

from __future__ import annotations

import email
import email.policy
import re
import ssl
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actions.cases import mailer
from actions.cases.letters import LetterFacts, ShopContact, write_letter
from actions.cases.mailer import FolderMailer, SmtpMailer, find_file, make_mail, open_mailer
from actions.cases.outbox import LEASE, Mail
from actions.errors import MailRefusedError
from tests.smtp import Server, find_free_port, make_certificate, run_server

SENDER = "COVERCHORD プライバシー窓口 <desk@example.com>"
SHOP = ShopContact("COVERCHORD", "個人情報管理責任者", "0120-123-082", "desk@example.com", "平日11:00〜18:00")
LETTER = write_letter(
    LetterFacts(
        "message", "ja", "M-AB12-CD34", SHOP, name="山田花子", text="本文", status_url="https://desk.example.com/s"
    )
)
MAIL = Mail(
    id=1,
    case_id="c",
    kind="",
    template="message",
    language="ja",
    audience="customer",
    message_id="<0a1b2c3d-0000-4000-8000-000000000000@desk.example.com>",
    recipient="hanako@example.com",
    subject=LETTER.subject,
    text=LETTER.text,
    html=LETTER.html,
    attempts=1,
    state="leased",
    created_at=datetime(2026, 11, 30, 3, 4, 5, tzinfo=UTC),
    sent_at=None,
    last_error="",
)
LONG_NAME = "あ" * 60


@pytest.fixture
def server() -> Iterator[Server]:
    with run_server() as running:
        yield running


async def _refuse(url: str, mail: Mail = MAIL, **options: object) -> MailRefusedError:
    with pytest.raises(MailRefusedError) as caught:
        await SmtpMailer(url, SENDER, **options).send(mail)  # type: ignore[arg-type]
    # Neither the server's words nor an address may come along, however the error is shown.
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert re.fullmatch(r"[a-z_]+", str(caught.value))
    return caught.value


# --- by SMTP


async def test_the_mail_arrives_whole_when_the_server_takes_it(server: Server) -> None:
    assert await SmtpMailer(server.url, SENDER).send(MAIL) == "sent"
    (received,) = server.received
    assert (received.sender, received.recipients) == ("desk@example.com", ["hanako@example.com"])
    message = received.message
    assert message["Message-ID"] == MAIL.message_id
    assert message["Subject"] == MAIL.subject
    assert "山田花子 様\n" in received.text
    assert received.text == MAIL.text
    assert message["To"] == "hanako@example.com"
    assert str(message["From"]) == SENDER
    assert message["Date"].datetime == MAIL.created_at
    assert (message["Auto-Submitted"], message["Content-Language"]) == ("auto-generated", "ja")
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert not list(message.iter_attachments())


async def test_it_is_the_same_bytes_when_sent_again(server: Server) -> None:
    for _ in range(2):
        await SmtpMailer(server.url, SENDER).send(MAIL)
    first, second = server.received
    assert first.content == second.content


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        ("550 5.1.1 <hanako@example.com> unknown", True),
        ("553 5.1.3 no", True),
        ("450 4.2.1 later", False),
        ("451 4.7.1 greylisted", False),
        ("452 4.2.2 full", False),
    ],
)
async def test_the_servers_word_on_the_recipient_counts_when_it_refuses(
    server: Server, answer: str, permanent: bool
) -> None:
    server.recipient_answers = [answer]
    error = await _refuse(server.url)
    assert (error.reason, error.permanent) == ("recipient", permanent)
    assert server.received == []


@pytest.mark.parametrize(("answer", "permanent"), [("554 5.7.1 spam", True), ("451 4.3.0 later", False)])
async def test_the_servers_word_on_the_content_counts_when_it_refuses(
    server: Server, answer: str, permanent: bool
) -> None:
    server.data_answers = [answer]
    error = await _refuse(server.url)
    assert (error.reason, error.permanent) == ("content", permanent)


async def test_it_is_not_the_recipients_fault_when_the_sender_is_refused(server: Server) -> None:
    server.sender_answer = "550 5.7.1 who are you"
    error = await _refuse(server.url)
    assert (error.reason, error.permanent) == ("sender", False)


async def test_it_is_tried_again_when_no_server_is_there() -> None:
    error = await _refuse(f"smtp://127.0.0.1:{find_free_port()}")
    assert (error.reason, error.permanent) == ("unreachable", False)


async def test_it_is_tried_again_when_the_server_hangs_up_midway(server: Server) -> None:
    server.hang_ups = 1
    error = await _refuse(server.url)
    assert (error.reason, error.permanent) == ("unreachable", False)
    assert await SmtpMailer(server.url, SENDER).send(MAIL) == "sent"
    assert [one.message["Message-ID"] for one in server.received] == [MAIL.message_id]


async def test_it_is_tried_again_when_the_server_is_slow(server: Server) -> None:
    server.delay_seconds = 1.0
    error = await _refuse(server.url, step_seconds=0.2)
    assert (error.reason, error.permanent) == ("timeout", False)


async def test_it_ends_in_time_when_every_step_is_slow(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailer, "LONGEST_SEND_SECONDS", 0.3)
    server.delay_seconds = 1.0
    error = await _refuse(server.url)
    assert (error.reason, error.permanent) == ("timeout", False)


def test_a_lease_outlives_the_longest_send_when_compared() -> None:
    assert LEASE.total_seconds() > mailer.LONGEST_SEND_SECONDS + mailer._QUIT_SECONDS
    assert mailer.STEP_SECONDS == 20.0


async def test_nothing_is_smuggled_in_when_texts_hold_newlines(server: Server) -> None:
    evil = replace(MAIL, subject="件名\r\nBcc: all@example.com\r\n\r\nにせの本文", text=".\r\nQUIT\r\n.\n")
    await SmtpMailer(server.url, SENDER).send(evil)
    (received,) = server.received
    assert received.recipients == ["hanako@example.com"]
    assert received.message["Bcc"] is None
    assert received.message["Subject"] == "件名 Bcc: all@example.com にせの本文"
    assert received.text == ".\nQUIT\n.\n"


@pytest.mark.parametrize(
    "recipient",
    ["", "hanako", "hanako@", "@example.com", "a@example.com\r\nRCPT TO:<b@example.com>", "a b@example.com", "<>"],
)
async def test_no_address_no_mail_when_the_recipient_is_malformed(server: Server, recipient: str) -> None:
    error = await _refuse(server.url, replace(MAIL, recipient=recipient))
    assert (error.reason, error.permanent) == ("address", True)
    assert server.received == []


async def test_one_recipient_gets_it_when_two_are_written(server: Server) -> None:
    error = await _refuse(server.url, replace(MAIL, recipient="a@example.com, b@example.com"))
    assert (error.reason, error.permanent) == ("address", True)
    assert server.received == []


async def test_an_international_domain_is_reached_when_the_server_speaks_ascii() -> None:
    with run_server(enable_SMTPUTF8=False) as server:
        await SmtpMailer(server.url, SENDER).send(replace(MAIL, recipient="hanako@窓口.example"))
    assert server.received[0].recipients == ["hanako@xn--6or331g.example"]


async def test_an_international_name_needs_a_server_that_knows_them_when_sent(server: Server) -> None:
    mail = replace(MAIL, recipient="花子@example.com")
    with run_server(enable_SMTPUTF8=False) as other:
        error = await _refuse(other.url, mail)
    assert (error.reason, error.permanent) == ("address", True)
    assert await SmtpMailer(server.url, SENDER).send(mail) == "sent"
    assert server.received[0].recipients == ["花子@example.com"]
    assert server.received[0].message["Subject"] == MAIL.subject


async def test_success_stays_success_when_the_goodbye_fails(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang_up(self: object, **_: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr("aiosmtplib.SMTP.quit", hang_up)
    assert await SmtpMailer(server.url, SENDER).send(MAIL) == "sent"
    assert len(server.received) == 1


# --- encrypted, signed in


@pytest.fixture
def contexts(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return make_certificate(tmp_path)


async def test_the_way_is_encrypted_when_the_server_offers_it(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    with run_server(tls_context=contexts[0]) as server:
        await SmtpMailer(server.url, SENDER).send(MAIL)
    assert server.received[0].is_encrypted


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")  # that is what is tried
async def test_nothing_is_said_in_clear_when_a_server_elsewhere_offers_no_encryption(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mailer, "is_loopback", lambda _: False)
    with run_server(auth_required=True, auth_require_tls=False) as server:
        server.credentials = ("desk", "secret")
        error = await _refuse(server.url.replace("//", "//desk:secret@"))
    assert not error.permanent
    assert (server.seen, server.auth_answers, server.received) == ([], 0, [])


async def test_a_stranger_gets_nothing_when_a_certificate_is_not_trusted(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailer, "is_loopback", lambda _: False)
    with run_server(tls_context=contexts[0]) as server:
        error = await _refuse(server.url)
        assert (error.reason, error.permanent) == ("tls", False)
        assert server.seen == []
        assert await SmtpMailer(server.url, SENDER, context=contexts[1]).send(MAIL) == "sent"
    assert server.received[0].is_encrypted


async def test_it_is_encrypted_from_the_start_when_the_address_says_smtps(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    with run_server(ssl_context=contexts[0]) as server:
        assert await SmtpMailer(server.url.replace("smtp:", "smtps:"), SENDER).send(MAIL) == "sent"
    assert len(server.received) == 1


@pytest.mark.parametrize(("password", "is_right"), [("p%40ss%2F1", True), ("wrong", False)])
async def test_the_desk_signs_in_when_the_address_has_a_name(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], password: str, is_right: bool
) -> None:
    with run_server(tls_context=contexts[0], auth_required=True) as server:
        server.credentials = ("desk@example.com", "p@ss/1")
        url = server.url.replace("//", f"//desk%40example.com:{password}@")
        if is_right:
            assert await SmtpMailer(url, SENDER).send(MAIL) == "sent"
            assert server.received[0].user == "desk@example.com"
        else:
            error = await _refuse(url)
            assert (error.reason, error.permanent) == ("sign_in", False)


# --- the mail itself


def test_headers_fold_and_lines_are_short_when_names_are_long() -> None:
    letter = write_letter(
        LetterFacts("message", "ja", "M-AB12-CD34", replace(SHOP, name="店" * 120), name=LONG_NAME, text="x" * 3000)
    )
    mail = replace(MAIL, subject=letter.subject, text=letter.text, html=letter.html)
    content = make_mail(mail, f"{'窓' * 120} <desk@example.com>").as_bytes()
    assert max(len(line) for line in content.split(b"\r\n")) <= 78
    assert content.isascii()
    read = email.message_from_bytes(content, policy=email.policy.default)
    assert read["Subject"] == letter.subject
    assert f"{LONG_NAME} 様" in read.get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize("sender", ["desk@example.com", SENDER, '"A, B" <desk@example.com>'])
def test_the_sender_is_named_when_it_has_a_name(sender: str) -> None:
    header = make_mail(MAIL, sender)["From"]
    assert [one.addr_spec for one in header.addresses] == ["desk@example.com"]


def test_the_message_id_stays_in_one_piece_when_the_domain_is_long() -> None:
    mail = replace(MAIL, message_id=f"<{'0' * 36}@{'a' * 60}.{'b' * 19}>")
    read = email.message_from_bytes(make_mail(mail, SENDER).as_bytes(), policy=email.policy.default)
    assert str(read["Message-ID"]).strip() == mail.message_id


# --- into a folder


async def test_the_file_is_a_mail_for_the_owner_alone_when_written(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "mails"
    assert await FolderMailer(folder, SENDER).send(MAIL) == "written"
    (path,) = folder.iterdir()
    assert path == find_file(folder, MAIL.message_id)
    assert path.name == "0a1b2c3d-0000-4000-8000-000000000000@desk.example.com.eml"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    read = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (read["To"], read["Subject"], read["Message-ID"]) == (MAIL.recipient, MAIL.subject, MAIL.message_id)
    assert "山田花子 様" in read.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "山田花子 様" in read.get_body(("html",)).get_content()  # type: ignore[union-attr]


async def test_it_is_the_same_file_when_written_again(tmp_path: Path) -> None:
    contents = []
    for _ in range(2):
        await FolderMailer(tmp_path, SENDER).send(MAIL)
        (path,) = tmp_path.iterdir()
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]


async def test_no_half_file_is_left_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "no space left for canary")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(MailRefusedError) as caught:
        await FolderMailer(tmp_path, SENDER).send(MAIL)
    assert (caught.value.reason, caught.value.permanent) == ("unwritable", False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("message_id", ["", "<a/../b@example.com>", "<a@b>/x", "a@b", "<a\x00@b>"])
def test_no_other_place_is_written_to_when_a_message_id_is_odd(tmp_path: Path, message_id: str) -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        find_file(tmp_path, message_id)


def test_the_settings_choose_the_way_when_opened(tmp_path: Path) -> None:
    assert isinstance(open_mailer("smtp://127.0.0.1:25", SENDER, tmp_path), SmtpMailer)
    assert isinstance(open_mailer("", SENDER, tmp_path), FolderMailer)
