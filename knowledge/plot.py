"""`python -m knowledge evaluate --plot FOLDER`: what is answered at which risk, and what is taken for what.

Development only: needs matplotlib, which the test tools bring (tests/requirements.txt).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from knowledge.evaluation import Outcome


def trace_risk(outcomes: Sequence[Outcome]) -> list[tuple[float, float]]:
    """Points (coverage, risk) as the threshold falls: of all questions answered so far, the share answered wrongly.

    Selective prediction after El-Yaniv & Wiener (2010). Coverage counts all questions, answerable or not.
    """
    wrong, points = 0, []
    for rank, one in enumerate(sorted(outcomes, key=lambda outcome: -outcome.sure), start=1):
        wrong += not one.acceptable
        points.append((rank / len(outcomes), wrong / rank))
    return points


def count_confusions(outcomes: Sequence[Outcome]) -> Counter[tuple[str, str]]:
    """How often a question of one section (or silent, offtopic) was answered from, or ranked first in, another."""
    pairs: Counter[tuple[str, str]] = Counter()
    for one in outcomes:
        wanted = one.question.clauses[0].split(".")[0] if one.question.clauses else one.question.kind
        got = one.ranked[0].split(".")[0] if one.question.clauses or one.answered else "withheld"
        pairs[wanted, got] += 1
    return pairs


def draw_plots(named: Mapping[str, Sequence[Outcome]], folder: Path) -> list[Path]:
    """Draw both pictures. Returns their paths."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "madoguchi"  # the same figures give the same file
    folder.mkdir(parents=True, exist_ok=True)
    return [_draw_risk(named, folder / "risk-coverage.svg"), _draw_confusion(named, folder / "confusion.svg")]


def _draw_risk(named: Mapping[str, Sequence[Outcome]], path: Path) -> Path:
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    for name, outcomes in named.items():
        points = trace_risk(outcomes)
        axes.plot([x for x, _ in points], [y for _, y in points], label=f"{name} (n={len(outcomes)})")
    axes.set(xlabel="coverage: share of all questions answered", ylabel="risk: share of them answered wrongly")
    axes.set(xlim=(0, 1), ylim=(0, None))
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
    return path


def _draw_confusion(named: Mapping[str, Sequence[Outcome]], path: Path) -> Path:
    from matplotlib import pyplot

    pairs = count_confusions([one for outcomes in named.values() for one in outcomes])
    rows = sorted({wanted for wanted, _ in pairs})
    columns = sorted({got for _, got in pairs})
    shares = [[pairs[row, column] / sum(pairs[row, c] for c in columns) for column in columns] for row in rows]
    figure, axes = pyplot.subplots(figsize=(8, 7), layout="constrained")
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(columns)), columns, rotation=60, ha="right")
    axes.set_yticks(range(len(rows)), rows)
    axes.set(xlabel="first clause shown", ylabel="right clause's section")
    for y, row in enumerate(rows):
        for x, column in enumerate(columns):
            if pairs[row, column]:
                shade = "white" if shares[y][x] > 0.5 else "black"
                axes.text(x, y, str(pairs[row, column]), ha="center", va="center", color=shade, fontsize=8)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
    return path
