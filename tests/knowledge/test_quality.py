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
from knowledge.errors import BundleMissingError
from knowledge.evaluation import Share, load_questions, measure_part, run_questions
from knowledge.sources import hash_sources

pytestmark = pytest.mark.index

_ROOT = Path(__file__).parents[2]
_SHOP = _ROOT / "knowledge" / "policies" / "coverchord"
_FLOORS = tomllib.loads((Path(__file__).parent / "data" / "floors.toml").read_text("utf-8"))
_FILES = [path.stem for path in sorted((_SHOP / "development").glob("*.jsonl")) if not path.name.startswith("intents.")]
_FIGURES = {
    "at_least": {"right clause first", "right clause in the first three", "precision of answered"},
    "at_most": {"silent shown as answered"},
}
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
    if bundle.built_from != hash_sources(_SHOP, ""):
        return _miss("the index in .madoguchi/knowledge was built from other sources")
    return bundle


def _miss(reason: str) -> Bundle:
    if os.environ.get("MADOGUCHI_REQUIRE_INDEX") == "1":
        pytest.fail(f"{reason}, and MADOGUCHI_REQUIRE_INDEX=1")
    pytest.skip(f"{reason}: run `python -m knowledge build`")


@pytest.fixture(scope="module")
def shares(real: Bundle) -> dict[tuple[str, str, str], Share]:
    """Every share by file, part and figure; paraphrases stand apart from their originals."""
    found = {}
    for file in _FILES:
        originals = [one for one in load_questions(_SHOP / "development" / f"{file}.jsonl") if not one.paraphrase_of]
        for part in {question.part for question in originals}:
            outcomes = run_questions(real, [question for question in originals if question.part == part])
            found.update({(file, part, one.name): one.share for one in measure_part(outcomes) if one.share})
    return found


@pytest.mark.parametrize(("file", "part", "kind", "figure", "bound"), _CASES)
def test_figure_keeps_its_floor(
    shares: dict[tuple[str, str, str], Share], file: str, part: str, kind: str, figure: str, bound: float
) -> None:
    share = shares[file, part, figure]
    told = f"{figure}: {share.hits} of {share.n} = {share.value:.3f}, bound {bound}"
    assert share.value >= bound if kind == "at_least" else share.value <= bound, told


@cache
def _parts(file: str) -> frozenset[str]:
    return frozenset(question.part for question in load_questions(_SHOP / "development" / f"{file}.jsonl"))


@pytest.mark.parametrize("file", _FILES)
def test_every_development_file_has_floors_for_all_its_parts(file: str) -> None:
    assert set(_FLOORS[file]) == _parts(file)
    for kinds in _FLOORS[file].values():
        assert {kind: set(figures) for kind, figures in kinds.items()} == _FIGURES
