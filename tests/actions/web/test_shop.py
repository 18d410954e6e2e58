"""The sample shop embeds the desk under a strict policy of its own."""

from __future__ import annotations

import httpx
import pytest

from actions.web.shop import make_shop

DESK = "https://privacy.shop.example.com"


def _open(desk: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=make_shop(desk)), base_url="http://shop.example.com")


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_the_desk_is_one_script_away_when_the_page_is_shown(language: str) -> None:
    async with _open(f"{DESK}/some/page") as http:
        response = await http.get(f"/?lang={language}")
    assert response.text.count("<script") == 1
    assert f'<script src="{DESK}/static/widget.js" data-lang="{language}" defer></script>' in response.text
    policy = response.headers["content-security-policy"]
    assert f"script-src {DESK}; " in policy
    assert f"frame-src {DESK}; " in policy
    assert "unsafe" not in policy


async def test_the_language_is_japanese_when_the_one_asked_for_is_unknown() -> None:
    async with _open(DESK) as http:
        page = (await http.get('/?lang="><script>')).text
        assert '<html lang="ja">' in page
        assert page.count("<script") == 1
        assert (await http.get("/shop.css")).headers["content-type"].startswith("text/css")


@pytest.mark.parametrize("desk", ["", "desk.example.com", "javascript:alert(1)", "file:///etc"])
def test_it_is_refused_when_the_desks_address_is_none(desk: str) -> None:
    with pytest.raises(ValueError, match="not the address"):
        make_shop(desk)
