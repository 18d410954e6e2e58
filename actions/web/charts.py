"""Charts drawn on the server as SVG: numbers in, places and sizes out (`templates/_charts.html` draws them).

No script and no style of its own: the page's style sheet colours them by class, in the dark too. Each is an image with
a title and a description for who cannot see it, and every bar chart stands beside its numbers as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, LABELS, NUMBERS = 640, 200, 56  # of a bar chart, in its own units: all, the labels' share, the numbers' share
ROW, BAR = 32, 20
SPARK_WIDTH, SPARK_HEIGHT, SPARK_GAP = 96, 24, 2


@dataclass(frozen=True, slots=True)
class Value:
    """A number and what it is of."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar as it is drawn: its top left corner, its size, its label's and number's base line."""

    label: str
    number: str
    x: float
    y: float
    width: float
    height: float
    text_y: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars below each other, longest possible one as long as there is room. `key` makes ids of the page unique."""

    key: str
    title: str
    description: str
    width: int
    height: int
    labels: int
    bars: tuple[Bar, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing but noughts."""
        return all(bar.width == 0 for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A row of small columns, oldest first, with the same said in words."""

    description: str
    width: int
    height: int
    columns: tuple[Bar, ...]


def draw_bars(key: str, title: str, description: str, values: Sequence[Value]) -> Chart:
    """A chart of horizontal bars, one a value, in the order given."""
    room = WIDTH - LABELS - NUMBERS
    most = max((one.value for one in values), default=0)
    bars = tuple(
        Bar(
            label=one.label,
            number=f"{one.value:g}",
            x=LABELS,
            y=row * ROW + (ROW - BAR) / 2,
            width=round(room * one.value / most, 1) if most else 0,
            height=BAR,
            text_y=row * ROW + ROW / 2,
        )
        for row, one in enumerate(values)
    )
    return Chart(key, title, description, WIDTH, max(ROW, ROW * len(values)), LABELS, bars)


def draw_sparkline(description: str, values: Sequence[int]) -> Sparkline:
    """Small columns; a nought is a hair's breadth, so that a gap is seen to be one."""
    most = max((*values, 1))
    step = SPARK_WIDTH / max(len(values), 1)
    columns = []
    for place, value in enumerate(values):
        height = round(max(1.0, SPARK_HEIGHT * value / most), 1)
        x = round(place * step, 2)
        size = round(step - SPARK_GAP, 2)
        columns.append(Bar("", str(value), x, round(SPARK_HEIGHT - height, 1), size, height, SPARK_HEIGHT))
    return Sparkline(description, SPARK_WIDTH, SPARK_HEIGHT, tuple(columns))
