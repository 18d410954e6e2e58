"""What the desk says, in the form in which it travels."""

from __future__ import annotations

import pytest

from actions.cases.kinds import list_kinds
from actions.dialogue.messages import PAYLOADS, Button, Message, RequestState, say_all


@pytest.mark.parametrize("kind", list_kinds())
def test_a_request_button_fires_its_intent_when_pressed(kind: str) -> None:
    assert PAYLOADS[f"/request:{kind}"] == (f"/{list_kinds()[kind].intent}", {})


@pytest.mark.parametrize("field", ["details", "name", "email", "phone"])
def test_a_change_button_names_its_field_when_pressed(field: str) -> None:
    assert PAYLOADS[f"/change:{field}"] == ("/change", {"field": field})


@pytest.mark.parametrize(
    "text", ["/restart", "/session_start", "/back", "/exercise_disclosure", "/change", "/request:x", "/"]
)
def test_nothing_else_is_a_payload_when_it_begins_with_a_slash(text: str) -> None:
    assert text not in PAYLOADS


def test_a_message_is_whole_when_it_travels() -> None:
    buttons = (Button("はい", "/affirm"),)
    message = Message("text", ({"clause_id": "rights.1"},), buttons, "answered", "review", "なぜですか", clarified=True)
    assert message.as_dict() == {
        "text": "text",
        "citations": [{"clause_id": "rights.1"}],
        "buttons": [{"title": "はい", "payload": "/affirm"}],
        "status": "answered",
        "view": "review",
        "question": "なぜですか",
        "clarified": True,
    }


def test_the_last_payload_carries_the_state_when_there_is_one() -> None:
    state = RequestState(("correction", "complaint"), "filed", "M-0000-0000")
    first, last = say_all(Message("one"), Message("two"), request=state).as_payloads()
    assert "request" not in first
    assert last["request"] == {
        "kind": "correction",
        "kinds": ["correction", "complaint"],
        "state": "filed",
        "receipt": "M-0000-0000",
    }


def test_no_payload_carries_a_state_when_there_is_none() -> None:
    assert [sorted(one) for one in say_all(Message("one")).as_payloads()] == [
        ["buttons", "citations", "clarified", "question", "status", "text", "view"]
    ]
    assert say_all().as_payloads() == []
