"""What a benchmark says: figures, and the bars they are held to (`bars.toml`)."""

from __future__ import annotations

import math
import statistics
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_BARS = Path(__file__).parent / "bars.toml"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `value` is the median where something was measured `count` times, in `unit`.

    `cpu` is what the processes that were looked at computed for one, milliseconds: it says more than the clock on a
    busy machine. `note` says what stands beside a figure, or why there is none (`value` is None then).
    """

    part: str
    name: str
    unit: str
    value: float | None
    count: int = 1
    p95: float | None = None
    p99: float | None = None
    cpu: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure's `field` must be at most, or at least; with `every` that of each whose name begins so."""

    part: str
    name: str
    field: str
    at_most: float | None = None
    at_least: float | None = None
    every: bool = False

    def fits(self, figure: Figure) -> bool:
        """Whether the bar is this figure's."""
        named = figure.name.startswith(self.name) if self.every else figure.name == self.name
        return named and figure.part == self.part

    def describe_miss(self, figure: Figure) -> str:
        """One line if the figure misses the bar, else ""."""
        found: float | None = getattr(figure, self.field)
        if found is None:
            return ""
        if self.at_most is not None and found > self.at_most:
            return f"{figure.name}: {self.field} {found:.4g} {figure.unit}, at most {self.at_most:g}"
        if self.at_least is not None and found < self.at_least:
            return f"{figure.name}: {self.field} {found:.4g} {figure.unit}, at least {self.at_least:g}"
        return ""


def load_bars() -> list[Bar]:
    """All bars."""
    return [Bar(part, **one) for part, bars in tomllib.loads(_BARS.read_text("utf-8")).items() for one in bars]


def judge(figures: Sequence[Figure], bars: Sequence[Bar]) -> tuple[list[str], list[str]]:
    """The missed bars, and those without a figure to hold them to; of the parts that were measured."""
    parts = {one.part for one in figures}
    missed, unknown = [], []
    for bar in (one for one in bars if one.part in parts):
        found = [one for one in figures if bar.fits(one) and getattr(one, bar.field) is not None]
        missed += [miss for one in found if (miss := bar.describe_miss(one))]
        if not found:
            unknown.append(f"{bar.name}: {bar.field} not measured")
    return missed, unknown


def summarise(part: str, name: str, milliseconds: Sequence[float], cpu: float | None = None) -> Figure:
    """A figure of many times."""
    ordered = sorted(milliseconds)
    return Figure(
        part,
        name,
        "ms",
        statistics.median(ordered),
        count=len(ordered),
        p95=pick(ordered, 0.95),
        p99=pick(ordered, 0.99),
        cpu=cpu,
    )


def pick(ordered: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of all is not above (nearest rank)."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def divide(part: str, name: str, above: Figure, below: Figure, field: str = "value") -> Figure:
    """How many times one figure is the other."""
    first, second = getattr(above, field), getattr(below, field)
    if not first or not second:
        return Figure(part, name, "×", None, note=above.note or below.note)
    return Figure(part, name, "×", first / second)
