"""`python -m tests.benchmarks [PART …] [--scale S]`: how fast the desk is, beside what it is compared with.

Parts: turns, answers, starts, growth, cases, endurance; without a name all but the last, which takes ten minutes.
Prints a table and writes `.madoguchi/bench.json` and `docs/pictures/bench.svg`. Exit code 1: a bar of `bars.toml` is
missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from actions.supervisor import ROOT
from tests.benchmarks import answers, cases, endurance, growth, starts, turns
from tests.benchmarks.figures import Figure, load_bars
from tests.benchmarks.plot import draw_picture
from tests.benchmarks.report import describe_machine, print_report, read_figures, write_report
from tests.prepared import MADE

PARTS = {one.PART: one for one in (turns, answers, starts, growth, cases, endurance)}
LONG = (endurance.PART,)
RESULTS = MADE / "bench.json"
PICTURE = ROOT / "docs" / "pictures" / "bench.svg"


def main() -> int:
    """Measure, print, write. Returns the exit code."""
    chosen = _read_arguments()
    load, bars = os.getloadavg()[0], load_bars()
    if load > 1:
        _say(f"the machine is busy (load {load:.1f}): times will be too long; cpu and ratios say more")
    figures: list[Figure] = []
    for name in chosen.parts:
        started = time.monotonic()
        own = PARTS[name].measure(chosen.scale, _say)
        write_report(own, bars, describe_machine(load), RESULTS)
        _say(f"{name}: {time.monotonic() - started:.0f} s")
        figures += own
    is_held = print_report(figures, bars, describe_machine(load))
    if chosen.scale == 1:
        draw_picture(read_figures(RESULTS), PICTURE)
    return 0 if is_held else 1


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    usual = [name for name in PARTS if name not in LONG]
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; default: {' '.join(usual)}")
    parser.add_argument("--scale", type=float, default=1.0, help="shorter (0.1) for a try; draws no picture")
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.parts if name not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}")
    chosen.parts = chosen.parts or usual
    return chosen


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
