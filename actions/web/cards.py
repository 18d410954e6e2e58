"""Citations as cards: one a parent clause with its items inside, at most three, best first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from knowledge.citation import Citation, verify_citation
from knowledge.highlight import Piece, find_telling
from knowledge.policy import PolicyText

MOST_CARDS = 3


@dataclass(frozen=True, slots=True)
class Quote:
    """One quoted unit inside a card; `pieces` joined are the quote, `pieces_en` its English rendering or nothing."""

    clause_id: str
    item: str
    pieces: tuple[Piece, ...]
    pieces_en: tuple[Piece, ...]
    url: str

    @property
    def text(self) -> str:
        """The quote, verbatim."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def text_en(self) -> str:
        """Its English rendering, "" where none was cited."""
        return "".join(piece.text for piece in self.pieces_en)


@dataclass(frozen=True, slots=True)
class Card:
    """Quotes that stand under one clause."""

    section: str
    section_en: str
    version: str
    url: str
    quotes: tuple[Quote, ...]


def draw_cards(policy: PolicyText, citations: list[dict[str, Any]], question: str = "") -> list[Card]:
    """Group citations by version and section and order each card's quotes as in the policy.

    The words that answer `question` stand in pieces of their own.

    A citation of another version of the policy is drawn as it was stored: its link leads to that version.
    """
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for one in citations:
        top = one["item"].split(".")[0] if one["section"] == _rights(policy) else ""
        groups.setdefault((one["policy_version"], one["section"], top), []).append(one)
    return [_card(policy, group, question) for group in list(groups.values())[:MOST_CARDS]]


def verify_cards(policy: PolicyText, citations: list[dict[str, Any]]) -> None:
    """Check stored citations once more before they are shown. Raises: QuoteError: one is not in its policy version."""
    for one in citations:
        verify_citation(policy, Citation(**one))


def _rights(policy: PolicyText) -> str:
    """Heading of the one section whose numbered items are clauses in their own right; "" where a version has none."""
    first = policy.find_unit("rights.1")
    return first.section if first else ""


def _card(policy: PolicyText, group: list[dict[str, Any]], question: str) -> Card:
    order = {clause_id: place for place, clause_id in enumerate(policy.clause_ids)}
    quotes = sorted(group, key=lambda one: order.get(one["clause_id"], len(order)))
    return Card(
        section=group[0]["section"],
        section_en=group[0].get("section_en", ""),
        version=group[0]["policy_version"],
        url=group[0]["url"],
        quotes=tuple(
            Quote(
                clause_id=one["clause_id"],
                item=one["item"],
                pieces=_cut(policy, one["quote"], question, "ja"),
                pieces_en=_cut(policy, one.get("quote_en", ""), question, "en"),
                url=one["url"],
            )
            for one in quotes
        ),
    )


def _cut(policy: PolicyText, quote: str, question: str, language: str) -> tuple[Piece, ...]:
    if not question:
        return (Piece(quote),) if quote else ()
    return find_telling(quote, question, tuple(unit.text for unit in policy.units[language]))
