"""Citations as cards: one a parent clause with its items inside, at most three, best first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from knowledge.citation import Citation, verify_citation
from knowledge.policy import PolicyText

MOST_CARDS = 3


@dataclass(frozen=True, slots=True)
class Quote:
    """One quoted unit inside a card."""

    clause_id: str
    item: str
    text: str
    text_en: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """Quotes that stand under one clause."""

    section: str
    section_en: str
    version: str
    url: str
    quotes: tuple[Quote, ...]


def draw_cards(policy: PolicyText, citations: list[dict[str, Any]]) -> list[Card]:
    """Group citations by version and section and order each card's quotes as in the policy.

    A citation of another version of the policy is drawn as it was stored: its link leads to that version.
    """
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for one in citations:
        top = one["item"].split(".")[0] if one["section"] == _rights(policy) else ""
        groups.setdefault((one["policy_version"], one["section"], top), []).append(one)
    return [_card(policy, group) for group in list(groups.values())[:MOST_CARDS]]


def verify_cards(policy: PolicyText, citations: list[dict[str, Any]]) -> None:
    """Check stored citations once more before they are shown. Raises: QuoteError: one is not in its policy version."""
    for one in citations:
        verify_citation(policy, Citation(**one))


def _rights(policy: PolicyText) -> str:
    """Heading of the one section whose numbered items are clauses in their own right; "" where a version has none."""
    first = policy.find_unit("rights.1")
    return first.section if first else ""


def _card(policy: PolicyText, group: list[dict[str, Any]]) -> Card:
    order = {clause_id: place for place, clause_id in enumerate(policy.clause_ids)}
    quotes = sorted(group, key=lambda one: order.get(one["clause_id"], len(order)))
    return Card(
        section=group[0]["section"],
        section_en=group[0].get("section_en", ""),
        version=group[0]["policy_version"],
        url=group[0]["url"],
        quotes=tuple(
            Quote(one["clause_id"], one["item"], one["quote"], one.get("quote_en", ""), one["url"]) for one in quotes
        ),
    )
