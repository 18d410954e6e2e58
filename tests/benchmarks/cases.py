"""The officer's desk with many cases: its pages over HTTP, one after the other, on SQLite and PostgreSQL."""

from __future__ import annotations

import itertools
import random
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from actions.cases.database import Database
from actions.cases.tables import Base, CaseRow
from actions.services import Services, open_services
from tests.benchmarks.copies import copy_desk, fill
from tests.benchmarks.figures import Figure, summarise
from tests.benchmarks.models import DETAILS
from tests.benchmarks.processes import await_idle, measure_cpu
from tests.journeys.desk import Desk, make_state, wait_until
from tests.stores import open_schema

PART = "cases"
SIZES = (100, 1_000, 20_000)  # the last one also on PostgreSQL
WARM_UP = 5  # requests before it counts: caches, connections, compiled templates
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


def measure(scale: float, say: Callable[[str], None]) -> list[Figure]:
    """Fill desks of each size and measure them; `scale` shortens the measuring and makes the largest desk smaller."""
    found = []
    for size in (*SIZES[:-1], max(SIZES[-2], round(SIZES[-1] * min(1.0, scale)))):
        with tempfile.TemporaryDirectory() as folder:
            found += _measure_size(Path(folder), size, scale, say)
    return found


def _measure_size(folder: Path, size: int, scale: float, say: Callable[[str], None]) -> list[Figure]:
    largest = size > SIZES[-2]
    count = max(5, round((100 if largest else 50) * scale))
    state = make_state(folder)
    desk = Desk(state, fee_disclosure_yen=FEE)
    services = open_services(desk.settings)
    password = services.accounts.create("hanako", "officer")
    for name, role in (("saburo", "officer"), ("jiro", "approver")):
        services.accounts.create(name, role)
    started = time.monotonic()
    rows = fill(services, size)
    if problems := services.audit.verify().problems:
        raise RuntimeError(f"the filled desk is not whole: {problems[0]}")
    say(f"cases: {size} ({rows} rows), filled in {time.monotonic() - started:.0f} s")
    found = _measure_desk(desk, services, password, count, f"{size} cases, sqlite")
    if largest:
        with open_schema("madoguchi_bench") as url:
            other = Desk(state, fee_disclosure_yen=FEE, database_url=url)
            empty = Database(url)
            empty.migrate()
            copy_desk(services.database, empty)
            _analyse(empty)
            empty.close()
            copied = open_services(other.settings)
            found += _measure_desk(other, copied, password, count, f"{size} cases, postgresql")
    return found


def _measure_desk(desk: Desk, services: Services, password: str, count: int, where: str) -> list[Figure]:
    desk.app.start()
    try:
        wait_until(lambda: desk.app.is_ready() or not desk.app.is_running(), "the app is ready")
        assert desk.app.child is not None
        pid = desk.app.child.pid
        await_idle(pid)  # the night's work, which every process looks for at its start
        with desk.open_http() as http:
            answer = http.post("/desk/sign-in", data={"name": "hanako", "password": password})
            if answer.status_code != 303:
                raise RuntimeError(f"signing in answered {answer.status_code}")
            return [
                _measure_page(name, requests, max(3, count // 10) if name.startswith(RARE) else count, pid)
                for name, requests in _list_requests(http, services, where)
            ]
    finally:
        desk.app.stop()
        services.database.close()


def _measure_page(name: str, requests: Iterator[Sender], count: int, pid: int) -> Figure:
    """Send so many requests after a few that warm up. Every one must succeed."""
    for _ in range(WARM_UP):
        _demand_success(next(requests)())
    times: list[float] = []

    def work() -> int:
        for _ in range(count):
            send = next(requests)
            start = time.perf_counter()
            response = send()
            times.append((time.perf_counter() - start) * 1000)
            _demand_success(response)
        return count

    cpu = measure_cpu([pid], work)
    return summarise(PART, name, times, cpu)


def _demand_success(response: httpx.Response) -> None:
    if response.status_code not in {200, 303}:
        raise RuntimeError(f"{response.request.url.path} answered {response.status_code}")


def _list_requests(http: httpx.Client, services: Services, where: str) -> Iterator[tuple[str, Iterator[Sender]]]:
    for query in INBOX:
        yield f"inbox, {where}: {query}", itertools.repeat(partial(http.get, f"/desk?{query}"))
    for name, condition in TABS.items():
        yield f"case, {where}: {name}", _open_cases(http, services.database, condition)
    yield f"intake, {where}: by form", _file_requests(http)
    yield f"export, {where}: of a tab", itertools.repeat(partial(http.get, "/desk/export.csv?tab=todo"))
    yield f"measures, {where}", itertools.repeat(partial(http.get, "/desk/measures"))


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


def _analyse(database: Database) -> None:
    """What autovacuum does within a minute, by itself and at any other time."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in Base.metadata.tables:
            connection.exec_driver_sql(f"VACUUM ANALYZE {name}")
