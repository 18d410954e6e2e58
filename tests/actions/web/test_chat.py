"""The chat page: whole without JavaScript, no cookie before the first message, and nothing typed is ever lost."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.tables import Base
from actions.texts import say

COOKIE = "madoguchi_conversation"
THIRD_PARTY = "個人情報を第三者に提供しますか"


async def _send(desk: Any, message: str, path: str = "/", **more: Any) -> Any:
    return await desk.client.post(path, data={"message": message, **more})


def _find_scripts(page: str) -> list[str]:
    """What stands in a page as a script, besides the chat's own file."""
    return re.findall(r'<script(?! type="module" src="/static/chat\.js\?v=[0-9a-f]{12}"></script>)', page)


async def _show(desk: Any, path: str = "/") -> str:
    response = await desk.client.get(path)
    assert response.status_code == 200
    return str(response.text)


@pytest.mark.parametrize("path", ["/", "/?lang=en", "/policy", "/requests/new", "/desk/sign-in", "/healthz", "/none"])
async def test_no_cookie_is_set_when_a_page_is_only_read(desk: Any, path: str) -> None:
    assert "set-cookie" not in (await desk.client.get(path)).headers


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_the_page_begins_with_questions_to_choose_when_opened(desk: Any, language: str) -> None:
    page = await _show(desk, f"/?lang={language}")
    assert f'<html lang="{language}">' in page
    assert f'value="{say(language, "questions.ask_collected")}"' in page
    assert say(language, "pages.notice", days=30, question_days=180) in html.unescape(page)
    assert _find_scripts(page) == []


def _read(page: str) -> str:
    """The page's words without the marks on those that tell."""
    return html.unescape(re.sub(r"</?mark>", "", page))


async def test_the_answer_is_on_the_page_when_a_question_was_sent(desk: Any) -> None:
    await _send(desk, "こんにちは")  # from now on the browser shows its cookie
    response = await _send(desk, THIRD_PARTY)
    assert (response.status_code, response.headers["location"]) == (303, "/?lang=ja#latest")
    page = await _show(desk)
    latest = page[page.index('id="latest"') :]
    assert THIRD_PARTY in latest
    assert desk.services.bundle.policy.get_unit("third_party").text in _read(latest)
    assert latest.count('class="card"') == 1
    assert 'id="latest"' in page


async def test_the_cookie_is_for_this_site_only_when_set(desk: Any) -> None:
    cookie = (await _send(desk, THIRD_PARTY)).headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=c")
    for attribute in ("HttpOnly", "SameSite=lax", "Path=/"):
        assert attribute.lower() in cookie.lower()
    assert "secure" not in cookie.lower()
    assert "max-age" not in cookie.lower()  # gone with the browser's session
    assert "domain" not in cookie.lower()


