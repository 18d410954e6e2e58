from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.answer import Status
from knowledge.bundle import Bundle
from knowledge.evaluation import (
    Measure,
    Outcome,
    Question,
    Share,
    area_under_curve,
    false_positives_at,
    load_questions,
    measure_paraphrases,
    measure_part,
    measure_sections,
    run_questions,
)


def _outcome(
    clauses: str = "",
    ranked: str = "",
    *,
    kind: str = "",
    status: str = "not_covered",
    sure: float = 0.0,
    shown: str = "",
    name: str = "",
    of: str = "",
) -> Outcome:
    question = Question(
        id=name,
        part="tidy",
        language="ja",
        text="?",
        clauses=tuple(clauses.split()),
        kind=kind or ("answerable" if clauses else "silent"),
        paraphrase_of=of,
    )
    return Outcome(question, tuple(ranked.split()), tuple(shown.split()), Status(status), sure)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0000),  # 0 of 29 turned over
    ],
)
def test_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    assert Share(hits, n).interval == pytest.approx((low, high), abs=1e-4)


def test_share_of_nothing_is_not_a_number() -> None:
    share = Share(0, 0)
    assert math.isnan(share.value)
    assert all(math.isnan(bound) for bound in share.interval)


@settings(deadline=None)
@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_holds_the_share_and_stays_between_nought_and_one(counts: tuple[int, int]) -> None:
    share = Share(*counts)
    low, high = share.interval
    assert 0 <= low <= share.value + 1e-12
    assert share.value - 1e-12 <= high <= 1


@pytest.mark.parametrize(
    ("answerable", "other", "expected"),
    [
        ([0.9, 0.8], [0.2, 0.1], 1.0),
        ([0.1, 0.2], [0.8, 0.9], 0.0),
        ([0.5, 0.5], [0.5, 0.5], 0.5),  # ties count half
        ([0.9, 0.5], [0.5, 0.1], 0.875),
        ([0.9], [0.5, 0.95, 0.9], 0.5),
        ([0.3, 0.6, 0.6], [0.6], 1 / 3),
    ],
)
def test_auroc_counts_pairs_in_the_right_order(answerable: list[float], other: list[float], expected: float) -> None:
    outcomes = [_outcome("use", sure=sure) for sure in answerable]
    outcomes += [_outcome(kind=("silent", "offtopic")[row % 2], sure=sure) for row, sure in enumerate(other)]
    assert area_under_curve(outcomes) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("answerable", "other", "recall", "expected"),
    [
        ([0.9, 0.8, 0.7, 0.6], [0.65, 0.5, 0.1], 1.0, 1 / 3),
        ([0.9, 0.8, 0.7, 0.6], [0.65, 0.5, 0.1], 0.75, 0.0),
        ([0.9, 0.8, 0.7, 0.6], [0.7, 0.6, 0.1], 0.75, 1 / 3),  # as sure as the last one kept: let through
        ([0.5] * 20, [0.5, 0.4], 0.95, 0.5),
        ([0.1 * number for number in range(1, 21)], [0.15, 0.25], 0.95, 0.5),  # 19 of 20 are kept: from 0.2 on
    ],
)
def test_false_positives_are_counted_at_the_wanted_recall(
    answerable: list[float], other: list[float], recall: float, expected: float
) -> None:
    outcomes = [_outcome("use", sure=sure) for sure in answerable] + [_outcome(sure=sure) for sure in other]
    assert false_positives_at(outcomes, recall) == pytest.approx(expected)


@pytest.mark.parametrize("clauses", ["use", ""])
def test_curves_are_not_a_number_when_one_side_is_missing(clauses: str) -> None:
    outcomes = [_outcome(clauses, sure=0.5)]
    assert math.isnan(area_under_curve(outcomes))
    assert math.isnan(false_positives_at(outcomes, 0.95))


@pytest.mark.parametrize(
    ("clauses", "ranked", "first", "three", "acceptable"),
    [
        ("use purpose", "use purpose", True, True, True),
        ("use purpose", "purpose use", False, True, True),
        ("use", "a b use", False, True, False),
        ("use", "a b c use", False, False, False),
        ("use", "", False, False, False),
        ("", "use", False, False, False),
    ],
)
def test_outcome_tells_right_from_nearly_right(
    clauses: str, ranked: str, first: bool, three: bool, acceptable: bool
) -> None:
    outcome = _outcome(clauses, ranked)
    assert (outcome.first_right, outcome.in_top_three, outcome.acceptable) == (first, three, acceptable)


