"""The desk's disk is full, or another program holds its database: the real processes say so, keep what they promised,
and go on by themselves when it is over.
"""

from __future__ import annotations

import html
import resource
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import httpx
import pytest
from sqlalchemy.engine import make_url

from actions.texts import say
from knowledge.policy import load_policy
from tests.journeys.desk import ASKED, Desk, Talk, join, list_citations, wait_until
from tests.journeys.test_faults import FIELDS

pytestmark = pytest.mark.journey

Fault = Callable[[Desk], AbstractContextManager[None]]


@contextmanager
def fill_disk(desk: Desk) -> Iterator[None]:
    """The app process can write not a byte more into any file, its log included (EFBIG instead of ENOSPC)."""
    assert desk.app.child is not None
    pid, former = desk.app.child.pid, resource.prlimit(desk.app.child.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, former[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, former)


@contextmanager
def lock_database(desk: Desk) -> Iterator[None]:
    """Another program has begun to write and does not end, for longer than the desk waits."""
    other = sqlite3.connect(str(make_url(desk.settings.database).database), isolation_level=None, timeout=60)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


@pytest.fixture(params=[fill_disk, lock_database], ids=["full", "locked"])
def fault(request: pytest.FixtureRequest) -> Fault:
    """One way in which nothing can be kept."""
    found: Fault = request.param
    return found


def test_nothing_is_lost_while_nothing_can_be_kept(desk: Desk, http: httpx.Client, fault: Fault) -> None:
    talk, before = Talk(http, "ja"), set(desk.list_cases())
    talk.say_all("/request:disclosure", *FIELDS.values())
    form = {**FIELDS, "kind": "complaint", "filing_key": str(uuid.uuid4())}
    yes = {"message": "はい", "conversation_id": talk.conversation_id, "message_id": str(uuid.uuid4())}
    with fault(desk):
        asked = http.post("/api/ask", json={"question": ASKED["ja"]})
        answer = talk.say(ASKED["ja"])
        refused = http.post("/api/chat", json=yes)
        page = http.post("/?lang=ja", data={"message": "退会したいです。"})
        intake = http.post("/requests/new?lang=ja", data=form)
        healthy = http.get("/healthz")
    assert (asked.status_code, asked.json()["status"]) == (200, "answered")
    assert list_citations(answer)
    assert say("ja", "reduced.unkept", phone=_find_phone(desk)) in join(answer)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "storage_down")
    assert (page.status_code, "退会したいです。</textarea>" in page.text) == (503, True)
    assert intake.status_code == 503
    assert all(value in html.unescape(intake.text) for value in FIELDS.values())
    assert healthy.status_code == 200
    assert desk.app.is_running()
    assert set(desk.list_cases()) == before
    # It is over: the same message and the same form do what they were to do, once.
    filed = http.post("/api/chat", json=yes).json()
    assert filed["request"]["state"] == "filed"
    assert http.post("/requests/new?lang=ja", data=form).status_code == 303
    cases = desk.list_cases()
    new = set(cases) - before
    assert len(new) == 2
    assert all(cases[receipt].fields == FIELDS for receipt in new)
    desk.run_command("verify-audit")
    wait_until(lambda: http.get("/readyz").json()["status"] == "ready", "the desk is ready")


def _find_phone(desk: Desk) -> str:
    return load_policy(desk.settings.shop).shop.phone
