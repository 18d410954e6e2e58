"""With the keyboard alone: ask, read the clause, file a request; the focus is seen, and nothing holds it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageOpener
from tests.browser.seeds import DETAILS, PEOPLE, Seeds
from tests.browser.surfaces import SURFACES, Surface
from tests.journeys.desk import ASKED, Desk

pytestmark = pytest.mark.browser

MOST_STOPS = 200
WALKED = ("chat-answered", "form", "status-asked", "inbox", "case-investigated", "entry")
# What has the focus: a path that tells elements apart, and whether the eye can find it.
FIND_FOCUS = """() => {
    const one = document.activeElement;
    const path = [];
    for (let at = one; at.parentElement; at = at.parentElement)
        path.unshift([...at.parentElement.children].indexOf(at));
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const seen = inside && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return {path: path.join("."), tag: one.tagName, seen, html: one.outerHTML.slice(0, 120)};
}"""
COUNT_STOPS = """() => {
    const wanted = "a[href], button, summary, select, textarea, input:not([type=hidden]), [tabindex='0']";
    const shown = [...document.querySelectorAll(wanted)].filter(one => one.checkVisibility());
    const radios = new Set();
    return shown.filter(one => one.type !== "radio" || !radios.has(one.name) && radios.add(one.name)).length;
}"""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    wanted = page.locator(selector).first
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    pytest.fail(f"{selector} was not reached")


@pytest.mark.parametrize("surface", [one for one in SURFACES if one.name in WALKED], ids=lambda one: one.name)
def test_every_stop_is_reached_and_seen(open_page: PageOpener, seeds: Seeds, surface: Surface) -> None:
    page = open_page(who=surface.who)
    surface.open(page, seeds, "ja")
    stops: dict[str, str] = {}
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FIND_FOCUS)
        if stop["path"] == next(iter(stops), None):  # once around, from wherever the page had put the focus
            break
        # Between the last stop and the first there is the body; a field for a date has parts with a ring of their own.
        if stop["tag"] != "BODY" and stop["path"] not in stops:
            assert stop["seen"], stop["html"]
            stops[stop["path"]] = stop["html"]
    assert len(stops) == page.evaluate(COUNT_STOPS), list(stops.values())


def test_the_skip_link_leads_past_the_navigation(open_page: PageOpener) -> None:
    page = open_page()
    page.goto("/policy?lang=ja")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_question_is_asked_and_its_clause_read(open_page: PageOpener) -> None:
    page = open_page()
    page.goto("/?lang=ja")
    tab_to(page, "textarea[name=message]")
    page.keyboard.insert_text(ASKED["ja"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".said.answered blockquote").first).to_be_visible()
    tab_to(page, ".card-foot a")
    page.keyboard.press("Enter")
    expect(page.locator(".clause:target")).to_be_in_viewport()


def test_a_request_is_filed(open_page: PageOpener, desk: Desk) -> None:
    name, email = PEOPLE["en"]
    page = open_page()
    page.goto("/requests/new?lang=en")
    tab_to(page, "input[name=kind][value=suspension]")
    page.keyboard.press("Space")
    for selector, text in {"#details": DETAILS["en"], "#name": name, "#email": email}.items():
        tab_to(page, selector)
        page.keyboard.insert_text(text)
    tab_to(page, "form.request .primary")
    page.keyboard.press("Enter")
    receipt = page.locator(".receipt").inner_text()
    assert desk.list_cases()[receipt].kinds == ("suspension",)
