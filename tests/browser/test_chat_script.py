"""The chat page's own script and the widget (1, 6, 7, 15): no reload, nothing sent while composing, nothing lost.

Chrome tells `keydown` with `isComposing` before `compositionend`; Safari tells `compositionend` first and then a
`keydown` that is not composing any more and only has the key code 229 (WebKit bug 165004).
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from actions.web.pages import STATIC_FOLDER
from tests.browser.chromium import LISTENER, View, Watcher, find_overflow, open_context
from tests.browser.conftest import PageOpener
from tests.browser.test_acceptance import denied
from tests.journeys.desk import ASKED, Desk

pytestmark = pytest.mark.browser
__all__ = ["denied"]

FIELD = ".composer textarea[name=message]"
MOST_BYTES = 15 * 1024
KEYDOWN = """(field, [isComposing, keyCode]) => field.dispatchEvent(new KeyboardEvent("keydown",
    {key: "Enter", code: "Enter", keyCode, which: keyCode, isComposing, bubbles: true, cancelable: true}))"""
COMPOSITION = "(field, type) => field.dispatchEvent(new CompositionEvent(type, {data: '難しい', bubbles: true}))"


def listen(page: Page) -> list[Request]:
    """Every message that is sent from now on."""
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    return sent


def open_chat(page: Page) -> list[Request]:
    """The chat page; a mark in it shows whether it was loaded again."""
    page.goto("/?lang=ja")
    page.evaluate("window.kept = true")
    return listen(page)


def test_01_enter_sends_once_and_without_a_reload(open_page: PageOpener) -> None:
    page = open_page()
    sent = open_chat(page)
    page.locator(FIELD).fill(ASKED["ja"])
    page.locator(FIELD).press("Enter")
    page.locator(FIELD).press("Enter")  # in a hurry
    expect(page.locator("[role=log] blockquote").first).to_be_visible()
    expect(page.locator(FIELD)).to_have_value("")
    expect(page.locator(FIELD)).to_be_focused()
    assert len(sent) == 1
    assert page.evaluate("window.kept")


def test_01_shift_and_enter_break_the_line(open_page: PageOpener) -> None:
    page = open_page()
    sent = open_chat(page)
    page.locator(FIELD).fill("一行目")
    page.locator(FIELD).press("Shift+Enter")
    page.keyboard.insert_text("二行目")
    expect(page.locator(FIELD)).to_have_value("一行目\n二行目")
    assert sent == []


def test_01_enter_of_a_real_composition_does_not_send(open_page: PageOpener) -> None:
    page = open_page()
    sent = open_chat(page)
    page.locator(FIELD).focus()
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.imeSetComposition", {"text": "むずかしい", "selectionStart": 5, "selectionEnd": 5})
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Process", "windowsVirtualKeyCode": 229})
    keyboard.send("Input.insertText", {"text": "難しい"})
    expect(page.locator(FIELD)).to_have_value("難しい")
    assert sent == []
    page.locator(FIELD).press("Enter")
    expect(page.locator(".asked").last).to_contain_text("難しい")
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("before", "composing", "code"),
    [(None, True, 13), (None, True, 229), ("compositionend", False, 229)],
    ids=["chrome", "chrome, 229", "safari"],
)
def test_01_enter_that_ends_a_composition_does_not_send(
    open_page: PageOpener, before: str | None, composing: bool, code: int
) -> None:
    page = open_page()
    sent = open_chat(page)
    field = page.locator(FIELD)
    field.fill("難しい")
    field.evaluate(COMPOSITION, "compositionstart")
    if before:
        field.evaluate(COMPOSITION, before)
    assert field.evaluate(KEYDOWN, [composing, code])  # not prevented: the key is the composition's
    if not before:
        field.evaluate(COMPOSITION, "compositionend")
    expect(field).to_have_value("難しい")
    field.press("Enter")
    expect(page.locator(".asked").last).to_contain_text("難しい")
    assert len(sent) == 1


def test_06_the_chat_works_where_nothing_may_be_stored(denied: BrowserContext) -> None:
    page = denied.new_page()
    sent = open_chat(page)
    for question in (ASKED["ja"], "では電話番号は?"):
        page.locator(FIELD).fill(question)
        page.locator(FIELD).press("Enter")
        expect(page.locator(".turn").last).to_contain_text(question)
        expect(page.locator(FIELD)).to_have_value("")
    expect(page.locator("[role=log] blockquote").first).to_be_visible()
    assert len(sent) == 2
    assert denied.cookies() == []


def test_07_what_could_not_be_sent_stays_and_is_sent_once(open_page: PageOpener, watcher: Watcher) -> None:
    page = open_page()
    sent = open_chat(page)
    page.context.set_offline(True)
    page.locator(FIELD).fill(ASKED["ja"])
    page.locator(FIELD).press("Enter")
    retry = page.locator("[data-retry]")
    expect(retry).to_be_visible()
    expect(page.locator(FIELD)).to_have_value(ASKED["ja"])
    page.context.set_offline(False)
    watcher.pardon(page, "failed: ")
    retry.click()
    expect(page.locator("[role=log] blockquote").first).to_be_visible()
    expect(page.locator(FIELD)).to_have_value("")
    expect(retry).to_have_count(0)
    page.reload()
    expect(page.locator(".asked")).to_have_count(1)
    bodies = {request.post_data for request in sent}
    assert len(bodies) == 1  # with the same message id: had the first one arrived, it would still be one turn


def test_07_an_answer_that_is_lost_on_the_way_is_one_turn(open_page: PageOpener, watcher: Watcher) -> None:
    page = open_page()
    open_chat(page)
    # The message arrives, the answer does not.
    page.route(
        "**/*",
        lambda route: (route.fetch(), route.abort("connectionreset")) if _posts(route.request) else route.continue_(),
    )
    page.locator(FIELD).fill(ASKED["ja"])
    page.locator(FIELD).press("Enter")
    expect(page.locator("[data-retry]")).to_be_visible()
    page.unroute_all()
    watcher.pardon(page, "failed: ")
    page.locator("[data-retry]").click()
    expect(page.locator("[role=log] blockquote").first).to_be_visible()
    page.reload()
    expect(page.locator(".asked")).to_have_count(1)


def _posts(request: Request) -> bool:
    return request.method == "POST"


@pytest.fixture
def shopping(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page of a visitor of the shop, and what breaks a policy there or in the frame, or fails."""
    problems: list[str] = []
    context = open_context(browser, View())
    context.expose_binding("noteViolation", lambda _, what: problems.append(what))
    context.add_init_script(LISTENER)
    context.on("weberror", lambda error: problems.append(str(error.error)))
    context.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    yield context.new_page(), problems
    context.close()


