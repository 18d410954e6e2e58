"""`python -m tests.benchmarks.minilm MODEL COUNT`: a transformer encoder before an exact index of as many vectors.

The search takes the same time whatever the vectors are: random ones stand for the wordings, in MiniLM's width.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import sys
import time
from typing import Any

import faiss
import numpy as np

from knowledge.bundle import Library
from knowledge.dense import DenseIndex
from knowledge.retriever import NEIGHBOURS
from tests.benchmarks.visitors import list_questions
from tests.prepared import MADE

os.environ["HF_HUB_OFFLINE"] = "1"


def main(model: str, count: str) -> None:
    """Print `{"times": [ms, …], "cpu": ms}` of the faster of one thread and two."""
    import torch
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(model, device="cpu")
    size = len(Library(MADE / "knowledge").bundle.retrievers["ja"].index.labels)
    raw = np.random.default_rng(1).normal(size=(size, encoder.encode(["x"]).shape[1])).astype(np.float32)
    index = DenseIndex.build(raw / np.linalg.norm(raw, axis=1, keepdims=True), [0] * size)
    faiss.omp_set_num_threads(1)
    ways = []
    for threads in (1, os.cpu_count() or 1):
        torch.set_num_threads(threads)
        ways.append(_measure(encoder, index, int(count)))
    sys.stdout.write(json.dumps(min(ways, key=lambda one: statistics.median(one["times"]))) + "\n")


def _measure(encoder: Any, index: DenseIndex, count: int) -> dict[str, Any]:
    questions = itertools.islice(itertools.cycle(list_questions()), count)
    times, before = [], time.process_time()
    for question in questions:
        start = time.perf_counter()
        vector = encoder.encode([question], normalize_embeddings=True, show_progress_bar=False)[0]
        index.search(np.asarray(vector, dtype=np.float32), NEIGHBOURS)
        times.append((time.perf_counter() - start) * 1000)
    return {"times": times[5:], "cpu": (time.process_time() - before) * 1000 / count}


if __name__ == "__main__":
    main(*sys.argv[1:])
