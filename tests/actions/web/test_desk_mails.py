"""Letters by hand: listed, shown, downloaded and done; how a shop without a mail server works."""

from __future__ import annotations

import email
import email.policy
import html
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.desk import Arrival
from actions.cases.mailer import FolderMailer
from actions.cases.tables import MailRow
from actions.texts import LANGUAGES, say
from tests.actions.cases.conftest import HANAKO
from tests.actions.web.officers import Officer, read_forms


def _set(officer: Officer, state: str, **values: str | None) -> None:
    with officer.office.services.database.transaction() as session:
        session.execute(sa.update(MailRow).where(MailRow.audience == "customer").values(state=state, **values))


def _find_id(officer: Officer, receipt: str, template: str) -> int:
    return next(mail.id for mail in officer.office.list_mails(receipt) if mail.template == template)


async def test_a_case_comes_to_its_end_without_a_mail_server(officer: Officer) -> None:
    office = officer.office
    receipt = office.file("complaint").receipt
    for _ in range(2):  # the receipt with its code, the acknowledgement after it
        await _hand_all(officer, receipt)
        if office.get(receipt).confirmed_at is None:
            office.services.status.confirm_by_code(office.token(receipt), office.find_code(receipt))
    await officer.act(receipt, "start")
    await officer.act(receipt, "respond", outcome="explained", text="ご説明します。")
    await _hand_all(officer, receipt)
    case = office.get(receipt)
    assert (case.state, case.items[0].outcome) == ("closed", "explained")
    assert say("ja", "desk.tasks_none") in await officer.open("/desk/tasks")


async def _hand_all(officer: Officer, receipt: str) -> None:
    _set_written(officer)
    page = await officer.open("/desk/tasks")
    forms = [form for form in read_forms(page) if "/handed" in form.action]
    assert len(forms) == 1
    response = await officer.send(forms[0])
    assert response.headers["location"] == "/desk/tasks?lang=ja&done=handed#result"
    assert say("ja", "desk.done_handed") in await officer.open(response.headers["location"])


def _set_written(officer: Officer) -> None:
    with officer.office.services.database.transaction() as session:
        session.execute(sa.update(MailRow).where(MailRow.state == "pending").values(state="written"))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_waits_for_a_hand_is_on_one_page(officer: Officer, language: str) -> None:
    office = officer.office
    receipt = office.file().receipt
    _set(officer, "dead", last_error="recipient")
    page = await officer.open(f"/desk/tasks?lang={language}")
    assert f"<title>(1) {say(language, 'desk.tasks')}" in page
    mail = office.list_mails(receipt)[0]
    for shown in (receipt, "h***@example.com", mail.subject, say(language, "desk.mail_errors.recipient")):
        assert shown in page
    assert mail.recipient not in page  # who it is for is seen where it is opened
    assert f'href="/desk/mails/{mail.id}/file"' in page


async def test_a_letter_is_shown_with_the_page_that_it_announces(officer: Officer) -> None:
    office = officer.office
    receipt = office.investigate("correction").receipt
    office.act(receipt, "ask_more", text="どの住所でしょうか。")
    _set(officer, "written")
    mail_id = _find_id(officer, receipt, "question")
    page = await officer.open(f"/desk/mails/{mail_id}")
    assert "どの住所でしょうか。" in page  # the letter on the status page
    assert say("ja", "desk.mail_states.written") in page


async def test_the_file_is_the_mail_that_would_be_sent(officer: Officer) -> None:
    office = officer.office
    receipt = office.file().receipt
    folder = await _write_files(officer)
    mail = office.list_mails(receipt)[0]
    _set(officer, "written")
    response = await officer.client.get(f"/desk/mails/{mail.id}/file")
    assert response.headers["content-type"] == "message/rfc822"
    assert response.headers["content-disposition"] == f'attachment; filename="{receipt}-receipt.eml"'
    assert response.headers["cache-control"] == "no-store"
    (written,) = [path for path in folder.glob("*.eml") if mail.message_id.strip("<>") in path.name]
    assert response.content == written.read_bytes()
    message = email.message_from_bytes(response.content, policy=email.policy.default)
    assert message["To"] == "hanako@example.com"
    assert receipt in message["Subject"]


