"""How cases move: whole ways from arrival to the end, and what happens together or not at all."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.audit import Audit
from actions.cases.grounds import list_grounds
from actions.cases.instants import now
from actions.cases.kinds import list_kinds
from actions.cases.outbox import Outbox
from actions.cases.tables import MailRow
from actions.errors import ConditionError, ImpossibleActionError, NotPermittedError
from actions.hours import TOKYO, is_business_day
from tests.actions.cases.conftest import HANAKO, JIRO, Office, as_role

RIGHTS = [name for name, kind in list_kinds().items() if kind.course == "rights"]


def _ground(kind: str) -> str:
    return list_grounds(kind)[0].code


def _shared(office: Office, receipt: str, template: str) -> list[str]:
    return [word.body for word in office.get(receipt).words if word.template == template and word.shared]


@pytest.mark.parametrize("kind", RIGHTS)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_right_is_granted_to_its_end(office: Office, kind: str, language: str) -> None:
    receipt = office.investigate(kind, language=language).receipt
    office.act(receipt, "grant")
    case = office.act(receipt, "fulfil", text="Done: 対応の内容")
    assert (case.state, case.items[0].outcome) == ("notifying", "granted")
    assert office.deliver() == ["decision"]
    case = office.get(receipt)
    assert (case.state, case.items[0].state) == ("closed", "closed")
    assert case.closed_at is not None
    (letter,) = _shared(office, receipt, "decision")
    assert "Done: 対応の内容" in letter  # what was done stands in the letter (Art. 34(3)) …
    mails = [mail.text for mail in office.list_mails(receipt)]
    assert not [text for text in mails if "対応の内容" in text]  # … and in no mail


@pytest.mark.parametrize("kind", RIGHTS)
def test_a_refusal_gives_reason_ground_and_routes(office: Office, kind: str) -> None:
    receipt = office.investigate(kind).receipt
    office.act(receipt, "propose", outcome="refused", ground=_ground(kind), text="このような理由です")
    with pytest.raises(ConditionError, match="second_person"):
        office.act(receipt, "approve")
    office.act(receipt, "approve", by=JIRO)
    assert office.deliver() == ["decision"]
    (letter,) = _shared(office, receipt, "decision")
    ground = list_grounds(kind)[0]
    assert "このような理由です" in letter
    assert ground.text["ja"] in letter
    assert "03-6457-9849" in letter  # whom else to turn to
    assert office.get(receipt).state == "closed"


def test_a_partial_grant_is_carried_out_after_its_review(office: Office) -> None:
    receipt = office.investigate("disclosure").receipt
    office.act(receipt, "propose", outcome="partial", ground=_ground("disclosure"), text="一部は開示できません")
    assert office.act(receipt, "approve", by=JIRO).state == "fulfilling"
    office.act(receipt, "fulfil", text="住所と電話番号を開示しました")
    office.deliver()
    (letter,) = _shared(office, receipt, "decision")
    assert "一部は開示できません" in letter
    assert "住所と電話番号を開示しました" in letter


def test_a_returned_proposal_leaves_nothing_behind(office: Office) -> None:
    receipt = office.investigate().receipt
    office.act(receipt, "propose", outcome="refused", ground=_ground("disclosure"), text="理由")
    case = office.act(receipt, "return", by=JIRO, note="もう一度調べてください")
    (item,) = case.items
    assert (item.state, item.outcome, item.proposed_by, item.decision) == ("investigating", "", "", {})
    assert [word.body for word in case.words if not word.shared] == ["もう一度調べてください"]


def test_a_single_officer_reviews_after_a_day_and_the_chain_says_so(office: Office) -> None:
    with office.services.database.transaction() as session:
        session.execute(sa.text("DELETE FROM accounts WHERE name = 'jiro'"))
    receipt = office.investigate().receipt
    office.act(receipt, "propose", outcome="refused", ground=_ground("disclosure"), text="理由")
    with pytest.raises(ConditionError, match="second_person"):
        office.act(receipt, "approve")
    office.age(receipt, hours=25)
    office.act(receipt, "approve")
    approved = [one for one in office.services.audit.list_for_receipt(receipt) if one.action == "approve"]
    assert [one.detail for one in approved] == [{"outcome": "refused", "review": "own"}]


@pytest.mark.parametrize("outcome", ["resolved", "explained", "answered", "escalated"])
def test_a_complaint_has_its_own_shorter_course(office: Office, outcome: str) -> None:
    receipt = office.open("complaint").receipt
    assert office.act(receipt, "start").state == "investigating"  # nobody asks a complainant for papers
    office.act(receipt, "respond", outcome=outcome, text="お詫びと経緯のご説明")
    office.deliver()
    assert office.get(receipt).items[0].outcome == outcome
    assert "お詫びと経緯のご説明" in _shared(office, receipt, "decision")[0]


def test_items_of_one_case_go_their_own_ways(office: Office) -> None:
    receipt = office.investigate("disclosure", "suspension").receipt
    with pytest.raises(ConditionError, match="which_item"):
        office.act(receipt, "grant")
    office.act(receipt, "grant", "disclosure")
    office.act(receipt, "propose", "suspension", outcome="refused", ground=_ground("suspension"), text="理由")
    case = office.act(receipt, "fulfil", "disclosure", text="開示しました")
    assert [(item.kind, item.state) for item in case.items] == [("disclosure", "notifying"), ("suspension", "deciding")]
    office.deliver()
    case = office.get(receipt)
    assert (case.state, case.closed_at) == ("deciding", None)
    office.act(receipt, "approve", "suspension", by=JIRO)
    office.deliver()
    assert office.get(receipt).state == "closed"


def test_identity_is_checked_as_far_as_each_item_needs_it(office: Office) -> None:
    receipt = office.open("purpose_notice", "correction", "disclosure").receipt
    office.act(receipt, "start")
    states = [item.state for item in office.act(receipt, "confirm_identity").items]
    assert states == ["investigating", "id_check", "id_check"]  # a confirmed address is enough for the first
    office.act(receipt, "record_document", document="order_facts", subject="person", result="accepted")
    assert [item.state for item in office.act(receipt, "confirm_identity").items][1] == "investigating"
    with pytest.raises(ConditionError, match="level_reached"):
        office.act(receipt, "confirm_identity")
    office.act(receipt, "record_document", document="driving_licence", subject="person", result="rejected")
    with pytest.raises(ConditionError, match="level_reached"):
        office.act(receipt, "confirm_identity")
    office.act(receipt, "record_document", document="driving_licence", subject="person", result="accepted")
    case = office.act(receipt, "confirm_identity")
    assert case.state == "investigating"
    assert [(one.document, one.account, one.accepted) for one in case.checks] == [
        ("order_facts", "hanako", True),
        ("driving_licence", "hanako", False),
        ("driving_licence", "hanako", True),
    ]


def test_two_plain_documents_are_worth_one_with_a_photo(office: Office) -> None:
    receipt = office.open().receipt
    office.act(receipt, "start")
    for document, level in (
        ("qualification_certificate", 1),
        ("qualification_certificate", 1),
        ("residence_record", 3),
    ):
        case = office.act(receipt, "record_document", document=document, subject="person", result="accepted")
        assert case.identity_level == level


def test_an_agent_shows_both_people_and_the_authority(office: Office) -> None:
    receipt = office.open("correction", agent="appointed", represented="山田春子").receipt
    office.act(receipt, "start")

    def show(document: str, subject: str) -> None:
        office.act(receipt, "record_document", document=document, subject=subject, result="accepted")

    show("driving_licence", "person")  # the represented person's: it is not the agent's identity
    with pytest.raises(ConditionError, match="level_reached"):
        office.act(receipt, "confirm_identity")
    show("driving_licence", "agent")
    with pytest.raises(ConditionError, match="authority_shown"):
        office.act(receipt, "confirm_identity")
    show("power_of_attorney", "person")
    with pytest.raises(ConditionError, match="authority_shown"):
        office.act(receipt, "confirm_identity")
    show("principal_seal_certificate", "person")
    assert office.act(receipt, "confirm_identity").state == "investigating"


def test_documents_are_asked_for_with_what_must_not_be_shown(office: Office) -> None:
    receipt = office.open().receipt
    office.act(receipt, "start")
    assert office.act(receipt, "ask_documents").state == "on_hold"
    (letter,) = _shared(office, receipt, "documents")
    assert "マイナンバー" in letter
    assert "本籍地" in letter


def test_the_clock_stands_still_while_the_person_is_asked(office: Office) -> None:
    receipt = office.investigate().receipt
    target = office.get(receipt).due_at
    assert target is not None
    case = office.act(receipt, "ask_more", text="どのご注文でしょうか")
    assert (case.state, case.due_at) == ("on_hold", None)
    assert office.deliver() == ["question"]
    case = office.answer(receipt, text="7月の注文です")
    assert (case.state, case.waiting) == ("investigating", True)
    assert case.due_at is not None
    assert case.due_at >= target
    assert office.deliver() == ["officer_reply"]
    office.answer(receipt, text="追伸です")
    assert office.deliver() == []  # the officer knows already
    assert not office.act(receipt, "mark_read").waiting


def test_an_answer_resumes_what_waits_for_an_answer_and_nothing_else(office: Office) -> None:
    receipt = office.open("purpose_notice", "disclosure").receipt
    office.act(receipt, "start")
    office.act(receipt, "confirm_identity")  # a confirmed address is enough for the first only
    office.act(receipt, "ask_documents")
    office.act(receipt, "ask_more", "purpose_notice", text="どの情報でしょうか")
    assert [item.state for item in office.get(receipt).items] == ["on_hold", "on_hold"]
    case = office.answer(receipt, text="注文の履歴です")
    assert [item.state for item in case.items] == ["investigating", "on_hold"]  # documents are not shown by writing
    case = office.answer(receipt, text="書類は郵送しました")
    assert [item.state for item in case.items] == ["investigating", "on_hold"]
    assert case.waiting  # but the officer reads it
    assert [word.body for word in case.words if word.author == "customer"] == ["注文の履歴です", "書類は郵送しました"]
    assert case.items[1].remaining_minutes is not None
    seen = {"subject": "person", "result": "accepted"}
    case = office.act(receipt, "record_document", document="driving_licence", **seen)
    assert [item.state for item in case.items] == ["investigating", "id_check"]  # what was asked for is there
    assert case.items[1].target_at is not None


def test_an_answer_resumes_one_of_two_that_were_asked_about(office: Office) -> None:
    receipt = office.investigate("disclosure", "suspension").receipt
    for kind in ("disclosure", "suspension"):
        office.act(receipt, "ask_more", kind, text=f"{kind}?")
    case = office.answer(receipt, kind="suspension", text="利用停止のほうの答えです")
    assert [item.state for item in case.items] == ["on_hold", "investigating"]
    case = office.answer(receipt, text="開示のほうの答えです")
    assert [item.state for item in case.items] == ["investigating", "investigating"]


def test_an_answer_leaves_alone_what_waits_for_a_fee_or_a_second_person(make_office: Any) -> None:
    office: Office = make_office(fee_disclosure_yen=500)
    receipt = office.investigate("disclosure", "suspension", "correction").receipt
    office.act(receipt, "notify_fee", "disclosure")
    office.act(receipt, "propose", "suspension", outcome="refused", ground=_ground("suspension"), text="理由")
    office.act(receipt, "ask_more", "correction", text="どの住所でしょうか")
    case = office.answer(receipt, text="本町です")
    states = {item.kind: item.state for item in case.items}
    assert states == {"disclosure": "fee_wait", "suspension": "deciding", "correction": "investigating"}


def test_each_of_two_that_wait_is_resumed_by_itself(office: Office) -> None:
    receipt = office.investigate("disclosure", "suspension").receipt
    for kind in ("disclosure", "suspension"):
        office.act(receipt, "ask_more", kind, text=f"{kind}?")
    with pytest.raises(ConditionError, match="which_item"):
        office.act(receipt, "resume", note="電話で伺った")
    case = office.act(receipt, "resume", "disclosure", note="電話で伺った")
    assert [item.state for item in case.items] == ["investigating", "on_hold"]


def test_an_answer_by_telephone_resumes_the_clock(office: Office) -> None:
    receipt = office.investigate().receipt
    office.act(receipt, "ask_more", text="?")
    case = office.act(receipt, "resume", note="電話で伺った")
    assert case.state == "investigating"
    assert case.due_at is not None


def test_a_fee_is_told_agreed_to_and_paid(make_office: Any) -> None:
    office: Office = make_office(fee_disclosure_yen=500)
    receipt = office.investigate().receipt
    case = office.act(receipt, "notify_fee")
    assert (case.state, case.items[0].fee_yen) == ("fee_wait", 500)
    (letter,) = _shared(office, receipt, "fee")
    assert "500" in letter
    with pytest.raises(ConditionError, match="fee_accepted"):
        office.act(receipt, "record_payment", note="振込")
    office.answer(receipt, "accept_fee")
    with pytest.raises(ConditionError, match="fee_not_accepted"):
        office.answer(receipt, "accept_fee")
    assert office.act(receipt, "record_payment", note="振込を確認").state == "investigating"
    office.act(receipt, "grant")


def test_a_fee_can_be_declined_or_dropped(make_office: Any) -> None:
    office: Office = make_office(fee_disclosure_yen=500)
    declined, dropped = office.investigate().receipt, office.investigate().receipt
    office.act(declined, "notify_fee")
    case = office.answer(declined, "decline_fee")
    assert (case.state, case.items[0].outcome) == ("closed", "withdrawn_fee")
    (letter,) = _shared(office, declined, "withdrawn")
    assert "費用" in letter
    office.act(dropped, "notify_fee")
    case = office.act(dropped, "waive_fee", note="案内違い")
    assert (case.state, case.items[0].fee_yen) == ("investigating", None)
    assert set(office.deliver()) >= {"withdrawn", "fee_waived"}


@pytest.mark.parametrize("kind", RIGHTS)
def test_no_fee_is_charged_while_none_is_published(office: Office, kind: str) -> None:
    receipt = office.investigate(kind).receipt
    with pytest.raises(ConditionError, match="fee_published"):
        office.act(receipt, "notify_fee")


def _later(days: int) -> date:
    day = now().astimezone(TOKYO).date() + timedelta(days=days)
    while not is_business_day(day):
        day += timedelta(days=1)
    return day


def test_an_extension_tells_the_new_date_and_its_reason(office: Office) -> None:
    receipt = office.investigate().receipt
    day = _later(60)
    case = office.act(receipt, "extend", date=day, text="調査に時間がかかっています")
    assert case.due_at is not None
    assert case.due_at.astimezone(TOKYO).date() == day
    (letter,) = _shared(office, receipt, "extension")
    assert "調査に時間がかかっています" in letter
    assert str(day.day) in letter


def test_a_duplicate_goes_on_in_the_first_request(office: Office) -> None:
    first = office.open().receipt
    second = office.open().receipt
    stranger = office.open(fields={"details": "x", "name": "別人", "email": "betsu@example.com", "phone": ""}).receipt
    with pytest.raises(ConditionError, match="original_fits"):
        office.act(second, "link", original=stranger)
    with pytest.raises(ConditionError, match="original_fits"):
        office.act(second, "link", original="M-0000-0000")
    case = office.act(second, "link", original=first)
    assert (case.state, case.items[0].outcome) == ("notifying", "duplicate")
    office.deliver()
    assert office.get(second).state == "closed"
    assert first in _shared(office, second, "decision")[0]
    assert office.get(first).state == "received"


def test_an_unconfirmed_request_neither_absorbs_nor_blocks_nor_shows_another(office: Office) -> None:
    # Somebody who typed the person's address first must gain nothing by it.
    planted = office.file().receipt
    own = office.open().receipt
    assert office.services.cases.list_related(own) == []
    assert office.services.cases.list_related(planted) == []
    with pytest.raises(ConditionError, match="original_fits"):
        office.act(own, "link", original=planted)
    with pytest.raises(ImpossibleActionError):
        office.act(planted, "link", original=own)
    other = office.open().receipt
    assert [row.receipt for row in office.services.cases.list_related(own)] == [other]


@pytest.mark.parametrize("reached", ["mail_unverified", "received", "id_check", "investigating", "on_hold", "deciding"])
def test_a_request_can_be_withdrawn_on_the_way(office: Office, reached: str) -> None:
    receipt = office.file().receipt if reached == "mail_unverified" else office.open().receipt
    if reached not in {"mail_unverified", "received"}:
        office.put(receipt, reached, held_from="investigating")
    office.deliver()
    case = office.answer(receipt, "withdraw")
    assert (case.state, case.items[0].outcome) == ("closed", "withdrawn")
    # An address that is not shown to be the person's gets no letter.
    assert ("withdrawn" in office.deliver()) is (reached != "mail_unverified")


def test_only_one_of_two_rights_is_withdrawn(office: Office) -> None:
    receipt = office.investigate("disclosure", "suspension").receipt
    case = office.answer(receipt, "withdraw", "suspension")
    assert [item.state for item in case.items] == ["investigating", "closed"]
    assert case.closed_at is None


def test_a_closed_request_is_reopened_with_a_new_clock(office: Office) -> None:
    receipt = office.investigate().receipt
    office.act(receipt, "grant")
    office.act(receipt, "fulfil", text="済み")
    office.deliver()
    office.answer(receipt, text="まだ届いていません")
    assert office.get(receipt).waiting
    case = office.act(receipt, "reopen", text="もう一度調べます")
    (item,) = case.items
    assert (case.state, case.closed_at, item.outcome) == ("id_check", None, "")
    assert case.due_at is not None
    assert office.deliver()[-1] == "reopened"
    assert office.act(receipt, "confirm_identity").state == "investigating"  # what was shown before is shown


def test_being_closed_and_reopened_shows_nobodys_identity(office: Office) -> None:
    receipt = office.open().receipt
    office.answer(receipt, "withdraw")
    office.act(receipt, "reopen", text="再開します")
    with pytest.raises(ConditionError, match="level_reached"):
        office.act(receipt, "confirm_identity")
    office.put(receipt, "investigating")  # however a case came there
    with pytest.raises(ConditionError, match="level_reached"):
        office.act(receipt, "grant")
    office.put(receipt, "fulfilling", outcome="granted")
    with pytest.raises(ConditionError, match="level_reached"):
        office.act(receipt, "fulfil", text="済み")


def test_a_complaint_is_reopened_where_it_is_worked(office: Office) -> None:
    receipt = office.open("complaint").receipt
    office.answer(receipt, "withdraw")
    assert office.act(receipt, "reopen", text="再開します").state == "investigating"


def test_a_notice_by_hand_leaves_the_other_letters_alone(office: Office) -> None:
    receipt = office.investigate("disclosure", "correction").receipt
    office.act(receipt, "ask_more", "correction", text="どの住所ですか")
    office.act(receipt, "grant", "disclosure")
    office.act(receipt, "fulfil", "disclosure", text="済み")
    case = office.act(receipt, "send_by_hand", method="telephone")
    assert [item.state for item in case.items] == ["closed", "on_hold"]
    assert office.deliver() == ["question"]


def test_a_letter_that_could_not_be_sent_is_sent_again_in_any_open_state(office: Office) -> None:
    receipt = office.investigate().receipt
    office.act(receipt, "ask_more", text="どの住所ですか")
    (mail,) = office.services.outbox.lease(5, now())
    office.services.outbox.put_back(mail, now(), "refused", permanent=True)
    office.services.upkeep.on_dead(mail)
    assert office.deliver() == ["officer_mail_failed"]
    office.act(receipt, "resend")
    assert office.deliver() == ["question"]
    assert [one.message_id for one in office.list_mails(receipt) if one.template == "question"] == [mail.message_id]


def test_a_typed_address_proves_nothing(office: Office, make_draft: Any) -> None:
    # Somebody on the telephone names a customer's address: that request must not absorb the customer's own.
    from actions.cases.desk import Arrival

    own = office.open().receipt
    entered = office.services.desk.enter(make_draft(), Arrival("telephone"), HANAKO).receipt
    for case, original in ((own, entered), (entered, own)):
        with pytest.raises(ConditionError, match="original_fits"):
            office.act(case, "link", original=original)
    assert {row.likeness for row in office.services.cases.list_related(own)} == {"phone"}


def test_the_clock_of_a_letter_began_when_it_came(office: Office, make_draft: Any) -> None:
    from actions.cases.desk import Arrival

    came = now() - timedelta(days=20)
    late = office.services.desk.enter(make_draft(), Arrival("letter", came), HANAKO)
    fresh = office.services.desk.enter(make_draft(), Arrival("letter"), HANAKO)
    assert late.due_at is not None
    assert fresh.due_at is not None
    assert fresh.due_at - late.due_at > timedelta(days=15)


def test_a_lapsed_request_is_not_reopened(office: Office) -> None:
    receipt = office.file().receipt
    office.age(receipt, days=8)
    assert office.services.upkeep.lapse() == 1
    with pytest.raises(ConditionError, match="was_confirmed"):
        office.act(receipt, "reopen", text="再開")


def test_a_notice_given_by_hand_counts_as_delivery(office: Office) -> None:
    receipt = office.investigate().receipt
    office.act(receipt, "grant")
    office.act(receipt, "fulfil", text="済み")
    with pytest.raises(ConditionError, match="method_known"):
        office.act(receipt, "send_by_hand", method="pigeon")
    assert office.act(receipt, "send_by_hand", method="post").state == "closed"
    assert {mail.state for mail in office.list_mails(receipt)} <= {"sent", "handed"}
    assert "decision" not in office.deliver()  # it is not sent a second time


def test_a_request_by_letter_without_an_address_is_worked_by_hand(office: Office, make_draft: Any) -> None:
    from actions.cases.desk import Arrival

    fields = {"details": "手紙で届いた請求", "name": "山田花子", "email": "", "phone": ""}
    draft = make_draft(kinds=("complaint",), fields=fields)
    arrived = now() - timedelta(days=3)
    case = office.services.desk.enter(draft, Arrival("letter", arrived), HANAKO)
    assert (case.state, case.channel, case.arrived_at) == ("received", "letter", arrived)
    office.act(case.receipt, "start")
    office.act(case.receipt, "respond", outcome="answered", text="お答えします")
    assert office.deliver() == []
    assert {mail.state for mail in office.list_mails(case.receipt)} == {"written"}
    assert office.act(case.receipt, "send_by_hand", method="post").state == "closed"


@pytest.mark.parametrize("role", ["staff", "administrator"])
def test_other_roles_move_nothing(office: Office, role: str) -> None:
    receipt = office.open().receipt
    with pytest.raises(NotPermittedError):
        office.act(receipt, "start", by=as_role(role))


def test_an_approver_reviews_and_nothing_else(office: Office) -> None:
    receipt = office.open().receipt
    with pytest.raises(NotPermittedError):
        office.act(receipt, "start", by=JIRO)
    office.act(receipt, "note", by=JIRO, note="見ました")


@pytest.mark.parametrize("failing", [(Audit, "append"), (Outbox, "enqueue")], ids=["audit", "outbox"])
def test_nothing_happens_when_a_part_of_it_fails(
    office: Office, failing: tuple[type, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = office.investigate().receipt
    before, length = office.get(receipt), office.services.audit.verify().length

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(*failing, fail)
        with pytest.raises(RuntimeError):
            office.act(receipt, "ask_more", text="?")
    assert office.get(receipt) == before
    assert office.services.audit.verify().length == length
    with office.services.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(MailRow.id)).where(MailRow.template == "question")) == 0
    office.act(receipt, "ask_more", text="?")
