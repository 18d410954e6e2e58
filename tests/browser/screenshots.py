"""`python -m tests.browser.screenshots [name …]`: pictures of every surface for docs/pictures, from a desk of its own.

Names choose surfaces; without any, all are taken. Every picture is drawn anew, with a palette, so that it stays small.
All people are invented.
"""

from __future__ import annotations

import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from actions.supervisor import ROOT
from tests.browser.chromium import View, open_browser, open_context
from tests.browser.seeds import SETTINGS, Seeds, visit, work_cases
from tests.browser.surfaces import SURFACES, Surface
from tests.journeys.desk import Desk, make_state

FOLDER = ROOT / "docs" / "pictures"
COLOURS = 32
MOST_HEIGHT = 1600  # pixels of the page: of a conversation the last, of other pages the first
PHONE, TABLET, DESKTOP = 320, 768, 1280
BOTH = (View("ja", "light", PHONE), View("en", "dark", TABLET))
WIDE = (View("ja", "light", DESKTOP), View("en", "dark", DESKTOP))
ONE = (View("ja", "light", TABLET),)  # of the surfaces that are not named here
# By name of the surface; "chat" is what the README shows.
PICTURES = {
    "chat": (View("ja", "light", TABLET), View("ja", "dark", PHONE), View("en", "light", DESKTOP)),
    "chat-start": BOTH,
    "chat-answered": BOTH,
    "chat-uncovered": BOTH,
    "chat-review": BOTH,
    "chat-filed": BOTH,
    "delete": BOTH,
    "policy": (View("ja", "light", PHONE), View("en", "dark", DESKTOP)),
    "form": BOTH,
    "form-refused": BOTH,
    "receipt": BOTH,
    "status-unconfirmed": BOTH,
    "status-asked": BOTH,
    "status-fee": BOTH,
    "status-refused": BOTH,
    "sign-in": BOTH,
    "inbox": (*WIDE, View("ja", "dark", PHONE)),
    "case-investigated": (*WIDE, View("ja", "light", PHONE)),
    "case-preview": WIDE,
    "entry": BOTH,
    "tasks": WIDE,
    "measures": WIDE,
    "alerts": WIDE,
    "audit": WIDE,
}


def main(names: list[str]) -> None:
    """Take the pictures of some surfaces, or of all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        desk = Desk(make_state(Path(folder)), **SETTINGS)
        places, passwords = work_cases(desk)
        try:
            desk.start()
            take_all(browser, desk.url, visit(desk, places, passwords), names)
        finally:
            desk.stop()


def take_all(browser: Browser, url: str, seeds: Seeds, names: list[str]) -> None:
    """One file a surface and view."""
    surfaces = {surface.name: surface for surface in SURFACES}
    for name in names or surfaces:
        for view in PICTURES.get(name, ONE):
            path = FOLDER / f"{name}-{view}.png"
            path.write_bytes(shrink(take(browser, url, seeds, surfaces[name], view)))
            sys.stdout.write(f"{path.relative_to(ROOT)} {path.stat().st_size // 1000} kB\n")


def take(browser: Browser, url: str, seeds: Seeds, surface: Surface, view: View) -> bytes:
    """A page as PNG."""
    context = open_context(browser, view, base_url=url)
    try:
        held = seeds.find_cookies(surface.who, view.language) if surface.who else {}
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in held.items()])
        page = context.new_page()
        surface.open(page, seeds, view.language)
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        whole = page.evaluate("document.documentElement.scrollHeight")
        height = min(whole, MOST_HEIGHT)
        top = whole - height if surface.path == "/" else 0
        clip = {"x": 0, "y": top, "width": view.width, "height": height}
        return page.screenshot(full_page=True, clip=clip, animations="disabled")
    finally:
        context.close()


def shrink(picture: bytes) -> bytes:
    """The same picture with a palette."""
    small = BytesIO()
    with Image.open(BytesIO(picture)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
