"""The pictures of `evaluate --plot`: their figures, and that they are drawn."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from knowledge.answer import Status
from knowledge.evaluation import Outcome, Question
from knowledge.plot import count_confusions, draw_plots, trace_risk


def make_outcome(sure: float, clauses: tuple[str, ...], ranked: str, status: Status = Status.ANSWERED) -> Outcome:
    kind = "answerable" if clauses else "silent"
    question = Question(f"q{sure}", "tidy", "ja", "?", clauses, kind, "")
    return Outcome(question, (ranked,), (ranked,), status, sure)


OUTCOMES = [
    make_outcome(0.9, ("rights.1",), "rights.1"),
    make_outcome(0.8, (), "contact"),
    make_outcome(0.7, ("rights.1",), "contact"),
    make_outcome(0.6, ("use",), "use"),
]


def test_risk_counts_wrong_answers_from_the_surest_down() -> None:
    assert trace_risk(OUTCOMES) == [(0.25, 0), (0.5, 0.5), (0.75, pytest.approx(2 / 3)), (1, 0.5)]


def test_confusions_are_counted_by_section_and_a_withheld_answer_is_none() -> None:
    withheld = make_outcome(0.1, (), "use", Status.NOT_COVERED)
    pairs = count_confusions([*OUTCOMES, withheld])
    assert pairs["rights", "rights"] == 1
    assert pairs["rights", "contact"] == 1
    assert pairs["silent", "contact"] == 1
    assert pairs["silent", "withheld"] == 1


def test_both_pictures_are_drawn_and_the_same_again(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib comes with tests/requirements.txt")
    first = [path.read_bytes() for path in draw_plots({"ja tidy": OUTCOMES}, tmp_path / "one")]
    again = [path.read_bytes() for path in draw_plots({"ja tidy": OUTCOMES}, tmp_path / "two")]
    assert first == again
    for picture in first:
        assert ElementTree.fromstring(picture).tag.endswith("svg")
