"""`/healthz` and `/readyz`, and what the process does beside serving."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.instants import now
from actions.cases.outbox import Mail
from actions.cases.records import Draft
from actions.cases.tables import DraftRow
from actions.services import Services
from actions.web import health
from actions.web.engine import Engine


async def test_the_process_is_healthy_when_it_answers(desk: Any) -> None:
    desk.engine.is_down = True
    response = await desk.client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("is_down", [False, True])
async def test_it_is_ready_when_the_database_is_there(desk: Any, is_down: bool) -> None:
    desk.engine.is_down = is_down  # reduced mode still serves
    response = await desk.client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "database": True,
        "index": True,
        "dialogue": not is_down,
        "mail": "by hand",
        "policy_version": desk.services.bundle.policy.version,
        "degraded": ["dialogue"] if is_down else [],
    }


async def test_it_is_not_ready_when_the_database_is_damaged(desk: Any) -> None:
    desk.services.database.close()
    (desk.services.settings.state / "madoguchi.sqlite3").write_bytes(b"no database at all" * 1000)
    response = await desk.client.get("/readyz")
    assert response.status_code == 503
    assert (response.json()["status"], response.json()["database"]) == ("not ready", False)
    assert response.json()["degraded"] == ["database"]


async def test_it_is_not_ready_when_the_database_only_reads(desk: Any) -> None:
    @sa.event.listens_for(desk.services.database.engine, "connect")
    def forbid_writing(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA query_only=ON")

    desk.services.database.close()  # the next connection is a new one
    response = await desk.client.get("/readyz")
    assert (response.status_code, response.json()["degraded"]) == (503, ["database"])


@pytest.mark.parametrize(("free", "status"), [(health.LOW_BYTES - 1, 200), (health.FULL_BYTES - 1, 503)])
async def test_a_disk_is_named_before_it_is_full(
    desk: Any, monkeypatch: pytest.MonkeyPatch, free: int, status: int
) -> None:
    monkeypatch.setattr(health, "_measure_free", lambda _: free)
    response = await desk.client.get("/readyz")
    assert (response.status_code, response.json()["degraded"]) == (status, ["disk"])


async def test_mails_that_do_not_leave_are_named_until_they_have_left(
    open_desk: Callable[..., Any], make_draft: Callable[..., Draft]
) -> None:
    desk = open_desk(smtp_url="smtp://127.0.0.1:1")
    services, (mail, *_) = desk.services, _file_and_lease(desk.services, make_draft)
    services.outbox.put_back(mail, now(), "unreachable")
    ready = (await desk.client.get("/readyz")).json()
    assert (ready["status"], ready["mail"], ready["degraded"]) == ("ready", "unreachable", ["mail"])
    services.upkeep.on_sent(mail)
    ready = (await desk.client.get("/readyz")).json()
    assert (ready["mail"], ready["degraded"]) == ("ok", [])


async def test_a_mail_that_one_recipient_refuses_says_nothing_of_the_way(
    desk: Any, make_draft: Callable[..., Draft]
) -> None:
    mail, *_ = _file_and_lease(desk.services, make_draft)
    desk.services.outbox.put_back(mail, now(), "recipient")
    assert (await desk.client.get("/readyz")).json()["degraded"] == []


async def test_limits_that_are_not_shared_are_named_when_redis_is_away(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(redis_url="redis://127.0.0.1:1/0")
    response = await desk.client.get("/readyz")
    assert (response.status_code, response.json()["degraded"]) == (200, ["limits"])


async def test_a_worker_that_is_away_is_named_while_another_serves(desk: Any) -> None:
    desk.engine.workers = ("http://one.example.com", "http://two.example.com")
    ready = (await desk.client.get("/readyz")).json()
    assert (ready["status"], ready["dialogue"], ready["degraded"]) == ("ready", True, ["dialogue_workers"])


def _file_and_lease(services: Services, make_draft: Callable[..., Draft]) -> list[Mail]:
    services.desk.file(make_draft(), "form")
    return services.outbox.lease(10, now())


async def test_nobody_answers_when_no_engine_runs() -> None:
    engine = Engine(("http://127.0.0.1:1", "http://127.0.0.1:2"), 0.5)
    assert await engine.count_ready() == 0
    await engine.close()


async def test_old_drafts_go_while_the_process_lives_when_their_time_is_over(
    desk: Any, make_draft: Callable[..., Draft]
) -> None:
    services = desk.services
    services.conversations.open("c1", "ja")
    services.conversations.save_draft("c1", make_draft())
    with services.database.transaction() as session:
        session.execute(sa.update(DraftRow).values(updated_at=now() - timedelta(hours=25)))
    async with desk.app.router.lifespan_context(desk.app):
        for _ in range(50):
            if services.conversations.find_draft("c1") is None:
                break
            await asyncio.sleep(0.02)
    assert services.conversations.find_draft("c1") is None
