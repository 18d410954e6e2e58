from __future__ import annotations

import pickle
import sys
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from knowledge import builder
from knowledge.builder import ACCEPTED_ERROR, build_retriever
from knowledge.bundle import Bundle, read_bundle, save_bundle
from knowledge.errors import EncoderUnavailableError
from knowledge.features import Indices, Vocabulary
from knowledge.policy import LANGUAGES, Policy
from knowledge.training import DIMENSIONS, reduce_weights, train_encoder
from knowledge.wordings import WITHIN_REQUESTS, Wording, load_wordings

_LABELS, _FEATURES = 6, 30


def _vocabulary(size: int) -> Vocabulary:
    names = [f"w:{number:03}" for number in range(size)]
    return Vocabulary({name: row for row, name in enumerate(names)}, np.ones(size, dtype=np.float32))


def _documents() -> tuple[list[Indices], list[int]]:
    """Texts of six labels: each draws from five features of its own and five that all share."""
    chance = np.random.default_rng(1)
    documents, labels = [], []
    for label in range(_LABELS):
        own = np.arange(label * 4, label * 4 + 4)
        for _ in range(8):
            ids = np.union1d(chance.choice(own, 2, replace=False), chance.choice(np.arange(24, 30), 3, replace=False))
            documents.append(ids.astype(np.int32))
            labels.append(label)
    return documents, labels


def _embed(table: npt.NDArray[Any], documents: list[Indices]) -> npt.NDArray[np.float64]:
    matrix = np.stack([table[ids].astype(np.float64).sum(axis=0) for ids in documents])
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def _margin(table: npt.NDArray[Any], documents: list[Indices], labels: list[int]) -> float:
    """Mean cosine within labels minus between them."""
    vectors = _embed(table, documents)
    cosines = vectors @ vectors.T
    same = np.equal.outer(labels, labels)
    return float(cosines[same & ~np.eye(len(labels), dtype=bool)].mean() - cosines[~same].mean())


@pytest.fixture(scope="module")
def start() -> npt.NDArray[np.float32]:
    return np.random.default_rng(2).normal(size=(_FEATURES, 16)).astype(np.float32)


def test_training_draws_texts_of_one_label_together(start: npt.NDArray[np.float32]) -> None:
    documents, labels = _documents()
    trained = train_encoder(documents, labels, _vocabulary(_FEATURES), start)
    assert trained.shape == start.shape
    assert trained.dtype == np.float16
    assert _margin(trained, documents, labels) > _margin(start, documents, labels) + 0.05


def test_training_gives_the_same_table_when_data_and_seed_are_the_same(start: npt.NDArray[np.float32]) -> None:
    documents, labels = _documents()
    one, other = (train_encoder(documents, labels, _vocabulary(_FEATURES), start) for _ in range(2))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, train_encoder(documents, labels, _vocabulary(_FEATURES), start, seed=8))


def test_training_leaves_its_start_as_it_was(start: npt.NDArray[np.float32]) -> None:
    documents, labels = _documents()
    before = start.copy()
    train_encoder(documents, labels, _vocabulary(_FEATURES), start)
    assert np.array_equal(start, before)


def test_training_passes_over_empty_texts_and_lonely_labels(start: npt.NDArray[np.float32]) -> None:
    documents, labels = _documents()
    empty = np.empty(0, dtype=np.int32)
    trained = train_encoder(
        [*documents, empty, empty, np.array([29], dtype=np.int32)], [*labels, 0, 6, 7], _vocabulary(_FEATURES), start
    )
    assert np.isfinite(trained).all()


@pytest.mark.parametrize(("labels", "width"), [(10, 10), (DIMENSIONS + 8, DIMENSIONS)])
def test_reduced_weights_have_unit_variance_and_at_most_the_wanted_width(labels: int, width: int) -> None:
    weights = np.random.default_rng(3).normal(size=(300, labels)).astype(np.float16)
    table = reduce_weights(weights, _vocabulary(300))
    assert table.shape == (300, width)
    assert table.dtype == np.float32
    assert table.std() == pytest.approx(1, abs=1e-3)


def test_reduced_weights_keep_the_angles_between_texts() -> None:
    # With as many directions as labels the projection is a rotation: cosines must not change.
    weights = np.random.default_rng(4).normal(size=(_FEATURES, 10)).astype(np.float16)
    documents, _ = _documents()
    before, after = (_embed(table, documents) for table in (weights, reduce_weights(weights, _vocabulary(_FEATURES))))
    assert after @ after.T == pytest.approx(before @ before.T, abs=1e-3)


def test_reduced_weights_are_scaled_by_rarity() -> None:
    weights = np.ones((2, 3), dtype=np.float16)
    vocabulary = Vocabulary({"w:a": 0, "w:b": 1}, np.array([1.0, 3.0], dtype=np.float32))
    table = reduce_weights(weights, vocabulary)
    assert np.linalg.norm(table[1]) == pytest.approx(3 * np.linalg.norm(table[0]), rel=1e-3)


