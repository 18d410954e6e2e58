from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from knowledge.encoder import StaticEncoder, TransformerEncoder, unit
from knowledge.errors import EncoderUnavailableError
from knowledge.features import SparseVector

_SERVING = """
import json, sys
from pathlib import Path
from knowledge.answer import answer_question
from knowledge.bundle import Library

bundle = Library(Path(sys.argv[1])).bundle
questions = ("個人情報は何に使うの", "What is it used for?")
statuses = [answer_question(bundle, question).status.value for question in questions]
heavy = {"torch", "sklearn", "scipy", "sentence_transformers", "transformers", "tokenizers", "pandas"}
print(json.dumps({"statuses": statuses, "heavy": sorted(heavy & set(sys.modules))}))
"""


def _vector(ids: list[int]) -> SparseVector:
    return SparseVector(np.array(ids, dtype=np.int32), np.ones(len(ids), dtype=np.float32), 0.0)


class _Model:
    """A stand-in for SentenceTransformer that remembers what it was asked for."""

    made: list[tuple[str, str]] = []  # noqa: RUF012  emptied by the fixture

    def __init__(self, name: str, device: str) -> None:
        self.made.append((name, device))

    def encode(self, texts: list[str], *, normalize_embeddings: bool) -> np.ndarray:
        assert normalize_embeddings
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float64)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> type[_Model]:
    """The sentence-transformers library replaced by a stand-in."""
    module: Any = ModuleType("sentence_transformers")
    module.SentenceTransformer = _Model
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    _Model.made.clear()
    return _Model


def test_static_vector_is_the_mean_direction_of_the_features() -> None:
    table = np.array([[3, 0], [0, 4], [5, 5]], dtype=np.float16)
    embedded = StaticEncoder(table).encode("", _vector([0, 1]))
    assert embedded == pytest.approx([0.6, 0.8])
    assert embedded.dtype == np.float32


def test_static_vector_is_all_zero_when_nothing_is_known() -> None:
    embedded = StaticEncoder(np.ones((3, 4), dtype=np.float16)).encode("?", _vector([]))
    assert embedded.tolist() == [0, 0, 0, 0]


def test_static_vector_does_not_overflow_when_many_float16_rows_are_added() -> None:
    table = np.full((2000, 2), 100, dtype=np.float16)  # their sum is beyond float16
    assert np.linalg.norm(StaticEncoder(table).encode("", _vector(list(range(2000))))) == pytest.approx(1)


@pytest.mark.parametrize(("vector", "expected"), [([3, 4], [0.6, 0.8]), ([0, 0], [0, 0])])
def test_unit_has_length_one_or_stays_nought(vector: list[float], expected: list[float]) -> None:
    assert unit(np.array(vector, dtype=np.float32)) == pytest.approx(expected)


def test_model_is_loaded_at_the_first_use_and_once(library: type[_Model]) -> None:
    encoder = TransformerEncoder("some/model")
    assert library.made == []
    assert encoder.encode("four", _vector([])).tolist() == [4, 1]
    assert encoder.encode_many(["a", "bb"]).tolist() == [[1, 1], [2, 1]]
    assert encoder.encode_many(["a"]).dtype == np.float32
    assert library.made == [("some/model", "cpu")]


def test_encoder_is_unavailable_when_the_library_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EncoderUnavailableError, match="some/model"):
        TransformerEncoder("some/model").encode("text", _vector([]))


@pytest.mark.parametrize("error", [OSError("no such model"), ValueError("bad config"), RuntimeError("broken weights")])
def test_encoder_is_unavailable_when_the_model_does_not_load(
    library: type[_Model], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(self: _Model, name: str, device: str) -> None:
        raise error

    monkeypatch.setattr(library, "__init__", fail)
    with pytest.raises(EncoderUnavailableError, match=str(error)):
        TransformerEncoder("some/model").encode_many(["text"])


def test_encoder_is_tried_again_when_it_was_unavailable(library: type[_Model], monkeypatch: pytest.MonkeyPatch) -> None:
    # A model folder may be mounted late: one failure is not remembered.
    encoder = TransformerEncoder("some/model")
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "sentence_transformers", None)
        with pytest.raises(EncoderUnavailableError):
            encoder.encode("text", _vector([]))
    assert encoder.encode("text", _vector([])).tolist() == [4, 1]


def test_serving_imports_nothing_of_the_training(small_index: Path, root: Path) -> None:
    # `import sentence_transformers` costs 13 s and 420 MB, scikit-learn 3 s.
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _SERVING, str(small_index)],
        cwd=root, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["heavy"] == []
    assert len(told["statuses"]) == 2
