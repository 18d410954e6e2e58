"""Which label a text belongs to: regularised least squares over all wordings' features.

A closed-form classifier (Rifkin & Klautau, "In Defense of One-Vs-All Classification", 2004): as good here as logistic
regression (docs/retrieval.md), trained in seconds, the same for the same data, and with exact leave-one-out scores,
which is what the abstainer needs: each wording scored as if it had never been seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.features import Floats, SparseVector


@dataclass(frozen=True, slots=True)
class LabelClassifier:
    """`weights` (features, labels) float16, `bias` (labels,) float32; a score near 1 means "this label"."""

    weights: npt.NDArray[np.float16]
    bias: Floats

    def score(self, vector: SparseVector) -> Floats:
        """Scores of all labels, (labels,) float32, in the order of the bundle's labels."""
        rows = self.weights[vector.ids].astype(np.float32)
        return np.asarray(vector.weights @ rows + self.bias, dtype=np.float32)


def fit_classifier(
    vectors: Sequence[SparseVector], targets: Floats, features: int, ridge: float
) -> tuple[LabelClassifier, Floats]:
    """Fit on n texts. `targets` is (n, labels) in 0..1; `ridge` > 0 is the regularisation.

    Returns: the classifier and its leave-one-out scores, (n, labels) float32, row i from all texts but i.
    """
    gram = _gram(vectors, features)
    bias = targets.mean(axis=0)
    gram[np.diag_indices_from(gram)] += ridge
    inverse = np.linalg.inv(gram)
    dual = inverse @ (targets - bias)
    # The mean of the others replaces the bias: without row i it moves by (targets[i] - bias) / (n - 1).
    moved = inverse.sum(axis=1)[:, None] * (targets - bias) / max(len(targets) - 1, 1)
    leave_one_out = targets - (dual + moved) / np.diag(inverse)[:, None]
    weights = np.zeros((features, targets.shape[1]), dtype=np.float32)
    for row, vector in enumerate(vectors):
        weights[vector.ids] += np.outer(vector.weights, dual[row])
    return (
        LabelClassifier(weights.astype(np.float16), bias.astype(np.float32)),
        leave_one_out.astype(np.float32),
    )


def _gram(vectors: Sequence[SparseVector], features: int) -> npt.NDArray[np.float64]:
    """Inner products of all pairs, (n, n) float64."""
    # scikit-learn brings scipy, and both only at build time: serving never comes here.
    from scipy.sparse import csr_matrix

    indptr = np.cumsum([0] + [len(vector.ids) for vector in vectors])
    matrix = csr_matrix(
        (
            np.concatenate([vector.weights for vector in vectors]).astype(np.float64),
            np.concatenate([vector.ids for vector in vectors]),
            indptr,
        ),
        shape=(len(vectors), features),
    )
    return np.asarray((matrix @ matrix.T).toarray(), dtype=np.float64)