def _values(measures: list[Measure]) -> dict[str, tuple[int, int] | float]:
    return {
        measure.name: (measure.share.hits, measure.share.n) if measure.share else round(measure.value, 3)
        for measure in measures
    }


def test_part_is_measured_in_counts() -> None:
    outcomes = [
        _outcome("use", "use a", status="answered", sure=0.9, shown="use"),
        _outcome("use a", "a use", status="answered", sure=0.8, shown="a use"),
        _outcome("use", "a b use", status="answered", sure=0.7, shown="a"),
        _outcome("use", "a b c", sure=0.2, shown="a b c"),
        _outcome(status="answered", ranked="a", sure=0.75),
        _outcome(sure=0.1),
        _outcome(kind="offtopic", status="out_of_scope", sure=0.0),
    ]
    assert _values(measure_part(outcomes)) == {
        "right clause first": (1, 4),
        "right clause in the first three": (3, 4),
        "a right clause first": (2, 4),
        "right clause among those shown": (2, 4),
        "coverage: answerable answered": (3, 4),
        "precision of answered": (2, 4),  # a silent question answered is wrong, whatever was shown
        "silent shown as answered": (1, 2),
        "off-topic shown as answered": (0, 1),
        "AUROC answerable": 0.833,
        "FPR at 95 % TPR": 0.333,
    }


def test_paraphrases_are_measured_against_their_own_originals() -> None:
    outcomes = [
        _outcome("use", "use", name="1"),
        _outcome("use", "use", name="2"),
        _outcome("use", "a", name="3"),  # has no paraphrase: does not count
        _outcome("use", "use", name="4", of="1"),
        _outcome("use", "a", name="5", of="1"),
        _outcome("use", "a", name="6", of="2"),
        _outcome("use", "use", name="7", of="gone"),
    ]
    originals, paraphrases, gap = measure_paraphrases(outcomes)
    assert (originals.share, paraphrases.share) == (Share(3, 3), Share(1, 3))
    assert gap.value == pytest.approx(100 * 2 / 3)
    assert gap.n == 3


def test_gap_is_not_a_number_without_paraphrases() -> None:
    assert math.isnan(measure_paraphrases([_outcome("use", "use", name="1")])[2].value)


def test_sections_are_those_of_the_right_clause() -> None:
    outcomes = [
        _outcome("rights.1 use", "rights.1"),
        _outcome("rights.2.1", "use"),
        _outcome("collected.note", "collected.note"),
        _outcome("", "use"),
    ]
    assert _values(measure_sections(outcomes)) == {"rights": (1, 2), "collected": (1, 1)}


def test_questions_are_read_with_kind_and_language(tmp_path: Path, write_lines: Callable[..., None]) -> None:
    path = tmp_path / "regression.en.jsonl"
    write_lines(
        path,
        [
            {"id": "1", "part": "tidy", "q": "Why?", "clauses": ["purpose", "use"]},
            {"id": "2", "part": "realistic", "q": "Cookies?", "silent": "cookies"},
            {"id": "3", "part": "tidy", "q": "Sale?", "offtopic": "order", "paraphrase_of": "9"},
        ],
    )
    assert load_questions(path) == [
        Question("1", "tidy", "en", "Why?", ("purpose", "use"), "answerable", ""),
        Question("2", "realistic", "en", "Cookies?", (), "silent", ""),
        Question("3", "tidy", "en", "Sale?", (), "offtopic", "9"),
    ]


def test_questions_are_answered_as_the_desk_would(bundle: Bundle, small_shop: Path) -> None:
    questions = load_questions(small_shop / "development" / "ja.jsonl")[::10]
    outcomes = run_questions(bundle, questions)
    assert [outcome.question for outcome in outcomes] == questions
    assert {outcome.status for outcome in outcomes} >= {Status.ANSWERED, Status.NOT_COVERED}
    for outcome in outcomes:
        assert len(outcome.ranked) == 5
        assert not outcome.answered or outcome.shown[0] == outcome.ranked[0]
