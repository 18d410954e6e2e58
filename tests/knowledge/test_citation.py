from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from knowledge.citation import Citation, cite, cite_all, verify_citation
from knowledge.errors import QuoteError
from knowledge.policy import LANGUAGES, Policy


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit_is_cited_whole(policy: Policy, language: str) -> None:
    for unit in policy.units["ja"]:
        citation = cite(policy, unit.clause_id, language)
        english = policy.get_unit(unit.clause_id, "en")
        assert (citation.section, citation.item, citation.quote) == (unit.section, unit.item, unit.text)
        assert citation.quote_en == ("" if language == "ja" else english.text)
        assert citation.section_en == ("" if language == "ja" else english.section)
        verify_citation(policy, citation)


def test_address_names_page_version_and_clause(policy: Policy) -> None:
    assert cite(policy, "use").url == f"/policy/{policy.version}#use"
    elsewhere = cite(policy, "rights.1.2", pages="https://example.com/p")
    assert elsewhere.url == f"https://example.com/p/{policy.version}#rights.1.2"


@pytest.mark.parametrize(
    "tampering",
    [
        {"quote": "当社は、お客様情報を必ず消去します。"},
        {"quote": "クッキー"},
        {"quote": ""},
        {"clause_id": "security"},
        {"clause_id": "rights.99"},
        {"clause_id": ""},
        {"policy_version": "1-00000000"},
        {"policy_version": ""},
        {"quote_en": "We always erase your data."},
    ],
)
def test_citation_is_refused_when_tampered_with(policy: Policy, tampering: dict[str, str]) -> None:
    citation = cite(policy, "rights.1", "en")
    verify_citation(policy, citation)
    with pytest.raises(QuoteError, match=re.escape(policy.version)):
        verify_citation(policy, replace(citation, **tampering))


def test_citation_of_a_part_is_accepted_and_of_another_clause_is_not(policy: Policy) -> None:
    part = replace(cite(policy, "rights.1"), quote="開示に必要な費用をご請求申し上げることがあります。")
    verify_citation(policy, part)
    with pytest.raises(QuoteError):
        verify_citation(policy, replace(part, clause_id="rights.3"))


def test_citation_is_checked_when_it_is_made(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    def blur(*args: Any, **fields: str) -> Citation:
        return Citation(*args, **{**fields, "quote": fields["quote"] + "ね"})

    monkeypatch.setattr("knowledge.citation.Citation", blur)
    with pytest.raises(QuoteError):
        cite(policy, "security")


def test_unknown_clause_cannot_be_cited(policy: Policy) -> None:
    with pytest.raises(KeyError):
        cite(policy, "rights.99")
    with pytest.raises(KeyError):
        cite_all(policy, ["security", "rights.99"], "ja", "/policy")


@pytest.mark.parametrize("language", LANGUAGES)
def test_several_units_are_cited_each_once_in_the_order_given(policy: Policy, language: str) -> None:
    citations = cite_all(policy, iter(["use", "security", "use", "contact", "security"]), language, "/p")
    assert [citation.clause_id for citation in citations] == ["use", "security", "contact"]
    assert citations == tuple(cite(policy, one, language, pages="/p") for one in ("use", "security", "contact"))
    assert cite_all(policy, [], language, "/p") == ()


def test_wire_form_has_english_fields_in_english_alone(policy: Policy) -> None:
    japanese = ["clause_id", "section", "item", "quote", "url", "policy_version"]
    assert list(cite(policy, "rights.1.2").as_dict()) == japanese
    english = cite(policy, "rights.1.2", "en").as_dict()
    assert list(english) == [*japanese, "section_en", "quote_en"]
    assert english["section"] == "お客様情報に関する事項"  # the Japanese heading stays: it is the policy's own
    assert english["section_en"] == "Matters concerning customer information"
