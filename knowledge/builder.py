"""Wordings → a trained retriever for one language. Build time only.

Order: features, classifier (with exact leave-one-out scores), encoder (from the classifier's weights), index, and the
abstainer, which must see each wording's scores as if it were new: the classifier's come in closed form, the
neighbours' from encoders trained without that wording's fold.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context, parent_process
from threading import Thread

import numpy as np

from knowledge.abstainer import Abstainer, fit_abstainer
from knowledge.classifier import Kernel, LabelClassifier, fit_classifier
from knowledge.dense import DenseIndex, vote
from knowledge.encoder import Encoder, StaticEncoder, TransformerEncoder
from knowledge.features import Floats, SparseVector, Vocabulary, extract_features
from knowledge.lexical import LexicalIndex
from knowledge.policy import LANGUAGES, Policy
from knowledge.retriever import NEIGHBOURS, SHARPNESS, Label, Retriever, Scores, compute_signals
from knowledge.training import reduce_weights, train_encoder
from knowledge.wordings import GOVERNING_CLAUSES, WITHIN_REQUESTS, Wording

RIDGE = 1.0  # regularisation of the classifier
SECOND_TARGET = 0.4  # a wording's further clauses count this much in the classifier's targets
FOLDS = 2  # for the neighbours' left-out scores: each costs one encoder training
# Share of unanswerable wordings, left out, that may be answered. Most are near misses written to be hard; of real
# questions far fewer pass. Both were read off the development questions' risk–coverage curves (docs/retrieval.md).
ACCEPTED_ERROR = {"ja": 0.11, "en": 0.09}

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Corpus:
    """Texts of one language as features, with label numbers (`gold[i][0]` is the first)."""

    texts: tuple[str, ...]
    features: tuple[Sequence[str], ...]
    gold: tuple[tuple[int, ...], ...]
    labels: tuple[Label, ...]
    clauses: int

    @property
    def targets(self) -> Floats:
        """What the classifier should say, (texts, labels): 1 for the first label, less for further ones."""
        targets = np.zeros((len(self.texts), len(self.labels)), dtype=np.float32)
        for row, gold in enumerate(self.gold):
            targets[row, list(gold)] = SECOND_TARGET
            targets[row, gold[0]] = 1.0
        return targets


@dataclass(frozen=True, slots=True)
class _Neighbourhood:
    """Encoder and index to serve, and for each text the neighbours' vote and best cosine as if it were unseen."""

    encoder: Encoder
    index: DenseIndex
    left_out: list[tuple[Floats, float]]


def report(message: str) -> None:
    """Tell the person who builds how far it is."""
    sys.stderr.write(f"index: {message}\n")


def build_retrievers(policy: Policy, wordings: Sequence[Wording], *, encoder_name: str) -> dict[str, Retriever]:
    """Train everything, each language in a process of its own: half of the work runs on one core anyway."""
    train = partial(build_retriever, policy, wordings, encoder_name=encoder_name, progress=report)
    with ProcessPoolExecutor(len(LANGUAGES), mp_context=get_context("spawn"), initializer=_enter_process) as pool:
        return dict(zip(LANGUAGES, pool.map(train, LANGUAGES), strict=True))


def _enter_process() -> None:
    """Keep to one core: threads of two such processes would only wait for each other; and end when the parent does."""
    import torch
    from threadpoolctl import threadpool_limits

    Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    threadpool_limits(1)


def _end_with_parent() -> None:
    """A build that was killed must not leave its processes behind: they would wait for work for ever."""
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def build_retriever(
    policy: Policy, wordings: Sequence[Wording], language: str, *, encoder_name: str, progress: Progress
) -> Retriever:
    """Train everything for one language. `encoder_name` "" trains the own encoder, else names a model or folder."""
    corpus = _collect(policy, wordings, language)
    progress(f"{language}: {len(corpus.texts)} wordings, {len(corpus.labels)} labels")
    vocabulary = Vocabulary.fit(corpus.features)
    vectors = [vocabulary.vectorise(features) for features in corpus.features]
    kernel = Kernel.compute(vectors, len(vocabulary.index))
    classifier, leave_one_out = fit_classifier(kernel, corpus.targets, RIDGE)
    left_out = leave_one_out.score()
    progress(f"{language}: classifier trained")
    neighbourhood = (
        _embed_with_model(corpus, encoder_name)
        if encoder_name
        else _embed_with_own(corpus, vectors, vocabulary, classifier, kernel)
    )
    progress(f"{language}: encoder ready")
    lexical = LexicalIndex.build([extract_features(f"{unit.section} {unit.text}") for unit in policy.units[language]])
    scores = [
        Scores(left_out[row], votes, lexical.score(corpus.features[row]), cosine, vectors[row])
        for row, (votes, cosine) in enumerate(neighbourhood.left_out)
    ]
    abstainer = _fit_abstainer(corpus, scores, ACCEPTED_ERROR[language])
    progress(f"{language}: abstainer calibrated (threshold {abstainer.threshold:.2f})")
    return Retriever(
        labels=corpus.labels,
        clauses=corpus.clauses,
        vocabulary=vocabulary,
        classifier=classifier,
        encoder=neighbourhood.encoder,
        index=neighbourhood.index,
        lexical=lexical,
        abstainer=abstainer,
    )


