"""`python -m tests.browser.measures [address] [times]`: when the chat page is first painted, and how many bytes it is.

Without an address a desk of its own is started, without the dialogue engine. Every visit is a browser with nothing
cached. Times are Chromium's own, from the request to the first contentful paint; bytes are those that came over the
connection, headers too.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.chromium import View, open_browser, open_context
from tests.journeys.desk import Desk, make_state, wait_until

PAINT = """new Promise(resolve => new PerformanceObserver(list => resolve(
    list.getEntriesByName("first-contentful-paint")[0].startTime)).observe({type: "paint", buffered: true}))"""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to a page that was never seen before: milliseconds to the first paint, bytes, requests."""

    paint_ms: float
    size: int
    requests: int


def visit_page(browser: Browser, address: str) -> Visit:
    """Open a page in a browser that has nothing of it, and wait until all its parts have come."""
    context = open_context(browser, View())
    try:
        page = context.new_page()
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        sizes: list[int] = []
        network.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
        page.goto(address, wait_until="networkidle")
        return Visit(page.evaluate(PAINT), sum(sizes), len(sizes))
    finally:
        context.close()


def main(address: str, times: int) -> None:
    """Visit the chat page and print the figures."""
    with open_browser() as browser:
        visits = [visit_page(browser, f"{address}/") for _ in range(times + 1)][1:]  # the first warms the browser up
    paints = sorted(visit.paint_ms for visit in visits)
    sys.stdout.write(f"first paint, median: {statistics.median(paints):.0f} ms\n")
    sys.stdout.write(f"first paint, fastest and slowest of {times}: {paints[0]:.0f} ms, {paints[-1]:.0f} ms\n")
    sys.stdout.write(f"transferred: {visits[0].size:,} bytes in {visits[0].requests} requests\n")


def _measure_own(times: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(make_state(Path(folder)))
        desk.app.start()
        try:
            wait_until(lambda: desk.app.is_ready() or not desk.app.is_running(), "the app is ready")
            main(desk.url, times)
        finally:
            desk.app.stop()


if __name__ == "__main__":
    given = sys.argv[1:]
    count = int(given.pop()) if given and given[-1].isdigit() else 10
    if given:
        main(given[0], count)
    else:
        _measure_own(count)