def test_built_retriever_knows_all_clauses_and_only_labels_of_its_language(bundle: Bundle, policy: Policy) -> None:
    for retriever in bundle.retrievers.values():
        names = [label.name for label in retriever.labels]
        assert tuple(names[: retriever.clauses]) == policy.clause_ids
        assert {label.kind for label in retriever.labels[retriever.clauses :]} == {"silent", "offtopic", "act"}
        assert len(set(retriever.labels)) == len(retriever.labels)
        # A bare "ask_policy" or "howto" says nothing of what is asked, nor does "why do you need that?" in a request.
        assert not {"ask_policy", "howto", "complaint", *WITHIN_REQUESTS} & set(names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_built_abstainer_keeps_its_error_on_texts_it_has_not_seen(
    bundle: Bundle, small_shop: Path, wordings: list[Wording], language: str
) -> None:
    # The threshold comes from left-out scores: it must hold on new wordings of the labels that were trained, from the
    # files they were taken from (other files hold other people, whom three wordings a topic do not represent).
    retriever = bundle.retrievers[language]
    names = {label.name for label in retriever.labels[retriever.clauses :]}
    seen = {row.text for row in load_wordings(small_shop / "wordings") if row.language == language}
    spoken = [row for row in wordings if row.language == language and not row.answerable]
    origins = {row.text: (row.silent or row.offtopic or row.intent, row.source) for row in spoken}
    trained = {(name, source) for text, (name, source) in origins.items() if text in seen and name in names}
    sure = [retriever.rank(text).is_sure for text in origins if text not in seen and origins[text] in trained]
    assert len(sure) > 100
    assert sum(sure) / len(sure) <= ACCEPTED_ERROR[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_built_index_answers_its_own_wordings(bundle: Bundle, small_shop: Path, language: str) -> None:
    rows = [row for row in load_wordings(small_shop / "wordings") if row.clauses and row.language == language]
    rankings = [bundle.retrievers[language].rank(row.text) for row in rows]
    right = [ranking.hits[0].clause_id in row.clauses for ranking, row in zip(rankings, rows, strict=True)]
    assert sum(right) / len(right) > 0.95
    assert sum(ranking.is_sure for ranking in rankings) / len(rankings) > 0.5


class _Pool:
    """A pool of processes that runs everything at once in this one, and tells what it was made for."""

    def __init__(self, workers: int, mp_context: Any, initializer: Any = None) -> None:
        assert mp_context.get_start_method() == "spawn"  # a fork would copy the threads' locks of this process
        self.workers, self.initializer = workers, initializer

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    map = staticmethod(map)


def test_languages_are_trained_side_by_side_with_the_same_wordings(
    policy: Policy, few: list[Wording], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trained: list[Any] = []

    def build(*given: Any, encoder_name: str, progress: Any) -> str:
        progress(f"{given[2]}: begun")
        trained.append((*given, encoder_name))
        return f"retriever of {given[2]}"

    monkeypatch.setattr(builder, "build_retriever", build)
    monkeypatch.setattr(builder, "ProcessPoolExecutor", _Pool)
    found = builder.build_retrievers(policy, few, encoder_name="letters")
    assert found == {language: f"retriever of {language}" for language in LANGUAGES}
    assert trained == [(policy, few, language, "letters") for language in LANGUAGES]
    streams = capsys.readouterr()
    assert streams.err == "index: ja: begun\nindex: en: begun\n"  # what is told is no data
    assert streams.out == ""


def test_training_of_a_language_can_be_sent_to_another_process(policy: Policy, few: list[Wording]) -> None:
    sent = pickle.dumps(partial(builder.build_retriever, policy, few, encoder_name="", progress=builder.report))
    received = pickle.loads(sent)
    assert received.args == (policy, few)


class _Hashing:
    """A stand-in for a sentence-transformers model: letters counted, no training, no download."""

    def __init__(self, name: str, device: str) -> None:  # noqa: ARG002  the library's signature
        if name != "letters":
            raise OSError(f"{name} is not a model")

    def encode(self, texts: list[str], *, normalize_embeddings: bool) -> npt.NDArray[np.float32]:  # noqa: ARG002
        matrix = np.full((len(texts), 64), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for char in text:
                matrix[row, ord(char) % 64] += 1
        return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


@pytest.fixture
def few(small_shop: Path) -> list[Wording]:
    """A handful of wordings: a model given by name needs no more to show that it is used."""
    return [row for row in load_wordings(small_shop / "wordings") if row.clauses or row.silent][::4]


def _build(policy: Policy, few: list[Wording], name: str) -> Bundle:
    retrievers = {
        language: build_retriever(policy, few, language, encoder_name=name, progress=lambda _: None)
        for language in ("ja", "en")
    }
    return Bundle(policy, retrievers, "0" * 64)


def test_index_is_built_and_read_with_a_given_model(
    policy: Policy, few: list[Wording], shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module: Any = ModuleType("sentence_transformers")
    module.SentenceTransformer = _Hashing
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    folder = save_bundle(_build(policy, few, "letters"), shop, tmp_path, "letters")
    assert not (folder / "ja" / "encoder.npy").exists()
    assert read_bundle(folder).retrievers["ja"].rank(few[0].text).hits

    # Serving: the model is not touched while the bundle is read, and its absence has a name.
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    served = read_bundle(folder)
    with pytest.raises(EncoderUnavailableError, match="letters"):
        served.retrievers["ja"].rank("個人情報")


def test_building_fails_when_the_given_model_does_not_exist(
    policy: Policy, few: list[Wording], monkeypatch: pytest.MonkeyPatch
) -> None:
    module: Any = ModuleType("sentence_transformers")
    module.SentenceTransformer = _Hashing
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    with pytest.raises(EncoderUnavailableError, match="is not a model"):
        _build(policy, few, "nonsense")
