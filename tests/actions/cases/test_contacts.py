"""Contact data corrected at the desk: sealed, audited without their values, and an address of no use till confirmed."""

from __future__ import annotations

import pytest

from actions.cases.guards import SYSTEM, Form
from actions.cases.instants import now
from actions.errors import (
    ConditionError,
    ExpiredCodeError,
    ImpossibleActionError,
    NotFoundError,
    NotPermittedError,
    WrongCodeError,
)
from tests.actions.cases.conftest import HANAKO, JIRO, Office

WRONG, RIGHT = "hanako@example.com", "hanako.yamada@example.com"


def _correct(office: Office, receipt: str, value: str = RIGHT) -> None:
    office.act(receipt, "correct_address", value=value, note="電話で申し出あり")


def _list_states(office: Office, receipt: str) -> list[tuple[str, str]]:
    return [(mail.template, mail.state) for mail in office.list_mails(receipt)]


@pytest.mark.parametrize(("contact", "value"), [("name", "山田はな子"), ("phone", "03-0000-1111")])
def test_a_name_or_number_is_corrected_with_only_the_field_in_the_chain(
    office: Office, contact: str, value: str
) -> None:
    receipt, other = office.open().receipt, office.open().receipt
    before = office.get(receipt)
    case = office.act(receipt, "correct_contact", contact=contact, value=value, note="聞き間違い")
    assert case.fields == {**before.fields, contact: value}
    assert (case.state, case.confirmed_at) == (before.state, before.confirmed_at)
    assert office.deliver() == []
    event = office.services.audit.list_for_receipt(receipt)[-1]
    assert (event.actor, event.action, event.detail) == ("hanako", "correct_contact", {"field": contact})
    assert office.services.audit.verify().problems == ()
    assert [word.body for word in case.words if not word.shared] == ["聞き間違い"]
    if contact == "phone":  # it is looked for by the new number
        office.act(other, "correct_contact", contact="phone", value="03 0000 1111", note="同じ番号")
        assert other in [row.receipt for row in office.services.cases.list_related(receipt)]


@pytest.mark.parametrize("reached", ["received", "investigating", "closed"])
def test_a_changed_address_is_told_nothing_until_it_is_confirmed(office: Office, reached: str) -> None:
    receipt = office.open().receipt if reached == "received" else office.investigate().receipt
    if reached == "closed":
        office.act(receipt, "record_withdrawal", note="電話")
        office.deliver()
    former = office.token(receipt)
    _correct(office, receipt)
    case = office.get(receipt)
    assert (case.state, case.fields["email"]) == (reached, RIGHT)
    assert office.services.status.find(former) is None  # links that the former mailbox has are dead
    office.act(receipt, "write", text="ご連絡です")
    assert ("message", "held") in _list_states(office, receipt)
    assert sorted(office.deliver()) == ["address", "address_left"]
    token = office.token(receipt)
    for action in ("write", "withdraw"):  # whose mailbox it is, nobody knows yet
        with pytest.raises(ImpossibleActionError):
            office.answer(receipt, action, text="取り消します")
    assert office.services.status.confirm_by_code(token, office.find_code(receipt)).endswith(token)
    assert office.get(receipt).readdressed_at is None
    assert office.get(receipt).state == reached
    assert office.deliver() == ["message"]
    (message,) = [mail for mail in office.list_mails(receipt) if mail.template == "message"]
    assert message.recipient == RIGHT
    assert f"/status/{token}" in message.text
    office.answer(receipt, text="届きました")
    assert office.services.audit.verify().problems == ()


def test_the_former_mailbox_is_told_only_if_it_was_the_persons(office: Office) -> None:
    mistyped = office.file().receipt  # nobody has shown to read that mailbox
    _correct(office, mistyped)
    assert "address_left" not in office.deliver()
    receipt = office.open().receipt
    _correct(office, receipt)
    (told,) = [mail for mail in office.list_mails(receipt) if mail.template == "address_left"]
    assert told.recipient == WRONG
    assert "/status/" not in told.text
    assert RIGHT not in told.text


def test_a_mistyped_address_is_corrected_before_it_was_confirmed(office: Office) -> None:
    receipt = office.file().receipt
    office.deliver()
    old_code, old_link, former = office.find_code(receipt), office.find_link(receipt), office.token(receipt)
    _correct(office, receipt)
    assert office.services.status.find(former) is None
    assert not office.services.status.knows_link(old_link)
    assert office.deliver() == ["address"]
    if old_code != office.find_code(receipt):
        with pytest.raises(WrongCodeError):
            office.services.status.confirm_by_code(office.token(receipt), old_code)
    office.services.status.confirm_by_link(office.find_link(receipt))
    case = office.get(receipt)
    assert (case.state, case.identity_level, case.readdressed_at) == ("received", 1, None)
    assert office.deliver() == ["acknowledgement"]


