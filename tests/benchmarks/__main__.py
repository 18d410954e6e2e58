"""`python -m tests.benchmarks [--cases N] [--requests N]`: how fast the officer's desk is with many cases.

Fills a desk with invented cases on SQLite, and the same on PostgreSQL (in a schema of its own, dropped at the end),
starts the app process as `make run` does, without the dialogue engine, and asks for its pages over HTTP, one after the
other. Prints a table and writes `.madoguchi/bench.json`. Exit code 1: a page is slower than its bar.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from actions.cases.database import Database
from actions.cases.tables import Base, CaseRow
from actions.services import Services, open_services
from tests.actions.conftest import POSTGRES
from tests.benchmarks.copies import copy_desk, fill
from tests.benchmarks.measure import Figure, measure, read_cpu_seconds
from tests.benchmarks.models import DETAILS
from tests.journeys.desk import Desk, make_state, wait_until
from tests.prepared import MADE

BAR_MS = 50.0  # at the median: what is felt as at once, with the network's share left
BARRED = ("inbox", "case")  # what the bar is for
INBOX = (
    "tab=todo",
    "tab=unconfirmed",
    "tab=waiting",
    "tab=closed",
    "tab=all",
    "tab=todo&kind=correction",
    "tab=todo&assignee=hanako&overdue=1",
    "tab=all&state=deciding",
    "tab=closed&channel=form&kind=disclosure",
    "tab=todo&page=5",
    "tab=closed&page=5",
    "tab=all&page=5",
)
RARE = ("export", "measures")  # asked for now and then: a tenth of the requests
TABS = {"to do": CaseRow.closed_at.is_(None), "closed": CaseRow.closed_at.is_not(None)}
FEE = "300"  # yen: without a published fee no case could wait for one

Sender = Callable[[], httpx.Response]


def main() -> int:
    """Fill, measure, print. Returns the exit code."""
    chosen = _read_arguments()
    with tempfile.TemporaryDirectory() as folder:
        state = make_state(Path(folder))
        desk = Desk(state, fee_disclosure_yen=FEE)
        services = open_services(desk.settings)
        password = services.accounts.create("hanako", "officer")
        for name, role in (("saburo", "officer"), ("jiro", "approver")):
            services.accounts.create(name, role)
        started = time.monotonic()
        rows = fill(services, chosen.cases)
        problems = services.audit.verify().problems
        if problems:
            raise RuntimeError(f"the filled desk is not whole: {problems[0]}")
        _say(f"{chosen.cases} cases, {rows} rows, filled in {time.monotonic() - started:.0f} s")
        found = {"sqlite": _measure_desk(desk, services, password, chosen.requests)}
        with _open_postgres() as url:
            other = Desk(state, fee_disclosure_yen=FEE, database_url=url)
            empty = Database(url)
            empty.migrate()
            copy_desk(services.database, empty)
            _analyse(empty)
            empty.close()
            copied = open_services(other.settings)
            found["postgresql"] = _measure_desk(other, copied, password, chosen.requests)
    _write_report(chosen.cases, found)
    return int(any(is_slow(one) for figures in found.values() for one in figures))


def is_slow(figure: Figure) -> bool:
    """Whether a page is above its bar."""
    return figure.name.startswith(BARRED) and figure.median > BAR_MS


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=200, help="of each sort")
    return parser.parse_args()


def _measure_desk(desk: Desk, services: Services, password: str, count: int) -> list[Figure]:
    desk.app.start()
    try:
        wait_until(lambda: desk.app.is_ready() or not desk.app.is_running(), "the app is ready")
        assert desk.app.child is not None
        with desk.open_http() as http:
            _settle(desk.app.child.pid)
            answer = http.post("/desk/sign-in", data={"name": "hanako", "password": password})
            assert answer.status_code == 303
            figures = []
            for name, requests in _list_requests(http, services):
                number = max(1, count // 10) if name.startswith(RARE) else count
                figures.append(measure(name, requests, number, desk.app.child.pid))
                _say(_word(services.database.engine.dialect.name, figures[-1]))
            return figures
    finally:
        desk.app.stop()
        services.database.close()


def _settle(pid: int) -> None:
    """Wait until the night's work, which every process looks for at its start, is done."""

    def is_idle() -> bool:
        before = read_cpu_seconds(pid)
        time.sleep(1)
        return read_cpu_seconds(pid) - before < 0.05

    wait_until(is_idle, "the app is idle")


def _list_requests(http: httpx.Client, services: Services) -> Iterator[tuple[str, Iterator[Sender]]]:
    for query in INBOX:
        yield f"inbox {query}", itertools.repeat(partial(http.get, f"/desk?{query}"))
    for name, condition in TABS.items():
        yield f"case, {name}", _open_cases(http, services.database, condition)
    yield "intake by form", _file_requests(http)
    yield "export of a tab", itertools.repeat(partial(http.get, "/desk/export.csv?tab=todo"))
    yield "measures", itertools.repeat(partial(http.get, "/desk/measures"))


def _open_cases(http: httpx.Client, database: Database, condition: Any) -> Iterator[Sender]:
    with database.reading() as session:
        receipts = list(session.scalars(sa.select(CaseRow.receipt).where(condition).order_by(CaseRow.receipt)))
    chance = random.Random(7)
    while True:
        yield partial(http.get, f"/desk/cases/{chance.choice(receipts)}")


def _file_requests(http: httpx.Client) -> Iterator[Sender]:
    for number in itertools.count():
        person = {"details": DETAILS, "name": "山田花子", "email": f"new{number}@example.com", "phone": "03-0000-0000"}
        yield partial(
            http.post, "/requests/new", data={**person, "kind": "disclosure", "filing_key": str(uuid.uuid4())}
        )


@contextmanager
def _open_postgres() -> Iterator[str]:
    """The address of an empty schema, which is dropped at the end."""
    schema = f"madoguchi_bench_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        try:
            yield f"{POSTGRES}?options=-csearch_path%3D{schema}"
        finally:
            connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    admin.dispose()


def _analyse(database: Database) -> None:
    """What autovacuum does within a minute, by itself and at any other time."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in Base.metadata.tables:
            connection.exec_driver_sql(f"VACUUM ANALYZE {name}")


def _write_report(cases: int, found: dict[str, list[Figure]]) -> None:
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cases": cases,
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "bar_ms": BAR_MS,
        "figures": {name: [asdict(one) for one in figures] for name, figures in found.items()},
    }
    path = MADE / "bench.json"
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1), "utf-8")
    slow = [f"{name}: {one.name}" for name, figures in found.items() for one in figures if is_slow(one)]
    _say(f"written: {path.name}; load {report['load']:.1f}; above {BAR_MS:.0f} ms: {', '.join(slow) or 'none'}")


def _word(database: str, one: Figure) -> str:
    times = f"median {one.median:6.1f} ms   p95 {one.p95:6.1f} ms   cpu {one.cpu:5.1f} ms"
    return f"{database:<11} {one.name:<44} {times}   {one.kilobytes:6.1f} kB   n={one.count}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
