from __future__ import annotations

import numpy as np
import pytest

from knowledge.abstainer import SIGNALS, Abstainer, fit_abstainer


def _abstainer(bias: float = 0.0, threshold: float = 0.5) -> Abstainer:
    size = 2
    mean, scale = np.zeros(size, dtype=np.float32), np.ones(size, dtype=np.float32)
    return Abstainer(mean, scale, np.array([1.0, -2.0], dtype=np.float32), bias, threshold)


@pytest.mark.parametrize(
    ("signals", "bias", "probability"),
    [((0, 0), 0.0, 0.5), ((2, 0), 0.0, 0.8808), ((0, 1), 0.0, 0.1192), ((0, 0), 3.0, 0.9526), ((1, 1), 1.0, 0.5)],
)
def test_probability_is_logistic(signals: tuple[float, float], bias: float, probability: float) -> None:
    assert _abstainer(bias).probability(np.array(signals, dtype=np.float32)) == pytest.approx(probability, abs=1e-4)


def test_probability_scales_signals_first() -> None:
    scaled = Abstainer(
        mean=np.array([10.0], dtype=np.float32),
        scale=np.array([5.0], dtype=np.float32),
        weights=np.array([1.0], dtype=np.float32),
        bias=0.0,
        threshold=0.5,
    )
    assert scaled.probability(np.array([15.0], dtype=np.float32)) == pytest.approx(1 / (1 + np.exp(-1)))


@pytest.mark.parametrize("extreme", [-1e3, 1e3])
def test_probability_stays_between_nought_and_one_when_signals_are_extreme(extreme: float) -> None:
    probability = _abstainer().probability(np.array([extreme, 0], dtype=np.float32))
    assert 0 <= probability <= 1


def _sample(texts: int, seed: int) -> tuple[np.ndarray, list[bool], list[bool]]:
    """Signals whose first column speaks for a right answer, the rest noise; half of the texts are answerable."""
    chance = np.random.default_rng(seed)
    answerable = [row % 2 == 0 for row in range(texts)]
    right = [known and bool(chance.random() < 0.9) for known in answerable]
    signals = chance.normal(size=(texts, len(SIGNALS))).astype(np.float32)
    signals[:, 0] += 2 * np.array(right)
    return signals, right, answerable


def test_fit_learns_which_signal_speaks_for_a_right_answer() -> None:
    fitted = fit_abstainer(*_sample(400, seed=1), error=0.05)
    assert int(np.argmax(np.abs(fitted.weights))) == 0
    assert fitted.weights[0] > 0
    assert fitted.weights.shape == fitted.mean.shape == fitted.scale.shape == (len(SIGNALS),)


@pytest.mark.parametrize("error", [0.0, 0.05, 0.1, 0.5])
@pytest.mark.parametrize("texts", [20, 60, 61, 400])
def test_threshold_lets_at_most_the_accepted_share_of_unanswerable_texts_through(texts: int, error: float) -> None:
    signals, right, answerable = _sample(texts, seed=texts)
    fitted = fit_abstainer(signals, right, answerable, error)
    negatives = [row for row, known in zip(signals, answerable, strict=True) if not known]
    through = sum(fitted.probability(row) >= fitted.threshold for row in negatives)
    assert through == int(error * len(negatives))  # no more, and no stricter than asked for


def test_threshold_stops_all_of_a_tie_when_not_all_may_pass() -> None:
    signals, right, answerable = _sample(40, seed=2)
    signals[[row for row, known in enumerate(answerable) if not known]] = 0.3
    fitted = fit_abstainer(signals, right, answerable, 0.05)
    assert fitted.probability(np.full(len(SIGNALS), 0.3, dtype=np.float32)) < fitted.threshold


def test_threshold_is_a_half_when_there_is_nothing_unanswerable() -> None:
    signals, right, _ = _sample(40, seed=3)
    assert fit_abstainer(signals, right, [True] * 40, 0.05).threshold == 0.5


def test_fit_survives_a_signal_that_never_changes() -> None:
    signals, right, answerable = _sample(60, seed=4)
    signals[:, 5] = 1.0
    fitted = fit_abstainer(signals, right, answerable, 0.05)
    assert np.isfinite(fitted.weights).all()
    assert 0 < fitted.probability(signals[0]) < 1
