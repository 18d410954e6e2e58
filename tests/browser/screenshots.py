"""Pictures of every surface from a running desk, for docs/ and for looking at.

Usage: `python tests/browser/screenshots.py http://127.0.0.1:8000 docs/pictures [password]`; all people are invented.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDTHS = (320, 768, 1280)
QUESTION = {"ja": "DHLに渡る情報は何ですか", "en": "What information is passed to the delivery company?"}
SILENT = {"ja": "個人情報は何年保存しますか", "en": "How long do you keep my data?"}


def main(base: str, folder: Path, password: str) -> None:
    """Take all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        browser = playwright.chromium.launch_persistent_context(
            profile, executable_path="/usr/bin/chromium", headless=True, args=FLAGS
        )
        page = browser.new_page()
        for language in ("ja", "en"):
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                _take_all(page, base, folder, f"{language}-{scheme}", language)
        if password:
            _take_desk(page, base, folder, password)
        browser.close()


def _take_all(page: Page, base: str, folder: Path, suffix: str, language: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{base}/?lang={language}")
    _shoot(page, folder, f"chat-start-{suffix}")
    for text in (QUESTION[language], SILENT[language]):
        page.fill("#message", text)
        page.click(".composer button")
        page.wait_for_load_state()
    _shoot(page, folder, f"chat-{suffix}")
    page.goto(f"{base}/policy?lang={language}#collected.note")
    _shoot(page, folder, f"policy-{suffix}", whole=False)
    page.goto(f"{base}/requests/new?kind=correction&lang={language}")
    _shoot(page, folder, f"form-{suffix}")


def _take_desk(page: Page, base: str, folder: Path, password: str) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(f"{base}/desk/sign-in?lang=ja")
    page.fill("#name", "officer")
    page.fill("#password", password)
    page.click(".primary")
    page.wait_for_load_state()
    page.goto(f"{base}/desk?tab=all&lang=ja")  # a fresh desk has nothing to do yet
    _shoot(page, folder, "desk-ja")
    page.click("tbody a >> nth=0")
    page.wait_for_load_state()
    _shoot(page, folder, "desk-case-ja")


def _shoot(page: Page, folder: Path, name: str, *, whole: bool = True) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=folder / f"{name}-{width}.png", full_page=whole)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
