"""A chat turn with a custom action: this desk beside stock Rasa, one Rasa worker beside two, a long conversation."""

from __future__ import annotations

import itertools
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import redis
import yaml

from actions.supervisor import BOT_PYTHON, ROOT, _Process
from tests.benchmarks.figures import Figure, divide, summarise
from tests.benchmarks.processes import list_family, measure_cpu
from tests.benchmarks.stock.bot import Stock, prepare_model
from tests.benchmarks.visitors import DeskVisitor, StockVisitor, ask_all, crowd, list_questions
from tests.journeys.desk import Desk, make_state, wait_until
from tests.stores import REDIS

PART = "turns"
ROUNDS = 4  # the two bots take turns, so that a busy minute meets both
CLIENTS = 10
LONG = 120  # turns of one conversation


def measure(scale: float, say: Callable[[str], None]) -> list[Figure]:
    """Measure all of it; `scale` shortens it."""
    note = prepare_model(say)
    with tempfile.TemporaryDirectory() as folder, _run_both(Path(folder), say) as (desk, stock):
        bots = {"desk": _list_desk(desk), "stock": _list_stock(stock)}
        one = _compare_alone(bots, scale, note)
        many = _compare_crowds(bots, scale, note)
        long = _compare_long(desk, stock, scale)
        stock.stop()
        return [*one, *many, *long, _measure_workers(desk, Path(folder), scale, many[0], say)]


@contextmanager
def _run_both(folder: Path, say: Callable[[str], None]) -> Iterator[tuple[Desk, Stock]]:
    desk = Desk(make_state(folder))
    stock = Stock(folder, desk.environment)
    try:
        say("turns: starting both bots …")
        desk.start()
        stock.start()
        yield desk, stock
    finally:
        stock.stop()
        desk.stop()


Bot = tuple[Callable[[], Any], list[int]]  # makes a visitor; the processes that work for it


def _list_desk(desk: Desk) -> Bot:
    return partial(DeskVisitor, desk.settings.port), [*_family(desk.app), *_family(desk.dialogue)]


def _list_stock(stock: Stock) -> Bot:
    return partial(StockVisitor, stock.port), [*_family(stock.rasa), *_family(stock.actions)]


def _family(process: _Process) -> list[int]:
    assert process.child is not None
    return list_family(process.child.pid)


def _compare_alone(bots: dict[str, Bot], scale: float, note: str) -> list[Figure]:
    questions = itertools.cycle(list_questions())
    times: dict[str, list[float]] = {name: [] for name in bots}
    cpu: dict[str, list[float]] = {name: [] for name in bots}
    visitors = {name: make() for name, (make, _) in bots.items()}
    for name in bots:
        ask_all(visitors[name], questions, 10)  # caches, connections
    for _ in range(ROUNDS):
        for name, (_, pids) in bots.items():

            def work(name: str = name) -> int:
                found = ask_all(visitors[name], questions, max(5, round(75 * scale)))
                times[name] += found
                return len(found)

            cpu[name].append(measure_cpu(pids, work))
    found = [
        summarise(PART, "desk, one client", times["desk"], statistics.mean(cpu["desk"])),
        summarise(PART, "stock Rasa, one client", times["stock"], statistics.mean(cpu["stock"])),
    ]
    ratio = divide(PART, "desk against stock, one client", found[1], found[0])
    computed = divide(PART, "desk against stock, computing", found[1], found[0], "cpu")
    return [found[0], _annotate(found[1], note), ratio, computed]


def _compare_crowds(bots: dict[str, Bot], scale: float, note: str) -> list[Figure]:
    times: dict[str, list[float]] = {name: [] for name in bots}
    rates: dict[str, list[float]] = {name: [] for name in bots}
    for _ in range(2):
        for name, (make, _) in bots.items():
            found, rate = crowd(make, list_questions(), CLIENTS, max(3.0, 20 * scale))
            times[name] += found
            rates[name].append(rate)
    desk, stock = (_rate(times[name], rates[name]) for name in ("desk", "stock"))
    one = Figure(PART, f"desk, {CLIENTS} clients, one Rasa worker", **desk)
    other = Figure(PART, f"stock Rasa, {CLIENTS} clients", **stock, note=note)
    return [
        one,
        summarise(PART, f"desk, {CLIENTS} clients: time", times["desk"]),
        other,
        summarise(PART, f"stock Rasa, {CLIENTS} clients: time", times["stock"]),
        divide(PART, f"desk against stock, {CLIENTS} clients", one, other),
    ]


