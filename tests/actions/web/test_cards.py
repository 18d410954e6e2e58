"""Citations as cards: one a clause, best first, at most three."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.web.cards import MOST_CARDS, draw_cards
from knowledge.citation import cite
from knowledge.policy import Policy


def _cite(policy: Policy, *clauses: str, language: str = "ja") -> list[dict[str, str]]:
    return [cite(policy, clause, language).as_dict() for clause in clauses]


@pytest.mark.parametrize(
    ("clauses", "cards"),
    [
        ([], []),
        (["purpose"], [["purpose"]]),
        # items stand inside their clause, in the policy's order, whatever was found first
        (["purpose.2", "purpose", "purpose.1"], [["purpose", "purpose.1", "purpose.2"]]),
        (["collected.note", "collected.3", "collected"], [["collected", "collected.3", "collected.note"]]),
        (["entrusted.1.2", "entrusted.1", "entrusted"], [["entrusted", "entrusted.1", "entrusted.1.2"]]),
        # the numbered items of the rights are clauses of their own
        (["rights.1", "rights.1.1", "rights.6"], [["rights.1", "rights.1.1"], ["rights.6"]]),
        (["rights.4", "changes", "rights.6"], [["rights.4"], ["changes"], ["rights.6"]]),
        # best first, and no more than three
        (["security", "purpose", "use", "collected"], [["security"], ["purpose"], ["use"]]),
        (["purpose", "use", "security", "collected", "purpose.1"], [["purpose", "purpose.1"], ["use"], ["security"]]),
    ],
)
def test_citations_are_grouped_when_drawn(policy: Policy, clauses: list[str], cards: list[list[str]]) -> None:
    drawn = draw_cards(policy, _cite(policy, *clauses))
    assert [[quote.clause_id for quote in card.quotes] for card in drawn] == cards
    assert len(drawn) <= MOST_CARDS


def test_both_texts_are_on_the_card_when_the_answer_is_english(policy: Policy) -> None:
    (card,) = draw_cards(policy, _cite(policy, "purpose", language="en"))
    assert card.section == policy.get_unit("purpose").section
    assert card.section_en == policy.get_unit("purpose", "en").section
    assert card.quotes[0].text == policy.get_unit("purpose").text
    assert card.quotes[0].text_en == policy.get_unit("purpose", "en").text


def test_no_translation_is_on_the_card_when_the_answer_is_japanese(policy: Policy) -> None:
    (card,) = draw_cards(policy, _cite(policy, "purpose"))
    assert (card.section_en, card.quotes[0].text_en) == ("", "")
    assert card.url == f"/policy/{policy.version}#purpose"


def test_an_old_citation_is_drawn_as_stored_when_the_policy_has_changed(policy: Policy) -> None:
    # A transcript outlives a version: its quote must not be replaced by today's text.
    (one,) = _cite(policy, "purpose")
    old = {
        **one,
        "clause_id": "gone",
        "section": "むかしの見出し",
        "quote": "むかしの文",
        "policy_version": "1-00000000",
    }
    old["url"] = "/policy/1-00000000#gone"
    cards = draw_cards(policy, [old, one])
    assert [card.version for card in cards] == ["1-00000000", policy.version]
    assert (cards[0].quotes[0].text, cards[0].url) == ("むかしの文", "/policy/1-00000000#gone")


def test_citations_of_two_versions_are_two_cards_when_they_are_of_one_section(policy: Policy) -> None:
    # A card names one version and leads to it.
    (one,) = _cite(policy, "purpose")
    old = {**one, "quote": "むかしの文", "policy_version": "1-00000000", "url": "/policy/1-00000000#purpose"}
    cards = draw_cards(policy, [one, old])
    assert [(card.version, card.url, len(card.quotes)) for card in cards] == [
        (policy.version, one["url"], 1),
        ("1-00000000", "/policy/1-00000000#purpose", 1),
    ]


def test_cards_are_drawn_when_the_policy_has_no_section_of_rights(policy: Policy) -> None:
    without = replace(policy, units=dict.fromkeys(policy.units, ()))
    (card,) = draw_cards(without, _cite(policy, "rights.1", "rights.2"))
    assert [quote.clause_id for quote in card.quotes] == ["rights.1", "rights.2"]