def test_letters_that_never_arrived_follow_to_the_new_address(office: Office) -> None:
    receipt = office.open("complaint").receipt
    office.act(receipt, "start")
    office.act(receipt, "respond", outcome="explained", text="ご説明します")
    (mail,) = office.services.outbox.lease(50, now())
    office.services.outbox.put_back(mail, now(), "recipient", permanent=True)
    _correct(office, receipt)
    assert ("decision", "held") in _list_states(office, receipt)
    office.deliver()
    assert office.get(receipt).state == "notifying"
    office.services.status.confirm_by_code(office.token(receipt), office.find_code(receipt))
    assert office.deliver() == ["decision"]
    (sent,) = [one for one in office.list_mails(receipt) if one.template == "decision"]
    assert (sent.recipient, sent.message_id) == (RIGHT, mail.message_id)
    assert office.token(receipt) in sent.text
    assert office.token(receipt) in sent.html
    assert office.get(receipt).state == "closed"


def test_an_address_corrected_twice_is_the_last_ones(office: Office) -> None:
    receipt = office.open().receipt
    office.act(receipt, "write", text="ご連絡です")
    for value in ("first@example.com", RIGHT):
        _correct(office, receipt, value)
    states = _list_states(office, receipt)
    assert [state for template, state in states if template == "address"] == ["void", "pending"]
    recipients = {mail.template: mail.recipient for mail in office.list_mails(receipt) if mail.state != "void"}
    assert (recipients["address"], recipients["message"], recipients["address_left"]) == (RIGHT, RIGHT, WRONG)


def test_an_address_shows_who_the_person_is_only_once_it_is_confirmed(office: Office) -> None:
    receipt = office.open("purpose_notice").receipt
    office.act(receipt, "start")
    _correct(office, receipt)
    with pytest.raises(ConditionError, match="level_reached"):
        office.act(receipt, "confirm_identity")
    office.deliver()
    office.services.status.confirm_by_code(office.token(receipt), office.find_code(receipt))
    assert office.act(receipt, "confirm_identity").state == "investigating"


def test_a_request_without_an_address_gets_one(office: Office, make_draft: object) -> None:
    from actions.cases.desk import Arrival

    fields = {"details": "x", "name": "山田花子", "email": "", "phone": "03-0000-0000"}
    receipt = office.services.desk.enter(office.make_draft(fields=fields), Arrival("telephone"), HANAKO).receipt
    _correct(office, receipt)
    assert office.deliver() == ["address"]
    office.services.status.confirm_by_code(office.token(receipt), office.find_code(receipt))
    assert office.deliver() == ["acknowledgement"]  # written for a hand before


def test_the_time_to_confirm_begins_again_with_another_address(office: Office) -> None:
    receipt = office.file().receipt
    office.age(receipt, days=6)
    _correct(office, receipt)
    office.age(receipt, days=2)
    assert office.services.upkeep.lapse(dry=True) == 0
    assert office.services.upkeep.lapse() == 0
    office.age(receipt, days=6)
    assert office.services.upkeep.lapse() == 1


def test_nothing_is_confirmed_where_nothing_changed(office: Office) -> None:
    receipt = office.open().receipt
    with pytest.raises(ImpossibleActionError):
        office.services.status.confirm_by_code(office.token(receipt), "000000")
    with pytest.raises(ExpiredCodeError):
        office.services.status.confirm_by_link(office.find_link(receipt))
    with pytest.raises(NotFoundError):
        office.services.status.confirm_by_code("unknown", "000000")


@pytest.mark.parametrize("action", ["correct_contact", "correct_address"])
def test_only_officers_correct_and_only_with_a_reason(office: Office, action: str) -> None:
    receipt = office.open().receipt
    filled = {"contact": "name", "value": "山田はな子"}
    with pytest.raises(NotPermittedError):
        office.act(receipt, action, by=JIRO, note="理由", **filled)
    with pytest.raises(ConditionError, match="needs_note"):
        office.act(receipt, action, **filled)
    with pytest.raises(ConditionError, match="needs_value"):
        office.act(receipt, action, note="理由", contact="name")
    assert office.get(receipt).fields["name"] == "山田花子"


@pytest.mark.parametrize("contact", ["details", "email", "data_key", "x"])
def test_only_what_needs_no_confirmation_is_corrected_without_one(office: Office, contact: str) -> None:
    receipt = office.open().receipt
    with pytest.raises(ConditionError, match="contact_known"):
        office.act(receipt, "correct_contact", contact=contact, value="x@example.com", note="理由")


def test_nothing_is_corrected_once_it_is_erased_or_lapsed(office: Office) -> None:
    lapsed, erased = office.file().receipt, office.open().receipt
    office.age(lapsed, days=8)
    office.services.upkeep.lapse()
    with pytest.raises(ConditionError, match="was_confirmed"):
        _correct(office, lapsed)
    office.act(erased, "record_withdrawal", note="電話")
    _correct(office, erased)
    from actions.cases.desk import _by_receipt

    office.services.desk.carry_out(_by_receipt(erased), "erase", SYSTEM, Form())
    assert office.get(erased).readdressed_at is None
    assert {mail.state for mail in office.list_mails(erased)} <= {"void", "sent"}
    with pytest.raises(ConditionError, match="not_erased"):
        _correct(office, erased)
