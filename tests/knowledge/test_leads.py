from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from knowledge.policy import LANGUAGES, Policy

_SHOP = Path(__file__).parents[2] / "knowledge" / "policies" / "coverchord"
_CASES = [
    (clause_id, language)
    for clause_id in tomllib.loads((_SHOP / "leads.toml").read_text("utf-8"))
    for language in LANGUAGES
]

# What a lead must not state unless its clause does.
_FACTS = {
    "number": re.compile(r"\d+"),
    "phone": re.compile(r"\d{2,4}-\d{2,4}-\d{3,4}"),
    "time": re.compile(r"\d{1,2}:\d{2}"),
    "postal code": re.compile(r"\d{3}-\d{4}"),
    "mail": re.compile(r"[\w.+-]+@[\w.-]+\w"),
    "link": re.compile(r"https?://\S+|www\.\S+"),
    "Japanese company": re.compile(r"[^\s、。「」(は]*株式会社[A-Za-zァ-ヶー]*"),
    "foreign company": re.compile(r"(?:[A-Z]\w+ )*\w+ Co\., Ltd\.|\w+ (?:Inc|LLC|GmbH|Corp)\b"),
    "name in capitals": re.compile(r"\b[A-Z]{2,}\b"),
    "quoted name": re.compile(r"(?<=「)[^」]+(?=」)"),
}
# Capitals inside an English sentence mark names, but for these: the postal code's 〒 becomes the country's name.
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+")


@pytest.mark.parametrize(("clause_id", "language"), _CASES)
def test_facts_of_a_lead_stand_in_its_clause(policy: Policy, clause_id: str, language: str) -> None:
    lead, text = policy.leads[clause_id][language], policy.get_unit(clause_id, language).text
    for kind, pattern in _FACTS.items():
        for fact in pattern.findall(lead):
            assert fact in text, f"{kind} {fact!r}"


@pytest.mark.parametrize("clause_id", [clause_id for clause_id, language in _CASES if language == "en"])
def test_names_of_an_english_lead_stand_in_its_clause(policy: Policy, clause_id: str) -> None:
    text = policy.get_unit(clause_id, "en").text
    assert [name for name in _NAME.findall(policy.leads[clause_id]["en"]) if name not in text] == []


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
    # "Never a yes or a no beyond the text": the policy states rules, it does not judge a customer's case.
    lead = policy.leads[clause_id][language]
    banned = (
        r"^(はい|いいえ)|必ず|絶対|ご安心|大丈夫" if language == "ja" else r"^(Yes|No)\b|guarantee|rest assured|never"
    )
    assert not re.search(banned, lead)


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
