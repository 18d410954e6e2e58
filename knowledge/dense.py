"""Nearest wordings by embedding: the only module that imports FAISS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from knowledge.features import Floats, Indices

EXACT_UP_TO = 30_000  # wordings; among more, only the cells around a question are searched (docs/performance.md)
CELL_SHARE = 1 / 16  # of the cells that are searched


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """Inner-product search over unit vectors; `labels` (n,) int32 is each vector's label number.

    Exact up to `EXACT_UP_TO` vectors; beyond, in an inverted file (FAISS IndexIVFFlat) of √n cells.
    """

    index: Any
    labels: Indices

    @classmethod
    def build(cls, vectors: Floats, labels: Sequence[int]) -> DenseIndex:
        """Index (n, d) float32 rows of unit length."""
        count, width = vectors.shape
        index: Any = faiss.IndexFlatIP(width)
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        if count > EXACT_UP_TO:
            cells = int(count**0.5)
            index = faiss.IndexIVFFlat(index, width, cells, faiss.METRIC_INNER_PRODUCT)
            index.nprobe = round(cells * CELL_SHARE)
            index.train(rows)
        index.add(rows)
        return cls(index, np.asarray(labels, dtype=np.int32))

    def search(self, query: Floats, limit: int, skip: int = -1) -> tuple[Floats, Indices]:
        """Return cosines (k,) and row numbers (k,) of the nearest wordings, best first, k ≤ `limit`.

        `skip` leaves one row out: a wording must not find itself when it is scored as if unseen.
        """
        # One text gains nothing from a second thread, and waits for it: on a busy machine 76 ms instead of 1. How many
        # there are is each thread's own setting, and whoever serves asks from many.
        faiss.omp_set_num_threads(1)
        scores, rows = self.index.search(query.reshape(1, -1), limit + 1)
        kept = (rows[0] >= 0) & (rows[0] != skip)
        return scores[0][kept][:limit], rows[0][kept][:limit].astype(np.int32)

    def save(self, path: Path) -> None:
        """Write the index and its labels beside each other."""
        faiss.write_index(self.index, str(path))
        np.save(path.with_suffix(".labels.npy"), self.labels)

    @classmethod
    def load(cls, path: Path) -> DenseIndex:
        """Read what `save` wrote. Raises RuntimeError or OSError on damage."""
        return cls(faiss.read_index(str(path)), np.load(path.with_suffix(".labels.npy")))


def vote(scores: Floats, rows: Indices, labels: Indices, size: int, sharpness: float) -> Floats:
    """Turn neighbours into label scores, (size,) float32 that sum to 1: a softmax-weighted vote.

    `sharpness` (per unit of cosine) says how fast a farther neighbour's vote fades.
    """
    votes = np.zeros(size, dtype=np.float32)
    if len(rows):
        weights = np.exp(sharpness * (scores - scores[0]))
        np.add.at(votes, labels[rows], weights / weights.sum())
    return votes