async def test_the_cookie_is_secure_when_customers_come_by_https(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(public_url="https://desk.example.com")
    assert "; Secure" in (await _send(desk, THIRD_PARTY)).headers["set-cookie"]


async def test_the_conversation_goes_on_when_more_is_sent(desk: Any) -> None:
    await _send(desk, THIRD_PARTY)
    first = desk.client.cookies[COOKIE]
    await _send(desk, "クッキーは使っていますか")
    assert desk.client.cookies[COOKIE] == first
    page = await _show(desk)
    assert page.index(THIRD_PARTY) < page.index("クッキーは使っていますか")
    assert page.count('class="asked"') == 2
    assert page.count('id="latest"') == 1


async def test_one_turn_comes_of_it_when_the_form_is_sent_twice(desk: Any) -> None:
    page = await _show(desk)
    found = re.search(r'name="message_id" value="([0-9a-f-]{36})"', page)
    assert found
    await _send(desk, "x")  # the conversation exists: the browser sends its cookie with both
    for _ in range(2):
        assert (await _send(desk, THIRD_PARTY, message_id=found[1])).status_code == 303
    assert (await _show(desk)).count('class="asked"') == 2


@pytest.mark.parametrize("message_id", ["", "x", "\x00", "1" * 500])
async def test_a_message_is_taken_when_its_id_is_none(desk: Any, message_id: str) -> None:
    assert (await _send(desk, THIRD_PARTY, message_id=message_id)).status_code == 200
    (turn,) = desk.services.conversations.list_turns(desk.client.cookies[COOKIE])
    assert str(uuid.UUID(turn.message_id)) == turn.message_id


@pytest.mark.parametrize(
    ("message", "status", "key"),
    [("", 422, "errors.empty"), (" \n　", 422, "errors.empty"), ("あ" * 2001, 413, "errors.too_long")],
)
async def test_the_text_stays_in_the_field_when_it_is_refused(desk: Any, message: str, status: int, key: str) -> None:
    response = await _send(desk, message)
    page = html.unescape(response.text)
    assert response.status_code == status
    assert say("ja", key, limit=2000) in page
    assert f">{message}</textarea>" in page.replace("\r\n", "\n")
    assert "set-cookie" not in response.headers
    assert desk.engine.sent == []


async def test_the_text_stays_in_the_field_when_too_much_was_sent(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(rate_conversation="1/minute")
    await _send(desk, "x")
    response = await _send(desk, "まだ聞きたいこと")
    assert response.status_code == 429
    assert ">まだ聞きたいこと</textarea>" in response.text


@pytest.mark.parametrize(
    "text",
    [
        '<script>alert("x")</script>',
        "<img src=x onerror=alert(1)>",
        '"><b>',
        "</textarea><script>",
        "{{ 7*7 }}",
        "&lt;",
    ],
)
async def test_markup_is_text_when_shown_again(desk: Any, text: str) -> None:
    await _send(desk, text)
    page = await _show(desk)
    assert html.escape(text, quote=False).replace('"', "&#34;") in page.replace("&#39;", "'")
    assert _find_scripts(page) == []
    assert "<img" not in page
    words = re.findall(r'class="asked"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert len(words) == 1
    assert "49" not in words[0]
    refused = (await _send(desk, text + "x" * 2000)).text
    assert _find_scripts(refused) == []


async def test_the_old_conversation_is_no_longer_shown_when_restarted(desk: Any) -> None:
    await _send(desk, THIRD_PARTY)
    response = await desk.client.post("/restart?lang=en")
    assert (response.status_code, response.headers["location"]) == (303, "/?lang=en")
    assert COOKIE not in desk.client.cookies
    assert THIRD_PARTY not in html.unescape(await _show(desk)).replace(f'value="{THIRD_PARTY}"', "")


@pytest.mark.parametrize("cookie", ["x", "c1.x", "' OR 1=1 --", "%00", "a" * 5000])
async def test_an_empty_conversation_is_shown_when_the_cookie_is_forged(desk: Any, cookie: str) -> None:
    response = await desk.client.get("/", headers={"cookie": f"{COOKIE}={cookie}"})
    assert response.status_code == 200
    assert 'class="asked"' not in response.text
    sent = await desk.client.post("/", data={"message": THIRD_PARTY}, headers={"cookie": f"{COOKIE}={cookie}"})
    assert sent.status_code == 200
    assert f"{COOKIE}=c" in sent.headers["set-cookie"]


async def test_a_request_is_taken_whole_when_only_forms_are_sent(desk: Any) -> None:
    values = ["登録した住所を開示してください", "山田花子", "hanako@example.com", "なし"]
    await _send(desk, "/request:disclosure")
    page = await _show(desk)
    assert 'name="message" value="/cancel"' in page
    for value in values:
        await _send(desk, value)
    review = html.unescape(await _show(desk))
    assert all(value in review for value in values[:3])
    assert 'value="/affirm"' in review
    assert 'value="/change:email"' in review
    await _send(desk, "/affirm")
    (case,) = desk.services.cases.list_all()
    page = await _show(desk)
    assert case.receipt in page
    assert 'value="/affirm"' not in page  # buttons of former turns are gone


async def test_the_form_is_a_link_when_the_engine_is_down(desk: Any) -> None:
    desk.engine.is_down = True
    await _send(desk, "個人情報の苦情はどこに言えばいいですか")
    page = html.unescape(await _show(desk))
    assert '<a class="button" href="/requests/new?kind=complaint&lang=ja">' in page
    assert 'value="/requests/new' not in page


async def test_the_nearest_clauses_are_not_called_an_answer_when_the_policy_is_silent(desk: Any) -> None:
    await _send(desk, "クッキーは使っていますか")
    page = await _show(desk)
    assert 'class="said not_covered"' in page
    assert 'value="/forward"' in page


async def test_the_language_of_the_reply_is_the_pages_when_redirected(desk: Any) -> None:
    for _ in range(2):
        response = await _send(desk, say("en", "questions.ask_third_party"), "/?lang=en")
    assert response.headers["location"] == "/?lang=en#latest"
    page = await _show(desk, "/?lang=en")
    assert desk.services.bundle.policy.get_unit("third_party", "en").text in _read(page)
    assert say("en", "pages.prevails") in page


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"message=%ED%A0%80", "application/x-www-form-urlencoded"),
        (b"message=%00", "application/x-www-form-urlencoded"),
        (b"message=%ff%fe", "application/x-www-form-urlencoded"),
        (b"message=a&message=b&message=", "application/x-www-form-urlencoded"),
        (b"&&&=&", "application/x-www-form-urlencoded"),
        (b"x" * 300_000, "application/x-www-form-urlencoded"),
        (b"message=" + b"a&x=" * 3000, "application/x-www-form-urlencoded"),
        (b"no boundary", "multipart/form-data"),
        (b"--b\r\n\r\n", "multipart/form-data; boundary=b"),
        (b'{"message": "x"}', "application/json"),
    ],
)
async def test_a_broken_form_is_refused_when_sent(desk: Any, body: bytes, kind: str) -> None:
    response = await desk.client.post("/", content=body, headers={"content-type": kind})
    assert response.status_code in {200, 413, 422}
    assert ("set-cookie" in response.headers) is (response.status_code == 200)
    assert "content-security-policy" in response.headers


