"""Whatever is sent, the desk never fails: a documented answer, nothing echoed, and the conversation goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.actions.attacks.test_unicode import write_strings
from tests.journeys.desk import ASKED, Desk, Talk, join, list_citations

pytestmark = pytest.mark.journey

MARK = "zqxjkvbp"  # stands in every bad body that can hold one; no answer may quote it
JSON = {"content-type": "application/json"}


def encode(message: Any, **more: Any) -> bytes:
    return json.dumps({"message": message, **more}).encode()


BAD_BODIES: dict[str, tuple[bytes, int]] = {
    "empty message": (encode(""), 422),
    "blanks": (encode(" \u3000\n\t"), 422),
    "control characters only": (encode("\x00\x01\x07\x7f"), 422),
    "lone surrogate only": (b'{"message": "\\ud800"}', 422),
    "characters that do not exist": (encode("\ufffe\uffff\U0010ffff"), 422),
    "10,000 characters": (encode(MARK * 1250), 413),
    "300,000 bytes": (encode(MARK * 37500), 413),
    "number": (encode(5), 422),
    "list": (encode([MARK]), 422),
    "object": (encode({"text": MARK}), 422),
    "null": (encode(None), 422),
    "no message": (b"{}", 422),
    "no body": (b"", 422),
    "a list instead": (b"[]", 422),
    "a string instead": (f'"{MARK}"'.encode(), 422),
    "cut off": (f'{{"message": "{MARK}'.encode(), 422),
    "not JSON": (MARK.encode(), 422),
    "not UTF-8": (b'{"message": "\xff\xfe zqxjkvbp"}', 422),
    "infinite number": (b'{"message": 1e999}', 422),
    "endless number": (b'{"message": ' + b"9" * 6000 + b"}", 422),
    "nested too deep": (b"[" * 100_000, 422),
    "message_id no UUID": (encode("hello", message_id=MARK), 422),
    "message_id a number": (encode("hello", message_id=7), 422),
    "another language": (encode("hello", language=MARK), 422),
    "languages": (encode("hello", language=["ja", "en"]), 422),
    "conversation_id a number": (encode("hello", conversation_id=5), 422),
}
ODD_MESSAGES = {
    "emoji only": "😊🙇‍♀️👍🏽",
    "invisible": "\u202e\u200b\u200d\ufeff",
    "controls around words": "\x00\x1b[31mwhat do you collect\x07",
    "markup": "<script>alert(1)</script><b>何を集めていますか</b>",
    "SQL": "'; DROP TABLE cases; --",
    "template": "{shop} {0} %s ${x} {{7*7}} {% raw %}",
    "Rasa's restart": "/restart",
    "Rasa's session": "/session_start",
    "an intent": '/exercise_disclosure{"x": "y"}',
    "an unknown intent": "/nothing_like_this",
    "a command with a blank": " /affirm",
    "full-width slash": "／restart",
    "slashes": "////",
    "two commands": "/ /restart",
    "2,000 characters": "あ" * 2000,
    "2,000 wide characters": "\ufdfa" * 2000,  # each becomes 18 in analysis
    "half-width kana": "ﾄﾞﾝﾅ ｼﾞｮｳﾎｳ ｦ ｱﾂﾒﾃ ｲﾏｽｶ",
    "combining marks": "a" + "\u0300" * 1500,
    "nearly an address": "a" * 1000 + "@" + "b" * 900,
    "digits": "0" * 1900,
    "lines": "a\n" * 900,
    "lone surrogates around words": "\ud83d what do you collect \udc00",
    "many scripts": "Привет שלום مرحبا 안녕하세요 สวัสดี",
    "outside the basic plane": "𠮷野家𩸽",
}
FORM_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "empty": b"message=&details=&name=&email=",
    "not UTF-8": b"message=%ff%fe&details=%ff%fe&name=%ff",
    "surrogate": b"message=%ED%A0%80&details=%ED%A0%80",
    "NUL": b"message=%00&details=%00&name=%00&email=%00",
    "3,000 fields": b"a=1&" * 3000,
    "twice": b"message=&message=&details=a&details=b&kind=disclosure&kind=complaint",
    "no names": b"=&=&&;",
    "long": b"message=" + b"a" * 5000 + b"&details=" + b"a" * 5000,
    "huge": b"message=" + b"a" * 300_000,
    "key": b"message_id=%ff&filing_key=%ff&kind=%ff",
}
ADDRESSES = {
    "/nothing": 404,
    "/policy/%00": 404,
    "/policy/1-00000000": 404,
    "/policy/..%2f..%2fetc%2fpasswd": 404,
    "/static/%2e%2e/app.py": 404,
    "/static/..%2fapp.py": 404,
    "/requests/filed/%ff": 404,
    "/requests/filed/a.b": 404,
    "/requests/new?kind=%00&lang=%ff": 200,
    "/?lang=%00": 200,
    "/desk/cases/%00": 303,
}


@pytest.fixture
def steady(http: httpx.Client) -> Talk:
    """A conversation that has to live through it: a request whose name is being asked for."""
    talk = Talk(http, "ja")
    talk.say_all("/request:disclosure", "注文の控えが対象です。")
    return talk


def assert_goes_on(steady: Talk) -> None:
    """The desk answers, and the request is where it was."""
    reply = steady.say(ASKED["ja"])
    assert reply["degraded"] is False
    assert list_citations(reply)
    assert reply["request"]["state"] == "collecting"


@pytest.mark.parametrize(
    ("path", "name"),
    # A question has no ids.
    [("/api/chat", name) for name in BAD_BODIES] + [("/api/ask", name) for name in BAD_BODIES if "_id" not in name],
)
def test_a_bad_body_is_refused_in_one_shape(http: httpx.Client, steady: Talk, path: str, name: str) -> None:
    body, status = BAD_BODIES[name]
    if path == "/api/ask":
        body = body.replace(b'"message"', b'"question"')
    answer = http.post(path, content=body, headers=JSON)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"code", "message"}
    assert MARK not in answer.text
    assert_goes_on(steady)


@pytest.mark.parametrize("name", list(ODD_MESSAGES))
def test_an_odd_message_is_answered_and_fires_nothing(desk: Desk, http: httpx.Client, steady: Talk, name: str) -> None:
    before = set(desk.list_cases())
    talk = Talk(http, "ja")
    reply = talk.say(ODD_MESSAGES[name])
    assert reply["degraded"] is False
    assert join(reply)
    assert reply["request"] is None
    assert set(desk.list_cases()) == before
    assert_goes_on(steady)


@pytest.mark.parametrize(
    "name", ["Rasa's restart", "Rasa's session", "an intent", "full-width slash", "two commands", "markup", "SQL"]
)
def test_no_command_gets_into_a_running_request(desk: Desk, http: httpx.Client, name: str) -> None:
    talk = Talk(http, "ja")
    talk.say_all("/request:suspension", "注文の控えが対象です。", "青空つばさ")
    reply = talk.say(ODD_MESSAGES[name])  # no mail address in it: asked again
    assert (reply["request"]["kind"], reply["request"]["state"]) == ("suspension", "collecting")
    draft = desk.find_draft(talk.conversation_id)
    assert draft is not None
    assert draft.fields == {"details": "注文の控えが対象です。", "name": "青空つばさ"}
    assert talk.say_all("tsubasa@example.com", "なし", "はい")["request"]["state"] == "filed"


@pytest.mark.parametrize("name", ["markup", "SQL", "template", "lines", "outside the basic plane", "Rasa's restart"])
def test_details_are_kept_word_for_word(desk: Desk, http: httpx.Client, name: str) -> None:
    talk = Talk(http, "ja")
    talk.say_all("/request:complaint", ODD_MESSAGES[name], "青空つばさ", "tsubasa@example.com", "なし")
    receipt = talk.say("はい")["request"]["receipt"]
    assert desk.list_cases()[receipt].fields["details"] == ODD_MESSAGES[name].strip()


@pytest.mark.parametrize("more", [{"unknown": {"a": [1]}}, {"sender": "c1"}, {"metadata": {"text": "x"}}], ids=repr)
def test_unknown_fields_are_ignored(http: httpx.Client, more: dict[str, Any]) -> None:
    answer = http.post("/api/chat", json={"message": ASKED["ja"], **more})
    assert answer.status_code == 200
    assert list_citations(answer.json())


@pytest.mark.parametrize("forged", ["", "x", "../../etc/passwd", "c" * 100_000, "\ud800", "cAAAA.BBBB"])
def test_a_forged_conversation_opens_a_new_one(http: httpx.Client, forged: str) -> None:
    body = encode(ASKED["ja"], conversation_id=forged)
    answer = http.post("/api/chat", content=body, headers=JSON).json()
    assert answer["conversation_id"] not in {forged, ""}


@pytest.mark.parametrize("path", ["/", "/requests/new", "/desk/sign-in"])
@pytest.mark.parametrize("name", list(FORM_BODIES))
def test_a_bad_form_is_never_an_accident(http: httpx.Client, steady: Talk, path: str, name: str) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = http.post(path, content=FORM_BODIES[name], headers=headers)
    # The chat answers in place whoever shows no cookie yet.
    assert answer.status_code in {200 if path == "/" else 303, 400, 403, 413, 422}
    assert_goes_on(steady)


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=x", "application/xml", "text/plain", "x"]
)
@pytest.mark.parametrize("path", ["/", "/requests/new", "/api/chat", "/api/ask"])
def test_another_content_type_is_refused(http: httpx.Client, path: str, content_type: str) -> None:
    answer = http.post(path, content=b'--x\r\n{"message": "zqxjkvbp"}', headers={"content-type": content_type})
    assert answer.status_code in {400, 422}
    assert MARK not in answer.text


def test_a_body_without_an_end_is_cut_off(http: httpx.Client) -> None:
    def pour() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 10_000

    assert http.post("/api/chat", content=pour(), headers=JSON).status_code in {400, 413}


@pytest.mark.parametrize(("path", "status"), list(ADDRESSES.items()))
def test_odd_addresses(http: httpx.Client, path: str, status: int) -> None:
    assert http.get(path).status_code == status


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods(http: httpx.Client, method: str) -> None:
    assert http.request(method, "/api/chat").status_code == 405


@pytest.mark.parametrize("cookie", ["\xff", "a.b", "x" * 5000, '"', "=;=", "%00"])
@pytest.mark.parametrize("name", ["madoguchi_conversation", "madoguchi_desk"])
def test_odd_cookies(http: httpx.Client, name: str, cookie: str) -> None:
    headers = {"cookie": f"{name}={cookie}".encode("latin-1")}
    assert http.get("/", headers=headers).status_code == 200
    assert http.get("/desk", headers=headers).status_code == 303


def test_strings_of_all_of_unicode_are_turns_of_a_conversation(desk: Desk, http: httpx.Client, steady: Talk) -> None:
    """300 of the ten thousand (tests/actions/attacks/test_unicode.py), through the real engine."""
    before, talk, statuses = set(desk.list_cases()), Talk(http, "ja"), set()
    for number, (kind, text) in enumerate(write_strings(300)):
        if number % 20 == 0:
            talk = Talk(http, "ja")
            talk.say("こんにちは" if number % 40 else "/request:disclosure")
        answer = http.post("/api/chat", content=encode(text, conversation_id=talk.conversation_id), headers=JSON)
        statuses.add(answer.status_code)
        assert answer.status_code in {200, 413, 422}, (kind, text)
        if answer.status_code == 200:
            assert answer.json()["degraded"] is False, (kind, text)
            assert join(answer.json())
    assert statuses == {200, 413, 422}
    assert set(desk.list_cases()) == before
    assert_goes_on(steady)
