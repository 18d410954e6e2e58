"""The door to the conversation: what the engine is told, what is kept, and what happens when it does not answer."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from actions.dialogue.messages import PAYLOADS, RequestState
from actions.errors import EmptyMessageError, TooLongError, TooManyRequestsError
from actions.logs import configure_logs
from actions.texts import say
from actions.web.gateway import Incoming, choose_language, strip_reply
from knowledge.bundle import Library
from knowledge.tongue import recognise

VALUES = ["登録した住所を開示してください", "山田花子", "hanako@example.com", "03-0000-0000"]
THIRD_PARTY = "個人情報を第三者に提供しますか"


def _incoming(text: str, conversation_id: str | None = None, **more: Any) -> Incoming:
    values = {"message_id": None, "language": None, "address": "192.0.2.1"}
    return Incoming(text=text, conversation_id=conversation_id, **{**values, **more})


FILED = {"kind": "disclosure", "kinds": ["disclosure"], "state": "filed"}


async def _fill(desk: Any, count: int = 4) -> str:
    """Open a request and give the first values. Returns the conversation."""
    conversation = (await desk.chat("/request:disclosure"))["conversation_id"]
    for value in VALUES[:count]:
        await desk.chat(value, conversation)
    return str(conversation)


@pytest.mark.parametrize(
    ("text", "wanted", "stored", "in_request", "chosen"),
    [
        # the first message decides, Japanese when it cannot
        ("個人情報は何に使いますか", None, "", False, "ja"),
        ("What do you use it for?", None, "", False, "en"),
        ("OK", None, "", False, "en"),
        ("12345", None, "", False, "ja"),
        ("🙂", None, "", False, "ja"),
        ("hanako@example.com", None, "", False, "ja"),
        # a whole message in the other language changes it
        ("個人情報は何に使いますか", None, "en", False, "ja"),
        ("はい", None, "en", False, "ja"),
        ("What do you use it for?", None, "ja", False, "en"),
        # a word, a name, an address or a number does not
        ("OK", None, "ja", False, "ja"),
        ("Hanako Yamada", None, "ja", False, "ja"),
        ("hanako@example.com", None, "ja", False, "ja"),
        ("https://example.com/a/b/c", None, "ja", False, "ja"),
        ("03-0000-0000", None, "en", False, "en"),
        ("👍", None, "en", False, "en"),
        ("", None, "en", False, "en"),
        ("Hanako Yamada", None, "en", False, "en"),
        ("yamete", None, "en", False, "en"),
        ("denwa bangou", None, "en", False, "en"),
        # Japanese in Latin letters is Japanese
        ("kojin jouhou wo daisansha ni teikyou shimasu ka", None, "", False, "ja"),
        ("kojin jouhou wo daisansha ni teikyou shimasu ka", None, "ja", False, "ja"),
        ("kojin jouhou wo daisansha ni teikyou shimasu ka", None, "en", False, "ja"),
        ("kojin jouhou wo daisansha ni teikyou shimasu ka", "en", "ja", False, "en"),
        # what the desk does not speak changes nothing
        ("Est-ce que vous vendez mes données personnelles ?", None, "en", False, "en"),
        ("Est-ce que vous vendez mes données personnelles ?", None, "ja", False, "ja"),
        ("Est-ce que vous vendez mes données personnelles ?", None, "", False, "ja"),
        ("你们会把我的个人信息提供给第三方吗？", None, "en", False, "en"),
        # nothing but a choice does within a request
        ("What do you use it for?", None, "ja", True, "ja"),
        ("個人情報は何に使いますか", None, "en", True, "en"),
        ("kojin jouhou wo daisansha ni teikyou shimasu ka", None, "en", True, "en"),
        ("はい", "en", "ja", True, "en"),
        # a choice always does
        ("個人情報は何に使いますか", "en", "ja", False, "en"),
        ("What do you use it for?", "ja", "", False, "ja"),
        # a button is no message in any language
        ("/affirm", None, "ja", False, "ja"),
        ("/request:third_party_stop", None, "ja", False, "ja"),
        ("/request:third_party_stop", None, "", False, "ja"),
    ],
)
def test_the_language_is_chosen_when_a_message_comes(
    library: Library, text: str, wanted: str | None, stored: str, in_request: bool, chosen: str
) -> None:
    recognised = None if text in PAYLOADS else recognise(library.bundle, text)
    assert choose_language(text, wanted, stored, recognised, in_request=in_request) == chosen


async def test_the_language_stays_when_a_request_is_entered(desk: Any) -> None:
    conversation = (await desk.chat("/request:disclosure", language="ja"))["conversation_id"]
    body = await desk.chat("Please show me everything that you hold about me", conversation)
    assert body["language"] == "ja"
    assert desk.services.conversations.find_standing(conversation).language == "ja"
    assert (await desk.chat("Hanako Yamada", conversation, language="en"))["language"] == "en"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/exercise_disclosure", "exercise_disclosure"),
        ("/restart", "restart"),
        ("//restart", "restart"),
        ("/ /restart", "restart"),  # Rasa strips blanks before it looks for the slash
        (" / / restart", "restart"),
        ("／restart", "restart"),  # full width
        ("\u3000／／\u3000/session_start", "session_start"),
        ("/affirm{}", "affirm{}"),
        ('/complaint{"details": "x"}', 'complaint{"details": "x"}'),
        ("/AFFIRM", "AFFIRM"),
        ("/request:everything", "request:everything"),
        ("/change:receipt", "change:receipt"),
        ("/", "?"),
        ("///", "?"),
        ("/\u200b/restart", "\u200b/restart"),
        ("a /restart", "a /restart"),
        ("ﾃﾞｰﾀ　１２", "データ 12"),  # for recognition only
        ("一行目\n二行目", "一行目 二行目"),
    ],
)
async def test_typed_text_is_never_a_command_when_sent(desk: Any, typed: str, sent: str) -> None:
    await desk.chat(typed)
    _, message, metadata = desk.engine.sent[-1]
    assert message == sent
    assert not message.startswith(("/", " "))
    assert metadata["text"] == typed.strip()  # the case keeps the person's own words
    assert "field" not in metadata


@pytest.mark.parametrize(
    ("payload", "sent", "more"),
    [
        ("/request:disclosure", "/exercise_disclosure", {}),
        ("/request:third_party_stop", "/exercise_third_party_stop", {}),
        ("/request:complaint", "/complaint", {}),
        ("/affirm", "/affirm", {}),
        ("/cancel", "/cancel", {}),
        ("/change:email", "/change", {"field": "email"}),
        (" /affirm ", "/affirm", {}),
    ],
)
async def test_a_button_is_a_command_when_pressed(desk: Any, payload: str, sent: str, more: dict[str, str]) -> None:
    await desk.chat(payload, language="ja")
    _, message, metadata = desk.engine.sent[-1]
    assert message == sent
    assert uuid.UUID(metadata.pop("message_id"))
    assert metadata == {"language": "ja", "text": payload.strip(), **more}


@pytest.mark.parametrize("key", ["ask_collected", "ask_purpose", "ask_third_party", "rights", "complain"])
@pytest.mark.parametrize("language", ["ja", "en"])
async def test_an_opening_button_is_a_question_when_pressed(desk: Any, key: str, language: str) -> None:
    desk.engine.heard = {say(language, f"questions.{key}"): ("greet", 0.9)}
    body = await desk.chat(say(language, f"questions.{key}"))
    assert body["language"] == language
    assert body["messages"][0]["citations"]


@pytest.mark.parametrize("key", ["ask_collected", "ask_purpose", "ask_third_party", "rights", "complain"])
@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("count", [0, 1])
async def test_an_opening_button_is_no_value_when_pressed_in_a_request(
    desk: Any, key: str, language: str, count: int
) -> None:
    question = say(language, f"questions.{key}")
    desk.engine.heard = {question: ("greet", 0.9)}
    conversation = (await desk.chat("/request:disclosure", language=language))["conversation_id"]
    for value in VALUES[:count]:
        await desk.chat(value, conversation)
    body = await desk.chat(question, conversation)
    assert desk.engine.sent[-1][1] == "/ask_policy"
    # "What do you use it for?" is answered for the field that is asked.
    why = say(language, f"intake.why_{'details' if count == 0 else 'name'}") in body["messages"][0]["text"]
    assert bool(body["messages"][0]["citations"]) is not why
    assert why is (language == "ja" and key == "ask_purpose")
    assert body["request"]["state"] == "collecting"
    assert list(desk.services.conversations.find_draft(conversation).fields.values()) == VALUES[:count]


async def test_the_senders_id_is_made_here_when_a_conversation_begins(desk: Any) -> None:
    made = {(await desk.chat("x"))["conversation_id"] for _ in range(5)}
    assert len(made) == 5
    assert {sender for sender, _, _ in desk.engine.sent} == made
    assert all(desk.gateway.verify(one) == one and len(one) <= 64 for one in made)


@pytest.mark.parametrize("change", ["", "x", "X{}", "{}x", "{}=", "{} ", "{}\n", "\x00{}", "{}{}", "日本"])
async def test_no_value_is_verified_when_changed(desk: Any, change: str) -> None:
    signed = desk.gateway.make_conversation_id()
    assert desk.gateway.verify(change.replace("{}", signed)) is None


async def test_a_value_of_another_desk_is_not_verified_when_shown(open_desk: Callable[..., Any]) -> None:
    one, other = open_desk(), open_desk()
    assert one.gateway.verify(other.gateway.make_conversation_id()) is None
    assert one.gateway.verify(None) is None


@pytest.mark.parametrize(
    ("text", "error"), [("", EmptyMessageError), (" \x00\n", EmptyMessageError), ("x" * 2001, TooLongError)]
)
async def test_nothing_is_taken_in_when_a_message_is_refused(desk: Any, text: str, error: type[Exception]) -> None:
    conversation = (await desk.chat("x"))["conversation_id"]
    with pytest.raises(error):
        await desk.gateway.handle(_incoming(text, conversation))
    assert len(desk.engine.sent) == 1
    assert len(desk.services.conversations.list_turns(conversation)) == 1


async def test_nothing_is_taken_in_when_the_limit_is_reached(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(rate_address="1/minute")
    await desk.gateway.handle(_incoming("x"))
    with pytest.raises(TooManyRequestsError) as caught:
        await desk.gateway.handle(_incoming("x"))
    assert 0 < caught.value.retry_after <= 60
    assert len(desk.engine.sent) == 1


async def test_the_transcript_shows_titles_when_buttons_were_pressed(desk: Any) -> None:
    conversation = await _fill(desk)
    for payload in ("/change:email", "hanako@example.com", "/cancel", "/help"):
        await desk.chat(payload, conversation)
    said = [turn.message for turn in desk.services.conversations.list_turns(conversation)]
    assert said == [
        say("ja", "kinds.disclosure"),
        *VALUES,
        say("ja", "buttons.change", field=say("ja", "fields.email")),
        "hanako@example.com",
        say("ja", "buttons.cancel"),
        "help",
    ]


async def test_the_question_is_passed_on_when_forwarded(desk: Any) -> None:
    conversation = (await desk.chat("クッキーは使っていますか"))["conversation_id"]
    body = await desk.chat("/forward", conversation)
    assert desk.engine.sent[-1][1] == "/complaint"
    assert desk.engine.sent[-1][2]["details"] == "クッキーは使っていますか"
    assert body["request"]["kinds"] == ["complaint"]
    draft = desk.services.conversations.find_draft(conversation)
    assert draft.fields == {"details": "クッキーは使っていますか"}


async def test_details_are_asked_when_nothing_is_there_to_forward(desk: Any) -> None:
    body = await desk.chat("/forward")
    assert desk.services.conversations.find_draft(body["conversation_id"]).asked == "details"


async def test_one_effect_and_one_reply_come_of_it_when_a_message_arrives_twice_at_once(desk: Any) -> None:
    conversation = await _fill(desk)
    message_id, sent = str(uuid.uuid4()), len(desk.engine.sent)
    replies = await asyncio.gather(*(desk.chat("はい", conversation, message_id=message_id) for _ in range(5)))
    assert all(reply == replies[0] for reply in replies)
    assert replies[0]["request"]["state"] == "filed"
    assert len(desk.engine.sent) == sent + 1
    assert len(desk.services.cases.list_all()) == 1


async def test_one_case_is_filed_when_two_yeses_arrive_at_once(desk: Any) -> None:
    conversation = await _fill(desk)
    replies = await asyncio.gather(desk.chat("はい", conversation), desk.chat("はい", conversation))
    assert len(desk.services.cases.list_all()) == 1
    assert [reply["request"]["state"] for reply in replies if reply["request"]] == ["filed"]


async def test_conversations_do_not_wait_for_each_other_when_one_is_slow(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, slow, going = await desk.chat("x"), asyncio.Event(), asyncio.Event()
    send = desk.engine.send

    async def send_slowly(sender: str, *rest: Any) -> Any:
        if sender == first["conversation_id"]:
            going.set()
            await slow.wait()
        return await send(sender, *rest)

    monkeypatch.setattr(desk.engine, "send", send_slowly)
    waiting = asyncio.create_task(desk.chat("y", first["conversation_id"]))
    await going.wait()
    assert (await desk.chat("z"))["degraded"] is False
    assert not waiting.done()
    slow.set()
    await waiting


async def test_the_first_reply_counts_when_another_process_kept_one(desk: Any) -> None:
    # Two workers share the database but no lock: the turn's key decides.
    conversation, message_id = (await desk.chat("x"))["conversation_id"], str(uuid.uuid4())
    desk.services.conversations.append_turn(conversation, message_id, "x", {"reply": "of the other process"})
    found = await desk.gateway.handle(_incoming("x", conversation, message_id=message_id))
    assert found == {"reply": "of the other process"}


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
async def test_nothing_is_lost_when_the_engine_fails_in_the_middle(desk: Any, count: int) -> None:
    conversation = await _fill(desk, count)
    before = desk.services.conversations.find_draft(conversation)
    desk.engine.is_down = True
    body = await desk.chat("はい", conversation)
    assert body["degraded"] is True
    assert body["request"]["state"] == ("confirming" if count == 4 else "collecting")
    assert body["messages"][-1]["text"] == say("ja", "reduced.in_intake")
    assert body["messages"][-1]["buttons"][0]["payload"] == "/requests/new?kind=disclosure&lang=ja"
    assert desk.services.conversations.find_draft(conversation) == before
    assert desk.services.cases.list_all() == []
    desk.engine.is_down = False
    for value in [*VALUES[count:], "はい"]:
        body = await desk.chat(value, conversation)
    assert body["request"]["state"] == "filed"
    (case,) = desk.services.cases.list_all()
    assert [case.fields[name] for name in ("details", "name", "email", "phone")] == VALUES


async def test_a_value_is_kept_when_only_the_reply_was_lost(desk: Any) -> None:
    conversation = await _fill(desk, 1)
    desk.engine.loses_replies = True
    body = await desk.chat("山田花子", conversation)
    assert body["degraded"] is True
    assert body["request"]["state"] == "collecting"
    assert body["messages"][-1]["text"] == say("ja", "intake.ask_email")  # it is heard, and not asked for again
    assert desk.services.conversations.find_draft(conversation).fields["name"] == "山田花子"


@pytest.mark.parametrize("count", [0, 1, 2, 3])
async def test_a_value_is_heard_once_when_it_is_sent_again_after_a_kill(
    desk: Any, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    conversation, message_id = await _fill(desk, count), str(uuid.uuid4())
    again = _incoming(VALUES[count], conversation, message_id=message_id)
    with monkeypatch.context() as killed:  # after the engine's turn, before its reply is kept
        killed.setattr(desk.services.conversations, "append_turn", _die)
        with pytest.raises(SystemError):
            await desk.gateway.handle(again)
    before = desk.services.conversations.find_draft(conversation)
    sent = len(desk.engine.sent)
    reply = await desk.gateway.handle(again)
    assert desk.services.conversations.find_draft(conversation) == before
    assert len(desk.engine.sent) == sent
    assert reply == await desk.gateway.handle(again)
    text = reply["messages"][-1]["text"]
    if count == 3:
        assert "山田花子" in text  # the review, drawn here
    else:
        assert text == say("ja", f"intake.ask_{('name', 'email', 'phone')[count]}")
    for value in [*VALUES[count + 1 :], "はい"]:
        body = await desk.chat(value, conversation)
    assert body["request"]["state"] == "filed"
    (case,) = desk.services.cases.list_all()
    assert [case.fields[name] for name in ("details", "name", "email", "phone")] == VALUES


def _die(*_: object) -> None:
    raise SystemError


async def test_the_same_words_are_heard_again_when_they_are_another_message(desk: Any) -> None:
    conversation = await _fill(desk, 1)
    await desk.gateway.handle(_incoming("山田花子", conversation, message_id=str(uuid.uuid4())))
    await desk.gateway.handle(_incoming("山田花子", conversation, message_id=str(uuid.uuid4())))
    draft = desk.services.conversations.find_draft(conversation)
    assert (draft.asked, draft.misses) == ("email", 1)  # a name is no address


@pytest.mark.parametrize("is_known", [True, False], ids=["the engine missed it", "the engine knows"])
async def test_the_receipt_is_told_when_the_process_was_killed_after_filing(desk: Any, is_known: bool) -> None:
    conversation = await _fill(desk)
    draft = desk.services.conversations.find_draft(conversation)
    case, _ = desk.services.desk.file(draft, "chat", conversation)  # and nobody is left to say so
    if is_known:
        desk.engine._slots[conversation].clear()
    body = await desk.chat("はい", conversation)
    assert body["request"] == {**FILED, "receipt": case.receipt}
    assert case.receipt in body["messages"][-1]["text"]
    assert [one.receipt for one in desk.services.cases.list_all()] == [case.receipt]
    again = await desk.chat("はい", conversation)  # told once is enough
    assert again["request"] is None


async def test_the_receipt_is_told_too_when_something_else_is_said_after_a_kill(desk: Any) -> None:
    conversation = await _fill(desk)
    draft = desk.services.conversations.find_draft(conversation)
    case, _ = desk.services.desk.file(draft, "chat", conversation)
    desk.engine._slots[conversation].clear()
    body = await desk.chat("/request:complaint", conversation)
    assert case.receipt in body["messages"][0]["text"]
    assert (body["request"]["kind"], body["request"]["state"]) == ("complaint", "collecting")
    assert desk.services.conversations.find_draft(conversation).kinds == ("complaint",)


async def test_the_review_is_drawn_from_the_draft_when_everything_is_given(desk: Any) -> None:
    conversation = await _fill(desk, 3)
    heard: list[Any] = []
    act = desk.engine._act

    async def listen(*given: Any) -> Any:
        heard.append(await act(*given))
        return heard[-1]

    desk.engine._act = listen
    body = await desk.chat("なし", conversation)
    text = body["messages"][0]["text"]
    assert all(value in text for value in VALUES[:3])
    assert say("ja", "intake.not_given") in text
    assert not [value for value in VALUES if value in str(heard)]


def test_only_documented_keys_are_left_when_a_reply_is_stripped() -> None:
    message = {"text": "x", "citations": [], "buttons": [], "status": "answered", "question": "y", "clarified": False}
    reply = {"conversation_id": "c", "language": "ja", "messages": [message], "request": None, "degraded": False}
    assert strip_reply(reply) == {**reply, "messages": [{"text": "x", "citations": [], "buttons": []}]}


@pytest.mark.usefixtures("former_logging")
async def test_nothing_typed_is_logged_when_turns_are_taken(desk: Any, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("DEBUG")
    conversation = await _fill(desk)
    await desk.chat("はい", conversation)
    desk.engine.is_down = True
    await desk.chat("ひみつの質問", conversation)
    await desk.client.post("/api/chat", json={"message": "ひみつ" * 1000})
    await desk.client.post("/api/chat", json={"message": ["ひみつ"]})
    written = "".join(capsys.readouterr())
    assert written.count("event='turn'") == 7
    assert "degraded=True" in written
    assert "code='too_long'" in written
    typed = [*VALUES, "ひみつ", conversation]
    assert not [value for value in typed if value in written or repr(value)[1:-1] in written]


async def test_the_status_link_is_added_here_when_a_request_is_filed(desk: Any) -> None:
    conversation = await _fill(desk)
    heard: list[Any] = []
    act = desk.engine._act

    async def listen(*given: Any) -> Any:
        heard.extend(said := await act(*given))
        return said

    desk.engine._act = listen
    body = await desk.chat("はい", conversation)
    (button,) = body["messages"][0]["buttons"]
    assert button["title"] == say("ja", "buttons.status")
    assert button["payload"] == desk.services.desk.find_status_path(body["request"]["receipt"])
    # The link never passes through the dialogue engine.
    assert heard
    assert button["payload"] not in str(heard)


@pytest.mark.parametrize("text", ["この会話を削除して", "私の請求どうなりました?"])
async def test_some_words_need_no_engine_when_no_request_is_entered(desk: Any, text: str) -> None:
    body = await desk.chat(text)
    assert desk.engine.sent == []
    assert body["messages"][0]["text"] in {say("ja", "replies.forget"), desk_status(desk)}
    desk.engine.is_down = True
    assert (await desk.chat(text))["degraded"] is False


def desk_status(desk: Any) -> str:
    """What is said of the state of a request, in Japanese."""
    shop = desk.services.bundle.policy.shop
    contact = {"officer": shop.officer["ja"], "phone": shop.phone, "hours": shop.hours["ja"], "email": shop.email}
    return say("ja", "replies.status", **contact)


async def test_the_transcript_shows_titles_when_kinds_and_agents_are_changed(desk: Any) -> None:
    conversation = await _fill(desk)
    for payload in ("/change:kinds", "/request:suspension", "/change:agent"):
        await desk.chat(payload, conversation)
    said = [turn.message for turn in desk.services.conversations.list_turns(conversation)]
    assert said[-3:] == [say("ja", "buttons.kinds"), say("ja", "kinds.suspension"), say("ja", "buttons.myself")]
    assert desk.services.conversations.find_draft(conversation).kinds == ("suspension",)


@pytest.mark.parametrize(("language", "word"), [("ja", "はい、お願いします"), ("en", "yes please, do it here")])
async def test_an_offered_request_is_opened_when_it_is_taken_up(desk: Any, language: str, word: str) -> None:
    question = say(language, "questions.rights")
    offered = await desk.chat(question, language=language)
    assert offered["request"]["state"] == "offered"
    body = await desk.chat(word, offered["conversation_id"])
    assert body["request"]["state"] == "collecting"
    draft = desk.services.conversations.find_draft(offered["conversation_id"])
    assert (list(draft.kinds), draft.opening) == (offered["request"]["kinds"], question)
    assert draft.fields == {}


async def test_several_offered_requests_are_chosen_by_button(desk: Any) -> None:
    offered = RequestState(("correction", "suspension"), "offered").as_dict()
    reply = {"messages": [], "request": offered}
    conversation = desk.gateway.make_conversation_id()
    desk.services.conversations.open(conversation, "ja")
    desk.services.conversations.append_turn(conversation, "m0", "登録のことで", reply)
    body = await desk.chat("はい", conversation)
    assert body["request"] == offered
    payloads = [button["payload"] for button in body["messages"][0]["buttons"]]
    assert payloads == ["/request:correction", "/request:suspension"]


async def test_filing_waits_when_an_address_files_many(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(rate_filing="1/hour")
    one, other = await _fill(desk), await _fill(desk)
    await desk.gateway.handle(_incoming("はい", one, address="192.0.2.1"))
    with pytest.raises(TooManyRequestsError) as caught:
        await desk.gateway.handle(_incoming("はい", other, address="192.0.2.1"))
    assert 0 < caught.value.retry_after <= 3600
    assert len(desk.services.cases.list_all()) == 1
    assert desk.services.conversations.find_draft(other) is not None  # nothing is lost: it can be sent later
    await desk.gateway.handle(_incoming("はい", other, address="192.0.2.2"))  # and nobody else is kept waiting
    assert len(desk.services.cases.list_all()) == 2
