"""Ten minutes at half of what the desk can do: no error, no slow reply, and memory stays flat."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.benchmarks.figures import Figure, summarise
from tests.benchmarks.processes import list_family, read_memory
from tests.benchmarks.visitors import DeskVisitor, ask_all, crowd, list_questions
from tests.journeys.desk import Desk, make_state

PART = "endurance"
SECONDS = 600.0
CLIENTS = 10
LOOK_SECONDS = 5.0  # between two looks at memory


@dataclass
class Load:
    """What happened while the visitors talked. Errors are counted, not raised: they are what is looked for."""

    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=dict)  # by process: (second, MB)


def measure(scale: float, say: Callable[[str], None]) -> list[Figure]:
    """Measure the capacity, then half of it for long."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(make_state(Path(folder)))
        desk.start()
        try:
            make = partial(DeskVisitor, desk.settings.port)
            ask_all(make(), iter(list_questions()), 20)  # the engine's first turns are its slowest
            crowd(make, list_questions(), CLIENTS, 5.0)
            _, capacity = crowd(make, list_questions(), CLIENTS, max(5.0, 30 * scale))
            seconds = max(30.0, SECONDS * scale)
            say(f"endurance: {capacity / 2:.1f} turns/s for {seconds:.0f} s …")
            load = _press(desk, capacity / 2, seconds)
        finally:
            desk.stop()
    return [Figure(PART, "capacity", "/s", capacity), *_judge(load, seconds)]


def _press(desk: Desk, rate: float, seconds: float) -> Load:
    """Visitors whose messages come at fixed moments, whether or not the desk keeps up.

    A reply's time counts from the moment its message was due: a desk that falls behind cannot hide it.
    """
    load, start = Load(), time.perf_counter()
    moments = itertools.count()
    lock = threading.Lock()

    def talk(number: int) -> None:
        visitor, questions = DeskVisitor(desk.settings.port), itertools.cycle(list_questions(seed=number))
        while True:
            with lock:
                due = start + next(moments) / rate
            if due > start + seconds:
                return
            time.sleep(max(0.0, due - time.perf_counter()))
            try:
                visitor.say(next(questions))
            except Exception as error:  # noqa: BLE001  counted: it is what is looked for
                load.errors.append(f"{type(error).__name__}: {error}")
                visitor = DeskVisitor(desk.settings.port)
            load.times.append((time.perf_counter() - due) * 1000)

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(CLIENTS)]
    for one in threads:
        one.start()
    while any(one.is_alive() for one in threads):
        for process in (desk.app, desk.dialogue):
            assert process.child is not None
            own = sum(read_memory(pid)[0] for pid in list_family(process.child.pid))
            load.memory.setdefault(process.name, []).append((time.perf_counter() - start, own))
        time.sleep(LOOK_SECONDS)
    return load


def _judge(load: Load, seconds: float) -> list[Figure]:
    found = [
        summarise(PART, "reply at half of that", load.times),
        Figure(PART, "slowest reply", "ms", max(load.times), count=len(load.times)),
        Figure(PART, "errors", "", len(load.errors), count=len(load.times), note="; ".join(sorted(set(load.errors)))),
    ]
    minute = seconds / 10
    for name, looks in load.memory.items():
        early = statistics.median(own for at, own in looks if minute <= at < 2 * minute)
        late = statistics.median(own for at, own in looks if at >= seconds - minute)
        note = f"{early:.0f} → {late:.0f} MB"
        found.append(Figure(PART, f"{name}: memory, last minute against the second", "×", late / early, note=note))
    return found
