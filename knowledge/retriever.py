"""A question → clauses, best first, and how sure: classifier ⊕ nearest wordings ⊕ the clause's own words, calibrated.

One retriever a language; both point at the same clauses. Labels that are not clauses (silent topics, off-topic
themes, acts such as greeting) compete with the clauses on equal terms: a question that lies nearest to "how long do
you keep it" is silent because such questions were written down, not because a score was low.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from knowledge.abstainer import Abstainer
from knowledge.classifier import LabelClassifier
from knowledge.dense import DenseIndex, vote
from knowledge.encoder import Encoder
from knowledge.features import Floats, SparseVector, Vocabulary, extract_features
from knowledge.lexical import LexicalIndex
from knowledge.memo import remembered

NEIGHBOURS = 32  # wordings that vote
SHARPNESS = 20.0  # of the vote, per unit of cosine
TEMPERATURE = 8.0  # of the classifier's softmax: scores lie in 0..1
DENSE_SHARE = 0.5  # of the nearest wordings in the fused score

Kind = Literal["clause", "silent", "offtopic", "act"]


@dataclass(frozen=True, slots=True)
class Label:
    """What a text can be about. `name` is a clause id, a topic or an intent."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A clause found for a question. `score` is its share of the fused score, 0..1."""

    clause_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Clauses best first; `sure` is the probability that the first one answers.

    `covered`, `silent`, `elsewhere` are shares of the fused score and sum to 1. `topic` is the nearest label that is
    no clause: what the question would be about, were it not answered.
    """

    hits: tuple[Hit, ...]
    sure: float
    threshold: float
    covered: float
    silent: float
    elsewhere: float
    topic: Label | None

    @property
    def is_sure(self) -> bool:
        """Whether the first clause may be given as the answer."""
        return bool(self.hits) and self.sure >= self.threshold

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is rather about something else than personal data: an order, the weather, a greeting."""
        return not self.is_sure and self.elsewhere > max(self.covered, self.silent)


@dataclass(frozen=True, slots=True)
class Scores:
    """What the parts say of one text: three arrays over all labels, the best cosine, and the text itself."""

    classifier: Floats
    dense: Floats
    lexical: Floats  # over clauses only
    cosine: float
    vector: SparseVector

    @property
    def fused(self) -> Floats:
        """Weighted sum of the classifier's softmax and the neighbours' vote, (labels,), sums to 1."""
        return (1 - DENSE_SHARE) * softmax(self.classifier) + DENSE_SHARE * self.dense


@dataclass(frozen=True, slots=True, eq=False)
class Retriever:
    """Everything needed to rank in one language. `labels` lists the clauses first, in policy order.

    One is like no other, so that it can be a key of what was ranked in a turn.
    """

    labels: tuple[Label, ...]
    clauses: int
    vocabulary: Vocabulary
    classifier: LabelClassifier
    encoder: Encoder
    index: DenseIndex
    lexical: LexicalIndex
    abstainer: Abstainer

    def rank(self, question: str, limit: int = 5) -> Ranking:
        """Rank the clauses for a question. Never fails on any text; an empty one is sure of nothing.

        A turn first asks what a message wants, and then what answers it: both times for this.
        """
        return _rank_remembered(self, question, limit)

    def rank_anew(self, question: str, limit: int) -> Ranking:
        """The same, computed."""
        features = extract_features(question)
        scores = self.score(question, features)
        fused = scores.fused
        signals = compute_signals(scores, self.clauses)
        order = np.argsort(-fused[: self.clauses], kind="stable")[:limit]
        by_kind = dict.fromkeys(("clause", "silent", "offtopic", "act"), 0.0)
        for label, share in zip(self.labels, fused.tolist(), strict=True):
            by_kind[label.kind] += share
        other = self.clauses + int(np.argmax(fused[self.clauses :])) if len(fused) > self.clauses else -1
        return Ranking(
            hits=tuple(Hit(self.labels[row].name, float(fused[row])) for row in order),
            sure=self.abstainer.probability(signals) if len(scores.vector.ids) else 0.0,
            threshold=self.abstainer.threshold,
            covered=by_kind["clause"],
            silent=by_kind["silent"],
            elsewhere=by_kind["offtopic"] + by_kind["act"],
            topic=self.labels[other] if other >= 0 else None,
        )

    def score(self, text: str, features: Sequence[str]) -> Scores:
        """Score one text by each part."""
        vector = self.vocabulary.vectorise(features)
        cosines, rows = self.index.search(self.encoder.encode(text, vector), NEIGHBOURS)
        return Scores(
            classifier=self.classifier.score(vector),
            dense=vote(cosines, rows, self.index.labels, len(self.labels), SHARPNESS),
            lexical=self.lexical.score(features),
            cosine=float(cosines[0]) if len(cosines) else 0.0,
            vector=vector,
        )


@remembered
def _rank_remembered(retriever: Retriever, question: str, limit: int) -> Ranking:
    return retriever.rank_anew(question, limit)


def softmax(scores: Floats) -> Floats:
    """Softmax at `TEMPERATURE`."""
    raised = np.exp(TEMPERATURE * (scores - scores.max()))
    return np.asarray(raised / raised.sum(), dtype=np.float32)


def compute_signals(scores: Scores, clauses: int) -> Floats:
    """The abstainer's inputs, (len(SIGNALS),) float32, in the order of `abstainer.SIGNALS`."""
    ridge, fused = scores.classifier, scores.fused
    chosen = int(np.argmax(fused[:clauses]))
    second, first = np.partition(ridge[:clauses], -2)[-2:]
    other = float(ridge[clauses:].max()) if len(ridge) > clauses else 0.0
    lexical_best = float(scores.lexical.max())
    return np.array(
        [
            first,
            first - other,
            first - second,
            softmax(ridge)[:clauses].sum(),
            scores.dense[:clauses].sum(),
            scores.dense[chosen],
            scores.cosine,
            float(int(np.argmax(ridge[:clauses])) == int(np.argmax(scores.dense[:clauses]))),
            fused[chosen] / max(float(fused[:clauses].sum()), 1e-6),
            scores.lexical[chosen] / lexical_best if lexical_best else 0.0,
            scores.vector.unknown,
            np.log1p(len(scores.vector.ids)),
        ],
        dtype=np.float32,
    )
