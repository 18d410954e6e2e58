"""Rasa's view of the desk: what an action says and which slots it sets, and that no slot holds a person's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actions.dialogue.registry import make_executor
from actions.services import Services
from actions.texts import say

FIELDS = ("request_details", "request_name", "request_email", "request_phone")


@pytest.fixture
def services(make_services: Callable[..., Services]) -> Services:
    found = make_services()
    found.conversations.open("c1", "ja")
    return found


async def _run(services: Services, action: str, text: str, intent: str = "nlu_fallback", **more: Any) -> Any:
    """Call an action as Rasa would. `asked` is the requested slot; other keywords are metadata."""
    slots = {"requested_slot": more.pop("asked", None)}
    latest = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "metadata": {"text": text, **more}}
    tracker = {"sender_id": "c1", "slots": slots, "latest_message": latest, "events": []}
    return await make_executor(services).run({"next_action": action, "tracker": tracker, "domain": {}})


def _slots(result: Any) -> dict[str, Any]:
    assert {event["event"] for event in result.events} == {"slot"}
    return {event["name"]: event["value"] for event in result.events}


async def test_a_question_is_answered_as_one_payload_when_asked(services: Services) -> None:
    result = await _run(services, "action_answer", "個人情報を第三者に提供しますか", "ask_policy", language="ja")
    assert result.events == []
    (response,) = result.responses
    # Text and custom of one utterance would arrive as two messages: everything is in `custom`.
    assert not response.get("text")
    assert response["custom"]["citations"][0]["clause_id"] == "third_party"


async def test_a_follow_up_is_answered_when_the_gateway_says_what_came_before(services: Services) -> None:
    context = {"question": "メールアドレスは収集していますか", "clauses": ["collected.4"], "clarified": False}
    result = await _run(services, "action_answer", "では電話番号は?", "ask_policy", language="ja", context=context)
    said = result.responses[0]["custom"]
    assert said["question"] == "電話番号は収集していますか"
    assert said["citations"][0]["clause_id"] == "collected.3"
    assert result.events == []  # nothing of it stays with the engine


@pytest.mark.parametrize(
    "context", [None, 5, "x", [], {"question": 5, "clauses": 5}, {"question": "x", "clauses": "y"}]
)
async def test_a_question_is_answered_alone_when_what_came_before_is_garbage(services: Services, context: Any) -> None:
    for action in ("action_answer", "validate_request_form"):
        result = await _run(
            services, action, "開示はできますか?", "exercise_disclosure", language="ja", context=context
        )
        assert result.responses[0]["custom"]["question"] == "開示はできますか?"


async def test_what_was_typed_is_kept_and_what_it_is_read_as_is_heard(services: Services) -> None:
    typed, heard = "かいいんの とうろくを けして ください", "会員の登録を消してください"
    result = await _run(services, "validate_request_form", typed, "exercise_suspension", language="ja", heard=heard)
    assert _slots(result)["requested_slot"] == "request_details"
    draft = services.conversations.find_draft("c1")
    assert draft is not None
    assert (draft.kinds, draft.opening) == (("suspension",), typed)


async def test_who_acts_for_another_is_heard_in_kana(services: Services) -> None:
    typed, heard = "ははの かわりに かいてます。とうろくを けして", "母の代わりに書いてます。登録を消して"
    await _run(services, "validate_request_form", typed, "exercise_suspension", language="ja", heard=heard)
    draft = services.conversations.find_draft("c1")
    assert draft is not None
    assert (draft.agent, draft.opening) == ("appointed", typed)


async def test_all_kinds_that_were_stopped_are_gone_on_with(services: Services) -> None:
    kinds = ["disclosure", "suspension", "nonsense"]
    await _run(services, "validate_request_form", "やっぱり続けます", "exercise_disclosure", language="ja", kinds=kinds)
    draft = services.conversations.find_draft("c1")
    assert draft is not None
    assert (draft.kinds, draft.opening) == (("disclosure", "suspension"), "")


async def test_what_came_before_means_nothing_when_a_field_is_asked(services: Services) -> None:
    await _run(services, "validate_request_form", "/request:disclosure", "exercise_disclosure")
    await _run(services, "validate_request_form", "住所を開示してください", asked="request_details")
    context = {"question": "メールアドレスは収集していますか", "clauses": ["collected.4"], "clarified": False}
    result = await _run(services, "validate_request_form", "それはなぜ?", asked="request_name", context=context)
    said = result.responses[0]["custom"]
    assert say("ja", "intake.why_name") in said["text"]
    assert said["citations"] == []


@pytest.mark.parametrize(("language", "wanted"), [("ja", "ja"), ("en", "en"), ("", "ja")])
async def test_the_language_of_the_gateway_counts_when_given(services: Services, language: str, wanted: str) -> None:
    result = await _run(services, "action_reply", "hello", "thanks", language=language)
    assert result.responses[0]["custom"]["text"] == say(wanted, "replies.thanks")


async def test_the_text_as_typed_counts_when_the_engines_copy_differs(services: Services) -> None:
    await _run(services, "validate_request_form", "x", "complaint")
    typed = "ﾊﾝｶｸ の\n苦情です"
    latest = {
        "text": "ハンカク の 苦情です",
        "intent": {"name": "complaint", "confidence": 0.9},
        "metadata": {"text": typed},
    }
    tracker = {
        "sender_id": "c1",
        "slots": {"requested_slot": "request_details"},
        "latest_message": latest,
        "events": [],
    }
    call = {"next_action": "validate_request_form", "tracker": tracker, "domain": {}}
    await make_executor(services).run(call)
    draft = services.conversations.find_draft("c1")
    assert draft is not None
    assert draft.fields["details"] == typed


async def test_the_form_begins_when_a_request_is_heard(services: Services) -> None:
    result = await _run(services, "validate_request_form", "開示して", "exercise_disclosure")
    slots = _slots(result)
    assert slots["requested_slot"] == "request_details"
    assert [slots[name] for name in FIELDS] == [None] * 4  # the opening message is not taken for the details
    assert slots["request_turn"] == "given"
    assert len(result.responses) == 2


async def test_slots_say_only_that_something_was_given_when_values_arrive(services: Services) -> None:
    await _run(services, "validate_request_form", "開示して", "exercise_disclosure")
    asked, seen = "request_details", []
    for text in ("住所を開示してください", "山田花子", "hanako@example.com", "03-0000-0000"):
        result = await _run(services, "validate_request_form", text, asked=asked)
        slots = _slots(result)
        asked = slots["requested_slot"]
        seen.append(asked)
        assert set(slots.values()) <= {"given", None, asked}
        assert text not in str(result.responses)
    assert seen == ["request_name", "request_email", "request_phone", "request_confirmation"]
    assert [slots[name] for name in FIELDS] == ["given"] * 4
    assert slots["request_confirmation"] is None


async def test_the_form_ends_when_the_request_is_filed(services: Services) -> None:
    await _run(services, "validate_request_form", "開示して", "exercise_disclosure")
    for field, text in zip(FIELDS, ("住所を開示", "山田花子", "hanako@example.com", "なし"), strict=True):
        await _run(services, "validate_request_form", text, asked=field)
    result = await _run(services, "validate_request_form", "はい", "affirm", asked="request_confirmation")
    assert _slots(result)["requested_slot"] is None
    (case,) = services.cases.list_all()
    assert result.responses[0]["custom"]["request"]["receipt"] == case.receipt


@pytest.mark.parametrize("text", ["やめる", "stop"])
async def test_the_form_ends_when_the_request_is_cancelled(services: Services, text: str) -> None:
    await _run(services, "validate_request_form", "開示して", "exercise_disclosure")
    result = await _run(services, "validate_request_form", text, asked="request_details")
    slots = _slots(result)
    assert slots["requested_slot"] is None
    assert [slots[name] for name in FIELDS] == [None] * 4


async def test_the_form_ends_when_the_draft_is_gone(services: Services) -> None:
    result = await _run(services, "validate_request_form", "山田花子", asked="request_name")
    assert _slots(result)["requested_slot"] is None
    assert result.responses[0]["custom"]["text"] == say("ja", "intake.expired")


async def test_a_forwarded_question_is_taken_along_when_the_form_begins(services: Services) -> None:
    result = await _run(
        services, "validate_request_form", "/complaint", "complaint", details="クッキーは使っていますか"
    )
    slots = _slots(result)
    assert (slots["request_details"], slots["requested_slot"]) == ("given", "request_name")


async def test_a_button_names_the_field_when_pressed(services: Services) -> None:
    await _run(services, "validate_request_form", "開示して", "exercise_disclosure")
    await _run(services, "validate_request_form", "住所を開示", asked="request_details")
    result = await _run(services, "validate_request_form", "/change", "change", asked="request_name", field="details")
    assert _slots(result)["requested_slot"] == "request_details"


@pytest.mark.parametrize("latest", [None, {}, {"text": None, "intent": None, "metadata": None}])
async def test_something_is_said_when_the_tracker_is_bare(services: Services, latest: Any) -> None:
    tracker = {"sender_id": "c1", "slots": {}, "latest_message": latest, "events": []}
    for action in ("action_answer", "action_reply", "validate_request_form"):
        result = await make_executor(services).run({"next_action": action, "tracker": tracker, "domain": {}})
        assert result.responses[0]["custom"]["text"]


async def test_the_form_is_called_for_when_plain_words_want_what_the_engine_did_not_hear(services: Services) -> None:
    text = "登録している住所を訂正してください"
    result = await _run(services, "action_answer", text, "ask_policy", language="ja")
    assert [(event["event"], event["name"]) for event in result.events] == [("followup", "request_form")]
    assert result.responses == []  # the form says what is to be said
    begun = await _run(services, "validate_request_form", text, "ask_policy", language="ja")
    assert _slots(begun)["requested_slot"] == "request_details"
    draft = services.conversations.find_draft("c1")
    assert draft is not None
    assert (draft.kinds, draft.opening) == (("correction",), text)


async def test_no_form_is_called_for_when_the_gateway_is_sure_of_a_question(services: Services) -> None:
    latest = {
        "text": "/ask_policy",
        "intent": {"name": "ask_policy", "confidence": 1.0},
        "metadata": {"text": "登録している住所を訂正してください", "language": "ja"},
    }
    tracker = {"sender_id": "c1", "slots": {}, "latest_message": latest, "events": []}
    result = await make_executor(services).run({"next_action": "action_answer", "tracker": tracker, "domain": {}})
    assert result.events == []
    assert result.responses[0]["custom"]["text"]


async def test_a_message_is_not_taken_in_twice_when_its_reply_was_lost(services: Services) -> None:
    await _run(services, "validate_request_form", "/request:disclosure", "exercise_disclosure", message_id="m1")
    for _ in range(2):  # the process that was to reply was killed, and the person sent it again
        result = await _run(
            services, "validate_request_form", "住所を開示してください", asked="request_details", message_id="m2"
        )
        draft = services.conversations.find_draft("c1")
        assert draft is not None
        assert (draft.fields, draft.asked) == ({"details": "住所を開示してください"}, "name")
        assert _slots(result)["requested_slot"] == "request_name"
    texts = [response["custom"]["text"] for response in result.responses]
    assert draft.told in texts  # what the person was to be told of the right is told
    assert say("ja", "intake.ask_name") in texts[-1]


@pytest.mark.parametrize("asked", [None, "request_details"])  # the engine wrote down that the request runs, or not
async def test_a_request_is_not_begun_twice_when_its_first_reply_was_lost(
    services: Services, asked: str | None
) -> None:
    given = {"text": "/request:disclosure", "intent": "exercise_disclosure", "message_id": "m1"}
    await _run(services, "validate_request_form", **given)
    first = services.conversations.find_draft("c1")
    result = await _run(services, "validate_request_form", **given, **({"asked": asked} if asked else {}))
    assert services.conversations.find_draft("c1") == first
    assert say("ja", "intake.ask_details") in result.responses[-1]["custom"]["text"]


@pytest.mark.parametrize("action", ["action_answer", "action_reply"])
async def test_a_request_goes_on_when_the_engine_has_forgotten_it(services: Services, action: str) -> None:
    await _run(services, "validate_request_form", "/request:disclosure", "exercise_disclosure")
    await _run(services, "validate_request_form", "住所を開示してください", asked="request_details")
    # A worker was killed before it wrote the request down: for the next one there is none.
    result = await _run(services, action, "山田花子")
    assert [event["name"] for event in result.events] == ["request_form"]
    result = await _run(services, "validate_request_form", "山田花子")
    draft = services.conversations.find_draft("c1")
    assert draft is not None
    assert draft.fields == {"details": "住所を開示してください", "name": "山田花子"}
    assert _slots(result)["requested_slot"] == "request_email"


async def test_another_request_is_begun_when_the_engine_has_forgotten_the_former(services: Services) -> None:
    await _run(services, "validate_request_form", "/request:disclosure", "exercise_disclosure", message_id="m1")
    await _run(services, "validate_request_form", "/request:correction", "exercise_correction", message_id="m2")
    draft = services.conversations.find_draft("c1")
    assert draft is not None
    assert draft.kinds == ("correction",)
