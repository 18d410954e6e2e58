"""Measures a running desk from outside, over HTTP, one request after the other."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

WARM_UP = 5  # requests before it counts: caches, connections, compiled templates


@dataclass(frozen=True, slots=True)
class Figure:
    """How long one sort of request took, milliseconds; `cpu` is what the app process computed, on average."""

    name: str
    count: int
    median: float
    p95: float
    cpu: float
    kilobytes: float


def measure(name: str, requests: Iterator[Callable[[], httpx.Response]], count: int, pid: int) -> Figure:
    """Send `count` requests after a few that warm up. Every one must succeed."""
    for _ in range(WARM_UP):
        _demand_success(next(requests)())
    times, size, before = [], 0, read_cpu_seconds(pid)
    for _ in range(count):
        send = next(requests)
        start = time.perf_counter()
        response = send()
        times.append((time.perf_counter() - start) * 1000)
        _demand_success(response)
        size += len(response.content)
    cpu = (read_cpu_seconds(pid) - before) * 1000 / count
    p95 = statistics.quantiles(times, n=20)[-1]
    return Figure(name, count, statistics.median(times), p95, cpu, size / count / 1000)


def read_cpu_seconds(pid: int) -> float:
    """What a process has computed so far (Linux: proc(5), fields utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _demand_success(response: httpx.Response) -> None:
    if response.status_code not in {200, 303}:
        raise RuntimeError(f"{response.request.url.path} answered {response.status_code}")
