from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from knowledge import dense
from knowledge.dense import DenseIndex, vote


@pytest.fixture(scope="module")
def vectors() -> npt.NDArray[np.float32]:
    raw = np.random.default_rng(1).normal(size=(50, 8)).astype(np.float32)
    return raw / np.linalg.norm(raw, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def index(vectors: npt.NDArray[np.float32]) -> DenseIndex:
    return DenseIndex.build(vectors, [row % 5 for row in range(len(vectors))])


def test_search_finds_what_comparing_with_all_finds(index: DenseIndex, vectors: npt.NDArray[np.float32]) -> None:
    for query in vectors[:10]:
        scores, rows = index.search(query, 7)
        order = np.argsort(-(vectors @ query))[:7]
        assert rows.tolist() == order.tolist()
        assert scores == pytest.approx((vectors @ query)[order], abs=1e-5)


def test_row_does_not_find_itself_when_skipped(index: DenseIndex, vectors: npt.NDArray[np.float32]) -> None:
    _, with_itself = index.search(vectors[3], 4)
    _, without = index.search(vectors[3], 4, skip=3)
    assert with_itself[0] == 3
    assert without.tolist() == index.search(vectors[3], 5)[1][1:].tolist()


@pytest.mark.parametrize(("limit", "skip", "found"), [(50, -1, 50), (500, -1, 50), (500, 0, 49), (1, 0, 1)])
def test_search_gives_at_most_what_there_is(
    index: DenseIndex, vectors: npt.NDArray[np.float32], limit: int, skip: int, found: int
) -> None:
    scores, rows = index.search(vectors[0], limit, skip)
    assert len(scores) == len(rows) == found
    assert rows.min() >= 0  # FAISS fills up with -1


def test_search_gives_finite_scores_when_the_query_is_all_zero(index: DenseIndex) -> None:
    scores, _ = index.search(np.zeros(8, dtype=np.float32), 3)
    assert scores.tolist() == [0, 0, 0]


def test_among_very_many_nearly_the_same_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    centres = chance.normal(size=(40, 16))
    raw = (centres[chance.integers(40, size=4000)] + 0.4 * chance.normal(size=(4000, 16))).astype(np.float32)
    vectors = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    exact = DenseIndex.build(vectors, [0] * len(vectors))
    monkeypatch.setattr(dense, "EXACT_UP_TO", 1000)
    DenseIndex.build(vectors, [0] * len(vectors)).save(tmp_path / "wordings.faiss")
    index = DenseIndex.load(tmp_path / "wordings.faiss")
    assert type(index.index) is not type(exact.index)
    shares = [
        len({*index.search(query, 10, row)[1].tolist()} & {*exact.search(query, 10, row)[1].tolist()}) / 10
        for row, query in enumerate(vectors[:100])
    ]
    assert np.mean(shares) > 0.8  # tests/benchmarks/growth.py says how much it is of real wordings
    assert all(row not in index.search(query, 10, row)[1] for row, query in enumerate(vectors[:100]))


def test_index_is_the_same_when_saved_and_loaded(
    index: DenseIndex, vectors: npt.NDArray[np.float32], tmp_path: Path
) -> None:
    index.save(tmp_path / "wordings.faiss")
    loaded = DenseIndex.load(tmp_path / "wordings.faiss")
    assert loaded.labels.tolist() == index.labels.tolist()
    assert loaded.search(vectors[9], 5)[1].tolist() == index.search(vectors[9], 5)[1].tolist()


@pytest.mark.parametrize("name", ["wordings.faiss", "wordings.labels.npy"])
def test_loading_fails_when_a_file_is_missing(index: DenseIndex, tmp_path: Path, name: str) -> None:
    index.save(tmp_path / "wordings.faiss")
    (tmp_path / name).unlink()
    with pytest.raises((RuntimeError, OSError)):
        DenseIndex.load(tmp_path / "wordings.faiss")


def test_loading_fails_when_the_index_is_cut_short(index: DenseIndex, tmp_path: Path) -> None:
    path = tmp_path / "wordings.faiss"
    index.save(path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RuntimeError):
        DenseIndex.load(path)


def test_vote_weighs_neighbours_by_a_softmax_of_their_cosines() -> None:
    labels = np.array([2, 0, 2], dtype=np.int32)
    votes = vote(np.array([0.9, 0.8, 0.7], dtype=np.float32), np.array([0, 1, 2], dtype=np.int32), labels, 4, 10.0)
    weights = np.exp([0.0, -1.0, -2.0])
    assert votes == pytest.approx(np.array([weights[1], 0, weights[0] + weights[2], 0]) / weights.sum(), abs=1e-6)
    assert votes.sum() == pytest.approx(1)


def test_vote_is_for_the_nearest_alone_when_very_sharp() -> None:
    labels = np.array([1, 0], dtype=np.int32)
    votes = vote(np.array([0.9, 0.1], dtype=np.float32), np.array([0, 1], dtype=np.int32), labels, 2, 1000.0)
    assert votes.tolist() == [0, 1]


def test_vote_is_all_zero_when_nothing_was_found() -> None:
    none = np.empty(0, dtype=np.float32)
    assert vote(none, none.astype(np.int32), np.array([0], dtype=np.int32), 3, 20.0).tolist() == [0, 0, 0]
