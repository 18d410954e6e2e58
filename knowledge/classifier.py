"""Which label a text belongs to: regularised least squares over all wordings' features.

A closed-form classifier (Rifkin & Klautau, "In Defense of One-Vs-All Classification", 2004): as good here as logistic
regression (docs/retrieval.md), trained in seconds, the same for the same data, and with exact leave-one-out scores,
which is what the abstainer needs: each wording scored as if it had never been seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
    matrix = _stack(vectors, features)
    gram = (matrix @ matrix.T).toarray()
    gram[np.diag_indices_from(gram)] += ridge
    # Single precision: twice as fast at half the memory, and a ridge of this size keeps the matrix well conditioned.
    inverse = np.linalg.inv(gram)
    bias = targets.mean(axis=0)
    dual = inverse @ (targets - bias)
    # The mean of the others replaces the bias: without row i it moves by (targets[i] - bias) / (n - 1).
    moved = inverse.sum(axis=1)[:, None] * (targets - bias) / max(len(targets) - 1, 1)
    leave_one_out = targets - (dual + moved) / np.diag(inverse)[:, None]
    weights = np.asarray(matrix.T @ dual, dtype=np.float16)
    return LabelClassifier(weights, bias.astype(np.float32)), leave_one_out.astype(np.float32)


def _stack(vectors: Sequence[SparseVector], features: int) -> Any:  # noqa: ANN401  scipy's sparse types are untyped
    """The texts as the rows of one sparse matrix, (n, features) float32."""
    # scikit-learn brings scipy, and both only at build time: serving never comes here.
    from scipy.sparse import csr_matrix

    rows = np.cumsum([0] + [len(vector.ids) for vector in vectors])
    weights = np.concatenate([vector.weights for vector in vectors])
    columns = np.concatenate([vector.ids for vector in vectors])
    return csr_matrix((weights, columns, rows), shape=(len(vectors), features), dtype=np.float32)