async def test_a_file_is_refused_when_sent_as_a_message(desk: Any) -> None:
    response = await desk.client.post("/", files={"message": ("x.txt", b"hello")})
    assert response.status_code == 422
    assert desk.engine.sent == []


# --- a browser without cookies


def _read_fields(page: str) -> dict[str, str]:
    """The hidden fields of the page's composer."""
    composer = page[page.index('class="composer"') :]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', composer))


async def test_the_conversation_goes_on_when_the_browser_keeps_no_cookies(desk: Any) -> None:
    page = await _show(desk)
    for message in (THIRD_PARTY, "クッキーは使っていますか", "/request:disclosure"):
        desk.client.cookies.clear()
        response = await _send(desk, message, **_read_fields(page))
        assert response.status_code == 200
        page = response.text
    assert page.count('class="asked"') == 3
    assert 'class="progress"' in page
    assert _count_rows(desk) == 5  # one conversation, three turns, one draft
    assert _read_fields(page)["conversation"] not in str(response.request.url)


async def test_one_turn_comes_of_the_first_message_when_it_is_sent_twice(desk: Any) -> None:
    fields = _read_fields(await _show(desk))
    for _ in range(2):
        desk.client.cookies.clear()
        response = await _send(desk, THIRD_PARTY, **fields)
    assert response.text.count('class="asked"') == 1
    assert _count_rows(desk) == 2


@pytest.mark.parametrize("field", ["forged", "c1.forged", "' OR 1=1 --", "\x00", "c" * 5000])
async def test_a_new_conversation_begins_when_the_field_is_none_of_ours(desk: Any, field: str) -> None:
    response = await _send(desk, THIRD_PARTY, conversation=field)
    assert response.status_code == 200
    assert response.text.count('class="asked"') == 1
    assert field not in response.text


async def test_the_cookie_decides_when_the_field_names_another_conversation(desk: Any) -> None:
    await _send(desk, THIRD_PARTY)
    other = desk.gateway.make_conversation_id()
    await _send(desk, "クッキーは使っていますか", conversation=other)
    assert (await _show(desk)).count('class="asked"') == 2
    assert desk.services.conversations.list_turns(other) == []
    assert other not in await _show(desk)


async def test_everything_is_gone_when_deleted_without_cookies(desk: Any) -> None:
    page = (await _send(desk, THIRD_PARTY)).text
    desk.client.cookies.clear()
    conversation = _read_fields(page)["conversation"]
    asked = await desk.client.post("/conversation/delete", data={"conversation": conversation, "ask": "1"})
    assert say("ja", "pages.delete_lead", count=1) in html.unescape(asked.text)
    assert _count_rows(desk) == 2
    done = await desk.client.post("/conversation/delete", data={"conversation": conversation})
    assert say("ja", "pages.deleted", count=1) in html.unescape(done.text)
    assert _count_rows(desk) == 0


# --- the page's script


PART = {"x-madoguchi-part": "turn"}


async def test_the_new_turn_comes_alone_when_the_script_sends(desk: Any) -> None:
    await _send(desk, "クッキーは使っていますか")
    response = await desk.client.post("/", data={"message": THIRD_PARTY}, headers=PART)
    assert response.status_code == 200
    assert response.text.count('class="asked"') == 1
    assert THIRD_PARTY in response.text
    assert "<header" not in response.text
    assert len(response.content) < len((await _show(desk)).encode())