def _fit_abstainer(corpus: _Corpus, scores: Sequence[Scores], error: float) -> Abstainer:
    chosen = [int(np.argmax(one.fused[: corpus.clauses])) for one in scores]
    return fit_abstainer(
        np.stack([compute_signals(one, corpus.clauses) for one in scores]),
        right=[clause in gold for clause, gold in zip(chosen, corpus.gold, strict=True)],
        answerable=[gold[0] < corpus.clauses for gold in corpus.gold],
        error=error,
    )


def _collect(policy: Policy, wordings: Sequence[Wording], language: str) -> _Corpus:
    chosen = [(wording, _labels_of(wording)) for wording in wordings if wording.language == language]
    chosen = [(wording, labels) for wording, labels in chosen if labels]
    clauses = tuple(Label("clause", clause_id) for clause_id in policy.clause_ids)
    others = sorted({label for _, labels in chosen for label in labels if label.kind != "clause"}, key=_sort_key)
    labels = (*clauses, *others)
    number = {label: row for row, label in enumerate(labels)}
    return _Corpus(
        texts=tuple(wording.text for wording, _ in chosen),
        features=tuple(extract_features(wording.text) for wording, _ in chosen),
        gold=tuple(tuple(number[label] for label in found) for _, found in chosen),
        labels=labels,
        clauses=len(clauses),
    )


def _sort_key(label: Label) -> tuple[str, str]:
    return label.kind, label.name


def _labels_of(wording: Wording) -> tuple[Label, ...]:
    """What a wording teaches the retriever; a bare intent that is no act of its own teaches nothing."""
    if wording.clauses:
        return tuple(Label("clause", clause) for clause in wording.clauses)
    if wording.silent:
        return (Label("silent", wording.silent),)
    if wording.offtopic:
        return (Label("offtopic", wording.offtopic),)
    if wording.intent in GOVERNING_CLAUSES:
        return (Label("clause", GOVERNING_CLAUSES[wording.intent]),)
    if wording.intent in {"ask_policy", "howto"} | WITHIN_REQUESTS:
        return ()
    return (Label("act", wording.intent),)


def _embed_with_own(
    corpus: _Corpus,
    vectors: Sequence[SparseVector],
    vocabulary: Vocabulary,
    classifier: LabelClassifier,
    kernel: Kernel,
) -> _Neighbourhood:
    """Train the own encoder on all texts, and one more for each fold to score that fold's texts as if unseen."""
    everything = range(len(vectors))
    encoder, index = _train(corpus, vectors, vocabulary, classifier, everything)
    left_out: list[tuple[Floats, float]] = [(np.empty(0, dtype=np.float32), 0.0)] * len(vectors)
    for fold in range(FOLDS):
        inside = [row for row in everything if row % FOLDS != fold]
        partial, _ = fit_classifier(kernel.take(inside), corpus.targets[inside], RIDGE)
        other, others = _train(corpus, vectors, vocabulary, partial, inside)
        for row in range(fold, len(vectors), FOLDS):
            left_out[row] = _vote(others, other.encode("", vectors[row]), len(corpus.labels))
    return _Neighbourhood(encoder, index, left_out)


def _train(
    corpus: _Corpus,
    vectors: Sequence[SparseVector],
    vocabulary: Vocabulary,
    classifier: LabelClassifier,
    rows: Sequence[int],
) -> tuple[StaticEncoder, DenseIndex]:
    labels = [corpus.gold[row][0] for row in rows]
    start = reduce_weights(classifier.weights, vocabulary)
    encoder = StaticEncoder(train_encoder([vectors[row].ids for row in rows], labels, vocabulary, start))
    return encoder, DenseIndex.build(np.stack([encoder.encode("", vectors[row]) for row in rows]), labels)


def _embed_with_model(corpus: _Corpus, name: str) -> _Neighbourhood:
    """A given model was not trained on the wordings: it is enough that a text does not find itself."""
    encoder = TransformerEncoder(name)
    matrix = encoder.encode_many(corpus.texts)
    index = DenseIndex.build(matrix, [gold[0] for gold in corpus.gold])
    left_out = [_vote(index, matrix[row], len(corpus.labels), skip=row) for row in range(len(matrix))]
    return _Neighbourhood(encoder, index, left_out)


def _vote(index: DenseIndex, query: Floats, size: int, skip: int = -1) -> tuple[Floats, float]:
    scores, rows = index.search(query, NEIGHBOURS, skip)
    return vote(scores, rows, index.labels, size, SHARPNESS), float(scores[0])