async def _write_files(officer: Officer) -> Path:
    services = officer.office.services
    mailer = FolderMailer(services.settings.mails, services.bundle.policy.shop.email)
    for mail in services.outbox.list_for_case(_case_id(officer)):
        await mailer.send(mail)
    return services.settings.mails


def _case_id(officer: Officer) -> str:
    with officer.office.services.database.reading() as session:
        return str(session.scalar(sa.select(MailRow.case_id).limit(1)))


async def test_there_is_no_file_when_nothing_can_be_sent(officer: Officer) -> None:
    office = officer.office
    fields = {"details": "住所を直してほしい", "name": "山田花子", "email": "", "phone": ""}
    receipt = office.services.desk.enter(office.make_draft(fields=fields), Arrival("telephone"), HANAKO).receipt
    mail_id = _find_id(officer, receipt, "acknowledgement")
    assert (await officer.client.get(f"/desk/mails/{mail_id}/file")).status_code == 404
    page = await officer.open(f"/desk/mails/{mail_id}")
    assert say("ja", "desk.mail_no_address") in page
    assert "/file" not in page


async def test_saying_it_twice_is_saying_it_once(officer: Officer) -> None:
    office = officer.office
    receipt = office.file().receipt
    _set(officer, "written")
    mail_id = _find_id(officer, receipt, "receipt")
    for _ in range(2):
        response = await officer.client.post(f"/desk/mails/{mail_id}/handed?back=tasks")
        assert response.status_code == 303
    events = [event for event in office.services.audit.list_for_receipt(receipt) if event.action == "handed"]
    assert [(event.actor, event.detail) for event in events] == [("hanako", {"letter": "receipt"})]


@pytest.mark.parametrize("state", ["pending", "leased", "sent"])
async def test_what_goes_out_by_itself_is_not_given_by_hand(officer: Officer, state: str) -> None:
    receipt = officer.office.file().receipt
    _set(officer, state)
    mail_id = _find_id(officer, receipt, "receipt")
    response = await officer.client.post(f"/desk/mails/{mail_id}/handed")
    assert response.status_code == 409
    assert say("ja", "errors.impossible") in response.text
    assert officer.office.list_mails(receipt)[0].state == state


@pytest.mark.parametrize("mail_id", ["0", "-1", "999999", "99999999999999999999999"])
async def test_a_mail_is_not_found_when_there_is_none(officer: Officer, mail_id: str) -> None:
    for method, path in (("GET", ""), ("GET", "/file"), ("POST", "/handed")):
        response = await officer.client.request(method, f"/desk/mails/{mail_id}{path}")
        assert response.status_code == 404, path


async def test_a_mail_without_its_text_says_so(officer: Officer) -> None:
    receipt = officer.office.file().receipt
    _set(officer, "sent", content_sealed=None)
    mail_id = _find_id(officer, receipt, "receipt")
    page = await officer.open(f"/desk/mails/{mail_id}")
    assert say("ja", "desk.mail_gone") in page
    assert f"/desk/mails/{mail_id}/file" not in page


async def test_words_in_a_mail_are_text(officer: Officer) -> None:
    office = officer.office
    receipt = office.investigate("correction").receipt
    office.act(receipt, "ask_more", text="<script>alert(1)</script>")
    mail_id = _find_id(officer, receipt, "question")
    response = await officer.client.get(f"/desk/mails/{mail_id}")
    assert "<script" not in response.text
    assert "&lt;script&gt;" in response.text


async def test_the_address_to_come_back_to_is_one_of_ours(officer: Officer) -> None:
    receipt = officer.office.file().receipt
    _set(officer, "written")
    mail_id = _find_id(officer, receipt, "receipt")
    response = await officer.client.post(f"/desk/mails/{mail_id}/handed", params={"back": "https://evil.example"})
    assert response.headers["location"] == "/desk/tasks?lang=ja&done=handed#result"


