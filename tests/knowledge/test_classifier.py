from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from knowledge.classifier import Kernel, LabelClassifier, fit_classifier
from knowledge.features import SparseVector

_FEATURES = 9


def _problem(texts: int, labels: int, seed: int) -> tuple[list[SparseVector], npt.NDArray[np.float32]]:
    """Random texts of a few features each, and targets as the builder makes them (1, .4 or 0)."""
    chance = np.random.default_rng(seed)
    vectors = []
    for _ in range(texts):
        ids = np.sort(chance.choice(_FEATURES, size=chance.integers(1, 5), replace=False)).astype(np.int32)
        weights = chance.random(len(ids)).astype(np.float32) + 0.1
        vectors.append(SparseVector(ids, weights / np.linalg.norm(weights), 0.0))
    targets = chance.choice([0.0, 0.4, 1.0], size=(texts, labels)).astype(np.float32)
    return vectors, targets


def _fit(vectors: list[SparseVector], targets: npt.NDArray[np.float32], ridge: float) -> LabelClassifier:
    return fit_classifier(Kernel.compute(vectors, _FEATURES), targets, ridge)[0]


def _leave_out(vectors: list[SparseVector], targets: npt.NDArray[np.float32], ridge: float) -> npt.NDArray[np.float32]:
    return fit_classifier(Kernel.compute(vectors, _FEATURES), targets, ridge)[1].score()


def _dense(vectors: list[SparseVector]) -> npt.NDArray[np.float64]:
    matrix = np.zeros((len(vectors), _FEATURES))
    for row, vector in enumerate(vectors):
        matrix[row, vector.ids] = vector.weights
    return matrix


@pytest.mark.parametrize(("texts", "ridge"), [(2, 1.0), (5, 1.0), (12, 0.3), (30, 2.0)])
def test_left_out_scores_are_those_of_refitting_without_the_text(texts: int, ridge: float) -> None:
    vectors, targets = _problem(texts, labels=3, seed=texts)
    left_out = _leave_out(vectors, targets, ridge)
    for row, vector in enumerate(vectors):
        others = [other for number, other in enumerate(vectors) if number != row]
        refitted = _fit(others, np.delete(targets, row, axis=0), ridge)
        # The served weights are float16, the left-out scores are not.
        assert left_out[row] == pytest.approx(refitted.score(vector), abs=3e-3)


@pytest.mark.parametrize(("texts", "ridge"), [(5, 1.0), (12, 0.3)])
def test_left_out_scores_are_exact_against_the_primal_solution(texts: int, ridge: float) -> None:
    vectors, targets = _problem(texts, labels=4, seed=7)
    left_out = _leave_out(vectors, targets, ridge)
    matrix = _dense(vectors)
    for row in range(texts):
        rest, wanted = np.delete(matrix, row, axis=0), np.delete(targets, row, axis=0).astype(np.float64)
        mean = wanted.mean(axis=0)
        weights = np.linalg.solve(rest.T @ rest + ridge * np.eye(_FEATURES), rest.T @ (wanted - mean))
        assert left_out[row] == pytest.approx(matrix[row] @ weights + mean, abs=1e-5)


def test_scores_are_those_of_ridge_regression() -> None:
    vectors, targets = _problem(20, labels=3, seed=1)
    fitted = _fit(vectors, targets, 1.0)
    matrix = _dense(vectors)
    mean = targets.mean(axis=0)
    weights = np.linalg.solve(matrix.T @ matrix + np.eye(_FEATURES), matrix.T @ (targets - mean))
    for row, vector in enumerate(vectors):
        score = fitted.score(vector)
        assert score.dtype == np.float32
        assert score == pytest.approx(matrix[row] @ weights + mean, abs=3e-3)


def test_score_is_the_mean_when_a_text_has_no_known_feature() -> None:
    vectors, targets = _problem(8, labels=2, seed=3)
    fitted = _fit(vectors, targets, 1.0)
    nothing = SparseVector(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32), 1.0)
    assert fitted.score(nothing) == pytest.approx(targets.mean(axis=0), abs=1e-6)


def test_texts_without_features_do_not_disturb_the_fit() -> None:
    vectors, targets = _problem(8, labels=2, seed=4)
    vectors[3] = SparseVector(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32), 1.0)
    left_out = _leave_out(vectors, targets, 1.0)
    assert np.isfinite(left_out).all()
    assert left_out[3] == pytest.approx(np.delete(targets, 3, axis=0).mean(axis=0), abs=1e-5)


def test_same_data_gives_the_same_weights() -> None:
    vectors, targets = _problem(10, labels=2, seed=5)
    one, other = (_fit(vectors, targets, 1.0) for _ in range(2))
    assert one.weights.dtype == np.float16
    assert one.weights.shape == (_FEATURES, 2)
    assert np.array_equal(one.weights, other.weights)


def test_kernel_holds_the_inner_products_of_the_texts() -> None:
    vectors, _ = _problem(6, labels=2, seed=8)
    kernel = Kernel.compute(vectors, _FEATURES)
    matrix = _dense(vectors)
    assert kernel.gram.dtype == np.float32
    assert kernel.gram == pytest.approx(matrix @ matrix.T, abs=1e-6)
    assert kernel.matrix.toarray() == pytest.approx(matrix, abs=1e-6)


def test_kernel_of_some_texts_fits_as_if_there_were_no_others() -> None:
    vectors, targets = _problem(14, labels=3, seed=9)
    rows = [0, 3, 4, 7, 8, 11, 13]
    taken, left_out = fit_classifier(Kernel.compute(vectors, _FEATURES).take(rows), targets[rows], 1.0)
    alone = [vectors[row] for row in rows]
    assert taken.weights == pytest.approx(_fit(alone, targets[rows], 1.0).weights, abs=2e-3)
    assert left_out.score() == pytest.approx(_leave_out(alone, targets[rows], 1.0), abs=1e-5)


def test_fitting_leaves_the_kernel_as_it_was() -> None:
    # The folds are taken from it after the fit on everything.
    vectors, targets = _problem(9, labels=2, seed=10)
    kernel = Kernel.compute(vectors, _FEATURES)
    before = kernel.gram.copy()
    fit_classifier(kernel, targets, 1.0)[1].score()
    assert np.array_equal(kernel.gram, before)


def test_fit_is_refused_when_the_ridge_is_not_above_zero() -> None:
    vectors, targets = _problem(_FEATURES + 3, labels=2, seed=11)
    with pytest.raises(np.linalg.LinAlgError, match="ridge"):
        _fit(vectors, targets, -1.0)
