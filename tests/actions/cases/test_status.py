"""The person's own way to a case: by its link, as far as the workflow lets a person go."""

from __future__ import annotations

import pytest

from actions.cases.workflow import list_actions
from actions.errors import ConditionError, ImpossibleActionError, NotFoundError
from tests.actions.cases.conftest import Office

OWN = {"write", "withdraw", "accept_fee", "decline_fee"}


@pytest.mark.parametrize("action", sorted(set(list_actions()) - OWN))
def test_a_person_does_only_what_is_offered(office: Office, action: str) -> None:
    # Not even a person's own actions by their inner names: an answer is an answer only while one is waited for.
    receipt = office.open().receipt
    with pytest.raises(ImpossibleActionError):
        office.answer(receipt, action, text="x", note="x")
    assert office.get(receipt).state == "received"


@pytest.mark.parametrize("action", sorted(OWN))
@pytest.mark.parametrize("token", ["", "unknown", "\0"])
def test_nothing_is_done_by_a_link_that_leads_nowhere(office: Office, action: str, token: str) -> None:
    from actions.cases.guards import Form

    office.open()
    with pytest.raises(NotFoundError):
        office.services.status.act(token, action, Form(text="x"))


def test_words_are_kept_and_the_officer_is_called_once(office: Office) -> None:
    receipt = office.open().receipt
    office.act(receipt, "mark_read")
    for text in ("追加の情報です", "<b>もう一つ</b>"):
        office.answer(receipt, text=text)
    case = office.get(receipt)
    written = [word.body for word in case.words if word.author == "customer"]
    assert written == ["追加の情報です", "<b>もう一つ</b>"]
    assert all(word.shared for word in case.words if word.author == "customer")
    assert case.waiting
    assert office.deliver() == ["officer_reply"]


@pytest.mark.parametrize("text", ["", "  \n"])
def test_nothing_written_is_no_message(office: Office, text: str) -> None:
    receipt = office.open().receipt
    with pytest.raises(ConditionError, match="needs_text"):
        office.answer(receipt, text=text)


def test_a_key_for_limits_is_the_same_for_the_same_address(office: Office) -> None:
    one, other = office.file().receipt, office.file().receipt
    keys = {office.services.status.find_address_key(office.token(receipt)) for receipt in (one, other)}
    assert len(keys) == 1
    assert "hanako" not in keys.pop()
    assert office.services.status.find_address_key("unknown") == ""


def test_a_withdrawn_request_is_not_withdrawn_again(office: Office) -> None:
    receipt = office.open().receipt
    office.answer(receipt, "withdraw")
    with pytest.raises(ImpossibleActionError):
        office.answer(receipt, "withdraw")
