"""Grounds for declining: each belongs to kinds that name it, and its clause is one of the real policy."""

from __future__ import annotations

import pytest

from actions.cases.grounds import get_ground, list_grounds
from actions.cases.kinds import list_kinds
from actions.texts import LANGUAGES
from knowledge.policy import Policy

CODES = sorted({code for kind in list_kinds().values() for code in kind.grounds})


@pytest.mark.parametrize("kind", list_kinds())
def test_kinds_and_grounds_name_each_other_when_compared(kind: str) -> None:
    grounds = list_grounds(kind)
    assert tuple(ground.code for ground in grounds) == list_kinds()[kind].grounds
    assert all(kind in ground.kinds for ground in grounds)
    assert [code for code in CODES if kind in get_ground(code).kinds] == sorted(list_kinds()[kind].grounds)


@pytest.mark.parametrize("code", CODES)
def test_a_ground_is_worded_in_both_languages_when_read(code: str) -> None:
    ground = get_ground(code)
    assert set(ground.text) == set(LANGUAGES)
    assert ground.text["ja"].endswith("ため")  # it stands before 「、ご請求にはお応えできません」 and the like
    assert ground.text["en"].strip()
    assert not ground.text["en"].endswith(".")
    assert all(part.isdigit() for part in ground.law.split("-"))


@pytest.mark.parametrize("code", CODES)
def test_its_clause_exists_when_the_policy_states_it(code: str, policy: Policy) -> None:
    ground = get_ground(code)
    assert ground.in_policy == (ground.clause != "")
    if ground.in_policy:
        assert ground.clause in policy.clause_ids
        # A ground rests on a clause that governs its kind.
        assert all(ground.clause in list_kinds()[kind].clauses for kind in ground.kinds)


def test_every_ground_of_the_policys_own_lists_is_there_when_compared(policy: Policy) -> None:
    listed = {one for one in policy.clause_ids if one.startswith(("rights.1.", "rights.2."))}
    assert listed == {"rights.1.1", "rights.1.2", "rights.2.1", "rights.2.2", "rights.2.3"}
    assert listed <= {get_ground(code).clause for code in CODES}


@pytest.mark.parametrize(
    ("code", "law", "clause"),
    [
        ("disclosure_harm", "33-2-1", "rights.1.1"),
        ("disclosure_obstruction", "33-2-2", ""),
        ("disclosure_unlawful", "33-2-3", "rights.1.2"),
        ("purpose_evident", "32-2-1", ""),
        ("purpose_harm", "21-4-1", "rights.2.1"),
        ("purpose_business", "21-4-2", "rights.2.2"),
        ("purpose_authority", "21-4-3", "rights.2.3"),
        ("suspension_no_ground", "35-2", ""),
    ],
)
def test_law_and_policy_stand_side_by_side_when_a_ground_is_read(code: str, law: str, clause: str) -> None:
    ground = get_ground(code)
    assert (ground.law, ground.clause) == (law, clause)


def test_what_a_person_must_check_first_is_marked_when_listed() -> None:
    assert {code for code in CODES if not get_ground(code).certain} == {"identity_unconfirmed", "authority_unconfirmed"}


def test_lacking_proof_can_decline_every_right_but_no_complaint_when_listed() -> None:
    for kind in list_kinds().values():
        codes = {ground.code for ground in list_grounds(kind.name)}
        assert {"identity_unconfirmed", "authority_unconfirmed"} <= codes or kind.course == "hearing"


def test_an_unknown_code_or_kind_is_an_error_when_asked_for() -> None:
    with pytest.raises(KeyError):
        get_ground("because")
    with pytest.raises(KeyError):
        list_grounds("exercise_disclosure")
