"""Several turns: what follows on from an answer is read with it, and nothing follows on into a request."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest

from actions.logs import configure_logs
from actions.texts import say
from knowledge.answer import sentence

# A question, and what leans on it: typed, the clause that answers, and what it was understood as.
TALKS = {
    "ja": [
        ("メールアドレスは収集していますか", "collected.4", ""),
        ("では電話番号は?", "collected.3", "「電話番号は収集していますか」"),
        ("それはなぜ?", "collected.3", "「電話番号は収集していますか」"),
        ("もっと詳しく", "collected.3", "「電話番号は収集していますか」"),
        ("2番目は?", "collected.2", "2番目"),
    ],
    "en": [
        ("Do you collect my email address?", "collected.4", ""),
        ("What about my phone number?", "collected.3", "“Do you collect my phone number?”"),
        ("Why is that?", "collected.3", "“Do you collect my phone number?”"),
        ("Tell me more", "collected.3", "“Do you collect my phone number?”"),
        ("And the second one?", "collected.2", "item 2"),
    ],
}
WHY = {"ja": "それはなぜ?", "en": "Why is that?"}
FOREIGN = {
    "fr": "Est-ce que vous vendez mes données personnelles à d'autres entreprises ?",
    "zh": "你们会把我的个人信息提供给第三方公司吗？请告诉我。",
    "ko": "제 개인정보를 제삼자에게 제공하나요?",
}
ROMAJI, IN_KANA = "kojin jouhou wo daisansha ni teikyou shimasu ka", "個人情報を第三者に提供しますか"
THIRD_PARTY = {"ja": "個人情報を第三者に提供しますか", "en": say("en", "questions.ask_third_party")}


async def _talk(desk: Any, language: str, count: int = 5) -> tuple[str, list[dict[str, Any]]]:
    """The first turns of `TALKS`. Returns the conversation and the replies."""
    replies: list[dict[str, Any]] = []
    for typed, _, _ in TALKS[language][:count]:
        # Whatever recognition would make of so few words.
        if replies:
            desk.engine.hear(typed, "greet", 0.99)
        replies.append(await desk.chat(typed, replies[-1]["conversation_id"] if replies else None))
    return str(replies[-1]["conversation_id"]), replies


def _cited(reply: dict[str, Any], place: int = 0) -> list[str]:
    return [citation["clause_id"] for citation in reply["messages"][place]["citations"]]


def _payloads(reply: dict[str, Any], place: int = 0) -> list[str]:
    return [button["payload"] for button in reply["messages"][place]["buttons"]]


# --- following on


@pytest.mark.parametrize("language", TALKS)
async def test_each_question_is_read_with_the_one_before_when_it_leans_on_it(desk: Any, language: str) -> None:
    conversation, replies = await _talk(desk, language)
    for (typed, clause, understood), reply in zip(TALKS[language], replies, strict=True):
        assert _cited(reply)[0] == clause, typed
        assert understood in reply["messages"][0]["text"], typed
        assert (reply["language"], reply["degraded"], len(reply["messages"])) == (language, False, 1)
    # "More" shows the section whole.
    assert {"collected", "collected.1", "collected.6", "collected.note"} <= set(_cited(replies[3]))
    # What a follow-up is, its form says: the engine recognises nothing but the first.
    assert [message for _, message, _ in desk.engine.sent] == [TALKS[language][0][0], *["/ask_policy"] * 4]
    kept = [turn.message for turn in desk.services.conversations.list_turns(conversation)]
    assert kept == [typed for typed, _, _ in TALKS[language]]


@pytest.mark.parametrize("language", TALKS)
async def test_the_engine_is_told_what_went_before_when_a_question_follows(desk: Any, language: str) -> None:
    _, replies = await _talk(desk, language, 3)
    first, second, third = (metadata["context"] for _, _, metadata in desk.engine.sent)
    assert first == {"question": "", "clauses": [], "clarified": False}
    assert second == {"question": TALKS[language][0][0], "clauses": _cited(replies[0]), "clarified": False}
    assert third["question"] in TALKS[language][1][2]  # what the second was understood as
    assert third["question"] not in {"", TALKS[language][1][0]}


@pytest.mark.parametrize(
    "text", ["それはなぜ?", "もっと詳しく", "2番目は?", "では電話番号は?", "Why is that?", "Tell me more"]
)
async def test_nothing_is_followed_when_nothing_came_before(desk: Any, text: str) -> None:
    body = await desk.chat(text)
    assert desk.engine.sent[-1][1] == text  # for the engine to recognise
    assert desk.engine.sent[-1][2]["context"]["question"] == ""
    assert body["messages"][0]["text"]


@pytest.mark.parametrize("between", ["/help", "/human", "/cancel"])
async def test_nothing_is_followed_when_something_else_was_said_last(desk: Any, between: str) -> None:
    conversation, _ = await _talk(desk, "ja", 1)
    await desk.chat(between, conversation)
    await desk.chat("それはなぜ?", conversation)
    assert desk.engine.sent[-1][1] == "それはなぜ?"
    assert desk.engine.sent[-1][2]["context"]["question"] == ""


async def test_two_conversations_do_not_mix_when_both_go_on(desk: Any) -> None:
    conversation, _ = await _talk(desk, "ja", 1)
    other = (await desk.chat(THIRD_PARTY["ja"]))["conversation_id"]
    assert _cited(await desk.chat("では電話番号は?", conversation))[0] == "collected.3"
    assert desk.engine.sent[-1][2]["context"]["question"] == TALKS["ja"][0][0]
    await desk.chat("もっと詳しく", other)
    assert desk.engine.sent[-1][2]["context"]["question"] == THIRD_PARTY["ja"]


async def test_the_same_reply_comes_when_a_follow_up_arrives_twice(desk: Any) -> None:
    conversation, _ = await _talk(desk, "ja", 1)
    message_id = "c5a1f6f0-1f4f-4f57-9a5a-0f2b0c7f2a11"
    first = await desk.chat("では電話番号は?", conversation, message_id=message_id)
    await desk.chat("もっと詳しく", conversation)
    assert await desk.chat("では電話番号は?", conversation, message_id=message_id) == first
    assert len(desk.engine.sent) == 3


async def test_a_follow_up_is_answered_when_a_newer_edition_came_into_force(publishing_desk: Any) -> None:
    desk, publish = publishing_desk
    conversation = (await desk.chat(THIRD_PARTY["ja"]))["conversation_id"]
    _, new = publish()
    body = await desk.chat("もっと詳しく", conversation)
    assert body["messages"][0]["citations"][0]["policy_version"] == new.version
    assert _cited(body)[0] == "third_party"


async def test_a_follow_up_works_when_there_is_no_javascript(desk: Any) -> None:
    await desk.client.post("/", data={"message": TALKS["ja"][0][0]})
    await desk.client.post("/", data={"message": "では電話番号は?"})
    page = html.unescape((await desk.client.get("/")).text)
    assert sentence("ja", "understood_replaced").format(question="電話番号は収集していますか") in page
    assert desk.services.bundle.policy.get_unit("collected.3").text in page


# --- asking which was meant


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_the_readings_are_buttons_when_the_question_could_mean_either(
    desk: Any, ambiguous: Any, language: str
) -> None:
    readings = list(ambiguous.readings(desk.services, language))
    asked = await desk.chat(ambiguous.question, language=language)
    assert asked["messages"][0]["text"] == sentence(language, "clarify")
    assert _payloads(asked) == [*readings, "/forward"]
    assert [button["title"] for button in asked["messages"][0]["buttons"][:2]] == readings
    assert asked["request"] is None
    for reading, clause in zip(readings, ambiguous.clauses, strict=True):
        desk.engine.hear(reading, "greet", 0.99)
        body = await desk.chat(reading, asked["conversation_id"], language=language)
        assert desk.engine.sent[-1][1] == "/ask_policy"
        assert _cited(body)[0] == clause
        assert not set(_payloads(body)) & set(readings)


@pytest.mark.parametrize("again", ["{}", "{}について教えてください", "{} 電話番号", "それはなぜ?"])
async def test_a_second_question_back_is_never_asked_when_one_was_not_answered(
    desk: Any, ambiguous: Any, again: str
) -> None:
    readings = set(ambiguous.readings(desk.services, "ja"))
    asked = await desk.chat(ambiguous.question, language="ja")
    assert readings <= set(_payloads(asked))
    body = await desk.chat(again.format(ambiguous.question), asked["conversation_id"], language="ja")
    assert not readings & set(_payloads(body))
    assert sentence("ja", "clarify") not in body["messages"][0]["text"]
    # After that answer it may be asked once more.
    body = await desk.chat(f"{ambiguous.question}とは何ですか", asked["conversation_id"], language="ja")
    assert readings <= set(_payloads(body))


async def test_a_second_question_back_is_never_asked_when_the_engine_hears_a_request(desk: Any, ambiguous: Any) -> None:
    asked = await desk.chat(ambiguous.question, language="ja")
    again = f"{ambiguous.question}はできますか?"
    desk.engine.hear(again, "exercise_suspension", 0.99)
    body = await desk.chat(again, asked["conversation_id"], language="ja")
    assert desk.engine.sent[-1][1] == again
    assert not set(ambiguous.readings(desk.services, "ja")) & set(_payloads(body))
    assert desk.services.conversations.find_draft(asked["conversation_id"]) is None


async def test_the_readings_stand_on_the_page_when_there_is_no_javascript(desk: Any, ambiguous: Any) -> None:
    await desk.client.post("/", data={"message": ambiguous.question})
    page = html.unescape((await desk.client.get("/?lang=ja")).text)
    for reading in ambiguous.readings(desk.services, "ja"):
        assert f'<button type="submit" name="message" value="{reading}">{reading}</button>' in page


# --- passing on to a person


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_what_was_typed_is_passed_on_when_a_follow_up_is_forwarded(desk: Any, language: str) -> None:
    conversation, _ = await _talk(desk, language, 2)
    await desk.chat("/forward", conversation)
    typed = TALKS[language][1][0]
    message, metadata = desk.engine.sent[-1][1:]
    assert message == "/complaint"
    assert metadata.pop("message_id")
    assert metadata == {"language": language, "text": "/forward", "details": typed}
    assert desk.services.conversations.find_draft(conversation).fields == {"details": typed}


async def test_the_persons_own_letters_are_passed_on_when_they_wrote_in_romaji(desk: Any) -> None:
    typed = "kukkii wo tsukatte imasu ka oshiete kudasai"
    conversation = (await desk.chat(typed, language="ja"))["conversation_id"]
    await desk.chat("/forward", conversation)
    assert desk.services.conversations.find_draft(conversation).fields == {"details": typed}


@pytest.mark.parametrize("before", [["/help"], ["/human"], ["クッキーは使っていますか", "/forward", "/cancel"]])
async def test_no_buttons_title_is_passed_on_when_forwarded(desk: Any, before: list[str]) -> None:
    conversation = None
    for message in before:
        conversation = (await desk.chat(message, conversation, language="ja"))["conversation_id"]
    await desk.chat("/forward", conversation)
    assert desk.services.conversations.find_draft(conversation).asked == "details"
    assert desk.services.conversations.find_draft(conversation).fields == {}


# --- requests


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("asked_within", [False, True])
async def test_why_asks_for_the_field_when_a_request_is_entered(desk: Any, language: str, asked_within: bool) -> None:
    conversation, _ = await _talk(desk, language, 2)
    await desk.chat("/request:disclosure", conversation)
    await desk.chat("登録した住所を開示してください", conversation)
    if asked_within:  # an answer in the midst of a request leaves nothing to follow either
        assert _cited(await desk.chat(THIRD_PARTY[language], conversation))[0] == "third_party"
    body = await desk.chat(WHY[language], conversation)
    assert say(language, "intake.why_name") in body["messages"][0]["text"]
    assert body["messages"][0]["citations"] == []
    assert body["request"]["state"] == "collecting"
    assert desk.engine.sent[-1][1] == WHY[language]
    assert desk.engine.sent[-1][2]["context"]["question"] == ""
    assert desk.engine.sent[-1][2]["context"]["clauses"] == []


@pytest.mark.parametrize("text", ["もっと詳しく", "2番目は?", "Tell me more", "the last one"])
async def test_details_are_taken_as_they_are_when_they_look_like_a_follow_up(desk: Any, text: str) -> None:
    conversation, _ = await _talk(desk, "ja", 1)
    await desk.chat("/request:complaint", conversation)
    await desk.chat(text, conversation)
    assert desk.engine.sent[-1][1] == text
    assert desk.services.conversations.find_draft(conversation).fields == {"details": text}


@pytest.mark.parametrize("text", [ROMAJI, *FOREIGN.values(), "Est-ce que vous pouvez supprimer mon compte"])
async def test_details_are_kept_as_written_when_they_are_in_any_language(desk: Any, text: str) -> None:
    conversation = (await desk.chat("/request:complaint", language="ja"))["conversation_id"]
    body = await desk.chat(text, conversation)
    assert body["language"] == "ja"
    assert desk.services.conversations.find_draft(conversation).fields == {"details": text}


async def test_nothing_is_followed_when_a_request_has_ended(desk: Any) -> None:
    conversation, _ = await _talk(desk, "ja", 1)
    await desk.chat("/request:disclosure", conversation)
    await desk.chat("/cancel", conversation)
    await desk.chat("それはなぜ?", conversation)
    assert desk.engine.sent[-1][1] == "それはなぜ?"
    assert desk.engine.sent[-1][2]["context"]["question"] == ""


@pytest.mark.parametrize("asked", ["name", "email"])
async def test_no_reading_is_asked_for_when_a_request_is_entered(desk: Any, ambiguous: Any, asked: str) -> None:
    # The next message is a value: a reading that is typed or pressed would be taken for one.
    conversation = (await desk.chat("/request:disclosure", language="ja"))["conversation_id"]
    for value in ("登録した住所を開示してください", "山田花子")[: 1 if asked == "name" else 2]:
        await desk.chat(value, conversation)
    body = await desk.chat(f"{ambiguous.question}とは何ですか", conversation)
    assert sentence("ja", "nearest") in body["messages"][0]["text"]
    assert not set(ambiguous.readings(desk.services, "ja")) & set(_payloads(body))
    assert desk.services.conversations.find_draft(conversation).asked == asked


async def test_an_old_readings_button_is_answered_when_a_request_has_begun(desk: Any, ambiguous: Any) -> None:
    asked = await desk.chat(ambiguous.question, language="ja")
    conversation, reading = asked["conversation_id"], _payloads(asked)[0]
    await desk.chat("/request:disclosure", conversation)
    await desk.chat("登録した住所を開示してください", conversation)
    body = await desk.chat(reading, conversation)
    assert _cited(body)[0] == ambiguous.clauses[0]
    assert desk.services.conversations.find_draft(conversation).asked == "name"


# --- other ways of writing


async def test_japanese_is_answered_when_it_is_in_latin_letters(desk: Any) -> None:
    body = await desk.chat(ROMAJI)
    assert (body["language"], _cited(body)[0]) == ("ja", "third_party")
    _, message, metadata = desk.engine.sent[-1]
    assert (message, metadata["heard"]) == (IN_KANA, IN_KANA)  # as retrieval reads it
    assert metadata["text"] == ROMAJI  # what a request would keep
    (turn,) = desk.services.conversations.list_turns(body["conversation_id"])
    assert turn.message == ROMAJI  # as it was typed


async def test_a_follow_up_is_understood_when_it_is_in_latin_letters(desk: Any) -> None:
    conversation, _ = await _talk(desk, "ja", 1)
    body = await desk.chat("dewa denwa bangou wa?", conversation)
    assert desk.engine.sent[-1][1] == "/ask_policy"
    assert _cited(body)[0] == "collected.3"
    assert "電話番号は収集していますか" in body["messages"][0]["text"]


async def test_the_language_becomes_japanese_when_a_sentence_is_in_latin_letters(desk: Any) -> None:
    conversation = (await desk.chat(THIRD_PARTY["en"]))["conversation_id"]
    assert (await desk.chat(ROMAJI, conversation))["language"] == "ja"
    assert desk.services.conversations.find_standing(conversation).language == "ja"


async def test_english_is_answered_when_it_is_chosen_for_latin_letters(desk: Any) -> None:
    body = await desk.chat(ROMAJI, language="en")
    assert body["language"] == "en"
    assert desk.engine.sent[-1][2]["text"] == ROMAJI


@pytest.mark.parametrize("tongue", FOREIGN)
@pytest.mark.parametrize("language", ["ja", "en"])
async def test_the_notice_is_given_when_the_desk_does_not_speak_the_language(
    desk: Any, language: str, tongue: str
) -> None:
    conversation = (await desk.chat(THIRD_PARTY[language]))["conversation_id"]
    desk.engine.hear(FOREIGN[tongue], "exercise_disclosure", 0.99)
    body = await desk.chat(FOREIGN[tongue], conversation)
    (message,) = body["messages"]
    assert message["text"] == sentence(language, "other_language")
    assert (message["citations"], message["buttons"], body["request"]) == ([], [], None)
    assert body["language"] == language
    assert desk.services.conversations.find_standing(conversation).language == language
    assert desk.engine.sent[-1][1] == "/ask_policy"
    # The conversation goes on as if nothing had been said.
    assert (await desk.chat("OK", conversation))["language"] == language


@pytest.mark.parametrize("tongue", FOREIGN)
async def test_the_notice_is_in_both_languages_when_the_first_message_is_in_another(desk: Any, tongue: str) -> None:
    text = (await desk.chat(FOREIGN[tongue]))["messages"][0]["text"]
    assert "日本語または英語" in text
    assert "Japanese or English" in text


# --- without the engine


@pytest.mark.parametrize("language", TALKS)
async def test_each_question_is_read_with_the_one_before_when_the_engine_is_down(desk: Any, language: str) -> None:
    desk.engine.is_down = True
    _, replies = await _talk(desk, language)
    for (typed, clause, understood), reply in zip(TALKS[language], replies, strict=True):
        assert reply["degraded"] is True
        assert _cited(reply)[0] == clause, typed
        assert understood in reply["messages"][0]["text"], typed
        assert reply["messages"][1]["text"] == say(language, "reduced.notice")


async def test_a_conversation_goes_on_when_the_engine_goes_and_comes_back(desk: Any) -> None:
    conversation, _ = await _talk(desk, "ja", 1)
    desk.engine.is_down = True
    assert _cited(await desk.chat("では電話番号は?", conversation))[0] == "collected.3"
    desk.engine.is_down = False
    body = await desk.chat("それはなぜ?", conversation)
    assert body["degraded"] is False
    assert "電話番号は収集していますか" in body["messages"][0]["text"]


async def test_nothing_is_followed_into_a_request_when_the_engine_is_down(desk: Any) -> None:
    conversation, _ = await _talk(desk, "ja", 1)
    await desk.chat("/request:disclosure", conversation)
    desk.engine.hear(THIRD_PARTY["ja"], "ask_policy")
    assert _cited(await desk.chat(THIRD_PARTY["ja"], conversation))[0] == "third_party"
    desk.engine.is_down = True
    body = await desk.chat("それはなぜ?", conversation)
    assert THIRD_PARTY["ja"] not in body["messages"][0]["text"]
    assert body["messages"][-1]["text"] == say("ja", "reduced.in_intake")


@pytest.mark.parametrize("tongue", FOREIGN)
async def test_the_notice_is_given_when_the_engine_is_down(desk: Any, tongue: str) -> None:
    desk.engine.is_down = True
    body = await desk.chat(FOREIGN[tongue], language="en")
    assert body["messages"][0]["text"] == sentence("en", "other_language")


async def test_japanese_in_latin_letters_is_answered_when_the_engine_is_down(desk: Any) -> None:
    desk.engine.is_down = True
    body = await desk.chat(ROMAJI)
    assert (body["language"], _cited(body)[0]) == ("ja", "third_party")


# --- what nobody else may see


@pytest.mark.usefixtures("former_logging")
async def test_nothing_of_the_context_is_logged_when_questions_follow(
    desk: Any, ambiguous: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("DEBUG")
    typed = ["ひみつのメールアドレスは収集していますか", "では電話番号は?", "それはなぜ?", "もっと詳しく", ROMAJI]
    typed += [f"{ambiguous.question}とは何ですか", *FOREIGN.values()]
    conversation = None
    for text in typed:
        conversation = (await desk.chat(text, conversation, language="ja"))["conversation_id"]
    questions = {metadata["context"]["question"] for _, _, metadata in desk.engine.sent} - {""}
    assert "ひみつの電話番号は収集していますか" in questions  # there is something to be found
    desk.engine.is_down = True
    for text in ("ひみつの住所は収集していますか", "それはなぜ?"):
        await desk.chat(text, conversation)
    written = "".join(capsys.readouterr())
    assert written.count("event='turn'") == len(typed) + 2
    secret = {
        *typed,
        *questions,
        "ひみつ",
        IN_KANA,
        "collected.3",
        "clarified",
        *ambiguous.readings(desk.services, "ja"),
    }
    assert not [text for text in secret if text in written or repr(text)[1:-1] in written]


async def test_only_documented_keys_leave_when_the_transcript_keeps_more(desk: Any) -> None:
    conversation, replies = await _talk(desk, "ja", 2)
    assert all(list(message) == ["text", "citations", "buttons"] for reply in replies for message in reply["messages"])
    stored = desk.services.conversations.list_turns(conversation)[-1].reply["messages"][0]
    assert stored["question"] == "電話番号は収集していますか"


async def test_the_context_is_sealed_when_it_is_kept(desk: Any, open_desk: Callable[..., Any]) -> None:
    await _talk(desk, "ja", 2)
    desk.services.database.close()  # merges the write-ahead log
    stored = b"".join(path.read_bytes() for path in desk.services.settings.state.glob("madoguchi.sqlite3*"))
    assert b"turns" in stored
    for text in ("電話番号は収集していますか", "では電話番号は"):
        assert text.encode() not in stored
        assert text.encode("unicode_escape") not in stored
