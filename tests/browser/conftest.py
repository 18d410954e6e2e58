"""One browser and one desk with something on every page; whatever a page may never do fails the test that saw it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from actions.supervisor import ROOT
from tests.browser.chromium import View, Watcher, open_browser, open_context
from tests.browser.seeds import SETTINGS, Seeds, visit, work_cases
from tests.journeys.desk import Desk, find_free_ports, make_state, wait_until
from tests.prepared import demand_bot_python, demand_chromium, demand_index, demand_model

PageOpener = Callable[..., Page]
SHOP_PORT = find_free_ports(1)[0]  # the desk must know it before the shop is opened


# Scope "package": while Playwright's browser is open no test elsewhere could run an event loop of its own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser."""
    demand_chromium()
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="package")
def seeded(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Seeds]]:
    """A running desk with cases, accounts and conversations."""
    demand_bot_python()
    demand_model()
    demand_index()
    shops = f"http://127.0.0.1:{SHOP_PORT}"
    desk = Desk(make_state(tmp_path_factory.mktemp("browsed")), frame_ancestors=shops, **SETTINGS)
    places, passwords = work_cases(desk)
    try:
        desk.start()
        yield desk, visit(desk, places, passwords)
    finally:
        desk.stop()


@pytest.fixture(scope="package")
def desk(seeded: tuple[Desk, Seeds]) -> Desk:
    """The running desk."""
    return seeded[0]


@pytest.fixture(scope="package")
def seeds(seeded: tuple[Desk, Seeds]) -> Seeds:
    """What there is on it."""
    return seeded[1]


@pytest.fixture(scope="package")
def shop(desk: Desk) -> Iterator[str]:
    """The address of a sample shop that embeds the desk."""
    command = [sys.executable, "-m", "actions", "demo", "--desk", desk.url, "--port", str(SHOP_PORT)]
    process = subprocess.Popen(command, cwd=ROOT)
    url = f"http://127.0.0.1:{SHOP_PORT}/"
    try:
        wait_until(lambda: _answers(url), "the shop is open")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def watcher(desk: Desk) -> Iterator[Watcher]:
    """Watches every page of the test; what it has noted by the end fails it."""
    watcher = Watcher(desk.url)
    yield watcher
    assert watcher.pardoned or watcher.problems == []


@pytest.fixture
def open_page(browser: Browser, desk: Desk, seeds: Seeds, watcher: Watcher) -> Iterator[PageOpener]:
    """Opens a blank page of a browser of somebody's own; keywords are Playwright's of a context."""
    contexts: list[BrowserContext] = []

    def open_one(view: View | None = None, who: str = "", **options: Any) -> Page:
        view = view or View()
        context = open_context(browser, view, base_url=desk.url, **options)
        contexts.append(context)
        watcher.watch(context)
        if who:
            held = seeds.find_cookies(who, view.language)
            context.add_cookies([{"name": name, "value": value, "url": desk.url} for name, value in held.items()])
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
