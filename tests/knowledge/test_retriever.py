from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.abstainer import SIGNALS
from knowledge.bundle import Bundle
from knowledge.features import SparseVector
from knowledge.policy import LANGUAGES
from knowledge.retriever import Label, Ranking, Retriever, Scores, compute_signals, softmax
from knowledge.wordings import Wording

_BROKEN = st.one_of(
    st.text(max_size=80),  # with lone surrogates, controls and everything else
    st.text("個人情報 privacy\ud800\x00👍を?。ﷺ㌀'-@1", max_size=80),
)


def _check(ranking: Ranking, retriever: Retriever, limit: int) -> None:
    scores = [hit.score for hit in ranking.hits]
    assert len(ranking.hits) == limit
    assert len({hit.clause_id for hit in ranking.hits}) == limit
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert 0 <= ranking.sure <= 1
    assert ranking.covered + ranking.silent + ranking.elsewhere == pytest.approx(1, abs=1e-4)
    assert ranking.topic in retriever.labels[retriever.clauses :]


@settings(max_examples=150, deadline=None)
@given(text=_BROKEN, language=st.sampled_from(LANGUAGES))
def test_anything_typed_is_ranked(bundle: Bundle, text: str, language: str) -> None:
    retriever = bundle.retrievers[language]
    _check(retriever.rank(text), retriever, 5)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["個人情報" * 25_000, "ﷺ" * 10_000, "privacy " * 10_000, "😀" * 10_000, "a" * 100_000])
def test_texts_of_any_length_are_ranked(bundle: Bundle, language: str, text: str) -> None:
    retriever = bundle.retrievers[language]
    _check(retriever.rank(text), retriever, 5)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["", "   ", "。", "👍", "\x00", "\ud800", "ⵣⴰⵎⵖⴰ"])
def test_nothing_is_sure_when_no_feature_is_known(bundle: Bundle, language: str, text: str) -> None:
    ranking = bundle.retrievers[language].rank(text)
    assert ranking.sure == 0
    assert not ranking.is_sure


@pytest.mark.parametrize("limit", [1, 3, 41])
def test_at_most_the_wanted_number_of_clauses_is_given(bundle: Bundle, limit: int) -> None:
    retriever = bundle.retrievers["ja"]
    _check(retriever.rank("個人情報の利用目的は何ですか", limit), retriever, limit)


@pytest.mark.parametrize("language", LANGUAGES)
def test_new_wordings_find_their_clause_far_above_chance(
    bundle: Bundle, wordings: list[Wording], language: str
) -> None:
    # 250 of several thousand wordings are in the small index: a third of the rest right is no accident (chance: 2 %).
    asked = [row for row in wordings if row.language == language and row.clauses][::20]
    right = [bundle.retrievers[language].rank(row.text).hits[0].clause_id == row.clauses[0] for row in asked]
    assert sum(right) / len(right) > 0.33


@pytest.mark.parametrize(
    ("language", "question", "clause_id"),
    [
        ("ja", "ヤマト運輸に情報を渡していますか", "entrusted.1.1"),
        ("ja", "開示請求をしたいのですが", "rights.1"),
        ("ja", "生年月日は収集しますか", "collected.6"),
        ("en", "What is my information used for?", "purpose"),
        ("en", "Do you collect my date of birth?", "collected.6"),
    ],
)
def test_plain_questions_find_their_clause(bundle: Bundle, language: str, question: str, clause_id: str) -> None:
    assert bundle.retrievers[language].rank(question).hits[0].clause_id == clause_id


@pytest.mark.parametrize(
    ("language", "question", "kind"),
    [("ja", "クッキーは使っていますか", "silent"), ("en", "Do you use cookies on this site?", "silent")],
)
def test_topic_names_what_the_question_is_about_when_no_clause_is(
    bundle: Bundle, language: str, question: str, kind: str
) -> None:
    ranking = bundle.retrievers[language].rank(question)
    assert ranking.topic is not None
    assert (ranking.topic.kind, ranking.topic.name) == (kind, "cookies")
    assert not ranking.is_sure


def test_same_question_gives_the_same_ranking(bundle: Bundle) -> None:
    retriever = bundle.retrievers["ja"]
    assert retriever.rank("第三者に渡しますか") == retriever.rank("第三者に渡しますか")


def test_width_and_blanks_do_not_change_the_ranking(bundle: Bundle) -> None:
    retriever = bundle.retrievers["en"]
    assert retriever.rank("ＤＨＬ　gets  my name?") == retriever.rank("DHL gets my name?")


@pytest.mark.parametrize(
    ("hits", "sure", "threshold", "is_sure"), [(1, 0.7, 0.7, True), (1, 0.69, 0.7, False), (0, 0.9, 0.7, False)]
)
def test_ranking_is_sure_from_the_threshold_on(
    bundle: Bundle, hits: int, sure: float, threshold: float, is_sure: bool
) -> None:
    found = bundle.retrievers["ja"].rank("利用目的", 5).hits[:hits]
    assert Ranking(found, sure, threshold, 1, 0, 0, None).is_sure is is_sure


def _scores(classifier: list[float], dense: list[float], lexical: list[float]) -> Scores:
    vector = SparseVector(np.array([1, 4], dtype=np.int32), np.ones(2, dtype=np.float32), 0.25)
    arrays = [np.array(values, dtype=np.float32) for values in (classifier, dense, lexical)]
    return Scores(arrays[0], arrays[1], arrays[2], 0.8, vector)


def test_fused_scores_are_half_classifier_half_neighbours() -> None:
    scores = _scores([0.9, 0.1, 0.2], [0.5, 0.25, 0.25], [1, 1])
    assert scores.fused == pytest.approx(0.5 * softmax(scores.classifier) + 0.5 * scores.dense)
    assert scores.fused.sum() == pytest.approx(1)


def test_softmax_does_not_overflow_when_scores_are_large() -> None:
    assert softmax(np.array([1000.0, 0.0], dtype=np.float32)).tolist() == [1, 0]


def test_signals_stand_in_the_order_of_their_names() -> None:
    scores = _scores([0.9, 0.2, 0.4], [0.6, 0.1, 0.3], [2.0, 4.0])
    signals = dict(zip(SIGNALS, compute_signals(scores, clauses=2).tolist(), strict=True))
    fused = scores.fused
    assert signals == pytest.approx(
        {
            "classifier: best clause": 0.9,
            "classifier: best clause - best silent or off-topic label": 0.5,
            "classifier: best - second clause": 0.7,
            "classifier: sum of clauses in its softmax": float(softmax(scores.classifier)[:2].sum()),
            "neighbours: share of answered ones": 0.7,
            "neighbours: share of the chosen clause": 0.6,
            "neighbours: best cosine": 0.8,
            "neighbours and classifier choose the same clause": 1.0,
            "fused: share of the chosen clause among clauses": float(fused[0] / fused[:2].sum()),
            "clause text: its BM25 share of the best": 0.5,
            "share of words never seen": 0.25,
            "log of the number of features": float(np.log(3)),
        },
        abs=1e-5,
    )


def test_signals_are_finite_when_no_word_of_the_clauses_occurs_and_no_other_label_exists() -> None:
    signals = compute_signals(_scores([0.9, 0.2], [0, 0], [0, 0]), clauses=2)
    assert np.isfinite(signals).all()


def test_labels_of_a_retriever_are_hashable_values() -> None:
    assert Label("silent", "cookies") == Label("silent", "cookies")
    assert len({Label("silent", "cookies"), Label("offtopic", "cookies")}) == 2
