"""How long until it serves, what it needs of memory, and how long the building takes."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from actions.supervisor import BOT_PYTHON, ROOT, _bot_environment, _Process
from tests.benchmarks.figures import Figure
from tests.benchmarks.processes import list_family, read_memory
from tests.benchmarks.stock.bot import Stock, prepare_model
from tests.benchmarks.visitors import Asker, DeskVisitor, StockVisitor, list_questions
from tests.journeys.desk import SHOP, Desk, make_state

PART = "starts"
PATIENCE = 300.0  # seconds


def measure(scale: float, say: Callable[[str], None]) -> list[Figure]:
    """Start everything a few times, and build both models once."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        state = make_state(Path(folder))
        Desk(state).run_command("settings")  # keys and schema are made by the very first command
        say("starts: app and dialogue engine …")
        found += _start_desk(state, max(1, round(3 * scale)))
        say("starts: stock Rasa …")
        found += _start_stock(state, Path(folder), prepare_model(say))
        say("starts: building the index …")
        found.append(_build_index(Path(folder) / "built"))
        say("starts: training the dialogue model …")
        found.append(_train_dialogue(Path(folder) / "trained"))
    return found


def _start_desk(state: Path, count: int) -> list[Figure]:
    question = list_questions()[0]
    ready: dict[str, list[float]] = {"app": [], "dialogue": []}
    first: dict[str, list[float]] = {"app": [], "dialogue": []}
    memory: dict[str, tuple[float, float]] = {}
    for _ in range(count):
        desk = Desk(state)
        try:
            ready["app"].append(_time_start(desk.app))
            start = time.perf_counter()
            Asker(desk.settings.port).say(question)
            first["app"].append(ready["app"][-1] + time.perf_counter() - start)
            ready["dialogue"].append(_time_start(desk.dialogue))
            start = time.perf_counter()
            DeskVisitor(desk.settings.port).say(question)
            first["dialogue"].append(ready["dialogue"][-1] + time.perf_counter() - start)
            visitor = DeskVisitor(desk.settings.port)
            for one in list_questions()[:20]:
                visitor.say(one)
            memory = {one.name: _read_memory(one) for one in (desk.app, desk.dialogue)}
        finally:
            desk.stop()
    found = []
    for name in ready:
        found.append(Figure(PART, f"{name}: ready", "s", statistics.median(ready[name]), count=count))
        found.append(Figure(PART, f"{name}: first answer", "s", statistics.median(first[name]), count=count))
        found.append(_word_memory(f"{name}: memory", *memory[name]))
    return found


def _start_stock(state: Path, folder: Path, note: str) -> list[Figure]:
    stock = Stock(folder, Desk(state).environment)
    try:
        _time_start(stock.actions)
        ready = _time_start(stock.rasa)
        start = time.perf_counter()
        visitor = StockVisitor(stock.port)
        visitor.say(list_questions()[0])
        first = ready + time.perf_counter() - start
        for one in list_questions()[:20]:
            visitor.say(one)
        return [
            Figure(PART, "stock Rasa: ready", "s", ready, note=note),
            Figure(PART, "stock Rasa: first answer", "s", first, note=note),
            _word_memory("stock Rasa: memory", *_read_memory(stock.rasa)),
        ]
    finally:
        stock.stop()


def _time_start(process: _Process) -> float:
    """Seconds until it answers."""
    start = time.perf_counter()
    process.start()
    while not process.is_ready():
        if not process.is_running() or time.perf_counter() - start > PATIENCE:
            raise RuntimeError(f"{process.name} does not start:\n{process.log.read_text('utf-8', 'replace')[-2000:]}")
        time.sleep(0.02)
    return time.perf_counter() - start


def _read_memory(process: _Process) -> tuple[float, float]:
    assert process.child is not None
    every = [read_memory(pid) for pid in list_family(process.child.pid)]
    return sum(own for own, _ in every), sum(resident for _, resident in every)


def _word_memory(name: str, own: float, resident: float) -> Figure:
    return Figure(PART, name, "MB", own, note=f"its own; resident with mapped files {resident:.0f} MB")


def _build_index(folder: Path) -> Figure:
    command = [sys.executable, "-m", "knowledge", "build", "--shop", str(SHOP), "--index", str(folder)]
    return _time_command("index: built", command, dict(os.environ))


def _train_dialogue(folder: Path) -> Figure:
    folder.mkdir()
    command = [str(BOT_PYTHON), "-m", "bot", "train", str(folder)]
    return _time_command("dialogue model: trained", command, _bot_environment(Desk(folder).settings))


def _time_command(name: str, command: list[str], environment: dict[str, str]) -> Figure:
    """Seconds that a command takes, what it computes, and the most it needs of memory."""
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=-3, stderr=-3) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{name}: exit code {child.returncode}")
    taken, computed = time.perf_counter() - start, usage.ru_utime + usage.ru_stime
    note = f"computing {computed:.0f} s, at most {usage.ru_maxrss * 1.024e-3:.0f} MB"
    return Figure(PART, name, "s", taken, note=note)
