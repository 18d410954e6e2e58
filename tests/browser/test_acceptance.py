"""The surfaces' acceptance checks, each with its number; 2, 3, 4 and 14 of every page are in `test_surfaces.py`."""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from actions.cases.conversations import Conversations
from actions.cases.crypto import load_master
from actions.cases.database import Database
from actions.texts import say
from tests.browser.chromium import FLAGS, View, Watcher
from tests.browser.conftest import PageOpener
from tests.browser.seeds import DETAILS, PEOPLE, SILENT, Seeds
from tests.browser.surfaces import CUSTOMERS, VISITOR, open_form
from tests.journeys.desk import ASKED, Desk
from tests.prepared import CHROMIUM

pytestmark = pytest.mark.browser

RECEIPT = re.compile(r"M-[0-9A-Z]{4}-[0-9A-Z]{4}")
CONVERSATION = "madoguchi_conversation"


def ask(page: Page, question: str) -> None:
    """Type into the chat and send by its button; wait for what was said to be there."""
    page.locator("textarea[name=message]").fill(question)
    page.locator(".composer button[type=submit]").first.click()
    expect(page.locator(".asked").last).to_contain_text(question)
    expect(page.locator(".pending")).to_have_count(0)  # the page's script shows it before the answer is there


def file_request(page: Page, language: str = "ja") -> str:
    """Fill the form in and send it → the receipt number shown."""
    name, email = PEOPLE[language]
    page.goto(f"/requests/new?kind=correction&lang={language}")
    page.locator("#details").fill(DETAILS[language])
    page.locator("#name").fill(name)
    page.locator("#email").fill(email)
    page.locator("form.request .primary").click()
    receipt = RECEIPT.search(page.locator(".receipt").inner_text())
    assert receipt
    return receipt[0]


def count_turns(desk: Desk, conversation_id: str) -> int:
    """How many messages of a conversation the desk keeps."""
    database = Database(desk.settings.database)
    try:
        return Conversations(database, load_master(desk.settings.keys)).count_turns(conversation_id)
    finally:
        database.close()


def test_02_a_script_in_the_page_is_stopped_and_noted(open_page: PageOpener, watcher: Watcher) -> None:
    page = open_page()
    page.goto("/")
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            try { script.textContent = "window.harm = true"; } catch { /* refused */ }
            document.body.append(script);
            document.body.setAttribute("style", "color: red");
        }"""
    )
    assert page.evaluate("window.harm") is None
    watcher.pardon(page, "policy: require-trusted-types-for", "policy: style-src")


def test_03_asking_another_origin_is_stopped_and_noted(open_page: PageOpener, desk: Desk, watcher: Watcher) -> None:
    page = open_page()
    page.goto("/")
    assert watcher.origins == {desk.url}
    page.evaluate("fetch('http://127.0.0.1:9/font.css').catch(() => {})")
    watcher.pardon(page, "policy: connect-src")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_05_without_scripts_one_asks_reads_the_clause_and_files(
    open_page: PageOpener, desk: Desk, language: str
) -> None:
    page = open_page(View(language), java_script_enabled=False)
    page.goto(f"/?lang={language}")
    ask(page, ASKED[language])
    answer = page.locator(".said.answered").last
    quote = answer.locator("blockquote").first
    expect(quote).to_be_visible()
    answer.locator(".card-foot a").first.click()
    clause = page.locator(page.url[page.url.index("#") :].replace(".", r"\."))
    expect(clause).to_be_in_viewport()
    expect(clause).to_have_css("outline-style", "solid")  # it is marked as the one that was cited

    receipt = file_request(page, language)
    assert desk.list_cases()[receipt].fields["details"] == DETAILS[language]


@pytest.fixture
def denied(browser: Browser, desk: Desk, watcher: Watcher, tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser that keeps nothing for any site: no cookies, no storage."""
    preferences = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(preferences), "utf-8")
    context = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=str(CHROMIUM), headless=True, args=[*FLAGS], base_url=desk.url, locale="ja-JP"
    )
    watcher.watch(context)
    yield context
    context.close()


def test_06_a_request_is_filed_where_nothing_may_be_stored(denied: BrowserContext, desk: Desk) -> None:
    page = denied.new_page()
    page.goto("/")
    stored = "() => { try { localStorage.setItem('a', 'b'); return 'kept'; } catch (error) { return error.name; } }"
    assert page.evaluate(stored) == "SecurityError"
    receipt = file_request(page)
    assert receipt in desk.list_cases()
    page.locator("a[href^='/status/']").click()
    expect(page.locator("main")).to_contain_text(receipt)
    assert denied.cookies() == []


def test_08_looking_leaves_nothing_in_the_browser(open_page: PageOpener, seeds: Seeds) -> None:
    page = open_page()
    for surface in CUSTOMERS:
        if surface.who == VISITOR and not surface.act:
            surface.open(page, seeds, "ja")
    assert page.context.storage_state() == {"cookies": [], "origins": []}
    page.goto("/")
    ask(page, ASKED["ja"])
    assert [one["name"] for one in page.context.cookies()] == [CONVERSATION]  # so that there was something to see


