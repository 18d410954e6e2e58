"""What the kernel says of a process and its children (Linux: proc(5))."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def read_cpu_seconds(pid: int) -> float:
    """What a process has computed so far (fields utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def list_family(pid: int) -> list[int]:
    """The process and all that it has started."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text("ascii").split()]
    return found


def measure_cpu(pids: Sequence[int], work: Callable[[], int]) -> float:
    """What the processes computed for one of the things that `work` counts, milliseconds."""
    before = sum(read_cpu_seconds(pid) for pid in pids)
    count = work()
    return (sum(read_cpu_seconds(pid) for pid in pids) - before) * 1000 / max(1, count)


def read_memory(pid: int) -> tuple[float, float]:
    """A process's own memory, and all that is resident, in MB (10^6 bytes).

    Not its own are mapped files: Sudachi's dictionary is the system's file cache, shared by app and dialogue engine and
    given up whenever somebody needs the room.
    """
    rows = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines())
    kib = {name: int(rows[name].split()[0]) for name in ("RssAnon", "RssShmem", "VmRSS")}
    return (kib["RssAnon"] + kib["RssShmem"]) * 1.024e-3, kib["VmRSS"] * 1.024e-3


def await_idle(pid: int, seconds: float = 60.0) -> None:
    """Wait until a process computes next to nothing: until what it does at its start is done."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        before = read_cpu_seconds(pid)
        time.sleep(1)
        if read_cpu_seconds(pid) - before < 0.05:
            return
