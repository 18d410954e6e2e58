from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from knowledge.policy import LANGUAGES, Policy, list_editions
from tests.knowledge.facts import find_strange_facts, find_strange_names, gives_assurance

_SHOP = Path(__file__).parents[2] / "knowledge" / "policies" / "coverchord"
_CASES = [
    (clause_id, language)
    for clause_id in tomllib.loads((list_editions(_SHOP)[-1] / "leads.toml").read_text("utf-8"))
    for language in LANGUAGES
]


@pytest.mark.parametrize(("clause_id", "language"), _CASES)
def test_facts_of_a_lead_stand_in_its_clause(policy: Policy, clause_id: str, language: str) -> None:
    lead, text = policy.leads[clause_id][language], policy.get_unit(clause_id, language).text
    assert find_strange_facts(lead, text) == []


@pytest.mark.parametrize("clause_id", [clause_id for clause_id, language in _CASES if language == "en"])
def test_names_of_an_english_lead_stand_in_its_clause(policy: Policy, clause_id: str) -> None:
    text = policy.get_unit(clause_id, "en").text
    assert find_strange_names(policy.leads[clause_id]["en"], text) == []


@pytest.mark.parametrize("couriers", [("佐川", "郵便局", "西濃", "FedEx", "UPS", "Sagawa", "Japan Post")])
def test_no_lead_names_a_courier_that_the_policy_does_not(policy: Policy, couriers: tuple[str, ...]) -> None:
    everything = "\n".join(lead[language] for lead in policy.leads.values() for language in LANGUAGES)
    assert [name for name in couriers if name in everything] == []


@pytest.mark.parametrize(("clause_id", "language"), _CASES)
def test_lead_is_one_paragraph_of_whole_sentences(policy: Policy, clause_id: str, language: str) -> None:
    lead = policy.leads[clause_id][language]
    assert lead == lead.strip()
    assert lead.endswith("。" if language == "ja" else ".")
    assert "\n" not in lead
    assert len(lead) <= 330  # it stands above the quote, on a telephone too


@pytest.mark.parametrize(("clause_id", "language"), _CASES)
def test_lead_gives_no_yes_or_no_and_no_assurance(policy: Policy, clause_id: str, language: str) -> None:
    assert not gives_assurance(policy.leads[clause_id][language], language)


@pytest.mark.parametrize(
    ("clause_id", "ja", "en"),
    [
        # Conditions without which the sentence would promise more than the clause.
        ("purpose", "除|例外", "except"),
        ("third_party", "除", "Except"),
        ("collected.note", "ただし", "However"),
        ("rights.1", "お断り", "refusal"),
        ("rights.2", "通知しない", "If not"),
        ("rights.3", "理由があると分かった場合", "has grounds"),
        ("rights.4", "理由で", "because"),
        ("rights.5", "理由があると分かった場合", "has grounds"),
        ("rights.6", "確認", "confirm"),
        ("use", "原則", "As a rule"),
    ],
)
def test_conditions_of_a_clause_stay_in_its_lead(policy: Policy, clause_id: str, ja: str, en: str) -> None:
    assert re.search(ja, policy.leads[clause_id]["ja"])
    assert re.search(en, policy.leads[clause_id]["en"])


def test_languages_of_a_lead_state_the_same_numbers(policy: Policy) -> None:
    for clause_id, lead in policy.leads.items():
        numbers = [sorted(re.findall(r"\d+", lead[language])) for language in LANGUAGES]
        assert numbers[0] == numbers[1], clause_id