def test_09_a_deleted_conversation_is_gone(open_page: PageOpener, desk: Desk) -> None:
    page = open_page()
    page.goto("/?lang=ja")
    ask(page, SILENT["ja"])
    held = page.context.cookies()
    (conversation_id,) = [one["value"] for one in held]
    assert count_turns(desk, conversation_id) == 1
    page.goto("/conversation/delete?lang=ja")
    page.locator("main button").click()
    expect(page.locator("[role=status]")).to_be_visible()
    assert page.context.cookies() == []
    assert count_turns(desk, conversation_id) == 0
    page.context.add_cookies([{key: one[key] for key in ("name", "value", "domain", "path")} for one in held])
    page.goto("/?lang=ja")  # who kept the cookie finds nothing either
    expect(page.locator(".asked")).to_have_count(0)
    expect(page.locator("main")).not_to_contain_text(SILENT["ja"])


@pytest.mark.parametrize("who", ["answered-ja", "answered-en", "reviewing-ja", "reviewing-en"])
def test_10_every_quote_stands_in_the_version_it_names(open_page: PageOpener, who: str) -> None:
    language = who.rpartition("-")[2]
    page = open_page(View(language), who)
    page.goto(f"/?lang={language}")
    cards = page.locator("article.card")
    cited = [
        (one.locator("blockquote").all_text_contents(), one.locator("a").get_attribute("href") or "", one.inner_text())
        for one in cards.all()
    ]
    assert cited
    for quotes, address, text in cited:
        version = address.split("?")[0].rpartition("/")[2]
        assert version in text
        page.goto(address)
        original = "".join(page.locator(".clause p[lang=ja]").all_text_contents())
        expect(page.locator(".clause:target")).to_have_count(1)
        for quote in quotes:
            assert re.sub(r"^[\d.]+ ", "", quote) in original


@pytest.mark.parametrize("action", ["ask_more", "propose", "note", "extend"])
def test_11_no_step_is_taken_without_its_reason(open_page: PageOpener, desk: Desk, seeds: Seeds, action: str) -> None:
    receipt = seeds.places["investigated_case"]
    before = desk.list_cases()[receipt]
    page = open_page(View("ja"), "hanako")
    page.goto(f"/desk/cases/{receipt}?lang=ja")
    form = open_form(page, action)
    for select in form.locator("select").all():
        select.select_option(index=1)
    form.locator("textarea").first.fill(" ")
    form.locator("button").click()
    expect(page.locator(".problem[role=alert]")).to_contain_text(say("ja", f"desk.actions.{action}"))
    assert desk.list_cases()[receipt] == before


@pytest.mark.parametrize("statement", ["UPDATE audit SET action = 'start'", "DELETE FROM audit"])
def test_11_what_has_happened_cannot_be_changed(desk: Desk, seeds: Seeds, statement: str) -> None:
    with closing(sqlite3.connect(desk.settings.database.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("SELECT count(*) FROM audit").fetchone()[0] > 0
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)


def test_12_who_asks_too_often_is_told_and_others_are_not_held_up(
    open_page: PageOpener, desk: Desk, watcher: Watcher
) -> None:
    eager, other = open_page(), open_page()
    eager.goto("/?lang=ja")
    ask(eager, ASKED["ja"])
    (cookie,) = eager.context.cookies()
    with desk.open_http(cookies={cookie["name"]: cookie["value"]}) as http:
        form = {"message": ASKED["ja"], "message_id": str(uuid.uuid4())}
        while http.post("/", data=form).status_code != 429:
            pass
    draft = "もう一つだけ質問があります"
    eager.locator("textarea[name=message]").fill(draft)
    eager.locator(".composer button[type=submit]").first.click()
    told = eager.locator("[role=alert]")
    expect(told).to_contain_text(re.compile(r"\d+(分|秒)ほどおいて"))
    expect(eager.locator("textarea[name=message]")).to_have_value(draft)
    watcher.pardon(eager, "missing: 429")
    other.goto("/?lang=ja")
    ask(other, ASKED["ja"])
    expect(other.locator(".said.answered")).to_have_count(1)


@pytest.mark.parametrize("case", ["disclosed", "refused", "asked", "fee", "complaint"])
def test_13_no_letter_has_a_gap(open_page: PageOpener, seeds: Seeds, case: str) -> None:
    page = open_page(View("ja"), "hanako")
    page.goto(f"/desk/cases/{seeds.places[f'{case}_case']}?lang=ja")
    letters = [link.get_attribute("href") or "" for link in page.locator("#mails ~ ul a[href*='/desk/mails/']").all()]
    opened = [address for address in letters if "/file" not in address]
    assert opened
    for address in opened:
        page.goto(address)
        for text in page.locator(".letter").all_inner_texts():
            assert not re.search(r"\[要|\{|\}|None|undefined|Undefined", text), text
