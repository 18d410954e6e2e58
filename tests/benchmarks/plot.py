"""The picture of a benchmark (`docs/pictures/bench.svg`): what is compared, and what grows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure

OURS, THEIRS = "#1f4e79", "#b8b8b8"


def draw_picture(figures: Sequence[Figure], path: Path) -> None:
    """Draw whatever of the four panels there are figures for."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "madoguchi"  # the same figures give the same file
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(10, 6), layout="constrained")
    known = {one.name: one for one in figures if one.value is not None}
    _draw_bars(
        axes[0][0],
        known,
        "A chat turn with an action, median and p95 (ms)",
        ("desk, one client", "stock Rasa, one client"),
    )
    crowd = ("desk, 10 clients, one Rasa worker", "desk, 10 clients, two Rasa workers", "stock Rasa, 10 clients")
    _draw_bars(axes[0][1], known, "10 clients (turns/s)", crowd)
    answers = (
        "tokenising and exact FAISS alone (the limit)",
        "answer in process",
        "MiniLM (sentence-transformers) and exact FAISS",
    )
    _draw_bars(axes[1][0], known, "One answer, median and p95 (ms)", answers)
    _draw_growth(axes[1][1], known)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _draw_bars(axes: Any, known: dict[str, Figure], title: str, names: Sequence[str]) -> None:
    found = [known[name] for name in names if name in known]
    values = [one.value or 0.0 for one in found]
    errors = [[0.0] * len(found), [max(0.0, (one.p95 or 0.0) - (one.value or 0.0)) for one in found]]
    colours = [THEIRS if one.name.startswith(("stock", "MiniLM")) else OURS for one in found]
    bars = axes.barh([one.name.replace(" (", "\n(") for one in found], values, xerr=errors, color=colours)
    axes.bar_label(bars, [f"{value:.3g}" for value in values], label_type="center", color="white")
    axes.invert_yaxis()
    axes.set_title(title, fontsize=10)


def _draw_growth(axes: Any, known: dict[str, Figure]) -> None:
    for pattern, label in (
        (r"ranking among (\d+) wordings", "ranking among so many wordings"),
        (r"inbox, (\d+) cases, sqlite: tab=todo", "inbox with so many cases"),
        (r"case, (\d+) cases, sqlite: to do", "case page with so many cases"),
        (r"intake, (\d+) cases, sqlite: by form", "intake with so many cases"),
    ):
        points = [(int(found[1]), one) for name, one in known.items() if (found := re.fullmatch(pattern, name))]
        axes.plot([size for size, _ in points], [one.value for _, one in points], marker="o", label=label)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_title("Growth, median (ms)", fontsize=10)
    axes.legend(fontsize=8)
    axes.grid(visible=True, alpha=0.3)
