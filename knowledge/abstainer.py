"""Sure or not: a calibrated logistic model over several signals, not a threshold on one similarity.

Near-topic questions that the policy does not answer share their words with questions it does: a bare similarity tells
them apart hardly better than chance (AUROC .65, docs/retrieval.md). What helps is explicit negative labels (silent
topics, off-topic) and a model that has seen, for every wording, the scores it gets when it is left out of training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.features import Floats

SIGNALS = (
    "classifier: best clause",
    "classifier: best clause - best silent or off-topic label",
    "classifier: best - second clause",
    "classifier: sum of clauses in its softmax",
    "neighbours: share of answered ones",
    "neighbours: share of the chosen clause",
    "neighbours: best cosine",
    "neighbours and classifier choose the same clause",
    "fused: share of the chosen clause among clauses",
    "clause text: its BM25 share of the best",
    "share of words never seen",
    "log of the number of features",
)


@dataclass(frozen=True, slots=True)
class Abstainer:
    """Logistic regression: `mean`, `scale`, `weights` (len(SIGNALS),) float32 and `bias`.

    `threshold` is the probability from which an answer counts as sure; it was chosen on left-out scores at build.
    """

    mean: Floats
    scale: Floats
    weights: Floats
    bias: float
    threshold: float

    def probability(self, signals: Floats) -> float:
        """Probability, 0..1, that the best clause answers the question."""
        value = float(((signals - self.mean) / self.scale) @ self.weights) + self.bias
        return float(np.exp(-np.logaddexp(0.0, -value)))  # 1 / (1 + exp(-value)) without its overflow


def fit_abstainer(signals: Floats, right: Sequence[bool], answerable: Sequence[bool], error: float) -> Abstainer:
    """Fit on (n, len(SIGNALS)) left-out signals; `right` says whether the best clause was a right answer.

    The threshold lets at most the share `error` of the unanswerable texts through.
    """
    from sklearn.linear_model import LogisticRegression

    mean, scale = signals.mean(axis=0), signals.std(axis=0) + 1e-6
    model = LogisticRegression(C=1.0, max_iter=1000).fit((signals - mean) / scale, np.asarray(right))
    fitted = Abstainer(
        mean.astype(np.float32),
        scale.astype(np.float32),
        model.coef_[0].astype(np.float32),
        float(model.intercept_[0]),
        0.5,
    )
    negatives = sorted(fitted.probability(row) for row, known in zip(signals, answerable, strict=True) if not known)
    # Just above the highest one that must not pass: a quantile in between, or a tie, would let more through.
    threshold = float(np.nextafter(negatives[-1 - int(error * len(negatives))], np.inf)) if negatives else 0.5
    return Abstainer(fitted.mean, fitted.scale, fitted.weights, fitted.bias, threshold)
