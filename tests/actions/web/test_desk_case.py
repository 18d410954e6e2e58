"""The case page: whole, in both languages, with the version the person saw, and what a customer wrote stays text."""

from __future__ import annotations

import html
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.alerts import list_alerts_for
from actions.cases.desk import _by_receipt
from actions.cases.guards import SYSTEM, Form
from actions.cases.kinds import Kind
from actions.cases.records import Draft
from actions.cases.tables import MailRow, ShownContactRow
from actions.texts import LANGUAGES, say
from tests.actions.web.officers import Officer, find_form, read_forms, sign_in

NASTY = '<script>fetch("/desk")</script>'


@pytest.mark.parametrize("role", ["officer", "approver"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_case_is_shown_whole_when_its_reader_may(
    enlist: Callable[..., Awaitable[Officer]], role: str, language: str
) -> None:
    somebody = await enlist(role)
    told, opening = "開示の請求ですね。", "見せてください"
    receipt = somebody.office.file(told=told, opening=opening, agent="legal", represented="山田一郎").receipt
    await somebody.show_contact(receipt)
    page = await somebody.open(f"/desk/cases/{receipt}?lang={language}")
    for value in (
        "登録した住所を開示してください",
        "山田花子",
        "hanako@example.com",
        "03-0000-0000",
        told,
        opening,
        "山田一郎",
    ):
        assert value in page
    for key in ("desk.kinds.disclosure", "desk.actions.submit", "desk.agents.legal", "desk.channels.form"):
        assert say(language, key) in page
    assert say(language, "states.mail_unverified") in page
    assert say(language, "desk.levels.level_0") in page
    assert say(language, "desk.identity_needed", level=say(language, "desk.levels.level_3")) in page
    assert "#rights.1" in page  # the governing clause, in the version of the case
    for alert in list_alerts_for("disclosure"):
        assert alert.about[language] in page
    assert say(language, "desk.alert_warning") in page
    assert "{" not in page  # no placeholder is left


@pytest.mark.parametrize("receipt", ["M-0000-0000", "x", "%00", "M-0000-0000%00", "' OR 1=1 --", "<b>"])
async def test_a_case_is_not_found_when_there_is_none(
    open_desk: Callable[..., Any], database: Any, receipt: str
) -> None:
    client = await sign_in(open_desk(database=database))
    response = await client.get(f"/desk/cases/{receipt}")
    assert response.status_code == 404
    assert "<b>" not in response.text
    await client.aclose()


async def test_what_a_customer_wrote_is_text_when_read_at_the_desk(officer: Officer) -> None:
    fields = {"details": NASTY, "name": NASTY, "email": "a@example.com", "phone": ""}
    receipt = officer.office.open("correction", fields=fields, told=NASTY, opening=NASTY).receipt
    await officer.show_contact(receipt)
    officer.office.answer(receipt, text=NASTY)
    response = await officer.client.get(f"/desk/cases/{receipt}")
    assert "<script" not in response.text
    assert response.text.count(html.escape(NASTY).replace("&quot;", "&#34;")) >= 5
    assert say("ja", "intake.not_given") in response.text


async def test_letters_notes_and_checks_are_shown_with_who_and_when(officer: Officer) -> None:
    office = officer.office
    receipt = office.investigate("correction").receipt
    office.act(receipt, "note", note="電話で確認した")
    office.act(receipt, "ask_more", text="どの住所でしょうか。")
    office.answer(receipt, text="本町です。")
    page = await officer.open(f"/desk/cases/{receipt}")
    for text in ("電話で確認した", "どの住所でしょうか。", "本町です。"):
        assert text in page
    assert page.index("電話で確認した") < page.index("本町です。")
    assert say("ja", "desk.internal") in page
    assert say("ja", "desk.letters.question") in page
    assert "運転免許証" in page
    assert say("ja", "desk.results.accepted") in page
    assert say("ja", "desk.unread") in page  # nobody has seen the answer yet
    await officer.act(receipt, "mark_read")
    assert say("ja", "desk.unread") not in await officer.open(f"/desk/cases/{receipt}")


async def test_mails_are_shown_with_what_became_of_them(officer: Officer) -> None:
    office = officer.office
    receipt = office.open("correction").receipt
    with office.services.database.transaction() as session:
        gone = sa.update(MailRow).where(MailRow.template == "acknowledgement")
        session.execute(gone.values(state="dead", last_error="recipient"))
    page = await officer.open(f"/desk/cases/{receipt}")
    assert say("ja", "desk.mail_states.sent") in page
    assert say("ja", "desk.mail_states.dead") in page
    assert say("ja", "desk.mail_errors.recipient") in page
    handed = [form.action for form in read_forms(page) if "/handed" in form.action]
    assert len(handed) == 1
    assert len(re.findall(r'href="/desk/mails/\d+/file"', page)) == 1
    response = await officer.client.post(handed[0])
    assert response.headers["location"] == f"/desk/cases/{receipt}?lang=ja&done=handed#result"
    page = await officer.open(response.headers["location"])
    assert say("ja", "desk.done_handed") in page
    assert say("ja", "desk.mail_states.dead") not in page


async def test_other_cases_of_the_person_are_shown_only_when_confirmed(officer: Officer) -> None:
    office = officer.office
    first, second = office.open("correction").receipt, office.open("complaint").receipt
    stranger = office.file("suspension").receipt  # somebody typed the same address
    page = await officer.open(f"/desk/cases/{first}")
    assert second in page
    assert stranger not in page
    page = await officer.open(f"/desk/cases/{stranger}")
    assert first not in page
    assert say("ja", "desk.related_none") in page


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_was_done_is_said_and_focused(officer: Officer, language: str) -> None:
    receipt = officer.office.open("correction").receipt
    page = await officer.open(f"/desk/cases/{receipt}?lang={language}&done=start")
    assert say(language, "desk.done", action=say(language, "desk.actions.start")) in page
    assert 'id="result" role="status" tabindex="-1"' in page
    for done in ("", "none", "<b>", "{x}"):
        response = await officer.client.get(f"/desk/cases/{receipt}", params={"done": done})
        assert 'id="result"' not in response.text
        assert "<b>" not in response.text


async def test_the_forms_carry_the_version_that_is_shown(officer: Officer) -> None:
    receipt = officer.office.open("correction").receipt
    response = await officer.client.get(f"/desk/cases/{receipt}")
    version = str(officer.office.get(receipt).version)
    forms = [form for form in read_forms(response.text) if f"/cases/{receipt}/" in form.action]
    forms = [form for form in forms if "/contact?" not in form.action]  # which only shows
    assert len(forms) > 3
    assert {form.values["version"] for form in forms} == {version}
    assert find_form(response.text, receipt, "start").steps == ["run"]
    assert find_form(response.text, receipt, "record_withdrawal").steps == ["preview"]


async def test_nothing_personal_is_left_when_the_case_was_erased(officer: Officer) -> None:
    office = officer.office
    receipt = office.open("correction").receipt
    office.act(receipt, "record_withdrawal", note="電話あり")
    await officer.show_contact(receipt)
    desk = office.services.desk
    for action, sentence in (("trim", "desk.trimmed"), ("erase", "desk.erased")):
        desk.carry_out(_by_receipt(receipt), action, SYSTEM, Form())
        page = await officer.open(f"/desk/cases/{receipt}")
        assert say("ja", sentence) in page
        assert ("山田花子" in page) == (action == "trim")
    assert "hanako@example.com" not in page
    assert say("ja", "desk.actions.erase") in page  # the timeline stays


async def test_a_decision_is_shown_with_ground_article_and_reason(officer: Officer) -> None:
    office = officer.office
    receipt = office.investigate("disclosure").receipt
    office.act(receipt, "propose", outcome="refused", ground="disclosure_obstruction", text="業務に支障があります。")
    page = await officer.open(f"/desk/cases/{receipt}")
    for text in ("業務に支障があります。", "個人情報保護法第33条第2項第2号", say("ja", "desk.not_in_policy")):
        assert text in page
    assert say("ja", "outcomes.refused") in page


async def test_a_case_keeps_its_version_when_a_newer_edition_is_in_force(
    publishing_desk: Any, make_draft: Callable[..., Draft]
) -> None:
    desk, publish = publishing_desk
    case, _ = desk.services.desk.file(make_draft(), "chat")
    old, _ = publish()
    client = await sign_in(desk)
    page = (await client.get(f"/desk/cases/{case.receipt}?lang=ja")).text
    assert f'<a href="/policy/{old.version}#rights.1">' in page
    assert (await client.get(f"/policy/{old.version}")).status_code == 200
    await client.aclose()


async def test_clauses_that_the_version_of_a_case_never_had_are_left_out(
    officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The kinds name clauses of the edition in force; an old case must be readable all the same.
    receipt = officer.office.file().receipt
    kinds = {"disclosure": Kind("disclosure", ("rights.1", "rights.99"), "officer", "33")}
    monkeypatch.setattr("actions.web.desk_case.list_kinds", lambda: kinds)
    page = await officer.open(f"/desk/cases/{receipt}")
    assert '#rights.1"' in page
    assert "rights.99" not in page


# --- masked until somebody asks

GIVEN = ("山田花子", "hanako@example.com", "03-0000-0000", "山田一郎")


@pytest.mark.parametrize("role", ["officer", "approver"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_it_is_is_masked_until_it_is_asked_for(
    enlist: Callable[..., Awaitable[Officer]], role: str, language: str
) -> None:
    somebody = await enlist(role)
    office = somebody.office
    receipt = office.open("correction", agent="legal", represented="山田一郎").receipt
    other = office.open("complaint").receipt
    address = f"/desk/cases/{receipt}?lang={language}"
    page = await somebody.open(address)
    assert not [value for value in GIVEN if value in page]  # nor in the letters of the thread
    for shown in ("山＊＊＊", "h***@example.com", "***00", "登録した住所を開示してください"):
        assert shown in page
    response = await somebody.show_contact(receipt)
    assert response.status_code == 303
    page = await somebody.open(response.headers["location"])
    assert say("ja", "desk.actions.contact_shown") in page
    page = await somebody.open(address)
    assert [value for value in GIVEN if value in page] == list(GIVEN)
    assert say(language, "desk.masked") not in page
    assert GIVEN[0] not in await somebody.open(f"/desk/cases/{other}")  # of that case only


async def test_what_was_shown_is_masked_again_in_another_session(
    officer: Officer, enlist: Callable[..., Awaitable[Officer]]
) -> None:
    receipt = officer.office.open("correction").receipt
    await officer.show_contact(receipt)
    await officer.client.post(f"/desk/cases/{receipt}/contact")  # asked twice is asked once
    events = officer.office.services.audit.list_for_receipt(receipt)
    asked = [(event.actor, event.detail) for event in events if event.action == "contact_shown"]
    assert asked == [("hanako", {})]
    other = await enlist(name="saburo")  # somebody else sees nothing by it
    assert GIVEN[0] not in await other.open(f"/desk/cases/{receipt}")
    await officer.client.post("/desk/sign-out")
    again = await enlist()
    assert GIVEN[0] not in await again.open(f"/desk/cases/{receipt}")
    with officer.office.services.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ShownContactRow)) == 0


async def test_a_letter_is_shown_first_without_who_it_is_for(officer: Officer) -> None:
    receipt = officer.office.investigate("correction").receipt
    form = await officer.find_form(receipt, "ask_more")
    shown = (await officer.send(form, text="どの住所でしょうか。")).text
    assert "山＊＊＊" in shown
    assert GIVEN[0] not in shown
    await officer.show_contact(receipt)
    assert GIVEN[0] in (await officer.send(form, text="どの住所でしょうか。")).text


async def test_there_is_nothing_to_show_when_it_is_erased_or_unknown(officer: Officer) -> None:
    office = officer.office
    receipt = office.open("correction").receipt
    office.act(receipt, "record_withdrawal", note="電話あり")
    office.services.desk.carry_out(_by_receipt(receipt), "erase", SYSTEM, Form())
    assert "/contact" not in await officer.open(f"/desk/cases/{receipt}")
    for unknown, status in ((receipt, 409), ("M-0000-0000", 404), ("%00", 404)):
        assert (await officer.client.post(f"/desk/cases/{unknown}/contact")).status_code == status
    evil = {"sec-fetch-site": "cross-site"}
    assert (await officer.client.post(f"/desk/cases/{receipt}/contact", headers=evil)).status_code == 403
