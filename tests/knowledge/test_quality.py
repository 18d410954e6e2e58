"""How good the real index is, held by floors: figures of `python -m knowledge evaluate` with room for chance.

The floors stand in `data/floors.toml`. They are there to notice a loss, not to be reached: raise them when the index
gets better, lower them only with a reason.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path

import pytest

from knowledge.bundle import Bundle, Library
from knowledge.errors import BundleMismatchError, BundleMissingError
from knowledge.evaluation import Measure, load_questions, measure_paraphrases, measure_part, run_questions
from knowledge.sources import hash_sources

pytestmark = pytest.mark.index

_ROOT = Path(__file__).parents[2]
_SHOP = _ROOT / "knowledge" / "policies" / "coverchord"
_FLOORS = tomllib.loads((Path(__file__).parent / "data" / "floors.toml").read_text("utf-8"))
_FILES = [path.stem for path in sorted((_SHOP / "development").glob("*.jsonl")) if not path.name.startswith("intents.")]
_PARAPHRASES = "paraphrases"  # stands beside the parts
_FIGURES = {
    "at_least": {
        "right clause first",
        "right clause in the first three",
        "right clause among those shown",
        "coverage: answerable answered",
        "precision of answered",
        "AUROC answerable",
    },
    "at_most": {"silent shown as answered", "off-topic shown as answered", "FPR at 95 % TPR"},
}
_PAIR_FIGURES = {"at_least": {"paraphrases: right clause first"}, "at_most": {"gap in points"}}
_CASES = [
    (file, part, kind, figure, bound)
    for file, parts in _FLOORS.items()
    for part, kinds in parts.items()
    for kind, figures in kinds.items()
    for figure, bound in figures.items()
]


@pytest.fixture(scope="module")
def real() -> Bundle:
    """The index in service. Only an index of the present sources tells anything about them."""
    try:
        bundle = Library(_ROOT / ".madoguchi" / "knowledge").bundle
    except BundleMissingError:
        return _miss("no index in .madoguchi/knowledge")
    except BundleMismatchError as error:
        return _miss(str(error))
    if bundle.built_from != hash_sources(_SHOP, ""):
        return _miss("the index in .madoguchi/knowledge was built from other sources")
    return bundle


def _miss(reason: str) -> Bundle:
    if os.environ.get("MADOGUCHI_REQUIRE_INDEX") == "1":
        pytest.fail(f"{reason}, and MADOGUCHI_REQUIRE_INDEX=1")
    pytest.skip(f"{reason}: run `python -m knowledge build`")


@pytest.fixture(scope="module")
def figures(real: Bundle) -> dict[tuple[str, str, str], Measure]:
    """Every figure by file, part and name; paraphrases stand apart from their originals."""
    found = {}
    for file in _FILES:
        outcomes = run_questions(real, load_questions(_SHOP / "development" / f"{file}.jsonl"))
        originals = [one for one in outcomes if not one.question.paraphrase_of]
        for part in {one.question.part for one in originals}:
            measures = measure_part([one for one in originals if one.question.part == part])
            found.update({(file, part, one.name): one for one in measures})
        found.update({(file, _PARAPHRASES, one.name): one for one in measure_paraphrases(outcomes)})
    return found


@pytest.mark.parametrize(("file", "part", "kind", "figure", "bound"), _CASES)
def test_figure_keeps_its_floor(
    figures: dict[tuple[str, str, str], Measure], file: str, part: str, kind: str, figure: str, bound: float
) -> None:
    measure = figures[file, part, figure]
    value = measure.share.value if measure.share else measure.value
    told = f"{figure}: {value:.3f} of {measure.share.n if measure.share else measure.n}, bound {bound}"
    assert value >= bound if kind == "at_least" else value <= bound, told


@cache
def _parts(file: str) -> frozenset[str]:
    return frozenset(question.part for question in load_questions(_SHOP / "development" / f"{file}.jsonl"))


@pytest.mark.parametrize("file", _FILES)
def test_every_development_file_has_floors_for_all_its_parts(file: str) -> None:
    assert set(_FLOORS[file]) == {*_parts(file), _PARAPHRASES}
    for part, kinds in _FLOORS[file].items():
        wanted = _PAIR_FIGURES if part == _PARAPHRASES else _FIGURES
        assert {kind: set(figures) for kind, figures in kinds.items()} == wanted
