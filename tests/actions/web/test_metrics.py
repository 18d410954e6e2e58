"""`/metrics` on the internal port: what is counted is right, and nothing of anybody is in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from actions.cases.instants import now
from actions.cases.records import Draft
from actions.cases.tables import CaseRow
from actions.dialogue.registry import make_executor
from actions.metrics import OUTCOMES
from actions.services import Services
from actions.texts import say
from actions.web.metrics import write_metrics
from actions.web.webhook import make_internal_app

SECRET = "a-secret-of-24-characters"
TYPED = ("山吹みどり", "midori@example.com", "03-0000-0909", "桃色の傘の箱")
# Every label there may be and every value it may have; a new one is added here on purpose.
LABELS = {
    "outcome": {*OUTCOMES, "sent", "written", "failed", "dead"},
    "language": {"ja", "en"},
    "stage": {"whole", "engine", "retrieval"},
    "rate": {"conversation", "address", "sign_in", "filing", "status", "code", "try"},
    "standing": {"unconfirmed", "open", "overdue"},
    "state": {"pending", "held", "leased", "written", "dead"},
}


Samples = dict[tuple[str, frozenset[str]], float]


def read(services: Services) -> Samples:
    """All samples by name and label values."""
    families = text_string_to_metric_families(write_metrics(services).decode())
    return {(one.name, frozenset(one.labels.values())): one.value for family in families for one in family.samples}


def grow(services: Services, before: Samples, name: str, *labels: str) -> float:
    """How much a sample has grown: the process's counters are shared by all tests."""
    key = (name, frozenset(labels))
    return read(services)[key] - before.get(key, 0.0)


async def test_turns_are_counted_by_what_came_of_them(desk: Any) -> None:
    before = read(desk.services)
    await desk.chat(say("ja", "questions.ask_collected"))
    await desk.chat("/request:disclosure", language="en")
    desk.engine.is_down = True
    await desk.chat(say("en", "questions.ask_collected"))
    assert grow(desk.services, before, "madoguchi_turns_total", "answered", "ja") == 1
    assert grow(desk.services, before, "madoguchi_turns_total", "answered", "en") == 1
    assert grow(desk.services, before, "madoguchi_turns_total", "request", "en") == 1
    assert grow(desk.services, before, "madoguchi_degraded_turns_total") == 1
    assert grow(desk.services, before, "madoguchi_turn_seconds_count", "whole") == 3
    assert grow(desk.services, before, "madoguchi_turn_seconds_count", "engine") == 3
    assert grow(desk.services, before, "madoguchi_turn_seconds_count", "retrieval") >= 2


async def test_refusals_are_counted_by_their_limit(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(rate_conversation="1/minute")
    before = read(desk.services)
    first = await desk.chat("こんにちは")
    body = {"message": "こんにちは", "conversation_id": first["conversation_id"]}
    assert (await desk.client.post("/api/chat", json=body)).status_code == 429
    assert grow(desk.services, before, "madoguchi_rate_limited_total", "conversation") == 1


async def test_mails_and_database_errors_are_counted(services: Services) -> None:
    before = read(services)
    with pytest.raises(sa.exc.OperationalError), services.database.reading() as session:
        session.execute(sa.text("select * from nothing"))
    assert grow(services, before, "madoguchi_database_errors_total", "OperationalError") == 1


def test_cases_and_the_outbox_are_counted_as_they_stand(services: Services, make_draft: Callable[..., Draft]) -> None:
    for _ in range(3):
        services.desk.file(make_draft(), "form")
    moment = now()
    with services.database.transaction() as session:
        first, second, _ = session.scalars(sa.select(CaseRow).order_by(CaseRow.created_at))
        for row, due in ((first, moment - timedelta(days=1)), (second, moment + timedelta(days=1))):
            row.state, row.confirmed_at, row.due_at = "received", moment, due
    (dead, *_) = services.outbox.lease(1, moment)
    services.outbox.put_back(dead, moment, "recipient", permanent=True)
    found = read(services)
    cases = {standing: found["madoguchi_cases", frozenset([standing])] for standing in LABELS["standing"]}
    assert cases == {"unconfirmed": 1, "open": 2, "overdue": 1}
    mails = {state: found["madoguchi_outbox", frozenset([state])] for state in LABELS["state"]}
    assert mails == {"pending": 5, "held": 0, "leased": 0, "written": 0, "dead": 1}
    assert found["madoguchi_database_up", frozenset()] == 1
    policy, built_from = services.bundle.policy.version, services.bundle.built_from[:12]
    assert found["madoguchi_index_info", frozenset([policy, built_from])] == 1
    assert found["process_resident_memory_bytes", frozenset()] > 0


def test_a_database_that_is_away_is_told_of_and_nothing_fails(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def fail(*_: object) -> Any:
        raise sa.exc.OperationalError("select 1", {}, Exception("gone"))
        yield

    monkeypatch.setattr(type(services.database), "reading", fail)
    found = read(services)
    assert found["madoguchi_database_up", frozenset()] == 0
    assert not [name for name, _ in found if name in {"madoguchi_cases", "madoguchi_outbox"}]
    assert found["process_resident_memory_bytes", frozenset()] > 0


async def test_nothing_of_anybody_is_in_it(desk: Any) -> None:
    body = await desk.chat("/request:disclosure", language="ja")
    details, name, email, phone = TYPED[3], *TYPED[:3]
    for text in (details, name, email, phone, "はい"):
        body = await desk.chat(text, body["conversation_id"])
    receipt = body["request"]["receipt"]
    written = write_metrics(desk.services).decode()
    assert not [word for word in (*TYPED, receipt, body["conversation_id"]) if word in written]
    for family in text_string_to_metric_families(written):
        for sample in family.samples:
            if sample.name.startswith(("madoguchi_index", "madoguchi_database_errors")):
                continue  # versions and hashes; names of SQLAlchemy's errors
            strange = {key: value for key, value in sample.labels.items() if value not in LABELS.get(key, ())}
            assert set(strange) <= {"le"}, sample


@pytest.mark.parametrize(
    ("secret", "given", "status"),
    [("", "", 200), (SECRET, f"Bearer {SECRET}", 200), (SECRET, "", 403), (SECRET, "Bearer ひみつ", 403)],
)
async def test_it_is_shown_on_the_internal_port_to_who_knows_the_secret(
    make_services: Callable[..., Services], secret: str, given: str, status: int
) -> None:
    services = make_services(webhook_secret=secret)
    transport = httpx.ASGITransport(make_internal_app(services, make_executor(services)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:5055") as client:
        response = await client.get("/metrics", headers={b"authorization": given.encode()} if given else {})
    assert response.status_code == status
    assert ("madoguchi_turns_total" in response.text) == (status == 200)
