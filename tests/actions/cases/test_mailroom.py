"""Mails as the desk asks for them: by receipt, with their pages; what waits for an officer; given by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from actions.cases.inbox import Filter
from actions.cases.instants import now
from actions.cases.mailroom import Mailroom
from actions.cases.tables import MailRow
from actions.errors import ImpossibleActionError
from tests.actions.cases.conftest import Office


@pytest.fixture
def mailroom(office: Office) -> Mailroom:
    services = office.services
    return Mailroom(services.database, services.outbox, services.audit)


def _set_all(office: Office, state: str, **wanted: str) -> None:
    with office.services.database.transaction() as session:
        session.execute(sa.update(MailRow).filter_by(**wanted).values(state=state))


def test_each_mail_has_its_own_page_when_a_case_is_read(office: Office, mailroom: Mailroom) -> None:
    case = office.investigate("correction", "suspension")
    for text in ("ひとつめの質問", "ふたつめの質問"):
        office.act(case.receipt, "ask_more", kind="correction", text=text)
        office.act(case.receipt, "resume", note="電話で回答あり")
    pieces = mailroom.list_for_receipt(case.receipt, office.get(case.receipt).words)
    assert [piece.mail.template for piece in pieces] == ["receipt", "acknowledgement", "question", "question"]
    assert pieces[0].page == ""  # the mail says all
    assert "ひとつめの質問" in pieces[2].page
    assert "ふたつめの質問" in pieces[3].page
    assert "質問" not in repr(pieces)


def test_there_are_no_mails_when_the_receipt_is_unknown(mailroom: Mailroom) -> None:
    assert mailroom.list_for_receipt("M-0000-0000", ()) == []


def test_an_officer_has_to_see_to_dead_mails_and_those_by_hand_when_listed(office: Office, mailroom: Mailroom) -> None:
    first, second = office.file(), office.file()
    _set_all(office, "written", audience="customer")
    _set_all(office, "written", audience="officer")  # without a mail server: nobody carries a mail to himself
    assert [piece.receipt for piece in mailroom.list_unsent()] == [first.receipt, second.receipt]
    assert mailroom.count_unsent() == {first.receipt: 1, second.receipt: 1}
    assert mailroom.count_unsent([second.receipt]) == {second.receipt: 1}
    assert mailroom.count_unsent([]) == {}
    _set_all(office, "dead", audience="officer")
    assert mailroom.count_unsent() == {first.receipt: 2, second.receipt: 2}


def test_a_case_is_nothing_to_do_when_only_the_officers_own_mail_was_written(office: Office) -> None:
    case = office.open()
    _set_all(office, "written", audience="officer")
    office.put(case.receipt, "on_hold")
    office.act(case.receipt, "mark_read")
    assert office.services.cases.list_inbox(Filter("todo"), now()).total == 0
    _set_all(office, "dead", audience="officer")
    assert office.services.cases.list_inbox(Filter("todo"), now()).total == 1


@pytest.mark.parametrize("state", ["written", "dead"])
def test_a_mail_given_by_hand_is_done_when_an_officer_says_so(office: Office, mailroom: Mailroom, state: str) -> None:
    case = office.investigate("complaint")
    office.act(case.receipt, "respond", outcome="explained", text="ご説明します。")
    _set_all(office, state, template="decision")
    (piece,) = mailroom.list_unsent()
    for _ in range(2):  # twice is once
        mailroom.hand(office.services.outbox.get(piece.mail.id), "hanako", office.services.upkeep)
    assert mailroom.list_unsent() == []
    assert office.get(case.receipt).state == "closed"  # the notice has arrived
    events = [event for event in office.services.audit.list_for_receipt(case.receipt) if event.action == "handed"]
    assert [(event.actor, event.kind, event.detail) for event in events] == [
        ("hanako", "complaint", {"letter": "decision"})
    ]
    assert mailroom.find_receipt(piece.mail) == case.receipt


@pytest.mark.parametrize("state", ["pending", "leased", "sent", "void"])
def test_a_mail_cannot_be_given_by_hand_when_it_goes_out_by_itself(
    office: Office, mailroom: Mailroom, state: str
) -> None:
    case = office.file()
    _set_all(office, state, audience="customer")
    (piece,) = mailroom.list_for_receipt(case.receipt, ())
    with pytest.raises(ImpossibleActionError):
        mailroom.hand(piece.mail, "hanako", office.services.upkeep)
    assert office.list_mails(case.receipt)[0].state == state


def test_events_name_their_case_when_all_are_listed(office: Office, make_draft: Callable[..., object]) -> None:
    case = office.file()
    newest = office.services.audit.list_latest(1)
    assert [(event.action, event.receipt) for event in newest] == [("submit", case.receipt)]
