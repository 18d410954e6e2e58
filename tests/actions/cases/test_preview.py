"""A letter before it is sent: just what would be sent, and nothing of it stays. What rests on no ground names none."""

from __future__ import annotations

import pytest

from actions.cases.grounds import get_ground
from actions.cases.guards import Form
from actions.cases.records import Case
from actions.cases.workflow import list_outcomes
from actions.errors import ConditionError, ImpossibleActionError
from tests.actions.cases.conftest import HANAKO, JIRO, Office

REASON = "ご記憶の住所は、ご登録の内容と一致していました。"


def _count(office: Office, receipt: str) -> tuple[int, int, int, int]:
    case = office.get(receipt)
    events = office.services.audit.list_for_receipt(receipt)
    return case.version, len(case.words), len(office.list_mails(receipt)), len(events)


def _propose(office: Office, case: Case, outcome: str, ground: str = "correction_true") -> Case:
    return office.act(case.receipt, "propose", outcome=outcome, ground=ground, text=REASON)


def test_a_preview_is_what_is_sent_and_changes_nothing(office: Office) -> None:
    receipt = office.investigate("correction", "complaint").receipt
    before, form = _count(office, receipt), Form(text="どの住所でしょうか。")
    (shown,) = office.services.desk.preview(receipt, "ask_more", HANAKO, form, kind="correction")
    assert _count(office, receipt) == before
    office.services.desk.act(receipt, "ask_more", HANAKO, form, kind="correction")
    mail = office.list_mails(receipt)[-1]
    assert (shown.template, shown.subject, shown.text) == (mail.template, mail.subject, mail.text)
    assert shown.page == office.get(receipt).words[-1].body
    assert "どの住所でしょうか。" in shown.page
    assert "どの住所" not in repr(shown)


def test_a_proposal_is_shown_as_the_letter_that_its_approval_sends(office: Office) -> None:
    case = office.investigate("correction")
    form = Form(outcome="refused", ground="correction_true", text=REASON)
    (shown,) = office.services.desk.preview(case.receipt, "propose", HANAKO, form)
    assert office.get(case.receipt).state == "investigating"
    _propose(office, case, "refused")
    assert office.services.desk.preview(case.receipt, "approve", JIRO, Form()) == (shown,)
    office.act(case.receipt, "approve", by=JIRO)
    assert office.get(case.receipt).words[-1].body == shown.page
    assert REASON in shown.page
    assert get_ground("correction_true").text["ja"] in shown.page


@pytest.mark.parametrize("outcome", ["partial"])
def test_no_letter_is_shown_when_something_is_still_to_be_done_first(office: Office, outcome: str) -> None:
    case = office.investigate("correction")
    form = Form(outcome=outcome, ground="correction_true", text=REASON)
    assert office.services.desk.preview(case.receipt, "propose", HANAKO, form) == ()


def test_nothing_is_previewed_when_it_could_not_be_done(office: Office) -> None:
    case = office.investigate("correction")
    before = _count(office, case.receipt)
    for action, form, error in (
        ("ask_more", Form(), ConditionError),
        ("propose", Form(outcome="granted", ground="correction_true", text="x"), ConditionError),
        ("approve", Form(), ImpossibleActionError),
    ):
        with pytest.raises(error):
            office.services.desk.preview(case.receipt, action, HANAKO, form)
    assert _count(office, case.receipt) == before


@pytest.mark.parametrize("outcome", [one.name for one in list_outcomes().values() if one.review])
def test_an_outcome_has_a_ground_when_it_rests_on_one_and_else_none(office: Office, outcome: str) -> None:
    rests = outcome in {"refused", "partial", "alternative_measure"}
    case = office.investigate("suspension")
    wrong, right = ("", "suspension_extent") if rests else ("suspension_extent", "")
    with pytest.raises(ConditionError, match="needs_ground" if rests else "ground_fits"):
        _propose(office, case, outcome, wrong)
    _propose(office, case, outcome, right)
    office.act(case.receipt, "approve", by=JIRO)
    if outcome in {"not_held", "not_ours"}:
        page = office.get(case.receipt).words[-1].body
        assert REASON in page
        assert "■ 根拠" not in page  # nothing was weighed, so nothing may look as if it had been
