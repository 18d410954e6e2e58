"""A request from its opening to its receipt, without an engine: the draft is kept, and only the draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actions.cases.kinds import list_kinds
from actions.cases.records import Draft
from actions.dialogue.intake import Heard
from actions.dialogue.requests import Opening, Progress, continue_request, open_request
from actions.services import Services
from actions.texts import say
from knowledge.conversation import NOTHING, Context

VALUES = ["登録した住所を開示してください", "山田花子", "hanako@example.com", "03-0000-0000"]


@pytest.fixture
def services(make_services: Callable[..., Services]) -> Services:
    found = make_services()
    found.conversations.open("c1", "ja")
    return found


def _say(services: Services, text: str, intent: str = "nlu_fallback", confidence: float = 0.9, **more: str) -> Progress:
    return continue_request(services, "c1", Heard(text, intent, confidence, more.get("field", "")), "ja")


def _fill(services: Services, count: int = 4) -> Progress:
    progress = open_request(services, "c1", "exercise_disclosure", "ja")
    for value in VALUES[:count]:
        progress = _say(services, value)
    return progress


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("kind", list_kinds())
def test_the_governing_clauses_are_shown_when_a_request_opens(services: Services, kind: str, language: str) -> None:
    progress = open_request(services, "c1", list_kinds()[kind].intent, language)
    opening, question = progress.spoken.messages
    cited = [citation["clause_id"] for citation in opening.citations]
    assert cited == list(list_kinds()[kind].clauses)
    assert services.bundle.policy.leads[cited[0]][language] in opening.text
    assert say(language, "intake.how_to_stop") in opening.text
    assert question.buttons[-1].payload == "/cancel"
    assert progress.spoken.request is not None
    assert (progress.spoken.request.kinds, progress.spoken.request.state) == ((kind,), "collecting")
    assert services.conversations.find_draft("c1") == progress.draft


@pytest.mark.parametrize("intent", ["ask_policy", "", "exercise_everything"])
def test_no_request_opens_when_the_intent_asks_for_none(services: Services, intent: str) -> None:
    with pytest.raises(ValueError, match="opens no request"):
        open_request(services, "c1", intent, "ja")
    assert services.conversations.find_draft("c1") is None


def test_the_contact_page_is_linked_when_the_shop_has_one(make_services: Callable[..., Services]) -> None:
    services = make_services(contact_page_url="https://shop.example.com/contact")
    services.conversations.open("c1", "ja")
    opening = open_request(services, "c1", "exercise_correction", "ja").spoken.messages[0]
    assert "https://shop.example.com/contact" in opening.text


@pytest.mark.parametrize(
    ("details", "asked"), [("クッキーは使っていますか", "name"), ("!", "details"), ("", "details")]
)
def test_a_forwarded_question_is_the_details_when_it_says_anything(
    services: Services, details: str, asked: str
) -> None:
    progress = open_request(services, "c1", "complaint", "ja", Opening(details=details))
    assert progress.draft is not None
    assert progress.draft.asked == asked
    assert progress.draft.fields.get("details", "") == (details if asked == "name" else "")


def test_the_review_is_drawn_elsewhere_when_everything_is_given(services: Services) -> None:
    progress = _fill(services)
    (review,) = progress.spoken.messages
    assert (review.view, review.text) == ("review", "")  # the words never travel through the engine
    assert progress.spoken.request is not None
    assert progress.spoken.request.state == "confirming"
    assert review.buttons[0].payload == "/affirm"
    assert not [value for value in VALUES if value in str(progress.spoken.as_payloads())]


def test_a_receipt_is_told_when_filed(services: Services) -> None:
    _fill(services)
    progress = _say(services, "はい")
    (case,) = services.cases.list_all()
    assert progress.draft is None
    assert services.conversations.find_draft("c1") is None
    assert progress.spoken.request is not None
    assert (progress.spoken.request.state, progress.spoken.request.receipt) == ("filed", case.receipt)
    assert case.receipt in progress.spoken.messages[0].text
    assert [case.fields[name] for name in ("details", "name", "email", "phone")] == VALUES
    assert case.channel == "chat"


def test_the_same_receipt_is_told_when_the_draft_was_filed_before(services: Services) -> None:
    # As when another window, or a repeated call of the engine, was faster.
    _fill(services)
    draft = services.conversations.find_draft("c1")
    assert draft is not None
    first, _ = services.desk.file(draft, "chat")
    progress = _say(services, "はい")
    assert progress.spoken.messages[0].text == say("ja", "intake.filed_already", receipt=first.receipt)
    assert len(services.cases.list_all()) == 1


def test_everything_typed_is_gone_when_cancelled(services: Services) -> None:
    _fill(services, 2)
    progress = _say(services, "やめる")
    assert progress.draft is None
    assert progress.spoken.request is not None
    assert progress.spoken.request.state == "cancelled"
    assert services.conversations.find_draft("c1") is None
    assert services.cases.list_all() == []


@pytest.mark.parametrize("text", ["はい", "山田花子", "やめる"])
def test_the_end_is_told_when_the_draft_has_outlived_its_time(services: Services, text: str) -> None:
    _fill(services)
    services.conversations.delete_draft("c1")
    progress = _say(services, text)
    assert progress.draft is None
    assert progress.spoken.messages[0].text == say("ja", "intake.expired")
    assert services.cases.list_all() == []


def test_the_answer_and_the_question_are_said_when_asked_in_between(services: Services) -> None:
    before = _fill(services, 2).draft
    progress = _say(services, "個人情報を第三者に提供しますか", "ask_policy")
    given, asked = progress.spoken.messages
    assert given.citations[0]["clause_id"] == "third_party"
    assert asked.text.startswith(say("ja", "intake.back_to"))
    assert say("ja", "intake.ask_email") in asked.text
    assert progress.draft == before == services.conversations.find_draft("c1")


def test_the_reason_is_given_when_somebody_asks_why(services: Services) -> None:
    _fill(services, 2)
    (message,) = _say(services, "なぜ必要ですか").spoken.messages
    assert say("ja", "intake.why_email") in message.text
    assert say("ja", "intake.ask_email") in message.text


def test_the_reason_is_added_when_a_value_failed_twice(services: Services) -> None:
    _fill(services, 2)
    hint, first = _say(services, "hanako@").spoken.messages
    _, second = _say(services, "hanako@").spoken.messages
    assert hint.text == say("ja", "intake.note_mail_domain")  # what may be wrong with it
    assert first.text == say("ja", "intake.again_email")
    assert second.text.startswith(f"{first.text}\n{say('ja', 'intake.why_email')}\n")
    assert services.bundle.policy.shop.phone in second.text  # … and the way out
    assert [button.payload for button in second.buttons] == ["/requests/new?kind=disclosure&lang=ja", "/cancel"]
    kept = services.conversations.find_draft("c1")
    assert kept is not None
    assert kept.misses == 2


def test_the_fields_are_offered_when_something_is_wrong(services: Services) -> None:
    _fill(services)
    (message,) = _say(services, "違います").spoken.messages
    assert [button.payload for button in message.buttons] == [
        *(f"/change:{name}" for name in ("details", "name", "email", "phone", "kinds")),
        "/cancel",
    ]


def test_the_new_kind_is_introduced_when_it_changes(services: Services) -> None:
    _fill(services, 2)
    progress = _say(services, "やっぱり利用停止で", "exercise_suspension")
    opening, asked = progress.spoken.messages
    assert opening.text.startswith(say("ja", "intake.switched", kind=say("ja", "kinds.suspension"), lead=""))
    assert opening.citations[0]["clause_id"] == "rights.4"
    assert asked.text == say("ja", "intake.ask_email")
    kept = services.conversations.find_draft("c1")
    assert kept is not None
    assert (kept.kinds, kept.fields["name"]) == (("suspension",), "山田花子")


def test_a_button_leaves_the_telephone_out_when_offered(services: Services) -> None:
    (message,) = _fill(services, 3).spoken.messages
    assert [button.payload for button in message.buttons] == [say("ja", "intake.none"), "/cancel"]
    progress = _say(services, message.buttons[0].payload)
    assert progress.draft is not None
    assert progress.draft.fields["phone"] == ""


def test_the_value_is_asked_again_when_its_button_is_pressed(services: Services) -> None:
    _fill(services)
    progress = _say(services, "/change:email", "change", 1.0, field="email")
    assert progress.spoken.messages[0].text == say("ja", "intake.ask_email")
    assert progress.draft is not None
    assert progress.draft.asked == "email"


def test_nothing_is_written_when_nothing_changed(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(services, 2)
    written: list[Draft] = []
    monkeypatch.setattr(type(services.conversations), "save_draft", lambda *given: written.append(given[2]))
    _say(services, "費用はかかりますか?", "ask_policy")
    assert written == []


@pytest.mark.parametrize("values", [1, 2, 3, 4])
def test_no_reading_is_asked_for_when_a_question_comes_in_between(
    services: Services, ambiguous: Any, values: int
) -> None:
    # The next message is a value: a reading would be taken for one.
    asked = _fill(services, values).draft
    progress = _say(services, f"{ambiguous.question}はありますか?", "ask_policy")
    assert progress.spoken.messages[0].status == "not_covered"
    assert not [message for message in progress.spoken.messages if message.clarified]
    payloads = {button.payload for message in progress.spoken.messages for button in message.buttons}
    assert not set(ambiguous.readings(services, "ja")) & payloads
    assert progress.draft == asked


@pytest.mark.parametrize(("context", "clarified"), [(NOTHING, True), (Context("前", (), clarified=True), False)])
def test_no_second_question_back_is_asked_when_the_engine_took_it_for_a_request(
    services: Services, ambiguous: Any, context: Context, clarified: bool
) -> None:
    opening = Opening(f"{ambiguous.question}はできますか?", context=context)
    progress = open_request(services, "c1", "exercise_suspension", "ja", opening)
    assert progress.draft is None
    assert progress.spoken.messages[0].clarified is clarified


def test_a_plain_question_is_answered_when_the_engine_took_it_for_a_request(services: Services) -> None:
    services.conversations.open("c1", "ja")
    progress = open_request(services, "c1", "exercise_third_party_stop", "ja", Opening("第三者に提供しますか"))
    assert progress.draft is None
    assert progress.spoken.messages[0].status
    assert services.conversations.find_draft("c1") is None
