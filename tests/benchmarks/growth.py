"""More wordings than there are: how long ranking takes, and what the search among many misses."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import faiss
import numpy as np

from knowledge.bundle import Library
from knowledge.dense import EXACT_UP_TO, DenseIndex
from knowledge.features import Floats, extract_features
from knowledge.retriever import NEIGHBOURS, Retriever
from tests.benchmarks.figures import Figure, summarise
from tests.benchmarks.visitors import list_questions
from tests.prepared import MADE

PART = "growth"
SIZES = (1_000, 10_000, 100_000)
NEAREST = 10


def measure(scale: float, say: Callable[[str], None]) -> list[Figure]:
    """Rank the same questions among ever more wordings."""
    retriever = Library(MADE / "knowledge").bundle.retrievers["ja"]
    real = np.asarray(retriever.index.index.reconstruct_n(0, retriever.index.index.ntotal), dtype=np.float32)
    questions = list_questions()[: max(20, round(400 * scale))]
    found = []
    for size in SIZES:
        say(f"growth: {size} wordings …")
        rows, labels = _grow(real, retriever, size)
        start = time.perf_counter()
        index = DenseIndex.build(rows, labels)
        built = time.perf_counter() - start
        found += _measure_size(replace(retriever, index=index), rows, questions, built)
    return found


def _grow(real: Floats, retriever: Retriever, size: int) -> tuple[Floats, list[int]]:
    """So many vectors and their labels: real ones, then mixtures of two real ones of a label, a little off."""
    chance = np.random.default_rng(1)
    known = retriever.index.labels
    order = chance.permutation(len(real))[:size]
    rows, labels = real[order], known[order]
    if size <= len(real):
        return rows, labels.tolist()
    by_label = {label: np.flatnonzero(known == label) for label in np.unique(known)}
    first = chance.integers(len(real), size=size - len(real))
    second = np.array([chance.choice(by_label[label]) for label in known[first]])
    share = chance.uniform(0.5, 1.0, size=(len(first), 1)).astype(np.float32)
    mixed = share * real[first] + (1 - share) * real[second]
    mixed += chance.normal(scale=0.02, size=mixed.shape).astype(np.float32)
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    return np.vstack([rows, mixed]), [*labels.tolist(), *known[first].tolist()]


def _measure_size(retriever: Retriever, rows: Floats, questions: list[str], built: float) -> list[Figure]:
    vectors = [
        retriever.encoder.encode(one, retriever.vocabulary.vectorise(extract_features(one))) for one in questions
    ]
    exact = faiss.IndexFlatIP(rows.shape[1])
    exact.add(rows)
    wanted = exact.search(np.stack(vectors), NEAREST)[1]
    got = [retriever.index.search(one, NEAREST)[1].tolist() for one in vectors]
    recall = float(np.mean([len({*one} & {*other}) / NEAREST for one, other in zip(got, wanted.tolist(), strict=True)]))
    size, kind = len(rows), "exact" if len(rows) <= EXACT_UP_TO else "inverted file"
    return [
        _time(f"search among {size} wordings", lambda row: retriever.index.search(vectors[row], NEIGHBOURS), questions),
        _time(f"ranking among {size} wordings", lambda row: retriever.rank(questions[row]), questions),
        Figure(
            PART,
            f"recall@{NEAREST} among {size} wordings",
            "",
            recall,
            count=len(questions),
            note=f"{kind}, built in {built:.1f} s",
        ),
    ]


def _time(name: str, work: Callable[[int], object], questions: list[str]) -> Figure:
    times, computed = [], time.thread_time()
    for row in range(len(questions)):
        start = time.perf_counter()
        work(row)
        times.append((time.perf_counter() - start) * 1000)
    return summarise(PART, name, times, (time.thread_time() - computed) * 1000 / len(questions))
