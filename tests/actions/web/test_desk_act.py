"""Acting on a case by the page's own forms: from arrival to the end, what goes out shown first, nothing typed lost."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable

import pytest

from actions.cases.mailroom import hide_secrets
from actions.cases.permissions import Right
from actions.cases.workflow import CLOSED, list_states, list_transitions
from actions.texts import say
from actions.web.desk_act import find_right_for
from actions.web.desk_forms import LONGEST, is_previewed, list_offered
from tests.actions.web.officers import Officer, find_form, read_forms

REASON = "ご記憶の住所は、ご登録の内容と一致していました。\n二行目です。"


async def _check_identity(officer: Officer, receipt: str) -> None:
    await officer.act(receipt, "start")
    await officer.act(receipt, "record_document", document="driving_licence", result="accepted")
    await officer.act(receipt, "confirm_identity")


# --- whole ways


async def test_a_request_goes_from_arrival_to_its_end_when_granted(officer: Officer) -> None:
    office = officer.office
    receipt = office.open("correction").receipt
    for action, state in (("start", "id_check"), ("confirm_identity", "")):
        if not state:
            await officer.act(receipt, "record_document", document="order_facts", result="accepted")
        response = await officer.act(receipt, action)
        assert response.status_code == 303
        assert response.headers["location"] == f"/desk/cases/{receipt}?lang=ja&done={action}#result"
    assert office.get(receipt).state == "investigating"
    assert office.get(receipt).assignee == "hanako"
    await officer.act(receipt, "grant")
    await officer.act(receipt, "fulfil", text="住所を訂正しました。")
    assert office.get(receipt).state == "notifying"
    assert office.deliver() == ["decision"]
    case = office.get(receipt)
    assert (case.state, case.items[0].outcome) == ("closed", "granted")
    assert "住所を訂正しました。" in case.words[-1].body


async def test_a_refusal_needs_ground_reason_and_a_second_person(officer: Officer, approver: Officer) -> None:
    office = officer.office
    receipt = office.open("correction").receipt
    await _check_identity(officer, receipt)
    response = await officer.act(receipt, "propose", outcome="refused", ground="correction_true", text=REASON)
    assert response.status_code == 303
    page = await officer.open(f"/desk/cases/{receipt}")
    assert say("ja", "conditions.second_person") in page  # a sentence instead of a form
    assert not [form for form in read_forms(page) if "/approve?" in form.action]
    response = await approver.send(await approver.find_form(receipt, "approve"))
    shown = html.unescape(response.text)
    assert REASON in shown  # the letter, as it will be sent
    assert office.get(receipt).state == "deciding"
    await approver.send(find_form(response.text, receipt, "approve"), step="run")
    assert office.get(receipt).state == "notifying"
    assert REASON in office.get(receipt).words[-1].body
    events = [event for event in office.services.audit.list_for_receipt(receipt) if event.action == "approve"]
    assert [(event.actor, event.detail["outcome"]) for event in events] == [("jiro", "refused")]


async def test_a_proposal_goes_back_with_a_note_when_returned(officer: Officer, approver: Officer) -> None:
    receipt = officer.office.investigate("correction").receipt
    await officer.act(receipt, "propose", outcome="partial", ground="correction_true", text=REASON)
    await approver.act(receipt, "return", note="根拠を書き足してください")
    case = officer.office.get(receipt)
    assert (case.state, case.items[0].outcome) == ("investigating", "")
    page = await officer.open(f"/desk/cases/{receipt}")
    assert "根拠を書き足してください" in page
    assert say("ja", "desk.internal") in page


async def test_a_single_officer_is_told_when_the_own_proposal_can_be_reviewed(officer: Officer) -> None:
    office = officer.office
    receipt = office.investigate("correction").receipt
    office.services.accounts.create("jiro", "staff")  # nobody else decides
    await officer.act(receipt, "propose", outcome="not_ours", text=REASON)
    page = await officer.open(f"/desk/cases/{receipt}")
    sentence = say("ja", "desk.review_alone", moment="@").split("@")[1]
    assert sentence in page
    office.age(receipt, hours=24)
    response = await officer.act(receipt, "approve")
    assert response.status_code == 303
    assert office.get(receipt).state == "notifying"
    (event,) = [one for one in office.services.audit.list_for_receipt(receipt) if one.action == "approve"]
    assert event.detail["review"] == "own"
    assert say("ja", "desk.reviews.own") in await officer.open(f"/desk/cases/{receipt}")


async def test_a_complaint_is_answered_on_its_shorter_way(officer: Officer) -> None:
    office = officer.office
    receipt = office.open("complaint").receipt
    await officer.act(receipt, "start")
    await officer.act(receipt, "respond", outcome="explained", text="ご説明します。")
    office.deliver()
    assert office.get(receipt).state == "closed"


async def test_each_of_several_requests_has_forms_of_its_own(officer: Officer) -> None:
    receipt = officer.office.investigate("correction", "suspension").receipt
    await officer.act(receipt, "grant", "suspension")
    items = {item.kind: item.state for item in officer.office.get(receipt).items}
    assert items == {"correction": "investigating", "suspension": "fulfilling"}
    forms = read_forms(await officer.open(f"/desk/cases/{receipt}"))
    granted = [form.values["kind"] for form in forms if "/grant?" in form.action]
    fulfilled = [form.values["kind"] for form in forms if "/fulfil?" in form.action]
    assert (granted, fulfilled) == (["correction"], ["suspension"])


# --- shown first


async def test_a_letter_is_shown_before_it_goes_out_and_can_be_changed(officer: Officer) -> None:
    office, text = officer.office, 'どの住所でしょうか。<b>"&\n次の行'
    receipt = office.investigate("correction").receipt
    await officer.show_contact(receipt)  # until then the salutation is masked
    mails = len(office.list_mails(receipt))
    response = await officer.send(await officer.find_form(receipt, "ask_more"), text=text)
    assert response.status_code == 200
    shown = html.unescape(response.text)
    assert text in shown
    assert "<b>" not in response.text
    assert f"{receipt}" in shown
    assert len(office.list_mails(receipt)) == mails  # nothing went out yet
    response = await officer.send(find_form(response.text, receipt, "ask_more"), step="edit")
    form = find_form(response.text, receipt, "ask_more")
    assert form.values["text"] == text  # as it was typed
    response = await officer.send(form, text="どの住所でしょうか。")
    mail = html.unescape(response.text)
    await officer.send(find_form(response.text, receipt, "ask_more"), step="run")
    sent = office.list_mails(receipt)[-1].text.strip()
    assert hide_secrets(sent) in mail  # all but the person's own key
    assert office.token(receipt) in sent
    assert office.token(receipt) not in mail
    assert office.get(receipt).words[-1].body.strip() in mail
    assert office.get(receipt).state == "on_hold"


async def test_what_goes_out_or_cannot_be_undone_is_shown_first() -> None:
    states = list_states()
    for row in list_transitions().values():
        if row.action not in list_offered():
            continue
        reached = {row.find_target("investigating", name) for name in ("refused", "granted")}
        is_outward = (
            row.letter
            or CLOSED in reached - {row.origin}
            or any(states[one].letter and one != row.origin for one in reached)
        )
        if is_outward and row.action != "resume":  # resume leads back to where it was
            assert is_previewed(row.action), row.action


async def test_a_ground_that_the_policy_does_not_name_is_warned_of(officer: Officer) -> None:
    receipt = officer.office.investigate("disclosure").receipt
    warning = say("ja", "desk.not_in_policy")
    page = await officer.open(f"/desk/cases/{receipt}")
    assert page.count(warning) == 3  # obstruction, identity and authority: none is in the policy's own list
    for ground, warned in (("disclosure_harm", False), ("disclosure_obstruction", True)):
        form = await officer.find_form(receipt, "propose")
        response = await officer.send(form, outcome="refused", ground=ground, text=REASON)
        assert response.status_code == 200
        assert (warning in html.unescape(response.text)) == warned


# --- what stands in the way


async def test_a_stale_form_is_refused_with_everything_kept(officer: Officer) -> None:
    office = officer.office
    receipt = office.investigate("correction").receipt
    form = await officer.find_form(receipt, "ask_more")
    office.act(receipt, "note", note="ほかの人が先に書いた")
    for step in ("preview", "run"):
        response = await officer.send(form, text=REASON, step=step)
        assert response.status_code == 409
        page = html.unescape(response.text)
        assert say("ja", "errors.stale") in page
        assert say("ja", "desk.state_now", state=say("ja", "states.investigating")) in page
        again = find_form(response.text, receipt, "ask_more")
        assert again.values["text"] == REASON
        assert again.values["version"] != form.values["version"]
    assert office.get(receipt).state == "investigating"
    response = await officer.send(again)  # now it has been seen
    assert response.status_code == 200


async def test_what_was_typed_can_be_copied_when_it_is_not_possible_any_more(officer: Officer) -> None:
    office = officer.office
    receipt = office.investigate("complaint").receipt
    form = await officer.find_form(receipt, "respond")
    office.act(receipt, "respond", outcome="explained", text="先に答えた")
    for version in (form.values["version"], str(office.get(receipt).version)):
        response = await officer.send(form, outcome="answered", text=REASON, version=version)
        assert response.status_code == 409
        page = html.unescape(response.text)
        assert REASON in page
        assert say("ja", "desk.kept_text") in page
        assert say("ja", "desk.state_now", state=say("ja", "states.notifying")) in page


async def test_two_that_decide_at_once_are_one_decision(
    officer: Officer, enlist: Callable[..., Awaitable[Officer]]
) -> None:
    other = await enlist(name="saburo")
    receipt = officer.office.investigate("correction").receipt
    forms = [await one.find_form(receipt, "grant") for one in (officer, other)]
    statuses = [
        (await one.send(form, step="run")).status_code for one, form in zip((officer, other), forms, strict=True)
    ]
    assert statuses == [303, 409]
    granted = [
        event.actor for event in officer.office.services.audit.list_for_receipt(receipt) if event.action == "grant"
    ]
    assert granted == ["hanako"]


async def test_sending_twice_is_once_when_the_button_was_pressed_twice(officer: Officer) -> None:
    receipt = officer.office.open("correction").receipt
    form = await officer.find_form(receipt, "note")
    statuses = [(await officer.send(form, note="一度だけ")).status_code for _ in range(2)]
    assert statuses == [303, 409]
    assert [word.body for word in officer.office.get(receipt).words].count("一度だけ") == 1


@pytest.mark.parametrize("step", ["preview", "run", "", "else"])
@pytest.mark.parametrize(
    ("filled", "reason"),
    [
        ({}, "needs_outcome"),
        ({"outcome": "refused", "text": REASON}, "needs_ground"),
        ({"outcome": "refused", "ground": "correction_true", "text": " \r\n "}, "needs_text"),
    ],
)
async def test_a_missing_input_is_said_at_its_form_with_the_rest_kept(
    officer: Officer, filled: dict[str, str], reason: str, step: str
) -> None:
    receipt = officer.office.investigate("correction").receipt
    response = await officer.send(await officer.find_form(receipt, "propose"), **filled, step=step)
    assert response.status_code == 422
    assert say("ja", f"conditions.{reason}") in response.text
    assert '<details class="action" id="propose-correction" open>' in response.text
    form = find_form(response.text, receipt, "propose")
    for name, value in filled.items():
        assert form.values[name].strip() == value.strip()
    assert officer.office.get(receipt).state == "investigating"


async def test_values_that_no_page_offers_are_refused_not_failed_on(officer: Officer) -> None:
    receipt = officer.office.investigate("correction").receipt
    odd = {"outcome": "granted\0", "ground": "x", "text": "x", "kind": "none", "original": "\0", "date": "2026-99-99"}
    odd |= {"document": "x\0", "assignee": "\0", "method": "x", "result": "x", "subject": "x"}
    statuses = set()
    for action in list_offered():
        for extra in ({}, {"kind": "correction"}, {"kind": "correction", "outcome": "refused"}):
            for step in ("preview", "run", "edit"):
                version = str(officer.office.get(receipt).version)
                data = {**odd, **extra, "version": version, "step": step}
                response = await officer.client.post(f"/desk/cases/{receipt}/{action}", data=data)
                assert response.status_code in {200, 303, 409, 422}, (action, extra, step)
                assert "\0" not in response.text
                statuses.add(response.status_code)
    assert statuses == {200, 303, 409, 422}


@pytest.mark.parametrize("version", ["", "0", "x", "-1", "99999999999999999999", "٣", "1.0"])
async def test_nothing_is_done_without_the_version_that_was_seen(officer: Officer, version: str) -> None:
    receipt = officer.office.open("correction").receipt
    response = await officer.send(await officer.find_form(receipt, "start"), version=version)
    assert response.status_code == 409
    assert officer.office.get(receipt).state == "received"


async def test_too_long_a_text_is_refused_and_kept(officer: Officer) -> None:
    receipt = officer.office.open("correction").receipt
    form = await officer.find_form(receipt, "note")
    response = await officer.send(form, note="あ" * (LONGEST + 1))
    assert response.status_code == 422
    assert say("ja", "desk.too_much", limit=LONGEST) in response.text
    assert len(find_form(response.text, receipt, "note").values["note"]) == LONGEST + 1
    assert (await officer.send(form, note="あ" * LONGEST)).status_code == 303


async def test_there_is_no_address_for_what_is_not_the_desks_to_do(officer: Officer) -> None:
    receipt = officer.office.open("correction").receipt
    for action in ("withdraw", "delivered", "erase", "confirm_mail", "submit", "none", "approve/x"):
        response = await officer.client.post(f"/desk/cases/{receipt}/{action}", data={"version": "1"})
        assert response.status_code in {404, 405}, action
    assert officer.office.get(receipt).state == "received"


async def test_an_unknown_case_is_not_found_whatever_is_asked(officer: Officer) -> None:
    for receipt in ("M-0000-0000", "%00", "x", "<b>"):
        for action in list_offered():
            response = await officer.client.post(f"/desk/cases/{receipt}/{action}", data={"version": "1", "note": "x"})
            assert response.status_code == 404, action
            assert "<b>" not in response.text


async def test_the_case_is_shown_when_an_actions_address_is_opened(officer: Officer) -> None:
    receipt = officer.office.open("correction").receipt
    response = await officer.client.get(f"/desk/cases/{receipt}/ask_more?lang=en")
    assert (response.status_code, response.headers["location"]) == (303, f"/desk/cases/{receipt}?lang=en")


async def test_a_form_of_another_site_does_nothing(officer: Officer) -> None:
    receipt = officer.office.open("correction").receipt
    form = await officer.find_form(receipt, "start")
    for header in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        response = await officer.client.post(form.action, data={**form.values, "step": "run"}, headers=header)
        assert response.status_code == 403
    assert officer.office.get(receipt).state == "received"


def test_an_action_is_a_reviewers_where_the_table_says_so() -> None:
    rights = {action: find_right_for(action) for action in list_offered()}
    reviewed = {action for action, right in rights.items() if right is Right.REVIEW_CASES}
    assert reviewed == {"approve", "return", "note"}
    assert set(rights.values()) == {Right.REVIEW_CASES, Right.WORK_CASES}


# --- contact data


@pytest.mark.parametrize(
    ("contact", "typed", "kept"),
    [("name", " 山田 はな子 ", "山田 はな子"), ("phone", "０３-0000-1111", "03-0000-1111")],
)
async def test_contact_data_are_corrected_as_the_intake_reads_them(
    officer: Officer, contact: str, typed: str, kept: str
) -> None:
    receipt = officer.office.open("correction").receipt
    response = await officer.act(receipt, "correct_contact", contact=contact, value=typed, note="電話で確認")
    assert response.headers["location"] == f"/desk/cases/{receipt}?lang=ja&done=correct_contact#result"
    assert officer.office.get(receipt).fields[contact] == kept
    page = await officer.open(f"/desk/cases/{receipt}")
    assert f"{say('ja', 'desk.details.field')}: {say('ja', f'fields.{contact}')}" in page
    assert kept not in page


async def test_a_changed_address_is_shown_first_and_said_to_be_open(officer: Officer) -> None:
    office, new = officer.office, "hanako.yamada@example.com"
    receipt = office.open("correction").receipt
    response = await officer.send(await officer.find_form(receipt, "correct_address"), value=new, note="電話で確認")
    assert say("ja", "desk.letters.address") in response.text
    assert say("ja", "desk.letters.address_left") in response.text
    assert office.get(receipt).fields["email"] != new
    await officer.send(find_form(response.text, receipt, "correct_address"), step="run")
    assert office.get(receipt).fields["email"] == new
    assert say("ja", "desk.readdressed") in await officer.open(f"/desk/cases/{receipt}")


@pytest.mark.parametrize(
    ("action", "contact", "value"),
    [
        ("correct_address", {}, "hanako@"),
        ("correct_address", {}, "a@example.com b@example.com"),
        ("correct_contact", {"contact": "phone"}, "電話はありません"),
        ("correct_contact", {"contact": "name"}, "https://example.com/"),
    ],
)
async def test_a_contact_that_cannot_be_read_comes_back(
    officer: Officer, action: str, contact: dict[str, str], value: str
) -> None:
    receipt = officer.office.open("correction").receipt
    before = officer.office.get(receipt)
    form = await officer.find_form(receipt, action)
    response = await officer.send(form, **contact, value=value, note="電話で確認")
    assert response.status_code == 422
    assert say("ja", "conditions.value_unreadable") in response.text
    again = find_form(response.text, receipt, action)
    assert (again.values["value"], again.values["note"]) == (value, "電話で確認")
    assert officer.office.get(receipt) == before
