"""`/healthz` and `/readyz`, and what the process does beside serving."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.instants import now
from actions.cases.records import Draft
from actions.cases.tables import DraftRow
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
        "dialogue": not is_down,
        "policy_version": desk.services.bundle.policy.version,
    }


async def test_it_is_not_ready_when_the_database_is_gone(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def fail(*_: object) -> Any:
        raise sa.exc.OperationalError("select 1", {}, Exception("gone"))
        yield

    monkeypatch.setattr(type(desk.services.database), "reading", fail)
    response = await desk.client.get("/readyz")
    assert response.status_code == 503
    assert (response.json()["status"], response.json()["database"]) == ("not ready", False)


async def test_nobody_answers_when_no_engine_runs() -> None:
    engine = Engine("http://127.0.0.1:1", 0.5)
    assert await engine.is_ready() is False
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
