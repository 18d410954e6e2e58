"""Debian's Chromium as the tests and the pictures use it: headless, and asking nobody but the desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

from tests.prepared import CHROMIUM

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
LOCALES = {"ja": "ja-JP", "en": "en-GB"}
HEIGHT = 900  # of the window, pixels
PATIENCE = 300  # tenths of a second
# Told to the watcher as it happens: a page that is left takes its own notes along.
LISTENER = """
document.addEventListener("securitypolicyviolation", event => noteViolation(
    `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`));
"""


@dataclass(frozen=True, slots=True)
class View:
    """How somebody looks at a page: `width` of the window in pixels, `zoom` as a factor, `forced` colours or not."""

    language: str = "ja"
    scheme: str = "light"
    width: int = 1280
    zoom: int = 1
    forced: bool = False

    def __str__(self) -> str:
        zoom = f"-zoom{self.zoom}" if self.zoom > 1 else ""
        return f"{self.language}-{self.scheme}-{self.width}{zoom}{'-forced' if self.forced else ''}"

    def change(self, **values: Any) -> View:
        """The same, seen otherwise."""
        return replace(self, **values)


class Watcher:
    """Notes what no page of the desk may do: break its own policy, ask another origin, or fail to load a part."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.origins: set[str] = set()  # that were asked for anything
        self.problems: list[str] = []
        self.pardoned = False

    def watch(self, context: BrowserContext) -> None:
        """Watch all pages of a context that has none yet."""
        context.expose_binding("noteViolation", lambda _, what: self.problems.append(f"policy: {what}"))
        context.add_init_script(LISTENER)
        context.on("console", self._note_console)
        context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
        context.on("request", self._note_request)
        context.on("response", self._note_response)
        context.on("requestfailed", self._note_failure)

    def pardon(self, page: Page, *beginnings: str) -> None:
        """Wait until problems that begin so are noted; from now on the test may have problems."""
        self.pardoned = True
        for _ in range(PATIENCE):
            if all(any(one.startswith(wanted) for one in self.problems) for wanted in beginnings):
                return
            page.wait_for_timeout(100)  # what the browser tells is heard only while it is talked to
        raise AssertionError(f"{beginnings} not among {self.problems}")

    def _note_console(self, message: ConsoleMessage) -> None:
        # What was not found is noted as a response: a page that says "not found" is as it should be.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console: {message.text}")

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        self.origins.add(origin)
        if origin != self.origin:
            self.problems.append(f"elsewhere: {request.url}")

    def _note_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left before its last part had come
            self.problems.append(f"failed: {request.url} {request.failure}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.problems.append(f"missing: {response.status} {response.url}")


@contextmanager
def open_browser(**options: Any) -> Iterator[Browser]:
    """A browser with a fresh profile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), headless=True, args=[*FLAGS], **options)
        try:
            yield browser
        finally:
            browser.close()


def open_context(browser: Browser, view: View, **options: Any) -> BrowserContext:
    """A visitor of their own. Zooming makes the page's pixels larger, so that fewer of them fit into the window."""
    return browser.new_context(
        viewport={"width": view.width // view.zoom, "height": HEIGHT // view.zoom},
        device_scale_factor=view.zoom,
        color_scheme=view.scheme,
        forced_colors="active" if view.forced else "none",
        reduced_motion="reduce",
        locale=LOCALES[view.language],
        **options,
    )


def find_overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width
