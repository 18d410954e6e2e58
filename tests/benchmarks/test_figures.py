"""A bar that is missed is said, one that could not be measured too, and nothing passes by a wrong name."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmarks import cases, growth, turns
from tests.benchmarks.__main__ import PARTS
from tests.benchmarks.figures import Bar, Figure, divide, judge, load_bars, pick, summarise
from tests.benchmarks.plot import draw_picture
from tests.benchmarks.processes import list_family, measure_cpu, read_memory
from tests.benchmarks.report import describe_machine, print_report, read_figures, write_report

FIGURE = Figure("turns", "desk, one client", "ms", 20.0, count=100, p95=70.0)
BARS = [Bar("turns", "desk, one client", "value", at_most=28), Bar("turns", "desk, one client", "p95", at_most=60)]


def test_each_missed_bar_is_a_line_with_what_was_found() -> None:
    missed, unknown = judge([FIGURE], BARS)
    assert missed == ["desk, one client: p95 70 ms, at most 60"]
    assert unknown == []
    assert judge([replace(FIGURE, p95=60.0)], BARS) == ([], [])
    low = Bar("turns", "desk, one client", "value", at_least=40)
    assert judge([FIGURE], [low])[0] == ["desk, one client: value 20 ms, at least 40"]


def test_a_bar_without_its_figure_is_said_to_be_so_unless_its_part_was_not_asked_for() -> None:
    assert judge([replace(FIGURE, value=None, p95=None)], BARS)[1] == [
        "desk, one client: value not measured",
        "desk, one client: p95 not measured",
    ]
    assert judge([FIGURE], [Bar("turns", "desk, one clown", "value", at_most=28)])[1] != []
    assert judge([FIGURE], [Bar("cases", "inbox", "value", at_most=50)]) == ([], [])


def test_a_bar_for_every_page_is_missed_by_the_page() -> None:
    pages = [Figure("cases", f"inbox, 20000 cases, sqlite: tab={tab}", "ms", value) for tab, value in TIMES.items()]
    bar = Bar("cases", "inbox, 20000 cases, sqlite", "value", at_most=50, every=True)
    assert judge(pages, [bar]) == (["inbox, 20000 cases, sqlite: tab=all: value 60 ms, at most 50"], [])


TIMES = {"todo": 40.0, "all": 60.0}


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (0.001, 1), (1.0, 100)])
def test_a_share_of_all_is_not_above_what_is_picked(share: float, value: float) -> None:
    assert pick([float(number) for number in range(1, 101)], share) == value


def test_times_are_summarised_and_divided() -> None:
    slow, fast = summarise("a", "slow", [30.0, 10.0, 20.0], cpu=5.0), summarise("a", "fast", [5.0], cpu=2.5)
    assert (slow.value, slow.p95, slow.count) == (20.0, 30.0, 3)
    assert divide("a", "ratio", slow, fast).value == 4.0
    assert divide("a", "ratio", slow, fast, "cpu").value == 2.0
    gone = Figure("a", "gone", "ms", None, note="not installed")
    assert (divide("a", "ratio", gone, fast).value, divide("a", "ratio", gone, fast).note) == (None, "not installed")


def test_bars_are_for_parts_and_sizes_that_are_measured() -> None:
    bars = load_bars()
    assert {bar.part for bar in bars} == set(PARTS)
    assert all((bar.at_most is None) != (bar.at_least is None) for bar in bars)
    assert any(str(cases.SIZES[-1]) in bar.name for bar in bars)
    assert any(str(growth.SIZES[-1]) in bar.name for bar in bars)
    assert any(str(turns.LONG) in bar.name for bar in bars)


def test_parts_measured_at_another_time_stay_in_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, machine = tmp_path / "bench.json", replace(describe_machine(3.5), load_end=1.0)
    other = Figure("growth", "recall@10 among 1000 wordings", "", 1.0)
    write_report([other], [], machine, path)
    write_report([FIGURE], BARS, machine, path)
    assert read_figures(path) == [other, FIGURE]
    stored = json.loads(path.read_text("utf-8"))["parts"]["turns"]
    assert (stored["machine"]["load_begin"], len(stored["missed"])) == (3.5, 1)
    assert not print_report([FIGURE], BARS, machine)
    printed = capsys.readouterr().out
    assert "busy" in printed
    assert "p95 70 ms, at most 60" in printed
    assert print_report([FIGURE], BARS[:1], replace(machine, load_begin=0.2))
    assert "busy" not in capsys.readouterr().out


def test_the_picture_is_drawn_of_whatever_there_is(tmp_path: Path) -> None:
    draw_picture([FIGURE, Figure("growth", "ranking among 1000 wordings", "ms", 2.0)], tmp_path / "bench.svg")
    drawn = (tmp_path / "bench.svg").read_text("utf-8")
    assert drawn.startswith("<?xml")
    assert len(drawn) < 200_000


def test_processes_are_measured_with_their_children() -> None:
    code = "import subprocess, sys; child = subprocess.Popen(['sleep', '60']); print(1, flush=True); child.wait()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        family = list_family(parent.pid)
        assert len(family) == 2
        own, resident = read_memory(parent.pid)
        assert 0 < own < resident
        assert measure_cpu(family, lambda: 4) >= 0
        subprocess.run(["kill", *map(str, family)], check=True)

    def compute() -> int:
        return int(math.fsum(number**0.5 for number in range(400_000)) > 0)

    assert measure_cpu([os.getpid()], compute) > 0
