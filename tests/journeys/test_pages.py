"""The pages as a browser without JavaScript uses them: forms, redirects, one cookie."""

from __future__ import annotations

import html
import re
import sqlite3
import uuid
from contextlib import closing

import httpx
import pytest

from actions.texts import say
from tests.journeys.desk import ASKED, Desk

pytestmark = pytest.mark.journey

FORM = {
    "kind": "correction",
    "details": "番地が古いままです。\n1-2-3が正しいです。",
    "name": "雨宮しずく",
    "email": "shizuku@example.com",
    "phone": "03-0000-0001",
}
WRONG = {"details": "😊", "name": "https://example.com/?a=1", "email": "shizuku.example.com", "phone": "ゼロサン"}
UNREADABLE = [{field: value} for field, value in WRONG.items()]
MISSING = [{"details": ""}, {"name": " "}, {"email": ""}, {"kind": ""}, {"kind": "everything"}]


def find_hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def find_text(page: str) -> str:
    """The page's words, without its markup."""
    return html.unescape(re.sub(r"<[^>]+>", "\n", page))


def send(http: httpx.Client, message: str, language: str = "ja") -> httpx.Response:
    """Type into the chat page's form and follow where it leads."""
    page = http.get("/", params={"lang": language}).text
    fields = {"message": message, "message_id": find_hidden(page, "message_id")}
    return http.post("/", params={"lang": language}, data=fields, follow_redirects=True)


def find_receipt(page: str) -> str:
    return re.findall(r"M-[0-9A-Z]{4}-[0-9A-Z]{4}", page)[-1]


def find_status_path(page: str) -> str:
    found = re.search(r'href="(/status/[^"]+)"', page)
    assert found
    return html.unescape(found[1])


def test_looking_at_the_chat_page_leaves_no_cookie(http: httpx.Client) -> None:
    page = http.get("/")
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    assert "<script" not in page.text or 'src="/static/' in page.text  # nothing runs that is not the desk's own


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_message_is_sent_by_form_and_the_history_is_read_back(http: httpx.Client, language: str) -> None:
    page = http.get("/", params={"lang": language}).text
    fields = {"message": ASKED[language], "message_id": find_hidden(page, "message_id")}
    sent = http.post("/", params={"lang": language}, data=fields)
    assert sent.status_code == 200  # without a cookie yet the page comes at once
    cookie = sent.headers["set-cookie"].lower()
    assert all(flag in cookie for flag in ("httponly", "samesite=lax", "path=/"))
    # Any later visit with the cookie shows it: nothing of the conversation is in the address.
    history = http.get("/", params={"lang": language})
    assert ASKED[language] in find_text(history.text)
    quotes = re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", re.sub(r"</?mark>", "", history.text))
    assert quotes
    original = http.get("/policy").text
    assert all(re.sub(r"<span.*?</span> ", "", quote) in original for quote in quotes)


def test_a_form_sent_again_is_one_turn(http: httpx.Client) -> None:
    # What a browser does when a page is reloaded, or a button pressed twice.
    fields = {"message": ASKED["ja"], "message_id": str(uuid.uuid4())}
    http.post("/", data=fields)
    http.post("/", data=fields)
    assert http.get("/").text.count('class="asked"') == 1


def test_a_request_is_made_by_the_pages_own_buttons(desk: Desk, http: httpx.Client) -> None:
    send(http, "私の個人情報を消去してください")
    for value in (FORM["details"], FORM["name"], FORM["email"]):
        page = send(http, value).text
    assert f'value="{say("ja", "intake.none")}"' in page  # the optional field has a button to leave it out
    review = send(http, say("ja", "intake.none")).text
    assert all(value in find_text(review) for value in (*FORM["details"].splitlines(), FORM["name"], FORM["email"]))
    assert 'value="/affirm"' in review
    receipt = find_receipt(send(http, "/affirm").text)
    case = desk.list_cases()[receipt]
    assert (case.kind, case.channel) == ("suspension", "chat")
    assert case.fields == {**{name: FORM[name] for name in ("details", "name", "email")}, "phone": ""}


def test_buttons_appear_in_the_history_by_their_titles(http: httpx.Client) -> None:
    page = send(http, "/request:disclosure").text
    assert say("ja", "kinds.disclosure") in find_text(page)
    assert "/request:disclosure" not in find_text(page)


def test_a_new_conversation_forgets_the_old_one(http: httpx.Client) -> None:
    send(http, "これは前の会話です")
    page = http.post("/restart", follow_redirects=True)
    assert "これは前の会話です" not in page.text
    assert "これは前の会話です" not in http.get("/").text


def test_visitors_see_only_their_own_conversation(desk: Desk, http: httpx.Client) -> None:
    send(http, "これは秘密の質問です")
    with desk.open_http() as other:
        assert "これは秘密の質問です" not in other.get("/").text
        # The id is signed: without the signature nobody's conversation is opened, not even by its right id.
        unsigned = http.cookies["madoguchi_conversation"].partition(".")[0]
        for forged in (unsigned, f"{unsigned}.{'B' * 27}"):
            headers = {"cookie": f"madoguchi_conversation={forged}"}
            assert "これは秘密の質問です" not in other.get("/", headers=headers).text


