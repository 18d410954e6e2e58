"""Reduced mode: what is said while the dialogue engine is down, and that nothing of a request is lost meanwhile."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from actions.dialogue.messages import PAYLOADS
from actions.services import Services
from actions.texts import say
from actions.web.reduced import FORM_PATH, answer_alone
from knowledge.conversation import Context

VALUES = ["登録した住所を開示してください", "山田花子", "hanako@example.com", "03-0000-0000"]
THIRD_PARTY = "個人情報を第三者に提供しますか"


async def _fill(desk: Any, count: int = 4) -> str:
    """Open a request and give the first values. Returns the conversation."""
    conversation = (await desk.chat("/request:disclosure"))["conversation_id"]
    for value in VALUES[:count]:
        await desk.chat(value, conversation)
    return str(conversation)


@pytest.mark.parametrize("question", [THIRD_PARTY, say("en", "questions.ask_third_party")])
async def test_a_question_is_answered_when_the_engine_is_down(desk: Any, question: str) -> None:
    desk.engine.is_down = True
    body = await desk.chat(question)
    answered, note = body["messages"]
    assert body["degraded"] is True
    assert answered["citations"][0]["clause_id"] == "third_party"
    assert note["text"] == say(body["language"], "reduced.notice")
    assert note["buttons"][0]["payload"] == f"/requests/new?lang={body['language']}"


async def test_the_form_is_offered_when_a_request_is_asked_for_in_reduced_mode(desk: Any) -> None:
    desk.engine.is_down = True
    body = await desk.chat("個人情報の苦情はどこに言えばいいですか")
    buttons = [button for message in body["messages"] for button in message["buttons"]]
    # The engine's own buttons would lead nowhere.
    assert [button["payload"] for button in buttons] == ["/requests/new?kind=complaint&lang=ja"]
    assert body["request"] is None


@pytest.mark.parametrize(
    ("payload", "link"),
    [
        ("/request:correction", "/requests/new?kind=correction&lang=ja"),
        ("/request:third_party_stop", "/requests/new?kind=third_party_stop&lang=ja"),
        ("/forward", "/requests/new?kind=complaint&lang=ja"),
        ("/affirm", "/requests/new?lang=ja"),
        ("/cancel", "/requests/new?lang=ja"),
        ("/help", "/requests/new?lang=ja"),
    ],
)
async def test_the_form_is_offered_when_a_button_is_pressed_in_reduced_mode(desk: Any, payload: str, link: str) -> None:
    desk.engine.is_down = True
    (message,) = (await desk.chat(payload))["messages"]
    assert [button["payload"] for button in message["buttons"]] == [link]
    assert (await desk.client.get(link)).status_code == 200


async def test_a_question_in_a_request_is_answered_when_the_engine_is_down(desk: Any) -> None:
    conversation = await _fill(desk, 2)
    desk.engine.is_down = True
    body = await desk.chat(THIRD_PARTY, conversation)
    assert body["messages"][0]["citations"][0]["clause_id"] == "third_party"
    assert body["request"]["state"] == "collecting"


async def test_the_receipt_is_told_when_the_case_was_filed_but_the_reply_lost(desk: Any) -> None:
    conversation, message_id = await _fill(desk), str(uuid.uuid4())
    desk.engine.loses_replies = True
    body = await desk.chat("はい", conversation, message_id=message_id)
    (case,) = desk.services.cases.list_all()
    assert body["degraded"] is True
    assert body["request"] == {
        "kind": "disclosure",
        "kinds": ["disclosure"],
        "state": "filed",
        "receipt": case.receipt,
    }
    assert case.receipt in body["messages"][0]["text"]
    # and the same again for whoever did not hear that either
    assert await desk.chat("はい", conversation, message_id=message_id) == body
    assert len(desk.services.cases.list_all()) == 1


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_readings_can_be_chosen_when_the_question_could_mean_either(
    services: Services, ambiguous: Any, language: str
) -> None:
    asked, note = answer_alone(services, ambiguous.question, language, None)
    assert [button["payload"] for button in asked["buttons"]] == list(ambiguous.readings(services, language))
    assert note["buttons"][0]["payload"] == f"{FORM_PATH}?lang={language}"
    chosen, _ = answer_alone(services, asked["buttons"][0]["payload"], language, None)
    assert chosen["citations"][0]["clause_id"] == ambiguous.clauses[0]
    assert chosen["status"] == "answered"


def test_no_button_that_only_the_engine_understands_is_offered_when_the_policy_is_silent(services: Services) -> None:
    answered, _ = answer_alone(services, "クッキーは使っていますか", "ja", None)
    assert answered["status"] == "not_covered"
    assert answered["buttons"] == []
    assert "/forward" in PAYLOADS  # which is what it would have offered


def test_a_follow_up_is_read_with_its_context_when_the_engine_is_down(services: Services) -> None:
    context = Context("メールアドレスは収集していますか", ("collected.4", "collected"))
    answered, _ = answer_alone(services, "では電話番号は?", "ja", None, context)
    assert answered["question"] == "電話番号は収集していますか"
    assert answered["citations"][0]["clause_id"] == "collected.3"
    alone, _ = answer_alone(services, "それはなぜ?", "ja", None)
    assert alone["question"] == "それはなぜ?"


@pytest.mark.parametrize("text", ["やめる", "/cancel", "stop"])
async def test_nothing_is_left_when_somebody_stops_in_reduced_mode(desk: Any, text: str) -> None:
    conversation = await _fill(desk, 2)
    desk.engine.is_down = True
    body = await desk.chat(text, conversation)
    assert (body["request"]["state"], body["request"]["receipt"]) == ("cancelled", None)
    assert body["messages"][0]["text"] == say("ja", "intake.cancelled")
    assert desk.services.conversations.find_draft(conversation) is None
    desk.engine.is_down = False
    assert (await desk.chat("はい", conversation))["request"] is None
    assert desk.services.cases.list_all() == []
