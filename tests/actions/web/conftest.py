"""An officer and an approver at an open desk, each signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from actions.cases.records import Draft
from tests.actions.cases.conftest import Office
from tests.actions.web.officers import Officer, sign_in


@pytest.fixture
async def enlist(desk: Any, make_draft: Callable[..., Draft]) -> AsyncIterator[Callable[..., Awaitable[Officer]]]:
    """Signs somebody in at the desk, by role."""
    opened = []

    async def make(role: str = "officer", name: str = "") -> Officer:
        client = await sign_in(desk, role, name)
        opened.append(client)
        return Officer(desk, Office(desk.services, make_draft), client)

    yield make
    for client in opened:
        await client.aclose()


@pytest.fixture
async def officer(enlist: Callable[..., Awaitable[Officer]]) -> Officer:
    """An officer, who is alone."""
    return await enlist()


@pytest.fixture
async def approver(enlist: Callable[..., Awaitable[Officer]]) -> Officer:
    """A second person."""
    return await enlist("approver")
