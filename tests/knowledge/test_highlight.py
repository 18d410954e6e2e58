"""The words of a quote that tell why it was found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.highlight import find_telling
from knowledge.policy import Policy


def _mark(policy: Policy, clause_id: str, question: str, language: str = "ja") -> list[str]:
    texts = tuple(unit.text for unit in policy.units[language])
    pieces = find_telling(policy.get_unit(clause_id, language).text, question, texts)
    assert "".join(piece.text for piece in pieces) == policy.get_unit(clause_id, language).text
    return [piece.text for piece in pieces if piece.is_telling]


@pytest.mark.parametrize(
    ("clause_id", "question", "language", "telling"),
    [
        ("third_party", "名簿を他社に提供していませんか", "ja", "提供"),
        ("collected", "どんな情報を集めてますか？", "ja", "収集"),  # another word for it
        ("changes", "住所を訂正してほしい", "ja", "訂正"),
        ("third_party", "Do you ask for my consent first?", "en", "consent"),
    ],
)
def test_words_of_the_same_meaning_are_marked_when_asked(
    policy: Policy, clause_id: str, question: str, language: str, telling: str
) -> None:
    assert telling in _mark(policy, clause_id, question, language)


def test_what_every_clause_says_is_not_marked_when_asked(policy: Policy) -> None:
    assert "お客様" not in "".join(_mark(policy, "third_party", "お客様情報について教えてください"))
    assert not {"do", "we", "to"} & set(_mark(policy, "third_party", "What do we do to it?", "en"))


@pytest.mark.parametrize("question", ["", "。", "😀", "天気"])
def test_nothing_is_marked_when_nothing_is_shared(policy: Policy, question: str) -> None:
    assert _mark(policy, "third_party", question) == []


@given(quote=st.text(max_size=80), question=st.text(max_size=80))
def test_the_pieces_are_the_quote_when_joined(quote: str, question: str) -> None:
    pieces = find_telling(quote, question, (quote, "x"))
    assert "".join(piece.text for piece in pieces) == quote
    assert all(piece.text for piece in pieces)
