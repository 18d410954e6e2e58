"""A conversation as its page draws it."""

from __future__ import annotations

from typing import Any

import pytest

from actions.cases.instants import now
from actions.cases.records import Draft, Turn
from actions.texts import say
from actions.web.turns import draw_progress, draw_turn


def _make_turn(desk: Any, **more: Any) -> Turn:
    unit = desk.services.bundle.policy.get_unit("third_party")
    citation = {
        "clause_id": unit.clause_id,
        "section": unit.section,
        "item": "",
        "quote": unit.text,
        "url": "/policy/x#third_party",
        "policy_version": desk.services.bundle.policy.version,
    }
    message = {"text": "x", "citations": [citation], "buttons": [], "status": "answered", "question": "", **more}
    return Turn("m", "名簿を他社に提供していますか", {"language": "ja", "messages": [message]}, now())


async def test_the_words_that_answer_are_marked_when_a_turn_is_drawn(desk: Any) -> None:
    (said,) = draw_turn(desk.services.bundle, _make_turn(desk)).said
    quote = said.cards[0].quotes[0]
    assert quote.text == desk.services.bundle.policy.get_unit("third_party").text
    assert "提供" in {piece.text for piece in quote.pieces if piece.is_telling}


async def test_the_question_answered_decides_what_is_marked_when_it_was_understood_otherwise(desk: Any) -> None:
    (said,) = draw_turn(desk.services.bundle, _make_turn(desk, question="同意はいつ求めますか")).said
    assert [piece.text for piece in said.cards[0].quotes[0].pieces if piece.is_telling] == ["同意"]


async def test_the_answer_is_withheld_when_its_quote_is_no_longer_verbatim(desk: Any) -> None:
    turn = _make_turn(desk)
    turn.reply["messages"][0]["citations"][0]["quote"] = "第三者に提供します。"
    (said,) = draw_turn(desk.services.bundle, turn).said
    assert said.text == say("ja", "replies.withheld")
    assert said.cards == ()


async def test_a_question_of_ours_is_no_silence_when_drawn(desk: Any) -> None:
    (said,) = draw_turn(desk.services.bundle, _make_turn(desk, status="not_covered", clarified=True)).said
    assert said.status == "clarified"


@pytest.mark.parametrize(
    ("asked", "fields", "step", "missing"),
    [
        ("details", {}, 1, ()),
        ("name", {"details": "x"}, 2, ("name", "email", "phone")),
        ("phone", {"details": "x", "name": "山田花子", "email": "h@example.com"}, 2, ("phone",)),
        ("confirmation", {"details": "x", "name": "x", "email": "x", "phone": ""}, 3, ()),
    ],
)
def test_the_step_follows_what_is_asked_when_a_request_is_entered(
    asked: str, fields: dict[str, str], step: int, missing: tuple[str, ...]
) -> None:
    draft = Draft(("disclosure",), "ja", "1-x", "key", asked=asked, fields=fields)
    progress = draw_progress(draft)
    assert progress
    assert (progress.step, progress.missing) == (step, missing)
    assert draw_progress(None) is None
