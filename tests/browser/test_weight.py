"""What the chat page weighs. How fast it is, `python -m tests.browser.measures` tells: no time is asserted anywhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.measures import visit_page
from tests.journeys.desk import Desk

pytestmark = pytest.mark.browser

MOST_BYTES = 60 * 1000


def test_the_chat_page_is_light(browser: Browser, desk: Desk) -> None:
    visit = visit_page(browser, f"{desk.url}/")
    assert visit.requests >= 2  # the page and its style at least: they are what is counted
    assert 1000 < visit.size < MOST_BYTES
