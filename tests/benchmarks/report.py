"""The table, the file and the picture of a benchmark."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.figures import Bar, Figure, judge

BUSY = 1.0  # load at the beginning above which others were computing, too


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and when it was measured; `load` is the load average of a minute, at the beginning and at the end."""

    at: str
    processor: str
    processors: int
    python: str
    load_begin: float
    load_end: float

    @property
    def is_busy(self) -> bool:
        """Whether times say less than they should: compare `cpu` and ratios then."""
        return self.load_begin > BUSY


def describe_machine(load_begin: float) -> Machine:
    """This machine, now."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    processor = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    cores = len(os.sched_getaffinity(0))
    return Machine(moment, processor, cores, platform.python_version(), load_begin, os.getloadavg()[0])


def print_report(figures: Sequence[Figure], bars: Sequence[Bar], machine: Machine) -> bool:
    """Print the table and each missed bar. Returns whether all bars are held."""
    console = Console(width=None if Console().is_terminal else 160)
    busy = " [bold red](busy: times are too long; look at cpu and ratios)[/]" if machine.is_busy else ""
    table = Table(
        title=f"{machine.processor}, {machine.processors} cores, Python {machine.python}; "
        f"load {machine.load_begin:.1f} → {machine.load_end:.1f}{busy}"
    )
    for name in ("part", "what"):
        table.add_column(name, overflow="fold")
    for name in ("n", "median", "p95", "p99", "cpu ms", "unit", "bar"):
        table.add_column(name, justify="right")
    table.add_column("note", overflow="fold")
    for one in figures:
        held = [bar for bar in bars if bar.fits(one)]
        missed = any(bar.describe_miss(one) for bar in held)
        table.add_row(
            one.part,
            one.name,
            str(one.count),
            *(_word(value) for value in (one.value, one.p95, one.p99, one.cpu)),
            one.unit,
            ", ".join(_word_bar(bar) for bar in held),
            one.note,
            style="red" if missed else None,
        )
    console.print(table)
    missed_bars, unknown = judge(figures, bars)
    for line in unknown:
        console.print(f"not measured: {line}", highlight=False)
    for line in missed_bars:
        console.print(f"[red]missed[/]: {line}", highlight=False)
    console.print("all bars held" if not missed_bars else f"{len(missed_bars)} bars missed", highlight=False)
    return not missed_bars


def _word(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _word_bar(bar: Bar) -> str:
    limit = f"≤ {bar.at_most:g}" if bar.at_most is not None else f"≥ {bar.at_least:g}"
    return limit if bar.field == "value" else f"{bar.field} {limit}"


def write_report(figures: Sequence[Figure], bars: Sequence[Bar], machine: Machine, path: Path) -> None:
    """Write the figures; those of parts that were not measured now stay as they were, with their own machine."""
    parts: dict[str, Any] = json.loads(path.read_text("utf-8")).get("parts", {}) if path.exists() else {}
    for part in {one.part for one in figures}:
        own = [one for one in figures if one.part == part]
        missed, unknown = judge(own, bars)
        lines = [{key: value for key, value in asdict(one).items() if key != "part"} for one in own]
        parts[part] = {"machine": asdict(machine), "missed": missed, "not_measured": unknown, "figures": lines}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"parts": dict(sorted(parts.items()))}, ensure_ascii=False, indent=1), "utf-8")


def read_figures(path: Path) -> list[Figure]:
    """All figures of a file that `write_report` wrote."""
    parts = json.loads(path.read_text("utf-8"))["parts"]
    return [Figure(part, **one) for part, found in parts.items() for one in found["figures"]]
