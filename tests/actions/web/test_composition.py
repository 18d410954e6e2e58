"""A reply, completed after the engine has spoken."""

from __future__ import annotations

from typing import Any

import pytest

from actions.cases.records import Draft, Standing
from actions.texts import say
from actions.web.composition import Composer

DRAFT = Draft(
    ("disclosure",),
    "ja",
    "1-x",
    "key",
    asked="confirmation",
    fields={"details": "購入履歴", "name": "山田花子", "email": "hanako@example.com", "phone": ""},
)


def _compose(desk: Any, *payloads: dict[str, Any], draft: Draft | None = None) -> dict[str, Any]:
    return Composer(desk.services, "ja").compose(list(payloads), Standing(draft=draft), "c1", degraded=False)


async def test_the_review_is_drawn_from_the_draft_when_the_engine_asks_for_it(desk: Any) -> None:
    reply = _compose(desk, {"view": "review", "text": ""}, draft=DRAFT)
    assert all(value in reply["messages"][0]["text"] for value in DRAFT.fields.values())
    assert reply["request"] == {"kind": "disclosure", "kinds": ["disclosure"], "state": "confirming", "receipt": None}


@pytest.mark.parametrize(("asked", "state"), [("details", "collecting"), ("confirmation", "confirming")])
async def test_the_requests_state_is_told_when_the_engine_says_none(desk: Any, asked: str, state: str) -> None:
    draft = Draft(("correction",), "ja", "1-x", "key", asked=asked)
    assert _compose(desk, {"text": "x"}, draft=draft)["request"]["state"] == state
    assert _compose(desk, {"text": "x"})["request"] is None


async def test_no_status_link_is_made_up_when_there_is_no_such_case(desk: Any) -> None:
    filed = {"view": "filed", "text": "x", "request": {"receipt": "M-0000-0000"}}
    assert _compose(desk, filed)["messages"][0]["buttons"] == []


@pytest.mark.parametrize(
    ("payload", "title"),
    [
        ("/request:disclosure", say("ja", "kinds.disclosure")),
        ("/change:email", say("ja", "buttons.change", field=say("ja", "fields.email"))),
        ("/change:agent", say("ja", "buttons.myself")),
        ("/affirm", say("ja", "buttons.affirm")),
        ("/nothing:of", "/nothing:of"),
        ("住所を消して", "住所を消して"),
    ],
)
async def test_the_transcript_shows_a_buttons_title_when_it_was_pressed(desk: Any, payload: str, title: str) -> None:
    assert Composer(desk.services, "ja").label(payload) == title