async def test_it_is_drawn_as_on_the_page_when_the_script_sends(desk: Any) -> None:
    part = (await desk.client.post("/", data={"message": THIRD_PARTY}, headers=PART)).text
    page = await _show(desk)
    turns = [re.search(r'<div class="turn".*?</article>', text, re.DOTALL) for text in (part, page)]
    assert turns[0]
    assert turns[1]
    assert re.sub(r"\s+", " ", turns[0][0]) == re.sub(r"\s+", " ", turns[1][0])


async def test_the_words_come_without_a_turn_when_the_scripts_message_is_refused(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(rate_conversation="1/minute")
    await _send(desk, "x")
    response = await desk.client.post("/", data={"message": THIRD_PARTY}, headers=PART)
    assert response.status_code == 429
    assert int(response.headers["retry-after"]) > 0
    assert 'class="problem" role="alert"' in response.text
    assert 'class="turn"' not in response.text


# --- where a request stands


async def test_the_step_is_shown_when_a_request_is_entered(desk: Any) -> None:
    await _send(desk, "/request:disclosure")
    for value, step in (("登録した住所", 2), ("山田花子", 2), ("hanako@example.com", 2), ("なし", 3)):
        await _send(desk, value)
        assert say("ja", "pages.progress_step", step=step, count=4) in await _show(desk)
    await _send(desk, "/affirm")
    page = await _show(desk)
    assert 'class="progress"' not in page
    (case,) = desk.services.cases.list_all()
    assert case.receipt in page[page.index('class="receipt"') :]


async def test_the_contact_is_given_at_once_when_its_card_is_sent(desk: Any) -> None:
    for message in ("/request:disclosure", "登録した住所"):
        await _send(desk, message)
    assert 'class="contact"' in await _show(desk)
    await desk.client.post("/", data={"name": "山田花子", "email": "hanako@example.com", "phone": ""})
    (turn,) = desk.services.conversations.list_turns(desk.client.cookies[COOKIE])[-1:]
    assert turn.message == "お名前: 山田花子\nメールアドレス: hanako@example.com\n電話番号: なし"


async def test_it_is_refused_as_empty_when_nothing_stands_in_the_card(desk: Any) -> None:
    response = await desk.client.post("/", data={"name": "", "email": " ", "phone": ""})
    assert response.status_code == 422
    assert say("ja", "errors.empty") in response.text


async def test_the_page_is_plain_when_a_browser_frames_it(desk: Any) -> None:
    page = (await desk.client.get("/", headers={"sec-fetch-dest": "iframe"})).text
    assert '<body class="framed">' in page
    assert '<body class="framed">' not in await _show(desk)


# --- deleting the conversation


async def _fill(desk: Any) -> str:
    """A conversation with two turns, a request being entered, and what the engine remembers → its id."""
    await _send(desk, THIRD_PARTY)
    await _send(desk, "/request:disclosure")
    conversation_id = str(desk.client.cookies[COOKIE])
    engine = sa.create_engine(desk.services.settings.tracker)
    with engine.begin() as connection:
        connection.execute(sa.text("create table events (id integer primary key, sender_id text, timestamp float)"))
        for sender in (conversation_id, "another"):
            connection.execute(sa.text("insert into events (sender_id, timestamp) values (:s, 1.0)"), {"s": sender})
    engine.dispose()
    return conversation_id


def _list_senders(desk: Any) -> list[str]:
    engine = sa.create_engine(desk.services.settings.tracker)
    with engine.connect() as connection:
        found = [row.sender_id for row in connection.execute(sa.text("select sender_id from events"))]
    engine.dispose()
    return found


def _count_rows(desk: Any) -> int:
    with desk.services.database.reading() as session:
        tables = [Base.metadata.tables[name] for name in ("conversations", "turns", "drafts")]
        return sum(session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables)


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_everything_is_gone_when_the_conversation_is_deleted(desk: Any, language: str) -> None:
    conversation_id = await _fill(desk)
    chat = await _show(desk, f"/?lang={language}")
    assert f'action="/conversation/delete?lang={language}"' in chat
    asked = html.unescape(await _show(desk, f"/conversation/delete?lang={language}"))
    assert say(language, "pages.delete_lead", count=2) in asked
    assert say(language, "pages.delete_kept") in asked
    assert _count_rows(desk) == 4  # looking deletes nothing
    response = await desk.client.post(f"/conversation/delete?lang={language}")
    assert response.status_code == 200
    assert say(language, "pages.deleted", count=2) in html.unescape(response.text)
    assert COOKIE not in desk.client.cookies
    assert _count_rows(desk) == 0
    assert _list_senders(desk) == ["another"]
    assert desk.services.conversations.find_draft(conversation_id) is None
    assert 'class="asked"' not in await _show(desk)


async def test_a_filed_case_stays_when_its_conversation_is_deleted(desk: Any) -> None:
    await _send(desk, "/request:disclosure")
    for value in ("登録した住所を開示してください", "山田花子", "hanako@example.com", "なし", "/affirm"):
        await _send(desk, value)
    (case,) = desk.services.cases.list_all()
    response = await desk.client.post("/conversation/delete")
    assert say("ja", "pages.delete_kept") in html.unescape(response.text)
    assert desk.services.cases.get(case.receipt) == case
    assert _count_rows(desk) == 0


@pytest.mark.parametrize("message", ["/delete-conversation", " /delete-conversation\r\n"])
async def test_the_button_leads_to_the_page_that_asks_when_pressed(desk: Any, message: str) -> None:
    await _send(desk, THIRD_PARTY)
    sent = len(desk.engine.sent)
    response = await _send(desk, message, "/?lang=en")
    assert (response.status_code, response.headers["location"]) == (303, "/conversation/delete?lang=en")
    assert len(desk.engine.sent) == sent
    assert _count_rows(desk) == 2  # nothing is deleted before it is asked for, and the press is no turn


@pytest.mark.parametrize("cookie", ["", "x", "c1.x", "%00"])
async def test_nothing_is_deleted_when_the_cookie_is_none_of_ours(desk: Any, cookie: str) -> None:
    await _send(desk, THIRD_PARTY)
    desk.client.cookies.clear()
    headers = {"cookie": f"{COOKIE}={cookie}"} if cookie else {}
    for method in ("GET", "POST"):
        response = await desk.client.request(method, "/conversation/delete", headers=headers)
        assert response.status_code == 200
        assert say("ja", "pages.delete_nothing") in response.text
    assert _count_rows(desk) == 2


async def test_deleting_again_ends_it_when_the_engines_memory_could_not_be_reached(desk: Any) -> None:
    await _fill(desk)
    path = desk.services.settings.state / "tracker.sqlite3"
    kept = path.read_bytes()
    path.write_bytes(b"out of order" * 100)
    response = await desk.client.post("/conversation/delete")
    assert response.status_code == 500
    assert say("ja", "errors.failed") in response.text
    assert COOKIE in desk.client.cookies
    assert _count_rows(desk) == 0  # the words are gone at once
    path.write_bytes(kept)
    response = await desk.client.post("/conversation/delete")
    assert response.status_code == 200
    assert _list_senders(desk) == ["another"]


async def test_deleting_twice_says_so_when_pressed_twice(desk: Any) -> None:
    await _send(desk, THIRD_PARTY)
    assert say("ja", "pages.deleted", count=1) in html.unescape((await desk.client.post("/conversation/delete")).text)
    assert say("ja", "pages.delete_nothing") in (await desk.client.post("/conversation/delete")).text


async def test_nothing_is_offered_to_delete_when_there_is_no_conversation(desk: Any) -> None:
    assert "/conversation/delete" not in await _show(desk)


# --- buttons that open a page


@pytest.mark.parametrize("payload", ["/requests/new?kind=complaint&lang=ja", "/status/a-token"])
async def test_a_button_is_a_link_when_it_opens_a_page(desk: Any, payload: str) -> None:
    await _send(desk, THIRD_PARTY)
    conversation_id = desk.client.cookies[COOKIE]
    buttons = [{"title": "ひらく", "payload": payload}, {"title": "はい", "payload": "/affirm"}]
    message = {"text": "x", "citations": [], "buttons": buttons, "status": "", "question": "", "clarified": False}
    reply = {"language": "ja", "messages": [message]}
    desk.services.conversations.append_turn(conversation_id, str(uuid.uuid4()), "x", reply)
    page = html.unescape(await _show(desk))
    assert f'<a class="button" href="{payload}">ひらく</a>' in page
    assert f'value="{payload}"' not in page
    assert 'value="/affirm">はい</button>' in page


async def test_the_status_page_is_a_link_when_a_request_was_filed(desk: Any) -> None:
    await _send(desk, "/request:disclosure")
    for value in ("登録した住所を開示してください", "山田花子", "hanako@example.com", "なし", "/affirm"):
        await _send(desk, value)
    (case,) = desk.services.cases.list_all()
    page = await _show(desk)
    assert f'<a class="button" href="{desk.services.desk.find_status_path(case.receipt)}">' in page
