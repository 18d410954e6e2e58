"""The six kinds of request as data: names, intents, governing clauses, what each asks of the person and the officer."""

from __future__ import annotations

import pytest

from actions.cases.kinds import Kind, find_kind_by_clause, find_kind_by_intent, list_kinds
from actions.texts import LANGUAGES, list_keys
from knowledge.policy import Policy
from knowledge.wordings import GOVERNING_CLAUSES

NAMES = ["disclosure", "purpose_notice", "correction", "suspension", "third_party_stop", "complaint"]


def test_kinds_are_the_six_of_the_contract_when_listed() -> None:
    assert list(list_kinds()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_clauses_exist_in_the_policy_when_a_kind_names_them(name: str, policy: Policy) -> None:
    kind = list_kinds()[name]
    assert set(kind.clauses) <= set(policy.clause_ids)
    assert len(set(kind.clauses)) == len(kind.clauses) > 0


@pytest.mark.parametrize("name", NAMES)
def test_own_way_and_conditions_are_worded_when_a_kind_is_opened(name: str) -> None:
    for language in LANGUAGES:
        keys = list_keys(language)
        assert f"intake.own_way_{list_kinds()[name].own_way}" in keys
        assert f"intake.conditions_{name}" in keys
        assert f"kinds.{name}" in keys


def test_governing_clauses_agree_with_the_index_when_compared() -> None:
    # The retriever learns from a request's wordings which clause governs it; both must say the same.
    assert {kind.intent: kind.clauses[0] for kind in list_kinds().values()} == GOVERNING_CLAUSES


def test_a_fee_is_possible_only_where_the_law_allows_one_when_listed() -> None:
    # APPI 38: disclosure and the notification of purposes, nothing else.
    assert {name for name, kind in list_kinds().items() if kind.fee_allowed} == {"disclosure", "purpose_notice"}


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("disclosure", 3),
        ("purpose_notice", 1),
        ("correction", 2),
        ("suspension", 2),
        ("third_party_stop", 2),
        ("complaint", 1),
    ],
)
def test_identity_is_asked_for_by_what_is_at_stake_when_a_kind_is_opened(name: str, level: int) -> None:
    assert list_kinds()[name].level == level


def test_only_a_complaint_is_heard_when_courses_are_compared() -> None:
    courses = {name: kind.course for name, kind in list_kinds().items()}
    assert courses == {name: "hearing" if name == "complaint" else "rights" for name in NAMES}
    # What is heard is neither granted nor declined.
    assert list_kinds()["complaint"].grounds == ()


def test_a_kind_is_strict_when_its_row_says_nothing() -> None:
    bare = Kind("disclosure", ("rights.1",), "officer", "33")
    assert (bare.course, bare.level, bare.fee_allowed, bare.grounds) == ("rights", 3, False, ())


@pytest.mark.parametrize(
    ("intent", "name"),
    [
        ("exercise_disclosure", "disclosure"),
        ("exercise_purpose_notice", "purpose_notice"),
        ("exercise_correction", "correction"),
        ("exercise_suspension", "suspension"),
        ("exercise_third_party_stop", "third_party_stop"),
        ("complaint", "complaint"),
        ("exercise_complaint", None),
        ("disclosure", None),
        ("ask_policy", None),
        ("", None),
    ],
)
def test_kind_is_found_when_its_intent_is_heard(intent: str, name: str | None) -> None:
    found = find_kind_by_intent(intent)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("clause", "name"),
    [
        ("rights.1", "disclosure"),
        ("rights.1.2", "disclosure"),
        ("rights.2.3", "purpose_notice"),
        ("rights.3", "correction"),
        ("rights.4", "suspension"),
        ("rights.5", "third_party_stop"),
        ("rights.7", "complaint"),
        ("rights.6", None),  # how to ask belongs to all of them
        ("changes", None),  # correction and suspension: the caller offers both
        ("rights", None),
        ("rights.11", None),  # a longer number is no item of rights.1
        ("purpose", None),
    ],
)
def test_kind_is_found_when_its_own_clause_is_cited(clause: str, name: str | None) -> None:
    found = find_kind_by_clause(clause)
    assert (found.name if found else None) == name
