"""The two contracts for outside clients, and everything that is not them: never a 5xx, always one shape of error."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from actions.dialogue.answers import find_answer
from actions.texts import say
from actions.web import api

CITATION = ["clause_id", "section", "item", "quote", "url", "policy_version"]
THIRD_PARTY = {"ja": "個人情報を第三者に提供しますか", "en": say("en", "questions.ask_third_party")}
FIELDS = {"/api/ask": "question", "/api/chat": "message"}
LIMIT = 2000


def _check_error(response: httpx.Response, status: int, code: str) -> None:
    body = response.json()
    assert (response.status_code, body["error"]["code"]) == (status, code)
    assert list(body) == ["error"]
    assert list(body["error"]) == ["code", "message"]
    assert body["error"]["message"]
    assert "{" not in body["error"]["message"]


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_an_answer_has_exactly_the_documented_keys_when_asked(desk: Any, language: str) -> None:
    response = await desk.client.post("/api/ask", json={"question": THIRD_PARTY[language], "language": language})
    body = response.json()
    assert list(body) == ["status", "language", "answer", "citations", "suggestions"]
    assert (body["status"], body["language"], body["suggestions"]) == ("answered", language, [])
    assert body["citations"][0]["clause_id"] == "third_party"
    for citation in body["citations"]:
        assert list(citation) == [*CITATION, *(["section_en", "quote_en"] if language == "en" else [])]
        assert citation["quote"] == desk.services.bundle.policy.get_unit(citation["clause_id"]).text


@pytest.mark.parametrize(
    ("question", "status", "language"),
    [
        ("クッキーは使っていますか", "not_covered", "ja"),
        ("Do you use cookies?", "not_covered", "en"),
        ("注文はいつ届きますか", "out_of_scope", "ja"),
        ("where is my order", "out_of_scope", "en"),
        ("🙂", "out_of_scope", "ja"),
        ("12345", "not_covered", "ja"),
    ],
)
async def test_the_status_is_honest_when_the_policy_does_not_answer(
    desk: Any, question: str, status: str, language: str
) -> None:
    body = (await desk.client.post("/api/ask", json={"question": question})).json()
    assert (body["status"], body["language"]) == (status, language)
    assert body["answer"]


async def test_questions_are_answered_when_engine_and_database_are_down(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.engine.is_down = True

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(type(desk.services.database), "transaction", fail)
    monkeypatch.setattr(type(desk.services.database), "reading", fail)
    response = await desk.client.post("/api/ask", json={"question": THIRD_PARTY["ja"]})
    assert response.json()["status"] == "answered"


async def test_a_reply_has_exactly_the_documented_keys_when_chatting(desk: Any) -> None:
    body = await desk.chat(THIRD_PARTY["ja"])
    assert list(body) == ["conversation_id", "language", "messages", "request", "degraded"]
    assert (body["language"], body["request"], body["degraded"]) == ("ja", None, False)
    (message,) = body["messages"]
    assert list(message) == ["text", "citations", "buttons"]
    assert list(message["citations"][0]) == CITATION


async def test_a_request_has_exactly_the_documented_keys_when_chatting(desk: Any) -> None:
    offered = await desk.chat("個人情報の苦情はどこに言えばいいですか")
    assert list(offered["messages"][0]["buttons"][0]) == ["title", "payload"]
    assert offered["request"] == {"kind": "complaint", "kinds": ["complaint"], "state": "offered", "receipt": None}
    opened = await desk.chat("/request:complaint", offered["conversation_id"])
    assert opened["request"] == {"kind": "complaint", "kinds": ["complaint"], "state": "collecting", "receipt": None}


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (
            ["住所を開示してください", "山田花子", "hanako@example.com", "03-0000-0000"],
            "次の内容でお間違いないでしょうか。",
        ),
        (["Please show me my address", "Hanako Yamada", "hanako@example.com", "none"], "Is this right?"),
    ],
    ids=["ja", "en"],
)
async def test_a_request_goes_from_opening_to_receipt_when_chatting(desk: Any, values: list[str], texts: str) -> None:
    body = await desk.chat("/request:disclosure", language="en" if values[0].isascii() else "ja")
    conversation = body["conversation_id"]
    states = [body["request"]["state"]]
    for value in values:
        body = await desk.chat(value, conversation)
        states.append(body["request"]["state"])
    review = body["messages"][0]["text"]
    assert states == ["collecting"] * 4 + ["confirming"]
    assert review.startswith(texts)
    assert all(value in review for value in values[:3])
    body = await desk.chat("/affirm", conversation)
    (case,) = desk.services.cases.list_all()
    assert body["request"] == {
        "kind": "disclosure",
        "kinds": ["disclosure"],
        "state": "filed",
        "receipt": case.receipt,
    }
    assert case.receipt in body["messages"][0]["text"]
    assert [case.fields[name] for name in ("details", "name", "email")] == values[:3]
    assert (await desk.chat("/help", conversation))["request"] is None


async def test_a_request_is_cancelled_when_the_word_is_typed(desk: Any) -> None:
    conversation = (await desk.chat("/request:correction"))["conversation_id"]
    await desk.chat("住所が古いままです", conversation)
    body = await desk.chat("やめる", conversation)
    assert body["request"] == {"kind": "correction", "kinds": ["correction"], "state": "cancelled", "receipt": None}
    assert desk.services.conversations.find_draft(conversation) is None


# What arrives in the field, and the status and code that answer it (None: 200).
VALUES: list[tuple[str, object, int, str | None]] = [
    ("empty", "", 422, "empty"),
    ("blanks", " \t\n　", 422, "empty"),
    ("control characters", "\x00\x07\x1b\x7f", 422, "empty"),
    ("noncharacters", "\ufffe\U0010ffff", 422, "empty"),
    ("10,000 characters", "あ" * 10_000, 413, "too_long"),
    ("one too many", "a" * (LIMIT + 1), 413, "too_long"),
    ("as many as allowed", "a" * LIMIT, 200, None),
    ("emoji only", "🙂👍🏽👨‍👩‍👧", 200, None),
    ("zero width only", "\u200b\u200d\ufeff", 200, None),
    ("marks only", "？！…", 200, None),
    ("markup", "<script>alert(1)</script><img src=x onerror=alert(1)>", 200, None),
    ("template", "{{ 7*7 }} {0} %s ${x}", 200, None),
    ("SQL", "'; DROP TABLE cases; --", 200, None),
    ("command", "/restart", 200, None),
    ("path", "../../etc/passwd", 200, None),
    ("right to left", "\u202eسؤال عن البيانات", 200, None),
    ("combining", "か\u3099" * 500, 200, None),
    ("one character that becomes many", "\ufdfa" * LIMIT, 200, None),
    ("number", 5, 422, "malformed"),
    ("null", None, 422, "malformed"),
    ("list", ["a"], 422, "malformed"),
    ("object", {"a": 1}, 422, "malformed"),
    ("true", True, 422, "malformed"),
]


@pytest.mark.parametrize("path", FIELDS)
@pytest.mark.parametrize(("value", "status", "code"), [row[1:] for row in VALUES], ids=[row[0] for row in VALUES])
async def test_any_value_is_answered_or_refused_when_sent(
    desk: Any, path: str, value: object, status: int, code: str | None
) -> None:
    response = await desk.client.post(path, json={FIELDS[path]: value})
    if code:
        _check_error(response, status, code)
    else:
        assert response.status_code == status
        assert "error" not in response.json()


def _deep(count: int) -> bytes:
    return b'{"question": ' + b"[" * count + b"]" * count + b"}"


RAW: list[tuple[str, bytes, str, int, str]] = [
    ("nothing", b"", "application/json", 422, "malformed"),
    ("no JSON", b"question=x", "application/json", 422, "malformed"),
    ("cut off", b'{"question": "x', "application/json", 422, "malformed"),
    ("null", b"null", "application/json", 422, "malformed"),
    ("list", b"[]", "application/json", 422, "malformed"),
    ("text", b'"x"', "application/json", 422, "malformed"),
    ("no fields", b"{}", "application/json", 422, "malformed"),
    ("other field", b'{"q": "x"}', "application/json", 422, "malformed"),
    ("not a number", b'{"question": NaN, "message": NaN}', "application/json", 422, "malformed"),
    ("no UTF-8", b'{"question": "\xff\xfe", "message": "\xff"}', "application/json", 422, "malformed"),
    ("lone surrogate", b'{"question": "\xed\xa0\x80", "message": "\\ud800"}', "application/json", 422, "empty"),
    ("nested", _deep(50_000), "application/json", 422, "malformed"),
    ("long number", b'{"question": ' + b"9" * 5000 + b"}", "application/json", 422, "malformed"),
    ("text type", b'{"question": "x", "message": "x"}', "text/plain", 422, "malformed"),
    ("form type", b"question=x&message=x", "application/x-www-form-urlencoded", 422, "malformed"),
    ("XML type", b"<question>x</question>", "application/xml", 422, "malformed"),
    ("no type", b'{"question": "x", "message": "x"}', "", 422, "malformed"),
    ("huge", b'{"question": "' + b"a" * 300_000 + b'"}', "application/json", 413, "too_long"),
]


@pytest.mark.parametrize("path", FIELDS)
@pytest.mark.parametrize(("body", "kind", "status", "code"), [row[1:] for row in RAW], ids=[row[0] for row in RAW])
async def test_a_body_is_refused_when_it_is_not_the_documented_one(
    desk: Any, path: str, body: bytes, kind: str, status: int, code: str
) -> None:
    response = await desk.client.post(path, content=body, headers={"content-type": kind} if kind else {})
    _check_error(response, status, code)


@pytest.mark.parametrize("path", FIELDS)
@pytest.mark.parametrize("surrogate", [b"\xed\xa0\x80", b"\\ud800", b"\xed\xb3\xbf\xed\xa0\x80"])
async def test_the_rest_is_answered_when_a_lone_surrogate_stands_in_it(desk: Any, path: str, surrogate: bytes) -> None:
    # Neither the database nor the signer could hold one.
    body = f'{{"{FIELDS[path]}": "クッキー'.encode() + surrogate + 'は使っていますか"}'.encode()
    response = await desk.client.post(path, content=body, headers={"content-type": "application/json"})
    assert response.status_code == 200
    assert b"\\ud800" not in response.content


@pytest.mark.parametrize("path", FIELDS)
async def test_a_huge_body_is_refused_when_its_length_was_not_announced(desk: Any, path: str) -> None:
    async def pour() -> AsyncIterator[bytes]:
        yield b'{"question": "'
        for _ in range(40):
            yield b"a" * 10_000
        yield b'"}'

    response = await desk.client.post(path, content=pour(), headers={"content-type": "application/json"})
    assert "content-length" not in response.request.headers
    _check_error(response, 413, "too_long")


@pytest.mark.parametrize("path", FIELDS)
@pytest.mark.parametrize("language", ["fr", "JA", "", 5, ["ja"], True])
async def test_a_language_is_refused_when_it_is_not_spoken(desk: Any, path: str, language: object) -> None:
    _check_error(await desk.client.post(path, json={FIELDS[path]: "x", "language": language}), 422, "malformed")


@pytest.mark.parametrize("path", FIELDS)
async def test_unknown_fields_are_ignored_when_sent(desk: Any, path: str) -> None:
    body = {
        FIELDS[path]: "クッキーは使っていますか",
        "language": None,
        "role": "officer",
        "__proto__": {},
        "degraded": True,
    }
    assert (await desk.client.post(path, json=body)).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("message_id", "not-a-uuid"),
        ("message_id", ""),
        ("message_id", 5),
        ("message_id", ["x"]),
        ("message_id", "x" * 10_000),
        ("conversation_id", 5),
        ("conversation_id", ["x"]),
        ("conversation_id", {"x": 1}),
    ],
)
async def test_an_id_is_refused_when_it_is_none(desk: Any, field: str, value: object) -> None:
    _check_error(await desk.client.post("/api/chat", json={"message": "x", field: value}), 422, "malformed")
    assert desk.engine.sent == []


@pytest.mark.parametrize(
    "forged",
    ["", "x", "c123.abc", "c" * 10_000, "../../x", "' OR 1=1 --", "日本", "\x00", "c.", ".", "🙂.🙂", "admin"],
)
async def test_a_new_conversation_begins_when_the_id_is_forged(desk: Any, forged: str) -> None:
    body = await desk.chat("クッキーは使っていますか", forged)
    assert body["conversation_id"] != forged
    assert desk.gateway.verify(body["conversation_id"])


@pytest.mark.parametrize(
    "change",
    [lambda one: f"{one}\x00", lambda one: f"{one}!!", lambda one: f"{one}日本", lambda one: f"{one}{'-' * 900}"],
)
async def test_a_new_conversation_begins_when_a_true_id_was_changed(
    open_desk: Callable[..., Any], database: Any, change: Callable[[str], str]
) -> None:
    # The signature's base 64 alone would forgive these, and PostgreSQL would then refuse the row: a 500.
    desk = open_desk(database=database)
    first = (await desk.chat("クッキーは使っていますか"))["conversation_id"]
    body = await desk.chat("クッキーは使っていますか", change(first))
    assert body["conversation_id"] not in {first, change(first)}


async def test_nothing_of_another_conversation_shows_when_its_id_is_guessed(desk: Any) -> None:
    first = (await desk.chat("/request:disclosure"))["conversation_id"]
    await desk.chat("ひみつの内容です", first)
    swapped = first.partition(".")[0] + "." + (await desk.chat("x"))["conversation_id"].partition(".")[2]
    body = await desk.chat("はい", swapped)
    assert body["request"] is None
    assert body["conversation_id"] not in {first, swapped}


async def test_the_same_reply_comes_without_a_second_effect_when_a_message_is_sent_again(desk: Any) -> None:
    conversation = (await desk.chat("/request:disclosure"))["conversation_id"]
    for value in ("住所を開示してください", "山田花子", "hanako@example.com", "なし"):
        await desk.chat(value, conversation)
    message_id, sent = str(uuid.uuid4()), len(desk.engine.sent)
    first = await desk.chat("はい", conversation, message_id=message_id)
    again = await desk.chat("はい", conversation, message_id=message_id)
    upper = await desk.chat("ほかのことば", conversation, message_id=message_id.upper())
    assert first == again == upper
    assert len(desk.engine.sent) == sent + 1
    assert len(desk.services.cases.list_all()) == 1
    assert len(desk.services.conversations.list_turns(conversation)) == 6


@pytest.mark.parametrize("path", FIELDS)
async def test_another_visitor_is_served_when_one_sends_too_much(open_desk: Callable[..., Any], path: str) -> None:
    desk = open_desk(rate_address="2/minute")
    greedy, other = (
        httpx.AsyncClient(
            transport=httpx.ASGITransport(desk.app, client=(address, 1)), base_url="http://desk.example.com"
        )
        for address in ("192.0.2.1", "192.0.2.2")
    )
    async with greedy, other:
        body = {FIELDS[path]: "クッキーは使っていますか"}
        statuses = [(await greedy.post(path, json=body)).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        refused = await greedy.post(path, json=body)
        _check_error(refused, 429, "too_many")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["retry-after"] in refused.json()["error"]["message"]
        assert (await other.post(path, json=body)).status_code == 200


async def test_another_conversation_goes_on_when_one_sends_too_much(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(rate_conversation="2/minute")
    busy = (await desk.chat("x1"))["conversation_id"]
    quiet = (await desk.chat("x2"))["conversation_id"]
    await desk.chat("x3", busy)
    refused = await desk.client.post("/api/chat", json={"message": "x4", "conversation_id": busy})
    _check_error(refused, 429, "too_many")
    assert len(desk.services.conversations.list_turns(busy)) == 2  # nothing was taken in
    assert (await desk.chat("x5", quiet))["conversation_id"] == quiet


@pytest.mark.parametrize("path", FIELDS)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_another_method_is_refused_in_the_same_shape_when_tried(desk: Any, path: str, method: str) -> None:
    _check_error(await desk.client.request(method, path), 405, "malformed")


async def test_no_more_answers_are_computed_at_once_than_there_are_processors(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of more would only wait for the interpreter, and the first who asked for the last."""
    running, most, mutex = 0, 0, threading.Lock()

    def answer(*arguments: Any) -> Any:
        nonlocal running, most
        with mutex:
            running += 1
            most = max(most, running)
        try:
            time.sleep(0.01)  # as if it computed: more than one would be met here
            return find_answer(*arguments)
        finally:
            with mutex:
                running -= 1

    monkeypatch.setattr(api, "find_answer", answer)
    asked = [desk.client.post("/api/ask", json={"question": THIRD_PARTY["ja"]}) for _ in range(12)]
    assert {response.status_code for response in await asyncio.gather(*asked)} == {200}
    assert 1 <= most <= (os.cpu_count() or 1)


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/none", "/api/ask/", "/api/chat/1"])
async def test_an_unknown_address_is_not_found_when_tried(desk: Any, path: str) -> None:
    response = await desk.client.post(path, json={})
    assert response.status_code in {307, 404}
    assert response.status_code == 307 or "not_found" in response.text or "見つかりません" in response.text


async def test_an_error_speaks_the_callers_language_when_it_can(desk: Any) -> None:
    told = []
    for header in ("en-GB,en;q=0.9", "ja"):
        response = await desk.client.post("/api/ask", json={"question": ""}, headers={"accept-language": header})
        told.append(response.json()["error"]["message"])
    assert told == [say("en", "errors.empty"), say("ja", "errors.empty")]


async def test_nothing_typed_is_echoed_when_refused(desk: Any) -> None:
    for body in ({"question": ["山田花子"]}, {"question": "山田花子" * 1000}, {"q": "山田花子"}):
        response = await desk.client.post(
            "/api/ask", content=json.dumps(body), headers={"content-type": "application/json"}
        )
        assert "山田" not in response.text
        assert "\\u5c71" not in response.text