def test_08_the_widget_leaves_nothing_before_it_is_opened(shop: str, shopping: tuple[Page, list[str]]) -> None:
    page, problems = shopping
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.goto(shop)
    expect(page.get_by_role("button", name="プライバシー窓口")).to_be_visible()
    assert page.context.storage_state() == {"cookies": [], "origins": []}
    assert page.locator("iframe").count() == 0  # nothing of the chat is loaded before somebody wants it
    assert set(asked) <= {"/", "/shop.css", "/static/widget.js", "/favicon.ico"}
    assert problems == []


def test_02_the_widget_works_under_the_shops_strict_policy(shop: str, shopping: tuple[Page, list[str]]) -> None:
    page, problems = shopping
    page.goto(shop)
    launcher = page.get_by_role("button", name="プライバシー窓口")
    launcher.focus()
    page.keyboard.press("Enter")
    inside = page.frame_locator("iframe")
    inside.locator(FIELD).fill(ASKED["ja"])
    inside.locator(FIELD).press("Enter")
    expect(inside.locator("[role=log] blockquote").first).to_be_visible()
    assert inside.locator("header.top .brand").is_hidden()  # the frame has its own title
    inside.locator(FIELD).press("Escape")
    expect(page.locator("iframe")).to_be_hidden()
    expect(launcher).to_be_focused()
    launcher.press("Enter")
    expect(inside.locator(".asked")).to_have_count(1)  # what was said is still there
    assert problems == []


def test_03_the_launcher_is_a_plain_link_on_a_phone(shop: str, shopping: tuple[Page, list[str]], desk: Desk) -> None:
    page, problems = shopping
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{shop}?lang=en")
    link = page.get_by_role("link", name="Privacy desk")
    assert link.get_attribute("href") == f"{desk.url}/?lang=en"
    assert find_overflow(page) == 0
    assert problems == []


def test_15_the_widget_is_light() -> None:
    for name in ("widget.js", "chat.js"):
        assert 0 < len(gzip.compress((STATIC_FOLDER / name).read_bytes(), 9)) <= MOST_BYTES