async def test_nobody_at_the_desk_is_shown_the_persons_keys(officer: Officer, enlist: Any) -> None:
    # Links and codes open the person's own page: who has them could withdraw a request in the person's name.
    receipt = officer.office.file().receipt
    mail_id = _find_id(officer, receipt, "receipt")
    keys = [officer.office.find_code(receipt), officer.office.find_link(receipt), officer.office.token(receipt)]
    page = await officer.open(f"/desk/mails/{mail_id}")
    assert receipt in page
    assert not [key for key in keys if key in page]
    assert (await officer.client.get(f"/desk/mails/{mail_id}/file")).status_code == 404
    assert "/open?" not in page
    assert (await officer.client.post(f"/desk/mails/{mail_id}/open")).status_code == 409
    _set(officer, "written")
    for path in ("/desk/tasks", f"/desk/cases/{receipt}", f"/desk/mails/{mail_id}"):
        page = await officer.open(path)
        assert not [key for key in keys if key in page], path
    page = await _open_whole(officer, f"/desk/mails/{mail_id}")
    assert [key for key in keys if key in page] == keys  # whoever has to hand it over needs all of it
    assert "hanako@example.com" in page
    await officer.client.get(f"/desk/mails/{mail_id}/file")
    events = officer.office.services.audit.list_for_receipt(receipt)
    opened = [(event.actor, event.detail) for event in events if event.action == "mail_opened"]
    assert opened == [("hanako", {"letter": "receipt"})] * 2
    page = await officer.open(f"/desk/mails/{mail_id}/open", status=303)  # come back to by reloading
    page = await officer.open(f"/desk/mails/{mail_id}")
    assert not [key for key in keys if key in page]
    approver = await enlist("approver")
    page = await approver.open(f"/desk/mails/{mail_id}")
    assert not [key for key in keys if key in page]
    assert "/open" not in page
    await officer.client.post(f"/desk/mails/{mail_id}/handed")
    assert (await officer.client.post(f"/desk/mails/{mail_id}/open")).status_code == 409
    assert (await officer.client.get(f"/desk/mails/{mail_id}/file")).status_code == 404


async def _open_whole(officer: Officer, path: str) -> str:
    """A mail with all that is the person's own, by its button."""
    form = next(form for form in read_forms(await officer.open(path)) if "/open?" in form.action)
    return html.unescape((await officer.send(form)).text)


async def test_who_a_mail_is_for_is_masked_until_it_is_asked_for(officer: Officer) -> None:
    receipt = officer.office.file().receipt
    mail_id = _find_id(officer, receipt, "receipt")
    for known in (False, True):
        page = await officer.open(f"/desk/mails/{mail_id}")
        assert [word in page for word in ("山田花子", "hanako@example.com")] == [known, known]
        assert ("山＊＊＊ 様" in page) is not known
        if not known:
            await officer.show_contact(receipt)


async def test_a_letter_that_waits_for_its_address_is_not_sent_by_hand(officer: Officer) -> None:
    receipt = officer.office.open("complaint").receipt
    await officer.act(receipt, "correct_address", value="hanako.yamada@example.com", note="電話で申し出あり")
    officer.office.deliver()
    await officer.act(receipt, "write", text="お待ちください")
    mail_id = _find_id(officer, receipt, "message")
    page = await officer.open("/desk/tasks")
    assert say("ja", "desk.mail_states.held") in page
    assert f"/desk/mails/{mail_id}/file" not in page
    for method, path in (("POST", "open"), ("GET", "file")):
        assert (await officer.client.request(method, f"/desk/mails/{mail_id}/{path}")).status_code in {404, 409}
    assert (await officer.client.post(f"/desk/mails/{mail_id}/handed")).status_code == 303  # read out over the phone


async def test_letters_of_confirmed_requests_come_first(officer: Officer) -> None:
    first, second = officer.office.file().receipt, officer.office.open().receipt
    officer.office.act(second, "write", text="お待ちください")
    _set(officer, "written")
    page = await officer.open("/desk/tasks")
    assert page.index(second) < page.index(first)
