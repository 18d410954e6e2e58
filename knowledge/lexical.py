"""BM25 of a question against the clauses' own text (Robertson & Zaragoza 2009), in pure numpy.

The wordings do most of the work; the clause's own words are the one source that no author of wordings has filtered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.features import Floats

K1 = 1.2  # saturation of repeated terms
B = 0.6  # length normalisation: the units are short and of very different length


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """`index` maps a word or synonym feature to its row in `impact` (terms, documents) float32."""

    index: dict[str, int]
    impact: Floats

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> LexicalIndex:
        """Index documents given as features (`extract_features`); n-grams and pairs are left out."""
        counts = [Counter(filter(_is_term, document)) for document in documents]
        terms = sorted(set().union(*counts))
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float32)
        norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1.0))
        impact = np.zeros((len(terms), len(documents)), dtype=np.float32)
        for row, term in enumerate(terms):
            frequency = np.array([count[term] for count in counts], dtype=np.float32)
            found = int((frequency > 0).sum())
            idf = np.log(1 + (len(documents) - found + 0.5) / (found + 0.5))
            impact[row] = idf * frequency * (K1 + 1) / (frequency + norm)
        return cls({term: row for row, term in enumerate(terms)}, impact)

    def score(self, features: Sequence[str]) -> Floats:
        """BM25 of each document, (documents,) float32, ≥ 0, not bounded above."""
        rows = [self.index[term] for term in set(features) if term in self.index]
        return np.asarray(self.impact[rows].sum(axis=0), dtype=np.float32)


def _is_term(feature: str) -> bool:
    return feature.startswith(("w:", "s:", "o:"))