def test_markup_is_shown_and_does_nothing(http: httpx.Client) -> None:
    typed = "<script>alert(1)</script><img src=x onerror=alert(2)> \"'& 何を集めていますか"
    page = send(http, typed).text
    assert typed in find_text(page.replace("&lt;", "\0").replace("&gt;", "\1")).replace("\0", "<").replace("\1", ">")
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_message_that_is_too_long_stays_in_the_field(http: httpx.Client) -> None:
    page = send(http, "長い" * 2000)
    assert page.status_code == 413
    assert "長い" * 2000 in page.text
    assert 'role="alert"' in page.text


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
@pytest.mark.parametrize(
    "path", ["/", "/requests/new", "/desk/sign-in", "/restart", "/conversation/delete", "/status/x"]
)
def test_a_form_on_another_site_is_refused(http: httpx.Client, path: str, headers: dict[str, str]) -> None:
    assert http.post(path, data={"message": "はい"}, headers=headers).status_code == 403


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_request_is_made_by_form(desk: Desk, http: httpx.Client, language: str) -> None:
    page = http.get("/requests/new", params={"kind": "correction", "lang": language})
    assert re.search(r'value="correction" checked', page.text)  # a box among several: none of them is required
    fields = {**FORM, "filing_key": find_hidden(page.text, "filing_key")}
    done = http.post("/requests/new", params={"lang": language}, data=fields, follow_redirects=True)
    receipt = find_receipt(done.text)
    assert done.request.url.path.startswith("/requests/filed/")
    assert receipt not in str(done.request.url)
    case = desk.list_cases()[receipt]
    assert (case.kinds, case.channel, case.language, case.state) == (
        ("correction",),
        "form",
        language,
        "mail_unverified",
    )
    assert case.fields == {name: FORM[name] for name in ("details", "name", "email", "phone")}
    assert say(language, "kinds.correction") in find_text(http.get(find_status_path(done.text)).text)


def test_a_request_that_was_sent_is_withdrawn_on_its_page(desk: Desk, http: httpx.Client) -> None:
    fields = {**FORM, "filing_key": str(uuid.uuid4())}
    done = http.post("/requests/new", data=fields, follow_redirects=True)
    data = {"action": "withdraw", "sure": "yes"}
    page = http.post(find_status_path(done.text), data=data, follow_redirects=True)
    assert say("ja", "status.done_withdraw") in find_text(page.text)
    assert desk.list_cases()[find_receipt(done.text)].items[0].outcome == "withdrawn"


def test_a_deleted_conversation_is_gone_from_the_engine_too(desk: Desk, http: httpx.Client) -> None:
    send(http, "個人情報を開示してください")
    sender = http.cookies["madoguchi_conversation"]
    tracker = desk.state / "tracker.sqlite3"
    query = "select count(*) from events where sender_id = ?"
    with closing(sqlite3.connect(tracker)) as connection:
        assert connection.execute(query, (sender,)).fetchone()[0] > 0
    asked = http.post("/", data={"message": "/delete-conversation"}, follow_redirects=True)
    assert asked.url.path == "/conversation/delete"
    assert say("ja", "pages.deleted_title") in find_text(http.post("/conversation/delete").text)
    with closing(sqlite3.connect(tracker)) as connection:
        assert connection.execute(query, (sender,)).fetchone()[0] == 0
    assert desk.find_draft(sender) is None
    assert "madoguchi_conversation" not in http.cookies


def test_a_form_sent_twice_is_one_case(desk: Desk, http: httpx.Client) -> None:
    before = set(desk.list_cases())
    fields = {**FORM, "filing_key": str(uuid.uuid4())}
    pages = [http.post("/requests/new", data=fields, follow_redirects=True).text for _ in range(2)]
    receipts = {find_receipt(page) for page in pages}
    assert set(desk.list_cases()) - before == receipts
    assert len(receipts) == 1


@pytest.mark.parametrize("wrong", [*UNREADABLE, *MISSING], ids=repr)
def test_a_field_that_cannot_be_read_comes_back_with_a_word(
    desk: Desk, http: httpx.Client, wrong: dict[str, str]
) -> None:
    before = set(desk.list_cases())
    page = http.post("/requests/new", data={**FORM, **wrong, "filing_key": str(uuid.uuid4())})
    assert page.status_code == 422
    (field,) = wrong
    if field != "kind":
        assert say("ja", f"intake.again_{field}") in find_text(page.text)
    kept = [value for name, value in FORM.items() if name not in {field, "kind"}]
    assert all(
        html.escape(value.replace("\n", "\r\n"), quote=False) in page.text.replace("\n", "\r\n") for value in kept
    )
    assert set(desk.list_cases()) == before


def test_nobody_finds_a_receipt_by_guessing(http: httpx.Client) -> None:
    assert http.get(f"/requests/filed/{uuid.uuid4()}.{'A' * 27}").status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/policy", 200),
        ("/requests/new", 200),
        ("/desk/sign-in", 200),
        ("/healthz", 200),
        ("/nothing", 404),
    ],
)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_pages_in_both_languages_with_strict_headers(http: httpx.Client, path: str, status: int, language: str) -> None:
    page = http.get(path, params={"lang": language})
    assert page.status_code == status
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "server" not in page.headers
    if page.headers["content-type"].startswith("text/html"):
        assert f'<html lang="{language}">' in page.text
