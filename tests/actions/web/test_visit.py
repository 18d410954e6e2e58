"""Which conversation a browser is in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from actions.web.visit import COOKIE, read_visit


def _read(desk: Any, cookie: str = "", field: str = "") -> Any:
    request: Any = SimpleNamespace(cookies={COOKIE: cookie} if cookie else {})
    return read_visit(request, SimpleNamespace(gateway=desk.gateway), field)  # type: ignore[arg-type]


async def test_the_cookie_decides_when_both_name_a_conversation(desk: Any) -> None:
    mine, other = desk.gateway.make_conversation_id(), desk.gateway.make_conversation_id()
    visit = _read(desk, mine, other)
    assert (visit.conversation_id, visit.by_cookie, visit.is_known, visit.field) == (mine, True, True, "")


async def test_the_field_decides_when_there_is_no_cookie(desk: Any) -> None:
    mine = desk.gateway.make_conversation_id()
    for cookie in ("", "forged"):
        visit = _read(desk, cookie, mine)
        assert (visit.conversation_id, visit.by_cookie, visit.is_known, visit.field) == (mine, False, True, mine)


@pytest.mark.parametrize("named", ["", "x", "c1.x", "\x00", "山田"])
async def test_a_new_conversation_is_made_when_neither_is_ours(desk: Any, named: str) -> None:
    visit = _read(desk, named, named)
    assert desk.gateway.verify(visit.conversation_id) == visit.conversation_id
    assert (visit.by_cookie, visit.is_known) == (False, False)
    assert visit.conversation_id != _read(desk).conversation_id
