"""Looking ahead: what the desk offers is what the table allows, and what stands in the way is said beforehand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from actions.cases.accounts import Account
from actions.cases.desk import _by_receipt, make_actor
from actions.cases.guards import GUARDS, SYSTEM, Form
from actions.cases.instants import now
from actions.cases.kinds import list_kinds
from actions.cases.prospects import FORESEEN, Prospect, Prospects
from actions.cases.workflow import list_possible, list_states
from actions.errors import ConditionError, ImpossibleActionError
from tests.actions.cases.conftest import HANAKO, JIRO, Office, as_role

BY_FORM = {  # these look at what was filled in, or at the original that was named
    "document_known",
    "outcome_reviewable",
    "ground_fits",
    "outcome_of_hearing",
    "original_fits",
    "method_known",
    "date_later",
    "assignee_known",
    "contact_known",
}
NOT_AT_THE_DESK = {"reminder_due", "unconfirmed_too_long", "fee_not_accepted", "not_on_legal_hold"}
NOT_AT_THE_DESK |= {"answer_awaited", "address_open"}


def _look(office: Office, receipt: str, by: Account = HANAKO) -> dict[tuple[str, str], Prospect]:
    services = office.services
    found = Prospects(services.database).list_for(receipt, make_actor(by), services.desk.find_rules(), now())
    return {(one.transition.action, one.kind): one for one in found}


def test_every_guard_is_foreseen_or_left_to_the_form_when_listed() -> None:
    assert set(GUARDS) == FORESEEN | BY_FORM | NOT_AT_THE_DESK


@pytest.mark.parametrize("state", list(list_states()))
@pytest.mark.parametrize("by", [HANAKO, JIRO, as_role("staff"), as_role("administrator")])
def test_what_is_offered_is_what_the_table_allows(office: Office, state: str, by: Account) -> None:
    receipt = office.open("correction", "complaint").receipt
    office.put(receipt, state)
    parties = make_actor(by).parties
    allowed = {
        (one.action, kind if one.scope == "item" else "")
        for kind in ("correction", "complaint")
        for one in list_possible(list_kinds()[kind].course, state, parties)
    }
    assert set(_look(office, receipt, by)) == allowed


def test_nothing_is_offered_when_the_receipt_is_unknown(office: Office) -> None:
    assert _look(office, "M-0000-0000") == {}


def test_the_identity_level_stands_in_the_way_until_it_is_reached(office: Office) -> None:
    receipt = office.open("disclosure").receipt
    office.act(receipt, "start")
    assert _look(office, receipt)["confirm_identity", ""].unmet == "level_reached"
    with pytest.raises(ConditionError, match="level_reached"):
        office.act(receipt, "confirm_identity")
    office.act(receipt, "record_document", document="driving_licence", subject="person", result="accepted")
    assert _look(office, receipt)["confirm_identity", ""].unmet == ""
    office.act(receipt, "confirm_identity")


def test_an_agents_authority_stands_in_the_way_until_it_is_shown(office: Office) -> None:
    receipt = office.open("correction", agent="legal").receipt
    office.act(receipt, "start")
    office.act(receipt, "record_document", document="driving_licence", subject="agent", result="accepted")
    assert _look(office, receipt)["confirm_identity", ""].unmet == "authority_shown"


def test_a_case_moves_as_far_as_one_of_its_items_can(office: Office) -> None:
    # One item wants a document, the other only the confirmed address.
    receipt = office.open("disclosure", "purpose_notice").receipt
    office.act(receipt, "start")
    assert _look(office, receipt)["confirm_identity", ""].unmet == ""
    assert office.act(receipt, "confirm_identity").state == "id_check"


@pytest.mark.parametrize(("fees", "unmet"), [({}, "fee_published"), ({"fee_disclosure_yen": 500}, "")])
def test_no_fee_is_offered_unless_it_is_published(
    make_office: Callable[..., Office], fees: dict[str, Any], unmet: str
) -> None:
    office = make_office(**fees)
    receipt = office.investigate("disclosure", "correction").receipt
    found = _look(office, receipt)
    assert found["notify_fee", "disclosure"].unmet == unmet
    assert found["notify_fee", "correction"].unmet == "fee_published"


def test_a_second_person_reviews_when_there_is_one(office: Office) -> None:
    receipt = office.investigate("correction").receipt
    office.act(receipt, "propose", outcome="refused", ground="correction_true", text="調べました。")
    own = _look(office, receipt)["approve", "correction"]
    assert (own.unmet, own.possible_at) == ("second_person", None)  # waiting does not help: there is a second person
    assert _look(office, receipt, JIRO)["approve", "correction"].unmet == ""


def test_a_single_officer_is_told_from_when_the_own_proposal_can_be_reviewed(
    make_services: Callable[..., Any], make_draft: Callable[..., Any]
) -> None:
    office = Office(make_services(), make_draft)
    office.services.accounts.create(HANAKO.name, HANAKO.role)
    receipt = office.investigate("correction").receipt
    case = office.act(receipt, "propose", outcome="refused", ground="correction_true", text="調べました。")
    proposed = case.items[0].proposed_at
    assert proposed
    found = _look(office, receipt)["approve", "correction"]
    assert (found.unmet, found.possible_at) == ("second_person", proposed + timedelta(hours=24))
    office.age(receipt, hours=24)
    found = _look(office, receipt)["approve", "correction"]
    assert (found.unmet, found.possible_at) == ("", None)


def test_nothing_is_written_to_whom_it_cannot_reach(office: Office) -> None:
    receipt = office.investigate("complaint").receipt
    office.put(receipt, "closed")
    assert _look(office, receipt)["write", ""].unmet == ""
    office.services.desk.carry_out(_by_receipt(receipt), "erase", SYSTEM, Form())
    found = _look(office, receipt)
    assert (found["write", ""].unmet, found["reopen", "complaint"].unmet) == ("reachable", "not_erased")
    with pytest.raises(ConditionError):
        office.act(receipt, "write", text="こんにちは")
    with pytest.raises(ImpossibleActionError):
        office.act(receipt, "start")
