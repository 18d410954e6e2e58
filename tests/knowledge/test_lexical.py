from __future__ import annotations

import math

import numpy as np
import pytest

from knowledge.features import extract_features
from knowledge.lexical import K1, B, LexicalIndex
from knowledge.policy import Policy


def _bm25(question: set[str], document: list[str], documents: list[list[str]]) -> float:
    """The formula as Robertson & Zaragoza print it (2009, equation 3.15), with Lucene's non-negative idf."""
    average = sum(map(len, documents)) / len(documents)
    total = 0.0
    for term in question:
        found = sum(term in other for other in documents)
        idf = math.log(1 + (len(documents) - found + 0.5) / (found + 0.5))
        frequency = document.count(term)
        total += idf * frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * len(document) / average))
    return total


def test_scores_are_bm25() -> None:
    documents = [["w:a", "w:a", "s:1"], ["w:a", "w:b"], ["w:c", "o:x", "w:d", "w:e", "w:f"]]
    question = ["w:a", "o:x", "w:unseen"]
    expected = [_bm25({"w:a", "o:x"}, document, documents) for document in documents]
    assert LexicalIndex.build(documents).score(question) == pytest.approx(expected, abs=1e-5)


def test_grams_and_pairs_are_left_out() -> None:
    index = LexicalIndex.build([["w:a", "c:ab", "p:a_b", "s:1", "o:x"]])
    assert set(index.index) == {"w:a", "s:1", "o:x"}


def test_a_repeated_term_of_the_question_counts_once() -> None:
    index = LexicalIndex.build([["w:a", "w:b"], ["w:b"]])
    assert index.score(["w:a"] * 3).tolist() == index.score(["w:a"]).tolist()


@pytest.mark.parametrize("question", [[], ["w:unseen"], ["c:ab"]])
def test_scores_are_zero_when_no_term_is_known(question: list[str]) -> None:
    scores = LexicalIndex.build([["w:a"], ["w:b"]]).score(question)
    assert scores.dtype == np.float32
    assert scores.tolist() == [0, 0]


def test_scores_stay_finite_when_a_document_is_empty() -> None:
    scores = LexicalIndex.build([["w:a"], [], ["c:ab"]]).score(["w:a"])
    assert scores[0] > 0
    assert scores[1:].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("question", "clause_id"),
    [
        ("ヤマト運輸", "entrusted.1.1"),
        ("生年月日", "collected.6"),
        ("クレームを言いたい", "rights.7"),  # the policy says 苦情: Sudachi's groups know
        ("改定されたらどう知らせるのか", "revision"),
    ],
)
def test_clause_is_found_by_its_own_words(policy: Policy, question: str, clause_id: str) -> None:
    documents = [extract_features(f"{unit.section} {unit.text}") for unit in policy.units["ja"]]
    scores = LexicalIndex.build(documents).score(extract_features(question))
    assert policy.clause_ids[int(np.argmax(scores))] == clause_id