def _rate(times: list[float], rates: list[float]) -> dict[str, Any]:
    return {"unit": "/s", "value": statistics.mean(rates), "count": len(times)}


def _compare_long(desk: Desk, stock: Stock, scale: float) -> list[Figure]:
    """One conversation of many turns; of ours several, for a median over so few turns wavers."""
    ours = [_talk_long(DeskVisitor(desk.settings.port, LONG)) for _ in range(max(1, round(3 * scale)))]
    theirs = [_talk_long(StockVisitor(stock.port, LONG))]
    return [
        *_judge_long("", ours),
        *_judge_long("stock Rasa, ", theirs),
    ]


def _talk_long(visitor: Any) -> list[float]:
    return ask_all(visitor, itertools.cycle(list_questions(seed=2)), LONG)


def _judge_long(who: str, talks: list[list[float]]) -> list[Figure]:
    first = summarise(PART, f"{who}turns 1–20 of one conversation", [one for talk in talks for one in talk[:20]])
    last = summarise(
        PART, f"{who}turns 101–{LONG} of one conversation", [one for talk in talks for one in talk[100:LONG]]
    )
    return [first, last, divide(PART, f"{who}turns 101–{LONG} against turns 1–20", last, first)]


def _measure_workers(desk: Desk, folder: Path, scale: float, one: Figure, say: Callable[[str], None]) -> Figure:
    """The same crowd with two workers behind one port, which share their locks in Redis."""
    name = f"desk, {CLIENTS} clients, two Rasa workers"
    try:
        redis.Redis.from_url(f"{REDIS}/9").ping()
    except redis.RedisError:
        return Figure(PART, name, "/s", None, note="no Redis on 127.0.0.1")
    say("turns: starting two Rasa workers …")
    desk.dialogue.stop()
    pair = _make_pair(desk, folder)
    try:
        pair.start()
        wait_until(lambda: pair.is_ready() or not pair.is_running(), "two workers are ready")
        if not pair.is_running():
            raise RuntimeError(f"two workers ended:\n{pair.log.read_text('utf-8', 'replace')[-2000:]}")
        make = partial(DeskVisitor, desk.settings.port)
        crowd(make, list_questions(), CLIENTS, 3.0)  # each worker's first turn is its slowest
        found, rate = crowd(make, list_questions(), CLIENTS, max(3.0, 20 * scale))
        note = f"{len(_family(pair)) - 1} child processes; {rate / (one.value or rate):.2f} × one worker"
        return Figure(PART, name, **_rate(found, [rate]), note=note)
    finally:
        pair.stop()


def _make_pair(desk: Desk, folder: Path) -> _Process:
    endpoints = yaml.safe_load((ROOT / "bot/endpoints.yml").read_text("utf-8"))
    endpoints["lock_store"] = {"type": "redis", "url": "127.0.0.1", "port": 6379, "db": 9}
    path = folder / "endpoints.yml"
    path.write_text(yaml.safe_dump(endpoints), "utf-8")
    own, port = desk.dialogue, str(desk.settings.dialogue_port)
    model = str(desk.state / "dialogue" / "model.tar.gz")
    command = [str(BOT_PYTHON), "-m", "tests.benchmarks.workers", model, str(path), "127.0.0.1", port]
    environment = own.environment | {"SANIC_WORKERS": "2", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
    return _Process("two workers", command, environment, own.ready_url, folder / "workers.log")


def _annotate(figure: Figure, note: str) -> Figure:
    return Figure(**{name: getattr(figure, name) for name in figure.__slots__} | {"note": note})
