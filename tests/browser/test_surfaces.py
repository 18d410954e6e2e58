"""Every page keeps its strict policy and asks nobody else (2, 3), breaks no rule of axe-core's in both languages, light
and dark, narrow, wide, enlarged and in forced colours (4), and says in which language each text is (14).

Numbers are those of the acceptance checks. 2 and 3 are held by the watcher in every test of this folder.
"""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.chromium import HEIGHT, View, find_overflow
from tests.browser.conftest import PageOpener
from tests.browser.seeds import Seeds
from tests.browser.surfaces import SURFACES, Surface

pytestmark = pytest.mark.browser

# By language: a page is opened in the first view and looked at again in the others. Zoomed to 200 %, a window of 1280
# pixels holds 640 of the page's.
VIEWS = {
    "ja": (View("ja", "light", 320), View("ja", "dark", 1280), View("ja", "light", 1280, zoom=2)),
    "en": (View("en", "dark", 1280, zoom=2), View("en", "light", 320), View("en", "dark", 1280)),
}
FORCED = ("chat-answered", "chat-uncovered", "form-refused", "status-asked", "inbox", "case-investigated")
# Best practices are among the rules that run by themselves; WCAG 2.2's size of targets has to be asked for.
ALL: dict[str, Any] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
OF_LOOKS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "target-size", "link-in-text-block"]}

TRUSTED_TYPES = {"require-trusted-types-for 'script'", "trusted-types 'none'"}
# Texts whose nearest `lang` is another's: mostly Japanese, or four English words in a row and no Japanese. A Japanese
# term in brackets in an English sentence stays a part of it.
FIND_MISLABELLED = """() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode.data.trim(), lang = walker.currentNode.parentElement.closest("[lang]").lang;
        const signs = text.match(/[\u3041-\u30ff\u4e00-\u9fff]/g) ?? [], letters = text.match(/[A-Za-z]/g) ?? [];
        const japanese = signs.length > letters.length;
        const english = !signs.length && /[A-Za-z]+([ ,]+[A-Za-z]+){3}/.test(text);
        if (japanese && lang !== "ja" || english && lang !== "en") found.push(`${lang}: ${text}`);
    }
    return found;
}"""

FIND_UNFORCED = """[...document.querySelectorAll("*")].filter(one =>
    getComputedStyle(one).forcedColorAdjust === "none").map(one => one.outerHTML)"""


def find_violations(page: Page, options: dict[str, Any] = ALL) -> list[str]:
    """What axe-core finds, whatever its impact; it runs beside the page's scripts and does not touch its policy."""
    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['impact']} {one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def look_again(page: Page, view: View) -> None:
    """The same page in another window and scheme."""
    page.emulate_media(color_scheme=view.scheme)
    page.set_viewport_size({"width": view.width // view.zoom, "height": HEIGHT // view.zoom})


@pytest.mark.parametrize("language", list(VIEWS))
@pytest.mark.parametrize("surface", SURFACES, ids=lambda one: one.name)
def test_02_03_04_14_a_page(open_page: PageOpener, seeds: Seeds, surface: Surface, language: str) -> None:
    first, *others = VIEWS[language]
    page = open_page(first, surface.who)
    answer = surface.open(page, seeds, language)
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", *TRUSTED_TYPES} <= set(policy)
    assert page.evaluate(FIND_MISLABELLED) == []
    assert find_violations(page) == []
    assert find_overflow(page) <= 0
    for view in others:
        look_again(page, view)
        assert find_violations(page, OF_LOOKS) == [], str(view)
        assert find_overflow(page) <= 0, str(view)


@pytest.mark.parametrize("surface", [one for one in SURFACES if one.name in FORCED], ids=lambda one: one.name)
def test_04_in_forced_colours(open_page: PageOpener, seeds: Seeds, surface: Surface) -> None:
    view = View("ja", "dark", 768, forced=True)
    page = open_page(view, surface.who)
    surface.open(page, seeds, view.language)
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    # The colours are the person's own then, as long as no element keeps to the page's. axe-core reads the page's.
    assert page.evaluate(FIND_UNFORCED) == []
    own = {"color-contrast": {"enabled": False}}
    assert find_violations(page, {**ALL, "rules": {**ALL["rules"], **own}}) == []


def test_04_the_rules_find_what_is_wrong(open_page: PageOpener) -> None:
    page = open_page(View(width=320))
    page.goto("/")
    page.evaluate(
        """() => {
            const [wide, small, pale] = [1, 2, 3].map(() => document.createElement("button"));
            wide.style.width = "1000px";
            small.textContent = pale.textContent = "送信";
            Object.assign(small.style, {minHeight: "0", height: "12px", padding: "0", fontSize: "8px"});
            pale.style.color = "#ddd";
            document.querySelector("main").append(wide, small, small.cloneNode(true), pale);
        }"""
    )
    rules = {one.split()[1].rstrip(":") for one in find_violations(page)}
    assert rules >= {"button-name", "target-size", "color-contrast"}
    assert {one.split()[1].rstrip(":") for one in find_violations(page, OF_LOOKS)} >= {"target-size", "color-contrast"}
    assert find_overflow(page) > 0


def test_14_a_text_in_another_language_is_found(open_page: PageOpener) -> None:
    page = open_page()
    page.goto("/?lang=ja")
    page.evaluate("document.querySelector('main').append('Please read our privacy policy')")
    page.evaluate("document.querySelector('footer').lang = 'en'")
    wrong = page.evaluate(FIND_MISLABELLED)
    assert "ja: Please read our privacy policy" in wrong
    assert len(wrong) > 1
