"""Which label a text belongs to: regularised least squares over all wordings' features.

A closed-form classifier (Rifkin & Klautau, "In Defense of One-Vs-All Classification", 2004): as good here as logistic
regression (docs/retrieval.md), trained in seconds, the same for the same data, and with exact leave-one-out scores,
which is what the abstainer needs: each wording scored as if it had never been seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
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

    def save(self, folder: Path) -> None:
        """Write it as arrays into a folder that exists."""
        np.save(folder / "weights.npy", self.weights)
        np.save(folder / "bias.npy", self.bias)

    @classmethod
    def load(cls, folder: Path) -> LabelClassifier:
        """Read what `save` wrote. A text touches a few hundred rows of the weights: the rest need not be in memory."""
        return cls(map_array(folder / "weights.npy"), np.load(folder / "bias.npy"))


def map_array(path: Path) -> Any:  # noqa: ANN401  of any type and shape
    """An array in a file, mapped: it is in memory as far as it is used, and the system may take that back."""
    return np.asarray(np.load(path, mmap_mode="r"))


@dataclass(frozen=True, slots=True)
class Kernel:
    """Texts as the rows of one sparse `matrix` (n, features), and their inner products, `gram` (n, n) float32."""

    matrix: Any  # scipy's sparse types are untyped
    gram: Floats

    @classmethod
    def compute(cls, vectors: Sequence[SparseVector], features: int) -> Kernel:
        """Compute once what each fit on these texts, or on some of them, needs."""
        matrix = _stack(vectors, features)
        return cls(matrix, (matrix @ matrix.T).toarray())

    def take(self, rows: Sequence[int]) -> Kernel:
        """The same for some of the texts."""
        return Kernel(self.matrix[list(rows)], self.gram[np.ix_(rows, rows)])


def fit_classifier(kernel: Kernel, targets: Floats, ridge: float) -> tuple[LabelClassifier, LeaveOneOut]:
    """Fit on n texts. `targets` is (n, labels) in 0..1; `ridge` > 0 is the regularisation.

    Returns: the classifier, and what computes its leave-one-out scores when they are wanted.
    """
    from scipy.linalg import lapack

    gram = np.array(kernel.gram, order="F")
    gram[np.diag_indices_from(gram)] += ridge
    # Single precision: twice as fast at half the memory, and a ridge of this size keeps the matrix well conditioned.
    factor, failed = lapack.spotrf(gram, lower=True, overwrite_a=True)
    if failed:
        raise np.linalg.LinAlgError("the Gram matrix is not positive definite: is the ridge above 0?")
    bias = targets.mean(axis=0)
    dual, _ = lapack.spotrs(factor, np.asfortranarray(targets - bias), lower=True)
    weights = np.asarray(kernel.matrix.T @ dual, dtype=np.float16)
    return LabelClassifier(weights, bias.astype(np.float32)), LeaveOneOut(factor, dual, targets, bias)


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """Exact leave-one-out scores of a fitted classifier, from the Cholesky `factor` of its regularised Gram matrix."""

    factor: Floats
    dual: Floats
    targets: Floats
    bias: Floats

    def score(self) -> Floats:
        """Scores (n, labels) float32, row i from all texts but i. Consumes the factor: once only."""
        from scipy.linalg import lapack

        ones = np.ones((len(self.targets), 1), dtype=np.float32, order="F")
        sums, _ = lapack.spotrs(self.factor, ones, lower=True)
        # The inverse's diagonal without the inverse: A = L Lᵀ, so (A⁻¹)ᵢᵢ is the sum of squares of L⁻¹'s column i.
        triangle, _ = lapack.strtri(self.factor, lower=True, overwrite_c=True)
        diagonal = np.array([column @ column for column in (triangle[row:, row] for row in range(len(triangle)))])
        # The mean of the others replaces the bias: without row i it moves by (targets[i] - bias) / (n - 1).
        moved = sums * (self.targets - self.bias) / max(len(self.targets) - 1, 1)
        return np.asarray(self.targets - (self.dual + moved) / diagonal[:, None], dtype=np.float32)


def _stack(vectors: Sequence[SparseVector], features: int) -> Any:  # noqa: ANN401  scipy's sparse types are untyped
    """The texts as the rows of one sparse matrix, (n, features) float32."""
    # scikit-learn brings scipy, and both only at build time: serving never comes here.
    from scipy.sparse import csr_matrix

    rows = np.cumsum([0] + [len(vector.ids) for vector in vectors])
    weights = np.concatenate([vector.weights for vector in vectors])
    columns = np.concatenate([vector.ids for vector in vectors])
    return csr_matrix((weights, columns, rows), shape=(len(vectors), features), dtype=np.float32)
